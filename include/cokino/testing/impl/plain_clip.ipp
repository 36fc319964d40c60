// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A clip of any size, written by hand: H.264 (Constrained Baseline, CAVLC) in an MP4. The picture
// is a dusk sky in bands, over which a square sun moves. All that it needs of the standard is to
// copy the neighbour on the left or above (Intra_16x16), to add one coefficient to it, and to skip
// what stays as it is, so that 5 s of 1080p take 11 KB and no encoder. Clauses, tables and box
// layouts are those of ISO/IEC 14496-10 (ITU-T H.264), 14496-12 and 14496-15.
#pragma once

#include <cokino/core/config.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cokino::testing::detail {

/// Of any length: what is above eight bytes is zero.
inline std::string big_endian(std::uint64_t value, int bytes)
{
    std::string out(static_cast<std::size_t>(std::max(bytes - 8, 0)), '\0');
    for (int i = std::min(bytes, 8) - 1; i >= 0; --i)
        out += static_cast<char>(value >> (8 * i) & 0xff);
    return out;
}

inline std::string mp4_box(std::string_view type, std::string_view body)
{
    return big_endian(body.size() + 8, 4).append(type).append(body);
}

/// Bits from the highest on, which become a NAL unit.
class nal_writer
{
public:
    explicit nal_writer(unsigned header) : bytes_(1, static_cast<char>(header)) {}

    void bits(std::uint32_t value, int count)
    {
        for (int i = count - 1; i >= 0; --i) {
            held_ = held_ << 1 | (value >> i & 1U);
            if (++have_ == 8) {
                bytes_ += static_cast<char>(held_);
                held_ = 0;
                have_ = 0;
            }
        }
    }
    /// Exp-Golomb code, 9.1
    void number(std::uint32_t value)
    {
        int length = 0;
        while ((value + 1) >> (length + 1) != 0)
            ++length;
        bits(0, length);
        bits(value + 1, length + 1);
    }
    /// The same with a sign, 9.1.1
    void signed_number(int value)
    {
        number(static_cast<std::uint32_t>(value > 0 ? 2 * value - 1 : -2 * value));
    }
    /// The unit, with its end and without what looks like a start code (7.4.1).
    std::string finish()
    {
        bits(1, 1);
        bits(0, (8 - have_) % 8);
        std::string out;
        int zeros = 0;
        for (const char c : bytes_) {
            if (zeros == 2 && static_cast<unsigned char>(c) <= 3) {
                out += '\x03';
                zeros = 0;
            }
            out += c;
            zeros = c == 0 ? zeros + 1 : 0;
        }
        return out;
    }

private:
    std::string bytes_;
    std::uint32_t held_ = 0;
    int have_ = 0;
};

/// The coded pictures of a clip.
class plain_scene
{
public:
    plain_scene(int width, int height)
        : width_(width), height_(height), columns_((width + 15) / 16), rows_((height + 15) / 16),
          side_(std::max(1, std::min(columns_, rows_) / 16)), moves_(columns_ > 2 * side_)
    {}

    /// By the number of macroblocks (table A-1).
    unsigned level() const noexcept
    {
        const int all = columns_ * rows_;
        return all <= 8192 ? 40 : all <= 36'864 ? 52 : 62;
    }

    std::string sequence() const
    {
        nal_writer w(0x67);
        w.bits(66, 8);
        w.bits(0xc0, 8);
        w.bits(level(), 8);
        w.number(0);
        w.number(4); // frame numbers of 8 bits
        w.number(2); // shown as coded
        w.number(1); // one reference
        w.bits(0, 1);
        w.number(static_cast<std::uint32_t>(columns_ - 1));
        w.number(static_cast<std::uint32_t>(rows_ - 1));
        w.bits(3, 2); // frames only; direct_8x8_inference
        w.bits(1, 1); // what is beyond the picture is cut off, in units of two
        w.number(0);
        w.number(static_cast<std::uint32_t>(columns_ * 16 - width_) / 2);
        w.number(0);
        w.number(static_cast<std::uint32_t>(rows_ * 16 - height_) / 2);
        w.bits(0, 1);
        return w.finish();
    }

