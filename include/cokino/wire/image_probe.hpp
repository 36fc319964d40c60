// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What a picture is and how large, from its headers alone, so that a start frame which a host would
// refuse is known before anything is sent. Nothing is decoded: the pixels may still be anything.
#pragma once

#include <cokino/core/result.hpp>

#include <string_view>

namespace cokino::wire {

enum class image_kind : unsigned char { png, jpeg, webp, gif };

/// "PNG", "JPEG", "WebP", "GIF".
constexpr std::string_view name_of(image_kind kind) noexcept
{
    switch (kind) {
    case image_kind::png: return "PNG";
    case image_kind::jpeg: return "JPEG";
    case image_kind::webp: return "WebP";
    case image_kind::gif: return "GIF";
    }
    return "?";
}

/// "image/png" and its like.
constexpr std::string_view content_type_of(image_kind kind) noexcept
{
    switch (kind) {
    case image_kind::png: return "image/png";
    case image_kind::jpeg: return "image/jpeg";
    case image_kind::webp: return "image/webp";
    case image_kind::gif: return "image/gif";
    }
    return "?";
}

/// The end of a file's name, without the dot: "png", "jpg".
constexpr std::string_view extension_of(image_kind kind) noexcept
{
    switch (kind) {
    case image_kind::png: return "png";
    case image_kind::jpeg: return "jpg";
    case image_kind::webp: return "webp";
    case image_kind::gif: return "gif";
    }
    return "?";
}

struct image_facts {
    image_kind format = image_kind::png;
    int width = 0; ///< As it is to be shown: a JPEG that its Exif data turns on its side is turned.
    int height = 0;
};

/// Reads the headers of a PNG (IHDR), a JPEG (all segments up to the frame header, of every coding
/// process), a WebP (lossy, lossless, extended) or a GIF. `bytes` may be cut anywhere behind them.
/// An orientation is looked for where every viewer honours it: in the Exif data of a JPEG.
///
/// Failures — invalid_argument with a sentence that says what the bytes are instead, or what is
///   missing, cut or absurd.
/// Cost — nothing is allocated; at most one pass over the segments before a JPEG's frame header.
COKINO_DECL result<image_facts> probe_image(std::string_view bytes);

} // namespace cokino::wire

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/wire/impl/image_probe.ipp>
#endif
