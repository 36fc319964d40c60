// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Which arguments may be written in place inside an await expression on g++ 12.

#include <cokino/core/named_first.hpp>

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <functional>
#include <future>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace named_first_test {

struct heavy_aggregate {
    std::string text;
    int number;
};
struct light_aggregate {
    std::string_view text;
    int number;
};
struct with_constructor {
    with_constructor() = default;
    explicit with_constructor(std::string t) : text(std::move(t)) {}
    std::string text;
};
struct callable_class {
    explicit callable_class(std::string t) : text(std::move(t)) {}
    int operator()() const { return static_cast<int>(text.size()); }
    std::string text;
};

template <class T> bool safe(T&&) { return cokino::safe_in_await_v<T>; }

// On a compiler without the fault everything is safe.
constexpr bool fixed = !COKINO_GCC_DESTROYS_TWICE;

TEST_CASE("temporaries of aggregates with a destructor are refused, named ones are not")
{
    heavy_aggregate named{"x", 1};
    CHECK(safe(named));
    CHECK(safe(std::as_const(named)));
    CHECK(safe(heavy_aggregate{"x", 1}) == fixed);
    CHECK(safe(std::array<std::string, 2>{}) == fixed);
    CHECK(safe(light_aggregate{"x", 1}));
    CHECK(safe(std::array<int, 2>{}));
}

TEST_CASE("types with a constructor of their own are safe")
{
    CHECK(safe(with_constructor("x")));
    CHECK(safe(std::string("x")));
    CHECK(safe(std::vector<std::string>(3)));
    CHECK(safe(std::make_unique<int>(3)));
    CHECK(safe(std::chrono::seconds(3)));
}

TEST_CASE("closures are refused when their captures have a destructor")
{
    std::string text = "x";
    const auto shared = std::make_shared<int>(1);
    auto unique = std::make_unique<int>(1);
    CHECK(safe([] { return 1; }));
    CHECK(safe([&text] { return text; }));
    CHECK(safe([text] { return text; }) == fixed);
    CHECK(safe([shared](auto) { return *shared; }) == fixed);
    CHECK(safe([text]() mutable { text += "y"; }) == fixed);
    CHECK(safe([u = std::move(unique)] { return *u; }) == fixed);
    const auto named = [text] { return text; };
    CHECK(safe(named));
}

TEST_CASE("callables that have a constructor are safe, move-only ones too")
{
    CHECK(safe(std::function<void()>([] {})));
    CHECK(safe(std::packaged_task<int()>([] { return 1; })));
    CHECK(safe(callable_class("x")));
}

TEST_CASE("an initialiser list is refused whatever it holds")
{
    CHECK(safe(std::initializer_list<int>{1, 2}) == fixed);
}

} // namespace named_first_test
