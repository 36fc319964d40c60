// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
#include "support/fake_client.hpp"

#include <cokino/core/observer.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace submit_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;
using asio::cancellation_type;
using cokino::testing::breakage;

const dialect both[] = {dialect::fal, dialect::rest};

TEST_CASE("submit: gives a job that names host, endpoint, key alias and id, and no key")
{
    for (auto d : both) {
        fake_client f(d);
        auto const got = f.t.outcome(f.kling.submit(street()));
        REQUIRE(got.has_value());
        CHECK(got->id() == f.net->jobs().front().id);
        auto const text = got->text();
        CHECK(text.find("canary-key") == std::string::npos);
        CHECK(text.find(d == dialect::fal ? "FAL_KEY" : "REST_KEY") != std::string::npos);
        auto const back = parse_job_as<video>(text);
        REQUIRE(back.has_value());
        CHECK(*back == *got);
        CHECK(f.counts().submits == 1);
    }
}

TEST_CASE("submit: a request that makes no sense is refused with the field named, nothing sent")
{
    fake_client f;
    auto wrong = street();
    wrong.duration = 7s;
    auto const got = f.t.outcome(f.kling.submit(wrong));
    REQUIRE(got.has_error());
    CHECK(got.error() == condition::invalid_request);
    CHECK(got.error().facts().field == "duration");
    CHECK(got.error().facts().message == "7 s is not offered; 5 or 10");
    CHECK(got.error().sent() == fate::not_sent);
    CHECK(got.error().facts().billed == billing::no);
    CHECK(f.counts().submits == 0);
}

TEST_CASE("submit: options out of bounds are refused with the option named")
{
    fake_client f;
    submit_options o;
    o.total_max = 5ms;
    auto const got = f.t.outcome(f.kling.submit(street(), o));
    REQUIRE(got.has_error());
    CHECK(got.error() == errc::invalid_options);
    CHECK(got.error().facts().field == "total_max");
}

TEST_CASE("submit: a missing key is named by the variable that was looked for")
{
    virtual_test t;
    auto net = std::make_shared<cokino::testing::fake_transport>(t.ex());
    job_client keyless(t.ex(), make_provider(dialect::fal, ""), net, seeded());
    auto const got = t.outcome(keyless.submit(street()));
    REQUIRE(got.has_error());
    CHECK(got.error() == errc::missing_credential);
    CHECK(got.error().describe().find("FAL_KEY") != std::string::npos);
    CHECK(net->counts().submits == 0);
}

struct fault_row {
    const char* name;
    void (*script)(cokino::testing::job_faults&);
    std::size_t posts;
    errc code;
    billing billed;
};

// What the host does once, and what must follow: how many POSTs it has then seen, the code, and
// what is known of the bill.
const fault_row fault_rows[] = {
    {"answer lost", [](auto& j) { j.answer_lost(); }, 1, errc::outcome_unknown, billing::unknown},
    {"answer lost by reset", [](auto& j) { j.answer_lost(breakage::reset); }, 1,
     errc::outcome_unknown, billing::unknown},
    {"answer stalls", [](auto& j) { j.answer_lost(breakage::stall); }, 1, errc::outcome_unknown,
     billing::unknown},
    {"answer cut", [](auto& j) { j.answer_cut(10); }, 1, errc::outcome_unknown, billing::unknown},
    {"408", [](auto& j) { j.accepted_but_says(408); }, 1, errc::outcome_unknown, billing::unknown},
    {"500", [](auto& j) { j.accepted_but_says(500); }, 1, errc::outcome_unknown, billing::unknown},
    {"502", [](auto& j) { j.accepted_but_says(502); }, 1, errc::outcome_unknown, billing::unknown},
    {"503", [](auto& j) { j.accepted_but_says(503); }, 1, errc::outcome_unknown, billing::unknown},
    {"504", [](auto& j) { j.accepted_but_says(504); }, 1, errc::outcome_unknown, billing::unknown},
    {"200 without JSON", [](auto& j) { j.accepted_but_says(200, "<html>ok</html>"); }, 1,
     errc::outcome_unknown, billing::unknown},
    {"200 without an id", [](auto& j) { j.accepted_but_says(200, "{\"status\":\"fine\"}"); }, 1,
     errc::outcome_unknown, billing::unknown},
    {"content refused", [](auto& j) { j.content_refused_at_submit(); }, 1, errc::content_refused,
     billing::no},
    {"401", [](auto& j) { j.refused_with(401, 9); }, 1, errc::unauthorised, billing::no},
    {"404", [](auto& j) { j.refused_with(404, 9); }, 1, errc::not_found, billing::no},
    {"422", [](auto& j) { j.refused_with(422, 9); }, 1, errc::request_rejected, billing::no},
};

