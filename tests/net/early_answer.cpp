// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Hosts that answer before they have all of a request, and read no more of it, or much later.
#include <cokino/testing/certificates.hpp>

#include <doctest/doctest.h>

#include <net/transport_test.hpp>

#include <atomic>
#include <string>
#include <utility>

#include <sys/socket.h>

namespace net_early_answer_test {

using namespace net_test;

/// More than the kernels of both sides take while nobody reads.
constexpr std::size_t large = 64 * 1024 * 1024;

/// Which is given up much earlier than a host gives up its hold.
wire::request large_post(const std::string& url)
{
    auto request = post(url, std::string(large, 'x'));
    request.limits.write_stall = std::chrono::seconds(3);
    return request;
}

constexpr std::string_view refusal = "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig";

/// Says something behind the head, reads the body when the test lets it, and says something more.
class early_host
{
public:
    explicit early_host(std::string early, std::string late = {})
        : early_(std::move(early)), late_(std::move(late)), server_(script())
    {}
    early_host(std::string early, const raw_tls& tls)
        : early_(std::move(early)), server_(script(), tls)
    {}

    std::atomic<int> whole{0}; // bodies read to their end

    raw_script script()
    {
        return [this](raw_peer& peer) {
            if (peer.read_head().empty())
                return;
            peer.write(early_);
            peer.hold();
            whole += peer.read_at_least(large) ? 1 : 0;
            peer.write(late_);
        };
    }
    raw_server& operator*() { return server_; }

private:
    std::string early_;
    std::string late_;
    raw_server server_;
};

/// Lets the host read only after the client has had time to hear what it says.
result<wire::response> send_and_release(fixture& f, early_host& host)
{
    auto const s = f.loop.start(f.transport->exchange(large_post((*host).url())));
    f.loop.io.run_for(milliseconds(600));
    (*host).release();
    f.loop.finish(s);
    return s.outcome();
}

TEST_CASE("a host that refuses a big body and reads no more of it is heard, and gets no more")
{
    early_host host{std::string(refusal)};
    fixture f;
    for (int i = 1; i <= 2; ++i) {
        auto const r = f.send(large_post((*host).url()));
        REQUIRE(r.has_value());
        CHECK(r->status == 413);
        CHECK(r->body() == "big");
        CHECK((*host).connections() == i); // a request that was cut off spoils its connection
    }
    (*host).release();
    CHECK((*host).wait_ended(2));
    CHECK(host.whole == 0);
}

TEST_CASE("so it is over TLS, where the first bytes are tickets")
{
    const auto authority = testing::test_authority();
    const auto identity = authority.issue();
    raw_tls tls;
    tls.certificate_pem = identity.certificate_pem;
    tls.private_key_pem = identity.private_key_pem;
    early_host host(std::string(refusal), tls);
    fixture f(quiet_options(authority.pem()));
    auto const r = f.send(large_post((*host).url()));
    REQUIRE(r.has_value());
    CHECK(r->status == 413);
    (*host).release();
}

TEST_CASE("an interim answer stops nothing")
{
    early_host host("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", http_ok("late"));
    fixture f;
    auto const r = send_and_release(f, host);
    REQUIRE(r.has_value());
    CHECK(r->body() == "late");
    CHECK(host.whole == 1);
}

TEST_CASE("a success before the body is there stops nothing, whole or begun")
{
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n";
    for (const std::size_t early : {head.size() - 3, head.size() + 4, head.size() + 8}) {
        CAPTURE(early);
        const std::string all = head + "soonlate";
        early_host host(all.substr(0, early), all.substr(early));
        fixture f;
        auto const r = send_and_release(f, host);
        REQUIRE(r.has_value());
        CHECK(r->body() == "soonlate");
        CHECK((*host).wait_ended(1));
        CHECK(host.whole == 1);
    }
}

TEST_CASE("an answer that is none, or an end without one, fails the request, maybe sent")
{
    for (const char* const early : {"SMTP ready\r\n\r\n", ""}) {
        CAPTURE(early);
        raw_server host([early](raw_peer& peer) {
            peer.read_head();
            peer.write(early);
            if (!*early)
                ::shutdown(peer.descriptor(), SHUT_WR);
            peer.hold();
        });
        fixture f;
        auto const r = f.send(large_post(host.url()));
        REQUIRE_FALSE(r.has_value());
        CHECK(r.error() == (*early ? errc::response_malformed : errc::connection_lost));
        CHECK(r.error().sent() == fate::maybe_sent);
        host.release();
    }
}

} // namespace net_early_answer_test
