// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The library's awaitable and the namespace alias; the executor type is named in one place.
#pragma once

#include <cokino/core/config.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/this_coro.hpp>

namespace cokino {

namespace asio = boost::asio;

/// What every asynchronous function of cokino returns: lazy, started by co_await.
template <class T> using awaitable = asio::awaitable<T, asio::any_io_executor>;

using executor = asio::any_io_executor;

/// The token for Asio operations inside the library: completes with a tuple, throws nothing, and
/// needs no coroutine frame of its own.
inline constexpr auto as_tuple_token = asio::as_tuple(asio::deferred);

} // namespace cokino
