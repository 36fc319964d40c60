// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// All of several operations, run at once, each with its own result. For many, or a list that is
// longer than should run at once, see for_each_limit.
#pragma once

#include <cokino/async/as_result.hpp>
#include <cokino/async/awaitable.hpp>
#include <cokino/async/detail/task_group.hpp>

#include <cstddef>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

namespace cokino {

namespace detail {

// An exception that is no failure is a bug: the rest is stopped, and it is thrown on.
class gather_group : public task_group
{
public:
    void child_done(task_node& node) override
    {
        if (node.threw_no_failure) {
            bug_ = true;
            stop();
        }
    }

protected:
    ~gather_group() = default;

    template <class T> void start_one(const executor& ex, child<T>& c, awaitable<T> op)
    {
        if (!bug_)
            start(ex, c, run_child<T>(*this, c, std::move(op)));
    }

    bool bug_ = false;
};

template <class... T> class tuple_gather final : public gather_group
{
public:
    using value_type = std::tuple<result_for<T>...>;

    explicit tuple_gather(awaitable<T>... ops) : ops_(std::move(ops)...) {}

    void start_all(const executor& ex) { start_each(ex, std::index_sequence_for<T...>()); }

    value_type finish()
    {
        check_started();
        std::apply([](auto&... c) { (throw_bug(c), ...); }, children_);
        return std::apply([](auto&... c) { return value_type(c.out.take_result()...); }, children_);
    }

private:
    template <class C> static void throw_bug(C& c)
    {
        if (c.threw_no_failure)
            static_cast<void>(c.out.take());
    }

    template <std::size_t... I> void start_each(const executor& ex, std::index_sequence<I...>)
    {
        (start_one(ex, std::get<I>(children_), std::move(std::get<I>(ops_))), ...);
    }

    std::tuple<awaitable<T>...> ops_;
    std::tuple<child<T>...> children_;
};

template <class T> class vector_gather final : public gather_group
{
public:
    explicit vector_gather(std::vector<awaitable<T>> ops)
        : ops_(std::move(ops)), children_(std::make_unique<child<T>[]>(ops_.size()))
    {}

    void start_all(const executor& ex)
    {
        for (std::size_t i = 0; i < ops_.size(); ++i)
            start_one(ex, children_[i], std::move(ops_[i]));
    }

    std::vector<result_for<T>> finish()
    {
        check_started();
        std::vector<result_for<T>> results;
        results.reserve(ops_.size());
        for (std::size_t i = 0; i < ops_.size(); ++i) {
            if (children_[i].threw_no_failure)
                static_cast<void>(children_[i].out.take());
        }
        for (std::size_t i = 0; i < ops_.size(); ++i)
            results.push_back(children_[i].out.take_result());
        return results;
    }

private:
    std::vector<awaitable<T>> ops_;
    std::unique_ptr<child<T>[]> children_;
};

template <class... T> awaitable<std::tuple<result_for<T>...>> gather_body(awaitable<T>... ops)
{
    tuple_gather<T...> run(std::move(ops)...);
    co_await task_group::async_run(run, as_tuple_token);
    co_return run.finish();
}

template <class T>
awaitable<std::vector<result_for<T>>> gather_vector_body(std::vector<awaitable<T>> ops)
{
    vector_gather<T> run(std::move(ops));
    co_await task_group::async_run(run, as_tuple_token);
    co_return run.finish();
}

} // namespace detail

/// Runs operations at once and gives all their results, in the order of the arguments.
///
/// Completes: when all have ended. The failure of one does not disturb the others.
/// Failures: none of its own. An exception that is no failure cancels the others and is thrown.
/// Cancellation: passed on to all, with its type; each says in its result how it ended.
/// Cost: one coroutine for each operation.
template <class... T>
    requires(sizeof...(T) > 0)
[[nodiscard]] awaitable<std::tuple<result_for<T>...>> gather(awaitable<T>... ops)
{
    return detail::gather_body<T...>(std::move(ops)...);
}

/// The same for any number of like operations; none gives an empty vector.
template <class T>
[[nodiscard]] awaitable<std::vector<result_for<T>>> gather(std::vector<awaitable<T>> ops)
{
    return detail::gather_vector_body<T>(std::move(ops));
}

} // namespace cokino
