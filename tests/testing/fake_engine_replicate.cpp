// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The fake Replicate, spoken to by our own adapter and by hand (providers/fal-replicate.md B).
#include <cokino/provider/replicate.hpp>

#include "testing/adapter_exchange.hpp"

#include <doctest/doctest.h>

#include <string>

namespace fake_engine_replicate_test {

using namespace adapter_test;

replicate adapter(replicate_options o = {})
{
    o.base_url = "http://127.0.0.1:4711/v1";
    return replicate(api_key("r8_key", "REPLICATE_API_TOKEN"), o);
}

fake_reply ask(host& h, std::string method, std::string target, std::string body = {},
               fake_fields more = {})
{
    more.emplace_back("authorization", "Bearer r8_key");
    more.emplace_back("content-type", "application/json");
    return h.ask(std::move(method), std::move(target), std::move(body), std::move(more));
}

const std::string kling = "/v1/models/kwaivgi/kling-v2.5-turbo-pro/predictions";

TEST_CASE("replicate: words become a clip, from submit to file")
{
    host h;
    const auto p = adapter();
    text_to_video clip("a boat");
    clip.duration = 10s;
    clip.aspect_ratio = aspect_ratio::square_1_1;
    submit_context context;
    context.webhook_url = "https://hooks.example/x";
    const auto job = submitted(h, p, clip, std::move(context));
    CHECK(job.id == h.engine.jobs().at(0).id);
    CHECK(job.id.size() == 26);
    CHECK(job.status_url.empty());
    CHECK(job.cancel_url.empty());
    CHECK(h.engine.jobs()[0].webhook_url == "https://hooks.example/x");
    CHECK(h.engine.jobs()[0].ratio == aspect_ratio::square_1_1);
    CHECK(h.engine.counts().spent_mills == 700);
    CHECK(status_of(h, p, job).state == job_state::queued);
    h.clock.pass(2s);
    CHECK(status_of(h, p, job).state == job_state::running);
    h.clock.pass(10s);
    const auto done = status_of(h, p, job);
    REQUIRE(done.state == job_state::succeeded);
    REQUIRE(done.output.has_value());
    REQUIRE(done.output->assets.size() == 1);
    CHECK(done.output->render_s == 10);
    CHECK(done.output->seed.has_value());
    CHECK(h.fetch(done.output->assets[0].url).status == 200);
    CHECK(h.engine.counts().keys_leaked == 0);
}

TEST_CASE("replicate: a frame is uploaded and becomes a clip; one that is gone fails the job")
{
    host h;
    const auto p = adapter();
    media_upload m;
    constexpr char picture[] = "\x89PNG\r\n\r\n--cokino-frame-0\r\n\0tail";
    const std::string bytes(picture, sizeof picture - 1);
    m.bytes = bytes;
    m.content_type = "image/png";
    m.file_name = "frame.png";
    const std::string link = uploaded(h, p, m);
    CHECK(link.starts_with("http://127.0.0.1:4711/v1/files/"));
    const auto told = ask(h, "GET", host::target_of(link));
    CHECK(json_of(told).at("size") == bytes.size());
    CHECK(text_at(told, "/content_type") == "image/png");
    CHECK(text_at(told, "/name") == "frame.png");

    const auto good = submitted(h, p, image_to_video(link, "push in"));
    CHECK(h.engine.jobs()[0].image_url == link);
    CHECK(ask(h, "DELETE", host::target_of(link)).status == 204);
    CHECK(ask(h, "GET", host::target_of(link)).status == 404);
    const auto bad = submitted(h, p, image_to_video(link, "push in"));
    h.clock.pass(12s);
    CHECK(status_of(h, p, good).state == job_state::succeeded);
    const auto failed = status_of(h, p, bad);
    REQUIRE(failed.error.has_value());
    CHECK(*failed.error == errc::request_rejected);
}

TEST_CASE("replicate: every model that the adapter writes is one that the host takes")
{
    host h;
    const auto p = adapter();
    for (const auto model : {video_model::kling_2_5_turbo_pro, video_model::kling_3_0_pro,
                             video_model::kling_3_0_standard, video_model::seedance_2_0}) {
        text_to_video clip("a boat");
        clip.model = model;
        submitted(h, p, clip);
        image_to_video motion("https://a.example/x.png", "push in");
        motion.tail_image = "https://a.example/y.png";
        motion.model = model;
        submitted(h, p, motion);
    }
    for (const auto model : {image_model::flux_1_1_pro, image_model::flux_2_pro,
                             image_model::recraft_v3, image_model::recraft_v4}) {
        text_to_image still("a boat");
        still.model = model;
        submitted(h, p, still);
        still.width = still.height = 512;
        const auto job = submitted(h, p, still);
        CHECK(h.engine.jobs().back().width == 512);
        CHECK(h.engine.jobs().back().kind == job_kind::images);
    }
    CHECK(h.engine.counts().jobs == 16);
    // 5 s of each clip twice, and eight stills.
    CHECK(h.engine.counts().spent_mills ==
          2 * 5 * (70 + 224 + 168 + 302) + 2 * (40 + 30 + 40 + 40));
    submitted(
        h, p,
        raw_order(job_kind::video, "kwaivgi/kling-v2.5-turbo-pro:4a8b", R"({"prompt":"a boat"})"));
    CHECK(h.engine.jobs().back().endpoint == "kwaivgi/kling-v2.5-turbo-pro");
}

TEST_CASE("replicate: a cancel is at once, twice the same, and too late for one that has ended")
{
    host h;
    const auto p = adapter();
    const auto queued = submitted(h, p, text_to_video("a"));
    CHECK(cancelled(h, p, queued) == cancel_outcome::cancelled);
    CHECK(h.engine.counts().spent_mills == 0);
    CHECK(cancelled(h, p, queued) == cancel_outcome::cancelled);
    CHECK(h.engine.counts().jobs_cancelled == 1);
    const auto seen_later = status_of(h, p, queued);
    CHECK(seen_later.state == job_state::cancelled);
    CHECK(*seen_later.error == errc::job_cancelled);

    h.engine.faults().on_job(2).cancel_ignored();
    const auto stubborn = submitted(h, p, text_to_video("b"));
    CHECK(cancelled(h, p, stubborn) == cancel_outcome::requested);
    h.clock.pass(12s);
    CHECK(cancelled(h, p, stubborn) == cancel_outcome::too_late);
    auto nobody = queued;
    nobody.id = "nobody";
    CHECK(cancelled(h, p, nobody) == cancel_outcome::not_found);
}

TEST_CASE("replicate: Cancel-After aborts a job that waits, for nothing, and cancels one that runs")
{
    fake_options o;
    o.running_max = 1;
    host h(o);
    replicate_options limited;
    limited.cancel_after = 8s;
    const auto p = adapter(limited);
    const auto first = submitted(h, p, text_to_video("a"));
    const auto second = submitted(h, p, text_to_video("b"));
    h.clock.pass(9s);
    const auto cut = status_of(h, p, first), never = status_of(h, p, second);
    CHECK(cut.word == "canceled");
    CHECK(never.word == "aborted");
    CHECK(*never.error == errc::job_expired);
    CHECK(never.error->facts().billed == billing::no);
    CHECK(h.engine.counts().spent_mills == 350);
}

TEST_CASE("replicate: refusals before acceptance cost nothing and are told apart")
{
    host h;
    const auto p = adapter();
    const struct {
        unsigned status;
        errc meaning;
    } rows[] = {{401, errc::unauthorised}, {402, errc::out_of_credit}, {403, errc::forbidden},
                {404, errc::not_found},    {429, errc::rate_limited},  {503, errc::host_fault}};
    for (const auto& row : rows)
        h.engine.faults().on_every_job().refused_with(row.status);
    for (const auto& row : rows) {
        CAPTURE(row.status);
        CHECK(refused(h, p, text_to_video("a")) == row.meaning);
    }
    h.engine.faults().on_prompt("gore").content_refused_at_submit();
    const auto flagged = refused(h, p, text_to_video("gore"));
    CHECK(flagged == errc::content_refused);
    CHECK(flagged.facts().billed == billing::no);
    text_to_video odd("a");
    odd.extra = R"({"cfg_scale":0.5})"; // C1: it has none
    const auto unknown = refused(h, p, odd);
    CHECK(unknown == errc::request_rejected);
    CHECK(unknown.facts().host_code == "additional_property_not_allowed");
    CHECK(h.engine.counts().jobs == 0);
    CHECK(h.engine.counts().spent_mills == 0);
    CHECK(h.engine.counts().submits == 8);
}

TEST_CASE("replicate: jobs fail, hang, say odd words and give no link, as the script wants")
{
    host h;
    const auto p = adapter();
    h.engine.faults().on_job(1).content_refused().polls_say("pondering").polls_answer(429);
    h.engine.faults().on_job(2).fails("E004", "Service is temporarily unavailable.");
    h.engine.faults().on_job(3).succeeds_without_link();
    h.engine.faults().on_job(4).hangs();
    std::vector<job_record> jobs;
    for (int i = 0; i < 4; ++i)
        jobs.push_back(submitted(h, p, text_to_video("a")));
    CHECK(status_of(h, p, jobs[0]).state == job_state::unknown);
    CHECK(looked_at(h, p, jobs[0]).error() == errc::rate_limited);
    h.clock.pass(12s);
    CHECK(*status_of(h, p, jobs[0]).error == errc::content_refused);
    const auto outage = status_of(h, p, jobs[1]);
    CHECK(*outage.error == errc::job_failed);
    CHECK(outage.error->facts().host_code == "E004");
    CHECK(*status_of(h, p, jobs[2]).error == errc::result_missing);
    h.clock.pass(30min);
    CHECK(status_of(h, p, jobs[3]).state == job_state::running);
}

TEST_CASE("replicate: one hour after its end a job keeps its record and nothing else")
{
    host h;
    const auto p = adapter();
    const auto job = submitted(h, p, text_to_video("a"));
    h.clock.pass(12s);
    CHECK(status_of(h, p, job).state == job_state::succeeded);
    h.clock.pass(1h);
    const auto gone = ask(h, "GET", "/v1/predictions/" + job.id);
    CHECK(json_of(gone).at("data_removed") == true);
    CHECK(json_of(gone).at("input").as_object().empty());
    CHECK(json_of(gone).at("output").is_null());
    CHECK(json_of(gone).at("logs").is_null());
    const auto read = status_of(h, p, job);
    CHECK(*read.error == errc::result_missing);
    CHECK(read.error->facts().billed == billing::yes);
}

TEST_CASE("replicate: the answer to a create is that of the real host")
{
    host h;
    const auto made = ask(h, "POST", kling, R"({"input":{"prompt":"p"},"webhook":"https://h/x"})",
                          {{"prefer", "wait"}});
    CHECK(made.status == 201);
    CHECK(members_of(made) ==
          "id model version status input output error logs metrics data_removed source created_at "
          "started_at completed_at webhook webhook_events_filter urls");
    CHECK(text_at(made, "/status") == "starting");
    CHECK(text_at(made, "/input/prompt") == "p");
    const std::string self = "https://queue.fal.run/v1/predictions/" + text_at(made, "/id");
    CHECK(text_at(made, "/urls/get") == self);
    CHECK(text_at(made, "/urls/cancel") == self + "/cancel");
    CHECK(made.field("location") == self);
    CHECK(made.field("preference-applied") == "wait");
    const auto all = ask(h, "GET", "/v1/predictions");
    CHECK(json_of(all).at("results").as_array().size() == 1);
    CHECK(json_of(all).at("next").is_null());
}

TEST_CASE("replicate: what the real host refuses is refused, and the field is named")
{
    const struct {
        std::string body;
        std::string type, field;
    } rows[] = {
        {R"({})", "required", ""},
        {R"({"input":{}})", "required", "input"},
        {R"({"input":{"prompt":"p"},"priority":1})", "additional_property_not_allowed", ""},
        {R"({"input":{"prompt":"p","zzz":1}})", "additional_property_not_allowed", "input"},
        {R"({"input":{"prompt":7}})", "invalid_type", "input.prompt"},
        {R"({"input":{"prompt":"p","duration":"5"}})", "invalid_type", "input.duration"},
        {R"({"input":{"prompt":"p","duration":7}})", "enum", "input.duration"},
        {R"({"input":{"prompt":"p","aspect_ratio":"4:3"}})", "enum", "input.aspect_ratio"},
        {R"({"input":{"prompt":"p","start_image":"x.png"}})", "format", "input.start_image"},
        {R"({"input":{"prompt":"p","end_image":"https://a/x"}})", "required", "input.end_image"},
    };
    host h;
    for (const auto& row : rows) {
        CAPTURE(row.body);
        const auto refused = ask(h, "POST", kling, row.body);
        CHECK(refused.status == 422);
        CHECK(refused.field("content-type") == "application/problem+json");
        CHECK(text_at(refused, "/title") == "Input validation failed");
        CHECK(text_at(refused, "/invalid_fields/0/type") == row.type);
        CHECK(text_at(refused, "/invalid_fields/0/field") == row.field);
    }
    CHECK(ask(h, "POST", kling, "{").status == 422);
    CHECK(ask(h, "POST", "/v1/models/a/b/predictions", R"({"input":{"prompt":"p"}})").status ==
          404);
    const auto version = ask(h, "POST", "/v1/predictions", R"({"version":"0f","input":{}})");
    CHECK(version.status == 422);
    CHECK(text_at(version, "/title") == "Invalid version or not permitted");
    CHECK(ask(h, "POST", "/v1/files", "no form").status == 422);
    CHECK(ask(h, "GET", "/v1/predictions/nobody").status == 404);
    CHECK(ask(h, "PUT", "/v1/predictions/nobody").status == 404);
    const auto keyless = h.ask("POST", kling, R"({"input":{"prompt":"p"}})");
    CHECK(keyless.status == 401);
    CHECK(text_at(keyless, "/title") == "Unauthenticated");
    CHECK(h.engine.counts().jobs == 0);
}

} // namespace fake_engine_replicate_test
