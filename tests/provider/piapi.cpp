// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// PiAPI: requests to bytes, and where the key and the webhook secret go. Answers are in
// piapi_answers.cpp.
#include <cokino/provider/piapi.hpp>

#include <provider/rows.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <string>

namespace piapi_test {

using namespace provider_rows;
using namespace std::chrono_literals;
using cokino::errc;
using cokino::submit_context;
using cokino::video_model;

cokino::piapi sample(const cokino::piapi_options& options = {})
{
    return cokino::piapi(cokino::api_key(std::string(canary), "PIAPI_API_KEY"), options);
}

template <class Request>
cokino::encoded_submit check(const cokino::piapi& host, const Request& request,
                             std::string_view endpoint, const std::string& body)
{
    auto out = host.encode(request, submit_context());
    REQUIRE(out.has_value());
    CHECK(target_of(out->request) == "POST /api/v1/task");
    CHECK(out->request.body == body);
    CHECK(out->route->endpoint == endpoint);
    CHECK(out->route->provider == "piapi");
    CHECK(out->route->base_url == "https://api.piapi.ai");
    CHECK(out->route->key == "PIAPI_API_KEY");
    CHECK(out->warnings.empty());
    return std::move(*out);
}

const std::string turbo = R"({"model":"kling-turbo","task_type":"video_generation","input":{)"
                          R"("version":"2.5-turbo",)";
const std::string kling25 = R"({"model":"kling","task_type":"video_generation","input":{)"
                            R"("version":"2.5",)";
const std::string kling3 = R"({"model":"kling","task_type":"video_generation","input":{)"
                           R"("version":"3.0",)";
const std::string plain_end = R"(},"config":{"service_mode":""}})";

TEST_CASE(
    "piapi: each clip has the exact body that its model takes, with a whole number of seconds")
{
    const auto host = sample();
    cokino::text_to_video clip("a \"boat\"");
    auto out = check(host, clip, "kling-turbo/video_generation",
                     turbo + R"("prompt":"a \"boat\"","aspect_ratio":"16:9","duration":5,)" +
                         R"("mode":"pro")" + plain_end);
    CHECK(out.duration_s == 5);
    CHECK(out.route->kind == cokino::job_kind::video);
    CHECK(out.route->model == "kling-2.5-turbo-pro");
    clip.negative_prompt = "text";
    clip.duration = 10s;
    clip.aspect_ratio = cokino::aspect_ratio::portrait_9_16;
    clip.model = video_model::kling_2_5_turbo_standard;
    out = check(host, clip, "kling-turbo/video_generation",
                turbo + R"("prompt":"a \"boat\"","negative_prompt":"text","aspect_ratio":"9:16",)" +
                    R"("duration":10,"mode":"std")" + plain_end);
    CHECK(out.duration_s == 10);
    CHECK(out.route->model == "kling-2.5-turbo-standard");

    const cokino::image_to_video motion("https://a.example/x.png", "push in");
    check(host, motion, "kling-turbo/video_generation",
          turbo + R"("prompt":"push in","image_url":"https://a.example/x.png","duration":5,)" +
              R"("mode":"pro")" + plain_end);
}

TEST_CASE("piapi: the family kling makes 3.0, and 2.5 with more fields when told so")
{
    cokino::image_to_video motion("https://a.example/x.png", "push in");
    motion.model = video_model::kling_3_0_standard;
    motion.tail_image = "https://a.example/y.png";
    motion.duration = 7s;
    motion.audio = true;
    motion.cfg_scale = 0.5;
    auto out =
        check(sample(), motion, "kling/video_generation",
              kling3 + R"("prompt":"push in","image_url":"https://a.example/x.png",)" +
                  R"("image_tail_url":"https://a.example/y.png","duration":7,"mode":"std",)" +
                  R"("cfg_scale":0.5,"enable_audio":true)" + plain_end);
    CHECK(out.duration_s == 7);
    CHECK(out.route->model == "kling-3.0-standard");

    cokino::piapi_options options;
    options.family = cokino::piapi_family::kling;
    cokino::text_to_video clip("a boat");
    clip.cfg_scale = 0.3;
    check(sample(options), clip, "kling/video_generation",
          kling25 + R"("prompt":"a boat","aspect_ratio":"16:9","duration":5,"mode":"pro",)" +
              R"("cfg_scale":0.3)" + plain_end);
    clip.cfg_scale.reset();
    clip.audio = false; // of 2.5 it says nothing that is not so already
    check(sample(options), clip, "kling/video_generation",
          kling25 + R"("prompt":"a boat","aspect_ratio":"16:9","duration":5,"mode":"pro")" +
              plain_end);
}

