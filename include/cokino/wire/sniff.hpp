// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What a file begins like. A host that answers 200 with an error page under a video's type is
// common; this tells it from the clip by the first bytes. It proves nothing about the rest.
#pragma once

#include <cokino/core/config.hpp>

#include <cstddef>
#include <string_view>

namespace cokino::wire {

enum class content_kind : unsigned char { unknown, html, json, xml, mp4, png, jpeg, webp };

/// The first bytes of a file that are enough for sniff, save after a long run of blanks.
inline constexpr std::size_t sniff_bytes = 64;

constexpr std::string_view name_of(content_kind kind) noexcept
{
    switch (kind) {
    case content_kind::unknown: return "unknown content";
    case content_kind::html: return "an HTML page";
    case content_kind::json: return "a JSON text";
    case content_kind::xml: return "an XML text";
    case content_kind::mp4: return "an MP4 file";
    case content_kind::png: return "a PNG image";
    case content_kind::jpeg: return "a JPEG image";
    case content_kind::webp: return "a WebP image";
    }
    return "?";
}

/// What the bytes begin like. MP4 stands for the family that begins with an ftyp box.
COKINO_DECL content_kind sniff(std::string_view first_bytes) noexcept;

} // namespace cokino::wire

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/wire/impl/sniff.ipp>
#endif
