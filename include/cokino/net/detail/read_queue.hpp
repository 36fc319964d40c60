// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// First reads of answers, put off until what is ready to run has run. Asio reads at once when it is
// told to read, which just behind a request is a system call for nothing. With other exchanges
// under way the answer is mostly there when they have had their turn. All reads of a turn share
// one entry in the loop's queue.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/net/detail/io_ops.hpp>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/post.hpp>

#include <cstddef>
#include <memory>
#include <new>
#include <utility>

namespace cokino::net::detail {

class read_queue;

/// A read that waits for its turn. It stands in the frame of the coroutine that reads, so that it
/// costs no allocation; the loop's queue owns that coroutine meanwhile, as with any wait. Closing
/// the socket makes the read fail when its turn comes.
class read_turn
{
public:
    read_turn() = default;
    read_turn(const read_turn&) = delete;
    read_turn& operator=(const read_turn&) = delete;

private:
    friend class read_queue;

    enum class ending : unsigned char { read, wait, none };

    /// Takes the handler out of its place here, for what has been read, for the socket to wake it,
    /// or to let it go with its coroutine.
    template <class Handler> static void finish(read_turn* self, ending how, const io_result& got);

    read_turn* next_ = nullptr;
    void (*finish_)(read_turn*, ending, const io_result&) = nullptr;
    io_socket* socket_ = nullptr;
    asio::mutable_buffer into_;
    alignas(std::max_align_t) std::byte handler_[32];
    bool tried_ = false;
};

/// One for each transport. Held by shared pointer, because what stands in the loop's queue may
/// outlive the transport.
class read_queue : public std::enable_shared_from_this<read_queue>
{
public:
    explicit read_queue(executor ex) : ex_(std::move(ex)) {}
    read_queue(const read_queue&) = delete;
    read_queue& operator=(const read_queue&) = delete;

    /// Reads at least one byte, at once or in turn. Lifetimes: turn, socket and buffer outlive the
    /// operation.
    [[nodiscard]] auto read_some(io_kind kind, read_turn& turn, io_socket& socket,
                                 asio::mutable_buffer into)
    {
        turn.socket_ = &socket;
        turn.into_ = into;
        turn.tried_ = false;
        return await_io(start_io{kind, &socket, into, nullptr, nullptr, this, &turn});
    }

    template <class Handler> void add(read_turn& turn, Handler handler)
    {
        static_assert(sizeof(Handler) <= sizeof turn.handler_);
        // What runs elsewhere is not to be resumed by this queue's executor.
        if (asio::get_associated_executor(handler) != ex_) {
            turn.socket_->async_read_some(turn.into_, on_socket(*turn.socket_, std::move(handler)));
            return;
        }
        ::new (static_cast<void*>(turn.handler_)) Handler(std::move(handler));
        turn.finish_ = &read_turn::finish<Handler>;
        add(turn, turn);
    }

private:
    /// What stands in the loop's queue.
    struct sweep {
        std::shared_ptr<read_queue> queue;

        explicit sweep(std::shared_ptr<read_queue> q) noexcept : queue(std::move(q)) {}
        sweep(sweep&&) = default;
        sweep& operator=(sweep&&) = delete;
        ~sweep()
        {
            if (queue) // the loop ended without it
                while (read_turn* const turn = queue->take())
                    turn->finish_(turn, read_turn::ending::none, {});
        }
        void operator()()
        {
            auto const kept = std::move(queue);
            kept->run();
        }
    };

    /// Appends a chain.
    void add(read_turn& first, read_turn& last)
    {
        last.next_ = nullptr;
        if (first_) {
            last_->next_ = &first;
            last_ = &last;
            return;
        }
        first_ = &first;
        last_ = &last;
        asio::post(ex_, sweep(shared_from_this()));
    }

    read_turn* take() noexcept
    {
        read_turn* const turn = first_;
        if (turn)
            first_ = turn->next_;
        return turn;
    }

    /// Reads for all that stand here now. Those who come while it runs are the next sweep's.
    void run()
    {
        read_turn* next = std::exchange(first_, nullptr);
        read_turn* const last = last_;
        try {
            while (next) {
                read_turn* const turn = next;
                next = turn == last ? nullptr : turn->next_;
                try_read(*turn);
            }
        } catch (...) { // a handler's own: it goes to whoever runs the loop
            if (next)
                add(*next, *last);
            throw;
        }
    }

    /// What has not come gets one more turn, behind whatever is ready by then, and then the socket
    /// is waited for; Asio makes the second try itself.
    void try_read(read_turn& turn)
    {
        io_result got;
        if (turn.tried_) {
            turn.finish_(&turn, read_turn::ending::wait, got);
            return;
        }
        got.bytes = turn.socket_->tcp_socket::read_some(turn.into_, got.error);
        if (got.error == asio::error::would_block || got.error == asio::error::try_again) {
            turn.tried_ = true;
            add(turn, turn);
        } else {
            turn.finish_(&turn, read_turn::ending::read, got);
        }
    }

    const executor ex_;
    read_turn* first_ = nullptr;
    read_turn* last_ = nullptr;
};

template <class Handler> void read_turn::finish(read_turn* self, ending how, const io_result& got)
{
    auto* const stored = std::launder(reinterpret_cast<Handler*>(self->handler_));
    Handler handler = std::move(*stored);
    stored->~Handler();
    io_socket& socket = *self->socket_;
    if (how == ending::read)
        std::move(handler)(got);
    else if (how == ending::wait)
        socket.async_read_some(self->into_, on_socket(socket, std::move(handler)));
}

template <class Handler>
void start_read_in_turn(read_queue& queue, read_turn& turn, Handler handler)
{
    queue.add(turn, std::move(handler));
}

} // namespace cokino::net::detail
