// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// How a wait hears of its job from outside: something that hands out callback URLs and knows what
// was called. The webhook inbox is one, the client uses one; the facade joins them, so that neither
// includes the other.
#pragma once

#include <cokino/core/result.hpp>
#include <cokino/model/webhook_note.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace cokino {

/// What was heard of a job.
struct completion_hint {
    webhook_note note;
    /// Whether note.status may be believed: the sender proved itself, its signature covers the
    /// body, and the body speaks of the job that was waited for. Else the job is to be looked at.
    bool believed = false;
};

/// Who wants to hear of one job. Stays where it is from watch() to unwatch().
class completion_waiter
{
public:
    /// Called on the loop, and never inside watch(). May watch and unwatch, itself too. It may come
    /// several times, for a job that has not ended, and late or never: a hint is no promise.
    virtual void on_hint(const completion_hint& hint) = 0;

protected:
    ~completion_waiter() = default;
};

/// Where one submit's job is called back to.
struct callback_address {
    callback_address() = default;
    std::string url;   ///< What the host is given. Names the job, so it is a secret of that host.
    std::string nonce; ///< Its part that names the job before there is an id.
};

/// The jobs of one host. One thread.
///
///     auto there = source.new_address();             // before the submit: context.webhook_url
///     source.bind(there->nonce, job.id);             // when it has answered; not when it has not
///     if (auto told = source.watch(*this, job.id))   // when somebody waits; told: it came before
///         ...
///     source.unwatch(*this);                         // when nobody waits any more
class completion_source
{
public:
    virtual ~completion_source() = default;

    /// A URL of its own for one submit. Kept for a day at most.
    /// Failures: invalid_options (no base URL to build on).
    virtual result<callback_address> new_address() = 0;

    /// The submit with that address gave this id: hints under either name are of one job.
    virtual void bind(std::string_view nonce, std::string_view job_id) = 0;

    /// Registers a waiter, by the job's id or, where the id never came, by the nonce alone: a hint
    /// then brings the id in its note. Gives what was heard before, if anything was; the waiter is
    /// registered all the same. One registration for each waiter.
    /// Lifetimes: the waiter outlives its registration.
    virtual std::optional<completion_hint> watch(completion_waiter& w, std::string_view job_id,
                                                 std::string_view nonce = {}) = 0;

    /// Harmless when it is not registered.
    virtual void unwatch(completion_waiter& w) noexcept = 0;
};

} // namespace cokino
