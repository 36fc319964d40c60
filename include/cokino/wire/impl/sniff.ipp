// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The body of wire/sniff.hpp.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/wire/sniff.hpp>

namespace cokino::wire {
namespace detail {

inline content_kind sniff_markup(std::string_view text) noexcept
{
    if (text.size() < 2)
        return content_kind::unknown;
    for (std::string_view const tag :
         {"<!doctype html", "<html", "<head", "<body", "<title", "<script", "<center", "<h1"})
        if (cokino::detail::istarts_with(text, tag))
            return content_kind::html;
    auto const low = cokino::detail::to_lower(text[1]);
    return text[1] == '?' || text[1] == '!' || (low >= 'a' && low <= 'z') ? content_kind::xml
                                                                          : content_kind::unknown;
}

} // namespace detail

COKINO_DECL content_kind sniff(std::string_view first_bytes) noexcept
{
    using namespace std::string_view_literals;
    auto text = first_bytes;
    if (text.starts_with("\x89PNG\r\n\x1a\n"sv))
        return content_kind::png;
    if (text.starts_with("\xff\xd8\xff"sv))
        return content_kind::jpeg;
    if (text.size() >= 12 && text.starts_with("RIFF"sv) && text.substr(8, 4) == "WEBP"sv)
        return content_kind::webp;
    if (text.size() >= 8 && text.substr(4, 4) == "ftyp"sv)
        return content_kind::mp4;
    if (text.starts_with("\xef\xbb\xbf"sv))
        text.remove_prefix(3);
    auto const first = text.find_first_not_of(" \t\r\n\f"sv);
    if (first == std::string_view::npos)
        return content_kind::unknown;
    text.remove_prefix(first);
    if (text[0] == '{' || text[0] == '[')
        return content_kind::json;
    return text[0] == '<' ? detail::sniff_markup(text) : content_kind::unknown;
}

} // namespace cokino::wire
