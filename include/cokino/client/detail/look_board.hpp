// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Who looks next, and who rides along. A host that tells of many jobs in one answer
// (provider_traits::status_batch_max) is asked for those whose look is due together with those
// whose look falls due soon: what costs a call is the asking, not the number of ids in it.
//
// Pure: it keeps an order and makes a choice, with an explicit `now`; it arms no timer and sends
// nothing. A wait takes part through the link that it holds anyhow, so that it needs no further
// memory: a wait whose look is due stands in a queue, one whose look is yet to come in a hashed
// timing wheel (Varghese and Lauck, 1987).
#pragma once

#include <boost/assert.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace cokino::detail {

/// A place in a ring. Whoever stands in one can leave it without knowing whose it is.
class ring_link
{
public:
    ring_link() = default;
    ring_link(const ring_link&) = delete;
    ring_link& operator=(const ring_link&) = delete;

    bool linked() const noexcept { return next_ != nullptr; }
    void unlink() noexcept
    {
        if (!linked())
            return;
        previous_->next_ = next_;
        next_->previous_ = previous_;
        next_ = previous_ = nullptr;
    }

protected:
    ~ring_link() = default;

private:
    template <class Wait> friend class wait_ring;
    ring_link* next_ = nullptr;
    ring_link* previous_ = nullptr;
};

/// A ring of waits, first in, first out. Does not own them.
template <class Wait> class wait_ring : private ring_link
{
public:
    wait_ring() noexcept { next_ = previous_ = this; }
    // Whoever is left must not point here any more.
    ~wait_ring()
    {
        while (Wait* const w = first())
            static_cast<ring_link*>(w)->unlink();
    }

    Wait* first() const noexcept { return at(next_); }
    /// The one behind `w`, or null.
    Wait* after(const Wait& w) const noexcept { return at(static_cast<const ring_link&>(w).next_); }
    void push_back(Wait& w) noexcept
    {
        ring_link& link = w;
        BOOST_ASSERT(!link.linked());
        link.previous_ = previous_;
        link.next_ = this;
        previous_->next_ = &link;
        previous_ = &link;
    }

private:
    Wait* at(ring_link* link) const noexcept
    {
        return link == this ? nullptr : static_cast<Wait*>(link);
    }
};

/// The waits of one client, by their next look. `Wait` derives from ring_link and tells
///   due()         when its next look is due,
///   joins_from()  from when on it may be made in a call that is made anyhow,
///   joins()       whether it may share a call at all.
/// None of them may change while the wait stands here and has a look to come.
template <class Wait> class look_board
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// One slot of the wheel; and the wheel once round, beyond which looks of different times
    /// share a slot and are told apart by their time alone.
    static constexpr std::chrono::milliseconds slot{250};
    static constexpr std::size_t slots = 1024;
    /// How much later than due a timer may be and its wait is still found here. One that is later
    /// is about to ring by itself.
    static constexpr std::chrono::seconds late_max{2};
    /// Waits that are looked at and turned down, for each place, before a call leaves with fewer.
    static constexpr std::size_t refusals_max = 4;

    /// The look is due, and waits for its turn.
    void queue(Wait& w) noexcept
    {
        w.unlink();
        due_.push_back(w);
    }

    /// The look is to come, at w.due(), and may ride along with an earlier one.
    void expect(Wait& w)
    {
        if (!wheel_)
            wheel_ = std::make_unique<wheel>();
        w.unlink();
        (*wheel_)[index_of(tick_of(w.due()))].push_back(w);
    }

    /// It has no look to come: one is under way, or the wait is over. Harmless at any time.
    static void leave(Wait& w) noexcept { w.unlink(); }

    /// The first whose look is due, taken out; null when there is none.
    Wait* take_due() noexcept
    {
        Wait* const w = due_.first();
        if (w)
            w->unlink();
        return w;
    }

    bool any_due() const noexcept { return due_.first() != nullptr; }

    /// Fills the free places of a call that is made now. First those whose look is due as well, in
    /// their order; then those that may look early, by slots, the earliest first. `early_max` is
    /// the most by which joins_from() comes before due(). `fits(w)` says whether w can be asked for
    /// in this call; `take(w)` is told of each that rides along, which stands here no more. Neither
    /// may touch the board. Gives how many ride along.
    ///
    /// Cost — a slot of the wheel for each 250 ms of early_max + late_max, and at most refusals_max
    /// waits turned down for each place, however many wait.
    template <class Fits, class Take>
    std::size_t board(time_point now, std::size_t places, std::chrono::milliseconds early_max,
                      const Fits& fits, const Take& take)
    {
        search s{places, places * refusals_max};
        scan(due_, s, fits, take);
        if (!wheel_)
            return places - s.places;
        auto const last = tick_of(now + early_max);
        for (auto tick = tick_of(now - late_max); tick <= last && s.goes_on(); ++tick) {
            auto const may_ride = [&](const Wait& w) {
                return tick_of(w.due()) == tick && w.joins_from() <= now && fits(w);
            };
            scan((*wheel_)[index_of(tick)], s, may_ride, take);
        }
        return places - s.places;
    }

private:
    using wheel = std::array<wait_ring<Wait>, slots>;

    struct search {
        std::size_t places, refusals;
        bool goes_on() const noexcept { return places != 0 && refusals != 0; }
    };

    template <class Fits, class Take>
    static void scan(wait_ring<Wait>& ring, search& s, const Fits& fits, const Take& take)
    {
        for (Wait* w = ring.first(); w && s.goes_on();) {
            Wait* const next = ring.after(*w);
            if (w->joins() && fits(*w)) {
                w->unlink();
                --s.places;
                take(*w);
            } else {
                --s.refusals;
            }
            w = next;
        }
    }

    static std::int64_t tick_of(time_point t) noexcept
    {
        return std::chrono::floor<std::chrono::milliseconds>(t.time_since_epoch()) / slot;
    }
    static std::size_t index_of(std::int64_t tick) noexcept
    {
        return static_cast<std::size_t>(tick) % slots;
    }

    wait_ring<Wait> due_;
    std::unique_ptr<wheel> wheel_; // 16 KiB, only where looks are joined
};

} // namespace cokino::detail
