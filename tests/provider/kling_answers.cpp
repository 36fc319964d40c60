// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Kling's own API: every recorded shape of answer, and many that nobody should send.
#include <cokino/policy/attempt_outcome.hpp>
#include <cokino/provider/kling.hpp>

#include <provider/rows.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace kling_answers_test {

using namespace provider_rows;
using cokino::billing;
using cokino::errc;
using cokino::job_state;

const cokino::kling& host()
{
    static const cokino::kling made(cokino::api_key(std::string(canary), "KLING_API_KEY"));
    return made;
}

cokino::job_record job(std::string id, std::string endpoint = "text-to-video/kling-2.5-turbo",
                       cokino::job_kind kind = cokino::job_kind::video)
{
    cokino::job_route r;
    r.kind = kind;
    r.provider = "kling";
    r.base_url = host().traits().base_url;
    r.endpoint = std::move(endpoint);
    return record_of(std::make_shared<const cokino::job_route>(r), std::move(id));
}

cokino::job_record legacy_job(std::string id) { return job(std::move(id), "v1/videos/text2video"); }

// §1.2, §1.3
constexpr std::string_view taken =
    R"({"code":0,"message":"SUCCEED","request_id":"8f0d1c52","data":{"id":"871234567890123456",)"
    R"("status":"submitted","create_time":1790000000123,"update_time":1790000000123,)"
    R"("external_id":"job-000417-a1"}})";
constexpr std::string_view legacy_taken =
    R"({"code":0,"message":"SUCCEED","request_id":"c0656403","data":{"task_id":)"
    R"("871234567890123460","task_status":"submitted","task_info":{"external_task_id":"j"},)"
    R"("created_at":1790000100166,"updated_at":1790000100166}})";
constexpr std::string_view two_tasks =
    R"({"code":0,"message":"SUCCEED","request_id":"c0a1","data":[{"id":"871234567890123456",)"
    R"("status":"succeeded","message":"","create_time":1790000000123,"update_time":1790000094151,)"
    R"("external_id":"a1","outputs":[{"type":"audio","id":"1","mp3_url":"https://x.example/a"},)"
    R"({"type":"video","id":"2","url":)"
    R"("https://v16.example-cdn/out.mp4?Expires=1792592094&Signature=s","watermark_url":)"
    R"("https://w.example/","duration":"5.041"}],"billing":[{"charge_type":"unit",)"
    R"("amount":"2.5","list_price":"0.35"}]},{"id":"871234567890123457","status":"failed",)"
    R"("message":"Failure to pass the risk control system","create_time":1790000000200,)"
    R"("update_time":1790000012345,"external_id":"b1","outputs":[],"billing":[]}]})";
constexpr std::string_view legacy_done =
    R"({"code":0,"message":"SUCCEED","request_id":"r","data":{"task_id":"871234567890123460",)"
    R"("task_status":"succeed","task_status_msg":"","task_info":{"external_task_id":"j"},)"
    R"("final_unit_deduction":"2.5","created_at":1790000100166,"updated_at":1790000190001,)"
    R"("task_result":{"videos":[{"id":"8","url":"https://v21-kling.example-cdn/out.mp4?x=1",)"
    R"("watermark_url":"","duration":"5.1"}]}}})";

std::string task(std::string_view word, std::string_view more = "")
{
    return R"({"code":0,"message":"SUCCEED","data":[{"id":"871","status":")" + std::string(word) +
           '"' + std::string(more) + "}]}";
}

std::string legacy_task(std::string_view word, std::string_view more = "")
{
    return R"({"code":0,"message":"SUCCEED","data":{"task_id":"871","task_status":")" +
           std::string(word) + '"' + std::string(more) + "}}";
}

TEST_CASE("kling: an accepted submit gives the job's id, in both generations")
{
    auto record = job("");
    REQUIRE(host().decode_submit(answer(200, taken), record).has_value());
    CHECK(record.id == "871234567890123456");
    record = legacy_job("");
    REQUIRE(host().decode_submit(answer(200, legacy_taken), record).has_value());
    CHECK(record.id == "871234567890123460");
    record = job("");
    REQUIRE(
        host().decode_submit(answer(200, R"({"code":0,"data":{"id":871}})"), record).has_value());
    CHECK(record.id == "871");
    CHECK(record.status_url.empty());
}

TEST_CASE("kling: a success without an id may have bought something")
{
    check_unknown_outcomes(host(), job(""), 200,
                           {{"empty data", R"({"code":0,"data":{}})"},
                            {"empty id", R"({"code":0,"data":{"id":""}})"},
                            {"null data", R"({"code":0,"data":null})"},
                            {"blank in the id", R"({"code":0,"data":{"id":"a b"}})"},
                            {"path as id", R"({"code":0,"data":{"id":"..","task_id":"x"}})"},
                            {"two ids", R"({"code":0,"data":{"id":"8","id":"9"}})"}});
}

