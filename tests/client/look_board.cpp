// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Who rides along, decided without a client: waits that only have times.
#include <cokino/client/detail/look_board.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <string>
#include <vector>

namespace look_board_test {

using namespace std::chrono_literals;
using time_point = std::chrono::steady_clock::time_point;

constexpr time_point start{1000h};

struct toy_wait : cokino::detail::ring_link {
    toy_wait(std::string n, time_point at, std::chrono::milliseconds early)
        : name(std::move(n)), due_at(at), from(at - early)
    {}
    time_point due() const { return due_at; }
    time_point joins_from() const { return from; }
    bool joins() const { return may_join; }

    std::string name;
    time_point due_at, from;
    bool may_join = true;
};

using board_type = cokino::detail::look_board<toy_wait>;

struct bench {
    /// A wait whose look is to come.
    toy_wait& expect(const std::string& name, std::chrono::milliseconds due,
                     std::chrono::milliseconds early = 2s)
    {
        toy_wait& w = all.emplace_back(name, start + due, early);
        board.expect(w);
        return w;
    }
    toy_wait& queue(const std::string& name)
    {
        toy_wait& w = all.emplace_back(name, start, 0ms);
        board.queue(w);
        return w;
    }
    /// The names of those who ride along, in order.
    std::string ride(std::size_t places, std::chrono::milliseconds after = 0ms)
    {
        std::string names;
        const std::size_t n = board.board(
            start + after, places, 2500ms,
            [&](const toy_wait& w) {
                ++asked;
                return w.name != misfit;
            },
            [&](toy_wait& w) { names += w.name + " "; });
        CHECK(n == static_cast<std::size_t>(std::count(names.begin(), names.end(), ' ')));
        return names;
    }

    std::deque<toy_wait> all; // outlives the board: waits stay where they are
    board_type board;
    std::string misfit;
    std::size_t asked = 0;
};

TEST_CASE("look_board: those whose look is due come first, in their order")
{
    bench b;
    b.expect("soon", 100ms);
    b.queue("first");
    b.queue("second");
    CHECK(b.ride(20) == "first second soon ");
    CHECK_FALSE(b.board.any_due());
    CHECK(b.ride(20).empty());
}

TEST_CASE("look_board: those whose look falls due soon ride along, the earliest first")
{
    bench b;
    b.expect("c", 1900ms);
    b.expect("a", 10ms);
    b.expect("late", 2100ms); // may look 2 s early, and not more
    b.expect("b", 700ms);
    CHECK(b.ride(20) == "a b c ");
    CHECK(b.ride(20, 99ms).empty());
    CHECK(b.ride(20, 100ms) == "late ");
}

TEST_CASE("look_board: each wait says itself how early it may look")
{
    bench b;
    b.expect("patient", 1s, 0ms);
    b.expect("eager", 1s, 1s);
    CHECK(b.ride(20) == "eager ");
    CHECK(b.ride(20, 999ms).empty());
    CHECK(b.ride(20, 1s) == "patient "); // due as well
}

TEST_CASE("look_board: no more ride along than there are places, and the others keep theirs")
{
    bench b;
    b.queue("due");
    for (int i = 0; i < 30; ++i)
        b.expect(std::to_string(i), 300ms * i, 10s);
    CHECK(b.ride(3) == "due 0 1 ");
    CHECK(b.ride(0).empty());
    CHECK(b.ride(2) == "2 3 ");
    CHECK(b.ride(100) == "4 5 6 7 8 9 "); // 2.7 s: further ahead nobody is looked for
}

TEST_CASE("look_board: whoever may not share a call, or does not fit into this one, stays")
{
    bench b;
    b.misfit = "legacy";
    b.queue("alone").may_join = false;
    b.queue("legacy");
    b.expect("other", 10ms);
    CHECK(b.ride(20) == "other ");
    CHECK(b.board.take_due()->name == "alone");
    CHECK(b.board.take_due()->name == "legacy");
    CHECK(b.board.take_due() == nullptr);
}

TEST_CASE("look_board: whoever leaves, from either place, is not found any more")
{
    bench b;
    toy_wait& due = b.queue("due");
    toy_wait& later = b.expect("later", 100ms);
    b.expect("stays", 200ms);
    board_type::leave(due);
    board_type::leave(later);
    board_type::leave(later); // harmless
    CHECK_FALSE(due.linked());
    CHECK(b.ride(20) == "stays ");
}

TEST_CASE("look_board: a look that is planned anew, or falls due, stands in one place only")
{
    bench b;
    toy_wait& w = b.expect("w", 100ms);
    board_type::leave(w);
    w.due_at = start + 20s;
    w.from = w.due_at;
    b.board.expect(w);
    CHECK(b.ride(20).empty());
    b.board.queue(w);
    CHECK(b.ride(20, 20s) == "w ");
    CHECK(b.ride(20, 20s).empty());
}

TEST_CASE("look_board: looks that share a slot of the wheel are told apart by their time")
{
    bench b;
    const auto round = board_type::slot * board_type::slots;
    b.expect("next-round", round, 10h);
    b.expect("this-round", 0ms);
    CHECK(b.ride(20) == "this-round ");
    CHECK(b.ride(20, round) == "next-round ");
}

TEST_CASE("look_board: a timer that is late is still found, one that is very late rings by itself")
{
    bench b;
    b.expect("late", 0ms);
    CHECK(b.ride(20, 1900ms) == "late ");
    b.expect("very late", 0ms);
    CHECK(b.ride(20, 1h).empty());
}

TEST_CASE("look_board: however many wait, a choice looks at a bounded number of them")
{
    bench b;
    b.misfit = "x";
    for (int i = 0; i < 5000; ++i) {
        if (i % 2 == 0)
            b.queue("x");
        else
            b.expect("x", 1ms * (i % 2000));
    }
    CHECK(b.ride(19).empty());
    CHECK(b.asked <= 19 * board_type::refusals_max);
}

TEST_CASE("look_board: a board that goes leaves no wait pointing at it")
{
    toy_wait due("due", start, 0ms), later("later", start + 1s, 0ms);
    {
        board_type board;
        board.queue(due);
        board.expect(later);
    }
    CHECK_FALSE(due.linked());
    CHECK_FALSE(later.linked());
    board_type::leave(due);
}

} // namespace look_board_test
