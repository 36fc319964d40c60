// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What run() does about a render that passes its ceiling. A wrong turn here buys a clip twice, so
// the decision is a page of pure code: events in, one action out, no clock and no sockets.
#pragma once

#include <cokino/client/options.hpp>
#include <cokino/model/job_status.hpp>

#include <string_view>

namespace cokino::detail {

/// Decides after each step of run(): submit, wait, cancel, look.
class run_fsm
{
public:
    enum class state : unsigned char { submitting, waiting, cancelling, looking, done };

    enum class action : unsigned char {
        wait,        ///< Wait for the job, up to the ceiling.
        cancel,      ///< Ask the host to cancel the job.
        look,        ///< Wait once more, up to cancel_grace, for the job to end.
        submit_anew, ///< The old job is dead, or the caller accepts a second bill.
        finish,      ///< Give what the last step gave: result or failure.
        give_up      ///< wait_timed_out, with the job and what the host said of cancelling.
    };

    /// How a wait ended.
    enum class wait_end : unsigned char {
        succeeded,         ///< A result is there.
        cancelled_at_host, ///< The host says the job was cancelled.
        timed_out,         ///< The ceiling passed.
        failed ///< Anything else: refusals, failed renders, the caller's own cancellation.
    };

    explicit run_fsm(const run_options& o) noexcept : options_(o) {}

    state now() const noexcept { return state_; }
    unsigned resubmits() const noexcept { return resubmits_; }

    action on_submitted(bool accepted) noexcept
    {
        state_ = accepted ? state::waiting : state::done;
        return accepted ? action::wait : action::finish;
    }

    action on_waited(wait_end end) noexcept
    {
        if (state_ == state::looking)
            return after_look(end);
        // A failed render is a verdict, not a hang: it is never bought again here.
        if (end != wait_end::timed_out)
            return finish(action::finish);
        if (options_.on_ceiling == resubmit::never)
            return finish(action::finish);
        state_ = state::cancelling;
        return action::cancel;
    }

    /// `answered` is false when the request to cancel failed: then nothing is known.
    action on_cancelled(bool answered, cancel_outcome outcome) noexcept
    {
        if (!answered || outcome == cancel_outcome::not_supported)
            return unconfirmed();
        switch (outcome) {
        case cancel_outcome::cancelled: return anew();
        // It took note, or ended meanwhile: either way a result may be there, already paid for.
        case cancel_outcome::requested:
        case cancel_outcome::too_late:
        // A host that forgot the job cannot say whether it was billed; one look will tell.
        case cancel_outcome::not_found: break;
        case cancel_outcome::not_supported: return unconfirmed();
        }
        state_ = state::looking;
        return action::look;
    }

private:
    action after_look(wait_end end) noexcept
    {
        switch (end) {
        case wait_end::succeeded: return finish(action::finish);
        case wait_end::cancelled_at_host: return anew();
        case wait_end::timed_out: return unconfirmed();
        case wait_end::failed: return finish(action::finish);
        }
        return finish(action::finish);
    }

    action unconfirmed() noexcept
    {
        if (options_.on_ceiling == resubmit::accept_double_billing)
            return anew();
        return finish(action::give_up);
    }

    action anew() noexcept
    {
        if (resubmits_ >= options_.resubmits_max)
            return finish(action::give_up);
        ++resubmits_;
        state_ = state::submitting;
        return action::submit_anew;
    }

    action finish(action a) noexcept
    {
        state_ = state::done;
        return a;
    }

    run_options options_;
    unsigned resubmits_ = 0;
    state state_ = state::submitting;
};

constexpr std::string_view name_of(run_fsm::action a) noexcept
{
    switch (a) {
    case run_fsm::action::wait: return "wait";
    case run_fsm::action::cancel: return "cancel";
    case run_fsm::action::look: return "look";
    case run_fsm::action::submit_anew: return "submit_anew";
    case run_fsm::action::finish: return "finish";
    case run_fsm::action::give_up: return "give_up";
    }
    return "?";
}

} // namespace cokino::detail
