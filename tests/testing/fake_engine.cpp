// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The fake host's fal queue: shapes and words as providers/fal-replicate.md has them, its table
// of jobs, and what the fault script does to submits, polls and results.

#include <cokino/testing/fake_engine.hpp>

#include "testing/engine_driver.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace fake_engine_test {

using namespace engine_test;

TEST_CASE("a fal submit is answered with the id and links that keep owner and app only")
{
    host h;
    const auto answer = h.fal_submit();
    CHECK(answer.status == 200);
    CHECK(members_of(answer) ==
          "status request_id response_url status_url cancel_url logs metrics queue_position");
    CHECK(text_at(answer, "/status") == "IN_QUEUE");
    const std::string id = text_at(answer, "/request_id");
    CHECK(id.size() == 36);
    const std::string base = "https://queue.fal.run/fal-ai/kling-video/requests/" + id;
    CHECK(text_at(answer, "/response_url") == base);
    CHECK(text_at(answer, "/status_url") == base + "/status");
    CHECK(text_at(answer, "/cancel_url") == base + "/cancel");
    CHECK(answer.field("x-fal-request-id") == id);
    REQUIRE(h.engine.jobs().size() == 1);
    const fake_job& job = h.engine.jobs()[0];
    CHECK(job.id == id);
    CHECK(job.prompt == "a boat");
    CHECK(job.duration_s == 5);
    CHECK(job.price_mills == 350);
}

TEST_CASE("a fal job goes through queue and rendering to its result")
{
    host h;
    h.fal_submit(R"({"prompt":"a boat","duration":"10","aspect_ratio":"9:16"})",
                 t2v + "?fal_webhook=https%3A%2F%2Fhooks.example%2Ffal");
    const auto queued = h.fal_status();
    CHECK(queued.status == 202);
    CHECK(text_at(queued, "/status") == "IN_QUEUE");
    CHECK(json_of(queued).at("queue_position") == 0);
    CHECK(h.fal_result().status == 400);
    CHECK(text_at(h.fal_result(), "/detail") == "Request is still in progress");
    h.clock.pass(1s);
    const auto running = h.fal("GET", h.fal_job() + "/status?logs=1");
    CHECK(running.status == 202);
    CHECK(text_at(running, "/status") == "IN_PROGRESS");
    CHECK(text_at(running, "/logs/0/level") == "INFO");
    CHECK(text_at(running, "/logs/0/timestamp") == "2026-01-01T00:00:01.000Z");
    CHECK(json_of(h.fal_status()).at("logs").is_null());
    h.clock.pass(10s);
    const auto done = h.fal_status();
    CHECK(done.status == 200);
    CHECK(text_at(done, "/status") == "COMPLETED");
    CHECK(json_of(done).at("metrics").at("inference_time").to_number<double>() == 10);
    CHECK(!json_of(done).as_object().contains("error"));
    const auto result = h.fal_result();
    CHECK(result.status == 200);
    CHECK(text_at(result, "/video/url").starts_with("https://queue.fal.run/files/b/"));
    CHECK(text_at(result, "/video/content_type") == "video/mp4");
    const fake_job& job = h.engine.jobs()[0];
    CHECK(job.duration_s == 10);
    CHECK(job.ratio == aspect_ratio::portrait_9_16);
    CHECK(job.webhook_url == "https://hooks.example/fal");
    CHECK(job.price_mills == 700);
    CHECK(job.polls == 4);
    CHECK(job.results == 3);
    CHECK(h.engine.counts().spent_mills == 700);
}

TEST_CASE("stills have their sizes, a seed beyond doubles and the asked number")
{
    host h;
    h.fal_submit(R"({"prompt":"p","image_size":"portrait_16_9","num_images":2})",
                 "/fal-ai/flux-pro/v1.1");
    h.fal_submit(R"({"prompt":"p","image_size":{"width":1920,"height":1080}})",
                 "/fal-ai/flux-2-pro");
    h.clock.pass(11s);
    const auto first = h.fal("GET", h.fal_job(1, "flux-pro"));
    REQUIRE(first.status == 200);
    const auto value = json_of(first);
    REQUIRE(value.at("images").as_array().size() == 2);
    CHECK(value.at("images").at(1).at("width") == 576);
    CHECK(value.at("images").at(1).at("height") == 1024);
    CHECK(value.at("seed").is_uint64());
    CHECK(value.at("seed").get_uint64() > (std::uint64_t{1} << 63U));
    CHECK(value.at("has_nsfw_concepts").as_array().size() == 2);
    const auto second = json_of(h.fal("GET", h.fal_job(2, "flux-2-pro")));
    CHECK(second.at("images").at(0).at("width") == 1920);
    CHECK(h.engine.jobs()[0].price_mills == 80);
    CHECK(h.engine.jobs()[1].price_mills == 45);
    const auto file = h.fetch(std::string(second.at("images").at(0).at("url").as_string().c_str()));
    CHECK(file.status == 200);
    CHECK(file.field("content-type") == "image/png");
    CHECK(file.payload().substr(1, 3) == "PNG");
}

