// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The verbs about jobs: submit, status, wait_for, run, cancel. One client speaks one dialect
// with one key. Downloads are not here: cokino::client (cokino/client.hpp) joins both.
//
// One thread: a client is used from the thread that runs its executor's context.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/client/detail/client_core.hpp>
#include <cokino/client/detail/submit_run.hpp>
#include <cokino/client/detail/verbs.hpp>
#include <cokino/client/options.hpp>
#include <cokino/core/observer.hpp>
#include <cokino/core/result.hpp>
#include <cokino/model/job.hpp>
#include <cokino/model/job_status.hpp>
#include <cokino/model/request.hpp>
#include <cokino/policy/polling.hpp>
#include <cokino/policy/retry.hpp>
#include <cokino/provider/provider.hpp>

#include <concepts>
#include <memory>
#include <optional>

namespace cokino {

/// What every request type has: a result type, and an encoder in each provider.
template <class R>
concept job_request = std::same_as<R, text_to_video> || std::same_as<R, image_to_video> ||
                      std::same_as<R, text_to_image> || std::same_as<R, video_upscale> ||
                      std::same_as<R, raw_request<video>> || std::same_as<R, raw_request<images>>;

/// How a client behaves when nothing is said at the call. No aggregate: it holds more than numbers.
class job_client_options
{
public:
    job_client_options() {}

    policy::retry_options retry;     ///< Which submits are tried again, and when.
    policy::polling_options polling; ///< The rhythm of the looks at a waiting clip.
    policy::polling_options image_polling = policy::image_polling(); ///< And at a still.
    wire::exchange_limits api_limits; ///< Time and size limits of each request to the API.
    /// Looks under way at once, for all waits together. 1 to 10,000.
    std::size_t polls_in_flight_max = limits::polls_in_flight_max;
    /// Hooks; the object referred to must outlive the client.
    observer watch;
    /// What the host's webhooks arrive at (webhook/inbox.hpp): each submit then carries a callback
    /// URL, and a wait is woken by what comes there. Must outlive the client; null: none.
    completion_source* hooks = nullptr;
    /// Fixes jitter and ids for a test; empty: seeded from the system.
    std::optional<std::uint64_t> random_seed;
};

/// Checks bounds; invalid_options names the offending field.
COKINO_DECL result<void> validate(const job_client_options& o);

/// The verbs about jobs, over any transport.
///
/// Cancellation — what the verbs say of partial and total is true where the caller's coroutine lets
///   those through: one that co_spawn started hears terminal alone, until it has called
///   this_coro::reset_cancellation_state(enable_total_cancellation()).
class job_client
{
public:
    /// Throws cokino::error (invalid_options) when an option is out of bounds.
    job_client(executor ex, std::shared_ptr<const provider> host,
               std::shared_ptr<net::transport> transport, const job_client_options& options = {});
    job_client(const job_client&) = delete;
    job_client& operator=(const job_client&) = delete;
    /// Breaks off the looks under way. Nobody may be waiting on a verb any more.
    ~job_client();

    /// Buys one clip, still or upscale.
    ///
    /// Effects — checks and encodes the request at once; on co_await sends it. A start frame or
    ///   clip that is a file or bytes is checked and brought to the host first, and a link of one
    ///   that is about to die is renewed (model/request.hpp, media_source): both are free. A charge
    ///   can arise from the moment the first byte of the submit has left. Tried again only
    ///   when it certainly was not accepted: no byte left, or the host refused it with "later"
    ///   (429).
    /// Lifetimes — the request is copied into bytes; the client outlives the awaitable.
    /// Completes — with the job, as soon as the host has given its id.
    /// Failures — invalid_request (field named, nothing sent), unauthorised, out_of_credit,
    ///   content_refused, not_found (the endpoint), rate_limited, peer_untrusted, transport_fault,
    ///   timed_out, cancelled (nothing was accepted), link_expired (the link of a start frame or
    ///   clip is dead, nothing sent), outcome_unknown (may have been accepted and charged: the
    ///   diagnostics say how to look).
    /// Cancellation — terminal and partial: at any time; once a byte has left the error is
    ///   outcome_unknown. total: honoured only while no byte has left.
    /// Repeats — unsafe, unless the host honours a key; never repeated blindly by this library.
    template <job_request R>
    [[nodiscard]] awaitable<job<result_of_t<R>>> submit(const R& request,
                                                        submit_options options = {});

