// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The script is followed to the letter, and what does not come is told with the test's own line.

#include <cokino/testing/scripted_transport.hpp>

#include "support/async_test.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace scripted_transport_test {

using namespace cokino;
using namespace cokino::testing;
using namespace cokino::testing::support;
using namespace std::chrono_literals;
using wire::method;

wire::request request(method m, const std::string& url, std::string body = {},
                      const std::string& key = {})
{
    wire::head_builder head(m, wire::url::parse(url).value());
    if (!key.empty())
        head.field("X-Api-Key", key);
    return wire::request(head.build().value(), std::move(body));
}

wire::request get(const std::string& url) { return request(method::get, url); }

/// All of an open body, piece by piece; and how it ended.
struct read_body {
    read_body() = default;
    std::vector<std::string> pieces;
    std::optional<failure> end;
};

awaitable<read_body> read_all(net::transport& net, wire::request r)
{
    read_body out;
    auto stream = co_await net.open(std::move(r));
    if (!stream) {
        out.end = stream.error();
        co_return out;
    }
    std::array<char, 64> buffer{};
    for (;;) {
        auto got = co_await (*stream)->read_some(asio::buffer(buffer));
        if (!got) {
            out.end = got.error();
            co_return out;
        }
        if (*got == 0)
            co_return out;
        out.pieces.emplace_back(buffer.data(), *got);
    }
}

awaitable<result<wire::response>> hearing_total(net::transport& net, wire::request r)
{
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    co_await asio::this_coro::throw_if_cancelled(false);
    auto answer = co_await net.exchange(std::move(r));
    co_return answer;
}

TEST_CASE("expected requests get their answers, in order")
{
    virtual_test t;
    scripted_transport net;
    net.expect(method::post, "/v1/*").with_body("\"prompt\":\"a\"").reply(200, R"({"id":1})");
    net.expect(method::get, "/v1/jobs/*?logs=1").reply(429, {}, {{"Retry-After", "3"}});
    net.expect(method::get, "https://files.example/*.mp4")
        .reply(200, "clip", {{"content-type", "video/mp4"}});

    const auto first = t.outcome(
        net.exchange(request(method::post, "https://api.example/v1/x", R"({"prompt":"a"})")));
    REQUIRE(first.has_value());
    CHECK(first->status == 200);
    CHECK(first->body() == R"({"id":1})");
    CHECK(first->field("content-type") == "application/json");
    CHECK(first->field("Content-Length") == "8");
    const auto second = t.outcome(net.exchange(get("https://api.example/v1/jobs/1?logs=1")));
    REQUIRE(second.has_value());
    CHECK(second->status == 429);
    CHECK(second->field("retry-after") == "3");
    const auto third = t.outcome(net.exchange(get("https://files.example/a/b.mp4")));
    REQUIRE(third.has_value());
    CHECK(third->field("content-type") == "video/mp4");
    CHECK(net.verify() == "");
    REQUIRE(net.seen().size() == 3);
    CHECK(net.seen()[0].body == R"({"prompt":"a"})");
    CHECK(net.seen()[1].target == "/v1/jobs/1?logs=1");
}

TEST_CASE("an unexpected request fails unsent, and the text names what was expected and where")
{
    virtual_test t;
    scripted_transport net;
    const int line = __LINE__ + 1;
    net.expect(method::post, "/v1/submit").with_body("duration");
    const auto answer =
        t.outcome(net.exchange(request(method::post, "https://api.example/v1/submit", "{}")));
    REQUIRE(answer.has_error());
    CHECK(answer.error() == errc::internal_error);
    CHECK(answer.error().sent() == fate::not_sent);
    CHECK(answer.error().facts().message.find("lacks duration") != std::string::npos);
    const std::string wrong = net.verify();
    const std::string here = "scripted_transport.cpp:" + std::to_string(line);
    CHECK(wrong.find("unexpected POST https://api.example/v1/submit") != std::string::npos);
    CHECK(wrong.find(here) != std::string::npos);
    CHECK(wrong.find("which never came") != std::string::npos);
}

