// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
#include "support/fake_client.hpp"

#include <doctest/doctest.h>

#include <string>

namespace run_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;
using asio::cancellation_type;

run_options impatient(resubmit rule)
{
    run_options o;
    o.wait.ceiling = 60s;
    o.on_ceiling = rule;
    return o;
}

TEST_CASE("run: submits once and gives the result")
{
    for (auto d : {dialect::fal, dialect::rest}) {
        fake_client f(d);
        auto const got = f.t.outcome(f.kling.run(street()));
        REQUIRE(got.has_value());
        CHECK(f.counts().submits == 1);
    }
}

TEST_CASE("run: stills come through the same verb")
{
    fake_client f;
    auto const got = f.t.outcome(f.kling.run(text_to_image("a lighthouse at dusk")));
    REQUIRE(got.has_value());
    CHECK(got->files.size() == 1);
    CHECK(got->files[0].from.kind() == job_kind::images);
}

TEST_CASE("run: by default a hung render is given back, not bought again")
{
    fake_client f;
    f.faults().on_job(1).hangs();
    auto const got = f.t.outcome(f.kling.run(street(), impatient(resubmit::never)));
    REQUIRE(got.has_error());
    CHECK(got.error() == errc::wait_timed_out);
    CHECK_FALSE(got.error().facts().job.empty());
    CHECK(f.counts().submits == 1);
    CHECK(f.counts().cancels == 0);
}

TEST_CASE("run: a hung render that the host confirms dead is replaced, once")
{
    fake_client f;
    f.faults().on_job(1).hangs();
    auto const got = f.t.outcome(f.kling.run(street(), impatient(resubmit::when_cancelled)));
    CHECK(got.has_value());
    CHECK(f.counts().cancels == 1);
    CHECK(f.counts().jobs_cancelled == 1);
    CHECK(f.counts().submits == 2);
}

TEST_CASE("run: what it had cancelled itself ends as the ceiling's failure, which says how often")
{
    for (const unsigned again : {0U, 1U, 2U}) {
        CAPTURE(again);
        fake_client f;
        f.faults().on_every_job().hangs();
        auto o = impatient(resubmit::when_cancelled);
        o.resubmits_max = again;
        auto const got = f.t.outcome(f.kling.run(street(), o));
        REQUIRE(got.has_error());
        CHECK(got.error() == errc::wait_timed_out);
        CHECK(got.error() != condition::cancelled);
        CHECK(f.counts().submits == again + 1);
        CHECK(f.counts().jobs_cancelled == again + 1);
        CHECK(got.error().facts().job.find("id=" + f.net->jobs().back().id) != std::string::npos);
        auto const text = got.error().describe();
        CAPTURE(text);
        CHECK(text.find("ceiling of 60 s") != std::string::npos);
        CHECK(text.find("it then ended, cancelled") != std::string::npos);
        CHECK((text.find("submitted it anew") != std::string::npos) == (again > 0));
    }
}

TEST_CASE("run: a host that ignores the cancellation is not paid twice unasked")
{
    fake_client f;
    f.faults().on_job(1).hangs().cancel_ignored();
    SUBCASE("when_cancelled gives up, with the job")
    {
        auto const got = f.t.outcome(f.kling.run(street(), impatient(resubmit::when_cancelled)));
        REQUIRE(got.has_error());
        CHECK(got.error() == errc::wait_timed_out);
        CHECK_FALSE(got.error().facts().job.empty());
        CHECK(f.counts().submits == 1);
    }
    SUBCASE("accept_double_billing buys again")
    {
        auto const got =
            f.t.outcome(f.kling.run(street(), impatient(resubmit::accept_double_billing)));
        CHECK(got.has_value());
        CHECK(f.counts().submits == 2);
    }
}

TEST_CASE("run: a result that comes while the host is being asked to cancel is used")
{
    fake_client f;
    f.faults().on_job(1).renders_in(70s).cancel_ignored();
    auto const got = f.t.outcome(f.kling.run(street(), impatient(resubmit::accept_double_billing)));
    CHECK(got.has_value());
    CHECK(f.counts().submits == 1);
}

