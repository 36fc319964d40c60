// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// One operation per item, so many at once: a hundred prompts, five at a time. The operations are
// made when their turn comes, since an awaitable that exists is memory already.
#pragma once

#include <cokino/async/as_result.hpp>
#include <cokino/async/awaitable.hpp>
#include <cokino/async/detail/task_group.hpp>
#include <cokino/core/named_first.hpp>

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace cokino {

namespace detail {

template <class T> struct awaited_impl;
template <class T> struct awaited_impl<awaitable<T>> {
    using type = T;
};

template <class Items> using item_of = decltype(*std::begin(std::declval<Items&>()));

/// What make(item) gives when it is awaited.
template <class Items, class Make>
using made_by = typename awaited_impl<std::invoke_result_t<Make&, item_of<Items>>>::type;

/// A few workers that take the next item each, so that the cost is per worker and not per item.
template <class Items, class Make> class limited_run final : public task_group
{
public:
    using value_type = made_by<Items, Make>;
    using result_type = result_for<value_type>;

    limited_run(Items items, std::size_t limit, Make make)
        : items_(std::move(items)), make_(std::move(make)), next_(std::begin(items_)),
          results_(static_cast<std::size_t>(std::distance(std::begin(items_), std::end(items_)))),
          workers_count_((std::min)(limit, results_.size())),
          workers_(std::make_unique<task_node[]>(workers_count_))
    {}

    void start_all(const executor& ex)
    {
        for (std::size_t i = 0; i < workers_count_; ++i)
            start(ex, workers_[i], work(*this, workers_[i]));
    }

    /// In the items' order; those that were never begun are errc::cancelled.
    std::vector<result_type> finish()
    {
        check_started();
        if (bug_)
            std::rethrow_exception(bug_);
        std::vector<result_type> all;
        all.reserve(results_.size());
        for (auto& r : results_) {
            if (r)
                all.push_back(std::move(*r));
            else
                all.emplace_back(failure(errc::cancelled));
        }
        return all;
    }

private:
    bool more() const { return index_ < results_.size() && !was_cancelled() && !bug_; }

    // cokino-allow COROREF: both live in the frame of limited_body, which waits for all workers
    static awaitable<void> work(limited_run& self, task_node& node)
    {
        while (self.more()) {
            const std::size_t index = self.index_++;
            auto item = self.next_++;
            // A fresh state for each item, whatever the last one did to it.
            co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
            co_await asio::this_coro::throw_if_cancelled(true);
            node.begin();
            outcome<value_type> out;
            bool bug = false;
            try {
                awaitable<value_type> op = std::invoke(self.make_, *item);
                if constexpr (std::is_void_v<value_type>) {
                    co_await std::move(op);
                    out.set_value({});
                } else {
                    value_type value = co_await std::move(op);
                    out.set_value(std::move(value));
                }
            } catch (const boost::system::system_error&) {
                out.set_exception(std::current_exception());
            } catch (...) {
                out.set_exception(std::current_exception());
                bug = true;
            }
            if (bug)
                self.stop_for(out);
            else
                self.results_[index].emplace(out.take_result());
        }
        node.end();
        co_await asio::this_coro::throw_if_cancelled(false);
    }

    void stop_for(outcome<value_type>& out) noexcept
    {
        if (!bug_)
            bug_ = out.exception();
        stop();
    }

    Items items_;
    Make make_;
    decltype(std::begin(std::declval<Items&>())) next_;
    std::vector<std::optional<result_type>> results_;
    std::size_t workers_count_;
    std::unique_ptr<task_node[]> workers_;
    std::size_t index_ = 0;
    std::exception_ptr bug_;
};

template <class Items, class Make>
awaitable<std::vector<result_for<made_by<Items, Make>>>> limited_body(Items items,
                                                                      std::size_t limit, Make make)
{
    if (limit == 0)
        throw error(invalid("limit", "0 at once would never end; at least 1"));
    limited_run<Items, Make> run(std::move(items), limit, std::move(make));
    co_await task_group::async_run(run, as_tuple_token);
    co_return run.finish();
}

} // namespace detail

/// Runs make(item) for each item, `limit` at a time, and gives the results in the items' order.
///
/// Requires: limit is at least 1. make(item) gives an awaitable; item is a reference to this
///   function's own copy, good until the whole has ended.
/// Lifetimes: items and make are kept here; pass a closure by name (std::ref to share it).
/// Completes: when all have ended. The failure of one does not disturb the others.
/// Failures: errc::invalid_argument for a limit of 0. What make throws counts as that item's
///   failure. An exception that is no failure stops the whole and is thrown.
/// Cancellation: no item is begun any more, and the running ones get the signal with its type; the
///   result of an item never begun is errc::cancelled.
/// Cost: one coroutine for each of `limit` workers, not for each item.
template <class Items, class Make>
[[nodiscard]] auto for_each_limit(Items&& items, std::size_t limit, Make&& make)
{
    name_it_first<Items, Make>();
    return detail::limited_body<std::decay_t<Items>, std::decay_t<Make>>(
        std::forward<Items>(items), limit, std::forward<Make>(make));
}

} // namespace cokino
