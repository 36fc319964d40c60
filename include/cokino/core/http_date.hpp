// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The three spellings of a date in HTTP (RFC 9110 §5.6.7), read without a locale. Not for the
// timestamps in JSON answers, which have a format of their own.
#pragma once

#include <cokino/core/config.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace cokino {

/// Reads "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT" or
/// "Sun Nov  6 08:49:37 1994"; nothing when it is none of them or no such day exists. The day's
/// name must be one, but need not be the right one. `now` settles the century of the second form:
/// a date more than 50 years ahead means the past.
COKINO_DECL std::optional<std::chrono::sys_seconds> parse_http_date(
    std::string_view text, std::chrono::sys_seconds now) noexcept;

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/core/impl/http_date.ipp>
#endif