TEST_CASE("run: a refused or failed render is not bought again")
{
    for (auto rule : {resubmit::never, resubmit::when_cancelled, resubmit::accept_double_billing}) {
        fake_client f;
        f.faults().on_job(1).content_refused();
        auto const got = f.t.outcome(f.kling.run(street(), impatient(rule)));
        REQUIRE(got.has_error());
        CHECK(got.error() == errc::content_refused);
        CHECK(f.counts().submits == 1);
    }
}

TEST_CASE("run: an unknown submit is not bought again")
{
    fake_client f;
    f.faults().on_job(1).answer_lost();
    auto const got = f.t.outcome(f.kling.run(street(), impatient(resubmit::accept_double_billing)));
    REQUIRE(got.has_error());
    CHECK(got.error() == errc::outcome_unknown);
    CHECK(f.counts().submits == 1);
}

TEST_CASE("run: options out of bounds are refused before anything is sent")
{
    fake_client f;
    run_options o;
    o.resubmits_max = 99;
    auto const got = f.t.outcome(f.kling.run(street(), o));
    REQUIRE(got.has_error());
    CHECK(got.error().facts().field == "resubmits_max");
    CHECK(f.counts().submits == 0);
}

TEST_CASE("run: times that no clock can count to are refused before anything is sent")
{
    static constexpr auto for_ever = std::chrono::milliseconds::max();
    const struct {
        const char* field;
        void (*set)(run_options&);
    } rows[] = {
        {"total_max", [](run_options& o) { o.submit.total_max = for_ever; }},
        {"ceiling", [](run_options& o) { o.wait.ceiling = for_ever; }},
        {"cancel_grace", [](run_options& o) { o.cancel_grace = 24h * 400; }},
    };
    for (const auto& row : rows) {
        CAPTURE(row.field);
        fake_client f;
        f.faults().on_job(1).hangs().cancel_ignored();
        run_options o = impatient(resubmit::when_cancelled);
        row.set(o);
        auto const got = f.t.outcome(f.kling.run(street(), o));
        REQUIRE(got.has_error());
        CHECK(got.error() == errc::invalid_options);
        CHECK(got.error().facts().field == row.field);
        CHECK(f.counts().submits == 0);
    }
}

TEST_CASE("run: the standard four")
{
    fake_client f;
    SUBCASE("cancelled before it starts: nothing is sent")
    {
        CHECK(f.t.cancelled_before_start(f.kling.run(street())).error() == condition::cancelled);
        CHECK(f.counts().submits == 0);
    }
    SUBCASE("cancelled while waiting: the job is in the error")
    {
        f.faults().on_job(1).hangs();
        auto const got = f.t.cancelled_after(20s, f.kling.run(street()));
        REQUIRE(got.has_error());
        CHECK(got.error() == errc::cancelled);
        CHECK_FALSE(got.error().facts().job.empty());
    }
    SUBCASE("the deadline")
    {
        f.faults().on_job(1).hangs();
        auto s = f.t.start(f.kling.run(street(), impatient(resubmit::never)));
        f.t.finish(s);
        CHECK(s.outcome().error() == errc::wait_timed_out);
        CHECK(s.took() >= 60s);
        CHECK(s.took() < 61s);
    }
    SUBCASE("each step failed in turn")
    {
        for (std::size_t step = 0; step < 5; ++step) {
            fake_client g;
            auto s = g.t.start(g.kling.run(street()));
            auto const done = [&] {
                return g.counts().submits + g.counts().polls + g.counts().results >= step;
            };
            g.t.time.run_until(done);
            g.net->fail_next(failure(errc::connect_failed, fate::not_sent));
            g.t.finish(s);
            CHECK(s.outcome().has_value());
            CHECK(g.counts().submits == 1);
        }
    }
}

// ---- status and cancel --------------------------------------------------------------------------

TEST_CASE("status: tells queue, rendering and end, and brings the result along")
{
    for (auto d : {dialect::fal, dialect::rest}) {
        fake_client f(d);
        auto const job = f.t.outcome(f.kling.submit(street()));
        REQUIRE(job.has_value());
        auto const first = f.t.outcome(f.kling.status(*job));
        REQUIRE(first.has_value());
        CHECK_FALSE(is_final(first->state));
        CHECK_FALSE(first->word.empty());
        f.t.time.run_for(1min);
        auto const last = f.t.outcome(f.kling.status(*job));
        REQUIRE(last.has_value());
        CHECK(last->state == job_state::succeeded);
        REQUIRE(last->output.has_value());
        CHECK(last->output->assets.size() == 1);
    }
}

