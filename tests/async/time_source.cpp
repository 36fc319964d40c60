// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The real time source: one per context, keeps the loop going while a timer is armed, no longer.
// The waits here are a few real milliseconds, since the real clock is what is tested.

#include <cokino/async/time_source.hpp>
#include <cokino/testing/virtual_time.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <stdexcept>
#include <vector>

namespace time_source_test {

using namespace std::chrono_literals;
namespace asio = boost::asio;

struct noting_timer final : cokino::timer {
    std::function<void()> on_fire = [] {};
    int fired = 0;
    bool abandoned = false;
    void fire() override
    {
        ++fired;
        on_fire();
    }
    void abandon() noexcept override { abandoned = true; }
};

TEST_CASE("a context has one time source, whichever executor asks")
{
    asio::io_context io{1};
    auto& first = cokino::time_of(io.get_executor());
    auto& second = cokino::time_of(io, io.get_executor());
    CHECK(&first == &second);
    asio::io_context other{1};
    CHECK(&cokino::time_of(other.get_executor()) != &first);
}

TEST_CASE("an armed timer keeps the loop running until it has fired, at its time")
{
    asio::io_context io{1};
    auto& time = cokino::time_of(io.get_executor());
    noting_timer a;
    const auto start = time.now();
    time.arm(a, start + 5ms);
    io.run();
    CHECK(a.fired == 1);
    CHECK_FALSE(a.armed());
    CHECK(time.now() - start >= 5ms);
}

TEST_CASE("the loop ends at once when the last timer is disarmed")
{
    asio::io_context io{1};
    auto& time = cokino::time_of(io.get_executor());
    noting_timer a;
    noting_timer b;
    time.arm(a, time.now() + 1h);
    time.arm(b, time.now() + 2h);
    asio::post(io, [&] {
        time.disarm(a);
        time.disarm(b);
        time.disarm(b); // harmless
    });
    const auto start = time.now();
    io.run();
    CHECK(time.now() - start < 10min);
    CHECK(a.fired + b.fired == 0);
}

TEST_CASE("disarming and arming again in one turn leaves the later timer working")
{
    asio::io_context io{1};
    auto& time = cokino::time_of(io.get_executor());
    noting_timer a;
    time.arm(a, time.now() + 1h);
    asio::post(io, [&] {
        time.disarm(a);
        time.arm(a, time.now() + 2ms);
    });
    io.run();
    CHECK(a.fired == 1);
}

TEST_CASE("an earlier timer overtakes, and an early wake-up goes back to waiting")
{
    asio::io_context io{1};
    auto& time = cokino::time_of(io.get_executor());
    std::vector<char> order;
    noting_timer late;
    noting_timer early;
    noting_timer gone;
    late.on_fire = [&] { order.push_back('l'); };
    early.on_fire = [&] {
        order.push_back('e');
        time.disarm(gone);
    };
    const auto start = time.now();
    time.arm(late, start + 12ms);
    time.arm(gone, start + 8ms);
    time.arm(early, start + 4ms);
    io.run();
    CHECK(order == std::vector<char>{'e', 'l'});
    CHECK(gone.fired == 0);
    CHECK(time.now() - start >= 12ms);
}

TEST_CASE("a timer armed for the past while firing fires in the next turn, not in this one")
{
    asio::io_context io{1};
    auto& time = cokino::time_of(io.get_executor());
    std::vector<char> order;
    noting_timer first;
    noting_timer again;
    again.on_fire = [&] { order.push_back('2'); };
    first.on_fire = [&] {
        order.push_back('1');
        time.arm(again, time.now() - 1s);
        asio::post(io, [&] { order.push_back('p'); });
    };
    time.arm(first, time.now());
    io.run();
    CHECK(order == std::vector<char>{'1', 'p', '2'});
}

TEST_CASE("timers due together all fire although one of them throws")
{
    asio::io_context io{1};
    auto& time = cokino::time_of(io.get_executor());
    noting_timer bad;
    noting_timer good;
    bad.on_fire = [] { throw std::runtime_error("from a timer"); };
    time.arm(bad, time.now());
    time.arm(good, time.now());
    CHECK_THROWS_AS(io.run(), std::runtime_error);
    io.run();
    CHECK(good.fired == 1);
}

TEST_CASE("timers still armed when the context goes are abandoned, not fired")
{
    noting_timer a;
    {
        asio::io_context io{1};
        auto& time = cokino::time_of(io.get_executor());
        time.arm(a, time.now());
    }
    CHECK(a.abandoned);
    CHECK(a.fired == 0);
    CHECK_FALSE(a.armed());
}

TEST_CASE("a time source is installed before first use or not at all")
{
    asio::io_context io{1};
    asio::io_context used{1};
    cokino::testing::virtual_time vt{io};
    CHECK(&cokino::time_of(io.get_executor()) == &vt.source());
    cokino::install_time_source(io, vt.source()); // the same again is no conflict
    CHECK_FALSE(&cokino::time_of(used.get_executor()) == &vt.source());
    CHECK_THROWS_AS(cokino::install_time_source(used, vt.source()), std::logic_error);
}

TEST_CASE("a wait for ever does not wrap round into the past")
{
    constexpr auto now = cokino::steady_time(1000h);
    CHECK(cokino::later(now, (cokino::duration::max)()) == (cokino::steady_time::max)());
    CHECK(cokino::later(now, 5s) == now + 5s);
    CHECK(cokino::later(now, -5s) == now - 5s);
    CHECK(cokino::later(-1000h + cokino::steady_time(), (cokino::duration::min)()) ==
          (cokino::steady_time::min)());
}

} // namespace time_source_test
