// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What of a URL, a header or an answer may be seen in logs and errors. By allow-list: a name that
// nobody vouched for hides its value, because the next host's secret has a name not yet known.
#pragma once

#include <cokino/core/config.hpp>

#include <string>
#include <string_view>

namespace cokino::wire {

/// What stands in the place of a hidden text.
inline constexpr std::string_view hidden_text = "***";

/// A URL's query (without '?'): the values of all but harmless names are hidden.
COKINO_DECL std::string redact_query(std::string_view query);

} // namespace cokino::wire

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/wire/impl/redact.ipp>
#endif
