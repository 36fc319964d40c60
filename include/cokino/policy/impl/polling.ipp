// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The arithmetic of the rhythm.
#pragma once

#include <cokino/policy/impl/backoff.ipp>
#include <cokino/policy/polling.hpp>

#include <algorithm>

namespace cokino {
namespace detail {

using poll_span = std::chrono::microseconds;

inline poll_span poll_scaled(poll_span span, double factor)
{
    return poll_span(static_cast<std::int64_t>(static_cast<double>(span.count()) * factor));
}

// After good looks: a share of the age, or most of what the host says is left.
inline poll_span poll_rhythm(const policy::polling_options& options,
                             const policy::polling_state& state, poll_span age)
{
    const poll_span low = options.interval_min;
    const poll_span high = std::max<poll_span>(low, options.interval_max);
    const poll_span wait = std::clamp(poll_scaled(age, options.share), low, high);
    if (!state.remaining)
        return wait;
    // An estimate is wrong by some part of itself, so nine tenths are waited for and the rest is
    // watched. It may be wholly wrong: no single wait is longer than when looks fail.
    const poll_span told = poll_scaled(*state.remaining, 0.9);
    return std::clamp<poll_span>(told, low, std::max<poll_span>(low, options.interval_failing_max));
}

} // namespace detail

namespace policy {

COKINO_DECL result<void> validate(const polling_options& options)
{
    using namespace std::chrono_literals;
    if (options.first <= 0ms || options.first > 24h)
        return invalid("first", "must be above zero and at most a day", errc::invalid_options);
    if (options.expected_min < 0ms || options.expected_min > 24h)
        return invalid("expected_min", "must be 0 to a day", errc::invalid_options);
    if (!(options.share >= 0 && options.share <= 1))
        return invalid("share", "must be 0 to 1", errc::invalid_options);
    if (options.interval_min <= 0ms)
        return invalid("interval_min", "must be above zero", errc::invalid_options);
    if (options.interval_max < options.interval_min)
        return invalid("interval_max", "must not be below interval_min", errc::invalid_options);
    if (options.interval_failing_max < options.interval_max || options.interval_failing_max > 24h) {
        return invalid("interval_failing_max", "must be interval_max to a day",
                       errc::invalid_options);
    }
    if (!(options.jitter >= 0 && options.jitter <= 0.5))
        return invalid("jitter", "must be 0 to 0.5", errc::invalid_options);
    return {};
}

COKINO_DECL std::chrono::steady_clock::time_point next_look(
    const polling_options& options, const polling_state& state,
    std::chrono::steady_clock::time_point now, random_source& random)
{
    using detail::poll_span;
    const auto age = std::max(std::chrono::floor<poll_span>(now - state.accepted), poll_span(0));
    poll_span wait{0};
    if (state.looks == 0) {
        const poll_span known = detail::poll_scaled(options.expected_min, 0.9);
        wait = std::max(std::max<poll_span>(options.first, known) - age, poll_span(0));
    } else {
        wait = detail::poll_rhythm(options, state, age);
        // Doubled for each failure in a row, so that a host in trouble is not asked harder.
        if (state.failures != 0)
            wait = detail::delay_grown(wait, 2, state.failures, options.interval_failing_max);
    }
    poll_span hint{0};
    if (state.retry_after)
        hint = std::min(*state.retry_after, options.interval_failing_max);
    wait = std::max(wait, hint);
    const poll_span slack = detail::poll_scaled(wait, options.jitter);
    // The host names the earliest time, so its hint is spread to the later side alone.
    wait = detail::delay_between(random, std::max(wait - slack, hint), wait + slack);
    if (state.looks != 0)
        wait = std::max<poll_span>(wait, state.host_floor);
    return now + wait;
}

} // namespace policy
} // namespace cokino
