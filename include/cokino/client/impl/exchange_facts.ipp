// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What the observer is told, and what the host's headers ask for.
#pragma once

#include <cokino/client/detail/exchange_facts.hpp>
#include <cokino/policy/retry_after.hpp>

namespace cokino::detail {

COKINO_DECL void report_exchange(client_core& core, const wire::request_head& head,
                                 const result<wire::response>& answer, duration elapsed)
{
    if (!core.watch)
        return;
    std::string const url = head.url().redacted();
    failure const why = answer ? failure() : answer.error();
    exchange_event e;
    e.method = wire::name_of(head.method());
    e.url = url;
    e.status = answer ? answer->status : 0;
    e.sent = answer ? fate::answered : why.sent();
    e.elapsed = elapsed;
    e.why = answer ? nullptr : &why;
    core.watch.on_exchange(e);
}

COKINO_DECL void report_state(client_core& core, const job_record& job, const job_status& status)
{
    if (!core.watch)
        return;
    state_event e;
    e.job_id = job.id;
    e.state = name_of(status.state);
    e.word = status.word;
    e.queue_position = status.queue_position;
    e.progress = status.progress;
    core.watch.on_state(e);
    if (status.state == job_state::unknown && core.is_news(status.word)) {
        unknown_word_event u;
        u.provider = core.host->traits().name;
        u.where = "status";
        u.word = status.word;
        core.watch.on_unknown_word(u);
    }
}

COKINO_DECL void report_warning(client_core& core, std::string_view operation, const failure& what)
{
    if (!core.watch)
        return;
    failure told = what;
    told.set(billing::unknown); // the order goes out all the same
    warning_event e;
    e.operation = operation;
    e.what = &told;
    core.watch.on_warning(e);
}

COKINO_DECL void report_retry(client_core& core, std::string_view operation, unsigned attempt,
                              duration delay, const failure& why)
{
    if (!core.watch)
        return;
    retry_event e;
    e.operation = operation;
    e.attempt = attempt;
    e.delay = delay;
    e.why = &why;
    core.watch.on_retry(e);
}

COKINO_DECL void report_missed_look(client_core& core, const failure& why, bool fetch,
                                    unsigned looks)
{
    report_retry(core, fetch ? "result" : "status", looks, duration::zero(), why);
}

inline policy::hint_reader hints_of(const wire::response& answer, system_time now)
{
    policy::hint_reader hints(now);
    answer.for_each_field(
        [&](std::string_view name, std::string_view value) { hints.field(name, value); });
    return hints;
}

COKINO_DECL std::optional<std::chrono::milliseconds> retry_hint(const wire::response& answer,
                                                                system_time now, const failure& why)
{
    const auto told = hints_of(answer, now).delay(answer.status == 429);
    return told ? told : why.facts().retry_after;
}

COKINO_DECL void add_hints(policy::attempt_outcome& outcome, const wire::response& answer,
                           system_time now)
{
    const auto hints = hints_of(answer, now);
    if (const auto told = hints.delay(answer.status == 429))
        outcome.retry_after = told;
    outcome.should_retry = hints.should_retry();
}

} // namespace cokino::detail
