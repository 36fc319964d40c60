// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What a caller can set on each verb. These are aggregates, trivially destructible, so that
// `co_await client.wait_for(job, {.ceiling = 5min})` is sound on every compiler.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/result.hpp>

#include <chrono>
#include <type_traits>

namespace cokino {

/// Options of submit.
struct submit_options {
    /// Everything together, from the co_await on: queueing, tries and pauses. Zero: no limit but
    /// the retry policy's own. 100 ms to a year otherwise. When it passes after a byte has left,
    /// the outcome is unknown.
    std::chrono::milliseconds total_max{std::chrono::minutes{2}};
    /// Tries at most, the first included. Zero: as the client's retry policy says. Only a submit
    /// that certainly was not accepted is tried again, whatever stands here.
    unsigned attempts_max = 0;
    /// Whether a field that the host does not know is left out of the request, and the observer's
    /// on_warning told. Otherwise it is an error (unsupported_field) that names field, host and
    /// what is nearest, and nothing is sent.
    bool leave_out_unsupported = false;
};

/// Options of wait_for.
struct wait_options {
    /// How long to wait before giving up with wait_timed_out. The job goes on at the host and the
    /// error holds it. 1 ms to a year; one last look is taken when the ceiling passes.
    std::chrono::milliseconds ceiling{limits::wait_ceiling};
    /// Whether to ask the host to cancel the job when the ceiling passes. It may finish all the
    /// same, and be billed; the error says what the host answered.
    bool cancel_at_ceiling = false;
    /// Whether to hear of the job's states as they change, where the host offers an event stream:
    /// one connection for each such wait. Looks go on beside it, more rarely; when the stream drops
    /// they take over again.
    bool stream = false;
};

/// What run() may do when a render passes the ceiling.
enum class resubmit : unsigned char {
    never,                ///< Give up with wait_timed_out; the error holds the job. The default.
    when_cancelled,       ///< Submit anew only after the host confirmed that the old job is dead.
    accept_double_billing ///< Submit anew even when the old job may still finish and be billed.
};

/// Options of run.
struct run_options {
    submit_options submit{};
    /// Ceiling of each wait. cancel_at_ceiling is implied when resubmitting is allowed.
    wait_options wait{};
    /// What may be done about a render that hangs.
    resubmit on_ceiling = resubmit::never;
    /// How often at most; each may cost the price of a clip. 0 to 5.
    unsigned resubmits_max = 1;
    /// How long a job that took note of its cancellation may take to end before it counts as
    /// still running. 1 ms to a year.
    std::chrono::milliseconds cancel_grace{std::chrono::seconds{30}};
};

static_assert(std::is_trivially_destructible_v<submit_options>);
static_assert(std::is_trivially_destructible_v<wait_options>);
static_assert(std::is_trivially_destructible_v<run_options>);

/// Checks bounds; invalid_options names the offending field.
COKINO_DECL result<void> validate(const submit_options& o);
COKINO_DECL result<void> validate(const wait_options& o);
COKINO_DECL result<void> validate(const run_options& o);

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/client/impl/options.ipp>
#endif
