// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/detail/managed_downloads.hpp.
#pragma once

#include <cokino/async/as_result.hpp>
#include <cokino/async/with_timeout.hpp>
#include <cokino/core/text.hpp>
#include <cokino/transfer/detail/managed_downloads.hpp>
#include <cokino/transfer/file_sink.hpp>
#include <cokino/transfer/link_deadline.hpp>

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

namespace cokino::detail {

// ---- one download -----------------------------------------------------------------------------

COKINO_DECL managed_download::managed_download(std::shared_ptr<managed_downloads> owner,
                                               download_order& order, sink& into)
    : owner_(std::move(owner)), order_(order), sink_(into), place_(into.place()),
      called_(owner_->time_.now())
{
    since_ = called_;
    if (order_.file.size.value_or(0) != 0)
        total_ = order_.file.size;
}

COKINO_DECL managed_download::~managed_download()
{
    owner_->give_slice_memory(*this);
    owner_->leave(*this);
}

COKINO_DECL failure managed_download::described(failure why) const
{
    auto& facts = why.edit();
    facts.operation = "download";
    facts.billed = billing::unknown; // whatever the job cost was settled before
    if (facts.host.empty())
        facts.host = host_;
    if (!order_.file.from.empty())
        facts.job = order_.file.from.text();
    facts.elapsed =
        std::chrono::duration_cast<std::chrono::milliseconds>(owner_->time_.now() - called_);
    return why;
}

COKINO_DECL std::uint64_t managed_download::need() const noexcept
{
    if (total_)
        return *total_ - std::min(*total_, held_);
    const auto assumed = owner_->options_.bytes_assumed;
    // One that has outgrown what was assumed may go on growing: another megabyte.
    const auto least = std::min<std::uint64_t>(assumed, 1024 * 1024);
    return std::max(assumed - std::min(assumed, held_), least);
}

COKINO_DECL awaitable<result<void>> managed_download::wait_for_turn()
{
    since_ = owner_->time_.now();
    const auto waited = co_await go_.async_wait(as_tuple_token);
    waited_ += owner_->time_.now() - since_;
    if (std::get<0>(waited))
        co_return failure(std::get<0>(waited));
    go_.reset();
    if (refused_)
        co_return *refused_;
    co_return result<void>();
}

COKINO_DECL awaitable<result<download_report>> managed_download::try_once()
{
    lacks_room_ = false;
    renewals_before_ += std::exchange(renewals_, 0);
    download_order order = order_;
    owner_->take_slice_memory(*this, order.options);
    return owner_->loads_.run(std::move(order), sink_);
}

COKINO_DECL awaitable<result<download_report>> managed_download::run()
{
    if (auto entered = owner_->enter(*this); !entered)
        co_return entered.error();
    for (;;) {
        auto turn = co_await wait_for_turn();
        if (!turn)
            co_return turn.error();
        auto report = co_await try_once();
        owner_->give_slice_memory(*this);
        if (report) {
            report->waited = std::chrono::duration_cast<std::chrono::milliseconds>(waited_);
            report->renewals += renewals_before_;
            co_return report;
        }
        const bool may_pause = owner_->options_.disk_pause_max.count() != 0 &&
                               owner_->ledger_.disk_of(ticket_).has_value() && !owner_->closed_;
        if (report.error() != errc::disk_full || !may_pause)
            co_return report;
        owner_->stop_for_room(*this);
        // From now on the part that stands there is this download's own.
        order_.options.resume = true;
    }
}

COKINO_DECL result<void> managed_download::on_total(std::uint64_t total, std::uint64_t held)
{
    total_ = total;
    held_ = held;
    return owner_->total_known(*this);
}

COKINO_DECL void managed_download::on_status(const download_status& status, std::uint64_t fresh)
{
    held_ = status.bytes;
    if (status.total)
        total_ = status.total;
    owner_->written(*this, fresh);
}

// A try that comes after a pause goes on with this link, and renews it only if it is dead by then.
COKINO_DECL void managed_download::on_link(const asset& fresh)
{
    order_.file.url = fresh.url;
    order_.file.expires_at = fresh.expires_at;
    order_.file.expires_by = fresh.expires_by;
    ++renewals_;
}

// ---- all of them ------------------------------------------------------------------------------

inline schedule_caps caps_of(const download_manager_options& options)
{
    schedule_caps caps;
    caps.running_max = options.running_max;
    caps.per_origin_max = options.running_per_origin_max;
    caps.bytes_max = options.bytes_in_flight_max;
    caps.bytes_unknown = options.bytes_assumed;
    return caps;
}

inline disk_rules rules_of(const download_manager_options& options)
{
    disk_rules rules;
    rules.reserve = options.disk_reserve;
    rules.pause_max = options.disk_pause_max;
    return rules;
}

COKINO_DECL managed_downloads::managed_downloads(const executor& ex, downloader& loads,
                                                 const download_manager_options& options,
                                                 observer watch)
    : loads_(loads), options_(options), watch_(watch), time_(time_of(ex)),
      disk_(options.disk ? *options.disk : system_disk_), schedule_(caps_of(options)),
      ledger_(rules_of(options))
{}

COKINO_DECL managed_downloads::~managed_downloads()
{
    if (armed())
        time_.disarm(*this);
}

COKINO_DECL awaitable<download_report> managed_downloads::into_file(download_order order,
                                                                    std::string path)
{
    return file_body(shared_from_this(), std::move(order), std::move(path));
}

COKINO_DECL awaitable<download_report> managed_downloads::into_sink(download_order order,
                                                                    sink& into)
{
    return sink_body(shared_from_this(), std::move(order), into);
}

COKINO_DECL awaitable<download_report> managed_downloads::file_body(
    std::shared_ptr<managed_downloads> self, download_order order, std::string path)
{
    file_sink_options how;
    how.overwrite = order.options.overwrite;
    how.direct = order.options.direct;
    file_sink file(std::move(path), how);
    auto report = co_await run(std::move(self), std::move(order), file);
    co_return value_or_throw(std::move(report));
}

COKINO_DECL awaitable<download_report> managed_downloads::sink_body(
    std::shared_ptr<managed_downloads> self, download_order order, sink& into)
{
    auto report = co_await run(std::move(self), std::move(order), into);
    co_return value_or_throw(std::move(report));
}

COKINO_DECL awaitable<result<download_report>> managed_downloads::run(
    std::shared_ptr<managed_downloads> self, download_order order, sink& into)
{
    const auto total = std::exchange(order.options.total, std::chrono::milliseconds(0));
    managed_download one(self, order, into);
    result<download_report> report = failure(errc::internal_error);
    if (total.count() > 0)
        report = co_await as_result(with_timeout(one.run(), total));
    else
        report = co_await as_result(one.run());
    self->count(report);
    if (!report)
        co_return one.described(report.error());
    co_return report;
}

COKINO_DECL void managed_downloads::count(const result<download_report>& end) noexcept
{
    if (end)
        ++done_;
    else if (end.error() == errc::cancelled)
        ++cancelled_;
    else
        ++failed_;
}

COKINO_DECL void managed_downloads::close()
{
    closed_ = true;
    for (const auto& [ticket, one] : ones_)
        if (!schedule_.is_running(ticket))
            refuse(*one, failure(errc::closed));
    if (armed())
        time_.disarm(*this);
}

COKINO_DECL download_manager_status managed_downloads::status() const
{
    download_manager_status now;
    now.running = schedule_.running();
    now.waiting = schedule_.waiting();
    now.waiting_for_room = schedule_.aside();
    now.done = done_;
    now.failed = failed_;
    now.cancelled = cancelled_;
    now.started_late = started_late_;
    now.bytes = bytes_;
    now.bytes_in_flight = schedule_.bytes_in_flight();
    now.slice_memory = slice_memory_;
    now.rate = rate_.rate(time_.now());
    return now;
}

// ---- room on disks ----------------------------------------------------------------------------

inline disk_room unknown_room() noexcept
{
    disk_room endless;
    endless.free_bytes = (std::numeric_limits<std::uint64_t>::max)();
    return endless;
}

COKINO_DECL failure managed_downloads::no_room(const managed_download& one) const
{
    std::string text = "no room for " + to_text(one.need()) + " more bytes in " + one.place_;
    if (options_.disk_pause_max.count() != 0)
        text += "; waited " + duration_text(options_.disk_pause_max) + " for it";
    return failure(errc::disk_full).explain(std::move(text), "path");
}

COKINO_DECL void managed_downloads::refuse(managed_download& one, failure why)
{
    one.refused_ = std::move(why);
    one.go_.set();
}

// Asked when its turn has come. One without room gives the turn back.
COKINO_DECL bool managed_downloads::has_room(managed_download& one)
{
    if (!ledger_.disk_of(one.ticket_))
        return true;
    auto room = disk_.room_at(one.place_);
    if (!room)
        room = unknown_room(); // it will find out by itself
    one.held_ = room->held_bytes;
    const auto need = one.need();
    schedule_.set_bytes(one.ticket_, need);
    if (ledger_.admit(schedule_.key_of(one.ticket_), need, room->free_bytes, time_.now()))
        return true;
    schedule_.set_aside(one.ticket_);
    if (options_.disk_pause_max.count() == 0)
        refuse(one, no_room(one));
    else
        tell_pause(one, room->free_bytes);
    return false;
}

COKINO_DECL result<void> managed_downloads::total_known(managed_download& one)
{
    const auto need = one.need();
    if (!ledger_.disk_of(one.ticket_)) {
        schedule_.set_bytes(one.ticket_, need);
        return {};
    }
    const auto room = disk_.room_at(one.place_);
    if (room && !ledger_.revise(one.ticket_, need, room->free_bytes)) {
        one.lacks_room_ = true;
        return no_room(one);
    }
    schedule_.set_bytes(one.ticket_, need);
    pump(); // it may be less than was assumed
    return {};
}

COKINO_DECL void managed_downloads::written(managed_download& one, std::uint64_t fresh)
{
    bytes_ += fresh;
    rate_.add(fresh, time_.now());
    const auto need = one.need();
    schedule_.set_bytes(one.ticket_, need);
    const auto disk = ledger_.disk_of(one.ticket_);
    if (disk && ledger_.written(one.ticket_, need)) {
        look(*disk);
        tell_resumed(*disk);
    }
    if (schedule_.waiting() != 0)
        pump();
}

// A download has stopped for want of room. Its slot is for those of other disks.
COKINO_DECL void managed_downloads::stop_for_room(managed_download& one)
{
    schedule_.set_aside(one.ticket_);
    if (one.renewals_ != 0) {
        auto wish = wish_of(one);
        if (wish.assumed)
            wish.deadline.reset();
        schedule_.set_deadline(one.ticket_, wish.deadline, schedule_now());
    }
    const auto place = schedule_.key_of(one.ticket_);
    if (one.lacks_room_)
        ledger_.lacks_room(place, one.need(), time_.now());
    else
        ledger_.found_full(place, one.need(), time_.now());
    const auto room = disk_.room_at(one.place_);
    tell_pause(one, room ? room->free_bytes : 0);
    pump();
}

COKINO_DECL void managed_downloads::tell_pause(const managed_download& one,
                                               std::uint64_t free_bytes)
{
    const auto disk = ledger_.disk_of(one.ticket_);
    if (!disk || pauses_.contains(*disk))
        return;
    const auto now = time_.now();
    const auto& begun = pauses_.emplace(*disk, pause{one.place_, now}).first->second;
    if (!armed())
        time_.arm(*this, later(now, options_.disk_look_every));
    downloads_paused_event event;
    event.path = begun.path;
    event.free_bytes = free_bytes;
    event.needed_bytes = one.need();
    watch_.on_downloads_paused(event);
}

COKINO_DECL void managed_downloads::tell_resumed(disk_ledger::disk_id disk) noexcept
{
    const auto found = pauses_.find(disk);
    if (found == pauses_.end() || ledger_.paused(disk))
        return;
    downloads_resumed_event event;
    event.path = found->second.path;
    event.elapsed = time_.now() - found->second.since;
    watch_.on_downloads_resumed(event);
    pauses_.erase(found);
    if (pauses_.empty() && armed())
        time_.disarm(*this);
}

COKINO_DECL void managed_downloads::look(disk_ledger::disk_id disk)
{
    const auto first = ledger_.first_aside(disk);
    if (!first)
        return; // the one that tries is out
    const auto room = disk_.room_at(ones_.find(*first)->second->place_);
    // A directory that is gone is for each of them to find out.
    const auto free_bytes = room ? room->free_bytes : unknown_room().free_bytes;
    const auto seen = ledger_.look(disk, free_bytes, time_.now());
    for (const auto ticket : seen.back)
        schedule_.bring_back(ticket);
    for (const auto ticket : seen.given_up) {
        managed_download& one = *ones_.find(ticket)->second;
        refuse(one, no_room(one));
    }
}

COKINO_DECL void managed_downloads::fire()
{
    std::vector<disk_ledger::disk_id> disks;
    for (const auto& [disk, since] : pauses_)
        disks.push_back(disk);
    for (const auto disk : disks) {
        look(disk);
        tell_resumed(disk);
    }
    if (!pauses_.empty())
        time_.arm(*this, later(time_.now(), options_.disk_look_every));
    pump();
}

} // namespace cokino::detail
