// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The receiver over TLS on loopback: hooks arrive, and who does not shake hands costs a bounded
// time and a bounded number of connections.
#include <cokino/testing/certificates.hpp>
#include <webhook/loopback.hpp>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <doctest/doctest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace receiver_tls_test {

using namespace cokino;
using namespace cokino::testing;
using namespace cokino::testing::support;
using namespace std::chrono_literals;
using webhook::receiver_options;

/// An authority, what the receiver shows, and what a host trusts.
struct trust {
    trust()
    {
        const test_identity shown = authority.issue();
        server.use_certificate_chain(asio::buffer(shown.certificate_pem));
        server.use_private_key(asio::buffer(shown.private_key_pem), asio::ssl::context::pem);
        host.add_certificate_authority(asio::buffer(authority.pem()));
        host.set_verify_mode(asio::ssl::verify_peer);
        host.set_verify_callback(asio::ssl::host_name_verification("localhost"));
    }
    receiver_options options()
    {
        receiver_options o;
        o.tls = &server;
        return o;
    }
    test_authority authority;
    asio::ssl::context server{asio::ssl::context::tls_server};
    asio::ssl::context host{asio::ssl::context::tls_client};
};

struct tls_bench : trust, hook_bench {
    tls_bench() : hook_bench(trust::options()) {}
    explicit tls_bench(receiver_options o) : hook_bench(with_tls(std::move(o))) {}

private:
    receiver_options with_tls(receiver_options o)
    {
        o.tls = &server;
        return o;
    }
};

/// A host's connection over TLS.
class tls_sender
{
public:
    explicit tls_sender(tls_bench& b)
        : stream_(b.t.ex(), b.host), to_(asio::ip::address_v4::loopback(), b.port)
    {}

    /// False when the connection or the handshake failed.
    awaitable<bool> connect()
    {
        const auto there = co_await stream_.next_layer().async_connect(to_, as_tuple_token);
        if (std::get<0>(there))
            co_return false;
        const auto shaken =
            co_await stream_.async_handshake(asio::ssl::stream_base::client, as_tuple_token);
        co_return !std::get<0>(shaken);
    }
    awaitable<bool> send(std::string bytes)
    {
        const auto put = co_await asio::async_write(stream_, asio::buffer(bytes), as_tuple_token);
        co_return !std::get<0>(put);
    }
    /// The status of the next answer; 0 when the connection ended.
    awaitable<unsigned> status()
    {
        while (in_.find("\r\n\r\n{") == std::string::npos || !in_.ends_with('}')) {
            const auto got = co_await stream_.async_read_some(asio::buffer(piece_), as_tuple_token);
            if (std::get<0>(got))
                co_return 0U;
            in_.append(piece_.data(), std::get<1>(got));
        }
        const auto code = static_cast<unsigned>(std::stoul(in_.substr(9, 3)));
        in_.clear();
        co_return code;
    }

private:
    asio::ssl::stream<asio::ip::tcp::socket> stream_;
    asio::ip::tcp::endpoint to_;
    std::string in_;
    std::array<char, 4096> piece_{};
};

awaitable<unsigned> over_tls(tls_bench& b, std::vector<std::string> hooks)
{
    tls_sender sender(b);
    const bool connected = co_await sender.connect();
    if (!connected)
        co_return 0U;
    unsigned last = 0;
    for (std::string& hook : hooks) {
        co_await sender.send(std::move(hook));
        last = co_await sender.status();
    }
    co_return last;
}

TEST_CASE("A genuine hook over TLS wakes its waiter, a forged one is answered 401")
{
    tls_bench b;
    hook_listener w;
    b.box.source("kling", "https://localhost/hooks/kling").watch(w, "job-1");
    std::vector<std::string> genuine{b.hook("job-1")};
    CHECK(b.t.outcome(over_tls(b, std::move(genuine))).value() == 200);
    REQUIRE(w.heard.size() == 1);
    CHECK(w.heard[0].believed);
    std::vector<std::string> forged{b.hook("job-1")};
    forged[0][forged[0].find("v1,") + 5] ^= 1;
    CHECK(b.t.outcome(over_tls(b, std::move(forged))).value() == 401);
    CHECK(w.heard.size() == 1);
}

