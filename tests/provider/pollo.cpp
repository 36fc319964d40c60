// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Pollo: requests to bytes, and where the key goes. Answers are in pollo_answers.cpp.
#include <cokino/provider/pollo.hpp>

#include <provider/rows.hpp>

#include <doctest/doctest.h>

#include <string>

namespace pollo_test {

using namespace provider_rows;
using namespace std::chrono_literals;
using cokino::errc;
using cokino::submit_context;
using cokino::video_model;

cokino::pollo sample(std::string base_url = "https://pollo.ai/api/platform")
{
    cokino::pollo_options options;
    options.base_url = std::move(base_url);
    return cokino::pollo(cokino::api_key(std::string(canary), "POLLO_API_KEY"), options);
}

template <class Request>
cokino::encoded_submit check(const Request& request, std::string_view endpoint,
                             std::string_view body)
{
    auto out = sample().encode(request, submit_context());
    REQUIRE(out.has_value());
    CHECK(target_of(out->request) == "POST /api/platform/v1/generation/" + std::string(endpoint));
    CHECK(out->request.body == body);
    CHECK(out->route->endpoint == endpoint);
    CHECK(out->route->provider == "pollo");
    CHECK(out->route->base_url == "https://pollo.ai/api/platform");
    CHECK(out->route->key == "POLLO_API_KEY");
    CHECK(out->warnings.empty());
    return std::move(*out);
}

const std::string kling = "kling-ai/kling-v2-5-turbo/video";

TEST_CASE("pollo: a clip from words has a ratio and no mode, one from a frame a mode and no ratio")
{
    cokino::text_to_video clip("a \"boat\"");
    auto out = check(clip, kling,
                     R"({"input":{"prompt":"a \"boat\"","aspectRatio":"16:9","duration":5}})");
    CHECK(out.duration_s == 5);
    CHECK(out.route->model == "kling-2.5-turbo-pro");
    CHECK(out.route->kind == cokino::job_kind::video);
    clip.negative_prompt = "text";
    clip.duration = 10s;
    clip.aspect_ratio = cokino::aspect_ratio::portrait_9_16;
    clip.cfg_scale = 0.6;
    out = check(clip, kling,
                R"({"input":{"prompt":"a \"boat\"","aspectRatio":"9:16","negativePrompt":"text",)"
                R"("strength":60,"duration":10}})");
    CHECK(out.duration_s == 10);

    cokino::image_to_video motion("https://a.example/x.png", "push in");
    check(motion, kling,
          R"({"input":{"prompt":"push in","image":"https://a.example/x.png","duration":5,)"
          R"("mode":"pro"}})");
    motion.model = video_model::kling_2_5_turbo_standard;
    motion.tail_image = "https://a.example/y.png";
    out = check(motion, kling,
                R"({"input":{"prompt":"push in","image":"https://a.example/x.png",)"
                R"("imageTail":"https://a.example/y.png","duration":5,"mode":"std"}})");
    CHECK(out.route->model == "kling-2.5-turbo-standard");
}

TEST_CASE("pollo: cfg_scale goes out as a whole strength of 0 to 100")
{
    const std::pair<double, const char*> rows[] = {
        {0, R"("strength":0,)"},      {0.29, R"("strength":29,)"}, {0.5, R"("strength":50,)"},
        {0.335, R"("strength":34,)"}, {0.57, R"("strength":57,)"}, {1, R"("strength":100,)"}};
    for (const auto& [scale, member] : rows) {
        cokino::text_to_video clip("a boat");
        clip.cfg_scale = scale;
        const auto out = sample().encode(clip, submit_context());
        REQUIRE(out.has_value());
        CAPTURE(out->request.body);
        CHECK(has(out->request.body, member));
    }
}

