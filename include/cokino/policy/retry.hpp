// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// When to send again: attempts, elapsed time, the host's hints and backoff, counted over one
// operation. Whether it may be sent again at all is asked of ruling.hpp, attempt by attempt; this
// machine only ever says "stop" where the ruling says "retry", never the other way round.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/random_source.hpp>
#include <cokino/core/result.hpp>
#include <cokino/policy/attempt_outcome.hpp>
#include <cokino/policy/backoff.hpp>
#include <cokino/policy/idempotency.hpp>
#include <cokino/policy/ruling.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>

namespace cokino::policy {

struct retry_options {
    /// Tries in all, the first included; free retries are not counted. 1: never again. At least 1.
    unsigned attempts_max = 5;
    /// No try starts later than this after the first. Zero: no limit by time; a year at most. Long
    /// enough for two of the longest hints that are obeyed.
    std::chrono::milliseconds elapsed_max{std::chrono::minutes(5)};
    /// A host that asks for a longer wait is not obeyed by waiting: the operation stops and says
    /// so. Zero: hints are not looked at.
    std::chrono::milliseconds hint_max{std::chrono::minutes(2)};
    /// A wait that a host asked for grows by up to this share of it, so that those who were told
    /// the same do not come back together. 0 to 1.
    double hint_spread = 0.1;
    backoff_options backoff;
};

/// Names the field that is out of its bounds.
COKINO_DECL result<void> validate(const retry_options& options);

/// What to do after a failed attempt.
struct retry_decision {
    next_step step = next_step::stop;
    /// With any step but stop: when to send again.
    std::chrono::steady_clock::time_point at{};
    std::chrono::microseconds delay{0};
    /// What is known of a submit now, all its attempts together.
    submit_outcome outcome = submit_outcome::unknown;
    /// The ruling on this attempt alone: its flags say how to repeat it.
    ruling because;
    /// With stop: why, in one sentence, for diagnostics::stopped.
    std::string stopped;
};

/// One operation's tries. A plain value; not for reuse by another operation.
class retry_machine
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// The first attempt starts at `now`, and none starts at or after `deadline`.
    COKINO_DECL retry_machine(const retry_options& options, const operation& op, time_point now,
                              time_point deadline = time_point::max());

    /// For an operation that an earlier process began: its key's lifetime counts from then.
    void key_first_used(time_point when) noexcept { key_used_ = when; }

    /// An attempt ended at `now`, and not in success: again, or stop?
    COKINO_DECL retry_decision on_failure(const attempt_outcome& outcome, time_point now,
                                          random_source& random);

    /// Attempts that count, the first included.
    unsigned attempts() const noexcept { return attempts_; }
    /// Whether an attempt so far may have been accepted.
    bool in_doubt() const noexcept { return in_doubt_; }

private:
    bool key_alive(time_point at) const noexcept;
    ruling judge(const attempt_outcome& outcome, time_point now) const;
    std::chrono::microseconds delay_after(const ruling& r, const attempt_outcome& outcome,
                                          random_source& random);
    std::string objection(const ruling& r, const attempt_outcome& outcome) const;
    std::string objection_to(time_point at) const;
    std::string reason_to_stop(const ruling& r, const attempt_outcome& outcome) const;

    retry_options options_;
    operation op_;
    time_point started_;
    time_point deadline_;
    time_point key_used_;
    policy::backoff backoff_;
    unsigned attempts_ = 0;
    unsigned free_ = 0;
    bool in_doubt_ = false;
    /// How often each situation came up, for the cells that limit it.
    std::array<std::uint8_t, situation_count> seen_{};
};

} // namespace cokino::policy

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/policy/impl/retry.ipp>
#endif
