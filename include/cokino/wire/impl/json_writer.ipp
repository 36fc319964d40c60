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

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

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

/// Copies the plain bytes from `p` on to `to`, which has room for all up to `end`, and moves both
/// to the first byte that is not plain, or to the end.
inline void copy_plain(const char*& p, const char* end, char*& to) noexcept
{
#if defined(__SSE2__)
    while (end - p >= 16) {
        auto const block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to), block);
        // Bytes from 0x80 on are negative here, so one comparison finds them and the controls.
        auto const odd = static_cast<unsigned>(_mm_movemask_epi8(
            _mm_or_si128(_mm_cmplt_epi8(block, _mm_set1_epi8(0x20)),
                         _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')),
                                      _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'))))));
        auto const plain = odd == 0 ? 16 : std::countr_zero(odd);
        p += plain;
        to += plain;
        if (odd != 0)
            return;
    }
#endif
    while (end - p >= 8) {
        std::uint64_t word;
        std::memcpy(&word, p, sizeof word);
        std::memcpy(to, &word, sizeof word);
        auto const odd = odd_bytes(word);
        if (odd != 0) {
            if constexpr (std::endian::native == std::endian::little) {
                auto const plain = std::countr_zero(odd) >> 3;
                p += plain;
                to += plain;
                return;
            }
            break;
        }
        p += 8;
        to += 8;
    }
    while (p != end && is_plain_json(static_cast<unsigned char>(*p)))
        *to++ = *p++;
}

/// Writes the escape of one character; at most six bytes.
inline char* write_escape(char* to, char c) noexcept
{
    static constexpr char digits[] = "0123456789abcdef";
    static constexpr std::string_view named = "\"\\\n\r\t\b\f";
    static constexpr std::string_view names = "\"\\nrtbf";
    *to++ = '\\';
    if (auto const at = named.find(c); at != std::string_view::npos) {
        *to++ = names[at];
        return to;
    }
    std::memcpy(to, "u00", 3);
    to += 3;
    *to++ = digits[static_cast<unsigned char>(c) >> 4];
    *to++ = digits[static_cast<unsigned char>(c) & 15];
    return to;
}

} // namespace detail

COKINO_DECL bool append_json_string(std::string& out, std::string_view text)
{
    auto const before = out.size();
    json_writer w(out);
    w.value(text);
    if (w.ok())
        return true;
    (void)w.finish();
    out.resize(before);
    return false;
}

COKINO_DECL void json_writer::grow(std::size_t bytes)
{
    // Spare bytes are zeroed by the string, so they come in pieces: a buffer that has carried a
    // large answer is not cleared as a whole for a small request.
    constexpr std::size_t piece = 512;
    auto const at = used();
    out_.resize(at + (bytes < piece ? piece : bytes));
    p_ = out_.data() + at;
    end_ = out_.data() + out_.size();
}

COKINO_DECL void json_writer::write_string(std::string_view text)
{
    room(text.size() + 3);
    separate();
    *p_++ = '"';
    auto const* p = text.data();
    auto const* const end = p + text.size();
    for (;;) {
        detail::copy_plain(p, end, p_);
        if (p == end)
            break;
        if (static_cast<unsigned char>(*p) >= 0x80) {
            auto const size = detail::utf8_size(p, end);
            if (size == 0) {
                refuse("not valid UTF-8");
                break;
            }
            std::memcpy(p_, p, size);
            p += size;
            p_ += size;
            continue;
        }
        auto const left = static_cast<std::size_t>(end - p);
        room(left + 8);
        p_ = detail::write_escape(p_, *p++);
    }
    *p_++ = '"';
}

COKINO_DECL void json_writer::write_key(std::string_view name)
{
    room(1);
    auto const at = used() + (comma_ ? 1U : 0U);
    write_string(name);
    key_at_ = at;
    room(1);
    *p_++ = ':';
    comma_ = false;
}

COKINO_DECL result<void> json_writer::finish()
{
    trim();
    if (problem_ != nullptr)
        return invalid(bad_field_, problem_);
    if (depth_ != 0)
        return failure(errc::internal_error).explain("a JSON object or array was left open");
    return {};
}

COKINO_DECL void json_writer::write_double(double number)
{
    if (!std::isfinite(number))
        refuse("not a finite number");
    std::string text;
    cokino::detail::append_number(text, number);
    raw(text);
}

COKINO_DECL void json_writer::refuse(const char* problem)
{
    if (problem_ != nullptr)
        return;
    problem_ = problem;
    if (key_at_ == nowhere)
        return;
    // A name ends at the first quote and colon: quotes within it are escaped.
    std::string_view const written(out_.data(), used());
    auto const name = written.substr(key_at_ + 1);
    bad_field_ = name.substr(0, name.find("\":"));
}

} // namespace cokino::wire
