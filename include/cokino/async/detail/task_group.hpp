// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Children of one awaiting coroutine: started together, cancelled through the group, and all ended
// before their parent goes on. with_timeout, race, gather, for_each_limit and task_scope stand on
// it. It takes the place of Asio's parallel groups, whose ranged form mishandles finished members.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/async/detail/outcome.hpp>
#include <cokino/async/detail/waiter_list.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/system/system_error.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

namespace cokino::detail {

/// One child's place in its group, and its cancellation. Must live until the child has ended.
class task_node : public list_link
{
public:
    /// The child's first line (and harmless later): from here on it can be cancelled. A signal that
    /// came before is delivered now, since Asio 1.26 loses a coroutine cancelled before it runs.
    void begin()
    {
        running_ = true;
        const auto early = std::exchange(early_, asio::cancellation_type::none);
        if (early != asio::cancellation_type::none)
            signal_.emit(early);
    }
    /// Behind the child's work: signals no longer reach it.
    void end() noexcept { ended_ = true; }
    bool ended() const noexcept { return ended_; }

    void emit(asio::cancellation_type type)
    {
        if (ended_)
            return;
        told_ = told_ | type;
        if (running_)
            signal_.emit(type);
        else
            early_ = early_ | type;
    }
    asio::cancellation_slot slot() noexcept { return signal_.slot(); }
    bool told_to_stop() const noexcept
    {
        return (told_ & asio::cancellation_type::terminal) != asio::cancellation_type::none;
    }

    /// Its frames are gone, but it stays linked while a signal goes through the list.
    void set_gone() noexcept { gone_ = true; }
    bool gone() const noexcept { return gone_; }

    bool threw_no_failure = false; ///< It ended with an exception that is a bug, not a failure.

private:
    asio::cancellation_signal signal_;
    asio::cancellation_type early_ = asio::cancellation_type::none;
    asio::cancellation_type told_ = asio::cancellation_type::none;
    bool running_ = false;
    bool ended_ = false;
    bool gone_ = false;
};

/// A child with room for what it ends with.
template <class T> struct child : task_node {
    outcome<T> out;
};

class task_group
{
public:
    task_group() = default;
    task_group(const task_group&) = delete;
    task_group& operator=(const task_group&) = delete;

    std::size_t running() const noexcept { return running_; }
    /// What the awaiting coroutine was cancelled with; none if it was not.
    asio::cancellation_type cancelled() const noexcept { return cancelled_; }
    bool was_cancelled() const noexcept { return cancelled_ != asio::cancellation_type::none; }

    /// Starts a child. Its body must throw nothing: run_child() or the like. `keep` lives as long
    /// as the child does.
    COKINO_DECL void start(const executor& ex, task_node& node, awaitable<void> body,
                           std::shared_ptr<void> keep = nullptr);

    /// Signals all children that have not ended. Resumes none of them inside this call.
    void cancel(asio::cancellation_type type)
    {
        if (type != asio::cancellation_type::none)
            emit(type, true);
    }

    /// The group's own wish that the children end: terminal, save to those who have been told. A
    /// second signal would break off their clean-up.
    void stop() { emit(asio::cancellation_type::terminal, false); }

    /// Called by a child behind its work, before its frames are gone.
    virtual void child_done(task_node&) {}

    /// Throws what kept children from running at all, such as a lack of memory.
    void check_started() const
    {
        if (broken_)
            std::rethrow_exception(broken_);
    }

    /// Waits until no child runs. A cancellation does not end the wait: it goes to the children,
    /// with its type.
    template <class Token> auto async_join(Token&& token)
    {
        return asio::async_initiate<Token, void(error_code)>(initiate_join{this}, token);
    }

    /// Starts the children by self.start_all(executor) and waits for them. The wait stands before
    /// the first child runs, so that no cancellation falls in between.
    template <class Self, class Token> static auto async_run(Self& self, Token&& token)
    {
        return asio::async_initiate<Token, void(error_code)>(initiate_run<Self>{&self}, token);
    }

protected:
    virtual ~task_group() = default;

private:
    friend struct on_child_end;

    struct forward_cancel {
        explicit forward_cancel(task_group& g) noexcept : group(g) {}
        void operator()(asio::cancellation_type type) const
        {
            group.cancelled_ = group.cancelled_ | type;
            group.cancel(type);
        }
        task_group& group;
    };

    struct initiate_join {
        task_group* group;
        template <class Handler> void operator()(Handler handler) const
        {
            group->park_parent(std::move(handler));
            group->settle();
        }
    };

    template <class Self> struct initiate_run {
        Self* self;
        template <class Handler> void operator()(Handler handler) const
        {
            const executor ex = asio::get_associated_executor(handler);
            task_group& group = *self;
            group.park_parent(std::move(handler));
            ++group.running_; // so that children which end at once do not end the group
            group.starting_ = true;
            try {
                self->start_all(ex);
            } catch (...) {
                group.broken_ = std::current_exception();
                group.stop();
            }
            group.starting_ = false;
            --group.running_;
            group.settle();
        }
    };

    template <class Handler> void park_parent(Handler handler)
    {
        parents_.belong_to(asio::get_associated_executor(handler));
        auto& op = wait_op<Handler>::make(std::move(handler), parents_);
        parents_.push_back(op);
        if (auto slot = op.slot(); slot.is_connected())
            slot.template emplace<forward_cancel>(*this);
    }

    // Through the queue, so that the last child's frames are gone when the parent runs.
    void settle()
    {
        if (running_ == 0)
            parents_.complete_all(error_code());
    }

    COKINO_DECL void emit(asio::cancellation_type type, bool again);
    COKINO_DECL void child_ended(task_node& node, std::shared_ptr<void> keep);

    list_link children_;
    waiter_list parents_;
    std::vector<std::shared_ptr<void>> gone_;
    std::exception_ptr broken_;
    std::size_t running_ = 0;
    bool starting_ = false;
    unsigned emitting_ = 0;
    asio::cancellation_type cancelled_ = asio::cancellation_type::none;
};

/// Runs one operation as a child. It sees the cancellations that its parent sees: the parent's
/// filter has been passed already, so this one lets everything through.
template <class T>
// cokino-allow COROREF: group and child live in the parent's frame, which waits for this to end
awaitable<void> run_child(task_group& group, child<T>& self, awaitable<T> op)
{
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    self.begin();
    try {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(op);
            self.out.set_value({});
        } else {
            T value = co_await std::move(op);
            self.out.set_value(std::move(value));
        }
    } catch (const boost::system::system_error&) {
        self.out.set_exception(std::current_exception());
    } catch (...) {
        self.out.set_exception(std::current_exception());
        self.threw_no_failure = true;
    }
    self.end();
    group.child_done(self);
    // co_spawn's own last await would throw out of the loop otherwise.
    co_await asio::this_coro::throw_if_cancelled(false);
}

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/async/impl/task_group.ipp>
#endif
