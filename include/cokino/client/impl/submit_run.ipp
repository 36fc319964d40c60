// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// One submit, step by step.
#pragma once

#include <cokino/async/with_timeout.hpp>
#include <cokino/client/detail/exchange_facts.hpp>
#include <cokino/client/detail/read_loop.hpp>
#include <cokino/client/detail/submit_run.hpp>

#include <algorithm>

namespace cokino::detail {

COKINO_DECL submit_run::submit_run(client_core& core, const submit_options& options)
    : core_(core.shared_from_this()), options_(options), started_(core.time->now())
{}

COKINO_DECL void submit_run::begin()
{
    started_ = core_->time->now();
    if (options_.total_max.count() != 0)
        deadline_ = later(started_, options_.total_max);
}

COKINO_DECL submit_context submit_run::context()
{
    submit_context c;
    c.body_buffer = core_->take_buffer();
    c.setup = core_->setup;
    c.lenient = options_.leave_out_unsupported;
    if (core_->hooks && core_->host->traits().webhook != webhook_scheme::none) {
        // Without an address the job is looked at, as it would be without hooks.
        if (auto there = core_->hooks->new_address()) {
            callback_ = std::make_unique<callback_address>(std::move(*there));
            c.webhook_url = callback_->url;
        }
    }
    if (core_->host->traits().repeats != repeat_semantics::none) {
        // Minted once per submit and frozen with the bytes: a repeat carries the same. The clock is
        // in it since two processes may draw the same numbers (fork(), a restored snapshot), and
        // the host would give one of them the other's job.
        static constexpr char digits[] = "0123456789abcdef";
        const auto clock = core_->time->system_now().time_since_epoch().count();
        for (auto mask : {std::uint64_t{0}, static_cast<std::uint64_t>(clock)})
            for (auto bits = core_->random.next() ^ mask, i = std::uint64_t{0}; i < 16;
                 ++i, bits >>= 4)
                idempotency_key_ += digits[bits & 15];
        c.idempotency_key = idempotency_key_;
    }
    return c;
}

COKINO_DECL void submit_run::accept(result<encoded_submit> encoded)
{
    if (!encoded) {
        refuse(encoded.error());
        return;
    }
    encoded_ = std::move(*encoded);
    for (const failure& w : encoded_.warnings) {
        report_warning(*core_, "submit", w);
        if (w.facts().field == "aspect_ratio") // left out, so it will not be met either
            encoded_.aspect_ratio = {};
    }
    report(submit_phase::intent);
}

COKINO_DECL void submit_run::refuse(failure f)
{
    f.set(fate::not_sent);
    f.edit().billed = billing::no;
    failure_ = std::make_unique<failure>(with_facts(std::move(f)));
    step_ = step::done;
    report(submit_phase::not_sent, failure_.get());
}

COKINO_DECL wire::request submit_run::take_request()
{
    ++attempts_;
    sent_at_ = core_->time->now();
    wire::request r(encoded_.request.head, core_->take_buffer());
    r.body = encoded_.request.body;
    r.extra_fields = encoded_.request.extra_fields;
    r.limits = core_->api_limits;
    if (deadline_ != steady_time::max()) {
        auto const left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - sent_at_);
        // Zero would mean "no limit": a deadline that has just passed leaves one millisecond.
        auto const bound = std::max(left, std::chrono::milliseconds{1});
        r.limits.total = r.limits.total.count() == 0 ? bound : std::min(r.limits.total, bound);
    }
    report(submit_phase::sent);
    return r;
}

COKINO_DECL void submit_run::answered(result<wire::response> answer)
{
    if (core_->watch)
        report_exchange(*core_, *encoded_.request.head, answer, core_->time->now() - sent_at_);
    if (!answer) {
        missed(answer.error(), nullptr);
        return;
    }
    begin_record();
    auto const decoded = core_->host->decode_submit(*answer, *record_);
    if (decoded) {
        keep_record();
    } else {
        record_.reset();
        missed(decoded.error(), &*answer);
    }
    core_->give_buffer(answer->release());
}

