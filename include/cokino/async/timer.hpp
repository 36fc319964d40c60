// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Something that a time source can wake. Only the waker's side: clocks and arming are in
// time_source.hpp.
#pragma once

#include <boost/assert.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace cokino {

using steady_time = std::chrono::steady_clock::time_point;
using duration = std::chrono::steady_clock::duration;

class timer_heap;

/// Something to be woken. Intrusive: lives in its owner, must be disarmed before it dies (the
/// destructor asserts). fire() runs on the context's thread; it may arm and disarm timers, and
/// may destroy the timer.
class timer
{
public:
    timer() = default;
    timer(const timer&) = delete;
    timer& operator=(const timer&) = delete;
    virtual void fire() = 0;
    /// The context is being destroyed and the timer will never fire; it is disarmed already. An
    /// timer that owns itself (a pending operation) destroys itself here. Nothing may be resumed.
    virtual void abandon() noexcept {}

    bool armed() const noexcept { return index_ != npos; }
    steady_time at() const noexcept { return at_; }

protected:
    virtual ~timer() { BOOST_ASSERT(!armed()); }

private:
    friend class timer_heap;
    static constexpr std::size_t npos = static_cast<std::size_t>(-1);
    steady_time at_{};
    std::uint64_t order_ = 0; // equal times fire in the order of arming
    std::size_t index_ = npos;
};

} // namespace cokino
