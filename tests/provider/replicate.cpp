// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// replicate: requests to bytes, what of them is refused, files, and where the key goes.
// Answers are in replicate_answers.cpp.
#include <cokino/provider/replicate.hpp>

#include <provider/rows.hpp>

#include <doctest/doctest.h>

#include <string>

namespace replicate_test {

using namespace provider_rows;
using namespace std::chrono_literals;
using cokino::errc;
using cokino::image_model;
using cokino::submit_context;
using cokino::video_model;

cokino::replicate host(const cokino::replicate_options& o = {})
{
    return cokino::replicate(cokino::api_key(std::string(canary), "REPLICATE_API_TOKEN"), o);
}

template <class Request>
cokino::encoded_submit encoded(const Request& r, submit_context c = {},
                               const cokino::replicate_options& o = {})
{
    auto out = host(o).encode(r, std::move(c));
    REQUIRE(out.has_value());
    return std::move(*out);
}

template <class Request>
cokino::failure refused(const Request& r, submit_context c = {},
                        const cokino::replicate_options& o = {})
{
    const auto out = host(o).encode(r, std::move(c));
    REQUIRE(out.has_error());
    CHECK(out.error().sent() == cokino::fate::not_sent);
    CHECK(out.error().facts().billed == cokino::billing::no);
    CHECK_FALSE(has(printed(out.error()), canary));
    return out.error();
}

TEST_CASE("replicate: a submit's head has the key and the model's own path")
{
    cokino::replicate_options o;
    o.cancel_after = 15min;
    const auto out = encoded(cokino::text_to_video("a \"neon\" street"), {}, o);
    CHECK(out.request.head->bytes() ==
          "POST /v1/models/kwaivgi/kling-v2.5-turbo-pro/predictions HTTP/1.1\r\n"
          "Host: api.replicate.com\r\n"
          "User-Agent: cokino/0.1.0\r\n"
          "Accept: application/json\r\n"
          "Content-Type: application/json\r\n"
          "Cancel-After: 900s\r\n"
          "Authorization: Bearer " +
              std::string(canary) + "\r\n");
    CHECK(out.request.body ==
          R"({"input":{"prompt":"a \"neon\" street","aspect_ratio":"16:9","duration":5}})");
    CHECK(out.duration_s == 5);
    CHECK(out.lines == 1080);
    CHECK(out.route->provider == "replicate");
    CHECK(out.route->model == "kling-2.5-turbo-pro");
    CHECK(out.route->endpoint == "kwaivgi/kling-v2.5-turbo-pro");
    CHECK(out.route->base_url == "https://api.replicate.com/v1");
    CHECK(out.route->key == "REPLICATE_API_TOKEN");
    CHECK_FALSE(has(encoded(cokino::text_to_video("a")).request.head->bytes(), "Cancel-After"));
}

