// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// How long to wait before the next try: exponential growth under a cap, with chance in it so that
// many who failed together do not come back together. Says nothing of whether to try again (retry).
#pragma once

#include <cokino/core/random_source.hpp>
#include <cokino/core/result.hpp>

#include <chrono>

namespace cokino::policy {

/// Where chance enters. v is the exponential value, min(cap, base * multiplier^n).
enum class jitter : unsigned char {
    none,        ///< v. For tests, and for a single caller.
    full,        ///< Uniform in [0, v]. Contended work is done with the fewest calls.
    equal,       ///< v/2 plus uniform in [0, v/2]. Never returns at once.
    decorrelated ///< Uniform in [base, 3 * the delay before], under the cap; ignores multiplier.
};

struct backoff_options {
    /// The first exponential value, and the least delay of `decorrelated`. Above zero.
    std::chrono::milliseconds base{500};
    /// The same after an answer that says "too many": a host that is full is not helped by haste.
    std::chrono::milliseconds base_throttled{1000};
    /// No delay is longer. At least both bases, at most a day.
    std::chrono::milliseconds cap{20'000};
    /// How much longer each value is than the one before; 1 to 10.
    double multiplier = 2;
    jitter kind = jitter::full;
};

/// Names the field that is out of its bounds.
COKINO_DECL result<void> validate(const backoff_options& options);

/// The delays of one operation, one after the other. A value: copy it to look ahead.
class backoff
{
public:
    explicit backoff(const backoff_options& options) noexcept : options_(options) {}

    /// The next delay. `throttled` starts from the longer base.
    COKINO_DECL std::chrono::microseconds next(random_source& random, bool throttled = false);

    /// Forgets the tries so far: after a success.
    void reset() noexcept
    {
        step_ = 0;
        previous_ = {};
    }

private:
    backoff_options options_;
    unsigned step_ = 0;
    std::chrono::microseconds previous_{0};
};

} // namespace cokino::policy

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/policy/impl/backoff.ipp>
#endif
