// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The standard four for exchange, open and read_some: cancelled before start, cancelled while
// waiting (each type, in each phase), the deadline in each phase, each step failed in turn.
#include <cokino/net/http_transport.hpp>

#include <cokino/async/sleep.hpp>
#include <cokino/testing/certificates.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <doctest/doctest.h>

#include <net/transport_test.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace net_cancellation_test {

using namespace net_test;
using asio::cancellation_type;

constexpr cancellation_type types[] = {cancellation_type::terminal, cancellation_type::partial,
                                       cancellation_type::total};

// The name of a host that is reached through a proxy only.
constexpr const char* far_host = "api.example.test";

const testing::test_authority& authority()
{
    static testing::test_authority const made;
    return made;
}

raw_tls far_tls()
{
    testing::certificate_wish wish;
    wish.dns_names = {far_host, "localhost"};
    auto const identity = authority().issue(wish);
    raw_tls tls;
    tls.certificate_pem = identity.certificate_pem;
    tls.private_key_pem = identity.private_key_pem;
    return tls;
}

/// Lets all types of cancellation through; Asio's default is the terminal one alone.
template <class T> awaitable<T> obeying_all(awaitable<T> op)
{
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    co_return co_await std::move(op);
}

/// A signal comes first, the operation behind it.
template <class T>
awaitable<T> behind_signal(asio::cancellation_signal* signal, cancellation_type type,
                           awaitable<T> op)
{
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    co_await asio::this_coro::throw_if_cancelled(false);
    signal->emit(type);
    co_return co_await std::move(op);
}

template <class T>
result<T> cancelled_first(fixture& f, cancellation_type type, awaitable<result<T>> op)
{
    asio::cancellation_signal signal;
    std::optional<result<T>> outcome;
    asio::co_spawn(f.loop.io, behind_signal(&signal, type, std::move(op)),
                   asio::bind_cancellation_slot(signal.slot(),
                                                [&](const std::exception_ptr& e, result<T> got) {
                                                    REQUIRE_FALSE(e);
                                                    outcome.emplace(std::move(got));
                                                }));
    f.loop.io.restart();
    while (!outcome && f.loop.io.run_one_for(std::chrono::seconds(10)) > 0) {}
    REQUIRE(outcome.has_value());
    return std::move(*outcome);
}

template <class Condition> void run_until(fixture& f, Condition condition)
{
    for (int i = 0; i < 2000 && !condition(); ++i) {
        f.loop.io.restart();
        f.loop.io.run_one_for(milliseconds(5));
    }
    REQUIRE(condition());
}

template <class T> void check_failed(const started<T>& s, errc code, fate sent)
{
    auto const r = s.outcome();
    REQUIRE_FALSE(r.has_value());
    CHECK(r.error() == code);
    CHECK(r.error().sent() == sent);
}

/// A port whose connections never come about: the queue of those to be accepted is full.
class full_port
{
public:
    explicit full_port(std::uint16_t port = 0) : listener_(::socket(AF_INET, SOCK_STREAM, 0))
    {
        sockaddr_in to{};
        to.sin_port = htons(port);
        to.sin_family = AF_INET;
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof to;
        auto* const plain = reinterpret_cast<sockaddr*>(&to);
        bound_ = ::bind(listener_, plain, size) == 0;
        ::listen(listener_, 0);
        ::getsockname(listener_, plain, &size);
        port_ = ntohs(to.sin_port);
        for (int& filler : fillers_) {
            filler = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
            ::connect(filler, plain, size);
        }
    }
    ~full_port()
    {
        ::close(listener_);
        for (int const filler : fillers_)
            ::close(filler);
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }
    bool bound() const { return bound_; }

private:
    bool bound_ = false;
    int listener_;
    int fillers_[4] = {-1, -1, -1, -1};
    std::uint16_t port_ = 0;
};

