// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Numbers survive the way to text and back, in every locale.
#include <cokino/core/random_source.hpp>
#include <cokino/core/text.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <chrono>
#include <clocale>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>

namespace text_test {

using namespace cokino::detail;
using namespace std::chrono_literals;

TEST_SUITE("core/text")
{
    TEST_CASE("letters are compared without case, and only ASCII letters")
    {
        CHECK(iequals("Retry-After", "retry-AFTER"));
        CHECK_FALSE(iequals("a", "ab"));
        CHECK_FALSE(iequals("[", "{")); // 0x5B and 0x7B differ by the case bit
        CHECK(istarts_with("Bearer x", "bearer "));
        CHECK_FALSE(istarts_with("Be", "bearer"));
        CHECK(ifind("text/HTML; charset", "html") == 5);
        CHECK(ifind("abc", "d") == std::string_view::npos);
        CHECK(ifind("abc", "") == 0);
    }

    TEST_CASE("trim and take_until cut where they say")
    {
        CHECK(trim(" \t a b \t") == "a b");
        CHECK(trim(" \t").empty());
        std::string_view list = "a,b,,c";
        CHECK(take_until(list, ',') == "a");
        CHECK(take_until(list, ',') == "b");
        CHECK(take_until(list, ',').empty());
        CHECK(take_until(list, ',') == "c");
        CHECK(list.empty());
    }

    TEST_CASE("integers are written at both ends of their range")
    {
        CHECK(to_text(0) == "0");
        CHECK(to_text(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
        CHECK(to_text(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
    }

    TEST_CASE("decimals are short where they can be")
    {
        CHECK(to_text(0.5) == "0.5");
        CHECK(to_text(0.1) == "0.1");
        CHECK(to_text(-7.25) == "-7.25");
        CHECK(to_text(0.005) == "0.005");
        CHECK(to_text(-0.007) == "-0.007");
        CHECK(to_text(10.0) == "10");
        CHECK(to_text(0.0) == "0");
        CHECK(to_text(-0.0) == "-0");
        CHECK(to_text(0.1 + 0.2) == "0.30000000000000004");
        CHECK(to_text(1e300) == "1e+300");
        CHECK(to_text(std::nan("")) == "null");
        CHECK(to_text(std::numeric_limits<double>::infinity()) == "null");
    }

    TEST_CASE("every finite value reads back as itself")
    {
        cokino::random_source random(11);
        int tried = 0;
        while (tried < 20'000) {
            const double value = tried % 2 == 0
                                     ? std::bit_cast<double>(random.next())
                                     : static_cast<double>(random.below(2'000'000)) / 1000 - 1000;
            ++tried;
            if (!std::isfinite(value))
                continue;
            const std::string text = to_text(value);
            CAPTURE(text);
            REQUIRE(std::strtod(text.c_str(), nullptr) == value);
        }
    }

    TEST_CASE("a locale with a decimal comma changes nothing")
    {
        // Not every machine has one; where none is installed the case still checks the default.
        for (const char* name : {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "ps_AF.UTF-8"})
            if (std::setlocale(LC_NUMERIC, name) != nullptr)
                break;
        const std::string third = to_text(1.0 / 3);
        const auto half = parse_decimal("0.5");
        std::setlocale(LC_NUMERIC, "C");
        CHECK(third == "0.3333333333333333");
        CHECK(half == 0.5);
    }

    TEST_CASE("parse_integer takes a whole number and nothing else")
    {
        CHECK(parse_integer<int>("-12") == -12);
        CHECK_FALSE(parse_integer<int>(""));
        CHECK_FALSE(parse_integer<int>(" 1"));
        CHECK_FALSE(parse_integer<int>("+1"));
        CHECK_FALSE(parse_integer<int>("1x"));
        CHECK_FALSE(parse_integer<unsigned>("-1"));
        CHECK_FALSE(parse_integer<int>("2147483648"));
    }

    TEST_CASE("parse_decimal takes a decimal number and nothing else")
    {
        CHECK(parse_decimal("0") == 0.0);
        CHECK(parse_decimal("-1.5") == -1.5);
        CHECK(parse_decimal("0.1") == 0.1);
        CHECK(parse_decimal("2e3") == 2000.0);
        CHECK(parse_decimal("25E-1") == 2.5);
        CHECK(parse_decimal("1e+2") == 100.0);
        CHECK(parse_decimal("123456789012345") == 123456789012345.0);
        for (const char* bad : {"", "-", ".5", "5.", "1.e3", "1e", "1e9999", "1,5", "0x10", "nan",
                                "inf", "1 ", "+1", "1e+-2", "1e++2"}) {
            CAPTURE(bad);
            CHECK_FALSE(parse_decimal(bad).has_value());
        }
        CHECK_FALSE(parse_decimal(std::string(400, '9')).has_value());
        CHECK(parse_decimal("0." + std::string(400, '3')).value() == doctest::Approx(1.0 / 3));
    }

    TEST_CASE("spans of time are written as people read them")
    {
        CHECK(duration_text(0ms) == "0 ms");
        CHECK(duration_text(999ms) == "999 ms");
        CHECK(duration_text(4230ms) == "4.2 s");
        CHECK(duration_text(120s) == "2 min");
        CHECK(duration_text(150s) == "2 min 30 s");
        CHECK(duration_text(10min) == "10 min");
        CHECK(duration_text(65min) == "1 h 5 min");
        CHECK(duration_text(48h) == "48 h");
        CHECK(duration_text(-1500ms) == "-1.5 s");
    }
}

} // namespace text_test
