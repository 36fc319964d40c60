// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// One request sent and one answer read: the hot path. The frame of this one coroutine is all that
// a repeated exchange on a kept connection needs.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/core/config.hpp>
#include <cokino/net/detail/transport_core.hpp>
#include <cokino/wire/message.hpp>

#include <memory>

namespace cokino::net::detail {

/// Where a streamed answer's connection goes once its head has been read.
struct open_answer {
    std::unique_ptr<connection> conn;
    steady_time total_at{};
};

/// Sends a request and reads its answer. With `opened`, reads the head only and leaves the
/// connection there.
///
/// Lifetimes: `opened` outlives it.
[[nodiscard]] COKINO_DECL awaitable<result<wire::response>> run_exchange(
    std::shared_ptr<transport_core> core, wire::request request, open_answer* opened);

} // namespace cokino::net::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/net/impl/exchange.ipp>
#endif
