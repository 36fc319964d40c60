// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The form that g++ 12 gets wrong, for those who do not want to take it on trust. Not part of any
// build; run it by hand:
//
//     g++-12 -std=c++20 -fsanitize=address -Iinclude tests/compiler/unsafe_forms/double_free.cpp
//         -o /tmp/double_free -pthread && /tmp/double_free
//
// AddressSanitizer reports "attempting double-free" with g++ 12, and nothing with clang or g++ 13.
// cokino-allow-file AWAITBRACE: this is the wrong form
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <string>

namespace asio = boost::asio;

struct request {
    std::string prompt;
    int seconds = 0;
};

asio::awaitable<void> submit(request r)
{
    std::printf("%s\n", r.prompt.c_str());
    co_return;
}

asio::awaitable<void> wrong(std::string prompt)
{
    co_await submit({.prompt = prompt, .seconds = 5});
}

int main()
{
    asio::io_context io{1};
    asio::co_spawn(io, wrong("a text that is long enough to be on the heap"), asio::detached);
    io.run();
}
