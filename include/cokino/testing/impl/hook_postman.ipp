// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of testing/hook_postman.hpp.
#pragma once

#include <cokino/async/event.hpp>
#include <cokino/async/time_source.hpp>
#include <cokino/async/with_timeout.hpp>
#include <cokino/core/text.hpp>
#include <cokino/testing/hook_postman.hpp>
#include <cokino/wire/url.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <utility>

namespace cokino::testing {
namespace detail {

inline awaitable<unsigned> post_once(hook_delivery d)
{
    const auto to = wire::url::parse(d.url);
    boost::system::error_code bad;
    const auto address =
        asio::ip::make_address(to.has_value() ? to->where().host : std::string(), bad);
    if (bad || to->where().tls())
        co_return 0U;
    asio::ip::tcp::socket socket(co_await asio::this_coro::executor);
    const asio::ip::tcp::endpoint there(address, to->where().port);
    const auto connected = co_await socket.async_connect(there, as_tuple_token);
    if (std::get<0>(connected))
        co_return 0U;
    std::string text = "POST " + to->target() + " HTTP/1.1\r\nHost: " + to->where().authority() +
                       "\r\nUser-Agent: cokino-fake\r\nConnection: close\r\n";
    for (const auto& [name, value] : d.fields)
        text += name + ": " + value + "\r\n";
    text += "Content-Length: " + std::to_string(d.body.size()) + "\r\n\r\n" + d.body;
    const auto put = co_await asio::async_write(socket, asio::buffer(text), as_tuple_token);
    static_cast<void>(put); // an early answer may come before all of it is gone
    std::string answer;
    std::array<char, 512> piece{};
    while (answer.size() < 12) {
        const auto got = co_await socket.async_read_some(asio::buffer(piece), as_tuple_token);
        if (std::get<0>(got))
            co_return 0U;
        answer.append(piece.data(), std::get<1>(got));
    }
    if (!answer.starts_with("HTTP/1."))
        co_return 0U;
    co_return cokino::detail::parse_integer<unsigned>(answer.substr(9, 3)).value_or(0);
}

inline awaitable<result<unsigned>> post_as_result(hook_delivery d)
{
    const unsigned status = co_await post_once(std::move(d));
    co_return result<unsigned>(status);
}

} // namespace detail

COKINO_DECL awaitable<unsigned> post_hook(hook_delivery d, std::chrono::milliseconds answer_max)
{
    const auto answered = co_await with_timeout(detail::post_as_result(std::move(d)), answer_max);
    co_return answered.has_value() ? *answered : 0U;
}

struct hook_postman::state : std::enable_shared_from_this<hook_postman::state> {
    state(executor e, fake_server& s, postman_options o)
        : ex(std::move(e)), time(time_of(ex)), server(s), options(o)
    {
        server.use([this](fake_engine& engine) { hooks = std::make_unique<fake_hooks>(engine); });
    }

    /// False when it was stopped meanwhile.
    static awaitable<bool> pause(std::shared_ptr<state> self, std::chrono::milliseconds d)
    {
        const steady_time at = later(self->time.now(), d);
        const auto waited = co_await self->stopping.async_wait_until(at, as_tuple_token);
        static_cast<void>(waited);
        co_return !self->stopping.is_set();
    }

    static awaitable<void> bring(std::shared_ptr<state> self, hook_delivery d)
    {
        std::chrono::milliseconds wait = self->options.try_again;
        for (int i = 0; i < self->options.tries_max && !self->stopping.is_set(); ++i) {
            ++self->counts.sent;
            const unsigned status = co_await post_hook(d, self->options.answer_max);
            if (status >= 200 && status < 300) {
                ++self->counts.accepted;
                co_return;
            }
            ++(status == 0 ? self->counts.unanswered : self->counts.refused);
            if (d.forged) // a forger does not insist
                co_return;
            const bool on = co_await pause(self, wait);
            if (!on)
                co_return;
            wait *= 2;
        }
        ++self->counts.given_up;
    }

    static awaitable<void> round(std::shared_ptr<state> self)
    {
        bool on = !self->stopping.is_set();
        while (on) {
            std::vector<hook_delivery> due;
            self->server.use([&](fake_engine&) { due = self->hooks->due(self->server.url()); });
            for (hook_delivery& d : due)
                asio::co_spawn(self->ex, bring(self, std::move(d)), asio::detached);
            on = co_await pause(self, self->options.look_every);
        }
    }

    executor ex;
    time_source& time;
    fake_server& server;
    postman_options options;
    std::unique_ptr<fake_hooks> hooks; // lives where the engine does
    event stopping;
    postman_counts counts;
};

COKINO_DECL hook_postman::hook_postman(executor ex, fake_server& server, postman_options options)
    : state_(std::make_shared<state>(std::move(ex), server, options))
{}

COKINO_DECL hook_postman::~hook_postman() { stop(); }

COKINO_DECL void hook_postman::script(const std::function<void(fake_hooks&)>& f)
{
    state_->server.use([&](fake_engine&) { f(*state_->hooks); });
}

COKINO_DECL hook_signer hook_postman::signer() const { return state_->hooks->signer(); }

COKINO_DECL void hook_postman::start()
{
    asio::co_spawn(state_->ex, state::round(state_), asio::detached);
}

COKINO_DECL void hook_postman::stop() { state_->stopping.set(); }

COKINO_DECL postman_counts hook_postman::counts() const { return state_->counts; }

} // namespace cokino::testing
