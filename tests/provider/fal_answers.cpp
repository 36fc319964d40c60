// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// fal: answers about a job to outcomes, as recorded shapes (providers/fal-replicate.md A3 to A7).
#include <cokino/model/asset.hpp>
#include <cokino/provider/fal.hpp>

#include <provider/rows.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>

namespace fal_answers_test {

using namespace provider_rows;
using cokino::billing;
using cokino::errc;
using cokino::job_state;

const cokino::fal& host()
{
    static const cokino::fal fal(cokino::api_key(std::string(canary), "FAL_KEY"));
    return fal;
}

cokino::job_record job(std::string id = {})
{
    const auto out = host().encode(cokino::text_to_video("a"), cokino::submit_context());
    REQUIRE(out.has_value());
    return record_of(out->route, std::move(id));
}

constexpr std::string_view flagged =
    R"({"detail":[{"loc":["body","prompt"],"msg":"The content was flagged by a checker.",)"
    R"("type":"content_policy_violation","url":"https://docs.fal.ai/errors#x",)"
    R"("ctx":{"extra_info":{"reason":"partner_validation_failed"}},"input":{"prompt":"secret"}}]})";

TEST_CASE("fal: a status is read by its word, whatever the code of the answer")
{
    const auto look = [](unsigned status, std::string_view body) {
        auto out = host().decode_status(job("x"), answer(status, body));
        REQUIRE(out.has_value());
        return *out;
    };
    auto out =
        look(202, R"({"status":"IN_QUEUE","request_id":"x","queue_position":3,"logs":null})");
    CHECK(out.state == job_state::queued);
    CHECK(out.queue_position == 3);
    CHECK(out.word == "IN_QUEUE");
    CHECK_FALSE(out.result_pending);
    out = look(200, R"({"status":"IN_PROGRESS","metrics":{},"queue_position":-1,"error":null})");
    CHECK(out.state == job_state::running);
    CHECK_FALSE(out.queue_position.has_value());
    CHECK(out.logs.empty());
    out = look(202, R"({"status":"COMPLETED","metrics":{"inference_time":92.4}})");
    CHECK(out.state == job_state::succeeded);
    CHECK(out.result_pending);
    CHECK_FALSE(out.error.has_value());
    out = look(200, R"({"status":"TELEPORTING\u001b[2J"})");
    CHECK(out.state == job_state::unknown);
    CHECK(out.word == "TELEPORTING [2J");
    out = look(200, R"({"status":"completed"})");
    CHECK(out.state == job_state::unknown);
    out = look(200, R"({"status":"IN_QUEUE","queue_position":99999999999999999999})");
    CHECK_FALSE(out.queue_position.has_value());
}

TEST_CASE("fal: a completed job with an error has failed, and its reason is fetched")
{
    const struct {
        std::string_view body;
        job_state state;
        errc meaning;
        const char* text;
        bool pending;
    } rows[] = {
        {R"({"status":"COMPLETED","error":"no answer in time","error_type":"request_timeout"})",
         job_state::failed, errc::job_expired, "no answer in time", true},
        {R"({"status":"COMPLETED","error":"it broke","error_type":"runner_server_error"})",
         job_state::failed, errc::job_failed, "it broke", true},
        {R"({"status":"COMPLETED","error":"it broke"})", job_state::failed, errc::job_failed,
         "it broke", true},
        {R"({"status":"COMPLETED","error":{"type":"content_policy_violation","message":"no"}})",
         job_state::failed, errc::content_refused, "no", true},
        {R"({"status":"COMPLETED","error":"stopped","error_type":"client_cancelled"})",
         job_state::cancelled, errc::job_cancelled, "stopped", false},
    };
    for (const auto& row : rows) {
        CAPTURE(row.body);
        const auto out = host().decode_status(job("x"), answer(200, row.body));
        REQUIRE(out.has_value());
        CHECK(out->state == row.state);
        CHECK(out->result_pending == row.pending);
        REQUIRE(out->error.has_value());
        CHECK(*out->error == row.meaning);
        CHECK(out->error->facts().host_text == row.text);
        CHECK(out->error->facts().operation == "status");
    }
}

TEST_CASE("fal: log lines are read when they were asked for, cleaned")
{
    cokino::fal_options options;
    options.logs = true;
    const cokino::fal talkative(cokino::api_key(std::string(canary), "FAL_KEY"), options);
    const std::string body =
        R"({"status":"IN_PROGRESS","logs":[{"message":"frame 1\n)" + std::string(canary) +
        R"(","level":"INFO","source":"USER","timestamp":"2026-09-21T12:00:04Z"},{}]})";
    const auto out = talkative.decode_status(job("x"), answer(202, body));
    REQUIRE(out.has_value());
    REQUIRE(out->logs.size() == 2);
    CHECK(out->logs[0].message == "frame 1 ***");
    CHECK(out->logs[0].level == "INFO");
    CHECK(out->logs[0].timestamp == "2026-09-21T12:00:04Z");
    const auto without = host().decode_status(job("x"), answer(202, body));
    REQUIRE(without.has_value());
    CHECK(without->logs.empty());
}

