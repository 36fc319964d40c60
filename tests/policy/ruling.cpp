// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The decision table, cell by cell: one line per failure, with the row's number, the facts that
// make it up, and what must follow for an idempotent (I), a keyed (K) and an unsafe (N) operation.
#include <cokino/policy/ruling.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

namespace ruling_test {

using namespace cokino;
using namespace cokino::policy;

// The cells, spelt as in the table: what is done, and what is known if it ends there.
struct verdict {
    next_step step;
    submit_outcome known;
    unsigned times_max = 0;
};
constexpr verdict retry_unsent{next_step::retry, submit_outcome::not_sent};
constexpr verdict retry_refused{next_step::retry, submit_outcome::rejected};
constexpr verdict retry_unknown{next_step::retry, submit_outcome::unknown};
constexpr verdict retry_unknown_once{next_step::retry, submit_outcome::unknown, 1};
constexpr verdict retry_unknown_twice{next_step::retry, submit_outcome::unknown, 2};
constexpr verdict retry_refused_once{next_step::retry, submit_outcome::rejected, 1};
constexpr verdict free_unsent{next_step::retry_free, submit_outcome::not_sent};
constexpr verdict free_refused{next_step::retry_free, submit_outcome::rejected};
constexpr verdict follow_once{next_step::follow, submit_outcome::rejected, 1};
constexpr verdict fail_unsent{next_step::stop, submit_outcome::not_sent};
constexpr verdict fail_refused{next_step::stop, submit_outcome::rejected};
constexpr verdict fail_unknown{next_step::stop, submit_outcome::unknown};
constexpr verdict accepted{next_step::stop, submit_outcome::accepted};

attempt_outcome unsent(errc code, bool reused = false)
{
    attempt_outcome o;
    o.code = code;
    o.sent = fate::not_sent;
    o.connection_reused = reused;
    return o;
}

attempt_outcome cut(bool write_complete, unsigned status = 0, errc code = errc::connection_lost)
{
    attempt_outcome o;
    o.code = code;
    o.sent = fate::maybe_sent;
    o.write_complete = write_complete;
    o.http_status = status;
    return o;
}

attempt_outcome answer(unsigned status, errc reading = errc::host_fault)
{
    attempt_outcome o;
    o.code = reading;
    o.sent = fate::answered;
    o.http_status = status;
    o.write_complete = true;
    return o;
}

attempt_outcome early_408()
{
    attempt_outcome o = answer(408);
    o.write_complete = false;
    return o;
}

attempt_outcome redirect(unsigned status, bool same_origin)
{
    attempt_outcome o = answer(status, errc::request_rejected);
    o.redirect_same_origin = same_origin;
    return o;
}

attempt_outcome conflict_of(conflict about, unsigned status = 409)
{
    attempt_outcome o = answer(status, errc::request_rejected);
    o.about = about;
    return o;
}

attempt_outcome event(attempt_end end)
{
    attempt_outcome o;
    o.end = end;
    return o;
}

admission_profile vouching_503()
{
    admission_profile p;
    p.not_admitted_on_503 = true;
    return p;
}

admission_profile vouching_52x()
{
    admission_profile p;
    p.not_admitted_on_52x = true;
    return p;
}

admission_profile late_429()
{
    admission_profile p;
    p.may_admit_on_429 = true;
    return p;
}

admission_profile refreshing()
{
    admission_profile p;
    p.can_refresh_credential = true;
    return p;
}

struct line {
    unsigned row;
    std::string name;
    attempt_outcome outcome;
    verdict idempotent, keyed, unsafe;
    admission_profile host = {};
};

std::vector<line> carriage_lines()
{
    return {
        {1, "DNS failure", unsent(errc::resolve_failed), retry_unsent, retry_unsent, retry_unsent},
        {2, "connect refused", unsent(errc::connect_failed), retry_unsent, retry_unsent,
         retry_unsent},
        {2, "a phase before the first byte timed out", unsent(errc::phase_timed_out), retry_unsent,
         retry_unsent, retry_unsent},
        {2, "a fresh connection died before the first byte", unsent(errc::connection_lost),
         retry_unsent, retry_unsent, retry_unsent},
        {3, "TLS handshake cut", unsent(errc::tls_failed), retry_unsent, retry_unsent,
         retry_unsent},
        {4, "certificate refused", unsent(errc::certificate_rejected), fail_unsent, fail_unsent,
         fail_unsent},
        {4, "no certificates to trust", unsent(errc::no_certificates), fail_unsent, fail_unsent,
         fail_unsent},
        {5, "proxy refused the tunnel", unsent(errc::proxy_refused), retry_unsent, retry_unsent,
         retry_unsent},
        {6, "pooled connection dead, no byte left", unsent(errc::connection_lost, true),
         free_unsent, free_unsent, free_unsent},
        {7, "partial write", cut(false), retry_unknown, retry_unknown, fail_unknown},
        {8, "full write, then reset", cut(true), retry_unknown, retry_unknown, fail_unknown},
        {8, "full write, then timeout", cut(true, 0, errc::phase_timed_out), retry_unknown,
         retry_unknown, fail_unknown},
        {9, "only a 1xx", cut(true, 100), retry_unknown, retry_unknown, fail_unknown},
        {9, "head cut or not HTTP", cut(true, 0, errc::response_malformed), retry_unknown,
         retry_unknown, fail_unknown},
        {9, "head too large", cut(true, 0, errc::response_too_large), retry_unknown, retry_unknown,
         fail_unknown},
        {10, "200 seen, body cut", cut(true, 200, errc::body_truncated), retry_unknown,
         retry_unknown, fail_unknown},
        {28, "cancelled after the first byte", cut(true, 0, errc::cancelled), fail_unknown,
         fail_unknown, fail_unknown},
        {28, "deadline after the first byte", cut(false, 0, errc::deadline_passed), fail_unknown,
         fail_unknown, fail_unknown},
        {28, "cancelled before the first byte", unsent(errc::cancelled), fail_unsent, fail_unsent,
         fail_unsent},
        {0, "refused on this side", unsent(errc::request_malformed), fail_unsent, fail_unsent,
         fail_unsent},
        {0, "no key", unsent(errc::missing_credential), fail_unsent, fail_unsent, fail_unsent},
        {27, "HTTP/2 refused the stream", event(attempt_end::stream_refused), free_refused,
         free_refused, free_refused},
        {29, "process died after the intent", event(attempt_end::process_died), retry_unknown,
         retry_unknown, fail_unknown},
        {30, "journal write failed", event(attempt_end::journal_failed), fail_unsent, fail_unsent,
         fail_unsent},
    };
}

std::vector<line> body_lines()
{
    return {
        {0, "200 with an id", answer(200, errc::ok), accepted, accepted, accepted},
        {11, "200, body malformed", answer(200, errc::answer_malformed), retry_unknown_twice,
         retry_unknown_once, fail_unknown},
        {11, "200 without an id", answer(200, errc::outcome_unknown), retry_unknown_twice,
         retry_unknown_once, fail_unknown},
        {11, "200, body too large", cut(true, 200, errc::response_too_large), retry_unknown_twice,
         retry_unknown_once, fail_unknown},
        {11, "201, body too deep", answer(201, errc::limit_reached), retry_unknown_twice,
         retry_unknown_once, fail_unknown},
        {12, "200 that says refused", answer(200, errc::content_refused), fail_refused,
         fail_refused, fail_refused},
        {12, "200 that says too many", answer(200, errc::rate_limited), retry_refused,
         retry_refused, retry_refused},
        {21, "200 that says too many, perhaps after accepting", answer(200, errc::rate_limited),
         retry_unknown, retry_unknown, fail_unknown, late_429()},
        {16, "200 that says no credit", answer(200, errc::out_of_credit), fail_refused,
         fail_refused, fail_refused},
        {12, "200 with a code that the profile does not know", answer(200, errc::host_fault),
         retry_unknown, retry_unknown, fail_unknown},
        {12, "an answer whose status was not passed on", answer(0, errc::host_fault), retry_unknown,
         retry_unknown, fail_unknown},
        {26, "an answer of which nothing is known", answer(0, errc::ok), retry_unknown,
         retry_unknown, fail_unknown},
    };
}

std::vector<line> status_lines()
{
    return {
        {13, "302", redirect(302, true), fail_refused, fail_refused, fail_refused},
        {13, "307 to the same origin", redirect(307, true), fail_refused, follow_once,
         fail_refused},
        {13, "308 to the same origin", redirect(308, true), fail_refused, follow_once,
         fail_refused},
        {13, "307 to another origin", redirect(307, false), fail_refused, fail_refused,
         fail_refused},
        {13, "303 says that the work was done", redirect(303, true), fail_unknown, fail_unknown,
         fail_unknown},
        {15, "401, fresh credential to be had", answer(401), retry_refused_once, retry_refused_once,
         retry_refused_once, refreshing()},
        {15, "401, fixed key", answer(401), fail_refused, fail_refused, fail_refused},
        {16, "402", answer(402), fail_refused, fail_refused, fail_refused},
        {16, "403 that says no credit", answer(403, errc::out_of_credit), fail_refused,
         fail_refused, fail_refused},
        {16, "429 that says no credit", answer(429, errc::out_of_credit), fail_refused,
         fail_refused, fail_refused},
        {17, "408, write incomplete", early_408(), retry_unknown, retry_unknown, fail_unknown},
        {18, "408, write complete", answer(408), retry_unknown, retry_unknown, fail_unknown},
        {19, "409", conflict_of(conflict::unspecified), fail_refused, retry_unknown, fail_refused},
        {19, "409 in progress", conflict_of(conflict::in_progress), retry_unknown, retry_unknown,
         fail_refused},
        {19, "409 our id exists", conflict_of(conflict::own_id_exists), accepted, accepted,
         accepted},
        {19, "400 our id exists", conflict_of(conflict::own_id_exists, 400), accepted, accepted,
         accepted},
        {20, "421", answer(421), retry_refused, retry_refused, retry_refused},
        {20, "425", answer(425), retry_refused, retry_refused, retry_refused},
        {21, "429", answer(429, errc::rate_limited), retry_refused, retry_refused, retry_refused},
        {21, "429 cut after the status line", cut(true, 429, errc::body_truncated), retry_refused,
         retry_refused, retry_refused},
        {21, "429 that can follow admission", answer(429, errc::rate_limited), retry_unknown,
         retry_unknown, fail_unknown, late_429()},
        {21, "403 that says too many", answer(403, errc::rate_limited), retry_refused,
         retry_refused, retry_refused},
        {14, "429 for what no waiting clears", answer(429, errc::forbidden), fail_refused,
         fail_refused, fail_refused},
        {14, "a status of the host's own, read as a refusal", answer(455, errc::request_rejected),
         fail_refused, fail_refused, fail_refused},
        {12, "a status of the host's own", answer(433, errc::host_fault), retry_unknown,
         retry_unknown, fail_unknown},
        {12, "499, by a balancer that lost somebody", answer(499, errc::host_fault), retry_unknown,
         retry_unknown, fail_unknown},
        {12, "400 that the dialect doubts", answer(400, errc::outcome_unknown), retry_unknown,
         retry_unknown, fail_unknown},
        {22, "500", answer(500), retry_unknown, retry_unknown_once, fail_unknown},
        {22, "500, whatever its body says", answer(500, errc::request_rejected), retry_unknown,
         retry_unknown_once, fail_unknown},
        {22, "500 that says our id exists", conflict_of(conflict::own_id_exists, 500),
         retry_unknown, retry_unknown_once, fail_unknown},
        {23, "502", answer(502), retry_unknown, retry_unknown, fail_unknown},
        {23, "504", answer(504), retry_unknown, retry_unknown, fail_unknown},
        {24, "503", answer(503), retry_unknown, retry_unknown, fail_unknown},
        {24, "503, vouched not admitted", answer(503), retry_refused, retry_refused, retry_refused,
         vouching_503()},
    };
}

std::vector<line> refusal_and_cdn_lines()
{
    std::vector<line> lines;
    for (unsigned status : {400U, 403U, 404U, 405U, 413U, 415U, 422U}) {
        lines.push_back(
            {14, std::to_string(status), answer(status), fail_refused, fail_refused, fail_refused});
    }
    for (unsigned status : {521U, 522U, 523U, 525U, 526U}) {
        lines.push_back({25, std::to_string(status), answer(status), retry_unknown, retry_unknown,
                         fail_unknown});
        lines.push_back({25, std::to_string(status) + ", vouched not reached", answer(status),
                         retry_refused, retry_refused, retry_refused, vouching_52x()});
    }
    for (unsigned status : {501U, 507U, 520U, 524U, 529U, 599U, 600U, 999U}) {
        lines.push_back({26, std::to_string(status), answer(status), retry_unknown, retry_unknown,
                         fail_unknown});
    }
    return lines;
}

void check_cell(const line& l, operation_kind kind, const verdict& expected)
{
    const ruling r = rule_on({kind, l.host}, l.outcome);
    INFO("row ", l.row, ", ", l.name, ", ", std::string(name_of(kind)));
    CHECK(r.row == l.row);
    CHECK(r.then.step == expected.step);
    CHECK(name_of(r.then.outcome) == name_of(expected.known));
    CHECK(r.then.times_max == expected.times_max);
}

void check_lines(const std::vector<line>& lines)
{
    for (const line& l : lines) {
        check_cell(l, operation_kind::idempotent, l.idempotent);
        check_cell(l, operation_kind::keyed, l.keyed);
        check_cell(l, operation_kind::unsafe, l.unsafe);
    }
}

// What an outcome may hide, stated without the table: could the host have bought something?
bool may_have_bought(const attempt_outcome& o, const admission_profile& host)
{
    if (o.end == attempt_end::stream_refused || o.end == attempt_end::journal_failed)
        return false;
    if (o.end == attempt_end::process_died)
        return true;
    if (o.sent == fate::not_sent)
        return false;
    switch (o.http_status) {
    case 401: return !host.can_refresh_credential;
    case 421:
    case 425: return false;
    case 429: return host.may_admit_on_429;
    case 503: return !host.not_admitted_on_503;
    case 521:
    case 522:
    case 523:
    case 525:
    case 526: return !host.not_admitted_on_52x;
    default: break;
    }
    // A whole answer in which the dialect reads "too many"; a failing host's words prove nothing.
    const bool reads_throttled = o.sent == fate::answered && o.code == errc::rate_limited;
    return !reads_throttled || o.http_status >= 500 || host.may_admit_on_429;
}

TEST_SUITE("policy/ruling")
{
    TEST_CASE("faults of carriage are ruled as in the table") { check_lines(carriage_lines()); }

    TEST_CASE("what a 2xx holds is ruled as in the table") { check_lines(body_lines()); }

    TEST_CASE("statuses are ruled as in the table")
    {
        check_lines(status_lines());
        check_lines(refusal_and_cdn_lines());
    }

    TEST_CASE("the lines above cover every row of the table, and every situation")
    {
        std::array<bool, 31> rows{};
        std::array<bool, situation_count> situations{};
        for (const auto& lines :
             {carriage_lines(), body_lines(), status_lines(), refusal_and_cdn_lines()}) {
            for (const line& l : lines) {
                rows[l.row] = true;
                situations[static_cast<std::size_t>(situation_of(l.outcome, l.host))] = true;
            }
        }
        for (std::size_t row = 0; row < rows.size(); ++row) {
            CAPTURE(row);
            CHECK(rows[row]);
        }
        for (std::size_t i = 0; i < situations.size(); ++i) {
            CAPTURE(std::string(sentence_of(static_cast<situation>(i))));
            CHECK(situations[i]);
        }
    }

    TEST_CASE("no combination of facts repeats an unsafe submit that may have bought")
    {
        const std::array<admission_profile, 5> hosts{admission_profile{}, vouching_503(),
                                                     vouching_52x(), late_429(), refreshing()};
        std::size_t tried = 0;
        std::size_t repeated = 0;
        std::size_t bought_twice = 0;
        for (int code = 0; code <= static_cast<int>(errc::internal_error); ++code) {
            if (name_of(static_cast<errc>(code)) == "?")
                continue;
            for (const admission_profile& host : hosts) {
                for (unsigned status = 0; status <= 600; ++status) {
                    for (fate sent : {fate::not_sent, fate::maybe_sent, fate::answered}) {
                        attempt_outcome o = answer(status, static_cast<errc>(code));
                        o.sent = sent;
                        o.redirect_same_origin = true;
                        const ruling r = rule_on({operation_kind::unsafe, host}, o);
                        const bool again = r.then.step != next_step::stop;
                        ++tried;
                        repeated += again;
                        bought_twice += again && may_have_bought(o, host);
                    }
                }
            }
        }
        CHECK(bought_twice == 0);
        CHECK(repeated > 1000);
        CHECK(repeated < tried / 10);
    }

    TEST_CASE("a host's advice not to repeat is obeyed, and its advice to repeat widens nothing")
    {
        attempt_outcome o = answer(429, errc::rate_limited);
        o.should_retry = false;
        CHECK(rule_on({operation_kind::idempotent, {}}, o).then.step == next_step::stop);
        o = answer(500);
        o.should_retry = true;
        CHECK(rule_on({operation_kind::unsafe, {}}, o).then.step == next_step::stop);
        CHECK(rule_on({operation_kind::unsafe, {}}, o).then.outcome == submit_outcome::unknown);
    }

    TEST_CASE("the flags that go with a ruling are set where they belong")
    {
        const operation op{operation_kind::keyed, {}};
        CHECK(rule_on(op, answer(429)).slow_down);
        CHECK(rule_on(op, answer(503)).slow_down);
        CHECK_FALSE(rule_on(op, answer(500)).slow_down);
        CHECK(rule_on(op, answer(402)).pause_queue);
        CHECK_FALSE(rule_on(op, answer(403)).pause_queue);
        CHECK(rule_on(op, answer(421)).fresh_connection);
        CHECK(rule_on(op, unsent(errc::connection_lost, true)).fresh_connection);
        CHECK(rule_on({operation_kind::keyed, refreshing()}, answer(401)).fresh_credential);
        CHECK_FALSE(rule_on(op, answer(401)).fresh_credential);
        CHECK(rule_on(op, cut(true, 200)).probably_created);
        CHECK(rule_on(op, answer(200, errc::answer_malformed)).probably_created);
        CHECK_FALSE(rule_on(op, cut(true)).probably_created);
    }

    TEST_CASE("a failure brings its facts along")
    {
        failure f(errc::rate_limited, fate::answered);
        f.edit().http_status = 429;
        f.edit().retry_after = std::chrono::seconds(3);
        const attempt_outcome o = outcome_of(f);
        CHECK(o.code == errc::rate_limited);
        CHECK(o.sent == fate::answered);
        CHECK(o.http_status == 429);
        CHECK(o.retry_after == std::chrono::seconds(3));
        const failure foreign(error_code(104, boost::system::system_category()), fate::maybe_sent);
        CHECK(outcome_of(foreign).code == errc::connection_lost);
    }

    TEST_CASE("a submit is keyed only where a key goes along and the host honours it")
    {
        CHECK(submit_kind(repeat_semantics::none, true) == operation_kind::unsafe);
        CHECK(submit_kind(repeat_semantics::replays, false) == operation_kind::unsafe);
        CHECK(submit_kind(repeat_semantics::replays, true) == operation_kind::keyed);
        CHECK(submit_kind(repeat_semantics::refuses, true) == operation_kind::keyed);
    }
}

} // namespace ruling_test
