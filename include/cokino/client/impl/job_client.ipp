// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Construction of a client, and the verbs that look at a job or ask to cancel it.
#pragma once

#include <cokino/client/detail/exchange_facts.hpp>
#include <cokino/client/detail/file_life.hpp>
#include <cokino/client/detail/read_loop.hpp>
#include <cokino/client/job_client.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace cokino {

COKINO_DECL result<void> validate(const job_client_options& o)
{
    if (o.polls_in_flight_max < 1 || o.polls_in_flight_max > 10'000)
        return invalid("polls_in_flight_max", "must be 1 to 10,000", errc::invalid_options);
    if (auto ok = policy::validate(o.retry); !ok)
        return ok;
    if (auto ok = policy::validate(o.polling); !ok)
        return ok;
    return policy::validate(o.image_polling);
}

COKINO_DECL job_client::job_client(executor ex, std::shared_ptr<const provider> host,
                                   std::shared_ptr<net::transport> transport,
                                   const job_client_options& options)
{
    if (auto const ok = validate(options); !ok)
        throw error(ok.error());
    random_source seeder;
    core_ =
        std::make_shared<detail::client_core>(std::move(ex), std::move(host), std::move(transport),
                                              options.random_seed.value_or(seeder.next()));
    core_->watch = options.watch;
    core_->hooks = options.hooks;
    core_->retry = options.retry;
    core_->api_limits = options.api_limits;
    core_->polls_in_flight_max = options.polls_in_flight_max;
    core_->rules.clips = options.polling;
    core_->rules.stills = options.image_polling;
    core_->rules.interval_min = core_->host->traits().poll_interval_min;
}

COKINO_DECL job_client::~job_client()
{
    if (core_)
        core_->polls.close();
}

COKINO_DECL awaitable<job_status> job_client::status(job_handle which)
{
    return detail::status_verb(core_, std::move(which));
}

COKINO_DECL awaitable<cancel_outcome> job_client::cancel(job_handle which)
{
    return detail::cancel_verb(core_, std::move(which));
}

namespace detail {

COKINO_DECL awaitable<job_status> status_verb(std::shared_ptr<client_core> core, job_handle job)
{
    auto seen = co_await look(core, job, "status");
    co_return value_or_throw(std::move(seen));
}

COKINO_DECL awaitable<cancel_outcome> cancel_verb(std::shared_ptr<client_core> core, job_handle job)
{
    auto answered = co_await ask_to_cancel(core, job);
    co_return value_or_throw(std::move(answered));
}

// ---- looks and cancellation ---------------------------------------------------------------------

COKINO_DECL awaitable<result<job_status>> look(std::shared_ptr<client_core> core, job_handle job,
                                               std::string operation)
{
    if (auto const own = core->check_own(job); !own)
        co_return own.error();
    const job_record& record = job.record();
    auto answer = co_await read_loop(core, core->fresh_host().encode_status(record), operation,
                                     server_faults::repeated);
    if (!answer)
        co_return core->with_job(answer.error(), operation, record);
    auto status = core->host->decode_status(record, *answer);
    if (!status)
        co_return core->with_job(status.error(), operation, record);
    report_state(*core, record, *status);
    const auto lifetime = core->host->traits().result_lifetime;
    tell_lifetimes(*status, record, lifetime);
    if (!status->result_pending)
        co_return status;
    auto fetched = co_await read_loop(core, core->fresh_host().encode_result(record), operation,
                                      server_faults::final_);
    if (!fetched)
        co_return core->with_job(fetched.error(), operation, record);
    auto whole = core->host->decode_result(record, *fetched);
    if (!whole)
        co_return core->with_job(whole.error(), operation, record);
    if (whole->logs.empty())
        whole->logs = std::move(status->logs);
    tell_lifetimes(*whole, record, lifetime);
    co_return whole;
}

COKINO_DECL awaitable<result<asset>> read_link_again(std::shared_ptr<client_core> core, asset dead)
{
    if (dead.from.empty()) {
        failure f{errc::link_expired, fate::answered};
        co_return f.explain("the asset does not remember its job, so its link cannot be renewed");
    }
    auto const seen = co_await look(core, dead.from, "renew");
    if (!seen)
        co_return seen.error();
    bool const there = seen->output && dead.index < seen->output->assets.size();
    if (!there || seen->output->assets[dead.index].url.empty()) {
        failure f{errc::link_expired, fate::answered};
        f.explain("the job was read again, but gives no such file any more");
        co_return core->with_job(std::move(f), "renew", dead.from.record());
    }
    asset fresh = seen->output->assets[dead.index];
    fresh.from = dead.from;
    fresh.index = dead.index;
    co_return fresh;
}

COKINO_DECL awaitable<result<cancel_outcome>> ask_to_cancel(std::shared_ptr<client_core> core,
                                                            job_handle job)
{
    if (auto const own = core->check_own(job); !own)
        co_return own.error();
    if (!core->host->traits().can_cancel)
        co_return cancel_outcome::not_supported;
    const job_record& record = job.record();
    auto answer = co_await read_loop(core, core->fresh_host().encode_cancel(record), "cancel",
                                     server_faults::repeated);
    if (!answer)
        co_return core->with_job(answer.error(), "cancel", record);
    auto outcome = core->host->decode_cancel(record, *answer);
    if (!outcome)
        co_return core->with_job(outcome.error(), "cancel", record);
    co_return outcome;
}

COKINO_DECL awaitable<result<cancel_outcome>> ask_to_cancel_anyway(
    std::shared_ptr<client_core> core, job_handle job)
{
    co_await asio::this_coro::throw_if_cancelled(false);
    auto const ex = core->ex;
    auto request = ask_to_cancel(std::move(core), std::move(job));
    // A state of its own: the caller's says "cancelled", and its slot is not to be used.
    auto apart = asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable);
    auto outcome = co_await asio::co_spawn(ex, std::move(request), apart);
    co_return outcome;
}

// ---- how a wait ends ----------------------------------------------------------------------------

COKINO_DECL std::unique_ptr<wait_verdict> refuse_wait(const client_core& core,
                                                      const job_handle& job,
                                                      const wait_options& options)
{
    if (auto const ok = validate(options); !ok)
        return std::make_unique<wait_verdict>(ok.error());
    if (auto const own = core.check_own(job); !own)
        return std::make_unique<wait_verdict>(own.error());
    return nullptr;
}

COKINO_DECL failure wait_broken_off(const client_core& core, const job_handle& job)
{
    failure f{errc::cancelled, fate::answered};
    f.explain("the wait was cancelled; the job goes on at the host unless it is cancelled there");
    return job.empty() ? f : core.with_job(std::move(f), "wait_for", job.record());
}

COKINO_DECL failure without_replacement(failure f, const job_handle& earlier)
{
    if (!earlier)
        return f;
    diagnostics& d = f.edit();
    d.job = earlier.text();
    d.message += d.message.empty() ? "" : "; ";
    d.message += "the job named here is the one that this submit was to replace";
    return f;
}

COKINO_DECL failure past_ceiling(failure ceiling, const failure& looked)
{
    diagnostics& d = ceiling.edit();
    d.message += d.message.empty() ? "" : "; ";
    if (looked == errc::job_cancelled) {
        d.message += "it then ended, cancelled";
        ceiling.set(looked.facts().billed, looked.facts().billed_by);
    } else {
        d.message += "it had not ended when the time for that was over";
    }
    return ceiling;
}

COKINO_DECL failure after_resubmits(failure f, unsigned resubmits)
{
    diagnostics& d = f.edit();
    d.message += d.message.empty() ? "" : "; ";
    d.message += "run had submitted it anew ";
    d.message += resubmits == 1 ? "once" : to_text(resubmits) + " times";
    return f;
}

COKINO_DECL failure with_cancel_outcome(failure f, const result<cancel_outcome>& outcome)
{
    diagnostics& d = f.edit();
    if (!d.message.empty())
        d.message += "; ";
    if (!outcome) {
        d.message +=
            "the host was asked to cancel it, but that failed: " + outcome.error().code().message();
        return f;
    }
    switch (*outcome) {
    case cancel_outcome::cancelled: d.message += "the host cancelled it"; break;
    case cancel_outcome::requested:
        d.message += "the host took note of the cancellation; it may still finish and be billed";
        break;
    case cancel_outcome::too_late:
        d.message += "it had already ended when the host was asked";
        break;
    case cancel_outcome::not_found: d.message += "the host does not know it"; break;
    case cancel_outcome::not_supported: d.message += "this host cannot cancel jobs"; break;
    }
    return f;
}

COKINO_DECL result<job_status> judge(const client_core& core, const job_handle& job,
                                     wait_verdict verdict)
{
    if (job.empty())
        return verdict;
    if (!verdict)
        return core.with_job(verdict.error(), "wait_for", job.record());
    if (verdict->state == job_state::succeeded)
        return verdict;
    errc const code =
        verdict->state == job_state::cancelled ? errc::job_cancelled : errc::job_failed;
    failure f = verdict->error ? *verdict->error : failure(code, fate::answered);
    return core.with_job(std::move(f), "wait_for", job.record());
}

COKINO_DECL void report_wait_end(client_core& core, const job_handle& job,
                                 const result<job_status>& end)
{
    if (!core.watch || job.empty())
        return;
    failure const why = end ? failure() : end.error();
    wait_end_event e;
    e.job_id = job.id();
    e.state = end ? name_of(end->state) : std::string_view("unknown");
    e.why = end ? nullptr : &why;
    core.watch.on_wait_end(e);
}

// ---- shapes -------------------------------------------------------------------------------------

inline result<std::vector<asset>> usable_assets(const job_handle& job, job_status& status)
{
    if (!status.output || status.output->assets.empty() || status.output->assets[0].url.empty()) {
        failure f{errc::result_missing, fate::answered};
        f.edit().job = job.text();
        f.edit().billed = billing::yes;
        return f.explain("the host says the job succeeded, but its answer holds no link");
    }
    auto& assets = status.output->assets;
    for (std::size_t i = 0; i < assets.size(); ++i) {
        assets[i].from = job;
        assets[i].index = i;
    }
    return std::move(assets);
}

template <> COKINO_DECL result<video> shape<video>(const job_handle& job, job_status&& status)
{
    auto assets = usable_assets(job, status);
    if (!assets)
        return assets.error();
    video v;
    v.file = std::move(assets->front());
    v.seed = status.output->seed;
    v.duration_s = job.record().duration_s;
    v.lines = job.record().lines;
    v.aspect_ratio = job.record().aspect_ratio;
    v.render_s = status.output->render_s;
    return v;
}

template <> COKINO_DECL result<images> shape<images>(const job_handle& job, job_status&& status)
{
    auto assets = usable_assets(job, status);
    if (!assets)
        return assets.error();
    images i;
    i.files = std::move(*assets);
    i.seed = status.output->seed;
    i.render_s = status.output->render_s;
    return i;
}

} // namespace detail
} // namespace cokino
