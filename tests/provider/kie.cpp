// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Kie: requests to bytes, and where the key goes. Answers are in kie_answers.cpp.
#include <cokino/provider/kie.hpp>

#include <provider/rows.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

namespace kie_test {

using namespace provider_rows;
using namespace std::chrono_literals;
using cokino::errc;
using cokino::submit_context;

cokino::kie sample(const cokino::kie_options& options = {})
{
    return cokino::kie(cokino::api_key(std::string(canary), "KIE_API_KEY"), options);
}

submit_context hooked(std::string_view hook)
{
    submit_context c;
    c.webhook_url = hook;
    return c;
}

template <class Request>
cokino::encoded_submit check(const Request& request, std::string_view model, std::string_view body,
                             submit_context c = {})
{
    auto out = sample().encode(request, std::move(c));
    CAPTURE(model);
    REQUIRE_MESSAGE(out.has_value(), out.error().describe());
    CHECK(target_of(out->request) == "POST /api/v1/jobs/createTask");
    CHECK(out->request.body == body);
    CHECK(has(out->request.head->bytes(), "Host: api.kie.ai\r\n"));
    CHECK(has(out->request.head->bytes(), "Authorization: Bearer " + std::string(canary) + "\r\n"));
    CHECK(out->route->endpoint == model);
    CHECK(out->route->provider == "kie");
    CHECK(out->route->base_url == "https://api.kie.ai");
    CHECK(out->route->key == "KIE_API_KEY");
    return std::move(*out);
}

template <class Request>
void refuses(const Request& request, errc e, std::string_view field, submit_context c = {},
             const cokino::kie& host = sample())
{
    const auto out = host.encode(request, std::move(c));
    CAPTURE(field);
    REQUIRE(out.has_error());
    CHECK(out.error() == e);
    CHECK(out.error().facts().field == field);
    CHECK(out.error().sent() == cokino::fate::not_sent);
    CHECK(out.error().facts().billed == cokino::billing::no);
    CHECK_FALSE(has(printed(out.error()), canary));
}

TEST_CASE("kie: each clip from words has the exact body that its model takes")
{
    cokino::text_to_video clip("a \"neon\" street\n夜");
    auto out = check(clip, "kling/v2-5-turbo-text-to-video-pro",
                     "{\"model\":\"kling/v2-5-turbo-text-to-video-pro\",\"input\":{\"prompt\":"
                     "\"a \\\"neon\\\" street\\n夜\",\"aspect_ratio\":\"16:9\",\"duration\":"
                     "\"5\"}}");
    CHECK(out.duration_s == 5);
    CHECK(out.route->kind == cokino::job_kind::video);
    CHECK(out.route->model == "kling-2.5-turbo-pro");

    clip.prompt = "boat";
    clip.negative_prompt = "text";
    clip.cfg_scale = 0.5;
    clip.duration = 10s;
    clip.aspect_ratio = cokino::aspect_ratio::portrait_9_16;
    clip.audio = false; // which 2.5 is anyhow
    check(clip, "kling/v2-5-turbo-text-to-video-pro",
          R"({"model":"kling/v2-5-turbo-text-to-video-pro",)"
          R"("callBackUrl":"https://hooks.example.net/kie","input":{"prompt":"boat",)"
          R"("aspect_ratio":"9:16","duration":"10","negative_prompt":"text","cfg_scale":0.5}})",
          hooked("https://hooks.example.net/kie"));

    cokino::text_to_video third("boat");
    third.model = cokino::video_model::kling_3_0_pro;
    third.duration = 13s;
    third.audio = true;
    third.extra = R"({"multi_shots":false})";
    out = check(third, "kling-3.0/video",
                R"({"model":"kling-3.0/video","input":{"prompt":"boat","aspect_ratio":"16:9",)"
                R"("duration":"13","mode":"pro","sound":true,"multi_shots":false}})");
    CHECK(out.route->model == "kling-3.0-pro");
    third.model = cokino::video_model::kling_3_0_standard;
    third.audio = false;
    third.extra.clear();
    out = check(third, "kling-3.0/video",
                R"({"model":"kling-3.0/video","input":{"prompt":"boat","aspect_ratio":"16:9",)"
                R"("duration":"13","mode":"std","sound":false}})");
    CHECK(out.route->model == "kling-3.0-standard");
    third.model = cokino::video_model::seedance_2_0;
    third.audio = true;
    check(third, "bytedance/seedance-2",
          R"({"model":"bytedance/seedance-2","input":{"prompt":"boat","aspect_ratio":"16:9",)"
          R"("duration":13,"generate_audio":true}})");
}

TEST_CASE("kie: each clip from a frame has the exact body that its model takes")
{
    cokino::image_to_video motion("https://a.example/f.png", "push in");
    motion.tail_image = "https://a.example/l.png";
    motion.cfg_scale = 1;
    check(motion, "kling/v2-5-turbo-image-to-video-pro",
          R"({"model":"kling/v2-5-turbo-image-to-video-pro","input":{"prompt":"push in",)"
          R"("image_url":"https://a.example/f.png","tail_image_url":"https://a.example/l.png",)"
          R"("duration":"5","cfg_scale":1}})");
    motion.cfg_scale.reset();
    motion.model = cokino::video_model::kling_3_0_standard;
    check(motion, "kling-3.0/video",
          R"({"model":"kling-3.0/video","input":{"prompt":"push in",)"
          R"("image_urls":["https://a.example/f.png","https://a.example/l.png"],)"
          R"("duration":"5","mode":"std"}})");
    motion.model = cokino::video_model::seedance_2_0;
    check(motion, "bytedance/seedance-2",
          R"({"model":"bytedance/seedance-2","input":{"prompt":"push in",)"
          R"("first_frame_url":"https://a.example/f.png",)"
          R"("last_frame_url":"https://a.example/l.png","duration":5}})");
}

TEST_CASE("kie: a still asks for one thousand pixels unless extra asks for more")
{
    cokino::text_to_image still("a lantern");
    still.model = cokino::image_model::flux_2_pro;
    const auto out = check(still, "flux-2/pro-text-to-image",
                           R"({"model":"flux-2/pro-text-to-image","input":{"prompt":"a lantern",)"
                           R"("aspect_ratio":"16:9","resolution":"1K"}})");
    CHECK(out.route->kind == cokino::job_kind::images);
    CHECK(out.duration_s == 0);
    still.extra = R"({"resolution":"2K","nsfw_checker":true})";
    still.aspect_ratio = cokino::aspect_ratio::square_1_1;
    check(still, "flux-2/pro-text-to-image",
          R"({"model":"flux-2/pro-text-to-image","callBackUrl":"https://h.example/x",)"
          R"("input":{"prompt":"a lantern","aspect_ratio":"1:1","resolution":"2K",)"
          R"("nsfw_checker":true}})",
          hooked("https://h.example/x"));
}

TEST_CASE("kie: a raw order's input goes out as it stands")
{
    const auto images = cokino::job_kind::images;
    auto out = check(cokino::raw_order(images, "recraft/crisp-upscale",
                                       R"({"image": "https://a.example/f.png"})"),
                     "recraft/crisp-upscale",
                     R"({"model":"recraft/crisp-upscale","callBackUrl":"https://h.example/x",)"
                     R"("input":{"image": "https://a.example/f.png"}})",
                     hooked("https://h.example/x"));
    CHECK(out.route->kind == images);
    check(cokino::raw_order(images, "x", "{}"), "x", R"({"model":"x","input":{}})");
    refuses(cokino::raw_order(images, "x", R"({"a":1},"model":{})"), errc::invalid_argument,
            "input");
    refuses(cokino::raw_order(images, "x", "{a}"), errc::invalid_argument, "input");
    refuses(cokino::raw_order(images, "", "{}"), errc::invalid_argument, "endpoint");
}

TEST_CASE("kie: what it does not offer is refused by field, or left out when lenient")
{
    const auto e = errc::unsupported_field;
    cokino::text_to_video clip("boat");
    clip.model = cokino::video_model::kling_2_5_turbo_standard;
    refuses(clip, e, "model");
    clip.model = cokino::video_model::kling_2_5_turbo_pro;
    clip.audio = true;
    refuses(clip, e, "audio");
    clip.audio.reset();
    clip.seed = 7;
    refuses(clip, e, "seed");
    for (const auto model :
         {cokino::video_model::kling_3_0_pro, cokino::video_model::seedance_2_0}) {
        cokino::text_to_video other("boat");
        other.model = model;
        other.negative_prompt = "text";
        refuses(other, e, "negative_prompt");
        other.negative_prompt.clear();
        other.cfg_scale = 0.5;
        refuses(other, e, "cfg_scale");
    }
    cokino::image_to_video motion("data:image/png;base64,AAAA", "push in");
    refuses(motion, e, "image");
    motion.image = "https://a.example/f.png";
    motion.tail_image = "data:image/png;base64,AAAA";
    refuses(motion, e, "tail_image");
    motion.tail_image = "";
    for (int i = 0; i < 2496 - 1; ++i) // 2496 characters, of which one takes two bytes
        motion.negative_prompt += 'x';
    motion.negative_prompt += "é";
    CHECK(sample().encode(motion, submit_context()).has_value());
    motion.negative_prompt += 'x';
    refuses(motion, e, "negative_prompt");
    motion.negative_prompt.clear();
    refuses(motion, errc::invalid_argument, "webhook_url", hooked("x"));
    motion.extra = R"({"duration":"3"})";
    refuses(motion, errc::invalid_argument, "extra");

    cokino::text_to_image still("a lantern");
    refuses(still, e, "model");
    still.model = cokino::image_model::flux_2_pro;
    still.count = 2;
    refuses(still, e, "count");
    still.count = 1;
    still.width = still.height = 512;
    refuses(still, e, "width");
    still.width.reset();
    still.height.reset();
    still.prompt = "ox";
    refuses(still, e, "prompt");

    clip.model = cokino::video_model::kling_3_0_pro;
    clip.negative_prompt = "text";
    clip.cfg_scale = 0.5;
    submit_context lenient;
    lenient.lenient = true;
    const auto out = sample().encode(clip, std::move(lenient));
    REQUIRE(out.has_value());
    CHECK(out->request.body ==
          R"({"model":"kling-3.0/video","input":{"prompt":"boat","aspect_ratio":"16:9",)"
          R"("duration":"5","mode":"pro"}})");
    std::vector<std::string> left_out;
    for (const auto& w : out->warnings)
        left_out.push_back(w.facts().field);
    CHECK(left_out == std::vector<std::string>{"negative_prompt", "cfg_scale", "seed"});
}

TEST_CASE("kie: a file goes to the upload host, with the key")
{
    const auto host = sample();
    cokino::media_upload m;
    m.bytes = "\x89PNG";
    m.content_type = "image/png";
    m.file_name = "frame-1f3a.png";
    auto out = host.encode_upload(m);
    REQUIRE(out.has_value());
    CHECK(out->head->url().text() == "https://kieai.redpandaai.co/api/file-base64-upload");
    CHECK(has(out->head->bytes(), "Authorization: Bearer " + std::string(canary) + "\r\n"));
    CHECK(out->body == R"({"base64Data":"data:image/png;base64,iVBORw==","uploadPath":"cokino",)"
                       R"("fileName":"frame-1f3a.png"})");
    m.bytes = {};
    m.link = "https://a.example/f.png";
    out = host.encode_upload(m);
    REQUIRE(out.has_value());
    CHECK(out->head->url().text() == "https://kieai.redpandaai.co/api/file-url-upload");
    CHECK(out->body == R"({"fileUrl":"https://a.example/f.png","uploadPath":"cokino",)"
                       R"("fileName":"frame-1f3a.png"})");
    CHECK(host.traits().media.upload_bytes_max == 10'000'000);

    cokino::kie_options o;
    o.upload_base_url.clear();
    const auto without = sample(o);
    CHECK(without.traits().media.upload_bytes_max == 0);
    CHECK(without.encode_upload(m).error() == errc::unsupported_field);
    CHECK(without.encode(cokino::text_to_video("boat"), submit_context()).has_value());
}

TEST_CASE("kie: one look at a job, and only at its own")
{
    const auto host = sample();
    const auto made = host.encode(cokino::text_to_video("boat"), submit_context());
    auto job = record_of(made->route, "task_kling_1790000000001");
    auto look = host.encode_status(job);
    REQUIRE(look.has_value());
    CHECK(target_of(*look) == "GET /api/v1/jobs/recordInfo?taskId=task_kling_1790000000001");
    CHECK(has(look->head->bytes(), "Authorization: Bearer " + std::string(canary) + "\r\n"));
    job.id = "a&b=/../c";
    look = host.encode_status(job);
    REQUIRE(look.has_value());
    CHECK(target_of(*look) == "GET /api/v1/jobs/recordInfo?taskId=a%26b%3D%2F..%2Fc");
    cokino::job_route foreign = *made->route;
    foreign.base_url = "https://evil.example";
    const auto at = [&] {
        return host.encode_status(
            record_of(std::make_shared<const cokino::job_route>(foreign), "x"));
    };
    CHECK(at().error() == errc::invalid_job);
    foreign.base_url = made->route->base_url;
    foreign.provider = "kling";
    CHECK(at().error() == errc::invalid_job);
    CHECK(host.encode_cancel(job).error() == errc::unsupported_field);
    CHECK_FALSE(host.batches(job, job));
}

TEST_CASE("kie: missing keys and bad options are told at each encode, by name")
{
    const cokino::text_to_video clip("boat");
    refuses(clip, errc::missing_credential, "api_key", {},
            cokino::kie(cokino::api_key("", "KIE_API_KEY")));
    const auto bad = [&](auto&& spoil, const char* field) {
        cokino::kie_options o;
        spoil(o);
        refuses(clip, errc::invalid_options, field, {}, sample(o));
        CHECK(sample(o).encode_status(cokino::job_record()).has_error());
    };
    bad([](auto& o) { o.base_url = "ftp://x"; }, "base_url");
    bad([](auto& o) { o.upload_base_url = "https://x.example/?a=b"; }, "upload_base_url");
    bad([](auto& o) { o.upload_path = ""; }, "upload_path");
    bad([](auto& o) { o.upload_path = "a b"; }, "upload_path");
}

TEST_CASE("kie: what is known of it beforehand agrees with its habits")
{
    const auto host = sample();
    const auto& f = host.facts();
    CHECK(f.host == host.traits().name);
    CHECK(f.repeats == host.traits().repeats);
    CHECK(f.repeats == cokino::repeat_semantics::none);
    CHECK(f.status_batch_max == host.traits().status_batch_max);
    CHECK(f.result_lifetime == host.traits().result_lifetime);
    CHECK(f.webhook == host.traits().webhook);
    CHECK_FALSE(cokino::covers_body(f.webhook));
    CHECK(f.cancel.empty());
    CHECK_FALSE(host.traits().can_cancel);
    CHECK(host.traits().poll_interval_min == 2000ms);
    CHECK(host.traits().media.takes_links);
    CHECK(host.traits().media.inline_bytes_max == 0);
}

} // namespace kie_test
