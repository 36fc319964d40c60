// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// When a job ended, as hosts write it. The life that a host promises its files counts from there,
// so an instant that cannot be one is no instant.
#pragma once

#include <cokino/core/iso_date.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cokino::detail {

using end_of_job = std::optional<std::chrono::system_clock::time_point>;

/// Milliseconds since 1970; from 2001 to 2100.
inline end_of_job end_in_ms(std::int64_t ms) noexcept
{
    if (ms < 1'000'000'000'000 || ms >= 4'102'444'800'000)
        return std::nullopt;
    return std::chrono::system_clock::time_point(std::chrono::milliseconds(ms));
}

/// "2026-09-21T12:01:38.640Z", to the second; hosts write "0001-01-01T00:00:00Z" for "not yet".
inline end_of_job end_in_iso(std::string_view text) noexcept
{
    const auto at = parse_iso_date(text);
    return at ? end_in_ms(at->time_since_epoch().count() * 1000) : std::nullopt;
}

} // namespace cokino::detail
