// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The four socket operations that connections await. They leave the coroutine's cancellation slot
// alone, because an exchange puts one handler there for all of its steps, and Asio's own handlers
// would overwrite it. Not for anything that is not a step of an exchange.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/core/error.hpp>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <cstddef>
#include <utility>

namespace cokino::net::detail {

using tcp_socket = asio::ip::tcp::socket;
using tcp_endpoint = asio::ip::tcp::endpoint;

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

class parking;

/// What to wait for.
enum class io_kind : unsigned char { read, read_later, writable, connect, wake_up };

/// One operation of any kind: one type, so that the compiler makes the awaiting code once.
struct start_io {
    io_kind kind;
    tcp_socket* socket = nullptr;
    asio::mutable_buffer into{};
    const tcp_endpoint* to = nullptr;
    parking* place = nullptr;

    template <class Handler> void operator()(Handler&& handler) const;
};

inline auto await_io(const start_io& operation)
{
    return asio::async_initiate<const asio::deferred_t, void(io_result)>(operation, asio::deferred);
}

/// Reads at least one byte. Lifetimes: socket and buffer outlive the operation.
[[nodiscard]] inline auto read_some(tcp_socket& socket, asio::mutable_buffer into)
{
    return await_io(start_io{io_kind::read, &socket, into, nullptr, nullptr});
}

/// As read_some(), but what is ready to run has its turn first. Asio tries to read at once, which
/// just behind a request is a system call for nothing; with others to go on with, the answer is
/// mostly there when they are through.
[[nodiscard]] inline auto read_some_later(tcp_socket& socket, asio::mutable_buffer into)
{
    return await_io(start_io{io_kind::read_later, &socket, into, nullptr, nullptr});
}

/// Waits until the socket takes bytes again.
[[nodiscard]] inline auto wait_writable(tcp_socket& socket)
{
    return await_io(start_io{io_kind::writable, &socket, {}, nullptr, nullptr});
}

/// Lifetimes: the endpoint, too, outlives the operation.
[[nodiscard]] inline auto connect_to(tcp_socket& socket, const tcp_endpoint& to)
{
    return await_io(start_io{io_kind::connect, &socket, {}, &to, nullptr});
}

/// A place where one coroutine waits until somebody wakes it. The wake-up is posted, so whoever
/// wakes it never runs the sleeper's code within its own.
class parking
{
public:
    parking() = default;
    parking(const parking&) = delete;
    parking& operator=(const parking&) = delete;
    ~parking()
    {
        if (sleeper_)
            sleeper_->finish(sleeper_, false);
    }

    bool occupied() const noexcept { return sleeper_ != nullptr; }

    /// Harmless when nobody sleeps.
    void wake()
    {
        if (sleeper* const woken = std::exchange(sleeper_, nullptr))
            woken->finish(woken, true);
    }

    [[nodiscard]] auto wait()
    {
        return await_io(start_io{io_kind::wake_up, nullptr, {}, nullptr, this});
    }

private:
    friend struct start_io;

    struct sleeper {
        void (*finish)(sleeper*, bool wake);
    };

    template <class Handler> struct sleeper_for final : sleeper {
        using work = decltype(asio::prefer(std::declval<asio::associated_executor_t<Handler>>(),
                                           asio::execution::outstanding_work.tracked));

        explicit sleeper_for(Handler h)
            : handler{std::move(h)},
              kept_running(
                  asio::prefer(handler.get_executor(), asio::execution::outstanding_work.tracked))
        {
            finish = [](sleeper* self, bool wake) {
                auto* const own = static_cast<sleeper_for*>(self);
                without_slot<Handler> waiting = std::move(own->handler);
                // The loop keeps running until the wake-up has been posted.
                auto const working = own->kept_running;
                delete own;
                if (wake)
                    asio::post(working, posted{std::move(waiting)});
            };
        }

        struct posted {
            using executor_type = asio::associated_executor_t<Handler>;
            without_slot<Handler> waiting;
            executor_type get_executor() const noexcept { return waiting.get_executor(); }
            void operator()() { waiting(error_code(), 0); }
        };

        without_slot<Handler> handler;
        work kept_running;
    };

    sleeper* sleeper_ = nullptr;
};

/// A read that stands in the loop's queue. Closing the socket meanwhile makes it fail.
template <class Handler> struct queued_read {
    tcp_socket* socket;
    asio::mutable_buffer into;
    without_slot<Handler> handler;

    void operator()()
    {
        error_code error;
        std::size_t const bytes = socket->read_some(into, error);
        if (error == asio::error::would_block || error == asio::error::try_again)
            socket->async_read_some(into, std::move(handler));
        else
            handler(error, bytes);
    }
};

template <class Handler> void start_io::operator()(Handler&& handler) const
{
    using plain = std::decay_t<Handler>;
    using hidden = without_slot<plain>;
    switch (kind) {
    case io_kind::read_later:
        asio::post(socket->get_executor(),
                   queued_read<plain>{socket, into, {std::forward<Handler>(handler)}});
        break;
    case io_kind::read:
        socket->async_read_some(into, hidden{std::forward<Handler>(handler)});
        break;
    case io_kind::writable:
        socket->async_wait(tcp_socket::wait_write, hidden{std::forward<Handler>(handler)});
        break;
    case io_kind::connect:
        socket->async_connect(*to, hidden{std::forward<Handler>(handler)});
        break;
    case io_kind::wake_up:
        place->sleeper_ = new parking::sleeper_for<plain>(std::forward<Handler>(handler));
        break;
    }
}

} // namespace cokino::net::detail
