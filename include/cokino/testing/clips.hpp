// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Real files for tests and for the fake provider: MP4 clips that players play, small ones and such
// of any number of lines, and PNG stills of any size. Duration, resolution and shape are those that
// the files declare: nothing is only said in a header.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/model/request.hpp>

#include <cstddef>
#include <string>

namespace cokino::testing {

/// A clip of 5 or 10 seconds and 320x180, 180x320 or 240x240 pixels, which travels inside this
/// header: H.264 (Main, yuv420p, 8 frames a second), no sound. Those of 5 s have
/// their index (moov) in front, those of 10 s at the end, since hosts serve both. Any other number
/// of seconds gives the nearer of the two. `bytes_min` pads the file with a `free` box, which
/// players skip, so that a test can have a clip of many megabytes.
COKINO_DECL std::string clip(int seconds, aspect_ratio ratio, std::size_t bytes_min = 0);

/// A clip as large as a 1080p order of that shape: 1920x1080, 1080x1920 or 1440x1440 pixels.
COKINO_DECL std::string clip_1080p(int seconds, aspect_ratio ratio, std::size_t bytes_min = 0);

/// The same for another number of lines, 2 to 4320: 2160 gives 3840x2160, 2160x3840 or 2880x2880.
/// Sides are made even. H.264 (Constrained Baseline), otherwise as clip(): a plain sky over which a
/// square sun moves, in 15 KB for 10 s of 1080p and 48 KB for 2160.
COKINO_DECL std::string clip_of_lines(int lines, int seconds, aspect_ratio ratio,
                                      std::size_t bytes_min = 0);

/// A PNG, 8-bit RGB: a dusk sky, from blue at the top to amber at the bottom. Sizes are clamped to
/// 1 to 8192.
COKINO_DECL std::string still(int width, int height);

} // namespace cokino::testing

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/testing/impl/clips.ipp>
#endif
