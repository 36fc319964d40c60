// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Children that must end before their scope does. For background work whose number is not known
// beforehand; where it is, gather and for_each_limit say more.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/core/config.hpp>
#include <cokino/core/limits.hpp>
#include <cokino/core/named_first.hpp>
#include <cokino/core/result.hpp>

#include <boost/asio/cancellation_type.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace cokino {

/// A scope of child coroutines on one executor. One thread. with_task_scope() below joins on every
/// path by itself and is the form to prefer; this one is for objects that own background work.
///
/// Lifetimes: co_await join() before what the children refer to goes. A scope that is destroyed
/// with children running cancels them and does not wait; that is for the end of an io_context.
class task_scope
{
public:
    explicit task_scope(executor ex, std::size_t children_max = limits::waiters_max);
    task_scope(const task_scope&) = delete;
    task_scope& operator=(const task_scope&) = delete;
    ~task_scope();

    std::size_t running() const noexcept;

    /// Starts a child; it runs to its first wait before this returns, when called in the loop.
    /// Throws cokino::error (errc::limit_reached) when children_max run already.
    void spawn(awaitable<void> op);

    /// Signals all children that run now. Resumes none of them inside this call.
    void cancel(asio::cancellation_type type = asio::cancellation_type::terminal);

    /// Waits until no child runs, those spawned meanwhile included. The scope can be used again.
    ///
    /// Failures: the first failure of a child since the last join, errc::cancelled excepted; an
    ///   exception that is no failure comes before all of them. A failing child does not disturb
    ///   the others.
    /// Cancellation: passed on to the children, with its type; they are awaited all the same. A
    ///   caller that is cancelled already must switch throw_if_cancelled off to get here.
    [[nodiscard]] awaitable<void> join();

private:
    struct state;
    std::shared_ptr<state> state_;
};

namespace detail {

template <class Body>
using scope_body_result = typename std::invoke_result_t<Body&, task_scope&>::value_type;

template <class Body> awaitable<scope_body_result<Body>> scope_body(Body body)
{
    using value_type = scope_body_result<Body>;
    std::exception_ptr thrown;
    std::optional<std::conditional_t<std::is_void_v<value_type>, bool, value_type>> value;
    task_scope scope(co_await asio::this_coro::executor);
    try {
        awaitable<value_type> op = std::invoke(body, scope);
        if constexpr (std::is_void_v<value_type>) {
            co_await std::move(op);
        } else {
            value_type v = co_await std::move(op);
            value.emplace(std::move(v));
        }
    } catch (...) {
        thrown = std::current_exception();
    }
    const bool throwing = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (thrown || state.cancelled() != asio::cancellation_type::none)
        scope.cancel();
    try {
        co_await scope.join();
    } catch (...) {
        if (!thrown)
            thrown = std::current_exception();
    }
    co_await asio::this_coro::throw_if_cancelled(throwing);
    if (thrown)
        std::rethrow_exception(thrown);
    if constexpr (!std::is_void_v<value_type>)
        co_return std::move(*value);
}

} // namespace detail

/// Runs body(scope), a coroutine that may spawn children, and ends when all of them have ended:
/// scope exit for coroutines. The body is kept here, so a closure may be the coroutine; pass it by
/// name.
///
/// Completes: with the body's value, when the body and all children have ended.
/// Failures: what the body throws, after its children were cancelled (terminal) and have ended;
///   else a child's failure, as task_scope::join.
/// Cancellation: passed on to the body, or to the children once the body has ended.
template <class Body> [[nodiscard]] auto with_task_scope(Body&& body)
{
    name_it_first<Body>();
    return detail::scope_body<std::decay_t<Body>>(std::forward<Body>(body));
}

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/async/impl/task_scope.ipp>
#endif
