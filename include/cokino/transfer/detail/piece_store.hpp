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

#if __has_include(<sys/mman.h>)
#include <sys/mman.h>
#endif

namespace cokino::detail {

/// The largest pieces, two to a huge page where the system has any: a disk's driver then takes a
/// piece as one stretch of memory instead of 256.
class large_pieces
{
public:
    static constexpr std::size_t size = limits::download_piece_bytes_max;

    large_pieces() { pages_.reserve(16); }
    large_pieces(const large_pieces&) = delete;
    large_pieces& operator=(const large_pieces&) = delete;
    ~large_pieces()
    {
        for (const auto& each : pages_)
            release(each.data);
    }

    char* obtain()
    {
        page* from = nullptr;
        for (auto& each : pages_)
            if (each.lent != both && (!from || each.lent != 0))
                from = &each; // one that is in use anyway, if there is one
        if (!from)
            from = &add();
        const unsigned half = (from->lent & 1U) == 0 ? 0 : 1;
        from->lent |= 1U << half;
        return from->data + half * size;
    }

    /// Keeps up to spare_max pages of which nothing is lent.
    void give_back(char* data) noexcept
    {
        std::size_t spare = 0;
        page* home = nullptr;
        for (auto& each : pages_) {
            if (each.lent == 0)
                ++spare;
            if (data == each.data || data == each.data + size)
                home = &each;
        }
        home->lent &= data == home->data ? ~1U : ~2U;
        if (home->lent != 0 || spare < spare_max)
            return;
        release(home->data);
        *home = pages_.back();
        pages_.pop_back();
    }

private:
    struct page {
        char* data;
        unsigned lent; // one bit for each half
    };
    static constexpr unsigned both = 3;
    static constexpr std::size_t spare_max = 2;
    static constexpr std::align_val_t alignment{2 * size}; // where its size is a huge page's

    static void release(char* data) noexcept { ::operator delete(data, alignment); }

    page& add()
    {
        pages_.reserve(pages_.size() + 1); // so that nothing is lost if there is no memory for it
        auto* const data = static_cast<char*>(::operator new(2 * size, alignment));
#if defined(MADV_HUGEPAGE)
        static_cast<void>(::madvise(data, 2 * size, MADV_HUGEPAGE)); // a wish
#endif
        return pages_.emplace_back(page{data, 0});
    }

    std::vector<page> pages_;
};

/// What a store and its pieces share, so that pieces may outlive the store: a loop that goes takes
/// the downloads under way with it, and their downloader may have gone before.
class piece_memory
{
public:
    explicit piece_memory(std::size_t budget) : budget_(budget) { spare_.reserve(16); }
    piece_memory(const piece_memory&) = delete;
    piece_memory& operator=(const piece_memory&) = delete;
    ~piece_memory()
    {
        for (const auto& kept : spare_)
            release(kept.first);
    }

    std::size_t left() const noexcept { return budget_ - used_; }
    std::size_t used() const noexcept { return used_; }

    /// `counted`: against the budget.
    char* obtain(std::size_t size, bool counted)
    {
        char* const data = size == large_pieces::size ? large_.obtain() : obtain_small(size);
        if (counted)
            used_ += size;
        return data;
    }

    void give_back(char* data, std::size_t size, bool counted) noexcept
    {
        if (counted)
            used_ -= size;
        if (size == large_pieces::size) {
            large_.give_back(data);
        } else if (spare_bytes_ + size <= spare_bytes_max && spare_.size() != spare_.capacity()) {
            spare_.emplace_back(data, size);
            spare_bytes_ += size;
        } else {
            release(data);
        }
    }

private:
    static constexpr std::align_val_t alignment{4096};
    static constexpr std::size_t spare_bytes_max = limits::download_piece_bytes_max;

    static void release(char* data) noexcept { ::operator delete(data, alignment); }

    char* obtain_small(std::size_t size)
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

    std::size_t budget_;
    std::size_t used_ = 0;
    std::size_t spare_bytes_ = 0;
    std::vector<std::pair<char*, std::size_t>> spare_;
    large_pieces large_;
};

/// Memory on loan: at an address that O_DIRECT accepts. Goes back when it goes.
class piece
{
public:
    piece() = default;
    piece(piece&& other) noexcept
        : home_(std::move(other.home_)), data_(std::exchange(other.data_, nullptr)),
          size_(std::exchange(other.size_, 0)), counted_(other.counted_)
    {}
    piece& operator=(piece&& other) noexcept
    {
        std::swap(home_, other.home_);
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(counted_, other.counted_);
        return *this;
    }
    ~piece()
    {
        if (home_)
            home_->give_back(data_, size_, counted_);
    }

    explicit operator bool() const noexcept { return data_ != nullptr; }
    char* data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_; }

private:
    friend class piece_store;
    piece(std::shared_ptr<piece_memory> home, std::size_t size, bool counted)
        : home_(std::move(home)), data_(home_->obtain(size, counted)), size_(size),
          counted_(counted)
    {}

    std::shared_ptr<piece_memory> home_;
    char* data_ = nullptr;
    std::size_t size_ = 0;
    bool counted_ = false;
};

/// Its pieces may outlive it. One thread.
class piece_store
{
public:
    static constexpr std::size_t size_min = limits::download_piece_bytes_min;
    static constexpr std::size_t size_max = limits::download_piece_bytes_max;
    static constexpr std::size_t step = 4; // each size is so many times the next smaller one
    static constexpr std::size_t first = size_min * step;

    explicit piece_store(std::size_t budget = limits::download_buffer_bytes_max)
        : memory_(std::make_shared<piece_memory>(budget))
    {}
    piece_store(const piece_store&) = delete;
    piece_store& operator=(const piece_store&) = delete;

    /// A piece of the size wanted, or the largest that the budget still has; size_min in any case.
    piece take(std::size_t wanted)
    {
        while (wanted > size_min && wanted > memory_->left())
            wanted /= step;
        wanted = std::max(wanted, size_min);
        return piece(memory_, wanted, wanted > size_min);
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
    std::size_t used() const noexcept { return memory_->used(); }

private:
    std::shared_ptr<piece_memory> memory_;
};

} // namespace cokino::detail
