// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// An awaitable that nobody awaits does nothing, so dropping one is an error here.
// expect: nodiscard
#pragma GCC diagnostic error "-Wunused-result"
#include <cokino/async/sleep.hpp>
#include <cokino/async/with_timeout.hpp>

#include <chrono>

cokino::awaitable<void> forgetful()
{
    using namespace std::chrono_literals;
#if defined(COKINO_GOOD)
    co_await cokino::with_timeout(cokino::sleep_for(1s), 2s);
#else
    cokino::with_timeout(cokino::sleep_for(1s), 2s);
    co_return;
#endif
}
