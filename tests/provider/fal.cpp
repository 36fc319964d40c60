// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// fal: requests to bytes, and where the key goes. Answers are in fal_answers.cpp.
#include <cokino/model/asset.hpp>
#include <cokino/provider/fal.hpp>

#include <provider/rows.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

namespace fal_test {

using namespace provider_rows;
using namespace std::chrono_literals;
using cokino::errc;
using cokino::submit_context;

cokino::fal sample(const cokino::fal_options& options = {})
{
    return cokino::fal(cokino::api_key(std::string(canary), "FAL_KEY"), options);
}

template <class Request> cokino::encoded_submit encoded(const cokino::fal& host, const Request& r)
{
    auto out = host.encode(r, submit_context());
    REQUIRE(out.has_value());
    return std::move(*out);
}

template <class Request>
cokino::encoded_submit check(const Request& request, std::string_view path, std::string_view body)
{
    auto out = encoded(sample(), request);
    CAPTURE(path);
    CHECK(target_of(out.request) == "POST /" + std::string(path));
    CHECK(out.request.body == body);
    CHECK(out.request.extra_fields.empty());
    CHECK(out.route->endpoint == path);
    CHECK(out.route->provider == "fal");
    CHECK(out.route->base_url == "https://queue.fal.run");
    CHECK(out.route->key == "FAL_KEY");
    return out;
}

TEST_CASE("fal: each clip has the exact target and body that its endpoint takes")
{
    cokino::text_to_video clip("a \"neon\" street\n夜");
    auto out = check(clip, "fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
                     "{\"prompt\":\"a \\\"neon\\\" street\\n夜\",\"duration\":\"5\","
                     "\"aspect_ratio\":\"16:9\"}");
    CHECK(out.duration_s == 5);
    CHECK(out.lines == 1080);
    CHECK(out.aspect_ratio == "16:9");
    CHECK(out.route->kind == cokino::job_kind::video);
    CHECK(out.route->model == "kling-2.5-turbo-pro");

    clip.prompt = "boat";
    clip.negative_prompt = "text, watermark";
    clip.duration = 10s;
    clip.aspect_ratio = cokino::aspect_ratio::portrait_9_16;
    clip.cfg_scale = 0.6;
    out = check(clip, "fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
                R"({"prompt":"boat","duration":"10","aspect_ratio":"9:16",)"
                R"("negative_prompt":"text, watermark","cfg_scale":0.6})");
    CHECK(out.duration_s == 10);

    cokino::image_to_video motion("https://example.org/first.png", "push in");
    check(motion, "fal-ai/kling-video/v2.5-turbo/pro/image-to-video",
          R"({"prompt":"push in","image_url":"https://example.org/first.png","duration":"5"})");
    motion.model = cokino::video_model::kling_2_5_turbo_standard;
    motion.cfg_scale = 1;
    motion.negative_prompt = "text";
    out = check(motion, "fal-ai/kling-video/v2.5-turbo/standard/image-to-video",
                R"({"prompt":"push in","image_url":"https://example.org/first.png",)"
                R"("duration":"5","negative_prompt":"text","cfg_scale":1})");
    CHECK(out.route->model == "kling-2.5-turbo-standard");
    CHECK(out.lines == 720);
    CHECK(out.aspect_ratio.empty()); // the frame gives it
    cokino::image_to_video both("data:image/png;base64,AAAA", "push in");
    both.tail_image = "https://example.org/last.png";
    both.duration = 10s;
    check(both, "fal-ai/kling-video/v2.5-turbo/pro/image-to-video",
          R"({"prompt":"push in","image_url":"data:image/png;base64,AAAA",)"
          R"("tail_image_url":"https://example.org/last.png","duration":"10"})");
}

TEST_CASE("fal: each still has the exact target and body that its endpoint takes")
{
    cokino::text_to_image still("a lantern");
    const auto out = check(still, "fal-ai/flux-pro/v1.1",
                           R"({"prompt":"a lantern","image_size":"landscape_16_9"})");
    CHECK(out.route->kind == cokino::job_kind::images);
    CHECK(out.duration_s == 0);
    still.aspect_ratio = cokino::aspect_ratio::square_1_1;
    still.count = 3;
    still.seed = 17454220438242315174U;
    check(still, "fal-ai/flux-pro/v1.1",
          R"({"prompt":"a lantern","image_size":"square_hd","num_images":3,)"
          R"("seed":17454220438242315174})");
    still.count = 1;
    still.seed.reset();
    still.width = 1920;
    still.height = 1080;
    still.model = cokino::image_model::flux_2_pro;
    check(still, "fal-ai/flux-2-pro",
          R"({"prompt":"a lantern","image_size":{"width":1920,"height":1080}})");
    still.width.reset();
    still.height.reset();
    still.aspect_ratio = cokino::aspect_ratio::portrait_9_16;
    check(still, "fal-ai/flux-2-pro", R"({"prompt":"a lantern","image_size":"portrait_16_9"})");
}

TEST_CASE("fal: what it does not offer is refused by field, with what is nearest")
{
    const cokino::fal host = sample();
    const auto check = [&](const auto& request, errc e, const char* field, const char* message) {
        const auto out = host.encode(request, submit_context());
        REQUIRE(out.has_error());
        CHECK(out.error() == e);
        CHECK(out.error().sent() == cokino::fate::not_sent);
        CHECK(out.error().facts().billed == cokino::billing::no);
        CHECK(out.error().facts().field == field);
        CHECK(out.error().facts().message == message);
    };
    cokino::text_to_video clip("a street");
    clip.model = cokino::video_model::kling_2_5_turbo_standard;
    check(
        clip, errc::unsupported_field, "model",
        "fal has no kling-2.5-turbo-standard from text alone; kling-2.5-turbo-pro is the nearest, "
        "or start from an image");
    clip.model = cokino::video_model::kling_2_5_turbo_pro;
    clip.duration = 7s;
    check(clip, errc::invalid_argument, "duration", "7 s is not offered; 5 or 10");
    cokino::image_to_video motion("https://example.org/first.png", "push in");
    motion.model = cokino::video_model::kling_2_5_turbo_standard;
    motion.tail_image = "https://example.org/last.png";
    check(motion, errc::unsupported_field, "tail_image",
          "kling-2.5-turbo-standard on fal takes no last frame; kling-2.5-turbo-pro does");
    motion.image = "";
    check(motion, errc::invalid_argument, "image", "is empty; a start frame is required");
    cokino::text_to_image still("a lantern");
    still.model = cokino::image_model::flux_2_pro;
    still.count = 2;
    check(still, errc::unsupported_field, "count",
          "this model on fal makes one picture for each request; flux-1.1-pro makes several");
    still.count = 0;
    check(still, errc::invalid_argument, "count", "0 is outside 1 to 4");
}

TEST_CASE("fal: the head holds the key, what the options ask for, and nothing twice")
{
    const auto plain = encoded(sample(), cokino::text_to_video("a street"));
    CHECK(plain.request.head->bytes() ==
          "POST /fal-ai/kling-video/v2.5-turbo/pro/text-to-video HTTP/1.1\r\n"
          "Host: queue.fal.run\r\n"
          "User-Agent: cokino/0.1.0\r\n"
          "Accept: application/json\r\n"
          "Content-Type: application/json\r\n"
          "X-Fal-Queue-Priority: normal\r\n"
          "Authorization: Key " +
              std::string(canary) + "\r\n");
    CHECK(plain.request.head->carries_key());

    cokino::fal_options options;
    options.base_url = "http://127.0.0.1:8080/proxy/";
    options.priority = cokino::fal_priority::low;
    options.start_timeout = 1500ms;
    options.media_lifetime = 24h;
    options.host_retries = false;
    const cokino::fal tuned = sample(options);
    const auto out = encoded(tuned, cokino::text_to_image("a lantern"));
    const std::string& bytes = out.request.head->bytes();
    CHECK(target_of(out.request) == "POST /proxy/fal-ai/flux-pro/v1.1");
    CHECK(has(bytes, "\r\nHost: 127.0.0.1:8080\r\n"));
    CHECK(has(bytes, "\r\nX-Fal-Queue-Priority: low\r\n"));
    CHECK(has(bytes, "\r\nX-Fal-Request-Timeout: 1.5\r\n"));
    CHECK(has(bytes, "\r\nX-Fal-Object-Lifecycle-Preference: "
                     "{\"expiration_duration_seconds\":86400}\r\n"));
    CHECK(has(bytes, "\r\nX-Fal-No-Retry: 1\r\n"));
    CHECK(out.route->base_url == "http://127.0.0.1:8080/proxy");
    CHECK(tuned.traits().result_lifetime == 24h);
    CHECK(sample().traits().result_lifetime == 7 * 24h);
}

TEST_CASE("fal: a webhook goes into the query, escaped; one that is no link is refused")
{
    const cokino::fal host = sample();
    submit_context context;
    context.webhook_url = "https://hooks.example.org/fal?a=1&b=2";
    const auto out = host.encode(cokino::text_to_video("a street"), std::move(context));
    REQUIRE(out.has_value());
    CHECK(target_of(out->request) ==
          "POST /fal-ai/kling-video/v2.5-turbo/pro/text-to-video?fal_webhook="
          "https%3A%2F%2Fhooks.example.org%2Ffal%3Fa%3D1%26b%3D2");
    CHECK(has(out->request.head->bytes(), "\r\nX-Fal-Queue-Priority: normal\r\n"));
    CHECK(out->route->endpoint == "fal-ai/kling-video/v2.5-turbo/pro/text-to-video");

    submit_context bad;
    bad.webhook_url = "not a link\r\n";
    const auto refused = host.encode(cokino::text_to_video("a street"), std::move(bad));
    REQUIRE(refused.has_error());
    CHECK(refused.error() == errc::invalid_argument);
    CHECK(refused.error().facts().field == "webhook_url");
}

TEST_CASE("fal: a submit is written into the buffer that it was given, and shares head and route")
{
    const cokino::fal host = sample();
    submit_context first;
    first.body_buffer = "left over from an answer";
    first.body_buffer.reserve(4096);
    const char* const room = first.body_buffer.data();
    auto one = host.encode(cokino::text_to_video("a street"), std::move(first));
    REQUIRE(one.has_value());
    CHECK(one->request.body.data() == room);
    CHECK(one->request.body.front() == '{');
    const auto two = encoded(host, cokino::text_to_video("another"));
    CHECK(one->request.head == two.request.head);
    CHECK(one->route == two.route);
}

TEST_CASE("fal: a missing key is told by the variable that was looked for, at each request")
{
    ::unsetenv("COKINO_TEST_NO_SUCH_KEY");
    const cokino::fal host(cokino::api_key::from_env("COKINO_TEST_NO_SUCH_KEY"));
    const auto out = host.encode(cokino::text_to_video("a street"), submit_context());
    REQUIRE(out.has_error());
    CHECK(out.error() == errc::missing_credential);
    CHECK(has(out.error().facts().message, "COKINO_TEST_NO_SUCH_KEY"));
    CHECK(out.error().facts().host == "fal");
    const auto look = host.encode_status(record_of(nullptr, "x"));
    REQUIRE(look.has_error());
    CHECK(look.error() == errc::missing_credential);
}

TEST_CASE("fal: options out of bounds are named, and nothing can be encoded with them")
{
    const struct {
        const char* field;
        std::function<void(cokino::fal_options&)> spoil;
    } rows[] = {
        {"start_timeout", [](auto& o) { o.start_timeout = 1000ms; }},
        {"start_timeout", [](auto& o) { o.start_timeout = -5s; }},
        {"media_lifetime", [](auto& o) { o.media_lifetime = 59s; }},
        {"media_lifetime", [](auto& o) { o.media_lifetime = -1s; }},
        {"priority", [](auto& o) { o.priority = cokino::fal_priority{9}; }},
        {"base_url", [](auto& o) { o.base_url = ""; }},
        {"base_url", [](auto& o) { o.base_url = "queue.fal.run"; }},
        {"base_url", [](auto& o) { o.base_url = "ftp://queue.fal.run"; }},
        {"base_url", [](auto& o) { o.base_url = "https://queue.fal.run/?a=b"; }},
        {"base_url", [](auto& o) { o.base_url = "https://x.example/" + std::string(1024, 'a'); }},
    };
    for (const auto& row : rows) {
        CAPTURE(row.field);
        cokino::fal_options options;
        row.spoil(options);
        const auto out = sample(options).encode(cokino::text_to_video("a"), submit_context());
        REQUIRE(out.has_error());
        CHECK(out.error() == errc::invalid_options);
        CHECK(out.error().facts().field == row.field);
    }
    const cokino::fal odd(cokino::api_key("evil\r\nX-Injected: 1", "FAL_KEY"));
    const auto out = odd.encode(cokino::text_to_video("a"), submit_context());
    REQUIRE(out.has_error());
    CHECK(out.error() == errc::request_malformed);
    CHECK_FALSE(has(printed(out.error()), "X-Injected"));
}

cokino::job_record clip_job(const cokino::fal& host)
{
    return record_of(encoded(host, cokino::text_to_video("a")).route, "7d1f2c90-3b54");
}

TEST_CASE("fal: a job is asked for under owner and app only")
{
    const cokino::fal host = sample();
    const auto job = clip_job(host);
    const auto status = host.encode_status(job);
    const auto result = host.encode_result(job);
    const auto cancel = host.encode_cancel(job);
    REQUIRE(status.has_value());
    REQUIRE(result.has_value());
    REQUIRE(cancel.has_value());
    CHECK(target_of(*status) == "GET /fal-ai/kling-video/requests/7d1f2c90-3b54/status");
    CHECK(target_of(*result) == "GET /fal-ai/kling-video/requests/7d1f2c90-3b54");
    CHECK(target_of(*cancel) == "PUT /fal-ai/kling-video/requests/7d1f2c90-3b54/cancel");
    CHECK(status->head->carries_key());
    CHECK_FALSE(has(status->head->bytes(), "Content-Type"));
    CHECK_FALSE(has(status->head->bytes(), "X-Fal-"));

    cokino::fal_options options;
    options.logs = true;
    const auto with_logs = sample(options).encode_status(job);
    REQUIRE(with_logs.has_value());
    CHECK(target_of(*with_logs) == "GET /fal-ai/kling-video/requests/7d1f2c90-3b54/status?logs=1");

    cokino::job_route route = *job.route;
    route.endpoint = "workflows/ann/boats/v2";
    const auto nested =
        host.encode_result(record_of(std::make_shared<const cokino::job_route>(route), "a/b?c#d"));
    REQUIRE(nested.has_value());
    CHECK(target_of(*nested) == "GET /workflows/ann/boats/requests/a%2Fb%3Fc%23d");
}

TEST_CASE("fal: a job of another host, base URL or shape is refused before any key is attached")
{
    const cokino::fal host = sample();
    const auto sound = clip_job(host);
    const auto spoilt = [&](std::string cokino::job_route::* part, std::string value) {
        cokino::job_route route = *sound.route;
        route.*part = std::move(value);
        return record_of(std::make_shared<const cokino::job_route>(route), sound.id);
    };
    const cokino::job_record rows[] = {
        spoilt(&cokino::job_route::provider, "rest"),
        spoilt(&cokino::job_route::base_url, "https://queue.evil.example"),
        spoilt(&cokino::job_route::base_url, "http://queue.fal.run"),
        spoilt(&cokino::job_route::endpoint, ""),
        spoilt(&cokino::job_route::endpoint, "kling-video"),
        spoilt(&cokino::job_route::endpoint, "../../v1/keys"),
        spoilt(&cokino::job_route::endpoint, "fal-ai/.."),
        spoilt(&cokino::job_route::endpoint, "fal-ai//x"),
        spoilt(&cokino::job_route::endpoint, "fal-ai/kling?x=/y"),
        record_of(sound.route, ""),
        record_of(sound.route, ".."),
        record_of(sound.route, "a b"),
        record_of(sound.route, std::string(257, 'a')),
        record_of(nullptr, "x"),
    };
    for (const auto& row : rows) {
        const auto look = host.encode_status(row);
        REQUIRE(look.has_error());
        CHECK(look.error() == errc::invalid_job);
        CHECK_FALSE(has(printed(look.error()), canary));
    }
}

TEST_CASE("fal: a link to another origin is refused, and the key stays at home")
{
    const cokino::fal host = sample();
    for (const char* foreign :
         {"https://evil.example/status", "http://queue.fal.run/x", "https://queue.fal.run:444/x",
          "//evil.example/x", "https://queue.fal.run@evil.example/x",
          "https://queue.fal.run.evil.example/x", "ftp://queue.fal.run/x", "https://", "\x01"}) {
        CAPTURE(foreign);
        auto job = clip_job(host);
        job.status_url = job.result_url = job.cancel_url = foreign;
        for (const auto& asked :
             {host.encode_status(job), host.encode_result(job), host.encode_cancel(job)}) {
            REQUIRE(asked.has_error());
            CHECK(asked.error() == errc::link_refused);
            CHECK(asked.error().sent() == cokino::fate::not_sent);
            CHECK_FALSE(has(printed(asked.error()), canary));
        }
        cokino::fal_options options;
        options.derive_links = true;
        const auto derived = sample(options).encode_status(job);
        REQUIRE(derived.has_value());
        CHECK(target_of(*derived) == "GET /fal-ai/kling-video/requests/7d1f2c90-3b54/status");
    }
    auto own = clip_job(host);
    own.status_url = "https://QUEUE.fal.run:443/moved/status?token=x";
    const auto asked = host.encode_status(own);
    REQUIRE(asked.has_value());
    CHECK(target_of(*asked) == "GET /moved/status?token=x");
}

} // namespace fal_test