TEST_CASE("fal: an answer that says nothing of the job is a failure, not the job's end")
{
    const struct {
        unsigned status;
        std::string_view body;
        errc meaning;
    } rows[] = {
        {401, R"({"detail":"invalid key credentials"})", errc::unauthorised},
        {403, R"({"detail":"User is locked. Reason: TOP_UP"})", errc::out_of_credit},
        {403, R"({"detail":"no"})", errc::forbidden},
        {404, R"({"status":"NOT_FOUND"})", errc::not_found},
        {404, R"({"detail":"Request not found"})", errc::not_found},
        {429, "", errc::rate_limited},
        {500, R"({"detail":"x","error_type":"internal_error"})", errc::host_fault},
        {503, "<html>", errc::host_fault},
        {504, R"({"detail":"x","error_type":"request_timeout"})", errc::host_fault},
        {302, "", errc::redirect_refused},
    };
    for (const auto& row : rows) {
        CAPTURE(row.status);
        const auto out = host().decode_status(job("x"), answer(row.status, row.body));
        REQUIRE(out.has_error());
        CHECK(out.error() == row.meaning);
        check_facts(out.error(), "fal", row.status);
    }
    for (const auto& hostile : hostile_bodies()) {
        CAPTURE(hostile.what);
        const auto out = host().decode_status(job("x"), answer(200, hostile.text));
        REQUIRE(out.has_error());
        CHECK((out.error() == errc::answer_malformed || out.error() == errc::response_too_large));
        check_facts(out.error(), "fal", 200);
        const auto result = host().decode_result(job("x"), answer(200, hostile.text));
        // JSON without a file in it is an answer, though a poor one.
        if (result.has_value())
            CHECK(*result->error == errc::result_missing);
        else
            check_facts(result.error(), "fal", 200);
    }
}

TEST_CASE("fal: results are read bare or wrapped, with all that is known of the files")
{
    const auto read = [](std::string_view body) {
        auto out = host().decode_result(job("x"), answer(200, body));
        REQUIRE(out.has_value());
        CHECK(out->state == job_state::succeeded);
        CHECK_FALSE(out->result_pending);
        REQUIRE(out->output.has_value());
        return *out->output;
    };
    constexpr std::string_view clip =
        R"({"video":{"url":"https://v3b.fal.media/files/b/0a/out.mp4","content_type":"video/mp4",)"
        R"("file_name":"output.mp4","file_size":9417320}})";
    auto out = read(clip);
    REQUIRE(out.assets.size() == 1);
    CHECK(out.assets[0].url == "https://v3b.fal.media/files/b/0a/out.mp4");
    CHECK(out.assets[0].content_type == "video/mp4");
    CHECK(out.assets[0].file_name == "output.mp4");
    CHECK(out.assets[0].size == 9417320U);
    out = read(R"({"status":"COMPLETED","response":)" + std::string(clip) + "}");
    CHECK(out.assets.size() == 1);
    out = read(R"({"video":{"url":"https://other.example/a","content_type":null,"file_size":-1,)"
               R"("file_name":null}})");
    CHECK(out.assets[0].content_type.empty());
    CHECK_FALSE(out.assets[0].size.has_value());

    out = read(R"({"images":[{"url":"https://v3b.fal.media/a.png","width":1024,"height":768,)"
               R"("content_type":"image/png"},{"url":"https://v3b.fal.media/b.png","width":0,)"
               R"("height":5000000}],"seed":17454220438242315174,"prompt":"p",)"
               R"("has_nsfw_concepts":[false,false],"timings":{"inference":1.9}})");
    REQUIRE(out.assets.size() == 2);
    CHECK(out.assets[0].width == 1024);
    CHECK(out.assets[0].height == 768);
    CHECK(out.assets[1].index == 1);
    CHECK_FALSE(out.assets[1].width.has_value());
    CHECK_FALSE(out.assets[1].height.has_value());
    CHECK(out.seed == 17454220438242315174U);
    CHECK(out.render_s == doctest::Approx(1.9));
}

