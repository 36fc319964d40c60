// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A secret cannot be streamed into a log by mistake.
// expect: no match for .operator<<.|invalid operands to binary expression
#include <cokino/core/secret.hpp>

#include <iostream>

int main()
{
    cokino::secret key("k-123");
#if defined(COKINO_GOOD)
    std::cout << key.empty();
#else
    std::cout << key;
#endif
}
