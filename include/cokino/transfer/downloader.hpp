// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Brings a host's file home: resumed, its link renewed, checked, and only then under its name.
// Where the bytes go is a sink's business; how a request travels is the transport's.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/core/config.hpp>
#include <cokino/core/observer.hpp>
#include <cokino/core/random_source.hpp>
#include <cokino/model/asset.hpp>
#include <cokino/net/transport.hpp>
#include <cokino/policy/clock_skew.hpp>
#include <cokino/transfer/detail/piece_store.hpp>
#include <cokino/transfer/download_options.hpp>
#include <cokino/transfer/link_source.hpp>
#include <cokino/transfer/sink.hpp>
#include <cokino/wire/url.hpp>

#include <string>

namespace cokino {

namespace detail {
struct download_order;
class managed_download;
} // namespace detail

/// Downloads over one transport. One thread; any number of downloads at once.
///
/// Lifetimes — transport, link source and observer outlive the downloader; the downloader outlives
///   its downloads.
class downloader
{
public:
    /// Without a link source, dead links are not renewed.
    downloader(executor ex, net::transport& network, link_source* links = nullptr,
               download_defaults defaults = download_defaults(), observer watch = observer());
    downloader(const downloader&) = delete;
    downloader& operator=(const downloader&) = delete;

    /// Checks what needs no network: the options and the link, and gives the link's place.
    ///
    /// Failures — invalid_options, invalid_argument (url), link_refused.
    result<wire::origin> check(const asset& file, const download_options& options) const;

    /// Whether a download could put a file under a name, by all that can be seen now. For the
    /// moment before a clip is paid for: download() itself finds it out only afterwards.
    ///
    /// Effects — looks at the disk, and leaves everything there as it is.
    /// Completes — when nobody has the name (or options.overwrite is set), its directory is there
    ///   and may be written to, the disk is not full, and nothing but what an earlier download
    ///   left stands at PATH.part. What changes later is not foreseen; nor is another download that
    ///   is writing the same file noticed.
    /// Failures — file_exists, file_failed, disk_full, invalid_argument (path): each names the
    ///   path; invalid_options.
    /// Cancellation — terminal, partial and total, before it begins; it takes as long as a disk
    ///   needs to tell, on another thread.
    /// Repeats — safe.
    [[nodiscard]] awaitable<void> check_target(std::string path, download_options options = {});

    /// Downloads a clip into a file, and checks its duration (± 0.5 s), lines and shape against
    /// what was ordered.
    ///
    /// Effects — writes PATH.part and PATH.part.state beside the file; renames when the length, the
    ///   MP4 structure and what was ordered are right. Never charged.
    /// Lifetimes — options.progress outlives the awaitable.
    /// Completes — when the file is whole, checked, on the disk and under its name.
    /// Failures — link_expired, link_refused, redirect_refused, body_truncated, body_changed,
    ///   content_mismatch, file_exists, file_failed, disk_full, response_too_large,
    ///   request_rejected, host_fault, rate_limited, deadline_passed, invalid_options,
    ///   invalid_argument, and the transport's. No file stands under the final name then that was
    ///   not there before.
    /// Cancellation — terminal, partial and total, at any time; the part is kept if it can be
    ///   resumed (up to 1 MiB of what came last is lost). It ends when the part is on the disk.
    /// Repeats — safe: a later download of the same asset into the same path goes on, also in
    ///   another process. Two at once: the second fails with file_failed.
    /// Cost — one connection, and 64 KiB to 1 MiB as the host is quick; all downloads together
    ///   16 MiB and 64 KiB each. The disk is waited for on other threads, four at most.
    ///   With options.parallel as many connections, and up to as many slices in memory.
    [[nodiscard]] awaitable<download_report> download(video clip, std::string path,
                                                      download_options options = {});

    /// The same for any asset: a still, or a clip whose order is not known.
    [[nodiscard]] awaitable<download_report> download(asset file, std::string path,
                                                      download_options options = {});

    /// The same into a sink. options.overwrite does not matter.
    ///
    /// Lifetimes — the sink outlives the awaitable.
    [[nodiscard]] awaitable<download_report> download(video clip, sink& into,
                                                      download_options options = {});
    [[nodiscard]] awaitable<download_report> download(asset file, sink& into,
                                                      download_options options = {});

    /// The whole file as a string, of limits::memory_sink_bytes_max at most (or options.bytes_max,
    /// if that is less). For another cap, or to resume, use a memory_sink.
    ///
    /// Failures — sink_full, and those of download().
    [[nodiscard]] awaitable<std::string> download_to_memory(asset file,
                                                            download_options options = {});
    [[nodiscard]] awaitable<std::string> download_to_memory(video clip,
                                                            download_options options = {});

    /// What the answers so far told of the hosts' clocks: for link_deadline and for signatures.
    const policy::clock_skew& clock() const noexcept { return clock_; }

private:
    friend class detail::managed_download;

    awaitable<download_report> into_file(detail::download_order order, std::string path);
    awaitable<download_report> into_sink(detail::download_order order, sink& into);
    awaitable<std::string> into_memory(detail::download_order order);
    awaitable<result<download_report>> run(detail::download_order order, sink& into);

    executor executor_;
    net::transport& network_;
    link_source* links_;
    download_defaults defaults_;
    observer watch_;
    random_source random_;
    policy::clock_skew clock_;
    detail::piece_store pieces_;
};

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/downloader.ipp>
#endif
