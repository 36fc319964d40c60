// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of net/detail/exchange.hpp.
#pragma once

#include <cokino/net/detail/establish.hpp>
#include <cokino/net/detail/exchange.hpp>

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

/// Gives the request to the socket, as far as it takes it.
inline io_step send_request(flight& f, const wire::request& request, std::string& proxied,
                            bool waited)
{
    f.enter(phase::writing, f.limits.write_stall, waited ? f.now() : f.began);
    outgoing message;
    message.head = request.head->bytes();
    message.extra = request.extra_fields;
    message.body = request.payload();
    message.announce_length = announces_length(request);
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

/// The rest of a request that the socket did not take at once. Progress renews the limit.
inline awaitable<io_step> send_rest(flight* f)
{
    io_step step = io_step::wait;
    while (step == io_step::wait && !f->ended()) {
        f->enter(phase::writing, f->limits.write_stall);
        f->listen();
        io_result const ready = co_await wait_writable(f->conn->socket);
        step = ready.error && !f->ended() ? io_step::failed : f->conn->flush();
    }
    co_return step;
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
        io_step step = send_request(f, request, proxied, waited);
        if (step == io_step::wait) {
            waited = true;
            step = co_await send_rest(&f);
        }
        if (step == io_step::failed && may_resend(f, resent)) {
            ++resent;
            prepare_resend(f);
            going = true;
            continue;
        }
        // A peer that refuses a big body answers and closes: its answer may still be read.
        if (f.ended() || (step == io_step::failed && !f.sent_any()))
            break;
        f.conn->forgive_write();
        f.enter(phase::awaiting, f.limits.first_byte, waited ? f.now() : f.began);
        answer.start(std::move(request.body));
        f.conn->expect(answer, f.limits.body_bytes_max,
                       request.head->method() == wire::method::head, opened != nullptr);
        for (auto kind = core->first_read_of(f);; kind = io_kind::read) {
            f.listen();
            io_result const got =
                co_await core->reads->read_some(kind, turn, f.conn->socket, f.conn->raw_room());
            step = f.conn->arrived(got);
            if (step != io_step::wait || f.ended())
                break;
            // A head that trickles in has the first byte's limit for all of it.
            if (f.conn->header_done())
                f.enter(phase::reading, f.limits.read_stall);
        }
        whole = step == io_step::done;
    }
    co_await asio::this_coro::throw_if_cancelled(throwing);
    if (!whole)
        co_return f.take_failure();
    hand_over(f, opened);
    co_return std::move(answer);
}

} // namespace cokino::net::detail
