// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The rhythm of looks: what it costs, how late it is, and what bends it.
#include <cokino/policy/polling.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <string>

namespace polling_test {

using namespace cokino;
using namespace cokino::policy;
using namespace std::chrono_literals;
using time_point = std::chrono::steady_clock::time_point;

constexpr time_point accepted{};

polling_options steady_options()
{
    polling_options options;
    options.jitter = 0;
    return options;
}

struct cost {
    unsigned looks = 0;
    std::chrono::duration<double> late{0};
};

/// Looks until a render of that length is seen to be done.
cost watch(const polling_options& options, std::chrono::seconds render, std::uint64_t seed)
{
    random_source random(seed);
    polling_state state;
    time_point now = accepted;
    do {
        now = next_look(options, state, now, random);
        ++state.looks;
    } while (now < accepted + render);
    return {state.looks, now - (accepted + render)};
}

TEST_SUITE("policy/polling")
{
    TEST_CASE("the first look waits, and then the wait follows the age of the job")
    {
        random_source random(1);
        const polling_options options = steady_options();
        polling_state state;
        CHECK(next_look(options, state, accepted, random) == accepted + 5s);
        state.looks = 1;
        CHECK(next_look(options, state, accepted + 5s, random) == accepted + 7s);
        CHECK(next_look(options, state, accepted + 60s, random) == accepted + 63s);
        CHECK(next_look(options, state, accepted + 100s, random) == accepted + 105s);
        CHECK(next_look(options, state, accepted + 20min, random) == accepted + 20min + 10s);
    }

    TEST_CASE("a clip of two minutes costs some forty looks and is seen within three seconds")
    {
        unsigned looks = 0;
        double late = 0;
        for (std::uint64_t seed = 0; seed < 200; ++seed) {
            const cost c = watch({}, 114s, seed);
            looks += c.looks;
            late += c.late.count();
            REQUIRE(c.late < 7s);
        }
        CHECK(looks / 200 >= 33);
        CHECK(looks / 200 <= 42);
        CHECK(late / 200 < 3.2);
    }

    TEST_CASE("knowing the shortest render halves the looks")
    {
        polling_options known;
        known.expected_min = 60s;
        const cost c = watch(known, 114s, 1);
        CHECK(c.looks <= 18);
        CHECK(c.late < 7s);
        random_source random(1);
        known.jitter = 0;
        CHECK(next_look(known, {}, accepted, random) == accepted + 54s);
    }

    TEST_CASE("a still is seen within a second")
    {
        const cost c = watch(image_polling(), 3s, 1);
        CHECK(c.looks <= 6);
        CHECK(c.late < 1s);
    }

    TEST_CASE("a job that was resumed late is looked at at once")
    {
        random_source random(1);
        CHECK(next_look({}, {}, accepted + 10min, random) == accepted + 10min);
    }

    TEST_CASE("failing looks stretch the rhythm up to its bound and end nothing")
    {
        random_source random(1);
        const polling_options options = steady_options();
        polling_state state;
        state.looks = 10;
        const time_point now = accepted + 60s;
        const std::chrono::seconds expected[] = {3s, 6s, 12s, 24s, 48s, 60s, 60s};
        for (std::chrono::seconds wait : expected) {
            CHECK(next_look(options, state, now, random) == now + wait);
            ++state.failures;
        }
        state.failures = std::numeric_limits<unsigned>::max();
        CHECK(next_look(options, state, now, random) == now + 60s);
    }

    TEST_CASE("the host's floor and hint lengthen a wait, and never shorten it")
    {
        random_source random(1);
        const polling_options options = steady_options();
        polling_state state;
        state.looks = 1;
        const time_point now = accepted + 20s;
        state.host_floor = 6s;
        CHECK(next_look(options, state, now, random) == now + 6s);
        state.retry_after = 15s;
        CHECK(next_look(options, state, now, random) == now + 15s);
        state.retry_after = 0s;
        CHECK(next_look(options, state, now, random) == now + 6s);
        state.retry_after = 10h; // no hint puts a job to sleep
        CHECK(next_look(options, state, now, random) == now + 60s);
    }

    TEST_CASE("a hint is spread to the later side alone, up to the jitter")
    {
        polling_options options = steady_options();
        options.jitter = 0.1;
        polling_state state;
        state.looks = 1;
        state.retry_after = 15s;
        const time_point now = accepted + 20s;
        auto earliest = time_point::max();
        auto latest = time_point::min();
        for (std::uint64_t seed = 0; seed < 500; ++seed) {
            random_source random(seed);
            auto const next = next_look(options, state, now, random);
            earliest = std::min(earliest, next);
            latest = std::max(latest, next);
        }
        CHECK(earliest >= now + 15s);
        CHECK(earliest < now + 15s + 100ms);
        CHECK(latest <= now + 16s + 500ms);
        CHECK(latest > now + 16s + 400ms);
    }

    TEST_CASE("the host's estimate replaces the rhythm, within bounds")
    {
        random_source random(1);
        const polling_options options = steady_options();
        polling_state state;
        state.looks = 1;
        const time_point now = accepted + 20s;
        state.remaining = 30s;
        CHECK(next_look(options, state, now, random) == now + 27s);
        state.remaining = 1s;
        CHECK(next_look(options, state, now, random) == now + 2s);
        state.remaining = 10h;
        CHECK(next_look(options, state, now, random) == now + 60s);
        state.remaining = -5s;
        CHECK(next_look(options, state, now, random) == now + 2s);
    }

    TEST_CASE("jobs submitted together are not looked at together")
    {
        random_source random(1);
        time_point earliest = time_point::max();
        time_point latest = time_point::min();
        for (int i = 0; i < 1000; ++i) {
            const time_point at = next_look({}, {}, accepted, random);
            earliest = std::min(earliest, at);
            latest = std::max(latest, at);
        }
        CHECK(earliest >= accepted + 4500ms);
        CHECK(latest <= accepted + 5500ms);
        CHECK(latest - earliest > 900ms);
    }

    TEST_CASE("a clock that stands still or a time before the job still gives a look ahead")
    {
        random_source random(1);
        polling_state state;
        state.looks = 1;
        CHECK(next_look({}, state, accepted - 1h, random) > accepted - 1h);
    }

    TEST_CASE("an option out of its bounds is named")
    {
        const auto field = [](polling_options o) {
            const result<void> r = validate(o);
            return r ? std::string() : r.error().facts().field;
        };
        polling_options o;
        CHECK(field(o).empty());
        CHECK(field(image_polling()).empty());
        o.first = 0ms;
        CHECK(field(o) == "first");
        o = {};
        o.expected_min = -1ms;
        CHECK(field(o) == "expected_min");
        o = {};
        o.share = 1.5;
        CHECK(field(o) == "share");
        o = {};
        o.interval_min = 0ms;
        CHECK(field(o) == "interval_min");
        o = {};
        o.interval_max = 1s;
        CHECK(field(o) == "interval_max");
        o = {};
        o.interval_failing_max = 5s;
        CHECK(field(o) == "interval_failing_max");
        o = {};
        o.jitter = 0.6;
        CHECK(field(o) == "jitter");
    }
}

} // namespace polling_test