TEST_CASE("submit: whatever goes wrong, one call buys at most one clip, and says what is known")
{
    for (auto d : both) {
        for (auto const& row : fault_rows) {
            CAPTURE(row.name);
            CAPTURE(static_cast<int>(d));
            fake_client f(d);
            row.script(f.faults().on_job(1));
            auto const got = f.t.outcome(f.kling.submit(street()));
            REQUIRE(got.has_error());
            CHECK(f.counts().submits == row.posts);
            CHECK(f.net->jobs().size() <= 1);
            CHECK(got.error() == row.code);
            CHECK(got.error().facts().billed == row.billed);
            CHECK(got.error().facts().operation == "submit");
            CHECK_FALSE(got.error().facts().stopped.empty());
            CHECK(got.error().describe().find("canary-key") == std::string::npos);
        }
    }
}

TEST_CASE("submit: a 429 is a refusal, waited out as long as the host asks, and tried again")
{
    for (auto d : both) {
        fake_client f(d);
        f.faults().on_job(1).rate_limited(2, 20s);
        auto s = f.t.start(f.kling.submit(street()));
        f.t.finish(s);
        REQUIRE(s.outcome().has_value());
        CHECK(s.took() >= 40s);
        CHECK(s.took() < 60s);
        CHECK(f.counts().submits == 3);
        CHECK(f.net->jobs().size() == 1);
    }
}

TEST_CASE("submit: a request of which no byte left is tried again until the attempts are used up")
{
    fake_client f;
    SUBCASE("the network comes back")
    {
        f.net->fail_next(failure(errc::connect_failed, fate::not_sent), 3);
        auto const got = f.t.outcome(f.kling.submit(street()));
        REQUIRE(got.has_value());
        CHECK(f.counts().submits == 1);
    }
    SUBCASE("it does not")
    {
        f.net->fail_next(failure(errc::resolve_failed, fate::not_sent), 100);
        auto const got = f.t.outcome(f.kling.submit(street()));
        REQUIRE(got.has_error());
        CHECK(got.error() == errc::resolve_failed);
        CHECK(got.error().sent() == fate::not_sent);
        CHECK(got.error().facts().attempts == policy::retry_options().attempts_max);
        CHECK(got.error().facts().billed == billing::no);
        CHECK(f.counts().submits == 0);
    }
    SUBCASE("the caller wants one try only")
    {
        f.net->fail_next(failure(errc::connect_failed, fate::not_sent), 100);
        auto const got = f.t.outcome(f.kling.submit(street(), {.attempts_max = 1}));
        REQUIRE(got.has_error());
        CHECK(got.error().facts().attempts == 1);
    }
}

TEST_CASE("submit: an untrusted certificate is never tried again")
{
    fake_client f;
    f.net->fail_next(failure(errc::certificate_rejected, fate::not_sent), 100);
    auto const got = f.t.outcome(f.kling.submit(street()));
    REQUIRE(got.has_error());
    CHECK(got.error() == errc::certificate_rejected);
    CHECK(got.error().facts().attempts == 1);
}

TEST_CASE("submit: a request that partly left is never sent again")
{
    fake_client f;
    for (auto e : {errc::connection_lost, errc::phase_timed_out, errc::response_malformed,
                   errc::body_truncated, errc::response_too_large}) {
        f.net->fail_next(failure(e, fate::maybe_sent));
        auto const got = f.t.outcome(f.kling.submit(street()));
        REQUIRE(got.has_error());
        CHECK(got.error() == errc::outcome_unknown);
        CHECK(got.error().facts().attempts == 1);
    }
    CHECK(f.counts().submits == 0);
}

