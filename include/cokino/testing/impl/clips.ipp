// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of testing/clips.hpp. The large clips are those of plain_clip.ipp. The PNG is written
// by hand, too: one code of deflate's fixed tables
// and one repeat per row are all that a vertical gradient needs, and no image library is.
#pragma once

#include <cokino/testing/clips.hpp>
#include <cokino/testing/impl/clips_10s.ipp>
#include <cokino/testing/impl/clips_5s.ipp>
#include <cokino/testing/impl/plain_clip.ipp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace cokino::testing {
namespace detail {

/// Of our own constants only: no checks.
inline std::string base64_bytes(std::string_view text)
{
    const auto value = [](char c) -> std::uint32_t {
        if (c >= 'A' && c <= 'Z')
            return static_cast<std::uint32_t>(c - 'A');
        if (c >= 'a' && c <= 'z')
            return static_cast<std::uint32_t>(c - 'a' + 26);
        if (c >= '0' && c <= '9')
            return static_cast<std::uint32_t>(c - '0' + 52);
        return c == '+' ? 62 : 63;
    };
    std::string out;
    out.reserve(text.size() / 4 * 3);
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        if (c == '=')
            break;
        bits = bits << 6 | value(c);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out.push_back(static_cast<char>(bits >> count & 0xff));
        }
    }
    return out;
}

inline void append_be32(std::string& out, std::uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        out.push_back(static_cast<char>(value >> shift & 0xff));
}

inline std::uint32_t crc32(std::string_view bytes) noexcept
{
    std::uint32_t crc = 0xffffffffU;
    for (const char c : bytes) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit)
            crc = crc >> 1 ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
    }
    return ~crc;
}

inline void append_png_chunk(std::string& out, std::string_view type, std::string_view data)
{
    append_be32(out, static_cast<std::uint32_t>(data.size()));
    std::string body(type);
    body += data;
    out += body;
    append_be32(out, crc32(body));
}

/// A zlib stream with one block of fixed codes, written as it is told what comes.
class deflate_writer
{
public:
    deflate_writer()
    {
        out_ = "\x78\x01";
        put(1, 1); // the last block
        put(1, 2); // fixed codes
    }

    void byte(unsigned char value)
    {
        checksum(value, 1);
        if (value < 144)
            put_code(0x30U + value, 8);
        else
            put_code(0x190U + value - 144U, 9);
    }

    /// A zero byte, `count` times: one literal, then repeats at distance 1.
    void zeros(std::size_t count)
    {
        if (count == 0)
            return;
        byte(0);
        --count;
        for (; count >= 258; count -= 258)
            repeat(258, 0xc5, 8);
        for (; count >= 10; count -= 10)
            repeat(10, 8, 7);
        if (count >= 3) // lengths 3 to 10 are codes without extra bits
            repeat(count, static_cast<std::uint32_t>(count - 2), 7);
        else
            for (; count > 0; --count)
                byte(0);
    }

    std::string finish()
    {
        put_code(0, 7); // end of block
        while (count_ > 0)
            put(0, 1);
        append_be32(out_, high_ << 16 | low_);
        return std::move(out_);
    }

private:
    void put(std::uint32_t value, int bits)
    {
        for (int i = 0; i < bits; ++i) {
            held_ |= (value >> i & 1U) << count_;
            if (++count_ == 8) {
                out_.push_back(static_cast<char>(held_));
                held_ = 0;
                count_ = 0;
            }
        }
    }

    /// Codes go from their highest bit, everything else from its lowest.
    void put_code(std::uint32_t code, int bits)
    {
        for (int i = bits - 1; i >= 0; --i)
            put(code >> i & 1U, 1);
    }

    void repeat(std::size_t length, std::uint32_t code, int bits)
    {
        put_code(code, bits);
        put_code(0, 5); // at distance 1
        checksum(0, length);
    }

