// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The only door to "now" and to "wake me at". One time source belongs to each execution context
// (an io_context): the real one by default, a virtual one where a test installed it before first
// use (testing/virtual_time.hpp). All timers of a context share one heap and one system timer, so
// a waiting task costs a place in the heap, and no timer of the system's.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/async/timer.hpp>
#include <cokino/core/config.hpp>

#include <boost/asio/execution_context.hpp>

#include <chrono>

namespace cokino {

using system_time = std::chrono::system_clock::time_point;

/// Clock and timers of one execution context. Not thread-safe: one context, one thread.
class time_source
{
public:
    virtual ~time_source() = default;
    virtual steady_time now() const noexcept = 0;
    /// Calendar time; only for instants that a remote named (expiry, signature stamps).
    virtual system_time system_now() const noexcept = 0;
    /// Arms (or re-arms) a timer. A time in the past fires at the next turn of the loop. An armed
    /// timer keeps the loop running, as a pending operation does.
    virtual void arm(timer& t, steady_time at) = 0;
    /// After this the timer does not fire. Harmless when it is not armed.
    virtual void disarm(timer& t) noexcept = 0;
    /// Whether time passes by itself, so that other threads may take part in what happens.
    virtual bool is_real() const noexcept { return false; }
};

/// now + d, kept within what a steady_time can hold: a wait "for ever" does not wrap to the past.
constexpr steady_time later(steady_time now, duration d) noexcept
{
    if (d > duration::zero() && now > (steady_time::max)() - d)
        return (steady_time::max)();
    if (d < duration::zero() && now < (steady_time::min)() - d)
        return (steady_time::min)();
    return now + d;
}

/// The time source of an executor's context; made (the real one) at first use.
COKINO_DECL time_source& time_of(const executor& ex);
COKINO_DECL time_source& time_of(asio::execution_context& context, const executor& ex);

/// Installs a time source for a context, before anything has asked for one. The caller keeps it
/// alive as long as the context. Throws std::logic_error when the context already has another.
COKINO_DECL void install_time_source(asio::execution_context& context, time_source& source);

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/async/impl/time_source.ipp>
#endif
