// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The arithmetic of delays, in whole microseconds so that a seed gives the same delays everywhere.
#pragma once

#include <cokino/policy/backoff.hpp>

#include <algorithm>
#include <cstdint>

namespace cokino {
namespace detail {

// Uniform in [low, high], both ends included; low when the span is empty.
inline std::chrono::microseconds delay_between(random_source& random, std::chrono::microseconds low,
                                               std::chrono::microseconds high)
{
    if (high <= low)
        return low;
    const auto span = static_cast<std::uint64_t>((high - low).count());
    return low + std::chrono::microseconds(static_cast<std::int64_t>(random.below(span + 1)));
}

// base * multiplier^step under the cap. Stops at the cap, so that no step is too large for it.
inline std::chrono::microseconds delay_grown(std::chrono::microseconds base, double multiplier,
                                             unsigned step, std::chrono::microseconds cap)
{
    auto value = static_cast<double>(base.count());
    const auto limit = static_cast<double>(cap.count());
    for (unsigned i = 0; i < step && value < limit && multiplier > 1; ++i)
        value *= multiplier;
    return value >= limit ? cap : std::chrono::microseconds(static_cast<std::int64_t>(value));
}

} // namespace detail

namespace policy {

COKINO_DECL result<void> validate(const backoff_options& options)
{
    using namespace std::chrono_literals;
    if (options.base <= 0ms)
        return invalid("base", "must be above zero", errc::invalid_options);
    if (options.base_throttled <= 0ms)
        return invalid("base_throttled", "must be above zero", errc::invalid_options);
    if (options.cap < options.base || options.cap < options.base_throttled)
        return invalid("cap", "must not be below a base", errc::invalid_options);
    if (options.cap > 24h)
        return invalid("cap", "must not be above a day", errc::invalid_options);
    if (!(options.multiplier >= 1 && options.multiplier <= 10))
        return invalid("multiplier", "must be 1 to 10", errc::invalid_options);
    return {};
}

COKINO_DECL std::chrono::microseconds backoff::next(random_source& random, bool throttled)
{
    using std::chrono::microseconds;
    const microseconds base = throttled ? options_.base_throttled : options_.base;
    const microseconds cap = options_.cap;
    const microseconds value = detail::delay_grown(base, options_.multiplier, step_, cap);
    if (step_ != static_cast<unsigned>(-1))
        ++step_;
    microseconds delay = value;
    switch (options_.kind) {
    case jitter::none: break;
    case jitter::full: delay = detail::delay_between(random, microseconds(0), value); break;
    case jitter::equal: delay = detail::delay_between(random, value / 2, value); break;
    case jitter::decorrelated:
        delay = std::min(cap, detail::delay_between(random, base, std::max(previous_, base) * 3));
        break;
    }
    previous_ = delay;
    return delay;
}

} // namespace policy
} // namespace cokino
