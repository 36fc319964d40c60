// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of client/detail/source_bytes.hpp.
#pragma once

#include <cokino/async/offload.hpp>
#include <cokino/client/detail/source_bytes.hpp>
#include <cokino/core/text.hpp>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <functional>
#include <limits>

namespace cokino::detail {

COKINO_DECL failure source_file::unreadable(const std::string& why) const
{
    return invalid(field_, "the file " + path_ + " cannot be read: " + why);
}

COKINO_DECL result<void> source_file::open()
{
    const auto system_words = [] {
        return error_code(errno, boost::system::generic_category()).message();
    };
    in_.reset(std::fopen(path_.c_str(), "rb"));
    if (!in_ || std::fseek(in_.get(), 0, SEEK_END) != 0)
        return unreadable(system_words());
    const long size = std::ftell(in_.get());
    if (size < 0 || size == std::numeric_limits<long>::max()) // a folder "ends" there
        return unreadable("it is no file");
    if (static_cast<std::uint64_t>(size) > bytes_max_)
        return unreadable(to_text(size) + " bytes; at most " + to_text(bytes_max_));
    bytes_ = std::make_shared<std::string>(static_cast<std::size_t>(size), '\0');
    std::rewind(in_.get());
    return {};
}

COKINO_DECL result<bool> source_file::read_on()
{
    if (!bytes_)
        if (auto opened = open(); !opened)
            return opened.error();
    const auto count = std::min(bytes_->size() - have_, piece_bytes);
    if (std::fread(bytes_->data() + have_, 1, count, in_.get()) != count)
        return unreadable("it ends early");
    have_ += count;
    if (have_ != bytes_->size())
        return true;
    in_.reset();
    return false;
}

COKINO_DECL awaitable<result<std::shared_ptr<const std::string>>> read_source(
    std::string path, std::shared_ptr<const std::string> bytes, std::string field,
    std::size_t bytes_max)
{
    if (bytes)
        co_return bytes;
    source_file file(std::move(path), std::move(field), bytes_max);
    result<bool> more = true;
    const std::function<void()> work = [&] { more = file.read_on(); };
    offload_guard guard; // goes before what the work uses
    while (more && *more) {
        co_await offload(work, guard);
        // Verbs look for it themselves, so nothing is thrown here.
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none)
            co_return failure(errc::cancelled);
    }
    if (!more)
        co_return more.error();
    co_return file.take();
}

} // namespace cokino::detail
