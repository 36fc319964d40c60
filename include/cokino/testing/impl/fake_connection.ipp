// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// One connection of the fake server: reads requests, asks the engine, writes what it says, breaks
// off where it is told to. Plain and TLS differ in four operations only.
#pragma once

#include <cokino/async/event.hpp>
#include <cokino/async/time_source.hpp>
#include <cokino/core/text.hpp>
#include <cokino/testing/detail/carried.hpp>
#include <cokino/testing/fake_server.hpp>
#include <cokino/testing/impl/fake_input.ipp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <openssl/ssl.h>

#include <array>
#include <deque>
#include <set>

namespace cokino::testing::detail {

class connection;

/// What the connections of a server share.
struct connection_host {
    connection_host(time_source& t, const fake_options& o) : time(t), engine(t, o) {}

    void stop();

    time_source& time;
    fake_engine engine;
    event stopping{static_cast<std::size_t>(-1)};
    std::deque<socket_fault> faults;
    std::set<connection*> open;
    fake_server_counts counts;
};

class connection
{
public:
    using tcp = asio::ip::tcp;

    explicit connection(std::shared_ptr<connection_host> h) : host(std::move(h))
    {
        host->open.insert(this);
        ++host->counts.connections;
        ++host->counts.open;
        if (!host->faults.empty()) {
            fault = host->faults.front();
            host->faults.pop_front();
        }
    }
    virtual ~connection()
    {
        host->open.erase(this);
        --host->counts.open;
    }
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    virtual tcp::socket& socket() = 0;
    /// False when it failed.
    virtual awaitable<bool> handshake() = 0;
    /// Appends to `in` what has come; false at the end or an error.
    virtual awaitable<bool> read_more() = 0;
    virtual awaitable<bool> write(std::string bytes) = 0;
    /// An end that the peer can tell from a broken connection.
    virtual awaitable<void> finish() = 0;

    bool faulty(socket_fault::place where) const { return fault && fault->where == where; }

    std::size_t may_read() const
    {
        constexpr std::size_t most = 16 * 1024;
        return faulty(socket_fault::place::read) ? std::min(most, fault->bytes - read_bytes) : most;
    }

