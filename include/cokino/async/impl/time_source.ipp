// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The real time source, and the service through which a context finds its time source. Included by
// time_source.hpp, or by async/src.hpp under separate compilation.
#pragma once

#include <cokino/async/time_source.hpp>
#include <cokino/async/timer_heap.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace cokino::detail {

/// System clocks, and one steady_timer for the whole heap. The timer is moved only to an earlier
/// time: a timer that was disarmed meanwhile costs one idle wake-up instead of a system call.
class real_time final : public time_source
{
public:
    explicit real_time(const executor& ex)
        : executor_(asio::prefer(ex, asio::execution::outstanding_work.untracked))
    {
        timer_.emplace(executor_);
    }

    steady_time now() const noexcept override { return std::chrono::steady_clock::now(); }
    system_time system_now() const noexcept override { return std::chrono::system_clock::now(); }

    void arm(timer& t, steady_time at) override
    {
        if (!timer_)
            return; // the context is being destroyed; nothing will run any more
        heap_.push(t, at);
        if (!firing_)
            schedule();
    }

    bool is_real() const noexcept override { return true; }

    void disarm(timer& t) noexcept override
    {
        if (!t.armed())
            return;
        heap_.erase(t);
        if (heap_.empty() && waiting_ && !firing_)
            settle_later();
    }

    void shutdown() noexcept
    {
        timer_.reset();
        while (!heap_.empty())
            heap_.pop().abandon();
    }

private:
    void schedule()
    {
        if (heap_.empty() || !timer_ || (waiting_ && waiting_for_ <= heap_.top_time()))
            return;
        waiting_for_ = heap_.top_time();
        waiting_ = true;
        const std::uint64_t turn = ++turn_;
        timer_->expires_at(waiting_for_);
        timer_->async_wait([this, turn](const boost::system::error_code&) {
            if (turn == turn_)
                fire_due();
        });
    }

    // An empty heap must let the loop end, so the wait has to go. It goes one turn later, because
    // a client that ends one exchange mostly begins the next in the same turn.
    void settle_later() noexcept
    {
        if (settling_)
            return;
        try {
            asio::post(executor_, [this] { settle(); });
            settling_ = true;
        } catch (...) {
            settle();
        }
    }

    void settle() noexcept
    {
        settling_ = false;
        if (!heap_.empty() || !waiting_ || !timer_)
            return;
        waiting_ = false;
        ++turn_;
        timer_.reset(); // cancels without throwing
        timer_.emplace(executor_);
    }

    void fire_due()
    {
        struct turn_guard {
            real_time& self;
            ~turn_guard()
            {
                self.firing_ = false;
                self.schedule();
            }
        };
        waiting_ = false;
        firing_ = true;
        const turn_guard guard{*this};
        // Timers armed while we fire wait for the next turn, so that the loop stays responsive.
        const std::uint64_t order_end = heap_.next_order();
        const steady_time due = now();
        while (!heap_.empty() && heap_.top_time() <= due && heap_.top_order() < order_end)
            heap_.pop().fire();
    }

    executor executor_;
    std::optional<asio::steady_timer> timer_;
    timer_heap heap_;
    steady_time waiting_for_{};
    std::uint64_t turn_ = 0;
    bool waiting_ = false;
    bool firing_ = false;
    bool settling_ = false;
};

/// Where a context keeps its time source.
class time_service final : public asio::execution_context::service
{
public:
    inline static asio::execution_context::id id;

    explicit time_service(asio::execution_context& context)
        : asio::execution_context::service(context)
    {}

    time_source& get(const executor& ex)
    {
        if (source_ == nullptr) {
            real_ = std::make_unique<real_time>(ex);
            source_ = real_.get();
        }
        return *source_;
    }

    void install(time_source& source)
    {
        if (source_ != nullptr && source_ != &source)
            throw std::logic_error("install_time_source: this context already has a time source");
        source_ = &source;
    }

private:
    void shutdown() override
    {
        if (real_)
            real_->shutdown();
    }

    time_source* source_ = nullptr;
    std::unique_ptr<real_time> real_;
};

} // namespace cokino::detail

namespace cokino {

COKINO_DECL time_source& time_of(const executor& ex)
{
    return time_of(asio::query(ex, asio::execution::context), ex);
}

COKINO_DECL time_source& time_of(asio::execution_context& context, const executor& ex)
{
    return asio::use_service<detail::time_service>(context).get(ex);
}

COKINO_DECL void install_time_source(asio::execution_context& context, time_source& source)
{
    asio::use_service<detail::time_service>(context).install(source);
}

} // namespace cokino