TEST_CASE("kling: each of its codes has one meaning, and 429 alone says little")
{
    const struct {
        unsigned status;
        int code;
        errc meaning;
        billing billed;
    } rows[] = {
        {401, 1000, errc::unauthorised, billing::no},
        {401, 1001, errc::unauthorised, billing::no},
        {401, 1002, errc::unauthorised, billing::no},
        {401, 1003, errc::unauthorised, billing::no},
        {401, 1004, errc::unauthorised, billing::no},
        {429, 1100, errc::forbidden, billing::no},
        {429, 1101, errc::out_of_credit, billing::no},
        {429, 1102, errc::out_of_credit, billing::no},
        {403, 1103, errc::forbidden, billing::no},
        {400, 1200, errc::request_rejected, billing::no},
        {400, 1201, errc::request_rejected, billing::no},
        {404, 1202, errc::request_rejected, billing::no},
        {404, 1203, errc::not_found, billing::no},
        {400, 1300, errc::content_refused, billing::no},
        {400, 1301, errc::content_refused, billing::no},
        {429, 1302, errc::rate_limited, billing::no},
        {429, 1303, errc::rate_limited, billing::no},
        {429, 1304, errc::forbidden, billing::no},
        {500, 5000, errc::host_fault, billing::unknown},
        {503, 5001, errc::host_fault, billing::unknown},
        {504, 5002, errc::host_fault, billing::unknown},
        // Not in the table: by status, and by the thousands inside a 200.
        {418, 1999, errc::request_rejected, billing::no},
        {200, 1303, errc::rate_limited, billing::no},
        {200, 1301, errc::content_refused, billing::no},
        {200, 1999, errc::request_rejected, billing::no},
        {200, 5000, errc::host_fault, billing::unknown},
        {200, 9999, errc::host_fault, billing::unknown},
    };
    for (const auto& row : rows) {
        CAPTURE(row.status);
        CAPTURE(row.code);
        const std::string body = R"({"code":)" + std::to_string(row.code) +
                                 R"(,"message":"so it is, )" + std::string(canary) +
                                 R"(","request_id":"req-1"})";
        auto record = job("");
        const auto out = host().decode_submit(answer(row.status, body), record);
        REQUIRE(out.has_error());
        CHECK(out.error() == row.meaning);
        CHECK(out.error().facts().billed == row.billed);
        CHECK(out.error().facts().operation == "submit");
        CHECK(out.error().facts().host_code == std::to_string(row.code));
        CHECK(out.error().facts().host_text == "so it is, ***");
        CHECK(out.error().facts().request_id == "req-1");
        CHECK(record.id.empty());
        check_facts(out.error(), "kling", row.status);
        // The same while polling says nothing of the job.
        const auto looked = host().decode_status(job("871"), answer(row.status, body));
        REQUIRE(looked.has_error());
        CHECK(looked.error() == row.meaning);
        CHECK(looked.error().facts().operation == "status");
    }
}

TEST_CASE("kling: an answer from a gateway is judged by its status")
{
    const struct {
        unsigned status;
        errc meaning;
        billing billed;
    } rows[] = {{502, errc::host_fault, billing::unknown},
                {408, errc::host_fault, billing::unknown},
                {429, errc::rate_limited, billing::no},
                {413, errc::request_rejected, billing::no},
                {301, errc::redirect_refused, billing::unknown}};
    for (const auto& row : rows)
        for (const char* body : {"<html>no</html>", "", "[]", R"({"code":"x"})"}) {
            CAPTURE(row.status);
            CAPTURE(body);
            auto record = job("");
            const auto out = host().decode_submit(answer(row.status, body), record);
            REQUIRE(out.has_error());
            CHECK(out.error() == row.meaning);
            CHECK(out.error().facts().billed == row.billed);
        }
}

TEST_CASE("kling: a repeated id of ours means that an earlier try was accepted")
{
    auto record = job("");
    const auto out = host().decode_submit(
        answer(400, R"({"code":1201,"message":"external_task_id: job-1 already exists"})"), record);
    REQUIRE(out.has_error());
    CHECK(out.error() == errc::own_id_exists);
    CHECK(out.error().facts().http_status == 400);
    CHECK(out.error().facts().billed == billing::unknown);
    CHECK(has(out.error().facts().message, "an earlier try was accepted"));
    CHECK(cokino::policy::outcome_of(out.error()).about == cokino::policy::conflict::own_id_exists);
}

