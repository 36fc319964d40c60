// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Header fields: what may stand in a name and a value, and how the few values that the library
// reads are parsed. Retry hints are policy's; dates that say when a link dies are transfer's.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/text.hpp>

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

/// The main part of a Content-Type, without parameters: "video/mp4". Empty when it is not of the
/// form token/token.
COKINO_DECL std::string_view media_type(std::string_view content_type) noexcept;

/// Whether a Content-Type says JSON: application/json, text/json or a "+json" suffix.
COKINO_DECL bool is_json_type(std::string_view content_type) noexcept;

/// A Content-Length: digits, or the same digits several times with commas between (RFC 9110 §8.6).
/// Anything else, differing values included, gives nothing.
COKINO_DECL std::optional<std::uint64_t> parse_content_length(std::string_view value) noexcept;

/// What a Content-Range in bytes says.
struct content_range {
    std::uint64_t first = 0;
    std::uint64_t last = 0;             ///< Inclusive.
    std::optional<std::uint64_t> total; ///< Absent for '*'.
    bool unsatisfied = false;           ///< "bytes */N", as a 416 has it; first and last are 0.

    std::uint64_t size() const noexcept { return unsatisfied ? 0 : last - first + 1; }
};

/// "bytes 0-99/200", "bytes 0-99/*" or "bytes */200"; nothing when it contradicts itself.
COKINO_DECL std::optional<content_range> parse_content_range(std::string_view value) noexcept;

/// Whether an Accept-Ranges offers bytes. A hint only: a server may ignore Range all the same.
COKINO_DECL bool accepts_byte_ranges(std::string_view value) noexcept;

/// An ETag. Only strong ones vouch for the very bytes, as resuming needs it.
struct entity_tag {
    bool weak = false;
    std::string opaque; ///< With its quotes, as If-Range sends it back.

    /// RFC 9110 §8.8.3.2: equal, and neither of them weak.
    bool strongly_equals(const entity_tag& other) const noexcept
    {
        return !weak && !other.weak && opaque == other.opaque;
    }
};

COKINO_DECL std::optional<entity_tag> parse_entity_tag(std::string_view value);

} // namespace cokino::wire

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/wire/impl/header.ipp>
#endif
