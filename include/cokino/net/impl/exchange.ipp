// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of net/detail/exchange.hpp.
#pragma once

#include <cokino/net/detail/establish.hpp>
#include <cokino/net/detail/exchange.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace cokino::net::detail {

/// Readies a flight for its request. False: it failed before it began.
inline bool prepare(flight& f, const wire::request& request)
{
    ++f.core.counts.exchanges;
    if (!request.head || request.head->bytes().empty()) {
        f.fail(failure(errc::request_malformed).explain("the request has no head", "head"));
        return false;
    }
    if (f.ended())
        return false;
    f.only_public = request.public_addresses_only;
    f.fresh = !request.reuse_connection;
    std::optional<failure> why;
    f.entry = f.core.entry_of(request.head->url().where(), why);
    if (why)
        f.fail(std::move(*why));
    return f.entry != nullptr;
}

inline bool announces_length(const wire::request& request) noexcept
{
    switch (request.head->method()) {
    case wire::method::post:
    case wire::method::put:
    case wire::method::patch: return true;
    default: return !request.payload().empty();
    }
}

/// Whether the body is kept back until the host has said that it wants it.
inline bool asks_leave(const flight& f, const wire::request& request, bool streaming) noexcept
{
    return request.continue_wait.count() > 0 && !streaming && !request.payload().empty() &&
           !f.entry->silent;
}

/// Gives the request to the socket, as far as it takes it.
inline io_step send_request(flight& f, const wire::request& request, std::string& proxied,
                            bool waited, bool withhold)
{
    f.enter(phase::writing, f.limits.write_stall, waited ? f.now() : f.began);
    outgoing message;
    message.head = request.head->bytes();
    message.extra = request.extra_fields;
    message.body = request.payload();
    message.announce_length = announces_length(request);
    message.withhold = withhold;
    if (f.entry->proxy && !f.entry->where.tls()) {
        proxied = request.head->bytes_for_proxy();
        message.head = proxied;
        message.more = f.entry->proxy->authorization.reveal();
    }
    if (f.used)
        ++f.core.counts.reuses;
    return f.conn->send(message);
}

/// A used connection turned out dead and no byte of the request left: nothing has happened, so
/// the request may go out again, on a fresh connection in the same slot.
inline bool may_resend(const flight& f, unsigned resent) noexcept
{
    return f.used && !f.ended() && !f.sent_any() && resent < f.core.options.free_retries_max;
}

inline void prepare_resend(flight& f)
{
    f.conn.reset();
    f.holds_slot = true;
    f.fresh = true;
    ++f.core.counts.free_retries;
}

/// The request has been given to the socket, as far as the peer took it or wanted it.
inline void await_answer(flight& f, wire::request& request, wire::response& answer, bool waited,
                         bool streaming)
{
    f.conn->forgive_write();
    f.enter(phase::awaiting, f.limits.first_byte, waited ? f.now() : f.began);
    if (f.conn->head_begun())
        return; // while the request was being sent
    answer.start(std::move(request.body));
    f.conn->expect(answer, f.limits.body_bytes_max, request.head->method() == wire::method::head,
                   streaming);
}

/// What to do with the connection, once the answer is whole.
inline void hand_over(flight& f, open_answer* opened)
{
    if (opened && !f.conn->parser().is_done()) {
        f.conn->parser().body_to(asio::mutable_buffer());
        opened->total_at = f.total_at();
        opened->conn = std::move(f.conn);
    } else if (f.conn->reusable()) {
        f.core.give_back(std::move(f.conn), f.began);
    } else {
        f.core.discard(std::move(f.conn));
    }
}

/// Looks whether an answer has come before all of the request has left. Done: one that refuses.
inline io_step hear_early(flight& f, const wire::request& request, wire::response& answer)
{
    auto& conn = *f.conn;
    if (!conn.expecting()) {
        answer.start(std::string()); // the request's own buffer is still its body
        conn.expect(answer, f.limits.body_bytes_max, request.head->method() == wire::method::head,
                    false);
    }
    io_result got;
    if (!conn.answer_done())
        got.bytes = conn.socket.read_some(conn.raw_room(), got.error);
    if (conn.answer_done() || got.error == asio::error::would_block ||
        got.error == asio::error::try_again)
        return io_step::wait;
    if (conn.arrived(got) == io_step::failed)
        return io_step::failed;
    return conn.header_done() && answer.status >= 300 ? io_step::done : io_step::wait;
}

/// How long a socket that takes no more bytes is waited for before it is looked what it brings.
inline constexpr auto early_look = std::chrono::milliseconds(250);

/// The rest of a request that the socket did not take at once. Progress renews the limit. A host
/// that refuses the request may read no more of it, so its answer is listened for meanwhile
/// [RFC 9112 §9.5]; no more is sent then. Not with a null answer.
inline awaitable<io_step> send_rest(flight* f, const wire::request* request, wire::response* answer)
{
    io_step step = io_step::wait;
    f->enter(phase::writing, f->limits.write_stall);
    while (step == io_step::wait && !f->ended()) {
        if (answer)
            f->limit_wait(later(f->now(), early_look));
        f->listen();
        io_result const ready = co_await wait_writable(f->conn->socket);
        if (answer && f->attempt_passed() && !f->ended()) {
            step = hear_early(*f, *request, *answer);
            if (step == io_step::done)
                f->conn->retire();
            continue;
        }
        step = ready.error && !f->ended() ? io_step::failed : f->conn->flush();
        f->enter(phase::writing, f->limits.write_stall);
    }
    co_return step;
}

