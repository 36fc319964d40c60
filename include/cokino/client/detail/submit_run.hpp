// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// One submit from encoded bytes to a job or a verdict. Carries; the judging is policy's: whether
// the bytes may go again (policy/ruling.hpp) and when (policy/retry.hpp). The bytes are frozen
// before the first try, so that a repeat is identical.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/async/time_source.hpp>
#include <cokino/client/detail/client_core.hpp>
#include <cokino/client/options.hpp>
#include <cokino/core/observer.hpp>
#include <cokino/model/job.hpp>
#include <cokino/policy/retry.hpp>
#include <cokino/provider/provider.hpp>

#include <memory>
#include <string>
#include <utility>

namespace cokino::detail {

/// Driven by submit_verb: ask next(), do it, tell how it went, until done.
class submit_run
{
public:
    enum class step : unsigned char {
        send,  ///< Exchange take_request() and tell answered().
        pause, ///< Sleep until resume_at() and tell paused().
        find,  ///< Read question(), with patience, and tell found().
        done   ///< finish() has the end.
    };

    /// Checks and encodes at once; a request that makes no sense is done before it began.
    template <class Request>
    submit_run(client_core& core, const Request& request, const submit_options& options)
        : submit_run(core, options)
    {
        if (auto const ok = validate(options); !ok)
            refuse(ok.error());
        else
            accept(core.fresh_host().encode(request, context()));
    }

    /// One that could not even be written.
    submit_run(client_core& core, failure why, const submit_options& options)
        : submit_run(core, options)
    {
        refuse(std::move(why));
    }

    /// The submit is awaited: its time runs from now on, however long ago it was made.
    void begin();
    step next() const noexcept { return step_; }
    net::transport& transport() const noexcept { return *core_->net; }
    steady_time resume_at() const noexcept { return resume_at_; }
    steady_time deadline() const noexcept { return deadline_; }

    wire::request take_request();
    void answered(result<wire::response> answer);
    /// `whole` is false when the pause was cancelled.
    void paused(bool whole);
    /// Asks for the job that the host may keep under our own id.
    result<wire::request> question() const;
    void found(const result<wire::response>& answer);
    const std::shared_ptr<client_core>& core() const noexcept { return core_; }
    result<std::shared_ptr<const job_record>> finish();

private:
    submit_run(client_core& core, const submit_options& options);

    submit_context context();
    void accept(result<encoded_submit> encoded);
    void refuse(failure f);
    void begin_record();
    void keep_record();
    void missed(failure f, const wire::response* answer);
    void stop(failure f, const policy::retry_decision& decision);
    void leave_open(failure& f, policy::situation cause) const;
    failure with_facts(failure f) const;
    policy::retry_machine& machine();
    void report(submit_phase phase, const failure* why = nullptr);

    std::shared_ptr<client_core> core_;
    submit_options options_;
    encoded_submit encoded_;
    std::string idempotency_key_;
    std::unique_ptr<callback_address> callback_; // where hooks are received
    std::shared_ptr<job_record> record_;
    std::unique_ptr<policy::retry_machine> machine_; // made at the first failure
    std::unique_ptr<failure> failure_;
    policy::submit_outcome outcome_ = policy::submit_outcome::not_sent;
    policy::situation doubt_{}; // what left it open, once outcome_ is unknown
    steady_time started_;
    steady_time deadline_ = steady_time::max();
    steady_time resume_at_{};
    steady_time sent_at_{};
    unsigned attempts_ = 0;
    step step_ = step::send;
};

/// Does the step `find`: a coroutine of its own, so that the frame of a submit that needs no
/// settling has no room for it.
///
/// Lifetimes — the run outlives the awaitable.
awaitable<void> find_own_job(submit_run* run);

} // namespace cokino::detail
