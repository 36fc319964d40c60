// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The two places where blocking work is done, and the service through which a context finds its
// own. Included by offload.hpp, or by async/src.hpp under separate compilation.
#pragma once

#include <cokino/async/offload.hpp>
#include <cokino/async/time_source.hpp>
#include <cokino/core/limits.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>
#include <boost/system/system_error.hpp>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace cokino::detail {

/// A queue of tasks, first in, first out.
class task_queue
{
public:
    bool empty() const noexcept { return first_ == nullptr; }
    void push(blocking_task& task) noexcept
    {
        task.next = nullptr;
        (first_ ? last_->next : first_) = &task;
        last_ = &task;
    }
    blocking_task* pop() noexcept
    {
        blocking_task* const task = first_;
        if (task)
            first_ = task->next;
        return task;
    }
    void drop_all() noexcept
    {
        while (blocking_task* const task = pop())
            task->drop();
    }

private:
    blocking_task* first_ = nullptr;
    blocking_task* last_ = nullptr;
};

/// On the loop itself, at once.
class inline_place final : public blocking_place
{
public:
    void submit(blocking_task& task) override
    {
        task.work();
        task.done();
    }
};

/// A few threads. They tell the loop through a pipe, not through Asio, so that a context without
/// locks (BOOST_ASIO_CONCURRENCY_HINT_UNSAFE) is served too.
class thread_place final : public blocking_place
{
public:
    explicit thread_place(const executor& ex)
        : signal_(std::in_place, asio::prefer(ex, asio::execution::outstanding_work.untracked))
    {
        int ends[2];
        if (::pipe(ends) != 0)
            throw boost::system::system_error(errno, boost::system::system_category());
        for (const int end : ends)
            ::fcntl(end, F_SETFD, FD_CLOEXEC);
        tell_ = ends[1];
        threads_.reserve(limits::blocking_threads_max);
        signal_->assign(ends[0]);
    }
    ~thread_place() override { shutdown(); }

    void submit(blocking_task& task) override
    {
        if (!signal_) { // the context is being destroyed; nothing will run any more
            task.drop();
            return;
        }
        if (!queue(task)) {
            task.work();
            task.done();
            return;
        }
        wake_.notify_one();
        if (outstanding_++ == 0)
            listen();
    }

    void settle() noexcept override
    {
        std::unique_lock lock(mutex_);
        settled_.wait(lock, [this] { return stop_ || (todo_.empty() && working_ == 0); });
    }

    /// Work under way is finished, since it uses what its coroutine owns; the rest is dropped.
    void shutdown() noexcept
    {
        {
            const std::lock_guard lock(mutex_);
            stop_ = true;
        }
        wake_.notify_all();
        for (auto& thread : threads_)
            thread.join();
        threads_.clear();
        signal_.reset();
        if (tell_ >= 0)
            ::close(std::exchange(tell_, -1));
        finished_.drop_all();
        todo_.drop_all();
    }

private:
    // False when not one thread can be had.
    bool queue(blocking_task& task)
    {
        const std::lock_guard lock(mutex_);
        if (queued_ >= waiting_ && threads_.size() < limits::blocking_threads_max)
            add_thread();
        if (threads_.empty())
            return false;
        todo_.push(task);
        ++queued_;
        return true;
    }

    void add_thread()
    {
        // The program's signals are for its own threads.
        sigset_t all;
        sigset_t before;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before);
        try {
            threads_.emplace_back([this] { serve(); });
        } catch (const std::system_error&) {
            // Those that are there will do.
        }
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }

    void serve()
    {
        std::unique_lock lock(mutex_);
        for (;;) {
            ++waiting_;
            wake_.wait(lock, [this] { return stop_ || !todo_.empty(); });
            --waiting_;
            if (stop_)
                return;
            blocking_task& task = *todo_.pop();
            --queued_;
            ++working_;
            lock.unlock();
            task.work();
            lock.lock();
            --working_;
            const bool first = finished_.empty();
            finished_.push(task);
            if (working_ == 0 && todo_.empty())
                settled_.notify_all();
            if (first) { // not under the lock: the loop would wake up only to wait for it
                lock.unlock();
                tell();
                lock.lock();
            }
        }
    }

    void tell() const noexcept
    {
        const char byte = 0;
        while (::write(tell_, &byte, 1) < 0 && errno == EINTR) {}
    }

    void listen()
    {
        signal_->async_read_some(asio::buffer(bytes_), [this](const error_code& ec, std::size_t) {
            if (!ec)
                finish();
        });
    }

    void finish()
    {
        task_queue done;
        {
            const std::lock_guard lock(mutex_);
            done = std::exchange(finished_, task_queue());
        }
        std::size_t count = 0;
        while (blocking_task* const task = done.pop()) {
            task->done();
            ++count;
        }
        outstanding_ -= count;
        if (outstanding_ != 0)
            listen();
    }

    std::optional<asio::posix::stream_descriptor> signal_;
    std::array<char, 16> bytes_{};
    std::size_t outstanding_ = 0; // submitted, not yet done; the loop listens meanwhile
    int tell_ = -1;

    std::mutex mutex_; // for all below
    std::condition_variable wake_;
    std::condition_variable settled_;
    task_queue todo_;
    task_queue finished_;
    std::size_t queued_ = 0;  // in todo_
    std::size_t waiting_ = 0; // threads without work
    std::size_t working_ = 0; // threads with work
    bool stop_ = false;
    std::vector<std::thread> threads_;
};

/// Where a context keeps its place.
class blocking_service final : public asio::execution_context::service
{
public:
    inline static asio::execution_context::id id;

    explicit blocking_service(asio::execution_context& context)
        : asio::execution_context::service(context)
    {}

    blocking_place& get(const executor& ex)
    {
        if (place_ == nullptr) {
            if (time_of(ex).is_real())
                place_ = &threads_.emplace(ex);
            else
                place_ = &inline_;
        }
        return *place_;
    }

    void install(blocking_place& place)
    {
        if (place_ != nullptr && place_ != &place)
            throw std::logic_error("install_blocking_place: this context already has one");
        place_ = &place;
    }

private:
    void shutdown() override
    {
        if (threads_)
            threads_->shutdown();
    }

    blocking_place* place_ = nullptr;
    inline_place inline_;
    std::optional<thread_place> threads_;
};

} // namespace cokino::detail

namespace cokino {

COKINO_DECL blocking_place& blocking_place_of(const executor& ex)
{
    return asio::use_service<detail::blocking_service>(asio::query(ex, asio::execution::context))
        .get(ex);
}

COKINO_DECL void install_blocking_place(asio::execution_context& context, blocking_place& place)
{
    asio::use_service<detail::blocking_service>(context).install(place);
}

// cokino-allow COROREF: a named variable in the frame that awaits this, and what it works on
COKINO_DECL awaitable<void> offload(const std::function<void()>& work, offload_guard& guard)
{
    const executor ex = co_await asio::this_coro::executor;
    std::exception_ptr thrown;
    guard.busy_ = &blocking_place_of(ex);
    const detail::initiate_offload begin{&work, &thrown, guard.busy_};
    co_await asio::async_initiate<decltype(as_tuple_token), void(error_code)>(begin,
                                                                              as_tuple_token);
    guard.busy_ = nullptr;
    if (thrown)
        std::rethrow_exception(thrown);
}

} // namespace cokino
