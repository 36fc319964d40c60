// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What the transport sends, what it makes of answers, and how it keeps connections. Failures have
// fate.cpp, TLS tls.cpp, streams streamed_body.cpp.
#include <cokino/net/http_transport.hpp>

#include <doctest/doctest.h>

#include <net/transport_test.hpp>

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

namespace net_http_transport_test {

using namespace net_test;

/// Answers "ok" and keeps what it was sent.
struct recorder {
    std::mutex mutex;
    std::vector<std::string> seen;
    raw_script script(std::string answer = http_ok("ok"))
    {
        return [this, answer](raw_peer& peer) {
            for (;;) {
                auto request = peer.read_request();
                if (request.empty())
                    return;
                {
                    std::lock_guard const lock(mutex);
                    seen.push_back(std::move(request));
                }
                peer.write(answer);
            }
        };
    }
};

TEST_CASE("a request goes out as its head says, with its length, fields and body")
{
    recorder r;
    raw_server host(r.script());
    fixture f;
    auto request = post(host.url("/v1/tasks?a=b"), "{\"a\":1}");
    request.extra_fields = "Idempotency-Key: k1\r\n";
    REQUIRE(f.send(std::move(request)).has_value());
    REQUIRE(f.send(get(host.url("/v1/tasks/1"))).has_value());
    REQUIRE(f.send(post(host.url(), "")).has_value());
    REQUIRE(f.send(request_to(wire::method::delete_, host.url())).has_value());
    REQUIRE(f.send(request_to(wire::method::put, host.url(), "x")).has_value());
    std::string const to = " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(host.port()) +
                           "\r\nAuthorization: Key canary\r\n";
    REQUIRE(r.seen.size() == 5);
    CHECK(r.seen[0] ==
          "POST /v1/tasks?a=b" + to + "Idempotency-Key: k1\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
    CHECK(r.seen[1] == "GET /v1/tasks/1" + to + "\r\n");
    CHECK(r.seen[2] == "POST /" + to + "Content-Length: 0\r\n\r\n");
    CHECK(r.seen[3] == "DELETE /" + to + "\r\n");
    CHECK(r.seen[4] == "PUT /" + to + "Content-Length: 1\r\n\r\nx");
    CHECK(host.connections() == 1);
}

TEST_CASE("a body of many megabytes arrives whole, plain and piecewise")
{
    std::string body(9 * 1024 * 1024 + 5, ' ');
    for (std::size_t i = 0; i < body.size(); ++i)
        body[i] = static_cast<char>('a' + i % 23);
    recorder r;
    raw_server host(r.script());
    fixture f;
    REQUIRE(f.send(post(host.url(), body)).has_value());
    REQUIRE(r.seen.size() == 1);
    CHECK(r.seen[0].substr(r.seen[0].find("\r\n\r\n") + 4) == body);
}

TEST_CASE("an answer's status, fields and body are kept, in the request's own buffer")
{
    raw_server host(answer_all("HTTP/1.1 201 Created\r\nX-Request-Id: r1\r\nContent-Type: "
                               "application/json\r\nContent-Length: 4\r\n\r\nbody"));
    fixture f;
    std::string buffer(4096, 'x');
    auto const capacity = buffer.capacity();
    auto r = f.send(post(host.url(), std::move(buffer)));
    REQUIRE(r.has_value());
    CHECK(r->status == 201);
    CHECK(r->field("x-request-id") == "r1");
    CHECK(r->field("Content-Type") == "application/json");
    CHECK(r->body() == "body");
    CHECK(r->release().capacity() == capacity);
}

TEST_CASE("answers without a body end with their head")
{
    for (auto const& row :
         {std::pair(wire::method::head, "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"),
          std::pair(wire::method::head, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
          std::pair(wire::method::post, "HTTP/1.1 204 No Content\r\n\r\n"),
          std::pair(wire::method::get, "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"),
          std::pair(wire::method::get, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")}) {
        CAPTURE(row.second);
        raw_server host(answer_all(row.second));
        fixture f;
        for (int i = 0; i < 2; ++i) {
            auto const r = f.send(request_to(row.first, host.url()));
            REQUIRE(r.has_value());
            CHECK(r->body().empty());
        }
        CHECK(host.connections() == 1);
    }
}

TEST_CASE("interim answers are passed over, a bounded number of them")
{
    auto const with_interims = [](int count) {
        std::string text;
        for (int i = 0; i < count; ++i)
            text += "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
        return text + http_ok("done", "X: y\r\n");
    };
    raw_server few(answer_all(with_interims(3)));
    raw_server many(answer_all(with_interims(100)));
    fixture f;
    auto const r = f.send(post(few.url()));
    REQUIRE(r.has_value());
    CHECK(r->status == 200);
    CHECK(r->body() == "done");
    CHECK_FALSE(r->has_field("link"));
    auto const flooded = f.send(post(many.url()));
    REQUIRE_FALSE(flooded.has_value());
    CHECK(flooded.error() == errc::response_malformed);
    CHECK(flooded.error().sent() == fate::maybe_sent);
}

TEST_CASE("a connection is kept or not as the answer says")
{
    struct row {
        const char* answer;
        bool kept;
    };
    for (row const& r :
         {row{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", true},
          row{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok", true},
          row{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", false},
          row{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: x, Close\r\n\r\nok", false},
          row{"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", false},
          row{"HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok", true},
          row{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", true},
          // Bytes behind an answer belong to nobody; the next answer must not begin with them.
          row{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n", false}}) {
        CAPTURE(r.answer);
        raw_server host(answer_all(r.answer));
        fixture f;
        for (int i = 0; i < 3; ++i) {
            auto const sent = f.send(post(host.url()));
            REQUIRE(sent.has_value());
            CHECK(sent->body() == "ok");
        }
        CHECK(host.connections() == (r.kept ? 1 : 3));
        CHECK(host.posts() == 3);
    }
}

TEST_CASE("a body that only the connection's end ends is read to there")
{
    raw_server host([](raw_peer& peer) {
        peer.read_request();
        peer.write("HTTP/1.1 200 OK\r\n\r\n");
        peer.write_in_pieces("to the very end", 4);
        peer.finish();
    });
    fixture f;
    auto const r = f.send(post(host.url()));
    REQUIRE(r.has_value());
    CHECK(r->body() == "to the very end");
}

TEST_CASE("an answer past a limit is refused, and nothing of it is used")
{
    std::string const ok = "HTTP/1.1 200 OK\r\n";
    std::string const chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
    std::string many;
    for (int i = 0; i < 101; ++i)
        many += "X: y\r\n";
    std::string trailers;
    for (int i = 0; i < 1000; ++i)
        trailers += "X: yyyyyyyyyyyyy\r\n";
    std::string extensions;
    for (int i = 0; i < 2000; ++i)
        extensions += "1;a=bcdef\r\nx\r\n";
    struct row {
        const char* name;
        std::string answer;
    };
    for (row const& r :
         {row{"a head of 70 KB", ok + "X: " + std::string(70000, 'y') + "\r\n\r\n"},
          row{"a head without end", ok + "X: " + std::string(200000, 'y')},
          row{"a status line without end", "HTTP/1.1 200 " + std::string(200000, 'y')},
          row{"101 fields", ok + many + "Content-Length: 0\r\n\r\n"},
          row{"an announced body too large", ok + "Content-Length: 1001\r\n\r\n"},
          row{"a chunk too large", chunked + "3e9\r\n"},
          row{"chunks too large together",
              chunked + "3e8\r\n" + std::string(1000, 'x') + "\r\n1\r\n"},
          row{"a body without length too large", ok + "\r\n" + std::string(1001, 'x')},
          row{"a chunk extension of 10 KB",
              chunked + "1;a=" + std::string(10000, 'b') + "\r\nx\r\n"},
          row{"a chunk extension without end", chunked + "1;a=" + std::string(3000000, 'b')},
          row{"extensions on every chunk", chunked + extensions + "0\r\n\r\n"},
          row{"trailers of 18 KB", chunked + "0\r\n" + trailers + "\r\n"}}) {
        CAPTURE(r.name);
        raw_server host([&](raw_peer& peer) {
            peer.read_request();
            peer.write(r.answer);
            peer.stall();
        });
        fixture f;
        auto request = post(host.url());
        request.limits.body_bytes_max =
            std::string_view(r.name).starts_with("extensions") ? 100000 : 1000;
        auto const sent = f.send(std::move(request));
        REQUIRE_FALSE(sent.has_value());
        CHECK(sent.error() == errc::response_too_large);
        CHECK(sent.error().sent() == fate::maybe_sent);
        CHECK(host.connections() == 1);
    }
}

TEST_CASE("what is just within the limits passes")
{
    std::string fields;
    for (int i = 0; i < 98; ++i)
        fields += "X: y\r\n";
    fields += "Y: " + std::string(60000, 'y') + "\r\n";
    raw_server host(answer_all("HTTP/1.1 200 OK\r\n" + fields + "Content-Length: 1000\r\n\r\n" +
                               std::string(1000, 'x')));
    raw_server chunks(answer_all(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8;a=" + std::string(8000, 'b') +
        "\r\n" + std::string(1000, 'x') + "\r\n0\r\nT: " + std::string(4000, 'y') + "\r\n\r\n"));
    fixture f;
    for (std::string const& url : {host.url(), chunks.url()}) {
        auto request = post(url);
        request.limits.body_bytes_max = 1000;
        auto const r = f.send(std::move(request));
        REQUIRE(r.has_value());
        CHECK(r->body().size() == 1000);
        CHECK_FALSE(r->has_field("t"));
    }
}

TEST_CASE("no more connections than allowed are opened to one origin, and the line is fair")
{
    std::mutex mutex;
    std::vector<std::string> order;
    raw_server host([&](raw_peer& peer) {
        for (;;) {
            auto const request = peer.read_request();
            if (request.empty())
                return;
            {
                std::lock_guard const lock(mutex);
                order.push_back(request.substr(request.find("\r\n\r\n") + 4));
            }
            peer.write(http_ok("ok"));
        }
    });
    auto options = quiet_options();
    options.connections_per_origin_max = 1;
    fixture f(options);
    std::vector<started<result<wire::response>>> all;
    for (int i = 0; i < 20; ++i)
        all.push_back(f.loop.start(f.transport->exchange(post(host.url(), std::to_string(i)))));
    for (auto const& one : all) {
        f.loop.finish(one);
        CHECK(one.outcome().has_value());
    }
    CHECK(host.connections() == 1);
    REQUIRE(order.size() == 20);
    for (int i = 0; i < 20; ++i)
        CHECK(order[static_cast<std::size_t>(i)] == std::to_string(i));
}

TEST_CASE("with several connections all are used, and no more")
{
    raw_server host([](raw_peer& peer) {
        while (!peer.read_request().empty())
            peer.write(http_ok("ok"));
    });
    auto options = quiet_options();
    options.connections_per_origin_max = 4;
    fixture f(options);
    std::vector<started<result<wire::response>>> all;
    for (int i = 0; i < 50; ++i)
        all.push_back(f.loop.start(f.transport->exchange(post(host.url()))));
    for (auto const& one : all) {
        f.loop.finish(one);
        CHECK(one.outcome().has_value());
    }
    CHECK(host.connections() == 4);
    CHECK(host.posts() == 50);
}

TEST_CASE("waiting in line counts against the total limit, and a full line refuses at once")
{
    raw_server host([](raw_peer& peer) {
        peer.read_request();
        peer.stall();
    });
    auto options = quiet_options();
    options.connections_per_origin_max = 1;
    options.waiters_per_origin_max = 1;
    fixture f(options);
    auto busy = post(host.url());
    busy.limits.total = milliseconds(150);
    auto const first = f.loop.start(f.transport->exchange(std::move(busy)));
    auto queued = post(host.url());
    queued.limits.total = milliseconds(30);
    auto const second = f.loop.start(f.transport->exchange(std::move(queued)));
    auto const third = f.loop.start(f.transport->exchange(post(host.url())));
    f.loop.finish(third);
    auto const refused = third.outcome();
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error() == errc::limit_reached);
    CHECK(refused.error().sent() == fate::not_sent);
    f.loop.finish(second);
    auto const late = second.outcome();
    REQUIRE_FALSE(late.has_value());
    CHECK(late.error() == errc::deadline_passed);
    CHECK(late.error().sent() == fate::not_sent);
    CHECK(late.error().facts().message.find("free connection") != std::string::npos);
    f.loop.finish(first);
    CHECK(host.posts() == 1);
}

TEST_CASE("when a connection fails the next in line opens its own")
{
    raw_server host([](raw_peer& peer) {
        peer.read_request();
        if (peer.number() == 0)
            peer.reset();
        else
            peer.write(http_ok("ok"));
        peer.stall();
    });
    auto options = quiet_options();
    options.connections_per_origin_max = 1;
    fixture f(options);
    auto const first = f.loop.start(f.transport->exchange(post(host.url())));
    auto const second = f.loop.start(f.transport->exchange(post(host.url())));
    f.loop.finish(first);
    f.loop.finish(second);
    CHECK_FALSE(first.outcome().has_value());
    CHECK(second.outcome().has_value());
    CHECK(host.connections() == 2);
    CHECK(host.posts() == 2);
}

TEST_CASE("an idle connection past its age is not used again")
{
    raw_server host(answer_all(http_ok("ok")));
    auto options = quiet_options();
    options.connection_idle_max = milliseconds(0);
    fixture f(options);
    REQUIRE(f.send(post(host.url())).has_value());
    REQUIRE(f.send(post(host.url())).has_value());
    CHECK(host.connections() == 2);
}

TEST_CASE("a request may ask for a fresh connection")
{
    raw_server host(answer_all(http_ok("ok")));
    fixture f;
    REQUIRE(f.send(post(host.url())).has_value());
    auto request = post(host.url());
    request.reuse_connection = false;
    REQUIRE(f.send(std::move(request)).has_value());
    CHECK(host.connections() == 2);
}

TEST_CASE("private addresses are refused where only public ones are allowed, also when pooled")
{
    raw_server host(answer_all(http_ok("ok")));
    fixture f;
    REQUIRE(f.send(get(host.url())).has_value());
    for (std::string const& url : {host.url(), "http://localhost:" + std::to_string(host.port()),
                                   std::string("http://[::1]/"), std::string("http://10.0.0.1/"),
                                   std::string("http://169.254.169.254/latest/meta-data")}) {
        CAPTURE(url);
        auto request = get(url);
        request.public_addresses_only = true;
        auto const r = f.send(std::move(request));
        REQUIRE_FALSE(r.has_value());
        CHECK(r.error() == errc::link_refused);
        CHECK(r.error().sent() == fate::not_sent);
    }
    CHECK(host.requests() == 1);
    CHECK(host.connections() == 1);
}

TEST_CASE("IPv6 literals and names of either family are reached")
{
    raw_server v6(answer_all(http_ok("six")), true);
    if (!v6.listening())
        return; // no IPv6 on this machine
    fixture f;
    auto const r = f.send(get("http://[::1]:" + std::to_string(v6.port()) + "/"));
    REQUIRE(r.has_value());
    CHECK(r->body() == "six");
    raw_server v4(answer_all(http_ok("four")));
    auto const named = f.send(get("http://localhost:" + std::to_string(v4.port()) + "/"));
    REQUIRE(named.has_value());
    CHECK(named->body() == "four");
}

TEST_CASE("a request without a head is refused")
{
    fixture f;
    auto const r = f.send(wire::request());
    REQUIRE_FALSE(r.has_value());
    CHECK(r.error() == errc::request_malformed);
    CHECK(r.error().sent() == fate::not_sent);
}

TEST_CASE("a transport that goes ends what is under way and in line with errc::closed")
{
    raw_server host([](raw_peer& peer) {
        peer.read_request();
        peer.stall();
    });
    auto options = quiet_options();
    options.connections_per_origin_max = 1;
    fixture f(options);
    auto const busy = f.loop.start(f.transport->exchange(post(host.url())));
    auto const queued = f.loop.start(f.transport->exchange(post(host.url())));
    while (host.posts() == 0)
        f.loop.io.run_one_for(milliseconds(10));
    auto late = f.transport->exchange(post(host.url()));
    f.transport.reset();
    auto const begun = f.loop.start(std::move(late));
    f.loop.finish(busy);
    f.loop.finish(queued);
    f.loop.finish(begun);
    for (auto const& one : {busy, queued, begun})
        CHECK(one.outcome().error() == errc::closed);
    CHECK(busy.outcome().error().sent() == fate::maybe_sent);
    CHECK(queued.outcome().error().sent() == fate::not_sent);
}

TEST_CASE("a loop that ends with exchanges under way leaves nothing behind")
{
    raw_server host([](raw_peer& peer) {
        peer.read_request();
        peer.stall();
    });
    auto options = quiet_options();
    options.connections_per_origin_max = 1;
    fixture f(options);
    for (int i = 0; i < 3; ++i)
        asio::co_spawn(f.loop.io, f.transport->exchange(post(host.url())),
                       [](const std::exception_ptr&, const result<wire::response>&) {});
    while (host.posts() == 0)
        f.loop.io.run_one_for(milliseconds(10));
    CHECK(host.connections() == 1); // the rest is for the leak checker
}

TEST_CASE("idle connections and finished exchanges do not keep the loop running")
{
    raw_server host(answer_all(http_ok("ok")));
    fixture f;
    auto const one = f.loop.start(f.transport->exchange(post(host.url())));
    f.loop.finish(one);
    REQUIRE(one.outcome().has_value());
    f.loop.io.restart();
    f.loop.io.run_for(std::chrono::seconds(5));
    CHECK(f.loop.io.stopped());
}

} // namespace net_http_transport_test
