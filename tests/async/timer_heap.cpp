// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The heap of timers against a plain sorted list.

#include <cokino/async/timer_heap.hpp>
#include <cokino/core/random_source.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

namespace timer_heap_test {

using namespace std::chrono_literals;
using cokino::timer_heap;

struct silent_timer final : cokino::timer {
    void fire() override {}
};

cokino::steady_time at(int seconds) { return cokino::steady_time(std::chrono::seconds(seconds)); }

TEST_CASE("timers leave the heap by time, and equal times in the order of arming")
{
    timer_heap heap;
    silent_timer a;
    silent_timer b;
    silent_timer c;
    silent_timer d;
    heap.push(a, at(2));
    heap.push(b, at(1));
    heap.push(c, at(2));
    heap.push(d, at(1));
    CHECK(heap.top_time() == at(1));
    CHECK(&heap.pop() == &b);
    CHECK(&heap.pop() == &d);
    CHECK(&heap.pop() == &a);
    CHECK(&heap.pop() == &c);
    CHECK(heap.empty());
    CHECK_FALSE(a.armed());
}

TEST_CASE("a timer armed again moves to its new time, behind its equals there")
{
    timer_heap heap;
    silent_timer a;
    silent_timer b;
    heap.push(a, at(1));
    heap.push(b, at(5));
    heap.push(a, at(5));
    CHECK(heap.size() == 2);
    CHECK(a.at() == at(5));
    CHECK(&heap.pop() == &b);
    CHECK(&heap.pop() == &a);
}

TEST_CASE("ten thousand random arms, moves and disarms agree with a sorted list")
{
    cokino::random_source random(7);
    timer_heap heap;
    std::vector<std::unique_ptr<silent_timer>> timers;
    for (int i = 0; i < 200; ++i)
        timers.push_back(std::make_unique<silent_timer>());
    std::vector<std::pair<cokino::steady_time, silent_timer*>> model; // stable order
    const auto forget = [&](silent_timer* a) {
        std::erase_if(model, [&](const auto& entry) { return entry.second == a; });
    };
    bool agree = true;
    for (int step = 0; step < 10'000; ++step) {
        silent_timer* a = timers[random.below(timers.size())].get();
        switch (random.below(3)) {
        case 0:
        case 1: {
            const auto when = at(static_cast<int>(random.below(50)));
            heap.push(*a, when);
            forget(a);
            const auto behind = std::find_if(model.begin(), model.end(),
                                             [&](const auto& e) { return e.first > when; });
            model.insert(behind, {when, a});
            break;
        }
        default:
            if (a->armed())
                heap.erase(*a);
            forget(a);
        }
        agree = agree && heap.size() == model.size() &&
                (model.empty() || &heap.top() == model.front().second);
    }
    CHECK(agree);
    while (!heap.empty()) {
        agree = agree && &heap.pop() == model.front().second;
        model.erase(model.begin());
    }
    CHECK(agree);
}

} // namespace timer_heap_test
