// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Secrets are compared in constant time, by name, never by ==.
// expect: no match for .operator==.|invalid operands to binary expression
#include <cokino/core/secret.hpp>

int main()
{
    cokino::secret key("k-123");
#if defined(COKINO_GOOD)
    return key.equals("k-123") ? 0 : 1;
#else
    return key == cokino::secret("k-123") ? 0 : 1;
#endif
}
