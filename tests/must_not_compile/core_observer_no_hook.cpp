// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A type with no hook at all is a mistake, most likely a misspelt name.
// expect: this type has none of the on_\.\.\. hooks
#include <cokino/core/observer.hpp>

struct my_log {
#if defined(COKINO_GOOD)
    void on_submit(const cokino::submit_event&) {}
#else
    void on_submitted(const cokino::submit_event&) {}
#endif
};

int main()
{
    my_log log;
    cokino::observer o(log);
    o.on_submit({});
}