    std::string picture_set() const
    {
        nal_writer w(0x68);
        w.number(0);
        w.number(0);
        w.bits(0, 2); // CAVLC
        for (int i = 0; i < 3; ++i)
            w.number(0);
        w.bits(0, 3);
        w.signed_number(51 - 26); // the coarsest steps: 14 of luma, 7 of chroma
        w.signed_number(0);
        w.signed_number(0);
        w.bits(4, 3); // deblocking is said in each slice
        return w.finish();
    }

    /// The n-th picture, from 0.
    std::string picture(int n) const
    {
        nal_writer w(n == 0 ? 0x65 : 0x41);
        w.number(0);
        w.number(n == 0 ? 7 : 5);
        w.number(0);
        w.bits(static_cast<std::uint32_t>(n) & 0xff, 8);
        if (n == 0)
            w.number(0);
        w.bits(0, n == 0 ? 2 : 3); // no flags of references
        w.signed_number(0);
        w.number(1); // no deblocking
        if (n == 0)
            sky(w);
        else
            changes(w, n);
        return w.finish();
    }

private:
    enum way : std::uint32_t { above = 0, left = 1, mean = 2 }; // Intra16x16PredMode
    static constexpr std::uint32_t chroma_of[] = {2, 1, 0};     // the same, of table 7-16

    /// One coefficient, or none: coeff_token, level_prefix, total_zeros (9.2).
    static void coefficient(nal_writer& w, int level, bool chroma)
    {
        if (level == 0)
            return chroma ? w.bits(1, 2) : w.bits(1, 1);
        if (level == 1 || level == -1) {
            w.bits(1, chroma ? 1 : 2);
            w.bits(level < 0, 1);
        } else {
            w.bits(chroma ? 7 : 5, 6);
            const int code = level > 0 ? 2 * level - 4 : -2 * level - 3;
            w.bits(1, code + 1);
        }
        w.bits(1, 1);
    }

    /// A macroblock that is its neighbour, and something more. Levels are -8 to 8.
    static void block(nal_writer& w, std::uint32_t first_type, way from, way chroma_from, int luma,
                      int blue, int red)
    {
        const bool coloured = blue != 0 || red != 0;
        w.number(first_type + 1 + from + (coloured ? 4 : 0));
        w.number(chroma_of[chroma_from]);
        w.signed_number(0);
        coefficient(w, luma, false);
        if (coloured) {
            coefficient(w, blue, true);
            coefficient(w, red, true);
        }
    }

    void sky(nal_writer& w) const
    {
        for (int row = 0; row < rows_; ++row)
            for (int column = 0; column < columns_; ++column) {
                const bool brighter = row * 8 / rows_ != (row - 1) * 8 / rows_ && row > 0;
                if (column > 0)
                    block(w, 0, left, mean, 0, 0, 0);
                else if (row > 0)
                    block(w, 0, above, mean, brighter ? 1 : 0, 0, 0);
                else
                    block(w, 0, mean, mean, -6, 4, 0);
            }
    }

    /// Where the sun begins, from column 1 on: what is left of it is always sky.
    int sun_at(int n) const noexcept
    {
        const int places = (columns_ - 1) / side_;
        return 1 + n % places * side_;
    }

    void changes(nal_writer& w, int n) const
    {
        std::uint32_t skipped = 0;
        const auto within = [&](int column, int at) { return column >= at && column < at + side_; };
        const int top = (rows_ - side_) / 2;
        for (int row = 0; row < rows_; ++row)
            for (int column = 0; column < columns_; ++column) {
                const bool lit = moves_ && row >= top && row < top + side_;
                const bool sun = lit && within(column, sun_at(n));
                const bool was = lit && n > 1 && within(column, sun_at(n - 1));
                if (!sun && !was) {
                    ++skipped;
                    continue;
                }
                w.number(std::exchange(skipped, 0));
                const bool edge = sun && column == sun_at(n);
                block(w, 5, left, left, edge ? 6 : 0, edge ? -8 : 0, edge ? 5 : 0);
            }
        if (skipped != 0)
            w.number(skipped);
    }

