// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Many downloads at once: so many run, the others wait, and those whose links die first go first.
// One for a program is enough; cokino::client has one (client.downloads()).
//
//     for (auto& clip : clips)
//         scope.spawn(keep(kling.downloads(), clip));   // ... co_await loads.download(clip, path)
//
// What starts when is decided by detail/download_schedule.hpp, room on disks is kept account of by
// detail/disk_ledger.hpp, and each download is the downloader's.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/core/config.hpp>
#include <cokino/core/observer.hpp>
#include <cokino/model/asset.hpp>
#include <cokino/transfer/download_manager_options.hpp>
#include <cokino/transfer/download_options.hpp>
#include <cokino/transfer/sink.hpp>

#include <memory>
#include <string>

namespace cokino {

class downloader;

namespace detail {
class managed_downloads;
}

/// A queue of downloads over one downloader. One thread; any number of calls at once.
///
/// Lifetimes — the downloader and the disk gauge outlive the manager and its downloads. A manager
///   that goes first ends those that wait with errc::closed; those that run go on to their end.
class download_manager
{
public:
    /// Throws cokino::error (invalid_options) when an option is out of bounds.
    explicit download_manager(executor ex, downloader& loads, download_manager_options options = {},
                              observer watch = observer());
    download_manager(const download_manager&) = delete;
    download_manager& operator=(const download_manager&) = delete;
    ~download_manager();

    /// Waits for its turn, then downloads a clip into a file, as downloader::download does.
    ///
    /// The turn: whose link dies first, as far as running_max, running_per_origin_max and
    ///   bytes_in_flight_max allow. The deadline is deadline_of(asset): when the link dies, less a
    ///   minute and the time that the transfer may take; where nobody says, an hour from now is
    ///   assumed. What the hosts' clocks differ from ours, as far as it is learnt, is taken off all
    ///   deadlines alike. Those past their deadlines come after those that can still be saved.
    /// Effects — those of downloader::download. Before it starts, its room on the disk is reserved;
    ///   where there is none, or where the disk becomes full on the way, it waits for room with its
    ///   part kept, and the observer is told (on_downloads_paused, on_downloads_resumed).
    /// Lifetimes — options.progress outlives the awaitable; arguments are copied.
    /// Completes — when the file is whole, checked, on the disk and under its name.
    /// Failures — those of downloader::download. A bad option or link is told at once, without
    ///   waiting. limit_reached (too many wait; names waiting_max), closed (the manager has gone),
    ///   disk_full (no room for disk_pause_max), deadline_passed (options.total, which includes
    ///   the waiting).
    /// Cancellation — terminal, partial and total, at any time. One that waits leaves at once and
    ///   leaves nothing; one that runs keeps its part.
    /// Repeats — safe.
    /// Cost — while it waits a few kilobytes of memory, and nothing else.
    [[nodiscard]] awaitable<download_report> download(video clip, std::string path,
                                                      download_options options = {});
    /// The same for any asset.
    [[nodiscard]] awaitable<download_report> download(asset file, std::string path,
                                                      download_options options = {});

    /// The same into a sink, which must outlive the awaitable. It is opened when the turn has come.
    /// Room is kept account of where the sink names a place on a disk (sink::place).
    [[nodiscard]] awaitable<download_report> download(video clip, sink& into,
                                                      download_options options = {});
    [[nodiscard]] awaitable<download_report> download(asset file, sink& into,
                                                      download_options options = {});

    download_manager_status status() const;
    const download_manager_options& options() const noexcept;

private:
    std::shared_ptr<detail::managed_downloads> state_;
};

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/download_manager.ipp>
#endif
