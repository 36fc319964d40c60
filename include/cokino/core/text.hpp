// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Small helpers for ASCII text and numbers that no locale can bend. Not for Unicode (clean_text)
// and not for JSON strings (wire/json.hpp).
#pragma once

#include <cokino/core/config.hpp>

#include <charconv>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cokino::detail {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// The blanks of HTTP: space and tab.
constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

constexpr char to_lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Equal, ASCII letters compared without regard to case.
constexpr bool iequals(std::string_view a, std::string_view b) noexcept
{
    if (a.size() != b.size())
        return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (to_lower(a[i]) != to_lower(b[i]))
            return false;
    return true;
}

constexpr bool istarts_with(std::string_view text, std::string_view prefix) noexcept
{
    return text.size() >= prefix.size() && iequals(text.substr(0, prefix.size()), prefix);
}

/// Where `needle` stands in `text` without regard to case; npos when it does not.
constexpr std::size_t ifind(std::string_view text, std::string_view needle) noexcept
{
    for (std::size_t i = 0; i + needle.size() <= text.size(); ++i)
        if (iequals(text.substr(i, needle.size()), needle))
            return i;
    return std::string_view::npos;
}

/// Without the spaces and tabs at both ends.
constexpr std::string_view trim(std::string_view text) noexcept
{
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back()))
        text.remove_suffix(1);
    return text;
}

/// Cuts off and returns what stands before `separator`; the rest (after it) stays in `text`.
/// Without a separator all of it is returned and `text` becomes empty.
constexpr std::string_view take_until(std::string_view& text, char separator) noexcept
{
    const std::size_t at = text.find(separator);
    const std::string_view head = text.substr(0, at);
    text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
    return head;
}

/// What stands between `open` and the next `close` behind it; empty when either is missing.
constexpr std::string_view text_between(std::string_view text, std::string_view open,
                                        std::string_view close) noexcept
{
    const std::size_t from = text.find(open);
    if (from == std::string_view::npos)
        return {};
    text.remove_prefix(from + open.size());
    const std::size_t end = text.find(close);
    return end == std::string_view::npos ? std::string_view() : text.substr(0, end);
}

template <std::integral Integer>
    requires(!std::same_as<Integer, bool> && !std::same_as<Integer, char>)
void append_number(std::string& out, Integer value)
{
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out.append(digits, end);
}

/// The shortest text of at most 17 digits that reads back as the same value, with '.' in every
/// locale ("0.5", "1e+300"). A value that is not finite gives "null", as JSON has no word for it.
COKINO_DECL void append_number(std::string& out, double value);

template <class Number> std::string to_text(Number value)
{
    std::string out;
    append_number(out, value);
    return out;
}

/// A span of time as people read it: "250 ms", "4.2 s", "10 min", "1 h 5 min".
COKINO_DECL std::string duration_text(std::chrono::milliseconds span);

/// The whole text as a number, or nothing: no blanks, no sign '+', no overflow.
template <std::integral Integer>
std::optional<Integer> parse_integer(std::string_view text) noexcept
{
    Integer value{};
    const auto end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || at != end)
        return std::nullopt;
    return value;
}

/// The whole text as a decimal number ("-1.5", "2e3"), or nothing. Exact for up to 15 digits;
/// beyond that it may be off in the last place, which is enough for hints and progress figures.
COKINO_DECL std::optional<double> parse_decimal(std::string_view text) noexcept;

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/core/impl/text.ipp>
#endif
