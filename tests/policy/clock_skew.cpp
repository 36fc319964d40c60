// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What is believed of a host's clock.
#include <cokino/core/limits.hpp>
#include <cokino/core/random_source.hpp>
#include <cokino/policy/clock_skew.hpp>

#include <doctest/doctest.h>

namespace clock_skew_test {

using namespace std::chrono_literals;
using cokino::policy::clock_skew;
using std::chrono::milliseconds;

constexpr clock_skew::time_point base{std::chrono::seconds(1'795'780'800)};

/// What a host says whose clock is `off` from ours, to a request at `at` that takes `way`.
void answer(clock_skew& skew, milliseconds off, milliseconds at = 0ms, milliseconds way = 80ms)
{
    const auto asked = base + at;
    const auto date = std::chrono::floor<std::chrono::seconds>(asked + way / 2 + off);
    skew.learn(date, asked, asked + way);
}

TEST_CASE("nothing is believed without an answer, and little with one")
{
    clock_skew skew;
    CHECK(skew.value() == 0ms);
    CHECK(skew.samples() == 0);
    answer(skew, 10min);
    CHECK(skew.value() == 0ms);
    CHECK(skew.margin() == 0ms);
    CHECK(skew.samples() == 1);
    answer(skew, 10min);
    CHECK(skew.value() > 10min - 2s);
    CHECK(skew.value() <= 10min);
}

TEST_CASE("a clock that goes right is seen as right, in spite of whole seconds and slow answers")
{
    clock_skew skew;
    for (int i = 0; i < 2000; ++i) {
        answer(skew, 0ms, milliseconds(i * 7), milliseconds(i * 13 % 20'000));
        CHECK(skew.value() == 0ms);
    }
    CHECK(skew.samples() == clock_skew::samples_max);
}

TEST_CASE("a skew is found within a second and the way, and never overstated")
{
    for (milliseconds off : {milliseconds(-600'000), milliseconds(-90'500), milliseconds(-2'000),
                             milliseconds(3'000), milliseconds(61'000), milliseconds(899'000)}) {
        CAPTURE(off.count());
        clock_skew skew;
        for (int i = 0; i < 20; ++i)
            answer(skew, off, milliseconds(i * 317), 100ms);
        CHECK(skew.margin() <= std::chrono::abs(off));
        CHECK(skew.margin() >= std::chrono::abs(off) - 1200ms);
        CHECK((skew.value() < 0ms) == (off < 0ms));
    }
}

TEST_CASE("one answer that lies moves nothing beyond what honest ones say")
{
    cokino::random_source random(7);
    for (int round = 0; round < 500; ++round) {
        const milliseconds honest((static_cast<int>(random.below(401)) - 200) * 1000);
        const milliseconds lie = round % 2 == 0 ? milliseconds(24h) : milliseconds(-24h);
        const int liar = static_cast<int>(random.below(10)),
                  count = 2 + static_cast<int>(random.below(10));
        clock_skew skew;
        for (int i = 0; i < count; ++i)
            answer(skew, i == liar ? lie : honest, milliseconds(i * 377));
        CHECK(skew.margin() <= std::chrono::abs(honest));
        if (skew.value() != 0ms)
            CHECK((skew.value() < 0ms) == (honest < 0ms));
    }
}

TEST_CASE("what is beyond every bound counts as the bound")
{
    for (milliseconds off : {milliseconds(20h * 365), milliseconds(-20h * 365)}) {
        clock_skew skew;
        for (int i = 0; i < 10; ++i)
            answer(skew, off, milliseconds(i * 1000));
        CHECK(skew.margin() == milliseconds(cokino::limits::clock_skew_max));
    }
}

TEST_CASE("a clock that is set anew is followed, and a jump of our own is no news")
{
    clock_skew skew;
    for (int i = 0; i < 8; ++i)
        answer(skew, 5min);
    CHECK(skew.value() > 4min);
    for (int i = 0; i < 8; ++i)
        answer(skew, 0ms);
    CHECK(skew.value() == 0ms);

    clock_skew jumped;
    for (int i = 0; i < 8; ++i)
        jumped.learn(std::chrono::floor<std::chrono::seconds>(base) + 300s, base, base - 1s);
    CHECK(jumped.samples() == 0);
}

} // namespace clock_skew_test
