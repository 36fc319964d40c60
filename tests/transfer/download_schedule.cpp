// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Which download starts next, rule by rule.

#include <cokino/core/random_source.hpp>
#include <cokino/core/text.hpp>
#include <cokino/transfer/detail/download_schedule.hpp>

#include "schedule_wishes.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace download_schedule_test {

/// Who starts, one after the other, each ending before the next.
std::string order_of(download_schedule& s, calendar_time now)
{
    std::string all;
    for (auto todo = s.next(now); todo.what == kind::start; todo = s.next(now)) {
        all += to_text(todo.ticket) + (todo.late ? "! " : " ");
        s.leave(todo.ticket);
    }
    return all;
}

TEST_CASE("whose link dies first starts first; equals start in the order they came")
{
    download_schedule s(caps(1));
    s.add(wish(noon + 3h), noon);
    s.add(wish(noon + 1h), noon);
    s.add(wish(noon + 2h), noon);
    s.add(wish(noon + 1h), noon);
    CHECK(order_of(s, noon) == "2 4 3 1 ");
    CHECK(s.next(noon).what == kind::idle);
}

TEST_CASE("without a deadline an hour from arrival is assumed, and a known one goes first")
{
    download_schedule s(caps(1));
    s.add(wish(std::nullopt), noon);
    s.add(wish(noon + 1h), noon);
    s.add(wish(noon + 1h + 1s), noon);
    s.add(wish(std::nullopt), noon + 1min);
    s.add(wish(noon + 30 * 24h), noon);
    CHECK(order_of(s, noon) == "2 1 3 4 5 ");
}

TEST_CASE("one without a deadline is not starved by those that have one")
{
    download_schedule s(caps(1));
    const auto patient = s.add(wish(std::nullopt), noon);
    auto now = noon;
    bool started = false;
    for (int i = 0; i < 1000 && !started; ++i, now += 10s) {
        s.add(wish(now + 1h), now); // one comes and one goes
        const auto todo = s.next(now);
        REQUIRE(todo.what == kind::start);
        started = todo.ticket == patient;
        CHECK_FALSE(todo.late);
        s.leave(todo.ticket);
    }
    CHECK(started);
    CHECK(now - noon <= 1h);
}

TEST_CASE("no more than so many run, and the next starts when one ends")
{
    download_schedule s(caps(2));
    const auto a = s.add(wish(noon + 1h), noon);
    s.add(wish(noon + 2h), noon);
    s.add(wish(noon + 3h), noon);
    CHECK(s.next(noon).ticket == 1);
    CHECK(s.next(noon).ticket == 2);
    CHECK(s.next(noon).what == kind::wait_slot);
    CHECK(s.running() == 2);
    CHECK(s.waiting() == 1);
    s.leave(a);
    CHECK(s.next(noon).ticket == 3);
}

TEST_CASE("an origin at its cap holds back its own downloads only")
{
    download_schedule s(caps(10, 2));
    const auto a = s.add(wish(noon + 1min, "https://slow"), noon);
    s.add(wish(noon + 2min, "https://slow"), noon);
    s.add(wish(noon + 3min, "https://slow"), noon);
    s.add(wish(noon + 4h, "https://other"), noon);
    CHECK(s.next(noon).ticket == 1);
    CHECK(s.next(noon).ticket == 2);
    CHECK(s.next(noon).ticket == 4);
    CHECK(s.next(noon).what == kind::wait_origin);
    CHECK(s.running_from("https://slow") == 2);
    s.leave(a);
    CHECK(s.next(noon).ticket == 3);
}

TEST_CASE("bytes in flight are capped; the next one waits for room and is not overtaken")
{
    download_schedule s(caps(10, 10, 1000));
    const auto a = s.add(wish(noon + 1h, "a", 700), noon);
    const auto b = s.add(wish(noon + 2h, "b", 400), noon);
    s.add(wish(noon + 3h, "c", 10), noon);
    CHECK(s.next(noon).ticket == a);
    const auto todo = s.next(noon);
    CHECK(todo.what == kind::wait_bytes);
    CHECK(todo.ticket == b);
    s.set_bytes(a, 601);
    CHECK(s.next(noon).what == kind::wait_bytes);
    s.set_bytes(a, 600); // the rest has come home
    CHECK(s.next(noon).ticket == b);
    CHECK(s.bytes_in_flight() == 1000);
    CHECK(s.next(noon).what == kind::wait_bytes);
    s.leave(b);
    CHECK(s.next(noon).ticket == 3);
    CHECK(s.bytes_in_flight() == 610);
}

TEST_CASE("a size that nobody knows counts as what was assumed")
{
    download_schedule s(caps(10, 10, 250));
    for (int i = 0; i < 3; ++i)
        s.add(wish(noon + 1h, "a", std::nullopt), noon);
    s.next(noon);
    s.next(noon);
    CHECK(s.bytes_in_flight() == 200);
    CHECK(s.next(noon).what == kind::wait_bytes);
}

