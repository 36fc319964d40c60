// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The fake host's Kie, asked by the adapter for Kie: submit, look, link, file, and each quirk.

#include <cokino/provider/kie.hpp>
#include <cokino/testing/fake_engine.hpp>

#include "testing/adapter_exchange.hpp"

#include <doctest/doctest.h>

#include <string>

namespace fake_engine_kie_test {

using namespace adapter_test;

kie adapter(std::string key = "k")
{
    kie_options o;
    o.base_url = o.upload_base_url = "https://api.fake.example";
    return kie(api_key(std::move(key), "KIE_API_KEY"), o);
}

TEST_CASE("kie against the fake: a clip is submitted, renders, and its link leads to a file")
{
    host h;
    const auto p = adapter();
    text_to_video clip("a boat");
    clip.aspect_ratio = aspect_ratio::square_1_1;
    clip.duration = 10s;
    clip.negative_prompt = "text";
    clip.cfg_scale = 0.5;
    submit_context context;
    context.webhook_url = "https://hooks.example.net/kie";
    const auto job = submitted(h, p, clip, std::move(context));
    CHECK(job.id == h.engine.jobs().at(0).id);
    CHECK(h.engine.jobs()[0].webhook_url == "https://hooks.example.net/kie");
    CHECK(h.engine.jobs()[0].ratio == aspect_ratio::square_1_1);
    CHECK(h.engine.jobs()[0].duration_s == 10);
    CHECK(h.engine.counts().spent_mills == 420);
    CHECK(status_of(h, p, job).state == job_state::queued);
    h.clock.pass(2s);
    CHECK(status_of(h, p, job).state == job_state::running);
    h.clock.pass(10s);
    const auto done = status_of(h, p, job);
    CHECK(done.state == job_state::succeeded);
    REQUIRE(done.output);
    const auto file = h.fetch(done.output->assets.at(0).url);
    CHECK(file.status == 200);
    CHECK(file.payload().size() > 1000);
    CHECK(h.engine.counts().keys_leaked == 0);
}

TEST_CASE("kie against the fake: a start frame is uploaded and animated by each model")
{
    host h;
    const auto p = adapter();
    media_upload m;
    m.bytes = "\x89PNG";
    m.content_type = "image/png";
    m.file_name = "frame-1.png";
    const std::string link = uploaded(h, p, m);
    CHECK(link.starts_with("https://api.fake.example/download/"));
    media_upload copied;
    copied.link = "https://a.example/f.png";
    copied.file_name = "frame-2.png";
    CHECK(uploaded(h, p, copied).ends_with("/frame-2.png"));
    for (const auto model : {video_model::kling_2_5_turbo_pro, video_model::kling_3_0_pro,
                             video_model::seedance_2_0}) {
        image_to_video motion(link, "push in");
        motion.tail_image = "https://a.example/l.png";
        motion.model = model;
        const auto job = submitted(h, p, motion);
        CHECK(h.engine.jobs().back().image_url == link);
        h.clock.pass(12s);
        const auto done = status_of(h, p, job);
        REQUIRE(done.output);
        CHECK(h.fetch(done.output->assets.at(0).url).status == 200);
    }
}

TEST_CASE("kie against the fake: tiers, sound, length and stills have their price")
{
    host h;
    const auto p = adapter();
    text_to_video clip("a boat");
    clip.model = video_model::kling_3_0_pro;
    clip.duration = 7s;
    clip.audio = true;
    submitted(h, p, clip);
    CHECK(h.engine.counts().spent_mills == 7 * 135);
    clip.model = video_model::kling_3_0_standard;
    clip.audio = false;
    submitted(h, p, clip);
    CHECK(h.engine.counts().spent_mills == 7 * 135 + 7 * 70);
    text_to_image still("a boat");
    still.model = image_model::flux_2_pro;
    const auto job = submitted(h, p, still);
    CHECK(h.engine.counts().spent_mills == 7 * 135 + 7 * 70 + 25);
    h.clock.pass(12s);
    const auto done = status_of(h, p, job);
    REQUIRE(done.output);
    CHECK(h.fetch(done.output->assets.at(0).url).status == 200);
}

TEST_CASE("kie against the fake: a fresh task may not be visible, and is not lost by it")
{
    host h;
    h.engine.faults().on_job(1).polls_not_found(3);
    const auto p = adapter();
    const auto job = submitted(h, p, text_to_video("a boat"));
    for (int i = 0; i < 3; ++i) {
        const auto look = status_of(h, p, job);
        CHECK(look.state == job_state::unknown);
        CHECK(look.word == "recordInfo is null");
    }
    CHECK(status_of(h, p, job).state == job_state::queued);
    auto stray = job;
    stray.id = "task_nobody";
    CHECK(status_of(h, p, stray).state == job_state::unknown);
}

TEST_CASE("kie against the fake: failures come with HTTP 200 and their own code")
{
    host h;
    h.engine.faults().on_job(1).content_refused().polls_say("pondering").polls_answer(503);
    h.engine.faults().on_job(2).fails("x", "renderer down");
    h.engine.faults().on_job(3).succeeds_without_link();
    h.engine.faults().on_prompt("forbidden").content_refused_at_submit();
    h.engine.faults().on_prompt("poor").refused_with(402);
    h.engine.faults().on_prompt("busy").rate_limited();
    const auto p = adapter();
    const text_to_video clip("a boat");
    const auto policy = submitted(h, p, clip), broken = submitted(h, p, clip),
               empty = submitted(h, p, clip);
    CHECK(status_of(h, p, policy).state == job_state::unknown);
    CHECK(looked_at(h, p, policy).error() == errc::host_fault);
    h.clock.pass(12s);
    const auto refusal = status_of(h, p, policy);
    CHECK(*refusal.error == errc::content_refused);
    CHECK(refusal.error->facts().billed == billing::no);
    const auto failed = status_of(h, p, broken);
    CHECK(*failed.error == errc::job_failed);
    CHECK(failed.error->facts().host_text == "renderer down");
    CHECK(*status_of(h, p, empty).error == errc::result_missing);
    const auto content = refused(h, p, text_to_video("forbidden fruit"));
    CHECK(content == errc::content_refused);
    CHECK(content.facts().http_status == 200);
    const auto poor = refused(h, p, text_to_video("a poor man"));
    CHECK(poor == errc::out_of_credit);
    CHECK(poor.facts().http_status == 200);
    const auto busy = refused(h, p, text_to_video("a busy street"));
    CHECK(busy == errc::rate_limited);
    CHECK(busy.facts().http_status == 429); // by the edge
    CHECK(refused(h, p, raw_order(job_kind::video, "nobody/knows", R"({"prompt":"p"})")) ==
          errc::request_rejected);
    CHECK(h.engine.counts().jobs == 3);
}

TEST_CASE("kie against the fake: a key that is not good is refused, with HTTP 200")
{
    fake_options o;
    o.api_key = "good";
    host h(o);
    submitted(h, adapter("good"), text_to_video("a boat"));
    const auto f = refused(h, adapter("bad"), text_to_video("a boat"));
    CHECK(f == errc::unauthorised);
    CHECK(f.facts().http_status == 200);
    CHECK(h.engine.counts().unauthorised == 1);
}

TEST_CASE("kie against the fake: bodies that the host refuses are refused, by field")
{
    const auto t = [](std::string_view input) {
        return R"({"model":"kling/v2-5-turbo-text-to-video-pro","input":)" + std::string(input) +
               "}";
    };
    const auto i = [](std::string_view input) {
        return R"({"model":"kling/v2-5-turbo-image-to-video-pro","input":)" + std::string(input) +
               "}";
    };
    const std::pair<std::string, std::string> rows[] = {
        {"{", "body"},
        {R"({"model":"x"})", "body"},
        {R"({"model":"x","input":{"prompt":"p"}})", "model"},
        {R"({"model":"x","webhook":"y","input":{"prompt":"p"}})", "webhook"},
        {t("{}"), "prompt"},
        {t(R"({"prompt":"p","duration":5})"), "duration"},
        {t(R"({"prompt":"p","duration":"7"})"), "duration"},
        {t(R"({"prompt":"p","aspect_ratio":"4:3"})"), "aspect_ratio"},
        {t(R"({"prompt":"p","cfg_scale":2})"), "cfg_scale"},
        {t(R"({"prompt":"p","image_url":"https://a.example/f.png"})"), "image_url"},
        {i(R"({"prompt":"p"})"), "image_url"},
        {i(R"({"prompt":"p","image_url":"data:image/png;base64,AA"})"), "image_url"},
        {R"({"model":"bytedance/seedance-2","input":{"prompt":"p","duration":"5"}})", "duration"},
        {R"({"model":"kling-3.0/video","input":{"prompt":"p","sound":"on"}})", "sound"},
    };
    host h;
    for (const auto& row : rows) {
        CAPTURE(row.first);
        const auto out =
            h.ask("POST", "/api/v1/jobs/createTask", row.first,
                  {{"authorization", "Bearer k"}, {"content-type", "application/json"}});
        CHECK(out.status == 200);
        CHECK(json_of(out).at("code").to_number<int>() >= 400);
        CHECK(text_at(out, "/msg").find(row.second) != std::string::npos);
    }
    CHECK(h.engine.counts().jobs == 0);
    CHECK(h.engine.counts().submits == std::size(rows));
}

} // namespace fake_engine_kie_test
