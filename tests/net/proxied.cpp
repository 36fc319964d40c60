// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Requests through a proxy, as the proxy sees them.
#include <cokino/net/http_transport.hpp>

#include <cokino/testing/certificates.hpp>

#include <doctest/doctest.h>

#include <net/transport_test.hpp>

#include <mutex>
#include <string>
#include <vector>

namespace net_proxied_test {

using namespace net_test;

const testing::test_authority& authority()
{
    static testing::test_authority const made;
    return made;
}

raw_tls tls_of(const char* name)
{
    testing::certificate_wish wish;
    wish.dns_names = {name};
    auto const identity = authority().issue(wish);
    raw_tls tls;
    tls.certificate_pem = identity.certificate_pem;
    tls.private_key_pem = identity.private_key_pem;
    return tls;
}

/// A proxy that answers for every host itself; over TLS with the certificate of `named`.
struct tiny_proxy {
    explicit tiny_proxy(const char* named = "api.example.test")
        : lender(answer_all(""), tls_of(named)), server([this](raw_peer& peer) { serve(peer); })
    {}
    void serve(raw_peer& peer)
    {
        for (;;) {
            auto const request = peer.read_request();
            if (request.empty())
                return;
            {
                std::lock_guard const lock(mutex);
                seen.push_back(request);
            }
            if (request.rfind("CONNECT ", 0) != 0) {
                peer.write(http_ok("ok"));
                continue;
            }
            peer.write("HTTP/1.1 200 OK\r\nX: y\r\n\r\n");
            if (!peer.start_tls(lender.context()))
                return;
        }
    }
    std::string address() const { return "127.0.0.1:" + std::to_string(server.port()); }

    std::mutex mutex;
    std::vector<std::string> seen;
    raw_server lender;
    raw_server server;
};

TEST_CASE("https goes through a tunnel: the proxy sees the host and its own password, no more")
{
    tiny_proxy proxy;
    auto options = quiet_options(authority().pem());
    options.proxy.https = "http://user:word@" + proxy.address();
    fixture f(options);
    for (int i = 0; i < 2; ++i) {
        auto const r = f.send(post("https://api.example.test/v1/tasks"));
        REQUIRE(r.has_value());
        CHECK(r->body() == "ok");
    }
    REQUIRE(proxy.seen.size() == 3);
    CHECK(proxy.seen[0] == "CONNECT api.example.test:443 HTTP/1.1\r\n"
                           "Host: api.example.test:443\r\n"
                           "Proxy-Authorization: Basic dXNlcjp3b3Jk\r\n\r\n");
    CHECK(proxy.seen[1].rfind("POST /v1/tasks HTTP/1.1\r\nHost: api.example.test\r\n", 0) == 0);
    CHECK(proxy.seen[1].find("Proxy-Authorization") == std::string::npos);
    CHECK(proxy.server.connections() == 1);
}

TEST_CASE("behind a tunnel the certificate is still checked against the host's name")
{
    tiny_proxy proxy("other.example.test");
    auto options = quiet_options(authority().pem());
    options.proxy.https = proxy.address();
    fixture f(options);
    auto const r = f.send(post("https://api.example.test/"));
    REQUIRE_FALSE(r.has_value());
    CHECK(r.error() == errc::certificate_rejected);
    CHECK(r.error().sent() == fate::not_sent);
    CHECK(proxy.server.posts() == 0);
}

TEST_CASE("http goes to the proxy in absolute form, with the proxy's password")
{
    tiny_proxy proxy;
    auto options = quiet_options();
    options.proxy.http = "http://user:word@" + proxy.address();
    fixture f(options);
    for (int i = 0; i < 2; ++i)
        REQUIRE(f.send(post("http://plain.example.test/v1?x=y", "{}")).has_value());
    REQUIRE(proxy.seen.size() == 2);
    CHECK(proxy.seen[1] == "POST http://plain.example.test/v1?x=y HTTP/1.1\r\n"
                           "Host: plain.example.test\r\n"
                           "Authorization: Key canary\r\n"
                           "Proxy-Authorization: Basic dXNlcjp3b3Jk\r\n"
                           "Content-Length: 2\r\n\r\n{}");
    CHECK(proxy.server.connections() == 1);
}

TEST_CASE("hosts that are exempt are reached directly")
{
    tiny_proxy proxy;
    raw_server host(answer_all(http_ok("direct")));
    auto options = quiet_options();
    options.proxy.http = proxy.address();
    fixture f(options);
    auto const r = f.send(get(host.url()));
    REQUIRE(r.has_value());
    CHECK(r->body() == "direct");
    CHECK(proxy.server.connections() == 0);
}

TEST_CASE("a proxy that refuses is told by its status, and nothing was sent")
{
    for (unsigned const status : {403U, 407U, 502U, 503U}) {
        CAPTURE(status);
        raw_server proxy(answer_all("HTTP/1.1 " + std::to_string(status) +
                                    " No\r\nContent-Length: 5\r\n\r\nsorry"));
        auto options = quiet_options(authority().pem());
        options.proxy.https = "127.0.0.1:" + std::to_string(proxy.port());
        fixture f(options);
        auto const r = f.send(post("https://api.example.test/"));
        REQUIRE_FALSE(r.has_value());
        CHECK(r.error() == errc::proxy_refused);
        CHECK(r.error().sent() == fate::not_sent);
        CHECK(r.error().facts().http_status == status);
        CHECK(proxy.posts() == 0);
    }
}

TEST_CASE("a proxy that says too much, or speaks before its time, is refused")
{
    for (std::string const& answer :
         {"HTTP/1.1 200 OK\r\nX: " + std::string(100000, 'y') + "\r\n\r\n",
          std::string("HTTP/1.1 200 OK\r\n\r\nsurprise"), std::string("220 mail.example ESMTP\r\n"),
          std::string()}) {
        raw_server proxy([&](raw_peer& peer) {
            peer.read_head();
            peer.write(answer);
        });
        auto options = quiet_options(authority().pem());
        options.proxy.https = "127.0.0.1:" + std::to_string(proxy.port());
        fixture f(options);
        auto const r = f.send(post("https://api.example.test/"));
        REQUIRE_FALSE(r.has_value());
        CHECK(r.error() == errc::proxy_refused);
        CHECK(r.error().sent() == fate::not_sent);
    }
}

TEST_CASE("a proxy of another kind fails the request instead of being gone around")
{
    raw_server host(answer_all(http_ok("ok")));
    auto options = quiet_options();
    options.proxy.http = "socks5://127.0.0.1:" + std::to_string(host.port());
    fixture f(options);
    auto const r = f.send(get("http://plain.example.test/"));
    REQUIRE_FALSE(r.has_value());
    CHECK(r.error() == errc::invalid_options);
    CHECK(r.error().sent() == fate::not_sent);
    CHECK(host.connections() == 0);
}

TEST_CASE("behind a proxy a literal private address is refused where only public ones may be")
{
    tiny_proxy proxy;
    auto options = quiet_options();
    options.proxy.http = proxy.address();
    fixture f(options);
    auto request = get("http://10.0.0.1/latest/meta-data");
    request.public_addresses_only = true;
    auto const r = f.send(std::move(request));
    REQUIRE_FALSE(r.has_value());
    CHECK(r.error() == errc::link_refused);
    CHECK(proxy.server.connections() == 0);
}

} // namespace net_proxied_test