TEST_CASE("a file larger than the cap runs alone, when its turn comes")
{
    download_schedule s(caps(10, 10, 1000));
    const auto small = s.add(wish(noon + 1h, "a", 10), noon);
    const auto large = s.add(wish(noon + 2h, "a", 5'000'000), noon);
    s.add(wish(noon + 3h, "a", 10), noon);
    CHECK(s.next(noon).ticket == small);
    CHECK(s.next(noon).what == kind::wait_bytes);
    s.leave(small);
    CHECK(s.next(noon).ticket == large);
    CHECK(s.next(noon).what == kind::wait_bytes);
    s.leave(large);
    CHECK(s.next(noon).ticket == 3);
}

TEST_CASE("what turns out longer than was said delays others, but is not stopped")
{
    download_schedule s(caps(10, 10, 1000));
    const auto a = s.add(wish(noon + 1h, "a", 10), noon);
    s.add(wish(noon + 2h, "a", 10), noon);
    s.add(wish(noon + 3h, "a", 10), noon);
    s.next(noon);
    s.next(noon);
    s.set_bytes(a, 9'999'999);
    CHECK(s.bytes_in_flight() == 1010);
    CHECK(s.next(noon).what == kind::wait_bytes);
    s.leave(a);
    CHECK(s.bytes_in_flight() == 10);
    CHECK(s.next(noon).ticket == 3);
}

TEST_CASE("the late come after those that can still be saved, and are tried all the same")
{
    download_schedule s(caps(1));
    s.add(wish(noon - 1h), noon);
    s.add(wish(noon + 2h), noon);
    s.add(wish(noon - 2h), noon);
    s.add(wish(noon + 1h), noon);
    s.add(wish(noon), noon); // at the instant itself there is still time
    CHECK(order_of(s, noon) == "5 4 2 3! 1! ");
}

TEST_CASE("one that becomes late while it waits steps back")
{
    download_schedule s(caps(1));
    s.add(wish(noon + 1min), noon);
    s.add(wish(noon + 1h), noon);
    s.add(wish(noon + 2min), noon);
    CHECK(order_of(s, noon + 5min) == "2 1! 3! ");
}

TEST_CASE("with every deadline past, as a wrong clock sees it, the order is the same")
{
    download_schedule right(caps(1));
    download_schedule wrong(caps(1));
    random_source random(3);
    for (int i = 0; i < 500; ++i) {
        const auto in = std::chrono::seconds(static_cast<long>(random.uniform() * 36000));
        right.add(wish(noon + in), noon);
        wrong.add(wish(noon + in), noon);
    }
    auto late = order_of(wrong, noon + 100h);
    std::erase(late, '!');
    CHECK(late == order_of(right, noon));
}

TEST_CASE("an endless stream of others does not starve the late: every sixteenth start is theirs")
{
    download_schedule s(caps(1));
    for (int i = 0; i < 4; ++i)
        s.add(wish(noon - 1h), noon);
    std::vector<int> late_at;
    for (int i = 1; i <= 200; ++i) {
        s.add(wish(noon + 1h), noon);
        const auto todo = s.next(noon);
        REQUIRE(todo.what == kind::start);
        if (todo.late)
            late_at.push_back(i);
        s.leave(todo.ticket);
    }
    CHECK(late_at == std::vector<int>{16, 32, 48, 64});
}

TEST_CASE("one that was set aside keeps its place, and its slot is free meanwhile")
{
    download_schedule s(caps(1));
    const auto a = s.add(wish(noon + 1h), noon);
    s.add(wish(noon + 2h), noon);
    s.add(wish(noon + 3h), noon);
    CHECK(s.next(noon).ticket == a);
    s.set_aside(a);
    CHECK(s.aside() == 1);
    CHECK(s.next(noon).ticket == 2);
    s.bring_back(a);
    CHECK(s.aside() == 0);
    s.leave(2);
    CHECK(s.next(noon).ticket == a);
    s.set_aside(a);
    s.leave(a);
    CHECK(s.next(noon).ticket == 3);
    s.leave(3);
    CHECK(s.next(noon).what == kind::idle);
    CHECK(s.running() + s.waiting() + s.aside() == 0);
}

TEST_CASE("tickets that are not known, or known twice over, change nothing")
{
    download_schedule s(caps(1));
    s.leave(7);
    s.set_aside(7);
    s.bring_back(7);
    s.set_bytes(7, 1);
    const auto a = s.add(wish(noon + 1h), noon);
    s.set_aside(a); // it does not run
    s.bring_back(a);
    CHECK(s.waiting() == 1);
    CHECK(s.next(noon).ticket == a);
    s.bring_back(a);
    CHECK(s.running() == 1);
    s.leave(a);
    s.leave(a);
    CHECK(s.running() == 0);
}

} // namespace download_schedule_test
