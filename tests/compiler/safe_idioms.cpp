// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// One case for each coroutine form that some compiler gets wrong: the idiom that we use instead,
// with counters of what lives. They guard the idioms, and on the day the oldest compiler is raised
// they show which rule may go. The wrong forms are not here, since they may pass by luck;
// unsafe_forms/double_free.cpp shows one of them failing.
// cokino-allow-file AWAITBRACE: the first case is about braces that are sound

#include <cokino/async/awaitable.hpp>
#include <cokino/async/sleep.hpp>

#include "support/async_test.hpp"

#include <boost/asio/co_spawn.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace safe_idioms_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;

/// Counts those that live, and notices one that is destroyed twice or used after its end.
class tracked
{
public:
    tracked() : tracked(std::string(40, '.')) {}
    explicit tracked(std::string t) : text_(std::move(t)) { ++alive; }
    tracked(const tracked& other) : text_(other.text()) { ++alive; }
    tracked(tracked&& other) noexcept : text_(std::move(other.text_)) { ++alive; }
    tracked& operator=(const tracked&) = default;
    tracked& operator=(tracked&&) noexcept = default;
    ~tracked()
    {
        wrong += mark_ != sound;
        mark_ = 0;
        --alive;
    }
    const std::string& text() const
    {
        wrong += mark_ != sound;
        return text_;
    }

    inline static int alive = 0;
    inline static int wrong = 0;

private:
    static constexpr unsigned sound = 0x50756e64;
    std::string text_;
    volatile unsigned mark_ = sound;
};

struct aggregate {
    tracked prompt;
    int seconds = 0;
};
struct with_constructor {
    with_constructor() = default;
    explicit with_constructor(std::string t) : prompt(std::move(t)) {}
    tracked prompt;
};
struct trivial_options {
    std::chrono::seconds ceiling{1};
    bool again = false;
};

awaitable<int> take(aggregate a)
{
    co_await sleep_for(1s);
    co_return static_cast<int>(a.prompt.text().size()) + a.seconds;
}
awaitable<int> take_sound(with_constructor w, trivial_options o = {})
{
    co_await sleep_for(o.ceiling);
    co_return static_cast<int>(w.prompt.text().size());
}
awaitable<int> take_all(std::vector<tracked> all)
{
    co_await sleep_for(1s);
    int sum = 0;
    for (auto const& t : all)
        sum += static_cast<int>(t.text().size());
    co_return sum;
}
awaitable<bool> yes(tracked t)
{
    co_await sleep_for(1s);
    co_return !t.text().empty();
}
awaitable<tracked> make(std::string text)
{
    co_await sleep_for(1s);
    co_return tracked(std::move(text));
}
awaitable<std::tuple<tracked, tracked>> make_two()
{
    co_await sleep_for(1s);
    co_return std::tuple<tracked, tracked>(tracked(std::string(40, 'a')), tracked());
}
aggregate made() { return aggregate{tracked(), 3}; }

/// Runs it in virtual time; then nothing lives, and nothing was destroyed twice.
void sound(awaitable<void> (*body)())
{
    tracked::alive = tracked::wrong = 0;
    {
        virtual_test t;
        auto const end = t.outcome(body());
        CHECK(end.has_value());
    }
    CHECK(tracked::alive == 0);
    CHECK(tracked::wrong == 0);
}

awaitable<void> braces()
{
    aggregate named{tracked(), 4};
    auto const copied = co_await take(named);
    auto const moved = co_await take(std::move(named));
    auto op = take({tracked(), 5});
    auto const two_steps = co_await std::move(op);
    auto const returned = co_await take(made());
    auto const constructed = co_await take_sound(with_constructor{std::string(40, 'x')});
    auto const braced = co_await take_sound({}, {.ceiling = 2s});
    CHECK(copied == 44);
    CHECK(moved == 44);
    CHECK(two_steps == 45);
    CHECK(returned == 43);
    CHECK(constructed == 40);
    CHECK(braced == 40);
}
TEST_CASE("6.1 an aggregate has a name; a type with a constructor and plain options need none")
{
    sound(braces);
}