TEST_CASE("kling: a job is asked for by our own id, in each generation's own way")
{
    const auto target = [](const cokino::job_record& record) {
        auto asked = host().encode_find(*record.route, "job-000417/a1");
        REQUIRE(asked.has_value());
        return target_of(*asked);
    };
    CHECK(host().traits().finds_own_id);
    CHECK(target(job("")) == "GET /tasks?external_task_ids=job-000417%2Fa1");
    CHECK(target(legacy_job("")) == "GET /v1/videos/text2video/job-000417%2Fa1");
}

TEST_CASE("kling: what is found under our own id is our job, or nothing is")
{
    const auto find = [](cokino::job_record record, std::string_view own, unsigned status,
                         std::string_view body) -> cokino::result<std::string> {
        auto found = host().decode_find(answer(status, std::string(body)), own, record);
        if (!found)
            return found.error();
        return record.id;
    };
    CHECK(find(job(""), "a1", 200, two_tasks).value() == "871234567890123456");
    CHECK(find(legacy_job(""), "j", 200, legacy_taken).value() == "871234567890123460");
    const auto errc_of = [](const cokino::result<std::string>& r) {
        return r ? errc::ok : cokino::errc_of(r.error().code()).value_or(errc::ok);
    };
    // Somebody else's, none yet, nonsense, an id that would be a path, refusals.
    CHECK(errc_of(find(job(""), "other", 200, two_tasks)) == errc::not_found);
    CHECK(errc_of(find(legacy_job(""), "other", 200, legacy_taken)) == errc::not_found);
    CHECK(errc_of(find(job(""), "a1", 200, R"({"code":0,"data":[]})")) == errc::not_found);
    CHECK(errc_of(find(job(""), "a1", 200, "<html>")) == errc::answer_malformed);
    CHECK(errc_of(find(job(""), "a1", 200,
                       R"({"code":0,"data":[{"id":"../x y","external_id":"a1"}]})")) ==
          errc::not_found);
    CHECK(errc_of(find(legacy_job(""), "j", 400,
                       R"({"code":1201,"message":"Task not found by id/external id: j"})")) ==
          errc::not_found);
    CHECK(errc_of(find(job(""), "a1", 401, R"({"code":1000,"message":"Auth failed"})")) ==
          errc::unauthorised);
    CHECK(errc_of(find(job(""), "a1", 200, R"({"code":5000,"message":"internal"})")) ==
          errc::host_fault);
}

TEST_CASE("kling: states come in their own words, and an unknown word is no end")
{
    const struct {
        const char* word;
        job_state state;
    } rows[] = {{"submitted", job_state::queued},  {"processing", job_state::running},
                {"SUBMITTED", job_state::unknown}, {"pondering", job_state::unknown},
                {"success", job_state::unknown},   {"canceled", job_state::unknown}};
    for (const auto& row : rows) {
        CAPTURE(row.word);
        for (const bool legacy : {false, true}) {
            const auto out =
                host().decode_status(legacy ? legacy_job("871") : job("871"),
                                     answer(200, legacy ? legacy_task(row.word) : task(row.word)));
            REQUIRE(out.has_value());
            CHECK(out->state == row.state);
            CHECK(out->word == row.word);
            CHECK_FALSE(out->error.has_value());
            CHECK_FALSE(out->output.has_value());
        }
    }
}