TEST_CASE("piapi: what it does not offer is refused by field, or left out with a warning")
{
    const auto host = sample();
    const auto refused = [&](const auto& request, errc e, const char* field) {
        const auto out = host.encode(request, submit_context());
        REQUIRE(out.has_error());
        CAPTURE(field);
        CHECK(out.error() == e);
        CHECK(out.error().sent() == cokino::fate::not_sent);
        CHECK(out.error().facts().billed == cokino::billing::no);
        CHECK(out.error().facts().field == field);
        CHECK_FALSE(out.error().facts().message.empty());
    };
    cokino::text_to_video clip("a boat");
    clip.model = video_model::seedance_2_0;
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
    clip.cfg_scale = 0.5;
    refused(clip, errc::unsupported_field, "cfg_scale");
    cokino::image_to_video motion("data:image/png;base64,AAAA", "push in");
    refused(motion, errc::unsupported_field, "image");
    motion.image = "https://a.example/x.png";
    motion.tail_image = "data:image/png;base64,AAAA";
    refused(motion, errc::unsupported_field, "tail_image");
    motion.tail_image = "https://a.example/y.png";
    refused(motion, errc::unsupported_field, "tail_image");
    refused(cokino::text_to_image("a boat"), errc::unsupported_field, "model");

    clip.seed = 7;
    submit_context lenient;
    lenient.lenient = true;
    const auto out = host.encode(clip, std::move(lenient));
    REQUIRE(out.has_value());
    CHECK(out->request.body == turbo + R"("prompt":"a boat","aspect_ratio":"16:9","duration":5,)" +
                                   R"("mode":"pro")" + plain_end);
    REQUIRE(out->warnings.size() == 2);
    CHECK(out->warnings[0].facts().field == "cfg_scale");
    CHECK(out->warnings[1].facts().field == "seed");
}

TEST_CASE("piapi: members of the user's own go into the input, and none stands there twice")
{
    cokino::text_to_video clip("a boat");
    clip.extra = R"({"camera_control":{"type":"simple"}})";
    const auto out = sample().encode(clip, submit_context());
    REQUIRE(out.has_value());
    CHECK(has(out->request.body, R"("mode":"pro","camera_control":{"type":"simple"}},"config")"));
    clip.extra = R"({"version":"2.6"})";
    const auto twice = sample().encode(clip, submit_context());
    REQUIRE(twice.has_error());
    CHECK(twice.error() == errc::invalid_argument);
    CHECK(twice.error().facts().field == "extra");
}

TEST_CASE("piapi: a raw order names model and task type, and its JSON is the input")
{
    const auto host = sample();
    const cokino::raw_order order(cokino::job_kind::images, "Qubico/flux1-dev/txt2img",
                                  R"({"prompt":"a boat"})");
    const auto out = check(host, order, "Qubico/flux1-dev/txt2img",
                           R"({"model":"Qubico/flux1-dev","task_type":"txt2img",)"
                           R"("input":{"prompt":"a boat"},"config":{"service_mode":""}})");
    CHECK(out.route->kind == cokino::job_kind::images);
    CHECK(out.duration_s == 0);
    const std::pair<const char*, const char*> bad[] = {
        {"flux", "{}"}, {"/txt2img", "{}"}, {"flux/", "{}"}, {"a/b", "{,}"}, {"a/b", "[]"}};
    for (const auto& [endpoint, json] : bad) {
        const auto& endpoint_shown = endpoint; // clang 14 captures no binding
        CAPTURE(endpoint_shown);
        const auto refused = host.encode(cokino::raw_order(cokino::job_kind::video, endpoint, json),
                                         submit_context());
        REQUIRE(refused.has_error());
        CHECK(refused.error() == errc::invalid_argument);
    }
}

TEST_CASE("piapi: the head holds the key as x-api-key, and is shared by all submits")
{
    const auto host = sample();
    const auto one = host.encode(cokino::text_to_video("a"), submit_context());
    const auto two = host.encode(cokino::text_to_video("b"), submit_context());
    REQUIRE(one.has_value());
    REQUIRE(two.has_value());
    CHECK(one->request.head == two->request.head);
    CHECK(one->route == two->route);
    CHECK(one->request.head->bytes() == "POST /api/v1/task HTTP/1.1\r\n"
                                        "Host: api.piapi.ai\r\n"
                                        "User-Agent: cokino/0.1.0\r\n"
                                        "Accept: application/json\r\n"
                                        "Content-Type: application/json\r\n"
                                        "x-api-key: " +
                                            std::string(canary) + "\r\n");
}

