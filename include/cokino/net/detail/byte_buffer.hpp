// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A flat buffer of bytes that came and are not yet used. Grows on demand up to a bound and keeps
// its memory. Not for bodies: those go where the caller wants them.
#pragma once

#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace cokino::net::detail {

class byte_buffer
{
public:
    byte_buffer() = default;

    std::size_t size() const noexcept { return end_ - begin_; }
    bool empty() const noexcept { return begin_ == end_; }
    std::size_t capacity() const noexcept { return capacity_; }
    const char* data() const noexcept { return bytes_.get() + begin_; }
    std::string_view view() const noexcept { return std::string_view(data(), size()); }

    /// Room behind the bytes: at least `wanted`, and all there is.
    boost::asio::mutable_buffer room(std::size_t wanted)
    {
        if (begin_ == end_)
            begin_ = end_ = 0;
        if (capacity_ - end_ < wanted)
            make_room(wanted);
        return boost::asio::mutable_buffer(bytes_.get() + end_, capacity_ - end_);
    }

    void commit(std::size_t bytes) noexcept { end_ += bytes; }
    void consume(std::size_t bytes) noexcept { begin_ += bytes; }
    void clear() noexcept { begin_ = end_ = 0; }

    void append(const void* from, std::size_t bytes)
    {
        if (bytes == 0)
            return;
        std::memcpy(room(bytes).data(), from, bytes);
        end_ += bytes;
    }
    void append(std::string_view text) { append(text.data(), text.size()); }

    /// Gives memory above `kept` back, if nothing is stored.
    void shrink(std::size_t kept) noexcept
    {
        if (!empty() || capacity_ <= kept)
            return;
        bytes_.reset();
        capacity_ = begin_ = end_ = 0;
    }

private:
    void make_room(std::size_t wanted)
    {
        std::size_t const held = size();
        if (capacity_ - held >= wanted) {
            std::memmove(bytes_.get(), bytes_.get() + begin_, held);
        } else {
            std::size_t grown = capacity_ == 0 ? wanted : capacity_;
            while (grown - held < wanted)
                grown *= 2;
            std::unique_ptr<char[]> bytes(new char[grown]);
            if (held != 0)
                std::memcpy(bytes.get(), bytes_.get() + begin_, held);
            bytes_ = std::move(bytes);
            capacity_ = grown;
        }
        begin_ = 0;
        end_ = held;
    }

    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

} // namespace cokino::net::detail
