// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Rates over a sliding window, against a plain count of what came when.

#include <cokino/core/random_source.hpp>
#include <cokino/transfer/detail/rate_meter.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace rate_meter_test {

using namespace cokino;
using namespace std::chrono_literals;
using detail::rate_meter;
using time_point = rate_meter::time_point;

const time_point start = time_point(1000h);

TEST_CASE("nothing is said before half a second has been seen")
{
    rate_meter m;
    CHECK_FALSE(m.rate(start).has_value());
    m.add(1000, start);
    CHECK_FALSE(m.rate(start + 499ms).has_value());
    CHECK(m.rate(start + 500ms) == 2000);
    CHECK(m.rate(start + 1s) == 1000);
}

TEST_CASE("an even stream has its own rate, for as long as it runs")
{
    rate_meter m;
    m.add(0, start);
    for (int i = 1; i <= 1000; ++i) {
        const auto now = start + i * 100ms;
        m.add(100'000, now);
        if (i >= 5)
            CHECK(*m.rate(now) == doctest::Approx(1'000'000).epsilon(0.02));
    }
}

TEST_CASE("a stall shows within the window, and is over as soon as bytes come again")
{
    rate_meter m;
    for (int i = 0; i <= 100; ++i)
        m.add(100'000, start + i * 100ms);
    CHECK(*m.rate(start + 10s) > 900'000);
    CHECK(*m.rate(start + 15s) < 600'000);
    CHECK(m.rate(start + 25s) == 0);
    CHECK(m.rate(start + 24h) == 0);
    m.add(0, start + 24h);
    m.add(500'000, start + 24h + 5s);
    CHECK(*m.rate(start + 24h + 5s) == doctest::Approx(50'000).epsilon(0.06));
}

TEST_CASE("the time that is left is rounded up, and not said where nothing moves")
{
    rate_meter m;
    CHECK_FALSE(m.time_for(1, start).has_value());
    m.add(0, start);
    m.add(1000, start + 1s);
    CHECK(m.time_for(0, start + 1s) == 0s);
    CHECK(m.time_for(1, start + 1s) == 1s);
    CHECK(m.time_for(1000, start + 1s) == 1s);
    CHECK(m.time_for(1001, start + 1s) == 2s);
    CHECK(m.time_for(~std::uint64_t{0}, start + 1s) == 366 * 24h);
    CHECK_FALSE(m.time_for(1, start + 1h).has_value());
}

TEST_CASE("bytes that are told of in large lumps count for the time that they took")
{
    rate_meter m;
    m.add(0, start);
    for (int i = 1; i <= 100; ++i) {
        m.add(262'144, start + i * 4s);
        CHECK(*m.rate(start + i * 4s) == doctest::Approx(65'536).epsilon(0.001));
    }
    m.add(262'144, start + 500s); // one that took long
    CHECK(*m.rate(start + 500s) == doctest::Approx(2'621).epsilon(0.01));
}

/// What came after an instant, if each lump came evenly.
double since(const std::vector<std::pair<time_point, std::uint64_t>>& came, time_point after)
{
    double sum = 0;
    auto begin = start;
    for (const auto& [end, count] : came) {
        const auto part = end - std::max(begin, after);
        if (end > after && end > begin)
            sum += static_cast<double>(count) * static_cast<double>(part.count()) /
                   static_cast<double>((end - begin).count());
        else if (end > after)
            sum += static_cast<double>(count);
        begin = end;
    }
    return sum;
}

TEST_CASE("on random streams it is what a sum over the last ten seconds gives")
{
    random_source random(7);
    for (int round = 0; round < 200; ++round) {
        rate_meter m;
        std::vector<std::pair<time_point, std::uint64_t>> came;
        auto now = start;
        m.add(0, now);
        for (int i = 0; i < 200; ++i) {
            const auto pause = random.uniform() < 0.02 ? 8000.0 : 400.0;
            now += std::chrono::microseconds(static_cast<long>(random.uniform() * pause * 1000));
            const auto bytes = static_cast<std::uint64_t>(random.uniform() * 300'000);
            m.add(bytes, now);
            came.emplace_back(now, bytes);
            if (now - start < 500ms)
                continue;
            // The window ends now, and begins at one instant of the slot before the last nineteen.
            const double least = since(came, now - 9500ms);
            const double most = since(came, now - 10s);
            const auto seen = std::min<rate_meter::span>(now - start, 10s);
            const double seconds = std::chrono::duration<double>(seen).count();
            const auto rate = static_cast<double>(m.rate(now).value());
            CHECK(rate >= least / seconds - 50);
            CHECK(rate <= most / std::min(seconds, 9.5) + 50);
        }
    }
}

} // namespace rate_meter_test
