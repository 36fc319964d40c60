// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A cursor that bites off what must come next; the first bite that fails spoils the date.
#pragma once

#include <cokino/core/http_date.hpp>
#include <cokino/core/text.hpp>

#include <cstddef>

namespace cokino {
namespace detail {

class date_cursor
{
public:
    explicit date_cursor(std::string_view text) noexcept : rest_(text) {}

    bool ok() const noexcept { return ok_; }
    bool done() const noexcept { return ok_ && rest_.empty(); }

    bool take(std::string_view word) noexcept
    {
        const bool found = istarts_with(rest_, word);
        if (found)
            rest_.remove_prefix(word.size());
        return found;
    }

    void expect(std::string_view word) noexcept { ok_ = take(word) && ok_; }

    /// Exactly `count` digits.
    int digits(std::size_t count) noexcept
    {
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (i >= rest_.size() || !is_digit(rest_[i])) {
                ok_ = false;
                return 0;
            }
            value = value * 10 + (rest_[i] - '0');
        }
        rest_.remove_prefix(count);
        return value;
    }

    unsigned month() noexcept
    {
        constexpr std::string_view names = "JanFebMarAprMayJunJulAugSepOctNovDec";
        for (unsigned i = 0; i < 12; ++i)
            if (take(names.substr(i * 3, 3)))
                return i + 1;
        ok_ = false;
        return 1;
    }

    /// The day's name, in full (true), in short (false), or neither, which spoils the date.
    bool day_name_is_long() noexcept
    {
        constexpr std::string_view names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                              "Thursday", "Friday", "Saturday"};
        for (std::string_view name : names)
            if (take(name))
                return true;
        for (std::string_view name : names)
            if (take(name.substr(0, 3)))
                return false;
        ok_ = false;
        return false;
    }

    std::chrono::seconds time() noexcept
    {
        const int hour = digits(2);
        expect(":");
        const int minute = digits(2);
        expect(":");
        const int second = digits(2); // 60 is a leap second
        ok_ = ok_ && hour < 24 && minute < 60 && second <= 60;
        return std::chrono::hours(hour) + std::chrono::minutes(minute) +
               std::chrono::seconds(second);
    }

    /// The standard asks for GMT; some servers say UTC and mean the same.
    void zone() noexcept
    {
        expect(" ");
        ok_ = ok_ && (take("GMT") || take("UTC"));
    }

private:
    std::string_view rest_;
    bool ok_ = true;
};

} // namespace detail

COKINO_DECL std::optional<std::chrono::sys_seconds> parse_http_date(
    std::string_view text, std::chrono::sys_seconds now) noexcept
{
    using namespace std::chrono;
    detail::date_cursor at(detail::trim(text));
    int year_value = 0;
    unsigned month_value = 0;
    int day_value = 0;
    seconds time{0};
    const bool long_name = at.day_name_is_long();
    if (at.take(", ")) {
        const std::string_view separator = long_name ? "-" : " ";
        day_value = at.digits(2);
        at.expect(separator);
        month_value = at.month();
        at.expect(separator);
        if (long_name) {
            year_value = 1900 + at.digits(2);
            const int this_year = static_cast<int>(year_month_day(floor<days>(now)).year());
            while (year_value + 100 <= this_year + 50)
                year_value += 100;
        } else {
            year_value = at.digits(4);
        }
        at.expect(" ");
        time = at.time();
        at.zone();
    } else {
        at.expect(" ");
        month_value = at.month();
        at.expect(" ");
        day_value = at.take(" ") ? at.digits(1) : at.digits(2);
        at.expect(" ");
        time = at.time();
        at.expect(" ");
        year_value = at.digits(4);
    }
    const year_month_day date{year(year_value), month(month_value),
                              day(static_cast<unsigned>(day_value))};
    if (!at.done() || !date.ok())
        return std::nullopt;
    return sys_days(date) + time;
}

} // namespace cokino
