// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// How a start frame that is given as bytes gets to a host, and what the host would refuse, soften
// or crop: decided from the picture's headers and the host's rules, before anything is sent.
#pragma once

#include <cokino/core/result.hpp>
#include <cokino/provider/provider.hpp>
#include <cokino/wire/image_probe.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cokino::detail {

enum class media_route : unsigned char {
    send_inline, ///< As a data: link in the request itself.
    upload       ///< Through the host's own upload, whose link the request then names.
};

struct media_plan {
    media_plan() {}

    media_route how = media_route::send_inline;
    wire::image_facts facts;
    std::string content_type;      ///< "image/png".
    std::string digest;            ///< SHA-256 of the bytes in hexadecimal.
    std::string file_name;         ///< "frame-0123456789ab.png", from the digest.
    std::vector<failure> warnings; ///< What the host will take, but not as it was meant.
};

/// What is kept when a picture is cropped about its centre, and what is cut off at each edge. The
/// odd pixel goes at the right or below.
struct centre_crop {
    int width = 0, height = 0;
    int left = 0, right = 0, above = 0, below = 0;
    aspect_ratio ratio = aspect_ratio::landscape_16_9;
};

/// The crop to 16:9, 9:16 or 1:1, whichever keeps most. Requires sides above zero.
COKINO_DECL centre_crop nearest_crop(int width, int height) noexcept;

/// Whether two shapes differ by more than 1 %: the difference that an encoder's rounding to even
/// sides makes in a picture of 300 pixels or more is smaller.
COKINO_DECL bool differs_in_shape(const wire::image_facts& a, const wire::image_facts& b) noexcept;

/// `field` is "image" or "tail_image"; `first` is what the frame has to fit, where it is a tail.
/// Both routes being open, small pictures go inline, and others are uploaded.
///
/// Failures — invalid_argument for bytes that are no picture, or a picture that the host would
///   refuse; unsupported_field where the host takes no bytes at all. All name field and host.
/// Cost — one SHA-256 over the bytes.
COKINO_DECL result<media_plan> plan_media(std::string_view bytes, const provider_traits& host,
                                          std::string_view field,
                                          const std::optional<wire::image_facts>& first = {});

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/client/impl/media_plan.ipp>
#endif
