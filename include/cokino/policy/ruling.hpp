// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Whether a request may be sent again: the page on which "never buys twice" rests. The table says,
// for each situation and each kind of operation, what follows. Nothing here counts, waits or knows
// the time (retry.hpp does).
//
// The rule behind the table: without a key that the host honours, a submit is sent again only if no
// byte of it reached the kernel's socket, or the answer itself proves that it was not accepted.
// Read the third column of cells for the money; the compiler checks it below the table.
#pragma once

#include <cokino/policy/attempt_outcome.hpp>
#include <cokino/policy/idempotency.hpp>
#include <cokino/policy/situation.hpp>

#include <array>
#include <cstddef>

namespace cokino {
namespace policy {

/// What to do next.
enum class next_step : unsigned char {
    stop,
    retry,      ///< As attempts, time and the host's hint allow; identical bytes, the same key.
    retry_free, ///< At once on a fresh connection, not counted, within limits::free_retries_max.
    follow      ///< Once more to the location named, with the same method, bytes and key.
};

/// One cell of the table.
struct cell {
    next_step step = next_step::stop;
    /// What is known if it goes no further than this.
    submit_outcome outcome = submit_outcome::unknown;
    /// How often this situation may be answered so within one operation; 0: no limit of its own.
    unsigned char times_max = 0;
};

/// One row, and what goes with it whatever the kind.
struct rule {
    situation what;
    unsigned char row;
    cell idempotent;
    cell keyed;
    cell unsafe;
};

/// What follows from one outcome.
struct ruling {
    situation what = situation::unsendable;
    unsigned row = 0;
    cell then;
    bool slow_down = false;        ///< The host is full: start from the longer base.
    bool fresh_connection = false; ///< Repeat on a new connection.
    bool fresh_credential = false; ///< Repeat with a refreshed credential.
    bool pause_queue = false;      ///< Nothing else for this account will be accepted either.
    bool probably_created = false; ///< The status said yes, only the id is missing.
};

} // namespace policy

namespace detail {

namespace cells {

using policy::cell;
using policy::next_step;
using policy::submit_outcome;

// Repeat, knowing that nothing was sent, that it was refused, or not knowing.
inline constexpr cell again_unsent{next_step::retry, submit_outcome::not_sent, 0};
inline constexpr cell again_refused{next_step::retry, submit_outcome::rejected, 0};
inline constexpr cell again_unknown{next_step::retry, submit_outcome::unknown, 0};
inline constexpr cell once_refused{next_step::retry, submit_outcome::rejected, 1};
inline constexpr cell once_unknown{next_step::retry, submit_outcome::unknown, 1};
inline constexpr cell twice_unknown{next_step::retry, submit_outcome::unknown, 2};
inline constexpr cell free_unsent{next_step::retry_free, submit_outcome::not_sent, 0};
inline constexpr cell free_refused{next_step::retry_free, submit_outcome::rejected, 0};
inline constexpr cell follow{next_step::follow, submit_outcome::rejected, 1};
// Stop, and what is then known.
inline constexpr cell stop_unsent{next_step::stop, submit_outcome::not_sent, 0};
inline constexpr cell stop_accepted{next_step::stop, submit_outcome::accepted, 0};
inline constexpr cell stop_refused{next_step::stop, submit_outcome::rejected, 0};
inline constexpr cell stop_unknown{next_step::stop, submit_outcome::unknown, 0};

} // namespace cells

constexpr auto make_rule_table() noexcept
{
    using namespace cells;
    using s = policy::situation;
    using policy::rule;
    // clang-format off
    return std::to_array<rule>({
        // situation                row  idempotent     keyed          unsafe
        {s::succeeded,               0, stop_accepted, stop_accepted, stop_accepted},
        {s::unsendable,              0, stop_unsent,   stop_unsent,   stop_unsent},
        {s::resolve_failed,          1, again_unsent,  again_unsent,  again_unsent},
        {s::connect_failed,          2, again_unsent,  again_unsent,  again_unsent},
        {s::handshake_failed,        3, again_unsent,  again_unsent,  again_unsent},
        {s::peer_untrusted,          4, stop_unsent,   stop_unsent,   stop_unsent},
        {s::proxy_refused,           5, again_unsent,  again_unsent,  again_unsent},
        {s::connection_dead,         6, free_unsent,   free_unsent,   free_unsent},
        {s::write_cut,               7, again_unknown, again_unknown, stop_unknown},
        {s::answer_lost,             8, again_unknown, again_unknown, stop_unknown},
        {s::head_cut,                9, again_unknown, again_unknown, stop_unknown},
        {s::body_cut,               10, again_unknown, again_unknown, stop_unknown},
        {s::body_nonsense,          11, twice_unknown, once_unknown,  stop_unknown},
        {s::body_refuses,           12, stop_refused,  stop_refused,  stop_refused},
        {s::body_throttles,         12, again_refused, again_refused, again_refused},
        {s::body_unclear,           12, again_unknown, again_unknown, stop_unknown},
        {s::redirected,             13, stop_refused,  stop_refused,  stop_refused},
        {s::redirected_same,        13, stop_refused,  follow,        stop_refused},
        // HTTP says 303 when the work was done and its account is elsewhere (RFC 9110 §15.4.4).
        {s::redirected_see_other,   13, stop_unknown,  stop_unknown,  stop_unknown},
        {s::refused,                14, stop_refused,  stop_refused,  stop_refused},
        {s::key_refused,            15, stop_refused,  stop_refused,  stop_refused},
        {s::key_stale,              15, once_refused,  once_refused,  once_refused},
        {s::out_of_credit,          16, stop_refused,  stop_refused,  stop_refused},
        {s::timeout_write_cut,      17, again_unknown, again_unknown, stop_unknown},
        {s::timeout_after_write,    18, again_unknown, again_unknown, stop_unknown},
        // With a key, a conflict may be the first request still at work: wait for its answer.
        {s::conflicted,             19, stop_refused,  again_unknown, stop_refused},
        {s::in_progress,            19, again_unknown, again_unknown, stop_refused},
        {s::own_id_exists,          19, stop_accepted, stop_accepted, stop_accepted},
        {s::wrong_connection,       20, again_refused, again_refused, again_refused},
        {s::throttled,              21, again_refused, again_refused, again_refused},
        {s::throttled_unclear,      21, again_unknown, again_unknown, stop_unknown},
        // A keyed repeat may be given the stored 500 again: it is then shown, not fetched for ever.
        {s::server_error,           22, again_unknown, once_unknown,  stop_unknown},
        {s::gateway_error,          23, again_unknown, again_unknown, stop_unknown},
        {s::unavailable,            24, again_unknown, again_unknown, stop_unknown},
        {s::unavailable_vouched,    24, again_refused, again_refused, again_refused},
        {s::origin_unreached,       25, again_unknown, again_unknown, stop_unknown},
        {s::origin_unreached_sure,  25, again_refused, again_refused, again_refused},
        {s::status_unclear,         26, again_unknown, again_unknown, stop_unknown},
        {s::stream_refused,         27, free_refused,  free_refused,  free_refused},
        {s::stopped_in_flight,      28, stop_unknown,  stop_unknown,  stop_unknown},
        {s::stopped_before,         28, stop_unsent,   stop_unsent,   stop_unsent},
        {s::process_died,           29, again_unknown, again_unknown, stop_unknown},
        {s::journal_failed,         30, stop_unsent,   stop_unsent,   stop_unsent},
    });
    // clang-format on
}

inline constexpr auto rule_table = make_rule_table();

/// The row of a situation. The table stands in the situations' order, so this is an index.
constexpr const policy::rule& rule_for(policy::situation what) noexcept
{
    return rule_table[static_cast<std::size_t>(what)];
}

constexpr bool every_situation_has_its_row() noexcept
{
    for (std::size_t i = 0; i < rule_table.size(); ++i)
        if (rule_table[i].what != static_cast<policy::situation>(i))
            return false;
    return rule_table.size() == policy::situation_count;
}
static_assert(every_situation_has_its_row());

constexpr bool never_buys_twice() noexcept
{
    for (const policy::rule& r : rule_table) {
        const bool nothing_bought = r.unsafe.outcome == policy::submit_outcome::not_sent ||
                                    r.unsafe.outcome == policy::submit_outcome::rejected;
        if (r.unsafe.step != policy::next_step::stop && !nothing_bought)
            return false;
        if (r.unsafe.step == policy::next_step::follow)
            return false;
    }
    return true;
}
static_assert(never_buys_twice(), "an unsafe operation may only be repeated if nothing was bought");

} // namespace detail

namespace policy {

/// What follows from an outcome for an operation. Total: there is an answer to every input.
constexpr ruling rule_on(const operation& op, const attempt_outcome& outcome) noexcept
{
    const situation what = situation_of(outcome, op.host);
    const rule& row = detail::rule_for(what);
    ruling r;
    r.what = what;
    r.row = row.row;
    switch (op.kind) {
    case operation_kind::idempotent: r.then = row.idempotent; break;
    case operation_kind::keyed: r.then = row.keyed; break;
    case operation_kind::unsafe: r.then = row.unsafe; break;
    }
    // A host that says "do not repeat" is always obeyed; one that says "do" cannot widen the table.
    if (outcome.should_retry == false)
        r.then.step = next_step::stop;
    r.slow_down = what == situation::throttled || what == situation::throttled_unclear ||
                  what == situation::body_throttles || what == situation::unavailable ||
                  what == situation::unavailable_vouched;
    r.fresh_connection = what == situation::connection_dead || what == situation::wrong_connection;
    r.fresh_credential = what == situation::key_stale;
    r.pause_queue = what == situation::out_of_credit;
    r.probably_created = what == situation::body_cut || what == situation::body_nonsense;
    return r;
}

} // namespace policy
} // namespace cokino
