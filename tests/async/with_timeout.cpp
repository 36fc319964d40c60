// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Deadlines: what the operation ends with, when, and what the caller's own cancellation does.

#include <cokino/async/event.hpp>
#include <cokino/async/sleep.hpp>
#include <cokino/async/with_timeout.hpp>

#include "support/async_test.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace with_timeout_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;

// Not default-constructible, not copyable.
struct clip {
    explicit clip(int n) : number(std::make_unique<int>(n)) {}
    std::unique_ptr<int> number;
};

awaitable<clip> render(duration d, int n)
{
    co_await sleep_for(d);
    co_return clip(n);
}

awaitable<result<int>> render_result(duration d, int n)
{
    const auto slept = co_await async_sleep_for(d, as_tuple_token);
    if (std::get<0>(slept)) {
        failure f(errc::cancelled, fate::maybe_sent);
        f.edit().job = "job-7";
        co_return f;
    }
    co_return n;
}

awaitable<int> at_once(int n) { co_return n; }
awaitable<int> bug()
{
    throw std::logic_error("a bug");
    co_return 0;
}
awaitable<int> refuse()
{
    throw error(failure(errc::unauthorised));
    co_return 0;
}

// Sleeps through its cancellation by so much.
awaitable<std::string> slow_to_stop(duration work, duration clean_up, std::string& log)
{
    const auto r = co_await as_result(sleep_for(work));
    co_await asio::this_coro::throw_if_cancelled(false);
    if (r)
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await sleep_for(clean_up);
    log += "clean";
    if (!r)
        throw error(r.error());
    co_return "done";
}

TEST_CASE("an operation that ends in time gives its value, at its own time")
{
    virtual_test t;
    auto s = t.start(with_timeout(render(3s, 7), 10s));
    t.finish(s);
    CHECK(*s.get().number == 7);
    CHECK(s.took() == 3s);
    CHECK(t.time.timers_armed() == 0);
}

TEST_CASE("void operations and operations that end at once work under a timeout")
{
    virtual_test t;
    CHECK(t.outcome(with_timeout(sleep_for(1s), 2s)).has_value());
    CHECK(t.outcome(with_timeout(at_once(5), 2s)).value() == 5);
    CHECK(t.outcome(with_timeout(at_once(6), 0s)).value() == 6);
    CHECK(t.time.timers_armed() == 0);
}

TEST_CASE("when the time is over the operation is cancelled and the failure is deadline_passed")
{
    virtual_test t;
    auto s = t.start(with_timeout(render(1h, 1), 10min));
    t.finish(s);
    const auto r = s.outcome();
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::deadline_passed);
    CHECK(s.took() == 10min);
    auto u = t.start(with_deadline(sleep_for(1h), t.time.now() + 20s));
    t.finish(u);
    CHECK(u.outcome().error() == errc::deadline_passed);
    CHECK(u.took() == 20s);
}

TEST_CASE("a deadline in the past lets the operation begin and cancels its first wait")
{
    virtual_test t;
    auto s = t.start(with_deadline(sleep_for(1h), t.time.now() - 1s));
    t.finish(s);
    CHECK(s.outcome().error() == errc::deadline_passed);
    CHECK(s.took() == 0s);
}

TEST_CASE("the operation is awaited to its end, however long its clean-up takes")
{
    virtual_test t;
    std::string log;
    auto s = t.start(with_timeout(slow_to_stop(1h, 30s, log), 10s));
    t.finish(s);
    CHECK(s.outcome().error() == errc::deadline_passed);
    CHECK(s.took() == 40s);
    CHECK(log == "clean");
}

TEST_CASE("an operation that succeeds in its clean-up has succeeded")
{
    virtual_test t;
    std::string log;
    auto s = t.start(with_timeout(slow_to_stop(5s, 30s, log), 10s));
    t.finish(s);
    CHECK(s.get() == "done");
    CHECK(s.took() == 35s);
}

TEST_CASE("a result is given as a result, and a passed deadline keeps its facts and its fate")
{
    virtual_test t;
    const auto good = t.outcome(with_timeout(render_result(1s, 4), 10s));
    CHECK(good.value() == 4);
    auto s = t.start(with_timeout(render_result(1h, 4), 10s));
    t.finish(s);
    const result<int> r = s.get(); // nothing was thrown
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::deadline_passed);
    CHECK(r.error().sent() == fate::maybe_sent);
    CHECK(r.error().facts().job == "job-7");
}

