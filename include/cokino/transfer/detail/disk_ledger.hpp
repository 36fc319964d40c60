// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Who may still write how much on which disk. Each download that looks at the free bytes by itself
// finds them all free; a dozen of them fill the disk together. So what each has still to write is
// reserved, and one that does not fit is set aside until it does. Pure: how much is free, and what
// time it is, is said each time.
//
// What a disk says of its free bytes need not hold (a quota, another program). When a write has
// failed for want of room, the disk is blocked: all that want to start there are set aside, and at
// each look one of them is let out to try. Bytes that get written end the block.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/limits.hpp>
#include <cokino/transfer/detail/download_schedule.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace cokino::detail {

struct disk_rules {
    std::uint64_t reserve = limits::disk_reserve_bytes;          ///< Left free on each disk.
    std::chrono::milliseconds pause_max{limits::disk_pause_max}; ///< For each download.
};

/// What a look at a disk leads to.
struct disk_look {
    std::vector<download_ticket> back;     ///< May try for a slot again, in the schedule's order.
    std::vector<download_ticket> given_up; ///< Were held back for pause_max. Still in the ledger.
};

/// Downloads are known by their place in the schedule: those whose links die first get room first.
class disk_ledger
{
public:
    using time_point = std::chrono::steady_clock::time_point;
    using disk_id = std::uint64_t;

    explicit disk_ledger(disk_rules rules) : rules_(rules) {}
    disk_ledger(const disk_ledger&) = delete;
    disk_ledger& operator=(const disk_ledger&) = delete;

    /// Makes a download known. Memory is taken here and in look() only.
    void add(download_ticket ticket, disk_id disk);

    /// It wants to start and to write `need` bytes: true, and they are reserved; or false, and it
    /// is set aside.
    bool admit(const schedule_key& place, std::uint64_t need, std::uint64_t free_bytes,
               time_point now) noexcept;

    /// A running one has learnt how much it has to write. False: that does not fit beside what the
    /// others have reserved; it should stop, and be set aside with lacks_room().
    bool revise(download_ticket ticket, std::uint64_t need, std::uint64_t free_bytes) noexcept;

    /// A running one has written, and has `need` bytes to go. True when that ended a block.
    bool written(download_ticket ticket, std::uint64_t need) noexcept;

    /// A running one stopped because revise() said no.
    void lacks_room(const schedule_key& place, std::uint64_t need, time_point now) noexcept;
    /// A running one stopped because a write failed: the disk is blocked.
    void found_full(const schedule_key& place, std::uint64_t need, time_point now) noexcept;

    /// It has ended, or gives up.
    void leave(download_ticket ticket) noexcept;

    /// Looks again whether those that were set aside fit.
    disk_look look(disk_id disk, std::uint64_t free_bytes, time_point now);

    /// Whether somebody is held back on that disk.
    bool paused(disk_id disk) const noexcept;
    /// The one that would be let out first; nothing when nobody was set aside.
    std::optional<download_ticket> first_aside(disk_id disk) const noexcept;
    std::uint64_t reserved(disk_id disk) const noexcept;
    std::uint64_t need_of(download_ticket ticket) const noexcept;
    std::optional<disk_id> disk_of(download_ticket ticket) const noexcept;

private:
    using places = std::set<schedule_key>;

    struct disk_state {
        std::uint64_t reserved = 0;
        std::size_t members = 0;
        places aside;
        bool blocked = false;
        download_ticket probe = 0; // the one that was let out on a blocked disk
    };
    enum class state : unsigned char { waiting, running, aside };
    struct entry {
        disk_id disk = 0;
        disk_state* of = nullptr;
        std::uint64_t need = 0;
        state at = state::waiting;
        schedule_key place;
        places::node_type node;               // while it is not aside
        std::optional<time_point> held_since; // until it gets something written
    };

    std::uint64_t room(const disk_state& on, std::uint64_t free_bytes) const noexcept;
    void set_aside(entry& one, const schedule_key& place, std::uint64_t need,
                   time_point now) noexcept;
    void come_back(entry& one) noexcept;
    entry* find(download_ticket ticket) noexcept;

    disk_rules rules_;
    std::map<download_ticket, entry> entries_;
    std::map<disk_id, disk_state> disks_;
};

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/disk_ledger.ipp>
#endif