TEST_CASE("method, field and order are all minded, and none of them twice")
{
    virtual_test t;
    scripted_transport net;
    net.expect(method::get, "/one").with_field("x-api-key", "k");
    net.expect(method::get, "/two").without_field("x-api-key");
    const auto other_method =
        t.outcome(net.exchange(request(method::put, "https://a.example/one")));
    const auto no_key = t.outcome(net.exchange(get("https://a.example/one")));
    const auto too_early = t.outcome(net.exchange(get("https://a.example/two")));
    const auto right =
        t.outcome(net.exchange(request(method::get, "https://a.example/one", {}, "k")));
    const auto leak =
        t.outcome(net.exchange(request(method::get, "https://a.example/two", {}, "k")));
    const auto clean = t.outcome(net.exchange(get("https://a.example/two")));
    const auto more = t.outcome(net.exchange(get("https://a.example/two")));
    CHECK(other_method.has_error());
    CHECK(no_key.has_error());
    CHECK(too_early.has_error());
    CHECK(right.has_value());
    CHECK(leak.has_error());
    CHECK(clean.has_value());
    REQUIRE(more.has_error());
    CHECK(more.error().facts().message.find("nothing more") != std::string::npos);
    CHECK(net.verify().find("the method differs") != std::string::npos);
}

TEST_CASE("in any order the first step that fits is taken, as often as it may be")
{
    virtual_test t;
    scripted_transport net;
    net.any_order();
    net.expect(method::get, "/status").times(2).reply(202);
    net.expect(method::get, "/*").reply(200);
    const auto a = t.outcome(net.exchange(get("https://a.example/else")));
    const auto b = t.outcome(net.exchange(get("https://a.example/status")));
    CHECK(net.verify().find("to come 2 times, it came 1") != std::string::npos);
    const auto c = t.outcome(net.exchange(get("https://a.example/status")));
    CHECK(a->status == 200);
    CHECK(b->status == 202);
    CHECK(c->status == 202);
    CHECK(net.verify() == "");
}

TEST_CASE("a failure comes with its fate after its delay, and the request's limits hold")
{
    virtual_test t;
    scripted_transport net;
    net.expect(method::get, "/").delay(3s).fail(errc::connection_lost, fate::maybe_sent);
    net.expect(method::get, "/").delay(1s).fail(errc::connect_failed, fate::not_sent);
    net.expect(method::get, "/").delay(1h).reply(200);
    auto lost = t.start(net.exchange(get("https://a.example/")));
    t.finish(lost);
    const auto lost_answer = lost.outcome();
    CHECK(lost_answer.error() == errc::connection_lost);
    CHECK(lost_answer.error().sent() == fate::maybe_sent);
    CHECK(lost.took() == 3s);
    const auto refused = t.outcome(net.exchange(get("https://a.example/")));
    CHECK(refused.error() == errc::connect_failed);
    CHECK(refused.error().sent() == fate::not_sent);
    auto late = t.start(net.exchange(get("https://a.example/")));
    t.finish(late);
    CHECK(late.outcome().error() == errc::phase_timed_out);
    CHECK(late.took() == limits::first_byte_max);
    CHECK(net.verify() == "");
}

TEST_CASE("cancellation is honoured during a delay; total only while nothing was sent")
{
    virtual_test t;
    scripted_transport net;
    net.expect(method::get, "/").times(3).delay(10s).reply(200);
    net.expect(method::get, "/").delay(10s).fail(errc::connect_failed, fate::not_sent);
    const auto gone = t.cancelled_after(1s, net.exchange(get("https://a.example/")));
    CHECK(gone.error() == errc::cancelled);
    CHECK(gone.error().sent() == fate::maybe_sent);
    const auto partial = t.cancelled_after(1s, hearing_total(net, get("https://a.example/")),
                                           cancellation_type::partial);
    CHECK(partial.error() == errc::cancelled);
    const auto total = t.cancelled_after(1s, hearing_total(net, get("https://a.example/")),
                                         cancellation_type::total);
    CHECK(total.has_value());
    const auto unsent = t.cancelled_after(1s, hearing_total(net, get("https://a.example/")),
                                          cancellation_type::total);
    REQUIRE(unsent.has_error());
    CHECK(unsent.error() == errc::cancelled);
    CHECK(unsent.error().sent() == fate::not_sent);
    CHECK(net.verify() == "");
}

