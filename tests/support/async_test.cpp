// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The test driver itself: it must not let a failure pass, nor a coroutine that never ends.

#include "support/async_test.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>

namespace async_test_test {

using namespace cokino;
using namespace cokino::testing::support;

awaitable<int> seven()
{
    co_await asio::post(asio::use_awaitable);
    co_return 7;
}

awaitable<void> throwing()
{
    co_await asio::post(asio::use_awaitable);
    throw std::runtime_error("kept");
}

awaitable<std::unique_ptr<int>> move_only(virtual_test& t, int& number)
{
    CHECK(t.time.now() == time_of(t.ex()).now());
    co_return std::make_unique<int>(number);
}

// A wait that nothing ends.
struct never {
    template <class Handler> void operator()(Handler&& h)
    {
        using handler = std::decay_t<Handler>;
        static std::shared_ptr<handler> held;
        held = std::make_shared<handler>(std::forward<Handler>(h));
        release = [] { held.reset(); };
    }
    static inline void (*release)() = nullptr;
};

awaitable<void> stuck()
{
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(never(),
                                                                         asio::use_awaitable);
}

TEST_CASE("the driver returns what the coroutine returns, move-only values too")
{
    int number = 3;
    CHECK(run_virtual(seven) == 7);
    CHECK(run_real(seven) == 7);
    CHECK(*run_virtual(move_only, number) == 3);
    CHECK(run_virtual([](virtual_test&) -> awaitable<int> { co_return 5; }) == 5);
}

TEST_CASE("the driver throws what the coroutine threw")
{
    CHECK_THROWS_WITH_AS(run_virtual(throwing), "kept", std::runtime_error);
    CHECK_THROWS_WITH_AS(run_real(throwing), "kept", std::runtime_error);
}

TEST_CASE("a coroutine that cannot end is told from one that has ended")
{
    virtual_test t;
    auto s = t.start(stuck());
    CHECK(t.time.run_until([&] { return s.done(); }) == cokino::testing::run_end::idle);
    CHECK_FALSE(s.done());
    never::release();
}

TEST_CASE("a coroutine cancelled before its first line does not run it")
{
    virtual_test t;
    auto r = t.cancelled_before_start(throwing());
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::cancelled);
}

} // namespace async_test_test