TEST_CASE("other failures and bugs pass through unchanged")
{
    virtual_test t;
    CHECK(t.outcome(with_timeout(refuse(), 10s)).error() == errc::unauthorised);
    auto s = t.start(with_timeout(bug(), 10s));
    t.finish(s);
    CHECK_THROWS_WITH_AS(s.get(), "a bug", std::logic_error);
}

TEST_CASE("cancelled before its start, the operation is never begun")
{
    virtual_test t;
    std::string log;
    const auto r = t.cancelled_before_start(with_timeout(slow_to_stop(1s, 1s, log), 10s));
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::cancelled);
    CHECK(log.empty());
    CHECK(t.time.timers_armed() == 0);
}

TEST_CASE("the caller's cancellation is the operation's, and stays errc::cancelled")
{
    virtual_test t;
    std::string log;
    auto s = t.start(with_timeout(slow_to_stop(1h, 30s, log), 10s));
    s.cancel_after(4s);
    t.finish(s);
    CHECK(s.outcome().error() == errc::cancelled); // though the deadline passed in the clean-up
    CHECK(s.took() == 34s);
    CHECK(log == "clean");
}

awaitable<int> note_type()
{
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await async_sleep_for(1h, as_tuple_token);
    const auto state = co_await asio::this_coro::cancellation_state;
    co_return static_cast<int>(state.cancelled());
}

awaitable<int> through_a_timeout(bool open)
{
    if (open)
        co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    co_return co_await with_timeout(note_type(), 10h);
}

TEST_CASE("a cancellation keeps its type on the way in, where the caller lets it through")
{
    for (const auto type :
         {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total}) {
        virtual_test t;
        auto s = t.start(through_a_timeout(true));
        s.cancel_after(1min, type);
        t.finish(s);
        CHECK(s.get() == static_cast<int>(type));
        CHECK(s.took() == 1min);
    }
    virtual_test t;
    auto s = t.start(through_a_timeout(false));
    s.cancel_after(1min, cancellation_type::total);
    t.finish(s);
    CHECK(s.get() == 0);
    CHECK(s.took() == 1h);
}

TEST_CASE("timeouts nest: the inner and the outer each blame their own deadline")
{
    virtual_test t;
    auto inner = t.start(with_timeout(with_timeout(sleep_for(1h), 5s), 10s));
    t.finish(inner);
    CHECK(inner.took() == 5s);
    CHECK(inner.outcome().error() == errc::deadline_passed);
    auto outer = t.start(with_timeout(with_timeout(sleep_for(1h), 10s), 5s));
    t.finish(outer);
    CHECK(outer.took() == 5s);
    CHECK(outer.outcome().error() == errc::deadline_passed);
}

awaitable<void> two_in_a_row(virtual_test& t)
{
    const auto first = co_await as_result(with_timeout(sleep_for(1h), 5s));
    CHECK(first.error() == errc::deadline_passed);
    const auto before = t.time.now();
    co_await sleep_for(2s); // the caller was never cancelled
    CHECK(t.time.now() - before == 2s);
}

TEST_CASE("a passed deadline leaves the caller uncancelled") { run_virtual(two_in_a_row); }

awaitable<void> hold(std::shared_ptr<int> counter)
{
    co_await with_timeout(with_timeout(sleep_for(1h), 2h), 3h);
    ++*counter;
}

TEST_CASE("a context destroyed in the middle destroys parent and operation")
{
    const auto counter = std::make_shared<int>(0);
    {
        virtual_test t;
        asio::co_spawn(t.io, hold(counter), asio::detached);
        t.time.drain();
        CHECK(counter.use_count() == 2);
        CHECK(t.time.timers_armed() == 3);
    }
    CHECK(counter.use_count() == 1);
    CHECK(*counter == 0);
}

TEST_CASE("an operation started whose parent has just begun can be cancelled at once")
{
    virtual_test t;
    event never;
    auto s = t.start(with_timeout(never.wait(), 1h));
    t.io.restart();
    t.io.poll_one(); // the parent is under way
    s.cancel();
    t.finish(s);
    CHECK(s.outcome().error() == errc::cancelled);
    CHECK(s.took() == 0s);
}

} // namespace with_timeout_test
