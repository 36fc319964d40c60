// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The fake host's Kling, asked by the adapter for Kling: submit, look, link, file, and each quirk.

#include <cokino/provider/kling.hpp>
#include <cokino/testing/fake_engine.hpp>

#include "testing/adapter_exchange.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace fake_engine_kling_test {

using namespace adapter_test;

constexpr auto generations = {kling_api::current, kling_api::legacy};

kling_options options_for(kling_api api)
{
    kling_options o;
    o.base_url = "https://api.fake.example";
    o.api = api;
    return o;
}

kling adapter(kling_api api = kling_api::current, std::string key = "k")
{
    return kling(api_key(std::move(key), "KLING_API_KEY"), options_for(api));
}

submit_context with(std::string_view own_id, std::string_view hook = {})
{
    submit_context c;
    c.idempotency_key = own_id;
    c.webhook_url = hook;
    return c;
}

TEST_CASE("kling against the fake: a clip is submitted, renders, and its link leads to a file")
{
    for (const auto api : generations) {
        host h;
        const auto p = adapter(api);
        text_to_video clip("a boat");
        clip.aspect_ratio = aspect_ratio::square_1_1;
        clip.duration = 10s;
        const auto job = submitted(h, p, clip, with("own-1", "https://hooks.example.net/k"));
        CHECK(job.id == h.engine.jobs().at(0).id);
        CHECK(h.engine.jobs()[0].webhook_url == "https://hooks.example.net/k");
        CHECK(h.engine.jobs()[0].ratio == aspect_ratio::square_1_1);
        CHECK(h.engine.jobs()[0].duration_s == 10);
        CHECK(h.engine.counts().spent_mills == 700);
        CHECK(status_of(h, p, job).state == job_state::queued);
        h.clock.pass(2s);
        CHECK(status_of(h, p, job).state == job_state::running);
        h.clock.pass(10s);
        const auto done = status_of(h, p, job);
        CHECK(done.state == job_state::succeeded);
        CHECK(done.word == (api == kling_api::current ? "succeeded" : "succeed"));
        REQUIRE(done.output);
        const auto file = h.fetch(done.output->assets.at(0).url);
        CHECK(file.status == 200);
        CHECK(file.payload().size() > 1000);
        CHECK(h.engine.counts().keys_leaked == 0);
    }
}

TEST_CASE("kling against the fake: a start frame is animated, by link or inline")
{
    for (const auto api : generations)
        for (const char* frame : {"https://a.example/f.png", "data:image/png;base64,iVBORw0K"}) {
            host h;
            const auto p = adapter(api);
            image_to_video motion(frame, "push in");
            motion.tail_image = "https://a.example/l.png";
            const auto job = submitted(h, p, motion);
            CHECK(h.engine.jobs().at(0).image_url ==
                  (frame[0] == 'h' ? "https://a.example/f.png" : "iVBORw0K"));
            CHECK(h.engine.counts().spent_mills == 350);
            h.clock.pass(12s);
            const auto done = status_of(h, p, job);
            REQUIRE(done.output);
            CHECK(h.fetch(done.output->assets.at(0).url).status == 200);
        }
}

TEST_CASE("kling against the fake: tiers, sound and length have their price")
{
    for (const auto api : generations) {
        host h;
        const auto p = adapter(api);
        text_to_video clip("a boat");
        clip.model = video_model::kling_2_5_turbo_standard;
        submitted(h, p, clip);
        CHECK(h.engine.counts().spent_mills == 210);
        clip.model = video_model::kling_3_0_pro;
        clip.duration = 7s;
        clip.audio = true;
        submitted(h, p, clip);
        CHECK(h.engine.counts().spent_mills == 210 + 7 * 168);
        clip.model = video_model::kling_3_0_standard;
        clip.audio = false;
        submitted(h, p, clip);
        CHECK(h.engine.counts().spent_mills == 210 + 7 * 168 + 7 * 84);
    }
}

TEST_CASE("kling against the fake: many jobs in one look, tasks of the older generation too")
{
    host h;
    const auto p = adapter();
    h.engine.faults().on_job(2).content_refused();
    std::vector<job_record> jobs;
    for (int i = 0; i < 20; ++i)
        jobs.push_back(submitted(h, p, text_to_video("a boat")));
    auto stray = jobs[0];
    stray.id = "800000000000000000";
    jobs[19] = stray;
    h.clock.pass(12s);
    std::vector<const job_record*> asked;
    for (const auto& j : jobs)
        asked.push_back(&j);
    const auto look = p.encode_status_batch(asked);
    REQUIRE(look.has_value());
    const auto told = p.decode_status_batch(asked, sent(h, *look));
    REQUIRE_MESSAGE(told.has_value(), told.error().describe());
    CHECK((*told)[0]->state == job_state::succeeded);
    CHECK(*(*told)[1]->error == errc::content_refused);
    CHECK_FALSE((*told)[19].has_value());
    CHECK(h.engine.counts().polls == 1);
    CHECK(h.engine.counts().polled_ids_max == 20);
    CHECK(h.fetch((*told)[0]->output->assets.at(0).url).status == 200);

    const fake_fields bearer{{"authorization", "Bearer k"}};
    const auto old = submitted(h, adapter(kling_api::legacy), text_to_video("old"), with("own-9"));
    CHECK(text_at(h.ask("GET", "/tasks?task_ids=" + old.id, {}, bearer), "/data/0/status") ==
          "submitted");
    CHECK(text_at(h.ask("GET", "/tasks?external_task_ids=own-9", {}, bearer), "/data/0/id") ==
          old.id);
    std::string many = "/tasks?task_ids=1";
    for (int i = 0; i < 20; ++i)
        many += ",1";
    CHECK(h.ask("GET", many, {}, bearer).status == 400);
    CHECK(h.ask("GET", "/tasks?ids=1", {}, bearer).status == 400);
    CHECK(h.ask("GET", "/tasks?task_ids=1&external_task_ids=2", {}, bearer).status == 400);
}

