// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A member's name given as a literal is copied into the JSON without a look, so one that would
// need escaping is refused by the compiler.
// expect: needs escaping|not a constant expression
#include <cokino/wire/json_writer.hpp>

int main()
{
    std::string out;
    cokino::wire::json_writer w(out);
#if defined(COKINO_GOOD)
    w.begin_object().member("prompt", 1).end_object();
#else
    w.begin_object().member("pro\"mpt", 1).end_object();
#endif
}
