// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A hook with a wrong signature would never be called, so it must not compile.
// expect: on_retry must be public and take const cokino::retry_event&
#include <cokino/core/observer.hpp>

struct my_log {
#if defined(COKINO_GOOD)
    void on_retry(const cokino::retry_event&) {}
#else
    void on_retry(int, const cokino::retry_event&) {}
#endif
};

int main()
{
    my_log log;
    cokino::observer o(log);
    o.on_retry({});
}
