// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Which waiting download starts next. A link that dies while others are fetched costs a renewal, or
// the clip; so those whose links die first go first, as far as the caps allow. Pure: wishes in, one
// action out, `now` is said each time, no sockets and no clock.
//
// The rules, in the order in which they are asked:
// 1. No more than running_max at once, and per_origin_max from one origin. An origin at its cap
//    holds back its own downloads only.
// 2. Of the rest, the earliest deadline first. Without a known deadline, `fallback` after arrival
//    stands for it; at equal instants the known one goes first, then the one that came first. So
//    one without a deadline yields to links that die sooner, but to none for ever.
// 3. Whose deadline has passed is late: it is probably dead already, and starting it at once would
//    only make others late too. So the late start when nothing else may, earliest deadline first
//    (if it is our clock that is wrong, that is still the right order), and besides every
//    `late_every`th start is theirs, so that an endless stream of the others does not starve them.
//    A deadline that was only assumed is never late.
// 4. The chosen one must fit beside the bytes in flight. If it does not, nothing starts until it
//    does: were small ones let past, a large one would never find room. One that is larger than the
//    cap counts as the whole of it, and so runs alone.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/limits.hpp>

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace cokino::detail {

using calendar_time = std::chrono::system_clock::time_point;

/// Names one download as long as the schedule knows it; 0 names none. Later arrivals have higher
/// numbers.
using download_ticket = std::uint64_t;

struct schedule_caps {
    std::size_t running_max = limits::downloads_running_max;
    std::size_t per_origin_max = limits::downloads_per_origin_max;
    std::uint64_t bytes_max = limits::download_bytes_in_flight_max;
    std::uint64_t bytes_unknown = limits::transfer_bytes_assumed; ///< Where no size is known.
    std::chrono::seconds fallback = limits::link_life_assumed;
    unsigned late_every = 16;
};

/// What is known of a download that wants to start.
struct schedule_wish {
    std::string origin;
    std::optional<calendar_time> deadline; ///< When it must have started.
    bool assumed = false;                  ///< That is a guess, and so never late.
    std::optional<std::uint64_t> bytes;    ///< That are still to come.
};

/// A download's place in the order.
struct schedule_key {
    calendar_time at{};
    bool assumed = false;
    download_ticket arrival = 0;

    friend auto operator<=>(const schedule_key&, const schedule_key&) = default;
};

struct schedule_action {
    enum class kind : unsigned char {
        start,       ///< `ticket` runs now.
        idle,        ///< Nothing waits.
        wait_slot,   ///< running_max run.
        wait_origin, ///< Those that wait are all from origins at their cap.
        wait_bytes   ///< `ticket` is next, but does not fit beside the bytes in flight yet.
    };
    kind what = kind::idle;
    download_ticket ticket = 0;
    bool late = false; ///< It starts past its deadline.
};

constexpr std::string_view name_of(schedule_action::kind k) noexcept
{
    switch (k) {
    case schedule_action::kind::start: return "start";
    case schedule_action::kind::idle: return "idle";
    case schedule_action::kind::wait_slot: return "wait_slot";
    case schedule_action::kind::wait_origin: return "wait_origin";
    case schedule_action::kind::wait_bytes: return "wait_bytes";
    }
    return "?";
}

/// Every call costs O(log n), where n is the number of downloads known; one that finds downloads
/// become late does that once for each of them. Memory is taken in add() alone, so that giving
/// back a slot cannot fail.
class download_schedule
{
public:
    explicit download_schedule(schedule_caps caps) : caps_(caps) {}
    download_schedule(const download_schedule&) = delete;
    download_schedule& operator=(const download_schedule&) = delete;

    /// A download wants to start.
    download_ticket add(schedule_wish wish, calendar_time now);

    /// What to do next. After `start` ask again: there may be room for another one.
    schedule_action next(calendar_time now) noexcept;

    /// One has ended, or gives up, wherever it stands: its slot is free, its place is gone.
    void leave(download_ticket ticket) noexcept;

    /// A running one cannot go on for now: its slot is free, but its place in the order is kept.
    void set_aside(download_ticket ticket) noexcept;
    /// It waits again, in its old place.
    void bring_back(download_ticket ticket) noexcept;

    /// More has become known of a running one: the bytes that are still to come.
    void set_bytes(download_ticket ticket, std::uint64_t bytes) noexcept;
    /// The link of one that was set aside has been renewed meanwhile; nothing: it does not say.
    void set_deadline(download_ticket ticket, std::optional<calendar_time> deadline,
                      calendar_time now) noexcept;

    /// The place of one that is known.
    schedule_key key_of(download_ticket ticket) const { return items_.at(ticket).key; }

    bool is_running(download_ticket ticket) const noexcept;
    std::size_t running() const noexcept { return running_; }
    std::size_t waiting() const noexcept { return waiting_; }
    std::size_t aside() const noexcept { return items_.size() - running_ - waiting_; }
    std::uint64_t bytes_in_flight() const noexcept { return bytes_; }
    std::size_t running_from(std::string_view origin) const noexcept;

private:
    using places = std::set<schedule_key>;
    struct group;
    using index = std::map<schedule_key, group*>;

    /// Where those that wait stand: deadlines that are known and can be met, those that were
    /// assumed, and those that have passed.
    enum line : unsigned char { known, assumed, late, lines };
    enum class state : unsigned char { waiting, running, aside };

    /// The downloads of one origin. In each index stands its first one, while it may start.
    struct group {
        std::size_t running = 0;
        std::size_t members = 0;
        places waiting[lines];
        index::node_type spare[lines]; // the node for the index, while it does not stand there
        std::optional<schedule_key> shown[lines];
        const std::string* name = nullptr; // its key in groups_
    };
    struct item {
        group* of = nullptr;
        schedule_key key;
        places::node_type place; // while it does not wait
        std::uint64_t bytes = 0; // as charged
        state at = state::waiting;
        line stands = known; // while it waits
    };

    std::uint64_t charge(std::optional<std::uint64_t> bytes) const noexcept;
    group& group_for(std::string origin);
    void drop_if_empty(group& of) noexcept;
    void show(group& of) noexcept;
    void show(group& of, line which) noexcept;
    void enter(item& one, line which) noexcept;
    void take_out(item& one) noexcept;
    void stop(item& one) noexcept;
    void sort_out_late(calendar_time now) noexcept;
    schedule_action start(const schedule_key& key, bool is_late) noexcept;

    schedule_caps caps_;
    std::map<download_ticket, item> items_;
    std::map<std::string, group, std::less<>> groups_;
    index ready_[lines];
    std::size_t running_ = 0;
    std::size_t waiting_ = 0;
    std::uint64_t bytes_ = 0;
    download_ticket last_ = 0;
    unsigned starts_while_late_ = 0;
};

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/download_schedule.ipp>
#endif
