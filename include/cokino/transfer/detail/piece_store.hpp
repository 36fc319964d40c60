// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Memory for what downloads have received and not yet handed on. Large pieces are cheap to write
// and dear to hold, so the downloads of one downloader share a budget of them; whoever finds it
// spent gets a small piece, and never waits, since those who hold memory may wait for their hosts.
#pragma once

#include <cokino/core/limits.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace cokino::detail {

class piece_store;

/// Memory on loan: at an address that O_DIRECT accepts. Goes back when it goes.
class piece
{
public:
    piece() = default;
    piece(piece&& other) noexcept
        : home_(std::exchange(other.home_, nullptr)), data_(std::exchange(other.data_, nullptr)),
          size_(std::exchange(other.size_, 0))
    {}
    piece& operator=(piece&& other) noexcept
    {
        std::swap(home_, other.home_);
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~piece();

    explicit operator bool() const noexcept { return data_ != nullptr; }
    char* data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_; }

private:
    friend class piece_store;
    piece(piece_store& home, char* data, std::size_t size) noexcept
        : home_(&home), data_(data), size_(size)
    {}

    piece_store* home_ = nullptr;
    char* data_ = nullptr;
    std::size_t size_ = 0;
};

/// Outlives its pieces. One thread.
class piece_store
{
public:
    static constexpr std::size_t size_min = limits::download_piece_bytes_min;
    static constexpr std::size_t size_max = limits::download_piece_bytes_max;
    static constexpr std::size_t step = 4; // each size is so many times the next smaller one
    static constexpr std::size_t first = size_min * step;

    explicit piece_store(std::size_t budget = limits::download_buffer_bytes_max) noexcept
        : budget_(budget)
    {}
    piece_store(const piece_store&) = delete;
    piece_store& operator=(const piece_store&) = delete;
    ~piece_store()
    {
        for (const auto& [data, size] : spare_)
            release(data, size);
    }

    /// A piece of the size wanted, or the largest that the budget still has; size_min in any case.
    piece take(std::size_t wanted)
    {
        while (wanted > size_min && wanted > budget_ - used_)
            wanted /= step;
        wanted = std::max(wanted, size_min);
        char* const data = obtain(wanted);
        if (wanted > size_min)
            used_ += wanted;
        return piece(*this, data, wanted);
    }

    /// The size that suits what one piece took to fill: about the bytes of 50 ms.
    static std::size_t size_after(std::size_t size, std::chrono::nanoseconds took) noexcept
    {
        using namespace std::chrono_literals;
        if (took < 50ms)
            return std::min(size * step, size_max);
        return took > 1s ? std::max(size / step, size_min) : size;
    }

    /// Bytes of the budget that are on loan.
    std::size_t used() const noexcept { return used_; }

private:
    friend class piece;

    static constexpr std::align_val_t alignment{4096};
    static constexpr std::size_t spare_bytes_max = 4 * size_max;

    char* obtain(std::size_t size)
    {
        for (auto& kept : spare_)
            if (kept.second == size) {
                char* const data = kept.first;
                kept = spare_.back();
                spare_.pop_back();
                spare_bytes_ -= size;
                return data;
            }
        return static_cast<char*>(::operator new(size, alignment));
    }

    void give_back(char* data, std::size_t size) noexcept
    {
        if (size > size_min)
            used_ -= size;
        if (spare_bytes_ + size <= spare_bytes_max && spare_.size() != spare_.capacity()) {
            spare_.emplace_back(data, size);
            spare_bytes_ += size;
        } else {
            release(data, size);
        }
    }

    static void release(char* data, std::size_t size) noexcept
    {
        ::operator delete(data, size, alignment);
    }

    static std::vector<std::pair<char*, std::size_t>> room_for_spares()
    {
        std::vector<std::pair<char*, std::size_t>> list;
        list.reserve(16);
        return list;
    }

    std::size_t budget_;
    std::size_t used_ = 0;
    std::size_t spare_bytes_ = 0;
    std::vector<std::pair<char*, std::size_t>> spare_ = room_for_spares();
};

inline piece::~piece()
{
    if (home_)
        home_->give_back(data_, size_);
}

} // namespace cokino::detail
