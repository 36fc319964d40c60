// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A binary heap of armed timers: the earliest on top, equal times in the order of arming. It holds
// pointers only; each timer knows its place, so that taking one out is O(log n) without a search.
// For those who write a time source; everybody else arms timers through time_source.hpp.
#pragma once

#include <cokino/async/timer.hpp>

#include <boost/assert.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cokino {

/// The timers of one time source. Does not own them.
class timer_heap
{
public:
    timer_heap() = default;
    timer_heap(const timer_heap&) = delete;
    timer_heap& operator=(const timer_heap&) = delete;

    bool empty() const noexcept { return heap_.empty(); }
    std::size_t size() const noexcept { return heap_.size(); }
    timer& top() const noexcept { return *heap_.front(); }
    steady_time top_time() const noexcept { return heap_.front()->at_; }
    std::uint64_t top_order() const noexcept { return heap_.front()->order_; }

    /// Every timer armed from now on has an order of at least this.
    std::uint64_t next_order() const noexcept { return next_order_; }

    /// Arms a timer, or moves an armed one to another time (and behind its equals there).
    void push(timer& a, steady_time at)
    {
        if (a.armed()) {
            a.at_ = at;
            a.order_ = next_order_++;
            sift_down(sift_up(a.index_));
            return;
        }
        heap_.push_back(&a); // may throw; nothing has changed then
        a.at_ = at;
        a.order_ = next_order_++;
        a.index_ = heap_.size() - 1;
        sift_up(a.index_);
    }

    void erase(timer& a) noexcept
    {
        BOOST_ASSERT(a.armed() && heap_[a.index_] == &a);
        const std::size_t hole = a.index_;
        timer* const last = heap_.back();
        heap_.pop_back();
        a.index_ = timer::npos;
        if (last == &a)
            return;
        put(hole, last);
        sift_down(sift_up(hole));
    }

    /// Takes the earliest out.
    timer& pop() noexcept
    {
        timer& first = *heap_.front();
        erase(first);
        return first;
    }

private:
    static bool before(const timer* a, const timer* b) noexcept
    {
        return a->at_ != b->at_ ? a->at_ < b->at_ : a->order_ < b->order_;
    }

    void put(std::size_t index, timer* a) noexcept
    {
        heap_[index] = a;
        a->index_ = index;
    }

    std::size_t sift_up(std::size_t index) noexcept
    {
        timer* const a = heap_[index];
        while (index > 0) {
            const std::size_t parent = (index - 1) / 2;
            if (!before(a, heap_[parent]))
                break;
            put(index, heap_[parent]);
            index = parent;
        }
        put(index, a);
        return index;
    }

    void sift_down(std::size_t index) noexcept
    {
        timer* const a = heap_[index];
        for (;;) {
            std::size_t child = 2 * index + 1;
            if (child >= heap_.size())
                break;
            if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child]))
                ++child;
            if (!before(heap_[child], a))
                break;
            put(index, heap_[child]);
            index = child;
        }
        put(index, a);
    }

    std::vector<timer*> heap_;
    std::uint64_t next_order_ = 0;
};

} // namespace cokino
