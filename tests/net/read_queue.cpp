// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Reads in turn: alone, on a pair of sockets, and in the transport, where each way of being ended
// strikes at every step between the sending of a request and its answer.
#include <cokino/net/detail/read_queue.hpp>

#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include <net/transport_test.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace net_read_queue_test {

using namespace net_test;
using net::detail::io_kind;
using net::detail::io_result;
using net::detail::io_socket;
using net::detail::read_queue;
using net::detail::read_turn;
using net::detail::tcp_socket;

/// Two connected sockets, and a queue.
struct pair_of_sockets {
    explicit pair_of_sockets(real_test& t) : near(t.ex()), far(t.ex())
    {
        asio::ip::tcp::acceptor listener(t.ex(), {asio::ip::address_v4::loopback(), 0});
        far.connect(listener.local_endpoint());
        near = listener.accept();
        near.non_blocking(true);
    }
    void say(std::string_view text) { asio::write(far, asio::buffer(text)); }

    tcp_socket near;
    tcp_socket far;
};

/// What a test sees of one reading coroutine.
struct reader {
    explicit reader(tcp_socket&& s) : socket(s.get_executor())
    {
        static_cast<tcp_socket&>(socket) = std::move(s);
    }
    io_socket socket;
    char place[64] = {};
    std::optional<io_result> got;
    std::string_view text() const { return std::string_view(place, got->bytes); }
};

awaitable<void> read_in_turn(std::shared_ptr<read_queue> queue, std::shared_ptr<reader> r)
{
    read_turn turn;
    io_result const got =
        co_await queue->read_some(io_kind::read_in_turn, turn, r->socket, asio::buffer(r->place));
    r->got = got;
}

/// A handler that may throw. Coroutines do not throw out of a read: their ends are queued.
struct plain_handler {
    using executor_type = executor;

    const executor* ex;
    reader* to;
    bool throws;

    executor_type get_executor() const noexcept { return *ex; }
    void operator()(io_result got) const
    {
        to->got = got;
        if (throws)
            throw std::runtime_error("a handler's own");
    }
};

struct rethrowing {
    void operator()(const std::exception_ptr& e) const
    {
        if (e)
            std::rethrow_exception(e);
    }
};

TEST_CASE("what is ready to run comes before the read, and what it brings is read at once")
{
    real_test t;
    pair_of_sockets sockets(t);
    auto const queue = std::make_shared<read_queue>(t.ex());
    auto const r = std::make_shared<reader>(std::move(sockets.near));
    auto const s = t.start(read_in_turn(queue, r));
    asio::post(t.io, [&] { sockets.say("come"); });
    t.finish(s);
    CHECK_FALSE(r->got->error);
    CHECK(r->text() == "come");
}

TEST_CASE("what comes later than its turn is waited for")
{
    for (int const steps : {1, 2, 3, 4, 5}) {
        CAPTURE(steps);
        real_test t;
        pair_of_sockets sockets(t);
        auto const queue = std::make_shared<read_queue>(t.ex());
        auto const r = std::make_shared<reader>(std::move(sockets.near));
        auto const s = t.start(read_in_turn(queue, r));
        for (int i = 0; i < steps; ++i)
            t.io.poll_one();
        CHECK_FALSE(s.done());
        sockets.say("late");
        t.finish(s);
        CHECK_FALSE(r->got->error);
        CHECK(r->text() == "late");
    }
}

TEST_CASE("a socket that is closed before its turn, or while it is waited for, fails the read")
{
    for (int const steps : {1, 2, 3, 4, 5}) {
        CAPTURE(steps);
        real_test t;
        pair_of_sockets sockets(t);
        auto const queue = std::make_shared<read_queue>(t.ex());
        auto const r = std::make_shared<reader>(std::move(sockets.near));
        auto const s = t.start(read_in_turn(queue, r));
        for (int i = 0; i < steps; ++i)
            t.io.poll_one();
        r->socket.close();
        t.finish(s);
        CHECK(r->got->error);
        CHECK(r->got->bytes == 0);
    }
}

TEST_CASE("the peer's end is told as such")
{
    real_test t;
    pair_of_sockets sockets(t);
    auto const queue = std::make_shared<read_queue>(t.ex());
    auto const r = std::make_shared<reader>(std::move(sockets.near));
    sockets.far.close();
    t.finish(t.start(read_in_turn(queue, r)));
    CHECK(r->got->error == asio::error::eof);
}

TEST_CASE("a loop that ends with reads in its queue destroys their coroutines")
{
    for (int const steps : {0, 1, 2, 3, 4, 5}) {
        CAPTURE(steps);
        std::weak_ptr<reader> seen[2];
        {
            real_test t;
            auto const queue = std::make_shared<read_queue>(t.ex());
            std::vector<tcp_socket> open; // so that there is nothing to read
            for (auto& known : seen) {
                pair_of_sockets sockets(t);
                auto const r = std::make_shared<reader>(std::move(sockets.near));
                open.push_back(std::move(sockets.far));
                known = r;
                asio::co_spawn(t.io, read_in_turn(queue, r), rethrowing());
            }
            for (int i = 0; i < steps; ++i)
                t.io.poll_one();
            CHECK_FALSE(seen[0].expired());
        }
        CHECK(seen[0].expired());
        CHECK(seen[1].expired());
    }
}