TEST_CASE("piapi: webhook, its secret and the service mode stand in config")
{
    cokino::piapi_options options;
    options.webhook_secret = cokino::secret("kestrel-demo");
    options.service = cokino::piapi_service::shared;
    const auto encode = [](const cokino::piapi& host, std::string_view hook) {
        submit_context context;
        context.webhook_url = hook;
        return host.encode(cokino::text_to_video("a"), std::move(context));
    };
    const auto out = encode(sample(options), "https://hooks.example.net/piapi");
    REQUIRE(out.has_value());
    CHECK(has(out->request.body,
              R"(,"config":{"service_mode":"public","webhook_config":{)"
              R"("endpoint":"https://hooks.example.net/piapi","secret":"kestrel-demo"}}})"));
    // Without a webhook the secret stays at home.
    const auto none = encode(sample(options), "");
    REQUIRE(none.has_value());
    CHECK_FALSE(has(none->request.body, "kestrel"));
    options.service = cokino::piapi_service::own_pool;
    options.webhook_secret = cokino::secret();
    const auto open = encode(sample(options), "http://hooks.example.net/piapi");
    REQUIRE(open.has_value());
    CHECK(has(open->request.body, R"("service_mode":"private","webhook_config":{"endpoint":)"
                                  R"("http://hooks.example.net/piapi"}}})"));

    options.webhook_secret = cokino::secret("kestrel-demo");
    for (const char* hook : {"http://hooks.example.net/piapi", "no link"}) {
        const auto refused = encode(sample(options), hook);
        REQUIRE(refused.has_error());
        CHECK(refused.error() == errc::invalid_argument);
        CHECK(refused.error().facts().field == "webhook_url");
        CHECK_FALSE(has(printed(refused.error()), "kestrel"));
    }
    options.base_url = "http://127.0.0.1:8080";
    CHECK(encode(sample(options), "http://127.0.0.1:8081/hook").has_value());
}

TEST_CASE("piapi: an upload goes to its own origin with the same key, and gives its link")
{
    const auto host = sample();
    cokino::media_upload m;
    const std::string picture("\x89PNG\0x", 6);
    m.bytes = picture;
    m.content_type = "image/png";
    m.file_name = "frame-1f3a.png";
    const auto asked = host.encode_upload(m);
    REQUIRE(asked.has_value());
    CHECK(target_of(*asked) == "POST /api/ephemeral_resource");
    CHECK(asked->head->url().where().text() == "https://upload.theapi.app");
    CHECK(has(asked->head->bytes(), "\r\nx-api-key: " + std::string(canary) + "\r\n"));
    CHECK(asked->body == R"({"file_name":"frame-1f3a.png","file_data":"iVBORwB4"})");

    const char* shapes[] = {R"({"code":200,"data":{"url":"https://i.example/l.png"}})",
                            R"({"url":"https://i.example/l.png"})"};
    for (const char* shape : shapes) {
        cokino::media_upload done = m;
        REQUIRE(host.decode_upload(done, answer(200, shape)).has_value());
        CHECK(done.url == "https://i.example/l.png");
    }
    const struct {
        unsigned status;
        const char* body;
        errc meaning;
    } rows[] = {
        {200, R"({"code":200,"data":{}})", errc::answer_malformed},
        {200, R"({"code":200,"data":{"url":"ftp://x.example/"}})", errc::answer_malformed},
        {200, "<html>", errc::answer_malformed},
        {200, R"({"code":403,"data":null,"message":"paid plans only"})", errc::forbidden},
        {401, R"({"code":401,"data":null,"message":"no key"})", errc::unauthorised},
        {413, "", errc::request_rejected},
        {500, "", errc::host_fault},
    };
    for (const auto& row : rows) {
        CAPTURE(row.body);
        cokino::media_upload failed = m;
        const auto read = host.decode_upload(failed, answer(row.status, row.body));
        REQUIRE(read.has_error());
        CHECK(read.error() == row.meaning);
        CHECK(failed.url.empty());
        check_facts(read.error(), "piapi", row.status);
    }

    cokino::piapi_options options;
    options.upload_base_url = "";
    CHECK(sample(options).traits().media.upload_bytes_max == 0);
    CHECK(sample().traits().media.upload_bytes_max == 10 * 1024 * 1024);
    const auto off = sample(options).encode_upload(m);
    REQUIRE(off.has_error());
    CHECK(off.error() == errc::unsupported_field);
}

TEST_CASE("piapi: a job is asked for by its id only, and cancelled in either way")
{
    const auto host = sample();
    const auto route = host.encode(cokino::text_to_video("a"), submit_context())->route;
    const auto job = record_of(route, "4eba5893-0000");
    CHECK(target_of(*host.encode_status(job)) == "GET /api/v1/task/4eba5893-0000");
    CHECK(target_of(*host.encode_cancel(job)) == "DELETE /api/v1/task/4eba5893-0000");
    CHECK(host.encode_status(job)->head->carries_key());
    cokino::piapi_options options;
    options.cancel_by_post = true;
    CHECK(target_of(*sample(options).encode_cancel(job)) ==
          "POST /api/v1/task/4eba5893-0000/cancel");
    CHECK(target_of(*host.encode_status(record_of(route, "../keys?x"))) ==
          "GET /api/v1/task/..%2Fkeys%3Fx");

    // A link that came with a job from outside leads nowhere: none is ever followed.
    auto lured = job;
    lured.status_url = lured.cancel_url = "https://evil.example/x";
    CHECK(host.encode_status(lured)->head->bytes() == host.encode_status(job)->head->bytes());
    CHECK(host.encode_cancel(lured)->head->bytes() == host.encode_cancel(job)->head->bytes());

    const auto spoilt = [&](std::string cokino::job_route::* part, std::string value) {
        cokino::job_route other = *route;
        other.*part = std::move(value);
        return record_of(std::make_shared<const cokino::job_route>(other), job.id);
    };
    const cokino::job_record rows[] = {
        spoilt(&cokino::job_route::provider, "fal"),
        spoilt(&cokino::job_route::base_url, "https://api.evil.example"),
        spoilt(&cokino::job_route::base_url, "http://api.piapi.ai"),
        record_of(route, ""),
        record_of(route, ".."),
        record_of(nullptr, "x"),
    };
    for (const auto& row : rows)
        for (const auto& asked : {host.encode_status(row), host.encode_cancel(row)}) {
            REQUIRE(asked.has_error());
            CHECK(asked.error() == errc::invalid_job);
            CHECK_FALSE(has(printed(asked.error()), canary));
        }
}

TEST_CASE("piapi: options out of bounds are named, and nothing can be encoded with them")
{
    const struct {
        const char* field;
        std::function<void(cokino::piapi_options&)> spoil;
    } rows[] = {
        {"base_url", [](auto& o) { o.base_url = "api.piapi.ai"; }},
        {"upload_base_url", [](auto& o) { o.upload_base_url = "ftp://x.example"; }},
        {"upload_base_url", [](auto& o) { o.upload_base_url = "https://x.example/?a=b"; }},
        {"service", [](auto& o) { o.service = cokino::piapi_service{3}; }},
        {"family", [](auto& o) { o.family = cokino::piapi_family{2}; }},
        {"webhook_secret", [](auto& o) { o.webhook_secret = cokino::secret("a b"); }},
        {"webhook_secret", [](auto& o) { o.webhook_secret = cokino::secret("a\r\nX: y"); }},
        {"webhook_secret",
         [](auto& o) { o.webhook_secret = cokino::secret(std::string(257, 'a')); }},
    };
    for (const auto& row : rows) {
        CAPTURE(row.field);
        cokino::piapi_options options;
        row.spoil(options);
        const auto out = sample(options).encode(cokino::text_to_video("a"), submit_context());
        REQUIRE(out.has_error());
        CHECK(out.error() == errc::invalid_options);
        CHECK(out.error().facts().field == row.field);
    }
    const cokino::piapi bare(cokino::api_key("", "PIAPI_API_KEY"));
    const auto out = bare.encode(cokino::text_to_video("a"), submit_context());
    REQUIRE(out.has_error());
    CHECK(out.error() == errc::missing_credential);
    CHECK(has(out.error().facts().message, "PIAPI_API_KEY"));
}

TEST_CASE("piapi: what is known of it beforehand agrees with how it is spoken to")
{
    const auto host = sample();
    const cokino::host_facts& f = host.facts();
    const cokino::provider_traits& t = host.traits();
    CHECK(f.host == t.name);
    CHECK(f.api == t.base_url);
    CHECK(f.repeats == t.repeats);
    CHECK(t.can_cancel);
    CHECK(f.cancel == "queued");
    CHECK(t.webhook == cokino::webhook_scheme::piapi_secret);
    CHECK(f.webhook == t.webhook);
    CHECK(t.status_batch_max == f.status_batch_max);
    CHECK(f.list_max == 100);
    CHECK_FALSE(t.media.formats.has(cokino::image_format::gif));
    for (const cokino::model_facts& m : f.models) {
        if (!m.sizes.empty()) // upscale.cpp
            continue;
        CAPTURE(m.model);
        cokino::text_to_video clip("a");
        for (const auto model :
             {video_model::kling_2_5_turbo_pro, video_model::kling_2_5_turbo_standard,
              video_model::kling_3_0_pro, video_model::kling_3_0_standard})
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

} // namespace piapi_test
