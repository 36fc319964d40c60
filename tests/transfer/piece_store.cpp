// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Memory for pieces of downloads: a shared budget that nobody waits for.

#include <cokino/transfer/detail/piece_store.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

namespace piece_store_test {

using namespace std::chrono_literals;
using cokino::detail::piece;
using cokino::detail::piece_store;

constexpr auto small = piece_store::size_min;
constexpr auto middle = piece_store::first;
constexpr auto large = piece_store::size_max;

TEST_CASE("pieces stand where a disk accepts them without a copy")
{
    piece_store store;
    for (const auto size : {small, middle, large}) {
        const auto one = store.take(size);
        CHECK(one.size() == size);
        CHECK(reinterpret_cast<std::uintptr_t>(one.data()) % 4096 == 0);
        one.data()[size - 1] = 'x';
    }
}

TEST_CASE("whoever finds the budget spent gets a smaller piece, and never none")
{
    piece_store store(2 * large + middle);
    std::vector<piece> held;
    for (const auto expected : {large, large, middle, small, small}) {
        held.push_back(store.take(large));
        CHECK(held.back().size() == expected);
    }
    CHECK(store.used() == 2 * large + middle);
    held.erase(held.begin()); // one large piece goes back
    CHECK(store.take(large).size() == large);
}

TEST_CASE("pieces go back when they go, and are used again")
{
    piece_store store;
    const char* where = nullptr;
    {
        piece one = store.take(large);
        where = one.data();
        piece other = std::move(one);
        CHECK_FALSE(one);
        CHECK(other.data() == where);
        CHECK(store.used() == large);
    }
    CHECK(store.used() == 0);
    CHECK(store.take(large).data() == where);
}

TEST_CASE("the largest pieces stand two and two, each pair where a huge page could")
{
    piece_store store;
    std::vector<piece> held;
    for (int i = 0; i != 4; ++i) {
        held.push_back(store.take(large));
        std::memset(held.back().data(), 'a' + i, large);
    }
    for (int i = 0; i != 4; i += 2) {
        const auto first = static_cast<std::size_t>(i);
        CHECK(reinterpret_cast<std::uintptr_t>(held[first].data()) % (2 * large) == 0);
        CHECK(held[first + 1].data() == held[first].data() + large);
    }
    for (int i = 0; i != 4; ++i) { // nobody wrote into another's
        const auto& one = held[static_cast<std::size_t>(i)];
        CHECK(one.data()[0] == static_cast<char>('a' + i));
        CHECK(one.data()[large - 1] == static_cast<char>('a' + i));
    }
    const char* const half = held[1].data();
    held.erase(held.begin() + 1);
    CHECK(store.take(large).data() == half); // not a new page while half of one is free
}

TEST_CASE("what is given back is kept only up to a bound")
{
    piece_store store;
    std::vector<piece> held;
    for (int i = 0; i != 40; ++i)
        held.push_back(store.take(i % 2 == 0 ? small : large));
    held.clear(); // the sanitizer sees what is not freed in the end
    CHECK(store.used() == 0);
    CHECK(store.take(large).size() == large);
}

TEST_CASE("a quick host is given larger pieces, a slow one smaller, within the bounds")
{
    CHECK(piece_store::size_after(middle, 0ms) == large);
    CHECK(piece_store::size_after(middle, 49ms) == large);
    CHECK(piece_store::size_after(large, 0ms) == large);
    CHECK(piece_store::size_after(middle, 50ms) == middle);
    CHECK(piece_store::size_after(middle, 1s) == middle);
    CHECK(piece_store::size_after(middle, 1001ms) == small);
    CHECK(piece_store::size_after(small, 1h) == small);
}

TEST_CASE("pieces may outlive their store: a loop that goes takes its downloads with it")
{
    auto store = std::make_unique<piece_store>();
    const piece kept = store->take(large);
    store.reset();
    kept.data()[large - 1] = 'x';
    CHECK(kept.size() == large);
}

} // namespace piece_store_test
