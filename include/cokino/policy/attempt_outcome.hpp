// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// How one attempt at a request ended, as plain facts, and what may be known of a submit after it.
// Judging the facts is the business of situation.hpp and ruling.hpp.
#pragma once

#include <cokino/core/error.hpp>
#include <cokino/core/fate.hpp>
#include <cokino/core/result.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace cokino::policy {

/// What is known of a submit if it is left as it is. Only a look at the host, never the passing of
/// time, ends `unknown`.
enum class submit_outcome : unsigned char {
    not_sent, ///< No byte left: nothing was bought.
    accepted, ///< The host has it.
    rejected, ///< The answer proves that it was not accepted: nothing was bought.
    unknown   ///< It may have been accepted and charged.
};

constexpr std::string_view name_of(submit_outcome o) noexcept
{
    switch (o) {
    case submit_outcome::not_sent: return "not_sent";
    case submit_outcome::accepted: return "accepted";
    case submit_outcome::rejected: return "rejected";
    case submit_outcome::unknown: return "unknown";
    }
    return "?";
}

/// How an attempt ended, where a fate and a status do not tell.
enum class attempt_end : unsigned char {
    exchange,       ///< They tell.
    stream_refused, ///< HTTP/2 REFUSED_STREAM, or GOAWAY below our stream: nobody worked on it.
    process_died,   ///< Found at restart: an intent that has no outcome.
    journal_failed  ///< The intent could not be written down.
};

/// What a conflict (409, or a dialect's word for it) is about.
enum class conflict : unsigned char {
    unspecified,  ///< The host does not say.
    in_progress,  ///< The first request with this key is still being worked on.
    own_id_exists ///< The id that we chose is taken, by us: the first request was accepted.
};

/// All that the decision looks at. What is not known keeps its default, which is the careful one.
struct attempt_outcome {
    attempt_end end = attempt_end::exchange;
    /// The transport's code; for a whole answer, the dialect's reading of it.
    errc code = errc::ok;
    fate sent = fate::maybe_sent;
    /// From the status line, even if the rest of the answer was cut; 0 when none came.
    unsigned http_status = 0;
    bool write_complete = false;       ///< The request's last byte reached the kernel.
    bool connection_reused = false;    ///< It went out on a pooled connection.
    bool redirect_same_origin = false; ///< A 3xx points to the origin that was asked.
    conflict about = conflict::unspecified;
    std::optional<std::chrono::milliseconds> retry_after; ///< The host's hint (retry_after.hpp).
    std::optional<bool> should_retry;                     ///< The host's own advice, if any.
};

/// The facts that a failure carries. Codes of other categories count as connection_lost.
COKINO_DECL attempt_outcome outcome_of(const failure& f);

} // namespace cokino::policy

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/policy/impl/attempt_outcome.ipp>
#endif
