// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Open answers: their bodies read piece by piece, in every framing, plain and over TLS.
#include <cokino/net/transport.hpp>

#include <cokino/testing/certificates.hpp>

#include <doctest/doctest.h>

#include <net/transport_test.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace net_streamed_body_test {

using namespace net_test;

const testing::test_authority& authority()
{
    static testing::test_authority const made;
    return made;
}

std::string media(std::size_t size)
{
    std::string bytes(size, ' ');
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<char>('a' + i % 23 + i / 9999 % 3);
    return bytes;
}

std::string chunked(std::string_view body, std::size_t piece)
{
    std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    while (!body.empty()) {
        auto const size = std::min(piece, body.size());
        char digits[20];
        std::snprintf(digits, sizeof digits, "%zx\r\n", size);
        text.append(digits).append(body.substr(0, size)).append("\r\n");
        body.remove_prefix(size);
    }
    return text + "0\r\nTrailer: t\r\n\r\n";
}

struct either_host {
    either_host(raw_script script, bool tls)
    {
        if (!tls) {
            host.emplace(std::move(script));
            return;
        }
        auto const identity = authority().issue();
        raw_tls settings;
        settings.certificate_pem = identity.certificate_pem;
        settings.private_key_pem = identity.private_key_pem;
        host.emplace(std::move(script), settings);
    }
    raw_server* operator->() { return &*host; }
    std::optional<raw_server> host;
};

TEST_CASE("a body arrives whole in every framing, in pieces of any size, and the connection stays")
{
    std::string const body = media(300000);
    std::vector<std::string> const answers{http_ok(body), chunked(body, 70000),
                                           chunked(body.substr(0, 3000), 7)};
    for (bool const tls : {false, true}) {
        for (std::string const& answer : answers) {
            CAPTURE(tls);
            CAPTURE(answer.size());
            bool const small = answer.size() < 100000;
            either_host host(answer_all(answer), tls);
            fixture f(quiet_options(authority().pem()));
            for (std::size_t const piece :
                 {std::size_t{262144}, std::size_t{1000}, std::size_t{1}}) {
                if (piece == 1 && !small)
                    continue;
                auto stream = f.open(get(host->url()));
                REQUIRE(stream.has_value());
                CHECK((*stream)->head().status == 200);
                CHECK((*stream)->head().body().empty());
                auto const all = f.read_all(**stream, piece);
                REQUIRE(all.has_value());
                CHECK((*all == (small ? body.substr(0, 3000) : body)));
                auto const again = f.read_all(**stream);
                REQUIRE(again.has_value());
                CHECK(again->empty());
            }
            CHECK(host->connections() == 1);
        }
    }
}

TEST_CASE("a large body arrives whole however its reads of the socket cut the records of TLS")
{
    std::string const body = media(5000000);
    for (bool const tls : {false, true}) {
        CAPTURE(tls);
        either_host host(answer_all(http_ok(body)), tls);
        fixture f(quiet_options(authority().pem()));
        for (std::size_t const piece : {1048576U, 300001U, 131072U, 70000U, 16384U, 16383U}) {
            CAPTURE(piece);
            wire::request request = get(host->url());
            request.limits.body_bytes_max = body.size();
            auto stream = f.open(std::move(request));
            REQUIRE(stream.has_value());
            auto const all = f.read_all(**stream, piece);
            REQUIRE(all.has_value());
            CHECK((*all == body));
        }
        CHECK(host->connections() == 1);
    }
}

TEST_CASE("a body that ends with its connection is read to there, over TLS to the close_notify")
{
    std::string const body = media(100000);
    for (bool const tls : {false, true}) {
        for (bool const proper : {true, false}) {
            CAPTURE(tls);
            CAPTURE(proper);
            either_host host(
                [&](raw_peer& peer) {
                    peer.read_request();
                    peer.write("HTTP/1.1 200 OK\r\n\r\n");
                    peer.write(body);
                    if (proper)
                        peer.finish();
                    else
                        peer.cut();
                },
                tls);
            fixture f(quiet_options(authority().pem()));
            auto stream = f.open(get(host->url()));
            REQUIRE(stream.has_value());
            auto const all = f.read_all(**stream);
            REQUIRE(all.has_value() == (proper || !tls));
            if (all.has_value())
                CHECK((*all == body));
            else
                CHECK(all.error() == errc::body_truncated);
        }
    }
}

TEST_CASE("a body cut short is truncated, by end or by reset, and stays so")
{
    std::string const body = media(50000);
    for (bool const tls : {false, true}) {
        for (std::string const& whole : {http_ok(body), chunked(body, 9000)}) {
            for (bool const hard : {false, true}) {
                CAPTURE(tls);
                CAPTURE(hard);
                either_host host(
                    [&](raw_peer& peer) {
                        peer.read_request();
                        peer.write(whole.substr(0, whole.size() - 30));
                        if (hard)
                            peer.reset();
                        else
                            peer.finish();
                    },
                    tls);
                fixture f(quiet_options(authority().pem()));
                auto stream = f.open(get(host->url()));
                if (!stream.has_value())
                    continue; // a reset may overtake the head
                auto const all = f.read_all(**stream);
                REQUIRE_FALSE(all.has_value());
                CHECK(all.error() == errc::body_truncated);
                auto const again = f.read_all(**stream);
                REQUIRE_FALSE(again.has_value());
                CHECK(again.error() == errc::body_truncated);
            }
        }
    }
}

