// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// So many at once: permits, handed out in the order in which they were asked for. It counts; how
// fast things may happen is a matter of policy/rate_limit.hpp.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/async/detail/waiter_list.hpp>
#include <cokino/async/time_source.hpp>
#include <cokino/core/limits.hpp>
#include <cokino/core/result.hpp>

#include <boost/asio/async_result.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

namespace cokino {

namespace detail {

/// Shared by a semaphore and its permits, so that a permit may outlive the semaphore: frames that
/// hold one are destroyed with the context, which is often later.
struct semaphore_state {
    std::size_t available = 0;
    std::size_t waiters_max = 0;
    bool closed = false;
    waiter_list waiters;

    bool try_take() noexcept
    {
        if (closed || available == 0 || !waiters.empty())
            return false;
        --available;
        return true;
    }
    void give_back()
    {
        if (waiters.empty())
            ++available;
        else
            waiters.front().complete(error_code());
    }
};

} // namespace detail

/// The right to be one of so many. Move-only; given back when it goes.
class permit
{
public:
    permit() = default;
    permit(permit&&) noexcept = default;
    permit& operator=(permit&& other) noexcept
    {
        if (this != &other) {
            release();
            state_ = std::move(other.state_);
        }
        return *this;
    }
    ~permit() { release(); }

    bool held() const noexcept { return state_ != nullptr; }
    /// Gives it back early. Harmless when nothing is held.
    void release() noexcept
    {
        if (const auto state = std::exchange(state_, nullptr))
            state->give_back();
    }

private:
    friend class semaphore;
    explicit permit(std::shared_ptr<detail::semaphore_state> s) noexcept : state_(std::move(s)) {}

    std::shared_ptr<detail::semaphore_state> state_;
};

/// A fair counting semaphore for the coroutines of one context. One thread.
class semaphore
{
public:
    explicit semaphore(std::size_t permits, std::size_t waiters_max = limits::waiters_max)
        : state_(std::make_shared<detail::semaphore_state>())
    {
        state_->available = permits;
        state_->waiters_max = waiters_max;
    }
    semaphore(const semaphore&) = delete;
    semaphore& operator=(const semaphore&) = delete;
    ~semaphore() { close(); }

    std::size_t available() const noexcept { return state_->available; }
    std::size_t waiting() const noexcept { return state_->waiters.size(); }

    /// A permit now or none. None too while others wait: nobody is overtaken.
    std::optional<permit> try_acquire()
    {
        if (!state_->try_take())
            return std::nullopt;
        return permit(state_);
    }

    /// Waits for a permit; at once if one is free and nobody waits.
    ///
    /// Lifetimes: the semaphore may go first; see Failures.
    /// Failures: errc::cancelled; errc::closed; errc::limit_reached (too many waiters).
    /// Cancellation: terminal, partial and total, at once; the place in the queue is given up. A
    ///   permit already handed over is received all the same, and given back when it goes.
    [[nodiscard]] awaitable<permit> acquire() { return acquire_body(state_); }

    /// The same until a time at most; then errc::deadline_passed.
    [[nodiscard]] awaitable<permit> acquire_until(steady_time at)
    {
        return acquire_until_body(state_, at);
    }

    /// No permit is handed out any more; those who wait get errc::closed.
    void close()
    {
        state_->closed = true;
        state_->waiters.complete_all(errc::closed);
    }

private:
    using state_ptr = std::shared_ptr<detail::semaphore_state>;

    struct initiate_wait {
        detail::semaphore_state* state;

        template <class Handler> void operator()(Handler handler) const
        {
            if (may_park(handler))
                detail::park(state->waiters, std::move(handler));
        }
        template <class Handler> void operator()(Handler handler, steady_time at) const
        {
            if (may_park(handler))
                detail::park_until(state->waiters, at, std::move(handler));
        }
        template <class Handler> bool may_park(Handler& handler) const
        {
            error_code ec;
            if (state->closed)
                ec = errc::closed;
            else if (state->waiters.size() >= state->waiters_max)
                ec = errc::limit_reached;
            else
                return true;
            detail::post_completion(std::move(handler), ec);
            return false;
        }
    };

    template <class... At> static auto wait(detail::semaphore_state* s, At... at)
    {
        return asio::async_initiate<decltype(as_tuple_token), void(error_code)>(
            initiate_wait{s}, as_tuple_token, at...);
    }

    static awaitable<permit> acquire_body(state_ptr s)
    {
        if (!s->try_take()) {
            const auto waited = co_await wait(s.get());
            detail::throw_if(std::get<0>(waited));
        }
        co_return permit(std::move(s));
    }

    static awaitable<permit> acquire_until_body(state_ptr s, steady_time at)
    {
        if (!s->try_take()) {
            const auto waited = co_await wait(s.get(), at);
            detail::throw_if(std::get<0>(waited));
        }
        co_return permit(std::move(s));
    }

    state_ptr state_;
};

} // namespace cokino
