// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The fake host's REST dialect: shapes as provider/rest.hpp has them by default.

#include <cokino/testing/fake_engine.hpp>

#include "testing/engine_driver.hpp"

#include <doctest/doctest.h>

#include <string>

namespace fake_engine_rest_test {

using namespace engine_test;

TEST_CASE("a task is submitted, processed and gives its link")
{
    host h;
    const auto submitted =
        h.rest_submit(R"({"prompt":"p","duration":10,"aspect_ratio":"1:1","cfg_scale":0.5,)"
                      R"("callback_url":"https://hooks.example/x"})");
    CHECK(submitted.status == 200);
    CHECK(json_of(submitted).at("code") == 0);
    const std::string id = text_at(submitted, "/data/task_id");
    CHECK(id == h.engine.jobs().at(0).id);
    CHECK(text_at(submitted, "/data/status") == "processing");
    CHECK(text_at(h.rest_status(), "/data/status") == "processing");
    CHECK(text_at(h.rest_status(), "/data/video_url") == "");
    h.clock.pass(6s);
    CHECK(json_of(h.rest_status()).at("data").at("progress").to_number<double>() == 0.5);
    h.clock.pass(5s);
    const auto done = h.rest_status();
    CHECK(text_at(done, "/data/status") == "succeed");
    CHECK(text_at(done, "/data/task_id") == id);
    CHECK(text_at(done, "/data/video_url").starts_with("https://queue.fal.run/files/b/"));
    CHECK(h.engine.jobs()[0].webhook_url == "https://hooks.example/x");
    CHECK(h.engine.jobs()[0].ratio == aspect_ratio::square_1_1);
    CHECK(h.engine.counts().spent_mills == 600);
}

TEST_CASE("answers stand without their envelope when the host has none")
{
    fake_options o;
    o.wraps_data = false;
    host h(o);
    CHECK(members_of(h.rest_submit()) == "task_id status");
    h.clock.pass(11s);
    CHECK(text_at(h.rest_status(), "/status") == "succeed");
}

TEST_CASE("the key comes as Bearer or as x-api-key")
{
    fake_options o;
    o.api_key = "k";
    host h(o);
    const std::string path = "/v1/kling/v2-5/text-to-video", body = R"({"prompt":"p"})";
    const std::pair<std::string, std::string> json{"content-type", "application/json"};
    CHECK(h.ask("POST", path, body, {{"authorization", "Bearer k"}, json}).status == 200);
    CHECK(h.ask("POST", path, body, {{"x-api-key", "k"}, json}).status == 200);
    for (const auto& bad :
         fake_fields{{"authorization", "Key k"}, {"x-api-key", "z"}, {"x", "k"}}) {
        const auto refused = h.ask("POST", path, body, {bad, json});
        CHECK(refused.status == 401);
        CHECK(json_of(refused).at("code") == 1002);
    }
    CHECK(h.engine.counts().jobs == 2);
}

TEST_CASE("a bad body is refused at submit, and the text names the field")
{
    const std::pair<std::string, std::string> rows[] = {
        {"{", "JSON"},
        {"{}", "prompt"},
        {R"({"prompt":""})", "prompt"},
        {R"({"prompt":"p","duration":"5"})", "duration"},
        {R"({"prompt":"p","duration":7})", "duration"},
        {R"({"prompt":"p","aspect_ratio":"4:3"})", "aspect_ratio"},
        {R"({"prompt":"p","cfg_scale":2})", "cfg_scale"},
        {R"({"prompt":"p","negative_prompt":1})", "negative_prompt"},
    };
    host h;
    for (const auto& row : rows) {
        const std::string& word = row.second;
        CAPTURE(row.first);
        const auto refused = h.rest_submit(row.first);
        CHECK(refused.status == 400);
        CHECK(json_of(refused).at("code") == 1201);
        CHECK(text_at(refused, "/message").find(word) != std::string::npos);
    }
    CHECK(h.rest("POST", "/v1/kling/v2-5/image-to-video", R"({"prompt":"p"})").status == 400);
    CHECK(h.engine.counts().jobs == 0);
}

TEST_CASE("an image in the body makes it image to video, on either path")
{
    host h;
    const std::string body = R"({"prompt":"p","image_url":"https://a.example/x.png"})";
    CHECK(h.rest_submit(body).status == 200);
    CHECK(h.rest("POST", "/api/v1/kling/v2-5/image-to-video", body).status == 200);
    CHECK(h.engine.jobs()[0].image_url == "https://a.example/x.png");
    CHECK(h.engine.jobs()[1].image_url == "https://a.example/x.png");
}

TEST_CASE("failures, unknown words and unknown tasks are told in the dialect's shape")
{
    host h;
    h.engine.faults().on_job(1).content_refused().polls_say("pondering").polls_answer(500);
    h.engine.faults().on_job(2).fails("5000", "renderer down");
    h.rest_submit();
    h.rest_submit();
    CHECK(text_at(h.rest_status(1), "/data/status") == "pondering");
    const auto fault = h.rest_status(1);
    CHECK(fault.status == 500);
    CHECK(json_of(fault).at("code") == 5000);
    h.clock.pass(11s);
    const auto refused = h.rest_status(1);
    CHECK(text_at(refused, "/data/status") == "failed");
    CHECK(json_of(refused).at("data").at("error").at("code") == 1301);
    CHECK(text_at(refused, "/data/error/message") == "Failure to pass the risk control system");
    CHECK(text_at(h.rest_status(2), "/data/error/message") == "renderer down");
    CHECK(h.rest("GET", "/v1/kling/v2-5/tasks/nobody").status == 404);
    CHECK(h.rest("DELETE", "/v1/kling/v2-5/tasks/nobody").status == 405);
}

TEST_CASE("above its number of active tasks the host refuses with a hint")
{
    fake_options o;
    o.active_max = 2;
    host h(o);
    CHECK(h.rest_submit().status == 200);
    CHECK(h.rest_submit().status == 200);
    const auto full = h.rest_submit();
    CHECK(full.status == 429);
    CHECK(full.field("retry-after") == "1");
    CHECK(json_of(full).at("code") == 1302);
    h.clock.pass(11s);
    CHECK(h.rest_submit().status == 200);
    CHECK(h.engine.counts().jobs == 3);
}

TEST_CASE("a repeated key gives the first answer again, even when that was lost")
{
    fake_options o;
    o.replays_keys = true;
    host h(o);
    h.engine.faults().on_job(1).answer_lost();
    const fake_fields fields{
        {"x-api-key", "k"}, {"content-type", "application/json"}, {"idempotency-key", "one"}};
    const std::string path = "/v1/kling/v2-5/text-to-video", body = R"({"prompt":"p"})";
    CHECK(h.ask("POST", path, body, fields).lost == breakage::close);
    const auto again = h.ask("POST", path, body, fields);
    CHECK(text_at(again, "/data/task_id") == h.engine.jobs().at(0).id);
    CHECK(h.engine.counts().jobs == 1);
    CHECK(h.engine.counts().submits == 2);
}

} // namespace fake_engine_rest_test
