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

class alarm_heap;

/// Something to be woken. Intrusive: lives in its owner, must be disarmed before it dies (the
/// destructor asserts). fire() runs on the context's thread; it may arm and disarm alarms, and
/// may destroy the alarm.
class alarm
{
public:
    alarm() = default;
    alarm(const alarm&) = delete;
    alarm& operator=(const alarm&) = delete;
    virtual void fire() = 0;
    /// The context is being destroyed and the alarm will never fire; it is disarmed already. An
    /// alarm that owns itself (a pending operation) destroys itself here. Nothing may be resumed.
    virtual void abandon() noexcept {}

    bool armed() const noexcept { return index_ != npos; }
    steady_time at() const noexcept { return at_; }

protected:
    virtual ~alarm() { BOOST_ASSERT(!armed()); }

private:
    friend class alarm_heap;
    static constexpr std::size_t npos = static_cast<std::size_t>(-1);
    steady_time at_{};
    std::uint64_t order_ = 0; // equal times fire in the order of arming
    std::size_t index_ = npos;
};

} // namespace cokino
