// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The coroutines behind job_client's verbs that depend on a result type. Each takes values, turns
// throwing on cancellation off while it works, and throws cokino::error at its last line.
#pragma once

#include <cokino/async/as_result.hpp>
#include <cokino/async/sleep.hpp>
#include <cokino/client/detail/client_core.hpp>
#include <cokino/client/detail/exchange_facts.hpp>
#include <cokino/client/detail/file_life.hpp>
#include <cokino/client/detail/poller.hpp>
#include <cokino/client/detail/preparation.hpp>
#include <cokino/client/detail/run_fsm.hpp>
#include <cokino/client/detail/submit_run.hpp>
#include <cokino/client/options.hpp>

#include <boost/asio/async_result.hpp>

#include <utility>

namespace cokino::detail {

/// The result's shape, from what the provider decoded. Fails with result_missing when there is no
/// usable file.
template <class Result> result<Result> shape(const job_handle& job, job_status&& status);
template <> result<video> shape<video>(const job_handle& job, job_status&& status);
template <> result<images> shape<images>(const job_handle& job, job_status&& status);

/// One look, with the second request where the result stands behind one; repeated as the retry
/// policy says, since looking costs nothing.
awaitable<result<job_status>> look(std::shared_ptr<client_core> core, job_handle job,
                                   std::string operation);

/// The asset of a dead link, with the link that its job gives now; see link_source::renew.
awaitable<result<asset>> read_link_again(std::shared_ptr<client_core> core, asset dead);

awaitable<result<cancel_outcome>> ask_to_cancel(std::shared_ptr<client_core> core, job_handle job);

/// The same under a cancellation state of its own: for a caller that is itself being cancelled.
awaitable<result<cancel_outcome>> ask_to_cancel_anyway(std::shared_ptr<client_core> core,
                                                       job_handle job);

/// Adds to a wait's failure what the host said of cancelling.
awaitable<job_status> status_verb(std::shared_ptr<client_core> core, job_handle job);
awaitable<cancel_outcome> cancel_verb(std::shared_ptr<client_core> core, job_handle job);

failure with_cancel_outcome(failure f, const result<cancel_outcome>& outcome);

/// The failure of a wait that its caller broke off.
failure wait_broken_off(const client_core& core, const job_handle& job);

/// The failure of a submit that was to replace an earlier job, if there is one: it holds that job,
/// which may still finish.
failure without_replacement(failure f, const job_handle& earlier);

/// The failure of a job that run() asked the host to cancel: why run() did so, and how the job took
/// it. That it was cancelled is not what went wrong, since nobody else wanted that.
failure past_ceiling(failure ceiling, const failure& looked);

/// The failure that ends a run() of several submits.
failure after_resubmits(failure f, unsigned resubmits);

/// Null when the job is this client's own and the options are within bounds; else the refusal.
std::unique_ptr<wait_verdict> refuse_wait(const client_core& core, const job_handle& job,
                                          const wait_options& options);

/// Apart, so that a waiting frame needs no room for the exception.
template <class T> void throw_if_failed(const result<T>& r)
{
    if (r.has_error())
        throw error(r.error());
}

/// A final status that is not a success, as a failure; or the status as it is.
result<job_status> judge(const client_core& core, const job_handle& job, wait_verdict verdict);

void report_wait_end(client_core& core, const job_handle& job, const result<job_status>& end);

template <class Result> awaitable<job<Result>> submit_verb(submit_run run)
{
    bool const throwing = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    run.begin();
    for (auto step = run.next(); step != submit_run::step::done; step = run.next()) {
        if (step == submit_run::step::pause) {
            auto const slept = co_await as_result(sleep_until(run.resume_at()));
            run.paused(slept.has_value());
        } else if (step == submit_run::step::find) {
            co_await find_own_job(&run);
        } else {
            auto answer = co_await run.transport().exchange(run.take_request());
            run.answered(std::move(answer));
        }
    }
    co_await asio::this_coro::throw_if_cancelled(throwing);
    co_return job<Result>(value_or_throw(run.finish()));
}

/// Prepares, and then submits. The total limit counts from the submit itself: an upload is free,
/// and each of its steps has the limits of an exchange.
template <class Request>
awaitable<job<result_of_t<Request>>> prepared_submit_verb(std::shared_ptr<client_core> core,
                                                          Request request, submit_options options)
{
    using value = result_of_t<Request>;
    bool const throwing = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    auto whole = std::make_shared<Request>(std::move(request));
    auto prepared = co_await prepare(core, whole);
    co_await asio::this_coro::throw_if_cancelled(throwing);
    if (!prepared) {
        submit_run refused(*core, prepared.error(), options);
        co_return job<value>(value_or_throw(refused.finish()));
    }
    for (const failure& w : prepared->warnings)
        report_warning(*core, "submit", w);
    submit_run run(*core, *whole, options);
    auto submitted = co_await submit_verb<value>(std::move(run));
    co_return submitted;
}

/// Most submits have nothing to wait for, and encode at once.
template <class Value, class Request>
awaitable<job<Value>> submit_any(const std::shared_ptr<client_core>& core, const Request& request,
                                 const submit_options& options)
{
    if (needs_preparation(*core, request))
        return prepared_submit_verb<Request>(core, request, options);
    return submit_verb<Value>(submit_run(*core, request, options));
}

/// The operation that awaits a job_wait: completes when it is woken. With nothing, since a waiting
/// frame has to keep room for what it is given.
inline auto woken(job_wait& w)
{
    return asio::async_initiate<decltype(asio::deferred), void()>(
        [](auto handler, job_wait* target) { target->start(std::move(handler)); }, asio::deferred,
        &w);
}

/// What a wait must know before it begins: whether its coroutine throws on cancellation, which it
/// does not for now, and what was emitted already.
struct wait_begin {
    bool throwing = false;
    asio::cancellation_type cancelled = asio::cancellation_type::none;
};

/// Apart, like conclude: a waiting frame keeps room for each await that it makes.
inline awaitable<wait_begin> begin_wait()
{
    wait_begin now;
    now.throwing = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    auto const state = co_await asio::this_coro::cancellation_state;
    now.cancelled = state.cancelled();
    co_return now;
}

/// What follows once a wait has ended: the remote job is cancelled where that was asked for, the
/// end gets its shape, and the coroutine throws on cancellation again if it did. Apart from
/// wait_verb, so that a waiting frame holds nothing of it. All pointers are to what the awaiting
/// frame holds; `verdict` is taken.
template <class Result>
awaitable<std::unique_ptr<result<Result>>> conclude(client_core* core, const job_handle* job,
                                                    std::unique_ptr<wait_verdict>* verdict,
                                                    wait_begin how, bool cancel_at_ceiling)
{
    using asio::cancellation_type;
    auto const ended = std::move(*verdict);
    auto end = ended ? judge(*core, *job, std::move(*ended))
                     : result<job_status>(wait_broken_off(*core, *job));
    bool const partial = (how.cancelled & cancellation_type::partial) != cancellation_type::none &&
                         (how.cancelled & cancellation_type::terminal) == cancellation_type::none;
    bool const hung = end.has_error() && end.error() == errc::wait_timed_out;
    bool const given_up = end.has_error() && (hung ? cancel_at_ceiling : partial);
    if (given_up) {
        auto const outcome = co_await ask_to_cancel_anyway(core->shared_from_this(), *job);
        end = with_cancel_outcome(end.error(), outcome);
    }
    report_wait_end(*core, *job, end);
    co_await asio::this_coro::throw_if_cancelled(how.throwing);
    if (end.has_error())
        co_return std::make_unique<result<Result>>(end.error());
    tell_lifetimes(*end, job->record(), core->host->traits().result_lifetime);
    co_return std::make_unique<result<Result>>(shape<Result>(*job, std::move(*end)));
}

template <class Result>
awaitable<Result> wait_verb(std::shared_ptr<client_core> core, job_handle job, wait_options options)
{
    auto how = co_await begin_wait();
    auto verdict = refuse_wait(*core, job, options);
    if (!verdict && how.cancelled == asio::cancellation_type::none) {
        job_wait w(*core, job, options.ceiling, options.stream);
        co_await woken(w);
        how.cancelled = w.cancelled();
        verdict = w.take_verdict();
    }
    auto const end =
        co_await conclude<Result>(core.get(), &job, &verdict, how, options.cancel_at_ceiling);
    throw_if_failed(*end);
    co_return std::move(**end);
}

/// How a wait ended, in run_fsm's words.
template <class Result> run_fsm::wait_end wait_end_of(const result<Result>& r)
{
    if (r)
        return run_fsm::wait_end::succeeded;
    if (r.error() == errc::wait_timed_out)
        return run_fsm::wait_end::timed_out;
    if (r.error() == errc::job_cancelled)
        return run_fsm::wait_end::cancelled_at_host;
    return run_fsm::wait_end::failed;
}

template <class Request>
awaitable<result_of_t<Request>> run_verb(std::shared_ptr<client_core> core, Request request,
                                         run_options options)
{
    using value = result_of_t<Request>;
    using action = run_fsm::action;
    if (auto const ok = validate(options); !ok)
        throw error(ok.error());
    // Off, since a cancellation that comes once a job is bought must not leave without it.
    bool const throwing = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    run_fsm fsm(options);
    job<value> current;
    result<value> last = failure(errc::internal_error);
    auto what = action::submit_anew;
    while (what != action::finish && what != action::give_up) {
        auto const state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none && current &&
            what != action::wait) { // which says so by itself
            last = wait_broken_off(*core, current);
            break;
        }
        switch (what) {
        case action::submit_anew: {
            auto submitted = co_await as_result(submit_any<value>(core, request, options.submit));
            if (submitted)
                current = std::move(*submitted);
            else
                last = without_replacement(submitted.error(), current);
            what = fsm.on_submitted(submitted.has_value());
            break;
        }
        case action::wait: {
            auto wait = options.wait;
            wait.cancel_at_ceiling =
                wait.cancel_at_ceiling && options.on_ceiling == resubmit::never;
            last = co_await as_result(wait_verb<value>(core, current, wait));
            what = fsm.on_waited(wait_end_of(last));
            break;
        }
        case action::look: {
            auto wait = options.wait;
            wait.cancel_at_ceiling = false;
            wait.ceiling = options.cancel_grace;
            auto looked = co_await as_result(wait_verb<value>(core, current, wait));
            auto const end = wait_end_of(looked);
            last =
                end == run_fsm::wait_end::cancelled_at_host || end == run_fsm::wait_end::timed_out
                    ? result<value>(past_ceiling(last.error(), looked.error()))
                    : std::move(looked);
            what = fsm.on_waited(end);
            break;
        }
        case action::cancel: {
            auto const outcome = co_await ask_to_cancel(core, current);
            if (last.has_error())
                last = with_cancel_outcome(last.error(), outcome);
            what = fsm.on_cancelled(outcome.has_value(),
                                    outcome ? *outcome : cancel_outcome::not_supported);
            break;
        }
        case action::finish:
        case action::give_up: break;
        }
    }
    co_await asio::this_coro::throw_if_cancelled(throwing);
    if (last.has_error() && fsm.resubmits() > 0)
        last = after_resubmits(last.error(), fsm.resubmits());
    co_return value_or_throw(std::move(last));
}

} // namespace cokino::detail