TEST_CASE("fal: a success without a usable link has failed and was paid for")
{
    for (const char* body :
         {"{}", R"({"video":null})", R"({"video":{}})", R"({"video":{"url":""}})",
          R"({"video":{"url":7}})", R"({"video":{"url":"data:video/mp4;base64,AA"}})",
          R"({"video":{"url":"javascript:x"}})", R"({"images":[]})",
          R"({"video":{"url":"https://a b/"}})",
          R"({"video":{"url":"http://v3b.fal.media/files/b/0a/out.mp4"}})"}) {
        CAPTURE(body);
        const auto out = host().decode_result(job("x"), answer(200, body));
        REQUIRE(out.has_value());
        CHECK(out->state == job_state::failed);
        REQUIRE(out->error.has_value());
        CHECK(*out->error == errc::result_missing);
        CHECK(out->error->facts().billed == billing::yes);
        CHECK_FALSE(out->output.has_value());
    }
}

TEST_CASE("fal: a result that is asked for too early leaves the job running")
{
    auto out =
        host().decode_result(job("x"), answer(400, R"({"detail":"Request is still in progress"})"));
    REQUIRE(out.has_value());
    CHECK(out->state == job_state::running);
    CHECK_FALSE(out->error.has_value());
    out = host().decode_result(job("x"), answer(202, R"({"status":"IN_QUEUE"})"));
    REQUIRE(out.has_value());
    CHECK(out->state == job_state::queued);
}

TEST_CASE("fal: a job's stored failure has its reason, and what is known of the bill")
{
    const struct {
        unsigned status;
        std::string_view body;
        std::string_view header;
        job_state state;
        errc meaning;
        billing billed;
    } rows[] = {
        {422, flagged, "", job_state::failed, errc::content_refused, billing::unknown},
        {422, flagged, "x-fal-billable-units: 0", job_state::failed, errc::content_refused,
         billing::no},
        {422, flagged, "X-Fal-Billable-Units:  1.5 ", job_state::failed, errc::content_refused,
         billing::yes},
        {422, flagged, "x-fal-billable-units: many", job_state::failed, errc::content_refused,
         billing::unknown},
        {422, R"({"detail":[{"loc":["body","image_url"],"msg":"m","type":"image_load_error"}]})",
         "", job_state::failed, errc::request_rejected, billing::unknown},
        {422, R"({"detail":[{"msg":"m","type":"no_media_generated"}]})", "", job_state::failed,
         errc::job_failed, billing::unknown},
        {400, R"({"detail":[{"msg":"m","type":"downstream_service_error"}]})", "",
         job_state::failed, errc::job_failed, billing::unknown},
        {499, R"({"detail":"m","error_type":"client_cancelled"})", "", job_state::cancelled,
         errc::job_cancelled, billing::unknown},
        {499, "", "", job_state::cancelled, errc::job_cancelled, billing::unknown},
        {504, R"({"detail":[{"msg":"m","type":"generation_timeout"}]})", "", job_state::failed,
         errc::job_failed, billing::no},
        {504, R"({"detail":"m","error_type":"request_timeout"})",
         "X-Fal-Request-Timeout-Type: user", job_state::failed, errc::job_expired, billing::no},
        {500, R"({"detail":"m","error_type":"runner_server_error"})", "", job_state::failed,
         errc::job_failed, billing::no},
        {500, R"({"detail":"Internal Server Error"})", "", job_state::failed, errc::job_failed,
         billing::no},
        {502, "", "x-fal-request-id: r", job_state::failed, errc::job_failed, billing::no},
    };
    for (const auto& row : rows) {
        CAPTURE(row.status);
        CAPTURE(row.body);
        const auto out = host().decode_result(job("x"), answer(row.status, row.body, row.header));
        REQUIRE(out.has_value());
        CHECK(out->state == row.state);
        REQUIRE(out->error.has_value());
        CHECK(*out->error == row.meaning);
        CHECK(out->error->facts().billed == row.billed);
        CHECK(out->error->facts().operation == "result");
        check_facts(*out->error, "fal", row.status);
    }
}

TEST_CASE("fal: trouble on the way to a result is not the job's failure")
{
    const struct {
        unsigned status;
        std::string_view body;
        errc meaning;
    } rows[] = {
        {401, R"({"detail":"invalid key credentials"})", errc::unauthorised},
        {403, R"({"detail":"User is locked. Reason: Exhausted balance."})", errc::out_of_credit},
        {404, R"({"detail":"not found"})", errc::not_found},
        {408, "", errc::host_fault},
        {429, "", errc::rate_limited},
        {502, "<html>nginx</html>", errc::host_fault},
        {503, "", errc::host_fault},
    };
    for (const auto& row : rows) {
        CAPTURE(row.status);
        const auto out = host().decode_result(job("x"), answer(row.status, row.body));
        REQUIRE(out.has_error());
        CHECK(out.error() == row.meaning);
        check_facts(out.error(), "fal", row.status);
    }
}

TEST_CASE("fal: each answer to a cancel has its meaning")
{
    using cokino::cancel_outcome;
    const struct {
        unsigned status;
        std::string_view body;
        cancel_outcome meaning;
    } rows[] = {
        {200, R"({"status":"OK"})", cancel_outcome::cancelled},
        {202, R"({"status":"CANCELLATION_REQUESTED"})", cancel_outcome::requested},
        {200, R"({"success":true})", cancel_outcome::requested},
        {200, "", cancel_outcome::requested},
        {400, R"({"status":"ALREADY_COMPLETED"})", cancel_outcome::too_late},
        {404, R"({"status":"NOT_FOUND"})", cancel_outcome::not_found},
        {404, "<html>", cancel_outcome::not_found},
    };
    for (const auto& row : rows) {
        CAPTURE(row.body);
        const auto out = host().decode_cancel(job("x"), answer(row.status, row.body));
        REQUIRE(out.has_value());
        CHECK(*out == row.meaning);
    }
    for (const unsigned status : {400U, 401U, 429U, 500U}) {
        const auto out = host().decode_cancel(job("x"), answer(status, R"({"detail":"no"})"));
        REQUIRE(out.has_error());
        check_facts(out.error(), "fal", status);
        CHECK(out.error().facts().operation == "cancel");
    }
}

TEST_CASE("fal: a host that repeats the key gives it to no error")
{
    const std::string key(canary);
    const std::string bodies[] = {
        R"({"detail":"bad header Authorization: Key )" + key + "\"}",
        R"({"detail":[{"msg":")" + key + R"(","type":")" + key + R"(","loc":["body","prompt"]}]})",
        "<html>" + key + "</html>",
        std::string(190, '.') + key,
        std::string(500, ' ') + key,
    };
    for (const auto& body : bodies)
        for (const unsigned status : {200U, 401U, 422U, 500U}) {
            const auto reply = answer(status, body, "x-fal-request-id: " + key);
            auto record = job();
            const auto taken = host().decode_submit(reply, record);
            REQUIRE(taken.has_error());
            check_facts(taken.error(), "fal", status);
            CHECK_FALSE(has(printed(taken.error()), key.substr(0, 20)));
            const auto look = host().decode_status(job("x"), reply);
            REQUIRE(look.has_error());
            check_facts(look.error(), "fal", status);
            const auto result = host().decode_result(job("x"), reply);
            check_facts(result.has_value() ? *result->error : result.error(), "fal", status);
        }
}

} // namespace fal_answers_test
