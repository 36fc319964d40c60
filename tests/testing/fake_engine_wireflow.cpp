// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The fake Wireflow, spoken to by our own adapter and by hand (section 5 of
// providers/kling-kie-piapi-pollo-wireflow.md).
#include <cokino/provider/wireflow.hpp>

#include "testing/adapter_exchange.hpp"

#include <doctest/doctest.h>

#include <string>

namespace fake_engine_wireflow_test {

using namespace adapter_test;

wireflow adapter(wireflow_options o = {})
{
    o.base_url = "http://127.0.0.1:4711/api/v1";
    return wireflow(api_key("sk-key", "WIREFLOW_API_KEY"), o);
}

std::string made_workflow(host& h, const provider& p)
{
    const auto setup = p.encode_setup();
    REQUIRE(setup.has_value());
    const auto id = p.decode_setup(sent(h, *setup));
    REQUIRE_MESSAGE(id.has_value(), id.error().describe());
    return *id;
}

submit_context in_workflow(const std::string& id, std::string_view key = {})
{
    submit_context c;
    c.setup = id;
    c.idempotency_key = key;
    return c;
}

fake_reply ask(host& h, std::string method, std::string target, std::string body = {})
{
    return h.ask(std::move(method), "/api/v1" + target, std::move(body),
                 {{"authorization", "Bearer sk-key"}, {"content-type", "application/json"}});
}

TEST_CASE("wireflow: words become a clip in a workflow that is made once")
{
    host h;
    const auto p = adapter();
    const std::string id = made_workflow(h, p);
    text_to_video clip("a boat");
    clip.duration = 10s;
    clip.aspect_ratio = aspect_ratio::square_1_1;
    const auto job = submitted(h, p, clip, in_workflow(id));
    CHECK(job.id == h.engine.jobs().at(0).id);
    CHECK(h.engine.jobs()[0].ratio == aspect_ratio::square_1_1);
    CHECK(h.engine.counts().spent_mills == 900);
    // Answers are wrapped every other time.
    CHECK(status_of(h, p, job).state == job_state::queued);
    CHECK(status_of(h, p, job).state == job_state::queued);
    h.clock.pass(2s);
    for (int i = 0; i < 2; ++i) {
        const auto running = status_of(h, p, job);
        CHECK(running.state == job_state::running);
        CHECK(running.progress == 0.4);
    }
    h.clock.pass(10s);
    for (int i = 0; i < 2; ++i) {
        const auto done = status_of(h, p, job);
        REQUIRE(done.state == job_state::succeeded);
        REQUIRE(done.output.has_value());
        REQUIRE(done.output->assets.size() == 1);
        CHECK(h.fetch(done.output->assets[0].url).status == 200);
        REQUIRE(done.logs.size() == 2);
        CHECK(done.logs[0].message == "n-kling COMPLETED, 90 credits, request fal-req-1");
        CHECK(done.logs[1].message.starts_with("90 credits used, X-Request-Id req_"));
    }
    CHECK(h.engine.counts().keys_leaked == 0);
}

TEST_CASE("wireflow: a submit whose answer was lost is repeated under its key, and bought once")
{
    host h;
    h.engine.faults().on_job(1).answer_lost();
    const auto p = adapter();
    const std::string id = made_workflow(h, p);
    const auto out = p.encode(text_to_video("a"), in_workflow(id, "key-1"));
    REQUIRE(out.has_value());
    CHECK(h.engine.handle(seen(out->request)).lost == breakage::close);
    CHECK(h.engine.counts().jobs == 1);
    job_record job;
    job.route = out->route;
    REQUIRE(p.decode_submit(sent(h, out->request), job).has_value());
    CHECK(job.id == h.engine.jobs().at(0).id);
    CHECK(h.engine.counts().jobs == 1);
    CHECK(h.engine.counts().submits == 2);
    // Another request under the same key is a conflict, of which nobody knows what it means.
    CHECK(refused(h, p, text_to_video("b"), in_workflow(id, "key-1")) == errc::outcome_unknown);
    submitted(h, p, text_to_video("a"), in_workflow(id, "key-2"));
    CHECK(h.engine.counts().jobs == 2);
    // A day later the key is forgotten.
    h.clock.pass(25h);
    submitted(h, p, text_to_video("a"), in_workflow(id, "key-1"));
    CHECK(h.engine.counts().jobs == 3);
}

TEST_CASE("wireflow: a refusal is not remembered under its key")
{
    host h;
    h.engine.faults().on_every_job().refused_with(503);
    const auto p = adapter();
    const std::string id = made_workflow(h, p);
    CHECK(refused(h, p, text_to_video("a"), in_workflow(id, "key-1")) == errc::host_fault);
    submitted(h, p, text_to_video("a"), in_workflow(id, "key-1"));
    CHECK(h.engine.counts().jobs == 1);
}

TEST_CASE("wireflow: frames are brought to its storage by link, as a form or by a signed link")
{
    host h;
    const auto p = adapter();
    const std::string id = made_workflow(h, p);
    media_upload by_link;
    by_link.link = "https://fal.media/files/x.png";
    media_upload small;
    const std::string little = "PNG\r\n--cokino-frame-0\r\n", big(5 * 1024 * 1024, 'x');
    small.bytes = little;
    small.content_type = "image/png";
    small.file_name = "frame.png";
    media_upload large = small;
    large.bytes = big;
    for (const auto& m : {by_link, small, large}) {
        const std::string link = uploaded(h, p, m);
        CHECK(link.starts_with("https://cdn.wireflow.ai/uploads/"));
        submitted(h, p, image_to_video(link, "push in"), in_workflow(id));
        CHECK(h.engine.jobs().back().image_url == link);
    }
    CHECK(h.engine.counts().keys_leaked == 0);
    h.clock.pass(12s);
    // A picture that is not there is only found out by the node, and costs nothing.
    const auto lost = submitted(h, p, image_to_video("https://cdn.wireflow.ai/uploads/none", "x"),
                                in_workflow(id));
    h.clock.pass(12s);
    const auto failed = status_of(h, p, lost);
    REQUIRE(failed.error.has_value());
    CHECK(*failed.error == errc::job_failed);
    CHECK(failed.error->facts().host_text == "Blocked image host: upload the file first");
    CHECK(failed.error->facts().billed == billing::no);
}

TEST_CASE("wireflow: every model that the adapter writes is one that the host takes")
{
    host h;
    wireflow_options o;
    o.seedance_2_0_node = "video:seedance_2_0";
    const auto p = adapter(o);
    const std::string id = made_workflow(h, p);
    for (const auto model :
         {video_model::kling_2_5_turbo_pro, video_model::kling_2_5_turbo_standard,
          video_model::kling_3_0_pro, video_model::kling_3_0_standard, video_model::seedance_2_0}) {
        text_to_video clip("a boat");
        clip.model = model;
        submitted(h, p, clip, in_workflow(id));
    }
    CHECK(h.engine.counts().spent_mills == 5 * (90 + 60 + 200 + 150 + 170));
    text_to_image still("a boat");
    still.model = image_model::flux_2_pro;
    const auto made = submitted(h, p, still, in_workflow(id));
    h.clock.pass(12s);
    const auto done = status_of(h, p, made);
    REQUIRE(done.output.has_value());
    CHECK(h.fetch(done.output->assets.at(0).url).field("content-type") == "image/png");
}

TEST_CASE("wireflow: refusals and failures are told apart")
{
    host h;
    const auto p = adapter();
    const std::string id = made_workflow(h, p);
    const struct {
        unsigned status;
        errc meaning;
    } rows[] = {{401, errc::unauthorised}, {402, errc::out_of_credit}, {403, errc::forbidden},
                {404, errc::not_found},    {429, errc::rate_limited},  {500, errc::host_fault}};
    for (const auto& row : rows)
        h.engine.faults().on_every_job().refused_with(row.status);
    for (const auto& row : rows)
        CHECK(refused(h, p, text_to_video("a"), in_workflow(id)) == row.meaning);
    CHECK(refused(h, p, text_to_video("a"), in_workflow("cmwork0")) == errc::not_found);
    h.engine.faults().on_prompt("gore").content_refused_at_submit();
    CHECK(refused(h, p, text_to_video("gore"), in_workflow(id)) == errc::content_refused);

    h.engine.faults().on_job(1).content_refused().polls_say("DREAMING").polls_answer(429);
    h.engine.faults().on_job(2).fails("x", "upstream timeout");
    h.engine.faults().on_job(3).succeeds_without_link();
    std::vector<job_record> jobs;
    for (int i = 0; i < 3; ++i)
        jobs.push_back(submitted(h, p, text_to_video("a"), in_workflow(id)));
    CHECK(status_of(h, p, jobs[0]).state == job_state::unknown);
    CHECK(looked_at(h, p, jobs[0]).error() == errc::rate_limited);
    h.clock.pass(12s);
    CHECK(*status_of(h, p, jobs[0]).error == errc::content_refused);
    const auto failed = status_of(h, p, jobs[1]);
    CHECK(*failed.error == errc::job_failed);
    CHECK(failed.error->facts().host_text == "upstream timeout");
    CHECK(failed.error->facts().billed == billing::yes);
    CHECK(*status_of(h, p, jobs[2]).error == errc::result_missing);
}

TEST_CASE("wireflow: what the real host refuses is refused in its envelopes")
{
    host h;
    const std::string id = made_workflow(h, adapter());
    const std::string node = R"({"id":"n","type":"basedNode","data":{"nodeType":)"
                             R"("video:kling_video_2_5_i2v","config":{"model_version":"2.5-pro",)"
                             R"("prompt":"p","duration":)";
    const auto run = [&](const std::string& body) {
        return ask(h, "POST", "/workflows/" + id + "/execute", body);
    };
    CHECK(run(R"({"nodes":[)" + node + R"(5}}}],"edges":[]})").status == 201);
    const auto text = run(R"({"nodes":[)" + node + R"("5"}}}],"edges":[]})");
    CHECK(text.status == 422);
    CHECK(text_at(text, "/error/code") == "invalid_graph");
    CHECK(text_at(text, "/violations/0/message").starts_with("duration"));
    CHECK(run(R"({"nodes":[)" + node + R"(7}}}],"edges":[]})").status == 422);
    CHECK(run(R"({"nodes":[)" + node + R"(5}}}],"edges":[{"source":"x","target":"n"}]})").status ==
          422);
    CHECK(run(R"({"nodes":[)" + node + R"(5}}}],"edges":[],"targetNodeId":"z"})").status == 400);
    CHECK(run(R"({"nodes":[],"edges":[]})").status == 400);
    const auto missing = run(R"({"nodes":[]})");
    CHECK(text_at(missing, "/error/type") == "invalid_request_error");
    CHECK(text_at(missing, "/error/code") == "missing_fields");
    CHECK(run("{").status == 400);
    const auto lost = ask(h, "GET", "/workflows/executions/nobody/poll");
    CHECK(lost.status == 404);
    CHECK(text_at(lost, "/error") == "Execution not found");
    CHECK(lost.field("x-request-id").starts_with("req_"));
    CHECK_FALSE(lost.field("x-ratelimit-reset").empty());
    CHECK(h.ask("POST", "/api/v1/workflows").status == 401);
    CHECK(ask(h, "POST", "/workflow/" + id + "/trigger").status == 404);
    CHECK(ask(h, "POST", "/media/upload", "{}").status == 400);
    CHECK(h.engine.counts().jobs == 1);
}

} // namespace fake_engine_wireflow_test
