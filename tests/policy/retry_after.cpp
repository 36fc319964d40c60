// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Each spelling of "come back later", with its traps.
#include <cokino/policy/retry_after.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace retry_after_test {

using namespace std::chrono;
using cokino::policy::hint_ceiling;
using cokino::policy::hint_reader;
using fields = std::vector<std::pair<std::string_view, std::string_view>>;
using wait = std::optional<milliseconds>;

// Tue, 14 Jul 2026 12:00:00 GMT, in seconds since 1970: 1784030400.
constexpr sys_seconds now = sys_days(2026y / July / 14) + hours(12);
static_assert(now.time_since_epoch() == seconds(1784030400));

wait read(const fields& given, bool throttled = true)
{
    hint_reader hints(now);
    for (const auto& [name, value] : given)
        hints.field(name, value);
    return hints.delay(throttled);
}

struct vector {
    fields given;
    wait expected;
};

void check(std::initializer_list<vector> vectors, bool throttled = true)
{
    for (const vector& v : vectors) {
        std::string shown;
        for (const auto& [name, value] : v.given)
            shown.append(name).append(": ").append(value).append("; ");
        CAPTURE(shown);
        const wait got = read(v.given, throttled);
        CHECK(got.has_value() == v.expected.has_value());
        CHECK(got.value_or(milliseconds(-1)).count() ==
              v.expected.value_or(milliseconds(-1)).count());
    }
}