TEST_CASE("Several hooks may come on one TLS connection, and a large one in many records")
{
    receiver_options o;
    o.body_bytes_max = 256 * 1024;
    tls_bench b(o);
    std::vector<std::string> hooks{b.hook("job-1"), b.hook("job-2")};
    unsigned_hook large;
    large.message_id = "large";
    large.body =
        R"({"id":"job-3","status":"succeeded","padding":")" + std::string(200'000, 'x') + "\"}";
    hooks.push_back(hook_text(
        "/hooks/kling",
        b.signer.sign(webhook_scheme::standard_webhooks, large, time_of(b.t.ex()).system_now()),
        large.body));
    CHECK(b.t.outcome(over_tls(b, std::move(hooks))).value() == 200);
    CHECK(b.listens.counts().taken == 3);
    CHECK(b.listens.counts().connections == 1);
    CHECK(b.box.counts().kept_now == 3);
    CHECK(b.listens.counts().body_bytes == 0);
}

TEST_CASE("Plain text at the TLS port gets no answer and is heard by nobody")
{
    tls_bench b;
    hook_listener w;
    b.box.source("kling", "").watch(w, "job-1");
    CHECK(b.ask(b.hook("job-1")) == 0);
    CHECK(b.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n") == 0);
    CHECK(w.heard.empty());
    CHECK(b.listens.counts().requests == 0);
    CHECK(b.listens.counts().taken == 0);
    std::vector<std::string> genuine{b.hook("job-1")};
    CHECK(b.t.outcome(over_tls(b, std::move(genuine))).value() == 200);
}

TEST_CASE("A host that does not trust the certificate goes away, and the receiver goes on")
{
    tls_bench b;
    trust other; // another authority
    const auto shaken = [](tls_bench& to, trust& mine) -> awaitable<bool> {
        asio::ssl::stream<asio::ip::tcp::socket> stream(to.t.ex(), mine.host);
        const asio::ip::tcp::endpoint at(asio::ip::address_v4::loopback(), to.port);
        const auto there = co_await stream.next_layer().async_connect(at, as_tuple_token);
        const auto done =
            co_await stream.async_handshake(asio::ssl::stream_base::client, as_tuple_token);
        co_return !std::get<0>(there) && !std::get<0>(done);
    };
    CHECK_FALSE(b.t.outcome(shaken(b, other)).value());
    std::vector<std::string> genuine{b.hook("job-1")};
    CHECK(b.t.outcome(over_tls(b, std::move(genuine))).value() == 200);
}

/// What a client says that gives up half-way: nothing, or the first bytes of a hello.
awaitable<unsigned> stalled(tls_bench& b, std::string first)
{
    hook_sender sender(b.t.ex(), b.port);
    const bool connected = co_await sender.connect();
    if (connected && !first.empty())
        co_await sender.send(std::move(first));
    const unsigned end = co_await sender.status();
    co_return end;
}

TEST_CASE("A client that stalls in the handshake is closed after header_max")
{
    receiver_options o;
    o.header_max = 50ms;
    tls_bench b(o);
    CHECK(b.t.outcome(stalled(b, "")).value() == 0);
    CHECK(b.t.outcome(stalled(b, std::string("\x16\x03\x01\x02\x00\x01", 6))).value() == 0);
    CHECK(b.listens.counts().timeouts == 2);
    CHECK(b.listens.counts().requests == 0);
    CHECK(b.listens.counts().open == 0);
}

/// Two that never shake hands hold both places; a third's hook is taken once their time is over.
awaitable<unsigned> behind_stalled(tls_bench& b)
{
    hook_sender first(b.t.ex(), b.port), second(b.t.ex(), b.port);
    bool good = co_await first.connect();
    good = good && co_await second.connect();
    REQUIRE(good);
    std::vector<std::string> hooks{b.hook("job-1")};
    const unsigned status = co_await over_tls(b, std::move(hooks));
    CHECK(b.listens.counts().timeouts == 2);
    co_return status;
}

TEST_CASE("Connections that shake hands count among connections_max, and only for header_max")
{
    receiver_options o;
    o.connections_max = 2;
    o.header_max = 100ms;
    tls_bench b(o);
    CHECK(b.t.outcome(behind_stalled(b)).value() == 200);
    CHECK(b.listens.counts().connections == 3);
}

awaitable<void> stop_in_the_handshake(tls_bench& b)
{
    hook_sender half(b.t.ex(), b.port);
    const bool connected = co_await half.connect();
    REQUIRE(connected);
    std::vector<std::string> hooks{b.hook("job-1")};
    const unsigned taken = co_await over_tls(b, std::move(hooks)); // half is accepted before it
    CHECK(taken == 200);
    CHECK(b.listens.counts().open >= 1);
    b.listens.stop();
    co_await b.listens.stopped();
    CHECK(b.listens.counts().open == 0);
    const unsigned nothing = co_await half.status();
    CHECK(nothing == 0);
}

TEST_CASE("stop() ends a connection in its handshake, too")
{
    tls_bench b;
    b.t.outcome(stop_in_the_handshake(b)).value();
}

} // namespace receiver_tls_test
