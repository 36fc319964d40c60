// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Header fields: what may stand in a name and a value, and how the few values that the library
// reads are parsed. Retry hints are policy's; dates that say when a link dies are transfer's.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/text.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cokino::wire {

/// Whether the text is a token (RFC 9110 §5.6.2), as names of fields and methods are.
constexpr bool is_token(std::string_view text) noexcept
{
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    if (text.empty())
        return false;
    for (char const c : text) {
        auto const low = cokino::detail::to_lower(c);
        if (!(low >= 'a' && low <= 'z') && !cokino::detail::is_digit(c) &&
            marks.find(c) == std::string_view::npos)
            return false;
    }
    return true;
}

/// Whether the text may be a field's value: no controls save tab, no blanks at its ends. Bytes
/// beyond ASCII pass: they are opaque to HTTP, and harmless to it.
constexpr bool is_field_value(std::string_view text) noexcept
{
    for (char const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && c != '\t') || byte == 0x7f)
            return false;
    }
    return cokino::detail::trim(text).size() == text.size();
}

} // namespace cokino::wire
