// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A closure with captures in the place of `make`: g++ 12 would destroy its captures twice.
// expect: name it first
// only: g++-12
#include <cokino/async/for_each_limit.hpp>

#include <string>
#include <vector>

cokino::awaitable<int> render(std::string prompt) { co_return static_cast<int>(prompt.size()); }

cokino::awaitable<void> many(std::vector<std::string> prompts, std::string style)
{
#if defined(COKINO_GOOD)
    auto make = [style](auto&) { return render(style); };
    co_await cokino::for_each_limit(prompts, 5, make);
#else
    // cokino-allow COROLAMBDA: this is the form that must not compile
    co_await cokino::for_each_limit(prompts, 5, [style](auto&) { return render(style); });
#endif
}
