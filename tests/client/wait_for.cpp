// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
#include "support/fake_client.hpp"

#include <cokino/async/for_each_limit.hpp>
#include <cokino/core/observer.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace wait_for_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;
using asio::cancellation_type;

const dialect both[] = {dialect::fal, dialect::rest};

job<video> bought(fake_client& f)
{
    auto got = f.t.outcome(f.kling.submit(street()));
    REQUIRE(got.has_value());
    return *got;
}

TEST_CASE("wait_for: gives the clip's link, its job and what was ordered")
{
    for (auto d : both) {
        fake_client f(d);
        auto const job = bought(f);
        auto const got = f.t.outcome(f.kling.wait_for(job));
        REQUIRE(got.has_value());
        CHECK(got->file.url.substr(0, 8) == "https://");
        CHECK(got->file.from == job);
        CHECK(got->duration_s == 5);
        CHECK(got->lines == (d == dialect::fal ? 1080 : 0)); // rest was not told
        CHECK(got->aspect_ratio == "16:9");
        CHECK(f.kling.waiting() == 0);
    }
}

TEST_CASE("wait_for: a job read back from text by another client is waited for")
{
    fake_client f;
    auto const text = bought(f).text();
    job_client later(f.t.ex(), make_provider(dialect::fal), f.net, seeded());
    auto const back = parse_job_as<video>(text);
    REQUIRE(back.has_value());
    CHECK(f.t.outcome(later.wait_for(*back)).has_value());
    CHECK(f.counts().submits == 1);
}

TEST_CASE("wait_for: a job of another host or base URL is refused, naming both")
{
    fake_client f;
    auto const job = bought(f);
    job_client other(f.t.ex(), make_provider(dialect::rest), f.net, seeded());
    auto const got = f.t.outcome(other.wait_for(job));
    REQUIRE(got.has_error());
    CHECK(got.error() == errc::invalid_job);
    CHECK(got.error().facts().message.find("\"fal\"") != std::string::npos);
    CHECK(got.error().facts().message.find("\"rest\"") != std::string::npos);
    CHECK(f.t.outcome(other.wait_for(cokino::job<video>())).error() == errc::invalid_job);
}

struct missed_row {
    const char* name;
    void (*script)(cokino::testing::job_faults&);
};

const missed_row missed_rows[] = {
    {"401", [](auto& j) { j.polls_answer(401, 4); }},
    {"403", [](auto& j) { j.polls_answer(403, 4); }},
    {"429 with a hint", [](auto& j) { j.polls_answer(429, 3, 20s); }},
    {"500", [](auto& j) { j.polls_answer(500, 4); }},
    {"502", [](auto& j) { j.polls_answer(502, 4); }},
    {"nonsense", [](auto& j) { j.polls_nonsense(4); }},
    {"HTML", [](auto& j) { j.polls_nonsense(2, "<!doctype html><p>Sorry"); }},
    {"lost", [](auto& j) { j.polls_lost(4); }},
    {"404 twice", [](auto& j) { j.polls_not_found(2); }},
    {"an unknown word", [](auto& j) { j.polls_say("marinating", 6); }},
};

TEST_CASE("wait_for: a missed look is not a failed job")
{
    for (auto d : both) {
        for (auto const& row : missed_rows) {
            CAPTURE(row.name);
            fake_client f(d);
            row.script(f.faults().on_job(1));
            auto const job = bought(f);
            auto const got = f.t.outcome(f.kling.wait_for(job));
            CHECK(got.has_value());
            CHECK(f.counts().submits == 1);
        }
    }
}

struct end_row {
    const char* name;
    void (*script)(cokino::testing::job_faults&);
    errc code;
};

const end_row end_rows[] = {
    {"content refused", [](auto& j) { j.content_refused(); }, errc::content_refused},
    {"the renderer failed", [](auto& j) { j.fails(); }, errc::job_failed},
    {"no link", [](auto& j) { j.succeeds_without_link(); }, errc::result_missing},
    {"the job is gone", [](auto& j) { j.polls_not_found(cokino::testing::always); },
     errc::not_found},
    {"an unknown word for ever",
     [](auto& j) { j.polls_say("marinating", cokino::testing::always); }, errc::job_unknown_state},
};

struct word_log {
    void on_unknown_word(const unknown_word_event& e)
    {
        words.emplace_back(std::string(e.provider) + ": " + std::string(e.word));
    }
    std::vector<std::string> words;
};

TEST_CASE("wait_for: a word that nobody knows is reported once, however often it is said")
{
    word_log log;
    auto options = seeded();
    options.watch = log;
    fake_client f(dialect::fal, options);
    f.faults().on_job(1).polls_say("marinating", 5).polls_say("plating", 2);
    f.faults().on_job(2).polls_say("marinating", 3).polls_say("garnishing", 1);
    for (int job = 0; job < 2; ++job)
        CHECK(f.t.outcome(f.kling.wait_for(bought(f))).has_value());
    CHECK(log.words ==
          std::vector<std::string>{"fal: marinating", "fal: plating", "fal: garnishing"});
}

