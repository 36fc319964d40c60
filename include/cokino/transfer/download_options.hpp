// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What a caller can set about a download, and what it is told afterwards.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/limits.hpp>
#include <cokino/core/result.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

namespace cokino {

/// How far a download has come.
struct download_status {
    std::uint64_t bytes = 0;            ///< Held so far, those of an earlier try included.
    std::optional<std::uint64_t> total; ///< Where known.
    std::uint64_t resumed_from = 0;     ///< What an earlier try had brought.
    unsigned requests = 0;              ///< So far.
    /// Bytes per second over the last 10 s; nothing while it is too early to say.
    std::optional<std::uint64_t> rate;
    /// Until it is whole, at that rate.
    std::optional<std::chrono::seconds> remaining;
    /// Until the link's deadline; negative when that has passed. Nothing: nobody knows it.
    std::optional<std::chrono::seconds> link_left;
};

/// Told as one download goes on; an observer is told of all of them. Called on the context's
/// thread, for each piece that is written; it should be quick and must not throw.
class download_progress
{
public:
    virtual void on_progress(const download_status& status) = 0;

protected:
    ~download_progress() = default;
};

/// Settings of one download. Permissions (allow_...) add to those of the downloader.
struct download_options {
    /// Whether a file that already has the final name is replaced. Off: file_exists, before
    /// anything is transferred; check_target() tells it before a clip is paid for.
    bool overwrite = false;
    /// Whether what an earlier try left is taken up.
    bool resume = true;
    /// Whether a failed or cancelled download leaves its part for a later one, if it can be
    /// resumed; else it is removed.
    bool keep_part = true;
    /// Whether a dead link is renewed by reading its job again.
    bool renew = true;
    /// Whether the bytes must look like what was ordered: MP4 structure, duration, lines, shape,
    /// image type, no error page. The length is checked in any case.
    bool check_content = true;
    /// Whether the SHA-256 of the whole file is computed as it comes: about half a second of a
    /// processor for each GiB. Off: the report's is empty.
    bool digest = true;
    /// Whether large pieces go to the disk past the system's cache (O_DIRECT), where the file
    /// system can. It takes a third of the processor time, and the file is on the disk sooner; but
    /// whoever reads it next reads from the disk. Off: all goes through the cache. For files only.
    bool direct = true;
    /// Whether the bytes must have the digest that the host's head names (Repr-Digest,
    /// x-amz-checksum-*, x-goog-hash, Content-MD5), where it names one. Only the strongest is
    /// looked at; one that nobody understands is passed over.
    bool check_digest = true;
    /// Whether http is allowed, in links and redirects; never from https down to http.
    bool allow_insecure = false;
    /// Whether the link may lead to loopback, private and other special networks. For hosts of
    /// your own only: the link comes from a host's answer.
    bool allow_private_addresses = false;
    /// Whether other ports than 443 (80 with http) are allowed.
    bool allow_any_port = false;
    /// Tries in a row that bring less than 64 KiB anew; 1 to 100. What is fetched counts as
    /// progress only once.
    unsigned tries_max = 5;
    /// Connections that fetch one file side by side, in slices; 1 to 8. More than 1 needs ranges, a
    /// strong validator and a known length; where one of them is missing, and once a slice shows
    /// that the file changed, it goes on in one stream.
    unsigned parallel = 1;
    /// Bytes of a slice; 64 KiB to 64 MiB. Up to parallel times as many are held in memory; a
    /// manager may allow fewer connections (download_manager_options::slice_memory_max). With 1
    /// connection it does not matter.
    std::uint64_t slice_bytes = limits::slice_bytes;
    /// Bytes; 1 or more. A longer file is refused with response_too_large.
    std::uint64_t bytes_max = limits::media_bytes_max;
    /// The longest silence in the middle of a body before it is asked for again; 0: no limit but
    /// the next one.
    std::chrono::milliseconds read_stall{limits::read_stall_max};
    /// Bytes per second; 0: no limit. A body that brings fewer over rate_window is asked for again
    /// from where it stands, as if it had broken off. At most 1 GiB.
    std::uint64_t rate_bytes_min = limits::download_rate_bytes_min;
    /// Over how long rate_bytes_min is judged; only waiting for the host counts. 0: never; else
    /// 1 s to 1 h.
    std::chrono::milliseconds rate_window{limits::download_rate_window};
    /// From call to end, waits included; 0: no limit. A slow download that moves is a good one.
    std::chrono::milliseconds total{0};
    /// Told as it goes; may be null. Must outlive the download.
    download_progress* progress = nullptr;
};
static_assert(std::is_trivially_destructible_v<download_options>,
              "GCC before 13 destroys aggregates in await expressions twice");

/// Names the option that is out of its bounds.
COKINO_DECL result<void> validate(const download_options& options);

/// Settings of a downloader: what holds for all its downloads.
class download_defaults
{
public:
    download_defaults() = default;

    /// Permissions for all downloads: for hosts of your own, and for tests against loopback.
    bool allow_insecure = false;
    bool allow_private_addresses = false;
    bool allow_any_port = false;
    /// Some CDNs refuse what does not look like a browser [providers/kling… §0.4].
    std::string user_agent = "Mozilla/5.0 (compatible; cokino)";
    /// For the jitter of waits; 0: seeded from the system.
    std::uint64_t seed = 0;
};

/// What was done. It is only ever given for a file that is whole and checked.
struct download_report {
    download_report() = default;

    std::string path;        ///< The sink's name: the final path of a file.
    std::uint64_t bytes = 0; ///< Length of the whole file.
    /// Of the whole file, 64 hexadecimal digits, lower case; empty without options.digest.
    std::string sha256;
    std::string etag;         ///< As the host gave it; empty when it did not.
    std::string content_type; ///< As the host gave it, without parameters.
    /// From the file itself: zero when it is no MP4, does not say, or was not looked at.
    std::chrono::milliseconds duration{0};
    unsigned width = 0; ///< To be shown; what was ordered is compared with the coded pictures.
    unsigned height = 0;
    std::uint64_t resumed_from = 0; ///< Bytes that an earlier try had brought and that were kept.
    unsigned requests = 0;
    unsigned renewals = 0;  ///< Fresh links asked for.
    unsigned restarts = 0;  ///< Times that bytes held were thrown away.
    unsigned redirects = 0; ///< Followed, all requests together.
    std::chrono::milliseconds elapsed{0};
    /// Spent in a download_manager: waiting for a turn and for room on the disk. Not in `elapsed`.
    std::chrono::milliseconds waited{0};
    /// When the link that the file came by dies, by the host's clock, and who says so
    /// (link_deadline::rule); nothing and empty when nobody does.
    std::optional<std::chrono::system_clock::time_point> link_dies_at;
    std::string link_rule;
};

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/download_options.ipp>
#endif
