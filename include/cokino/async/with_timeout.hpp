// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// An operation under a deadline. For a wait on an event or a semaphore alone, wait_until() and
// acquire_until() are cheaper.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/async/detail/task_group.hpp>
#include <cokino/async/time_source.hpp>
#include <cokino/core/result.hpp>

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <exception>
#include <type_traits>
#include <utility>

namespace cokino {

namespace detail {

template <class T> class timeout_run final : public task_group, public timer
{
public:
    timeout_run(awaitable<T> op, steady_time at, duration d) : op_(std::move(op)), at_(at), d_(d) {}
    ~timeout_run() { disarm(); }

    void start_all(const executor& ex)
    {
        time_ = &time_of(ex);
        time_->arm(*this, (std::min)(at_, later(time_->now(), d_)));
        start(ex, child_, run_child<T>(*this, child_, std::move(op_)));
    }

    void fire() override
    {
        expired_ = !was_cancelled();
        stop();
    }
    void child_done(task_node&) override { disarm(); }

    /// What the operation ended with; its end by our own cancellation is the deadline's doing. The
    /// failure keeps its facts and its fate.
    T finish()
    {
        check_started();
        if constexpr (std::is_same_v<T, result_for<T>>) {
            T r = child_.out.take_result();
            if (r.has_error() && blame_deadline(r.error()))
                return deadline_passed(r.error());
            return r;
        } else {
            try {
                if constexpr (std::is_void_v<T>)
                    child_.out.take();
                else
                    return child_.out.take();
            } catch (const boost::system::system_error&) {
                failure f = failure_or_rethrow(std::current_exception());
                if (blame_deadline(f))
                    throw error(deadline_passed(std::move(f)));
                throw;
            }
        }
    }

private:
    bool blame_deadline(const failure& f) const { return expired_ && f == errc::cancelled; }
    static failure deadline_passed(failure f) { return std::move(f.set(errc::deadline_passed)); }

    void disarm() noexcept
    {
        if (armed())
            time_->disarm(*this);
    }

    awaitable<T> op_;
    child<T> child_;
    steady_time at_;
    duration d_;
    time_source* time_ = nullptr;
    bool expired_ = false;
};

template <class T> awaitable<T> timeout_body(awaitable<T> op, steady_time at, duration d)
{
    timeout_run<T> run(std::move(op), at, d);
    co_await task_group::async_run(run, as_tuple_token);
    if constexpr (std::is_void_v<T>) {
        run.finish();
    } else {
        T value = run.finish();
        co_return value;
    }
}

} // namespace detail

/// Runs an operation for a time at most, which begins when this is awaited.
///
/// Effects: when the time is over the operation is cancelled (terminal) and awaited to its end.
/// Completes: when the operation has ended, and not before, so nothing it uses is left in use.
/// Failures: the operation's own; errc::deadline_passed instead of errc::cancelled when the time
///   was over. An operation that succeeds in spite of it has succeeded. If T is a result, the
///   failure is in it and nothing is thrown.
/// Cancellation: passed on to the operation with its type.
/// Cost: one coroutine of its own for the operation, and a timer.
template <class T> [[nodiscard]] awaitable<T> with_timeout(awaitable<T> op, duration time_max)
{
    return detail::timeout_body<T>(std::move(op), (steady_time::max)(), time_max);
}

/// The same with an instant on the steady clock. One in the past cancels the operation in its first
/// wait.
template <class T> [[nodiscard]] awaitable<T> with_deadline(awaitable<T> op, steady_time at)
{
    return detail::timeout_body<T>(std::move(op), at, (duration::max)());
}

} // namespace cokino
