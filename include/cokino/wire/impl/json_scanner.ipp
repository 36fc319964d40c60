// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The grammar of json_reader.hpp: RFC 8259, strictly, in UTF-8. Not Boost.JSON's parser, which is a
// template: its one instance was forty kilobytes, a twentieth of the code that README's example
// emits where it uses the headers alone. A test holds both grammars against each other.
// Included by json_reader.ipp alone.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/wire/detail/utf8.hpp>
#include <cokino/wire/impl/json_fields_handler.ipp>

#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

namespace cokino::wire {

/// Walks one text and tells a handler of what it meets. No recursion: the handler keeps the levels.
class json_scanner
{
public:
    json_scanner(json_fields_handler& to, std::string_view text) noexcept
        : to_(to), at_(text.data()), end_(text.data() + text.size())
    {}

    /// False when the text is none (problem() says why), or when the handler has ended the walk.
    bool run();

    const char* problem() const noexcept { return problem_; }
    const char* at() const noexcept { return at_; }

private:
    bool fail(const char* problem) noexcept
    {
        problem_ = problem;
        return false;
    }
    bool at_end() const noexcept { return at_ == end_; }
    bool meets(char c) const noexcept { return at_ != end_ && *at_ == c; }
    bool meets_digit() const noexcept { return at_ != end_ && *at_ >= '0' && *at_ <= '9'; }
    void skip_space() noexcept
    {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t'))
            ++at_;
    }
    bool skip_digits() noexcept
    {
        if (!meets_digit())
            return fail(at_end() ? "cut off" : "a digit is missing");
        while (meets_digit())
            ++at_;
        return true;
    }

    bool value(bool& opened);
    bool open(bool array, bool& opened);
    bool close_levels(bool& whole);
    bool member_name();
    bool string(bool name);
    bool piece(bool name, std::string_view part) { return name ? to_.name(part) : to_.text(part); }
    bool escape(bool name);
    bool code_unit(std::uint32_t& unit);
    bool code_point(std::uint32_t& point);
    bool number();
    bool real(const char* from);
    bool word(std::string_view expected);
    const char* plain_end() const noexcept;

