// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A const observer cannot be called through a hook that is not const; it must not be skipped.
// expect: on_state must be public and take const cokino::state_event&
#include <cokino/core/observer.hpp>

struct my_log {
#if defined(COKINO_GOOD)
    void on_state(const cokino::state_event&) const {}
#else
    void on_state(const cokino::state_event&) {}
#endif
};

int main()
{
    const my_log log;
    cokino::observer o(log);
    o.on_state({});
}
