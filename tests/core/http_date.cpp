// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The three date forms of HTTP, and what is refused.
#include <cokino/core/http_date.hpp>

#include <doctest/doctest.h>

#include <chrono>

namespace http_date_test {

using namespace std::chrono;
using cokino::parse_http_date;

constexpr sys_seconds now = sys_days(2026y / July / 14) + hours(12);
constexpr sys_seconds example =
    sys_days(1994y / November / 6) + hours(8) + minutes(49) + seconds(37);

TEST_SUITE("core/http_date")
{
    TEST_CASE("the standard's own example reads the same in all three spellings")
    {
        CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", now) == example);
        CHECK(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", now) == example);
        CHECK(parse_http_date("Sun Nov  6 08:49:37 1994", now) == example);
    }

    TEST_CASE("two digits of a year mean the past when they would be over 50 years ahead")
    {
        const auto year_of = [](const char* text) {
            const auto date = parse_http_date(text, now);
            return date ? static_cast<int>(year_month_day(floor<days>(*date)).year()) : 0;
        };
        CHECK(year_of("Sunday, 06-Nov-26 08:49:37 GMT") == 2026);
        CHECK(year_of("Sunday, 06-Nov-76 08:49:37 GMT") == 2076);
        CHECK(year_of("Sunday, 06-Nov-77 08:49:37 GMT") == 1977);
        CHECK(year_of("Sunday, 06-Nov-00 08:49:37 GMT") == 2000);
    }

    TEST_CASE("blanks around, letters of either case, UTC, a leap second and two-digit days pass")
    {
        CHECK(parse_http_date("  sun, 06 NOV 1994 08:49:37 utc ", now) == example);
        CHECK(parse_http_date("Sun Nov 16 08:49:37 1994", now) == example + days(10));
        CHECK(parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT", now) ==
              sys_days(2017y / January / 1));
        CHECK(parse_http_date("Thu, 29 Feb 2024 00:00:00 GMT", now) ==
              sys_days(2024y / February / 29));
        // The day's name is not checked against the date: a wrong one does no harm.
        CHECK(parse_http_date("Mon, 06 Nov 1994 08:49:37 GMT", now) == example);
    }

    TEST_CASE("what is none of the three is refused")
    {
        for (const char* text : {"",
                                 "120",
                                 "Sun, 06 Nov 1994 08:49:37",
                                 "Sun, 06 Nov 1994 08:49:37 PST",
                                 "Sun, 06 Nov 1994 08:49:37 +0000",
                                 "Sun, 6 Nov 1994 08:49:37 GMT",
                                 "Sun, 06 Nov 94 08:49:37 GMT",
                                 "Sun 06 Nov 1994 08:49:37 GMT",
                                 "Sunday, 06-Nov-1994 08:49:37 GMT",
                                 "Sunday, 06 Nov 1994 08:49:37 GMT",
                                 "Sun Nov 6 08:49:37 1994",
                                 "Sun, 31 Nov 1994 08:49:37 GMT",
                                 "Thu, 29 Feb 2023 00:00:00 GMT",
                                 "Sun, 00 Nov 1994 08:49:37 GMT",
                                 "Sun, 06 Nov 1994 24:00:00 GMT",
                                 "Sun, 06 Nov 1994 08:60:37 GMT",
                                 "Sun, 06 Nov 1994 08:49:61 GMT",
                                 "Sun, 06 Nov 1994 08:49:37 GMTx",
                                 "Son, 06 Nov 1994 08:49:37 GMT",
                                 "Sun, 06 Okt 1994 08:49:37 GMT",
                                 "1994-11-06T08:49:37Z",
                                 "Sun, 0\xC2\xB2 Nov 1994 08:49:37 GMT"}) {
            CAPTURE(text);
            CHECK_FALSE(parse_http_date(text, now).has_value());
        }
    }
}

} // namespace http_date_test