TEST_CASE("kling: a finished job gives its link, with the end of its life where that is told")
{
    auto out = host().decode_status(job("871234567890123456"), answer(200, two_tasks));
    REQUIRE_MESSAGE(out.has_value(), out.error().describe());
    CHECK(out->state == job_state::succeeded);
    REQUIRE(out->output.has_value());
    REQUIRE(out->output->assets.size() == 1);
    CHECK(out->output->assets[0].url ==
          "https://v16.example-cdn/out.mp4?Expires=1792592094&Signature=s");
    CHECK(out->output->assets[0].expires_at ==
          std::chrono::system_clock::time_point(std::chrono::seconds(1792592094)));
    CHECK_FALSE(out->result_pending);

    out = host().decode_status(legacy_job("871234567890123460"), answer(200, legacy_done));
    REQUIRE_MESSAGE(out.has_value(), out.error().describe());
    CHECK(out->state == job_state::succeeded);
    REQUIRE(out->output.has_value());
    CHECK(out->output->assets[0].url == "https://v21-kling.example-cdn/out.mp4?x=1");
    CHECK_FALSE(out->output->assets[0].expires_at.has_value());

    const auto stills = job("871", "v1/images/generations", cokino::job_kind::images);
    out = host().decode_status(
        stills,
        answer(200,
               legacy_task("succeed", R"(,"task_result":{"images":[{"index":0,"url":)"
                                      R"("https://p2.example/a.png?Expires=7","watermark_url":""},)"
                                      R"({"index":1,"url":"https://p2.example/b.png"}]})")));
    REQUIRE_MESSAGE(out.has_value(), out.error().describe());
    REQUIRE(out->output->assets.size() == 2);
    CHECK_FALSE(out->output->assets[0].expires_at.has_value()); // no such time
    CHECK(out->output->assets[1].index == 1);
}

TEST_CASE("kling: a success without a usable link has failed and was paid for")
{
    for (const char* more :
         {"", R"(,"outputs":[])", R"(,"outputs":null)", R"(,"outputs":[{"type":"video"}])",
          R"(,"outputs":[{"type":"image","url":"https://a.example/x.png"}])",
          R"(,"outputs":[{"type":"video","url":""}])",
          R"(,"outputs":[{"type":"video","url":"http://a.example/x.mp4"}])",
          R"(,"outputs":[{"type":"video","url":"file:///etc/passwd"}])",
          R"(,"outputs":{"type":"video","url":"https://a.example/x.mp4"})"}) {
        CAPTURE(more);
        const auto out = host().decode_status(job("871"), answer(200, task("succeeded", more)));
        REQUIRE(out.has_value());
        CHECK(out->state == job_state::failed);
        REQUIRE(out->error.has_value());
        CHECK(*out->error == errc::result_missing);
        CHECK(out->error->facts().billed == billing::yes);
        CHECK_FALSE(out->output.has_value());
    }
    const auto old = host().decode_status(
        legacy_job("871"), answer(200, legacy_task("succeed", R"(,"task_result":{"videos":[]})")));
    REQUIRE(old.has_value());
    CHECK(*old->error == errc::result_missing);
}

TEST_CASE("kling: plain http links count only where the API itself is spoken to so")
{
    cokino::kling_options o;
    o.base_url = "http://127.0.0.1:4711";
    const cokino::kling local(cokino::api_key("k", "K"), o);
    const auto out = local.decode_status(
        job("871"),
        answer(200, task("succeeded",
                         R"(,"outputs":[{"type":"video","url":"http://127.0.0.1:4711/f.mp4"}])")));
    REQUIRE(out.has_value());
    CHECK(out->state == job_state::succeeded);
}

TEST_CASE("kling: a failed job has its reason and costs nothing")
{
    const struct {
        const char* text;
        errc meaning;
    } rows[] = {{"Failure to pass the risk control system", errc::content_refused},
                {"it violates our Content Policy", errc::content_refused},
                {"renderer down", errc::job_failed},
                {"", errc::job_failed}};
    for (const auto& row : rows)
        for (const bool legacy : {false, true}) {
            CAPTURE(row.text);
            const std::string more = std::string(legacy ? ",\"task_status_msg\"" : ",\"message\"") +
                                     ":\"" + row.text + "\"";
            const auto out = host().decode_status(
                legacy ? legacy_job("871") : job("871"),
                answer(200, legacy ? legacy_task("failed", more) : task("failed", more)));
            REQUIRE(out.has_value());
            CHECK(out->state == job_state::failed);
            REQUIRE(out->error.has_value());
            CHECK(*out->error == row.meaning);
            CHECK(out->error->facts().billed == billing::no);
            CHECK((row.text[0] == '\0' || out->error->facts().host_text == row.text));
            check_facts(*out->error, "kling", 200);
        }
}

TEST_CASE("kling: a job that it does not know is not found, by either generation's way to say so")
{
    auto out = host().decode_status(job("871"), answer(200, R"({"code":0,"data":[]})"));
    REQUIRE(out.has_error());
    CHECK(out.error() == errc::not_found);
    out = host().decode_status(
        legacy_job("871"),
        answer(400, R"({"code":1201,"message":"Task not found by id/external id: 871"})"));
    REQUIRE(out.has_error());
    CHECK(out.error() == errc::not_found);
}

TEST_CASE("kling: an answer that makes no sense says nothing of the job")
{
    for (const auto& hostile : hostile_bodies())
        for (const bool legacy : {false, true}) {
            CAPTURE(hostile.what);
            const auto out = host().decode_status(legacy ? legacy_job("871") : job("871"),
                                                  answer(200, hostile.text));
            REQUIRE(out.has_error());
            CHECK(
                (out.error() == errc::answer_malformed || out.error() == errc::response_too_large));
            check_facts(out.error(), "kling", 200);
        }
    for (const std::string& body :
         {task(""), std::string(R"({"code":0,"data":[{"id":"871"}]})"),
          std::string(R"({"code":0,"data":[{"id":"872","status":"succeeded"}]})"),
          std::string(R"({"code":0,"data":[{"id":"871","status":"failed","status":"submitted"}]})"),
          std::string(R"({"code":0,"data":{"id":"871","status":"failed"}})"),
          legacy_task("failed")}) {
        CAPTURE(body);
        const auto out = host().decode_status(job("871"), answer(200, body));
        REQUIRE(out.has_error());
        CHECK(out.error() == errc::answer_malformed);
    }
    // Cut at any place it is an answer of its own, or none.
    const std::string whole(two_tasks);
    for (std::size_t cut = 0; cut < whole.size(); ++cut)
        CHECK(host()
                  .decode_status(job("871234567890123456"), answer(200, whole.substr(0, cut)))
                  .has_error());
}

TEST_CASE("kling: one answer tells of many jobs, in any order, and is silent of the others")
{
    const auto a = job("871234567890123456"), b = job("871234567890123457"), c = job("3");
    const cokino::job_record* jobs[] = {&c, &b, &a};
    const auto out = host().decode_status_batch(jobs, answer(200, two_tasks));
    REQUIRE_MESSAGE(out.has_value(), out.error().describe());
    REQUIRE(out->size() == 3);
    CHECK_FALSE((*out)[0].has_value());
    REQUIRE((*out)[1].has_value());
    CHECK((*out)[1]->state == job_state::failed);
    CHECK(*(*out)[1]->error == errc::content_refused);
    REQUIRE((*out)[2].has_value());
    CHECK((*out)[2]->output->assets.size() == 1);

    for (const char* body : {R"({"code":0,"data":[]})",
                             R"({"code":0,"data":[{"id":"3"},{"status":"failed"},7,null]})"}) {
        const auto none = host().decode_status_batch(jobs, answer(200, body));
        REQUIRE(none.has_value());
        CHECK_FALSE((*none)[0].has_value());
    }
    const auto running = host().decode_status_batch(
        jobs, answer(200, R"({"code":0,"data":[{"id":"3","status":"processing"}]})"));
    REQUIRE(running.has_value());
    CHECK((*running)[0]->state == job_state::running);
    const auto limited =
        host().decode_status_batch(jobs, answer(429, R"({"code":1302,"message":"slow"})"));
    CHECK(limited.error() == errc::rate_limited);
    for (const auto& hostile : hostile_bodies()) {
        CAPTURE(hostile.what);
        const auto bad = host().decode_status_batch(jobs, answer(200, hostile.text));
        REQUIRE(bad.has_error());
        check_facts(bad.error(), "kling", 200);
    }
}

TEST_CASE("kling: a hook's body is a task of either generation, without an envelope")
{
    auto note = host().read_webhook(
        R"({"id":"1234567890","status":"succeeded","message":"","create_time":1781080778802,)"
        R"("update_time":1781080794151,"outputs":[{"type":"video",)"
        R"("url":"https://a.example/x.mp4"}]})");
    REQUIRE(note.has_value());
    CHECK(note->job_id == "1234567890");
    REQUIRE(note->status.has_value());
    CHECK(note->status->state == job_state::succeeded);
    CHECK(note->status->output->assets[0].url == "https://a.example/x.mp4");

    note = host().read_webhook(
        R"({"task_id":"871234567890123460","task_status":"succeed","task_status_msg":"",)"
        R"("task_info":{"parent_video":{"id":"","url":"","duration":""},"external_task_id":"j"},)"
        R"("task_result":{"videos":[],"images":[{"url":"https://a.example/x.png"}]}})");
    REQUIRE(note.has_value());
    CHECK(note->job_id == "871234567890123460");
    CHECK(note->status->output->assets[0].url == "https://a.example/x.png");

    note = host().read_webhook(R"({"id":"9","status":"failed","message":"risk control"})");
    REQUIRE(note.has_value());
    CHECK(*note->status->error == errc::content_refused);
    note = host().read_webhook(R"({"id":"9","status":"processing"})");
    REQUIRE(note.has_value());
    CHECK(note->status->state == job_state::running);

    for (const auto& hostile : hostile_bodies()) {
        CAPTURE(hostile.what);
        CHECK(host().read_webhook(hostile.text).has_error());
    }
    CHECK(host().read_webhook(R"({"id":"9"})").error() == errc::answer_malformed);
    CHECK(host().read_webhook(R"({"status":"failed"})").error() == errc::answer_malformed);
    CHECK(host().read_webhook(taken).error() == errc::answer_malformed);
}

} // namespace kling_answers_test
