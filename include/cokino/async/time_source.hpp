// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The only door to "now" and to "wake me at". One time source belongs to each execution context
// (an io_context): the real one by default, a virtual one where a test installed it before first
// use (testing/virtual_time.hpp). All timers of a context share one heap and one system timer, so
// a waiting task costs an alarm, not a timer of its own.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/core/config.hpp>

#include <boost/asio/execution_context.hpp>

#include <chrono>
#include <cstddef>

namespace cokino {

using steady_time = std::chrono::steady_clock::time_point;
using system_time = std::chrono::system_clock::time_point;
using duration = std::chrono::steady_clock::duration;

/// Something to be woken. Intrusive: lives in its owner, must be disarmed before it dies (the
/// destructor asserts). fire() runs on the context's thread; it may arm and disarm alarms.
class alarm
{
public:
    alarm() = default;
    alarm(const alarm&) = delete;
    alarm& operator=(const alarm&) = delete;
    virtual void fire() = 0;

    bool armed() const noexcept { return index_ != npos; }
    steady_time at() const noexcept { return at_; }

protected:
    ~alarm() = default;

private:
    friend class alarm_heap;
    static constexpr std::size_t npos = static_cast<std::size_t>(-1);
    steady_time at_{};
    std::uint64_t order_ = 0; // equal times fire in the order of arming
    std::size_t index_ = npos;
};

/// Clock and alarms of one execution context. Not thread-safe: one context, one thread.
class time_source
{
public:
    virtual ~time_source() = default;
    virtual steady_time now() const noexcept = 0;
    /// Calendar time; only for instants that a remote named (expiry, signature stamps).
    virtual system_time system_now() const noexcept = 0;
    /// Arms (or re-arms) an alarm. A time in the past fires at the next turn of the loop.
    virtual void arm(alarm& a, steady_time at) = 0;
    /// After this the alarm does not fire. Harmless when it is not armed.
    virtual void disarm(alarm& a) noexcept = 0;
};

/// The time source of an executor's context; made (the real one) at first use.
COKINO_DECL time_source& time_of(const executor& ex);
COKINO_DECL time_source& time_of(asio::execution_context& context, const executor& ex);

/// Installs a time source for a context, before anything has asked for one. The caller keeps it
/// alive as long as the context. Throws std::logic_error when the context already has another.
COKINO_DECL void install_time_source(asio::execution_context& context, time_source& source);

} // namespace cokino

#include <cokino/async/detail/alarm_heap.hpp>

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/async/impl/time_source.ipp>
#endif
