// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of wire/image_probe.hpp. Every read is checked against what is there: byte_at gives
// nothing past the end, and pieces are cut off only after their length was compared.
#pragma once

#include <cokino/wire/image_probe.hpp>
#include <cokino/wire/sniff.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace cokino::wire {
namespace detail {

inline failure bad_image(std::string message)
{
    return failure(errc::invalid_argument).explain(std::move(message));
}

/// `count` bytes from `at` on as a number. Requires that they are there.
inline std::uint32_t big_endian(std::string_view bytes, std::size_t at, std::size_t count) noexcept
{
    std::uint32_t value = 0;
    for (std::size_t i = 0; i != count; ++i)
        value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

inline std::uint32_t little_endian(std::string_view bytes, std::size_t at,
                                   std::size_t count) noexcept
{
    std::uint32_t value = 0;
    for (std::size_t i = count; i != 0; --i)
        value = value << 8 | static_cast<unsigned char>(bytes[at + i - 1]);
    return value;
}

inline failure cut_image(image_kind kind)
{
    return bad_image("the " + std::string(name_of(kind)) + " ends inside its header");
}

inline result<image_facts> image_of(image_kind kind, std::uint32_t width, std::uint32_t height)
{
    constexpr std::uint32_t side_max = 0x7FFF'FFFF; // PNG's own; the others have fewer bits
    if (width == 0 || height == 0)
        return bad_image("the " + std::string(name_of(kind)) + " says that it has no " +
                         (width == 0 ? "width" : "height"));
    if (width > side_max || height > side_max)
        return bad_image("the " + std::string(name_of(kind)) +
                         " says that it has over 2^31 pixels "
                         "on a side");
    return image_facts{kind, static_cast<int>(width), static_cast<int>(height)};
}

/// PNG (third edition) §11.2.1: IHDR comes first and has 13 bytes.
inline result<image_facts> probe_png(std::string_view bytes)
{
    if (bytes.size() < 16)
        return cut_image(image_kind::png);
    if (bytes.substr(12, 4) != "IHDR")
        return bad_image(bytes.substr(12, 4) == "CgBI"
                             ? "the PNG is of Apple's own kind (CgBI), which hosts cannot read"
                             : "the PNG does not begin with its header (IHDR)");
    if (big_endian(bytes, 8, 4) != 13)
        return bad_image("the PNG's header (IHDR) has a wrong length");
    if (bytes.size() < 29)
        return cut_image(image_kind::png);
    return image_of(image_kind::png, big_endian(bytes, 16, 4), big_endian(bytes, 20, 4));
}

/// GIF89a §18: the logical screen descriptor follows the signature.
inline result<image_facts> probe_gif(std::string_view bytes)
{
    if (bytes.size() < 13)
        return cut_image(image_kind::gif);
    return image_of(image_kind::gif, little_endian(bytes, 6, 2), little_endian(bytes, 8, 2));
}

/// RFC 9649 §2: the first chunk says which of the three kinds it is.
inline result<image_facts> probe_webp(std::string_view bytes)
{
    if (bytes.size() < 20)
        return cut_image(image_kind::webp);
    auto const type = bytes.substr(12, 4);
    auto const size = little_endian(bytes, 16, 4);
    auto const needed = type == "VP8L" ? 5U : 10U;
    if (type != "VP8 " && type != "VP8L" && type != "VP8X")
        return bad_image("the WebP begins with a chunk that is no picture");
    if (size < needed)
        return bad_image("the WebP's first chunk is smaller than its header");
    if (bytes.size() < 20 + needed)
        return cut_image(image_kind::webp);
    if (type == "VP8X")
        return image_of(image_kind::webp, little_endian(bytes, 24, 3) + 1,
                        little_endian(bytes, 27, 3) + 1);
    if (type == "VP8L") {
        auto const bits = little_endian(bytes, 21, 4);
        if (bytes[20] != '\x2f' || bits >> 29 != 0)
            return bad_image("the WebP's lossless picture does not begin like one");
        return image_of(image_kind::webp, (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1);
    }
    if ((bytes[20] & 1) != 0 || bytes.substr(23, 3) != "\x9d\x01\x2a")
        return bad_image("the WebP's lossy picture does not begin with a key frame");
    return image_of(image_kind::webp, little_endian(bytes, 26, 2) & 0x3FFF,
                    little_endian(bytes, 28, 2) & 0x3FFF);
}

/// The orientation in Exif data (TIFF 6.0 §2, Exif 2.32 §4.6.4): 1 to 8, and 1 for everything that
/// cannot be understood, as viewers do.
inline unsigned exif_orientation(std::string_view tiff) noexcept
{
    if (tiff.size() < 8 || (!tiff.starts_with("II") && !tiff.starts_with("MM")))
        return 1;
    auto const number = tiff[0] == 'I' ? &little_endian : &big_endian;
    auto const at = static_cast<std::size_t>(number(tiff, 4, 4));
    if (number(tiff, 2, 2) != 42 || at > tiff.size() - 2)
        return 1;
    constexpr std::size_t entry_bytes = 12;
    auto const count =
        std::min<std::size_t>(number(tiff, at, 2), (tiff.size() - at - 2) / entry_bytes);
    for (std::size_t i = 0; i != count; ++i) {
        auto const entry = tiff.substr(at + 2 + i * entry_bytes, entry_bytes);
        constexpr std::uint32_t orientation_tag = 0x0112, kind_short = 3;
        if (number(entry, 0, 2) != orientation_tag)
            continue;
        auto const value = number(entry, 8, 2);
        return number(entry, 2, 2) == kind_short && value >= 1 && value <= 8 ? value : 1;
    }
    return 1;
}

/// Walks a JPEG's segments (ITU-T T.81 annex B) up to its frame header.
class jpeg_walker
{
public:
    explicit jpeg_walker(std::string_view bytes) noexcept : bytes_(bytes) {}

    result<image_facts> run()
    {
        at_ = 2; // behind SOI
        for (;;) {
            if (at_ == bytes_.size())
                return cut_image(image_kind::jpeg);
            if (bytes_[at_] != '\xff')
                return bad_image("the JPEG holds bytes where a segment should begin");
            at_ = std::min(bytes_.find_first_not_of('\xff', at_), bytes_.size()); // fill bytes
            if (at_ == bytes_.size())
                return cut_image(image_kind::jpeg);
            auto const marker = static_cast<unsigned char>(bytes_[at_++]);
            if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD7))
                continue; // TEM and RST stand alone
            if (marker == 0x00 || (marker > 0x01 && marker < 0xC0) || marker == 0xD8)
                return bad_image("the JPEG holds bytes where a segment should begin");
            if (marker == 0xD9 || marker == 0xDA)
                return bad_image("the JPEG has no frame header before its pictures");
            auto const body = segment();
            if (!body)
                return body.error();
            if (is_frame(marker))
                return frame(*body);
            if (marker == 0xE1)
                application_data(*body);
        }
    }

private:
    /// SOF0 to SOF15, save the three that are tables; and DHP, which a hierarchical file has first
    /// and which looks the same.
    static bool is_frame(unsigned char marker) noexcept
    {
        return marker == 0xDE || (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 &&
                                  marker != 0xC8 && marker != 0xCC);
    }

    /// What stands in the segment at `at_`, behind its length; moves behind the segment.
    result<std::string_view> segment()
    {
        if (bytes_.size() - at_ < 2)
            return cut_image(image_kind::jpeg);
        std::size_t const size = big_endian(bytes_, at_, 2);
        if (size < 2)
            return bad_image("a segment of the JPEG is smaller than its own length");
        if (bytes_.size() - at_ < size)
            return cut_image(image_kind::jpeg);
        auto const body = bytes_.substr(at_ + 2, size - 2);
        at_ += size;
        return body;
    }

    void application_data(std::string_view body) noexcept
    {
        constexpr std::string_view mark("Exif\0\0", 6);
        if (has_exif_ || !body.starts_with(mark))
            return;
        has_exif_ = true;
        orientation_ = exif_orientation(body.substr(mark.size()));
    }

    result<image_facts> frame(std::string_view body) const
    {
        if (body.size() < 6)
            return bad_image("the JPEG's frame header is too small");
        auto const height = big_endian(body, 1, 2);
        auto const width = big_endian(body, 3, 2);
        // From 5 on the picture lies on its side.
        return orientation_ >= 5 ? image_of(image_kind::jpeg, height, width)
                                 : image_of(image_kind::jpeg, width, height);
    }

    std::string_view bytes_;
    std::size_t at_ = 0;
    unsigned orientation_ = 1;
    bool has_exif_ = false;
};

/// Telephones make HEIC; an error page saved under a picture's name is as common.
inline failure no_image(std::string_view bytes)
{
    std::string message = "the picture is neither PNG, JPEG, WebP nor GIF";
    auto const kind = sniff(bytes);
    auto const brand = kind == content_kind::mp4 ? bytes.substr(8, 4) : std::string_view();
    if (brand == "avif" || brand == "avis")
        message += "; it begins like an AVIF image";
    else if (brand == "heic" || brand == "heix" || brand == "mif1" || brand == "msf1")
        message += "; it begins like a HEIC image";
    else if (kind != content_kind::unknown)
        message.append("; it begins like ").append(name_of(kind));
    return bad_image(std::move(message));
}

} // namespace detail

COKINO_DECL result<image_facts> probe_image(std::string_view bytes)
{
    if (bytes.empty())
        return detail::bad_image("the picture is empty");
    if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a"))
        return detail::probe_gif(bytes);
    switch (sniff(bytes)) {
    case content_kind::png: return detail::probe_png(bytes);
    case content_kind::jpeg: return detail::jpeg_walker(bytes).run();
    case content_kind::webp: return detail::probe_webp(bytes);
    default: return detail::no_image(bytes);
    }
}

} // namespace cokino::wire
