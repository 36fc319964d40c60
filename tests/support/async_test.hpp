// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Runs coroutines inside a doctest case: to their end, bounded, nothing swallowed. An exception (a
// failed REQUIRE too) is kept and thrown on; a coroutine that never ends fails the test.
//
// The short form, in virtual time:
//
//     awaitable<void> body(virtual_test& t, some_fixture& f) { ... co_await ...; CHECK(...); }
//     TEST_CASE("...") { some_fixture f; run_virtual(body, f); }
//     TEST_CASE("...") { run_virtual([](virtual_test&) -> awaitable<void> { ... }); } // no capture
//
// It returns what the coroutine returns. run_real does the same on the real clock and real sockets.
//
// The long form, for cancellation and for several coroutines at once:
//
//     virtual_test t;                                 // t.io, t.ex(), t.time (a virtual_time)
//     auto s = t.start(sleep_for(1h));                // a started<void>; runs when the loop runs
//     s.cancel();                                     // before it starts: "cancelled before start"
//     s.cancel_after(5s, cancellation_type::partial); // later, at a virtual time
//     t.finish(s);                                    // runs until s has ended, or fails the test
//     CHECK(s.outcome().error() == errc::cancelled);  // or s.get(), which throws
//     CHECK(s.took() == 5s);
//
// In one line: t.outcome(op), t.cancelled_before_start(op), t.cancelled_after(5s, op).
#pragma once

#include <cokino/async/as_result.hpp>
#include <cokino/async/awaitable.hpp>
#include <cokino/async/time_source.hpp>
#include <cokino/testing/virtual_time.hpp>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace cokino::testing::support {

using asio::cancellation_type;

/// One coroutine under way, and what it ended with. A handle; copies mean the same coroutine.
template <class T> class started
{
public:
    using value_type = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

    bool done() const { return state_->done; }

    /// Emits now. Before the loop has run, that is before the coroutine's first line.
    void cancel(cancellation_type type = cancellation_type::terminal) const { state_->emit(type); }

    /// Emits at a time from now on the loop's clock.
    void cancel_after(duration d, cancellation_type type = cancellation_type::terminal) const
    {
        state_->type = type;
        state_->time.arm(*state_, later(state_->time.now(), d));
    }

    /// The value; throws what the coroutine threw. The test fails if it has not ended.
    T get() const
    {
        check_done();
        if (state_->exception)
            std::rethrow_exception(state_->exception);
        if constexpr (!std::is_void_v<T>)
            return std::move(*state_->value);
    }

    /// The value or the failure; an exception that is no failure is thrown on.
    result_for<T> outcome() const
    {
        check_done();
        if (state_->exception)
            return cokino::detail::failure_or_rethrow(state_->exception);
        if constexpr (std::is_void_v<T>)
            return {};
        else
            return std::move(*state_->value);
    }

    /// From start() to its end, on the loop's clock.
    duration took() const
    {
        check_done();
        return state_->end - state_->begin;
    }

private:
    friend class test_loop;

    struct state final : timer, std::enable_shared_from_this<state> {
        explicit state(time_source& source) : time(source), begin(source.now()) {}
        ~state() override { time.disarm(*this); }
        void fire() override { emit(type); }
        void emit(cancellation_type t)
        {
            if (!running)
                before_start = before_start | t;
            else if (!done)
                signal.emit(t);
        }

        time_source& time;
        asio::cancellation_signal signal;
        cancellation_type type = cancellation_type::terminal;
        steady_time begin;
        steady_time end{};
        bool running = false;
        bool done = false;
        cancellation_type before_start = cancellation_type::none;
        std::optional<value_type> value;
        std::exception_ptr exception;
    };

    // A handler with a slot of its own, since Asio delivers a signal directly only to a handler
    // that has no executor; through bind_cancellation_slot it would come one turn late.
    struct on_end {
        using cancellation_slot_type = asio::cancellation_slot;
        explicit on_end(std::shared_ptr<state> s) : state_(std::move(s)) {}
        cancellation_slot_type get_cancellation_slot() const noexcept
        {
            return state_->signal.slot();
        }
        void operator()(const std::exception_ptr&) const
        {
            state_->done = true;
            state_->end = state_->time.now();
            state_->time.disarm(*state_);
        }
        std::shared_ptr<state> state_;
    };

    // Asio 1.26 loses a coroutine that ends cancelled without having waited: co_spawn's own last
    // await throws then, out of the loop. So a signal is held back until this line runs, and
    // throwing is off when it ends.
    static awaitable<void> body(std::shared_ptr<state> s, awaitable<T> op)
    {
        s->running = true;
        if (s->before_start != cancellation_type::none)
            s->signal.emit(s->before_start);
        try {
            if constexpr (std::is_void_v<T>) {
                co_await std::move(op);
            } else {
                T value = co_await std::move(op);
                s->value.emplace(std::move(value));
            }
        } catch (...) {
            s->exception = std::current_exception();
        }
        co_await asio::this_coro::throw_if_cancelled(false);
    }

    explicit started(std::shared_ptr<state> s) : state_(std::move(s)) {}

    void check_done() const
    {
        if (!state_->done)
            FAIL("the coroutine has not ended; call finish() first");
    }

    std::shared_ptr<state> state_;
};

