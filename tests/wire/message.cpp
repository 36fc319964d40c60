// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Request heads: what goes out byte for byte, what never goes out, and where a key may go.
// Responses: fields by name, and a buffer that is used again.
#include <cokino/core/limits.hpp>
#include <cokino/wire/message.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace message_test {

using cokino::errc;
using namespace cokino::wire;

url link(const char* text) { return *url::parse(text); }

credential key_for(const char* link_text, std::string key)
{
    credential c;
    c.prefix = "Key ";
    c.key = cokino::secret(std::move(key));
    c.bound_to = link(link_text).where();
    return c;
}

TEST_CASE("a head is the request line, Host and the fields in their order")
{
    head_builder b(method::post, link("https://api.example:8443/v1/tasks?x=1"));
    b.field("Accept", "application/json").field("Content-Type", "application/json");
    auto const head = b.build();
    REQUIRE(head.has_value());
    CHECK((*head)->bytes() == "POST /v1/tasks?x=1 HTTP/1.1\r\nHost: api.example:8443\r\n"
                              "Accept: application/json\r\nContent-Type: application/json\r\n");
    CHECK((*head)->bytes_for_proxy() ==
          "POST https://api.example:8443/v1/tasks?x=1 HTTP/1.1\r\nHost: api.example:8443\r\n"
          "Accept: application/json\r\nContent-Type: application/json\r\n");
    CHECK((*head)->method() == method::post);
    CHECK((*head)->url() == link("https://api.example:8443/v1/tasks?x=1"));
    CHECK(!(*head)->carries_key());
}

TEST_CASE("each method has its own word")
{
    std::vector<std::string> words;
    for (auto const m :
         {method::get, method::head, method::post, method::put, method::patch, method::delete_}) {
        auto const head = head_builder(m, link("http://[::1]/")).build();
        REQUIRE(head.has_value());
        words.push_back((*head)->bytes());
    }
    CHECK(words[0] == "GET / HTTP/1.1\r\nHost: [::1]\r\n");
    CHECK(words[1].starts_with("HEAD / "));
    CHECK(words[2].starts_with("POST / "));
    CHECK(words[3].starts_with("PUT / "));
    CHECK(words[4].starts_with("PATCH / "));
    CHECK(words[5].starts_with("DELETE / "));
}

TEST_CASE("a name or value that could end its line is refused and not shown")
{
    struct row {
        std::string_view name;
        std::string_view value;
    };
    using namespace std::string_view_literals;
    row const rows[] = {
        {"X-A", "b\r\nX-Evil: 1"},
        {"X-A", "b\nX-Evil: 1"},
        {"X-A", "b\r"},
        {"X-A", "b\0c"sv},
        {"X-A", "\x1b[31m"},
        {"X-A", "\x7f"},
        {"X-A", " b"},
        {"X-A", "b "},
        {"X-A", "\tb"},
        {"X-A\r\nX-Evil", "1"},
        {"X-A\nX-Evil", "1"},
        {"X A", "1"},
        {"X-A:", "1"},
        {"X-\xC3\xA9", "1"},
        {"X\0A"sv, "1"},
        {"(X)", "1"},
        {"", "1"},
        {"Host", "evil.example"},
        {"hOST", "evil.example"},
        {"Content-Length", "5"},
        {"Transfer-Encoding", "chunked"},
        {"Connection", "close"},
        {"Upgrade", "h2c"},
        {"Expect", "100-continue"},
        {"Proxy-Authorization", "Basic x"},
    };
    for (auto const& row : rows) {
        CAPTURE(row.name);
        CAPTURE(row.value);
        auto const head = head_builder(method::get, link("https://h/"))
                              .field("Accept", "*/*")
                              .field(row.name, row.value)
                              .build();
        REQUIRE(!head);
        CHECK(head.error() == errc::request_malformed);
        CHECK(head.error().facts().message.find("Evil") == std::string::npos);
        std::string fields = "A: b\r\n";
        auto const added = append_field(fields, row.name, row.value);
        REQUIRE(!added);
        CHECK(added.error() == errc::request_malformed);
        CHECK(fields == "A: b\r\n");
    }
}

TEST_CASE("the first mistake is the one reported")
{
    auto const head = head_builder(method::get, link("https://h/"))
                          .field("X-First", "a\rb")
                          .field("X-Second", "a\rb")
                          .build();
    REQUIRE(!head);
    CHECK(head.error().facts().field == "X-First");
}

TEST_CASE("values may hold tabs inside and bytes beyond ASCII, and be empty")
{
    std::string fields;
    CHECK(append_field(fields, "Range", "bytes=5-").has_value());
    CHECK(append_field(fields, "X-Name", "a\tb \xC3\xA9").has_value());
    CHECK(append_field(fields, "X-Empty", "").has_value());
    CHECK(fields == "Range: bytes=5-\r\nX-Name: a\tb \xC3\xA9\r\nX-Empty: \r\n");
}

TEST_CASE("heads have a greatest number of fields and bytes")
{
    head_builder many(method::get, link("https://h/"));
    for (std::size_t i = 0; i != cokino::limits::header_count_max; ++i)
        many.field("X-A", "b");
    CHECK(many.build().error() == errc::request_malformed);
    head_builder large(method::get, link("https://h/"));
    large.field("X-A", std::string(cokino::limits::header_bytes_max, 'a'));
    CHECK(large.build().error() == errc::request_malformed);
    std::string fields;
    CHECK(!append_field(fields, "X-A", std::string(cokino::limits::header_bytes_max, 'a')));
    CHECK(fields.empty());
}

