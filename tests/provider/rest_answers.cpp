// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// rest: answers to outcomes, as tables of the shapes that hosts of its kind are known to send
// (providers/kling-kie-piapi-pollo-wireflow.md 1.3, 1.5, 3.2).
#include <cokino/model/asset.hpp>
#include <cokino/provider/rest.hpp>

#include <provider/rows.hpp>

#include <doctest/doctest.h>

#include <string>

namespace rest_answers_test {

using namespace provider_rows;
using cokino::billing;
using cokino::errc;
using cokino::job_state;

cokino::rest_options sample()
{
    return cokino::rest_options("https://api.example.org",
                                cokino::api_key(std::string(canary), "KLING_KEY"));
}

const cokino::rest& host()
{
    static const cokino::rest rest(sample());
    return rest;
}

cokino::job_record job() { return record_of(nullptr, "8"); }

TEST_CASE("rest: an accepted submit gives the id, wrapped or bare, as text or as a number")
{
    for (const char* body :
         {R"({"code":0,"message":"SUCCEED","data":{"task_id":"871234567890123460"}})",
          R"({"task_id":"871234567890123460","status":"processing"})",
          R"({"task_id":871234567890123460})",
          R"({"task_id":null,"data":{"task_id":"871234567890123460","task_status":"submitted"}})"})
        for (const unsigned status : {200U, 201U, 202U}) {
            CAPTURE(body);
            cokino::job_record record;
            const auto taken = host().decode_submit(answer(status, body), record);
            REQUIRE(taken.has_value());
            CHECK(record.id == "871234567890123460");
            CHECK(record.status_url.empty());
        }
}

TEST_CASE("rest: success without a job is an unknown outcome, never a refusal")
{
    std::vector<hostile_body> bodies = {
        {"no id", R"({"code":0,"message":"SUCCEED","data":{}})"},
        {"empty id", R"({"task_id":""})"},
        {"path as id", R"({"task_id":".."})"},
        {"fault inside a success", R"({"code":5000,"message":"internal"})"},
        {"fault by HTTP's number", R"({"code":503,"message":"later"})"}};
    for (const char* code : {"1", "100", "201", "202", "\"201\"", "303"})
        bodies.push_back({"a success by another number, its id somewhere else",
                          std::string(R"({"code":)") + code + R"(,"job":{"uuid":"u-1"}})"});
    check_unknown_outcomes(host(), cokino::job_record(), 200, std::move(bodies));
}

TEST_CASE("rest: a refused submit says what is wrong, and whether it can have been billed")
{
    const struct {
        unsigned status;
        std::string_view body;
        errc meaning;
        const char* code;
        const char* text;
        billing billed;
    } rows[] = {
        {400, R"({"code":1301,"message":"Failure to pass the risk control system"})",
         errc::content_refused, "1301", "Failure to pass the risk control system", billing::no},
        {200, R"({"code":1301,"message":"unsafe"})", errc::content_refused, "1301", "unsafe",
         billing::no},
        {422, R"({"message":"Prompt holds sensitive words"})", errc::content_refused, "",
         "Prompt holds sensitive words", billing::no},
        {400, R"({"code":1201,"message":"duration: must be 5 or 10"})", errc::request_rejected,
         "1201", "duration: must be 5 or 10", billing::no},
        {400, R"({"error":{"code":"bad_field","message":"no such field"}})", errc::request_rejected,
         "bad_field", "no such field", billing::no},
        {200, R"({"code":"BAD_REQUEST","message":"no"})", errc::request_rejected, "BAD_REQUEST",
         "no", billing::no},
        {200, R"({"code":401,"message":"who?"})", errc::unauthorised, "401", "who?", billing::no},
        {200, R"({"code":402,"message":"pay"})", errc::out_of_credit, "402", "pay", billing::no},
        {401, R"({"code":1002,"message":"api key not found"})", errc::unauthorised, "1002",
         "api key not found", billing::no},
        {402, "", errc::out_of_credit, "", "", billing::no},
        {429, R"({"code":1102,"message":"Account balance not enough"})", errc::out_of_credit,
         "1102", "Account balance not enough", billing::no},
        {429, R"({"code":1303,"message":"parallel task over resource pack limit"})",
         errc::rate_limited, "1303", "parallel task over resource pack limit", billing::no},
        {429, "", errc::rate_limited, "", "", billing::no},
        {403, R"({"error":"Forbidden"})", errc::forbidden, "", "Forbidden", billing::no},
        {404, "<html>Not Found</html>", errc::not_found, "", "<html>Not Found</html>", billing::no},
        {408, "", errc::host_fault, "", "", billing::unknown},
        {500, R"({"code":5000,"message":"internal"})", errc::host_fault, "5000", "internal",
         billing::unknown},
        {400, R"({"code":5000,"message":"internal"})", errc::host_fault, "5000", "internal",
         billing::unknown},
        {502, "<html>Bad Gateway</html>", errc::host_fault, "", "<html>Bad Gateway</html>",
         billing::unknown},
        {301, "", errc::redirect_refused, "", "", billing::unknown},
    };
    for (const auto& row : rows) {
        CAPTURE(row.status);
        CAPTURE(row.body);
        cokino::job_record record;
        const auto taken =
            host().decode_submit(answer(row.status, row.body, "X-Request-Id: r-1"), record);
        REQUIRE(taken.has_error());
        const cokino::diagnostics& d = taken.error().facts();
        CHECK(taken.error() == row.meaning);
        CHECK(d.host_code == row.code);
        CHECK(d.host_text == row.text);
        CHECK(d.billed == row.billed);
        CHECK(d.request_id == "r-1");
        check_facts(taken.error(), "rest", row.status);
    }
}

TEST_CASE("rest: a state is told by the host's words in any case; unknown words keep it open")
{
    const struct {
        std::string_view body;
        job_state state;
        const char* word;
    } rows[] = {
        {R"({"data":{"status":"submitted"}})", job_state::queued, "submitted"},
        {R"({"data":{"task_status":"processing"}})", job_state::running, "processing"},
        {R"({"status":"Processing"})", job_state::running, "Processing"},
        {R"({"status":"success","data":{"status":"processing"}})", job_state::running,
         "processing"},
        {R"({"status":200,"data":{"task_status":"queued"}})", job_state::queued, "queued"},
        {R"({"status":"staged\n"})", job_state::unknown, "staged "},
        {R"({"status":"success"})", job_state::unknown, "success"},
        {R"({"status":"cancelled"})", job_state::cancelled, "cancelled"},
        {R"({"status":"FAILED"})", job_state::failed, "FAILED"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.body);
        const auto out = host().decode_status(job(), answer(200, row.body));
        REQUIRE(out.has_value());
        CHECK(out->state == row.state);
        CHECK(out->word == row.word);
        CHECK_FALSE(out->result_pending);
    }
}

TEST_CASE("rest: progress counts to 1 or to 100, and nonsense is none")
{
    const struct {
        const char* told;
        double progress;
    } rows[] = {{"0", 0}, {"0.25", 0.25}, {"1", 1}, {"50", 0.5}, {"100", 1}};
    for (const auto& row : rows) {
        const auto out =
            host().decode_status(job(), answer(200, R"({"status":"processing","progress":)" +
                                                        std::string(row.told) + "}"));
        REQUIRE(out.has_value());
        REQUIRE(out->progress.has_value());
        CHECK(*out->progress == doctest::Approx(row.progress));
    }
    for (const char* told : {"-1", "101", "1e300", "\"50%\"", "null"}) {
        const auto out = host().decode_status(
            job(), answer(200, R"({"status":"processing","progress":)" + std::string(told) + "}"));
        REQUIRE(out.has_value());
        CHECK_FALSE(out->progress.has_value());
    }
}

TEST_CASE("rest: a result's link is found wherever hosts of this kind put it")
{
    constexpr const char* bodies[] = {
        R"({"code":0,"data":{"status":"succeed","video_url":"https://cdn.example.org/a.mp4?s=1"}})",
        R"({"status":"succeeded","video_url":"https://cdn.example.org/a.mp4?s=1"})",
        R"({"data":{"task_status":"succeed","task_result":{"videos":[{"id":"1",)"
        R"("url":"https://cdn.example.org/a.mp4?s=1","duration":"5.1"}]}}})",
        R"({"data":{"status":"succeed","video_url":"",)"
        R"("output":{"video_url":"https://cdn.example.org/a.mp4?s=1"}}})",
        R"({"status":"succeed","video":{"url":"https://cdn.example.org/a.mp4?s=1"}})",
    };
    for (const char* body : bodies) {
        CAPTURE(body);
        const auto out = host().decode_status(job(), answer(200, body));
        REQUIRE(out.has_value());
        CHECK(out->state == job_state::succeeded);
        REQUIRE(out->output.has_value());
        REQUIRE(out->output->assets.size() == 1);
        CHECK(out->output->assets[0].url == "https://cdn.example.org/a.mp4?s=1");
    }
    const auto seeded = host().decode_status(
        job(), answer(200, R"({"data":{"status":"succeed","seed":17454220438242315174,)"
                           R"("video_url":"https://cdn.example.org/a.mp4"}})"));
    REQUIRE(seeded.has_value());
    CHECK(seeded->output->seed == 17454220438242315174U);
}

TEST_CASE("rest: a success without a usable link has failed and was paid for")
{
    for (const char* body :
         {R"({"status":"succeed"})", R"({"status":"succeed","video_url":""})",
          R"({"status":"succeed","video_url":7})", R"({"status":"succeed","video_url":"/a.mp4"})",
          R"({"status":"succeed","video_url":"file:///etc/passwd"})"}) {
        CAPTURE(body);
        const auto out = host().decode_status(job(), answer(200, body));
        REQUIRE(out.has_value());
        CHECK(out->state == job_state::failed);
        REQUIRE(out->error.has_value());
        CHECK(*out->error == errc::result_missing);
        CHECK(out->error->facts().billed == billing::yes);
    }
}

TEST_CASE("rest: a failed job tells its reason, and a refusal of content from a breakdown")
{
    const struct {
        std::string_view body;
        errc meaning;
        const char* code;
        const char* text;
    } rows[] = {
        {R"({"code":0,"message":"SUCCEED","data":{"task_status":"failed",)"
         R"("task_status_msg":"Failure to pass the risk control system"}})",
         errc::content_refused, "", "Failure to pass the risk control system"},
        {R"({"data":{"status":"failed","error":{"code":1301,"message":"no"}}})",
         errc::content_refused, "1301", "no"},
        {R"({"code":200,"message":"success","data":{"status":"failed",)"
         R"("error":{"code":10000,"raw_message":"r","message":"task failed"}}})",
         errc::job_failed, "10000", "task failed"},
        {R"({"status":"failed","error":"out of memory"})", errc::job_failed, "", "out of memory"},
        {R"({"status":"failed","error_code":"E1","error_message":"m"})", errc::job_failed, "E1",
         "m"},
        {R"({"status":"failed","code":1303})", errc::job_failed, "1303", ""},
        {R"({"status":"canceled","message":"by you"})", errc::job_cancelled, "", "by you"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.body);
        const auto out = host().decode_status(job(), answer(200, row.body));
        REQUIRE(out.has_value());
        REQUIRE(out->error.has_value());
        CHECK(*out->error == row.meaning);
        CHECK(out->error->facts().host_code == row.code);
        CHECK(out->error->facts().host_text == row.text);
        CHECK(out->error->facts().billed == billing::unknown);
        check_facts(*out->error, "rest", 200);
    }
    cokino::rest_options o = sample();
    o.failed_jobs_billed = billing::no;
    o.refusal_phrases = {"verboten"};
    o.code_meanings.clear();
    o.failed_words = {"kaputt"};
    const auto out = cokino::rest(o).decode_status(
        job(), answer(200, R"({"status":"KAPUTT","message":"Das ist Verboten"})"));
    REQUIRE(out.has_value());
    CHECK(*out->error == errc::content_refused);
    CHECK(out->error->facts().billed == billing::no);
}

TEST_CASE("rest: an answer that says nothing of the job is a failure, not the job's end")
{
    const struct {
        unsigned status;
        std::string_view body;
        errc meaning;
    } rows[] = {
        {401, R"({"code":1002,"message":"m"})", errc::unauthorised},
        {403, "", errc::forbidden},
        {404, R"({"code":1203,"message":"m"})", errc::not_found},
        {200, R"({"code":404,"message":"task not found"})", errc::not_found},
        {200, R"({"code":1203,"message":"m"})", errc::not_found},
        {429, R"({"code":1302,"message":"m"})", errc::rate_limited},
        {500, R"({"status":"failed"})", errc::host_fault},
        {503, "<html>", errc::host_fault},
        {302, "", errc::redirect_refused},
        {200, "{}", errc::answer_malformed},
        {200, R"({"code":0,"message":"SUCCEED"})", errc::answer_malformed},
    };
    for (const auto& row : rows) {
        CAPTURE(row.status);
        CAPTURE(row.body);
        const auto out = host().decode_status(job(), answer(row.status, row.body));
        REQUIRE(out.has_error());
        CHECK(out.error() == row.meaning);
        check_facts(out.error(), "rest", row.status);
    }
    for (const auto& hostile : hostile_bodies()) {
        CAPTURE(hostile.what);
        const auto out = host().decode_status(job(), answer(200, hostile.text));
        REQUIRE(out.has_error());
        CHECK((out.error() == errc::answer_malformed || out.error() == errc::response_too_large));
        check_facts(out.error(), "rest", 200);
    }
}

TEST_CASE("rest: each answer to a cancel has its meaning")
{
    using cokino::cancel_outcome;
    const struct {
        unsigned status;
        std::string_view body;
        cancel_outcome meaning;
    } rows[] = {
        {200, R"({"data":{"status":"cancelled"}})", cancel_outcome::cancelled},
        {200, R"({"status":"failed"})", cancel_outcome::too_late},
        {200, R"({"status":"processing"})", cancel_outcome::requested},
        {200, R"({"code":200,"message":"success"})", cancel_outcome::requested},
        {204, "", cancel_outcome::requested},
        {404, "", cancel_outcome::not_found},
        {410, "<html>", cancel_outcome::not_found},
        {409, R"({"message":"already finished"})", cancel_outcome::too_late},
    };
    for (const auto& row : rows) {
        CAPTURE(row.body);
        const auto out = host().decode_cancel(job(), answer(row.status, row.body));
        REQUIRE(out.has_value());
        CHECK(*out == row.meaning);
    }
    for (const unsigned status : {400U, 401U, 429U, 500U}) {
        const auto out = host().decode_cancel(job(), answer(status, R"({"message":"no"})"));
        REQUIRE(out.has_error());
        check_facts(out.error(), "rest", status);
    }
    const auto inside = host().decode_cancel(job(), answer(200, R"({"code":400,"message":"no"})"));
    REQUIRE(inside.has_error());
    CHECK(inside.error() == errc::request_rejected);
}

TEST_CASE("rest: a host that repeats the key gives it to no error")
{
    const std::string key(canary);
    for (const std::string& body :
         {R"({"code":1,"message":"Bearer )" + key + "\"}", "<html>" + key,
          R"({"error":{"code":")" + key + R"(","message":")" + key + "\"}}"})
        for (const unsigned status : {200U, 401U, 500U}) {
            const auto reply = answer(status, body, "x-request-id: " + key);
            cokino::job_record record;
            const auto taken = host().decode_submit(reply, record);
            REQUIRE(taken.has_error());
            check_facts(taken.error(), "rest", status);
            const auto look = host().decode_status(job(), reply);
            REQUIRE(look.has_error());
            check_facts(look.error(), "rest", status);
        }
    const auto odd = host().decode_status(job(), answer(200, R"({"status":"odd )" + key + "\"}"));
    REQUIRE(odd.has_value());
    CHECK(odd->word == "odd ***");
}

} // namespace rest_answers_test
