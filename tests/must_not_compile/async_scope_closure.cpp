// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A closure with captures as the body of with_task_scope.
// expect: name it first
// only: g++-12
#include <cokino/async/task_scope.hpp>

#include <string>

cokino::awaitable<void> work(std::string) { co_return; }

cokino::awaitable<void> scoped(std::string text)
{
#if defined(COKINO_GOOD)
    auto body = [text](cokino::task_scope&) { return work(text); };
    co_await cokino::with_task_scope(body);
#else
    // cokino-allow COROLAMBDA: this is the form that must not compile
    co_await cokino::with_task_scope([text](cokino::task_scope&) { return work(text); });
#endif
}
