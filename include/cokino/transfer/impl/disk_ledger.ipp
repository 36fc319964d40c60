// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/detail/disk_ledger.hpp.
#pragma once

#include <cokino/transfer/detail/disk_ledger.hpp>

#include <utility>

namespace cokino::detail {

COKINO_DECL disk_ledger::entry* disk_ledger::find(download_ticket ticket) noexcept
{
    const auto found = entries_.find(ticket);
    return found == entries_.end() ? nullptr : &found->second;
}

// What is neither written on, nor reserved, nor to be left free.
COKINO_DECL std::uint64_t disk_ledger::room(const disk_state& on,
                                            std::uint64_t free_bytes) const noexcept
{
    for (const auto taken : {rules_.reserve, on.reserved})
        free_bytes = free_bytes > taken ? free_bytes - taken : 0;
    return free_bytes;
}

COKINO_DECL void disk_ledger::add(download_ticket ticket, disk_id disk)
{
    places maker;
    maker.emplace();
    disk_state& on = disks_[disk];
    entry one;
    one.disk = disk;
    one.of = &on;
    one.node = maker.extract(maker.begin());
    try {
        entries_.emplace(ticket, std::move(one));
    } catch (...) {
        if (on.members == 0)
            disks_.erase(disk);
        throw;
    }
    ++on.members;
}

COKINO_DECL void disk_ledger::set_aside(entry& one, const schedule_key& place, std::uint64_t need,
                                        time_point now) noexcept
{
    if (one.at == state::running)
        one.of->reserved -= one.need;
    one.at = state::aside;
    one.need = need;
    one.place = place;
    if (!one.held_since)
        one.held_since = now;
    one.node.value() = place;
    one.of->aside.insert(std::move(one.node));
}

COKINO_DECL void disk_ledger::come_back(entry& one) noexcept
{
    one.node = one.of->aside.extract(one.place);
    one.at = state::waiting;
}

COKINO_DECL bool disk_ledger::admit(const schedule_key& place, std::uint64_t need,
                                    std::uint64_t free_bytes, time_point now) noexcept
{
    entry* const one = find(place.arrival);
    if (!one)
        return true; // of no disk that is known
    disk_state& on = *one->of;
    const bool may = !on.blocked || on.probe == place.arrival;
    if (!may || need > room(on, free_bytes)) {
        if (on.probe == place.arrival)
            on.probe = 0;
        set_aside(*one, place, need, now);
        return false;
    }
    one->at = state::running;
    one->need = need;
    on.reserved += need;
    return true;
}

COKINO_DECL bool disk_ledger::revise(download_ticket ticket, std::uint64_t need,
                                     std::uint64_t free_bytes) noexcept
{
    entry* const one = find(ticket);
    if (!one || one->at != state::running)
        return true;
    one->of->reserved -= one->need;
    const bool fits = need <= room(*one->of, free_bytes);
    if (fits)
        one->need = need;
    one->of->reserved += one->need;
    return fits;
}

COKINO_DECL bool disk_ledger::written(download_ticket ticket, std::uint64_t need) noexcept
{
    entry* const one = find(ticket);
    if (!one || one->at != state::running)
        return false;
    disk_state& on = *one->of;
    on.reserved = on.reserved - one->need + need;
    one->need = need;
    one->held_since.reset();
    if (!on.blocked || on.probe != ticket)
        return false;
    on.blocked = false;
    on.probe = 0;
    return true;
}

COKINO_DECL void disk_ledger::lacks_room(const schedule_key& place, std::uint64_t need,
                                         time_point now) noexcept
{
    entry* const one = find(place.arrival);
    if (!one || one->at != state::running)
        return;
    if (one->of->probe == place.arrival)
        one->of->probe = 0;
    set_aside(*one, place, need, now);
}

COKINO_DECL void disk_ledger::found_full(const schedule_key& place, std::uint64_t need,
                                         time_point now) noexcept
{
    entry* const one = find(place.arrival);
    if (!one || one->at != state::running)
        return;
    one->of->blocked = true;
    lacks_room(place, need, now);
}

COKINO_DECL void disk_ledger::leave(download_ticket ticket) noexcept
{
    const auto found = entries_.find(ticket);
    if (found == entries_.end())
        return;
    entry& one = found->second;
    disk_state& on = *one.of;
    if (one.at == state::running)
        on.reserved -= one.need;
    else if (one.at == state::aside)
        come_back(one);
    if (on.probe == ticket)
        on.probe = 0;
    if (on.aside.empty() && on.probe == 0)
        on.blocked = false; // nobody is left to find out; the next to write will
    const disk_id disk = one.disk;
    entries_.erase(found);
    if (--on.members == 0)
        disks_.erase(disk);
}

COKINO_DECL disk_look disk_ledger::look(disk_id disk, std::uint64_t free_bytes, time_point now)
{
    disk_look seen;
    const auto found = disks_.find(disk);
    if (found == disks_.end())
        return seen;
    disk_state& on = found->second;
    seen.back.reserve(on.aside.size()); // whatever throws, throws before anybody has moved
    seen.given_up.reserve(on.aside.size());
    auto left = room(on, free_bytes);
    for (auto at = on.aside.begin(); at != on.aside.end();) {
        entry& one = *find(at->arrival);
        const auto ticket = at->arrival;
        ++at; // the entry may come back below
        const bool is_over = now - *one.held_since >= rules_.pause_max;
        // On a blocked disk the numbers are no reason to go on trying for ever.
        const bool may = !on.blocked || (on.probe == 0 && !is_over);
        if (may && one.need <= left) {
            seen.back.push_back(ticket);
            left -= one.need;
            if (on.blocked)
                on.probe = ticket;
            come_back(one);
        } else if (is_over) {
            seen.given_up.push_back(ticket);
        }
    }
    return seen;
}

COKINO_DECL bool disk_ledger::paused(disk_id disk) const noexcept
{
    const auto found = disks_.find(disk);
    return found != disks_.end() && (found->second.blocked || !found->second.aside.empty());
}

COKINO_DECL std::optional<download_ticket> disk_ledger::first_aside(disk_id disk) const noexcept
{
    const auto found = disks_.find(disk);
    if (found == disks_.end() || found->second.aside.empty())
        return std::nullopt;
    return found->second.aside.begin()->arrival;
}

COKINO_DECL std::uint64_t disk_ledger::reserved(disk_id disk) const noexcept
{
    const auto found = disks_.find(disk);
    return found == disks_.end() ? 0 : found->second.reserved;
}

COKINO_DECL std::uint64_t disk_ledger::need_of(download_ticket ticket) const noexcept
{
    const auto found = entries_.find(ticket);
    return found == entries_.end() ? 0 : found->second.need;
}

COKINO_DECL std::optional<disk_ledger::disk_id> disk_ledger::disk_of(
    download_ticket ticket) const noexcept
{
    const auto found = entries_.find(ticket);
    if (found == entries_.end())
        return std::nullopt;
    return found->second.disk;
}

} // namespace cokino::detail
