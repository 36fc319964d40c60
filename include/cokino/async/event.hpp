// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Signals between coroutines of one context: event stays set until it is reset and wakes all;
// auto_event wakes one waiter per set(). They carry no value: put that where both sides look.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/async/detail/waiter_list.hpp>
#include <cokino/async/time_source.hpp>
#include <cokino/core/limits.hpp>
#include <cokino/core/result.hpp>

#include <boost/asio/async_result.hpp>

#include <cstddef>
#include <tuple>
#include <utility>

namespace cokino {

namespace detail {

/// What both kinds share: the flag, the waiters and their bound.
class event_base
{
public:
    event_base(const event_base&) = delete;
    event_base& operator=(const event_base&) = delete;

    bool is_set() const noexcept { return set_; }
    void reset() noexcept { set_ = false; }
    std::size_t waiting() const noexcept { return waiters_.size(); }

    /// Wakes all waiters with a failure, and leaves the event unset.
    void fail(errc e) { waiters_.complete_all(e); }

    /// wait() with a completion token, of signature void(error_code). With as_tuple_token it needs
    /// no coroutine frame and throws nothing.
    template <class Token> auto async_wait(Token&& token)
    {
        return asio::async_initiate<Token, void(error_code)>(initiate_wait{this}, token);
    }

    /// wait_until() with a completion token.
    template <class Token> auto async_wait_until(steady_time at, Token&& token)
    {
        return asio::async_initiate<Token, void(error_code)>(initiate_wait{this}, token, at);
    }

    /// Waits until the event is set; at once if it is.
    ///
    /// Failures: errc::cancelled; errc::closed (destroyed); errc::limit_reached (too many waiters).
    /// Cancellation: terminal, partial and total, at once.
    [[nodiscard]] awaitable<void> wait()
    {
        if (!pass()) {
            const auto waited = co_await async_wait(as_tuple_token);
            throw_if(std::get<0>(waited));
        }
    }

    /// The same until a time at most; then errc::deadline_passed. Cheaper than with_timeout.
    [[nodiscard]] awaitable<void> wait_until(steady_time at)
    {
        if (!pass()) {
            const auto waited = co_await async_wait_until(at, as_tuple_token);
            throw_if(std::get<0>(waited));
        }
    }

protected:
    event_base(std::size_t waiters_max, bool consumed) noexcept
        : waiters_max_(waiters_max), consumed_(consumed)
    {}
    ~event_base() = default;

    waiter_list waiters_;
    std::size_t waiters_max_;
    bool consumed_; // whether the one who passes takes the signal
    bool set_ = false;

private:
    struct initiate_wait {
        event_base* self;
        template <class Handler> void operator()(Handler handler) const
        {
            if (self->may_park(handler))
                park(self->waiters_, std::move(handler));
        }
        template <class Handler> void operator()(Handler handler, steady_time at) const
        {
            if (self->may_park(handler))
                park_until(self->waiters_, at, std::move(handler));
        }
    };

    bool pass() noexcept
    {
        const bool open = set_;
        if (open && consumed_)
            set_ = false;
        return open;
    }

    // Whether a wait is to be parked; else its handler has been completed, through the queue.
    template <class Handler> bool may_park(Handler& handler)
    {
        error_code ec;
        if (!pass()) {
            if (waiters_.size() < waiters_max_)
                return true;
            ec = errc::limit_reached;
        }
        post_completion(std::move(handler), ec);
        return false;
    }
};

} // namespace detail

/// A flag to wait for. set() wakes every waiter; it stays set until reset().
///
/// One thread. May be destroyed while coroutines wait: they get errc::closed.
class event : public detail::event_base
{
public:
    explicit event(std::size_t waiters_max = limits::waiters_max) noexcept
        : event_base(waiters_max, false)
    {}

    /// Wakes all waiters, in the order they came. Resumes none of them inside this call.
    void set()
    {
        set_ = true;
        waiters_.complete_all(error_code());
    }
};

/// A signal that one waiter consumes: set() wakes the first that waits, or else lets the next one
/// through. Two calls of set() with nobody waiting count once.
///
/// One thread. May be destroyed while coroutines wait: they get errc::closed. A waiter that set()
/// has woken and that is cancelled before it runs has consumed the signal.
class auto_event : public detail::event_base
{
public:
    explicit auto_event(std::size_t waiters_max = limits::waiters_max) noexcept
        : event_base(waiters_max, true)
    {}

    /// Wakes one waiter, the first that came. Does not resume it inside this call.
    void set()
    {
        if (waiters_.empty())
            set_ = true;
        else
            waiters_.front().complete(error_code());
    }
};

} // namespace cokino
