// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A file that a host made: its link and what the host says of it. The link dies; the job it came
// from is kept beside it, so that a dead link can be renewed. These types have constructors on
// purpose: GCC before 13 destroys an aggregate twice when it is built inside an await expression.
#pragma once

#include <cokino/model/job.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cokino {

/// Who says when a file's link dies.
enum class expiry_source : unsigned char {
    answer,               ///< The host's answer, of this very file.
    link,                 ///< The link itself, as far as the host's dialect reads it.
    lifetime,             ///< The job's end, and the life that the host promises its files.
    lifetime_since_submit ///< The same from the job's submit on: it lives at least so long.
};

constexpr std::string_view name_of(expiry_source s) noexcept
{
    switch (s) {
    case expiry_source::answer: return "answer";
    case expiry_source::link: return "link";
    case expiry_source::lifetime: return "host-lifetime";
    case expiry_source::lifetime_since_submit: return "host-lifetime-since-submit";
    }
    return "?";
}

/// One file at a host.
struct asset {
    asset() = default;
    explicit asset(std::string link) : url(std::move(link)) {}

    std::string url;          ///< https link; holds a signature at some hosts: treat as a secret.
    std::string content_type; ///< As the host says; empty when it does not.
    std::string file_name;    ///< As the host says. Never used as a path.
    std::optional<std::uint64_t> size; ///< Bytes.
    std::optional<int> width, height;  ///< Pixels.
    /// When the link dies, as far as the host or its adapter knows; what the link's own signature
    /// says is read at the download.
    std::optional<std::chrono::system_clock::time_point> expires_at;
    expiry_source expires_by = expiry_source::answer; ///< Who says so.
    job_handle from;                                  ///< The job that made it.
    std::size_t index = 0;                            ///< Which of the job's files it is.
};

/// The result of text_to_video, image_to_video and video_upscale.
struct video {
    video() = default;

    asset file;
    std::optional<std::uint64_t> seed;
    int duration_s = 0; ///< Seconds ordered; checked against the file at download. 0: not known.
    /// Ordered too, and checked: 1080 for 1080p, 0 when not known; "16:9", empty when not known.
    int lines = 0;
    std::string aspect_ratio;
    double render_s = 0; ///< Seconds of rendering, when the host tells.
};

/// The result of text_to_image.
struct images {
    images() = default;

    std::vector<asset> files;
    std::optional<std::uint64_t> seed;
    double render_s = 0;
};

} // namespace cokino
