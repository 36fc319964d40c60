// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The heap of alarms against a plain sorted list.

#include <cokino/async/alarm_heap.hpp>
#include <cokino/core/random_source.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

namespace alarm_heap_test {

using namespace std::chrono_literals;
using cokino::alarm_heap;

struct silent_alarm final : cokino::alarm {
    void fire() override {}
};

cokino::steady_time at(int seconds) { return cokino::steady_time(std::chrono::seconds(seconds)); }

TEST_CASE("alarms leave the heap by time, and equal times in the order of arming")
{
    alarm_heap heap;
    silent_alarm a;
    silent_alarm b;
    silent_alarm c;
    silent_alarm d;
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

TEST_CASE("an alarm armed again moves to its new time, behind its equals there")
{
    alarm_heap heap;
    silent_alarm a;
    silent_alarm b;
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
    alarm_heap heap;
    std::vector<std::unique_ptr<silent_alarm>> alarms;
    for (int i = 0; i < 200; ++i)
        alarms.push_back(std::make_unique<silent_alarm>());
    std::vector<std::pair<cokino::steady_time, silent_alarm*>> model; // stable order
    const auto forget = [&](silent_alarm* a) {
        std::erase_if(model, [&](const auto& entry) { return entry.second == a; });
    };
    bool agree = true;
    for (int step = 0; step < 10'000; ++step) {
        silent_alarm* a = alarms[random.below(alarms.size())].get();
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

} // namespace alarm_heap_test
