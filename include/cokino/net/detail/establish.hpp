// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The slow road to a connection: a place in the pool, a name looked up, an address reached, a
// proxy's tunnel, a TLS handshake. Entered only when no idle connection could be taken.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/core/config.hpp>
#include <cokino/net/detail/flight.hpp>

namespace cokino::net::detail {

/// Gives the flight a connection that is ready for a request, or a failure.
///
/// Lifetimes: the flight outlives it. Cancellation: through the flight.
[[nodiscard]] COKINO_DECL awaitable<void> obtain(flight* f);

/// Sends what stands in the connection's buffer. False when the flight ended or the socket failed.
[[nodiscard]] COKINO_DECL awaitable<bool> drain(flight* f);

} // namespace cokino::net::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/net/impl/establish.ipp>
#endif
