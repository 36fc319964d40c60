// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The requests. Structs with public fields and a constructor that takes what is required; the
// optional fields are assigned. They are no aggregates on purpose: GCC before 13 destroys an
// aggregate twice when it is built inside an await expression.
#pragma once

#include <cokino/core/result.hpp>
#include <cokino/model/asset.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cokino {

enum class aspect_ratio : unsigned char { landscape_16_9, portrait_9_16, square_1_1 };

/// "16:9", "9:16", "1:1".
constexpr std::string_view text_of(aspect_ratio a) noexcept
{
    switch (a) {
    case aspect_ratio::landscape_16_9: return "16:9";
    case aspect_ratio::portrait_9_16: return "9:16";
    case aspect_ratio::square_1_1: return "1:1";
    }
    return "?";
}

enum class video_model : unsigned char {
    kling_2_5_turbo_pro,      ///< 1080p; 5 or 10 s.
    kling_2_5_turbo_standard, ///< 720p; 5 or 10 s.
    kling_3_0_pro,            ///< 1080p, with sound if wanted; 3 to 15 s.
    kling_3_0_standard,       ///< 720p, with sound if wanted; 3 to 15 s.
    seedance_2_0              ///< 4 to 15 s.
};

constexpr std::string_view text_of(video_model m) noexcept
{
    switch (m) {
    case video_model::kling_2_5_turbo_pro: return "kling-2.5-turbo-pro";
    case video_model::kling_2_5_turbo_standard: return "kling-2.5-turbo-standard";
    case video_model::kling_3_0_pro: return "kling-3.0-pro";
    case video_model::kling_3_0_standard: return "kling-3.0-standard";
    case video_model::seedance_2_0: return "seedance-2.0";
    }
    return "?";
}

/// How many lines a model's clips have at least: the shorter side of 16:9, 1080 for "1080p". 0:
/// that is up to the host. Frames of another shape give as many pixels rather than as many lines.
constexpr int lines_of(video_model m) noexcept
{
    switch (m) {
    case video_model::kling_2_5_turbo_pro:
    case video_model::kling_3_0_pro: return 1080;
    case video_model::kling_2_5_turbo_standard:
    case video_model::kling_3_0_standard: return 720;
    default: return 0;
    }
}

/// Which clip lengths a model makes.
struct clip_lengths {
    int from_s, to_s;
    int step_s; ///< Every so many seconds from the first on.
};

constexpr clip_lengths lengths_of(video_model m) noexcept
{
    switch (m) {
    case video_model::kling_3_0_pro:
    case video_model::kling_3_0_standard: return {3, 15, 1};
    case video_model::seedance_2_0: return {4, 15, 1};
    default: return {5, 10, 5};
    }
}

enum class image_model : unsigned char { flux_1_1_pro, flux_2_pro, recraft_v3, recraft_v4 };

constexpr std::string_view text_of(image_model m) noexcept
{
    switch (m) {
    case image_model::flux_1_1_pro: return "flux-1.1-pro";
    case image_model::flux_2_pro: return "flux-2-pro";
    case image_model::recraft_v3: return "recraft-v3";
    case image_model::recraft_v4: return "recraft-v4";
    }
    return "?";
}

enum class upscale_model : unsigned char {
    topaz,     ///< Topaz Video AI: by a factor at some hosts, to a resolution at others.
    bytedance, ///< ByteDance's upscaler: to a resolution.
    qubico     ///< PiAPI's own: twice, from at most 720 lines.
};

constexpr std::string_view text_of(upscale_model m) noexcept
{
    switch (m) {
    case upscale_model::topaz: return "topaz-video-upscale";
    case upscale_model::bytedance: return "bytedance-video-upscale";
    case upscale_model::qubico: return "qubico-video-upscale";
    }
    return "?";
}

/// Named by the lines of a clip of 16:9.
enum class video_resolution : unsigned char { hd_720p, full_hd_1080p, qhd_1440p, uhd_4k };

/// "720p", "1080p", "1440p", "4k".
constexpr std::string_view text_of(video_resolution r) noexcept
{
    switch (r) {
    case video_resolution::hd_720p: return "720p";
    case video_resolution::full_hd_1080p: return "1080p";
    case video_resolution::qhd_1440p: return "1440p";
    case video_resolution::uhd_4k: return "4k";
    }
    return "?";
}

