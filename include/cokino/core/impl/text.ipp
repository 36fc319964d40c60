// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Numbers to text and back. The standard's float to_chars and from_chars are missing in libc++ 14
// to 16, and printf speaks the locale's decimal point, so both directions are done with care here.
#pragma once

#include <cokino/core/text.hpp>

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace cokino::detail {

COKINO_DECL void append_number(std::string& out, double value)
{
    if (!std::isfinite(value)) {
        out += "null";
        return;
    }
    // Requests hold values such as 0.5 and 7.25. A number of thousandths is written as an integer
    // with a point in it: the division is correctly rounded, as reading the text is, so equal
    // quotients prove that the text reads back as the value. (Negative zero goes the long way.)
    const double thousandths = value * 1000;
    if (std::fabs(thousandths) < 1e15 && thousandths == std::trunc(thousandths) &&
        thousandths / 1000 == value && !(value == 0 && std::signbit(value))) {
        auto left = static_cast<std::int64_t>(thousandths);
        if (left < 0) {
            out += '-';
            left = -left;
        }
        append_number(out, left / 1000);
        if (auto rest = static_cast<unsigned>(left % 1000); rest != 0) {
            out += '.';
            for (unsigned place = 100; rest != 0; place /= 10) {
                out += static_cast<char>('0' + rest / place);
                rest %= place;
            }
        }
        return;
    }
    char text[40];
    for (int precision = 15; precision <= 17; ++precision) {
        std::snprintf(text, sizeof text, "%.*g", precision, value);
        if (std::strtod(text, nullptr) == value)
            break;
    }
    // Whatever the locale's decimal point is, it is the only thing here that is none of these. A
    // point of several bytes becomes one.
    bool in_point = false;
    for (const char* c = text; *c != 0; ++c) {
        if (is_digit(*c) || *c == '-' || *c == '+' || *c == 'e') {
            out += *c;
            in_point = false;
        } else if (!in_point) {
            out += '.';
            in_point = true;
        }
    }
}

COKINO_DECL std::string duration_text(std::chrono::milliseconds span)
{
    using namespace std::chrono;
    if (span < milliseconds::zero())
        return '-' + duration_text(-span);
    if (span < seconds(1))
        return to_text(span.count()) + " ms";
    if (span < minutes(2))
        return to_text(static_cast<double>(span.count() / 100) / 10) + " s";
    const bool long_span = span >= hours(1);
    const auto minutes_whole = duration_cast<minutes>(span).count();
    const auto high = long_span ? minutes_whole / 60 : minutes_whole;
    const auto low = long_span ? minutes_whole % 60 : span / seconds(1) % 60;
    std::string out = to_text(high) + (long_span ? " h" : " min");
    if (low != 0)
        out += ' ' + to_text(low) + (long_span ? " min" : " s");
    return out;
}

COKINO_DECL std::optional<double> parse_decimal(std::string_view text) noexcept
{
    const auto next = [&] { return text.empty() ? '\0' : text.front(); };
    const bool negative = next() == '-';
    if (negative)
        text.remove_prefix(1);
    if (!is_digit(next()))
        return std::nullopt;
    double mantissa = 0;
    int exponent = 0;
    for (; is_digit(next()); text.remove_prefix(1))
        mantissa = mantissa * 10 + (next() - '0');
    if (next() == '.') {
        text.remove_prefix(1);
        if (!is_digit(next()))
            return std::nullopt;
        // Digits past the 17th change nothing that a double can hold.
        for (int digits = 0; is_digit(next()); text.remove_prefix(1)) {
            if (++digits > 17)
                continue;
            mantissa = mantissa * 10 + (next() - '0');
            --exponent;
        }
    }
    if (next() == 'e' || next() == 'E') {
        text.remove_prefix(1);
        if (next() == '+' && text.size() > 1 && is_digit(text[1]))
            text.remove_prefix(1);
        const auto written = parse_integer<int>(text);
        if (!written || *written < -400 || *written > 400)
            return std::nullopt;
        exponent += *written;
        text = {};
    }
    if (!text.empty())
        return std::nullopt;
    const double scale = std::pow(10.0, std::abs(exponent));
    const double value = exponent < 0 ? mantissa / scale : mantissa * scale;
    if (!std::isfinite(value))
        return std::nullopt;
    return negative ? -value : value;
}

} // namespace cokino::detail
