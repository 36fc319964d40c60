// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What the fuzz targets share. A finding is an abort: what a sanitizer sees, or a promise that
// require() saw broken.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/result.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fuzz {

inline void require(bool kept, const char* promise, std::string_view seen = {})
{
    if (kept)
        return;
    std::cerr << "broken promise: " << promise << "\n  " << seen << std::endl;
    std::abort();
}

/// The input, from whose front choices are taken.
class input
{
public:
    input(const std::uint8_t* data, std::size_t size)
        : rest_(reinterpret_cast<const char*>(data), size)
    {}

    /// One of `count`, by one byte: '0' is the first, so that a seed can be written by hand.
    std::size_t choice(std::size_t count)
    {
        if (rest_.empty())
            return 0;
        auto const byte = static_cast<unsigned char>(rest_.front() - '0');
        rest_.remove_prefix(1);
        return byte % count;
    }
    std::string_view rest() const noexcept { return rest_; }

private:
    std::string_view rest_;
};

/// Whether a terminal shows it as one line.
inline bool one_line(std::string_view text)
{
    for (char const c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == '\x7f')
            return false;
    return true;
}

/// What holds for every failure.
inline void check(const cokino::failure& f)
{
    auto const text = f.describe();
    require(one_line(text), "a failure is one line of text", text);
    require(f.facts().host_text.size() <= cokino::limits::host_text_bytes_max,
            "a host's words are cut", text);
}

} // namespace fuzz
