// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Scopes: no child outlives the join, on any path.

#include <cokino/async/event.hpp>
#include <cokino/async/sleep.hpp>
#include <cokino/async/task_scope.hpp>

#include "support/async_test.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace task_scope_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;

// Notes its name when it has ended, with a mark when it was cancelled; takes a second to stop.
awaitable<void> note(std::string& log, char name, duration d)
{
    const auto r = co_await as_result(sleep_for(d));
    co_await asio::this_coro::throw_if_cancelled(false);
    if (!r)
        co_await sleep_for(1s);
    log += name;
    if (!r)
        log += '!';
}

awaitable<void> fail_after(duration d, errc e)
{
    co_await sleep_for(d);
    throw error(failure(e));
}

awaitable<void> bug_after(duration d)
{
    co_await sleep_for(d);
    throw std::logic_error("a bug");
}

TEST_CASE("join waits for all children, and those that they spawn")
{
    virtual_test t;
    task_scope scope(t.ex());
    std::string log;
    scope.spawn(note(log, 'a', 3s));
    scope.spawn(note(log, 'b', 1s));
    scope.spawn([](task_scope& s, std::string& l) -> awaitable<void> {
        co_await sleep_for(3s);
        s.spawn(note(l, 'c', 4s));
    }(scope, log));
    CHECK(scope.running() == 3);
    auto s = t.start(scope.join());
    t.finish(s);
    s.get();
    CHECK(log == "bac");
    CHECK(s.took() == 7s);
    CHECK(scope.running() == 0);
    CHECK(t.outcome(scope.join()).has_value()); // nothing left: at once
}

TEST_CASE("cancel signals the children that run, and join does not call that a failure")
{
    virtual_test t;
    task_scope scope(t.ex());
    std::string log;
    scope.spawn(note(log, 'a', 1h));
    scope.spawn(sleep_for(1h));
    t.time.drain();
    scope.cancel();
    CHECK(scope.running() == 2);
    scope.spawn(note(log, 'b', 2s)); // not concerned
    auto s = t.start(scope.join());
    t.finish(s);
    s.get();
    CHECK(log == "a!b");
    CHECK(s.took() == 2s);
}

TEST_CASE("join throws the first failure once, after all children have ended")
{
    virtual_test t;
    task_scope scope(t.ex());
    std::string log;
    scope.spawn(fail_after(2s, errc::host_fault));
    scope.spawn(fail_after(1s, errc::not_found));
    scope.spawn(note(log, 'a', 5s));
    auto s = t.start(scope.join());
    t.finish(s);
    CHECK(s.outcome().error() == errc::not_found);
    CHECK(log == "a");
    CHECK(t.outcome(scope.join()).has_value());
}

TEST_CASE("a child's bug comes before its siblings' failures")
{
    virtual_test t;
    task_scope scope(t.ex());
    scope.spawn(fail_after(1s, errc::host_fault));
    scope.spawn(bug_after(2s));
    auto s = t.start(scope.join());
    t.finish(s);
    CHECK_THROWS_WITH_AS(s.get(), "a bug", std::logic_error);
}

TEST_CASE("one child too many is refused, the others are not disturbed")
{
    virtual_test t;
    task_scope scope(t.ex(), 2);
    scope.spawn(sleep_for(1s));
    scope.spawn(sleep_for(1s));
    CHECK_THROWS_AS(scope.spawn(sleep_for(1s)), cokino::error);
    CHECK(scope.running() == 2);
    CHECK(t.outcome(scope.join()).has_value());
    scope.spawn(sleep_for(1s));
    CHECK(t.outcome(scope.join()).has_value());
}

TEST_CASE("a cancelled join passes the signal on and still waits")
{
    virtual_test t;
    task_scope scope(t.ex());
    std::string log;
    scope.spawn(note(log, 'a', 1h));
    auto s = t.start(scope.join());
    s.cancel_after(10s);
    t.finish(s);
    CHECK(log == "a!");
    CHECK(s.took() == 11s);
    CHECK(scope.running() == 0);
}

TEST_CASE("two may join")
{
    virtual_test t;
    task_scope scope(t.ex());
    scope.spawn(sleep_for(4s));
    auto a = t.start(scope.join());
    auto b = t.start(scope.join());
    t.finish(a);
    t.finish(b);
    CHECK(a.took() == 4s);
    CHECK(b.took() == 4s);
}

