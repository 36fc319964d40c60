// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Instants in ISO 8601.
#include <cokino/core/iso_date.hpp>

#include <doctest/doctest.h>

namespace iso_date_test {

using cokino::iso_date_text;
using cokino::parse_iso_date;
using std::chrono::seconds;
using std::chrono::sys_seconds;

std::int64_t read(std::string_view text)
{
    const auto at = parse_iso_date(text);
    return at ? at->time_since_epoch().count() : -1;
}

TEST_CASE("each form is read to the second")
{
    CHECK(read("2026-11-27") == 1795737600);
    CHECK(read("2026-11-27T12:00Z") == 1795780800);
    CHECK(read("2026-11-27T12:00:01Z") == 1795780801);
    CHECK(read("2026-11-27T12:00:01.9Z") == 1795780801);
    CHECK(read("2026-11-27T12:00:01.123456789Z") == 1795780801);
    CHECK(read("20261127T120001Z") == 1795780801);
    CHECK(read("1970-01-01T00:00:00Z") == 0);
    CHECK(read("2028-02-29T23:59:59Z") == 1835481599);
    CHECK(read("2016-12-31T23:59:60Z") == 1483228800); // a leap second
}

TEST_CASE("other forms, and what no calendar has, are refused")
{
    for (const char* text : {"",
                             "Z",
                             "2026",
                             "2026-11",
                             "2026-1-1",
                             "2026-13-01",
                             "2026-00-10",
                             "2026-02-29",
                             "2026-11-31",
                             "2026-11-27Z",
                             "2026-11-27T",
                             "2026-11-27T12Z",
                             "2026-11-27T24:00Z",
                             "2026-11-27T12:60Z",
                             "2026-11-27T12:00:61Z",
                             "2026-11-27T12:00:00",
                             "2026-11-27T12:00:00z",
                             "2026-11-27T12:00:00+00:00",
                             "2026-11-27 12:00:00Z",
                             "2026-11-27T12:00:00.Z",
                             "2026-11-27T12:00:00.1234567890Z",
                             "2026-11-27T12:00:00,5Z",
                             "2026-11-27T12:00:00.5xZ",
                             "20261127T120000",
                             "20261127",
                             "20261127T1200Z",
                             "20261127T120000ZZ",
                             "-026-11-27",
                             "+2026-11-27",
                             "2026/11/27",
                             " 2026-11-27",
                             "2026-11-27 ",
                             "99999-01-01"}) {
        CAPTURE(text);
        CHECK(read(text) == -1);
    }
}

TEST_CASE("what is written can be read back")
{
    CHECK(iso_date_text(sys_seconds(seconds(1795780801))) == "2026-11-27T12:00:01Z");
    for (std::int64_t at = -62'000'000'000; at < 253'402'300'800; at += 86'399 * 1009)
        CHECK(read(iso_date_text(sys_seconds(seconds(at)))) == at);
    CHECK(iso_date_text(sys_seconds::max()) == "9999-12-31T23:59:59Z");
    CHECK(iso_date_text(sys_seconds::min()) == "0000-01-01T00:00:00Z");
}

} // namespace iso_date_test
