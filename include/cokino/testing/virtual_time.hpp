// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A clock that jumps. Installed into an io_context before first use, it replaces both clocks and
// every wait of the library there: hours of backoff run in milliseconds, the same way each time.
// It drives the io_context itself; it does not slow down or speed up anything outside the library.
#pragma once

#include <cokino/async/time_source.hpp>
#include <cokino/async/timer_heap.hpp>

#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <cstddef>
#include <string_view>

namespace cokino::testing {

/// Where the clocks stand at first, and how much may happen before a run is given up as endless.
struct virtual_time_options {
    /// The steady clock's start, from its epoch. Far from zero, so that subtracting is safe.
    std::chrono::nanoseconds steady_start = std::chrono::hours(1000);
    /// The calendar's start, in seconds since 1970: 2026-01-01 00:00:00 UTC.
    std::chrono::seconds system_start{1767225600};
    /// Timers that one run may fire.
    std::size_t timers_max = 10'000'000;
    /// Handlers that may run between two timers.
    std::size_t handlers_max = 10'000'000;
    /// Real time to let sockets move before each jump. Zero where no socket is involved.
    std::chrono::milliseconds socket_patience{0};
};

/// How a run ended.
enum class run_end : unsigned char {
    done,   ///< What was waited for has come: the predicate holds, or the time has passed.
    idle,   ///< Nothing is left to run and no timer is armed. For run() this is the good end.
    endless ///< A bound of the options was reached: something goes round in circles.
};

constexpr std::string_view name_of(run_end e) noexcept
{
    switch (e) {
    case run_end::done: return "done";
    case run_end::idle: return "idle: nothing is left to wait for";
    case run_end::endless: return "endless: the bound on timers or handlers was reached";
    }
    return "?";
}

namespace detail {

/// The time source itself. A service, so that it lives as long as its context.
class virtual_time_service final : public asio::execution_context::service, public time_source
{
public:
    inline static asio::execution_context::id id;

    explicit virtual_time_service(asio::execution_context& context)
        : asio::execution_context::service(context)
    {}

    steady_time now() const noexcept override { return now_; }
    system_time system_now() const noexcept override { return system_now_; }

    void arm(timer& t, steady_time at) override
    {
        if (!stopped_)
            heap_.push(t, at);
    }

    void disarm(timer& t) noexcept override
    {
        if (t.armed())
            heap_.erase(t);
    }

    void set(steady_time steady, system_time system) noexcept
    {
        now_ = steady;
        system_now_ = system;
    }

    /// Both clocks go on together; neither goes back.
    void move_to(steady_time at) noexcept
    {
        if (at <= now_)
            return;
        system_now_ += std::chrono::duration_cast<system_time::duration>(at - now_);
        now_ = at;
    }

    cokino::timer_heap& timers() noexcept { return heap_; }

private:
    void shutdown() override
    {
        stopped_ = true;
        while (!heap_.empty())
            heap_.pop().abandon();
    }

    cokino::timer_heap heap_;
    steady_time now_{};
    system_time system_now_{};
    bool stopped_ = false;
};

} // namespace detail

/// Virtual time for one io_context. May be destroyed before the io_context; the clock itself stays.
/// One thread; do not call io.run() beside it, since that would end before the first jump.
class virtual_time
{
public:
    /// Requires: nothing has asked this context for its time source yet.
    explicit virtual_time(asio::io_context& io, virtual_time_options options = {})
        : io_(io), options_(options), service_(asio::make_service<detail::virtual_time_service>(io))
    {
        const auto steady =
            std::chrono::duration_cast<steady_time::duration>(options_.steady_start);
        service_.set(steady_time(steady), system_time(options_.system_start));
        install_time_source(io_, service_);
    }
    virtual_time(const virtual_time&) = delete;
    virtual_time& operator=(const virtual_time&) = delete;

    steady_time now() const noexcept { return service_.now(); }
    system_time system_now() const noexcept { return service_.system_now(); }
    /// Sets the calendar alone, as an administrator or NTP would.
    void set_system_now(system_time t) noexcept { service_.set(service_.now(), t); }
    time_source& source() noexcept { return service_; }
    std::size_t timers_armed() noexcept { return service_.timers().size(); }

    /// Runs until nothing is left to run and no timer is armed.
    run_end run()
    {
        return run_until([] { return false; });
    }

    /// Runs until done() holds; it is asked whenever nothing is ready to run. When it does not
    /// hold and no timer is armed either, the run ends as idle: what it waits for cannot come.
    template <class Predicate> run_end run_until(Predicate done)
    {
        return drive(done, (steady_time::max)());
    }

    /// Runs all that happens within d from now, and leaves the clock at that instant.
    run_end run_for(duration d)
    {
        const steady_time end = later(now(), d);
        if (drive([] { return false; }, end) == run_end::endless)
            return run_end::endless;
        service_.move_to(end);
        return run_end::done;
    }

    /// Runs what is ready now, without a jump. False when it does not come to rest.
    bool drain()
    {
        for (std::size_t n = 0; n < options_.handlers_max; ++n) {
            io_.restart();
            if (io_.poll_one() == 0 && !socket_moved())
                return true;
        }
        return false;
    }

private:
    template <class Predicate> run_end drive(Predicate done, steady_time end)
    {
        for (std::size_t n = 0; n < options_.timers_max; ++n) {
            if (!drain())
                return run_end::endless;
            if (done())
                return run_end::done;
            auto& timers = service_.timers();
            if (timers.empty() || timers.top_time() > end)
                return run_end::idle;
            service_.move_to(timers.top_time());
            // Fired inside the loop, where the real time source fires too.
            asio::post(io_, [&timers] {
                if (!timers.empty())
                    timers.pop().fire();
            });
        }
        return run_end::endless;
    }

    bool socket_moved()
    {
        return options_.socket_patience.count() > 0 &&
               io_.run_one_for(options_.socket_patience) > 0;
    }

    asio::io_context& io_;
    virtual_time_options options_;
    detail::virtual_time_service& service_;
};

} // namespace cokino::testing
