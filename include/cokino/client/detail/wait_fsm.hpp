// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What a wait does next. Four sources meet here: answers to polls, failed polls, the clock, and
// hints from outside (a webhook, an event stream). Pure: events with an explicit `now` in, one
// action out; the poller carries it out. The rule that matters: a missed poll is not a failed job.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/random_source.hpp>
#include <cokino/core/result.hpp>
#include <cokino/core/text.hpp>
#include <cokino/model/job_status.hpp>
#include <cokino/policy/polling.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace cokino::detail {

/// What the machine is told once and shares with all waits of a client.
struct wait_rules {
    policy::polling_options clips;  ///< The rhythm for jobs that take minutes.
    policy::polling_options stills; ///< And for those that take seconds.
    unsigned unknown_states_max = limits::unknown_states_max;
    unsigned not_found_max = limits::not_found_max;
    /// The host's own floor under the time between two looks.
    std::chrono::milliseconds interval_min{0};
    /// How much longer the waits between looks become while somebody else tells of the job too.
    int relaxed_factor = 4;
    /// How long an answer that is under way at the ceiling is still waited for.
    std::chrono::milliseconds ceiling_grace{5000};
    /// A look may ride along with the look at another job when no more than this part of its wait
    /// is left. Jobs that rode together fall due together, so that they find each other again.
    int early_part = 4;
    /// And no earlier than this, however long the wait.
    std::chrono::milliseconds early_max{2500};
};

/// How a wait ended: a final status, or a failure.
using wait_verdict = result<job_status>;

