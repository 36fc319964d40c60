// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Delays, digit by digit.
#include <cokino/policy/backoff.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <initializer_list>
#include <limits>

namespace backoff_test {

using namespace cokino;
using namespace cokino::policy;
using namespace std::chrono_literals;
using std::chrono::microseconds;

void expect(backoff_options options, std::uint64_t seed, std::initializer_list<long> delays)
{
    random_source random(seed);
    backoff next(options);
    for (long delay : delays)
        CHECK(next.next(random).count() == delay);
}

TEST_SUITE("policy/backoff")
{
    TEST_CASE("without jitter the delay doubles up to the cap and stays there")
    {
        backoff_options options;
        options.kind = jitter::none;
        expect(options, 1,
               {500'000, 1'000'000, 2'000'000, 4'000'000, 8'000'000, 16'000'000, 20'000'000,
                20'000'000});
    }

    TEST_CASE("each kind of jitter gives its own delays from a seed, everywhere the same")
    {
        backoff_options options;
        options.kind = jitter::full;
        expect(options, 1, {125'722, 6'275, 1'878'734, 1'353'907, 3'903'320, 6'561'885, 2'514'638});
        options.kind = jitter::equal;
        expect(options, 1,
               {404'218, 672'693, 1'361'749, 2'064'772, 4'528'164, 15'304'299, 14'878'543});
        options.kind = jitter::decorrelated;
        expect(options, 1, {1'386'060, 1'624'007, 545'474, 926'066, 1'241'119, 874'236, 2'447'153});
    }

    TEST_CASE("each kind keeps to its bounds")
    {
        random_source random(5);
        for (jitter kind : {jitter::none, jitter::full, jitter::equal, jitter::decorrelated}) {
            backoff_options options;
            options.kind = kind;
            backoff next(options);
            for (int i = 0; i < 2000; ++i) {
                const microseconds delay = next.next(random);
                REQUIRE(delay <= options.cap);
                REQUIRE(delay >= 0us);
                if (kind == jitter::equal)
                    REQUIRE(delay >= options.base / 2);
                if (kind == jitter::decorrelated)
                    REQUIRE(delay >= options.base);
            }
        }
    }

    TEST_CASE("full jitter is spread over its whole range")
    {
        random_source random(6);
        backoff_options options;
        microseconds sum{0};
        for (int i = 0; i < 10'000; ++i) {
            backoff first(options);
            sum += first.next(random);
        }
        CHECK(static_cast<double>(sum.count()) / 10'000 == doctest::Approx(250'000).epsilon(0.03));
    }

    TEST_CASE("a throttled try starts from the longer base")
    {
        random_source random(1);
        backoff_options options;
        options.kind = jitter::none;
        backoff next(options);
        CHECK(next.next(random, true) == 1s);
        CHECK(next.next(random, true) == 2s);
        CHECK(next.next(random, false) == 2s); // the step counts on, whatever the reason
    }

    TEST_CASE("reset starts over, also for decorrelated jitter")
    {
        backoff_options options;
        options.kind = jitter::decorrelated;
        random_source first(1);
        backoff next(options);
        next.next(first);
        next.next(first);
        next.reset();
        random_source second(1);
        CHECK(next.next(second) == 1'386'060us);
    }

    TEST_CASE("no number of tries and no allowed option overflows")
    {
        backoff_options options;
        options.kind = jitter::none;
        options.cap = 24h;
        options.base = options.base_throttled = 24h;
        options.multiplier = 10;
        REQUIRE(validate(options).has_value());
        random_source random(1);
        backoff next(options);
        for (int i = 0; i < 100'000; ++i)
            REQUIRE(next.next(random) == 24h);
        options.multiplier = 1;
        backoff steady(options);
        CHECK(steady.next(random) == 24h);
        CHECK(steady.next(random) == 24h);
    }

    TEST_CASE("an option out of its bounds is named")
    {
        const auto field = [](backoff_options o) {
            const result<void> r = validate(o);
            return r ? std::string() : r.error().facts().field;
        };
        backoff_options o;
        CHECK(field(o).empty());
        o.base = 0ms;
        CHECK(field(o) == "base");
        o = {};
        o.base_throttled = -1ms;
        CHECK(field(o) == "base_throttled");
        o = {};
        o.cap = 10ms;
        CHECK(field(o) == "cap");
        o.cap = 25h;
        CHECK(field(o) == "cap");
        o = {};
        o.multiplier = 0.5;
        CHECK(field(o) == "multiplier");
        o.multiplier = std::numeric_limits<double>::quiet_NaN();
        CHECK(field(o) == "multiplier");
    }
}

} // namespace backoff_test
