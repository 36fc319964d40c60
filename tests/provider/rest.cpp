// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// rest: requests to bytes by names that are data, what of them is refused, and where the key goes.
// Answers are in rest_answers.cpp.
#include <cokino/model/asset.hpp>
#include <cokino/provider/rest.hpp>

#include <provider/rows.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <string>

namespace rest_test {

using namespace provider_rows;
using namespace std::chrono_literals;
using cokino::errc;
using cokino::submit_context;

cokino::rest_options sample()
{
    return cokino::rest_options("https://api.example.org",
                                cokino::api_key(std::string(canary), "KLING_KEY"));
}

template <class Request>
cokino::encoded_submit encoded(const cokino::rest& host, const Request& r, submit_context c = {})
{
    auto out = host.encode(r, std::move(c));
    REQUIRE(out.has_value());
    return std::move(*out);
}

template <class Request>
cokino::failure refused(const cokino::rest_options& o, const Request& r, submit_context c = {})
{
    const auto out = cokino::rest(o).encode(r, std::move(c));
    REQUIRE(out.has_error());
    CHECK(out.error().sent() == cokino::fate::not_sent);
    CHECK(out.error().facts().billed == cokino::billing::no);
    CHECK_FALSE(has(printed(out.error()), canary));
    return out.error();
}

TEST_CASE("rest: by default it speaks as the tutorial's host does")
{
    const cokino::rest host(sample());
    cokino::text_to_video clip("a \"neon\" street");
    auto out = encoded(host, clip);
    CHECK(out.request.head->bytes() == "POST /v1/kling/v2-5/text-to-video HTTP/1.1\r\n"
                                       "Host: api.example.org\r\n"
                                       "User-Agent: cokino/0.1.0\r\n"
                                       "Accept: application/json\r\n"
                                       "Content-Type: application/json\r\n"
                                       "Authorization: Bearer " +
                                           std::string(canary) + "\r\n");
    CHECK(out.request.body ==
          R"({"prompt":"a \"neon\" street","aspect_ratio":"16:9","duration":5})");
    CHECK(out.request.extra_fields.empty());
    CHECK(out.duration_s == 5);
    CHECK(out.lines == 0); // it was not told how large
    CHECK(out.aspect_ratio == "16:9");
    CHECK(out.route->provider == "rest");
    CHECK(out.route->model == "kling-2.5-turbo-pro");
    CHECK(out.route->endpoint == "/v1/kling/v2-5/text-to-video");
    CHECK(out.route->base_url == "https://api.example.org");
    CHECK(out.route->key == "KLING_KEY");

