// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The socket operations that connections await. They leave the coroutine's cancellation slot
// alone, because an exchange puts one handler there for all of its steps, and Asio's own handlers
// would overwrite it. Not for anything that is not a step of an exchange.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/async/event.hpp>
#include <cokino/core/error.hpp>
#include <cokino/net/detail/op_memory.hpp>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <utility>

namespace cokino::net::detail {

using tcp_socket = asio::ip::tcp::socket;
using tcp_endpoint = asio::ip::tcp::endpoint;

/// A socket with memory for one operation at a time.
struct io_socket : tcp_socket {
    using tcp_socket::tcp_socket;
    op_memory memory;
};

/// How one socket operation ended.
struct io_result {
    error_code error;
    std::size_t bytes = 0;
};

/// Hides its handler's cancellation slot and keeps its executor.
template <class Handler> struct without_slot {
    using executor_type = asio::associated_executor_t<Handler>;

    Handler handler;

    executor_type get_executor() const noexcept { return asio::get_associated_executor(handler); }
    void operator()(error_code error, std::size_t bytes = 0)
    {
        std::move(handler)(io_result{error, bytes});
    }
};

/// A handler of a socket's operation: that takes its memory from there.
template <class Handler> struct on_socket : without_slot<Handler> {
    using allocator_type = op_allocator<void>;

    on_socket(io_socket& s, Handler h) : without_slot<Handler>{std::move(h)}, memory(&s.memory) {}
    allocator_type get_allocator() const noexcept { return allocator_type(memory); }

    op_memory* memory;
};

class parking;
class read_queue;
class read_turn;

/// See read_queue.hpp.
template <class Handler>
void start_read_in_turn(read_queue& queue, read_turn& turn, Handler handler);

/// What to wait for.
enum class io_kind : unsigned char { read, read_in_turn, readable, writable, connect, wake_up };

/// One operation of any kind: one type, so that the compiler makes the awaiting code once.
struct start_io {
    io_kind kind;
    io_socket* socket = nullptr;
    asio::mutable_buffer into{};
    const tcp_endpoint* to = nullptr;
    parking* place = nullptr;
    read_queue* queue = nullptr;
    read_turn* turn = nullptr;

    template <class Handler> void operator()(Handler&& handler) const;
};

inline auto await_io(const start_io& operation)
{
    return asio::async_initiate<const asio::deferred_t, void(io_result)>(operation, asio::deferred);
}

/// Reads at least one byte. Lifetimes: socket and buffer outlive the operation.
[[nodiscard]] inline auto read_some(io_socket& socket, asio::mutable_buffer into)
{
    return await_io(start_io{io_kind::read, &socket, into});
}

/// Waits until the socket has bytes, or has ended.
[[nodiscard]] inline auto wait_readable(io_socket& socket)
{
    return await_io(start_io{io_kind::readable, &socket, {}});
}

/// Waits until the socket takes bytes again.
[[nodiscard]] inline auto wait_writable(io_socket& socket)
{
    return await_io(start_io{io_kind::writable, &socket, {}});
}

/// Lifetimes: the endpoint, too, outlives the operation.
[[nodiscard]] inline auto connect_to(io_socket& socket, const tcp_endpoint& to)
{
    return await_io(start_io{io_kind::connect, &socket, {}, &to});
}

/// A place where one coroutine waits until somebody wakes it. The wake-up is posted, so whoever
/// wakes it never runs the sleeper's code within its own. A context that goes takes the sleeper
/// with it, even where the place stands in the sleeper's own frame.
class parking
{
public:
    bool occupied() const noexcept { return woken_.waiting() != 0; }

    /// Harmless when nobody sleeps.
    void wake()
    {
        if (occupied())
            woken_.set();
    }

    [[nodiscard]] auto wait()
    {
        return await_io(start_io{io_kind::wake_up, nullptr, {}, nullptr, this});
    }

private:
    friend struct start_io;

    auto_event woken_{1};
};

template <class Handler> void start_io::operator()(Handler&& handler) const
{
    using plain = std::decay_t<Handler>;
    switch (kind) {
    case io_kind::read:
        socket->async_read_some(into, on_socket<plain>(*socket, std::forward<Handler>(handler)));
        break;
    case io_kind::read_in_turn:
        start_read_in_turn<plain>(*queue, *turn, std::forward<Handler>(handler));
        break;
    case io_kind::readable:
        socket->async_wait(tcp_socket::wait_read,
                           on_socket<plain>(*socket, std::forward<Handler>(handler)));
        break;
    case io_kind::writable:
        socket->async_wait(tcp_socket::wait_write,
                           on_socket<plain>(*socket, std::forward<Handler>(handler)));
        break;
    case io_kind::connect:
        socket->async_connect(*to, on_socket<plain>(*socket, std::forward<Handler>(handler)));
        break;
    case io_kind::wake_up:
        place->woken_.async_wait(without_slot<plain>{std::forward<Handler>(handler)});
        break;
    }
}

} // namespace cokino::net::detail
