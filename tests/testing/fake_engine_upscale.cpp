// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Upscales at the fake host, asked by the adapters of the four hosts that have them: length and
// shape come from the clip, the size from the order, the price from both; and a clip whose link
// dies before the job starts fails there.

#include <cokino/provider/fal.hpp>
#include <cokino/provider/kie.hpp>
#include <cokino/provider/piapi.hpp>
#include <cokino/provider/replicate.hpp>
#include <cokino/testing/clips.hpp>
#include <cokino/testing/fake_engine.hpp>
#include <cokino/wire/mp4_probe.hpp>

#include "testing/adapter_exchange.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

namespace fake_engine_upscale_test {

using namespace adapter_test;

template <class Provider, class Options>
std::unique_ptr<const provider> at(Options options, std::string base_url)
{
    options.base_url = std::move(base_url);
    if constexpr (requires { options.upload_base_url; })
        options.upload_base_url = options.base_url;
    return std::make_unique<const Provider>(api_key("k", "KEY"), std::move(options));
}

struct row {
    const char* name;
    std::unique_ptr<const provider> adapter;
    video_upscale order; ///< Of a clip that is filled in.
    int lines, mills;    ///< Of 10 s from 1080 lines.
};

std::vector<row> rows()
{
    const std::string api = "https://api.fake.example";
    std::vector<row> out;
    const auto add = [&](const char* name, auto adapter, video_upscale order, int lines,
                         int mills) {
        out.push_back({name, std::move(adapter), std::move(order), lines, mills});
    };
    add("fal, topaz", at<fal>(fal_options(), api), video_upscale("", 2), 2160, 800);
    video_upscale fluid("", 1);
    fluid.fps = 60;
    add("fal, topaz, twice the frames", at<fal>(fal_options(), api), fluid, 1080, 400);
    video_upscale bytedance("", video_resolution::qhd_1440p);
    bytedance.model = upscale_model::bytedance;
    add("fal, bytedance", at<fal>(fal_options(), api), bytedance, 1440, 144);
    add("replicate", at<replicate>(replicate_options(), api + "/v1"),
        video_upscale("", video_resolution::uhd_4k), 2160, 1500);
    add("kie", at<kie>(kie_options(), api), video_upscale("", 4), 4320, 700);
    video_upscale qubico("", 2);
    qubico.model = upscale_model::qubico;
    add("piapi", at<piapi>(piapi_options(), api), qubico, 2160, 72);
    return out;
}

job_status ended(host& h, const provider& p, const job_record& job)
{
    auto out = status_of(h, p, job);
    if (out.result_pending) {
        const auto ask = p.encode_result(job);
        REQUIRE(ask.has_value());
        auto whole = p.decode_result(job, sent(h, *ask));
        REQUIRE_MESSAGE(whole.has_value(), whole.error().describe());
        out = *whole;
    }
    return out;
}

std::string link_of(const job_status& status)
{
    REQUIRE(status.output);
    REQUIRE(status.output->assets.size() == 1);
    return status.output->assets[0].url;
}

/// A clip of 10 s, upright, made at the same host.
std::string clip_at(host& h, const provider& p)
{
    text_to_video clip("a boat");
    clip.duration = 10s;
    clip.aspect_ratio = aspect_ratio::portrait_9_16;
    const auto job = submitted(h, p, clip);
    h.clock.pass(12s);
    return link_of(ended(h, p, job));
}

TEST_CASE("an upscale has its clip's length and shape, the size that was ordered, and its price")
{
    for (row& r : rows()) {
        CAPTURE(r.name);
        host h;
        r.order.video = clip_at(h, *r.adapter);
        const auto before = h.engine.counts().spent_mills;
        const auto job = submitted(h, *r.adapter, r.order);
        const fake_job& seen = h.engine.jobs().back();
        CHECK(seen.video_url == r.order.video.url);
        CHECK(seen.invalid_input == "");
        CHECK(seen.price_mills == r.mills);
        CHECK(h.engine.counts().spent_mills == before + r.mills);
        h.clock.pass(12s);
        const auto file = h.fetch(link_of(ended(h, *r.adapter, job)));
        REQUIRE(file.status == 200);
        wire::memory_reader bytes(file.payload());
        const auto clip = wire::probe_mp4(bytes);
        REQUIRE(clip.has_value());
        CHECK(clip->duration == 10s);
        CHECK(static_cast<int>(clip->width) == r.lines);
        CHECK(static_cast<int>(clip->height) == r.lines * 16 / 9);
        CHECK(h.engine.counts().keys_leaked == 0);
        CHECK(h.engine.counts().unknown_routes == 0);
    }
}

TEST_CASE("a clip whose link dies before the job starts is not found there: the job fails")
{
    for (row& r : rows()) {
        for (const bool waits : {false, true}) {
            CAPTURE(r.name);
            CAPTURE(waits);
            host h;
            r.order.video = clip_at(h, *r.adapter);
            // It lives for half a second when the job is taken, which starts a second later.
            h.clock.pass(waits ? h.engine.options().link_lifetime - 500ms
                               : h.engine.options().link_lifetime + 1s);
            const auto job = submitted(h, *r.adapter, r.order);
            h.clock.pass(12s);
            const auto end = ended(h, *r.adapter, job);
            CHECK(end.state == job_state::failed);
            REQUIRE(end.error.has_value());
            CHECK(end.error->sent() == fate::answered);
        }
    }
}

TEST_CASE("links that are not the host's own are read as their owner has them")
{
    for (row& r : rows()) {
        CAPTURE(r.name);
        host h;
        r.order.video = "https://elsewhere.example/clip.mp4";
        const auto job = submitted(h, *r.adapter, r.order);
        h.clock.pass(12s);
        CHECK(ended(h, *r.adapter, job).state == job_state::succeeded);
        CHECK(h.engine.jobs().back().duration_s == 5);
        CHECK(h.engine.jobs().back().lines == r.lines);
    }
}

TEST_CASE("a clip is uploaded to each of them, and what is no clip fails where the host looks")
{
    for (row& r : rows()) {
        CAPTURE(r.name);
        host h;
        const std::string clip = clip_of_lines(720, 10, aspect_ratio::landscape_16_9);
        media_upload m;
        m.bytes = clip;
        m.content_type = "video/mp4";
        m.file_name = "clip-1.mp4";
        r.order.video = uploaded(h, *r.adapter, m);
        const auto job = submitted(h, *r.adapter, r.order);
        h.clock.pass(12s);
        CHECK(ended(h, *r.adapter, job).state == job_state::succeeded);
        if (r.adapter->traits().name != "fal") // the others keep no bytes
            continue;
        CHECK(h.engine.jobs().back().duration_s == 10);
        m = media_upload();
        m.bytes = "\x89PNG";
        m.content_type = "video/mp4";
        m.file_name = "clip-2.mp4";
        r.order.video = uploaded(h, *r.adapter, m);
        const auto broken = submitted(h, *r.adapter, r.order);
        h.clock.pass(12s);
        const auto end = ended(h, *r.adapter, broken);
        CHECK(end.state == job_state::failed);
        REQUIRE(end.error.has_value());
        CHECK(end.error->facts().field == "video");
    }
}

TEST_CASE("what an upscaler does not take is refused, or fails where the host looks later")
{
    const struct {
        const char *name, *target, *body;
    } rows[] = {
        {"fal", "/fal-ai/topaz/upscale/video", R"({"upscale_factor":2})"},
        {"fal", "/fal-ai/topaz/upscale/video", R"({"video_url":"https://a","upscale_factor":5})"},
        {"fal", "/fal-ai/topaz/upscale/video", R"({"video_url":"https://a","target_fps":120})"},
        {"fal", "/fal-ai/bytedance-upscaler/upscale/video",
         R"({"video_url":"https://a","target_resolution":"720p"})"},
        {"fal", "/fal-ai/bytedance-upscaler/upscale/video",
         R"({"video_url":"https://a","target_fps":30})"},
        {"replicate", "/v1/models/topazlabs/video-upscale/predictions",
         R"({"input":{"target_resolution":"4k"}})"},
        {"replicate", "/v1/models/topazlabs/video-upscale/predictions",
         R"({"input":{"video":"https://a","target_resolution":"2k"}})"},
        {"replicate", "/v1/models/topazlabs/video-upscale/predictions",
         R"({"input":{"video":"https://a","upscale_factor":2}})"},
        {"kie", "/api/v1/jobs/createTask",
         R"({"model":"topaz/video-upscale","input":{"video_url":"https://a","upscale_factor":2}})"},
        {"kie", "/api/v1/jobs/createTask",
         R"({"model":"topaz/video-upscale","input":{"upscale_factor":"2"}})"},
        {"piapi", "/api/v1/task",
         R"({"model":"Qubico/video-toolkit","task_type":"upscale","input":{}})"},
        {"piapi", "/api/v1/task",
         R"({"model":"Qubico/video-toolkit","task_type":"upscale",)"
         R"("input":{"video":"https://a","scale":4}})"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.body);
        fake_options strict;
        strict.validates_at_submit = true;
        host h(strict);
        const std::string name = row.name;
        fake_fields fields{{"content-type", "application/json"}};
        if (name == "piapi")
            fields.emplace_back("x-api-key", "k");
        else
            fields.emplace_back("authorization", name == "fal" ? "Key k" : "Bearer k");
        const auto reply = h.ask("POST", row.target, row.body, fields);
        CHECK(h.engine.counts().submits == 1);
        CHECK(h.engine.counts().jobs == 0);
        CHECK(h.engine.counts().spent_mills == 0);
        CHECK((reply.status >= 400 || name == "kie")); // Kie answers 200 to everything
    }
}

} // namespace fake_engine_upscale_test