/// One wait. Small, since a client may hold a hundred thousand of them.
class wait_fsm
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    enum class state : unsigned char {
        idle,     ///< Nothing under way; the timer tells when to look.
        asking,   ///< A status request is under way.
        fetching, ///< The job has ended; its result is being fetched.
        done
    };

    enum class action : unsigned char {
        none,  ///< Go on with what is under way.
        sleep, ///< Set the timer to timer_at().
        ask,   ///< Send a status request; set the timer to timer_at() all the same.
        fetch, ///< Send a result request; likewise.
        finish ///< take_verdict() holds the end.
    };

    /// `accepted` is when the job began: in the past for one that another process bought.
    wait_fsm(const wait_rules& rules, bool still, time_point accepted, time_point now,
             std::chrono::milliseconds ceiling, random_source& random)
        : started_(now), accepted_(accepted), deadline_(now + ceiling), still_(still)
    {
        schedule(rules, std::nullopt, now, random);
    }

    state now_in() const noexcept { return state_; }
    time_point timer_at() const noexcept { return timer_at_; }
    time_point deadline() const noexcept { return deadline_; }
    unsigned polls() const noexcept { return polls_; }

    /// Whether looks at other jobs are to be kept out of this one's call.
    bool alone() const noexcept { return alone_; }

    /// Whether the next look may be made in one call with those at other jobs.
    bool joins() const noexcept { return state_ == state::idle && !result_pending_ && !alone_; }

    /// From when on the next look may be made in a call that is made anyhow: some time before
    /// timer_at(), but never earlier after the last one than the host allows. After a failure only
    /// when it is due: the host is being spared, and may have said for how long.
    time_point joins_from(const wait_rules& rules) const
    {
        if (failures_ != 0)
            return timer_at_;
        auto const looked = started_ + std::chrono::milliseconds(looked_ms_);
        time_point::duration const early = rules.early_max;
        auto const from = timer_at_ - std::min((timer_at_ - looked) / rules.early_part, early);
        if (polls_ == 0)
            return from;
        return std::min(std::max(from, looked + rules.interval_min), timer_at_);
    }

    /// The timer rang.
    action on_timer(const wait_rules& rules, time_point now)
    {
        switch (state_) {
        case state::idle:
            return begin(rules, result_pending_ ? state::fetching : state::asking, now);
        case state::asking:
        case state::fetching: return now >= deadline_ ? time_out(now) : action::none;
        case state::done: break;
        }
        return action::none;
    }

    /// Somebody says that the job has moved: the next look is due now, or as soon after the last
    /// one as the host allows, since whoever forges hints must not make looks without end.
    action on_hint(const wait_rules& rules, time_point now)
    {
        if (state_ != state::idle)
            return action::none;
        auto const allowed =
            polls_ == 0 ? now
                        : started_ + std::chrono::milliseconds(looked_ms_) + rules.interval_min;
        timer_at_ = std::min(timer_at_, std::max(now, allowed));
        return action::sleep;
    }

    /// Another source has begun to tell of the job, or has fallen silent. Looks go on in either
    /// case, more rarely in the first; the second plans the next one anew.
    action on_listening(const wait_rules& rules, bool heard, time_point now, random_source& random)
    {
        if (std::exchange(relaxed_, heard) == heard || state_ != state::idle)
            return action::none;
        schedule(rules, std::nullopt, now, random);
        return action::sleep;
    }

    /// The host said, unasked, how the job ended; what a look that is under way would say does not
    /// matter any more.
    action on_news(const wait_rules& rules, job_status status, time_point now,
                   random_source& random)
    {
        if (!is_final(status.state) || state_ == state::fetching || state_ == state::done)
            return action::none;
        return on_status(rules, std::move(status), now, random);
    }

    /// The host answered a look.
    action on_status(const wait_rules& rules, job_status status, time_point now,
                     random_source& random)
    {
        not_found_ = 0;
        failures_ = 0;
        alone_ = false;
        if (is_final(status.state) && !status.result_pending)
            return finish(std::move(status));
        if (status.result_pending) {
            result_pending_ = true;
            return begin(rules, state::fetching, now);
        }
        // A job may fall back into the queue when the host retries it: states are not monotonic.
        result_pending_ = false;
        unknown_ = status.state == job_state::unknown ? one_more(unknown_) : std::uint16_t{0};
        if (unknown_ > rules.unknown_states_max)
            return finish(unknown_for_too_long(status, rules.unknown_states_max));
        return go_on(rules, std::nullopt, now, random);
    }

    /// A look failed: on the way, or with an answer that says nothing of the job. `told` is the
    /// host's Retry-After.
    action on_failure(const wait_rules& rules, failure why,
                      std::optional<std::chrono::milliseconds> told, time_point now,
                      random_source& random)
    {
        failures_ = one_more(failures_);
        not_found_ = why == errc::not_found ? one_more(not_found_) : std::uint16_t{0};
        bool const gone = not_found_ >= rules.not_found_max;
        // What never left this machine for a reason of its own will not get better by waiting.
        bool const hopeless = why == errc::missing_credential || why == errc::link_refused ||
                              why == errc::invalid_job || why == errc::request_malformed ||
                              why == errc::result_missing;
        if (gone || hopeless)
            return finish(std::move(why));
        verdict_ = std::make_unique<wait_verdict>(std::move(why));
        return go_on(rules, told, now, random);
    }

    /// A call for several jobs failed, this one among them. What is said of the call need not hold
    /// for each job in it, so that no wait ends by it; and unless the trouble is plainly none of
    /// the jobs', the next looks are at each job alone, for an answer of its own.
    action on_joint_failure(const wait_rules& rules, failure why,
                            std::optional<std::chrono::milliseconds> told, time_point now,
                            random_source& random)
    {
        if (why == errc::missing_credential) // nor would it be found for one
            return on_failure(rules, std::move(why), told, now, random);
        alone_ = !is_common(why);
        failures_ = one_more(failures_);
        verdict_ = std::make_unique<wait_verdict>(std::move(why));
        return go_on(rules, told, now, random);
    }

    /// A call for several jobs was answered, but not for this one: as if the host did not know it,
    /// and the next look is at it alone.
    action on_left_out(const wait_rules& rules, time_point now, random_source& random)
    {
        alone_ = true;
        failure f{errc::not_found, fate::answered};
        f.explain("the host's answer tells of the other jobs that were asked for, not of this one");
        return on_failure(rules, std::move(f), std::nullopt, now, random);
    }

    /// Null until the end.
    std::unique_ptr<wait_verdict> take_verdict() noexcept
    {
        return state_ == state::done ? std::move(verdict_) : nullptr;
    }

