// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Wanted values out of good answers, and a typed failure with its field out of all the others.
#include <cokino/wire/json_reader.hpp>
#include <cokino/wire/json_view.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace json_reader_test {

using namespace cokino::wire;
using cokino::errc;

/// The message of a failed read, or "ok".
std::string outcome(json_fields& f, std::string_view json)
{
    auto const read = f.read(json);
    if (read)
        return "ok";
    CHECK(read.error() == errc::answer_malformed);
    CHECK(read.error().sent() == cokino::fate::answered);
    return read.error().facts().message;
}

TEST_CASE("values are pulled from their paths into their targets")
{
    std::string id;
    std::string state;
    std::string second;
    std::int64_t code = -1;
    double progress = 0;
    bool done = false;
    json_fields f;
    f.need_text("data.task_id", id).string("data.task_status", state);
    f.string("data.videos[1].url", second).need_integer("code", code);
    f.number("data.progress", progress).boolean("done", done);
    auto const read = f.read(R"( {"code": 0, "extra": {"task_id": "no", "data": {"task_id": 1}},
        "data": {"task_id": "a-1", "task_status": "succeed", "progress": 0.75,
        "videos": [{"url": "first"}, {"x": [[{"url": "deep"}]], "url": "second"}, {"url": "third"}]
        }, "done": true} )");
    REQUIRE(read.has_value());
    CHECK(id == "a-1");
    CHECK(state == "succeed");
    CHECK(second == "second");
    CHECK(code == 0);
    CHECK(progress == 0.75);
    CHECK(done);
    CHECK(f.found("data.videos[1].url"));
    CHECK(!f.found("data.videos"));
}

TEST_CASE("arrays at the root and in arrays have their elements counted")
{
    std::string a;
    std::string b;
    json_fields f;
    f.string("[1][0]", a).string("[2].x[1].y", b);
    CHECK(outcome(f, R"([["no"],["yes","no"],{"x":[{"y":"no"},{"y":"this"},{"y":"no"}]}])") ==
          "ok");
    CHECK(a == "yes");
    CHECK(b == "this");
}

TEST_CASE("escapes in names and values are undone, in however many pieces they come")
{
    std::string text;
    std::string next;
    json_fields f;
    f.need_string("k\xC3\xA9y", text).string("list[1]", next);
    CHECK(
        outcome(f, R"({"k\u00e9y":"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00z","list":["\n","two"]})") ==
        "ok");
    CHECK(text == "a\"\\/\b\f\n\r\t\xC3\xA9\xF0\x9F\x98\x80z");
    CHECK(next == "two");
    std::string long_text;
    std::string expected;
    for (int i = 0; i != 5000; ++i) {
        long_text += "\\u4e2dab";
        expected += "\xE4\xB8\xAD"
                    "ab";
    }
    CHECK(outcome(f, "{\"k\xC3\xA9y\":\"" + long_text + "\",\"list\":[\"" + long_text +
                         "\",\"2\"]}") == "ok");
    CHECK(text == expected);
    CHECK(next == "2");
    // A name longer than any wanted one, in pieces, matches nothing.
    CHECK(outcome(f, "{\"" + long_text + "\":1,\"k\\u00e9y\":\"x\"}") == "ok");
    CHECK(text == "x");
}

TEST_CASE("a view is a view into the text, and never one of an escaped string")
{
    std::string_view v = "untouched";
    json_fields f;
    f.view("a", v);
    std::string const text = R"({"a":"here"})";
    CHECK(outcome(f, text) == "ok");
    CHECK(v == "here");
    CHECK(v.data() == text.data() + 6);
    v = "untouched";
    CHECK(outcome(f, R"({"a":"he\u0072e"})") == "ok");
    CHECK(v == "untouched");
    CHECK(!f.found("a"));
    CHECK(outcome(f, R"({"a":5})") == "ok");
    CHECK(v == "untouched");
    std::string const empty = R"({"a":""})";
    CHECK(outcome(f, empty) == "ok");
    CHECK(v.empty());
    CHECK(f.found("a"));
}

TEST_CASE("ids and codes are read as text from strings and from numbers")
{
    std::string id;
    json_fields f;
    f.need_text("id", id);
    struct row {
        const char* json;
        const char* text;
    };
    row const rows[] = {{R"({"id":"x"})", "x"},
                        {R"({"id":""})", ""},
                        {R"({"id":0})", "0"},
                        {R"({"id":-5})", "-5"},
                        {R"({"id":9223372036854775807})", "9223372036854775807"},
                        {R"({"id":18446744073709551615})", "18446744073709551615"},
                        {R"({"id":1.5})", "1.5"}};
    for (auto const& row : rows) {
        CAPTURE(row.json);
        CHECK(outcome(f, row.json) == "ok");
        CHECK(id == row.text);
    }
}

