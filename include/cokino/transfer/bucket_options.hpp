// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Which bucket, how it is spoken to, and what a caller can say about an object in it.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/limits.hpp>
#include <cokino/core/result.hpp>
#include <cokino/model/asset.hpp>
#include <cokino/policy/backoff.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cokino {

/// Where the bucket's name stands in a URL.
enum class bucket_addressing : unsigned char {
    automatic, ///< In the host at AWS (if the name has no dots), in the path elsewhere.
    path,      ///< https://endpoint/NAME/key
    host       ///< https://NAME.endpoint/key
};

/// A bucket of yours at any S3-compatible service: AWS, Cloudflare R2, MinIO, Ceph RGW ...
class bucket_options
{
public:
    bucket_options() = default;

    /// The bucket's name: 3 to 63 lower-case letters, digits, dots and hyphens. Required.
    std::string name;
    /// "https://host[:port]", without a path. Empty: AWS's own endpoint of the region.
    std::string endpoint;
    /// Part of each signature. A service that names another one in a refusal is believed, once.
    std::string region = "us-east-1";
    bucket_addressing addressing = bucket_addressing::automatic;
    /// Whether the endpoint may be http. Bodies are signed all the same; who listens reads them.
    bool allow_insecure = false;
    /// Whether the endpoint's address may be loopback, private or otherwise special.
    bool allow_private_addresses = false;

    /// Bytes of one part of a large object, 5 MiB to 512 MiB; what is smaller goes in one request.
    /// Grows by itself where an object would need more than 10,000 parts.
    std::size_t part_bytes = std::size_t{8} * 1024 * 1024;
    /// Whether puts and parts also carry x-amz-checksum-sha256, which AWS keeps, and by which an
    /// object in parts is known again where its ETag is no MD5 (SSE-KMS, where a look then wants
    /// kms:Decrypt). Off: not all services take it, and bytes are proved without it, since each
    /// body's SHA-256 is part of its signature. [Amazon S3 User Guide, "Checking object
    /// integrity"; Ceph RGW 16 takes it and looks at nothing, Swift 2.30 refuses to put parts
    /// together by a list that has it]
    bool checksums = false;
    /// Parts on their way at once, 1 to 16. One more is in memory, being filled.
    unsigned parts_in_flight = 1;
    /// Whether nobody but this one bucket object begins uploads in the bucket as the identity that
    /// it signs as (the user or role session of its key): no other process, no other object. Only
    /// then can an upload in parts whose beginning the service did not confirm be told from a
    /// living one of another writer, and be removed. Off: such an upload, which has no parts and
    /// takes no storage, is left to abort_stale_uploads, and the observer is warned.
    bool sole_writer = false;
    /// Tries of one request, the first included; 1 to 100.
    unsigned tries_max = 5;
    /// Between tries. A server's Retry-After is a floor under it, up to two minutes; a longer one
    /// ends the request.
    policy::backoff_options backoff;
    /// From the request for a part's upload to its answer nothing is limited but silence: seconds
    /// in which nothing could be written, and until the answer begins. Above 0.
    std::chrono::milliseconds stall{limits::write_stall_max};
    std::chrono::milliseconds answer{limits::first_byte_max};
    /// How long a body of limits::continue_body_bytes_min or more waits for the service's leave
    /// ("Expect: 100-continue"), so that a refusal costs no body; then it is sent all the same. A
    /// service that lets it pass once is not asked again by its transport. 0: bodies go at once.
    std::chrono::milliseconds continue_wait{std::chrono::seconds{1}};
    /// For the jitter of waits and the names of uploads; 0: seeded from the system.
    std::uint64_t seed = 0;
};

/// Names the option that is out of its bounds.
COKINO_DECL result<void> validate(const bucket_options& options);

namespace detail {
/// A word that may stand in a host's name and in a signature.
COKINO_DECL bool is_region(std::string_view region) noexcept;
} // namespace detail

/// What is said about an object as it is written.
class object_options
{
public:
    object_options() = default;

    /// Whether an object that already has the key is replaced. Off: the same bytes there count as
    /// done, other ones are object_exists.
    bool overwrite = false;
    /// Empty: by the key's extension, else application/octet-stream.
    std::string content_type;
    /// Names (letters, digits and hyphens; kept as x-amz-meta-NAME) and values (printable ASCII),
    /// 1.5 KiB in all. The names sha256 and cokino-upload are the library's own.
    std::vector<std::pair<std::string, std::string>> metadata;
};

COKINO_DECL result<void> validate(const object_options& options);

/// What is known of an object.
struct object_info {
    object_info() = default;

    std::string key;
    std::uint64_t bytes = 0;
    std::string etag;         ///< As the service gave it. No digest of the file, if it has a '-'.
    std::string sha256;       ///< 64 hexadecimal digits; empty where the object does not bear it.
    std::string content_type; ///< As the service gave it; empty after a put.
    std::string upload;       ///< The library's mark of the upload that made it; may be empty.
    bool existed = false;     ///< Of a put: the same bytes were there already.
};

/// A key that follows from the job alone, so that doing a thing again ends at the same place:
/// "PREFIX/PROVIDER/JOB-INDEX.EXT". Of all parts but the prefix only letters, digits, '.', '_' and
/// '-' are kept; where that changed anything, a piece of a digest makes the name unique again. The
/// extension comes from the asset's type; without one a clip is "mp4", anything else "bin".
///
/// Failures — invalid_argument (file): the asset belongs to no job.
COKINO_DECL result<std::string> object_key_for(const asset& file, std::string_view prefix = {});

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/bucket_options.ipp>
#endif