/// The shorter side of 16:9, in pixels.
constexpr int lines_of(video_resolution r) noexcept
{
    switch (r) {
    case video_resolution::hd_720p: return 720;
    case video_resolution::full_hd_1080p: return 1080;
    case video_resolution::qhd_1440p: return 1440;
    case video_resolution::uhd_4k: return 2160;
    }
    return 0;
}

/// A clip from words. Which durations there are depends on the model; see validate().
struct text_to_video {
    using result_type = video;

    text_to_video() = default;
    explicit text_to_video(std::string prompt_text) : prompt(std::move(prompt_text)) {}

    std::string prompt;          ///< What is seen and how the camera moves; 1 to 2500 characters.
    std::string negative_prompt; ///< What must not be seen; at most 2500 characters.
    std::chrono::seconds duration{5};
    cokino::aspect_ratio aspect_ratio = cokino::aspect_ratio::landscape_16_9;
    std::optional<double> cfg_scale; ///< 0 (free) to 1 (to the letter); most settle on 0.3 to 0.6.
    video_model model = video_model::kling_2_5_turbo_pro;
    std::optional<bool> audio;         ///< Sound made with the picture; unset: as the model does.
    std::optional<std::uint64_t> seed; ///< Same seed, similar clip; few models take one.
    /// Further members of the host's own input, as a JSON object: {"camera_fixed":true}. A member
    /// that the request writes already is refused. What they mean is between you and the host.
    std::string extra;
};

/// A file that a host is to work on: a public http(s) link, which the host fetches itself; a file
/// or bytes, which the client brings to the host in the way that the host wants; or what a job has
/// made.
///
/// The link of a job's file dies, and the host that gets it fetches the file when its own job
/// starts, which a queue may delay. So a submit looks at the link first: at what the host promised
/// of it (asset::expires_at) and at its signature. One that lives less than
/// limits::source_life_min is renewed by reading its job again, which is free, where the job is of
/// the same client. One that is dead all the same is refused (link_expired, nothing is bought); one
/// that is only short of time goes, with a warning. A file that the host has deleted cannot be
/// renewed: download it in time, and start from that.
struct media_source {
    std::string url;
    std::string file;                         ///< A path; empty: none.
    std::shared_ptr<const std::string> bytes; ///< Null: none.
    asset made; ///< The job's file, where it is one: what its link is renewed by.
    bool empty() const noexcept { return url.empty() && is_link(); }
    /// Whether a host can be told of it as it is.
    bool is_link() const noexcept { return file.empty() && !bytes; }

protected:
    media_source() = default;
    explicit media_source(std::string link) : url(std::move(link)) {}
    explicit media_source(const asset& made_by_a_job) : url(made_by_a_job.url), made(made_by_a_job)
    {}
};

/// An image to start from: a link, a file or bytes, what a job has made, or the picture as a
/// "data:image/png;base64,..." link, which some hosts take.
struct image_source : media_source {
    image_source() = default;
    image_source(std::string link) : media_source(std::move(link)) {}
    image_source(const char* link) : media_source(link) {}
    image_source(const asset& made_by_a_job) : media_source(made_by_a_job) {}

    /// A picture on this machine's disk; read when the request is submitted, beside the loop.
    static image_source from_file(std::string path)
    {
        image_source out;
        out.file = std::move(path);
        return out;
    }
    /// A whole PNG, JPEG or WebP file in memory.
    static image_source from_bytes(std::string picture)
    {
        image_source out;
        out.bytes = std::make_shared<const std::string>(std::move(picture));
        return out;
    }
};

/// A clip to work on: a link, a file or bytes, or what a job has made.
struct video_source : media_source {
    video_source() = default;
    video_source(std::string link) : media_source(std::move(link)) {}
    video_source(const char* link) : media_source(link) {}
    video_source(const asset& made_by_a_job) : media_source(made_by_a_job) {}
    video_source(const video& clip)
        : media_source(clip.file), duration_s(clip.duration_s), lines(clip.lines),
          aspect_ratio(clip.aspect_ratio)
    {}

    /// An MP4 on this machine's disk; read when the request is submitted, beside the loop. The file
    /// is in memory until it is uploaded.
    static video_source from_file(std::string path)
    {
        video_source out;
        out.file = std::move(path);
        return out;
    }
    /// A whole MP4 in memory.
    static video_source from_bytes(std::string clip)
    {
        video_source out;
        out.bytes = std::make_shared<const std::string>(std::move(clip));
        return out;
    }

