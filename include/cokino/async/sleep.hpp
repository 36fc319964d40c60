// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Waiting for time to pass, on the time source of the awaiting coroutine's context. Nothing else
// waits for time in the library, save deadlines, which are timers.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/async/handler_op.hpp>
#include <cokino/async/time_source.hpp>
#include <cokino/core/result.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>

#include <tuple>
#include <utility>

namespace cokino {

namespace detail {

template <class Handler>
class sleep_op final : public timer, public handler_op<sleep_op<Handler>, Handler>
{
    using base = handler_op<sleep_op<Handler>, Handler>;

public:
    sleep_op(Handler&& handler, time_source& time) noexcept : base(std::move(handler)), time_(time)
    {}

    void fire() override { dispatch_completion(this->take_cleared(), error_code()); }
    void abandon() noexcept override { this->destroy(); }
    void cancel()
    {
        time_.disarm(*this);
        post_completion(this->take_cleared(), errc::cancelled);
    }

private:
    time_source& time_;
};

template <class Handler> struct cancel_sleep {
    explicit cancel_sleep(sleep_op<Handler>& o) noexcept : op(o) {}
    void operator()(asio::cancellation_type type) const
    {
        if (type != asio::cancellation_type::none)
            op.cancel();
    }
    sleep_op<Handler>& op;
};

template <class Handler> void start_sleep(time_source& time, steady_time at, Handler handler)
{
    auto& op = sleep_op<Handler>::make(std::move(handler), time);
    time.arm(op, at);
    if (auto slot = op.slot(); slot.is_connected())
        slot.template emplace<cancel_sleep<Handler>>(op);
}

struct initiate_sleep_until {
    template <class Handler> void operator()(Handler handler, steady_time at) const
    {
        const executor ex = asio::get_associated_executor(handler);
        start_sleep(time_of(ex), at, std::move(handler));
    }
};

struct initiate_sleep_for {
    template <class Handler> void operator()(Handler handler, duration d) const
    {
        const executor ex = asio::get_associated_executor(handler);
        time_source& time = time_of(ex);
        start_sleep(time, later(time.now(), d), std::move(handler));
    }
};

} // namespace detail

/// sleep_until with a completion token, of signature void(error_code). With as_tuple_token it needs
/// no coroutine frame and throws nothing: the form to use inside the library.
template <class Token> auto async_sleep_until(steady_time at, Token&& token)
{
    return asio::async_initiate<Token, void(error_code)>(detail::initiate_sleep_until(), token, at);
}

/// sleep_for with a completion token; the time runs from the initiation.
template <class Token> auto async_sleep_for(duration d, Token&& token)
{
    return asio::async_initiate<Token, void(error_code)>(detail::initiate_sleep_for(), token, d);
}

/// Waits until a time on the steady clock. A time in the past still yields to the loop once.
///
/// Failures: errc::cancelled.
/// Cancellation: terminal, partial and total, at once.
/// Cost: one small block and a place in the context's heap; no system timer of its own.
[[nodiscard]] inline awaitable<void> sleep_until(steady_time at)
{
    const auto slept = co_await async_sleep_until(at, as_tuple_token);
    detail::throw_if(std::get<0>(slept));
}

/// Waits for a time that begins when this is awaited. Otherwise as sleep_until.
[[nodiscard]] inline awaitable<void> sleep_for(duration d)
{
    const auto slept = co_await async_sleep_for(d, as_tuple_token);
    detail::throw_if(std::get<0>(slept));
}

} // namespace cokino