private:
    /// Whether it concerns all jobs alike: the way to the host, the host, or the account. An answer
    /// that is not understood may be so for the sake of one job in it.
    static bool is_common(const failure& why) noexcept
    {
        return why == condition::transport_fault || why == condition::peer_untrusted ||
               why == condition::timed_out || why == condition::cancelled ||
               why == condition::rate_limited || why == condition::unauthorised ||
               why == condition::out_of_credit || why == errc::host_fault;
    }

    static std::uint16_t one_more(std::uint16_t n) noexcept
    {
        return n == 0xffff ? n : static_cast<std::uint16_t>(n + 1);
    }

    action begin(const wait_rules& rules, state next, time_point now)
    {
        state_ = next;
        polls_ = one_more(polls_);
        looked_ms_ = static_cast<std::uint32_t>(
            std::chrono::duration_cast<std::chrono::milliseconds>(now - started_).count());
        timer_at_ = std::max(deadline_, now) + rules.ceiling_grace;
        return next == state::fetching ? action::fetch : action::ask;
    }

    action go_on(const wait_rules& rules, std::optional<std::chrono::milliseconds> told,
                 time_point now, random_source& random)
    {
        if (now >= deadline_)
            return time_out(now);
        state_ = state::idle;
        schedule(rules, told, now, random);
        return action::sleep;
    }

    void schedule(const wait_rules& rules, std::optional<std::chrono::milliseconds> told,
                  time_point now, random_source& random)
    {
        policy::polling_state seen;
        seen.accepted = accepted_;
        seen.looks = polls_;
        seen.failures = failures_;
        seen.host_floor = rules.interval_min;
        seen.retry_after = told;
        auto next = policy::next_look(still_ ? rules.stills : rules.clips, seen, now, random);
        if (relaxed_)
            next = now + (next - now) * rules.relaxed_factor;
        // The last look falls on the ceiling itself, so that a job that just made it is not lost.
        timer_at_ = std::min(next, deadline_);
    }

    action time_out(time_point now)
    {
        failure f{errc::wait_timed_out, fate::answered};
        diagnostics& d = f.edit();
        d.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - started_);
        d.attempts = polls_;
        d.message = "the job did not end within the ceiling; it may still run at the host";
        d.stopped = "ceiling of " +
                    duration_text(std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ -
                                                                                        started_)) +
                    " passed";
        if (verdict_) {
            const failure& last = verdict_->error();
            d.stopped += "; the last look failed: " + last.code().message();
            if (last == condition::unauthorised || last == condition::out_of_credit)
                d.stopped += ". " + std::string(remedy_of(*errc_of(last.code())));
            d.http_status = last.facts().http_status;
            d.host_text = last.facts().host_text;
        }
        return finish(std::move(f));
    }

    static failure unknown_for_too_long(const job_status& status, unsigned looks)
    {
        failure f{errc::job_unknown_state, fate::answered};
        f.edit().host_code = status.word;
        return f.explain("the host kept to a state that this version does not know for more than " +
                         std::to_string(looks) + " looks");
    }

    action finish(wait_verdict v)
    {
        state_ = state::done;
        verdict_ = std::make_unique<wait_verdict>(std::move(v));
        return action::finish;
    }

    time_point started_;
    time_point accepted_;
    time_point deadline_;
    time_point timer_at_{};
    std::unique_ptr<wait_verdict> verdict_; // before the end: the last failure
    std::uint32_t looked_ms_ = 0;           // when the last look began, counted from started_
    // A hundred thousand of these may stand in memory; no wait makes 65,535 looks in a row.
    std::uint16_t polls_ = 0;
    std::uint16_t failures_ = 0;
    std::uint16_t unknown_ = 0;
    std::uint16_t not_found_ = 0;
    bool result_pending_ = false;
    bool relaxed_ = false;
    bool alone_ : 1 = false; // the next look is at this job alone
    bool still_ : 1;
    state state_ = state::idle;
};

constexpr std::string_view name_of(wait_fsm::state s) noexcept
{
    switch (s) {
    case wait_fsm::state::idle: return "idle";
    case wait_fsm::state::asking: return "asking";
    case wait_fsm::state::fetching: return "fetching";
    case wait_fsm::state::done: return "done";
    }
    return "?";
}

constexpr std::string_view name_of(wait_fsm::action a) noexcept
{
    switch (a) {
    case wait_fsm::action::none: return "none";
    case wait_fsm::action::sleep: return "sleep";
    case wait_fsm::action::ask: return "ask";
    case wait_fsm::action::fetch: return "fetch";
    case wait_fsm::action::finish: return "finish";
    }
    return "?";
}

} // namespace cokino::detail
