// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// video_upscale at the hosts that have an upscaler: what is sent, what each of them refuses, and
// what its answers give. The request is one; the rows differ.
#include <cokino/provider/fal.hpp>
#include <cokino/provider/kie.hpp>
#include <cokino/provider/piapi.hpp>
#include <cokino/provider/replicate.hpp>

#include <provider/rows.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace upscale_test {

using namespace provider_rows;
using cokino::errc;
using cokino::submit_context;
using cokino::upscale_model;
using cokino::video_resolution;
using cokino::video_upscale;

template <class Provider> const cokino::provider& host()
{
    static const Provider out(cokino::api_key(std::string(canary), "HOST_KEY"));
    return out;
}

const cokino::provider& fal() { return host<cokino::fal>(); }
const cokino::provider& kie() { return host<cokino::kie>(); }
const cokino::provider& piapi() { return host<cokino::piapi>(); }
const cokino::provider& replicate() { return host<cokino::replicate>(); }

constexpr auto link = "https://example.org/clip.mp4";

video_upscale twice(upscale_model model = upscale_model::topaz, std::optional<int> fps = {})
{
    video_upscale out(link, 2);
    out.model = model;
    out.fps = fps;
    return out;
}

video_upscale to(video_resolution target, upscale_model model = upscale_model::topaz,
                 std::optional<int> fps = {})
{
    video_upscale out(link, target);
    out.model = model;
    out.fps = fps;
    return out;
}

video_upscale by(double factor) { return video_upscale(link, factor); }

template <class Change> video_upscale changed(video_upscale r, Change change)
{
    change(r);
    return r;
}

struct sent_row {
    const char* what;
    const cokino::provider& at;
    video_upscale request;
    const char *target, *endpoint, *body;
};

