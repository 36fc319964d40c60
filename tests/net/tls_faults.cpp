// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Every way in which a host's TLS can be wrong, a row each: refused, nothing sent, and the reason
// told. A certificate's faults first, then those of whoever issued it, then the protocol's.
#include <cokino/net/tls.hpp>

#include <doctest/doctest.h>

#include <net/bad_certificates.hpp>
#include <net/transport_test.hpp>

#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace tls_faults_test {

using namespace net_test;

const made_certificate& root()
{
    static const made_certificate made = make_certificate(authority_plan("root"), nullptr);
    return made;
}

/// A good issuer below the root.
const made_certificate& middle()
{
    static const made_certificate made = make_certificate(authority_plan("middle"), &root());
    return made;
}

/// What a host shows: its own certificate, then the chain.
raw_tls showing(const made_certificate& own, const std::string& chain = {})
{
    raw_tls tls;
    tls.certificate_pem = own.pem() + chain;
    tls.private_key_pem = own.key_pem();
    return tls;
}

failure refused(const raw_tls& tls, const std::string& host, const std::string& trusted)
{
    raw_server server(answer_all(http_ok("{}")), tls);
    fixture f(quiet_options(trusted));
    auto request = post("https://" + host + ":" + std::to_string(server.port()) + "/");
    request.limits.handshake = std::chrono::seconds(8);
    auto r = f.send(std::move(request));
    REQUIRE_FALSE(r.has_value());
    CHECK(r.error().sent() == fate::not_sent);
    CHECK(server.posts() == 0);
    CHECK(f.transport->statistics().handshakes == 0);
    return r.error();
}

// ---- the host's own certificate ----------------------------------------------------------------

struct own_fault {
    std::string name;
    const char* reason; // in the failure's words
    std::function<void(certificate_plan&)> bend;
    const char* host = "localhost";
};

std::vector<own_fault> own_faults()
{
    const auto named = [](std::string names) {
        return [names = std::move(names)](certificate_plan& p) { p.names = names; };
    };
    return {
        {"another name", "ostname mismatch", named("DNS:other.example")},
        {"a name that only begins so", "ostname mismatch", named("DNS:localhost.example")},
        {"a name that only ends so", "ostname mismatch", named("DNS:local"), "a.localhost"},
        {"a wildcard for everything", "ostname mismatch", named("DNS:*")},
        {"a wildcard above the name", "ostname mismatch", named("DNS:*.localhost")},
        {"a wildcard two labels deep", "ostname mismatch", named("DNS:*.localhost"),
         "a.b.localhost"},
        {"a wildcard in the middle", "ostname mismatch", named("DNS:a.*.localhost"),
         "a.b.localhost"},
        {"a wildcard as part of a label", "ostname mismatch", named("DNS:a*.x.localhost"),
         "ab.x.localhost"},
        {"the name in the subject, another beside it", "ostname mismatch",
         [](certificate_plan& p) {
             p.common_name = "localhost";
             p.names = "DNS:other.example";
         }},
        {"the name in the subject alone", "ostname mismatch",
         [](certificate_plan& p) {
             p.common_name = "localhost";
             p.names.clear();
         }},
        {"no name at all", "ostname mismatch", named("")},
        {"a zero byte behind the name", "ostname mismatch",
         [](certificate_plan& p) {
             p.names.clear();
             p.odd_name = std::string("localhost\0.example", 18);
         }},
        {"an address as a name", "address mismatch", named("DNS:127.0.0.1"), "127.0.0.1"},
        {"an address in the subject alone", "address mismatch",
         [](certificate_plan& p) {
             p.common_name = "127.0.0.1";
             p.names.clear();
         },
         "127.0.0.1"},
        {"another address", "address mismatch", named("DNS:localhost,IP:127.0.0.2"), "127.0.0.1"},
        {"an e-mail address and a URI", "ostname mismatch",
         named("email:a@localhost,URI:https://localhost/")},
        {"expired", "expired",
         [](certificate_plan& p) {
             p.from_hours = -48;
             p.until_hours = -1;
         }},
        {"not yet valid", "not yet valid",
         [](certificate_plan& p) {
             p.from_hours = 1;
             p.until_hours = 48;
         }},
        {"for clients only", "purpose", [](certificate_plan& p) { p.purpose = "clientAuth"; }},
        {"for code only", "purpose", [](certificate_plan& p) { p.purpose = "codeSigning"; }},
        {"a key of 1024 bits", "key too weak", [](certificate_plan& p) { p.rsa_bits = 1024; }},
        {"signed by way of SHA-1", "digest algorithm too weak",
         [](certificate_plan& p) { p.digest = EVP_sha1(); }},
        {"a critical extension that nobody knows", "unhandled critical extension",
         [](certificate_plan& p) { p.odd_extension = true; }},
    };
}

