// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of policy/clock_skew.hpp.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/policy/clock_skew.hpp>

#include <algorithm>

namespace cokino::policy {

COKINO_DECL void clock_skew::learn(std::chrono::sys_seconds date, time_point asked,
                                   time_point answered)
{
    using namespace std::chrono;
    if (answered < asked)
        return; // our own clock was set in between
    // Somewhere within [asked, answered] of ours the host's clock stood within [date, date + 1 s).
    const auto least = floor<milliseconds>(date - answered);
    const auto most = ceil<milliseconds>(date + seconds(1) - asked);
    milliseconds seen{0};
    if (least > milliseconds(0))
        seen = least;
    else if (most < milliseconds(0))
        seen = most;
    constexpr milliseconds cap = limits::clock_skew_max;
    samples_[next_] = std::clamp(seen, -cap, cap);
    next_ = (next_ + 1) % samples_max;
    count_ = std::min(count_ + 1, samples_max);
}

COKINO_DECL std::chrono::milliseconds clock_skew::value() const
{
    // Until all samples are there, one that says "none" stands among them: our own clock.
    std::array<std::chrono::milliseconds, samples_max + 1> sorted{};
    auto end = std::copy_n(samples_.begin(), count_, sorted.begin());
    if (count_ < samples_max)
        *end++ = std::chrono::milliseconds(0);
    std::sort(sorted.begin(), end);
    const auto size = static_cast<std::size_t>(end - sorted.begin());
    const auto low = sorted[(size - 1) / 2];
    const auto high = sorted[size / 2];
    return std::chrono::abs(low) < std::chrono::abs(high) ? low : high;
}

} // namespace cokino::policy