TEST_CASE("submit: an unknown outcome names endpoint, cause and what to do")
{
    fake_client f;
    f.faults().on_job(1).answer_lost();
    auto const got = f.t.outcome(f.kling.submit(street()));
    REQUIRE(got.has_error());
    auto const text = got.error().describe();
    CHECK(text.find("fal-ai/kling-video/v2.5-turbo/pro/text-to-video") != std::string::npos);
    CHECK(text.find("may have been accepted") != std::string::npos);
    CHECK(text.find(std::string(remedy_of(errc::outcome_unknown))) != std::string::npos);
}

// ---- the standard four --------------------------------------------------------------------------

TEST_CASE("submit: cancelled before it starts, nothing is sent")
{
    for (auto type : {cancellation_type::terminal}) {
        fake_client f;
        auto const got = f.t.cancelled_before_start(f.kling.submit(street()), type);
        REQUIRE(got.has_error());
        CHECK(got.error() == condition::cancelled);
        CHECK(f.counts().submits == 0);
    }
}

TEST_CASE("submit: cancelled after the request left, the outcome is unknown")
{
    fake_client f;
    f.faults().on_job(1).answer_delayed(10s);
    auto const got = f.t.cancelled_after(1s, f.kling.submit(street()));
    REQUIRE(got.has_error());
    CHECK(got.error() == errc::outcome_unknown);
    CHECK(got.error().facts().billed == billing::unknown);
    CHECK(f.counts().submits == 1);
}

TEST_CASE("submit: cancelled in the pause between two tries, nothing was accepted")
{
    fake_client f;
    f.faults().on_job(1).rate_limited(1, 30s);
    auto const got = f.t.cancelled_after(5s, f.kling.submit(street()));
    REQUIRE(got.has_error());
    CHECK(got.error() == errc::cancelled);
    CHECK(got.error().facts().billed == billing::no);
    CHECK(f.net->jobs().empty());
}

TEST_CASE("submit: the deadline ends it; past the first byte the outcome is unknown")
{
    fake_client f;
    SUBCASE("while the answer is awaited")
    {
        f.faults().on_job(1).answer_lost(breakage::stall);
        auto s = f.t.start(f.kling.submit(street(), {.total_max = 3s}));
        f.t.finish(s);
        REQUIRE(s.outcome().has_error());
        CHECK(s.outcome().error() == errc::outcome_unknown);
        CHECK(s.took() == 3s);
    }
    SUBCASE("while the host is full: no pause is begun that cannot end in time")
    {
        f.faults().on_job(1).rate_limited(100, 20s);
        auto s = f.t.start(f.kling.submit(street(), {.total_max = 30s}));
        f.t.finish(s);
        REQUIRE(s.outcome().has_error());
        CHECK(s.outcome().error() == errc::rate_limited);
        CHECK(s.took() <= 30s);
        CHECK(f.net->jobs().empty());
    }
}

// ---- what the observer hears --------------------------------------------------------------------

struct phase_log {
    std::vector<submit_phase> phases;
    std::string job;
    void on_submit(const submit_event& e)
    {
        phases.push_back(e.phase);
        job = e.job;
    }
};

TEST_CASE("submit: says intent, sent and how it went, in that order")
{
    using phase = submit_phase;
    phase_log log;
    fake_client f(dialect::fal, seeded(observer(log)));
    SUBCASE("accepted, with the job")
    {
        auto const got = f.t.outcome(f.kling.submit(street()));
        REQUIRE(got.has_value());
        CHECK(log.phases == std::vector{phase::intent, phase::sent, phase::accepted});
        CHECK(log.job == got->text());
    }
    SUBCASE("unknown")
    {
        f.faults().on_job(1).answer_lost();
        CHECK(f.t.outcome(f.kling.submit(street())).has_error());
        CHECK(log.phases == std::vector{phase::intent, phase::sent, phase::unknown});
    }
    SUBCASE("rejected after a second try")
    {
        f.faults().on_job(1).rate_limited(1).refused_with(401);
        CHECK(f.t.outcome(f.kling.submit(street())).has_error());
        CHECK(log.phases == std::vector{phase::intent, phase::sent, phase::sent, phase::rejected});
    }
    SUBCASE("not sent")
    {
        auto wrong = street();
        wrong.prompt.clear();
        CHECK(f.t.outcome(f.kling.submit(wrong)).has_error());
        CHECK(log.phases == std::vector{phase::not_sent});
    }
}

} // namespace submit_test
