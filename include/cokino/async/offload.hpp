// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Work that blocks (a write to a disk, an fsync, the digest of a megabyte), done beside the event
// loop. The threads are an implementation's detail: no coroutine and no code of a user's ever runs
// on them. Not for anything that could be awaited instead.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/async/handler_op.hpp>
#include <cokino/core/config.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/prefer.hpp>

#include <exception>
#include <functional>
#include <utility>

namespace cokino {

/// One piece of work that blocks. Whoever submits it keeps it until it is done or dropped.
class blocking_task
{
public:
    /// The work itself, on any thread. Touches nothing that the loop may use meanwhile.
    virtual void work() noexcept = 0;
    /// Behind the work, on the loop's thread.
    virtual void done() = 0;
    /// Instead of done(): the context is being destroyed.
    virtual void drop() noexcept = 0;

    blocking_task* next = nullptr; ///< Its place's.

protected:
    ~blocking_task() = default;
};

/// Where work that blocks is done. One belongs to each execution context. Where the context's time
/// is virtual, the work is done at once on the loop itself, so that a test goes the same way each
/// time; else by a few threads, which are started when there is work for them.
class blocking_place
{
public:
    virtual ~blocking_place() = default;
    /// Called on the loop's thread. done() comes later, never inside this call. Tasks that are
    /// submitted may run at the same time and end in any order.
    virtual void submit(blocking_task& task) = 0;
    /// Blocks until all work that was submitted is done (not its done()).
    virtual void settle() noexcept {}
};

/// Stands in whatever blocking work uses, and keeps it from being destroyed under the work: a
/// context that is destroyed takes down waiting coroutines in any order.
class offload_guard
{
public:
    offload_guard() = default;
    offload_guard(const offload_guard&) = delete;
    offload_guard& operator=(const offload_guard&) = delete;
    ~offload_guard() { settle(); }

    /// Blocks until no work uses what this guards; at once in all ordinary life.
    void settle() noexcept
    {
        if (busy_)
            std::exchange(busy_, nullptr)->settle();
    }

private:
    friend awaitable<void> offload(const std::function<void()>& work, offload_guard& guard);

    blocking_place* busy_ = nullptr;
};

/// The place of an executor's context; made at first use.
COKINO_DECL blocking_place& blocking_place_of(const executor& ex);

/// Installs another place for a context, before anything has asked for one. The caller keeps it
/// alive as long as the context. Throws std::logic_error when the context already has another.
COKINO_DECL void install_blocking_place(asio::execution_context& context, blocking_place& place);

namespace detail {

template <class Handler>
class offload_op final : public blocking_task, public handler_op<offload_op<Handler>, Handler>
{
    using base = handler_op<offload_op<Handler>, Handler>;
    using kept =
        decltype(asio::prefer(std::declval<executor>(), asio::execution::outstanding_work.tracked));

public:
    offload_op(Handler&& handler, const std::function<void()>* work, std::exception_ptr* thrown,
               const executor& ex) noexcept
        : base(std::move(handler)), work_(work), thrown_(thrown),
          running_(asio::prefer(ex, asio::execution::outstanding_work.tracked))
    {}

    void work() noexcept override
    {
        try {
            (*work_)();
        } catch (...) {
            *thrown_ = std::current_exception();
        }
    }
    void done() override
    {
        const auto running = running_;
        post_completion(this->take(), error_code());
    }
    void drop() noexcept override { this->destroy(); }

private:
    const std::function<void()>* work_;
    std::exception_ptr* thrown_;
    kept running_; // the loop must not end meanwhile
};

struct initiate_offload {
    const std::function<void()>* work;
    std::exception_ptr* thrown;
    blocking_place* place;
    template <class Handler> void operator()(Handler handler) const
    {
        const executor ex = asio::get_associated_executor(handler);
        place->submit(offload_op<Handler>::make(std::move(handler), work, thrown, ex));
    }
};

} // namespace detail

/// Does work(), which blocks, beside the loop. What it throws is thrown here.
///
/// Lifetimes — work, a named variable, and the guard outlive the awaitable; so does all that work
///   touches, which nobody else may use meanwhile. The guard stands in the object whose destruction
///   has to wait for the work, and serves one piece of work at a time.
/// Completes — when the work is done, and not before, so that nothing it uses is left in use.
/// Cancellation — none: what has been asked of a disk cannot be taken back. A coroutine that was
///   cancelled before does not begin.
[[nodiscard]] COKINO_DECL awaitable<void> offload(const std::function<void()>& work,
                                                  offload_guard& guard);

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/async/impl/offload.ipp>
#endif