    /// Waits until a job has ended and gives its result.
    ///
    /// Effects — registers with the client's poller, which looks at the job now and then. Costs
    ///   nothing at the host.
    /// Lifetimes — the job is copied; the client outlives the awaitable.
    /// Completes — with the result.
    /// Failures — content_refused, request_rejected, job_failed, job_cancelled, job_expired (the
    ///   host's reason in the diagnostics), wait_timed_out (ceiling), deadline_passed, cancelled,
    ///   not_found, job_unknown_state, result_missing, invalid_job. All carry the job's text. A
    ///   missed look ends nothing, a refused key included: it may be mended meanwhile.
    /// Cancellation — total and terminal: stops waiting; the job goes on at the host. partial:
    ///   also asks the host to cancel; the error's message says what it answered.
    /// Repeats — safe; several waits for one job are allowed.
    /// Cost — under 1,500 bytes while waiting.
    template <class Result>
    [[nodiscard]] awaitable<Result> wait_for(job<Result> which, wait_options options = {});

    /// submit and wait_for in one, with a rule for renders that hang.
    ///
    /// Effects — as submit and wait_for. After the ceiling, and only as options.on_ceiling allows,
    ///   asks the host to cancel, looks whether the job ended after all (a late result is used, not
    ///   bought again) and submits anew.
    /// Failures — as of both; once a job was accepted each carries its text, that of a submit that
    ///   was to replace the job included. A job that run() itself had the host cancel ends as
    ///   wait_timed_out, with what the host said of it, and not as job_cancelled.
    /// Cancellation — as the verb it is in: submit or wait_for. Nothing is submitted anew after it.
    /// Repeats — unsafe.
    template <job_request R>
    [[nodiscard]] awaitable<result_of_t<R>> run(R request, run_options options = {});

    /// One look at a job.
    ///
    /// Completes — with the state, the host's own word, queue position, progress and logs.
    /// Failures — as the exchange gives them: transport_fault, unauthorised, rate_limited,
    ///   not_found, provider_fault. Nothing follows from them for the job.
    /// Cancellation — all kinds break the look off; the job is untouched.
    /// Repeats — safe.
    [[nodiscard]] awaitable<job_status> status(job_handle which);

    /// Asks the host to cancel a job.
    ///
    /// Completes — with what the host answered; `requested` means that it may still finish, and
    ///   be billed.
    /// Failures — as status().
    /// Cancellation — all kinds break the request off; the host may have heard it.
    /// Repeats — safe.
    [[nodiscard]] awaitable<cancel_outcome> cancel(job_handle which);

    const provider& host() const noexcept { return *core_->host; }
    executor get_executor() const noexcept { return core_->ex; }
    /// Jobs waited for at the moment.
    std::size_t waiting() const noexcept { return core_->polls.waiting(); }

protected:
    const std::shared_ptr<detail::client_core>& core() const noexcept { return core_; }

private:
    std::shared_ptr<detail::client_core> core_;
};

template <job_request R>
awaitable<job<result_of_t<R>>> job_client::submit(const R& request, submit_options options)
{
    return detail::submit_any<result_of_t<R>>(core_, request, options);
}

template <class Result>
awaitable<Result> job_client::wait_for(job<Result> which, wait_options options)
{
    return detail::wait_verb<Result>(core_, std::move(which), options);
}

template <job_request R> awaitable<result_of_t<R>> job_client::run(R request, run_options options)
{
    return detail::run_verb<R>(core_, std::move(request), options);
}

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/client/src.hpp>
#endif