TEST_CASE("an exception that leaves the loop takes nobody else's turn")
{
    real_test t;
    auto const queue = std::make_shared<read_queue>(t.ex());
    executor const ex = t.ex();
    std::vector<std::shared_ptr<reader>> readers;
    read_turn turns[4];
    for (std::size_t i = 0; i < 4; ++i) {
        pair_of_sockets sockets(t);
        sockets.say("here");
        readers.push_back(std::make_shared<reader>(std::move(sockets.near)));
        reader& r = *readers.back();
        queue->read_some(io_kind::read_in_turn, turns[i], r.socket,
                         asio::buffer(r.place))(plain_handler{&ex, &r, i == 1});
    }
    int thrown = 0;
    for (bool going = true; going;) {
        try {
            t.io.run();
            going = false;
        } catch (const std::runtime_error&) {
            ++thrown;
        }
    }
    CHECK(thrown == 1);
    for (auto const& r : readers) {
        REQUIRE(r->got.has_value());
        CHECK(r->text() == "here");
    }
}

awaitable<bool> resumed_on(asio::strand<asio::io_context::executor_type> where,
                           std::shared_ptr<read_queue> queue, std::shared_ptr<reader> r)
{
    co_await read_in_turn(queue, r);
    co_return where.running_in_this_thread();
}

TEST_CASE("a coroutine with another executor is resumed by its own")
{
    real_test t;
    pair_of_sockets sockets(t);
    sockets.say("here");
    auto const strand = asio::make_strand(t.io);
    auto const queue = std::make_shared<read_queue>(t.ex());
    auto const r = std::make_shared<reader>(std::move(sockets.near));
    std::optional<bool> there;
    asio::co_spawn(strand, resumed_on(strand, queue, r),
                   [&](const std::exception_ptr&, bool on) { there = on; });
    t.io.run();
    REQUIRE(there.has_value());
    CHECK(*there);
    CHECK(r->text() == "here");
}

// ---- in the transport --------------------------------------------------------------------------

/// Answers each request with its own body.
void echo(raw_peer& peer)
{
    for (;;) {
        auto const request = peer.read_request();
        if (request.empty())
            return;
        peer.write(http_ok(request.substr(request.find("\r\n\r\n") + 4)));
    }
}

/// Three exchanges under way, all on connections that are kept and known to be quick.
struct three_under_way {
    explicit three_under_way(fixture& f, const raw_server& host)
    {
        for (int round = 0; round < 2; ++round) {
            all.clear();
            for (const char* const text : {"one", "two", "three"})
                all.push_back(f.loop.start(f.transport->exchange(post(host.url(), text))));
            if (round == 0)
                for (auto const& s : all) {
                    f.loop.finish(s);
                    REQUIRE(s.outcome().has_value());
                }
        }
    }
    std::vector<started<result<wire::response>>> all;
};

TEST_CASE("with several exchanges under way each gets its own answer, and connections are kept")
{
    raw_server host(echo);
    fixture f;
    for (int i = 0; i < 20; ++i) {
        three_under_way const exchanges(f, host);
        for (auto const& s : exchanges.all)
            f.loop.finish(s);
        CHECK(exchanges.all[0].get()->body() == "one");
        CHECK(exchanges.all[1].get()->body() == "two");
        CHECK(exchanges.all[2].get()->body() == "three");
    }
    CHECK(host.connections() == 3);
}

TEST_CASE("cancelled at any step, one of several exchanges ends alone and its fate is told")
{
    raw_server host(echo);
    int cancelled = 0;
    for (int steps = 0; steps < 12; ++steps) {
        CAPTURE(steps);
        fixture f;
        three_under_way const exchanges(f, host);
        auto const& struck = exchanges.all[1];
        f.loop.io.restart();
        for (int i = 0; i < steps; ++i)
            f.loop.io.poll_one();
        struck.cancel();
        int const sent_at_least = host.posts() - 3; // of the second round
        for (auto const& s : exchanges.all)
            f.loop.finish(s);
        auto const ended = struck.outcome();
        if (!ended) {
            ++cancelled;
            CHECK(ended.error() == errc::cancelled);
            if (steps == 0)
                CHECK(ended.error().sent() == fate::not_sent);
            if (sent_at_least == 3)
                CHECK(ended.error().sent() == fate::maybe_sent);
        }
        CHECK(exchanges.all[0].get()->body() == "one");
        CHECK(exchanges.all[2].get()->body() == "three");
    }
    CHECK(cancelled > 2);
}

TEST_CASE("closed at any step, the transport ends all exchanges, at once and for good")
{
    raw_server host(echo);
    int closed = 0;
    for (int steps = 0; steps < 12; ++steps) {
        CAPTURE(steps);
        fixture f;
        three_under_way const exchanges(f, host);
        f.loop.io.restart();
        for (int i = 0; i < steps; ++i)
            f.loop.io.poll_one();
        f.transport.reset();
        for (auto const& s : exchanges.all) {
            f.loop.finish(s);
            auto const ended = s.outcome();
            if (!ended) {
                ++closed;
                CHECK(ended.error() == errc::closed);
            }
        }
    }
    CHECK(closed > 6);
}

} // namespace net_read_queue_test