TEST_CASE("whole numbers are taken when they are whole and fit")
{
    std::int64_t n = 0;
    json_fields f;
    f.need_integer("n", n);
    struct row {
        const char* json;
        std::int64_t value;
    };
    row const good[] = {{R"({"n":0})", 0},
                        {R"({"n":-9223372036854775808})", INT64_MIN},
                        {R"({"n":9223372036854775807})", INT64_MAX},
                        {R"({"n":5.0})", 5},
                        {R"({"n":-3e2})", -300}};
    for (auto const& row : good) {
        CAPTURE(row.json);
        CHECK(outcome(f, row.json) == "ok");
        CHECK(n == row.value);
    }
    CHECK(outcome(f, R"({"n":9223372036854775808})") == "n: expected a whole number, out of range");
    CHECK(outcome(f, R"({"n":1e999})") == "n: expected a whole number, out of range");
    CHECK(outcome(f, R"({"n":5.5})") == "n: expected a whole number, found a number");
    CHECK(outcome(f, R"({"n":1e17})") == "n: expected a whole number, found a number");
    CHECK(outcome(f, R"({"n":"5"})") == "n: expected a whole number, found a string");
}

TEST_CASE("numbers are finite")
{
    double x = 0;
    json_fields f;
    f.need_number("x", x);
    CHECK(outcome(f, R"({"x":18446744073709551615})") == "ok");
    CHECK(x == 18446744073709551615.0);
    CHECK(outcome(f, R"({"x":-1})") == "ok");
    CHECK(x == -1);
    CHECK(outcome(f, R"({"x":1e999})") == "x: expected a number, out of range");
    CHECK(outcome(f, R"({"x":-1e999})") == "x: expected a number, out of range");
    CHECK(outcome(f, R"({"x":true})") == "x: expected a number, found true or false");
}

TEST_CASE("what is needed and absent or of another type is named")
{
    std::string s;
    bool b = false;
    json_fields f;
    f.need_string("a.s", s).need_boolean("a.b", b);
    CHECK(outcome(f, R"({"a":{"s":"x","b":false}})") == "ok");
    CHECK(outcome(f, R"({"a":{"s":"x"}})") == "a.b: missing");
    CHECK(outcome(f, R"({"a":{}})") == "a.s: missing");
    CHECK(outcome(f, R"({"a":null})") == "a.s: missing");
    CHECK(outcome(f, R"({"a":[{"s":"x","b":true}]})") == "a.s: missing");
    CHECK(outcome(f, R"({"s":"x","b":true})") == "a.s: missing");
    CHECK(outcome(f, "{}") == "a.s: missing");
    CHECK(outcome(f, "[]") == "a.s: missing");
    CHECK(outcome(f, "5") == "a.s: missing");
    CHECK(outcome(f, R"({"a":{"s":5}})") == "a.s: expected a string, found a number");
    CHECK(outcome(f, R"({"a":{"s":null}})") == "a.s: expected a string, found null");
    CHECK(outcome(f, R"({"a":{"s":true}})") == "a.s: expected a string, found true or false");
    CHECK(outcome(f, R"({"a":{"s":{}}})") == "a.s: expected a string, found an object");
    CHECK(outcome(f, R"({"a":{"s":["x"]}})") == "a.s: expected a string, found an array");
    CHECK(outcome(f, R"({"a":{"b":"true"}})") == "a.b: expected true or false, found a string");
    auto const read = f.read(R"({"a":{}})");
    CHECK(read.error().facts().field == "a.s");
}

TEST_CASE("a hint of another type is left alone")
{
    std::string s = "kept";
    std::string t = "kept";
    std::int64_t n = 7;
    double x = 7;
    bool b = true;
    json_fields f;
    f.string("s", s).text("t", t).integer("n", n).number("x", x).boolean("b", b);
    CHECK(outcome(f, R"({"s":5,"t":{},"n":"5","x":"5","b":0})") == "ok");
    CHECK(outcome(f, R"({"s":null,"t":null,"n":null,"x":null,"b":null})") == "ok");
    CHECK(outcome(f, R"({"s":["x"],"t":true,"n":1.5,"x":1e999,"b":[]})") == "ok");
    CHECK(outcome(f, R"({"n":18446744073709551615})") == "ok");
    CHECK(outcome(f, "{}") == "ok");
    CHECK(s == "kept");
    CHECK(t == "kept");
    CHECK(n == 7);
    CHECK(x == 7);
    CHECK(b);
    CHECK(!f.found("s"));
}

