// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/detail/range_head.hpp.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/transfer/detail/range_head.hpp>

#include <algorithm>
#include <array>

namespace cokino::detail {

// Only the form that servers must send (RFC 9110 §5.6.7, "Sun, 06 Nov 1994 08:49:37 GMT"): a
// validator in another form is simply not used.
inline std::optional<std::chrono::sys_seconds> parse_imf_date(std::string_view text) noexcept
{
    static constexpr std::string_view names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT" ||
        text[19] != ':' || text[22] != ':')
        return std::nullopt;
    const auto* month = std::find(std::begin(names), std::end(names), text.substr(8, 3));
    const auto day = parse_integer<unsigned>(text.substr(5, 2));
    const auto year = parse_integer<int>(text.substr(12, 4));
    const auto hour = parse_integer<unsigned>(text.substr(17, 2));
    const auto minute = parse_integer<unsigned>(text.substr(20, 2));
    const auto second = parse_integer<unsigned>(text.substr(23, 2));
    if (month == std::end(names) || !day || !year || !hour || !minute || !second)
        return std::nullopt;
    const auto number = static_cast<unsigned>(month - std::begin(names)) + 1;
    const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(number),
                                           std::chrono::day(*day)};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60)
        return std::nullopt;
    return std::chrono::sys_days(date) + std::chrono::hours(*hour) +
           std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

COKINO_DECL std::optional<content_range> parse_content_range(std::string_view text) noexcept
{
    if (!istarts_with(text, "bytes") || text.size() < 6 || !is_blank(text[5]))
        return std::nullopt;
    text = trim(text.substr(5));
    const auto slash = text.find('/');
    if (slash == std::string_view::npos)
        return std::nullopt;
    const auto total_text = text.substr(slash + 1);
    auto part = text.substr(0, slash);
    content_range range;
    if (total_text != "*") {
        range.total = parse_integer<std::uint64_t>(total_text);
        if (!range.total)
            return std::nullopt;
    }
    if (part == "*") {
        if (!range.total)
            return std::nullopt;
        return range;
    }
    const auto first = parse_integer<std::uint64_t>(take_until(part, '-'));
    const auto last = parse_integer<std::uint64_t>(part);
    if (!first || !last || *last < *first || (range.total && *last >= *range.total))
        return std::nullopt;
    range.satisfied = true;
    range.first = *first;
    range.last = *last;
    return range;
}

inline bool is_strong_etag(std::string_view text) noexcept
{
    return text.size() > 2 && text.front() == '"' && text.back() == '"' &&
           std::none_of(text.begin() + 1, text.end() - 1, [](char c) {
               return c == '"' || static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
           });
}

// A file that changed within the second of its date may have two versions under one date.
inline bool is_strong_date(std::string_view modified, std::string_view date) noexcept
{
    const auto changed = parse_imf_date(modified);
    const auto sent = parse_imf_date(date);
    return changed && sent && *sent - *changed >= std::chrono::seconds(1);
}

inline std::string lower_media_type(std::string_view text)
{
    std::string type(trim(take_until(text, ';')));
    for (char& c : type)
        c = to_lower(c);
    return type;
}

COKINO_DECL range_head read_range_head(const wire::response& head)
{
    range_head out;
    out.status = head.status;
    out.length = parse_integer<std::uint64_t>(head.field("content-length"));
    out.end_is_known =
        out.length || ifind(head.field("transfer-encoding"), "chunked") != std::string_view::npos;
    if (const auto range = head.field("content-range"); !range.empty())
        out.range = parse_content_range(range);
    out.etag = head.field("etag");
    if (is_strong_etag(out.etag))
        out.validator = out.etag;
    else if (is_strong_date(head.field("last-modified"), head.field("date")))
        out.validator = head.field("last-modified");
    out.media_type = lower_media_type(head.field("content-type"));
    const auto encoding = trim(head.field("content-encoding"));
    if (!iequals(encoding, "identity"))
        out.encoding = encoding;
    if (const auto wait = parse_integer<std::uint32_t>(head.field("retry-after")))
        out.retry_after = std::chrono::seconds(*wait);
    return out;
}

} // namespace cokino::detail
