// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The counting around the ruling: attempts, time, hints, keys that die, and doubt that stays.
#include <cokino/policy/retry.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <limits>
#include <string>

namespace retry_test {

using namespace cokino;
using namespace cokino::policy;
using namespace std::chrono_literals;
using time_point = std::chrono::steady_clock::time_point;

constexpr time_point start{};

attempt_outcome answer(unsigned status, errc reading = errc::host_fault)
{
    attempt_outcome o;
    o.code = reading;
    o.sent = fate::answered;
    o.http_status = status;
    o.write_complete = true;
    return o;
}

attempt_outcome throttled(std::chrono::milliseconds hint)
{
    attempt_outcome o = answer(429, errc::rate_limited);
    o.retry_after = hint;
    return o;
}

attempt_outcome unsent(errc code, bool reused = false)
{
    attempt_outcome o;
    o.code = code;
    o.sent = fate::not_sent;
    o.connection_reused = reused;
    return o;
}

attempt_outcome lost()
{
    attempt_outcome o;
    o.code = errc::connection_lost;
    o.sent = fate::maybe_sent;
    o.write_complete = true;
    return o;
}

operation keyed(std::chrono::milliseconds lifetime = 0ms)
{
    operation op{operation_kind::keyed, {}};
    op.host.repeats = repeat_semantics::replays;
    op.host.key_lifetime = lifetime;
    return op;
}

const operation reading{operation_kind::idempotent, {}};
const operation buying{operation_kind::unsafe, {}};

retry_options without_chance()
{
    retry_options options;
    options.backoff.kind = jitter::none;
    options.hint_spread = 0;
    return options;
}

/// Feeds one outcome again and again, each time when the decision said; gives the last decision.
retry_decision drive(retry_machine& machine, const attempt_outcome& outcome, unsigned& tries)
{
    random_source random(1);
    time_point now = start;
    for (tries = 1;; ++tries) {
        retry_decision d = machine.on_failure(outcome, now, random);
        if (d.step == next_step::stop || tries > 1000)
            return d;
        now = d.at;
    }
}

TEST_SUITE("policy/retry")
{
    TEST_CASE("attempts are counted from the first, and their end is said")
    {
        retry_machine machine(without_chance(), reading, start);
        unsigned tries = 0;
        const retry_decision d = drive(machine, answer(502), tries);
        CHECK(tries == 5);
        CHECK(machine.attempts() == 5);
        CHECK(d.stopped == "attempts exhausted: 5");
    }

    TEST_CASE("one attempt means never again")
    {
        retry_options options = without_chance();
        options.attempts_max = 1;
        retry_machine machine(options, reading, start);
        unsigned tries = 0;
        CHECK(drive(machine, unsent(errc::connect_failed), tries).stopped ==
              "attempts exhausted: 1");
        CHECK(tries == 1);
    }

    TEST_CASE("the delays are those of the backoff, and longer when the host is full")
    {
        random_source random(1);
        retry_machine machine(without_chance(), reading, start);
        CHECK(machine.on_failure(answer(502), start, random).at == start + 500ms);
        CHECK(machine.on_failure(answer(503), start + 1s, random).at == start + 3s);
        CHECK(machine.on_failure(answer(502), start + 3s, random).delay == 2s);
    }

    TEST_CASE("a hint is a floor under the host's own delay, and spread upwards")
    {
        random_source random(1);
        retry_options options = without_chance();
        retry_machine exact(options, buying, start);
        CHECK(exact.on_failure(throttled(7s), start, random).delay == 7s);
        CHECK(exact.on_failure(throttled(1s), start, random).delay == 2s); // its own is longer
        options.hint_spread = 0.1;
        bool moved = false;
        for (int i = 0; i < 200; ++i) {
            retry_machine machine(options, buying, start);
            const auto delay = machine.on_failure(throttled(10s), start, random).delay;
            CHECK(delay >= 10s);
            CHECK(delay <= 11s);
            moved = moved || delay > 10500ms;
        }
        CHECK(moved);
    }

    TEST_CASE("a hint that is too long stops the operation and is told")
    {
        random_source random(1);
        retry_machine machine(without_chance(), buying, start);
        const retry_decision d = machine.on_failure(throttled(10min), start, random);
        CHECK(d.step == next_step::stop);
        CHECK(d.outcome == submit_outcome::rejected);
        CHECK(d.stopped == "the host asks to wait 10 min, and hint_max is 2 min");
    }

    TEST_CASE("with hints off, even a long one is not looked at")
    {
        random_source random(1);
        retry_options options = without_chance();
        options.hint_max = 0ms;
        retry_machine machine(options, buying, start);
        CHECK(machine.on_failure(throttled(10min), start, random).delay == 1s);
    }

    TEST_CASE("no attempt starts after the elapsed time, and none is waited for in vain")
    {
        random_source random(1);
        retry_options options = without_chance();
        options.elapsed_max = 10s;
        retry_machine machine(options, reading, start);
        CHECK(machine.on_failure(answer(502), start + 9s, random).step == next_step::retry);
        const retry_decision d = machine.on_failure(answer(502), start + 9500ms, random);
        CHECK(d.step == next_step::stop);
        CHECK(d.at == start + 9500ms);
        CHECK(d.stopped == "time exhausted: 10 s");
    }

    TEST_CASE("nothing is sent at or after the deadline")
    {
        random_source random(1);
        retry_machine machine(without_chance(), reading, start, start + 500ms);
        const retry_decision d = machine.on_failure(answer(502), start, random);
        CHECK(d.step == next_step::stop);
        CHECK(d.stopped == "the deadline, 500 ms after the start, passes before the next attempt");
    }

    TEST_CASE("three free retries are not counted and not delayed; after them all is as usual")
    {
        random_source random(1);
        retry_machine machine(without_chance(), buying, start);
        for (int i = 0; i < 3; ++i) {
            const retry_decision d =
                machine.on_failure(unsent(errc::connection_lost, true), start, random);
            CHECK(d.step == next_step::retry_free);
            CHECK(d.delay == 0s);
            CHECK(d.because.fresh_connection);
        }
        CHECK(machine.attempts() == 0);
        const retry_decision d =
            machine.on_failure(unsent(errc::connection_lost, true), start, random);
        CHECK(d.step == next_step::retry);
        CHECK(d.delay == 500ms);
        CHECK(machine.attempts() == 1);
    }

    TEST_CASE("an unsafe submit whose answer was lost is sent once")
    {
        retry_machine machine(without_chance(), buying, start);
        unsigned tries = 0;
        const retry_decision d = drive(machine, lost(), tries);
        CHECK(tries == 1);
        CHECK(d.outcome == submit_outcome::unknown);
        CHECK(d.stopped == "the request was written and no answer came; it may have been "
                           "accepted, so it was not sent again");
    }

    TEST_CASE("an unsafe submit that never left is sent as often as allowed, and was not sent")
    {
        retry_machine machine(without_chance(), buying, start);
        unsigned tries = 0;
        const retry_decision d = drive(machine, unsent(errc::resolve_failed), tries);
        CHECK(tries == 5);
        CHECK(d.outcome == submit_outcome::not_sent);
    }

    TEST_CASE("doubt about one attempt is not lifted by the refusal of a later one")
    {
        random_source random(1);
        for (const attempt_outcome& later :
             {unsent(errc::connect_failed), answer(429), answer(422), answer(401), answer(402)}) {
            retry_machine machine(without_chance(), keyed(), start);
            CHECK(machine.on_failure(lost(), start, random).step == next_step::retry);
            CHECK(machine.in_doubt());
            CHECK(machine.on_failure(later, start + 1s, random).outcome == submit_outcome::unknown);
        }
    }

    TEST_CASE("a refused repeat of an own id proves that the first was accepted")
    {
        random_source random(1);
        retry_machine machine(without_chance(), keyed(), start);
        machine.on_failure(lost(), start, random);
        attempt_outcome exists = answer(409, errc::request_rejected);
        exists.about = conflict::own_id_exists;
        const retry_decision d = machine.on_failure(exists, start + 1s, random);
        CHECK(d.step == next_step::stop);
        CHECK(d.outcome == submit_outcome::accepted);
        CHECK_FALSE(machine.in_doubt());
    }

    TEST_CASE("a key protects only while the host remembers it")
    {
        random_source random(1);
        retry_options options = without_chance();
        options.elapsed_max = 0ms;
        retry_machine machine(options, keyed(10min), start);
        CHECK(machine.on_failure(lost(), start + 8min, random).step == next_step::retry);
        // A tenth of the lifetime is left unused.
        const retry_decision d = machine.on_failure(lost(), start + 9min, random);
        CHECK(d.step == next_step::stop);
        CHECK(d.outcome == submit_outcome::unknown);

        retry_machine waiting(options, keyed(10min), start);
        waiting.on_failure(lost(), start, random);
        const retry_decision late = waiting.on_failure(throttled(100s), start + 8min, random);
        CHECK(late.step == next_step::stop);
        CHECK(late.outcome == submit_outcome::unknown);
        CHECK(late.stopped.find("could buy a second time") != std::string::npos);
    }

    TEST_CASE("a key's death forbids a repeat even when the last attempt never left")
    {
        random_source random(1);
        retry_options options = without_chance();
        options.elapsed_max = 0ms;
        retry_machine machine(options, keyed(10min), start);
        machine.on_failure(lost(), start, random);
        CHECK(machine.on_failure(unsent(errc::connect_failed), start + 20min, random).step ==
              next_step::stop);
        // Without doubt there is nothing to protect: nothing was bought yet.
        retry_machine innocent(options, keyed(10min), start);
        CHECK(innocent.on_failure(unsent(errc::connect_failed), start + 20min, random).step ==
              next_step::retry);
    }

    TEST_CASE("an operation of an earlier process goes on only while its key lives")
    {
        random_source random(1);
        attempt_outcome died;
        died.end = attempt_end::process_died;
        const time_point restart = start + 48h;
        retry_machine fresh(without_chance(), keyed(24h), restart);
        fresh.key_first_used(restart - 1h);
        CHECK(fresh.on_failure(died, restart, random).step == next_step::retry);
        retry_machine stale(without_chance(), keyed(24h), restart);
        stale.key_first_used(start);
        const retry_decision d = stale.on_failure(died, restart, random);
        CHECK(d.step == next_step::stop);
        CHECK(d.outcome == submit_outcome::unknown);
    }

    TEST_CASE("a stored 500 and an unreadable success are asked for only so often")
    {
        unsigned tries = 0;
        retry_machine stored(without_chance(), keyed(), start);
        CHECK(drive(stored, answer(500), tries).stopped == "the host failed (500), again");
        CHECK(tries == 2);
        retry_machine unreadable(without_chance(), keyed(), start);
        drive(unreadable, answer(200, errc::answer_malformed), tries);
        CHECK(tries == 2);
        retry_machine look(without_chance(), reading, start);
        drive(look, answer(200, errc::answer_malformed), tries);
        CHECK(tries == 3);
    }

    TEST_CASE("a stale credential is refreshed once, at once")
    {
        random_source random(1);
        operation op = buying;
        op.host.can_refresh_credential = true;
        retry_machine machine(without_chance(), op, start);
        const retry_decision first = machine.on_failure(answer(401), start, random);
        CHECK(first.step == next_step::retry);
        CHECK(first.because.fresh_credential);
        CHECK(first.delay == 0s);
        const retry_decision second = machine.on_failure(answer(401), start, random);
        CHECK(second.step == next_step::stop);
        CHECK(second.outcome == submit_outcome::rejected);
    }

    TEST_CASE("a redirect within the origin is followed once, with the key")
    {
        random_source random(1);
        attempt_outcome moved = answer(307, errc::request_rejected);
        moved.redirect_same_origin = true;
        retry_machine machine(without_chance(), keyed(), start);
        CHECK(machine.on_failure(moved, start, random).step == next_step::follow);
        CHECK(machine.on_failure(moved, start, random).step == next_step::stop);
    }

    TEST_CASE("a host that asks not to be asked again is not")
    {
        random_source random(1);
        attempt_outcome o = answer(503);
        o.should_retry = false;
        retry_machine machine(without_chance(), reading, start);
        CHECK(machine.on_failure(o, start, random).stopped ==
              "the host is unavailable (503), and it asks not to be asked again");
    }

    TEST_CASE("random histories never repeat a submit in doubt without a living key")
    {
        random_source random(99);
        const attempt_outcome pool[] = {
            lost(),        answer(500), answer(502),
            answer(429),   answer(200), unsent(errc::connect_failed),
            answer(401),   answer(409), unsent(errc::connection_lost, true),
            throttled(30s)};
        int keyed_repeats = 0;
        for (int history = 0; history < 20'000; ++history) {
            const bool with_key = random.below(2) == 0;
            const operation op = with_key ? keyed(1min) : buying;
            retry_options options;
            options.attempts_max = 50;
            retry_machine machine(options, op, start);
            time_point now = start;
            while (true) {
                now += std::chrono::milliseconds(random.below(5000));
                const auto& o = pool[random.below(std::size(pool))];
                const retry_decision d = machine.on_failure(o, now, random);
                if (d.step == next_step::stop)
                    break;
                now = d.at;
                if (!machine.in_doubt())
                    continue;
                REQUIRE(with_key);
                REQUIRE(d.at < start + 1min);
                ++keyed_repeats;
            }
        }
        CHECK(keyed_repeats > 1000);
    }

    TEST_CASE("an option out of its bounds is named, nested ones with their path")
    {
        const auto field = [](retry_options o) {
            const result<void> r = validate(o);
            return r ? std::string() : r.error().facts().field;
        };
        retry_options o;
        CHECK(field(o).empty());
        o.attempts_max = 0;
        CHECK(field(o) == "attempts_max");
        o = {};
        o.elapsed_max = -1ms;
        CHECK(field(o) == "elapsed_max");
        o.elapsed_max = std::chrono::milliseconds::max();
        CHECK(field(o) == "elapsed_max");
        o = {};
        o.hint_max = 25h;
        CHECK(field(o) == "hint_max");
        o = {};
        o.hint_spread = std::numeric_limits<double>::quiet_NaN();
        CHECK(field(o) == "hint_spread");
        o = {};
        o.backoff.multiplier = 11;
        CHECK(field(o) == "backoff.multiplier");
    }
}

} // namespace retry_test