TEST_CASE("cancelled before it starts, with any type: nothing is sent")
{
    raw_server host(answer_all(http_ok("ok")));
    fixture f;
    for (auto const type : types) {
        auto const e = cancelled_first(f, type, f.transport->exchange(post(host.url())));
        REQUIRE_FALSE(e.has_value());
        CHECK(e.error() == errc::cancelled);
        CHECK(e.error().sent() == fate::not_sent);
        auto const o = cancelled_first(f, type, f.transport->open(post(host.url())));
        REQUIRE_FALSE(o.has_value());
        CHECK(o.error() == errc::cancelled);
        CHECK(o.error().sent() == fate::not_sent);
    }
    CHECK(host.connections() == 0);
    auto const after = f.send(post(host.url()));
    CHECK(after.has_value());
}

TEST_CASE("cancelled while it stands in line, with any type: nothing is sent")
{
    for (auto const type : types) {
        raw_server host([](raw_peer& peer) {
            peer.read_request();
            peer.hold();
            peer.write(http_ok("ok"));
            peer.stall();
        });
        auto options = quiet_options();
        options.connections_per_origin_max = 1;
        fixture f(options);
        auto const busy = f.loop.start(f.transport->exchange(post(host.url())));
        auto const queued = f.loop.start(obeying_all(f.transport->exchange(post(host.url()))));
        run_until(f, [&] { return host.posts() == 1; });
        queued.cancel(type);
        f.loop.finish(queued);
        check_failed(queued, errc::cancelled, fate::not_sent);
        host.release();
        f.loop.finish(busy);
        CHECK(busy.outcome().has_value());
        CHECK(host.posts() == 1);
    }
}

TEST_CASE("cancelled while it connects, with any type: nothing is sent")
{
    full_port const port;
    for (auto const type : types) {
        fixture f;
        auto const s = f.loop.start(obeying_all(f.transport->exchange(post(port.url()))));
        s.cancel_after(milliseconds(20), type);
        f.loop.finish(s);
        check_failed(s, errc::cancelled, fate::not_sent);
    }
}

TEST_CASE("cancelled in the TLS handshake, or in a proxy's silence, with any type: nothing is sent")
{
    for (bool const behind_proxy : {false, true}) {
        for (auto const type : types) {
            raw_server host([](raw_peer& peer) { peer.stall(); });
            auto options = quiet_options(authority().pem());
            auto const port = std::to_string(host.port());
            if (behind_proxy)
                options.proxy.https = "127.0.0.1:" + port;
            fixture f(options);
            auto const url = behind_proxy ? "https://" + std::string(far_host) + "/"
                                          : "https://localhost:" + port + "/";
            auto const s = f.loop.start(obeying_all(f.transport->exchange(post(url))));
            run_until(f, [&] { return host.connections() == 1; });
            s.cancel_after(milliseconds(5), type);
            f.loop.finish(s);
            check_failed(s, errc::cancelled, fate::not_sent);
            CHECK(host.posts() == 0);
        }
    }
}

TEST_CASE("cancelled while it waits for the answer: terminal and partial end it, total does not")
{
    for (bool const tls : {false, true}) {
        for (auto const type : types) {
            CAPTURE(tls);
            auto const script = [](raw_peer& peer) {
                peer.read_request();
                peer.hold();
                peer.write(http_ok("ok"));
                peer.stall();
            };
            auto const host = tls ? std::make_unique<raw_server>(script, far_tls())
                                  : std::make_unique<raw_server>(script);
            fixture f(quiet_options(authority().pem()));
            auto const s = f.loop.start(obeying_all(f.transport->exchange(post(host->url()))));
            run_until(f, [&] { return host->posts() == 1; });
            s.cancel(type);
            if (type == cancellation_type::total)
                host->release();
            f.loop.finish(s);
            if (type == cancellation_type::total)
                CHECK(s.outcome().has_value());
            else
                check_failed(s, errc::cancelled, fate::maybe_sent);
            CHECK(host->posts() == 1);
        }
    }
}