TEST_SUITE("policy/retry_after")
{
    TEST_CASE("Retry-After in seconds")
    {
        check({
            {{{"Retry-After", "120"}}, 120s},
            {{{"retry-after", " 0 "}}, 0s},
            {{{"RETRY-AFTER", "2.5"}}, 2500ms},
            {{{"Retry-After", "0.0001"}}, 1ms},
            {{{"Retry-After", "1.1"}}, 1100ms},
            {{{"Retry-After", "99999999999999999999"}}, hint_ceiling},
            {{{"Retry-After", "31536001"}}, hint_ceiling},
            {{{"Retry-After", "-5"}}, {}},
            {{{"Retry-After", "+5"}}, {}},
            {{{"Retry-After", "soon"}}, {}},
            {{{"Retry-After", "5s"}}, {}},
            {{{"Retry-After", ""}}, {}},
            {{{"Retry-After", "1,5"}}, {}},
            {{}, {}},
        });
        const std::string digits(400, '9');
        check({{{{"Retry-After", digits}}, hint_ceiling}});
    }

    TEST_CASE("Retry-After as a date, in three spellings")
    {
        check({
            {{{"Retry-After", "Tue, 14 Jul 2026 12:00:30 GMT"}}, 30s},
            {{{"Retry-After", "Tuesday, 14-Jul-26 12:00:30 GMT"}}, 30s},
            {{{"Retry-After", "Tue Jul 14 12:00:30 2026"}}, 30s},
            {{{"Retry-After", "Tue, 14 Jul 2026 11:59:00 GMT"}}, 0s},
            {{{"Retry-After", "Sunday, 06-Nov-94 08:49:37 GMT"}}, 0s},
            {{{"Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"}}, hint_ceiling},
            {{{"Retry-After", "Tue, 14 Jul 2026 12:00:30 PST"}}, {}},
            {{{"Retry-After", "2026-07-14T12:00:30Z"}}, {}},
        });
    }

    TEST_CASE("a date counts from the response's own Date, in whatever order they come")
    {
        check({
            {{{"Date", "Tue, 14 Jul 2026 09:00:00 GMT"},
              {"Retry-After", "Tue, 14 Jul 2026 09:00:20 GMT"}},
             20s},
            {{{"Retry-After", "Tue, 14 Jul 2026 15:00:20 GMT"},
              {"Date", "Tuesday, 14-Jul-26 15:00:00 GMT"}},
             20s},
            {{{"Date", "nonsense"}, {"Retry-After", "Tue, 14 Jul 2026 12:00:20 GMT"}}, 20s},
            {{{"Date", "Tue, 14 Jul 2026 09:00:00 GMT"}, {"Retry-After", "7"}}, 7s},
        });
        hint_reader precise(now + 400ms);
        precise.field("Retry-After", "Tue, 14 Jul 2026 12:00:01 GMT");
        CHECK(precise.delay(false) == 600ms);
    }

    TEST_CASE("of several Retry-After the latest counts, whatever their form")
    {
        check({
            {{{"Retry-After", "10"}, {"Retry-After", "60"}, {"Retry-After", "20"}}, 60s},
            {{{"Retry-After", "10"}, {"Retry-After", "Tue, 14 Jul 2026 12:01:00 GMT"}}, 60s},
            {{{"Retry-After", "90"}, {"Retry-After", "Tue, 14 Jul 2026 12:01:00 GMT"}}, 90s},
            {{{"Retry-After", "junk"}, {"Retry-After", "3"}}, 3s},
        });
    }

    TEST_CASE("milliseconds win over seconds")
    {
        check({
            {{{"retry-after-ms", "250"}}, 250ms},
            {{{"x-ms-retry-after-ms", "1500"}, {"Retry-After", "60"}}, 1500ms},
            {{{"Retry-After", "60"}, {"x-amz-retry-after", "75"}}, 75ms},
            {{{"retry-after-ms", "1.5"}}, 2ms},
            {{{"retry-after-ms", "100"}, {"x-amz-retry-after", "900"}}, 900ms},
            {{{"retry-after-ms", "-1"}, {"Retry-After", "2"}}, 2s},
        });
    }

    TEST_CASE("the RateLimit field tells when what ran out is there again")
    {
        check({
            {{{"RateLimit", "\"default\";r=0;t=30"}}, 30s},
            {{{"RateLimit", "\"default\";r=50;t=30"}}, {}}, // what is left promises nothing
            {{{"RateLimit", "\"a\";r=0;t=5, \"b\";r=0;t=9 ,\"c\";r=4;t=99"}}, 9s},
            {{{"RateLimit", "\"a\";r=0;t=5"}, {"RateLimit", "\"b\";r=0;t=8"}}, 8s},
            {{{"RateLimit", "default; r=0; t=12; pk=:c2VjcmV0:"}}, 12s},
            {{{"RateLimit", "\"quoted \\\" ,;\";t=4;r=0"}}, 4s},
            {{{"RateLimit", "\"flag\";x;r=0;t=6"}}, 6s},
            {{{"RateLimit", "\"default\";t=30"}}, {}},
            {{{"RateLimit", "\"default\";r=0"}}, {}},
            {{{"RateLimit", "\"default\";r=0;t=-1"}}, {}},
            {{{"RateLimit", "\"default\";r=0;t=soon"}}, {}},
            {{{"RateLimit", "\"open;r=0;t=30"}}, {}},
            {{{"RateLimit", "\"a\";r=0;t=5,"}}, {}},
            {{{"RateLimit", "\"a\";r=0;t=5 \"b\""}}, {}},
            {{{"RateLimit", "\"a\";=0;t=5"}}, {}},
            {{{"RateLimit", "limit=100, remaining=0, reset=30"}}, {}}, // an older draft
            {{{"RateLimit", ""}}, {}},
            {{{"RateLimit", "\"default\";r=0;t=30"}, {"Retry-After", "2"}}, 2s},
            {{{"RateLimit-Policy", "\"burst\";q=100;w=60"}}, {}},
        });
    }

    TEST_CASE("a reset is a span, or an instant in seconds or milliseconds, judged by its size")
    {
        check({
            {{{"RateLimit-Reset", "42"}}, 42s},
            {{{"X-RateLimit-Reset", "42.5"}}, 42500ms},
            {{{"X-RateLimit-Reset", "1784030460"}}, 60s},
            {{{"X-RateLimit-Reset", "1784030460000"}}, 60s},
            {{{"X-RateLimit-Reset", "1784030300"}}, 0s},
            {{{"X-RateLimit-Reset", "86400"}}, 1h},        // not believed beyond an hour
            {{{"X-RateLimit-Reset", "1784116800"}}, 1h},   // tomorrow
            {{{"X-RateLimit-Reset", "50000000"}}, {}},     // neither
            {{{"X-RateLimit-Reset", "500000000000"}}, {}}, // neither
            {{{"X-RateLimit-Reset", "1e300"}}, {}},
            {{{"X-RateLimit-Reset", "1784030460"}, {"Date", "Tue, 14 Jul 2026 12:00:50 GMT"}}, 10s},
            {{{"X-RateLimit-Reset", "9"}, {"X-RateLimit-Remaining", "0"}}, 9s},
            {{{"X-RateLimit-Remaining", "3"}, {"X-RateLimit-Reset", "9"}}, {}},
            {{{"ratelimit-remaining", "0"}, {"ratelimit-reset", "30"}}, 30s},
        });
    }

    TEST_CASE("durations as text, per quota")
    {
        check({
            {{{"x-ratelimit-reset-requests", "6m0s"}}, 6min},
            {{{"x-ratelimit-reset-requests", "20ms"}}, 20ms},
            {{{"x-ratelimit-reset-tokens", "1m2.5s"}}, 62500ms},
            {{{"x-ratelimit-reset-tokens", "500us"}}, 1ms},
            {{{"x-ratelimit-reset-requests", "3"}}, 3s},
            {{{"x-ratelimit-reset-requests", "1s"}, {"x-ratelimit-reset-tokens", "5s"}}, 5s},
            {{{"x-ratelimit-reset-requests", "1s"},
              {"x-ratelimit-reset-tokens", "50s"},
              {"x-ratelimit-remaining-tokens", "1000"},
              {"x-ratelimit-remaining-requests", "0"}},
             1s},
            {{{"x-ratelimit-reset-requests", "6 m"}}, {}},
            {{{"x-ratelimit-reset-requests", "6y"}}, {}},
            {{{"x-ratelimit-reset-requests", "m"}}, {}},
            {{{"X-RateLimit-Reset-After", "1.337"}}, 1337ms},
            {{{"X-RateLimit-Reset-After", "later"}}, {}},
            {{{"x-ratelimit-reset-pixels", "5s"}}, {}},
        });
    }

    TEST_CASE("quotas are looked at only when there were too many requests")
    {
        check(
            {
                {{{"RateLimit", "\"default\";r=0;t=30"}}, {}},
                {{{"X-RateLimit-Reset", "42"}}, {}},
                {{{"x-ratelimit-reset-requests", "6m0s"}}, {}},
                {{{"Retry-After", "5"}, {"X-RateLimit-Reset", "42"}}, 5s},
                {{{"retry-after-ms", "5"}}, 5ms},
            },
            false);
    }

    TEST_CASE("advice on repeating is read, and no outweighs yes")
    {
        const auto advice = [](const fields& given) {
            hint_reader hints(now);
            for (const auto& [name, value] : given)
                hints.field(name, value);
            return hints.should_retry();
        };
        CHECK_FALSE(advice({}).has_value());
        CHECK(advice({{"x-should-retry", "true"}}) == true);
        CHECK(advice({{"X-Should-Retry", "FALSE"}}) == false);
        CHECK(advice({{"stripe-should-retry", "false"}, {"x-should-retry", "true"}}) == false);
        CHECK_FALSE(advice({{"x-should-retry", "maybe"}}).has_value());
    }

    TEST_CASE("a hostile value is only ever ignored or clamped")
    {
        const std::string long_list(100'000, ',');
        const std::string deep = "\"a\"" + std::string(50'000, ';');
        const std::string open(100'000, '"');
        check({
            {{{"RateLimit", long_list}}, {}},
            {{{"RateLimit", deep}}, {}},
            {{{"RateLimit", open}}, {}},
            {{{"RateLimit", R"(\)"}}, {}},
            {{{"RateLimit", R"("\)"}}, {}},
            {{{"Retry-After", std::string_view("1\0002", 3)}}, {}},
            {{{"x-ratelimit-reset-requests", "999999999999999999999999h"}}, 1h},
        });
    }
}

} // namespace retry_after_test
