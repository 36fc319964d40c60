// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Blocking work beside the loop: on threads with real time, on the loop itself with virtual time,
// and never left in use by anything that is gone.

#include <cokino/async/gather.hpp>
#include <cokino/async/offload.hpp>
#include <cokino/async/sleep.hpp>
#include <cokino/async/with_timeout.hpp>
#include <cokino/core/limits.hpp>

#include "support/async_test.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace offload_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;

using gate = std::counting_semaphore<1000>;

/// Waits on a thread for what the loop does; bounded, so that a blocked loop fails the test.
bool pass(gate& g) { return g.try_acquire_for(20s); }

awaitable<std::thread::id> where_work_runs()
{
    offload_guard guard;
    std::thread::id at;
    const std::function<void()> work = [&at] { at = std::this_thread::get_id(); };
    co_await offload(work, guard);
    co_return at;
}

TEST_CASE("with virtual time work is done on the loop's own thread, and the loop is yielded to")
{
    virtual_test t;
    bool posted = false;
    auto s = t.start(where_work_runs());
    asio::post(t.io, [&posted] { posted = true; });
    t.finish(s);
    CHECK(s.get() == std::this_thread::get_id());
    CHECK(posted);
}

TEST_CASE("with real time work is done on another thread")
{
    CHECK(run_real(where_work_runs) != std::this_thread::get_id());
}

TEST_CASE("the coroutine goes on on the loop's thread")
{
    run_real([]() -> awaitable<void> {
        const auto before = std::this_thread::get_id();
        co_await where_work_runs();
        CHECK(std::this_thread::get_id() == before);
    });
}

awaitable<bool> wait_for_gate(gate& g)
{
    offload_guard guard;
    bool passed = false;
    const std::function<void()> work = [&] { passed = pass(g); };
    co_await offload(work, guard);
    co_return passed;
}

TEST_CASE("the loop does other things while work blocks, and does not end before it")
{
    real_test t;
    gate g(0);
    auto s = t.start(wait_for_gate(g));
    bool ran = false;
    asio::post(t.io, [&] {
        asio::post(t.io, [&] {
            ran = true;
            g.release();
        });
    });
    t.finish(s);
    CHECK(s.get());
    CHECK(ran);
}

TEST_CASE("what the work throws is thrown where it is awaited")
{
    run_real([]() -> awaitable<void> {
        offload_guard guard;
        const std::function<void()> work = [] { throw std::runtime_error("disk on fire"); };
        bool caught = false;
        try {
            co_await offload(work, guard);
        } catch (const std::runtime_error& e) {
            caught = std::string(e.what()) == "disk on fire";
        }
        CHECK(caught);
    });
}

awaitable<void> note_work(bool& begun)
{
    offload_guard guard;
    const std::function<void()> work = [&begun] { begun = true; };
    co_await offload(work, guard);
}

TEST_CASE("a coroutine that was cancelled before it starts does not begin the work")
{
    real_test t;
    bool begun = false;
    auto s = t.start(note_work(begun));
    s.cancel();
    t.finish(s);
    CHECK(s.outcome().error() == errc::cancelled);
    CHECK_FALSE(begun);
}

awaitable<bool> gate_then_sleep(gate& g)
{
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    const bool passed = co_await wait_for_gate(g);
    CHECK(passed);
    co_await sleep_for(1h); // a cancelled coroutine gets no further than here
    co_return passed;
}

TEST_CASE("a cancellation while work is done takes effect behind it, by each type")
{
    for (const auto type :
         {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total}) {
        real_test t;
        gate g(0);
        auto s = t.start(gate_then_sleep(g));
        asio::post(t.io, [&] {
            asio::post(t.io, [&] {
                s.cancel(type);
                CHECK_FALSE(s.done());
                g.release();
            });
        });
        t.finish(s);
        CHECK(s.outcome().error() == errc::cancelled);
    }
}

TEST_CASE("a deadline that passes while work is done does not leave the work in use")
{
    real_test t;
    gate g(0);
    auto s = t.start(with_timeout(gate_then_sleep(g), 1ms));
    auto opener = t.start(sleep_for(20ms));
    t.finish(opener);
    CHECK_FALSE(s.done());
    g.release();
    t.finish(s);
    CHECK(s.outcome().error() == errc::deadline_passed);
}

