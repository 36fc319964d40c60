// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/detail/rate_window.hpp.
#pragma once

#include <cokino/transfer/detail/rate_window.hpp>

#include <algorithm>

namespace cokino::detail {

COKINO_DECL rate_window::rate_window(std::uint64_t bytes_per_second,
                                     std::chrono::milliseconds window) noexcept
{
    restart();
    if (bytes_per_second == 0 || window.count() <= 0)
        return;
    const auto millis = static_cast<std::uint64_t>(window.count());
    bytes_min_ = std::max<std::uint64_t>(1, bytes_per_second * millis / 1000);
    step_ = duration(window) / static_cast<int>(steps);
}

COKINO_DECL void rate_window::restart() noexcept
{
    waited_ = duration(0);
    present_ = 0;
    sum_ = 0;
    bytes_.fill(0);
}

COKINO_DECL bool rate_window::too_slow(duration waited, std::uint64_t bytes) noexcept
{
    if (bytes_min_ == 0)
        return false;
    waited_ += waited;
    constexpr auto size = static_cast<std::int64_t>(steps + 1);
    const std::int64_t now = waited_ / step_;
    for (auto left = std::min(now - present_, size); left > 0; --left) {
        auto& oldest = bytes_[static_cast<std::size_t>((now - left + 1) % size)];
        sum_ -= oldest;
        oldest = 0;
    }
    present_ = now;
    bytes_[static_cast<std::size_t>(now % size)] += bytes;
    sum_ += bytes;
    return now >= static_cast<std::int64_t>(steps) && sum_ < bytes_min_;
}

} // namespace cokino::detail
