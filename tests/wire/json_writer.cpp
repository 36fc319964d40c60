// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What the writer writes is read back by Boost.JSON; escapes and UTF-8 are tried at every offset
// from a block's beginning, because the escaper goes by blocks.
#include <cokino/wire/json_writer.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <string_view>

namespace json_writer_test {

using namespace cokino::wire;
using cokino::errc;

std::string quoted(std::string_view text)
{
    std::string out;
    return append_json_string(out, text) ? out : "refused";
}

TEST_CASE("objects, arrays and values come out with commas where they belong")
{
    std::string out;
    json_writer w(out);
    w.begin_object().member("a", 1).member("b", "x").begin_object("c").end_object();
    w.begin_array("d").value(true).value(false).null().begin_array().end_array();
    w.begin_object().member("e", -2).end_object().raw("{\"f\":3}").end_array();
    w.raw_member("g", "[4]").member("h", std::string("y")).key("i").value(5U).end_object();
    CHECK(w.finish().has_value());
    CHECK(out == R"({"a":1,"b":"x","c":{},"d":[true,false,null,[],{"e":-2},{"f":3}],)"
                 R"("g":[4],"h":"y","i":5})");
}

TEST_CASE("names known only at run time are escaped, names in literals are written as they are")
{
    std::string out;
    json_writer w(out);
    std::string const name = "q\"\\\n\xC3\xA9";
    w.begin_object()
        .member(name, 1)
        .member(std::string_view("v"), 2)
        .begin_array(std::string_view("w"));
    w.end_array().begin_object(std::string_view("x")).end_object();
    w.raw_member(name, "3").member("plain name!", 4).end_object();
    CHECK(w.finish().has_value());
    CHECK(out == "{\"q\\\"\\\\\\n\xC3\xA9\":1,\"v\":2,\"w\":[],\"x\":{},"
                 "\"q\\\"\\\\\\n\xC3\xA9\":3,\"plain name!\":4}");
}

TEST_CASE("a value is written behind what the string holds already")
{
    std::string out = "before ";
    {
        json_writer w(out);
        w.value("x");
    } // a lone value is complete when the writer goes
    CHECK(out == "before \"x\"");
    json_writer w(out);
    w.begin_array().value(1).end_array();
    CHECK(out == "before \"x\"[1]"); // complete without finish()
}

TEST_CASE("numbers are written in full, at both ends of their types")
{
    std::string out;
    json_writer w(out);
    w.begin_array();
    w.value(std::numeric_limits<std::int64_t>::min())
        .value(std::numeric_limits<std::int64_t>::max());
    w.value(std::numeric_limits<std::uint64_t>::max())
        .value(short{-5})
        .value(0.5)
        .value(0.1F + 0.0F);
    w.value(1e300).value(-0.25).value(5.0).end_array();
    REQUIRE(w.finish().has_value());
    CHECK(
        out.starts_with("[-9223372036854775808,9223372036854775807,18446744073709551615,-5,0.5,"));
    auto const back = boost::json::parse(out).as_array();
    CHECK(back[6].to_number<double>() == 1e300);
    CHECK(back[7].to_number<double>() == -0.25);
    CHECK(back[8].to_number<double>() == 5.0);
}

TEST_CASE("every character that needs an escape gets one, at every place in a block")
{
    for (std::size_t before = 0; before != 40; ++before) {
        for (int c = 0; c != 0x80; ++c) {
            std::string text(before, 'x');
            text += static_cast<char>(c);
            text += "yz";
            auto const out = quoted(text);
            auto const plain = c >= 0x20 && c != '"' && c != '\\';
            if (plain)
                REQUIRE(out == "\"" + text + "\"");
            else
                REQUIRE(out.size() > text.size() + 2);
            boost::system::error_code ec;
            auto const back = boost::json::parse(out, ec);
            REQUIRE(!ec);
            REQUIRE(std::string_view(back.as_string()) == text);
        }
    }
    CHECK(quoted("\"\\\n\r\t\b\f/\x01\x1f\x7f") ==
          "\"\\\"\\\\\\n\\r\\t\\b\\f/\\u0001\\u001f\x7f\"");
    CHECK(quoted(std::string_view("a\0b", 3)) == "\"a\\u0000b\"");
    CHECK(quoted("") == "\"\"");
    CHECK(quoted(std::string(5000, '"')).size() == 10002);
}

TEST_CASE("well-formed UTF-8 stays as it is, and everything else is refused, at every place")
{
    char const* const good[] = {
        "\xC2\x80",         "\xDF\xBF",     "\xE0\xA0\x80",     "\xED\x9F\xBF",
        "\xEE\x80\x80",     "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF",
        "\xE4\xB8\xAD\xE6", // cut: see below
    };
    char const* const bad[] = {
        "\x80",
        "\xBF",
        "\xC0\x80",
        "\xC1\xBF",
        "\xC2",
        "\xC2x",
        "\xE0\x9F\xBF",
        "\xE0\xA0",
        "\xE0\xA0x",
        "\xED\xA0\x80",
        "\xED\xBF\xBF",
        "\xE4\xB8",
        "\xF0\x8F\xBF\xBF",
        "\xF0\x90\x80",
        "\xF4\x90\x80\x80",
        "\xF5\x80",
        "\xFE",
        "\xFF",
        "\xF8\x88\x80\x80",
        "\xC2\xC2",
    };
    for (std::size_t before = 0; before != 20; ++before) {
        std::string const front(before, 'x');
        for (std::size_t i = 0; i + 1 != std::size(good); ++i) {
            CAPTURE(i);
            REQUIRE(quoted(front + good[i] + "y") == "\"" + front + good[i] + "y\"");
            REQUIRE(quoted(front + good[i]) == "\"" + front + good[i] + "\"");
        }
        REQUIRE(quoted(front + good[std::size(good) - 1]) == "refused");
        for (auto const* text : bad) {
            CAPTURE(text);
            REQUIRE(quoted(front + text) == "refused");
            REQUIRE(quoted(front + text + std::string(20, 'y')) == "refused");
        }
    }
    std::string out = "kept";
    CHECK(!append_json_string(out, "a\xFF"));
    CHECK(out == "kept");
}

TEST_CASE("the first member that cannot be written is named")
{
    std::string out;
    json_writer w(out);
    w.begin_object()
        .member("prompt", "fine")
        .member("negative_prompt", "a\xFF"
                                   "b");
    w.member("cfg_scale", std::numeric_limits<double>::infinity()).end_object();
    CHECK(!w.ok());
    CHECK(w.bad_field() == "negative_prompt");
    auto const written = w.finish();
    REQUIRE(!written);
    CHECK(written.error() == errc::invalid_argument);
    CHECK(written.error().facts().field == "negative_prompt");
    CHECK(written.error().facts().message.find("UTF-8") != std::string::npos);
}

TEST_CASE("numbers that are not finite, empty raw JSON and broken names are refused")
{
    struct bad {
        std::string field;
        void (*write)(json_writer&);
    };
    bad const rows[] = {
        {"n", [](json_writer& w) { w.member("n", std::numeric_limits<double>::quiet_NaN()); }},
        {"i", [](json_writer& w) { w.member("i", -std::numeric_limits<float>::infinity()); }},
        {"r", [](json_writer& w) { w.raw_member("r", ""); }},
        {"list", [](json_writer& w) { w.begin_array("list").value("\xFF").end_array(); }},
        {"f\\\"g", [](json_writer& w) { w.member(std::string("f\"g"), "\xFF"); }},
    };
    for (auto const& row : rows) {
        CAPTURE(row.field);
        std::string out;
        json_writer w(out);
        w.begin_object();
        row.write(w);
        w.end_object();
        auto const written = w.finish();
        REQUIRE(!written);
        CHECK(written.error().facts().field == row.field);
    }
    std::string out;
    json_writer w(out);
    w.begin_object().member(std::string("\xFF"), 1).end_object();
    CHECK(!w.finish());
}

TEST_CASE("an object left open is a bug that is reported")
{
    std::string out;
    json_writer w(out);
    w.begin_object().begin_array("a");
    CHECK(w.finish().error() == errc::internal_error);
}

TEST_CASE("a finished string may be moved away before the writer goes")
{
    std::string out;
    std::string taken;
    {
        json_writer w(out);
        w.begin_object().member("a", 1).end_object();
        taken = std::move(out);
        out.clear();
    }
    CHECK(taken == "{\"a\":1}");
    {
        json_writer w(out);
        w.value("lone");
        CHECK(w.finish().has_value());
        taken = std::move(out);
        out.clear();
    }
    CHECK(taken == "\"lone\"");
    CHECK(out.empty());
}

TEST_CASE("a string that has grown once is written to without an allocation")
{
    std::string out;
    auto const write = [&out] {
        json_writer w(out);
        w.begin_object().member("prompt", std::string_view("0123456789\n")).member("n", 0.5);
        w.end_object();
    };
    write();
    out.clear();
    auto const* const place = out.data();
    auto const capacity = out.capacity();
    for (int i = 0; i != 10; ++i) {
        out.clear();
        write();
    }
    CHECK(out.data() == place);
    CHECK(out.capacity() == capacity);
    CHECK(out == "{\"prompt\":\"0123456789\\n\",\"n\":0.5}");
}

} // namespace json_writer_test
