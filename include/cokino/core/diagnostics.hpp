// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The facts that travel beside an error code. What a host said is kept apart from our own words,
// capped in length and stripped of control characters, because nobody vouches for it.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/fate.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cokino {

/// Everything known about one failure. An empty string or zero means "not known".
struct diagnostics {
    std::string host;       ///< Which provider: "fal", "rest", or a download's host name.
    std::string operation;  ///< "submit", "status", "result", "cancel", "download", "wait_for" ...
    std::string field;      ///< The offending field of a request or option.
    std::string message;    ///< Our own sentence. Never holds text from outside.
    std::string host_code;  ///< The host's own code ("content_policy_violation", "1301").
    std::string host_text;  ///< The host's own words, capped and cleaned. Not trusted.
    std::string request_id; ///< The host's id of the exchange, for its support desk.
    std::string job;        ///< The job as text, to be read back with parse_job.
    std::string stopped;    ///< Why a retry loop stopped ("attempts exhausted: 5").
    unsigned http_status = 0;
    unsigned attempts = 0;                                ///< How often it was tried.
    std::optional<std::chrono::milliseconds> retry_after; ///< The host's hint, if any.
    std::chrono::milliseconds elapsed{0};                 ///< From the first try to the end.
    billing billed = billing::unknown;
    billing_basis billed_by = billing_basis::inferred; ///< By whose word; of no use if unknown.
};

/// Cleans text from outside, so that it can stand in a log line: control characters, line
/// separators and characters that turn the reading direction become spaces, bytes that are not
/// UTF-8 become '?', and it is cut at a character's edge, with "..." behind it. The result is never
/// longer than `bytes_max`, dots included.
COKINO_DECL std::string clean_text(std::string_view text, std::size_t bytes_max);

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/core/impl/diagnostics.ipp>
#endif
