// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A queue of operations that wait for something other than time. Each list is known to its context,
// so that coroutines still parked when the context is destroyed are destroyed with it.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/async/handler_op.hpp>
#include <cokino/async/time_source.hpp>
#include <cokino/core/error.hpp>

#include <boost/assert.hpp>

#include <cstddef>
#include <utility>

namespace cokino::detail {

/// A place in a circular list; alone it points to itself.
class list_link
{
public:
    list_link() noexcept = default;
    list_link(const list_link&) = delete;
    list_link& operator=(const list_link&) = delete;
    ~list_link() { unlink(); }

    bool alone() const noexcept { return next_ == this; }
    list_link& next() const noexcept { return *next_; }
    void unlink() noexcept
    {
        prev_->next_ = next_;
        next_->prev_ = prev_;
        prev_ = next_ = this;
    }
    /// Puts this in front of another, which for a list's head means at its end.
    void link_before(list_link& other) noexcept
    {
        BOOST_ASSERT(alone());
        prev_ = other.prev_;
        next_ = &other;
        prev_->next_ = this;
        other.prev_ = this;
    }

private:
    list_link* prev_ = this;
    list_link* next_ = this;
};

class waiter_list;

/// One operation that waits in a list.
class waiter : public list_link
{
public:
    /// Leaves the list, and resumes its coroutine through the queue.
    virtual void complete(error_code ec) = 0;
    /// The context is going: leaves the list and destroys itself.
    virtual void abandon() noexcept = 0;

protected:
    virtual ~waiter() = default;
};

/// First in, first out. Completes what still waits with errc::closed when it is destroyed.
class waiter_list : private list_link
{
public:
    waiter_list() = default;
    ~waiter_list() { complete_all(errc::closed); }

    bool empty() const noexcept { return list_link::alone(); }
    std::size_t size() const noexcept { return size_; }
    waiter& front() const noexcept { return static_cast<waiter&>(list_link::next()); }

    /// To be called once before the first push_back(); cheap when it was.
    void belong_to(const executor& ex)
    {
        if (in_context_.alone()) {
            register_in(ex);
            context_ended_ = false;
        }
    }
    /// Whether the context it belonged to has been destroyed, or is being destroyed.
    bool context_ended() const noexcept { return context_ended_; }
    void push_back(waiter& w) noexcept
    {
        w.link_before(*this);
        ++size_;
    }
    void erase(waiter& w) noexcept
    {
        w.unlink();
        --size_;
    }
    void complete_all(error_code ec)
    {
        while (!empty())
            front().complete(ec);
    }
    void end_with_context() noexcept
    {
        context_ended_ = true;
        while (!empty())
            front().abandon();
    }

private:
    friend class waiter_registry;

    // A place in the context's list of lists, taken at the first wait.
    struct context_link : list_link {
        explicit context_link(waiter_list& l) noexcept : list(l) {}
        waiter_list& list;
    };

    COKINO_DECL void register_in(const executor& ex);

    context_link in_context_{*this};
    std::size_t size_ = 0;
    bool context_ended_ = false;
};

/// Waits in a list until somebody completes it.
template <class Handler>
class wait_op final : public waiter, public handler_op<wait_op<Handler>, Handler>
{
    using base = handler_op<wait_op<Handler>, Handler>;

public:
    wait_op(Handler&& handler, waiter_list& list) noexcept : base(std::move(handler)), list_(list)
    {}

    void complete(error_code ec) override
    {
        list_.erase(*this);
        post_completion(this->take_cleared(), ec);
    }
    void abandon() noexcept override
    {
        list_.erase(*this);
        this->destroy();
    }

private:
    waiter_list& list_;
};

/// The same, until a time at most.
template <class Handler>
class timed_wait_op final : public waiter,
                            public timer,
                            public handler_op<timed_wait_op<Handler>, Handler>
{
    using base = handler_op<timed_wait_op<Handler>, Handler>;

public:
    timed_wait_op(Handler&& handler, waiter_list& list, time_source& time) noexcept
        : base(std::move(handler)), list_(list), time_(time)
    {}

    void complete(error_code ec) override
    {
        list_.erase(*this);
        time_.disarm(*this);
        post_completion(this->take_cleared(), ec);
    }
    void fire() override
    {
        list_.erase(*this);
        dispatch_completion(this->take_cleared(), errc::deadline_passed);
    }
    void abandon() noexcept override
    {
        list_.erase(*this);
        time_.disarm(*this);
        this->destroy();
    }

private:
    waiter_list& list_;
    time_source& time_;
};

/// What a cancellation of any type does to a plain wait: it ends, and nothing else has happened.
struct cancel_waiter {
    explicit cancel_waiter(waiter& w) noexcept : waiting(w) {}
    void operator()(asio::cancellation_type type) const
    {
        if (type != asio::cancellation_type::none)
            waiting.complete(errc::cancelled);
    }
    waiter& waiting;
};

/// Parks a handler at the end of a list, cancellable by any type.
template <class Handler> void park(waiter_list& list, Handler handler)
{
    list.belong_to(asio::get_associated_executor(handler));
    auto& op = wait_op<Handler>::make(std::move(handler), list);
    list.push_back(op);
    if (auto slot = op.slot(); slot.is_connected())
        slot.template emplace<cancel_waiter>(op);
}

/// The same, with errc::deadline_passed at a time.
template <class Handler> void park_until(waiter_list& list, steady_time at, Handler handler)
{
    const executor ex = asio::get_associated_executor(handler);
    time_source& time = time_of(ex);
    list.belong_to(ex);
    auto& op = timed_wait_op<Handler>::make(std::move(handler), list, time);
    list.push_back(op);
    time.arm(op, at);
    if (auto slot = op.slot(); slot.is_connected())
        slot.template emplace<cancel_waiter>(op);
}

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/async/impl/waiter_list.ipp>
#endif
