// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Signals: who is woken, in which order, and what ends a wait otherwise.

#include <cokino/async/event.hpp>
#include <cokino/async/sleep.hpp>

#include "support/async_test.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace event_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;

template <class Event> awaitable<void> wait_and_note(Event& signal, std::string& log, char name)
{
    const auto r = co_await as_result(signal.wait());
    log += name;
    if (!r)
        log += '!';
}

TEST_CASE("set wakes every waiter in the order they came, none inside the call")
{
    virtual_test t;
    event ready;
    std::string log;
    for (const char name : {'a', 'b', 'c'})
        asio::co_spawn(t.io, wait_and_note(ready, log, name), asio::detached);
    t.time.drain();
    CHECK(ready.waiting() == 3);
    ready.set();
    CHECK(log.empty());
    CHECK(ready.waiting() == 0);
    t.time.drain();
    CHECK(log == "abc");
}

TEST_CASE("a set event lets everyone through until it is reset")
{
    virtual_test t;
    event ready;
    ready.set();
    CHECK(t.outcome(ready.wait()).has_value());
    CHECK(t.outcome(ready.wait()).has_value());
    ready.reset();
    CHECK_FALSE(ready.is_set());
    CHECK(t.cancelled_after(1s, ready.wait()).has_error());
}

TEST_CASE("set before the handler form waits is seen by it")
{
    run_virtual([](virtual_test&) -> awaitable<void> {
        event ready;
        ready.set();
        const auto waited = co_await ready.async_wait(as_tuple_token);
        CHECK_FALSE(std::get<0>(waited));
    });
}

TEST_CASE("an auto event wakes one waiter for each set, the first that came")
{
    virtual_test t;
    auto_event turn;
    std::string log;
    for (const char name : {'a', 'b', 'c'})
        asio::co_spawn(t.io, wait_and_note(turn, log, name), asio::detached);
    t.time.drain();
    turn.set();
    t.time.drain();
    CHECK(log == "a");
    turn.set();
    turn.set();
    t.time.drain();
    CHECK(log == "abc");
    CHECK_FALSE(turn.is_set());
}

TEST_CASE("an auto event set with nobody waiting lets exactly one through")
{
    virtual_test t;
    auto_event turn;
    turn.set();
    turn.set();
    CHECK(t.outcome(turn.wait()).has_value());
    const auto second = t.cancelled_after(1s, turn.wait());
    REQUIRE(second.has_error());
    CHECK(second.error() == errc::cancelled);
    turn.set();
    run_virtual([](virtual_test&) -> awaitable<void> {
        auto_event inner;
        inner.set();
        co_await inner.async_wait(as_tuple_token);
        CHECK_FALSE(inner.is_set());
    });
}

TEST_CASE("a wait can be cancelled before its start and while it waits")
{
    virtual_test t;
    event ready;
    const auto before = t.cancelled_before_start(ready.wait());
    REQUIRE(before.has_error());
    CHECK(before.error() == errc::cancelled);
    const auto later = t.cancelled_after(5s, ready.wait());
    REQUIRE(later.has_error());
    CHECK(later.error() == errc::cancelled);
    CHECK(ready.waiting() == 0);
}

TEST_CASE("partial and total end a wait where the coroutine lets them through")
{
    for (const auto type : {cancellation_type::partial, cancellation_type::total}) {
        virtual_test t;
        event ready;
        auto s = t.start([](event& e) -> awaitable<void> {
            co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
            co_await e.wait();
        }(ready));
        s.cancel_after(2s, type);
        t.finish(s);
        CHECK(s.outcome().has_error());
        CHECK(s.took() == 2s);
    }
}

TEST_CASE("a cancelled waiter leaves the others in their order")
{
    virtual_test t;
    auto_event turn;
    std::string log;
    auto a = t.start(wait_and_note(turn, log, 'a'));
    auto b = t.start(wait_and_note(turn, log, 'b'));
    auto c = t.start(wait_and_note(turn, log, 'c'));
    t.time.drain();
    b.cancel();
    t.time.drain();
    turn.set();
    turn.set();
    t.time.drain();
    CHECK(log == "b!ac");
    CHECK(c.done());
    CHECK(a.done());
}

