// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What a user may set about the real transport, and what it counts. Time limits belong to each
// request (wire::exchange_limits), not here.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/net/proxy.hpp>
#include <cokino/net/tls.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace cokino::net {

/// Settings of one transport. They hold for all its connections, so none is ever shared between
/// two sets of them.
class transport_options
{
public:
    /// Takes the proxies from the environment, now.
    transport_options() : proxy(proxy_settings::from_env()) {}

    tls_options tls;
    proxy_settings proxy;
    /// Open connections to one origin, at least 1. Further exchanges wait in line, first come
    /// first served, within their own time limit.
    std::size_t connections_per_origin_max = limits::connections_per_origin_max;
    /// Idle connections kept over all origins; 0 keeps none.
    std::size_t connections_idle_max = limits::connections_idle_max;
    /// An idle connection older than this is not used again.
    std::chrono::milliseconds connection_idle_max = limits::connection_idle_max;
    /// Exchanges that may wait for one origin; one more fails with errc::limit_reached.
    std::size_t waiters_per_origin_max = limits::waiters_max;
    /// How often a request of which no byte left is sent again on a fresh connection.
    unsigned free_retries_max = limits::free_retries_max;
};

/// What a transport has done so far.
struct transport_statistics {
    std::uint64_t exchanges = 0;          ///< Started, streams included.
    std::uint64_t connections = 0;        ///< TCP connections made.
    std::uint64_t reuses = 0;             ///< Requests sent on a used connection.
    std::uint64_t found_dead = 0;         ///< Idle connections that turned out closed.
    std::uint64_t free_retries = 0;       ///< Requests sent again since no byte had left.
    std::uint64_t leaves_asked = 0;       ///< Requests that waited for leave to send their body.
    std::uint64_t bodies_withheld = 0;    ///< Of them, those that were answered without it.
    std::uint64_t handshakes = 0;         ///< TLS handshakes that succeeded.
    std::uint64_t handshakes_resumed = 0; ///< Those that resumed a session.
};

} // namespace cokino::net