TEST_CASE("a certificate with any fault is refused, and the fault told")
{
    // What is only bent by its row is otherwise good.
    {
        const auto own = make_certificate(certificate_plan(), &root());
        raw_server server(answer_all(http_ok("{}")), showing(own));
        fixture f(quiet_options(root().pem()));
        REQUIRE(f.send(post(server.url())).has_value());
    }
    for (const own_fault& fault : own_faults()) {
        CAPTURE(fault.name);
        certificate_plan plan;
        fault.bend(plan);
        auto tls = showing(make_certificate(plan, &root()));
        tls.adjust = [](SSL_CTX* context) { SSL_CTX_set_security_level(context, 0); };
        const auto why = refused(tls, fault.host, root().pem());
        CHECK(why == errc::certificate_rejected);
        CAPTURE(why.facts().message);
        CHECK(why.facts().message.find(fault.reason) != std::string::npos);
    }
}

// ---- who issued it -----------------------------------------------------------------------------

struct issuer_fault {
    std::string name;
    const char* reason;
    std::function<void(certificate_plan&)> bend;
};

std::vector<issuer_fault> issuer_faults()
{
    return {
        {"is no authority", "invalid CA",
         [](certificate_plan& p) { p.constraints = "critical,CA:FALSE"; }},
        {"does not say that it is one", "invalid CA",
         [](certificate_plan& p) {
             p.constraints.clear();
             p.usage = "critical,digitalSignature";
         }},
        {"is of version 1", "invalid CA", [](certificate_plan& p) { p.version = 1; }},
        {"may not sign certificates", "", // two words for it, by OpenSSL's version
         [](certificate_plan& p) { p.usage = "critical,digitalSignature"; }},
        {"may only issue other names", "permitted subtree violation",
         [](certificate_plan& p) { p.subtrees = "critical,permitted;DNS:other.example"; }},
        {"may not issue this name", "excluded subtree violation",
         [](certificate_plan& p) { p.subtrees = "critical,excluded;DNS:localhost"; }},
        {"may not issue for hosts", "purpose",
         [](certificate_plan& p) { p.purpose = "codeSigning"; }},
        {"expired", "expired",
         [](certificate_plan& p) {
             p.from_hours = -48;
             p.until_hours = -1;
         }},
        {"is not yet valid", "not yet valid",
         [](certificate_plan& p) {
             p.from_hours = 1;
             p.until_hours = 48;
         }},
        {"has a key of 1024 bits", "key too weak", [](certificate_plan& p) { p.rsa_bits = 1024; }},
        {"is signed by way of SHA-1", "digest algorithm too weak",
         [](certificate_plan& p) { p.digest = EVP_sha1(); }},
        {"has a critical extension that nobody knows", "unhandled critical extension",
         [](certificate_plan& p) { p.odd_extension = true; }},
    };
}

