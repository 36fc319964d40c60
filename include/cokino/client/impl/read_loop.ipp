// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The loop for requests that may be repeated.
#pragma once

#include <cokino/async/sleep.hpp>
#include <cokino/client/detail/exchange_facts.hpp>
#include <cokino/client/detail/read_loop.hpp>

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

namespace cokino::detail {

COKINO_DECL awaitable<result<wire::response>> read_loop(std::shared_ptr<client_core> core,
                                                        result<wire::request> request,
                                                        std::string operation, server_faults faults)
{
    if (!request)
        co_return request.error();
    bool const throwing = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    policy::operation op;
    op.kind = policy::operation_kind::idempotent;
    policy::retry_machine machine(core->retry, op, core->time->now());
    result<wire::response> answer = failure(errc::internal_error);
    // No copy of the body for each try: it may be a clip.
    const std::string body = std::move(request->body);
    if (request->borrowed.empty())
        request->borrowed = body;
    request->body.clear();
    for (;;) {
        wire::request copy = *request;
        copy.limits = core->api_limits;
        auto const started = core->time->now();
        answer = co_await core->net->exchange(std::move(copy));
        auto const now = core->time->now();
        report_exchange(*core, *request->head, answer, now - started);
        policy::attempt_outcome outcome;
        if (answer) {
            if (answer->status < 400 || (answer->status >= 500 && faults == server_faults::final_))
                break;
            outcome.sent = fate::answered;
            outcome.http_status = answer->status;
            outcome.write_complete = true;
            add_hints(outcome, *answer, core->time->system_now());
        } else {
            outcome = policy::outcome_of(answer.error());
        }
        auto const decision = machine.on_failure(outcome, now, core->random);
        if (decision.step == policy::next_step::stop ||
            decision.step == policy::next_step::follow) {
            if (!answer) {
                failure last = answer.error();
                last.edit().stopped = decision.stopped;
                answer = std::move(last);
            }
            break;
        }
        report_retry(*core, operation, machine.attempts(), decision.delay,
                     answer ? failure(errc::host_fault) : answer.error());
        auto const slept = co_await async_sleep_until(decision.at, as_tuple_token);
        if (std::get<0>(slept)) {
            answer = failure(errc::cancelled);
            break;
        }
    }
    co_await asio::this_coro::throw_if_cancelled(throwing);
    co_return answer;
}

} // namespace cokino::detail
