// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/detail/download_schedule.hpp. Tree nodes are made in add(), and from then
// on only moved from tree to tree.
#pragma once

#include <cokino/transfer/detail/download_schedule.hpp>

#include <algorithm>
#include <functional>
#include <utility>

namespace cokino::detail {

// ---- who stands where -------------------------------------------------------------------------

COKINO_DECL std::uint64_t download_schedule::charge(
    std::optional<std::uint64_t> bytes) const noexcept
{
    return std::clamp<std::uint64_t>(bytes.value_or(caps_.bytes_unknown), 1, caps_.bytes_max);
}

COKINO_DECL download_schedule::group& download_schedule::group_for(std::string origin)
{
    const auto [at, is_new] = groups_.try_emplace(std::move(origin));
    group& found = at->second;
    if (is_new) {
        found.name = &at->first;
        for (auto& spare : found.spare) {
            index maker;
            maker.emplace(schedule_key(), &found);
            spare = maker.extract(maker.begin());
        }
    }
    return found;
}

COKINO_DECL void download_schedule::drop_if_empty(group& of) noexcept
{
    if (of.members == 0)
        groups_.erase(groups_.find(*of.name));
}

COKINO_DECL void download_schedule::show(group& of) noexcept
{
    for (const auto which : {known, assumed, late})
        show(of, which);
}

// Brings the index up to date with what the group could start first.
COKINO_DECL void download_schedule::show(group& of, line which) noexcept
{
    std::optional<schedule_key> first;
    if (of.running < caps_.per_origin_max && !of.waiting[which].empty())
        first = *of.waiting[which].begin();
    if (first == of.shown[which])
        return;
    if (of.shown[which])
        of.spare[which] = ready_[which].extract(*of.shown[which]);
    if (first) {
        of.spare[which].key() = *first;
        ready_[which].insert(std::move(of.spare[which]));
    }
    of.shown[which] = first;
}

COKINO_DECL void download_schedule::enter(item& one, line which) noexcept
{
    one.place.value() = one.key;
    one.of->waiting[which].insert(std::move(one.place));
    one.at = state::waiting;
    one.stands = which;
    ++waiting_;
}

// Out of the line it waits in.
COKINO_DECL void download_schedule::take_out(item& one) noexcept
{
    one.place = one.of->waiting[one.stands].extract(one.key);
    --waiting_;
}

// Out of its slot.
COKINO_DECL void download_schedule::stop(item& one) noexcept
{
    --running_;
    --one.of->running;
    bytes_ -= one.bytes;
}

// ---- events -----------------------------------------------------------------------------------

COKINO_DECL download_ticket download_schedule::add(schedule_wish wish, calendar_time now)
{
    // Whatever throws, throws before anything is counted.
    const download_ticket ticket = last_ + 1;
    places maker;
    item made;
    made.key.at = wish.deadline.value_or(now + caps_.fallback);
    made.key.assumed = wish.assumed || !wish.deadline;
    made.key.arrival = ticket;
    made.bytes = charge(wish.bytes);
    maker.insert(made.key);
    made.place = maker.extract(maker.begin());
    group& of = group_for(std::move(wish.origin));
    made.of = &of;
    item* kept = nullptr;
    try {
        kept = &items_.emplace(ticket, std::move(made)).first->second;
    } catch (...) {
        drop_if_empty(of);
        throw;
    }
    last_ = ticket;
    ++of.members;
    enter(*kept, kept->key.assumed ? assumed : known);
    show(of);
    return ticket;
}

COKINO_DECL void download_schedule::leave(download_ticket ticket) noexcept
{
    const auto found = items_.find(ticket);
    if (found == items_.end())
        return;
    item& one = found->second;
    if (one.at == state::running)
        stop(one);
    else if (one.at == state::waiting)
        take_out(one);
    group& of = *one.of;
    items_.erase(found);
    show(of);
    --of.members;
    drop_if_empty(of);
}

COKINO_DECL void download_schedule::set_aside(download_ticket ticket) noexcept
{
    const auto found = items_.find(ticket);
    if (found == items_.end() || found->second.at != state::running)
        return;
    stop(found->second);
    found->second.at = state::aside;
    show(*found->second.of);
}

COKINO_DECL void download_schedule::bring_back(download_ticket ticket) noexcept
{
    const auto found = items_.find(ticket);
    if (found == items_.end() || found->second.at != state::aside)
        return;
    enter(found->second, found->second.key.assumed ? assumed : known);
    show(*found->second.of);
}

COKINO_DECL void download_schedule::set_bytes(download_ticket ticket, std::uint64_t bytes) noexcept
{
    const auto found = items_.find(ticket);
    if (found == items_.end())
        return;
    item& one = found->second;
    const auto now_charged = charge(bytes);
    if (one.at == state::running)
        bytes_ = bytes_ - one.bytes + now_charged;
    one.bytes = now_charged;
}

COKINO_DECL void download_schedule::set_deadline(download_ticket ticket,
                                                 std::optional<calendar_time> deadline,
                                                 calendar_time now) noexcept
{
    const auto found = items_.find(ticket);
    if (found == items_.end() || found->second.at != state::aside)
        return;
    schedule_key& key = found->second.key;
    if (!deadline && key.assumed)
        return; // it goes on from its arrival
    key.at = deadline.value_or(now + caps_.fallback);
    key.assumed = !deadline;
}

// ---- the decision -----------------------------------------------------------------------------

// Only those at the head of a line that could start are looked at: each of them is moved once.
COKINO_DECL void download_schedule::sort_out_late(calendar_time now) noexcept
{
    const auto& ready = ready_[known];
    while (!ready.empty() && ready.begin()->first.at < now) {
        item& one = items_.find(ready.begin()->first.arrival)->second;
        take_out(one);
        enter(one, late);
        show(*one.of);
    }
}

COKINO_DECL schedule_action download_schedule::next(calendar_time now) noexcept
{
    using kind = schedule_action::kind;
    schedule_action todo;
    if (waiting_ == 0)
        return todo;
    if (running_ >= caps_.running_max) {
        todo.what = kind::wait_slot;
        return todo;
    }
    sort_out_late(now);
    const schedule_key* first = nullptr;
    for (const auto which : {known, assumed})
        if (!ready_[which].empty() && (!first || ready_[which].begin()->first < *first))
            first = &ready_[which].begin()->first;
    if (!ready_[late].empty() && (!first || starts_while_late_ + 1 >= caps_.late_every))
        return start(ready_[late].begin()->first, true);
    if (first)
        return start(*first, false);
    todo.what = kind::wait_origin;
    return todo;
}

// The key is one of an index, which changes below.
COKINO_DECL schedule_action download_schedule::start(const schedule_key& key, bool is_late) noexcept
{
    item& one = items_.find(key.arrival)->second;
    schedule_action todo;
    todo.ticket = key.arrival;
    todo.late = is_late;
    if (one.bytes > caps_.bytes_max - std::min(bytes_, caps_.bytes_max)) {
        todo.what = schedule_action::kind::wait_bytes;
        return todo;
    }
    starts_while_late_ = is_late || ready_[late].empty() ? 0 : starts_while_late_ + 1;
    take_out(one);
    one.at = state::running;
    ++running_;
    ++one.of->running;
    bytes_ += one.bytes;
    show(*one.of);
    todo.what = schedule_action::kind::start;
    return todo;
}

COKINO_DECL bool download_schedule::is_running(download_ticket ticket) const noexcept
{
    const auto found = items_.find(ticket);
    return found != items_.end() && found->second.at == state::running;
}

COKINO_DECL std::size_t download_schedule::running_from(std::string_view origin) const noexcept
{
    const auto found = groups_.find(origin);
    return found == groups_.end() ? 0 : found->second.running;
}

} // namespace cokino::detail