    // What is known of the clip, so that the larger one can be checked: as in video.
    int duration_s = 0, lines = 0;
    std::string aspect_ratio;
};

/// A clip that starts from a frame. The frame gives style, scene and aspect ratio; the prompt
/// should describe the motion only.
struct image_to_video {
    using result_type = video;

    image_to_video() = default;
    image_to_video(image_source start_frame, std::string prompt_text)
        : image(std::move(start_frame)), prompt(std::move(prompt_text))
    {}

    image_source image;      ///< First frame; required.
    image_source tail_image; ///< Last frame; not every model takes one.
    std::string prompt;      ///< The motion; 1 to 2500 characters.
    std::string negative_prompt;
    std::chrono::seconds duration{5};
    std::optional<double> cfg_scale;
    video_model model = video_model::kling_2_5_turbo_pro;
    std::optional<bool> audio;         ///< Sound made with the picture; unset: as the model does.
    std::optional<std::uint64_t> seed; ///< Same seed, similar clip; few models take one.
    /// Further members of the host's own input, as a JSON object: {"camera_fixed":true}. A member
    /// that the request writes already is refused. What they mean is between you and the host.
    std::string extra;
};

/// Stills from words.
struct text_to_image {
    using result_type = images;

    text_to_image() = default;
    explicit text_to_image(std::string prompt_text) : prompt(std::move(prompt_text)) {}

    std::string prompt;
    cokino::aspect_ratio aspect_ratio = cokino::aspect_ratio::landscape_16_9;
    /// Exact pixels instead of the model's own size for the ratio; both or neither; 256 to 2048.
    std::optional<int> width, height;
    int count = 1;                     ///< How many; 1 to 4.
    std::optional<std::uint64_t> seed; ///< Same seed, same picture, at most hosts.
    image_model model = image_model::flux_1_1_pro;
    std::string extra; ///< As in text_to_video.
};

/// The same clip, larger. Its size is told by a factor or by a resolution, and which of the two a
/// host takes is the host's: the other is unsupported_field, since it cannot be worked out without
/// knowing the size of the source. Upscalers are billed by the second, and more for more pixels and
/// frames, so nothing is left to a host's default.
struct video_upscale {
    using result_type = cokino::video;

    video_upscale() = default;
    video_upscale(video_source clip, double times) : video(std::move(clip)), factor(times) {}
    video_upscale(video_source clip, video_resolution target)
        : video(std::move(clip)), resolution(target)
    {}

    video_source video; ///< Required.
    /// By which width and height are multiplied, 1 to 4; 1 only cleans the picture up. Either this
    /// or the resolution.
    std::optional<double> factor;
    std::optional<video_resolution> resolution;
    /// Frames a second, 15 to 120; those that are missing are made up. Unset: as the source has
    /// them, or as the host does it, of which a warning tells.
    std::optional<int> fps;
    upscale_model model = upscale_model::topaz;
    std::string extra; ///< As in text_to_video: {"H264_output":true}.
};

/// A request for a model that this version does not know, in the host's own words: where it goes
/// and what it says. raw_request<video>{"fal-ai/some/model", R"({"prompt":"..."})"}.
struct raw_order {
    raw_order(job_kind k, std::string where, std::string json)
        : kind(k), endpoint(std::move(where)), input(std::move(json))
    {}
    job_kind kind;        ///< What the host is expected to make.
    std::string endpoint; ///< The host's own name or path of the model.
    std::string input;    ///< A JSON object; each adapter says where in the body it goes.
};

template <class Result> struct raw_request : raw_order {
    using result_type = Result;

    raw_request(std::string where, std::string json)
        : raw_order(job<Result>::kind_v, std::move(where), std::move(json))
    {}
};

template <class Request> using result_of_t = typename Request::result_type;

/// Checks what no host offers, before anything is sent; what a single host does not offer is said
/// by its provider::encode, which asks validate() first. The failure's field names the offender:
/// "duration: 7 s is not offered; 5 or 10". Prompts are counted in characters (code points), and
/// must be valid UTF-8 without control characters other than tab and line ends. Links are judged
/// by their form only.
COKINO_DECL result<void> validate(const text_to_video& r);
COKINO_DECL result<void> validate(const image_to_video& r);
COKINO_DECL result<void> validate(const text_to_image& r);
COKINO_DECL result<void> validate(const video_upscale& r);
COKINO_DECL result<void> validate(const raw_order& r);

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/model/impl/request.ipp>
#endif
