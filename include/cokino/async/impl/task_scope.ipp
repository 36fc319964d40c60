// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The scope's children and their first failure. Included by task_scope.hpp or async/src.hpp.
#pragma once

#include <cokino/async/detail/task_group.hpp>
#include <cokino/async/task_scope.hpp>

#include <exception>
#include <utility>

namespace cokino {

/// Shared with the children, since their frames may be destroyed after the scope.
struct task_scope::state final : detail::task_group {
    state(executor e, std::size_t max) : ex(std::move(e)), children_max(max) {}

    void child_done(detail::task_node& node) override
    {
        const auto& thrown = static_cast<detail::child<void>&>(node).out.exception();
        if (!thrown)
            return;
        if (node.threw_no_failure) {
            if (!bug)
                bug = thrown;
        } else if (!failed && failure_of(thrown) != errc::cancelled) {
            failed = thrown;
        }
    }

    /// The exception to throw from join(), once.
    std::exception_ptr take_exception() noexcept
    {
        const std::exception_ptr first = bug ? bug : failed;
        bug = failed = nullptr;
        return first;
    }

    executor ex;
    std::size_t children_max;
    std::exception_ptr failed;
    std::exception_ptr bug;
};

namespace detail {

/// A child with its scope's state, both kept until co_spawn has let go of them.
template <class State> struct scope_child final : child<void> {
    explicit scope_child(std::shared_ptr<State> s) noexcept : state(std::move(s)) {}
    std::shared_ptr<State> state;
};

} // namespace detail

COKINO_DECL task_scope::task_scope(executor ex, std::size_t children_max)
    : state_(std::make_shared<state>(std::move(ex), children_max))
{}

COKINO_DECL task_scope::~task_scope() { cancel(); }

COKINO_DECL std::size_t task_scope::running() const noexcept { return state_->running(); }

COKINO_DECL void task_scope::spawn(awaitable<void> op)
{
    if (state_->running() >= state_->children_max)
        throw error(failure(errc::limit_reached));
    auto node = std::make_shared<detail::scope_child<state>>(state_);
    auto& self = *node;
    state_->start(state_->ex, self, detail::run_child<void>(*state_, self, std::move(op)),
                  std::move(node));
}

COKINO_DECL void task_scope::cancel(asio::cancellation_type type)
{
    const auto keep = state_;
    keep->cancel(type);
}

COKINO_DECL awaitable<void> task_scope::join()
{
    const auto keep = state_;
    while (keep->running() != 0) {
        // A child may cancel the very coroutine that joins; the wait itself must not throw then.
        const bool throwing = co_await asio::this_coro::throw_if_cancelled();
        co_await asio::this_coro::throw_if_cancelled(false);
        co_await keep->async_join(as_tuple_token);
        co_await asio::this_coro::throw_if_cancelled(throwing);
    }
    if (const auto thrown = keep->take_exception())
        std::rethrow_exception(thrown);
}

} // namespace cokino
