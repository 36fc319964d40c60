// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of wire/header.hpp. What does not parse is absent: no caller may act on half a value.
#pragma once

#include <cokino/wire/header.hpp>

namespace cokino::wire {
namespace detail {

/// Digits alone; from_chars by itself would take a sign for signed types and nothing more here.
inline std::optional<std::uint64_t> parse_digits(std::string_view text) noexcept
{
    return cokino::detail::parse_integer<std::uint64_t>(text);
}

} // namespace detail

COKINO_DECL std::string_view media_type(std::string_view content_type) noexcept
{
    auto const main = cokino::detail::trim(content_type.substr(0, content_type.find(';')));
    auto const slash = main.find('/');
    if (slash == std::string_view::npos || !is_token(main.substr(0, slash)) ||
        !is_token(main.substr(slash + 1)))
        return {};
    return main;
}

COKINO_DECL bool is_json_type(std::string_view content_type) noexcept
{
    auto const type = media_type(content_type);
    constexpr std::string_view suffix = "+json";
    return cokino::detail::iequals(type, "application/json") ||
           cokino::detail::iequals(type, "text/json") ||
           (type.size() > suffix.size() &&
            cokino::detail::iequals(type.substr(type.size() - suffix.size()), suffix));
}

COKINO_DECL std::optional<std::uint64_t> parse_content_length(std::string_view value) noexcept
{
    std::optional<std::uint64_t> length;
    for (;;) {
        auto const comma = value.find(',');
        auto const part = detail::parse_digits(cokino::detail::trim(value.substr(0, comma)));
        if (!part || (length && *length != *part))
            return std::nullopt;
        length = part;
        if (comma == std::string_view::npos)
            return length;
        value.remove_prefix(comma + 1);
    }
}

COKINO_DECL std::optional<content_range> parse_content_range(std::string_view value) noexcept
{
    value = cokino::detail::trim(value);
    if (!cokino::detail::istarts_with(value, "bytes "))
        return std::nullopt;
    value = cokino::detail::trim(value.substr(6));
    auto const slash = value.find('/');
    if (slash == std::string_view::npos)
        return std::nullopt;
    auto const span = value.substr(0, slash);
    auto const total = value.substr(slash + 1);
    content_range range;
    if (total != "*") {
        range.total = detail::parse_digits(total);
        if (!range.total)
            return std::nullopt;
    }
    if (span == "*") {
        range.unsatisfied = true;
        return range.total ? std::optional(range) : std::nullopt;
    }
    auto const dash = span.find('-');
    if (dash == std::string_view::npos)
        return std::nullopt;
    auto const first = detail::parse_digits(span.substr(0, dash));
    auto const last = detail::parse_digits(span.substr(dash + 1));
    // The last position of all is left out, so that size() cannot overflow.
    if (!first || !last || *first > *last || *last == UINT64_MAX ||
        (range.total && *last >= *range.total))
        return std::nullopt;
    range.first = *first;
    range.last = *last;
    return range;
}

COKINO_DECL bool accepts_byte_ranges(std::string_view value) noexcept
{
    while (!value.empty())
        if (cokino::detail::iequals(cokino::detail::trim(cokino::detail::take_until(value, ',')),
                                    "bytes"))
            return true;
    return false;
}

COKINO_DECL std::optional<entity_tag> parse_entity_tag(std::string_view value)
{
    entity_tag tag;
    value = cokino::detail::trim(value);
    if (value.starts_with("W/")) { // case matters here (RFC 9110 §8.8.3)
        tag.weak = true;
        value.remove_prefix(2);
    }
    if (value.size() < 2 || value.front() != '"' || value.back() != '"')
        return std::nullopt;
    for (char const c : value.substr(1, value.size() - 2)) {
        auto const byte = static_cast<unsigned char>(c);
        if (byte <= 0x20 || byte == 0x7f || c == '"')
            return std::nullopt;
    }
    tag.opaque = value;
    return tag;
}

} // namespace cokino::wire