TEST_CASE("a certificate whose issuer has any fault is refused, and the fault told")
{
    {
        const auto own = make_certificate(certificate_plan(), &middle());
        raw_server server(answer_all(http_ok("{}")), showing(own, middle().pem()));
        fixture f(quiet_options(root().pem()));
        REQUIRE(f.send(post(server.url())).has_value());
    }
    for (const issuer_fault& fault : issuer_faults()) {
        CAPTURE(fault.name);
        auto plan = authority_plan("issuer that " + fault.name);
        fault.bend(plan);
        const auto issuer = make_certificate(plan, &root());
        const auto own = make_certificate(certificate_plan(), &issuer);
        auto tls = showing(own, issuer.pem());
        tls.adjust = [](SSL_CTX* context) { SSL_CTX_set_security_level(context, 0); };
        const auto why = refused(tls, "localhost", root().pem());
        CHECK(why == errc::certificate_rejected);
        CAPTURE(why.facts().message);
        CHECK(why.facts().message.find(fault.reason) != std::string::npos);
    }
}

struct chain_fault {
    std::string name;
    const char* reason;
    raw_tls tls;
};

std::vector<chain_fault> chain_faults()
{
    const auto stranger = make_certificate(authority_plan("root"), nullptr); // the same name
    const auto unknown = make_certificate(authority_plan("nobody"), nullptr);
    const auto own = make_certificate(certificate_plan(), &middle());
    auto short_plan = authority_plan("short");
    short_plan.constraints = "critical,CA:TRUE,pathlen:0";
    const auto short_one = make_certificate(short_plan, &root());
    const auto too_deep = make_certificate(authority_plan("too deep"), &short_one);
    const auto forged = make_certificate(certificate_plan(), &root());
    X509_gmtime_adj(X509_getm_notAfter(forged.certificate.get()), 7200); // behind the signature
    auto host_plan = certificate_plan();
    host_plan.common_name = "a host";
    const auto host = make_certificate(host_plan, &root());
    return {
        {"by itself", "self", showing(make_certificate(certificate_plan(), nullptr))},
        {"by an authority that nobody trusts", "local issuer",
         showing(make_certificate(certificate_plan(), &unknown))},
        {"by one that brings itself along", "self",
         showing(make_certificate(certificate_plan(), &unknown), unknown.pem())},
        {"by one with a trusted one's name", "",
         showing(make_certificate(certificate_plan(), &stranger), stranger.pem())},
        {"by a trusted one, but changed since", "signature failure", showing(forged)},
        {"by one that is missing from the chain", "local issuer", showing(own)},
        {"with another chain beside it", "local issuer", showing(own, short_one.pem())},
        {"deeper than its issuer may", "path length",
         showing(make_certificate(certificate_plan(), &too_deep),
                 too_deep.pem() + short_one.pem())},
        {"by a host's certificate", "invalid CA",
         showing(make_certificate(certificate_plan(), &host), host.pem())},
    };
}

TEST_CASE("a chain that does not lead to a trusted authority is refused, and told why")
{
    for (const chain_fault& fault : chain_faults()) {
        CAPTURE(fault.name);
        const auto why = refused(fault.tls, "localhost", root().pem());
        CHECK(why == errc::certificate_rejected);
        CAPTURE(why.facts().message);
        CHECK_FALSE(why.facts().message.empty());
        CHECK(why.facts().message.find(fault.reason) != std::string::npos);
    }
}

// ---- the protocol ------------------------------------------------------------------------------

TEST_CASE("a host that speaks too old or too weak a protocol is refused")
{
    struct row {
        std::string name;
        std::function<void(SSL_CTX*)> adjust;
    };
    const auto versions = [](int version) {
        return [version](SSL_CTX* context) {
            SSL_CTX_set_security_level(context, 0);
            SSL_CTX_set_min_proto_version(context, version);
            SSL_CTX_set_max_proto_version(context, version);
        };
    };
    const auto ciphers = [](const char* names) {
        return [names](SSL_CTX* context) {
            SSL_CTX_set_security_level(context, 0);
            SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
            must(SSL_CTX_set_cipher_list(context, names) == 1, names);
        };
    };
    const row rows[] = {
        {"TLS 1.0 only", versions(TLS1_VERSION)},
        {"TLS 1.1 only", versions(TLS1_1_VERSION)},
        {"nobody vouches for the key", ciphers("aNULL")},
        {"nothing is hidden", ciphers("eNULL")},
    };
    const auto own = make_certificate(certificate_plan(), &root());
    for (const row& row : rows) {
        CAPTURE(row.name);
        auto tls = showing(own);
        tls.version_min = TLS1_VERSION;
        tls.adjust = row.adjust;
        const auto why = refused(tls, "localhost", root().pem());
        CHECK(why == errc::tls_failed);
        CHECK_FALSE(why.facts().message.empty());
    }
}

