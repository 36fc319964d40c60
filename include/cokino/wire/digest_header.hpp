// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What a host says of a file's digest in the head of its answer, and the digests themselves, over
// bytes that come in pieces. What does not parse is absent: a digest that nobody understands is no
// reason to refuse a file. An ETag is none: at some hosts it is an MD5, at most it is not.
#pragma once

#include <cokino/core/config.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cokino::wire {

/// Strongest first, save that SHA-256, which every download takes anyway, stands before SHA-512:
/// neither can be forged. The sums at the end only tell accidents.
enum class digest_kind : unsigned char { sha256, sha512, sha1, md5, crc64nvme, crc32c, crc32 };

constexpr std::string_view name_of(digest_kind kind) noexcept
{
    switch (kind) {
    case digest_kind::sha256: return "sha-256";
    case digest_kind::sha512: return "sha-512";
    case digest_kind::sha1: return "sha-1";
    case digest_kind::md5: return "md5";
    case digest_kind::crc64nvme: return "crc64nvme";
    case digest_kind::crc32c: return "crc32c";
    case digest_kind::crc32: return "crc32";
    }
    return "?";
}

/// How many bytes a digest has.
constexpr std::size_t size_of(digest_kind kind) noexcept
{
    switch (kind) {
    case digest_kind::sha256: return 32;
    case digest_kind::sha512: return 64;
    case digest_kind::sha1: return 20;
    case digest_kind::md5: return 16;
    case digest_kind::crc64nvme: return 8;
    case digest_kind::crc32c:
    case digest_kind::crc32: return 4;
    }
    return 0;
}

/// One field's word on the whole file.
struct digest_claim {
    digest_claim() = default;

    digest_kind kind = digest_kind::crc32;
    std::string bytes;       ///< size_of(kind) of them; sums with the highest byte first.
    std::string_view source; ///< The field's name, as a literal: "x-goog-hash".

    friend bool operator==(const digest_claim& a, const digest_claim& b) noexcept
    {
        return a.kind == b.kind && a.bytes == b.bytes;
    }
};

/// Collects the claims of one head, field by field, and keeps the strongest: Repr-Digest (RFC
/// 9530), Content-Digest, x-amz-checksum-*, x-goog-hash, Content-MD5. Of two that are equally
/// strong the first of that list counts.
class digest_reader
{
public:
    /// `whole_answer`: the body is the whole file (200), not a part of it (206). Content-Digest and
    /// Content-MD5 speak of the body; x-amz-checksum-* of a part that was once uploaded alone.
    explicit digest_reader(bool whole_answer) noexcept : whole_answer_(whole_answer) {}

    /// Names in lower case, as wire::response gives them. Other fields are passed over.
    void field(std::string_view name, std::string_view value);
    const std::optional<digest_claim>& strongest() const noexcept { return best_; }

private:
    void dictionary(std::string_view value, std::string_view source, unsigned rank);
    void goog_hash(std::string_view value);
    void offer(digest_kind kind, std::string_view base64, std::string_view source, unsigned rank);

    std::optional<digest_claim> best_;
    unsigned rank_ = 0; // of best_: its source's place in the list
    bool whole_answer_;
};

/// A digest of a text that comes in pieces.
class running_digest
{
public:
    explicit running_digest(digest_kind kind);
    running_digest(running_digest&&) noexcept = default;
    running_digest& operator=(running_digest&&) noexcept = default;

    digest_kind kind() const noexcept { return kind_; }
    /// False where OpenSSL was told not to offer it (MD5 under FIPS rules).
    bool usable() const noexcept { return kind_ >= digest_kind::crc64nvme || context_; }
    void update(std::string_view bytes) noexcept;
    /// size_of(kind) bytes. Once.
    std::string finish();

private:
    struct context_free {
        void operator()(void* context) const noexcept;
    };
    std::unique_ptr<void, context_free> context_; // an EVP_MD_CTX, kept out of this header
    std::uint64_t sum_ = 0;
    digest_kind kind_;
};

} // namespace cokino::wire

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/wire/impl/digest_header.ipp>
#endif
