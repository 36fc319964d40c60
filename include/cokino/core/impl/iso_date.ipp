// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of core/iso_date.hpp: a text is held against a shape, letter by letter.
#pragma once

#include <cokino/core/iso_date.hpp>
#include <cokino/core/text.hpp>

#include <algorithm>
#include <array>

namespace cokino {
namespace detail {

/// Reads a text by a shape such as "YYYY-MM-DDThh:mm:ss", cut where the text ends.
inline std::optional<std::chrono::sys_seconds> read_calendar(std::string_view text,
                                                             std::string_view shape) noexcept
{
    using namespace std::chrono;
    constexpr std::string_view letters = "YMDhms";
    std::array<int, letters.size()> parts{};
    if (text.size() > shape.size())
        return std::nullopt;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto part = letters.find(shape[i]);
        if (part != std::string_view::npos && is_digit(text[i]))
            parts[part] = parts[part] * 10 + (text[i] - '0');
        else if (part != std::string_view::npos || text[i] != shape[i])
            return std::nullopt;
    }
    const year_month_day date{year(parts[0]), month(static_cast<unsigned>(parts[1])),
                              day(static_cast<unsigned>(parts[2]))};
    if (!date.ok() || parts[3] > 23 || parts[4] > 59 || parts[5] > 60) // 60 is a leap second
        return std::nullopt;
    return sys_days(date) + hours(parts[3]) + minutes(parts[4]) + seconds(parts[5]);
}

} // namespace detail

COKINO_DECL std::optional<std::chrono::sys_seconds> parse_iso_date(std::string_view text) noexcept
{
    constexpr std::string_view compact = "YYYYMMDDThhmmssZ", shape = "YYYY-MM-DDThh:mm:ss";
    constexpr std::size_t to_day = 10, to_minute = 16, fraction_max = 10;
    if (text.size() == to_day)
        return detail::read_calendar(text, shape);
    if (text.empty() || text.back() != 'Z')
        return std::nullopt;
    if (text.size() == compact.size())
        return detail::read_calendar(text, compact);
    text.remove_suffix(1);
    if (text.size() > shape.size()) {
        const auto fraction = text.substr(shape.size());
        if (fraction.size() < 2 || fraction.size() > fraction_max || fraction[0] != '.' ||
            !std::all_of(fraction.begin() + 1, fraction.end(), detail::is_digit))
            return std::nullopt;
        text = text.substr(0, shape.size());
    }
    if (text.size() != to_minute && text.size() != shape.size())
        return std::nullopt;
    return detail::read_calendar(text, shape);
}

COKINO_DECL std::string iso_date_text(std::chrono::sys_seconds at)
{
    using namespace std::chrono;
    constexpr sys_seconds first = sys_days(year(0) / 1 / 1);
    constexpr sys_seconds last = sys_days(year(10'000) / 1 / 1) - seconds(1);
    at = std::clamp(at, first, last);
    const auto midnight = floor<days>(at);
    const year_month_day date(midnight);
    const hh_mm_ss time(at - midnight);
    std::string out;
    const auto add = [&out](int value, int width, char behind) {
        for (int power = width == 4 ? 1000 : 10; power != 0; power /= 10)
            out += static_cast<char>('0' + value / power % 10);
        out += behind;
    };
    add(static_cast<int>(date.year()), 4, '-');
    add(static_cast<int>(static_cast<unsigned>(date.month())), 2, '-');
    add(static_cast<int>(static_cast<unsigned>(date.day())), 2, 'T');
    add(static_cast<int>(time.hours().count()), 2, ':');
    add(static_cast<int>(time.minutes().count()), 2, ':');
    add(static_cast<int>(time.seconds().count()), 2, 'Z');
    return out;
}

} // namespace cokino
