// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Instants as ISO 8601 writes them, in UTC only, read and written without a locale: the timestamps
// of JSON answers and of signed links. For the dates of HTTP see http_date.hpp.
#pragma once

#include <cokino/core/config.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace cokino {

/// Reads "2026-11-27", "2026-11-27T12:00Z", "2026-11-27T12:00:00Z" (perhaps with up to nine digits
/// of fraction, which are dropped) and "20261127T120000Z". Nothing for any other form, for days and
/// times that do not exist, and for offsets from UTC.
COKINO_DECL std::optional<std::chrono::sys_seconds> parse_iso_date(std::string_view text) noexcept;

/// "2026-11-27T12:00:00Z". Years are 0 to 9999; what lies outside is shown as the nearest end.
COKINO_DECL std::string iso_date_text(std::chrono::sys_seconds at);

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/core/impl/iso_date.ipp>
#endif
