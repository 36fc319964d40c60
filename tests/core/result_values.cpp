// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// How a result holds its value or failure: nothing is lost, leaked or destroyed twice on any way
// from one of the two to the other.
#include <cokino/core/result.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace result_values_test {

using namespace cokino;

/// Counts its living, and throws in its copies and moves when told to.
struct counted {
    explicit counted(int v) : value(v) { ++alive; }
    counted(const counted& other) : value(other.value) { arrive(); }
    counted(counted&& other) noexcept(false) : value(std::exchange(other.value, -1)) { arrive(); }
    counted& operator=(const counted&) = default;
    ~counted() { --alive; }
    static void arrive()
    {
        if (throwing)
            throw 7;
        ++alive;
    }
    int value;
    static inline int alive = 0;
    static inline bool throwing = false;
};

TEST_SUITE("core/result")
{
    TEST_CASE("each of value and failure can take the place of each, by copy and by move")
    {
        for (bool const from_value : {true, false}) {
            for (bool const to_value : {true, false}) {
                for (bool const move : {true, false}) {
                    {
                        result<counted> from(errc::rate_limited);
                        result<counted> to(errc::cancelled);
                        if (from_value)
                            from = counted(3);
                        if (to_value)
                            to = counted(4);
                        if (move)
                            to = std::move(from);
                        else
                            to = from;
                        CHECK(to.has_value() == from_value);
                        CHECK(to.has_error() != from_value);
                        if (from_value)
                            CHECK(to->value == 3);
                        else
                            CHECK(to.error() == errc::rate_limited);
                        CHECK(counted::alive == (from_value ? 2 : 0));
                        result<counted>& same = to;
                        to = same;
                        CHECK(to.has_value() == from_value);
                    }
                    CHECK(counted::alive == 0);
                }
            }
        }
    }

    TEST_CASE("a value that throws while it is assigned leaves a failure, and no leak")
    {
        {
            result<counted> from(counted(1));
            result<counted> to(counted(2));
            counted::throwing = true;
            CHECK_THROWS_AS(to = std::move(from), int);
            counted::throwing = false;
            REQUIRE(to.has_error());
            CHECK(to.error() == errc::internal_error);
            CHECK(from.has_value());
        }
        CHECK(counted::alive == 0);
    }

    TEST_CASE("what can only be moved can be held, and taken out once")
    {
        static_assert(!std::is_copy_constructible_v<result<std::unique_ptr<int>>>);
        static_assert(std::is_copy_constructible_v<result<std::string>>);
        static_assert(std::is_nothrow_move_constructible_v<result<std::string>>);
        result<std::unique_ptr<int>> r(std::make_unique<int>(5));
        std::unique_ptr<int> const taken = std::move(r).value();
        CHECK(*taken == 5);
        CHECK(r.has_value());
        CHECK(*r == nullptr);
    }

    TEST_CASE(
        "a result becomes one of a type that its value converts to; a failure stays what it is")
    {
        const result<const char*> text("here");
        const result<std::string> longer = text;
        CHECK(longer.value() == "here");
        const result<const char*> lost(failure(errc::rate_limited, fate::maybe_sent));
        const result<std::string> still = lost;
        CHECK(still.error() == errc::rate_limited);
        CHECK(still.error().sent() == fate::maybe_sent);
        CHECK(still.operator->() == nullptr);
    }

    TEST_CASE("values convert as they do elsewhere, and what makes a failure makes no value")
    {
        static_assert(std::is_convertible_v<const char*, result<std::string>>);
        static_assert(!std::is_convertible_v<std::size_t, result<std::string>>);
        static_assert(std::is_convertible_v<errc, result<std::string>>);
        static_assert(std::is_convertible_v<failure, result<int>>);
        static_assert(!std::is_default_constructible_v<result<counted>>);
        CHECK(result<int>().value() == 0);
        CHECK(result<int>(7).emplace(8) == 8);
    }

    TEST_CASE("a result of nothing is good until it holds a failure, and then throws it")
    {
        result<void> r;
        CHECK(r.has_value());
        CHECK_NOTHROW(r.value());
        CHECK(r.error() == errc::internal_error);
        r = failure(errc::rate_limited);
        CHECK_FALSE(r);
        CHECK_THROWS_AS(r.value(), error);
        r.emplace();
        CHECK(r.has_value());
    }
}

} // namespace result_values_test
