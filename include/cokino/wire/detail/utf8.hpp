// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// One strict step through UTF-8. Not a Unicode library: no classes, no normal forms.
#pragma once

#include <cstddef>

namespace cokino::wire::detail {

/// The size in bytes of the well-formed character at `p` (Unicode's table 3-7), or 0 when there is
/// none: overlong forms, surrogates, values past U+10FFFF and cut characters all count as broken.
constexpr std::size_t utf8_size(const char* p, const char* end) noexcept
{
    auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(p[i]); };
    auto const left = static_cast<std::size_t>(end - p);
    auto const follows = [&](std::size_t i) { return i < left && (byte(i) & 0xC0) == 0x80; };
    if (left == 0)
        return 0;
    auto const first = byte(0);
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first <= 0xDF)
        return follows(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        if (!follows(1) || !follows(2))
            return 0;
        if ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F))
            return 0;
        return 3;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        if (!follows(1) || !follows(2) || !follows(3))
            return 0;
        if ((first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) > 0x8F))
            return 0;
        return 4;
    }
    return 0;
}

} // namespace cokino::wire::detail
