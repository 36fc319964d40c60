// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Permits: how many at once, in which order, and that none is ever lost.

#include <cokino/async/semaphore.hpp>
#include <cokino/async/sleep.hpp>

#include "support/async_test.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace semaphore_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;

struct tally {
    int now = 0;
    int most = 0;
    std::string order;
};

awaitable<void> work(semaphore& sem, tally& counts, char name)
{
    const permit held = co_await sem.acquire();
    counts.order += name;
    counts.most = std::max(counts.most, ++counts.now);
    co_await sleep_for(1s);
    --counts.now;
}

TEST_CASE("never more than the permits at once, in the order in which they asked")
{
    virtual_test t;
    semaphore sem(3);
    tally counts;
    for (const char name : std::string("abcdefghij"))
        asio::co_spawn(t.io, work(sem, counts, name), asio::detached);
    t.time.drain();
    CHECK(sem.waiting() == 7);
    t.time.run();
    CHECK(counts.most == 3);
    CHECK(counts.now == 0);
    CHECK(counts.order == "abcdefghij");
    CHECK(sem.available() == 3);
}

TEST_CASE("a permit is handed to who waits, and nobody overtakes in between")
{
    virtual_test t;
    semaphore sem(1);
    auto first = sem.try_acquire();
    REQUIRE(first.has_value());
    CHECK_FALSE(sem.try_acquire().has_value());
    auto s = t.start(sem.acquire());
    t.time.drain();
    first->release();
    first->release(); // harmless
    CHECK_FALSE(first->held());
    CHECK(sem.available() == 0); // already the waiter's, though it has not run yet
    CHECK_FALSE(sem.try_acquire().has_value());
    t.finish(s);
    {
        const permit second = s.get();
        CHECK(second.held());
        CHECK(sem.available() == 0);
    }
    CHECK(sem.available() == 1);
}

TEST_CASE("moving a permit moves the right, and assigning over one gives it back")
{
    semaphore sem(2);
    permit a = std::move(*sem.try_acquire());
    permit b = std::move(*sem.try_acquire());
    CHECK(sem.available() == 0);
    a = std::move(b);
    CHECK(sem.available() == 1);
    CHECK(a.held());
    CHECK_FALSE(b.held()); // NOLINT: what a moved-from permit holds is the question
}

TEST_CASE("acquire can be cancelled before its start and while it waits; its place is given up")
{
    virtual_test t;
    semaphore sem(1);
    auto busy = sem.try_acquire();
    REQUIRE(t.cancelled_before_start(sem.acquire()).has_error());
    auto gone = t.start(sem.acquire());
    auto next = t.start(sem.acquire());
    t.time.drain();
    CHECK(sem.waiting() == 2);
    gone.cancel();
    t.finish(gone);
    CHECK(gone.outcome().error() == errc::cancelled);
    CHECK(sem.waiting() == 1);
    busy.reset();
    t.finish(next);
    CHECK(next.get().held());
    CHECK(sem.available() == 1);
}

TEST_CASE("a permit handed over in the turn of the cancellation is not lost")
{
    virtual_test t;
    semaphore sem(1);
    tally counts;
    auto busy = sem.try_acquire();
    auto s = t.start(work(sem, counts, 'x'));
    t.time.drain();
    busy.reset(); // handed over
    s.cancel();   // before it runs
    t.finish(s);
    CHECK(s.outcome().error() == errc::cancelled);
    CHECK(sem.available() == 1);
}

TEST_CASE("acquire_until ends with deadline_passed, or earlier with the permit")
{
    virtual_test t;
    semaphore sem(1);
    auto busy = sem.try_acquire();
    auto late = t.start(sem.acquire_until(t.time.now() + 5s));
    t.finish(late);
    CHECK(late.outcome().error() == errc::deadline_passed);
    CHECK(late.took() == 5s);
    CHECK(sem.waiting() == 0);
    auto lucky = t.start(sem.acquire_until(t.time.now() + 5s));
    t.time.run_for(2s);
    busy.reset();
    t.finish(lucky);
    CHECK(lucky.get().held());
    CHECK(lucky.took() == 2s);
}

TEST_CASE("one waiter too many is refused")
{
    virtual_test t;
    semaphore sem(0, 1);
    auto s = t.start(sem.acquire());
    t.time.drain();
    const auto refused = t.outcome(sem.acquire());
    REQUIRE(refused.has_error());
    CHECK(refused.error() == errc::limit_reached);
    sem.close();
    t.finish(s);
    CHECK(s.outcome().error() == errc::closed);
    CHECK(t.outcome(sem.acquire()).error() == errc::closed);
}

TEST_CASE("permits may outlive their semaphore, and its waiters then get errc::closed")
{
    virtual_test t;
    std::optional<semaphore> sem(std::in_place, std::size_t(1));
    auto held = sem->try_acquire();
    auto s = t.start(sem->acquire());
    t.time.drain();
    sem.reset();
    held.reset();
    t.finish(s);
    CHECK(s.outcome().error() == errc::closed);
}

TEST_CASE("a context destroyed with holders and waiters leaves nothing behind")
{
    tally counts;
    const auto sem = std::make_unique<semaphore>(1);
    {
        virtual_test t;
        for (const char name : {'a', 'b', 'c'})
            asio::co_spawn(t.io, work(*sem, counts, name), asio::detached);
        t.time.drain();
        CHECK(sem->waiting() == 2);
    }
    CHECK(sem->waiting() == 0);
    CHECK(counts.order == "a");
}

} // namespace semaphore_test