struct census {
    gate all{0};
    std::atomic<int> inside{0};
    std::atomic<int> most{0};
};

awaitable<void> visit(census& c)
{
    offload_guard guard;
    const std::function<void()> work = [&c] {
        const int now = ++c.inside;
        int most = c.most;
        while (now > most && !c.most.compare_exchange_weak(most, now)) {}
        pass(c.all);
        --c.inside;
    };
    co_await offload(work, guard);
}

TEST_CASE("work is done at once up to the number of threads, and beyond it in line")
{
    real_test t;
    census c;
    const auto threads = static_cast<int>(limits::blocking_threads_max);
    std::vector<started<void>> all;
    for (int i = 0; i != 3 * threads; ++i)
        all.push_back(t.start(visit(c)));
    while (c.most < threads)
        t.io.run_one_for(1ms);
    c.all.release(3 * threads);
    for (auto& one : all)
        t.finish(one);
    CHECK(c.most == threads);
    CHECK(c.inside == 0);
}

/// Opens a gate when its context is being destroyed; services that are made later go first.
class opening_service final : public asio::execution_context::service
{
public:
    inline static asio::execution_context::id id;
    explicit opening_service(asio::execution_context& context)
        : asio::execution_context::service(context)
    {}
    gate* opens = nullptr;

private:
    void shutdown() override { opens->release(100); }
};

struct held_work {
    gate begun{0};
    gate open{0};
    std::atomic<int> ended{0};
};

awaitable<void> hold(held_work& what, std::shared_ptr<int> kept)
{
    offload_guard guard;
    const std::function<void()> work = [&what] {
        what.begun.release();
        if (pass(what.open))
            ++what.ended;
    };
    co_await offload(work, guard);
    static_cast<void>(kept);
}

TEST_CASE("a context that is destroyed waits for the work under way and drops what stands in line")
{
    const auto threads = static_cast<int>(limits::blocking_threads_max);
    const auto marker = std::make_shared<int>(0);
    held_work what;
    {
        asio::io_context io;
        for (int i = 0; i != threads + 3; ++i)
            asio::co_spawn(io, hold(what, marker), asio::detached);
        io.poll();
        for (int i = 0; i != threads; ++i)
            REQUIRE(pass(what.begun));
        asio::use_service<opening_service>(io).opens = &what.open;
    }
    CHECK(what.ended >= threads);
    CHECK(marker.use_count() == 1);
}

/// What a worker uses and what owns it, in one: like a file that is closed in its destructor.
struct owner {
    gate& dying;
    bool& torn;
    std::atomic<bool> in_use{false};
    offload_guard guard;
    owner(gate& d, bool& t) : dying(d), torn(t) {}
    ~owner()
    {
        dying.release();
        guard.settle();
        torn = in_use;
    }
};

awaitable<void> use(owner& what, gate& begun)
{
    const std::function<void()> work = [&] {
        what.in_use = true;
        begun.release();
        if (pass(what.dying)) // so it is surely in use when its owner goes
            what.in_use = false;
    };
    co_await offload(work, what.guard);
}

TEST_CASE("what work uses is not destroyed under it, whoever is taken down first")
{
    gate begun(0);
    gate dying(0);
    bool torn = true;
    {
        asio::io_context io;
        auto what = std::make_unique<owner>(dying, torn);
        asio::co_spawn(io, use(*what, begun), asio::detached);
        io.poll();
        REQUIRE(pass(begun));
        what.reset();
        CHECK_FALSE(torn);
    }
}

class counting_place final : public blocking_place
{
public:
    explicit counting_place(asio::io_context& io) : io_(io) {}
    void submit(blocking_task& task) override
    {
        ++count;
        asio::post(io_, [&task] {
            task.work();
            task.done();
        });
    }
    int count = 0;

private:
    asio::io_context& io_;
};

TEST_CASE("a context uses the place that was installed before first use, and only that")
{
    real_test t;
    counting_place own(t.io);
    install_blocking_place(t.io, own);
    CHECK(t.outcome(where_work_runs()).value() == std::this_thread::get_id());
    CHECK(own.count == 1);
    install_blocking_place(t.io, own);
    counting_place other(t.io);
    CHECK_THROWS_AS(install_blocking_place(t.io, other), std::logic_error);
}

} // namespace offload_test
