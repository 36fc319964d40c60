// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A body that is sent when the host has said that it wants it: leave, refusal, silence, and what
// becomes of the connection. [RFC 9110 section 10.1.1]
#include <cokino/net/http_transport.hpp>
#include <cokino/testing/certificates.hpp>

#include <doctest/doctest.h>

#include <net/transport_test.hpp>

#include <atomic>
#include <string>

#include <sys/socket.h>
#include <sys/time.h>

namespace net_continue_wait_test {

using namespace net_test;

const std::string& big_body()
{
    static const std::string body(3 * 1024 * 1024, 'b');
    return body;
}

wire::request asking(const raw_server& host, milliseconds wait = milliseconds(5000))
{
    auto request = request_to(wire::method::put, host.url());
    request.borrowed = big_body();
    request.continue_wait = wait;
    return request;
}

bool asks(const std::string& head)
{
    return head.find("\r\nExpect: 100-continue\r\n") != std::string::npos;
}

/// Whether nothing comes for so long; the host's socket stays usable.
bool is_quiet(raw_peer& peer, milliseconds longest)
{
    const auto limit = [&](milliseconds time) {
        timeval value{};
        value.tv_sec = time.count() / 1000;
        value.tv_usec = time.count() % 1000 * 1000;
        ::setsockopt(peer.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value);
    };
    limit(longest);
    char byte = 0;
    const bool quiet = peer.read_some(&byte, 1) == 0;
    limit(milliseconds(10'000));
    return quiet;
}

constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view refusal = "HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\ndenied";

TEST_CASE("with the host's leave the body follows, and the connection is as good as any")
{
    std::atomic<int> whole{0};
    raw_server host([&](raw_peer& peer) {
        for (std::string head = peer.read_head(); asks(head); head = peer.read_head()) {
            CHECK(head.find("Content-Length: 3145728\r\n") != std::string::npos);
            peer.write(go_on);
            whole += peer.read_at_least(big_body().size()) ? 1 : 0;
            peer.write(http_ok("stored"));
        }
    });
    fixture f;
    for (int i = 1; i <= 2; ++i) {
        const auto r = f.send(asking(host));
        REQUIRE(r.has_value());
        CHECK(r->body() == "stored");
        CHECK(whole == i);
    }
    CHECK(host.connections() == 1);
    CHECK(f.transport->statistics().leaves_asked == 2);
    CHECK(f.transport->statistics().bodies_withheld == 0);
}

TEST_CASE("a refusal comes without a byte of the body, whose connection carries nothing more")
{
    std::atomic<int> quiet{0};
    raw_server host([&](raw_peer& peer) {
        CHECK(asks(peer.read_head()));
        peer.write(refusal);
        quiet += is_quiet(peer, milliseconds(10'000)) ? 1 : 0; // until it is closed
    });
    fixture f;
    for (int i = 1; i <= 2; ++i) {
        const auto r = f.send(asking(host));
        REQUIRE(r.has_value());
        CHECK(r->status == 403);
        CHECK(r->body() == "denied");
        REQUIRE(host.wait_ended(i));
        CHECK(host.connections() == i);
        CHECK(quiet == i);
    }
    CHECK(f.transport->statistics().bodies_withheld == 2);
}

TEST_CASE("both over TLS, where a readable socket may hold no byte of an answer")
{
    const auto authority = testing::test_authority();
    const auto identity = authority.issue();
    raw_tls tls;
    tls.certificate_pem = identity.certificate_pem;
    tls.private_key_pem = identity.private_key_pem;
    std::atomic<int> whole{0};
    raw_server host(
        [&](raw_peer& peer) {
            CHECK(asks(peer.read_head()));
            peer.write_in_pieces(go_on, 5);
            whole += peer.read_at_least(big_body().size()) ? 1 : 0;
            peer.write(http_ok("stored"));
            CHECK(asks(peer.read_head()));
            peer.write_in_pieces(refusal, 5);
            CHECK(is_quiet(peer, milliseconds(10'000)));
        },
        tls);
    fixture f(quiet_options(authority.pem()));
    const auto stored = f.send(asking(host));
    REQUIRE(stored.has_value());
    CHECK(stored->body() == "stored");
    CHECK(whole == 1);
    const auto refused = f.send(asking(host));
    REQUIRE(refused.has_value());
    CHECK(refused->status == 403);
    CHECK(refused->body() == "denied");
    CHECK(host.connections() == 1);
}

TEST_CASE("a host that says nothing gets the body after the wait, and is not asked again")
{
    std::atomic<int> asked{0};
    raw_server host([&](raw_peer& peer) {
        for (std::string head = peer.read_head(); !head.empty(); head = peer.read_head()) {
            asked += asks(head) ? 1 : 0;
            if (!peer.read_at_least(big_body().size()))
                return;
            if (asks(head))
                peer.write(go_on); // too late, and no harm
            peer.write(http_ok("stored"));
        }
    });
    fixture f;
    for (int i = 0; i < 3; ++i) {
        const auto r = f.send(asking(host, milliseconds(20)));
        REQUIRE(r.has_value());
        CHECK(r->body() == "stored");
    }
    CHECK(asked == 1);
    CHECK(host.connections() == 1);
    CHECK(f.transport->statistics().leaves_asked == 1);
}

TEST_CASE("an answer that has begun within the wait keeps the body here, however slow it is")
{
    raw_server host([&](raw_peer& peer) {
        peer.read_head();
        peer.write(refusal.substr(0, 20));
        CHECK(is_quiet(peer, milliseconds(700)));
        peer.write(refusal.substr(20));
        CHECK(is_quiet(peer, milliseconds(10'000)));
    });
    fixture f;
    const auto r = f.send(asking(host, milliseconds(500)));
    REQUIRE(r.has_value());
    CHECK(r->status == 403);
    CHECK(r->body() == "denied");
}

TEST_CASE("other interim answers are no leave, and leave with an answer behind it is an answer")
{
    for (const bool at_once : {false, true}) {
        CAPTURE(at_once);
        raw_server host([&](raw_peer& peer) {
            peer.read_head();
            if (at_once) {
                peer.write(std::string(go_on) + std::string(refusal));
            } else {
                peer.write("HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n");
                CHECK(is_quiet(peer, milliseconds(30)));
                peer.write(refusal);
            }
            CHECK(is_quiet(peer, milliseconds(10'000)));
        });
        fixture f;
        const auto r = f.send(asking(host));
        REQUIRE(r.has_value());
        CHECK(r->status == 403);
        CHECK_FALSE(r->has_field("link"));
        CHECK(f.transport->statistics().bodies_withheld == 1);
    }
}

TEST_CASE("a host that takes back its leave is heard, too")
{
    raw_server host([&](raw_peer& peer) {
        peer.read_head();
        peer.write(go_on);
        peer.read_at_least(100'000);
        peer.write("HTTP/1.1 507 Insufficient Storage\r\nContent-Length: 0\r\n\r\n");
        peer.stall();
    });
    fixture f;
    const auto r = f.send(asking(host));
    REQUIRE(r.has_value());
    CHECK(r->status == 507);
}

TEST_CASE("a success without the body is no success")
{
    raw_server host([&](raw_peer& peer) {
        peer.read_head();
        peer.write(http_ok("stored?"));
        CHECK(is_quiet(peer, milliseconds(10'000)));
    });
    fixture f;
    const auto r = f.send(asking(host));
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::response_malformed);
    CHECK(r.error().sent() == fate::maybe_sent);
}

TEST_CASE("each way in which waiting can fail ends the exchange, once, with its fate")
{
    for (const bool hard : {false, true}) {
        CAPTURE(hard);
        raw_server host([&](raw_peer& peer) {
            peer.read_head();
            if (hard)
                peer.reset();
            else
                peer.finish();
        });
        fixture f;
        const auto r = f.send(asking(host));
        REQUIRE(r.has_error());
        CHECK(r.error() == errc::connection_lost);
        CHECK(r.error().sent() == fate::maybe_sent);
        CHECK(host.connections() == 1);
    }
    raw_server mute([](raw_peer& peer) {
        peer.read_head();
        CHECK(is_quiet(peer, milliseconds(10'000)));
    });
    fixture f;
    auto late = asking(mute);
    late.limits.first_byte = milliseconds(30);
    CHECK(f.send(std::move(late)).error() == errc::phase_timed_out);
    auto dead = asking(mute);
    dead.limits.total = milliseconds(30);
    CHECK(f.send(std::move(dead)).error() == errc::deadline_passed);
    const auto r = f.loop.cancelled_after(milliseconds(30), f.transport->exchange(asking(mute)));
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::cancelled);
    CHECK(r.error().sent() == fate::maybe_sent);
}

TEST_CASE("nothing is asked without a body or for a streamed answer")
{
    std::atomic<int> asked{0};
    raw_server host([&](raw_peer& peer) {
        for (auto text = peer.read_request(); !text.empty(); text = peer.read_request()) {
            asked += asks(text) ? 1 : 0;
            peer.write(http_ok("ok"));
        }
    });
    fixture f;
    auto bare = asking(host);
    bare.borrowed = {};
    CHECK(f.send(std::move(bare)).has_value());
    auto stream = f.open(asking(host));
    REQUIRE(stream.has_value());
    CHECK(f.read_all(**stream).value() == "ok");
    auto calm = asking(host, milliseconds(0));
    CHECK(f.send(std::move(calm)).has_value());
    CHECK(asked == 0);
}

} // namespace net_continue_wait_test
