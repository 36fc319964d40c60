// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The counting around a ruling: each function answers one question, and an empty objection means
// that there is none.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/policy/impl/backoff.ipp>
#include <cokino/policy/retry.hpp>

#include <algorithm>

namespace cokino {
namespace detail {

inline std::string span_text(std::chrono::steady_clock::duration span)
{
    return duration_text(std::chrono::ceil<std::chrono::milliseconds>(span));
}

// A share of a span, without overflow for any span that an option allows.
inline std::chrono::microseconds share_of(std::chrono::microseconds span, double share)
{
    const double part = static_cast<double>(span.count()) * share;
    return std::chrono::microseconds(static_cast<std::int64_t>(part));
}

} // namespace detail

namespace policy {

COKINO_DECL result<void> validate(const retry_options& options)
{
    using namespace std::chrono_literals;
    if (options.attempts_max == 0)
        return invalid("attempts_max", "must be at least 1", errc::invalid_options);
    if (options.elapsed_max < 0ms || options.elapsed_max > 24h * 366)
        return invalid("elapsed_max", "must be 0 to a year", errc::invalid_options);
    if (options.hint_max < 0ms || options.hint_max > 24h)
        return invalid("hint_max", "must be 0 to a day", errc::invalid_options);
    if (!(options.hint_spread >= 0 && options.hint_spread <= 1))
        return invalid("hint_spread", "must be 0 to 1", errc::invalid_options);
    result<void> inner = validate(options.backoff);
    if (!inner) {
        failure f = inner.error();
        f.edit().field.insert(0, "backoff.");
        return f;
    }
    return {};
}

COKINO_DECL retry_machine::retry_machine(const retry_options& options, const operation& op,
                                         time_point now, time_point deadline)
    : options_(options), op_(op), started_(now), deadline_(deadline), key_used_(now),
      backoff_(options.backoff)
{}

COKINO_DECL retry_decision retry_machine::on_failure(const attempt_outcome& outcome, time_point now,
                                                     random_source& random)
{
    retry_decision decision;
    decision.because = judge(outcome, now);
    const ruling& r = decision.because;
    auto& seen = seen_[static_cast<std::size_t>(r.what)];
    seen = static_cast<std::uint8_t>(std::min(seen + 1, 255));

    // Once an attempt may have been accepted, no later refusal takes that back: it is the later
    // attempt that was refused. Only an acceptance ends the doubt here.
    in_doubt_ = in_doubt_ || r.then.outcome == submit_outcome::unknown;
    decision.outcome = in_doubt_ ? submit_outcome::unknown : r.then.outcome;
    if (r.then.outcome == submit_outcome::accepted) {
        in_doubt_ = false;
        decision.outcome = submit_outcome::accepted;
    }

    decision.step = r.then.step;
    decision.at = now;
    if (decision.step == next_step::retry_free && free_ < limits::free_retries_max) {
        ++free_;
    } else {
        ++attempts_;
        if (decision.step == next_step::retry_free)
            decision.step = next_step::retry;
        decision.stopped = objection(r, outcome);
        if (decision.stopped.empty()) {
            decision.delay = delay_after(r, outcome, random);
            decision.at = now + decision.delay;
        }
    }
    if (decision.stopped.empty())
        decision.stopped = objection_to(decision.at);
    if (!decision.stopped.empty()) {
        decision.step = next_step::stop;
        decision.delay = {};
        decision.at = now;
    }
    return decision;
}

// A key that the host has forgotten, or is about to forget, protects nothing. A tenth of its
// lifetime is left unused, for the request's way and for clocks that differ.
COKINO_DECL bool retry_machine::key_alive(time_point at) const noexcept
{
    const auto lifetime = op_.host.key_lifetime;
    return lifetime.count() == 0 || at - key_used_ < lifetime - lifetime / 10;
}

COKINO_DECL ruling retry_machine::judge(const attempt_outcome& outcome, time_point now) const
{
    operation op = op_;
    if (op.kind == operation_kind::keyed && !key_alive(now))
        op.kind = operation_kind::unsafe;
    return rule_on(op, outcome);
}

COKINO_DECL std::chrono::microseconds retry_machine::delay_after(const ruling& r,
                                                                 const attempt_outcome& outcome,
                                                                 random_source& random)
{
    using std::chrono::microseconds;
    if (r.then.step == next_step::follow || r.fresh_credential)
        return microseconds(0);
    const microseconds own = backoff_.next(random, r.slow_down);
    if (!outcome.retry_after || options_.hint_max.count() == 0)
        return own;
    const microseconds floor = std::max(own, microseconds(*outcome.retry_after));
    const microseconds spread = detail::share_of(floor, options_.hint_spread);
    return detail::delay_between(random, floor, floor + spread);
}

/// Why this attempt is the last, whenever the next would be.
COKINO_DECL std::string retry_machine::objection(const ruling& r,
                                                 const attempt_outcome& outcome) const
{
    if (r.then.step == next_step::stop)
        return reason_to_stop(r, outcome);
    const auto seen = seen_[static_cast<std::size_t>(r.what)];
    if (r.then.times_max != 0 && seen > r.then.times_max)
        return std::string(sentence_of(r.what)) + ", again";
    if (attempts_ >= options_.attempts_max)
        return "attempts exhausted: " + detail::to_text(options_.attempts_max);
    const bool hints = options_.hint_max.count() != 0 && outcome.retry_after.has_value();
    if (hints && *outcome.retry_after > options_.hint_max) {
        return "the host asks to wait " + detail::duration_text(*outcome.retry_after) +
               ", and hint_max is " + detail::duration_text(options_.hint_max);
    }
    return {};
}

/// Why the next attempt cannot start at that time.
COKINO_DECL std::string retry_machine::objection_to(time_point at) const
{
    if (in_doubt_ && op_.kind == operation_kind::keyed && !key_alive(at))
        return "the key's lifetime passes before the next attempt, which could buy a second time";
    if (in_doubt_ && op_.kind == operation_kind::unsafe)
        return "an attempt may have been accepted, so it was not sent again";
    if (options_.elapsed_max.count() != 0 && at - started_ > options_.elapsed_max)
        return "time exhausted: " + detail::duration_text(options_.elapsed_max);
    if (at >= deadline_) {
        return "the deadline, " + detail::span_text(deadline_ - started_) +
               " after the start, passes before the next attempt";
    }
    return {};
}

COKINO_DECL std::string retry_machine::reason_to_stop(const ruling& r,
                                                      const attempt_outcome& outcome) const
{
    std::string why(sentence_of(r.what));
    if (outcome.should_retry == false)
        return why + ", and it asks not to be asked again";
    if (r.then.outcome == submit_outcome::unknown && op_.kind != operation_kind::idempotent)
        return why + "; it may have been accepted, so it was not sent again";
    return why;
}

} // namespace policy
} // namespace cokino
