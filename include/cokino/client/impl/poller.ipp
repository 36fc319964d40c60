// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The poller's dull part: timers, the queue of due looks, requests under way.
#pragma once

#include <cokino/client/detail/client_core.hpp>
#include <cokino/client/detail/exchange_facts.hpp>
#include <cokino/client/detail/file_life.hpp>
#include <cokino/client/detail/poller.hpp>

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace cokino::detail {

// ---- job_look ----------------------------------------------------------------------------------

COKINO_DECL job_look::~job_look()
{
    // Reached without landing only when the context dies under a look.
    if (who)
        (stream ? who->ears_->stream : who->look_) = nullptr;
    for (look_rider& r : riders)
        if (r.who)
            r.who->look_ = nullptr;
    if (listed)
        core->polls.unlist(*this);
}

COKINO_DECL bool job_look::let_go(const job_wait& w) noexcept
{
    bool wanted = false;
    if (who == &w)
        who = nullptr;
    wanted = who != nullptr;
    for (look_rider& r : riders) {
        if (r.who == &w)
            r.who = nullptr;
        wanted = wanted || r.who != nullptr;
    }
    return wanted;
}

// ---- job_wait ----------------------------------------------------------------------------------

/// The job's beginning on the steady clock; now, when it is not known or not credible.
inline steady_time accepted_at(const client_core& core, const job_record& job)
{
    auto const now = core.time->now();
    if (!is_submit_time(job.submitted_ms))
        return now;
    auto const age =
        core.time->system_now().time_since_epoch() - std::chrono::milliseconds{job.submitted_ms};
    return age > age.zero() ? later(now, -std::chrono::duration_cast<duration>(age)) : now;
}

COKINO_DECL job_wait::job_wait(client_core& core, const job_handle& job,
                               std::chrono::milliseconds ceiling, bool listen)
    : core_(&core), job_(&job),
      fsm_(core.rules, job.kind() == job_kind::images, accepted_at(core, job.record()),
           core.time->now(), ceiling, core.random),
      listen_(listen)
{}

COKINO_DECL job_wait::~job_wait() { core_->polls.leave(*this); }

COKINO_DECL void job_wait::begin()
{
    counted_ = true;
    ++core_->polls.waiting_;
    core_->polls.sleep(*this);
    core_->polls.listen(*this, listen_);
}

COKINO_DECL steady_time job_wait::joins_from() const { return fsm_.joins_from(core_->rules); }

COKINO_DECL void job_wait::fire() { core_->polls.rang(*this); }

COKINO_DECL void job_wait::abandon() noexcept
{
    // Destroys the coroutine's frame, and with it this object.
    if (wake_up* const sleeper = std::exchange(sleeper_, nullptr))
        sleeper->destroy_frame();
}

COKINO_DECL void job_wait::cancel(asio::cancellation_type type)
{
    cancelled_ = type;
    wake();
}

COKINO_DECL void job_wait::wake()
{
    core_->polls.leave(*this);
    if (wake_up* const sleeper = std::exchange(sleeper_, nullptr))
        sleeper->resume();
}

// ---- poller -------------------------------------------------------------------------------------

COKINO_DECL void poller::rang(job_wait& w)
{
    if (w.ready_) // still queued for a place; the timer only keeps the wait owned
        return;
    // A look that is under way past its grace ends here; a new one must find a place first.
    if (w.fsm_.now_in() != wait_fsm::state::idle) {
        carry_out(w, w.fsm_.on_timer(core_.rules, core_.time->now()));
        return;
    }
    w.ready_ = true;
    board_.queue(w);
    core_.time->arm(w, later(w.fsm_.deadline(), core_.rules.ceiling_grace));
    pump();
}

COKINO_DECL void poller::pump()
{
    while (board_.any_due() && in_flight_ < core_.polls_in_flight_max) {
        job_wait& w = *board_.take_due();
        w.ready_ = false;
        carry_out(w, w.fsm_.on_timer(core_.rules, core_.time->now()));
    }
}

COKINO_DECL void poller::carry_out(job_wait& w, wait_fsm::action a)
{
    switch (a) {
    case wait_fsm::action::none: break;
    case wait_fsm::action::sleep: sleep(w); break;
    case wait_fsm::action::ask:
    case wait_fsm::action::fetch:
        core_.time->arm(w, w.fsm_.timer_at());
        launch(w, a == wait_fsm::action::fetch);
        break;
    case wait_fsm::action::finish: w.wake(); break;
    }
}

/// Until its timer, or until it rides along.
COKINO_DECL void poller::sleep(job_wait& w)
{
    core_.time->arm(w, w.fsm_.timer_at());
    if (core_.host->traits().status_batch_max > 1)
        board_.expect(w);
}

COKINO_DECL void poller::drop_ready(job_wait& w) noexcept
{
    board_.leave(w);
    w.ready_ = false;
}

COKINO_DECL void poller::leave(job_wait& w) noexcept
{
    core_.time->disarm(w);
    drop_ready(w);
    break_off(w, w.look_);
    if (w.ears_) {
        break_off(w, w.ears_->stream);
        if (std::exchange(w.ears_->watching, false))
            core_.hooks->unwatch(*w.ears_);
    }
    if (std::exchange(w.counted_, false))
        --waiting_;
}

/// One does not want the answer any more; with the last one goes the request. It only reads, so
/// breaking it off harms nothing.
COKINO_DECL void poller::break_off(job_wait& w, job_look*& f) noexcept
{
    job_look* const left = std::exchange(f, nullptr);
    if (left && !left->let_go(w) && left->listed)
        left->stop.emit(asio::cancellation_type::terminal);
}

COKINO_DECL void poller::close() noexcept
{
    for (job_look* f = looks_; f != nullptr;) {
        job_look* const next = f->next; // emit() may end the job_look at once
        f->stop.emit(asio::cancellation_type::terminal);
        f = next;
    }
}

/// Carries one look. A coroutine of its own, since its job_wait may stop waiting at any moment.
struct look_runner {
    static awaitable<void> run(std::shared_ptr<job_look> f)
    {
        co_await asio::this_coro::throw_if_cancelled(false);
        client_core& core = *f->core;
        const job_record& job = *f->job;
        std::optional<std::chrono::milliseconds> hint;
        auto request =
            f->fetch ? core.fresh_host().encode_result(job) : core.fresh_host().encode_status(job);
        if (!request) {
            core.polls.landed(*f, request.error(), hint);
            co_return;
        }
        request->limits = core.api_limits;
        auto const started = core.time->now();
        auto const head = request->head;
        auto answer = co_await core.net->exchange(std::move(*request));
        report_exchange(core, *head, answer, core.time->now() - started);
        if (!answer) {
            core.polls.landed(*f, answer.error(), hint);
            co_return;
        }
        auto status = f->fetch ? core.host->decode_result(job, *answer)
                               : core.host->decode_status(job, *answer);
        if (!status)
            hint = retry_hint(*answer, core.time->system_now(), status.error());
        core.give_buffer(answer->release());
        core.polls.landed(*f, std::move(status), hint);
    }
};

/// The same for several jobs in one call.
struct joint_look_runner {
    static awaitable<void> run(std::shared_ptr<job_look> f)
    {
        co_await asio::this_coro::throw_if_cancelled(false);
        client_core& core = *f->core;
        std::optional<std::chrono::milliseconds> hint;
        std::vector<const job_record*> jobs{f->job.get()};
        for (const look_rider& r : f->riders)
            jobs.push_back(r.job.get());
        auto request = core.fresh_host().encode_status_batch(jobs);
        if (!request) {
            core.polls.landed_together(*f, request.error(), hint);
            co_return;
        }
        request->limits = core.api_limits;
        auto const started = core.time->now();
        auto const head = request->head;
        auto answer = co_await core.net->exchange(std::move(*request));
        report_exchange(core, *head, answer, core.time->now() - started);
        if (!answer) {
            core.polls.landed_together(*f, answer.error(), hint);
            co_return;
        }
        auto told = core.host->decode_status_batch(jobs, *answer);
        if (!told)
            hint = retry_hint(*answer, core.time->system_now(), told.error());
        core.give_buffer(answer->release());
        core.polls.landed_together(*f, std::move(told), hint);
    }
};

/// Owns the look, and with it the cancellation signal, until Asio has done with the slot.
struct look_ended {
    using cancellation_slot_type = asio::cancellation_slot;
    explicit look_ended(std::shared_ptr<job_look> f) : look(std::move(f)) {}
    cancellation_slot_type get_cancellation_slot() const noexcept { return look->stop.slot(); }
    void operator()(const std::exception_ptr& thrown) const
    {
        // Only a lack of memory or a bug throws here; the wait goes on as after any missed look.
        if (!thrown || !look->listed)
            return;
        poller& polls = look->core->polls;
        if (look->stream)
            polls.fell_silent(*look);
        else if (!look->riders.empty())
            polls.landed_together(*look, failure(errc::internal_error), std::nullopt);
        else
            polls.landed(*look, failure(errc::internal_error), std::nullopt);
    }
    std::shared_ptr<job_look> look;
};

COKINO_DECL std::shared_ptr<job_look> poller::list(job_wait& w)
{
    auto f = std::make_shared<job_look>();
    f->core = core_.shared_from_this();
    f->job = w.job_->shared();
    f->who = &w;
    f->listed = true;
    f->next = looks_;
    if (looks_)
        looks_->previous = f.get();
    looks_ = f.get();
    return f;
}

COKINO_DECL void poller::launch(job_wait& w, bool fetch)
{
    auto f = list(w);
    f->fetch = fetch;
    w.look_ = f.get();
    ++in_flight_;
    if (!fetch)
        board(w, *f);
    look_ended whole(f);
    auto look =
        f->riders.empty() ? look_runner::run(std::move(f)) : joint_look_runner::run(std::move(f));
    asio::co_spawn(core_.ex, std::move(look), std::move(whole));
}

/// Others whose look is due, or will be soon, ride along with that of `w`.
COKINO_DECL void poller::board(job_wait& w, job_look& f)
{
    const std::size_t together = core_.host->traits().status_batch_max;
    if (together <= 1 || w.fsm_.alone())
        return;
    const job_record& job = w.job().record();
    auto const now = core_.time->now();
    board_.board(
        now, together - 1, core_.rules.early_max,
        [&](const job_wait& other) { return core_.host->batches(job, other.job().record()); },
        [&](job_wait& other) {
            f.riders.push_back(look_rider{other.job().shared(), &other});
            other.ready_ = false;
            other.look_ = &f;
            other.fsm_.on_timer(core_.rules, now); // it joins: what it asks for is a status
            core_.time->arm(other, other.fsm_.timer_at());
        });
}

COKINO_DECL void poller::unlist(job_look& f) noexcept
{
    f.listed = false;
    if (!f.stream)
        --in_flight_;
    (f.previous ? f.previous->next : looks_) = f.next;
    if (f.next)
        f.next->previous = f.previous;
}

COKINO_DECL void poller::landed(job_look& f, result<job_status> outcome,
                                std::optional<std::chrono::milliseconds> hint)
{
    unlist(f);
    if (job_wait* const w = std::exchange(f.who, nullptr)) {
        w->look_ = nullptr;
        auto const now = core_.time->now();
        if (outcome) {
            report_state(core_, *f.job, *outcome);
            carry_out(*w, w->fsm_.on_status(core_.rules, std::move(*outcome), now, core_.random));
        } else {
            report_missed_look(core_, outcome.error(), f.fetch, w->fsm_.polls());
            carry_out(*w,
                      w->fsm_.on_failure(core_.rules, outcome.error(), hint, now, core_.random));
        }
    }
    pump();
}

/// Each wait gets what was said of its own job. The observer may end any of them on the way, so
/// that whoever is not told yet stays with the look.
COKINO_DECL void poller::landed_together(job_look& f, joint_outcome outcome,
                                         std::optional<std::chrono::milliseconds> hint)
{
    unlist(f);
    auto const now = core_.time->now();
    // One draw for all: who rode together falls due together.
    const random_source draw(core_.random.next());
    for (std::size_t i = 0; i <= f.riders.size(); ++i) {
        job_wait* const w = i == 0 ? f.who : f.riders[i - 1].who;
        if (!w)
            continue;
        f.let_go(*w);
        w->look_ = nullptr;
        random_source same = draw;
        const job_record& job = i == 0 ? *f.job : *f.riders[i - 1].job;
        if (outcome.has_error()) {
            report_missed_look(core_, outcome.error(), false, w->fsm_.polls());
            carry_out(*w, w->fsm_.on_joint_failure(core_.rules, outcome.error(), hint, now, same));
        } else if (i < outcome->size() && (*outcome)[i]) {
            job_status& status = *(*outcome)[i];
            report_state(core_, job, status);
            carry_out(*w, w->fsm_.on_status(core_.rules, std::move(status), now, same));
        } else {
            report_missed_look(core_, failure(errc::not_found, fate::answered), false,
                               w->fsm_.polls());
            carry_out(*w, w->fsm_.on_left_out(core_.rules, now, same));
        }
    }
    pump();
}

} // namespace cokino::detail
