// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
#include <cokino/client/detail/wait_fsm.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <optional>

namespace wait_fsm_test {

using namespace std::chrono_literals;
using cokino::errc;
using cokino::failure;
using cokino::fate;
using cokino::job_state;
using cokino::job_status;
using cokino::detail::wait_fsm;
using cokino::detail::wait_rules;
using action = wait_fsm::action;
using time_point = wait_fsm::time_point;

constexpr time_point start{1h};

/// A wait under way, with its clock in hand.
struct bench {
    explicit bench(std::chrono::milliseconds ceiling = 10min, time_point accepted = start)
        : fsm(rules, false, accepted, start, ceiling, random)
    {}

    action ring()
    {
        now = fsm.timer_at();
        return fsm.on_timer(rules, now);
    }
    action say(job_state s, bool result_pending = false)
    {
        job_status status;
        status.state = s;
        status.word = "word";
        status.result_pending = result_pending;
        return fsm.on_status(rules, std::move(status), now, random);
    }
    action miss(errc e, std::optional<std::chrono::milliseconds> hint = std::nullopt)
    {
        return fsm.on_failure(rules, failure(e, fate::answered), hint, now, random);
    }

    wait_rules rules;
    cokino::random_source random{7};
    time_point now = start;
    wait_fsm fsm;
};

TEST_CASE("wait_fsm: looks, sleeps while the job runs, and ends with its result")
{
    bench b;
    CHECK(b.ring() == action::ask);
    CHECK(b.say(job_state::queued) == action::sleep);
    CHECK(b.fsm.timer_at() > b.now);
    CHECK(b.ring() == action::ask);
    CHECK(b.say(job_state::running) == action::sleep);
    CHECK(b.ring() == action::ask);
    CHECK(b.say(job_state::succeeded) == action::finish);
    auto const end = b.fsm.take_verdict();
    REQUIRE(end);
    REQUIRE(end->has_value());
    CHECK((*end)->state == job_state::succeeded);
    CHECK(b.fsm.polls() == 3);
}

TEST_CASE("wait_fsm: a result behind a second request is fetched at once")
{
    bench b;
    b.ring();
    CHECK(b.say(job_state::succeeded, true) == action::fetch);
    CHECK(b.say(job_state::failed) == action::finish);
    CHECK((*b.fsm.take_verdict())->state == job_state::failed);
}

TEST_CASE("wait_fsm: when fetching the result fails, the fetch is repeated, not the look")
{
    bench b;
    b.ring();
    REQUIRE(b.say(job_state::succeeded, true) == action::fetch);
    CHECK(b.miss(errc::connection_lost) == action::sleep);
    CHECK(b.ring() == action::fetch);
}

TEST_CASE("wait_fsm: a host that takes the end back is looked at again")
{
    bench b;
    b.ring();
    REQUIRE(b.say(job_state::succeeded, true) == action::fetch);
    CHECK(b.say(job_state::running) == action::sleep);
    CHECK(b.ring() == action::ask);
}

TEST_CASE("wait_fsm: no missed look ends a wait before its ceiling")
{
    for (auto e : {errc::unauthorised, errc::forbidden, errc::out_of_credit, errc::rate_limited,
                   errc::host_fault, errc::answer_malformed, errc::connection_lost,
                   errc::phase_timed_out, errc::resolve_failed, errc::certificate_rejected}) {
        bench b(1h);
        for (int i = 0; i < 20; ++i) {
            auto const rang = b.ring();
            REQUIRE(rang == action::ask);
            REQUIRE(b.miss(e) == action::sleep);
        }
        b.ring();
        CHECK(b.say(job_state::succeeded) == action::finish);
    }
}

TEST_CASE("wait_fsm: the host's hint is a floor under the next look")
{
    bench b;
    b.ring();
    REQUIRE(b.miss(errc::rate_limited, 45s) == action::sleep);
    CHECK(b.fsm.timer_at() - b.now >= 45s);
    CHECK(b.fsm.timer_at() - b.now <= 60s);
}

TEST_CASE("wait_fsm: not found is believed only when it is repeated")
{
    bench b;
    b.ring();
    CHECK(b.miss(errc::not_found) == action::sleep);
    b.ring();
    CHECK(b.miss(errc::not_found) == action::sleep);
    b.ring();
    SUBCASE("three times in a row")
    {
        CHECK(b.miss(errc::not_found) == action::finish);
        CHECK(b.fsm.take_verdict()->error() == errc::not_found);
    }
    SUBCASE("a good look in between starts the count anew")
    {
        CHECK(b.say(job_state::running) == action::sleep);
        b.ring();
        CHECK(b.miss(errc::not_found) == action::sleep);
    }
    SUBCASE("so does another fault")
    {
        CHECK(b.miss(errc::host_fault) == action::sleep);
        b.ring();
        CHECK(b.miss(errc::not_found) == action::sleep);
    }
}

TEST_CASE("wait_fsm: an unknown word counts as running, within a bound")
{
    bench b(24h);
    for (unsigned i = 0; i < b.rules.unknown_states_max; ++i) {
        REQUIRE(b.ring() == action::ask);
        REQUIRE(b.say(job_state::unknown) == action::sleep);
    }
    REQUIRE(b.ring() == action::ask);
    SUBCASE("one too many ends the wait")
    {
        CHECK(b.say(job_state::unknown) == action::finish);
        auto const end = b.fsm.take_verdict();
        CHECK(end->error() == errc::job_unknown_state);
        CHECK(end->error().facts().host_code == "word");
    }
    SUBCASE("a known word starts the count anew")
    {
        CHECK(b.say(job_state::running) == action::sleep);
        b.ring();
        CHECK(b.say(job_state::unknown) == action::sleep);
    }
}

TEST_CASE("wait_fsm: the last look falls on the ceiling, and then the wait has timed out")
{
    bench b(30s);
    while (b.fsm.timer_at() < b.fsm.deadline()) {
        REQUIRE(b.ring() == action::ask);
        REQUIRE(b.say(job_state::running) == action::sleep);
    }
    CHECK(b.fsm.timer_at() == start + 30s);
    REQUIRE(b.ring() == action::ask);
    SUBCASE("still running")
    {
        CHECK(b.say(job_state::running) == action::finish);
        auto const end = b.fsm.take_verdict();
        CHECK(end->error() == errc::wait_timed_out);
        CHECK(end->error().facts().elapsed == 30s);
    }
    SUBCASE("a job that just made it is not lost")
    {
        CHECK(b.say(job_state::succeeded) == action::finish);
        CHECK(b.fsm.take_verdict()->has_value());
    }
    SUBCASE("no answer within the grace")
    {
        CHECK(b.fsm.timer_at() == start + 30s + b.rules.ceiling_grace);
        CHECK(b.ring() == action::finish);
        CHECK(b.fsm.take_verdict()->error() == errc::wait_timed_out);
    }
    SUBCASE("the last missed look is named")
    {
        CHECK(b.miss(errc::host_fault) == action::finish);
        auto const end = b.fsm.take_verdict();
        CHECK(end->error().facts().stopped.find("the last look failed") != std::string::npos);
    }
}

TEST_CASE("wait_fsm: what can never work ends the wait at once")
{
    for (auto e : {errc::missing_credential, errc::link_refused, errc::result_missing}) {
        bench b;
        b.ring();
        CHECK(b.miss(e) == action::finish);
        CHECK(b.fsm.take_verdict()->error() == e);
    }
}

TEST_CASE("wait_fsm: a hint from outside brings the next look forward, and never disturbs one")
{
    bench b;
    b.rules.interval_min = 1s;
    CHECK(b.fsm.on_hint(b.rules, b.now) == action::sleep);
    CHECK(b.fsm.timer_at() == b.now);
    CHECK(b.ring() == action::ask);
    CHECK(b.fsm.on_hint(b.rules, b.now) == action::none);
    CHECK(b.say(job_state::running) == action::sleep);
    // The next hint comes too soon for this host.
    auto const looked = b.now;
    b.now += 300ms;
    CHECK(b.fsm.on_hint(b.rules, b.now) == action::sleep);
    CHECK(b.fsm.timer_at() == looked + 1s);
    CHECK(b.ring() == action::ask);
    CHECK(b.say(job_state::succeeded) == action::finish);
    CHECK(b.fsm.on_hint(b.rules, b.now) == action::none);
}

TEST_CASE("wait_fsm: ten thousand hints in a minute make no more looks than the host allows")
{
    bench b;
    b.rules.interval_min = 1s;
    unsigned looks = 0;
    for (int i = 0; i < 10'000; ++i) {
        b.now += 6ms;
        if (b.fsm.timer_at() <= b.now) {
            REQUIRE(b.fsm.on_timer(b.rules, b.now) == action::ask);
            REQUIRE(b.say(job_state::running) == action::sleep);
            ++looks;
        }
        b.fsm.on_hint(b.rules, b.now);
    }
    CHECK(looks >= 55);
    CHECK(looks <= 61);
}

TEST_CASE("wait_fsm: looks grow rarer while another source tells of the job, and come back after")
{
    bench b;
    b.ring();
    b.say(job_state::running);
    auto const alone = b.fsm.timer_at() - b.now;
    CHECK(b.fsm.on_listening(b.rules, true, b.now, b.random) == action::sleep);
    auto const listening = b.fsm.timer_at() - b.now;
    CHECK(listening > 2 * alone);
    CHECK(b.fsm.on_listening(b.rules, true, b.now, b.random) == action::none);
    CHECK(b.fsm.on_listening(b.rules, false, b.now, b.random) == action::sleep);
    CHECK(b.fsm.timer_at() - b.now < listening / 2);
    // Even then the last look falls on the ceiling.
    bench brief(6s);
    CHECK(brief.fsm.on_listening(brief.rules, true, brief.now, brief.random) == action::sleep);
    CHECK(brief.fsm.timer_at() == start + 6s);
}

TEST_CASE("wait_fsm: news of the end is believed whether or not a look is under way")
{
    const auto ended = [](bool pending) {
        job_status s;
        s.state = job_state::succeeded;
        s.result_pending = pending;
        return s;
    };
    for (const bool asking : {false, true}) {
        bench b;
        if (asking)
            b.ring();
        CHECK(b.fsm.on_news(b.rules, ended(false), b.now, b.random) == action::finish);
        REQUIRE(b.fsm.take_verdict()->has_value());
        // And once is enough.
        CHECK(b.fsm.on_news(b.rules, ended(false), b.now, b.random) == action::none);
    }
    bench b;
    b.ring();
    CHECK(b.fsm.on_news(b.rules, ended(true), b.now, b.random) == action::fetch);
    CHECK(b.fsm.on_news(b.rules, ended(false), b.now, b.random) == action::none);
    job_status running;
    running.state = job_state::running;
    bench c;
    CHECK(c.fsm.on_news(c.rules, running, c.now, c.random) == action::none);
}

TEST_CASE("wait_fsm: a job bought long ago by another process is looked at without delay")
{
    bench fresh;
    CHECK(fresh.fsm.timer_at() > start);
    bench old(10min, start - 30min);
    CHECK(old.fsm.timer_at() == start);
}

TEST_CASE("wait_fsm: looks never come closer together than the host's floor")
{
    bench b(1h);
    b.rules.interval_min = 20s;
    for (int i = 0; i < 10; ++i) {
        b.ring();
        REQUIRE(b.say(job_state::running) == action::sleep);
        CHECK(b.fsm.timer_at() - b.now >= 20s);
    }
}

// ---- looks that share a call --------------------------------------------------------------------

TEST_CASE("wait_fsm: a look may ride along in the last quarter of its wait, 2.5 s at most")
{
    bench b;
    auto const first = b.fsm.timer_at();
    CHECK(b.fsm.joins());
    CHECK(b.fsm.joins_from(b.rules) == first - (first - start) / 4);
    bench old(10min, start - 1h); // ten seconds from look to look
    old.rules.clips.jitter = 0;
    old.now = start; // its first look is due
    CHECK(old.fsm.joins_from(old.rules) == start);
    old.ring();
    CHECK_FALSE(old.fsm.joins()); // it is under way
    old.say(job_state::running);
    CHECK(old.fsm.timer_at() == old.now + 10s);
    CHECK(old.fsm.joins_from(old.rules) == old.now + 7500ms);
    old.rules.early_max = 1s;
    CHECK(old.fsm.joins_from(old.rules) == old.now + 9s);
}

TEST_CASE("wait_fsm: riding along never asks more often than the host allows")
{
    bench b;
    b.rules.clips.jitter = 0;
    b.rules.interval_min = 1900ms;
    b.ring();
    b.say(job_state::running);
    CHECK(b.fsm.timer_at() == b.now + 2s);
    CHECK(b.fsm.joins_from(b.rules) > b.now + 1899ms); // the last look is kept to the millisecond
    CHECK(b.fsm.joins_from(b.rules) <= b.now + 1900ms);
    b.rules.interval_min = 1h; // as if it had been raised: then not before its time
    CHECK(b.fsm.joins_from(b.rules) == b.fsm.timer_at());
}

TEST_CASE("wait_fsm: after a missed look it rides along only when it is due")
{
    bench b;
    b.ring();
    b.miss(errc::rate_limited, 30s);
    CHECK(b.fsm.joins());
    CHECK(b.fsm.joins_from(b.rules) == b.fsm.timer_at());
    b.ring();
    b.say(job_state::running);
    CHECK(b.fsm.joins_from(b.rules) < b.fsm.timer_at());
}

TEST_CASE("wait_fsm: a result that is still to be fetched shares no call")
{
    bench b;
    b.ring();
    CHECK(b.say(job_state::succeeded, true) == action::fetch);
    b.miss(errc::connection_lost);
    CHECK(b.fsm.now_in() == wait_fsm::state::idle);
    CHECK_FALSE(b.fsm.joins());
}

TEST_CASE("wait_fsm: trouble of all jobs alike keeps them together")
{
    for (const errc e :
         {errc::connection_lost, errc::phase_timed_out, errc::rate_limited, errc::unauthorised,
          errc::forbidden, errc::out_of_credit, errc::host_fault, errc::certificate_rejected}) {
        CAPTURE(cokino::name_of(e));
        bench b;
        b.ring();
        CHECK(b.fsm.on_joint_failure(b.rules, failure(e, fate::answered), 30s, b.now, b.random) ==
              action::sleep);
        CHECK(b.fsm.joins());
        CHECK(b.fsm.timer_at() >= b.now + 27s); // the host's hint holds for each
    }
}

TEST_CASE("wait_fsm: a call that is refused as a whole ends no wait, and each asks alone next")
{
    // Said of one job, most of these would end its wait.
    for (const errc e :
         {errc::request_rejected, errc::not_found, errc::invalid_job, errc::request_malformed,
          errc::link_refused, errc::answer_malformed, errc::response_too_large}) {
        CAPTURE(cokino::name_of(e));
        bench b;
        for (int i = 0; i < 4; ++i) {
            b.ring();
            CHECK(b.fsm.on_joint_failure(b.rules, failure(e, fate::answered), std::nullopt, b.now,
                                         b.random) == action::sleep);
            CHECK_FALSE(b.fsm.joins());
            CHECK(b.fsm.alone());
        }
        b.ring();
        b.miss(errc::request_rejected); // still not known to be sound
        CHECK_FALSE(b.fsm.joins());
        b.ring();
        b.say(job_state::running);
        CHECK(b.fsm.joins());
    }
}

TEST_CASE("wait_fsm: a key that is missing is missing for each job of a call")
{
    bench b;
    b.ring();
    CHECK(b.fsm.on_joint_failure(b.rules, failure(errc::missing_credential, fate::not_sent),
                                 std::nullopt, b.now, b.random) == action::finish);
    CHECK(b.fsm.take_verdict()->error() == errc::missing_credential);
}

TEST_CASE("wait_fsm: a job that an answer leaves out is asked for alone, and is gone in the end")
{
    bench b;
    for (unsigned i = 1; i < b.rules.not_found_max; ++i) {
        b.ring();
        CHECK(b.fsm.on_left_out(b.rules, b.now, b.random) == action::sleep);
        CHECK_FALSE(b.fsm.joins());
    }
    b.ring();
    CHECK(b.miss(errc::not_found) == action::finish);
    CHECK(b.fsm.take_verdict()->error() == errc::not_found);
}

} // namespace wait_fsm_test
