// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/memory_sink.hpp.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/transfer/memory_sink.hpp>

#include <utility>

namespace cokino {

COKINO_DECL std::string memory_sink::take()
{
    if (!whole_)
        return {};
    whole_ = false;
    state_ = part_state();
    return std::exchange(bytes_, std::string());
}

COKINO_DECL awaitable<result<part_state>> memory_sink::open(std::string identity)
{
    if (whole_ || state_.identity != identity) {
        bytes_.clear();
        state_ = part_state();
        state_.identity = std::move(identity);
    }
    whole_ = false;
    state_.bytes = bytes_.size();
    co_return state_;
}

COKINO_DECL failure memory_sink::full() const
{
    return failure(errc::sink_full)
        .explain("the file does not fit into the " + detail::to_text(bytes_max_) +
                     " bytes that memory_sink may hold",
                 "bytes_max");
}

COKINO_DECL result<void> memory_sink::expect(std::uint64_t total)
{
    if (total > bytes_max_)
        return full();
    // A host's word is not worth a large allocation: beyond this the string grows as bytes come.
    if (total <= 64 * 1024 * 1024)
        bytes_.reserve(static_cast<std::size_t>(total));
    return {};
}

COKINO_DECL result<void> memory_sink::append(asio::const_buffer bytes)
{
    if (bytes.size() > bytes_max_ - bytes_.size())
        return full();
    bytes_.append(static_cast<const char*>(bytes.data()), bytes.size());
    return {};
}

COKINO_DECL awaitable<result<void>> memory_sink::write(asio::const_buffer bytes)
{
    co_return append(bytes);
}

COKINO_DECL awaitable<result<void>> memory_sink::restart()
{
    bytes_.clear();
    state_.validator.clear();
    state_.total.reset();
    co_return result<void>();
}

COKINO_DECL awaitable<result<void>> memory_sink::remember(part_state state)
{
    state_ = std::move(state);
    co_return result<void>();
}

COKINO_DECL awaitable<result<void>> memory_sink::commit()
{
    whole_ = true;
    co_return result<void>();
}

COKINO_DECL void memory_sink::abandon(const part_state* keep) noexcept
{
    if (keep && keep->bytes <= bytes_.size()) {
        bytes_.resize(static_cast<std::size_t>(keep->bytes));
        state_.validator = keep->validator;
        state_.total = keep->total;
        return;
    }
    bytes_.clear();
    bytes_.shrink_to_fit();
    state_ = part_state();
}

COKINO_DECL result<void> memory_sink::own_reader::read_at(std::uint64_t offset,
                                                          std::span<unsigned char> to)
{
    const std::string_view all = owner_.bytes_;
    if (offset > all.size() || to.size() > all.size() - offset)
        return failure(errc::internal_error).explain("read beyond the end of memory_sink");
    all.copy(reinterpret_cast<char*>(to.data()), to.size(), static_cast<std::size_t>(offset));
    return {};
}

} // namespace cokino