awaitable<void> lists()
{
    std::vector<tracked> all{tracked(), tracked()};
    auto const copied = co_await take_all(all);
    auto const moved = co_await take_all(std::move(all));
    auto const sized = co_await take_all(std::vector<tracked>(3));
    CHECK(copied == 80);
    CHECK(moved == 80);
    CHECK(sized == 120);
}
TEST_CASE("6.2 a list is a named vector first") { sound(lists); }

awaitable<void> conditions()
{
    bool const ok = co_await yes(tracked());
    if (!ok)
        throw std::logic_error("the branch is wrong");
    int rounds = 0;
    for (;;) {
        bool const more = co_await yes(tracked());
        if (!more || ++rounds == 3)
            break;
    }
    CHECK(rounds == 3);
}
TEST_CASE("6.3 an await is not a condition: its value has a name") { sound(conditions); }

awaitable<void> serve(tracked t, int* served)
{
    co_await sleep_for(1s);
    *served += static_cast<int>(t.text().size());
}
awaitable<void> spawns()
{
    int served = 0;
    {
        auto start = [&served](tracked t) { return serve(std::move(t), &served); };
        auto const ex = co_await asio::this_coro::executor;
        asio::co_spawn(ex, start(tracked()), [](const std::exception_ptr& e) { CHECK(!e); });
        asio::co_spawn(ex, serve(tracked(), &served),
                       [](const std::exception_ptr& e) { CHECK(!e); });
    }
    co_await sleep_for(5s);
    CHECK(served == 80);
}
TEST_CASE("6.4 a coroutine is a function with values; a closure only calls one") { sound(spawns); }

awaitable<void> late()
{
    std::optional<awaitable<int>> stored;
    {
        aggregate short_lived{tracked(), 2};
        stored.emplace(take(short_lived));
    }
    auto const value = co_await std::move(*stored);
    CHECK(value == 42);
}
TEST_CASE("6.5 parameters are values: an operation may be awaited when its arguments are gone")
{
    sound(late);
}

awaitable<void> choices()
{
    for (int round = 0; round < 2; ++round) {
        tracked got;
        if (round == 0)
            got = co_await make(std::string(40, 'a'));
        else
            got = co_await make(std::string(50, 'b'));
        CHECK(got.text().size() == (round == 0 ? 40 : 50));
    }
}
TEST_CASE("6.6 a choice between awaits is an if with an else") { sound(choices); }

awaitable<void> builds()
{
    auto prompt = co_await make(std::string(40, 'p'));
    auto const seconds = co_await take(made());
    aggregate const built{std::move(prompt), seconds};
    CHECK(built.prompt.text().size() == 40);
    CHECK(built.seconds == 43);
}
TEST_CASE("6.7 awaits go into locals, and then something is built of them") { sound(builds); }

awaitable<void> bindings()
{
    auto both = co_await make_two();
    auto& [first, second] = both;
    CHECK(first.text() == std::string(40, 'a'));
    CHECK(second.text().size() == 40);
}
TEST_CASE("6.8 a tuple has a name, and is bound by reference") { sound(bindings); }

awaitable<tracked> fails(tracked t)
{
    co_await sleep_for(1s);
    if (!t.text().empty())
        throw std::runtime_error("as ordered");
    co_return t;
}
awaitable<void> catches()
{
    std::exception_ptr thrown;
    try {
        co_await fails(tracked());
    } catch (const std::runtime_error&) {
        thrown = std::current_exception();
    }
    // Here, and not in the block above, may be awaited.
    auto const after = co_await make(std::string(40, 'x'));
    CHECK(thrown != nullptr);
    CHECK(after.text().size() == 40);
}
TEST_CASE("6.12 a catch block only records; what follows is awaited behind it") { sound(catches); }

} // namespace safe_idioms_test
