// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The fake host's PiAPI, asked by the adapter for PiAPI: submit, look, link, file, and each quirk.

#include <cokino/provider/piapi.hpp>
#include <cokino/testing/fake_engine.hpp>

#include "testing/adapter_exchange.hpp"

#include <doctest/doctest.h>

#include <string>

namespace fake_engine_piapi_test {

using namespace adapter_test;

piapi adapter(piapi_family family = piapi_family::turbo, std::string key = "k")
{
    piapi_options o;
    o.base_url = o.upload_base_url = "https://api.fake.example";
    o.family = family;
    o.webhook_secret = secret("kestrel-demo");
    return piapi(api_key(std::move(key), "PIAPI_API_KEY"), o);
}

TEST_CASE(
    "piapi against the fake: a clip is submitted, waits, renders, and its link leads to a file")
{
    host h;
    const auto p = adapter();
    text_to_video clip("a boat");
    clip.aspect_ratio = aspect_ratio::square_1_1;
    clip.duration = 10s;
    submit_context context;
    context.webhook_url = "https://hooks.example.net/p";
    const auto job = submitted(h, p, clip, std::move(context));
    CHECK(job.id == h.engine.jobs().at(0).id);
    CHECK(h.engine.jobs()[0].webhook_url == "https://hooks.example.net/p");
    CHECK(h.engine.jobs()[0].ratio == aspect_ratio::square_1_1);
    CHECK(h.engine.jobs()[0].duration_s == 10);
    CHECK(h.engine.counts().spent_mills == 660);
    CHECK(status_of(h, p, job).state == job_state::queued);
    h.clock.pass(2s);
    // A link stands in the answer by now, and is not to be believed.
    CHECK(text_at(h.engine.handle(seen(*p.encode_status(job))), "/data/output/video") ==
          "https://api.fake.example/ephemeral/not-yet.mp4");
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

TEST_CASE("piapi against the fake: a start frame is uploaded and animated, in either family")
{
    for (const auto family : {piapi_family::turbo, piapi_family::kling}) {
        host h;
        const auto p = adapter(family);
        media_upload m;
        m.bytes = "\x89PNG";
        m.content_type = "image/png";
        m.file_name = "frame-1.png";
        const std::string link = uploaded(h, p, m);
        CHECK(link.starts_with("https://api.fake.example/ephemeral/"));
        image_to_video motion(link, "push in");
        motion.model = video_model::kling_2_5_turbo_standard;
        const auto job = submitted(h, p, motion);
        CHECK(h.engine.jobs().at(0).image_url == link);
        CHECK(h.engine.counts().spent_mills == 200);
        h.clock.pass(5s);
        CHECK(status_of(h, p, job).word ==
              (family == piapi_family::turbo ? "processing" : "Processing"));
        h.clock.pass(10s);
        const auto done = status_of(h, p, job);
        REQUIRE(done.output);
        CHECK(h.fetch(done.output->assets.at(0).url).status == 200);
        CHECK(done.output->assets[0].width.has_value() == (family == piapi_family::kling));
    }
}

TEST_CASE("piapi against the fake: sound and length of Kling 3.0 are paid for by the second")
{
    host h;
    const auto p = adapter();
    text_to_video clip("a boat");
    clip.model = video_model::kling_3_0_pro;
    clip.duration = 7s;
    clip.audio = true;
    const auto job = submitted(h, p, clip);
    CHECK(h.engine.counts().spent_mills == 7 * 200);
    h.clock.pass(11s);
    CHECK(status_of(h, p, job).state == job_state::succeeded);
}

TEST_CASE("piapi against the fake: a still by a raw order")
{
    host h;
    const auto p = adapter();
    const auto job = submitted(
        h, p, raw_order(job_kind::images, "Qubico/flux1-dev/txt2img", R"({"prompt":"a boat"})"));
    h.clock.pass(11s);
    const auto done = status_of(h, p, job);
    REQUIRE(done.output);
    CHECK(h.fetch(done.output->assets.at(0).url).status == 200);
}

TEST_CASE("piapi against the fake: failures come in their own words, paid or not")
{
    host h;
    h.engine.faults().on_job(1).content_refused().polls_say("pondering").polls_answer(503);
    h.engine.faults().on_job(2).fails("x", "renderer down");
    h.engine.faults().on_job(3).succeeds_without_link();
    const auto p = adapter();
    const text_to_video clip("a boat");
    const auto refused = submitted(h, p, clip), broken = submitted(h, p, clip),
               empty = submitted(h, p, clip);
    CHECK(status_of(h, p, refused).state == job_state::unknown);
    CHECK(looked_at(h, p, refused).error() == errc::host_fault);
    h.clock.pass(11s);
    const auto first = status_of(h, p, refused);
    REQUIRE(first.error);
    CHECK(first.error == errc::content_refused);
    CHECK(first.error->facts().billed == billing::no);
    CHECK(*status_of(h, p, broken).error == errc::job_failed);
    CHECK(status_of(h, p, broken).error->facts().host_text == "renderer down");
    CHECK(*status_of(h, p, empty).error == errc::result_missing);
}

TEST_CASE("piapi against the fake: only a task that waits can be cancelled, and then costs nothing")
{
    host h;
    h.engine.faults().on_job(2).cancel_ignored();
    const auto p = adapter();
    const text_to_video clip("a boat");
    const auto first = submitted(h, p, clip), second = submitted(h, p, clip);
    CHECK(cancelled(h, p, first) == cancel_outcome::cancelled);
    CHECK(cancelled(h, p, second) == cancel_outcome::requested);
    CHECK(h.engine.counts().spent_mills == 330);
    CHECK(status_of(h, p, first).state == job_state::cancelled);
    h.clock.pass(2s);
    CHECK(cancelled(h, p, second) == cancel_outcome::too_late);
    h.clock.pass(10s);
    CHECK(status_of(h, p, second).state == job_state::succeeded);
    auto nobody = first;
    nobody.id = "nobody";
    CHECK(cancelled(h, p, nobody) == cancel_outcome::not_found);
    CHECK(looked_at(h, p, nobody).error() == errc::not_found);
}

TEST_CASE("piapi against the fake: refusals before acceptance cost nothing, lost answers do")
{
    fake_options o;
    o.api_key = "k";
    host h(o);
    h.engine.faults().on_job(1).content_refused_at_submit().rate_limited().refused_with(402);
    const auto p = adapter(), stranger = adapter(piapi_family::turbo, "other");
    const text_to_video clip("a boat");
    CHECK(refused(h, p, clip) == errc::rate_limited);
    CHECK(refused(h, p, clip) == errc::out_of_credit);
    const auto flagged = refused(h, p, clip);
    CHECK(flagged == errc::content_refused);
    CHECK(flagged.facts().billed == billing::no);
    CHECK(refused(h, stranger, clip) == errc::unauthorised);
    CHECK(h.engine.counts().unauthorised == 1);
    CHECK(h.engine.counts().jobs == 0);
}

TEST_CASE("the fake PiAPI refuses what the real one would not understand")
{
    host h;
    const auto ask = [&](std::string body) {
        return h.rest("POST", "/api/v1/task", std::move(body));
    };
    const std::string head = R"({"model":"kling-turbo","task_type":"video_generation","input":)";
    const std::pair<std::string, std::string> rows[] = {
        {"[]", "JSON"},
        {R"({"model":"kling-turbo"})", "version"},
        {head + R"({"version":"3.0","prompt":"p"}})", "version"},
        {head + R"({"version":"2.5-turbo"}})", "prompt"},
        {head + R"({"version":"2.5-turbo","prompt":"p","duration":"5"}})", "duration"},
        {head + R"({"version":"2.5-turbo","prompt":"p","duration":7}})", "duration"},
        {head + R"({"version":"2.5-turbo","prompt":"p","cfg_scale":0.5}})", "cfg_scale"},
        {head + R"({"version":"2.5-turbo","prompt":"p","mode":"fast"}})", "mode"},
        {head + R"({"version":"2.5-turbo","prompt":"p","aspect_ratio":"4:3"}})", "aspect_ratio"},
        {head + R"({"version":"2.5-turbo","prompt":"p","image_url":"data:image/png;base64,A"}})",
         "image_url"},
        {head + R"({"version":"2.5-turbo","prompt":"p"},"callback_url":"https://x.example"})",
         "callback_url"},
        {head + R"("x"})", "objects"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.first);
        const auto refused = ask(row.first);
        CHECK(refused.status == 400);
        CHECK(json_of(refused).at("code") == 400);
        const std::string& word = row.second;
        CHECK(text_at(refused, "/message").find(word) != std::string::npos);
    }
    CHECK(h.engine.counts().jobs == 0);
    CHECK(ask(head + R"({"version":"2.5-turbo","prompt":"p"}})").status == 200);
    CHECK(h.rest("PUT", "/api/v1/task").status == 405);
    CHECK(h.rest("GET", "/api/v1/tasks").status == 404);
    CHECK(h.rest("GET", "/api/v1/task/x/y").status == 404);
    CHECK(h.rest("POST", "/api/ephemeral_resource", R"({"file_name":"a.exe","file_data":"AA=="})")
              .status == 400);
    CHECK(h.rest("POST", "/api/ephemeral_resource", R"({"file_name":"a.png","file_data":""})")
              .status == 400);
    const auto bearer =
        h.ask("POST", "/api/v1/task", "{}",
              {{"authorization", "Bearer k"}, {"content-type", "application/json"}});
    CHECK(bearer.status == 401);
}

} // namespace fake_engine_piapi_test
