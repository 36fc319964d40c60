// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Races: who wins, what becomes of the others, and how failures and cancellation come out.

#include <cokino/async/race.hpp>
#include <cokino/async/sleep.hpp>

#include "support/async_test.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace race_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;

awaitable<std::unique_ptr<int>> number_after(duration d, int n)
{
    co_await sleep_for(d);
    co_return std::make_unique<int>(n);
}

awaitable<std::string> text_after(duration d, std::string text)
{
    co_await sleep_for(d);
    co_return text;
}

awaitable<int> at_once(int n) { co_return n; }

awaitable<int> fail_after(duration d, errc e)
{
    co_await sleep_for(d);
    throw error(failure(e));
}

awaitable<result<int>> result_after(duration d, errc e)
{
    co_await sleep_for(d);
    co_return failure(e);
}

// Notes in the log how it ended, and takes a while to stop.
awaitable<int> noting(std::string& log, duration work, duration clean_up)
{
    const auto r = co_await as_result(sleep_for(work));
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await sleep_for(clean_up);
    log += r ? 'd' : 'c';
    co_return 1;
}

TEST_CASE("the first to end wins, with its index and its value")
{
    virtual_test t;
    auto s = t.start(race(number_after(5s, 1), sleep_for(3s), text_after(2s, "won")));
    t.finish(s);
    const auto winner = s.get();
    REQUIRE(winner.index() == 2);
    CHECK(std::get<2>(winner) == "won");
    CHECK(s.took() == 2s);
    CHECK(t.time.timers_armed() == 0);
}

TEST_CASE("void members stand as monostate, move-only values are moved out")
{
    virtual_test t;
    auto quiet = t.start(race(sleep_for(1s), number_after(2s, 4)));
    t.finish(quiet);
    CHECK(quiet.get().index() == 0);
    auto moved = t.start(race(sleep_for(2s), number_after(1s, 4)));
    t.finish(moved);
    auto winner = moved.get();
    REQUIRE(winner.index() == 1);
    CHECK(*std::get<1>(winner) == 4);
}

TEST_CASE("of members that end at once the first of the arguments wins")
{
    virtual_test t;
    auto s = t.start(race(at_once(10), at_once(11), number_after(1h, 0)));
    t.finish(s);
    CHECK(s.get().index() == 0);
    CHECK(s.took() == 0s);
    auto one = t.start(race(at_once(9)));
    t.finish(one);
    CHECK(std::get<0>(one.get()) == 9);
}

TEST_CASE("losers are cancelled and awaited, however long their clean-up takes")
{
    virtual_test t;
    std::string log;
    auto s = t.start(race(noting(log, 1h, 5s), at_once(1), noting(log, 1h, 9s)));
    t.finish(s);
    CHECK(s.get().index() == 1);
    CHECK(s.took() == 5s);
    CHECK(log == "c"); // the third was never begun: the race was won by then
    auto u = t.start(race(sleep_for(1s), noting(log, 1h, 5s), noting(log, 1h, 9s)));
    t.finish(u);
    CHECK(u.get().index() == 0);
    CHECK(u.took() == 10s);
    CHECK(log == "ccc");
}

TEST_CASE("when the winner threw, the race throws the same")
{
    virtual_test t;
    std::string log;
    auto s = t.start(race(noting(log, 1h, 1s), fail_after(2s, errc::host_fault)));
    t.finish(s);
    CHECK(s.outcome().error() == errc::host_fault);
    CHECK(s.took() == 3s);
    CHECK(log == "c");
}

TEST_CASE("a loser's failure is dropped")
{
    virtual_test t;
    auto s = t.start(race(fail_after(9s, errc::host_fault), at_once(3)));
    t.finish(s);
    CHECK(std::get<1>(s.get()) == 3);
}

TEST_CASE("members that give results never make the race throw")
{
    virtual_test t;
    auto s = t.start(race(result_after(1s, errc::rate_limited), sleep_for(5s)));
    t.finish(s);
    const auto winner = s.get();
    REQUIRE(winner.index() == 0);
    CHECK(std::get<0>(winner).error() == errc::rate_limited);
}

