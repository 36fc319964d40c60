// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The clip that an upscale starts from: what of a file the host would refuse. Pure.
#pragma once

#include <cokino/core/result.hpp>
#include <cokino/provider/provider.hpp>
#include <cokino/wire/mp4_probe.hpp>

#include <string>
#include <string_view>

namespace cokino::detail {

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
