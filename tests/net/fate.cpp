// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// For each way in which a POST can go wrong: the host has processed it at most once, and the fate
// reported is the right one.
#include <cokino/net/http_transport.hpp>

#include <doctest/doctest.h>

#include <net/transport_test.hpp>

#include <exception>
#include <optional>
#include <string>

namespace net_fate_test {

using namespace net_test;

TEST_CASE("with nobody listening nothing is sent")
{
    std::string url;
    {
        raw_server const gone(answer_all(http_ok("{}")));
        url = gone.url();
    }
    fixture f;
    auto const r = f.send(post(url));
    REQUIRE_FALSE(r.has_value());
    CHECK(r.error() == errc::connect_failed);
    CHECK(r.error().sent() == fate::not_sent);
    CHECK(r.error().facts().message.find("refused") != std::string::npos);
}

TEST_CASE("a name that cannot be looked up sends nothing")
{
    fixture f;
    // A label of more than 63 characters fails before any question goes out.
    auto parsed = wire::url::parse("http://" + std::string(64, 'a') + ".invalid/");
    if (!parsed)
        return; // then the URL itself is refused, which is as good
    auto const r = f.send(post("http://" + std::string(64, 'a') + ".invalid/"));
    REQUIRE_FALSE(r.has_value());
    CHECK(r.error() == errc::resolve_failed);
    CHECK(r.error().sent() == fate::not_sent);
}

TEST_CASE("cut after k bytes, for k across the request, it is sent once and the fate is unknown")
{
    auto const size = post("http://127.0.0.1:12345/").head->bytes().size() + 40;
    for (std::size_t k = 0; k <= size; k += 7) {
        for (bool const hard : {false, true}) {
            CAPTURE(k);
            CAPTURE(hard);
            raw_server host([&](raw_peer& peer) {
                peer.read_at_least(k);
                if (hard)
                    peer.reset();
                else
                    peer.cut();
            });
            fixture f;
            auto const r = f.send(post(host.url()));
            REQUIRE_FALSE(r.has_value());
            CHECK(r.error() == errc::connection_lost);
            if (k > 0)
                CHECK(r.error().sent() == fate::maybe_sent);
            CHECK(host.connections() == 1);
            CHECK(host.posts() == 0);
        }
    }
}

TEST_CASE("read fully, then reset or ended without an answer: maybe sent, processed once")
{
    for (bool const hard : {false, true}) {
        CAPTURE(hard);
        raw_server host([&](raw_peer& peer) {
            peer.read_request();
            if (hard)
                peer.reset();
            else
                peer.finish();
        });
        fixture f;
        auto const r = f.send(post(host.url()));
        REQUIRE_FALSE(r.has_value());
        CHECK(r.error() == errc::connection_lost);
        CHECK(r.error().sent() == fate::maybe_sent);
        CHECK(host.posts() == 1);
        CHECK(host.connections() == 1);
    }
}

TEST_CASE("read fully, then silence: the limit of the first byte ends it, maybe sent")
{
    raw_server host([](raw_peer& peer) {
        peer.read_request();
        peer.stall();
    });
    fixture f;
    auto request = post(host.url());
    request.limits.first_byte = milliseconds(30);
    auto const r = f.send(std::move(request));
    REQUIRE_FALSE(r.has_value());
    CHECK(r.error() == errc::phase_timed_out);
    CHECK(r.error().sent() == fate::maybe_sent);
    CHECK(r.error().facts().message ==
          "waiting for the answer took longer than its limit of 30 ms");
    CHECK(host.posts() == 1);
}

TEST_CASE("a head that does not come to its end is no first byte")
{
    raw_server host([](raw_peer& peer) {
        peer.read_request();
        peer.write("HTTP/1.1 200 OK\r\nContent-");
        peer.stall();
    });
    fixture f;
    auto request = post(host.url());
    request.limits.first_byte = milliseconds(30);
    request.limits.read_stall = std::chrono::seconds(10);
    auto const r = f.send(std::move(request));
    REQUIRE_FALSE(r.has_value());
    CHECK(r.error() == errc::phase_timed_out);
    CHECK(r.error().sent() == fate::maybe_sent);
}

TEST_CASE("the total limit ends it in whatever phase it is")
{
    raw_server host([](raw_peer& peer) {
        peer.read_request();
        peer.stall();
    });
    fixture f;
    auto request = post(host.url());
    request.limits.total = milliseconds(30);
    auto const r = f.send(std::move(request));
    REQUIRE_FALSE(r.has_value());
    CHECK(r.error() == errc::deadline_passed);
    CHECK(r.error().sent() == fate::maybe_sent);
    CHECK(host.posts() == 1);
}

TEST_CASE("a status of any kind is an answer, and the request is not repeated")
{
    for (unsigned const status : {400U, 401U, 408U, 425U, 429U, 500U, 502U, 503U, 504U, 599U}) {
        CAPTURE(status);
        raw_server host(
            answer_all("HTTP/1.1 " + std::to_string(status) +
                       " Some Words\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nnope"));
        fixture f;
        auto const r = f.send(post(host.url()));
        REQUIRE(r.has_value());
        CHECK(r->status == status);
        CHECK(r->field("retry-after") == "7");
        CHECK(r->body() == "nope");
        CHECK(host.posts() == 1);
    }
}

TEST_CASE("an answer that is not HTTP is malformed, maybe sent, and never asked for again")
{
    for (std::string const answer :
         {"HTTP/2 200 OK\r\n\r\n",
          "HTTP/1.2 200 OK\r\n\r\n",
          "ICY 200 OK\r\n\r\n",
          "\x15\x03\x01 no HTTP at all",
          "{\"ok\":true}\r\n\r\n",
          "HTTP/1.1 2000 OK\r\n\r\n",
          "HTTP/1.1 99 No\r\n\r\n",
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
          "HTTP/1.1 200 OK\r\nA b: c\r\n\r\n",
          "HTTP/1.1 200 OK\r\n: c\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
          "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nab",
          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
          "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabXX\r\n0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\nab\r\n"}) {
        CAPTURE(answer);
        CAPTURE(answer.size());
        raw_server host([&](raw_peer& peer) {
            peer.read_request();
            peer.write(answer);
            peer.finish();
        });
        fixture f;
        auto const r = f.send(post(host.url()));
        REQUIRE_FALSE(r.has_value());
        CHECK(r.error() == errc::response_malformed);
        CHECK(r.error().sent() == fate::maybe_sent);
        CHECK(host.posts() == 1);
        CHECK(host.connections() == 1);
    }
}

TEST_CASE("an answer cut anywhere is no answer, and the request is not repeated")
{
    std::string const sized = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nX: y\r\n\r\n0123456789";
    std::string const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                "4;ext=1\r\n0123\r\n6\r\n456789\r\n0\r\nTrailer: t\r\n\r\n";
    for (std::string const& whole : {sized, chunked}) {
        auto const head = whole.find("\r\n\r\n") + 4;
        for (std::size_t k = 1; k < whole.size(); k += 3) {
            CAPTURE(whole);
            CAPTURE(k);
            raw_server host([&](raw_peer& peer) {
                peer.read_request();
                peer.write(whole.substr(0, k));
                peer.finish();
            });
            fixture f;
            auto const r = f.send(post(host.url()));
            REQUIRE_FALSE(r.has_value());
            CHECK(r.error() == (k < head ? errc::connection_lost : errc::body_truncated));
            CHECK(r.error().sent() == fate::maybe_sent);
            CHECK(host.posts() == 1);
        }
        for (std::size_t piece = 1; piece < 9; piece += 3) {
            CAPTURE(piece);
            raw_server host([&](raw_peer& peer) {
                peer.read_request();
                peer.write_in_pieces(whole, piece);
                peer.stall();
            });
            fixture f;
            auto const r = f.send(post(host.url()));
            REQUIRE(r.has_value());
            CHECK(r->body() == "0123456789");
        }
    }
}

TEST_CASE("a pooled connection that died idle is replaced, and the POST is processed once")
{
    for (bool const hard : {false, true}) {
        CAPTURE(hard);
        raw_server host([&](raw_peer& peer) {
            peer.read_request();
            peer.write(http_ok("{}"));
            if (peer.number() > 0)
                peer.stall();
            else if (hard)
                peer.reset();
            else
                peer.finish();
        });
        fixture f;
        auto const first = f.send(post(host.url()));
        REQUIRE(first.has_value());
        REQUIRE(host.wait_ended(1));
        auto const second = f.send(post(host.url()));
        REQUIRE(second.has_value());
        CHECK(host.posts() == 2);
        CHECK(host.connections() == 2);
        CHECK(f.transport->statistics().found_dead == 1);
    }
}

TEST_CASE("a pooled connection that dies on the request leaves it unknown, not sent again")
{
    raw_server host([](raw_peer& peer) {
        peer.read_request();
        peer.write(http_ok("{}"));
        peer.read_request();
        peer.reset();
    });
    fixture f;
    auto const first = f.send(post(host.url()));
    REQUIRE(first.has_value());
    auto const second = f.send(post(host.url()));
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error() == errc::connection_lost);
    CHECK(second.error().sent() == fate::maybe_sent);
    CHECK(host.posts() == 2);
    CHECK(host.connections() == 1);
}

