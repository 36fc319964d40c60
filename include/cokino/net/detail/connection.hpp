// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// One connection to one origin: its socket, TLS if it has any, and the message being read. All of
// it is synchronous; whoever drives an exchange awaits the socket in between (io_ops.hpp). So one
// set of socket operations serves plain and TLS, and the bytes that the kernel took are counted
// below TLS.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/result.hpp>
#include <cokino/net/detail/byte_buffer.hpp>
#include <cokino/net/detail/io_ops.hpp>
#include <cokino/net/detail/pool.hpp>
#include <cokino/net/detail/response_parser.hpp>
#include <cokino/net/detail/tls_engine.hpp>
#include <cokino/wire/message.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cokino::net::detail {

/// How a step ended that may have to wait for the socket.
enum class io_step : unsigned char {
    done,
    wait,  ///< Wait for the socket, then go on.
    failed ///< See connection::fault.
};

/// What went wrong on a connection, without a fate: that is the exchange's to say.
struct io_fault {
    errc code = errc::ok;
    error_code cause; ///< The system's or the parser's own code, if any.
    std::string text; ///< More words, if any.
};

/// A request as it goes onto the wire. Lifetimes: whatever it points to outlives the sending.
struct outgoing {
    std::string_view head;  ///< Request line and fields, each with its line end.
    std::string_view extra; ///< More fields.
    std::string_view more;  ///< Still more (the proxy's).
    std::string_view body;
    bool announce_length = false;
    bool withhold = false; ///< Asks for leave to send the body, and keeps it back.
};

class connection final : public pool_node
{
public:
    explicit connection(const executor& ex) : socket(ex) {}
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;
    ~connection();

    io_socket socket;
    std::unique_ptr<tls_engine> tls; ///< Null on plain connections and before the handshake.
    io_fault fault;

    // ---- writing
    /// Starts to send a request. Counts from here what the kernel takes of it.
    io_step send(const outgoing& message);
    /// Starts to send the body that was kept back.
    io_step send_body(std::string_view body);
    /// Starts to send bytes that belong to no request (a proxy's CONNECT).
    io_step send_raw(std::string_view bytes);
    /// Goes on sending what is left.
    io_step flush();
    /// Whether the kernel took any byte of the request.
    bool sent_any() const noexcept { return begun_ && taken_ > not_ours_; }
    /// Lets an answer be read although the request could not be sent to its end. The connection
    /// carries no other request afterwards.
    void forgive_write()
    {
        if (fault.code == errc::ok)
            return;
        fault = io_fault();
        out().clear();
    }

    // ---- the handshake
    /// Begins TLS. Then call handshake() until done; on `wait`, flush, and read when all is out.
    void start_tls(ssl_ptr<SSL> ssl) { tls = std::make_unique<tls_engine>(std::move(ssl)); }
    io_step handshake();

    // ---- reading
    /// Prepares for an answer. Streaming stops behind the header.
    void expect(wire::response& into, std::uint64_t body_bytes_max, bool no_body, bool streaming);
    /// Where the socket's next bytes go.
    asio::mutable_buffer raw_room();
    /// Takes what a read gave, and goes on parsing. Done: the answer (or its head) is whole.
    io_step arrived(const io_result& got);
    /// Parses what is already here.
    io_step parse();
    /// Parses body bytes to where the parser was told to put them.
    io_step parse_body();
    /// As arrived(), without parsing.
    io_step store(const io_result& got);
    /// Makes the TLS layer decrypt what has come into `text`. Wait: more is needed.
    io_step decrypt();

    /// The host has said that it wants the body, and nothing of its answer is here yet.
    bool has_leave() const noexcept { return leave_ && !parser_->got_some(); }
    /// expect() was called for this exchange.
    bool expecting() const noexcept { return parser_.has_value(); }
    /// Some byte of a head is here, of an answer or an interim one.
    bool head_begun() const noexcept { return parser_ && parser_->got_some(); }
    bool answer_done() const noexcept { return parser_ && parser_->is_done(); }
    bool header_done() const noexcept { return parser_ && parser_->is_header_done(); }
    /// The peer ended its side properly (a close_notify, or a FIN on a plain connection).
    bool ended() const noexcept { return ended_; }
    void mark_ended() noexcept { ended_ = true; }
    /// Notes a fault that the caller found in what was read.
    io_step refuse(errc code, std::string text) { return fail(code, {}, std::move(text)); }
    response_parser& parser() noexcept { return *parser_; }
    byte_buffer& text() noexcept { return text_; }
    /// Room for big bodies: a larger buffer below TLS.
    void widen() noexcept { raw_wanted_ = wide_room; }

    // ---- its life
    /// Whether it may carry another request, once an answer is whole.
    bool reusable() const noexcept;
    /// Looks whether an idle connection is still there: no end, no error, no unasked-for byte.
    bool alive();
    /// Ends it at once; what waits for the socket completes with operation_aborted.
    void cut() noexcept;
    /// It carries no other request, and nothing more is sent: the peer may still wait for a body
    /// that will not come.
    void retire() noexcept
    {
        broken_ = true;
        out().clear();
    }
    /// Makes it ready for the next exchange.
    void forget_exchange() noexcept
    {
        parser_.reset();
        begun_ = false;
        text_.shrink(narrow_room);
        raw_wanted_ = narrow_room;
    }

private:
    static constexpr std::size_t narrow_room = 8 * 1024;
    static constexpr std::size_t wide_room = 64 * 1024;
    static constexpr unsigned interim_max = 16;

    byte_buffer& out() noexcept { return tls ? tls->out : out_; }
    const byte_buffer& out() const noexcept { return tls ? tls->out : out_; }
    io_step send_plain(const outgoing& message, std::string_view tail, std::string_view body);
    io_step send_encrypted(const outgoing& message, std::string_view tail, std::string_view body);
    io_step write_failed(const error_code& error);
    io_step read_failed(const error_code& error);
    io_step parse_failed(const error_code& error);
    io_step tls_failed(bool in_handshake);
    io_step peer_ended();
    io_step fail(errc code, const error_code& cause = {}, std::string text = {});

    byte_buffer out_;       // a plain request's rest
    byte_buffer text_;      // plain bytes of answers
    std::string assembled_; // a request before encryption; holds keys, so it is wiped
    std::optional<response_parser> parser_;
    wire::response* into_ = nullptr;
    std::uint64_t body_bytes_max_ = 0;
    std::size_t raw_wanted_ = narrow_room;
    std::size_t taken_ = 0;    // bytes the kernel took since the request began
    std::size_t not_ours_ = 0; // how many of them belong to TLS itself
    unsigned interims_ = 0;
    bool leave_ = false; // 100 was among them
    bool begun_ = false; // a request has been given to send()
    bool no_body_ = false;
    bool streaming_ = false;
    bool ended_ = false;
    bool broken_ = false;
};

} // namespace cokino::net::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/net/impl/connection.ipp>
#endif