TEST_CASE("a second signal ends what the first one could not, and a third does no harm")
{
    raw_server host([](raw_peer& peer) {
        peer.read_request();
        peer.stall();
    });
    fixture f;
    auto const s = f.loop.start(obeying_all(f.transport->exchange(post(host.url()))));
    run_until(f, [&] { return host.posts() == 1; });
    s.cancel(cancellation_type::total);
    f.loop.io.poll();
    CHECK_FALSE(s.done());
    s.cancel(cancellation_type::partial);
    s.cancel(cancellation_type::terminal);
    f.transport.reset();
    s.cancel(cancellation_type::terminal);
    f.loop.finish(s);
    check_failed(s, errc::cancelled, fate::maybe_sent);
}

TEST_CASE("an address that says nothing costs half a second where a name has another")
{
    raw_server v6(answer_all(http_ok("six")), true);
    if (!v6.listening())
        return; // no IPv6 on this machine
    full_port const v4(v6.port());
    if (!v4.bound())
        return; // somebody else's
    fixture f;
    auto request = get("http://localhost:" + std::to_string(v6.port()) + "/");
    request.limits.connect = std::chrono::seconds(10);
    auto const s = f.loop.start(f.transport->exchange(std::move(request)));
    f.loop.finish(s);
    auto const r = s.outcome();
    REQUIRE(r.has_value());
    CHECK(r->body() == "six");
    CHECK(s.took() >= milliseconds(500));
    CHECK(s.took() < std::chrono::seconds(4));
}

TEST_CASE("cancelled while it sends: terminal and partial end it, total does not")
{
    for (auto const type : types) {
        raw_server host([](raw_peer& peer) {
            peer.read_head();
            peer.hold();
            peer.read_at_least(32 * 1024 * 1024);
            peer.write(http_ok("ok"));
            peer.stall();
        });
        fixture f;
        auto const s = f.loop.start(obeying_all(
            f.transport->exchange(post(host.url(), std::string(32 * 1024 * 1024, 'x')))));
        run_until(f, [&] { return host.connections() == 1; });
        s.cancel_after(milliseconds(20), type);
        if (type == cancellation_type::total) {
            // It has come and gone by the time the host reads on.
            auto const later_on = f.loop.start(sleep_for(milliseconds(40)));
            f.loop.finish(later_on);
            CHECK_FALSE(s.done());
            host.release();
        }
        f.loop.finish(s);
        if (type == cancellation_type::total)
            CHECK(s.outcome().has_value());
        else
            check_failed(s, errc::cancelled, fate::maybe_sent);
    }
}

TEST_CASE("cancelled while it reads a body, with any type: the read ends and the connection goes")
{
    for (auto const type : types) {
        raw_server host([](raw_peer& peer) {
            peer.read_request();
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345");
            peer.stall();
        });
        fixture f;
        auto stream = f.open(get(host.url()));
        REQUIRE(stream.has_value());
        std::string place(100, '\0');
        auto const first = f.loop.outcome((*stream)->read_some(asio::buffer(place)));
        REQUIRE(first.has_value());
        CHECK(*first == 5);
        auto const s = f.loop.start(obeying_all((*stream)->read_some(asio::buffer(place))));
        s.cancel_after(milliseconds(5), type);
        f.loop.finish(s);
        check_failed(s, errc::cancelled, fate::maybe_sent);
        REQUIRE(host.wait_ended(1)); // our end was closed
        auto const again = f.loop.outcome((*stream)->read_some(asio::buffer(place)));
        CHECK(again.error() == errc::cancelled);
    }
}

TEST_CASE("cancelled before a read starts, with any type, the stream is at an end")
{
    for (auto const type : types) {
        raw_server host(answer_all(http_ok("12345")));
        fixture f;
        auto stream = f.open(get(host.url()));
        REQUIRE(stream.has_value());
        std::string place(100, '\0');
        auto const r = cancelled_first(f, type, (*stream)->read_some(asio::buffer(place)));
        REQUIRE_FALSE(r.has_value());
        CHECK(r.error() == errc::cancelled);
    }
}

