// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of net/http_transport.hpp.
#pragma once

#include <cokino/net/detail/exchange.hpp>
#include <cokino/net/detail/streamed_body.hpp>
#include <cokino/net/detail/transport_core.hpp>
#include <cokino/net/http_transport.hpp>

#include <utility>

namespace cokino::net {

COKINO_DECL http_transport::http_transport(executor ex, transport_options options)
    : core_(std::make_shared<detail::transport_core>(std::move(ex), std::move(options)))
{}

COKINO_DECL http_transport::~http_transport() { core_->close(); }

COKINO_DECL awaitable<result<wire::response>> http_transport::exchange(wire::request request)
{
    return detail::run_exchange(core_, std::move(request), nullptr);
}

COKINO_DECL awaitable<result<std::unique_ptr<body_stream>>> http_transport::open(
    wire::request request)
{
    return detail::run_open(core_, std::move(request));
}

COKINO_DECL void http_transport::close_idle() { core_->close_idle(); }

COKINO_DECL transport_statistics http_transport::statistics() const { return core_->counts; }

} // namespace cokino::net
