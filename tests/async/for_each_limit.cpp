// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Many, but only so many at once.

#include <cokino/async/for_each_limit.hpp>
#include <cokino/async/sleep.hpp>

#include "support/async_test.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace for_each_limit_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;

struct tally {
    int now = 0;
    int most = 0;
    int begun = 0;
};

awaitable<int> work(tally& counts, int n)
{
    ++counts.begun;
    counts.most = std::max(counts.most, ++counts.now);
    const auto slept = co_await async_sleep_for(std::chrono::seconds(n % 7), as_tuple_token);
    --counts.now;
    if (std::get<0>(slept))
        throw error(failure(errc::cancelled));
    if (n == 13)
        throw error(failure(errc::content_refused));
    co_return n* n;
}

struct make_work {
    tally* counts;
    awaitable<int> operator()(int n) const { return work(*counts, n); }
};

std::vector<int> numbers(int count)
{
    std::vector<int> all;
    for (int i = 0; i < count; ++i)
        all.push_back(i);
    return all;
}

TEST_CASE("a hundred items, never more than five at once, results in the items' order")
{
    virtual_test t;
    tally counts;
    auto s = t.start(for_each_limit(numbers(100), 5, make_work{&counts}));
    t.finish(s);
    const auto all = s.get();
    REQUIRE(all.size() == 100);
    bool right = true;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i == 13)
            right = right && all[i].has_error() && all[i].error() == errc::content_refused;
        else
            right = right && all[i].has_value() && *all[i] == static_cast<int>(i * i);
    }
    CHECK(right);
    CHECK(counts.most == 5);
    CHECK(counts.now == 0);
    CHECK(t.time.timers_armed() == 0);
}

TEST_CASE("the next item begins as soon as one has ended, not batch by batch")
{
    virtual_test t;
    tally counts;
    const std::vector<int> items{6, 1, 1, 1, 1, 1}; // seconds
    auto s = t.start(for_each_limit(items, 2, make_work{&counts}));
    t.finish(s);
    CHECK(s.took() == 6s);
}

TEST_CASE("a limit above the number of items runs all at once, and no items give no results")
{
    virtual_test t;
    tally counts;
    auto all = t.start(for_each_limit(numbers(6), 1000, make_work{&counts}));
    t.finish(all);
    CHECK(all.get().size() == 6);
    CHECK(counts.most == 6);
    auto none = t.start(for_each_limit(numbers(0), 5, make_work{&counts}));
    t.finish(none);
    CHECK(none.get().empty());
}

TEST_CASE("a limit of nought is refused")
{
    virtual_test t;
    tally counts;
    const auto r = t.outcome(for_each_limit(numbers(3), 0, make_work{&counts}));
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::invalid_argument);
    CHECK(r.error().facts().field == "limit");
    CHECK(counts.begun == 0);
}

awaitable<std::unique_ptr<int>> take(std::unique_ptr<int>& item)
{
    co_await sleep_for(1s);
    co_return std::move(item);
}

awaitable<void> nothing(const std::string& item) // cokino-allow COROREF: lives in for_each_limit
{
    co_await sleep_for(1s);
    CHECK(item.size() > 20);
}

TEST_CASE("items may be move-only and of any container, and are kept until the end")
{
    virtual_test t;
    std::list<std::unique_ptr<int>> items;
    for (int i = 0; i < 4; ++i)
        items.push_back(std::make_unique<int>(i));
    auto s = t.start(for_each_limit(std::move(items), 3, take));
    t.finish(s);
    const auto all = s.get();
    CHECK(**all[3] == 3);
    auto u = t.start(for_each_limit(
        std::vector<std::string>(5, "a string that is longer than a small buffer"), 2, nothing));
    t.finish(u);
    CHECK(u.get().size() == 5);
}

