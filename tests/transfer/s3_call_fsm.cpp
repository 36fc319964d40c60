// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What follows an answer to one request to a bucket, event by event, with no event loop.

#include <cokino/transfer/detail/s3_call_fsm.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace s3_call_fsm_test {

using namespace cokino;
using namespace cokino::detail;
using namespace std::chrono_literals;
using kind = s3_call_action::kind;

s3_call_rules rules()
{
    s3_call_rules made;
    made.tries_max = 3;
    made.keys_renew = true;
    made.region = "us-east-1";
    return made;
}

s3_answer answer(unsigned status, std::string code = {})
{
    s3_answer made;
    made.status = status;
    made.code = std::move(code);
    made.said_error = status >= 300;
    return made;
}

kind first(const s3_answer& a)
{
    s3_call_fsm fsm(rules());
    return fsm.on_answer(a).what;
}

TEST_CASE("good answers and refusals that stay so are used as they are")
{
    for (const auto& a :
         {answer(200), answer(204), answer(400, "InvalidPart"), answer(403, "AccessDenied"),
          answer(403, "SignatureDoesNotMatch"), answer(404, "NoSuchKey"),
          answer(412, "PreconditionFailed"), answer(409, "ConditionalRequestConflict"),
          answer(501, "NotImplemented"), answer(301, "PermanentRedirect"), answer(302)})
        CHECK(first(a) == kind::use);
}

TEST_CASE("what passes is sent again, within the tries")
{
    for (const auto& a : {answer(500, "InternalError"), answer(502), answer(503, "SlowDown"),
                          answer(504), answer(429), answer(408), answer(400, "RequestTimeout"),
                          answer(400, "BadDigest"), answer(409, "OperationAborted")}) {
        s3_call_fsm fsm(rules());
        CHECK(fsm.on_answer(a).step == 1);
        CHECK(fsm.on_answer(a).step == 2);
        const auto end = fsm.on_answer(a);
        CHECK(end.what == kind::fail);
        CHECK(end.why.facts().stopped == "attempts exhausted: 3");
        CHECK(end.why.facts().attempts == 3);
        CHECK(end.why.facts().host_code == a.code);
    }
    s3_answer late = answer(200, "InternalError");
    late.said_error = true;
    CHECK(first(late) == kind::wait);
}

TEST_CASE("a hint is a floor under the wait, and one that is too long ends the call")
{
    s3_call_fsm fsm(rules());
    auto busy = answer(503, "SlowDown");
    busy.retry_after = 30s;
    const auto next = fsm.on_answer(busy);
    CHECK(next.what == kind::wait);
    CHECK(next.throttled);
    CHECK(next.wait_min == 30s);
    busy.retry_after = 3min;
    const auto end = fsm.on_answer(busy);
    CHECK(end.what == kind::fail);
    CHECK(end.why == errc::rate_limited);
    CHECK(end.why.facts().retry_after == 3min);
}

TEST_CASE("a question for leave that nobody understands is dropped, once")
{
    const auto puzzled = answer(417, "ExpectationFailed");
    CHECK(first(puzzled) == kind::use); // none was asked
    auto made = rules();
    made.asks_leave = true;
    s3_call_fsm fsm(made);
    CHECK(fsm.on_answer(puzzled).what == kind::ask_no_leave);
    CHECK(fsm.on_answer(puzzled).what == kind::use);
}

TEST_CASE("a wrong clock is set once, from the answer")
{
    auto skewed = answer(403, "RequestTimeTooSkewed");
    CHECK(first(skewed) == kind::use); // no date to learn from
    skewed.date = std::chrono::sys_seconds(1'800'000'000s);
    s3_call_fsm fsm(rules());
    CHECK(fsm.on_answer(skewed).what == kind::set_clock);
    CHECK(fsm.on_answer(skewed).what == kind::use);
    CHECK(fsm.tries() == 2);
}

TEST_CASE("a wrong region is corrected once, if the answer names another")
{
    for (const auto& a : {answer(400, "AuthorizationHeaderMalformed"),
                          answer(301, "PermanentRedirect"), answer(307, "TemporaryRedirect")}) {
        auto wrong = a;
        CHECK(first(wrong) == kind::use);
        wrong.region = "us-east-1";
        CHECK(first(wrong) == kind::use);
        wrong.region = "eu-west-1";
        s3_call_fsm fsm(rules());
        const auto next = fsm.on_answer(wrong);
        CHECK(next.what == kind::set_region);
        CHECK(next.region == "eu-west-1");
        CHECK(fsm.on_answer(wrong).what == kind::use);
    }
}

TEST_CASE("where a refusal has no words, the region is asked for, once")
{
    auto made = rules();
    made.wordless = true;
    s3_call_fsm fsm(made);
    CHECK(fsm.on_answer(answer(400)).what == kind::ask_region);
    CHECK(fsm.on_answer(answer(400)).what == kind::use);
    CHECK(first(answer(400)) == kind::use);
}

TEST_CASE("a key that is no longer good is replaced once, if another can be had")
{
    for (const char* const code : {"ExpiredToken", "InvalidToken", "InvalidAccessKeyId"}) {
        s3_call_fsm fsm(rules());
        CHECK(fsm.on_answer(answer(403, code)).what == kind::renew_key);
        CHECK(fsm.on_answer(answer(403, code)).what == kind::use);
        auto fixed = rules();
        fixed.keys_renew = false;
        s3_call_fsm other(fixed);
        CHECK(other.on_answer(answer(403, code)).what == kind::use);
    }
}

TEST_CASE("faults of carriage are tried again, verdicts and cancellation are not")
{
    for (const errc code : {errc::connection_lost, errc::phase_timed_out, errc::resolve_failed}) {
        s3_call_fsm fsm(rules());
        CHECK(fsm.on_failure(failure(code, fate::maybe_sent)).what == kind::wait);
        CHECK(fsm.on_failure(failure(code, fate::maybe_sent)).what == kind::wait);
        CHECK(fsm.on_failure(failure(code, fate::maybe_sent)).what == kind::fail);
    }
    for (const errc code : {errc::cancelled, errc::certificate_rejected, errc::link_refused}) {
        s3_call_fsm fsm(rules());
        CHECK(fsm.on_failure(failure(code, fate::not_sent)).what == kind::fail);
    }
}

TEST_CASE("a request that must not be repeated is, only where it cannot have been acted upon")
{
    auto made = rules();
    made.repeats = false;
    const auto next = [&](auto event) {
        s3_call_fsm fsm(made);
        return event(fsm).what;
    };
    CHECK(next([](auto& f) { return f.on_answer(answer(500)); }) == kind::use);
    CHECK(next([](auto& f) { return f.on_answer(answer(503, "SlowDown")); }) == kind::wait);
    CHECK(next([](auto& f) {
              return f.on_failure(failure(errc::connection_lost, fate::maybe_sent));
          }) == kind::fail);
    CHECK(next([](auto& f) {
              return f.on_failure(failure(errc::connect_failed, fate::not_sent));
          }) == kind::wait);
}

} // namespace s3_call_fsm_test
