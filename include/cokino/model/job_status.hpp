// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What a host says of a job. Our states are few; the host's own word is always kept beside them,
// and a word that nobody knows counts as still running, within bounds.
#pragma once

#include <cokino/core/result.hpp>
#include <cokino/model/asset.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cokino {

enum class job_state : unsigned char {
    queued,    ///< Accepted, waiting for a machine.
    running,   ///< Being rendered.
    succeeded, ///< Done; the result is there or can be fetched.
    failed,    ///< The host gave up, or refused the content.
    cancelled, ///< Cancelled at the host.
    unknown    ///< A word that this version does not know: treated as running, within bounds.
};

constexpr std::string_view name_of(job_state s) noexcept
{
    switch (s) {
    case job_state::queued: return "queued";
    case job_state::running: return "running";
    case job_state::succeeded: return "succeeded";
    case job_state::failed: return "failed";
    case job_state::cancelled: return "cancelled";
    case job_state::unknown: return "unknown";
    }
    return "?";
}

constexpr bool is_final(job_state s) noexcept
{
    return s == job_state::succeeded || s == job_state::failed || s == job_state::cancelled;
}

/// A line of the host's log.
struct job_log {
    std::string message;
    std::string level;
    std::string timestamp;
};

/// The files that a finished job made, before they are given the shape of a result.
struct job_output {
    std::vector<asset> assets;
    /// When the job ended, where the host tells: from then on counts the life of its files.
    std::optional<std::chrono::system_clock::time_point> ended_at;
    std::optional<std::uint64_t> seed;
    /// Seconds of rendering as the host counts them; 0 when not told.
    double render_s = 0;
};

/// One look at a job.
struct job_status {
    job_state state = job_state::unknown;
    std::string word;                  ///< The host's own word, cleaned and capped.
    std::optional<int> queue_position; ///< Jobs ahead of this one.
    std::optional<double> progress;    ///< 0 to 1.
    std::vector<job_log> logs;
    std::optional<failure> error;     ///< Why it failed or was cancelled.
    std::optional<job_output> output; ///< Present when the status answer holds the result.
    /// The state is final, but the result (or the reason) must be fetched by a second request.
    bool result_pending = false;
};

/// What became of a request to cancel.
enum class cancel_outcome : unsigned char {
    cancelled,    ///< The host says it will not run; usually not billed.
    requested,    ///< The host took note; the job may still finish and be billed.
    too_late,     ///< The job had already ended.
    not_found,    ///< The host does not know the job.
    not_supported ///< This host has no way to cancel; nothing was sent.
};

constexpr std::string_view name_of(cancel_outcome c) noexcept
{
    switch (c) {
    case cancel_outcome::cancelled: return "cancelled";
    case cancel_outcome::requested: return "requested";
    case cancel_outcome::too_late: return "too_late";
    case cancel_outcome::not_found: return "not_found";
    case cancel_outcome::not_supported: return "not_supported";
    }
    return "?";
}

} // namespace cokino