TEST_CASE("a body comes in pieces, with pauses, and can be cut")
{
    virtual_test t;
    scripted_transport net;
    net.expect(method::get, "/a").reply(200, "abcdefgh").pieces(3, 2s);
    net.expect(method::get, "/b").reply(200, "abcdefgh").cut_after(5);
    net.expect(method::get, "/c").reply(200, "abcdefgh").cut_after(5, errc::connection_lost);
    net.expect(method::get, "/d").fail(errc::connect_failed, fate::not_sent);
    auto whole = t.start(read_all(net, get("https://a.example/a")));
    t.finish(whole);
    CHECK(whole.took() == 6s); // two pauses, and one before the end
    const auto a = whole.outcome();
    CHECK(a->pieces == std::vector<std::string>{"abc", "def", "gh"});
    CHECK(!a->end);
    const auto b = t.outcome(read_all(net, get("https://a.example/b")));
    CHECK(b->pieces == std::vector<std::string>{"abcde"});
    CHECK(b->end == errc::body_truncated);
    const auto c = t.outcome(net.exchange(get("https://a.example/c")));
    CHECK(c.error() == errc::connection_lost);
    const auto d = t.outcome(read_all(net, get("https://a.example/d")));
    CHECK(d->end == errc::connect_failed);
    CHECK(net.verify() == "");
}

TEST_CASE("an answer above the limit of its size is not given")
{
    virtual_test t;
    scripted_transport net;
    net.expect(method::get, "/").times(2).reply(200, std::string(100, 'x'));
    auto small = get("https://a.example/");
    small.limits.body_bytes_max = 99;
    const auto answer = t.outcome(net.exchange(small));
    CHECK(answer.error() == errc::response_too_large);
    const auto streamed = t.outcome(read_all(net, small));
    CHECK(streamed->end == errc::response_too_large);
    CHECK(net.verify() == "");
}

TEST_CASE("what nobody verified is told by the destructor, with file and line")
{
    std::string told, file;
    int told_line = 0;
    const int line = __LINE__ + 4;
    {
        scripted_transport net;
        // The next line is the one that is told.
        net.expect(method::get, "/never");
        net.on_problem([&](const std::string& text, const char* f, int l) {
            told = text;
            file = f;
            told_line = l;
        });
    }
    CHECK(told.find("GET /never, which never came") != std::string::npos);
    CHECK(file.find("scripted_transport.cpp") != std::string::npos);
    CHECK(told_line == line);
}

TEST_CASE("a pattern's stars stand for any text")
{
    virtual_test t;
    const auto fits = [&](const std::string& pattern, const std::string& target) {
        scripted_transport net;
        net.expect(method::get, pattern);
        const auto answer = t.outcome(net.exchange(get("https://a.example" + target)));
        net.verify();
        return answer.has_value();
    };
    CHECK(fits("*", "/x"));
    CHECK(fits("/a*c", "/abc"));
    CHECK(fits("/a*c", "/ac"));
    CHECK(fits("/*/b*", "/a/b"));
    CHECK(fits("/a*b*b", "/abab"));
    CHECK(!fits("/a*c", "/abcd"));
    CHECK(!fits("/a", "/ab"));
    CHECK(!fits("/ab", "/a"));
    CHECK(fits("https://a.example/*", "/q?x=1"));
    CHECK(!fits("https://b.example/*", "/q"));
}

} // namespace scripted_transport_test
