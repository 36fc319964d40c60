// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of wire/json_writer.hpp. The escaper is the largest cost of a submit outside the
// kernel when it goes by bytes, so it goes by words and copies whole runs.
#pragma once

#include <cokino/wire/detail/utf8.hpp>
#include <cokino/wire/json_writer.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace cokino::wire {
namespace detail {

constexpr bool is_plain_json(unsigned char c) noexcept
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/// A word with the top bit set in each byte that is not plain; exact for the lowest such byte.
constexpr std::uint64_t odd_bytes(std::uint64_t word) noexcept
{
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t tops = 0x8080808080808080;
    auto const quote = word ^ (ones * '"');
    auto const slash = word ^ (ones * '\\');
    auto const control = (word - ones * 0x20) & ~word;
    return (control | ((quote - ones) & ~quote) | ((slash - ones) & ~slash) | word) & tops;
}

/// The first byte from `p` on that is not plain, or `end`.
inline const char* skip_plain(const char* p, const char* end) noexcept
{
    while (end - p >= 8) {
        std::uint64_t word;
        std::memcpy(&word, p, sizeof word);
        auto const odd = odd_bytes(word);
        if (odd != 0) {
            if constexpr (std::endian::native == std::endian::little)
                return p + (std::countr_zero(odd) >> 3);
            break;
        }
        p += 8;
    }
    while (p != end && is_plain_json(static_cast<unsigned char>(*p)))
        ++p;
    return p;
}

inline void append_escape(std::string& out, char c)
{
    static constexpr char digits[] = "0123456789abcdef";
    switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    default:
        out += "\\u00";
        out += digits[static_cast<unsigned char>(c) >> 4];
        out += digits[static_cast<unsigned char>(c) & 15];
    }
}

} // namespace detail

COKINO_DECL bool append_json_string(std::string& out, std::string_view text)
{
    auto const before = out.size();
    out += '"';
    auto const* run = text.data();
    auto const* const end = run + text.size();
    auto const* p = run;
    while ((p = detail::skip_plain(p, end)) != end) {
        if (static_cast<unsigned char>(*p) >= 0x80) {
            auto const size = detail::utf8_size(p, end);
            if (size == 0) {
                out.resize(before);
                return false;
            }
            p += size;
            continue;
        }
        out.append(run, p);
        detail::append_escape(out, *p);
        run = ++p;
    }
    out.append(run, end);
    out += '"';
    return true;
}

COKINO_DECL result<void> json_writer::finish() const
{
    if (problem_ != nullptr)
        return invalid(bad_field_, problem_);
    if (depth_ != 0)
        return failure(errc::internal_error).explain("a JSON object or array was left open");
    return {};
}

COKINO_DECL void json_writer::write_double(double number)
{
    if (!std::isfinite(number))
        refuse({}, "not a finite number");
    cokino::detail::append_number(out_, number);
}

COKINO_DECL void json_writer::refuse(std::string_view field, const char* problem)
{
    if (problem_ != nullptr)
        return;
    problem_ = problem;
    if (!field.empty()) {
        bad_field_ = field;
    } else if (key_at_ != nowhere) {
        // A name ends at the first quote and colon: quotes within it are escaped.
        auto const end = out_.find("\":", key_at_ + 1);
        bad_field_ = out_.substr(key_at_ + 1, end - key_at_ - 1);
    }
}

} // namespace cokino::wire