TEST_CASE("kling against the fake: a job that is not found is left out, alone or among others")
{
    host h;
    const auto p = adapter();
    h.engine.faults().on_job(2).polls_not_found(2);
    const auto a = submitted(h, p, text_to_video("a boat")),
               b = submitted(h, p, text_to_video("a kite"));
    const job_record* both[] = {&a, &b};
    const auto look = p.encode_status_batch(both);
    REQUIRE(look.has_value());
    const auto told = p.decode_status_batch(both, sent(h, *look));
    REQUIRE(told.has_value());
    CHECK((*told)[0].has_value());
    CHECK_FALSE((*told)[1].has_value());
    const auto alone = p.encode_status(b);
    REQUIRE(alone.has_value());
    CHECK(p.decode_status(b, sent(h, *alone)).error() == errc::not_found);
    CHECK(p.decode_status(b, sent(h, *alone)).has_value());
    CHECK(h.engine.jobs()[1].polls == 3);
}

TEST_CASE("kling against the fake: an own id buys once, even when the first answer was lost")
{
    for (const auto api : generations) {
        host h;
        h.engine.faults().on_job(1).answer_lost();
        const auto p = adapter(api);
        const auto order = p.encode(text_to_video("a boat"), with("own-1"));
        REQUIRE(order.has_value());
        CHECK(h.engine.handle(seen(order->request)).lost == breakage::close);
        job_record job;
        job.route = order->route;
        const auto again = p.decode_submit(sent(h, order->request), job);
        REQUIRE(again.has_error());
        CHECK(again.error() == errc::own_id_exists);
        CHECK(again.error() == condition::outcome_unknown);
        CHECK(again.error().facts().http_status == 400);
        CHECK(h.engine.counts().jobs == 1);
        CHECK(h.engine.counts().spent_mills == 350);
        // What it bought is found again by that id.
        if (api == kling_api::legacy) {
            job.id = "own-1";
            CHECK(text_at(h.engine.handle(seen(*p.encode_status(job))), "/data/task_id") ==
                  h.engine.jobs()[0].id);
        }
    }
}

TEST_CASE("kling against the fake: keys and tokens are refused where the host refuses them")
{
    fake_options o;
    o.api_key = "good";
    host h(o);
    const text_to_video clip("a boat");
    submitted(h, adapter(kling_api::current, "good"), clip);
    CHECK(refused(h, adapter(kling_api::current, "bad"), clip) == errc::unauthorised);
    CHECK(text_at(h.ask("POST", "/text-to-video/kling-2.5-turbo", "{}"), "/message") ==
          "Authorization is empty");

    o.api_key = "AKdemo0001:SKdemo0001";
    host signed_for(o);
    const auto pair = [](const char* secret) {
        return kling(kling_key_pair(api_key("AKdemo0001", "KLING_ACCESS_KEY"),
                                    api_key(secret, "KLING_SECRET_KEY")),
                     options_for(kling_api::legacy));
    };
    const auto signer = pair("SKdemo0001"), forger = pair("SKdemo0002");
    signer.renew_key(signed_for.clock.system_now());
    forger.renew_key(signed_for.clock.system_now());
    const auto job = submitted(signed_for, signer, clip);
    CHECK(refused(signed_for, forger, clip) == errc::unauthorised);
    signed_for.clock.pass(1801s);
    CHECK(looked_at(signed_for, signer, job).error() == errc::unauthorised); // the token has ended
    signer.renew_key(signed_for.clock.system_now());
    CHECK(status_of(signed_for, signer, job).state == job_state::succeeded);
    const auto look = signer.encode_status(job);
    REQUIRE(look.has_value());
    auto elsewhere = seen(*look);
    elsewhere.target = "/tasks?task_ids=" + job.id;
    CHECK(signed_for.engine.handle(elsewhere).status == 401); // tokens are of the old generation
    signer.renew_key(signed_for.clock.system_now() + 3600s);  // a clock that is ahead
    CHECK(looked_at(signed_for, signer, job).error() == errc::unauthorised);
}