    void checksum(unsigned char value, std::size_t times)
    {
        for (std::size_t i = 0; i < times; ++i) {
            low_ = (low_ + value) % 65521U;
            high_ = (high_ + low_) % 65521U;
        }
    }

    std::string out_;
    std::uint32_t held_ = 0;
    int count_ = 0;
    std::uint32_t low_ = 1, high_ = 0;
};

/// As long as is asked for, by a box that players skip.
inline void pad_clip(std::string& bytes, std::size_t bytes_min)
{
    if (bytes.size() < bytes_min) {
        // A box is its length (4 bytes), its type and its content.
        const std::size_t padding = std::max<std::size_t>(bytes_min - bytes.size(), 8);
        append_be32(bytes, static_cast<std::uint32_t>(padding));
        bytes += "free";
        bytes.resize(bytes.size() + padding - 8);
    }
}

} // namespace detail

COKINO_DECL std::string clip(int seconds, aspect_ratio ratio, std::size_t bytes_min)
{
    const bool longer = seconds > 7;
    std::string_view text;
    switch (ratio) {
    case aspect_ratio::landscape_16_9:
        text = longer ? detail::clip_10s_16_9 : detail::clip_5s_16_9;
        break;
    case aspect_ratio::portrait_9_16:
        text = longer ? detail::clip_10s_9_16 : detail::clip_5s_9_16;
        break;
    case aspect_ratio::square_1_1:
        text = longer ? detail::clip_10s_1_1 : detail::clip_5s_1_1;
        break;
    }
    std::string bytes = detail::base64_bytes(text);
    detail::pad_clip(bytes, bytes_min);
    return bytes;
}

COKINO_DECL std::string clip_1080p(int seconds, aspect_ratio ratio, std::size_t bytes_min)
{
    return clip_of_lines(1080, seconds, ratio, bytes_min);
}

COKINO_DECL std::string clip_of_lines(int lines, int seconds, aspect_ratio ratio,
                                      std::size_t bytes_min)
{
    const bool square = ratio == aspect_ratio::square_1_1;
    const bool upright = ratio == aspect_ratio::portrait_9_16;
    const auto even = [](int side) { return side + side % 2; }; // as 4:2:0 wants it
    const int shorter = std::clamp(lines, 2, 4320);
    const int longer = even(shorter * 16 / 9), side = even(shorter * 4 / 3), less = even(shorter);
    const bool ten = seconds > 7;
    std::string bytes = detail::plain_clip(square    ? side
                                           : upright ? less
                                                     : longer,
                                           square    ? side
                                           : upright ? longer
                                                     : less,
                                           ten ? 10 : 5, !ten);
    detail::pad_clip(bytes, bytes_min);
    return bytes;
}

COKINO_DECL std::string still(int width, int height)
{
    constexpr std::array<int, 3> top{24, 32, 96}, bottom{232, 150, 72};
    const int w = std::clamp(width, 1, 8192), h = std::clamp(height, 1, 8192);
    std::string header;
    detail::append_be32(header, static_cast<std::uint32_t>(w));
    detail::append_be32(header, static_cast<std::uint32_t>(h));
    header.append("\x08\x02\x00\x00\x00", 5); // 8 bits, RGB, the only methods, not interlaced
    detail::deflate_writer rows;
    for (int y = 0; y < h; ++y) {
        rows.byte(1); // filter "sub": each pixel less the one to its left
        for (std::size_t i = 0; i < 3; ++i)
            rows.byte(static_cast<unsigned char>(top[i] + (bottom[i] - top[i]) * y / h));
        rows.zeros(static_cast<std::size_t>(w - 1) * 3);
    }
    std::string out("\x89PNG\r\n\x1a\n", 8);
    detail::append_png_chunk(out, "IHDR", header);
    detail::append_png_chunk(out, "IDAT", rows.finish());
    detail::append_png_chunk(out, "IEND", {});
    return out;
}

} // namespace cokino::testing