TEST_CASE("pollo: newer models have endpoints of their own")
{
    cokino::text_to_video clip("a boat");
    clip.model = video_model::kling_3_0_standard;
    clip.duration = 7s;
    check(clip, "kling-ai/kling-v3/video",
          R"({"input":{"prompt":"a boat","aspectRatio":"16:9","duration":7,"mode":"std"}})");
    clip.model = video_model::seedance_2_0;
    check(clip, "bytedance/seedance-2-0/video",
          R"({"input":{"prompt":"a boat","aspectRatio":"16:9","duration":7}})");
    cokino::image_to_video motion("https://a.example/x.png", "push in");
    motion.model = video_model::kling_3_0_pro;
    check(motion, "kling-ai/kling-v3/video",
          R"({"input":{"prompt":"push in","image":"https://a.example/x.png","duration":5,)"
          R"("mode":"pro"}})");
}

TEST_CASE("pollo: what it does not offer is refused by field, or left out with a warning")
{
    const auto host = sample();
    const auto refused = [&](const auto& request, errc e, const char* field) {
        const auto out = host.encode(request, submit_context());
        REQUIRE(out.has_error());
        CAPTURE(field);
        CHECK(out.error() == e);
        CHECK(out.error().sent() == cokino::fate::not_sent);
        CHECK(out.error().facts().billed == cokino::billing::no);
        CHECK(out.error().facts().host == (e == errc::unsupported_field ? "pollo" : ""));
        CHECK(out.error().facts().field == field);
        CHECK_FALSE(out.error().facts().message.empty());
    };
    cokino::text_to_video clip("a boat");
    clip.model = video_model::kling_2_5_turbo_standard;
    refused(clip, errc::unsupported_field, "model");
    clip.model = video_model::kling_2_5_turbo_pro;
    clip.duration = 7s;
    refused(clip, errc::invalid_argument, "duration");
    clip.duration = 5s;
    clip.audio = true;
    refused(clip, errc::unsupported_field, "audio");
    clip.audio.reset();
    clip.seed = 7;
    refused(clip, errc::unsupported_field, "seed");
    clip.seed.reset();
    clip.model = video_model::seedance_2_0;
    clip.negative_prompt = "text";
    refused(clip, errc::unsupported_field, "negative_prompt");
    clip.negative_prompt.clear();
    clip.cfg_scale = 0.5;
    refused(clip, errc::unsupported_field, "cfg_scale");
    cokino::image_to_video motion("data:image/png;base64,AAAA", "push in");
    refused(motion, errc::unsupported_field, "image");
    motion.image = "https://a.example/x.png";
    motion.tail_image = "data:image/png;base64,AAAA";
    refused(motion, errc::unsupported_field, "tail_image");
    motion.tail_image = "https://a.example/y.png";
    motion.model = video_model::kling_3_0_pro;
    refused(motion, errc::unsupported_field, "tail_image");
    refused(cokino::text_to_image("a boat"), errc::unsupported_field, "model");

    submit_context lenient;
    lenient.lenient = true;
    const auto out = host.encode(motion, std::move(lenient));
    REQUIRE(out.has_value());
    CHECK(out->request.body ==
          R"({"input":{"prompt":"push in","image":"https://a.example/x.png","duration":5,)"
          R"("mode":"pro"}})");
    REQUIRE(out->warnings.size() == 1);
    CHECK(out->warnings[0].facts().field == "tail_image");
}

TEST_CASE("pollo: prompts have at most 1500 characters, counted as characters")
{
    const auto encoded = [](std::string prompt, std::string negative) {
        cokino::text_to_video clip(std::move(prompt));
        clip.negative_prompt = std::move(negative);
        return sample().encode(clip, submit_context());
    };
    std::string wide;
    for (int i = 0; i < 1500; ++i)
        wide += "夜";
    CHECK(encoded(wide, wide).has_value());
    const auto prompt = encoded(wide + "!", "");
    REQUIRE(prompt.has_error());
    CHECK(prompt.error() == errc::unsupported_field);
    CHECK(prompt.error().facts().field == "prompt");
    CHECK(prompt.error().facts().message ==
          "1501 characters; pollo takes at most 1500 for this model");
    const auto negative = encoded("a boat", std::string(1501, 'a'));
    REQUIRE(negative.has_error());
    CHECK(negative.error().facts().field == "negative_prompt");
    cokino::text_to_video other(std::string(1501, 'a'));
    other.model = video_model::kling_3_0_pro; // whose limit is not known
    CHECK(sample().encode(other, submit_context()).has_value());
}

