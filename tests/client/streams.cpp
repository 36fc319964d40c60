// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// wait_for with the host's event stream beside the looks: it makes the end heard at once, and when
// it breaks, lies or never comes, the looks go on as if it had not been there.
#include "support/fake_client.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace streams_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;

constexpr wait_options streaming{.stream = true};

struct states {
    void on_state(const state_event& e) { seen.emplace_back(e.state); }
    std::vector<std::string> seen;
};

struct bench {
    bench() : f(dialect::fal, seeded(watch))
    {
        f.net->engine().options().queue_time = 10s;
        f.net->engine().options().render_time = 90s;
    }

    /// How long after the render's end the wait ended.
    duration lateness(const wait_options& options)
    {
        auto const job = f.t.outcome(f.kling.submit(street()));
        REQUIRE(job.has_value());
        auto const end = f.t.outcome(f.kling.wait_for(*job, options));
        REQUIRE(end.has_value());
        return f.t.time.now() - f.net->jobs().back().end_at;
    }

    states watch;
    fake_client f;
};

TEST_CASE("streams: the end is heard at once, and looks are few beside the stream")
{
    bench with, without;
    CHECK(with.lateness(streaming) == 0s);
    CHECK(without.lateness({}) > 100ms);
    CHECK(with.f.counts().streams == 1);
    CHECK(without.f.counts().streams == 0);
    CHECK(with.f.counts().polls < without.f.counts().polls / 2);
    CHECK(with.watch.seen.front() == "queued");
    CHECK(with.watch.seen.back() == "succeeded");
    CHECK(with.f.kling.waiting() == 0);
}

TEST_CASE("streams: one that breaks off, at any event and in any way, is replaced by looks")
{
    using cokino::testing::breakage;
    for (const std::size_t events : {0U, 1U, 2U})
        for (const auto how : {breakage::close, breakage::reset, breakage::stall}) {
            CAPTURE(events);
            bench b;
            b.f.faults().on_job(1).stream_cut(events, 1, how);
            CHECK(b.lateness(streaming) < 45s);
            CHECK(b.f.counts().polls > 1);
        }
}

TEST_CASE("streams: a refusal, a page or silence in place of a stream changes nothing")
{
    for (const unsigned status : {401U, 404U, 429U, 500U}) {
        bench b;
        b.f.faults().on_job(1).stream_answers(status);
        CHECK(b.lateness(streaming) < 15s);
    }
    bench page;
    page.f.faults().on_job(1).stream_answers(200, 1, "<html>data: {\"status\":\"COMPLETED\"}\n\n");
    CHECK(page.lateness(streaming) < 15s);
    bench lost;
    lost.f.faults().on_job(1).stream_lost(1, cokino::testing::breakage::stall);
    CHECK(lost.lateness(streaming) < 15s);
}

TEST_CASE("streams: a failed render is the same typed failure as by looks")
{
    bench b;
    b.f.faults().on_job(1).content_refused();
    auto const job = b.f.t.outcome(b.f.kling.submit(street()));
    REQUIRE(job.has_value());
    auto const end = b.f.t.outcome(b.f.kling.wait_for(*job, streaming));
    REQUIRE(end.has_error());
    CHECK(end.error() == errc::content_refused);
    CHECK(!end.error().facts().host_text.empty());
}

TEST_CASE("streams: cancelled while listening, at every kind, nothing stays open")
{
    for (const auto type :
         {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total}) {
        bench b;
        auto const job = b.f.t.outcome(b.f.kling.submit(street()));
        REQUIRE(job.has_value());
        auto waiting = b.f.t.start(b.f.kling.wait_for(*job, streaming));
        waiting.cancel_after(30s, type);
        b.f.t.finish(waiting);
        if (waiting.outcome().has_error())
            CHECK(waiting.outcome().error() == errc::cancelled);
        CHECK(b.f.kling.waiting() == 0);
    }
}

TEST_CASE("streams: cancelled before start opens none; the ceiling ends one")
{
    bench b;
    auto const job = b.f.t.outcome(b.f.kling.submit(street()));
    REQUIRE(job.has_value());
    auto never = b.f.t.start(b.f.kling.wait_for(*job, streaming));
    never.cancel();
    b.f.t.finish(never);
    CHECK(never.outcome().error() == errc::cancelled);
    CHECK(b.f.counts().streams == 0);
    auto const end =
        b.f.t.outcome(b.f.kling.wait_for(*job, wait_options{.ceiling = 20s, .stream = true}));
    REQUIRE(end.has_error());
    CHECK(end.error() == errc::wait_timed_out);
}

TEST_CASE("streams: the client may go while one is open")
{
    bench b;
    auto const job = b.f.t.outcome(b.f.kling.submit(street()));
    REQUIRE(job.has_value());
    auto waiting = b.f.t.start(b.f.kling.wait_for(*job, streaming));
    auto pause = b.f.t.start(sleep_for(20s));
    b.f.t.finish(pause);
    CHECK(b.f.counts().streams == 1);
    CHECK(!waiting.done()); // the loop goes, with a coroutine that waits and a stream under way
}

} // namespace streams_test
