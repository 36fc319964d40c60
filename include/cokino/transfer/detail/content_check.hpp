// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Whether bytes are what was ordered: by how they begin, and, when all are there, by structure.
// Nothing is decoded.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/result.hpp>
#include <cokino/model/asset.hpp>
#include <cokino/wire/mp4_probe.hpp>

#include <string_view>

namespace cokino::detail {

/// What a file should be.
enum class content_wish : unsigned char {
    anything, ///< Nobody said.
    mp4,      ///< A clip: the structure is checked.
    video,    ///< A video in another container: only error pages are refused.
    image     ///< A still: PNG, JPEG or WebP, or what its type names.
};

/// From the asset's type; else from its job; else from the response's type.
COKINO_DECL content_wish wish_for(const asset& file, bool ordered_as_video,
                                  std::string_view response_type) noexcept;

/// Looks at a file's first bytes (sniff_bytes of them, or all). content_mismatch quotes them.
COKINO_DECL result<void> check_beginning(std::string_view first, content_wish wish,
                                         std::string_view response_type);

/// What the whole file must satisfy.
struct content_order {
    content_wish wish = content_wish::anything;
    int duration_s = 0; ///< 0: not known.
    int lines = 0;      ///< 1080 for 1080p; 0: not known.
    /// "16:9"; empty or not of this form: not known.
    std::string_view aspect_ratio;
    bool end_is_known = false; ///< If not, the structure must prove that nothing is missing.
};

/// Whether a clip's pictures are as large as was ordered, and of that shape. What was paid for is
/// pixels, so the size is that of the coded pictures: the size to be shown can be any, for a header
/// costs nothing. The shape is what a viewer sees: turned, and of square pixels. Hosts have odd
/// sizes of their own (1916x1080, 1924x1076), and those that start from a frame of another shape
/// keep the number of pixels (1440x1440): so nine tenths of the lines will do, or three quarters of
/// the pixels, neither of which a clip of the next smaller class (720p for 1080p) has. Larger is no
/// fault. A shape may be a twentieth off. content_mismatch names both sizes.
COKINO_DECL result<void> check_picture(const wire::mp4_info& clip, const content_order& order);

/// Looks at the whole file. `file` may be null: then only what needs no look is judged.
///
/// Failures — content_mismatch; whatever reading gives.
COKINO_DECL result<wire::mp4_info> check_whole(wire::byte_reader* file, const content_order& order);

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/content_check.ipp>
#endif
