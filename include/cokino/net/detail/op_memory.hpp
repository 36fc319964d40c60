// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Memory for the one operation that a socket has under way. Asio recycles two blocks a thread, so
// with many connections each wait for an answer would be an allocation.
#pragma once

#include <cstddef>
#include <new>

namespace cokino::net::detail {

class op_memory
{
public:
    op_memory() = default;
    op_memory(const op_memory&) = delete;
    op_memory& operator=(const op_memory&) = delete;

    void* take(std::size_t bytes)
    {
        if (taken_ || bytes > sizeof bytes_)
            return ::operator new(bytes);
        taken_ = true;
        return bytes_;
    }
    void give_back(void* place) noexcept
    {
        if (place == bytes_)
            taken_ = false;
        else
            ::operator delete(place);
    }

private:
    alignas(std::max_align_t) std::byte bytes_[256];
    bool taken_ = false;
};

/// How Asio gets at it.
template <class T> struct op_allocator {
    using value_type = T;

    op_memory* memory;

    explicit op_allocator(op_memory* m) noexcept : memory(m) {}
    template <class U> op_allocator(const op_allocator<U>& other) noexcept : memory(other.memory) {}

    T* allocate(std::size_t n)
    {
        static_assert(alignof(T) <= alignof(std::max_align_t));
        return static_cast<T*>(memory->take(n * sizeof(T)));
    }
    void deallocate(T* place, std::size_t) noexcept { memory->give_back(place); }
    friend bool operator==(op_allocator a, op_allocator b) noexcept { return a.memory == b.memory; }
};

} // namespace cokino::net::detail
