// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// An aggregate with a destructor in the place of `items`: g++ 12 would destroy it twice.
// expect: name it first
// only: g++-12
#include <cokino/async/for_each_limit.hpp>

#include <array>
#include <string>

cokino::awaitable<int> render(std::string prompt) { co_return static_cast<int>(prompt.size()); }

cokino::awaitable<void> many()
{
#if defined(COKINO_GOOD)
    std::array<std::string, 2> prompts{"a", "b"};
    co_await cokino::for_each_limit(prompts, 5, render);
#else
    // cokino-allow AWAITBRACE: this is the form that must not compile
    co_await cokino::for_each_limit(std::array<std::string, 2>{"a", "b"}, 5, render);
#endif
}
