// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Kling's own API: requests to bytes in both generations, keys and tokens. Answers are in
// kling_answers.cpp.
#include <cokino/provider/kling.hpp>

#include <provider/rows.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

namespace kling_test {

using namespace provider_rows;
using namespace std::chrono_literals;
using cokino::errc;
using cokino::submit_context;
using clock = std::chrono::system_clock;

constexpr clock::time_point demo_time{1790000000s};

cokino::kling_options options_for(cokino::kling_api api)
{
    cokino::kling_options o;
    o.api = api;
    return o;
}

cokino::kling sample(cokino::kling_api api = cokino::kling_api::current)
{
    return cokino::kling(cokino::api_key(std::string(canary), "KLING_API_KEY"), options_for(api));
}

cokino::kling_key_pair demo_pair()
{
    return {cokino::api_key("AKdemo0001", "KLING_ACCESS_KEY"),
            cokino::api_key("SKdemo0001", "KLING_SECRET_KEY")};
}

cokino::kling signing(cokino::kling_api api = cokino::kling_api::legacy)
{
    return cokino::kling(demo_pair(), options_for(api));
}

submit_context context(std::string_view id = {}, std::string_view hook = {})
{
    submit_context c;
    c.idempotency_key = id;
    c.webhook_url = hook;
    return c;
}

template <class Request>
cokino::encoded_submit check(const cokino::kling& host, const Request& request,
                             std::string_view path, std::string_view body, submit_context c = {})
{
    auto out = host.encode(request, std::move(c));
    CAPTURE(path);
    REQUIRE_MESSAGE(out.has_value(), out.error().describe());
    CHECK(target_of(out->request) == "POST /" + std::string(path));
    CHECK(out->request.body == body);
    CHECK(has(out->request.head->bytes(), "Authorization: Bearer " + std::string(canary) + "\r\n"));
    CHECK(out->route->endpoint == path);
    CHECK(out->route->provider == "kling");
    CHECK(out->route->base_url == "https://api-singapore.klingai.com");
    CHECK(out->route->key == "KLING_API_KEY");
    return std::move(*out);
}

template <class Request>
void refuses(const cokino::kling& host, const Request& request, errc e, std::string_view field,
             submit_context c = {})
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

TEST_CASE("kling: the current generation takes flat settings, and a duration that is a number")
{
    const auto host = sample();
    cokino::text_to_video clip("a \"neon\" street\n夜");
    auto out = check(host, clip, "text-to-video/kling-2.5-turbo",
                     "{\"prompt\":\"a \\\"neon\\\" street\\n夜\",\"settings\":{\"resolution\":"
                     "\"1080p\",\"aspect_ratio\":\"16:9\",\"duration\":5}}");
    CHECK(out.duration_s == 5);
    CHECK(out.warnings.empty());
    CHECK(out.route->kind == cokino::job_kind::video);
    CHECK(out.route->model == "kling-2.5-turbo-pro");

    clip.prompt = "boat";
    clip.duration = 10s;
    clip.aspect_ratio = cokino::aspect_ratio::square_1_1;
    clip.model = cokino::video_model::kling_2_5_turbo_standard;
    clip.audio = false; // which 2.5 is anyhow
    out = check(host, clip, "text-to-video/kling-2.5-turbo",
                R"({"prompt":"boat","settings":{"resolution":"720p","aspect_ratio":"1:1",)"
                R"("duration":10},"options":{"callback_url":"https://hooks.example.net/kling",)"
                R"("external_task_id":"job-000417-a1"}})",
                context("job-000417-a1", "https://hooks.example.net/kling"));
    CHECK(out.duration_s == 10);
    CHECK(out.route->model == "kling-2.5-turbo-standard");

    clip.model = cokino::video_model::kling_3_0_pro;
    clip.duration = 13s;
    clip.audio = true;
    clip.extra = R"({"multi_shot":false})";
    check(host, clip, "text-to-video/kling-3.0",
          R"({"prompt":"boat","settings":{"resolution":"1080p","aspect_ratio":"1:1",)"
          R"("duration":13,"audio":"native","multi_shot":false}})");
    clip.model = cokino::video_model::kling_3_0_standard;
    clip.audio = false;
    clip.extra.clear();
    check(host, clip, "text-to-video/kling-3.0",
          R"({"prompt":"boat","settings":{"resolution":"720p","aspect_ratio":"1:1",)"
          R"("duration":13,"audio":"off"}})");
}

TEST_CASE("kling: the current generation takes frames by link or as bare base64")
{
    const auto host = sample();
    cokino::image_to_video motion("https://assets.example.net/lantern.png", "push in");
    check(host, motion, "image-to-video/kling-2.5-turbo",
          R"({"contents":[{"type":"prompt","text":"push in"},{"type":"first_frame",)"
          R"("url":"https://assets.example.net/lantern.png"}],)"
          R"("settings":{"resolution":"1080p","duration":5}})");
    motion.image = "data:image/png;base64,iVBORw0K";
    motion.tail_image = "data:image/jpeg;base64,/9j/4AAQ";
    motion.duration = 10s;
    check(host, motion, "image-to-video/kling-2.5-turbo",
          R"({"contents":[{"type":"prompt","text":"push in"},{"type":"first_frame",)"
          R"("url":"iVBORw0K"},{"type":"last_frame","url":"/9j/4AAQ"}],)"
          R"("settings":{"resolution":"1080p","duration":10},)"
          R"("options":{"external_task_id":"job-000417-b1"}})",
          context("job-000417-b1"));
    motion.model = cokino::video_model::kling_3_0_standard;
    motion.tail_image = "https://assets.example.net/up.png";
    check(host, motion, "image-to-video/kling-3.0",
          R"({"contents":[{"type":"prompt","text":"push in"},{"type":"first_frame",)"
          R"("url":"iVBORw0K"},{"type":"last_frame","url":"https://assets.example.net/up.png"}],)"
          R"("settings":{"resolution":"720p","duration":10}})");
}

TEST_CASE("kling: the legacy generation takes model and mode by name, and a duration as text")
{
    const auto host = sample(cokino::kling_api::legacy);
    cokino::text_to_video clip("boat");
    clip.negative_prompt = "text, watermark";
    check(host, clip, "v1/videos/text2video",
          R"({"model_name":"kling-v2-5-turbo","prompt":"boat","negative_prompt":"text, watermark",)"
          R"("mode":"pro","aspect_ratio":"16:9","duration":"5",)"
          R"("callback_url":"https://hooks.example.net/k?a=b","external_task_id":"job-000418-a1"})",
          context("job-000418-a1", "https://hooks.example.net/k?a=b"));
    clip.model = cokino::video_model::kling_3_0_standard;
    clip.cfg_scale = 0.6;
    clip.duration = 7s;
    clip.audio = true;
    clip.extra = R"({"multi_shot":true,"shot_type":"x"})";
    check(host, clip, "v1/videos/text2video",
          R"({"model_name":"kling-v3","prompt":"boat","negative_prompt":"text, watermark",)"
          R"("mode":"std","aspect_ratio":"16:9","duration":"7","cfg_scale":6E-1,"sound":"on",)"
          R"("multi_shot":true,"shot_type":"x"})");
    clip.audio = false;
    clip.extra.clear();
    check(host, clip, "v1/videos/text2video",
          R"({"model_name":"kling-v3","prompt":"boat","negative_prompt":"text, watermark",)"
          R"("mode":"std","aspect_ratio":"16:9","duration":"7","cfg_scale":0.6,"sound":"off"})");

    cokino::image_to_video motion("https://assets.example.net/lantern.png", "push in");
    motion.tail_image = "data:image/png;base64,iVBORw0K";
    motion.duration = 10s;
    check(host, motion, "v1/videos/image2video",
          R"({"model_name":"kling-v2-5-turbo","image":"https://assets.example.net/lantern.png",)"
          R"("image_tail":"iVBORw0K","prompt":"push in","mode":"pro","duration":"10"})");
}

TEST_CASE("kling: the watermark is asked for only where the options say so")
{
    for (const auto api : {cokino::kling_api::current, cokino::kling_api::legacy}) {
        auto o = options_for(api);
        o.watermark = false;
        const cokino::kling host(cokino::api_key("k", "K"), o);
        const auto out = host.encode(cokino::text_to_video("boat"), submit_context());
        REQUIRE(out.has_value());
        CHECK(has(out->request.body, R"("watermark_info":{"enabled":false})"));
        CHECK(has(out->request.body, R"("options":)") == (api == cokino::kling_api::current));
    }
}

TEST_CASE("kling: what a generation does not know is refused by field, or left out when lenient")
{
    const auto current = sample(), legacy = sample(cokino::kling_api::legacy);
    const auto e = errc::unsupported_field;
    cokino::text_to_video clip("boat");
    clip.negative_prompt = "text";
    refuses(current, clip, e, "negative_prompt");
    clip.negative_prompt.clear();
    clip.cfg_scale = 0.5;
    refuses(current, clip, e, "cfg_scale");
    refuses(legacy, clip, e, "cfg_scale"); // not of 2.x
    clip.model = cokino::video_model::kling_3_0_pro;
    refuses(current, clip, e, "cfg_scale");
    clip.cfg_scale.reset();
    clip.model = cokino::video_model::seedance_2_0;
    refuses(current, clip, e, "model");
    refuses(legacy, clip, e, "model");
    clip.model = cokino::video_model::kling_2_5_turbo_pro;
    clip.audio = true;
    refuses(current, clip, e, "audio");
    refuses(legacy, clip, e, "audio");
    clip.audio.reset();
    clip.seed = 7;
    refuses(current, clip, e, "seed");
    refuses(legacy, clip, e, "seed");
    cokino::image_to_video motion("https://a.example/f.png", "push in");
    motion.tail_image = "https://a.example/l.png";
    motion.model = cokino::video_model::kling_2_5_turbo_standard;
    refuses(current, motion, e, "tail_image");
    refuses(legacy, motion, e, "tail_image");
    refuses(current, cokino::text_to_image("a lantern"), e, "model");
    motion.model = cokino::video_model::kling_2_5_turbo_pro;
    refuses(current, motion, errc::invalid_argument, "webhook_url", context("", "ftp://x"));
    motion.duration = 7s;
    refuses(current, motion, errc::invalid_argument, "duration");
    clip.seed.reset();
    clip.extra = R"({"duration":3})";
    refuses(current, clip, errc::invalid_argument, "extra");
    refuses(legacy, clip, errc::invalid_argument, "extra");
    clip.extra = "{nonsense}";
    refuses(current, clip, errc::invalid_argument, "extra");

    clip.extra.clear();
    clip.negative_prompt = "text";
    clip.cfg_scale = 0.5;
    clip.seed = 7;
    clip.audio = true;
    submit_context lenient;
    lenient.lenient = true;
    const auto out = current.encode(clip, std::move(lenient));
    REQUIRE(out.has_value());
    CHECK(out->request.body == R"({"prompt":"boat","settings":{"resolution":"1080p",)"
                               R"("aspect_ratio":"16:9","duration":5}})");
    std::vector<std::string> left_out;
    for (const auto& w : out->warnings)
        left_out.push_back(w.facts().field);
    CHECK(left_out == std::vector<std::string>{"negative_prompt", "cfg_scale", "seed", "audio"});
}

TEST_CASE("kling: a raw order goes out as it stands, with own id and hook where its path has them")
{
    const auto host = sample();
    const auto video = cokino::job_kind::video;
    auto out = check(host, cokino::raw_order(video, "text-to-video/kling-2.6", R"({"prompt":"p"})"),
                     "text-to-video/kling-2.6",
                     R"({"prompt":"p","options":{"external_task_id":"id1"}})", context("id1"));
    CHECK(out.route->model == "text-to-video/kling-2.6");
    check(host,
          cokino::raw_order(video, "/motion-control/kling-3.0",
                            R"({"prompt":"p","options":{"watermark_info":{"enabled":true}}})"),
          "motion-control/kling-3.0",
          R"({"prompt":"p","options":{"watermark_info":{"enabled":true},)"
          R"("callback_url":"https://h.example/x"}})",
          context("", "https://h.example/x"));
    out = check(host,
                cokino::raw_order(cokino::job_kind::images, "v1/images/generations",
                                  R"({"model_name":"kling-v3","prompt":"p","n":1})"),
                "v1/images/generations",
                R"({"model_name":"kling-v3","prompt":"p","n":1,"external_task_id":"id2"})",
                context("id2"));
    CHECK(out.route->kind == cokino::job_kind::images);
    check(host, cokino::raw_order(video, "text-to-video/kling-2.6", R"({"prompt":"p"})"),
          "text-to-video/kling-2.6", R"({"prompt":"p"})");

    for (const char* bad : {"x", "a/../b", "a//b", "/", "a/b?c=d", "https://evil.example/x",
                            "//evil.example/x", "a/b/c/d", "a/%2e%2e"})
        refuses(host, cokino::raw_order(video, bad, R"({"prompt":"p"})"), errc::invalid_argument,
                "endpoint");
    refuses(host, cokino::raw_order(video, "a/b", "{prompt}"), errc::invalid_argument, "input");
    refuses(host, cokino::raw_order(video, "a/b", R"({"options":{"external_task_id":"mine"}})"),
            errc::invalid_argument, "input", context("ours"));
}

TEST_CASE("kling: one look at a job goes where its generation has it, and only there")
{
    const auto host = sample();
    const auto route = [&](std::string endpoint) {
        cokino::job_route r;
        r.provider = "kling";
        r.base_url = "https://api-singapore.klingai.com";
        r.endpoint = std::move(endpoint);
        return std::make_shared<const cokino::job_route>(r);
    };
    const auto asked = [&](std::string endpoint, std::string id) {
        const auto out = host.encode_status(record_of(route(std::move(endpoint)), std::move(id)));
        return out ? target_of(*out)
                   : std::string(cokino::name_of(*cokino::errc_of(out.error().code())));
    };
    CHECK(asked("text-to-video/kling-2.5-turbo", "871234567890123456") ==
          "GET /tasks?task_ids=871234567890123456");
    CHECK(asked("v1/videos/text2video", "871") == "GET /v1/videos/text2video/871");
    CHECK(asked("v1/images/generations", "871") == "GET /v1/images/generations/871");
    CHECK(asked("text-to-video/kling-2.5-turbo", "1,2&x=/../") ==
          "GET /tasks?task_ids=1%2C2%26x%3D%2F..%2F");
    CHECK(asked("v1/videos/../../account", "871") == "invalid_job");
    CHECK(asked("v1/videos/text2video?x=", "871") == "invalid_job");
    CHECK(asked("", "871") == "invalid_job");
    CHECK(asked("text-to-video/kling-2.5-turbo", "") == "invalid_job");
    auto foreign = *route("text-to-video/kling-2.5-turbo");
    foreign.base_url = "https://evil.example";
    CHECK(host.encode_status(record_of(std::make_shared<const cokino::job_route>(foreign), "871"))
              .error() == errc::invalid_job);
    foreign.base_url = "https://api-singapore.klingai.com";
    foreign.provider = "kie";
    CHECK(host.encode_status(record_of(std::make_shared<const cokino::job_route>(foreign), "871"))
              .error() == errc::invalid_job);
    CHECK_FALSE(host.traits().can_cancel);
    CHECK(host.encode_cancel(record_of(route("text-to-video/kling-2.5-turbo"), "871")).error() ==
          errc::unsupported_field);
}

TEST_CASE("kling: up to twenty jobs of the current generation are asked for at once")
{
    const auto host = sample();
    const auto clip = host.encode(cokino::text_to_video("boat"), submit_context());
    const auto motion =
        host.encode(cokino::image_to_video("https://a.example/f.png", "p"), submit_context());
    const auto old =
        sample(cokino::kling_api::legacy).encode(cokino::text_to_video("boat"), submit_context());
    REQUIRE((clip && motion && old));
    const auto a = record_of(clip->route, "1"), b = record_of(motion->route, "2"),
               c = record_of(old->route, "3");
    CHECK(host.batches(a, b));
    CHECK_FALSE(host.batches(a, c));
    CHECK_FALSE(host.batches(c, c));
    CHECK(host.traits().status_batch_max == 20);
    CHECK(sample(cokino::kling_api::legacy).traits().status_batch_max == 1);
    const cokino::job_record* two[] = {&a, &b};
    const auto asked = host.encode_status_batch(two);
    REQUIRE(asked.has_value());
    CHECK(target_of(*asked) == "GET /tasks?task_ids=1,2");
    const cokino::job_record* mixed[] = {&a, &c};
    CHECK(host.encode_status_batch(mixed).error() == errc::invalid_job);
    const std::vector<const cokino::job_record*> many(21, &a);
    CHECK(host.encode_status_batch(many).has_error());
    CHECK(host.encode_status_batch({}).has_error());
}

TEST_CASE("kling: a job that two wait for is asked for once, and an id is one entry of the list")
{
    const auto host = sample();
    const auto clip = host.encode(cokino::text_to_video("boat"), submit_context());
    REQUIRE(clip.has_value());
    const auto a = record_of(clip->route, "1"), b = record_of(clip->route, "2"),
               copy = record_of(clip->route, "1"), several = record_of(clip->route, "3,4");
    const cokino::job_record* same[] = {&a, &b, &a, &copy};
    const auto asked = host.encode_status_batch(same);
    REQUIRE(asked.has_value());
    CHECK(target_of(*asked) == "GET /tasks?task_ids=1,2");
    // The text of a job may come from anywhere.
    CHECK_FALSE(host.batches(a, several));
    CHECK_FALSE(host.batches(several, a));
    const cokino::job_record* spoilt[] = {&a, &several};
    CHECK(host.encode_status_batch(spoilt).error() == errc::invalid_job);
}

TEST_CASE("kling: a key pair signs a token, and a new one before the old one ends")
{
    const auto host = signing();
    const cokino::text_to_video clip("boat");
    const auto head = [&] {
        const auto out = host.encode(clip, submit_context());
        REQUIRE(out.has_value());
        return out->request.head->bytes();
    };
    refuses(host, clip, errc::missing_credential, "api_key"); // before the first renewal
    host.renew_key(demo_time);
    const std::string token =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
        "eyJpc3MiOiJBS2RlbW8wMDAxIiwiZXhwIjoxNzkwMDAxODAwLCJuYmYiOjE3ODk5OTk5OTV9."
        "4uSi2yTwUImrIxt8qTADAj6Dfo-GLEvprnZgPhmtSPA";
    const std::string first = head();
    CHECK(has(first, "Authorization: Bearer " + token + "\r\n"));
    for (const auto kept : {0s, 1s, -5s, 1499s}) {
        host.renew_key(demo_time + kept);
        CHECK(head() == first);
    }
    host.renew_key(demo_time + 1500s);
    const std::string second = head();
    CHECK(second != first);
    CHECK(has(second, "Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."));
    host.renew_key(demo_time); // the clock was wrong: the token would be one of the future
    CHECK(head() == first);

    // Everything that is asked carries the token of the day, and no answer can show it.
    const auto out = host.encode(clip, submit_context());
    const auto job = record_of(out->route, "871");
    const auto look = host.encode_status(job);
    REQUIRE(look.has_value());
    CHECK(has(look->head->bytes(), "Authorization: Bearer " + token + "\r\n"));
    const auto leak = host.decode_status(job, answer(401, "{\"message\":\"bad " + token + "\"}"));
    CHECK_FALSE(has(printed(leak.error()), token));
    CHECK(out->route->key == "KLING_ACCESS_KEY");
    CHECK_FALSE(has(look->head->bytes(), "SKdemo0001"));
    const auto raw = host.encode(
        cokino::raw_order(cokino::job_kind::images, "v1/images/generations", R"({"prompt":"p"})"),
        submit_context());
    REQUIRE(raw.has_value());
    CHECK(has(raw->request.head->bytes(), token));
}

TEST_CASE("kling: a key pair cannot speak to the current generation")
{
    const auto host = signing(cokino::kling_api::current);
    host.renew_key(demo_time);
    refuses(host, cokino::text_to_video("boat"), errc::invalid_options, "api");
    const auto legacy = signing();
    legacy.renew_key(demo_time);
    refuses(legacy, cokino::raw_order(cokino::job_kind::video, "text-to-video/kling-2.6", "{}"),
            errc::invalid_options, "endpoint");
    const auto made = sample().encode(cokino::text_to_video("boat"), submit_context());
    const auto job = record_of(made->route, "871");
    CHECK(legacy.encode_status(job).error() == errc::invalid_options);
    CHECK_FALSE(legacy.batches(job, job));
}

TEST_CASE("kling: missing keys and bad options are told at each encode, by name")
{
    const cokino::text_to_video clip("boat");
    refuses(cokino::kling(cokino::api_key("", "KLING_API_KEY")), clip, errc::missing_credential,
            "api_key");
    const auto lacks = [&](const char* access, const char* secret, const char* named) {
        const cokino::kling host(
            cokino::kling_key_pair(cokino::api_key(access, "KLING_ACCESS_KEY"),
                                   cokino::api_key(secret, "KLING_SECRET_KEY")),
            options_for(cokino::kling_api::legacy));
        host.renew_key(demo_time);
        const auto out = host.encode(clip, submit_context());
        REQUIRE(out.has_error());
        CHECK(out.error() == errc::missing_credential);
        CHECK(has(out.error().facts().message, named));
    };
    lacks("", "s", "KLING_ACCESS_KEY");
    lacks("a", "", "KLING_SECRET_KEY");
    auto o = options_for(cokino::kling_api::current);
    o.base_url = "ftp://x";
    refuses(cokino::kling(cokino::api_key("k", "K"), o), clip, errc::invalid_options, "base_url");
    refuses(sample(static_cast<cokino::kling_api>(9)), clip, errc::invalid_options, "api");
}

TEST_CASE("kling: a copy of an adapter keeps its own token")
{
    const auto host = signing();
    host.renew_key(demo_time);
    const cokino::kling copy = host;
    host.renew_key(demo_time + 1700s);
    const auto before = copy.encode(cokino::text_to_video("boat"), submit_context());
    const auto after = host.encode(cokino::text_to_video("boat"), submit_context());
    REQUIRE((before && after));
    CHECK(before->request.head->bytes() != after->request.head->bytes());
}

TEST_CASE("kling: what is known of it beforehand agrees with its habits")
{
    for (const auto api : {cokino::kling_api::current, cokino::kling_api::legacy}) {
        const auto host = sample(api);
        const auto& f = host.facts();
        CHECK(f.host == host.traits().name);
        CHECK(f.repeats == host.traits().repeats);
        CHECK(f.repeats == cokino::repeat_semantics::refuses);
        CHECK(f.status_batch_max == host.traits().status_batch_max);
        CHECK(f.result_lifetime == host.traits().result_lifetime);
        CHECK(f.webhook == host.traits().webhook);
        CHECK(f.cancel.empty());
        CHECK(f.models.size() == 4);
        CHECK(host.traits().media.side_min == 300);
        CHECK(host.traits().media.inline_bytes_max == 10'000'000);
        CHECK_FALSE(host.traits().media.formats.has(cokino::image_format::webp));
    }
}

} // namespace kling_test
