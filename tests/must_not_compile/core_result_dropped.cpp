// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A result that nobody looks at hides a failure, so dropping one is an error here.
// expect: nodiscard
#pragma GCC diagnostic error "-Wunused-result"
#include <cokino/core/result.hpp>

cokino::result<void> checked();
cokino::result<int> counted();

int careless()
{
#if defined(COKINO_GOOD)
    return checked() ? counted().value() : 0;
#else
    checked();
    counted();
    return 0;
#endif
}