TEST_CASE("a wanted member that stands twice is refused, an unwanted one is not")
{
    std::string id;
    json_fields f;
    f.string("data.id", id);
    CHECK(outcome(f, R"({"data":{"id":"a","id":"b"}})") == "data.id: stands there twice");
    CHECK(outcome(f, R"({"data":{"id":"a","i\u0064":"b"}})") == "data.id: stands there twice");
    CHECK(outcome(f, R"({"data":{"id":"a"},"data":{}})") == "data.id: stands there twice");
    CHECK(outcome(f, R"({"data":null,"data":{"id":"a"}})") == "data.id: stands there twice");
    CHECK(outcome(f, R"({"x":1,"x":2,"data":{"id":"a","y":1,"y":1}})") == "ok");
}

TEST_CASE("what is no JSON is refused with its first bytes, redacted and capped")
{
    std::string id;
    json_fields f;
    f.string("id", id);
    char const* const texts[] = {
        "",
        " ",
        "{",
        "{\"id\":\"a\"",
        "{\"id\":\"a\"}}",
        "{\"id\":\"a\"}{}",
        "{\"id\":\"a\"} x",
        "{\"id\":'a'}",
        "{\"id\":\"a\",}",
        "{id:\"a\"}",
        "[1,]",
        "{\"id\":NaN}",
        "{\"id\":01}",
        "{\"id\":+1}",
        "{\"id\":1.}",
        "{\"id\":.5}",
        "nul",
        "// comment\n{}",
        "\xEF\xBB\xBF{}",
        "{\"id\":\"\xFF\"}",
        "{\"id\":\"\xC0\x80\"}",
        "{\"id\":\"\xED\xA0\x80\"}",
        "{\"id\":\"\\ud800\"}",
        "{\"id\":\"\\ud800\\u0041\"}",
        "{\"id\":\"\\udc00\"}",
        "{\"id\":\"\\x41\"}",
        "{\"id\":\"\\u12\"}",
        "{\"id\":\"a\nb\"}",
        "{\"other\":\"\xFF\"}",
        "<html><body>502 Bad Gateway</body></html>",
    };
    for (auto const* text : texts) {
        CAPTURE(text);
        CHECK(outcome(f, text).starts_with("not valid JSON ("));
    }
    auto const read =
        f.read("{\"prompt\":\"CANARY\",\"status\":\"OK\",\"x\":" + std::string(1000, '['));
    REQUIRE(!read);
    auto const& sample = read.error().facts().host_text;
    CHECK(sample.starts_with("{\"prompt\":\"***\",\"status\":\"OK\""));
    CHECK(sample.size() <= cokino::limits::sample_bytes_max + 3);
    CHECK(!f.read(std::string_view("{\"id\":\"a\0b\"}", 12)));
}