TEST_CASE("kling against the fake: stills come from a raw order, in the older generation")
{
    host h;
    const auto p = adapter();
    const auto job = submitted(h, p,
                               raw_order(job_kind::images, "v1/images/generations",
                                         R"({"model_name":"kling-v3","prompt":"a boat","n":2})"),
                               with("img-1"));
    CHECK(h.engine.counts().spent_mills == 56);
    h.clock.pass(12s);
    const auto done = status_of(h, p, job);
    REQUIRE(done.output);
    REQUIRE(done.output->assets.size() == 2);
    CHECK(h.fetch(done.output->assets[1].url).status == 200);
}

TEST_CASE("kling against the fake: failures come in their own words")
{
    for (const auto api : generations) {
        host h;
        h.engine.faults().on_job(1).content_refused().polls_say("pondering").polls_answer(503);
        h.engine.faults().on_job(2).fails("x", "renderer down");
        h.engine.faults().on_job(3).succeeds_without_link();
        h.engine.faults().on_prompt("forbidden").content_refused_at_submit();
        h.engine.faults().on_prompt("poor").refused_with(402);
        h.engine.faults().on_prompt("busy").rate_limited();
        const auto p = adapter(api);
        const text_to_video clip("a boat");
        const auto policy = submitted(h, p, clip), broken = submitted(h, p, clip),
                   empty = submitted(h, p, clip);
        CHECK(status_of(h, p, policy).state == job_state::unknown);
        CHECK(looked_at(h, p, policy).error() == errc::host_fault);
        h.clock.pass(12s);
        CHECK(*status_of(h, p, policy).error == errc::content_refused);
        const auto failed = status_of(h, p, broken);
        CHECK(*failed.error == errc::job_failed);
        CHECK(failed.error->facts().host_text == "renderer down");
        CHECK(*status_of(h, p, empty).error == errc::result_missing);
        CHECK(refused(h, p, text_to_video("forbidden fruit")) == errc::content_refused);
        CHECK(refused(h, p, text_to_video("a poor man")) == errc::out_of_credit);
        CHECK(refused(h, p, text_to_video("a busy street")) == errc::rate_limited);
        auto stray = policy;
        stray.id = "800000000000000000";
        CHECK(looked_at(h, p, stray).error() == errc::not_found);
        CHECK(h.engine.counts().jobs == 3);
    }
}

TEST_CASE("kling against the fake: bodies that the host refuses are refused, by field")
{
    const std::string t = "/text-to-video/kling-2.5-turbo", i = "/image-to-video/kling-2.5-turbo",
                      lt = "/v1/videos/text2video", li = "/v1/videos/image2video";
    const std::string frame =
        R"({"contents":[{"type":"first_frame","url":"https://a.example/f.png"}])";
    const struct {
        std::string path, body, word;
    } rows[] = {
        {t, "{", "JSON"},
        {t, "{}", "prompt"},
        {t, R"({"prompt":"p","settings":{"duration":"5"}})", "duration"},
        {t, R"({"prompt":"p","settings":{"duration":7}})", "duration"},
        {t, R"({"prompt":"p","settings":{"resolution":"4k"}})", "resolution"},
        {t, R"({"prompt":"p","settings":{"audio":"native"}})", "audio"},
        {t, R"({"prompt":"p","negative_prompt":"n"})", "negative_prompt"},
        {t, R"({"prompt":"p","options":{"callback_url":7}})", "callback_url"},
        {i, R"({"contents":[{"type":"prompt","text":"p"}]})", "first_frame"},
        {i, R"({"contents":[{"type":"last_frame","url":"https://a.example/f.png"}]})",
         "first_frame"},
        {i, R"({"contents":[{"type":"first_frame","url":"data:image/png;base64,AA"}]})", "url"},
        {i, frame + R"(,"settings":{"aspect_ratio":"1:1"}})", "aspect_ratio"},
        {lt, R"({"model":"kling-v2-5-turbo","prompt":"p"})", "model"},
        {lt, R"({"model_name":"kling-v2-5-turbo","prompt":"p","duration":5})", "duration"},
        {lt, R"({"model_name":"kling-v2-5-turbo","prompt":"p","cfg_scale":0.5})", "cfg_scale"},
        {lt, R"({"model_name":"kling-v2-5-turbo","prompt":"p","sound":"on"})", "sound"},
        {li, R"({"model_name":"kling-v2-5-turbo","prompt":"p"})", "image"},
        {li,
         R"({"model_name":"kling-v2-5-turbo","image":"https://a.example/f.png",)"
         R"("image_tail":"AA"})",
         "mode"},
    };
    host h;
    for (const auto& row : rows) {
        CAPTURE(row.body);
        const auto out =
            h.ask("POST", row.path, row.body,
                  {{"authorization", "Bearer k"}, {"content-type", "application/json"}});
        CHECK(out.status >= 400);
        CHECK(text_at(out, "/message").find(row.word) != std::string::npos);
    }
    CHECK(h.engine.counts().jobs == 0);
    CHECK(h.engine.counts().submits == std::size(rows));
}

} // namespace fake_engine_kling_test
