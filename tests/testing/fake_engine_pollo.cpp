// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The fake host's Pollo, asked by the adapter for Pollo: submit, look, link, file, and each quirk.

#include <cokino/provider/pollo.hpp>
#include <cokino/testing/fake_engine.hpp>

#include "testing/adapter_exchange.hpp"

#include <doctest/doctest.h>

#include <string>

namespace fake_engine_pollo_test {

using namespace adapter_test;

pollo adapter(std::string key = "k")
{
    pollo_options o;
    o.base_url = "https://fake.example/api/platform";
    return pollo(api_key(std::move(key), "POLLO_API_KEY"), o);
}

const std::string kling = "/api/platform/v1/generation/kling-ai/kling-v2-5-turbo/video";

TEST_CASE("pollo against the fake: a clip is submitted, renders and gives its file, wrapped or not")
{
    for (const bool wraps : {true, false}) {
        CAPTURE(wraps);
        fake_options o;
        o.wraps_data = wraps;
        host h(o);
        const auto p = adapter();
        text_to_video clip("a boat");
        clip.aspect_ratio = aspect_ratio::square_1_1;
        clip.duration = 10s;
        clip.cfg_scale = 0.5;
        submit_context context;
        context.webhook_url = "https://hooks.example.net/p";
        const auto job = submitted(h, p, clip, std::move(context));
        CHECK(job.id == h.engine.jobs().at(0).id);
        CHECK(h.engine.jobs()[0].webhook_url == "https://hooks.example.net/p");
        CHECK(h.engine.jobs()[0].ratio == aspect_ratio::square_1_1);
        CHECK(h.engine.jobs()[0].duration_s == 10);
        CHECK(h.engine.counts().spent_mills == 700);
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
}

TEST_CASE("pollo against the fake: a frame by its link, in both tiers, and the newer models")
{
    host h;
    const auto p = adapter();
    image_to_video motion("https://a.example/x.png", "push in");
    motion.tail_image = "https://a.example/y.png";
    const auto job = submitted(h, p, motion);
    CHECK(h.engine.jobs().at(0).image_url == "https://a.example/x.png");
    CHECK(h.engine.counts().spent_mills == 350);
    motion.model = video_model::kling_2_5_turbo_standard;
    submitted(h, p, motion);
    CHECK(h.engine.counts().spent_mills == 350 + 210);
    motion.tail_image = "";
    for (const auto model :
         {video_model::kling_3_0_pro, video_model::kling_3_0_standard, video_model::seedance_2_0}) {
        motion.model = model;
        submitted(h, p, motion);
        text_to_video clip("a boat");
        clip.model = model;
        submitted(h, p, clip);
    }
    submitted(h, p, raw_order(job_kind::images, "flux/flux-2-max/image", R"({"prompt":"a boat"})"));
    CHECK(h.engine.jobs().back().kind == job_kind::images);
    CHECK(h.engine.counts().jobs == 9);
    h.clock.pass(11s);
    const auto done = status_of(h, p, job);
    REQUIRE(done.output);
    CHECK(h.fetch(done.output->assets.at(0).url).status == 200);
}

TEST_CASE("pollo against the fake: failures come in their own words")
{
    host h;
    h.engine.faults().on_job(1).content_refused().polls_say("pondering").polls_answer(503);
    h.engine.faults().on_job(2).fails("x", "renderer down");
    h.engine.faults().on_job(3).succeeds_without_link();
    h.engine.faults().on_job(4).hangs();
    const auto p = adapter();
    const text_to_video clip("a boat");
    const auto flagged = submitted(h, p, clip), broken = submitted(h, p, clip);
    const auto empty = submitted(h, p, clip), stuck = submitted(h, p, clip);
    CHECK(status_of(h, p, flagged).state == job_state::unknown);
    const auto page = looked_at(h, p, flagged);
    CHECK(page.error() == errc::host_fault);
    CHECK(page.error().facts().message.starts_with("a page stands in place of an answer"));
    h.clock.pass(11s);
    CHECK(*status_of(h, p, flagged).error == errc::content_refused);
    CHECK(*status_of(h, p, broken).error == errc::job_failed);
    CHECK(status_of(h, p, broken).error->facts().host_text == "renderer down");
    CHECK(*status_of(h, p, empty).error == errc::result_missing);
    h.clock.pass(1h);
    CHECK(status_of(h, p, stuck).state == job_state::running);
    auto nobody = stuck;
    nobody.id = "nobody";
    CHECK(looked_at(h, p, nobody).error() == errc::not_found);
}

TEST_CASE("pollo against the fake: refusals before acceptance cost nothing and name the field")
{
    fake_options o;
    o.api_key = "k";
    o.active_max = 1;
    host h(o);
    h.engine.faults().on_job(1).content_refused_at_submit().rate_limited().refused_with(402);
    const auto p = adapter(), stranger = adapter("other");
    text_to_video clip("a boat");
    CHECK(refused(h, p, clip) == errc::rate_limited);
    CHECK(refused(h, p, clip) == errc::out_of_credit);
    const auto flagged = refused(h, p, clip);
    CHECK(flagged == errc::content_refused);
    CHECK(flagged.facts().billed == billing::no);
    CHECK(refused(h, stranger, clip) == errc::unauthorised);
    clip.model = video_model::kling_3_0_pro; // of which no limit is known
    clip.prompt = std::string(1501, 'a');
    const auto endless = refused(h, p, clip);
    CHECK(endless == errc::request_rejected);
    CHECK(endless.facts().field == "prompt");
    CHECK(h.engine.counts().jobs == 0);
    clip.prompt = "a boat";
    clip.extra = R"({"generateAudio":true})";
    h.engine.faults() = fault_script();
    submitted(h, p, clip);
    CHECK(refused(h, p, clip) == errc::rate_limited);
    CHECK(h.engine.counts().jobs == 1);
}

TEST_CASE("the fake Pollo refuses what the real one would not understand")
{
    host h;
    const std::pair<std::string, std::string> rows[] = {
        {"[]", "input"},
        {R"({"prompt":"p"})", "input"},
        {R"({"input":{}})", "prompt"},
        {R"({"input":{"prompt":"p","duration":"5"}})", "duration"},
        {R"({"input":{"prompt":"p","duration":7}})", "duration"},
        {R"({"input":{"prompt":"p","length":5}})", "length"},
        {R"({"input":{"prompt":"p","mode":"pro"}})", "mode"},
        {R"({"input":{"prompt":"p","strength":0.5}})", "strength"},
        {R"({"input":{"prompt":"p","strength":101}})", "strength"},
        {R"({"input":{"prompt":"p","cfg_scale":0.5}})", "cfg_scale"},
        {R"({"input":{"prompt":"p","aspectRatio":"4:3"}})", "aspectRatio"},
        {R"({"input":{"prompt":"p","image":"https://a/x","aspectRatio":"1:1"}})", "aspectRatio"},
        {R"({"input":{"prompt":"p","image":"data:image/png;base64,A"}})", "image"},
        {R"({"input":{"prompt":"p","image":"https://a/x","mode":"fast"}})", "mode"},
        {R"({"input":{"prompt":"p"},"callback":"https://x.example"})", "callback"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.first);
        const auto refused = h.rest("POST", kling, row.first);
        CHECK(refused.status == 400);
        CHECK(text_at(refused, "/code") == "BAD_REQUEST");
        CHECK(text_at(refused, "/issues/0/message").starts_with(row.second + ":"));
    }
    CHECK(h.engine.counts().jobs == 0);
    CHECK(h.rest("POST", kling, R"({"input":{"prompt":"p"}})").status == 200);
    CHECK(h.rest("POST", "/api/platform/v1/generation/a/b/video", "{}").status == 404);
    CHECK(h.rest("GET", "/api/platform/v1/generation/x").status == 404);
    CHECK(h.rest("GET", "/api/platform/v1/models").status == 404);
    CHECK(h.rest("DELETE", "/api/platform/v1/generation/x/status").status == 404);
    const auto bearer = h.ask("POST", kling, "{}", {{"authorization", "Bearer k"}});
    CHECK(bearer.status == 401);
    CHECK(text_at(bearer, "/code") == "UNAUTHORIZED");
}

} // namespace fake_engine_pollo_test
