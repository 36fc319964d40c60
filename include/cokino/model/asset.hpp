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
#include <utility>
#include <vector>

namespace cokino {

/// One file at a host.
struct asset {
    asset() = default;
    explicit asset(std::string link) : url(std::move(link)) {}

    std::string url;          ///< https link; holds a signature at some hosts: treat as a secret.
    std::string content_type; ///< As the host says; empty when it does not.
    std::string file_name;    ///< As the host says. Never used as a path.
    std::optional<std::uint64_t> size; ///< Bytes.
    std::optional<int> width, height;  ///< Pixels.
    std::optional<std::chrono::system_clock::time_point> expires_at;
    job_handle from;       ///< The job that made it.
    std::size_t index = 0; ///< Which of the job's files it is.
};

/// The result of text_to_video and image_to_video.
struct video {
    video() = default;

    asset file;
    std::optional<std::uint64_t> seed;
    int duration_s = 0;  ///< Seconds ordered; checked against the file at download. 0: not known.
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