TEST_CASE("a head is built once, and never for an empty URL")
{
    head_builder b(method::get, link("https://h/"));
    CHECK(b.build().has_value());
    CHECK(b.field("A", "b").build().error() == errc::internal_error);
    CHECK(head_builder(method::get, url()).build().error() == errc::request_malformed);
}

TEST_CASE("a key is written for its own origin")
{
    auto const key = key_for("https://api.example/", "CANARY-KEY");
    head_builder b(method::get, link("https://api.example:443/v1"));
    auto const head = b.authorize(key).field("A", std::string(2000, 'a')).build();
    REQUIRE(head.has_value());
    CHECK((*head)->carries_key());
    CHECK((*head)->bytes().find("Authorization: Key CANARY-KEY\r\n") != std::string::npos);
}

TEST_CASE("a key goes to no other origin, and into no error")
{
    auto const key = key_for("https://api.example/", "CANARY-KEY");
    for (auto const* other :
         {"http://api.example/", "https://api.example:8443/", "https://api.example.evil/",
          "https://evil.example/api.example", "https://127.0.0.1/", "https://xapi.example/"}) {
        CAPTURE(other);
        auto const head = head_builder(method::get, link(other)).authorize(key).build();
        REQUIRE(!head);
        CHECK(head.error() == errc::link_refused);
        CHECK(head.error().describe().find("CANARY") == std::string::npos);
    }
}

TEST_CASE("an empty key is a missing one, and a key with a line break is refused unseen")
{
    auto const none = key_for("https://h/", "");
    auto const without = head_builder(method::get, link("https://h/")).authorize(none).build();
    CHECK(without.error() == errc::missing_credential);
    auto const broken = key_for("https://h/", "CANARY\r\nX-Evil: 1");
    auto const refused = head_builder(method::get, link("https://h/")).authorize(broken).build();
    REQUIRE(!refused);
    CHECK(refused.error() == errc::request_malformed);
    CHECK(refused.error().facts().field == "Authorization");
    CHECK(refused.error().describe().find("CANARY") == std::string::npos);
}

TEST_CASE("a response finds its fields without regard to case, the first of several")
{
    response r;
    r.status = 200;
    r.add_field("Content-Type", "video/mp4");
    r.add_field("X-Twice", "one");
    r.add_field("x-twice", "two");
    r.add_field("X-Empty", "");
    r.append_body("bo");
    r.append_body("dy");
    CHECK(r.field("content-TYPE") == "video/mp4");
    CHECK(r.field("X-TWICE") == "one");
    CHECK(r.field("content-typ").empty());
    CHECK(r.field("").empty());
    CHECK(r.has_field("x-empty"));
    CHECK(r.field("x-empty").empty());
    CHECK(!r.has_field("x-none"));
    CHECK(r.body() == "body");
    CHECK(r.body_bytes() == 4);
    std::string all;
    r.for_each_field([&](std::string_view name, std::string_view value) {
        all.append(name).append("=").append(value).append(";");
    });
    CHECK(all == "content-type=video/mp4;x-twice=one;x-twice=two;x-empty=;");
}

TEST_CASE("no field can forge another or reach the body")
{
    using namespace std::string_view_literals;
    response r;
    r.add_field("A", "1\nb\0002"sv);
    r.add_field("C\nd\0e"sv, "3\r");
    r.append_body("x");
    CHECK(r.field("a") == "1\nb\0002"sv);
    CHECK(!r.has_field("b"));
    CHECK(r.field("C\nD\0E"sv) == "3\r");
    CHECK(r.body() == "x");
    r.add_field("Late", "4"); // behind a body that has begun
    CHECK(r.field("late") == "4");
    CHECK(r.body() == "x");
}

TEST_CASE("names are stored in lower case whatever their length")
{
    std::string every;
    for (int c = 1; c != 256; ++c)
        every += static_cast<char>(c);
    for (std::size_t size = 0; size <= every.size(); ++size) {
        auto const name = every.substr(every.size() - size);
        auto expected = name;
        for (char& c : expected)
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        response r;
        r.add_field(name, "v");
        std::string stored;
        r.for_each_field([&](std::string_view n, std::string_view) { stored = n; });
        REQUIRE(stored == expected);
    }
}

TEST_CASE("a response's buffer goes round without a new allocation")
{
    response r;
    std::string buffer;
    buffer.reserve(4096);
    buffer = "the request's body";
    auto const* const place = buffer.data();
    r.start(std::move(buffer));
    CHECK(r.body().empty());
    r.status = 200;
    r.add_field("a", "b");
    r.append_body(std::string(1000, 'x'));
    auto back = r.release();
    CHECK(back.data() == place);
    CHECK(r.body().empty());
    r.start(std::move(back));
    CHECK(r.status == 0);
    CHECK(!r.has_field("a"));
    CHECK(r.release().data() == place);
}

TEST_CASE("a response made by hand has its type and body")
{
    auto const r = make_response(404, "{}");
    CHECK(r.status == 404);
    CHECK(!r.ok());
    CHECK(r.field("Content-Type") == "application/json");
    CHECK(r.body() == "{}");
    CHECK(make_response(299, "", "").ok());
    CHECK(!make_response(300, "", "").ok());
    CHECK(!make_response(200, "", "").has_field("content-type"));
}

} // namespace message_test