COKINO_DECL void submit_run::begin_record()
{
    record_ = std::make_shared<job_record>();
    record_->route = encoded_.route;
    record_->duration_s = encoded_.duration_s;
    record_->lines = encoded_.lines;
    record_->aspect_ratio = encoded_.aspect_ratio;
    record_->submitted_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                                core_->time->system_now().time_since_epoch())
                                .count();
}

/// The host has the job, and its id is known.
COKINO_DECL void submit_run::keep_record()
{
    outcome_ = policy::submit_outcome::accepted;
    step_ = step::done;
    report(submit_phase::accepted);
    if (!callback_)
        return;
    try {
        core_->hooks->bind(callback_->nonce, record_->id);
    } catch (...) { // the job is paid for: this costs it its hooks, and must not cost its id
    }
}

COKINO_DECL policy::retry_machine& submit_run::machine()
{
    if (!machine_) {
        const provider_traits& host = core_->host->traits();
        policy::operation op;
        op.kind = policy::submit_kind(host.repeats, !idempotency_key_.empty());
        op.host.repeats = host.repeats;
        op.host.key_lifetime = core_->host->facts().key_lifetime;
        op.host.not_admitted_on_503 = host.not_admitted_on_503;
        op.host.may_admit_on_429 = host.may_admit_on_429;
        auto rules = core_->retry;
        if (options_.attempts_max != 0)
            rules.attempts_max = options_.attempts_max;
        machine_ = std::make_unique<policy::retry_machine>(rules, op, started_, deadline_);
    }
    return *machine_;
}

COKINO_DECL void submit_run::missed(failure f, const wire::response* answer)
{
    auto outcome = policy::outcome_of(f);
    if (answer) {
        outcome.sent = fate::answered;
        outcome.http_status = answer->status;
        outcome.write_complete = true;
        add_hints(outcome, *answer, core_->time->system_now());
        f.set(fate::answered);
        f.edit().http_status = answer->status;
        f.edit().retry_after = outcome.retry_after;
    }
    auto const now = core_->time->now();
    auto const decision = machine().on_failure(outcome, now, core_->random);
    outcome_ = decision.outcome;
    if (decision.because.then.outcome == policy::submit_outcome::unknown)
        doubt_ = decision.because.what;
    if (decision.step != policy::next_step::retry &&
        decision.step != policy::next_step::retry_free) {
        stop(std::move(f), decision);
        return;
    }
    failure_ = std::make_unique<failure>(std::move(f));
    resume_at_ = decision.at;
    step_ = step::pause;
    report_retry(*core_, "submit", attempts_, decision.delay, *failure_);
}

COKINO_DECL void submit_run::stop(failure f, const policy::retry_decision& decision)
{
    using policy::situation;
    f.edit().stopped = decision.stopped;
    // A host that refuses our own id has the job: what is missing is the host's own name for it.
    const bool theirs = decision.outcome == policy::submit_outcome::accepted;
    const bool open = theirs || decision.outcome == policy::submit_outcome::unknown;
    if (open)
        leave_open(f, theirs ? decision.because.what : doubt_);
    else
        f.edit().billed = billing::no;
    failure_ = std::make_unique<failure>(with_facts(std::move(f)));
    // Whoever stopped it on this side does not want to wait for a look, either.
    const bool wanted = decision.because.what != situation::stopped_in_flight &&
                        decision.because.what != situation::stopped_before;
    if (open && wanted && core_->host->traits().finds_own_id && core_->time->now() < deadline_) {
        step_ = step::find;
        return;
    }
    step_ = step::done;
    switch (decision.outcome) {
    case policy::submit_outcome::not_sent: report(submit_phase::not_sent, failure_.get()); break;
    case policy::submit_outcome::rejected: report(submit_phase::rejected, failure_.get()); break;
    case policy::submit_outcome::unknown:
    case policy::submit_outcome::accepted: report(submit_phase::unknown, failure_.get()); break;
    }
}