    int width_, height_, columns_, rows_;
    int side_; // of the sun, in macroblocks
    bool moves_;
};

/// The index of a file with one track of pictures, 8 a second, all in one chunk at `offset`.
inline std::string plain_moov(const plain_scene& scene, int width, int height,
                              const std::vector<std::string>& pictures, std::uint64_t offset)
{
    const auto n = pictures.size();
    const auto be = big_endian;
    const std::string matrix =
        be(0x10000, 4) + be(0, 12) + be(0x10000, 4) + be(0, 12) + be(0x40000000, 4);
    const auto sides = static_cast<std::uint32_t>(width) << 16 | static_cast<std::uint32_t>(height);
    const auto set = scene.sequence(), one = scene.picture_set();
    const auto config =
        mp4_box("avcC", be(0x01'42c0, 3) + be(scene.level(), 1) + be(0xffe1, 2) +
                            be(set.size(), 2) + set + be(1, 1) + be(one.size(), 2) + one);
    const auto entry =
        mp4_box("avc1", be(1, 8) + be(0, 16) + be(sides, 4) + be(0x480000, 4) + be(0x480000, 4) +
                            be(0, 4) + be(1, 2) + std::string(32, '\0') + be(0x18ffff, 4) + config);
    std::string sizes = be(0, 8) + be(n, 4);
    for (const auto& picture : pictures)
        sizes += be(picture.size(), 4);
    const auto table = mp4_box("stsd", be(1, 8) + entry) +
                       mp4_box("stts", be(1, 8) + be(n, 4) + be(1, 4)) +
                       mp4_box("stss", be(1, 8) + be(1, 4)) +
                       mp4_box("stsc", be(1, 8) + be(1, 4) + be(n, 4) + be(1, 4)) +
                       mp4_box("stsz", sizes) + mp4_box("stco", be(1, 8) + be(offset, 4));
    const auto here = mp4_box("dinf", mp4_box("dref", be(1, 8) + mp4_box("url ", be(1, 4))));
    const auto media =
        mp4_box("mdhd", be(0, 12) + be(8, 4) + be(n, 4) + be(0x55c40000, 4)) +
        mp4_box("hdlr", be(0, 8) + "vide" + std::string(13, '\0')) +
        mp4_box("minf", mp4_box("vmhd", be(1, 4) + be(0, 8)) + here + mp4_box("stbl", table));
    const auto length = be(n * 125, 4); // in thousandths of a second
    const auto track = mp4_box("tkhd", be(3, 4) + be(0, 8) + be(1, 4) + be(0, 4) + length +
                                           be(0, 16) + matrix + be(sides & 0xffff0000, 4) +
                                           be(static_cast<std::uint64_t>(height) << 16, 4)) +
                       mp4_box("mdia", media);
    const auto movie =
        mp4_box("mvhd", be(0, 12) + be(1000, 4) + length + be(0x10000, 4) + be(0x0100, 2) +
                            be(0, 10) + matrix + be(0, 24) + be(2, 4));
    return mp4_box("moov", movie + mp4_box("trak", track));
}

/// A whole file. Sides are even; the index stands in front or at the end.
inline std::string plain_clip(int width, int height, int seconds, bool index_first)
{
    const plain_scene scene(width, height);
    std::vector<std::string> pictures;
    std::string data;
    for (int n = 0; n < seconds * 8; ++n) {
        const auto unit = scene.picture(n);
        pictures.push_back(big_endian(unit.size(), 4) + unit);
        data += pictures.back();
    }
    const auto begin = mp4_box("ftyp", "isom" + big_endian(0x200, 4) + "isomiso2avc1mp41");
    const auto moov = [&](std::size_t offset) {
        return plain_moov(scene, width, height, pictures, offset);
    };
    if (index_first)
        return begin + moov(begin.size() + moov(0).size() + 8) + mp4_box("mdat", data);
    return begin + mp4_box("mdat", data) + moov(begin.size() + 8);
}

} // namespace cokino::testing::detail