TEST_CASE("items that end at once all run, without a turn of the loop for each")
{
    virtual_test t;
    auto s =
        t.start(for_each_limit(numbers(10'000), 3, [](int n) -> awaitable<int> { co_return n; }));
    t.finish(s);
    const auto all = s.get();
    CHECK(all.size() == 10'000);
    CHECK(all.back().value() == 9'999);
}

TEST_CASE("what make throws is that item's failure")
{
    virtual_test t;
    std::function<awaitable<int>(int)> make = [](int n) -> awaitable<int> {
        if (n == 1)
            throw error(failure(errc::missing_credential));
        return [](int m) -> awaitable<int> { co_return m; }(n);
    };
    auto s = t.start(for_each_limit(numbers(3), 1, make));
    t.finish(s);
    const auto all = s.get();
    CHECK(all[0].value() == 0);
    CHECK(all[1].error() == errc::missing_credential);
    CHECK(all[2].value() == 2);
}

TEST_CASE("cancelled before its start, nothing is begun")
{
    virtual_test t;
    tally counts;
    const auto r = t.cancelled_before_start(for_each_limit(numbers(3), 1, make_work{&counts}));
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::cancelled);
    CHECK(counts.begun == 0);
}

TEST_CASE("cancelled while it runs, the running are cancelled and no other is begun")
{
    virtual_test t;
    tally counts;
    const std::vector<int> items{1, 6, 6, 6, 6};
    auto s = t.start(for_each_limit(items, 2, make_work{&counts}));
    s.cancel_after(2s);
    t.finish(s);
    const auto all = s.get();
    REQUIRE(all.size() == 5);
    CHECK(all[0].value() == 1);
    for (std::size_t i = 1; i < 5; ++i)
        CHECK(all[i].error() == errc::cancelled);
    CHECK(counts.begun == 3);
    CHECK(counts.now == 0);
    CHECK(s.took() == 2s);
}

// Notes the types that reach it, and lets none stop it.
awaitable<int> stubborn(int)
{
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await async_sleep_for(10s, as_tuple_token);
    const auto state = co_await asio::this_coro::cancellation_state;
    co_return static_cast<int>(state.cancelled());
}

awaitable<std::vector<result<int>>> open_each()
{
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    co_return co_await for_each_limit(std::vector<int>(3), 1, stubborn);
}

TEST_CASE("partial and total reach the running item with their type, and stop the rest")
{
    for (const auto type : {cancellation_type::partial, cancellation_type::total}) {
        virtual_test t;
        auto s = t.start(open_each());
        s.cancel_after(15s, type);
        t.finish(s);
        const auto all = s.get();
        CHECK(all[0].value() == 0); // had ended before
        CHECK(all[1].value() == static_cast<int>(type));
        CHECK(all[2].error() == errc::cancelled);
    }
}

awaitable<int> changes_its_state(int n)
{
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await sleep_for(1s);
    co_return n;
}

TEST_CASE("an item that leaves its cancellation state changed does not shield the next one")
{
    virtual_test t;
    std::function<awaitable<int>(int)> make = [](int n) {
        return n == 0 ? changes_its_state(n) : stubborn(n);
    };
    auto s = t.start(for_each_limit(numbers(2), 1, make));
    s.cancel_after(5s);
    t.finish(s);
    const auto all = s.get();
    CHECK(all[1].value() == static_cast<int>(cancellation_type::terminal));
}

TEST_CASE("an exception that is no failure stops the whole and is thrown")
{
    virtual_test t;
    tally counts;
    std::function<awaitable<int>(int)> make = [&counts](int n) {
        if (n == 2)
            throw std::logic_error("a bug");
        return work(counts, 6);
    };
    auto s = t.start(for_each_limit(numbers(50), 3, make));
    t.finish(s);
    CHECK_THROWS_WITH_AS(s.get(), "a bug", std::logic_error);
    CHECK(counts.begun == 2);
    CHECK(counts.now == 0);
    CHECK(s.took() == 0s);
}

awaitable<void> hold(std::shared_ptr<int> counter)
{
    tally counts;
    const make_work make{&counts};
    co_await for_each_limit(std::vector<int>(10, 5), 4, make);
    ++*counter;
}

TEST_CASE("a context destroyed in the middle destroys parent and workers")
{
    const auto counter = std::make_shared<int>(0);
    {
        virtual_test t;
        asio::co_spawn(t.io, hold(counter), asio::detached);
        t.time.drain();
        CHECK(t.time.timers_armed() == 4);
    }
    CHECK(counter.use_count() == 1);
    CHECK(*counter == 0);
}

} // namespace for_each_limit_test