    clip.prompt = "boat";
    clip.negative_prompt = "text";
    clip.duration = 10s;
    clip.aspect_ratio = cokino::aspect_ratio::square_1_1;
    clip.cfg_scale = 0.5;
    submit_context context;
    context.webhook_url = "https://hooks.example.org/r?a=1";
    out = encoded(host, clip, std::move(context));
    CHECK(out.request.body ==
          R"({"prompt":"boat","aspect_ratio":"1:1","negative_prompt":"text","duration":10,)"
          R"("cfg_scale":0.5,"callback_url":"https://hooks.example.org/r?a=1"})");
    CHECK(out.duration_s == 10);

    // The image in the body is what switches to image-to-video.
    out = encoded(host, cokino::image_to_video("https://example.org/a.png", "push in"));
    CHECK(target_of(out.request) == "POST /v1/kling/v2-5/text-to-video");
    CHECK(out.request.body ==
          R"({"prompt":"push in","image_url":"https://example.org/a.png","duration":5})");
}

TEST_CASE("rest: names, paths and words are the options'")
{
    cokino::rest_options o = sample();
    o.name = "piapi";
    o.base_url = "https://api.example.org/api/";
    o.key_header = "x-api-key";
    o.key_prefix = "";
    o.submit_path = "/v1/videos/text2video";
    o.image_submit_path = "/v1/videos/image2video";
    o.prompt_field = "text";
    o.negative_prompt_field = "negativePrompt";
    o.duration_field = "length";
    o.duration = cokino::rest_duration::string;
    o.aspect_ratio_field = "ratio";
    o.cfg_scale_field = "strength";
    o.image_field = "image";
    o.tail_image_field = "image_tail";
    o.takes_data_links = true;
    o.callback_field = "webhookUrl";
    o.tier_field = "mode";
    o.constant_members = {{"model_name", R"("kling-v2-5-turbo")"}, {"config", R"({"a":[1]})"}};
    o.idempotency_field = "external_task_id";
    o.repeats = cokino::repeat_semantics::refuses;
    const cokino::rest host(o);
    CHECK(host.traits().name == "piapi");
    CHECK(host.traits().repeats == cokino::repeat_semantics::refuses);

    cokino::image_to_video motion("data:image/png;base64,AAAA", "push in");
    motion.tail_image = "https://example.org/last.png";
    motion.negative_prompt = "text";
    motion.duration = 10s;
    motion.cfg_scale = 0.25;
    motion.model = cokino::video_model::kling_2_5_turbo_standard;
    submit_context context;
    context.webhook_url = "https://hooks.example.org/";
    context.idempotency_key = "job-1";
    auto out = encoded(host, motion, std::move(context));
    CHECK(target_of(out.request) == "POST /api/v1/videos/image2video");
    CHECK(has(out.request.head->bytes(), "\r\nx-api-key: " + std::string(canary) + "\r\n"));
    CHECK_FALSE(has(out.request.head->bytes(), "Authorization"));
    CHECK(out.request.body ==
          R"({"text":"push in","image":"data:image/png;base64,AAAA",)"
          R"("image_tail":"https://example.org/last.png","negativePrompt":"text","length":"10",)"
          R"("strength":0.25,"mode":"std","model_name":"kling-v2-5-turbo","config":{"a":[1]},)"
          R"("webhookUrl":"https://hooks.example.org/","external_task_id":"job-1"})");
    CHECK(out.route->model == "kling-2.5-turbo-standard");
    CHECK(out.route->endpoint == "/v1/videos/image2video");

    out = encoded(host, cokino::text_to_video("boat"));
    CHECK(out.request.body == R"({"text":"boat","ratio":"16:9","length":"5","mode":"pro",)"
                              R"("model_name":"kling-v2-5-turbo","config":{"a":[1]}})");
}

TEST_CASE("rest: an idempotency key goes into the header that takes it, and is checked first")
{
    cokino::rest_options o = sample();
    o.idempotency_header = "Idempotency-Key";
    o.repeats = cokino::repeat_semantics::replays;
    const cokino::rest host(o);
    submit_context context;
    context.idempotency_key = "k-1";
    CHECK(encoded(host, cokino::text_to_video("a"), std::move(context)).request.extra_fields ==
          "Idempotency-Key: k-1\r\n");
    submit_context evil;
    evil.idempotency_key = "k\r\nX-Evil: 1";
    CHECK(refused(o, cokino::text_to_video("a"), std::move(evil)) == errc::request_malformed);
    // A host without such a header is not sent one.
    submit_context unused;
    unused.idempotency_key = "k-1";
    const auto out = encoded(cokino::rest(sample()), cokino::text_to_video("a"), std::move(unused));
    CHECK(out.request.extra_fields.empty());
    CHECK_FALSE(has(out.request.body, "k-1"));
}

TEST_CASE("rest: what the host has no name for is refused by the name of our field")
{
    using options = cokino::rest_options;
    using clip = cokino::text_to_video;
    using motion = cokino::image_to_video;
    const auto no = [](std::string options::* field) {
        options o = sample();
        o.*field = "";
        return o;
    };
    const auto check = [](const cokino::failure& f, const char* field, const char* message) {
        CHECK(f == errc::unsupported_field);
        CHECK(f.facts().field == field);
        CHECK(f.facts().message == message);
        CHECK(f.facts().host == "rest");
    };
    constexpr auto none = "rest has no such field";
    clip c("a");
    c.negative_prompt = "b";
    check(refused(no(&options::negative_prompt_field), c), "negative_prompt", none);
    c = clip("a");
    c.duration = 10s;
    check(refused(no(&options::duration_field), c), "duration", none);
    c = clip("a");
    c.cfg_scale = 0;
    check(refused(no(&options::cfg_scale_field), c), "cfg_scale", none);
    c = clip("a");
    c.aspect_ratio = cokino::aspect_ratio::portrait_9_16;
    check(refused(no(&options::aspect_ratio_field), c), "aspect_ratio", none);
    c = clip("a");
    submit_context context;
    context.webhook_url = "https://hooks.example.org/";
    check(refused(no(&options::callback_field), c, std::move(context)), "webhook_url", none);
    c.model = cokino::video_model::kling_2_5_turbo_standard;
    check(refused(sample(), c), "model", "rest offers kling-2.5-turbo-pro only");

    motion m("https://example.org/a.png", "push in");
    check(refused(no(&options::image_field), m), "image", none);
    m.tail_image = "https://example.org/b.png";
    check(refused(sample(), m), "tail_image", none);
    m.tail_image = "";
    m.image = "data:image/png;base64,AAAA";
    check(refused(sample(), m), "image", "rest takes http(s) links only");
    check(refused(sample(), cokino::text_to_image("a")), "model",
          "this host takes no text_to_image");

    // What is not asked for needs no name; the host's own default then holds.
    options bare = no(&options::duration_field);
    bare.aspect_ratio_field = bare.negative_prompt_field = bare.cfg_scale_field = "";
    CHECK(encoded(cokino::rest(bare), clip("a")).request.body == R"({"prompt":"a"})");
}

TEST_CASE("rest: a request that no host takes is refused before the host's names are looked at")
{
    cokino::text_to_video clip("a");
    clip.duration = 7s;
    CHECK(refused(sample(), clip).facts().message == "7 s is not offered; 5 or 10");
    submit_context bad;
    bad.webhook_url = "javascript:alert";
    const auto f = refused(sample(), cokino::text_to_video("a"), std::move(bad));
    CHECK(f == errc::invalid_argument);
    CHECK(f.facts().field == "webhook_url");
}

TEST_CASE("rest: options that cannot work are named")
{
    using options = cokino::rest_options;
    const struct {
        const char* field;
        std::function<void(options&)> spoil;
    } rows[] = {
        {"name", [](options& o) { o.name = "my host"; }},
        {"name", [](options& o) { o.name = ""; }},
        {"key_header", [](options& o) { o.key_header = "X Key"; }},
        {"idempotency_header", [](options& o) { o.idempotency_header = "a:b"; }},
        {"prompt_field", [](options& o) { o.prompt_field = ""; }},
        {"repeats", [](options& o) { o.idempotency_header = "Idempotency-Key"; }},
        {"repeats", [](options& o) { o.repeats = cokino::repeat_semantics::replays; }},
        {"constant_members", [](options& o) { o.constant_members = {{"a", "{"}}; }},
        {"constant_members", [](options& o) { o.constant_members = {{"", "1"}}; }},
        {"poll_interval_min", [](options& o) { o.poll_interval_min = -1ms; }},
        {"submit_path", [](options& o) { o.submit_path = ""; }},
        {"submit_path", [](options& o) { o.submit_path = "//evil.example/x"; }},
        {"image_submit_path", [](options& o) { o.image_submit_path = "https://evil.example"; }},
        {"status_path", [](options& o) { o.status_path = "/tasks"; }},
        {"cancel_path", [](options& o) { o.cancel_path = "/tasks"; }},
        {"id_paths", [](options& o) { o.id_paths.clear(); }},
        {"state_paths", [](options& o) { o.state_paths = {"a", "b", "c", "d", "e"}; }},
        {"link_paths", [](options& o) { o.link_paths = {"a..b"}; }},
        {"progress_paths", [](options& o) { o.progress_paths = {""}; }},
        {"succeeded_words", [](options& o) { o.succeeded_words.clear(); }},
        {"base_url", [](options& o) { o.base_url = "api.example.org"; }},
    };
    for (const auto& row : rows) {
        CAPTURE(row.field);
        options o = sample();
        row.spoil(o);
        const auto f = refused(o, cokino::text_to_video("a"));
        CHECK(f == errc::invalid_options);
        CHECK(f.facts().field == row.field);
    }
    options keyless("https://api.example.org", cokino::api_key("", "KLING_KEY"));
    const auto f = refused(keyless, cokino::text_to_video("a"));
    CHECK(f == errc::missing_credential);
    CHECK(has(f.facts().message, "KLING_KEY"));
}

TEST_CASE("rest: a job is asked for by the paths of the options, its id escaped")
{
    cokino::rest_options o = sample();
    o.cancel_path = "{endpoint}/x";
    CHECK(validate(o).has_error());
    o.cancel_path = "/cancel{endpoint}/{id}?soft={soft}";
    o.cancel_method = cokino::wire::method::delete_;
    const cokino::rest host(o);
    CHECK(host.traits().can_cancel);
    const auto route = encoded(host, cokino::text_to_video("a")).route;
    const auto job = record_of(route, "87/1?a#b");
    const auto status = host.encode_status(job);
    REQUIRE(status.has_value());
    CHECK(target_of(*status) == "GET /v1/kling/v2-5/tasks/87%2F1%3Fa%23b");
    CHECK(status->head->carries_key());
    const auto cancel = host.encode_cancel(job);
    REQUIRE(cancel.has_value());
    CHECK(target_of(*cancel) ==
          "DELETE /cancel/v1/kling/v2-5/text-to-video/87%2F1%3Fa%23b?soft={soft}");

    const cokino::rest steady(sample());
    CHECK_FALSE(steady.traits().can_cancel);
    const auto none = steady.encode_cancel(job);
    REQUIRE(none.has_error());
    CHECK(none.error() == errc::unsupported_field);
    CHECK(none.error().facts().host == "rest");
}

TEST_CASE("rest: a job of another host, base URL or endpoint is refused before any key is attached")
{
    const cokino::rest host(sample());
    const auto sound = encoded(host, cokino::text_to_video("a")).route;
    const auto check = [&](std::string cokino::job_route::* part, const char* value) {
        cokino::job_route route = *sound;
        route.*part = value;
        const auto asked =
            host.encode_status(record_of(std::make_shared<const cokino::job_route>(route), "8"));
        REQUIRE(asked.has_error());
        CHECK(asked.error() == errc::invalid_job);
        CHECK_FALSE(has(printed(asked.error()), canary));
    };
    check(&cokino::job_route::provider, "fal");
    check(&cokino::job_route::base_url, "https://evil.example");
    check(&cokino::job_route::endpoint, "/v1/account");
    CHECK(host.encode_status(record_of(sound, "..")).has_error());
    CHECK(host.encode_status(record_of(nullptr, "8")).has_error());
}

} // namespace rest_test