std::vector<sent_row> sent_rows()
{
    const auto bytedance = upscale_model::bytedance;
    return {
        {"fal, Topaz", fal(), twice(), "POST /fal-ai/topaz/upscale/video",
         "fal-ai/topaz/upscale/video",
         R"({"video_url":"https://example.org/clip.mp4","upscale_factor":2})"},
        {"fal, half more, and frames", fal(), changed(by(1.5), [](auto& r) { r.fps = 60; }),
         "POST /fal-ai/topaz/upscale/video", "fal-ai/topaz/upscale/video",
         R"({"video_url":"https://example.org/clip.mp4","upscale_factor":1.5,"target_fps":60})"},
        {"fal, a member of its own", fal(),
         changed(twice(), [](auto& r) { r.extra = R"({"H264_output":true})"; }),
         "POST /fal-ai/topaz/upscale/video", "fal-ai/topaz/upscale/video",
         R"({"video_url":"https://example.org/clip.mp4","upscale_factor":2,"H264_output":true})"},
        {"fal, ByteDance", fal(), to(video_resolution::uhd_4k, bytedance, 60),
         "POST /fal-ai/bytedance-upscaler/upscale/video", "fal-ai/bytedance-upscaler/upscale/video",
         R"({"video_url":"https://example.org/clip.mp4","target_resolution":"4k",)"
         R"("target_fps":"60fps"})"},
        {"fal, ByteDance's own word for 1440p", fal(),
         to(video_resolution::qhd_1440p, bytedance, 30),
         "POST /fal-ai/bytedance-upscaler/upscale/video", "fal-ai/bytedance-upscaler/upscale/video",
         R"({"video_url":"https://example.org/clip.mp4","target_resolution":"2k",)"
         R"("target_fps":"30fps"})"},
        {"replicate", replicate(), to(video_resolution::uhd_4k, upscale_model::topaz, 24),
         "POST /v1/models/topazlabs/video-upscale/predictions", "topazlabs/video-upscale",
         R"({"input":{"video":"https://example.org/clip.mp4","target_resolution":"4k",)"
         R"("target_fps":24}})"},
        {"kie", kie(), by(4), "POST /api/v1/jobs/createTask", "topaz/video-upscale",
         R"({"model":"topaz/video-upscale","input":{"video_url":"https://example.org/clip.mp4",)"
         R"("upscale_factor":"4"}})"},
        {"piapi", piapi(), twice(upscale_model::qubico), "POST /api/v1/task",
         "Qubico/video-toolkit/upscale",
         R"({"model":"Qubico/video-toolkit","task_type":"upscale",)"
         R"("input":{"video":"https://example.org/clip.mp4"},"config":{"service_mode":""}})"},
    };
}

TEST_CASE("an upscale is put in each host's words")
{
    for (const sent_row& row : sent_rows()) {
        CAPTURE(row.what);
        const auto out = row.at.encode(row.request, submit_context());
        REQUIRE_MESSAGE(out.has_value(), (out ? "" : out.error().describe()));
        CHECK(target_of(out->request) == row.target);
        CHECK(out->request.body == row.body);
        CHECK(out->route->kind == cokino::job_kind::video);
        CHECK(out->route->endpoint == row.endpoint);
        CHECK(out->route->model == text_of(row.request.model));
        CHECK(out->warnings.empty());
        CHECK_FALSE(has(out->request.body, canary));
    }
}

TEST_CASE("an upscale asks to be called back, at each host in its way")
{
    for (const sent_row& row : sent_rows()) {
        CAPTURE(row.what);
        submit_context c;
        c.webhook_url = "https://hooks.example.net/a";
        const auto out = row.at.encode(row.request, std::move(c));
        REQUIRE(out.has_value());
        CHECK(has(target_of(out->request) + out->request.body, "hooks.example.net"));
        submit_context odd;
        odd.webhook_url = "nowhere";
        const auto refused = row.at.encode(row.request, std::move(odd));
        REQUIRE(refused.has_error());
        CHECK(refused.error().facts().field == "webhook_url");
    }
}

TEST_CASE("an upscale orders what can be checked of the larger clip")
{
    cokino::video clip;
    clip.file = cokino::asset(link);
    clip.duration_s = 10;
    clip.lines = 720;
    clip.aspect_ratio = "16:9";
    for (const sent_row& row : sent_rows()) {
        CAPTURE(row.what);
        video_upscale request = row.request;
        request.video = clip;
        const auto out = row.at.encode(request, submit_context());
        REQUIRE(out.has_value());
        const bool inferred = request.resolution == video_resolution::qhd_1440p;
        const int lines = !request.extra.empty() || inferred ? 0
                          : request.factor ? std::min(2160, static_cast<int>(720 * *request.factor))
                                           : lines_of(*request.resolution);
        CHECK(out->duration_s == 10);
        CHECK(out->lines == lines);
        CHECK(out->aspect_ratio == (request.extra.empty() ? "16:9" : ""));
    }
}

struct refused_row {
    const char* what;
    const cokino::provider& at;
    video_upscale request;
    const char* field;
    const char* nearest; ///< A piece of the message: what the host has in its place.
};

std::vector<refused_row> refused_rows()
{
    const auto bytedance = upscale_model::bytedance;
    const auto large = [](auto& r) { r.video.lines = 1080; };
    return {
        {"fal, Topaz, to a resolution", fal(), to(video_resolution::uhd_4k), "resolution",
         "a factor, 1 to 4"},
        {"fal, ByteDance, by a factor", fal(), twice(bytedance), "factor", "1080p, 1440p and 4k"},
        {"fal, ByteDance, 720p", fal(), to(video_resolution::hd_720p, bytedance), "resolution",
         "1080p, 1440p and 4k"},
        {"fal, another's", fal(), twice(upscale_model::qubico), "model", "topaz and bytedance"},
        {"replicate, by a factor", replicate(), twice(), "factor", "720p, 1080p or 4k"},
        {"replicate, 1440p", replicate(), to(video_resolution::qhd_1440p), "resolution",
         "720p, 1080p or 4k"},
        {"replicate, another's", replicate(), to(video_resolution::uhd_4k, bytedance), "model",
         "topaz"},
        {"kie, to a resolution", kie(), to(video_resolution::uhd_4k), "resolution", "1, 2 or 4"},
        {"kie, three times", kie(), by(3), "factor", "1, 2 or 4"},
        {"kie, another's", kie(), to(video_resolution::uhd_4k, bytedance), "model", "topaz"},
        {"piapi, Topaz", piapi(), twice(), "model", "qubico"},
        {"piapi, four times", piapi(),
         changed(by(4), [](auto& r) { r.model = upscale_model::qubico; }), "factor", "2"},
        {"piapi, to a resolution", piapi(), to(video_resolution::uhd_4k, upscale_model::qubico),
         "resolution", "2"},
        {"piapi, from 1080 lines", piapi(), changed(twice(upscale_model::qubico), large), "video",
         "at most 720 lines"},
    };
}

TEST_CASE(
    "a size, model or source that a host lacks is refused, leniently or not, before it is sent")
{
    for (const refused_row& row : refused_rows()) {
        for (const bool lenient : {false, true}) {
            CAPTURE(row.what);
            CAPTURE(lenient);
            submit_context c;
            c.lenient = lenient;
            const auto out = row.at.encode(row.request, std::move(c));
            REQUIRE(out.has_error());
            CHECK(out.error() == errc::unsupported_field);
            CHECK(out.error().facts().field == row.field);
            CHECK(out.error().facts().host == row.at.traits().name);
            CHECK(has(out.error().facts().message, row.nearest));
            CHECK(out.error().sent() == cokino::fate::not_sent);
        }
    }
}

TEST_CASE("frames that a host does not make are refused, or left out with a warning")
{
    const struct {
        const cokino::provider& at;
        video_upscale plain;
        int fps;
    } rows[] = {
        {fal(), twice(), 15},
        {fal(), twice(), 61},
        {kie(), twice(), 60},
        {piapi(), twice(upscale_model::qubico), 60},
        {fal(), to(video_resolution::uhd_4k, upscale_model::bytedance), 24},
    };
    for (const auto& row : rows) {
        CAPTURE(row.at.traits().name);
        video_upscale asking = row.plain;
        asking.fps = row.fps;
        const auto refused = row.at.encode(asking, submit_context());
        REQUIRE(refused.has_error());
        CHECK(refused.error() == errc::unsupported_field);
        CHECK(refused.error().facts().field == "fps");
        submit_context c;
        c.lenient = true;
        const auto lenient = row.at.encode(asking, std::move(c));
        const auto without = row.at.encode(row.plain, submit_context());
        REQUIRE(lenient.has_value());
        REQUIRE(without.has_value());
        CHECK(lenient->request.body == without->request.body);
        REQUIRE(lenient->warnings.size() == 1);
        CHECK(lenient->warnings[0].facts().message == refused.error().facts().message);
    }
}

TEST_CASE("a host that changes the frames unless it is told says so")
{
    const auto check = [](const cokino::provider& at, const video_upscale& r, const char* piece) {
        const auto out = at.encode(r, submit_context());
        REQUIRE(out.has_value());
        CHECK_FALSE(has(out->request.body, "fps"));
        REQUIRE(out->warnings.size() == 1);
        CHECK(out->warnings[0].facts().field == "fps");
        CHECK(has(out->warnings[0].facts().message, piece));
    };
    check(replicate(), to(video_resolution::full_hd_1080p), "makes 60 frames a second");
    check(fal(), to(video_resolution::uhd_4k, upscale_model::bytedance),
          "makes 30 frames a second");
}

TEST_CASE("an upscale is checked like any request: nonsense, and members that stand there already")
{
    const struct {
        const cokino::provider& at;
        video_upscale sound;
        const char* theirs;
    } rows[] = {
        {fal(), twice(), R"({"video_url":"https://example.org/b.mp4"})"},
        {replicate(), to(video_resolution::uhd_4k), R"({"target_resolution":"720p"})"},
        {kie(), twice(), R"({"upscale_factor":"4"})"},
        {piapi(), twice(upscale_model::qubico), R"({"video":"https://example.org/b.mp4"})"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.at.traits().name);
        const auto nonsense = row.at.encode(
            changed(row.sound, [](auto& r) { r.video = "clip.mp4"; }), submit_context());
        REQUIRE(nonsense.has_error());
        CHECK(nonsense.error() == errc::invalid_argument);
        CHECK(nonsense.error().facts().field == "video");
        const auto twice_told = row.at.encode(
            changed(row.sound, [&](auto& r) { r.extra = row.theirs; }), submit_context());
        REQUIRE(twice_told.has_error());
        CHECK(twice_told.error().facts().field == "extra");
        const auto more = row.at.encode(
            changed(row.sound, [](auto& r) { r.extra = R"({"own":7})"; }), submit_context());
        REQUIRE(more.has_value());
        CHECK(has(more->request.body, R"("own":7)"));
    }
}

TEST_CASE("a missing key is told by each host's upscale as by any submit")
{
    for (const sent_row& row : sent_rows()) {
        std::shared_ptr<const cokino::provider> bare;
        const cokino::api_key none(std::string(), "HOST_KEY");
        if (row.at.traits().name == "fal")
            bare = std::make_shared<cokino::fal>(none);
        else if (row.at.traits().name == "kie")
            bare = std::make_shared<cokino::kie>(none);
        else if (row.at.traits().name == "piapi")
            bare = std::make_shared<cokino::piapi>(none);
        else
            bare = std::make_shared<cokino::replicate>(none);
        CAPTURE(row.what);
        const auto out = bare->encode(row.request, submit_context());
        REQUIRE(out.has_error());
        CHECK(out.error() == errc::missing_credential);
    }
}

TEST_CASE("a finished upscale gives one clip, in each host's shape")
{
    const struct {
        const cokino::provider& at;
        video_upscale request;
        const char *status, *result; ///< The second only where it stands behind another request.
    } rows[] = {
        {fal(), twice(), R"({"status":"COMPLETED","request_id":"j"})",
         R"({"video":{"url":"https://v3.fal.media/files/a/up.mp4"}})"},
        {replicate(), to(video_resolution::uhd_4k),
         R"({"id":"j","status":"succeeded","output":"https://replicate.delivery/a/up.mp4"})",
         nullptr},
        {kie(), by(4),
         R"({"code":200,"msg":"success","data":{"taskId":"j","state":"success",)"
         R"("resultJson":"{\"resultUrls\":[\"https://example.org/up.mp4\"]}"}})",
         nullptr},
        {piapi(), twice(upscale_model::qubico),
         R"({"code":200,"data":{"task_id":"j","status":"completed",)"
         R"("output":{"video_url":"https://example.org/up.mp4"}},"message":"success"})",
         nullptr},
    };
    for (const auto& row : rows) {
        CAPTURE(row.at.traits().name);
        const auto sent = row.at.encode(row.request, submit_context());
        REQUIRE(sent.has_value());
        const auto job = record_of(sent->route, "j");
        auto seen = row.at.decode_status(job, answer(200, row.status));
        REQUIRE(seen.has_value());
        CHECK(seen->result_pending == (row.result != nullptr));
        if (row.result)
            seen = row.at.decode_result(job, answer(200, row.result));
        REQUIRE(seen.has_value());
        CHECK(seen->state == cokino::job_state::succeeded);
        REQUIRE(seen->output.has_value());
        REQUIRE(seen->output->assets.size() == 1);
        CHECK(has(seen->output->assets[0].url, "/up.mp4"));
    }
}

TEST_CASE("what a host complains of is told by our name for it")
{
    const auto refused = [](const cokino::provider& at, const video_upscale& r, unsigned status,
                            const char* body) {
        const auto sent = at.encode(r, submit_context());
        REQUIRE(sent.has_value());
        auto job = record_of(sent->route, "");
        const auto out = at.decode_submit(answer(status, body), job);
        REQUIRE(out.has_error());
        return out.error().facts().field;
    };
    const auto topaz = twice();
    CHECK(refused(fal(), topaz, 422,
                  R"({"detail":[{"loc":["body","upscale_factor"],"msg":"x","type":"y"}]})") ==
          "factor");
    CHECK(refused(fal(), topaz, 422,
                  R"({"detail":[{"loc":["body","video_url"],"msg":"x","type":"y"}]})") == "video");
    CHECK(refused(replicate(), to(video_resolution::uhd_4k), 422,
                  R"({"detail":"x","invalid_fields":[{"field":"input.target_fps","type":"y",)"
                  R"("description":"z"}]})") == "fps");
}

TEST_CASE("an upscale's job is a job for a video, as text and back")
{
    for (const sent_row& row : sent_rows()) {
        CAPTURE(row.what);
        const auto sent = row.at.encode(row.request, submit_context());
        REQUIRE(sent.has_value());
        auto record = std::make_shared<cokino::job_record>(record_of(sent->route, "8f14e45f"));
        record->lines = sent->lines;
        const cokino::job<cokino::video> made(record);
        const auto again = cokino::parse_job_as<cokino::video>(made.text());
        REQUIRE(again.has_value());
        CHECK(*again == made);
        CHECK(again->record().route->endpoint == row.endpoint);
        CHECK(row.at.encode_status(again->record()).has_value());
    }
}

TEST_CASE("the hosts' facts name their upscalers, and how clips reach them")
{
    for (const cokino::provider* at : {&fal(), &kie(), &piapi(), &replicate()}) {
        CAPTURE(at->traits().name);
        int upscalers = 0;
        for (const cokino::model_facts& m : at->facts().models) {
            const bool named = m.model.ends_with("-upscale");
            CHECK(named == !m.sizes.empty());
            CHECK_FALSE((named && (m.from_text || m.from_image || m.price.empty())));
            upscalers += named;
        }
        CHECK(upscalers == (at == &fal() ? 2 : 1));
        CHECK(at->traits().source.upload_bytes_max == at->facts().source.upload_bytes_max);
        CHECK(at->traits().source.lines_max == at->facts().source.lines_max);
    }
    cokino::kie_options without;
    without.upload_base_url.clear();
    const cokino::kie links_only(cokino::api_key("k", "KIE_API_KEY"), without);
    CHECK(links_only.traits().source.upload_bytes_max == 0);
}

} // namespace upscale_test
