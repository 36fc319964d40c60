// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A completion handler for asio::co_spawn that lets an exception leave io_context::run(). The
// `detached` token would swallow it.
#pragma once

#include <exception>

namespace cokino {

/// `asio::co_spawn(io, work(), cokino::rethrow)`: what work() throws, io.run() throws.
struct rethrow_t {
    void operator()(std::exception_ptr e) const
    {
        if (e)
            std::rethrow_exception(e);
    }
    template <class T> void operator()(std::exception_ptr e, const T&) const
    {
        if (e)
            std::rethrow_exception(e);
    }
};

inline constexpr rethrow_t rethrow{};

} // namespace cokino
