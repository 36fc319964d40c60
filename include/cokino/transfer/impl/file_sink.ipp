// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/file_sink.hpp. Each call blocks, so each is done beside the loop.
#pragma once

#include <cokino/transfer/file_sink.hpp>

#include <functional>
#include <optional>
#include <utility>

namespace cokino {

COKINO_DECL awaitable<result<part_state>> file_sink::open(std::string identity)
{
    result<part_state> held = failure(errc::internal_error);
    const std::function<void()> work = [&] { held = file_.open(std::move(identity)); };
    co_await offload(work, guard_);
    co_return held;
}

COKINO_DECL awaitable<result<void>> file_sink::write(asio::const_buffer bytes)
{
    result<void> done;
    const std::function<void()> work = [&] { done = file_.write(bytes.data(), bytes.size()); };
    co_await offload(work, guard_);
    co_return done;
}

// The guard is the caller's, since its work is what may go first: a sink outlives its download.
COKINO_DECL awaitable<result<void>> file_sink::write_and(
    asio::const_buffer bytes,
    // cokino-allow COROREF: a named variable in the frame that awaits this
    const std::function<void()>& work,
    // cokino-allow COROREF: stands in what the work uses
    offload_guard& guard)
{
    result<void> done;
    const std::function<void()> all = [&] {
        done = file_.write(bytes.data(), bytes.size());
        if (done)
            work();
    };
    co_await offload(all, guard);
    co_return done;
}

COKINO_DECL awaitable<result<void>> file_sink::restart()
{
    result<void> done;
    const std::function<void()> work = [&] { done = file_.restart(); };
    co_await offload(work, guard_);
    co_return done;
}

COKINO_DECL awaitable<result<void>> file_sink::remember(part_state state)
{
    result<void> done;
    const std::function<void()> work = [&] { done = file_.remember(std::move(state)); };
    co_await offload(work, guard_);
    co_return done;
}

COKINO_DECL awaitable<result<void>> file_sink::commit()
{
    result<void> done;
    const std::function<void()> work = [&] { done = file_.commit(); };
    co_await offload(work, guard_);
    co_return done;
}

COKINO_DECL awaitable<void> file_sink::leave(std::optional<part_state> keep)
{
    const std::function<void()> work = [&] { file_.abandon(keep ? &*keep : nullptr); };
    co_await offload(work, guard_);
}

} // namespace cokino
