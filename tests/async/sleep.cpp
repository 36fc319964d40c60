// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Sleeping on virtual time, and its cancellation.

#include <cokino/async/sleep.hpp>

#include "support/async_test.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace sleep_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;

TEST_CASE("a sleep ends at its time and not before")
{
    virtual_test t;
    auto s = t.start(sleep_for(90min));
    t.finish(s);
    s.get();
    CHECK(s.took() == 90min);
}

TEST_CASE("the time of sleep_for runs from where it is awaited, not from where it was written")
{
    run_virtual([](virtual_test& t) -> awaitable<void> {
        auto nap = sleep_for(10s);
        co_await sleep_for(1h);
        const auto before = t.time.now();
        co_await std::move(nap);
        CHECK(t.time.now() - before == 10s);
    });
}

TEST_CASE("sleep_until a time in the past yields to the loop once and takes no time")
{
    run_virtual([](virtual_test& t) -> awaitable<void> {
        bool posted = false;
        asio::post(t.io, [&posted] { posted = true; });
        const auto before = t.time.now();
        co_await sleep_until(before - 1h);
        CHECK(posted);
        CHECK(t.time.now() == before);
    });
}

TEST_CASE("a sleep for ever can be cancelled, by each type the coroutine lets through")
{
    for (const auto type :
         {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total}) {
        virtual_test t;
        auto s = t.start([]() -> awaitable<void> {
            co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
            co_await sleep_for((duration::max)());
        }());
        s.cancel_after(3s, type);
        t.finish(s);
        const auto r = s.outcome();
        REQUIRE(r.has_error());
        CHECK(r.error() == errc::cancelled);
        CHECK(s.took() == 3s);
        CHECK(t.time.timers_armed() == 0);
    }
}

TEST_CASE("a type that the coroutine does not let through leaves the sleep alone")
{
    virtual_test t;
    auto s = t.start(sleep_for(10s));
    s.cancel_after(3s, cancellation_type::partial);
    t.finish(s);
    CHECK(s.outcome().has_value());
    CHECK(s.took() == 10s);
}

TEST_CASE("a sleep cancelled before its start takes no time and arms nothing")
{
    virtual_test t;
    const auto before = t.time.now();
    const auto r = t.cancelled_before_start(sleep_for(1h));
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::cancelled);
    CHECK(t.time.now() == before);
    CHECK(t.time.timers_armed() == 0);
}

TEST_CASE("cancelled in the same turn in which its time comes, a sleep ends once")
{
    virtual_test t;
    auto s = t.start(sleep_for(5s));
    s.cancel_after(5s); // armed before the sleep is: fires first
    t.finish(s);
    CHECK(s.outcome().has_error());
    CHECK(t.time.run() == cokino::testing::run_end::idle);
}

TEST_CASE("after a cancelled sleep, waiting goes on where throwing is switched off")
{
    virtual_test t;
    auto s = t.start([]() -> awaitable<std::string> {
        const auto first = co_await as_result(sleep_for(1h));
        co_await asio::this_coro::throw_if_cancelled(false);
        co_await sleep_for(2s); // the clean-up
        co_return first ? "slept" : std::string(name_of(errc(first.error().code().value())));
    }());
    s.cancel_after(1s);
    t.finish(s);
    CHECK(s.get() == "cancelled");
    CHECK(s.took() == 3s);
}

TEST_CASE("with as_tuple_token a sleep gives its code and throws nothing")
{
    run_virtual([](virtual_test& t) -> awaitable<void> {
        const auto before = t.time.now();
        const auto slept = co_await async_sleep_for(4s, as_tuple_token);
        CHECK_FALSE(std::get<0>(slept));
        co_await async_sleep_until(before + 6s, as_tuple_token);
        CHECK(t.time.now() - before == 6s);
    });
}

TEST_CASE("a thousand sleeps wake in the order of their times")
{
    virtual_test t;
    std::string order;
    struct note {
        static awaitable<void> at(virtual_test& test, std::string& log, int second)
        {
            co_await sleep_for(std::chrono::seconds(second));
            log.push_back(test.time.timers_armed() % 2 == 0 ? 'e' : 'o');
        }
    };
    for (int i = 0; i < 1000; ++i)
        asio::co_spawn(t.io, note::at(t, order, (i * 7919) % 1000), asio::detached);
    CHECK(t.time.run() == cokino::testing::run_end::idle);
    std::string expected;
    for (int i = 0; i < 500; ++i)
        expected += "oe";
    CHECK(order == expected);
}

awaitable<void> hold(std::shared_ptr<int> counter)
{
    co_await sleep_for(1h);
    ++*counter;
}

TEST_CASE("a context destroyed with sleepers destroys their frames")
{
    const auto counter = std::make_shared<int>(0);
    {
        virtual_test t;
        asio::co_spawn(t.io, hold(counter), asio::detached);
        t.time.drain();
        CHECK(counter.use_count() == 2);
    }
    CHECK(counter.use_count() == 1);
    {
        asio::io_context real{1};
        asio::co_spawn(real, hold(counter), asio::detached);
        real.poll();
        CHECK(counter.use_count() == 2);
    }
    CHECK(counter.use_count() == 1);
    CHECK(*counter == 0);
}

TEST_CASE("on the real clock a sleep lasts at least as long as asked")
{
    run_real([](real_test& t) -> awaitable<void> {
        const auto before = time_of(t.ex()).now();
        co_await sleep_for(3ms);
        CHECK(time_of(t.ex()).now() - before >= 3ms);
    });
}

} // namespace sleep_test
