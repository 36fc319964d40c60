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

/// An image to start from: a public http(s) link, which the host fetches itself; the picture as a
/// "data:image/png;base64,..." link, which some hosts take; or a file or bytes, which the client
/// brings to the host in the way that the host wants (inline, or uploaded first).
struct image_source {
    image_source() = default;
    image_source(std::string link) : url(std::move(link)) {}
    image_source(const char* link) : url(link) {}
    image_source(const asset& made_by_a_job) : url(made_by_a_job.url) {}

    /// A picture on this machine's disk; read when the request is submitted.
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

    std::string url;
    std::string file;                         ///< A path; empty: none.
    std::shared_ptr<const std::string> bytes; ///< Null: none.
    bool empty() const noexcept { return url.empty() && is_link(); }
    /// Whether a host can be told of it as it is.
    bool is_link() const noexcept { return file.empty() && !bytes; }
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
COKINO_DECL result<void> validate(const raw_order& r);

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/model/impl/request.ipp>
#endif
