// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of webhook/detail/receiver_state.ipp: accepting, reading, judging, answering.
#pragma once

#include <cokino/async/sleep.hpp>
#include <cokino/webhook/detail/receiver_state.ipp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace cokino::webhook::detail {

/// How long, and how much, a sender that was answered early may still talk: an answer beside unread
/// bytes would be lost in a reset.
inline constexpr std::chrono::milliseconds drain_max{1000};
inline constexpr std::size_t drain_bytes_max = 256 * 1024;

COKINO_DECL const hook_route* receiver_state::route_of(std::string_view path,
                                                       std::string& nonce) const
{
    for (const hook_route& r : routes) {
        if (!path.starts_with(r.path))
            continue;
        const std::string_view rest = path.substr(r.path.size());
        if (rest.empty()) {
            nonce.clear();
            return &r;
        }
        if (rest.front() == '/' && rest.size() == 33 &&
            rest.find_first_not_of("0123456789abcdef", 1) == std::string_view::npos) {
            nonce = rest.substr(1);
            return &r;
        }
    }
    return nullptr;
}

COKINO_DECL void receiver_state::stop()
{
    stopping = true;
    boost::system::error_code ignored;
    acceptor.close(ignored);
    for (hook_connection* const c : open)
        c->socket().close(ignored);
    freed.set();
    if (running == 0)
        idle.set();
}

COKINO_DECL awaitable<void> receiver_state::accept_all(std::shared_ptr<receiver_state> self)
{
    const receiver_running counted(*self);
    while (!self->stopping) {
        if (self->open.size() >= self->options.connections_max) {
            const auto waited = co_await self->freed.async_wait(as_tuple_token);
            static_cast<void>(waited);
            continue;
        }
        tcp::socket socket(self->ex);
        const auto accepted = co_await self->acceptor.async_accept(socket, as_tuple_token);
        if (self->stopping)
            break;
        if (std::get<0>(accepted)) {
            // No descriptor left, say: spinning would not give one back.
            const auto slept =
                co_await async_sleep_for(std::chrono::milliseconds(50), as_tuple_token);
            static_cast<void>(slept);
            continue;
        }
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        std::shared_ptr<hook_connection> c;
        if (self->options.tls != nullptr)
            c = std::make_shared<tls_hook_stream>(self, std::move(socket), *self->options.tls);
        else
            c = std::make_shared<plain_hook_stream>(self, std::move(socket));
        asio::co_spawn(self->ex, serve(std::move(c)), asio::detached);
    }
}

/// A connection's life.
COKINO_DECL awaitable<void> receiver_state::serve(std::shared_ptr<hook_connection> c)
{
    const std::shared_ptr<receiver_state> self = c->shared;
    c->expire_after(self->options.header_max);
    bool good = co_await c->handshake();
    self->counts.timeouts += c->late ? 1U : 0U;
    while (good) {
        const unsigned status = co_await receive(c);
        if (status == 0 || self->stopping)
            break;
        ++self->counts.requests;
        ++(status == 200   ? self->counts.taken
           : status == 401 ? self->counts.forged
                           : self->counts.refused);
        const bool keep = (status == 200 || status == 401) && c->request->keep_alive() &&
                          ++c->answered < self->options.requests_max;
        c->request.reset();
        c->release();
        c->expire_after(self->options.body_max);
        good = co_await c->write(hook_answer(status, keep));
        if (good && !keep) {
            c->expire_after(drain_max);
            co_await c->say_goodbye();
            c->in.clear();
            for (std::size_t drained = 0; good && drained < drain_bytes_max;) {
                good = co_await c->read_more();
                drained += c->in.size();
                c->in.clear();
            }
            break;
        }
        c->expire_after(self->options.header_max);
    }
    boost::system::error_code ignored;
    c->socket().close(ignored);
}

/// Reads and judges one request. The status to answer; 0 when there is nobody to answer.
COKINO_DECL awaitable<unsigned> receiver_state::receive(std::shared_ptr<hook_connection> c)
{
    receiver_state& self = *c->shared;
    c->request =
        std::make_unique<hook_request>(self.options.header_bytes_max, self.options.body_bytes_max);
    for (;;) {
        const hook_request::progress p = c->request->take(c->in);
        if (p == hook_request::progress::bad)
            co_return c->request->status();
        if (c->request->head_done() && !c->hold(c->request->body().capacity()))
            co_return 503;
        if (p == hook_request::progress::head_done) {
            c->expire_after(self.options.body_max);
            c->route = self.route_of(c->request->path(), c->nonce);
            if (c->route == nullptr)
                co_return 404;
            if (!c->request->is_post())
                co_return 405;
            const auto length = c->request->content_length().value_or(0);
            if (!c->hold(static_cast<std::size_t>(length)))
                co_return 503;
            if (c->request->expects_continue()) {
                const bool sent = co_await c->write("HTTP/1.1 100 Continue\r\n\r\n");
                if (!sent)
                    co_return 0;
            }
            continue;
        }
        if (p == hook_request::progress::done)
            break;
        const bool more = co_await c->read_more();
        if (!more) {
            const bool began = c->request->began() || !c->in.empty();
            self.counts.timeouts += c->late ? 1U : 0U;
            co_return c->late&& began && !self.stopping ? 408 : 0;
        }
    }
    c->disarm(); // what follows has limits of its own
    const unsigned status = co_await judge(c);
    co_return status;
}

/// A whole hook: genuine, readable, for somebody?
COKINO_DECL awaitable<unsigned> receiver_state::judge(std::shared_ptr<hook_connection> c)
{
    receiver_state& self = *c->shared;
    const hook_route& route = *c->route;
    auto genuine = co_await check(c);
    if (self.stopping)
        co_return 0;
    if (!genuine)
        co_return genuine.error() == errc::unauthorised ? 401 : 503;
    // Where nothing is signed, only who was given the URL can know its nonce.
    if (route.verify.scheme == webhook_scheme::unsigned_hook &&
        !self.box.knows(route.provider, c->nonce))
        co_return 404;
    arrival a;
    a.message_id = std::move(genuine->message_id);
    a.nonce = c->nonce;
    a.body_covered = genuine->body_covered;
    auto note = route.read(c->request->body());
    if (note.has_value())
        a.note = std::move(*note);
    // A body that cannot be read still wakes whom its nonce names.
    const arrival_outcome outcome = self.box.deliver(route.provider, std::move(a));
    co_return outcome == arrival_outcome::unknown ? 400 : 200;
}

COKINO_DECL awaitable<result<verified>> receiver_state::check(std::shared_ptr<hook_connection> c)
{
    const hook_route& route = *c->route;
    const std::vector<hook_field> fields = c->request->fields();
    const std::string& body = c->request->body();
    const system_time now = c->shared->time.system_now();
    auto genuine = verify(route.verify, {}, fields, body, now);
    if (route.keys == nullptr || genuine.has_value() ||
        genuine.error().facts().field != "signature")
        co_return genuine;
    // Well-formed and fresh: worth asking for keys.
    auto keys = co_await route.keys->keys();
    if (!keys)
        co_return keys.error().set(errc::limit_reached);
    genuine = verify(route.verify, **keys, fields, body, now);
    if (genuine.has_value())
        co_return genuine;
    const jwks_keys unfit = *keys;
    auto newer = co_await route.keys->newer_than(unfit);
    if (newer.has_value() && *newer != unfit)
        genuine = verify(route.verify, **newer, fields, body, now);
    co_return genuine;
}

} // namespace cokino::webhook::detail
