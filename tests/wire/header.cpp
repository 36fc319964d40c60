// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Tables for the header values that the library reads: what parses, and what is as good as absent.
#include <cokino/wire/header.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace header_test {

using namespace cokino::wire;

TEST_CASE("a name is a token")
{
    CHECK(is_token("Content-Type"));
    CHECK(is_token("!#$%&'*+-.^_`|~09azAZ"));
    for (auto const* bad : {"", " ", "a b", "a:", "a\n", "a\r", "(a)", "a/b", "\"a\"", "\xC3\xA9",
                            "a\x7f", "a,", "a;", "a=", "a@", "{a}", "[a]", "a\\", "a?"}) {
        CAPTURE(bad);
        CHECK(!is_token(bad));
    }
    CHECK(!is_token(std::string_view("a\0b", 3)));
}

TEST_CASE("a value has no controls and no outer blanks")
{
    CHECK(is_field_value(""));
    CHECK(is_field_value("a b\tc \xFF"));
    for (auto const* bad : {" a", "a ", "\ta", "a\t", "a\rb", "a\nb", "\x01", "\x7f", " "}) {
        CAPTURE(bad);
        CHECK(!is_field_value(bad));
    }
    CHECK(!is_field_value(std::string_view("a\0b", 3)));
}

TEST_CASE("a media type is what stands before the parameters")
{
    CHECK(media_type("video/mp4") == "video/mp4");
    CHECK(media_type(" text/html ; charset=utf-8") == "text/html");
    CHECK(media_type("Application/JSON;x=\"a;b\"") == "Application/JSON");
    for (auto const* bad : {"", "video", "video/", "/mp4", "video/mp4/x", "vi deo/mp4", ";a=b"}) {
        CAPTURE(bad);
        CHECK(media_type(bad).empty());
    }
    CHECK(is_json_type("application/json"));
    CHECK(is_json_type("APPLICATION/JSON; charset=utf-8"));
    CHECK(is_json_type("application/problem+json"));
    CHECK(is_json_type("text/json"));
    CHECK(!is_json_type("application/jsonp"));
    CHECK(!is_json_type("text/html"));
    CHECK(!is_json_type("json"));
    CHECK(!is_json_type("+json"));
    CHECK(!is_json_type(""));
}

TEST_CASE("a Content-Length is digits, and several are one when they agree")
{
    CHECK(parse_content_length("0") == 0U);
    CHECK(parse_content_length(" 42 ") == 42U);
    CHECK(parse_content_length("18446744073709551615") == UINT64_MAX);
    CHECK(parse_content_length("5, 5,5") == 5U);
    for (auto const* bad : {"", " ", "+1", "-1", "1.0", "0x10", "1e3", "5,6", "5,", ",5", "5 5",
                            "18446744073709551616", "99999999999999999999999", "5a", "five"}) {
        CAPTURE(bad);
        CHECK(!parse_content_length(bad));
    }
}

TEST_CASE("a Content-Range says which bytes of how many")
{
    auto const whole = parse_content_range("bytes 0-99/200");
    REQUIRE(whole);
    CHECK(whole->first == 0);
    CHECK(whole->last == 99);
    CHECK(whole->total == 200U);
    CHECK(whole->size() == 100);
    CHECK(!whole->unsatisfied);
    auto const open = parse_content_range("Bytes 5-5/*");
    REQUIRE(open);
    CHECK(!open->total);
    CHECK(open->size() == 1);
    auto const none = parse_content_range("bytes */200");
    REQUIRE(none);
    CHECK(none->unsatisfied);
    CHECK(none->total == 200U);
    CHECK(none->size() == 0);
    for (auto const* bad :
         {"", "bytes", "bytes 0-99", "bytes=0-99/200", "items 0-99/200", "bytes 99-0/200",
          "bytes 0-200/200", "bytes 0-99/", "bytes */*", "bytes -99/200", "bytes 0-/200",
          "bytes 0-99/-1", "bytes 0-99/2OO", "bytes a-b/c", "bytes 0-99/200, bytes 5-6/200",
          "bytes 0-18446744073709551615/*", "bytes 0-18446744073709551616/*", "bytes 0 - 9/10"}) {
        CAPTURE(bad);
        CHECK(!parse_content_range(bad));
    }
}

TEST_CASE("Accept-Ranges offers bytes when it lists them")
{
    CHECK(accepts_byte_ranges("bytes"));
    CHECK(accepts_byte_ranges("items, Bytes"));
    CHECK(!accepts_byte_ranges("none"));
    CHECK(!accepts_byte_ranges(""));
    CHECK(!accepts_byte_ranges("kilobytes"));
}

TEST_CASE("only equal and strong tags vouch for the very bytes")
{
    auto const tag = [](const char* text) { return parse_entity_tag(text); };
    auto const strong = tag("\"abc\"");
    auto const weak = tag("W/\"abc\"");
    REQUIRE(strong);
    REQUIRE(weak);
    CHECK(!strong->weak);
    CHECK(weak->weak);
    CHECK(strong->opaque == "\"abc\"");
    CHECK(weak->opaque == "\"abc\"");
    CHECK(strong->strongly_equals(*tag(" \"abc\" ")));
    CHECK(!strong->strongly_equals(*tag("\"abd\"")));
    CHECK(!strong->strongly_equals(*weak));
    CHECK(!weak->strongly_equals(*weak));
    CHECK(tag("\"\""));
    CHECK(tag("\"\xC3\xA9-5\""));
    for (auto const* bad : {"", "abc", "\"", "\"abc", "abc\"", "w/\"abc\"", "W/abc", "\"a\"b\"",
                            "\"a b\"", "\"a\r\"", "\"a\", \"b\""}) {
        CAPTURE(bad);
        CHECK(!tag(bad));
    }
}

} // namespace header_test
