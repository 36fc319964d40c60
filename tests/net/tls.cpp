// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// TLS as the transport does it: whom it trusts, what it refuses and with which words, what counts
// as sent, how sessions are resumed.
#include <cokino/net/tls.hpp>

#include <cokino/testing/certificates.hpp>

#include <doctest/doctest.h>

#include <net/transport_test.hpp>
#include <support/environment.hpp>

#include <cstdlib>
#include <string>
#include <vector>

namespace net_tls_test {

using namespace net_test;
using testing::certificate_wish;
using testing::test_authority;
using testing::test_identity;

/// One authority for all cases: keys take time.
const test_authority& authority()
{
    static test_authority const made;
    return made;
}

raw_tls with(const test_identity& identity)
{
    raw_tls tls;
    tls.certificate_pem = identity.certificate_pem;
    tls.private_key_pem = identity.private_key_pem;
    return tls;
}
raw_tls good() { return with(authority().issue()); }

failure refused_with(const raw_tls& tls, const std::string& trusted)
{
    raw_server host(answer_all(http_ok("{}")), tls);
    fixture f(quiet_options(trusted));
    auto r = f.send(post(host.url()));
    REQUIRE_FALSE(r.has_value());
    CHECK(r.error().sent() == fate::not_sent);
    CHECK(host.posts() == 0);
    CHECK(host.connections() == 1);
    return r.error();
}

TEST_CASE("over TLS a request is answered, and the connection is used again")
{
    raw_server host(answer_all(http_ok("{\"ok\":1}")), good());
    fixture f(quiet_options(authority().pem()));
    for (int i = 0; i < 8; ++i) {
        auto const r =
            f.send(post(host.url(), std::string(static_cast<std::size_t>(i) * 9000, 'x')));
        REQUIRE(r.has_value());
        CHECK(r->status == 200);
        CHECK(r->body() == "{\"ok\":1}");
    }
    CHECK(host.posts() == 8);
    CHECK(host.connections() == 1);
    CHECK(f.transport->statistics().handshakes == 1);
}

TEST_CASE("a host is checked by name or, for a literal, by address")
{
    certificate_wish only_address;
    only_address.dns_names.clear();
    raw_server host(answer_all(http_ok("{}")), with(authority().issue(only_address)));
    fixture f(quiet_options(authority().pem()));
    auto const by_address = f.send(post("https://127.0.0.1:" + std::to_string(host.port()) + "/"));
    CHECK(by_address.has_value());
    auto const by_name = f.send(post(host.url()));
    REQUIRE_FALSE(by_name.has_value());
    CHECK(by_name.error() == errc::certificate_rejected);
    CHECK(by_name.error().facts().message.find("mismatch") != std::string::npos);
    CHECK(host.posts() == 1);
}

TEST_CASE("a wrong name is refused: another, too deep for a wildcard, or a wildcard's part")
{
    for (const char* const name :
         {"other.example", "*.localhost", "loc*", "*", "localhost.example"}) {
        CAPTURE(name);
        certificate_wish wish;
        wish.dns_names = {name};
        wish.ip_addresses.clear();
        auto const f = refused_with(with(authority().issue(wish)), authority().pem());
        CHECK(f == errc::certificate_rejected);
        CHECK(f.facts().message.find("mismatch") != std::string::npos);
    }
}

TEST_CASE("an expired certificate and one not yet valid are refused with their reason")
{
    certificate_wish wish;
    wish.valid_from = std::chrono::hours(-48);
    wish.valid_until = std::chrono::hours(-24);
    auto const old = refused_with(with(authority().issue(wish)), authority().pem());
    CHECK(old == errc::certificate_rejected);
    CHECK(old.facts().message.find("expired") != std::string::npos);
    wish.valid_from = std::chrono::hours(24);
    wish.valid_until = std::chrono::hours(48);
    auto const early = refused_with(with(authority().issue(wish)), authority().pem());
    CHECK(early == errc::certificate_rejected);
    CHECK(early.facts().message.find("not yet valid") != std::string::npos);
}

TEST_CASE("a certificate of an authority that nobody trusts is refused")
{
    test_authority const stranger;
    auto const f = refused_with(with(stranger.issue()), authority().pem());
    CHECK(f == errc::certificate_rejected);
    CHECK(f.facts().message.find("issuer") != std::string::npos);
}

TEST_CASE("a host that speaks only TLS 1.1 is refused")
{
    auto tls = good();
    tls.version_min = TLS1_1_VERSION;
    tls.version_max = TLS1_1_VERSION;
    CHECK(refused_with(tls, authority().pem()) == errc::tls_failed);
}

TEST_CASE("a minimum of TLS 1.3 refuses 1.2")
{
    auto tls = good();
    tls.version_max = TLS1_2_VERSION;
    raw_server host(answer_all(http_ok("{}")), tls);
    auto options = quiet_options(authority().pem());
    {
        fixture f(options);
        CHECK(f.send(post(host.url())).has_value());
    }
    options.tls.version_min = net::tls_version::tls_1_3;
    fixture f(options);
    auto const r = f.send(post(host.url()));
    REQUIRE_FALSE(r.has_value());
    CHECK(r.error() == errc::tls_failed);
    CHECK(r.error().sent() == fate::not_sent);
    CHECK(host.posts() == 1);
}

TEST_CASE("TLS refused, cut, reset or answered in plain text: nothing was sent")
{
    for (int const way : {0, 1, 2, 3}) {
        CAPTURE(way);
        raw_server host([&](raw_peer& peer) {
            if (way == 0)
                peer.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
            peer.read_at_least(100);
            if (way == 1)
                peer.reset();
            if (way == 2)
                peer.write("\x15\x03\x01\x00\x02\x02\x28"); // fatal: handshake_failure
        });
        fixture f(quiet_options(authority().pem()));
        auto const r = f.send(post("https://localhost:" + std::to_string(host.port()) + "/"));
        REQUIRE_FALSE(r.has_value());
        CHECK(r.error() == errc::tls_failed);
        CHECK(r.error().sent() == fate::not_sent);
        CHECK_FALSE(r.error().facts().message.empty());
    }
}

TEST_CASE("a handshake that stalls runs into its limit, and nothing was sent")
{
    raw_server host([](raw_peer& peer) { peer.stall(); });
    fixture f(quiet_options(authority().pem()));
    auto request = post("https://localhost:" + std::to_string(host.port()) + "/");
    request.limits.handshake = milliseconds(30);
    auto const r = f.send(std::move(request));
    REQUIRE_FALSE(r.has_value());
    CHECK(r.error() == errc::phase_timed_out);
    CHECK(r.error().sent() == fate::not_sent);
    CHECK(r.error().facts().message.find("handshake") != std::string::npos);
}

TEST_CASE("over TLS, too, a request read fully and then lost is maybe sent, processed once")
{
    for (int const way : {0, 1, 2}) {
        CAPTURE(way);
        raw_server host(
            [&](raw_peer& peer) {
                peer.read_request();
                if (way == 0)
                    peer.reset();
                else if (way == 1)
                    peer.cut();
                else
                    peer.finish();
            },
            good());
        fixture f(quiet_options(authority().pem()));
        auto const r = f.send(post(host.url()));
        REQUIRE_FALSE(r.has_value());
        CHECK(r.error() == errc::connection_lost);
        CHECK(r.error().sent() == fate::maybe_sent);
        CHECK(host.posts() == 1);
        CHECK(host.connections() == 1);
    }
}

TEST_CASE("a host that closes behind the handshake is maybe sent once a byte of the request left")
{
    raw_server host([](raw_peer& peer) { peer.reset(); }, good());
    fixture f(quiet_options(authority().pem()));
    auto const r = f.send(post(host.url()));
    REQUIRE_FALSE(r.has_value());
    CHECK(host.posts() == 0);
    CHECK(host.connections() == 1);
}

TEST_CASE("an end without close_notify is a truncation where the end is all that ends the body")
{
    for (bool const proper : {true, false}) {
        CAPTURE(proper);
        raw_server host(
            [&](raw_peer& peer) {
                peer.read_request();
                peer.write("HTTP/1.1 200 OK\r\n\r\nall of it");
                if (proper)
                    peer.finish();
                else
                    peer.cut();
            },
            good());
        fixture f(quiet_options(authority().pem()));
        auto const r = f.send(post(host.url()));
        REQUIRE(r.has_value() == proper);
        if (proper) {
            CHECK(r->body() == "all of it");
        } else {
            CHECK(r.error() == errc::body_truncated);
            CHECK(r.error().sent() == fate::maybe_sent);
        }
    }
}

TEST_CASE("at least 95 of 100 reconnects resume a session, in TLS 1.2 and 1.3")
{
    for (int const version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        CAPTURE(version);
        auto tls = good();
        tls.version_min = tls.version_max = version;
        raw_server host(
            [](raw_peer& peer) {
                peer.read_request();
                peer.write(http_ok("{}", "Connection: close\r\n"));
                peer.finish();
            },
            tls);
        fixture f(quiet_options(authority().pem()));
        for (int i = 0; i < 101; ++i) {
            auto const r = f.send(post(host.url()));
            REQUIRE(r.has_value());
        }
        CHECK(host.connections() == 101);
        CHECK(host.resumed() >= 95);
        CHECK(f.transport->statistics().handshakes_resumed ==
              static_cast<unsigned>(host.resumed()));
    }
}

TEST_CASE("connections cut by us resume their session too")
{
    raw_server host(
        [](raw_peer& peer) {
            peer.read_request();
            peer.write(http_ok("{}"));
            peer.stall();
        },
        good());
    fixture f(quiet_options(authority().pem()));
    for (int i = 0; i < 20; ++i) {
        auto const r = f.send(post(host.url()));
        REQUIRE(r.has_value());
        f.transport->close_idle();
    }
    CHECK(host.resumed() == 19);
}

TEST_CASE("a pooled TLS connection that died idle is replaced, and the POST is processed once")
{
    for (int const way : {0, 1, 2}) {
        CAPTURE(way);
        raw_server host(
            [&](raw_peer& peer) {
                peer.read_request();
                peer.write(http_ok("{}"));
                if (peer.number() > 0)
                    peer.stall();
                else if (way == 0)
                    peer.reset();
                else if (way == 1)
                    peer.cut();
                else
                    peer.finish();
            },
            good());
        fixture f(quiet_options(authority().pem()));
        REQUIRE(f.send(post(host.url())).has_value());
        REQUIRE(host.wait_ended(1));
        REQUIRE(f.send(post(host.url())).has_value());
        CHECK(host.posts() == 2);
        CHECK(host.connections() == 2);
    }
}

TEST_CASE("a host that asks for a client certificate gets ours")
{
    certificate_wish wish;
    wish.for_client = true;
    auto const ours = authority().issue(wish);
    auto tls = good();
    tls.client_ca_pem = authority().pem();
    tls.version_max = TLS1_2_VERSION; // in 1.3 the refusal comes behind the handshake
    raw_server host(answer_all(http_ok("{}")), tls);
    {
        fixture f(quiet_options(authority().pem()));
        auto const r = f.send(post(host.url()));
        REQUIRE_FALSE(r.has_value());
        CHECK(r.error() == errc::tls_failed);
        CHECK(r.error().sent() == fate::not_sent);
    }
    auto options = quiet_options(authority().pem());
    options.tls.certificate_pem = ours.certificate_pem;
    options.tls.private_key_pem = secret(ours.private_key_pem);
    fixture f(options);
    auto const r = f.send(post(host.url()));
    CHECK(r.has_value());
    CHECK(host.posts() == 1);
}

TEST_CASE("a bad client certificate is an invalid option, told by its field")
{
    certificate_wish wish;
    wish.for_client = true;
    auto const one = authority().issue(wish);
    auto const other = authority().issue(wish);
    struct row {
        std::string certificate, key, field;
    };
    for (row const& r : {row{one.certificate_pem, "", "tls.private_key_file"},
                         row{"", one.private_key_pem, "tls.certificate_file"},
                         row{"nonsense", one.private_key_pem, "tls.certificate_file"},
                         row{one.certificate_pem, "nonsense", "tls.private_key_file"},
                         row{one.certificate_pem, other.private_key_pem, "tls.private_key_file"}}) {
        CAPTURE(r.field);
        raw_server host(answer_all(http_ok("{}")), good());
        auto options = quiet_options(authority().pem());
        options.tls.certificate_pem = r.certificate;
        options.tls.private_key_pem = secret(r.key);
        fixture f(options);
        auto const sent = f.send(post(host.url()));
        REQUIRE_FALSE(sent.has_value());
        CHECK(sent.error() == errc::invalid_options);
        CHECK(sent.error().facts().field == r.field);
        CHECK(sent.error().sent() == fate::not_sent);
    }
}

TEST_CASE("without a single CA nothing is trusted, and the text says what to do")
{
    raw_server host(answer_all(http_ok("{}")), good());
    for (int const way : {0, 1, 2}) {
        CAPTURE(way);
        auto options = quiet_options();
        if (way == 0)
            options.tls.ca_pem = "-----BEGIN NOTHING-----";
        if (way == 1)
            options.tls.ca_file = "/dev/null";
        if (way == 2)
            options.tls.ca_directory = "/nonexistent";
        fixture f(options);
        auto const r = f.send(post(host.url()));
        REQUIRE_FALSE(r.has_value());
        CHECK(r.error() == errc::no_certificates);
        CHECK(r.error().sent() == fate::not_sent);
        CHECK_FALSE(r.error().facts().message.empty());
    }
    environment const clean{"SSL_CERT_FILE", "SSL_CERT_DIR"};
    setenv("SSL_CERT_FILE", "/dev/null", 1);
    fixture f;
    auto const r = f.send(post(host.url()));
    REQUIRE_FALSE(r.has_value());
    CHECK(r.error() == errc::no_certificates);
    CHECK(r.error().facts().message.find("SSL_CERT_FILE") != std::string::npos);
    CHECK(host.posts() == 0);
}

} // namespace net_tls_test
