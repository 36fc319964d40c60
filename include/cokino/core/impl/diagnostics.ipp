// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// clean_text: one pass over the bytes, judging a UTF-8 sequence at a time.
#pragma once

#include <cokino/core/diagnostics.hpp>

namespace cokino {
namespace detail {

struct utf8_char {
    char32_t value = 0;
    std::size_t length = 0; // zero: the bytes are no valid UTF-8
};

// Refuses overlong forms, surrogates and values past U+10FFFF, which some terminals act on.
inline utf8_char decode_utf8(std::string_view text) noexcept
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char head = byte(0);
    if (head < 0x80)
        return {head, 1};
    const std::size_t length = head >= 0xF0 ? 4 : head >= 0xE0 ? 3 : 2;
    if (head < 0xC2 || head > 0xF4 || text.size() < length)
        return {};
    char32_t value = head & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U)
            return {};
        value = (value << 6) | (byte(i) & 0x3FU);
    }
    const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (overlong || surrogate || value > 0x10FFFF)
        return {};
    return {value, length};
}

// Controls (C0, DEL, C1), line and paragraph separators, direction marks and overrides, and the
// byte order mark: whatever could forge a line of a log or hide part of one.
inline bool is_unprintable(char32_t c) noexcept
{
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x061C || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

} // namespace detail

COKINO_DECL std::string clean_text(std::string_view text, std::size_t bytes_max)
{
    constexpr std::string_view dots = "...";
    std::string out;
    // Where the text would end if the dots had to stand behind it.
    std::size_t edge = 0;
    while (!text.empty()) {
        const detail::utf8_char c = detail::decode_utf8(text);
        const std::size_t taken = c.length == 0 ? 1 : c.length;
        std::string_view piece = text.substr(0, taken);
        if (c.length == 0)
            piece = "?";
        else if (detail::is_unprintable(c.value))
            piece = " ";
        if (out.size() + piece.size() > bytes_max) {
            out.resize(edge);
            if (bytes_max >= dots.size())
                out += dots;
            return out;
        }
        out += piece;
        if (out.size() + dots.size() <= bytes_max || bytes_max < dots.size())
            edge = out.size();
        text.remove_prefix(taken);
    }
    return out;
}

} // namespace cokino
