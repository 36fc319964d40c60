// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Which models fal offers, where, with which fields and for how much, as tables, each with its
// source in providers/fal-replicate.md; [T] there is hearsay. Private to provider/fal.hpp.
#pragma once

#include <cokino/model/job.hpp>
#include <cokino/model/request.hpp>
#include <cokino/provider/host_facts.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

namespace cokino::detail::fal_facts {

/// One endpoint and what its input knows. Prompt and, for clips, duration (a string) are known to
/// all of them.
struct endpoint_row {
    job_kind kind;
    std::string_view model;
    std::string_view path;
    std::string_view first_frame; ///< Its name of the start frame; empty: from text alone.
    std::string_view last_frame;  ///< Empty: it takes none.
    bool guided;                  ///< negative_prompt and cfg_scale.
    bool sound;                   ///< generate_audio.
    bool seed;
    bool several; ///< num_images.
};

// C1, C3, C4 [C]; C2 [C types + FL]; Seedance 2.0: C5 [D: FL], whose owner is not fal-ai. The
// upscalers, whose "frame" is the clip: fal.ai/models/fal-ai/topaz/upscale/video/llms.txt and
// .../bytedance-upscaler/upscale/video/llms.txt [D].
inline constexpr std::array<endpoint_row, 15> endpoints{{
    {job_kind::video, text_of(video_model::kling_2_5_turbo_pro),
     "fal-ai/kling-video/v2.5-turbo/pro/text-to-video", "", "", true, false, false, false},
    {job_kind::video, text_of(video_model::kling_2_5_turbo_pro),
     "fal-ai/kling-video/v2.5-turbo/pro/image-to-video", "image_url", "tail_image_url", true, false,
     false, false},
    // There is no text-to-video of this tier (C1 [C+D+T]).
    {job_kind::video, text_of(video_model::kling_2_5_turbo_standard),
     "fal-ai/kling-video/v2.5-turbo/standard/image-to-video", "image_url", "", true, false, false,
     false},
    {job_kind::video, text_of(video_model::kling_3_0_pro),
     "fal-ai/kling-video/v3/pro/text-to-video", "", "", true, true, false, false},
    {job_kind::video, text_of(video_model::kling_3_0_pro),
     "fal-ai/kling-video/v3/pro/image-to-video", "start_image_url", "end_image_url", true, true,
     false, false},
    {job_kind::video, text_of(video_model::kling_3_0_standard),
     "fal-ai/kling-video/v3/standard/text-to-video", "", "", true, true, false, false},
    {job_kind::video, text_of(video_model::kling_3_0_standard),
     "fal-ai/kling-video/v3/standard/image-to-video", "start_image_url", "end_image_url", true,
     true, false, false},
    {job_kind::video, text_of(video_model::seedance_2_0), "bytedance/seedance-2.0/text-to-video",
     "", "", false, true, true, false},
    {job_kind::video, text_of(video_model::seedance_2_0), "bytedance/seedance-2.0/image-to-video",
     "image_url", "end_image_url", false, true, true, false},
    {job_kind::images, text_of(image_model::flux_1_1_pro), "fal-ai/flux-pro/v1.1", "", "", false,
     false, true, true},
    {job_kind::images, text_of(image_model::flux_2_pro), "fal-ai/flux-2-pro", "", "", false, false,
     true, false},
    {job_kind::images, text_of(image_model::recraft_v3), "fal-ai/recraft/v3/text-to-image", "", "",
     false, false, false, false},
    {job_kind::images, text_of(image_model::recraft_v4), "fal-ai/recraft/v4/text-to-image", "", "",
     false, false, false, false},
    {job_kind::video, text_of(upscale_model::topaz), "fal-ai/topaz/upscale/video", "video_url", "",
     false, false, false, false},
    {job_kind::video, text_of(upscale_model::bytedance), "fal-ai/bytedance-upscaler/upscale/video",
     "video_url", "", false, false, false, false},
}};

/// The row of a model, from text alone or from a frame; nothing when there is none.
constexpr std::optional<std::size_t> endpoint_of(std::string_view model, bool from_frame) noexcept
{
    for (std::size_t i = 0; i < endpoints.size(); ++i)
        if (endpoints[i].model == model && endpoints[i].first_frame.empty() != from_frame)
            return i;
    return std::nullopt;
}

/// target_fps of Topaz; upscale_factor is the 1 to 4 of every request. [D: the same page]
inline constexpr int topaz_fps_min = 16, topaz_fps_max = 60;
/// ByteDance's name of a resolution, nothing for one that it lacks. That its "2k" has 1440 lines is
/// how its maker counts elsewhere [I]. [D: the same page]
constexpr std::string_view bytedance_resolution(video_resolution r) noexcept
{
    switch (r) {
    case video_resolution::full_hd_1080p: return "1080p";
    case video_resolution::qhd_1440p: return "2k";
    case video_resolution::uhd_4k: return "4k";
    default: return "";
    }
}

inline constexpr std::string_view queue_origin = "https://queue.fal.run"; // A1 [C+D]
inline constexpr std::string_view rest_origin = "https://rest.fal.ai";    // A1 [C+D]
inline constexpr std::string_view upload_path =
    "/storage/upload/initiate?storage_type=fal-cdn-v3";          // A8.1 [C]
inline constexpr std::chrono::seconds media_life{7 * 24 * 3600}; // A8.5 [D]

constexpr media_rules frame_rules() noexcept
{
    media_rules out;
    // A8.4 [D]: a data: link is meant for "small files", without a figure; one of 1280x720 was
    // taken [T]. The figure is ours: small enough that a queue carries it without thought.
    out.inline_bytes_max = 64 * 1024;
    out.upload_lifetime = media_life; // A8.5 [D]: what is uploaded lives as long as what is made
    out.upload_bytes_max = std::size_t{90} * 1024 * 1024; // A8.2 [C]: above it goes in parts
    out.formats = image_format::png | image_format::jpeg;
    for (const image_format f : {image_format::webp, image_format::gif, image_format::avif})
        out.formats = out.formats | f; // C1 [D/T]
    // C1 [D/T]: Kling's own limits, stated for later versions. Seedance takes 30 MB (C5 [D]).
    out.bytes_max = std::size_t{10} * 1024 * 1024;
    out.side_min = 300;
    out.ratio_max = 2.5;
    return out;
}

/// No limit on the sources of upscales is told on their pages; what is ours is that of one upload.
constexpr source_rules clip_rules() noexcept
{
    source_rules out;
    out.upload_bytes_max = frame_rules().upload_bytes_max;
    return out;
}

// Prices: A9, of which the rows of Kling 2.5, Seedance and FLUX.2 are [D: FL], the others [D/T];
// those of the upscalers are from their pages [D], for 30 frames a second.
inline constexpr std::array<model_facts, 11> models{{
    {"kling-2.5-turbo-pro", "fal-ai/kling-video/v2.5-turbo/pro/...", true, true, true,
     "$0.35 / 5 s + $0.07 / s"},
    {"kling-2.5-turbo-standard", "fal-ai/kling-video/v2.5-turbo/standard/image-to-video", false,
     true, false, "$0.21 / 5 s + $0.042 / s"},
    {"kling-3.0-pro", "fal-ai/kling-video/v3/pro/...", true, true, true,
     "$0.112 / s, with sound $0.168 / s"},
    {"kling-3.0-standard", "fal-ai/kling-video/v3/standard/...", true, true, true,
     "$0.084 / s, with sound $0.126 / s"},
    {"seedance-2.0", "bytedance/seedance-2.0/...", true, true, true, "about $0.302 / s at 720p"},
    {"flux-1.1-pro", "fal-ai/flux-pro/v1.1", true, false, false, "$0.04 / megapixel"},
    {"flux-2-pro", "fal-ai/flux-2-pro", true, false, false,
     "$0.03 / first megapixel + $0.015 each further"},
    {"recraft-v3", "fal-ai/recraft/v3/text-to-image", true, false, false, "$0.04 / image"},
    {"recraft-v4", "fal-ai/recraft/v4/text-to-image", true, false, false, "about $0.04 / image"},
    {"topaz-video-upscale", "fal-ai/topaz/upscale/video", false, false, false,
     "$0.01 / s up to 720p, $0.02 up to 1080p, $0.08 above; 60 fps twice that", "x1 to x4"},
    {"bytedance-video-upscale", "fal-ai/bytedance-upscaler/upscale/video", false, false, false,
     "$0.0072 / s at 1080p, $0.0144 at 1440p, $0.0288 at 4k; 60 fps twice that",
     "1080p, 1440p, 4k"},
}};

constexpr host_facts about_fal() noexcept
{
    host_facts out;
    out.host = "fal";
    out.api = queue_origin;
    out.key_variable = "FAL_KEY";              // A1 [C+D]
    out.auth = "Authorization: Key ...";       // A1 [C]
    out.repeats = repeat_semantics::none;      // A2: no idempotency header was found [?]
    out.cancel = "any";                        // A5 [C+D]: a running job may finish all the same
    out.status_stream = true;                  // A3.1 [C+D]
    out.webhook = webhook_scheme::fal_ed25519; // A6 [D]
    out.upload_route = "POST /storage/upload/initiate, PUT"; // A8.1 [C]
    out.media = frame_rules();
    out.source = clip_rules();
    out.result_lifetime = media_life;
    // A9 [D]: no rate is documented; jobs above the account's cap wait in the queue.
    out.rate_limit = "2 to 40 jobs running, the others wait";
    out.prices_as_of = "2026-11";
    out.models = models;
    return out;
}

} // namespace cokino::detail::fal_facts
