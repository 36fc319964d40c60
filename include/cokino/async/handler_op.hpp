// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A pending operation that owns its completion handler: made in the handler's own memory, and freed
// before the handler runs. Every wait of the library is one of these, so a parked coroutine costs
// one small block beside its frames. For those who write such a wait; what completes it is theirs.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/core/error.hpp>
#include <cokino/core/result.hpp>

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/recycling_allocator.hpp>

#include <memory>
#include <type_traits>
#include <utility>

namespace cokino::detail {

/// How a wait ends for those who await it: returned, or thrown.
inline void throw_if(const error_code& ec)
{
    if (ec)
        throw error(failure(ec));
}

/// A handler with its argument.
template <class Handler> struct completed {
    Handler handler;
    error_code ec;
    void operator()() { std::move(handler)(ec); }
};

/// Through the queue: for a completion that somebody else's call brought about. Nobody is resumed
/// inside set(), release() or emit(), so none of them can be re-entered or destroyed under way.
template <class Handler> void post_completion(Handler handler, error_code ec)
{
    const auto ex = asio::get_associated_executor(handler);
    asio::post(ex, completed<Handler>{std::move(handler), ec});
}

/// At once where that is allowed: for a completion that comes from the loop itself.
template <class Handler> void dispatch_completion(Handler handler, error_code ec)
{
    const auto ex = asio::get_associated_executor(handler);
    asio::dispatch(ex, completed<Handler>{std::move(handler), ec});
}

/// Base of the operation Op, which is built by make() and gone after take() or destroy().
template <class Op, class Handler> class handler_op
{
public:
    handler_op(const handler_op&) = delete;
    handler_op& operator=(const handler_op&) = delete;

    template <class... Args> static Op& make(Handler handler, Args&&... args)
    {
        auto allocator = allocator_for(handler);
        Op* const memory = traits::allocate(allocator, 1);
        static_assert(std::is_nothrow_constructible_v<Op, Handler&&, Args&&...>);
        return *::new (static_cast<void*>(memory))
            Op(std::move(handler), std::forward<Args>(args)...);
    }

    asio::cancellation_slot slot() const noexcept
    {
        return asio::get_associated_cancellation_slot(handler_);
    }

    void destroy() noexcept
    {
        // Moved out first: the handler may own the coroutine frame that this operation serves.
        [[maybe_unused]] const Handler handler = take();
    }

protected:
    explicit handler_op(Handler&& handler) noexcept : handler_(std::move(handler)) {}
    ~handler_op() = default;

    /// Frees the operation and gives its handler.
    Handler take() noexcept
    {
        Op* const self = static_cast<Op*>(this);
        Handler handler(std::move(handler_));
        auto allocator = allocator_for(handler);
        self->~Op();
        traits::deallocate(allocator, self, 1);
        return handler;
    }

    /// The same, and the operation can no longer be cancelled.
    Handler take_cleared() noexcept
    {
        asio::cancellation_slot s = slot();
        if (s.is_connected())
            s.clear();
        return take();
    }

private:
    static auto allocator_for(const Handler& handler) noexcept
    {
        const auto associated =
            asio::get_associated_allocator(handler, asio::recycling_allocator<void>());
        using proto = std::remove_const_t<decltype(associated)>;
        return typename std::allocator_traits<proto>::template rebind_alloc<Op>(associated);
    }

    struct traits {
        template <class A> static Op* allocate(A& a, std::size_t n)
        {
            return std::allocator_traits<A>::allocate(a, n);
        }
        template <class A> static void deallocate(A& a, Op* p, std::size_t n) noexcept
        {
            std::allocator_traits<A>::deallocate(a, p, n);
        }
    };

    Handler handler_;
};

} // namespace cokino::detail
