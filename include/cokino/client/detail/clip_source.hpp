// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The clip that an upscale starts from: whether its link will live until the host fetches it, and
// what of a file the host would refuse. Pure.
#pragma once

#include <cokino/core/result.hpp>
#include <cokino/model/request.hpp>
#include <cokino/provider/provider.hpp>
#include <cokino/wire/mp4_probe.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace cokino::detail {

/// When a link dies, as far as anybody tells.
struct link_end {
    std::chrono::system_clock::time_point at;
    bool certain = true; ///< Off: it lives at least so long.
};

/// The earlier of what the clip's host promised and what the link's own signature says. Nothing
/// where neither speaks: most links do not die.
COKINO_DECL std::optional<link_end> end_of_link(const video_source& clip);

enum class link_state : unsigned char {
    lives,
    dying, ///< In less than limits::source_life_min; or it is past what it certainly lives.
    dead
};

COKINO_DECL link_state judge_link(const video_source& clip,
                                  std::chrono::system_clock::time_point now);

/// What is to be said of a link that is dying or dead; `renewal` is why it could not be renewed,
/// where that was tried. A warning, or the reason why nothing is bought.
COKINO_DECL failure short_lived(const video_source& clip, std::chrono::system_clock::time_point now,
                                const std::optional<failure>& renewal);

/// A file on its way to a host.
struct clip_plan {
    clip_plan() {}
    wire::mp4_info facts;
    std::string digest;    ///< SHA-256 of the bytes in hexadecimal.
    std::string file_name; ///< "clip-0123456789ab.mp4", from the digest.
};

/// Failures — invalid_argument for bytes that are no MP4, or that the host would refuse;
///   unsupported_field where it takes no bytes at all. All name the field "video" and the host.
/// Cost — one SHA-256 over the bytes.
COKINO_DECL result<clip_plan> plan_clip(std::string_view bytes, const provider_traits& host);

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/client/impl/clip_source.ipp>
#endif
