// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/file_sink.hpp. The calls block: 256 KiB into the page cache cost less
// than handing them to another thread.
#pragma once

#include <cokino/transfer/file_sink.hpp>

#include <utility>

namespace cokino {

COKINO_DECL awaitable<result<part_state>> file_sink::open(std::string identity)
{
    co_return file_.open(std::move(identity));
}

COKINO_DECL awaitable<result<void>> file_sink::write(asio::const_buffer bytes)
{
    co_return file_.write(bytes.data(), bytes.size());
}

COKINO_DECL awaitable<result<void>> file_sink::restart() { co_return file_.restart(); }

COKINO_DECL awaitable<result<void>> file_sink::remember(part_state state)
{
    co_return file_.remember(std::move(state));
}

COKINO_DECL awaitable<result<void>> file_sink::commit() { co_return file_.commit(); }

} // namespace cokino