TEST_CASE("a host whose key agreement is too weak is refused")
{
    auto plan = certificate_plan();
    plan.rsa_bits = 2048;
    plan.usage = "critical,digitalSignature,keyEncipherment";
    auto tls = showing(make_certificate(plan, &root()));
    tls.version_max = TLS1_2_VERSION;
    tls.adjust = [](SSL_CTX* context) {
        SSL_CTX_set_security_level(context, 0);
        must(SSL_CTX_set_cipher_list(context, "DHE-RSA-AES128-GCM-SHA256") == 1, "a cipher");
        must(SSL_CTX_set_dh_auto(context, 2) == 1, "a weak group"); // 2 means 1024 bits
    };
    const auto why = refused(tls, "localhost", root().pem());
    CHECK(why == errc::tls_failed);
    CHECK(why.facts().message.find("dh key too small") != std::string::npos);
}

TEST_CASE("a host that breaks off, or speaks another language, is refused")
{
    struct row {
        std::string name;
        std::function<void(raw_peer&)> act;
        const char* reason;
        errc code = errc::tls_failed;
    };
    const auto say = [](std::string_view bytes) {
        return [bytes](raw_peer& peer) {
            peer.read_at_least(100);
            peer.write(bytes);
            peer.stall();
        };
    };
    using namespace std::string_view_literals;
    const row rows[] = {
        {"plain HTTP", say("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"sv),
         "wrong version number"},
        {"noise", say("\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8\xf7\xf6\xf5"sv), ""},
        {"a record too long", say("\x16\x03\x03\xff\xff\x02\x00\x00\x00\x00\x00"sv), ""},
        {"an empty hello", say("\x16\x03\x03\x00\x04\x02\x00\x00\x00"sv), ""},
        {"data before the hello", say("\x17\x03\x03\x00\x05hello"sv), ""},
        {"an alert: no such name", say("\x15\x03\x03\x00\x02\x02\x70"sv), "unrecognized name"},
        {"an alert: no agreement", say("\x15\x03\x01\x00\x02\x02\x28"sv), "handshake failure"},
        {"an alert: its own fault", say("\x15\x03\x03\x00\x02\x02\x50"sv), "internal error"},
        {"a reset",
         [](raw_peer& peer) {
             peer.read_at_least(100);
             peer.reset();
         },
         ""},
        {"an end",
         [](raw_peer& peer) {
             peer.read_at_least(100);
             peer.cut();
         },
         ""},
        {"an end in the middle of its hello",
         [](raw_peer& peer) {
             peer.read_at_least(100);
             peer.write("\x16\x03\x03\x00\x7a\x02\x00"sv);
             peer.cut();
         },
         ""},
        {"silence", [](raw_peer& peer) { peer.stall(); }, "handshake", errc::phase_timed_out},
    };
    for (const row& row : rows) {
        CAPTURE(row.name);
        raw_server host(row.act);
        fixture f(quiet_options(root().pem()));
        auto request = post("https://localhost:" + std::to_string(host.port()) + "/");
        if (row.code == errc::phase_timed_out)
            request.limits.handshake = milliseconds(30);
        const auto r = f.send(std::move(request));
        REQUIRE_FALSE(r.has_value());
        CHECK(r.error() == row.code);
        CHECK(r.error().sent() == fate::not_sent);
        CAPTURE(r.error().facts().message);
        CHECK_FALSE(r.error().facts().message.empty());
        CHECK(r.error().facts().message.find(row.reason) != std::string::npos);
    }
}

} // namespace tls_faults_test
