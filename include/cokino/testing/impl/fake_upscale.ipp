// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Upscales at the fake host: what fal, Replicate, Kie and PiAPI take and what it costs there. The
// pages they were read from stand beside the tables of their adapters.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/testing/impl/fake_fal_input.ipp>
#include <cokino/testing/impl/fake_input.ipp>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

namespace cokino::testing {
namespace detail {

/// What is asked for, as far as it makes sense.
struct fake_upscale {
    fake_upscale() = default;
    double factor = 0;
    int lines = 0; ///< 0: the factor counts.
    int fps = 0;   ///< 0: not told.
    int lines_from(int source) const
    {
        return lines > 0 ? lines : static_cast<int>(std::lround(factor * source));
    }
};

/// The lines of "1080p", "2k", "4k"; 0 for a word that is none.
inline int lines_of_word(std::string_view word) noexcept
{
    if (word == "2k")
        return lines_of(video_resolution::qhd_1440p);
    for (const auto r : {video_resolution::hd_720p, video_resolution::full_hd_1080p,
                         video_resolution::qhd_1440p, video_resolution::uhd_4k})
        if (word == text_of(r))
            return lines_of(r);
    return 0;
}

inline bool is_fal_topaz(std::string_view path) noexcept
{
    return path.ends_with("topaz/upscale/video");
}

inline void fal_read_topaz(const boost::json::object& o, fal_input_reader& reader, fake_upscale& to)
{
    to.factor = 2;
    if (const auto* value = member(o, "upscale_factor")) {
        to.factor = number_of(*value).value_or(0);
        if (to.factor < 1 || to.factor > 4)
            reader.bad("upscale_factor", "less_than_equal", "Input should be from 1 to 4");
    }
    if (const auto* value = member(o, "target_fps")) {
        to.fps = static_cast<int>(integer_of(*value).value_or(0));
        if (to.fps < 16 || to.fps > 60)
            reader.bad("target_fps", "less_than_equal", "Input should be from 16 to 60");
    }
    bool h264 = false;
    reader.truth("H264_output", h264);
}

inline void fal_read_bytedance(const boost::json::object& o, fal_input_reader& reader,
                               fake_upscale& to)
{
    const auto word = [&](std::string_view name, std::string otherwise) {
        if (member(o, name) == nullptr)
            return otherwise;
        return string_in(o, name).value_or("");
    };
    const std::string target = word("target_resolution", "1080p");
    to.lines = lines_of_word(target);
    if (target != "1080p" && target != "2k" && target != "4k")
        reader.bad("target_resolution", "literal_error", "Input should be '1080p', '2k' or '4k'");
    const std::string fps = word("target_fps", "30fps");
    if (fps != "30fps" && fps != "60fps")
        reader.bad("target_fps", "literal_error", "Input should be '30fps' or '60fps'");
    to.fps = fps == "60fps" ? 60 : 30;
}

/// Thousandths of a dollar for so many seconds; 60 frames a second cost twice as much.
inline std::int64_t fal_upscale_mills(bool topaz, const fake_upscale& what, int lines, int seconds)
{
    const int of_topaz = lines <= 720 ? 100 : lines <= 1080 ? 200 : 800;
    const int of_bytedance = lines <= 1080 ? 72 : lines <= 1440 ? 144 : 288;
    const int tenths = (topaz ? of_topaz : of_bytedance) * (what.fps >= 60 ? 2 : 1);
    return std::int64_t{tenths} * seconds / 10;
}

} // namespace detail
} // namespace cokino::testing
