// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What the receiver is made of: what its connections share, and one connection, plain or TLS. A
// connection is its own timer: it interrupts whatever its socket is doing.
#pragma once

#include <cokino/async/event.hpp>
#include <cokino/async/time_source.hpp>
#include <cokino/webhook/detail/hook_request.hpp>
#include <cokino/webhook/receiver.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cokino::webhook::detail {

class hook_connection;

struct receiver_state : std::enable_shared_from_this<receiver_state> {
    using tcp = asio::ip::tcp;

    receiver_state(executor e, inbox& b, receiver_options o)
        : ex(std::move(e)), time(time_of(ex)), box(b), options(std::move(o)), acceptor(ex)
    {}

    const hook_route* route_of(std::string_view path, std::string& nonce) const;
    /// Room for more bytes of bodies; false when there is none.
    bool hold(std::size_t more) noexcept
    {
        if (more > options.bodies_bytes_max - counts.body_bytes)
            return false;
        counts.body_bytes += more;
        return true;
    }
    void ended()
    {
        --running;
        freed.set();
        if (running == 0)
            idle.set();
    }
    void stop();

    static awaitable<void> accept_all(std::shared_ptr<receiver_state> self);
    static awaitable<void> serve(std::shared_ptr<hook_connection> c);
    static awaitable<unsigned> receive(std::shared_ptr<hook_connection> c);
    static awaitable<unsigned> judge(std::shared_ptr<hook_connection> c);
    static awaitable<result<verified>> check(std::shared_ptr<hook_connection> c);

    executor ex;
    time_source& time;
    inbox& box;
    receiver_options options;
    tcp::acceptor acceptor;
    std::vector<hook_route> routes; // not changed once it listens
    std::vector<hook_connection*> open;
    receiver_counts counts;
    std::size_t running = 0; // coroutines
    bool stopping = false;
    auto_event freed;
    event idle;
};

/// Counts a coroutine of the receiver as running.
struct receiver_running {
    explicit receiver_running(receiver_state& s) noexcept : shared(s) { ++shared.running; }
    receiver_running(const receiver_running&) = delete;
    receiver_running& operator=(const receiver_running&) = delete;
    ~receiver_running() { shared.ended(); }
    receiver_state& shared;
};

class hook_connection : public timer
{
public:
    using tcp = asio::ip::tcp;
    using state = receiver_state;

    explicit hook_connection(std::shared_ptr<state> s) : shared(std::move(s))
    {
        ++shared->running;
        ++shared->counts.connections;
        shared->open.push_back(this);
    }
    ~hook_connection() override
    {
        disarm();
        release();
        std::erase(shared->open, this);
        shared->ended();
    }

    virtual tcp::socket& socket() = 0;
    /// False when it failed, as all of these.
    virtual awaitable<bool> handshake() = 0;
    virtual awaitable<bool> read_more() = 0;
    virtual awaitable<bool> write(std::string bytes) = 0;
    /// Tells the peer that nothing more is sent.
    virtual awaitable<void> say_goodbye() = 0;

    void fire() override
    {
        late = true;
        boost::system::error_code ignored;
        socket().cancel(ignored);
    }
    void expire_after(std::chrono::milliseconds d)
    {
        late = false;
        shared->time.arm(*this, later(shared->time.now(), d));
    }
    void disarm()
    {
        if (armed())
            shared->time.disarm(*this);
    }
    /// Has the body's bytes counted among those held.
    bool hold(std::size_t bytes)
    {
        if (bytes > held && !shared->hold(bytes - held))
            return false;
        held = std::max(held, bytes);
        return true;
    }
    void release() noexcept
    {
        shared->counts.body_bytes -= held;
        held = 0;
    }

    std::shared_ptr<state> shared;
    std::string in; // what was read and not yet taken
    std::unique_ptr<hook_request> request;
    const hook_route* route = nullptr;
    std::string nonce;
    std::size_t held = 0;
    std::size_t answered = 0;
    bool late = false;
};

template <class Stream> class hook_stream : public hook_connection
{
public:
    template <class... Args>
    explicit hook_stream(std::shared_ptr<state> s, Args&&... args)
        : hook_connection(std::move(s)), stream_(std::forward<Args>(args)...)
    {}

    awaitable<bool> read_more() override
    {
        if (late)
            co_return false;
        const auto got = co_await stream_.async_read_some(asio::buffer(piece_), as_tuple_token);
        if (std::get<0>(got))
            co_return false;
        in.append(piece_.data(), std::get<1>(got));
        co_return true;
    }
    awaitable<bool> write(std::string bytes) override
    {
        const auto put = co_await asio::async_write(stream_, asio::buffer(bytes), as_tuple_token);
        co_return !std::get<0>(put);
    }

protected:
    Stream stream_;

private:
    std::array<char, 8 * 1024> piece_{};
};

class plain_hook_stream final : public hook_stream<asio::ip::tcp::socket>
{
public:
    using hook_stream::hook_stream;
    tcp::socket& socket() override { return stream_; }
    awaitable<bool> handshake() override { co_return true; }
    awaitable<void> say_goodbye() override
    {
        boost::system::error_code ignored;
        stream_.shutdown(tcp::socket::shutdown_send, ignored);
        co_return;
    }
};

class tls_hook_stream final : public hook_stream<asio::ssl::stream<asio::ip::tcp::socket>>
{
public:
    using hook_stream::hook_stream;
    tcp::socket& socket() override { return stream_.next_layer(); }
    awaitable<bool> handshake() override
    {
        const auto done =
            co_await stream_.async_handshake(asio::ssl::stream_base::server, as_tuple_token);
        co_return !std::get<0>(done);
    }
    awaitable<void> say_goodbye() override
    {
        const auto done = co_await stream_.async_shutdown(as_tuple_token);
        static_cast<void>(done);
    }
};

} // namespace cokino::webhook::detail