TEST_CASE("replicate: clips in each model's own words")
{
    cokino::text_to_video words("boat");
    words.negative_prompt = "text";
    words.duration = 10s;
    words.aspect_ratio = cokino::aspect_ratio::portrait_9_16;
    submit_context hook;
    hook.webhook_url = "https://hooks.example.org/r?a=1";
    CHECK(encoded(words, std::move(hook)).request.body ==
          R"({"input":{"prompt":"boat","aspect_ratio":"9:16","duration":10,)"
          R"("negative_prompt":"text"},"webhook":"https://hooks.example.org/r?a=1",)"
          R"("webhook_events_filter":["completed"]})");
    words.model = video_model::kling_3_0_standard;
    words.duration = 7s;
    words.audio = true;
    CHECK(encoded(words).request.body ==
          R"({"input":{"prompt":"boat","aspect_ratio":"9:16","duration":7,"mode":"standard",)"
          R"("negative_prompt":"text","generate_audio":true}})");
    CHECK(encoded(words).route->endpoint == "kwaivgi/kling-v3-video");
    CHECK(encoded(words).route->model == "kling-3.0-standard");

    cokino::image_to_video motion("https://example.org/a.png", "push in");
    motion.tail_image = "https://example.org/b.png";
    CHECK(encoded(motion).request.body ==
          R"({"input":{"prompt":"push in","start_image":"https://example.org/a.png",)"
          R"("end_image":"https://example.org/b.png","duration":5}})");
    motion.model = video_model::kling_3_0_pro;
    motion.extra = R"({"shots":[1]})";
    CHECK(encoded(motion).request.body ==
          R"({"input":{"prompt":"push in","start_image":"https://example.org/a.png",)"
          R"("end_image":"https://example.org/b.png","duration":5,"mode":"pro","shots":[1]}})");
    motion.extra.clear();
    motion.model = video_model::seedance_2_0;
    motion.image = "data:image/png;base64,AAAA";
    motion.seed = 18446744073709551615U;
    motion.audio = false;
    CHECK(encoded(motion).request.body ==
          R"({"input":{"prompt":"push in","image":"data:image/png;base64,AAAA",)"
          R"("last_frame_image":"https://example.org/b.png","duration":5,)"
          R"("generate_audio":false,"seed":18446744073709551615}})");
}

TEST_CASE("replicate: stills in each model's own words")
{
    cokino::text_to_image still("boat");
    still.seed = 7;
    CHECK(encoded(still).request.body ==
          R"({"input":{"prompt":"boat","aspect_ratio":"16:9","seed":7,"output_format":"png"}})");
    CHECK(encoded(still).route->kind == cokino::job_kind::images);
    still.model = image_model::flux_2_pro;
    still.width = 1024;
    still.height = 1040;
    cokino::replicate_options o;
    o.still = cokino::replicate_still::jpg;
    CHECK(encoded(still, {}, o).request.body ==
          R"({"input":{"prompt":"boat","aspect_ratio":"custom","width":1024,"height":1040,)"
          R"("seed":7,"output_format":"jpg"}})");
    still.seed.reset();
    still.model = image_model::recraft_v4;
    CHECK(encoded(still).request.body == R"({"input":{"prompt":"boat","size":"1024x1040"}})");
    CHECK(target_of(encoded(still).request) == "POST /v1/models/recraft-ai/recraft-v4/predictions");
    still.model = image_model::recraft_v3;
    still.width.reset();
    still.height.reset();
    CHECK(encoded(still).request.body == R"({"input":{"prompt":"boat","aspect_ratio":"16:9"}})");
}

TEST_CASE("replicate: a raw order goes to the route that its endpoint names")
{
    const std::string hash(64, 'a');
    const struct {
        std::string endpoint, target, body;
    } rows[] = {
        {"some/model-1.0", "/v1/models/some/model-1.0/predictions", R"({"input":{"a":1}})"},
        {"some/model:0f", "/v1/predictions", R"({"version":"some/model:0f","input":{"a":1}})"},
        {hash, "/v1/predictions", R"({"version":")" + hash + R"(","input":{"a":1}})"},
        {"deployments/me/mine", "/v1/deployments/me/mine/predictions", R"({"input":{"a":1}})"},
    };
    for (const auto& row : rows) {
        const cokino::raw_request<cokino::video> order(row.endpoint, R"({"a":1})");
        const auto out = encoded(order);
        CHECK(target_of(out.request) == "POST " + row.target);
        CHECK(out.request.body == row.body);
        CHECK(out.route->endpoint == row.endpoint);
        CHECK(out.route->kind == cokino::job_kind::video);
    }
    for (const char* odd : {"model", "a/b/c", "a/../b", "/a", "a//b", "a/b?c", "a/b%2f", "x/y:z:1",
                            "a/", "./b", "x/y:"})
        CHECK(refused(cokino::raw_order(cokino::job_kind::video, odd, "{}")).facts().field ==
              "endpoint");
    const cokino::raw_order broken(cokino::job_kind::video, "a/b", R"({"a":})");
    CHECK(refused(broken).facts().field == "input");
}

TEST_CASE("replicate: what a model does not take is refused by name, or left out with a warning")
{
    cokino::text_to_video clip("a");
    clip.model = video_model::kling_2_5_turbo_standard;
    CHECK(refused(clip).facts().field == "model");
    clip.model = video_model::kling_2_5_turbo_pro;
    clip.cfg_scale = 0.5;
    const auto scale = refused(clip);
    CHECK(scale == errc::unsupported_field);
    CHECK(scale.facts().field == "cfg_scale");
    CHECK(scale.facts().host == "replicate");
    submit_context lenient;
    lenient.lenient = true;
    clip.seed = 3;
    const auto out = encoded(clip, std::move(lenient));
    CHECK(out.request.body == R"({"input":{"prompt":"a","aspect_ratio":"16:9","duration":5}})");
    REQUIRE(out.warnings.size() == 2);
    CHECK(out.warnings[1].facts().field == "seed");
    clip.cfg_scale.reset();
    CHECK(refused(clip).facts().field == "seed");
    clip.seed.reset();
    clip.audio = true;
    CHECK(refused(clip).facts().field == "audio");
    clip.audio.reset();
    clip.extra = R"({"prompt":"b"})";
    CHECK(refused(clip).facts().field == "extra");
    clip.extra.clear();
    clip.model = video_model::seedance_2_0;
    clip.negative_prompt = "x";
    CHECK(refused(clip).facts().field == "negative_prompt");

    cokino::text_to_image still("a");
    still.count = 2;
    CHECK(refused(still).facts().field == "count");
    still.count = 1;
    still.width = still.height = 1000; // no multiple of 32
    CHECK(refused(still).facts().field == "width");
    still.width = still.height = 2048; // beyond 1440
    CHECK(refused(still).facts().field == "width");
    still.model = image_model::recraft_v3;
    still.seed = 1;
    CHECK(refused(still).facts().field == "seed");
}

TEST_CASE("replicate: what is too long to be read back in its answers is not sent")
{
    const auto frame = [](std::size_t bytes) {
        return "data:image/png;base64," + std::string(bytes * 4 / 3, 'A');
    };
    cokino::image_to_video motion(frame(256 * 1024), "push in");
    motion.tail_image = frame(256 * 1024);
    CHECK(encoded(motion).request.body.size() > 650 * 1024);
    motion.image = frame(1024 * 1024);
    CHECK(refused(motion).facts().field == "image");
    motion.image = "https://example.org/a.png";
    motion.tail_image = {};
    motion.extra = R"({"reference":")" + frame(1024 * 1024) + "\"}";
    CHECK(refused(motion).facts().field == "extra");
    cokino::raw_request<cokino::video> raw("owner/name", motion.extra);
    CHECK(refused(raw).facts().field == "input");
}

TEST_CASE("replicate: options, keys and links that cannot be used are told before anything is sent")
{
    const cokino::text_to_video clip("a");
    cokino::replicate_options o;
    o.cancel_after = 4s;
    CHECK(refused(clip, {}, o).facts().field == "cancel_after");
    o.cancel_after = 25h;
    CHECK(refused(clip, {}, o) == errc::invalid_options);
    o = {};
    o.base_url = "ftp://x";
    CHECK(refused(clip, {}, o).facts().field == "base_url");
    submit_context context;
    context.webhook_url = "hooks.example.org";
    CHECK(refused(clip, std::move(context)).facts().field == "webhook_url");
    const cokino::replicate keyless(cokino::api_key("", "REPLICATE_API_TOKEN"));
    const auto none = keyless.encode(clip, submit_context());
    REQUIRE(none.has_error());
    CHECK(none.error() == errc::missing_credential);
}

TEST_CASE("replicate: looks and cancels go to the job's own links, and never to another origin")
{
    const auto p = host();
    auto job = record_of(encoded(cokino::text_to_video("a")).route, "q7/demo");
    CHECK(target_of(*p.encode_status(job)) == "GET /v1/predictions/q7%2Fdemo");
    CHECK(target_of(*p.encode_cancel(job)) == "POST /v1/predictions/q7%2Fdemo/cancel");
    CHECK(p.encode_cancel(job)->body.empty());
    job.status_url = "https://api.replicate.com/v2/q7";
    CHECK(target_of(*p.encode_status(job)) == "GET /v2/q7");
    for (const char* far : {"https://evil.example/x", "http://api.replicate.com/v1/predictions/q7",
                            "https://api.replicate.com:8443/x", "//evil.example/x"}) {
        job.status_url = job.cancel_url = far;
        const auto look = p.encode_status(job), cancel = p.encode_cancel(job);
        REQUIRE(look.has_error());
        CHECK(look.error() == errc::link_refused);
        CHECK(cancel.error() == errc::link_refused);
        CHECK_FALSE(has(printed(look.error()), canary));
    }
    cokino::replicate_options o;
    o.derive_links = true;
    CHECK(target_of(*host(o).encode_status(job)) == "GET /v1/predictions/q7%2Fdemo");
    o.base_url = "https://proxy.example.org";
    CHECK(host(o).encode_status(job).error() == errc::invalid_job);
}

TEST_CASE("replicate: a file travels as one part of a form whose boundary it does not hold")
{
    const auto p = host();
    cokino::media_upload m;
    const std::string bytes = "PNG\r\n--cokino-frame-0\r\n";
    m.bytes = bytes;
    m.content_type = "image/png";
    m.file_name = "frame-1f.png";
    const auto out = p.encode_upload(m);
    REQUIRE(out.has_value());
    CHECK(target_of(*out) == "POST /v1/files");
    CHECK(has(out->head->bytes(),
              "\r\nContent-Type: multipart/form-data; boundary=cokino-frame-1\r\n"));
    CHECK_FALSE(has(out->head->bytes(), "Content-Type: application/json"));
    CHECK(out->body == "--cokino-frame-1\r\nContent-Disposition: form-data; name=\"content\"; "
                       "filename=\"frame-1f.png\"\r\nContent-Type: image/png\r\n\r\n" +
                           bytes + "\r\n--cokino-frame-1--\r\n");

    REQUIRE(p.decode_upload(m, answer(201, R"({"id":"Zg","urls":{"get":)"
                                           R"("https://api.replicate.com/v1/files/Zg"}})"))
                .has_value());
    CHECK(m.url == "https://api.replicate.com/v1/files/Zg");
    for (const char* body : {"", "{}", R"({"urls":{"get":"ftp://x"}})", R"({"urls":{"get":7}})"}) {
        cokino::media_upload again;
        const auto read = p.decode_upload(again, answer(201, body));
        REQUIRE(read.has_error());
        CHECK(read.error() == errc::answer_malformed);
        CHECK(again.url.empty());
    }
    const auto large = p.decode_upload(m, answer(413, R"({"detail":"too large","status":413})"));
    CHECK(large.error() == errc::request_rejected);
    CHECK(large.error().facts().operation == "upload");
}

TEST_CASE("replicate: what is known of the host agrees with what the adapter does")
{
    const auto p = host();
    const cokino::host_facts& f = p.facts();
    CHECK(f.host == p.traits().name);
    CHECK(f.api == p.traits().base_url);
    CHECK(f.webhook == p.traits().webhook);
    CHECK(f.result_lifetime == p.traits().result_lifetime);
    CHECK(f.media.upload_bytes_max == p.traits().media.upload_bytes_max);
    CHECK(p.traits().can_cancel);
    CHECK(p.traits().repeats == cokino::repeat_semantics::none);
    for (const auto model : {video_model::kling_2_5_turbo_pro, video_model::kling_3_0_pro,
                             video_model::kling_3_0_standard, video_model::seedance_2_0}) {
        cokino::text_to_video clip("a");
        clip.model = model;
        bool listed = false;
        for (const auto& row : f.models)
            listed = listed || (row.model == cokino::text_of(model) &&
                                row.endpoint == encoded(clip).route->endpoint);
        CHECK(listed);
    }
}

} // namespace replicate_test
