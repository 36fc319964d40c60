// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Tells a body that drips from one that flows. Silence is the transport's to notice; this is for
// the host that sends a byte a second and would hold a download for ever. Pure: only the time that
// was spent waiting for the host is told to it, so that a slow disk is nobody else's fault.
#pragma once

#include <cokino/core/config.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace cokino::detail {

class rate_window
{
public:
    using duration = std::chrono::nanoseconds;

    /// Fewer than `bytes_per_second` on average over `window` are too few; zero of either: never.
    rate_window(std::uint64_t bytes_per_second, std::chrono::milliseconds window) noexcept;

    /// Bytes came after a wait. True: over the last window (a sixteenth more at most) there were
    /// too few. Never before a whole window was waited through.
    bool too_slow(duration waited, std::uint64_t bytes) noexcept;

    /// Another body begins.
    void restart() noexcept;

    /// How many bytes must come within a window; 0: it is off.
    std::uint64_t bytes_min() const noexcept { return bytes_min_; }

private:
    static constexpr std::size_t steps = 16;

    std::uint64_t bytes_min_ = 0;
    duration step_{0};                           // a sixteenth of the window
    duration waited_{0};                         // in all
    std::uint64_t sum_ = 0;                      // of bytes_
    std::array<std::uint64_t, steps + 1> bytes_; // that came in the last steps, as a ring
    std::int64_t present_ = 0;                   // the number of the present step
};

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/rate_window.ipp>
#endif