/// A clock that stands still, so that a connection counts as used a moment ago however slow the
/// machine is.
struct frozen_time final : time_source {
    steady_time now() const noexcept override { return steady_time(std::chrono::hours(1)); }
    system_time system_now() const noexcept override { return system_time(); }
    void arm(cokino::timer&, steady_time) override {}
    void disarm(cokino::timer&) noexcept override {}
};

result<wire::response> send_on(asio::io_context& io, net::http_transport& transport,
                               wire::request request)
{
    std::optional<result<wire::response>> r;
    asio::co_spawn(io, transport.exchange(std::move(request)),
                   [&](const std::exception_ptr& e, result<wire::response> got) {
                       REQUIRE_FALSE(e);
                       r.emplace(std::move(got));
                   });
    io.restart();
    while (!r && io.run_one_for(std::chrono::seconds(10)) > 0) {}
    REQUIRE(r.has_value());
    return std::move(*r);
}

TEST_CASE("when the kernel takes no byte on a used connection, the request goes out on a fresh one")
{
    constexpr int trusted = 7; // so often used that it is not looked at any more
    raw_server host([](raw_peer& peer) {
        for (int i = 0; i < trusted; ++i) {
            peer.read_request();
            peer.write(http_ok("{}"));
        }
        if (peer.number() == 0)
            peer.reset();
        else
            peer.stall();
    });
    frozen_time time;
    asio::io_context io{1};
    install_time_source(io, time);
    net::http_transport transport(io.get_executor(), quiet_options());
    for (int i = 0; i < trusted; ++i) {
        auto const r = send_on(io, transport, post(host.url()));
        REQUIRE(r.has_value());
    }
    REQUIRE(host.wait_ended(1));
    auto const r = send_on(io, transport, post(host.url()));
    REQUIRE(r.has_value());
    CHECK(transport.statistics().free_retries == 1);
    CHECK(transport.statistics().found_dead == 0);
    CHECK(host.posts() == trusted + 1);
    CHECK(host.connections() == 2);
}

TEST_CASE("a host that refuses a big body before its end is heard")
{
    raw_server host([](raw_peer& peer) {
        peer.read_head();
        peer.write("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig");
        peer.cut();
    });
    fixture f;
    auto const r = f.send(post(host.url(), std::string(16 * 1024 * 1024, 'x')));
    REQUIRE(r.has_value());
    CHECK(r->status == 413);
    CHECK(r->body() == "big");
    CHECK(host.posts() == 0);
}

TEST_CASE("a host that stops reading runs into the write limit, maybe sent")
{
    raw_server host([](raw_peer& peer) {
        peer.read_head();
        peer.hold();
    });
    fixture f;
    auto request = post(host.url(), std::string(64 * 1024 * 1024, 'x'));
    request.limits.write_stall = milliseconds(40);
    auto const r = f.send(std::move(request));
    REQUIRE_FALSE(r.has_value());
    CHECK(r.error() == errc::phase_timed_out);
    CHECK(r.error().sent() == fate::maybe_sent);
    CHECK(host.posts() == 0);
    host.release();
}

} // namespace net_fate_test