TEST_CASE("pollo: members of the user's own go into the input, and none stands there twice")
{
    cokino::text_to_video clip("a boat");
    clip.extra = R"({"generateAudio":true})";
    check(clip, kling,
          R"({"input":{"prompt":"a boat","aspectRatio":"16:9","duration":5,)"
          R"("generateAudio":true}})");
    clip.extra = R"({"aspectRatio":"21:9"})";
    const auto twice = sample().encode(clip, submit_context());
    REQUIRE(twice.has_error());
    CHECK(twice.error().facts().field == "extra");
}

TEST_CASE("pollo: a raw order names brand, model and kind, which become the path")
{
    const auto out = check(cokino::raw_order(cokino::job_kind::images, "flux/flux-2-max/image",
                                             R"({"prompt":"a boat"})"),
                           "flux/flux-2-max/image", R"({"input":{"prompt":"a boat"}})");
    CHECK(out.route->kind == cokino::job_kind::images);
    const std::pair<const char*, const char*> bad[] = {
        {"flux", "{}"},       {"flux/x", "{}"},        {"/flux/x/video", "{}"},
        {"a/../video", "{}"}, {"a/b/video?x=y", "{}"}, {"a/b/video#x", "{}"},
        {"a//video", "{}"},   {"a/b/c/video", "{}"},   {"a/%2e%2e/video", "{}"},
        {"a/b/video", "{,}"}, {"a/b/video", "[1]"},    {"https://evil.example/v", "{}"}};
    for (const auto& [endpoint, json] : bad) {
        const auto& endpoint_shown = endpoint; // clang 14 captures no binding
        CAPTURE(endpoint_shown);
        const auto refused = sample().encode(
            cokino::raw_order(cokino::job_kind::video, endpoint, json), submit_context());
        REQUIRE(refused.has_error());
        CHECK(refused.error() == errc::invalid_argument);
    }
}

TEST_CASE("pollo: the head holds the key as x-api-key, and is shared by all submits of a model")
{
    const auto host = sample();
    const auto one = host.encode(cokino::text_to_video("a"), submit_context());
    const auto two = host.encode(cokino::text_to_video("b"), submit_context());
    REQUIRE(one.has_value());
    REQUIRE(two.has_value());
    CHECK(one->request.head == two->request.head);
    CHECK(one->route == two->route);
    CHECK(one->request.head->bytes() ==
          "POST /api/platform/v1/generation/kling-ai/kling-v2-5-turbo/video HTTP/1.1\r\n"
          "Host: pollo.ai\r\n"
          "User-Agent: cokino/0.1.0\r\n"
          "Accept: application/json\r\n"
          "Content-Type: application/json\r\n"
          "x-api-key: " +
              std::string(canary) + "\r\n");
}