TEST_CASE("the vector form says which of many was first")
{
    virtual_test t;
    std::vector<awaitable<std::string>> ops;
    for (int i = 0; i < 50; ++i)
        ops.push_back(text_after(std::chrono::seconds(i == 33 ? 1 : 100), std::to_string(i)));
    auto s = t.start(race(std::move(ops)));
    t.finish(s);
    const auto winner = s.get();
    CHECK(winner.index == 33);
    CHECK(winner.value == "33");
    CHECK(s.took() == 1s);
}

TEST_CASE("the vector form of void members gives the index alone, and needs one member")
{
    virtual_test t;
    std::vector<awaitable<void>> ops;
    ops.push_back(sleep_for(2s));
    ops.push_back(sleep_for(1s));
    auto s = t.start(race(std::move(ops)));
    t.finish(s);
    CHECK(s.get().index == 1);
    auto none = t.start(race(std::vector<awaitable<void>>()));
    t.finish(none);
    CHECK(none.outcome().error() == errc::invalid_argument);
}

TEST_CASE("cancelled before its start, no member is begun")
{
    virtual_test t;
    std::string log;
    const auto r = t.cancelled_before_start(race(noting(log, 0s, 0s), sleep_for(1h)));
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::cancelled);
    CHECK(log.empty());
}

TEST_CASE("cancelled while it waits, all members are cancelled and awaited")
{
    virtual_test t;
    std::string log;
    auto s = t.start(race(sleep_for(1h), noting(log, 1h, 5s)));
    s.cancel_after(1min);
    t.finish(s);
    CHECK(s.outcome().error() == errc::cancelled);
    CHECK(s.took() == 1min + 5s);
    CHECK(log == "c");
}

awaitable<int> note_type()
{
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await async_sleep_for(1h, as_tuple_token);
    const auto state = co_await asio::this_coro::cancellation_state;
    co_return static_cast<int>(state.cancelled());
}

awaitable<int> open_race()
{
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    const auto winner = co_await race(note_type(), sleep_until((steady_time::max)()));
    co_return std::get<0>(winner);
}

TEST_CASE("partial and total reach the members where the caller lets them through")
{
    for (const auto type : {cancellation_type::partial, cancellation_type::total}) {
        virtual_test t;
        auto s = t.start(open_race());
        s.cancel_after(1min, type);
        t.finish(s);
        CHECK(s.get() == static_cast<int>(type));
        CHECK(s.took() == 1min);
    }
    virtual_test t;
    auto closed = t.start(race(sleep_for(2h), sleep_for(3h)));
    closed.cancel_after(1min, cancellation_type::partial);
    t.finish(closed);
    CHECK(closed.took() == 2h);
}

awaitable<int> bug(duration d)
{
    co_await sleep_for(d);
    throw std::logic_error("a bug");
}

TEST_CASE("a winner's bug is thrown as it is")
{
    virtual_test t;
    auto s = t.start(race(bug(1s), sleep_for(1h)));
    t.finish(s);
    CHECK_THROWS_WITH_AS(s.get(), "a bug", std::logic_error);
}

TEST_CASE("races nest")
{
    virtual_test t;
    auto s = t.start(race(race(sleep_for(9s), at_once(1)), sleep_for(5s)));
    t.finish(s);
    CHECK(s.get().index() == 0);
    CHECK(s.took() == 0s);
}

awaitable<void> hold(std::shared_ptr<int> counter)
{
    co_await race(race(sleep_for(1h), sleep_for(2h)), sleep_for(3h));
    ++*counter;
}

TEST_CASE("a context destroyed in the middle of a race destroys all of it")
{
    const auto counter = std::make_shared<int>(0);
    {
        virtual_test t;
        asio::co_spawn(t.io, hold(counter), asio::detached);
        t.time.drain();
        CHECK(t.time.timers_armed() == 3);
    }
    CHECK(counter.use_count() == 1);
    CHECK(*counter == 0);
}

} // namespace race_test