    std::shared_ptr<connection_host> host;
    std::optional<socket_fault> fault;
    std::string origin;
    std::string in;
    std::array<char, 16 * 1024> piece{};
    std::size_t read_bytes = 0, written_bytes = 0;
};

inline void connection_host::stop()
{
    stopping.set();
    for (connection* c : open) {
        boost::system::error_code ignored;
        c->socket().close(ignored);
    }
}

template <class Stream> class stream_connection : public connection
{
public:
    template <class... Args>
    explicit stream_connection(std::shared_ptr<connection_host> h, Args&&... args)
        : connection(std::move(h)), stream_(std::forward<Args>(args)...)
    {}

    awaitable<bool> read_more() override
    {
        const auto buffer = asio::buffer(piece.data(), may_read());
        const auto got = co_await stream_.async_read_some(buffer, as_tuple_token);
        if (std::get<0>(got))
            co_return false;
        in.append(piece.data(), std::get<1>(got));
        read_bytes += std::get<1>(got);
        co_return true;
    }

    awaitable<bool> write(std::string bytes) override
    {
        const auto put = co_await asio::async_write(stream_, asio::buffer(bytes), as_tuple_token);
        written_bytes += std::get<1>(put);
        co_return !std::get<0>(put);
    }

protected:
    Stream stream_;
};

class plain_connection final : public stream_connection<asio::ip::tcp::socket>
{
public:
    using stream_connection::stream_connection;
    tcp::socket& socket() override { return stream_; }
    awaitable<bool> handshake() override { co_return true; }
    awaitable<void> finish() override { co_return; }
};

class tls_connection final : public stream_connection<asio::ssl::stream<asio::ip::tcp::socket>>
{
public:
    using stream_connection::stream_connection;
    tcp::socket& socket() override { return stream_.next_layer(); }
    awaitable<bool> handshake() override
    {
        const auto done =
            co_await stream_.async_handshake(asio::ssl::stream_base::server, as_tuple_token);
        if (std::get<0>(done))
            co_return false;
        ++host->counts.handshakes;
        host->counts.handshakes_resumed +=
            SSL_session_reused(stream_.native_handle()) == 1 ? 1U : 0U;
        co_return true;
    }
    awaitable<void> finish() override
    {
        const auto done = co_await stream_.async_shutdown(as_tuple_token);
        static_cast<void>(done);
    }
};

/// Waits, unless the server stops. False when it has stopped.
inline awaitable<bool> pause(std::shared_ptr<connection_host> host, duration d)
{
    if (d > duration::zero()) {
        const steady_time at = later(host->time.now(), d);
        const auto waited = co_await host->stopping.async_wait_until(at, as_tuple_token);
        static_cast<void>(waited);
    }
    co_return !host->stopping.is_set();
}

/// Reads and forgets until the peer or the server ends it.
inline awaitable<void> swallow(std::shared_ptr<connection> c)
{
    boost::system::error_code error;
    while (!error) {
        const auto got =
            co_await c->socket().async_read_some(asio::buffer(c->piece), as_tuple_token);
        error = std::get<0>(got);
    }
}

inline awaitable<void> break_off(std::shared_ptr<connection> c, breakage how)
{
    boost::system::error_code ignored;
    if (how == breakage::reset) {
        c->socket().set_option(asio::socket_base::linger(true, 0), ignored);
    } else {
        // What has not been read would turn the end into a reset, so the rest is swallowed.
        if (how == breakage::close)
            c->socket().shutdown(asio::socket_base::shutdown_send, ignored);
        co_await swallow(c);
    }
    c->socket().close(ignored);
}

/// Reads one request. Nothing when the connection ended, broke off, or spoke no HTTP.
inline awaitable<std::optional<fake_request>> read_request(std::shared_ptr<connection> c)
{
    constexpr std::size_t head_max = 64 * 1024, body_max = 64 * 1024 * 1024;
    std::size_t head_end = std::string::npos, total = 0;
    fake_request request;
    for (;;) {
        if (head_end == std::string::npos) {
            head_end = c->in.find("\r\n\r\n");
            if (head_end != std::string::npos) {
                std::string_view lines(c->in.data(), head_end);
                std::string_view first = cokino::detail::take_until(lines, '\n');
                request.method = cokino::detail::take_until(first, ' ');
                request.target = cokino::detail::take_until(first, ' ');
                carried::read_fields(lines, request.fields);
                const auto length = request.field("content-length");
                total =
                    head_end + 4 + cokino::detail::parse_integer<std::size_t>(length).value_or(0);
            }
        }
        if (head_end != std::string::npos && c->in.size() >= total) {
            if (c->faulty(socket_fault::place::read) && c->read_bytes >= c->fault->bytes)
                co_return std::nullopt;
            break;
        }
        const bool stop_here =
            c->faulty(socket_fault::place::read) && c->read_bytes >= c->fault->bytes;
        if (stop_here || c->in.size() > head_max + body_max)
            co_return std::nullopt;
        const bool more = co_await c->read_more();
        if (!more)
            co_return std::nullopt;
    }
    request.body = c->in.substr(head_end + 4, total - head_end - 4);
    c->in.erase(0, total);
    request.origin = c->origin;
    ++c->host->counts.requests;
    co_return std::move(request);
}

inline std::string head_text(const fake_reply& reply, bool keep)
{
    std::string head = "HTTP/1.1 " + std::to_string(reply.status) + ' ' +
                       std::string(reason_of(reply.status)) + "\r\n";
    for (const auto& [name, value] : reply.fields)
        head += name + ": " + value + "\r\n";
    if (!reply.no_length)
        head += "content-length: " +
                std::to_string(reply.content_length.value_or(reply.payload().size())) + "\r\n";
    if (!keep)
        head += "connection: close\r\n";
    return head + "\r\n";
}

/// Writes what comes at times of its own. The end is the connection's, unless it is to break.
inline awaitable<breakage> stream_pieces(std::shared_ptr<connection> c, fake_reply reply)
{
    bool good = co_await c->write(head_text(reply, false));
    for (std::size_t i = 0; good && i < reply.pieces.size(); ++i) {
        good = co_await pause(c->host, reply.pieces[i].after);
        if (good)
            good = co_await c->write(std::move(reply.pieces[i].bytes));
    }
    if (!good)
        co_return breakage::reset;
    co_return reply.cut_at ? reply.cut_how : breakage::none;
}

/// Writes an answer. How the connection is to be broken off afterwards, if it is.
inline awaitable<breakage> answer(std::shared_ptr<connection> c, fake_reply reply, bool head_only,
                                  bool keep)
{
    const bool on = co_await pause(c->host, reply.delay);
    if (!on || reply.lost != breakage::none)
        co_return on ? reply.lost : breakage::reset;
    if (c->faulty(socket_fault::place::garbled)) {
        co_await c->write("\x16\x03\x01 this is not HTTP\n\n\n");
        co_return breakage::close;
    }
    if (reply.in_pieces && !head_only)
        co_return co_await stream_pieces(c, std::move(reply));
    std::string bytes = head_text(reply, keep);
    std::string_view body = head_only ? std::string_view() : reply.payload();
    const bool cut = reply.cut_at && *reply.cut_at < body.size();
    if (cut)
        body = body.substr(0, *reply.cut_at);
    if (c->faulty(socket_fault::place::written)) {
        bytes += body;
        bytes.resize(std::min(bytes.size(), c->fault->bytes - c->written_bytes));
        co_await c->write(bytes);
        co_return c->fault->how;
    }
    if (reply.piece_bytes == 0) {
        bytes += body;
        body = {};
    }
    bool good = co_await c->write(std::move(bytes));
    while (good && !body.empty()) {
        const std::string piece(body.substr(0, reply.piece_bytes));
        body.remove_prefix(piece.size());
        good = co_await c->write(piece);
        if (good)
            good = co_await pause(c->host, reply.pause);
    }
    if (!good)
        co_return breakage::reset;
    if (cut)
        co_return reply.cut_how;
    const std::uint64_t told = reply.content_length.value_or(reply.payload().size());
    const bool short_body = !head_only && told > reply.payload().size();
    co_return short_body ? breakage::close : breakage::none;
}

/// A connection's life.
inline awaitable<void> serve(std::shared_ptr<connection> c)
{
    using place = socket_fault::place;
    if (c->faulty(place::accepted))
        co_return co_await break_off(c, c->fault->how);
    if (c->faulty(place::garbled_tls)) {
        const std::string text = "HTTP/1.1 400 Bad Request\r\n\r\n";
        const auto sent =
            co_await asio::async_write(c->socket(), asio::buffer(text), as_tuple_token);
        static_cast<void>(sent);
        co_return co_await break_off(c, breakage::close);
    }
    bool good = co_await c->handshake();
    while (good) {
        const auto request = co_await read_request(c);
        if (!request) {
            if (c->faulty(place::read) && c->read_bytes >= c->fault->bytes)
                co_await break_off(c, c->fault->how);
            break;
        }
        fake_reply reply = c->host->engine.handle(*request);
        const bool keep =
            !reply.no_length && !cokino::detail::iequals(request->field("connection"), "close");
        const breakage how = co_await answer(c, std::move(reply), request->method == "HEAD", keep);
        if (how != breakage::none) {
            co_await break_off(c, how);
            break;
        }
        if (c->faulty(place::answered)) {
            co_await break_off(c, c->fault->how);
            break;
        }
        good = keep && !c->host->stopping.is_set();
        if (!good)
            co_await c->finish();
    }
    boost::system::error_code ignored;
    c->socket().close(ignored);
}

} // namespace cokino::testing::detail
