// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Gathering: every result, in order, whatever the others do.

#include <cokino/async/gather.hpp>
#include <cokino/async/sleep.hpp>

#include "support/async_test.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace gather_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;

struct clip { // neither default-constructible nor copyable
    explicit clip(int n) : number(std::make_unique<int>(n)) {}
    std::unique_ptr<int> number;
};

awaitable<clip> render(duration d, int n)
{
    co_await sleep_for(d);
    co_return clip(n);
}

awaitable<int> at_once(int n) { co_return n; }

awaitable<int> fail_after(duration d, errc e)
{
    co_await sleep_for(d);
    throw error(failure(e));
}

awaitable<result<int>> as_it_is(int n)
{
    co_await sleep_for(1s);
    if (n < 0)
        co_return failure(errc::content_refused);
    co_return n;
}

awaitable<void> bug(duration d)
{
    co_await sleep_for(d);
    throw std::logic_error("a bug");
}

TEST_CASE("all results come in the order of the arguments, when the last has ended")
{
    virtual_test t;
    auto s = t.start(gather(render(5s, 1), sleep_for(9s), at_once(3)));
    t.finish(s);
    const auto all = s.get();
    CHECK(*std::get<0>(all)->number == 1);
    CHECK(std::get<1>(all).has_value());
    CHECK(std::get<2>(all).value() == 3);
    CHECK(s.took() == 9s);
}

TEST_CASE("members that have ended already are gathered like the others")
{
    virtual_test t;
    std::vector<awaitable<int>> ops;
    for (int i = 0; i < 100; ++i)
        ops.push_back(at_once(i));
    auto s = t.start(gather(std::move(ops)));
    t.finish(s);
    const auto all = s.get();
    REQUIRE(all.size() == 100);
    bool in_order = true;
    for (std::size_t i = 0; i < all.size(); ++i)
        in_order = in_order && all[i].value() == static_cast<int>(i);
    CHECK(in_order);
    CHECK(s.took() == 0s);
    auto none = t.start(gather(std::vector<awaitable<int>>()));
    t.finish(none);
    CHECK(none.get().empty());
}

TEST_CASE("the failure of one does not disturb the others")
{
    virtual_test t;
    auto s = t.start(gather(fail_after(1s, errc::host_fault), render(5s, 2)));
    t.finish(s);
    const auto all = s.get();
    CHECK(std::get<0>(all).error() == errc::host_fault);
    CHECK(*std::get<1>(all)->number == 2);
    CHECK(s.took() == 5s);
}

TEST_CASE("each member failing in turn is told apart from the others")
{
    for (std::size_t bad = 0; bad < 4; ++bad) {
        virtual_test t;
        std::vector<awaitable<int>> ops;
        for (std::size_t i = 0; i < 4; ++i) {
            const auto d = std::chrono::seconds(4 - i);
            ops.push_back(fail_after(d, i == bad ? errc::host_fault : errc::not_found));
        }
        auto s = t.start(gather(std::move(ops)));
        t.finish(s);
        const auto all = s.get();
        for (std::size_t i = 0; i < 4; ++i)
            CHECK(all[i].error() == (i == bad ? errc::host_fault : errc::not_found));
    }
}

TEST_CASE("members that give results are not wrapped twice")
{
    virtual_test t;
    auto s = t.start(gather(as_it_is(4), as_it_is(-1)));
    t.finish(s);
    const std::tuple<result<int>, result<int>> all = s.get();
    CHECK(std::get<0>(all).value() == 4);
    CHECK(std::get<1>(all).error() == errc::content_refused);
}

TEST_CASE("cancelled before its start, no member is begun")
{
    virtual_test t;
    const auto r = t.cancelled_before_start(gather(sleep_for(1h), sleep_for(2h)));
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::cancelled);
    CHECK(t.time.timers_armed() == 0);
}

TEST_CASE("cancelled while it waits, finished members keep their values")
{
    virtual_test t;
    auto s = t.start(gather(at_once(7), render(1s, 8), sleep_for(1h)));
    s.cancel_after(1min);
    t.finish(s);
    const auto all = s.get();
    CHECK(std::get<0>(all).value() == 7);
    CHECK(*std::get<1>(all)->number == 8);
    CHECK(std::get<2>(all).error() == errc::cancelled);
    CHECK(s.took() == 1min);
}

TEST_CASE("an exception that is no failure cancels the others and is thrown when they have ended")
{
    virtual_test t;
    auto s = t.start(gather(sleep_for(1h), bug(2s)));
    t.finish(s);
    CHECK_THROWS_WITH_AS(s.get(), "a bug", std::logic_error);
    CHECK(s.took() == 2s);
    std::vector<awaitable<void>> ops;
    ops.push_back(sleep_for(1h));
    ops.push_back(bug(3s));
    auto v = t.start(gather(std::move(ops)));
    t.finish(v);
    CHECK_THROWS_WITH_AS(v.get(), "a bug", std::logic_error);
    CHECK(v.took() == 3s);
}

awaitable<int> pull(std::function<void()>& plug)
{
    plug();
    co_return 1;
}

TEST_CASE("a member that cancels the whole while the members start reaches those behind it")
{
    virtual_test t;
    std::function<void()> plug;
    auto s = t.start(gather(sleep_for(1h), pull(plug), sleep_for(2h)));
    plug = [&s] { s.cancel(); };
    t.finish(s);
    const auto all = s.get();
    CHECK(std::get<0>(all).error() == errc::cancelled);
    CHECK(std::get<1>(all).value() == 1);
    CHECK(std::get<2>(all).error() == errc::cancelled);
    CHECK(s.took() == 0s);
}

awaitable<void> hold(std::shared_ptr<int> counter)
{
    std::vector<awaitable<void>> ops;
    for (int i = 0; i < 10; ++i)
        ops.push_back(sleep_for(1h));
    co_await gather(std::move(ops));
    ++*counter;
}

TEST_CASE("a context destroyed in the middle destroys parent and members")
{
    const auto counter = std::make_shared<int>(0);
    {
        virtual_test t;
        asio::co_spawn(t.io, hold(counter), asio::detached);
        t.time.drain();
        CHECK(t.time.timers_armed() == 10);
    }
    CHECK(counter.use_count() == 1);
    CHECK(*counter == 0);
}

} // namespace gather_test
