// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A frame that is bytes, the whole way at fal: announced, put to a signed link, named by the
// submit, and seen in the clip's shape. The fake refuses whatever the real storage refuses.
#include "support/fake_client.hpp"

#include <cokino/testing/clips.hpp>
#include <cokino/wire/message.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>

namespace fal_frames_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;

/// A still of the fake's own, made as long as wanted; a PNG ends before what follows it.
image_source frame(int width, int height, std::size_t bytes_min)
{
    std::string bytes = cokino::testing::still(width, height);
    bytes.resize(std::max(bytes.size(), bytes_min), 'x');
    return image_source::from_bytes(std::move(bytes));
}

std::string fetched(fake_client& f, const std::string& url)
{
    wire::head_builder head(wire::method::get, wire::url::parse(url).value());
    const auto answer = f.t.outcome(f.net->exchange(wire::request(head.build().value())));
    REQUIRE(answer.has_value());
    CHECK(answer->status == 200);
    return std::string(answer->body());
}

TEST_CASE("fal: a large frame is uploaded, without the key, and gives the clip its shape")
{
    fake_client f(dialect::fal);
    image_to_video request(frame(768, 1024, 200'000), "the camera pushes in");
    request.negative_prompt = "blurry, warped faces, text, watermark";
    const auto clip = f.t.outcome(f.kling.run(request));
    REQUIRE_MESSAGE(clip.has_value(), (clip ? "" : clip.error().describe()));
    CHECK(f.counts().uploads == 1);
    CHECK(f.counts().keys_leaked == 0);
    CHECK(f.counts().jobs == 1);
    CHECK(f.net->jobs()[0].image_url.starts_with("https://files.fake.example/files/u/1/"));
    CHECK(f.net->jobs()[0].body.find("\"negative_prompt\":\"blurry") != std::string::npos);
    CHECK(fetched(f, clip->file.url) ==
          cokino::testing::clip_1080p(5, aspect_ratio::portrait_9_16));
}

TEST_CASE("fal: a small frame travels inside the request")
{
    fake_client f(dialect::fal);
    image_to_video request(frame(512, 512, 0), "the camera pushes in");
    REQUIRE(f.t.outcome(f.kling.submit(request)).has_value());
    CHECK(f.counts().uploads == 0);
    CHECK(f.net->jobs()[0].image_url.starts_with("data:image/png;base64,"));
}

TEST_CASE("fal: Kling 3.0 and Seedance run to their clips, each below its own owner")
{
    for (const auto model :
         {video_model::kling_3_0_pro, video_model::kling_3_0_standard, video_model::seedance_2_0}) {
        CAPTURE(text_of(model));
        fake_client f(dialect::fal);
        auto request = street();
        request.model = model;
        request.duration = 8s;
        request.audio = true;
        const auto clip = f.t.outcome(f.kling.run(request));
        REQUIRE_MESSAGE(clip.has_value(), (clip ? "" : clip.error().describe()));
        CHECK(clip->duration_s == 8);
        CHECK(f.counts().jobs == 1);
        CHECK(f.counts().unknown_routes == 0);
    }
}

} // namespace fal_frames_test
