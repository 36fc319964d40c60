// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// How far a host's clock is from ours, learnt from the Date of its answers. Links die by the host's
// clock and requests are signed by ours, so both need to know. Pure: every instant comes from
// outside.
#pragma once

#include <cokino/core/config.hpp>

#include <array>
#include <chrono>
#include <cstddef>

namespace cokino::policy {

/// The median of the last answers. One answer alone is never believed, and one that lies among
/// honest ones moves nothing beyond what those say: a cache may send yesterday's Date.
class clock_skew
{
public:
    using time_point = std::chrono::system_clock::time_point;

    /// An answer whose Date (with its Age added) was `date`, to a request that was begun and
    /// answered at these times of ours. Date has whole seconds and the way takes time, so it is
    /// taken for the smallest skew that explains it: usually none. More than limits::clock_skew_max
    /// counts as that much.
    COKINO_DECL void learn(std::chrono::sys_seconds date, time_point asked, time_point answered);

    /// The host's clock minus ours; zero until two answers agree that it is not.
    COKINO_DECL std::chrono::milliseconds value() const;
    /// Its size: what to take off a deadline.
    std::chrono::milliseconds margin() const { return std::chrono::abs(value()); }
    /// How many answers it was learnt from, up to samples_max.
    std::size_t samples() const noexcept { return count_; }

    static constexpr std::size_t samples_max = 8;

private:
    std::array<std::chrono::milliseconds, samples_max> samples_{};
    std::size_t count_ = 0;
    std::size_t next_ = 0; // the oldest, once all are there
};

} // namespace cokino::policy

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/policy/impl/clock_skew.ipp>
#endif