/// What both loops share: an io_context of one thread, and starting coroutines on it.
class test_loop
{
public:
    asio::io_context io{1};

    executor ex() { return io.get_executor(); }

    template <class T> started<T> start(awaitable<T> op)
    {
        using state = typename started<T>::state;
        auto s = std::make_shared<state>(time_of(ex()));
        asio::co_spawn(io, started<T>::body(s, std::move(op)), typename started<T>::on_end(s));
        return started<T>(std::move(s));
    }

protected:
    ~test_loop() = default;
};

/// Start, finish and cancel in one line; Loop supplies finish().
template <class Loop> class basic_test : public test_loop
{
public:
    template <class T> result_for<T> outcome(awaitable<T> op)
    {
        auto s = start(std::move(op));
        self().finish(s);
        return s.outcome();
    }

    /// The signal comes before the coroutine's first line.
    template <class T>
    result_for<T> cancelled_before_start(awaitable<T> op,
                                         cancellation_type type = cancellation_type::terminal)
    {
        auto s = start(std::move(op));
        s.cancel(type);
        self().finish(s);
        return s.outcome();
    }

    /// The signal comes while it waits.
    template <class T>
    result_for<T> cancelled_after(duration d, awaitable<T> op,
                                  cancellation_type type = cancellation_type::terminal)
    {
        auto s = start(std::move(op));
        s.cancel_after(d, type);
        self().finish(s);
        return s.outcome();
    }

private:
    Loop& self() { return static_cast<Loop&>(*this); }
};

/// An io_context whose clock jumps.
class virtual_test : public basic_test<virtual_test>
{
public:
    explicit virtual_test(virtual_time_options options = {}) : time(io, options) {}

    virtual_time time;

    /// Runs until s has ended. Fails the test when it cannot end.
    template <class T> void finish(const started<T>& s)
    {
        const run_end end = time.run_until([&s] { return s.done(); });
        if (end != run_end::done)
            FAIL("the coroutine never ended: " << std::string(name_of(end)));
    }
};

/// An io_context on the real clock, for loopback sockets. Bounded, so that nothing hangs.
class real_test : public basic_test<real_test>
{
public:
    explicit real_test(std::chrono::seconds bound = std::chrono::seconds(20)) : bound_(bound) {}

    template <class T> void finish(const started<T>& s)
    {
        const steady_time end = time_of(ex()).now() + bound_;
        while (!s.done()) {
            io.restart();
            const auto ran = io.run_one_for(std::chrono::milliseconds(200));
            if (ran == 0 && io.stopped() && !s.done() && io.poll_one() == 0)
                FAIL("the coroutine never ended: the loop has nothing left to wait for");
            if (!s.done() && time_of(ex()).now() > end)
                FAIL("the coroutine never ended: " << bound_.count() << " s have passed");
        }
    }

private:
    std::chrono::seconds bound_;
};

namespace detail {

template <class Test, class F, class... Args> auto run(Test& t, F& body, Args&... args)
{
    static_assert(std::is_empty_v<F> || std::is_pointer_v<F>,
                  "the body must not capture: a closure dies before its coroutine does");
    auto op = [&] {
        if constexpr (std::is_invocable_v<F&, Test&, Args&...>)
            return body(t, args...);
        else
            return body(args...);
    }();
    auto s = t.start(std::move(op));
    t.finish(s);
    return s.get();
}

} // namespace detail

/// Runs body(t, args...) or body(args...) to its end in virtual time, and returns its value.
template <class F, class... Args> auto run_virtual(F body, Args&... args)
{
    virtual_test t;
    return detail::run(t, body, args...);
}

/// The same on the real clock.
template <class F, class... Args> auto run_real(F body, Args&... args)
{
    real_test t;
    return detail::run(t, body, args...);
}

} // namespace cokino::testing::support