TEST_CASE("wait_for: a host that invents a word for each look is reported within a bound")
{
    word_log log;
    auto options = seeded();
    options.watch = log;
    fake_client f(dialect::fal, options);
    for (unsigned n = 1; n <= 4; ++n) // each wait bears 30 unknown looks in a row
        for (unsigned i = 0; i < 20; ++i)
            f.faults().on_job(n).polls_say(std::to_string(n) + "/" + std::to_string(i));
    for (int job = 0; job < 4; ++job)
        CHECK(f.t.outcome(f.kling.wait_for(bought(f))).has_value());
    CHECK(log.words.size() == limits::unknown_words_max);
}

TEST_CASE("wait_for: each end has its code, the host's reason and the job")
{
    for (auto d : both) {
        for (auto const& row : end_rows) {
            CAPTURE(row.name);
            fake_client f(d);
            row.script(f.faults().on_job(1));
            auto const job = bought(f);
            auto const got = f.t.outcome(f.kling.wait_for(job));
            REQUIRE(got.has_error());
            CHECK(got.error() == row.code);
            CHECK(got.error().facts().job == job.text());
            CHECK(got.error().facts().operation == "wait_for");
            CHECK(f.counts().submits == 1);
        }
    }
}

TEST_CASE("wait_for: a refusal carries the host's own words")
{
    for (auto d : both) {
        fake_client f(d);
        f.faults().on_job(1).content_refused();
        auto const got = f.t.outcome(f.kling.wait_for(bought(f)));
        REQUIRE(got.has_error());
        CHECK(got.error() == condition::content_refused);
        std::string const words = d == dialect::fal ? "content checker" : "risk control";
        CHECK(got.error().facts().host_text.find(words) != std::string::npos);
    }
}

TEST_CASE("wait_for: a render that hangs ends at the ceiling, with the job in hand")
{
    fake_client f;
    f.faults().on_job(1).hangs();
    auto const job = bought(f);
    auto s = f.t.start(f.kling.wait_for(job));
    f.t.finish(s);
    REQUIRE(s.outcome().has_error());
    CHECK(s.outcome().error() == errc::wait_timed_out);
    CHECK(s.outcome().error().facts().job == job.text());
    CHECK(s.took() == 10min);
    CHECK(f.counts().cancels == 0);
}

TEST_CASE("wait_for: cancel_at_ceiling asks the host, and says what it answered")
{
    fake_client f;
    f.faults().on_job(1).hangs();
    auto const got =
        f.t.outcome(f.kling.wait_for(bought(f), {.ceiling = 30s, .cancel_at_ceiling = true}));
    REQUIRE(got.has_error());
    CHECK(got.error() == errc::wait_timed_out);
    CHECK(got.error().facts().message.find("took note") != std::string::npos);
    CHECK(f.counts().cancels == 1);
}

TEST_CASE("wait_for: a host that stalls in the middle of a look cannot stretch the ceiling far")
{
    fake_client f;
    f.faults().on_job(1).hangs().polls_lost(cokino::testing::always,
                                            cokino::testing::breakage::stall);
    auto s = f.t.start(f.kling.wait_for(bought(f), {.ceiling = 30s}));
    f.t.finish(s);
    CHECK(s.outcome().error() == errc::wait_timed_out);
    CHECK(s.took() <= 40s);
}

TEST_CASE("wait_for: options out of bounds are refused with the option named")
{
    fake_client f;
    auto const got = f.t.outcome(f.kling.wait_for(bought(f), {.ceiling = 0ms}));
    REQUIRE(got.has_error());
    CHECK(got.error() == errc::invalid_options);
    CHECK(got.error().facts().field == "ceiling");
}

TEST_CASE(
    "wait_for: a job's text that says it was submitted when nobody can have is looked at as new")
{
    for (const char* when : {"9223372036854775807", "4102444800000", "1"}) {
        CAPTURE(when);
        fake_client f;
        auto text = bought(f).text();
        auto const at = text.find("submitted_ms=") + 13;
        text.replace(at, text.find('&', at) - at, when);
        auto const job = parse_job_as<video>(text);
        REQUIRE(job.has_value());
        auto s = f.t.start(f.kling.wait_for(*job));
        f.t.time.run_for(2s);
        CHECK(f.counts().polls == 0); // else at once, as for one that was resumed late
        f.t.finish(s);
        CHECK(s.outcome().has_value());
    }
}

// ---- many at once -------------------------------------------------------------------------------

