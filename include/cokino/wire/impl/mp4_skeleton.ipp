// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of wire/mp4_skeleton.hpp. It walks the boxes of the top level exactly as probe_mp4
// will, and stops to understand where that stops.
#pragma once

#include <cokino/wire/mp4_skeleton.hpp>

#include <algorithm>
#include <cstring>

namespace cokino::wire {
namespace detail {

inline std::uint64_t big_endian(std::string_view bytes) noexcept
{
    std::uint64_t value = 0;
    for (const char c : bytes)
        value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

} // namespace detail

COKINO_DECL void mp4_skeleton::reset() { *this = mp4_skeleton(moov_bytes_max_); }

COKINO_DECL void mp4_skeleton::append(std::string_view bytes)
{
    keep_tail(bytes);
    while (!bytes.empty()) {
        const bool keeping = size_ < keep_to_;
        std::uint64_t room = bytes.size();
        if (keeping)
            room = keep_to_ - size_;
        else if (!lost_)
            room = box_ - size_;
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(room, bytes.size()));
        if (keeping)
            keep(bytes.substr(0, count));
        size_ += count;
        bytes.remove_prefix(count);
        while (!lost_ && next_box()) {}
        if (!lost_ && box_ <= std::max(size_, keep_to_))
            keep_to_ = std::max(keep_to_, box_ + header_bytes);
    }
}

COKINO_DECL void mp4_skeleton::keep(std::string_view bytes)
{
    if (runs_.empty() || runs_.back().at + runs_.back().size != size_)
        runs_.push_back(run{size_, kept_.size(), 0});
    kept_.append(bytes);
    runs_.back().size += bytes.size();
}

COKINO_DECL void mp4_skeleton::keep_tail(std::string_view bytes)
{
    if (bytes.size() >= tail_bytes) {
        tail_ = bytes.substr(bytes.size() - tail_bytes);
        return;
    }
    tail_.append(bytes);
    if (tail_.size() > tail_bytes)
        tail_.erase(0, tail_.size() - tail_bytes);
}

// Reads the header at box_, if all of it is here, and moves on to the box behind it. The header is
// the end of what is kept, since nothing is skipped before it is understood.
COKINO_DECL bool mp4_skeleton::next_box()
{
    if (size_ < box_ + 8)
        return false;
    const auto& last = runs_.back();
    const auto header = std::string_view(kept_).substr(last.from + (box_ - last.at), header_bytes);
    std::uint64_t size = detail::big_endian(header.substr(0, 4));
    const bool large = size == 1;
    if (large && size_ < box_ + header_bytes)
        return false;
    if (large)
        size = detail::big_endian(header.substr(8, 8));
    const bool moov = header.substr(4, 4) == "moov";
    // To the file's end, or nonsense: nothing can be found behind it.
    lost_ = size < (large ? 16U : 8U) || size > UINT64_MAX / 2 - box_ || ++boxes_ > boxes_max;
    keep_to_ = std::max(keep_to_, box_ + header_bytes); // the probe reads as much of a small box
    if (moov && (size <= moov_bytes_max_ || size == 0))
        keep_to_ = std::max(keep_to_, box_ + (size == 0 ? moov_bytes_max_ : size));
    if (!lost_)
        box_ += size;
    return !lost_;
}

COKINO_DECL result<void> mp4_skeleton::read_at(std::uint64_t offset, std::span<unsigned char> to)
{
    const auto copy = [&](std::string_view from, std::uint64_t at) {
        if (offset < at || offset - at > from.size() || to.size() > from.size() - (offset - at))
            return false;
        from.copy(reinterpret_cast<char*>(to.data()), to.size(),
                  static_cast<std::size_t>(offset - at));
        return true;
    };
    const auto behind =
        std::upper_bound(runs_.begin(), runs_.end(), offset,
                         [](std::uint64_t place, const run& r) { return place < r.at; });
    if (behind != runs_.begin()) {
        const run& r = *(behind - 1);
        if (copy(std::string_view(kept_).substr(r.from, r.size), r.at))
            return {};
    }
    if (copy(tail_, size_ - tail_.size()))
        return {};
    return failure(errc::content_mismatch, fate::answered)
        .explain("the MP4's moov box is larger than any clip's");
}

} // namespace cokino::wire
