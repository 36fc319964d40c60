// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// When to look at a job again. Pure arithmetic: what a look found is the business of whoever waits,
// and so is the end of waiting. A look that failed stretches the rhythm and ends nothing.
#pragma once

#include <cokino/core/random_source.hpp>
#include <cokino/core/result.hpp>

#include <chrono>
#include <optional>

namespace cokino::policy {

/// A rhythm that follows the render. The wait between two looks is a share of the time the job has
/// taken so far: a job that took a minute is seen within seconds, and one that took ten minutes is
/// not asked about three hundred times. A growing wait beats a fixed one only because the share
/// stays small: exponential backoff up to a cap is no better than a fixed wait at that cap, since
/// most of its looks fall into the minute in which nothing can be done yet.
///
/// What pays is knowing the model: a first look at 0.9 of the shortest known render saves about
/// half of all looks at the same lateness (75 to 46 with a wait of 2 s, 30 to 19 with 5 s); a
/// host's own estimate saves more.
struct polling_options {
    /// The first look after the job was accepted, when nothing is known of how long it takes. No
    /// video is done sooner; an error of the job is, and should not wait for long. Above zero.
    std::chrono::milliseconds first{5000};
    /// The shortest render seen for this model and length (the 1st percentile, not the very
    /// least). The first look is then at 0.9 of it, if that is later. Zero: not known.
    std::chrono::milliseconds expected_min{0};
    /// The wait between two looks as a share of the time since the job was accepted. With 0.05 a
    /// result is noticed, on average, 2.5 % late: 3 s for a clip of two minutes, at some 40 looks.
    /// 0 to 1.
    double share = 0.05;
    /// Bounds of that wait. With equal bounds the rhythm is fixed. Above zero.
    std::chrono::milliseconds interval_min{2000};
    std::chrono::milliseconds interval_max{10'000};
    /// Bound of the wait while looks fail, and of obedience to a host's hint.
    std::chrono::milliseconds interval_failing_max{60'000};
    /// Each wait is shorter or longer by up to this share of it, so that jobs which were submitted
    /// together are not asked about together. 0 to 0.5.
    double jitter = 0.1;
};

/// For stills, which take seconds: the first look after one second, then each half second at first.
constexpr polling_options image_polling() noexcept
{
    polling_options options;
    options.first = std::chrono::milliseconds(1000);
    options.interval_min = std::chrono::milliseconds(500);
    options.share = 0.1;
    return options;
}

/// Names the field that is out of its bounds.
COKINO_DECL result<void> validate(const polling_options& options);

/// What is known of one job when the next look is planned.
struct polling_state {
    std::chrono::steady_clock::time_point accepted{}; ///< When the host accepted the job.
    unsigned looks = 0;                               ///< So far, failed ones included.
    unsigned failures = 0;                            ///< Failed looks since the last good one.
    std::chrono::milliseconds host_floor{0};          ///< The dialect's least wait between looks.
    std::optional<std::chrono::milliseconds> retry_after; ///< The host's hint at the last look.
    std::optional<std::chrono::milliseconds> remaining;   ///< The host's own estimate, if any.
};

/// When to look next; never before now + retry_after (up to interval_failing_max), and never before
/// now + host_floor, save for the very first look at a job that was accepted long ago (a resumed
/// one), which is due at once.
COKINO_DECL std::chrono::steady_clock::time_point next_look(
    const polling_options& options, const polling_state& state,
    std::chrono::steady_clock::time_point now, random_source& random);

} // namespace cokino::policy

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/policy/impl/polling.ipp>
#endif