TEST_CASE("wait_until ends with deadline_passed, or earlier when the event is set")
{
    virtual_test t;
    event ready;
    auto_event turn;
    const auto missed = t.outcome(ready.wait_until(t.time.now() + 10s));
    REQUIRE(missed.has_error());
    CHECK(missed.error() == errc::deadline_passed);
    CHECK(t.outcome(turn.wait_until(t.time.now() + 1s)).error() == errc::deadline_passed);
    CHECK(ready.waiting() + turn.waiting() == 0);

    auto s = t.start(ready.wait_until(t.time.now() + 10s));
    auto u = t.start(turn.wait_until(t.time.now() + 10s));
    t.time.run_for(3s);
    ready.set();
    turn.set();
    t.finish(s);
    t.finish(u);
    CHECK(s.outcome().has_value());
    CHECK(u.outcome().has_value());
    CHECK(s.took() == 3s);
    CHECK(t.time.timers_armed() == 0);
}

TEST_CASE("wait_until can be cancelled, and leaves no timer behind")
{
    virtual_test t;
    event ready;
    const auto r = t.cancelled_after(1s, ready.wait_until(t.time.now() + 1h));
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::cancelled);
    CHECK(t.time.timers_armed() == 0);
}

TEST_CASE("one waiter too many is refused, the others are not disturbed")
{
    virtual_test t;
    event ready(2);
    auto a = t.start(ready.wait());
    auto b = t.start(ready.wait());
    t.time.drain();
    const auto refused = t.outcome(ready.wait());
    REQUIRE(refused.has_error());
    CHECK(refused.error() == errc::limit_reached);
    ready.set();
    t.finish(a);
    t.finish(b);
    CHECK(a.outcome().has_value());
    CHECK(b.outcome().has_value());
}

TEST_CASE("an event destroyed while coroutines wait gives them errc::closed")
{
    virtual_test t;
    std::optional<event> ready(std::in_place);
    auto s = t.start(ready->wait());
    t.time.drain();
    ready.reset();
    t.finish(s);
    REQUIRE(s.outcome().has_error());
    CHECK(s.outcome().error() == errc::closed);
}

TEST_CASE("fail wakes the waiters with a failure and leaves the event unset")
{
    virtual_test t;
    event ready;
    auto s = t.start(ready.wait());
    t.time.drain();
    ready.fail(errc::connection_lost);
    t.finish(s);
    CHECK(s.outcome().error() == errc::connection_lost);
    CHECK_FALSE(ready.is_set());
}

awaitable<void> hold(std::shared_ptr<event> ready, std::shared_ptr<int> counter)
{
    co_await ready->wait();
    ++*counter;
}

TEST_CASE("a context destroyed with waiters destroys their frames, the event in the frame too")
{
    const auto counter = std::make_shared<int>(0);
    auto shared = std::make_shared<event>();
    const std::weak_ptr<event> seen = shared;
    {
        virtual_test t;
        for (int i = 0; i < 3; ++i)
            asio::co_spawn(t.io, hold(shared, counter), asio::detached);
        t.time.drain();
        shared.reset();
        CHECK_FALSE(seen.expired());
        CHECK(counter.use_count() == 4);
    }
    CHECK(seen.expired());
    CHECK(counter.use_count() == 1);
    CHECK(*counter == 0);
}

TEST_CASE("an event may outlive its context and serve another")
{
    event ready;
    {
        virtual_test t;
        asio::co_spawn(t.io, ready.wait(), asio::detached);
        t.time.drain();
        CHECK(ready.waiting() == 1);
    }
    CHECK(ready.waiting() == 0);
    virtual_test u;
    auto s = u.start(ready.wait());
    u.time.drain();
    ready.set();
    u.finish(s);
    CHECK(s.outcome().has_value());
}

} // namespace event_test
