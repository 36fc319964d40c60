// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of wire/redact.hpp, and the lists of names whose values may be seen.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/wire/redact.hpp>

#include <algorithm>
#include <span>

namespace cokino::wire {
namespace detail {

/// Query names whose values tell when a link dies, or which page is asked for, and nothing else.
inline constexpr std::string_view harmless_query_names[] = {
    "x-amz-algorithm",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-signedheaders",
    "x-goog-algorithm",
    "x-goog-date",
    "x-goog-expires",
    "x-goog-signedheaders",
    "expires",
    "se",
    "st",
    "sp",
    "sv",
    "sr",
    "x-oss-date",
    "x-oss-expires",
    "x-oss-signature-version",
    "x-tos-algorithm",
    "x-tos-date",
    "x-tos-expires",
    "q-sign-algorithm",
    "q-sign-time",
    "q-key-time",
    "kstime",
    "x-kcdn-pid",
    "x-expires",
    "logs",
    "page",
    "pagenum",
    "pagesize",
    "page_size",
    "limit",
    "offset",
    "status",
    "format",
    "width",
    "height",
    "fal_max_queue_length",
};

inline bool listed(std::span<const std::string_view> names, std::string_view name) noexcept
{
    return std::any_of(names.begin(), names.end(), [name](std::string_view listed_name) {
        return cokino::detail::iequals(listed_name, name);
    });
}

inline bool is_plain_name(std::string_view name) noexcept
{
    return !name.empty() && name.size() <= 40 && std::all_of(name.begin(), name.end(), [](char c) {
        auto const low = cokino::detail::to_lower(c);
        return (low >= 'a' && low <= 'z') || cokino::detail::is_digit(c) || c == '-' || c == '_' ||
               c == '.';
    });
}

} // namespace detail

COKINO_DECL std::string redact_query(std::string_view query)
{
    std::string out;
    while (!query.empty()) {
        auto pair = cokino::detail::take_until(query, '&');
        auto const has_value = pair.find('=') != std::string_view::npos;
        auto const name = cokino::detail::take_until(pair, '=');
        if (!out.empty())
            out += '&';
        // A part without '=' is a value as likely as a name, so it is hidden whole.
        if (!has_value || !detail::is_plain_name(name)) {
            out += hidden_text;
            continue;
        }
        out += name;
        out += '=';
        auto const shown = detail::listed(detail::harmless_query_names, name) && pair.size() <= 64;
        out += shown ? pair : hidden_text;
    }
    return out;
}

} // namespace cokino::wire