/// The cause stays readable: its own sentence, the host's words and the fate are kept.
COKINO_DECL void submit_run::leave_open(failure& f, policy::situation cause) const
{
    diagnostics& d = f.edit();
    std::string sentence = "the submit to " + encoded_.route->endpoint + " at " +
                           encoded_.route->base_url +
                           " may have been accepted: " + std::string(policy::sentence_of(cause));
    if (!d.message.empty())
        sentence += "; " + d.message;
    if (!idempotency_key_.empty())
        sentence += "; our id for it is " + idempotency_key_;
    d.message = std::move(sentence);
    d.billed = billing::unknown;
    f.set(errc::outcome_unknown);
}

COKINO_DECL result<wire::request> submit_run::question() const
{
    return core_->fresh_host().encode_find(*encoded_.route, idempotency_key_);
}

COKINO_DECL void submit_run::found(const result<wire::response>& answer)
{
    begin_record();
    const result<void> decoded = answer
                                     ? core_->host->decode_find(*answer, idempotency_key_, *record_)
                                     : result<void>(answer.error());
    if (decoded) {
        keep_record();
        return;
    }
    record_.reset();
    // What the submit itself was told stays; why the look-up did not help is added.
    diagnostics& d = failure_->edit();
    d.message += "; looking for the job under that id: " + decoded.error().describe();
    step_ = step::done;
    report(submit_phase::unknown, failure_.get());
}

COKINO_DECL void submit_run::paused(bool whole)
{
    // Somebody may have kept the loop busy: what leaves behind the deadline has no time for an
    // answer, and would only be in doubt.
    const bool late = core_->time->now() >= deadline_;
    if (whole && !late) {
        step_ = step::send;
        return;
    }
    failure f = std::move(*failure_);
    f.edit().stopped = (whole ? "the deadline passed between two tries; the last one: "
                              : "cancelled between two tries; the last one: ") +
                       f.code().message();
    // Under a key the pause may have followed a try that was accepted.
    auto phase = submit_phase::unknown;
    if (outcome_ == policy::submit_outcome::unknown) {
        leave_open(f, doubt_);
    } else {
        if (!whole)
            f.set(errc::cancelled);
        f.edit().billed = billing::no;
        phase = outcome_ == policy::submit_outcome::rejected ? submit_phase::rejected
                                                             : submit_phase::not_sent;
    }
    failure_ = std::make_unique<failure>(with_facts(std::move(f)));
    step_ = step::done;
    report(phase, failure_.get());
}

COKINO_DECL failure submit_run::with_facts(failure f) const
{
    diagnostics& d = f.edit();
    d.host = core_->host->traits().name;
    d.operation = "submit";
    d.attempts = attempts_;
    d.elapsed =
        std::chrono::duration_cast<std::chrono::milliseconds>(core_->time->now() - started_);
    return f;
}

COKINO_DECL void submit_run::report(submit_phase phase, const failure* why)
{
    if (!core_->watch)
        return;
    submit_event e;
    e.phase = phase;
    e.provider = core_->host->traits().name;
    if (encoded_.route)
        e.model = encoded_.route->model;
    std::string const text = record_ ? job_handle(record_).text() : std::string();
    e.job = text;
    e.why = why;
    core_->watch.on_submit(e);
}

COKINO_DECL result<std::shared_ptr<const job_record>> submit_run::finish()
{
    core_->give_buffer(std::move(encoded_.request.body));
    if (outcome_ == policy::submit_outcome::accepted && record_)
        return std::shared_ptr<const job_record>(std::move(record_));
    return std::move(*failure_);
}

COKINO_DECL awaitable<void> find_own_job(submit_run* run)
{
    auto look = read_loop(run->core(), run->question(), "find", server_faults::repeated);
    auto answer = co_await with_deadline(std::move(look), run->deadline());
    run->found(answer);
}

} // namespace cokino::detail