    json_fields_handler& to_;
    const char* at_;
    const char* end_;
    const char* problem_ = nullptr;
};

COKINO_DECL bool json_scanner::run()
{
    for (;;) {
        bool opened = false;
        bool whole = false;
        if (!value(opened))
            return false;
        if (opened)
            continue;
        if (!close_levels(whole))
            return false;
        if (!whole)
            continue;
        skip_space();
        return at_end() || fail("more text behind the value");
    }
}

/// One value; of an object or array with something in it only what leads to its first value, and
/// `opened` is set then.
COKINO_DECL bool json_scanner::value(bool& opened)
{
    skip_space();
    if (at_end())
        return fail("cut off");
    switch (*at_) {
    case '{': return open(false, opened);
    case '[': return open(true, opened);
    case '"': return to_.begin_text() && string(false);
    case 't': return word("true") && to_.boolean(true);
    case 'f': return word("false") && to_.boolean(false);
    case 'n': return word("null") && to_.null();
    default: return number();
    }
}

COKINO_DECL bool json_scanner::open(bool array, bool& opened)
{
    if (to_.depth() == limits::json_depth_max)
        return fail("too deep");
    if (!to_.open(array))
        return false;
    ++at_;
    skip_space();
    if (meets(array ? ']' : '}')) {
        ++at_;
        to_.close();
        return true;
    }
    opened = true;
    return array || member_name();
}

/// What follows a value: ends of levels, then a comma, or nothing at the outermost (`whole`).
COKINO_DECL bool json_scanner::close_levels(bool& whole)
{
    while (to_.depth() != 0) {
        skip_space();
        auto const array = to_.in_array();
        if (meets(',')) {
            ++at_;
            return array || member_name();
        }
        if (!meets(array ? ']' : '}'))
            return fail(at_end() ? "cut off" : "a comma or an end is missing");
        ++at_;
        to_.close();
    }
    whole = true;
    return true;
}

COKINO_DECL bool json_scanner::member_name()
{
    skip_space();
    if (!meets('"'))
        return fail(at_end() ? "cut off" : "a member's name is missing");
    to_.begin_name();
    if (!string(true))
        return false;
    skip_space();
    if (!meets(':'))
        return fail(at_end() ? "cut off" : "a colon is missing");
    ++at_;
    return true;
}

/// The first byte that is not plain: a quote, an escape, a control character, beyond ASCII, the
/// end. Eight bytes at once where there are as many: most bytes of an answer stand in strings.
COKINO_DECL const char* json_scanner::plain_end() const noexcept
{
    constexpr std::uint64_t each = 0x0101010101010101;
    constexpr std::uint64_t high = 0x8080808080808080;
    auto const* p = at_;
    for (; end_ - p >= 8; p += 8) {
        std::uint64_t eight;
        std::memcpy(&eight, p, 8);
        auto const quote = eight ^ (each * '"');
        auto const slash = eight ^ (each * '\\');
        auto const found = (eight | ((eight - each * 0x20) & ~eight) | ((quote - each) & ~quote) |
                            ((slash - each) & ~slash)) &
                           high;
        if (found == 0)
            continue;
        // A borrow may mark bytes behind the first one that is meant, and never one before it.
        if constexpr (std::endian::native == std::endian::little)
            return p + std::countr_zero(found) / 8;
        break;
    }
    for (; p != end_; ++p) {
        auto const c = static_cast<unsigned char>(*p);
        if (c == '"' || c == '\\' || c < 0x20 || c >= 0x80)
            break;
    }
    return p;
}

/// A name or a string value, told in pieces: several when it is written with escapes.
COKINO_DECL bool json_scanner::string(bool name)
{
    auto const* from = ++at_;
    bool escaped = false;
    for (;;) {
        at_ = plain_end();
        if (at_end())
            return fail("cut off");
        auto const c = static_cast<unsigned char>(*at_);
        std::string_view const part(from, static_cast<std::size_t>(at_ - from));
        if (c == '"') {
            ++at_;
            if (!escaped)
                return name ? to_.whole_name(part) : to_.whole_text(part);
            return piece(name, part) && (!name || to_.end_name());
        }
        if (c == '\\') {
            escaped = true;
            if (!piece(name, part) || !escape(name))
                return false;
            from = at_;
        } else if (c < 0x20) {
            return fail("a control character in a string");
        } else {
            auto const size = detail::utf8_size(at_, end_);
            if (size == 0)
                return fail("not UTF-8");
            at_ += size;
        }
    }
}

COKINO_DECL bool json_scanner::escape(bool name)
{
    static constexpr std::string_view letters = "\"\\/bfnrt";
    static constexpr std::string_view meant = "\"\\/\b\f\n\r\t";
    if (++at_ == end_)
        return fail("cut off");
    if (*at_ != 'u') {
        auto const which = letters.find(*at_++);
        return which == letters.npos ? fail("an unknown escape")
                                     : piece(name, meant.substr(which, 1));
    }
    std::uint32_t point = 0;
    if (!code_point(point))
        return false;
    char bytes[4];
    std::size_t size = 0;
    auto const put = [&](std::uint32_t byte) { bytes[size++] = static_cast<char>(byte); };
    if (point < 0x80) {
        put(point);
    } else {
        if (point < 0x800) {
            put(0xC0 | point >> 6);
        } else {
            if (point < 0x10000) {
                put(0xE0 | point >> 12);
            } else {
                put(0xF0 | point >> 18);
                put(0x80 | (point >> 12 & 0x3F));
            }
            put(0x80 | (point >> 6 & 0x3F));
        }
        put(0x80 | (point & 0x3F));
    }
    return piece(name, std::string_view(bytes, size));
}

/// The four digits behind a "u", at which at_ stands.
COKINO_DECL bool json_scanner::code_unit(std::uint32_t& unit)
{
    ++at_;
    for (int i = 0; i != 4; ++i, ++at_) {
        if (at_end())
            return fail("cut off");
        char const c = *at_;
        auto const letter = static_cast<char>(c | 0x20);
        if (c >= '0' && c <= '9')
            unit = unit << 4 | static_cast<std::uint32_t>(c - '0');
        else if (letter >= 'a' && letter <= 'f')
            unit = unit << 4 | static_cast<std::uint32_t>(letter - 'a' + 10);
        else
            return fail("an escape without four digits");
    }
    return true;
}

/// One code unit, or the two of a surrogate pair.
COKINO_DECL bool json_scanner::code_point(std::uint32_t& point)
{
    if (!code_unit(point))
        return false;
    if (point < 0xD800 || point > 0xDFFF)
        return true;
    if (point > 0xDBFF)
        return fail("half a surrogate pair");
    std::uint32_t low = 0;
    if (!meets('\\') || ++at_ == end_ || *at_ != 'u')
        return fail(at_end() ? "cut off" : "half a surrogate pair");
    if (!code_unit(low))
        return false;
    if (low < 0xDC00 || low > 0xDFFF)
        return fail("half a surrogate pair");
    point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
    return true;
}

COKINO_DECL bool json_scanner::number()
{
    auto const* const from = at_;
    auto const negative = meets('-');
    if (negative)
        ++at_;
    if (!meets_digit())
        return fail(at_end() ? "cut off" : "no value begins like this");
    std::uint64_t whole = 0;
    bool fits = true;
    if (*at_ == '0') {
        ++at_; // and no digit behind it
    } else {
        for (; meets_digit(); ++at_) {
            auto const digit = static_cast<std::uint64_t>(*at_ - '0');
            fits = fits && whole <= (std::numeric_limits<std::uint64_t>::max() - digit) / 10;
            whole = whole * 10 + digit;
        }
    }
    if (meets('.') || meets('e') || meets('E'))
        return real(from);
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (fits && whole <= most + (negative ? 1 : 0))
        return to_.integer(static_cast<std::int64_t>(negative ? 0 - whole : whole));
    return fits && !negative ? to_.large(whole) : real(from);
}

/// A fraction, an exponent, or more digits than fit: at_ stands behind the whole part.
COKINO_DECL bool json_scanner::real(const char* from)
{
    bool tiny = false;
    if (meets('.')) {
        ++at_;
        if (!skip_digits())
            return false;
    }
    if (meets('e') || meets('E')) {
        ++at_;
        tiny = meets('-'); // should it not fit
        if (tiny || meets('+'))
            ++at_;
        if (!skip_digits())
            return false;
    }
    double read = 0;
    auto const end = std::from_chars(from, at_, read);
    if (end.ec != std::errc() && !tiny)
        read = std::numeric_limits<double>::infinity();
    return to_.real(read);
}

COKINO_DECL bool json_scanner::word(std::string_view expected)
{
    for (char const c : expected) {
        if (at_end())
            return fail("cut off");
        if (*at_ != c)
            return fail("no value begins like this");
        ++at_;
    }
    return true;
}

} // namespace cokino::wire
