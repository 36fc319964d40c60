// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The first of several operations to end, by success or failure. To wait for the first success
// among several is another thing (pipeline/best_of); to bound one operation's time, there is
// with_timeout.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/async/detail/task_group.hpp>
#include <cokino/core/result.hpp>

#include <cstddef>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace cokino {

/// Which of a vector's operations ended first, and what it gave.
template <class T> struct raced {
    raced(std::size_t i, T v) : index(i), value(std::move(v)) {}
    std::size_t index;
    T value;
};
template <> struct raced<void> {
    explicit raced(std::size_t i) : index(i) {}
    std::size_t index;
};

namespace detail {

class race_group : public task_group
{
public:
    void child_done(task_node& node) override
    {
        if (first_ != nullptr)
            return;
        first_ = &node;
        stop();
    }

protected:
    ~race_group() = default;

    // A race may be won while its members are being started; the rest is then left alone.
    template <class T> void start_one(const executor& ex, child<T>& c, awaitable<T> op)
    {
        if (first_ == nullptr)
            start(ex, c, run_child<T>(*this, c, std::move(op)));
    }

    task_node* first_ = nullptr;
};

template <class... T> class tuple_race final : public race_group
{
public:
    using value_type = std::variant<value_of<T>...>;

    explicit tuple_race(awaitable<T>... ops) : ops_(std::move(ops)...) {}

    void start_all(const executor& ex) { start_each(ex, std::index_sequence_for<T...>()); }

    value_type finish()
    {
        check_started();
        return finish_from<0>();
    }

private:
    template <std::size_t... I> void start_each(const executor& ex, std::index_sequence<I...>)
    {
        (start_one(ex, std::get<I>(children_), std::move(std::get<I>(ops_))), ...);
    }

    template <std::size_t I> value_type finish_from()
    {
        if constexpr (I + 1 < sizeof...(T)) {
            if (first_ != &std::get<I>(children_))
                return finish_from<I + 1>();
        }
        return value_type(std::in_place_index<I>, std::get<I>(children_).out.take());
    }

    std::tuple<awaitable<T>...> ops_;
    std::tuple<child<T>...> children_;
};

template <class T> class vector_race final : public race_group
{
public:
    explicit vector_race(std::vector<awaitable<T>> ops)
        : ops_(std::move(ops)), children_(std::make_unique<child<T>[]>(ops_.size()))
    {}

    void start_all(const executor& ex)
    {
        for (std::size_t i = 0; i < ops_.size(); ++i)
            start_one(ex, children_[i], std::move(ops_[i]));
    }

    raced<T> finish()
    {
        check_started();
        auto* const first = static_cast<child<T>*>(first_);
        const auto index = static_cast<std::size_t>(first - children_.get());
        if constexpr (std::is_void_v<T>) {
            first->out.take();
            return raced<void>(index);
        } else {
            return raced<T>(index, first->out.take());
        }
    }

private:
    std::vector<awaitable<T>> ops_;
    std::unique_ptr<child<T>[]> children_;
};

template <class... T> awaitable<std::variant<value_of<T>...>> race_body(awaitable<T>... ops)
{
    tuple_race<T...> run(std::move(ops)...);
    co_await task_group::async_run(run, as_tuple_token);
    co_return run.finish();
}

template <class T> awaitable<raced<T>> race_vector_body(std::vector<awaitable<T>> ops)
{
    if (ops.empty())
        throw error(invalid("ops", "a race needs at least one operation"));
    vector_race<T> run(std::move(ops));
    co_await task_group::async_run(run, as_tuple_token);
    co_return run.finish();
}

} // namespace detail

/// Runs operations at once and takes the first that ends; void counts as std::monostate.
///
/// Effects: the others are cancelled (terminal) and awaited. What they give is dropped, so that two
///   submits are no thing to race: the loser's may have been bought. They start in the order of the
///   arguments; once one has ended, no further one is begun.
/// Completes: when all have ended, with the variant's index saying which was first.
/// Failures: what the first one threw. Operations that give a result never make this throw.
/// Cancellation: passed on to all, with its type.
/// Cost: one coroutine for each operation.
template <class... T>
    requires(sizeof...(T) > 0)
[[nodiscard]] awaitable<std::variant<detail::value_of<T>...>> race(awaitable<T>... ops)
{
    return detail::race_body<T...>(std::move(ops)...);
}

/// The same for any number of like operations. Failures: also errc::invalid_argument for none.
template <class T> [[nodiscard]] awaitable<raced<T>> race(std::vector<awaitable<T>> ops)
{
    return detail::race_vector_body<T>(std::move(ops));
}

} // namespace cokino
