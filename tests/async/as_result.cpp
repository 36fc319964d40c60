// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// From exceptions to results: which are caught, and what they become.

#include <cokino/async/as_result.hpp>
#include <cokino/async/sleep.hpp>

#include "support/async_test.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace as_result_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;

struct clip { // neither default-constructible nor copyable
    explicit clip(int n) : number(std::make_unique<int>(n)) {}
    std::unique_ptr<int> number;
};

awaitable<clip> good() { co_return clip(4); }
awaitable<void> nothing() { co_return; }

awaitable<clip> fails()
{
    failure f(errc::content_refused, fate::answered);
    f.edit().host_text = "no";
    throw error(f);
    co_return clip(0);
}

awaitable<void> system_fails(error_code ec)
{
    throw boost::system::system_error(ec);
    co_return;
}

awaitable<void> bug()
{
    throw std::logic_error("a bug");
    co_return;
}

awaitable<result<int>> already(bool well)
{
    if (well)
        co_return 5;
    co_return failure(errc::not_found);
}

awaitable<void> values()
{
    auto r = co_await as_result(good());
    REQUIRE(r.has_value());
    CHECK(*r->number == 4);
    const auto v = co_await as_result(nothing());
    CHECK(v.has_value());
}

TEST_CASE("a value is given as a value, whatever its type") { run_virtual(values); }

awaitable<void> failures()
{
    const auto r = co_await as_result(fails());
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::content_refused);
    CHECK(r.error().sent() == fate::answered);
    CHECK(r.error().facts().host_text == "no");
    const auto s = co_await as_result(system_fails(asio::error::connection_reset));
    REQUIRE(s.has_error());
    CHECK(s.error().code() == asio::error::connection_reset);
    const auto c = co_await as_result(system_fails(asio::error::operation_aborted));
    REQUIRE(c.has_error());
    CHECK(c.error() == errc::cancelled);
}

TEST_CASE("a failure keeps its facts, a system error its code, and an abort is errc::cancelled")
{
    run_virtual(failures);
}

TEST_CASE("what is no failure goes on up")
{
    virtual_test t;
    auto s = t.start(as_result(bug()));
    t.finish(s);
    CHECK_THROWS_WITH_AS(static_cast<void>(s.get()), "a bug", std::logic_error);
}

awaitable<void> results()
{
    const result<int> r = co_await as_result(already(true));
    CHECK(r.value() == 5);
    const result<int> f = co_await as_result(already(false));
    CHECK(f.error() == errc::not_found);
}

TEST_CASE("an operation that gives a result is not wrapped twice")
{
    static_assert(std::is_same_v<decltype(as_result(already(true))), awaitable<result<int>>>);
    run_virtual(results);
}

TEST_CASE("cancelled while it waits the result is errc::cancelled; before, the caller is stopped")
{
    virtual_test t;
    auto s = t.start(as_result(sleep_for(1h)));
    s.cancel_after(1s);
    t.finish(s);
    const auto r = s.get();
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::cancelled);
    CHECK(t.cancelled_before_start(as_result(sleep_for(1h))).error() == errc::cancelled);
}

TEST_CASE("failure_of knows failures from other exceptions")
{
    const auto f = failure_of(std::make_exception_ptr(error(failure(errc::closed))));
    REQUIRE(f.has_value());
    CHECK(*f == errc::closed);
    CHECK_FALSE(failure_of(std::make_exception_ptr(std::logic_error("x"))).has_value());
    CHECK_FALSE(failure_of(nullptr).has_value());
}

TEST_CASE("value_or_throw gives the value or throws the failure")
{
    CHECK(value_or_throw(result<int>(3)) == 3);
    value_or_throw(result<void>());
    CHECK_THROWS_AS(value_or_throw(result<int>(failure(errc::closed))), cokino::error);
    CHECK_THROWS_AS(value_or_throw(result<void>(failure(errc::closed))), cokino::error);
}

} // namespace as_result_test