TEST_CASE("a fal key must come as Key, and must be the right one if one is set")
{
    fake_options o;
    o.api_key = "right";
    host h(o);
    const std::string body = R"({"prompt":"p"})";
    const fake_fields json{{"content-type", "application/json"}};
    const auto none = h.ask("POST", t2v, body, json);
    CHECK(none.status == 401);
    CHECK(text_at(none, "/detail") == "Cannot access application \"fal-ai/kling-video\". "
                                      "Authentication is required to access this application.");
    for (const char* wrong : {"Bearer right", "Key wrong", "right", "Key "}) {
        const auto answer = h.ask("POST", t2v, body, {{"authorization", wrong}, json[0]});
        CHECK(answer.status == 401);
        CHECK(text_at(answer, "/detail") == "invalid key credentials");
    }
    CHECK(h.engine.counts().unauthorised == 5);
    CHECK(h.engine.counts().submits == 0);
    CHECK(h.ask("POST", t2v, body, {{"authorization", "Key right"}, json[0]}).status == 200);
}

TEST_CASE("what fal does not know is told as fal tells it")
{
    host h;
    CHECK(h.fal_submit("{}", "/fal-ai/kling-video/v2.5-turbo/standard/text-to-video").status ==
          404);
    CHECK(h.fal("GET", t2v).status == 405);
    h.fal_submit();
    const std::string id = h.engine.jobs()[0].id;
    CHECK(text_at(h.fal("GET", "/fal-ai/kling-video/requests/nobody/status"), "/status") ==
          "NOT_FOUND");
    CHECK(h.fal("GET", "/fal-ai/flux-pro/requests/" + id + "/status").status == 404);
    CHECK(h.fal("GET", t2v + "/requests/" + id + "/status").status == 405);
    CHECK(h.fal("POST", h.fal_job() + "/cancel").status == 405);
    CHECK(h.engine.counts().jobs == 1);
}

TEST_CASE("fal accepts a bad input, bills it, and tells on the result what is wrong")
{
    struct row {
        std::string path, body, field, type;
    };
    const row rows[] = {
        {t2v, "{}", "prompt", "missing"},
        {t2v, R"({"prompt":7})", "prompt", "string_type"},
        {t2v, R"({"prompt":")" + std::string(2501, 'x') + R"("})", "prompt", "string_too_long"},
        {t2v, R"({"prompt":"p","duration":5})", "duration", "literal_error"},
        {t2v, R"({"prompt":"p","duration":"7"})", "duration", "literal_error"},
        {t2v, R"({"prompt":"p","aspect_ratio":"4:3"})", "aspect_ratio", "literal_error"},
        {t2v, R"({"prompt":"p","cfg_scale":1.5})", "cfg_scale", "less_than_equal"},
        {t2v, R"({"prompt":"p","cfg_scale":-1})", "cfg_scale", "greater_than_equal"},
        {t2v, R"({"prompt":"p","cfg_scale":"1"})", "cfg_scale", "float_type"},
        {i2v, R"({"prompt":"p"})", "image_url", "missing"},
        {i2v, R"({"prompt":"p","image_url":"/a.png"})", "image_url", "file_download_error"},
        {"/fal-ai/flux-2-pro", R"({"prompt":"p","image_size":"huge"})", "image_size",
         "literal_error"},
        {"/fal-ai/flux-2-pro", R"({"prompt":"p","num_images":5})", "num_images", "less_than_equal"},
    };
    for (const row& r : rows) {
        CAPTURE(r.body.substr(0, 60));
        fake_options early;
        early.validates_at_submit = true;
        host late, strict(early);
        CHECK(late.fal_submit(r.body, r.path).status == 200);
        late.clock.pass(1s);
        const bool flux = r.path.find("flux") != std::string::npos;
        const std::string job = late.fal_job(1, flux ? "flux-2-pro" : "kling-video");
        const auto status = late.fal("GET", job + "/status");
        CHECK(status.status == 200);
        CHECK(text_at(status, "/status") == "COMPLETED");
        CHECK(!json_of(status).as_object().contains("error"));
        for (const auto& answer : {late.fal("GET", job), strict.fal_submit(r.body, r.path)}) {
            CHECK(answer.status == 422);
            CHECK(text_at(answer, "/detail/0/loc/0") == "body");
            CHECK(text_at(answer, "/detail/0/loc/1") == r.field);
            CHECK(text_at(answer, "/detail/0/type") == r.type);
        }
        CHECK(strict.engine.counts().jobs == 0);
    }
    host h;
    CHECK(h.fal_submit("{").status == 422);
    CHECK(h.ask("POST", t2v, "{}", {{"authorization", "Key k"}}).status == 422);
    CHECK(h.engine.counts().submits == 2);
    CHECK(h.engine.counts().jobs == 0);
}