/// Whether nothing more can come of it once its sending has come to an end. A peer that refuses a
/// big body answers and closes: then its answer may still be read.
inline bool is_over(const flight& f)
{
    auto const fault = f.conn->fault.code;
    return f.ended() || (fault != errc::ok && (fault != errc::connection_lost || !f.sent_any()));
}

/// What came of asking for leave to send a body.
enum class leave : unsigned char {
    given,    ///< Or not refused in time: the body has been given to the socket.
    answered, ///< An answer came instead; more of it may still be to be read.
    failed
};

/// Waits for the first sign of the host once the head has left.
inline awaitable<leave> await_leave(flight* f, std::chrono::milliseconds longest)
{
    auto& conn = *f->conn;
    f->enter(phase::awaiting, f->limits.first_byte);
    f->limit_wait(later(f->now(), longest));
    io_step step = io_step::wait;
    // A head that has begun may be of the leave or of an answer: it is waited for to its end.
    while (step == io_step::wait && !conn.has_leave() && !conn.header_done() && !f->ended() &&
           (conn.head_begun() || !f->attempt_passed())) {
        f->listen();
        io_result got = co_await wait_readable(conn.socket);
        if (!got.error)
            got.bytes = conn.socket.read_some(conn.raw_room(), got.error);
        bool const nothing = got.error == asio::error::would_block ||
                             got.error == asio::error::try_again ||
                             (got.error == asio::error::operation_aborted && !f->ended());
        if (!nothing)
            step = conn.arrived(got);
    }
    f->enter(phase::awaiting, f->limits.first_byte); // the wait's own limit is over
    if (step == io_step::failed || f->ended())
        co_return leave::failed;
    co_return conn.header_done() ? leave::answered : leave::given;
}

/// The head has left with the question: waits for an answer to it, and sends the body if it is to
/// be sent.
inline awaitable<leave> obtain_leave(flight* f, const wire::request* request,
                                     wire::response* answer)
{
    ++f->core.counts.leaves_asked;
    answer->start(std::string()); // the request's own buffer is still its body
    f->conn->expect(*answer, f->limits.body_bytes_max, false, false);
    leave const got = co_await await_leave(f, request->continue_wait);
    if (got != leave::given) {
        f->conn->retire();
        co_return got;
    }
    f->entry->silent = !f->conn->has_leave();
    f->enter(phase::writing, f->limits.write_stall);
    if (f->conn->send_body(request->payload()) == io_step::wait)
        co_await send_rest(f, request, answer);
    co_return is_over(*f) ? leave::failed : got;
}

/// An answer that came in the body's place.
inline bool is_refusal(flight& f, const wire::response& answer)
{
    ++f.core.counts.bodies_withheld;
    if (!answer.ok())
        return true;
    f.fail(failure(errc::response_malformed)
               .explain("the host confirmed a request whose body it had not got"));
    return false;
}

COKINO_DECL awaitable<result<wire::response>> run_exchange(std::shared_ptr<transport_core> core,
                                                           wire::request request,
                                                           open_answer* opened)
{
    flight f(*core, request.limits);
    bool const throwing = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    f.obey(cancellation);

    wire::response answer;
    read_turn turn;
    std::string proxied;
    bool whole = false;
    bool waited = false; // else the time at which it began is still the time
    unsigned resent = 0;
    for (bool going = prepare(f, request); going;) {
        going = false;
        if (f.holds_slot || !core->take_idle(f)) {
            waited = true;
            co_await obtain(&f);
            if (!f.conn || f.failed())
                break;
        }
        bool const asks = asks_leave(f, request, opened != nullptr);
        io_step step = send_request(f, request, proxied, waited, asks);
        if (step == io_step::wait) {
            waited = true;
            step = co_await send_rest(&f, &request, asks || opened ? nullptr : &answer);
        }
        if (step == io_step::failed && may_resend(f, resent)) {
            ++resent;
            prepare_resend(f);
            going = true;
            continue;
        }
        auto asked = leave::given;
        if (asks && step == io_step::done)
            asked = co_await obtain_leave(&f, &request, &answer);
        if (asked == leave::failed || is_over(f))
            break;
        if (asked == leave::given)
            await_answer(f, request, answer, waited || asks, opened != nullptr);
        step = f.conn->answer_done() ? io_step::done : io_step::wait;
        for (auto kind = core->first_read_of(f); step == io_step::wait && !f.ended();
             kind = io_kind::read) {
            f.listen();
            io_result const got =
                co_await core->reads->read_some(kind, turn, f.conn->socket, f.conn->raw_room());
            step = f.conn->arrived(got);
            // A head that trickles in has the first byte's limit for all of it.
            if (step == io_step::wait && f.conn->header_done() && !f.ended())
                f.enter(phase::reading, f.limits.read_stall);
        }
        whole = step == io_step::done && (asked == leave::given || is_refusal(f, answer));
    }
    co_await asio::this_coro::throw_if_cancelled(throwing);
    if (!whole)
        co_return f.take_failure();
    hand_over(f, opened);
    co_return std::move(answer);
}

} // namespace cokino::net::detail