TEST_CASE("what came whole before a fault is given first, into however large a buffer")
{
    std::string const body = media(400000);
    for (bool const tls : {false, true}) {
        for (bool const in_chunks : {false, true}) {
            CAPTURE(tls);
            CAPTURE(in_chunks);
            std::string const whole = in_chunks ? chunked(body, 400000) : http_ok(body);
            either_host host(
                [&](raw_peer& peer) {
                    peer.read_request();
                    peer.write(whole.substr(0, whole.size() - 100000));
                    peer.finish();
                },
                tls);
            fixture f(quiet_options(authority().pem()));
            auto stream = f.open(get(host->url()));
            REQUIRE(stream.has_value());
            std::string all;
            std::string place(1 << 20, '\0');
            auto got = f.loop.outcome((*stream)->read_some(asio::buffer(place)));
            while (got.has_value() && *got != 0) {
                all.append(place, 0, *got);
                got = f.loop.outcome((*stream)->read_some(asio::buffer(place)));
            }
            REQUIRE(got.has_error());
            CHECK(got.error() == errc::body_truncated);
            CHECK(all.size() >= 290000);
            CHECK((all == body.substr(0, all.size())));
        }
    }
}

TEST_CASE("answers without a body are at their end at once, and give their connection back")
{
    for (auto const& row :
         {std::pair(wire::method::head, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"),
          std::pair(wire::method::get, "HTTP/1.1 204 No Content\r\n\r\n"),
          std::pair(wire::method::get, "HTTP/1.1 304 Not Modified\r\n\r\n"),
          std::pair(wire::method::get, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")}) {
        CAPTURE(row.second);
        raw_server host(answer_all(row.second));
        fixture f;
        for (int i = 0; i < 2; ++i) {
            auto stream = f.open(request_to(row.first, host.url()));
            REQUIRE(stream.has_value());
            auto const all = f.read_all(**stream);
            REQUIRE(all.has_value());
            CHECK(all->empty());
        }
        CHECK(host.connections() == 1);
    }
}

TEST_CASE("a stream destroyed before its end closes its connection and frees its place")
{
    std::string const body = media(100000);
    raw_server host(answer_all(http_ok(body)));
    auto options = quiet_options();
    options.connections_per_origin_max = 1;
    fixture f(options);
    for (int i = 0; i < 3; ++i) {
        auto stream = f.open(get(host.url()));
        REQUIRE(stream.has_value());
        std::string place(10, '\0');
        auto const got = f.loop.outcome((*stream)->read_some(asio::buffer(place)));
        REQUIRE(got.has_value());
        CHECK(*got > 0);
    }
    CHECK(host.connections() == 3);
}

TEST_CASE("a body past its limit is refused, announced or not")
{
    std::string const body = media(2000);
    for (bool const tls : {false, true}) {
        for (std::string const& answer :
             {http_ok(body), chunked(body, 300), "HTTP/1.1 200 OK\r\n\r\n" + body}) {
            CAPTURE(tls);
            either_host host(
                [&](raw_peer& peer) {
                    peer.read_request();
                    peer.write(answer);
                    peer.stall();
                },
                tls);
            fixture f(quiet_options(authority().pem()));
            auto request = get(host->url());
            request.limits.body_bytes_max = 1999;
            auto stream = f.open(std::move(request));
            if (!stream.has_value()) {
                CHECK(stream.error() == errc::response_too_large);
                continue;
            }
            auto const all = f.read_all(**stream, 100);
            REQUIRE_FALSE(all.has_value());
            CHECK(all.error() == errc::response_too_large);
        }
    }
}

TEST_CASE("a body that stalls runs into the read limit, and into the total one")
{
    raw_server host([](raw_peer& peer) {
        peer.read_request();
        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfirst");
        peer.stall();
    });
    fixture f;
    auto request = get(host.url());
    request.limits.read_stall = milliseconds(30);
    auto stalled = f.open(std::move(request));
    REQUIRE(stalled.has_value());
    auto all = f.read_all(**stalled);
    REQUIRE_FALSE(all.has_value());
    CHECK(all.error() == errc::phase_timed_out);

    request = get(host.url());
    request.limits.total = milliseconds(60);
    auto late = f.open(std::move(request));
    REQUIRE(late.has_value());
    all = f.read_all(**late);
    REQUIRE_FALSE(all.has_value());
    CHECK(all.error() == errc::deadline_passed);
}

TEST_CASE("a chunk header that grows without end is refused in a stream too")
{
    raw_server host([](raw_peer& peer) {
        peer.read_request();
        peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a=");
        peer.write(std::string(3000000, 'b'));
        peer.stall();
    });
    fixture f;
    auto stream = f.open(get(host.url()));
    REQUIRE(stream.has_value());
    auto const all = f.read_all(**stream);
    REQUIRE_FALSE(all.has_value());
    CHECK(all.error() == errc::response_too_large);
}

TEST_CASE("a stream outlives its transport without harm")
{
    std::string const body = media(1000000);
    raw_server host(answer_all(http_ok(body)));
    fixture f;
    auto stream = f.open(get(host.url()));
    REQUIRE(stream.has_value());
    f.transport.reset();
    auto const all = f.read_all(**stream);
    REQUIRE_FALSE(all.has_value());
    CHECK(all.error() == errc::closed);
}

TEST_CASE("there must be room to read into")
{
    raw_server host(answer_all(http_ok("body")));
    fixture f;
    auto stream = f.open(get(host.url()));
    REQUIRE(stream.has_value());
    auto const none = f.loop.outcome((*stream)->read_some(asio::mutable_buffer()));
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error() == errc::invalid_argument);
    auto const all = f.read_all(**stream);
    REQUIRE(all.has_value());
    CHECK(*all == "body");
}

} // namespace net_streamed_body_test