TEST_CASE("a fal job is cancelled while queued for nothing, while running for its price")
{
    host h;
    h.fal_submit();
    const auto removed = h.fal("PUT", h.fal_job() + "/cancel");
    CHECK(removed.status == 200);
    CHECK(text_at(removed, "/status") == "OK");
    CHECK(h.engine.counts().spent_mills == 0);

    h.fal_submit();
    h.clock.pass(2s);
    const auto asked = h.fal("PUT", h.fal_job(2) + "/cancel");
    CHECK(asked.status == 202);
    CHECK(text_at(asked, "/status") == "CANCELLATION_REQUESTED");
    CHECK(text_at(h.fal_status(2), "/error_type") == "client_cancelled");
    CHECK(h.fal_result(2).status == 499);
    CHECK(h.engine.counts().spent_mills == 350);
    CHECK(h.engine.counts().jobs_cancelled == 2);

    h.engine.faults().on_job(3).cancel_ignored();
    h.fal_submit();
    CHECK(h.fal("PUT", h.fal_job(3) + "/cancel").status == 202);
    h.clock.pass(11s);
    CHECK(h.fal_result(3).status == 200);
    const auto late = h.fal("PUT", h.fal_job(3) + "/cancel");
    CHECK(late.status == 400);
    CHECK(text_at(late, "/status") == "ALREADY_COMPLETED");
    CHECK(h.fal("PUT", "/fal-ai/kling-video/requests/nobody/cancel").status == 404);
}

TEST_CASE("with few machines jobs queue in order, and a cancelled one makes room")
{
    fake_options o;
    o.running_max = 1;
    host h(o);
    for (int i = 0; i < 3; ++i)
        h.fal_submit();
    h.clock.pass(5s); // the first began at 1 s
    CHECK(text_at(h.fal_status(1), "/status") == "IN_PROGRESS");
    CHECK(json_of(h.fal_status(2)).at("queue_position") == 0);
    CHECK(json_of(h.fal_status(3)).at("queue_position") == 1);
    h.fal("PUT", h.fal_job(1) + "/cancel");
    CHECK(text_at(h.fal_status(2), "/status") == "IN_PROGRESS");
    h.clock.pass(10s);
    CHECK(text_at(h.fal_status(2), "/status") == "COMPLETED");
    CHECK(text_at(h.fal_status(3), "/status") == "IN_PROGRESS");
}

TEST_CASE("refusals before acceptance create nothing and come in the order they were written")
{
    host h;
    h.engine.faults().on_job(1).rate_limited(2, 3s).refused_with(503).lost_before_accept(
        1, breakage::reset);
    for (int i = 0; i < 2; ++i) {
        const auto limited = h.fal_submit();
        CHECK(limited.status == 429);
        CHECK(limited.field("retry-after") == "3");
        CHECK(limited.field("x-fal-needs-retry") == "1");
        CHECK(text_at(limited, "/error_type") == "concurrent_requests_limit");
    }
    CHECK(h.fal_submit().status == 503);
    CHECK(h.fal_submit().lost == breakage::reset);
    CHECK(h.engine.counts().jobs == 0);
    CHECK(h.engine.counts().spent_mills == 0);
    CHECK(h.engine.counts().submits == 4);
    CHECK(h.fal_submit().status == 200);
    CHECK(h.engine.counts().jobs == 1);
}

TEST_CASE("a hint below a second is told in milliseconds")
{
    host h;
    h.engine.faults().on_every_job().rate_limited(1, 1500ms);
    const auto limited = h.fal_submit();
    CHECK(limited.field("retry-after") == "");
    CHECK(limited.field("retry-after-ms") == "1500");
}

TEST_CASE("a job exists and is billed whatever becomes of the answer to its submit")
{
    host h;
    h.engine.faults().on_job(1).answer_lost();
    h.engine.faults().on_job(2).answer_lost(breakage::stall);
    h.engine.faults().on_job(3).answer_cut(10);
    h.engine.faults().on_job(4).accepted_but_says(502);
    h.engine.faults().on_job(5).accepted_but_says(200, "<html>");
    h.engine.faults().on_job(6).answer_delayed(3s);
    CHECK(h.fal_submit().lost == breakage::close);
    CHECK(h.fal_submit().lost == breakage::stall);
    const auto cut = h.fal_submit();
    CHECK(cut.lost == breakage::none);
    CHECK(cut.cut_at == 10);
    CHECK(h.fal_submit().status == 502);
    const auto page = h.fal_submit();
    CHECK(page.status == 200);
    CHECK(page.field("content-type") == "text/html");
    CHECK(h.fal_submit().delay == 3s);
    CHECK(h.engine.counts().jobs == 6);
    CHECK(h.engine.counts().spent_mills == 6 * 350);
}