TEST_CASE("depth, size and numbers of members are bounded or harmless")
{
    std::string id;
    json_fields f;
    f.string("id", id);
    auto const nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    CHECK(outcome(f, nested(32)) == "ok");
    CHECK(outcome(f, nested(33)).starts_with("not valid JSON (too deep"));
    CHECK(outcome(f, nested(1'000'000 / 2)).starts_with("not valid JSON"));
    std::string objects;
    for (int i = 0; i != 40; ++i)
        objects += "{\"id\":";
    CHECK(outcome(f, objects).starts_with("not valid JSON"));
    std::string wide = "{";
    for (int i = 0; i != 60'000; ++i)
        wide += "\"k" + std::to_string(i) + "\":0,";
    CHECK(outcome(f, wide + "\"id\":\"last\"}") == "ok");
    CHECK(id == "last");
    auto const large = f.read("{\"id\":\"" + std::string(2000, 'x') + "\"}", 1000);
    CHECK(large.error() == errc::response_too_large);
    CHECK(f.read(" {} ", 4).has_value());
}

TEST_CASE("a table reads one text after another")
{
    std::string id;
    json_fields f;
    f.need_string("id", id);
    CHECK(outcome(f, R"({"id":"a"})") == "ok");
    CHECK(outcome(f, R"({})") == "id: missing");
    CHECK(!f.found("id"));
    CHECK(outcome(f, R"({"id":"b"})") == "ok");
    CHECK(id == "b");
    CHECK(f.found("id"));
}

TEST_CASE("a constant path is taken apart by the compiler, a bad one is a reported bug")
{
    static constexpr json_path good("data.videos[12].url");
    static_assert(good.valid());
    static_assert(!json_path("").valid());
    for (auto const* bad : {"", ".", "a.", ".a", "a..b", "a[", "a[]", "a[x]", "a[1", "a[1]b",
                            "a[12345]", "a[-1]", "a.b.c.d.e.f.g.h.i"}) {
        CAPTURE(bad);
        CHECK(!json_path(bad).valid());
        std::string to;
        json_fields f;
        f.string(bad, to);
        CHECK(f.read("{}").error() == errc::internal_error);
    }
    CHECK(json_path("a.b.c.d.e.f.g.h").valid());
    CHECK(!json_path(std::string(65, 'a')).valid());
    CHECK(json_path(std::string(64, 'a')).valid());
    std::string to;
    json_fields many;
    for (std::size_t i = 0; i != json_fields::fields_max; ++i)
        many.string("a", to);
    CHECK(many.read("{\"a\":\"x\"}").has_value());
    many.string("a", to);
    CHECK(many.read("{}").error() == errc::internal_error);
}

TEST_CASE("every cut of a good answer is refused or, where it is whole, read")
{
    std::string const text = R"({"a":{"id":"x\u00e9y","n":-1.5e3},"l":[true,null,{"z":"w"}]})";
    for (std::size_t size = 0; size != text.size(); ++size) {
        CAPTURE(size);
        std::string id;
        std::string z;
        double n = 0;
        json_fields f;
        f.string("a.id", id).number("a.n", n).string("l[2].z", z);
        REQUIRE(outcome(f, text.substr(0, size)).starts_with("not valid JSON"));
    }
}

/// Whether the reader takes a text, and whether Boost.JSON does. What a host sends is read by one
/// or by the other, so both must speak the same JSON. (They part at exponents of ten digits, which
/// no seed leads to: Boost.JSON refuses those, the reader calls the number out of range.)
void compare(const std::string& text)
{
    json_fields nothing;
    auto const ours = nothing.read(text).has_value();
    if (ours != json_document::parse(text).has_value()) {
        CAPTURE(text);
        CHECK(ours == !ours);
    }
}

TEST_CASE("the reader takes what Boost.JSON takes, however a text is broken")
{
    std::string const seeds[] = {
        R"({"a":{"id":"x\u00e9\ud83d\ude00y\n","n":-1.5e+3},"l":[true,null,false,{"":""}],"z":0})",
        R"( [ 0 , -0 , 10 , 1.25 , 2E-2 , [ ] , { } , "\"\\\/\b" , 123456789 ] )",
        "{\"k\xC3\xA9y\":\"\xE4\xB8\xAD\xF0\x9F\x98\x80 0123456789 0123456789\"}",
        "\"\\u0000\\uD83D\\uDE00\\uDC00\"",
        "-12.50",
    };
    static constexpr char special[] =
        "\0\x01\x1F\x7F\x80\xBF\xC0\xC2\xE0\xED\xF4\xFF\"\\/{}[],:+-.eEu0129dD tn \n";
    std::string_view const bytes(special, sizeof special - 1);
    for (auto const& seed : seeds) {
        compare(seed);
        for (std::size_t at = 0; at != seed.size(); ++at) {
            compare(seed.substr(0, at));
            compare(seed.substr(at));
            compare(std::string(seed).erase(at, 1));
            compare(std::string(seed).insert(at, 1, seed[at]));
            for (char const c : bytes) {
                std::string changed = seed;
                changed[at] = c;
                compare(changed);
                compare(std::string(seed).insert(at, 1, c));
            }
        }
    }
}

TEST_CASE("strings of every length and with a special byte at every place are read whole")
{
    for (std::size_t size = 0; size != 40; ++size)
        for (std::size_t at = 0; at <= size; ++at)
            for (std::string_view const special : {"", "\\n", "\xC3\xA9", "\x7F", "~", "!", "#"}) {
                std::string const text =
                    std::string(at, 'x').append(special) + std::string(size - at, 'y');
                std::string read;
                json_fields f;
                f.need_string("s", read);
                REQUIRE(outcome(f, "{\"s\":\"" + text + "\"}") == "ok");
                auto expected = text;
                if (special == "\\n")
                    expected.replace(at, 2, "\n");
                REQUIRE(read == expected);
            }
}

TEST_CASE("a number that is too small for a double is none, one that is too large is out of range")
{
    double x = 7;
    json_fields f;
    f.need_number("x", x);
    CHECK(outcome(f, R"({"x":1e-999})") == "ok");
    CHECK(x == 0);
    CHECK(outcome(f, R"({"x":-9223372036854775809})") == "ok");
    CHECK(x == -9223372036854775808.0);
    CHECK(outcome(f, R"({"x":18446744073709551616})") == "ok");
    CHECK(x == 18446744073709551616.0);
    CHECK(outcome(f, "{\"x\":1" + std::string(400, '0') + "}") ==
          "x: expected a number, out of range");
}

} // namespace json_reader_test