TEST_CASE("a scope destroyed with children running cancels them, and they may outlive it")
{
    virtual_test t;
    std::string log;
    std::optional<task_scope> scope(std::in_place, t.ex());
    scope->spawn(note(log, 'a', 1h));
    t.time.drain();
    scope.reset();
    CHECK(log.empty());
    t.time.run();
    CHECK(log == "a!");
}

awaitable<int> well_behaved(task_scope& scope, std::string& log)
{
    scope.spawn(note(log, 'a', 5s));
    co_await sleep_for(1s);
    log += 'x';
    co_return 7;
}

awaitable<int> throws_in_between(task_scope& scope, std::string& log)
{
    scope.spawn(note(log, 'a', 1h));
    co_await sleep_for(1s);
    throw error(failure(errc::disk_full));
}

awaitable<void> waits_long(task_scope& scope, std::string& log)
{
    scope.spawn(note(log, 'a', 1h));
    co_await sleep_for(1h);
    log += 'x';
}

awaitable<void> leaves_early(task_scope& scope, std::string& log)
{
    scope.spawn(note(log, 'a', 1h));
    co_return;
}

TEST_CASE("with_task_scope gives the body's value when its children have ended")
{
    virtual_test t;
    std::string log;
    auto body = [&log](task_scope& scope) { return well_behaved(scope, log); };
    auto s = t.start(with_task_scope(body));
    t.finish(s);
    CHECK(s.get() == 7);
    CHECK(log == "xa");
    CHECK(s.took() == 5s);
}

TEST_CASE("with_task_scope cancels and awaits the children when the body throws")
{
    virtual_test t;
    std::string log;
    auto body = [&log](task_scope& scope) { return throws_in_between(scope, log); };
    auto s = t.start(with_task_scope(body));
    t.finish(s);
    CHECK(s.outcome().error() == errc::disk_full);
    CHECK(log == "a!");
    CHECK(s.took() == 2s);
}

TEST_CASE("with_task_scope leaves no child behind, whenever it is cancelled")
{
    std::string log;
    auto waiting = [&log](task_scope& scope) { return waits_long(scope, log); };
    auto leaving = [&log](task_scope& scope) { return leaves_early(scope, log); };
    {
        virtual_test t; // in the body
        auto s = t.start(with_task_scope(waiting));
        s.cancel_after(10s);
        t.finish(s);
        CHECK(s.outcome().error() == errc::cancelled);
        CHECK(std::exchange(log, "") == "a!");
        CHECK(s.took() == 11s);
    }
    {
        virtual_test t; // in the join
        auto s = t.start(with_task_scope(leaving));
        s.cancel_after(10s);
        t.finish(s);
        CHECK(std::exchange(log, "") == "a!");
        CHECK(s.took() == 11s);
    }
    {
        virtual_test t; // before its start
        const auto r = t.cancelled_before_start(with_task_scope(waiting));
        CHECK(r.error() == errc::cancelled);
        CHECK(log.empty());
    }
}

TEST_CASE("with_task_scope throws a child's failure when the body was well")
{
    virtual_test t;
    auto s = t.start(with_task_scope([](task_scope& scope) -> awaitable<int> {
        scope.spawn(fail_after(1s, errc::connection_lost));
        co_return 1;
    }));
    t.finish(s);
    CHECK(s.outcome().error() == errc::connection_lost);
}

awaitable<void> hold(std::shared_ptr<int> counter)
{
    task_scope scope(co_await asio::this_coro::executor);
    for (int i = 0; i < 5; ++i)
        scope.spawn(sleep_for(1h));
    co_await scope.join();
    ++*counter;
}

TEST_CASE("a context destroyed in the middle destroys scope and children, whoever goes first")
{
    const auto counter = std::make_shared<int>(0);
    {
        virtual_test t;
        asio::co_spawn(t.io, hold(counter), asio::detached);
        t.time.drain();
        CHECK(t.time.timers_armed() == 5);
    }
    CHECK(counter.use_count() == 1);
    {
        virtual_test t;
        std::string log;
        task_scope scope(t.ex()); // goes first, with a child that has not begun
        scope.spawn(note(log, 'a', 1h));
    }
    std::string log;
    std::optional<task_scope> late;
    {
        virtual_test t;
        late.emplace(t.ex());
        late->spawn(note(log, 'a', 1h));
        t.time.drain();
    }
    late.reset(); // after its context
    CHECK(log.empty());
    CHECK(*counter == 0);
}

} // namespace task_scope_test
