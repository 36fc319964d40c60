// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// When a body is too slow, over every way to drip.

#include <cokino/transfer/detail/rate_window.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <optional>

namespace rate_window_test {

using namespace std::chrono_literals;
using cokino::detail::rate_window;

/// The time after which a steady drip is found too slow; nothing when it never is in two hours.
std::optional<std::chrono::milliseconds> found_after(rate_window w, std::chrono::milliseconds each,
                                                     std::uint64_t bytes)
{
    for (auto at = each; at <= 2h; at += each)
        if (w.too_slow(each, bytes))
            return at;
    return std::nullopt;
}

TEST_CASE("a drip below the rate is found after one window, a flow at the rate never")
{
    const rate_window w(1024, 30s);
    CHECK(w.bytes_min() == 30 * 1024);
    CHECK(found_after(w, 1s, 1) == 30s);
    CHECK(found_after(w, 1s, 900) == 30s);
    CHECK_FALSE(found_after(w, 1s, 1024));
    CHECK_FALSE(found_after(w, 10ms, 11));
    CHECK_FALSE(found_after(w, 20s, 30 * 1024));
    CHECK(found_after(w, 29s, 1) == 58s);
    CHECK(found_after(w, 1h, 30 * 1024 - 1) == 1h);
}

TEST_CASE("a flow that turns into a drip is found within one window and a sixteenth")
{
    for (int before = 0; before != 100; ++before) {
        rate_window w(1024, 30s);
        for (int i = 0; i != before; ++i)
            REQUIRE_FALSE(w.too_slow(1s, 100'000));
        std::chrono::milliseconds dripped{0};
        do
            dripped += 100ms;
        while (!w.too_slow(100ms, 1));
        CHECK(dripped >= (before == 0 ? 30s : 28s));
        CHECK(dripped <= 32s);
    }
}

TEST_CASE("a pause that is made up for is forgiven")
{
    rate_window w(1024, 30s);
    for (int i = 0; i != 1000; ++i) {
        REQUIRE_FALSE(w.too_slow(25s, 20 * 1024));
        REQUIRE_FALSE(w.too_slow(0s, 20 * 1024));
    }
}

TEST_CASE("a new body is judged anew, and no limit is none")
{
    rate_window w(1024, 30s);
    CHECK_FALSE(w.too_slow(29s, 1));
    w.restart();
    CHECK_FALSE(w.too_slow(29s, 1));
    CHECK(w.too_slow(1s, 1));
    CHECK_FALSE(found_after(rate_window(0, 30s), 10min, 0));
    CHECK_FALSE(found_after(rate_window(1024, 0s), 10min, 0));
    CHECK(rate_window(1, 1s).bytes_min() == 1);
    CHECK(found_after(rate_window(1, 1s), 1h, 0) == 1h);
}

} // namespace rate_window_test
