// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The second half of the bodies of transfer/detail/managed_downloads.hpp: whose turn it is, and
// what it may take of the memory that all share.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/transfer/detail/managed_downloads.hpp>
#include <cokino/transfer/link_deadline.hpp>

#include <algorithm>
#include <utility>

namespace cokino::detail {

// ---- memory and time ---------------------------------------------------------------------------

COKINO_DECL void managed_downloads::take_slice_memory(managed_download& one,
                                                      download_options& options) noexcept
{
    const auto left =
        options_.slice_memory_max - std::min(options_.slice_memory_max, slice_memory_);
    const auto fit = std::max<std::uint64_t>(left / options.slice_bytes, 1);
    options.parallel = static_cast<unsigned>(std::min<std::uint64_t>(options.parallel, fit));
    one.slice_memory_ = options.parallel > 1 ? options.parallel * options.slice_bytes : 0;
    slice_memory_ += one.slice_memory_;
}

COKINO_DECL void managed_downloads::give_slice_memory(managed_download& one) noexcept
{
    slice_memory_ -= std::exchange(one.slice_memory_, 0);
}

// Links die by the hosts' clock. What that differs from ours is learnt while downloads wait, so it
// is put on the time and not taken off each deadline: else those that came before it was known
// would stand in another order than those that came behind.
COKINO_DECL calendar_time managed_downloads::schedule_now() const
{
    return time_.system_now() + loads_.clock().margin();
}

// ---- turns ------------------------------------------------------------------------------------

COKINO_DECL schedule_wish managed_downloads::wish_of(const managed_download& one) const
{
    schedule_wish wish;
    wish.bytes = one.need();
    deadline_terms terms;
    terms.now = time_.system_now();
    terms.transfer = expected_transfer(one.need());
    const auto known = deadline_of(one.order_.file, terms);
    if (known && known->rule != "assumed") {
        wish.deadline = known->start_by;
        wish.assumed = known->bound == wire::expiry_bound::lower; // it may live longer
    }
    return wish;
}

COKINO_DECL result<void> managed_downloads::enter(managed_download& one)
{
    if (closed_)
        return failure(errc::closed);
    auto origin = loads_.check(one.order_.file, one.order_.options);
    if (!origin)
        return origin.error();
    one.host_ = origin->host;
    result<disk_room> room = failure(errc::file_failed);
    if (!one.place_.empty())
        room = disk_.room_at(one.place_);
    if (room)
        one.held_ = room->held_bytes;
    schedule_wish wish = wish_of(one);
    wish.origin = origin->text();
    const auto ticket = schedule_.add(std::move(wish), schedule_now());
    one.ticket_ = ticket;
    ones_.emplace(ticket, &one);
    if (room)
        ledger_.add(ticket, room->disk);
    pump();
    if (schedule_.waiting() + schedule_.aside() > options_.waiting_max &&
        !schedule_.is_running(ticket)) {
        leave(one);
        return failure(errc::limit_reached)
            .explain(to_text(options_.waiting_max) + " downloads wait already", "waiting_max");
    }
    return {};
}

COKINO_DECL void managed_downloads::leave(managed_download& one) noexcept
{
    const auto ticket = std::exchange(one.ticket_, 0);
    if (ticket == 0)
        return;
    const auto disk = ledger_.disk_of(ticket);
    ledger_.leave(ticket);
    schedule_.leave(ticket);
    ones_.erase(ticket);
    if (disk)
        tell_resumed(*disk);
    pump();
}

// An exception here could only be for want of memory: that ends the program, and loses no slot.
COKINO_DECL void managed_downloads::pump() noexcept
{
    while (!closed_) {
        const auto todo = schedule_.next(schedule_now());
        if (todo.what != schedule_action::kind::start)
            return;
        managed_download& one = *ones_.find(todo.ticket)->second;
        if (!has_room(one))
            continue;
        started_late_ += todo.late ? 1 : 0;
        rate_.add(0, time_.now());
        one.order_.watch = &one;
        one.go_.set();
    }
}

} // namespace cokino::detail