TEST_CASE("each phase has its limit, and the total one holds in each")
{
    full_port const port;
    raw_server silent([](raw_peer& peer) { peer.stall(); });
    auto const near_tls = "https://localhost:" + std::to_string(silent.port()) + "/";
    auto const far = "https://" + std::string(far_host) + "/";
    struct row {
        std::string url;
        std::chrono::milliseconds wire::exchange_limits::* limit;
        fate sent;
        const char* words;
    };
    using limits = wire::exchange_limits;
    for (row const& r :
         {row{port.url(), &limits::connect, fate::not_sent, "connecting"},
          row{near_tls, &limits::handshake, fate::not_sent, "handshake"},
          row{far, &limits::connect, fate::not_sent, "tunnel"},
          row{silent.url(), &limits::first_byte, fate::maybe_sent, "waiting for the answer"}}) {
        for (bool const total : {false, true}) {
            CAPTURE(r.words);
            CAPTURE(total);
            auto options = quiet_options(authority().pem());
            options.proxy.https = "127.0.0.1:" + std::to_string(silent.port());
            fixture f(options);
            auto request = post(r.url);
            request.limits.*(total ? &limits::total : r.limit) = milliseconds(25);
            auto const got = f.send(std::move(request));
            REQUIRE_FALSE(got.has_value());
            CHECK(got.error() == (total ? errc::deadline_passed : errc::phase_timed_out));
            CHECK(got.error().sent() == r.sent);
            CHECK(got.error().facts().message.find(r.words) != std::string::npos);
        }
    }
}

TEST_CASE("each step of an exchange through a proxy and TLS, failed in turn")
{
    auto const answer = http_ok("0123456789");
    for (int step = 1; step <= 9; ++step) {
        CAPTURE(step);
        raw_server inner(answer_all(""), far_tls()); // lends its certificate
        raw_server proxy([&](raw_peer& peer) {
            if (step == 1)
                return peer.reset();
            peer.read_head();
            if (step == 2)
                return peer.reset();
            if (step == 3) {
                peer.write("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
                return peer.stall();
            }
            peer.write("HTTP/1.1 200 Connected\r\n\r\n");
            if (step == 4)
                return peer.reset();
            if (!peer.start_tls(inner.context()))
                return;
            if (step == 5)
                peer.read_at_least(20);
            else
                peer.read_request();
            if (step == 5 || step == 6)
                return peer.reset();
            peer.write(answer.substr(0, step == 7 ? 20 : answer.size() - (step == 8 ? 3 : 0)));
            if (step == 7 || step == 8)
                return peer.finish();
            peer.stall();
        });
        auto options = quiet_options(authority().pem());
        options.proxy.https = "http://user:word@127.0.0.1:" + std::to_string(proxy.port());
        fixture f(options);
        auto const r = f.send(post("https://" + std::string(far_host) + "/v1"));
        REQUIRE(r.has_value() == (step == 9));
        CHECK(proxy.connections() == 1);
        CHECK(proxy.posts() <= 1);
        if (step == 9) {
            CHECK(r->body() == "0123456789");
            continue;
        }
        CHECK(r.error().sent() == (step < 5 ? fate::not_sent : fate::maybe_sent));
        constexpr errc expected[] = {errc::ok,
                                     errc::proxy_refused,
                                     errc::proxy_refused,
                                     errc::proxy_refused,
                                     errc::tls_failed,
                                     errc::connection_lost,
                                     errc::connection_lost,
                                     errc::connection_lost,
                                     errc::body_truncated};
        // A reset so early may be seen by connect already.
        bool const early = step == 1 && r.error() == errc::connect_failed;
        CHECK((early || r.error() == expected[step]));
    }
}

} // namespace net_cancellation_test
