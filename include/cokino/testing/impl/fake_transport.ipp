// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of testing/fake_transport.hpp: what a broken connection looks like to a client.
#pragma once

#include <cokino/net/address_policy.hpp>
#include <cokino/testing/detail/carried.hpp>
#include <cokino/testing/fake_transport.hpp>

#include <boost/asio/ip/address.hpp>

namespace cokino::testing {
namespace detail {

/// Whether a host's name is one that a link from outside may not point to.
inline bool is_inside(std::string_view host)
{
    boost::system::error_code error;
    const auto address = asio::ip::make_address(std::string(host), error);
    return error ? host == "localhost" : !net::is_public_address(address);
}

/// The engine's reply as a client meets it.
inline carried carry(fake_reply&& reply, const wire::request& request)
{
    carried c;
    c.after = reply.delay;
    const auto& l = request.limits;
    if (reply.lost == breakage::stall) {
        c.after = (duration::max)() / 2;
        return c;
    }
    if (reply.lost != breakage::none) {
        c.broken = failure(errc::connection_lost, fate::maybe_sent);
        return c;
    }
    c.head.status = reply.status;
    for (const auto& [name, value] : reply.fields)
        c.head.add_field(name, value);
    if (request.head->method() != wire::method::head)
        c.body = reply.payload();
    if (!reply.no_length) {
        const std::uint64_t told = reply.content_length.value_or(reply.payload().size());
        c.head.add_field("content-length", std::to_string(told));
        // A reader takes what was announced: less is all there is, more never comes.
        if (told < c.body.size())
            c.body.resize(static_cast<std::size_t>(told));
        else if (told > c.body.size() && request.head->method() != wire::method::head)
            c.cut_at = c.body.size();
    }
    if (reply.cut_at && *reply.cut_at < c.body.size()) {
        c.cut_at = *reply.cut_at;
        if (reply.cut_how == breakage::stall) {
            c.cut_as = errc::phase_timed_out;
            c.cut_after = l.read_stall;
        } else if (reply.no_length && reply.cut_how == breakage::close) {
            // Nobody can tell such an end from the proper one.
            c.body.resize(*std::exchange(c.cut_at, std::nullopt));
        } else if (reply.cut_how == breakage::reset) {
            c.cut_as = errc::connection_lost;
        }
    }
    c.piece_bytes = reply.piece_bytes;
    c.pause = reply.pause;
    for (fake_piece& piece : reply.pieces) {
        c.waits.emplace_back(c.body.size(), piece.after);
        c.body += piece.bytes;
    }
    if (reply.in_pieces && reply.cut_at && reply.cut_how != breakage::close) {
        c.cut_at = c.body.size();
        c.cut_as = reply.cut_how == breakage::stall ? errc::phase_timed_out : errc::connection_lost;
        c.cut_after = reply.cut_how == breakage::stall ? duration(l.read_stall) : duration{0};
    }
    return c;
}

} // namespace detail

struct fake_transport::outcome {
    outcome() = default;
    std::optional<failure> unsent;
    detail::carried answer;
};

COKINO_DECL fake_options fake_transport::default_options()
{
    fake_options o;
    o.media_origin = "https://files.fake.example";
    return o;
}

COKINO_DECL fake_transport::fake_transport(executor ex, fake_options options)
    : time_(time_of(ex)), engine_(time_, std::move(options))
{}

COKINO_DECL void fake_transport::fail_next(failure f, int times)
{
    for (int i = 0; i < times; ++i)
        failures_.push_back(f);
}

COKINO_DECL fake_transport::outcome fake_transport::begin(const wire::request& request)
{
    outcome o;
    if (!failures_.empty()) {
        o.answer.broken = failures_.front();
        o.answer.after = latency_;
        failures_.pop_front();
        return o;
    }
    if (!request.head)
        o.unsent = failure(errc::request_malformed).explain("the request has no head");
    else if (request.public_addresses_only && detail::is_inside(request.head->url().where().host))
        o.unsent = failure(errc::link_refused).explain("the link leads into a private network");
    if (o.unsent)
        return o;
    o.answer = detail::carry(engine_.handle(detail::carried::request_of(request)), request);
    o.answer.after += latency_;
    o.answer.limit(request.limits);
    return o;
}

COKINO_DECL awaitable<result<wire::response>> fake_transport::exchange(wire::request request)
{
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
        co_return failure(errc::cancelled, fate::not_sent);
    auto o = begin(request);
    if (o.unsent)
        co_return *o.unsent;
    o.answer.gather(request.limits);
    const bool cancelled = co_await detail::wait_sent(o.answer.after);
    if (cancelled)
        co_return failure(errc::cancelled, fate::maybe_sent);
    co_return detail::whole_answer(std::move(o.answer), request.limits);
}

COKINO_DECL awaitable<result<std::unique_ptr<net::body_stream>>> fake_transport::open(
    wire::request request)
{
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
        co_return failure(errc::cancelled, fate::not_sent);
    auto o = begin(request);
    if (o.unsent)
        co_return *o.unsent;
    const bool cancelled = co_await detail::wait_sent(o.answer.after);
    if (cancelled)
        co_return failure(errc::cancelled, fate::maybe_sent);
    if (o.answer.broken)
        co_return *o.answer.broken;
    std::unique_ptr<net::body_stream> stream =
        std::make_unique<detail::carried_stream>(std::move(o.answer), request.limits);
    co_return std::move(stream);
}

} // namespace cokino::testing
