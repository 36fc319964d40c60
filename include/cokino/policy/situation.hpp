// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// From the facts of an attempt to a situation: what the outcome amounts to, before it is asked what
// kind of operation it was. Where facts disagree, the one that promises less wins: a dialect can
// make an answer more doubtful than its status, and never less, save where the profile vouches.
#pragma once

#include <cokino/policy/attempt_outcome.hpp>
#include <cokino/policy/idempotency.hpp>

#include <cstddef>
#include <string_view>

namespace cokino {
namespace policy {

/// What an outcome amounts to, before it is asked what kind of operation it was. Numbers in
/// comments are the rows of the table in ruling.hpp.
enum class situation : unsigned char {
    succeeded,             // 0
    unsendable,            // 0: refused on this side before a byte left
    resolve_failed,        // 1
    connect_failed,        // 2
    handshake_failed,      // 3
    peer_untrusted,        // 4
    proxy_refused,         // 5
    connection_dead,       // 6: pooled, no byte left
    write_cut,             // 7
    answer_lost,           // 8: all written, then reset, EOF or timeout
    head_cut,              // 9
    body_cut,              // 10
    body_nonsense,         // 11
    body_refuses,          // 12: 2xx, and the body says that it was refused
    body_throttles,        // 12: 2xx, and the body says too many
    body_unclear,          // 12: the dialect cannot tell
    redirected,            // 13
    redirected_same,       // 13: 307 or 308 to the same origin
    redirected_see_other,  // 13: 303
    refused,               // 14
    key_refused,           // 15: and no fresh one to be had
    key_stale,             // 15: and a fresh one can be had
    out_of_credit,         // 16
    timeout_write_cut,     // 17: 408 before all was written
    timeout_after_write,   // 18: 408 after all was written
    conflicted,            // 19
    in_progress,           // 19
    own_id_exists,         // 19
    wrong_connection,      // 20: 421, 425
    throttled,             // 21
    throttled_unclear,     // 21: by a host that may say so after accepting
    server_error,          // 22: 500
    gateway_error,         // 23: 502, 504
    unavailable,           // 24: 503
    unavailable_vouched,   // 24: by a host that then has accepted nothing
    origin_unreached,      // 25: a CDN's 52x
    origin_unreached_sure, // 25: vouched for
    status_unclear,        // 26
    stream_refused,        // 27
    stopped_in_flight,     // 28: cancelled, or the deadline passed, after the first byte
    stopped_before,        // 28: the same before the first byte
    process_died,          // 29
    journal_failed         // 30
};

inline constexpr std::size_t situation_count =
    static_cast<std::size_t>(situation::journal_failed) + 1;

/// What happened, as the beginning of a sentence.
constexpr std::string_view sentence_of(situation what) noexcept
{
    switch (what) {
    case situation::succeeded: return "the host accepted it";
    case situation::unsendable: return "it was refused on this side before anything was sent";
    case situation::resolve_failed: return "the host name did not resolve";
    case situation::connect_failed: return "no connection could be made";
    case situation::handshake_failed: return "the TLS handshake broke off";
    case situation::peer_untrusted: return "the peer's certificate was not trusted";
    case situation::proxy_refused: return "the proxy refused the tunnel";
    case situation::connection_dead: return "the pooled connection was dead and no byte left";
    case situation::write_cut: return "the connection broke after bytes of the request had left";
    case situation::answer_lost: return "the request was written and no answer came";
    case situation::head_cut: return "the answer's head was cut";
    case situation::body_cut: return "the host said yes, but the answer was cut before the id";
    case situation::body_nonsense: return "the host said yes, but the answer holds no readable id";
    case situation::body_refuses: return "the answer's body says that it was refused";
    case situation::body_throttles:
        return "the answer's body says that there are too many requests";
    case situation::body_unclear: return "the answer does not tell whether it was accepted";
    case situation::redirected: return "the host redirected it";
    case situation::redirected_same: return "the host redirected it within the same origin";
    case situation::redirected_see_other: return "the host pointed elsewhere for the answer (303)";
    case situation::refused: return "the host refused it";
    case situation::key_refused: return "the host refused the key";
    case situation::key_stale: return "the host wants a fresh credential";
    case situation::out_of_credit: return "the account's credit is exhausted";
    case situation::timeout_write_cut: return "the host gave up waiting for the request (408)";
    case situation::timeout_after_write:
        return "the host said 408 after the whole request was written";
    case situation::conflicted: return "the host sees a conflict (409)";
    case situation::in_progress:
        return "the host is still working on the first request with this key";
    case situation::own_id_exists: return "the host already has a job with this id";
    case situation::wrong_connection: return "the host would not take it on this connection";
    case situation::throttled: return "the host says that there are too many requests";
    case situation::throttled_unclear:
        return "the host says too many requests, which it may say after accepting";
    case situation::server_error: return "the host failed (500)";
    case situation::gateway_error: return "a gateway failed (502, 504)";
    case situation::unavailable: return "the host is unavailable (503)";
    case situation::unavailable_vouched:
        return "the host is unavailable and accepted nothing (503)";
    case situation::origin_unreached: return "the host's CDN did not reach it (52x)";
    case situation::origin_unreached_sure:
        return "the host's CDN did not reach it, so nothing was accepted (52x)";
    case situation::status_unclear: return "the status proves nothing";
    case situation::stream_refused: return "the host refused the stream before any work";
    case situation::stopped_in_flight: return "it was stopped on this side after a byte had left";
    case situation::stopped_before: return "it was stopped on this side before a byte left";
    case situation::process_died: return "the process ended before the outcome was written down";
    case situation::journal_failed: return "the intent could not be written down";
    }
    return "nobody knows what happened";
}

/// The situation that an outcome amounts to. Total: every input has one.
constexpr situation situation_of(const attempt_outcome& o, const admission_profile& host) noexcept;

} // namespace policy

namespace detail {

using policy::admission_profile;
using policy::attempt_outcome;
using policy::conflict;
using policy::situation;

// The dialect read a refusal: the host understood the request and will not do it.
constexpr bool reads_as_refusal(errc code) noexcept
{
    switch (code) {
    case errc::invalid_argument:
    case errc::unsupported_field:
    case errc::unauthorised:
    case errc::forbidden:
    case errc::not_found:
    case errc::request_rejected:
    case errc::content_refused: return true;
    default: return false;
    }
}

// The answer is whole, and nobody can make anything of it.
constexpr bool reads_as_nonsense(errc code) noexcept
{
    switch (code) {
    case errc::answer_malformed:
    case errc::response_malformed:
    case errc::response_too_large:
    case errc::limit_reached:
    case errc::result_missing:
    case errc::outcome_unknown: return true;
    default: return false;
    }
}

// Statuses by which HTTP says "not done, and not if you repeat it". Other 4xx are not here:
// balancers say 460 and 499 when work may have begun, and hosts have numbers of their own.
constexpr bool refuses_by_status(unsigned status) noexcept
{
    switch (status) {
    case 400:
    case 403:
    case 404:
    case 405:
    case 406:
    case 407:
    case 410:
    case 411:
    case 412:
    case 413:
    case 414:
    case 415:
    case 416:
    case 417:
    case 422:
    case 426:
    case 428:
    case 431:
    case 451: return true;
    default: return false;
    }
}

// No byte left.
constexpr situation situation_unsent(const attempt_outcome& o) noexcept
{
    using s = situation;
    switch (o.code) {
    case errc::resolve_failed: return s::resolve_failed;
    case errc::connect_failed:
    case errc::phase_timed_out: return s::connect_failed;
    case errc::tls_failed: return s::handshake_failed;
    case errc::certificate_rejected:
    case errc::no_certificates: return s::peer_untrusted;
    case errc::proxy_refused: return s::proxy_refused;
    case errc::connection_lost: return o.connection_reused ? s::connection_dead : s::connect_failed;
    default: return s::unsendable;
    }
}

// Bytes left, and no status came back.
constexpr situation situation_unanswered(const attempt_outcome& o) noexcept
{
    using s = situation;
    const bool something_came = o.http_status != 0 || o.code == errc::response_malformed ||
                                o.code == errc::response_too_large;
    if (something_came)
        return s::head_cut;
    return o.write_complete ? s::answer_lost : s::write_cut;
}

constexpr situation situation_throttled(const admission_profile& host) noexcept
{
    using s = situation;
    return host.may_admit_on_429 ? s::throttled_unclear : s::throttled;
}

constexpr situation situation_2xx(const attempt_outcome& o, const admission_profile& host) noexcept
{
    using s = situation;
    if (reads_as_nonsense(o.code))
        return s::body_nonsense;
    if (o.sent != fate::answered)
        return s::body_cut;
    if (o.code == errc::ok)
        return s::succeeded;
    if (o.code == errc::out_of_credit)
        return s::out_of_credit;
    if (o.code == errc::rate_limited)
        return host.may_admit_on_429 ? s::throttled_unclear : s::body_throttles;
    return reads_as_refusal(o.code) ? s::body_refuses : s::body_unclear;
}

constexpr situation situation_3xx(const attempt_outcome& o) noexcept
{
    using s = situation;
    if (o.http_status == 303)
        return s::redirected_see_other;
    const bool keeps_method = o.http_status == 307 || o.http_status == 308;
    return keeps_method && o.redirect_same_origin ? s::redirected_same : s::redirected;
}

constexpr situation situation_4xx(const attempt_outcome& o, const admission_profile& host) noexcept
{
    using s = situation;
    // A dialect reads whole answers only; of a cut one the status is all that counts.
    const errc reading = o.sent == fate::answered ? o.code : errc::ok;
    if (reading == errc::out_of_credit || o.http_status == 402)
        return s::out_of_credit;
    if (o.http_status == 429) {
        // Some hosts say 429 for what no waiting clears; their dialect reads a refusal.
        return reads_as_refusal(reading) && !host.may_admit_on_429 ? s::refused
                                                                   : situation_throttled(host);
    }
    switch (o.http_status) {
    case 401: return host.can_refresh_credential ? s::key_stale : s::key_refused;
    case 408: return o.write_complete ? s::timeout_after_write : s::timeout_write_cut;
    case 409: return o.about == conflict::in_progress ? s::in_progress : s::conflicted;
    case 421:
    case 425: return s::wrong_connection;
    default: break;
    }
    if (reading == errc::rate_limited)
        return situation_throttled(host);
    if (refuses_by_status(o.http_status) || reads_as_refusal(reading))
        return s::refused;
    return s::body_unclear;
}

// What the dialect reads is not asked here: a host that failed may say anything.
constexpr situation situation_5xx(unsigned status, const admission_profile& host) noexcept
{
    using s = situation;
    switch (status) {
    case 500: return s::server_error;
    case 502:
    case 504: return s::gateway_error;
    case 503: return host.not_admitted_on_503 ? s::unavailable_vouched : s::unavailable;
    case 521:
    case 522:
    case 523:
    case 525:
    case 526: return host.not_admitted_on_52x ? s::origin_unreached_sure : s::origin_unreached;
    default: return s::status_unclear;
    }
}

} // namespace detail

namespace policy {

constexpr situation situation_of(const attempt_outcome& o, const admission_profile& host) noexcept
{
    switch (o.end) {
    case attempt_end::stream_refused: return situation::stream_refused;
    case attempt_end::process_died: return situation::process_died;
    case attempt_end::journal_failed: return situation::journal_failed;
    case attempt_end::exchange: break;
    }
    switch (o.code) {
    case errc::cancelled:
    case errc::deadline_passed:
    case errc::closed:
    case errc::internal_error:
        return o.sent == fate::not_sent ? situation::stopped_before : situation::stopped_in_flight;
    default: break;
    }
    if (o.sent == fate::not_sent)
        return detail::situation_unsent(o);
    if (o.sent == fate::maybe_sent && o.http_status < 200)
        return detail::situation_unanswered(o);
    if (o.about == conflict::own_id_exists && o.sent == fate::answered && o.http_status < 500)
        return situation::own_id_exists;
    if (o.code == errc::outcome_unknown && o.http_status >= 300 && o.http_status < 500)
        return situation::body_unclear;
    switch (o.http_status / 100) {
    case 0: // The answer was whole, but nobody passed its status on: only the reading is known.
        return o.code == errc::ok ? situation::status_unclear : detail::situation_2xx(o, host);
    case 2: return detail::situation_2xx(o, host);
    case 3: return detail::situation_3xx(o);
    case 4: return detail::situation_4xx(o, host);
    case 5: return detail::situation_5xx(o.http_status, host);
    default: return situation::status_unclear;
    }
}

} // namespace policy
} // namespace cokino