awaitable<std::size_t> wait_for_all(job_client& kling, std::vector<job<video>> jobs)
{
    auto const one = [&kling](job<video> j) { return kling.wait_for(std::move(j)); };
    auto const all = co_await for_each_limit(std::move(jobs), 1000, one);
    std::size_t good = 0;
    for (auto const& r : all)
        good += r.has_value() ? 1u : 0u;
    co_return good;
}

TEST_CASE("wait_for: many waits share the cap on looks, and all end")
{
    auto options = seeded();
    options.polls_in_flight_max = 2;
    fake_client f(dialect::rest, options);
    f.net->latency(300ms);
    std::vector<job<video>> jobs;
    for (int i = 0; i < 60; ++i)
        jobs.push_back(bought(f));
    auto const good = f.t.outcome(wait_for_all(f.kling, std::move(jobs)));
    REQUIRE(good.has_value());
    CHECK(*good == 60);
    CHECK(f.kling.waiting() == 0);
}

TEST_CASE("wait_for: two waits for one job both get its result")
{
    fake_client f;
    auto const job = bought(f);
    auto a = f.t.start(f.kling.wait_for(job));
    auto b = f.t.start(f.kling.wait_for(job));
    f.t.finish(a);
    f.t.finish(b);
    CHECK(a.outcome().has_value());
    CHECK(b.outcome().has_value());
}

// ---- the standard four --------------------------------------------------------------------------

TEST_CASE("wait_for: cancelled before it starts, it looks at nothing and leaves the job alone")
{
    fake_client f;
    auto const job = bought(f);
    auto const got = f.t.cancelled_before_start(f.kling.wait_for(job));
    REQUIRE(got.has_error());
    CHECK(got.error() == condition::cancelled);
    CHECK(f.counts().polls == 0);
    CHECK(f.counts().cancels == 0);
}

awaitable<video> accepting_all(job_client& kling, job<video> which)
{
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    auto v = co_await kling.wait_for(which);
    co_return v;
}

TEST_CASE("wait_for: cancelled while waiting, it stops at once; the job goes on at the host")
{
    for (auto type : {cancellation_type::terminal, cancellation_type::total}) {
        fake_client f;
        f.faults().on_job(1).hangs();
        auto const job = bought(f);
        auto s = f.t.start(accepting_all(f.kling, job));
        s.cancel_after(17s, type);
        f.t.finish(s);
        REQUIRE(s.outcome().has_error());
        CHECK(s.outcome().error() == errc::cancelled);
        CHECK(s.outcome().error().facts().job == job.text());
        CHECK(s.took() == 17s);
        CHECK(f.counts().cancels == 0);
        CHECK(f.kling.waiting() == 0);
    }
}

TEST_CASE("wait_for: partial cancellation also asks the host to cancel")
{
    fake_client f;
    f.faults().on_job(1).hangs();
    auto s = f.t.start(accepting_all(f.kling, bought(f)));
    s.cancel_after(17s, cancellation_type::partial);
    f.t.finish(s);
    REQUIRE(s.outcome().has_error());
    CHECK(s.outcome().error() == errc::cancelled);
    CHECK(f.counts().cancels == 1);
    CHECK(s.outcome().error().facts().message.find("took note") != std::string::npos);
}

TEST_CASE("wait_for: cancelled while a look is under way, it stops at once")
{
    fake_client f;
    f.faults().on_job(1).hangs();
    auto const job = bought(f);
    f.net->latency(20s);
    auto s = f.t.start(f.kling.wait_for(job));
    s.cancel_after(10s);
    f.t.finish(s);
    CHECK(s.outcome().error() == errc::cancelled);
    CHECK(s.took() == 10s);
}

TEST_CASE("wait_for: each step failed in turn, and the clip still comes")
{
    for (int broken = 0; broken < 6; ++broken) {
        CAPTURE(broken);
        fake_client f;
        auto const job = bought(f);
        auto s = f.t.start(f.kling.wait_for(job));
        // The steps of a wait: looks, then the result. One of them is broken on the way.
        for (int good = 0; good < broken; ++good)
            f.t.time.run_until([&] {
                return f.counts().polls + f.counts().results > static_cast<std::size_t>(good);
            });
        f.net->fail_next(failure(errc::connection_lost, fate::maybe_sent));
        f.t.finish(s);
        CHECK(s.outcome().has_value());
        CHECK(f.counts().submits == 1);
    }
}

TEST_CASE("wait_for: a wait whose context dies goes with it, coroutine and all")
{
    auto f = std::make_unique<fake_client>();
    f->faults().on_job(1).hangs();
    auto const job = bought(*f);
    auto const record = job.shared();
    auto const held_before = record.use_count();
    auto s = std::make_unique<started<video>>(f->t.start(f->kling.wait_for(job)));
    f->t.time.run_for(30s);
    CHECK(f->kling.waiting() == 1);
    CHECK(record.use_count() > held_before);
    s.reset();
    f.reset();
    CHECK(record.use_count() == held_before);
}

} // namespace wait_for_test