TEST_CASE("pollo: a webhook stands beside the input; one that is no link is refused")
{
    submit_context context;
    context.webhook_url = "https://hooks.example.net/pollo";
    const auto out = sample().encode(cokino::text_to_video("a"), std::move(context));
    REQUIRE(out.has_value());
    CHECK(out->request.body == R"({"input":{"prompt":"a","aspectRatio":"16:9","duration":5},)"
                               R"("webhookUrl":"https://hooks.example.net/pollo"})");
    submit_context bad;
    bad.webhook_url = "not a link";
    const auto refused = sample().encode(cokino::text_to_video("a"), std::move(bad));
    REQUIRE(refused.has_error());
    CHECK(refused.error().facts().field == "webhook_url");
}

TEST_CASE("pollo: a job is asked for by its id only, and cannot be cancelled")
{
    const auto host = sample();
    const auto route = host.encode(cokino::text_to_video("a"), submit_context())->route;
    const auto job = record_of(route, "cm2kestrel0001");
    const auto asked = host.encode_status(job);
    REQUIRE(asked.has_value());
    CHECK(target_of(*asked) == "GET /api/platform/v1/generation/cm2kestrel0001/status");
    CHECK(asked->head->carries_key());
    CHECK(target_of(*host.encode_status(record_of(route, "../x?y"))) ==
          "GET /api/platform/v1/generation/..%2Fx%3Fy/status");
    CHECK_FALSE(host.traits().can_cancel);
    const auto stop = host.encode_cancel(job);
    REQUIRE(stop.has_error());
    CHECK(stop.error() == errc::unsupported_field);
    CHECK(stop.error().sent() == cokino::fate::not_sent);

    // A link that came with a job from outside leads nowhere: none is ever followed.
    auto lured = job;
    lured.status_url = "https://evil.example/x";
    CHECK(host.encode_status(lured)->head->bytes() == asked->head->bytes());

    const auto spoilt = [&](std::string cokino::job_route::* part, std::string value) {
        cokino::job_route other = *route;
        other.*part = std::move(value);
        return record_of(std::make_shared<const cokino::job_route>(other), job.id);
    };
    const cokino::job_record rows[] = {
        spoilt(&cokino::job_route::provider, "fal"),
        spoilt(&cokino::job_route::base_url, "https://pollo.ai"),
        spoilt(&cokino::job_route::base_url, "http://pollo.ai/api/platform"),
        record_of(route, ""),
        record_of(route, ".."),
        record_of(nullptr, "x"),
    };
    for (const auto& row : rows) {
        const auto look = host.encode_status(row);
        REQUIRE(look.has_error());
        CHECK(look.error() == errc::invalid_job);
        CHECK_FALSE(has(printed(look.error()), canary));
    }
}

TEST_CASE("pollo: a bad base URL is named, a missing key told by its variable")
{
    for (const char* base : {"", "pollo.ai", "ftp://pollo.ai", "https://pollo.ai/?a=b"}) {
        CAPTURE(base);
        const auto out = sample(base).encode(cokino::text_to_video("a"), submit_context());
        REQUIRE(out.has_error());
        CHECK(out.error() == errc::invalid_options);
        CHECK(out.error().facts().field == "base_url");
    }
    const cokino::pollo bare(cokino::api_key("", "POLLO_API_KEY"));
    const auto out = bare.encode(cokino::text_to_video("a"), submit_context());
    REQUIRE(out.has_error());
    CHECK(out.error() == errc::missing_credential);
    CHECK(has(out.error().facts().message, "POLLO_API_KEY"));
}

TEST_CASE("pollo: what is known of it beforehand agrees with how it is spoken to")
{
    const auto host = sample();
    const cokino::host_facts& f = host.facts();
    const cokino::provider_traits& t = host.traits();
    CHECK(f.host == t.name);
    CHECK(f.api == t.base_url);
    CHECK(f.cancel.empty());
    CHECK(f.webhook == t.webhook);
    CHECK(t.webhook == cokino::webhook_scheme::pollo_hmac);
    CHECK(t.result_lifetime == 14 * 24h);
    CHECK(t.media.inline_bytes_max == 0);
    CHECK(t.media.upload_bytes_max == 0);
    CHECK(t.media.takes_links);
    CHECK(t.media.ratio_max == 4);
    for (const cokino::model_facts& m : f.models) {
        CAPTURE(m.model);
        cokino::text_to_video clip("a");
        for (const auto model : {video_model::kling_2_5_turbo_pro,
                                 video_model::kling_2_5_turbo_standard, video_model::kling_3_0_pro,
                                 video_model::kling_3_0_standard, video_model::seedance_2_0})
            if (text_of(model) == m.model)
                clip.model = model;
        CHECK(text_of(clip.model) == m.model);
        CHECK(host.encode(clip, submit_context()).has_value() == m.from_text);
        cokino::image_to_video motion("https://a.example/x.png", "a");
        motion.model = clip.model;
        CHECK(host.encode(motion, submit_context()).has_value() == m.from_image);
        motion.tail_image = "https://a.example/y.png";
        CHECK(host.encode(motion, submit_context()).has_value() == m.tail_image);
    }
}

} // namespace pollo_test
