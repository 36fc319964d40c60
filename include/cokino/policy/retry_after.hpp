// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// How long a host asks to wait, from whichever of a dozen headers it says it with. Knows nothing of
// HTTP messages: the fields are handed in one by one, in any order. Whether to obey is for retry.
#pragma once

#include <cokino/core/config.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

namespace cokino::policy {

/// No hint is longer than this; a longer or overflowing one means this.
inline constexpr std::chrono::milliseconds hint_ceiling = std::chrono::hours(24 * 365);

/// Reads the hints in a response's fields.
///
///     hint_reader hints(system_now);
///     answer.for_each_field([&](auto name, auto value) { hints.field(name, value); });
///     auto wait = hints.delay(answer.status == 429);
///
/// Of several hints the most trustworthy kind wins: milliseconds (retry-after-ms,
/// x-ms-retry-after-ms, x-amz-retry-after), then Retry-After, then the fields that tell of a quota
/// (RateLimit and its older spellings). Within a kind the longest wins. What cannot be read is as
/// if it were absent.
class hint_reader
{
public:
    using time_point = std::chrono::system_clock::time_point;

    explicit hint_reader(time_point now) noexcept : now_(now) {}

    /// One field; its name without regard to case. Keeps nothing of the texts.
    COKINO_DECL void field(std::string_view name, std::string_view value) noexcept;

    /// The wait asked for. A date counts from the response's own Date, which cancels the difference
    /// of the clocks, or from now where there is none; a date in the past means 0. The fields of
    /// quotas are looked at only when the host says that there were too many requests
    /// (`throttled`): they stand on every answer, and say nothing of a fault.
    COKINO_DECL std::optional<std::chrono::milliseconds> delay(bool throttled) const noexcept;

    /// What x-should-retry or stripe-should-retry says; false wins over true.
    std::optional<bool> should_retry() const noexcept { return should_retry_; }

private:
    using wait = std::optional<std::chrono::milliseconds>;
    /// A system clock of nanoseconds ends in 2262; a date in a header need not.
    using instant = std::chrono::sys_time<std::chrono::milliseconds>;

    /// One counted thing: when there will be more of it.
    struct quota {
        wait in;                ///< From now.
        wait at;                ///< Or since 1970.
        bool some_left = false; ///< It is not what ran out.
    };
    enum : std::size_t { total, requests, tokens, quota_count };

    bool exact_field(std::string_view name, std::string_view value) noexcept;
    bool quota_field(std::string_view name, std::string_view value) noexcept;
    void retry_after(std::string_view value) noexcept;
    void advice(std::string_view value) noexcept;

    time_point now_;
    wait exact_;                              // the millisecond fields
    wait delta_;                              // Retry-After, a number
    std::optional<instant> date_;             // Retry-After, a date
    std::optional<instant> sent_;             // Date
    wait structured_;                         // RateLimit, of what has run out
    std::array<quota, quota_count> quotas_{}; // the older spellings
    std::optional<bool> should_retry_;
};

} // namespace cokino::policy

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/policy/impl/retry_after.ipp>
#endif