TEST_CASE("status: repeats a look that failed, since looking costs nothing")
{
    fake_client f;
    f.faults().on_job(1).polls_answer(503, 2).polls_lost(1);
    auto const job = f.t.outcome(f.kling.submit(street()));
    REQUIRE(job.has_value());
    CHECK(f.t.outcome(f.kling.status(*job)).has_value());
    CHECK(f.counts().polls == 4);
}

TEST_CASE("status and cancel: cancelled before and during, they end at once")
{
    fake_client f;
    auto const job = f.t.outcome(f.kling.submit(street()));
    REQUIRE(job.has_value());
    CHECK(f.t.cancelled_before_start(f.kling.status(*job)).error() == condition::cancelled);
    CHECK(f.t.cancelled_before_start(f.kling.cancel(*job)).error() == condition::cancelled);
    f.net->latency(30s);
    CHECK(f.t.cancelled_after(5s, f.kling.status(*job)).error() == condition::cancelled);
    CHECK(f.t.cancelled_after(5s, f.kling.cancel(*job)).error() == condition::cancelled);
}

TEST_CASE("status and cancel: the exchange's own limit is their deadline")
{
    auto options = seeded();
    options.api_limits.total = 2s;
    options.retry.attempts_max = 1;
    fake_client f(dialect::fal, options);
    auto const job = f.t.outcome(f.kling.submit(street()));
    REQUIRE(job.has_value());
    f.net->latency(30s);
    auto s = f.t.start(f.kling.status(*job));
    f.t.finish(s);
    CHECK(s.outcome().error() == condition::timed_out);
    CHECK(s.took() == 2s);
    auto c = f.t.start(f.kling.cancel(*job));
    f.t.finish(c);
    CHECK(c.outcome().error() == condition::timed_out);
    CHECK(c.took() == 2s);
}

TEST_CASE("cancel: says what the host answered")
{
    fake_client f;
    auto const job = f.t.outcome(f.kling.submit(street()));
    REQUIRE(job.has_value());
    auto const outcome = f.t.outcome(f.kling.cancel(*job));
    REQUIRE(outcome.has_value());
    CHECK((*outcome == cancel_outcome::cancelled || *outcome == cancel_outcome::requested));
    auto const end = f.t.outcome(f.kling.wait_for(*job));
    REQUIRE(end.has_error());
    CHECK(end.error() == errc::job_cancelled);
}

TEST_CASE("cancel: is asked again when the asking failed, and says what failed for good")
{
    for (auto e : {errc::resolve_failed, errc::connect_failed, errc::connection_lost,
                   errc::phase_timed_out}) {
        CAPTURE(name_of(e));
        fake_client f;
        auto const job = f.t.outcome(f.kling.submit(street()));
        REQUIRE(job.has_value());
        f.net->fail_next(failure(e, fate::not_sent));
        CHECK(f.t.outcome(f.kling.cancel(*job)).has_value());
        f.net->fail_next(failure(e, fate::not_sent), 100);
        auto const got = f.t.outcome(f.kling.cancel(*job));
        REQUIRE(got.has_error());
        CHECK(got.error() == e);
        CHECK(got.error().facts().operation == "cancel");
        CHECK(got.error().facts().job == job->text());
    }
}

TEST_CASE("cancel: too late is an answer, not a failure")
{
    fake_client f;
    auto const job = f.t.outcome(f.kling.submit(street()));
    REQUIRE(job.has_value());
    f.t.time.run_for(5min);
    auto const outcome = f.t.outcome(f.kling.cancel(*job));
    REQUIRE(outcome.has_value());
    CHECK(*outcome == cancel_outcome::too_late);
}

TEST_CASE("cancel: a host without a way to cancel is not asked")
{
    fake_client f(dialect::rest);
    auto const job = f.t.outcome(f.kling.submit(street()));
    REQUIRE(job.has_value());
    auto const outcome = f.t.outcome(f.kling.cancel(*job));
    REQUIRE(outcome.has_value());
    CHECK(*outcome == cancel_outcome::not_supported);
}

} // namespace run_test
