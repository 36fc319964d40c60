// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of net/detail/connection.hpp.
#pragma once

#include <cokino/net/detail/connection.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/socket_base.hpp>

#include <array>
#include <charconv>
#include <cstring>

namespace cokino::net::detail {

COKINO_DECL connection::~connection() { wipe(assembled_); }

COKINO_DECL io_step connection::fail(errc code, const error_code& cause, std::string text)
{
    if (fault.code == errc::ok) {
        fault.code = code;
        fault.cause = cause;
        fault.text = std::move(text);
    }
    broken_ = true;
    return io_step::failed;
}

// ---- writing -----------------------------------------------------------------------------------

/// "Content-Length: n\r\n\r\n", or the empty line alone.
inline std::string_view end_of_head(std::array<char, 80>& place, const outgoing& message)
{
    if (!message.announce_length)
        return "\r\n";
    static constexpr std::string_view asking = "Expect: 100-continue\r\nContent-Length: ";
    static constexpr std::string_view name = asking.substr(asking.find('C'));
    auto const begin = message.withhold ? asking : name;
    std::memcpy(place.data(), begin.data(), begin.size());
    char* at = std::to_chars(place.data() + begin.size(), place.data() + place.size() - 4,
                             message.body.size())
                   .ptr;
    std::memcpy(at, "\r\n\r\n", 4);
    return std::string_view(place.data(), static_cast<std::size_t>(at + 4 - place.data()));
}

COKINO_DECL io_step connection::send(const outgoing& message)
{
    std::array<char, 80> place;
    auto const tail = end_of_head(place, message);
    begun_ = true;
    taken_ = 0;
    not_ours_ = out().size(); // TLS may still have something of its own to say
    auto const body = message.withhold ? std::string_view() : message.body;
    return tls ? send_encrypted(message, tail, body) : send_plain(message, tail, body);
}

COKINO_DECL io_step connection::send_body(std::string_view body)
{
    if (!tls)
        return send_plain(outgoing(), {}, body);
    if (tls->write(body) != tls_step::done)
        return tls_failed(false);
    return flush();
}

COKINO_DECL io_step connection::send_plain(const outgoing& message, std::string_view tail,
                                           std::string_view body)
{
    std::array<std::string_view, 5> const parts{message.head, message.extra, message.more, tail,
                                                body};
    std::array<asio::const_buffer, 5> buffers;
    std::size_t count = 0;
    for (std::string_view const part : parts)
        buffers[count++] = asio::const_buffer(part.data(), part.size());
    error_code error;
    std::size_t taken = socket.write_some(buffers, error);
    taken_ += taken;
    if (error && error != asio::error::would_block && error != asio::error::try_again)
        return write_failed(error);
    bool whole = true;
    for (std::string_view part : parts) {
        std::size_t const gone = std::min(taken, part.size());
        taken -= gone;
        part.remove_prefix(gone);
        whole = whole && part.empty();
        out_.append(part);
    }
    return whole ? io_step::done : io_step::wait;
}

COKINO_DECL io_step connection::send_encrypted(const outgoing& message, std::string_view tail,
                                               std::string_view body)
{
    // A small body goes into the same record; a big one is not copied for that.
    bool const together = body.size() <= wide_room;
    std::size_t const size = message.head.size() + message.extra.size() + message.more.size() +
                             tail.size() + (together ? body.size() : 0);
    if (assembled_.capacity() < size) {
        wipe(assembled_); // growing it would leave a copy of a key behind
        assembled_.reserve(size);
    }
    assembled_.clear();
    assembled_.append(message.head).append(message.extra).append(message.more).append(tail);
    if (together)
        assembled_.append(body);
    if (tls->write(assembled_) != tls_step::done)
        return tls_failed(false);
    if (!together && tls->write(body) != tls_step::done)
        return tls_failed(false);
    return flush();
}

COKINO_DECL io_step connection::send_raw(std::string_view bytes)
{
    out().append(bytes);
    return flush();
}

COKINO_DECL io_step connection::flush()
{
    byte_buffer& rest = out();
    while (!rest.empty()) {
        error_code error;
        std::size_t const taken =
            socket.write_some(asio::const_buffer(rest.data(), rest.size()), error);
        rest.consume(taken);
        taken_ += taken;
        if (error == asio::error::would_block || error == asio::error::try_again)
            return io_step::wait;
        if (error)
            return write_failed(error);
    }
    rest.shrink(wide_room);
    return io_step::done;
}

COKINO_DECL io_step connection::write_failed(const error_code& error)
{
    return fail(errc::connection_lost, error);
}

// ---- the handshake -----------------------------------------------------------------------------

COKINO_DECL io_step connection::handshake()
{
    switch (tls->handshake()) {
    case tls_step::done: return io_step::done;
    case tls_step::want_read: return io_step::wait;
    case tls_step::closed:
    case tls_step::failed: break;
    }
    return tls_failed(true);
}

COKINO_DECL io_step connection::tls_failed(bool in_handshake)
{
    if (tls->certificate_refused())
        return fail(errc::certificate_rejected, {}, tls->reason());
    return fail(in_handshake ? errc::tls_failed : errc::connection_lost, {}, tls->reason());
}

// ---- reading -----------------------------------------------------------------------------------

COKINO_DECL void connection::expect(wire::response& into, std::uint64_t body_bytes_max,
                                    bool no_body, bool streaming)
{
    into_ = &into;
    body_bytes_max_ = body_bytes_max;
    no_body_ = no_body;
    streaming_ = streaming;
    interims_ = 0;
    leave_ = false;
    parser_.emplace(into, body_bytes_max, no_body);
    parser_->eager(!streaming);
}

COKINO_DECL asio::mutable_buffer connection::raw_room()
{
    return tls ? tls->in.room(raw_wanted_) : text_.room(narrow_room / 2);
}

COKINO_DECL io_step connection::store(const io_result& got)
{
    if (got.error == asio::error::eof) {
        if (tls)
            tls->peer_ended(); // the engine knows whether that is proper
        else
            ended_ = true;
        return io_step::done;
    }
    if (got.error)
        return read_failed(got.error);
    (tls ? tls->in : text_).commit(got.bytes);
    return io_step::done;
}

COKINO_DECL io_step connection::read_failed(const error_code& error)
{
    return fail(header_done() ? errc::body_truncated : errc::connection_lost, error);
}

COKINO_DECL io_step connection::decrypt()
{
    auto const room = text_.room(narrow_room / 2);
    std::size_t got = 0;
    switch (tls->read(room.data(), room.size(), got)) {
    case tls_step::done: text_.commit(got); return io_step::done;
    case tls_step::want_read: return io_step::wait;
    case tls_step::closed: ended_ = true; return io_step::done;
    case tls_step::failed: break;
    }
    return fail(header_done() ? errc::body_truncated : errc::connection_lost, {}, tls->reason());
}

COKINO_DECL io_step connection::arrived(const io_result& got)
{
    auto step = store(got);
    if (step == io_step::failed)
        return step;
    if (!tls)
        return parse();
    for (;;) {
        step = decrypt();
        if (step != io_step::done)
            break;
        step = parse();
        if (step != io_step::wait)
            break;
    }
    // Reading may have made TLS answer (a key update); what the socket does not take now goes out
    // with the next request, so a full socket is no matter here.
    if (!tls->out.empty() && step != io_step::failed && flush() == io_step::failed)
        return io_step::failed;
    return step;
}

COKINO_DECL io_step connection::parse()
{
    while (!text_.empty()) {
        error_code error;
        std::size_t const used =
            parser_->put(asio::const_buffer(text_.data(), text_.size()), error);
        text_.consume(used);
        if (error && error != http::error::need_more)
            return parse_failed(error);
        if (parser_->is_header_done() && parser_->interim()) {
            if (++interims_ > interim_max)
                return fail(errc::response_malformed, {}, "too many interim answers");
            bool const streaming = streaming_;
            leave_ = leave_ || into_->status == 100;
            parser_.emplace(*into_, body_bytes_max_, no_body_);
            parser_->eager(!streaming);
            continue;
        }
        if (parser_->is_done() || (streaming_ && parser_->is_header_done()))
            return io_step::done;
        if (error || used == 0)
            break;
    }
    // What is left over behind a header is a chunk's header, which Beast would let grow.
    if (parser_->is_header_done() && text_.size() > limits::chunk_header_bytes_max)
        return fail(errc::response_too_large, {}, "a chunk header is too long");
    return ended_ ? peer_ended() : io_step::wait;
}

COKINO_DECL io_step connection::parse_body()
{
    while (!text_.empty() && !parser_->is_done()) {
        error_code error;
        std::size_t const used =
            parser_->put(asio::const_buffer(text_.data(), text_.size()), error);
        text_.consume(used);
        if (error == http::error::need_buffer)
            return io_step::done;
        if (error && error != http::error::need_more)
            return parse_failed(error);
        if (error || used == 0)
            break;
    }
    if (!parser_->is_done() && text_.size() > limits::chunk_header_bytes_max)
        return fail(errc::response_too_large, {}, "a chunk header is too long");
    return parser_->is_done() ? io_step::done : io_step::wait;
}

COKINO_DECL io_step connection::peer_ended()
{
    if (!parser_->got_some())
        return fail(errc::connection_lost, {}, "the peer closed the connection");
    error_code error;
    parser_->put_eof(error);
    if (!error)
        return io_step::done;
    return fail(parser_->is_header_done() ? errc::body_truncated : errc::connection_lost, error);
}

COKINO_DECL io_step connection::parse_failed(const error_code& error)
{
    bool const too_large = error == http::error::header_limit || error == http::error::body_limit;
    return fail(too_large ? errc::response_too_large : errc::response_malformed, error);
}

// ---- its life ----------------------------------------------------------------------------------

COKINO_DECL bool connection::reusable() const noexcept
{
    return !broken_ && !ended_ && socket.is_open() && parser_ && parser_->is_header_done() &&
           parser_->keep_alive() && text_.empty() && out_.empty() && !(tls && tls->has_leftover());
}

COKINO_DECL bool connection::alive()
{
    if (!socket.is_open() || broken_)
        return false;
    char byte = 0;
    error_code error;
    socket.receive(asio::mutable_buffer(&byte, 1), asio::socket_base::message_peek, error);
    if (error == asio::error::would_block || error == asio::error::try_again)
        return true;
    // Over TLS a byte may well be a session ticket that came late; plain HTTP has no such thing.
    if (error || !tls)
        return false;
    io_result got;
    got.bytes = socket.read_some(raw_room(), got.error);
    if (store(got) != io_step::done || got.error)
        return false;
    return decrypt() == io_step::wait && !tls->has_leftover();
}

COKINO_DECL void connection::cut() noexcept
{
    error_code ignored;
    socket.close(ignored);
    broken_ = true;
}

} // namespace cokino::net::detail
