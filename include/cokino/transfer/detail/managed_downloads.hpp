// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What a download_manager and its downloads share, and one of these downloads. Decides nothing
// itself: who starts is download_schedule's to say, who has room is disk_ledger's.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/async/event.hpp>
#include <cokino/async/time_source.hpp>
#include <cokino/async/timer.hpp>
#include <cokino/core/config.hpp>
#include <cokino/transfer/detail/disk_ledger.hpp>
#include <cokino/transfer/detail/download_run.hpp>
#include <cokino/transfer/detail/download_schedule.hpp>
#include <cokino/transfer/detail/rate_meter.hpp>
#include <cokino/transfer/download_manager_options.hpp>
#include <cokino/transfer/downloader.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace cokino::detail {

class managed_downloads;

/// A download from its call to its end: its place in the order, or its slot, and its room on the
/// disk. Gives all of it back when it goes, whatever ended it.
class managed_download final : public run_watch
{
public:
    /// `order` and `into` outlive it.
    managed_download(std::shared_ptr<managed_downloads> owner, download_order& order, sink& into);
    managed_download(const managed_download&) = delete;
    managed_download& operator=(const managed_download&) = delete;
    ~managed_download();

    awaitable<result<download_report>> run();

    COKINO_DECL result<void> on_total(std::uint64_t total, std::uint64_t held) override;
    COKINO_DECL void on_status(const download_status& status, std::uint64_t fresh) override;
    COKINO_DECL void on_link(const asset& fresh) override;

    /// Adds what is known to a failure that came while it waited.
    failure described(failure why) const;

private:
    friend class managed_downloads;

    awaitable<result<void>> wait_for_turn();
    awaitable<result<download_report>> try_once();
    /// What it has still to write, as far as is known.
    std::uint64_t need() const noexcept;

    std::shared_ptr<managed_downloads> owner_;
    download_order& order_;
    sink& sink_;
    std::string place_; // on a disk; empty: none
    std::string host_;
    event go_{1};
    std::optional<failure> refused_;
    download_ticket ticket_ = 0;
    std::uint64_t held_ = 0; // bytes that stand at place_
    std::optional<std::uint64_t> total_;
    bool lacks_room_ = false;        // was stopped because its total does not fit
    std::uint64_t slice_memory_ = 0; // what its slices may hold
    unsigned renewals_ = 0;          // of its link, in this try
    unsigned renewals_before_ = 0;   // in those before it
    steady_time since_;              // waits since then
    steady_time called_;
    duration waited_{0};
};

class managed_downloads final : public std::enable_shared_from_this<managed_downloads>,
                                private timer
{
public:
    managed_downloads(const executor& ex, downloader& loads,
                      const download_manager_options& options, observer watch);
    managed_downloads(const managed_downloads&) = delete;
    managed_downloads& operator=(const managed_downloads&) = delete;
    COKINO_DECL ~managed_downloads() override;

    awaitable<download_report> into_file(download_order order, std::string path);
    awaitable<download_report> into_sink(download_order order, sink& into);

    /// Those that wait end with errc::closed; those that run go on.
    void close();

    download_manager_status status() const;
    const download_manager_options& options() const noexcept { return options_; }

private:
    friend class managed_download;

    static awaitable<download_report> file_body(std::shared_ptr<managed_downloads> self,
                                                download_order order, std::string path);
    static awaitable<download_report> sink_body(std::shared_ptr<managed_downloads> self,
                                                download_order order, sink& into);
    static awaitable<result<download_report>> run(std::shared_ptr<managed_downloads> self,
                                                  download_order order, sink& into);

    result<void> enter(managed_download& one);
    schedule_wish wish_of(const managed_download& one) const;
    calendar_time schedule_now() const;
    void take_slice_memory(managed_download& one, download_options& options) noexcept;
    void give_slice_memory(managed_download& one) noexcept;
    void leave(managed_download& one) noexcept;
    void pump() noexcept;
    bool has_room(managed_download& one);
    result<void> total_known(managed_download& one);
    void written(managed_download& one, std::uint64_t fresh);
    void stop_for_room(managed_download& one);
    static void refuse(managed_download& one, failure why);
    failure no_room(const managed_download& one) const;
    COKINO_DECL void fire() override;
    void look(disk_ledger::disk_id disk);
    void tell_pause(const managed_download& one, std::uint64_t free_bytes);
    void tell_resumed(disk_ledger::disk_id disk) noexcept;
    void count(const result<download_report>& end) noexcept;

    struct pause {
        std::string path;
        steady_time since;
    };

    downloader& loads_;
    download_manager_options options_;
    observer watch_;
    time_source& time_;
    system_disk_gauge system_disk_;
    disk_gauge& disk_;
    download_schedule schedule_;
    disk_ledger ledger_;
    std::map<download_ticket, managed_download*> ones_;
    std::map<disk_ledger::disk_id, pause> pauses_;
    mutable rate_meter rate_;
    std::uint64_t done_ = 0;
    std::uint64_t failed_ = 0;
    std::uint64_t cancelled_ = 0;
    std::uint64_t started_late_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t slice_memory_ = 0;
    bool closed_ = false;
};

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/managed_downloads.ipp>
#include <cokino/transfer/impl/managed_turns.ipp>
#endif