TEST_CASE("polls misbehave as often as written, and then tell the truth")
{
    host h;
    h.engine.faults()
        .on_prompt("boat")
        .polls_answer(429, 1, 2s)
        .polls_answer(401)
        .polls_lost(1, breakage::reset)
        .polls_say("PONDERING", 2)
        .polls_nonsense()
        .polls_not_found();
    h.fal_submit();
    CHECK(h.fal_status().field("retry-after") == "2");
    CHECK(h.fal_status().status == 401);
    CHECK(h.fal_status().lost == breakage::reset);
    CHECK(text_at(h.fal_status(), "/status") == "PONDERING");
    CHECK(text_at(h.fal_status(), "/status") == "PONDERING");
    CHECK(h.fal_status().body == "}{ <not json>");
    const auto unknown = h.fal_status();
    CHECK(unknown.status == 404);
    CHECK(text_at(unknown, "/status") == "NOT_FOUND");
    CHECK(text_at(h.fal_status(), "/status") == "IN_QUEUE");
    h.fal_submit(); // every job of the rule has the faults for itself
    CHECK(h.fal_status(2).status == 429);
}

TEST_CASE("a failed fal job tells its reason where fal does")
{
    struct row {
        std::string code;
        unsigned status;
        bool in_status;
    };
    const row rows[] = {{"content_policy_violation", 422, false},
                        {"internal_server_error", 500, false},
                        {"generation_timeout", 504, false},
                        {"runner_server_error", 500, true},
                        {"request_timeout", 504, true}};
    for (const row& r : rows) {
        CAPTURE(r.code);
        host h;
        h.engine.faults().on_job(1).fails(r.code, "It went wrong.");
        h.fal_submit();
        h.clock.pass(11s);
        const auto status = h.fal_status();
        CHECK(status.status == 200);
        CHECK(text_at(status, "/status") == "COMPLETED");
        CHECK(text_at(status, "/error") == (r.in_status ? "It went wrong." : ""));
        CHECK(text_at(status, "/error_type") == (r.in_status ? r.code : ""));
        const auto result = h.fal_result();
        CHECK(result.status == r.status);
        CHECK(text_at(result, r.in_status ? "/error_type" : "/detail/0/type") == r.code);
        CHECK(text_at(result, r.in_status ? "/detail" : "/detail/0/msg") == "It went wrong.");
    }
}

TEST_CASE("a render can hang, take its own time, be refused, or succeed without a link")
{
    host h;
    h.engine.faults().on_job(1).hangs();
    h.engine.faults().on_job(2).renders_in(2s);
    h.engine.faults().on_job(3).content_refused();
    h.engine.faults().on_job(4).succeeds_without_link();
    h.engine.faults().on_job(5).results_answer(503).results_lost();
    h.engine.faults().on_job(6).content_refused_at_submit();
    for (int i = 0; i < 5; ++i)
        h.fal_submit();
    const auto refused = h.fal_submit();
    CHECK(refused.status == 422);
    CHECK(text_at(refused, "/detail/0/type") == "content_policy_violation");
    CHECK(h.engine.counts().jobs == 5);
    h.clock.pass(3s);
    CHECK(text_at(h.fal_status(2), "/status") == "COMPLETED");
    CHECK(text_at(h.fal_status(3), "/status") == "IN_PROGRESS");
    h.clock.pass(1000h);
    CHECK(text_at(h.fal_status(1), "/status") == "IN_PROGRESS");
    CHECK(text_at(h.fal_result(3), "/detail/0/type") == "content_policy_violation");
    CHECK(h.fal_result(4).body == "{}");
    CHECK(h.fal_result(5).status == 503);
    CHECK(h.fal_result(5).lost == breakage::close);
    CHECK(h.fal_result(5).status == 200);
}

TEST_CASE("the same seed gives the same ids")
{
    host a, b;
    fake_options o;
    o.seed = 2;
    host c(o);
    a.fal_submit();
    b.fal_submit();
    c.fal_submit();
    CHECK(a.engine.jobs()[0].id == b.engine.jobs()[0].id);
    CHECK(a.engine.jobs()[0].id != c.engine.jobs()[0].id);
}

} // namespace fake_engine_test
