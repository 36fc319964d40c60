// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Kie: every recorded shape of answer, and many that nobody should send.
#include <cokino/provider/kie.hpp>

#include <provider/rows.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace kie_answers_test {

using namespace provider_rows;
using cokino::billing;
using cokino::errc;
using cokino::job_state;

const cokino::kie& host()
{
    static const cokino::kie made(cokino::api_key(std::string(canary), "KIE_API_KEY"));
    return made;
}

cokino::job_record job(std::string id = "t1")
{
    cokino::job_route r;
    r.provider = "kie";
    r.base_url = host().traits().base_url;
    r.endpoint = "kling/v2-5-turbo-text-to-video-pro";
    return record_of(std::make_shared<const cokino::job_route>(r), std::move(id));
}

// §2.1, §2.2
constexpr std::string_view taken =
    R"({"code":200,"msg":"success","data":{"taskId":"task_kling_1790000000001"}})";
constexpr std::string_view done =
    R"({"code":200,"msg":"success","data":{"taskId":"t1","model":"kling/v2-5-turbo",)"
    R"("state":"success","param":"{\"model\":\"kling\",\"input\":{\"prompt\":\"…\"}}",)"
    R"("resultJson":"{\"resultUrls\":[\"https://tempfile.aiquickdraw.com/v/abc.mp4\"]}",)"
    R"("failCode":null,"failMsg":null,"costTime":71000,"completeTime":1790000071000,)"
    R"("createTime":1790000000000,"updateTime":1790000071000,"creditsConsumed":42}})";
constexpr std::string_view unsafe =
    R"({"code":200,"msg":"success","data":{"taskId":"t1","model":"kling/v2-5-turbo",)"
    R"("state":"fail","param":"{}","resultJson":"","failCode":"422","failMsg":)"
    R"("The input was rejected by the safety checks","costTime":0,"creditsConsumed":0}})";

std::string task(std::string_view state, std::string_view more = "")
{
    return R"({"code":200,"msg":"success","data":{"taskId":"t1","state":")" + std::string(state) +
           '"' + std::string(more) + "}}";
}

TEST_CASE("kie: an accepted submit gives the task's id")
{
    auto record = job("");
    const auto out = host().decode_submit(answer(200, taken), record);
    REQUIRE_MESSAGE(out.has_value(), out.error().describe());
    CHECK(record.id == "task_kling_1790000000001");
}

TEST_CASE("kie: a success without an id may have bought something")
{
    check_unknown_outcomes(host(), job(""), 200,
                           {{"no data", R"({"code":200,"msg":"success"})"},
                            {"empty data", R"({"code":200,"data":{}})"},
                            {"empty id", R"({"code":200,"data":{"taskId":""}})"},
                            {"null id", R"({"code":200,"data":{"taskId":null}})"},
                            {"no code", R"({"data":{"taskId":"x"}})"},
                            {"blank in the id", R"({"code":200,"data":{"taskId":"a b"}})"}});
}

TEST_CASE("kie: its codes mean the same inside a 200 as they do as the status of the edge")
{
    const struct {
        int code;
        const char* text;
        errc meaning;
        billing billed;
    } rows[] = {
        {400, "malformed", errc::request_rejected, billing::no},
        {401, "You do not have access permissions", errc::unauthorised, billing::no},
        {402, "Credits insufficient", errc::out_of_credit, billing::no},
        {404, "no such page", errc::not_found, billing::no},
        {408, "timeout", errc::host_fault, billing::unknown},
        {422, "duration is not in range", errc::request_rejected, billing::no},
        {422, "your prompt did not pass moderation", errc::content_refused, billing::no},
        {429, "too many requests", errc::rate_limited, billing::no},
        {433, "sub-key limit", errc::out_of_credit, billing::no},
        {455, "maintenance", errc::host_fault, billing::unknown},
        {500, "server error", errc::host_fault, billing::unknown},
        {501, "generation failed", errc::host_fault, billing::unknown},
        {505, "feature off", errc::forbidden, billing::no},
    };
    for (const auto& row : rows)
        for (const char* name : {"msg", "message"})
            for (const bool edge : {false, true}) {
                CAPTURE(row.code);
                CAPTURE(edge);
                const std::string body = R"({"code":)" + std::to_string(row.code) + ",\"" + name +
                                         "\":\"" + row.text + "\",\"data\":null}";
                const unsigned status = edge ? static_cast<unsigned>(row.code) : 200U;
                auto record = job("");
                const auto out = host().decode_submit(answer(status, body), record);
                REQUIRE(out.has_error());
                CHECK(out.error() == row.meaning);
                CHECK(out.error().facts().billed == row.billed);
                CHECK(out.error().facts().host_text == row.text);
                CHECK(out.error().facts().host_code == std::to_string(row.code));
                check_facts(out.error(), "kie", status);
                const auto looked = host().decode_status(job(), answer(status, body));
                REQUIRE(looked.has_error());
                CHECK(looked.error() == row.meaning);
            }
}

TEST_CASE("kie: an answer from the edge alone is judged by its status")
{
    const struct {
        unsigned status;
        errc meaning;
        billing billed;
    } rows[] = {{502, errc::host_fault, billing::unknown},
                {413, errc::request_rejected, billing::no},
                {429, errc::rate_limited, billing::no},
                {403, errc::forbidden, billing::no}};
    for (const auto& row : rows)
        for (const char* body : {"<html>no</html>", "", R"({"code":200,"msg":"success"})"}) {
            CAPTURE(row.status);
            CAPTURE(body);
            auto record = job("");
            const auto out = host().decode_submit(answer(row.status, body), record);
            REQUIRE(out.has_error());
            CHECK(out.error() == row.meaning);
            CHECK(out.error().facts().billed == row.billed);
            CHECK(host().decode_status(job(), answer(row.status, body)).error() == row.meaning);
        }
}

TEST_CASE("kie: the key never comes back in a failure")
{
    const std::string body =
        R"({"code":401,"msg":"no access with Bearer )" + std::string(canary) + R"("})";
    auto record = job("");
    const auto out = host().decode_submit(answer(200, body), record);
    REQUIRE(out.has_error());
    CHECK(has(out.error().facts().host_text, "no access with Bearer ***"));
    CHECK_FALSE(has(printed(out.error()), canary));
}

TEST_CASE("kie: states come in their own words, and an unknown word is no end")
{
    const struct {
        const char* word;
        job_state state;
    } rows[] = {{"waiting", job_state::queued},     {"queuing", job_state::queued},
                {"generating", job_state::running}, {"succeed", job_state::unknown},
                {"failed", job_state::unknown},     {"SUCCESS", job_state::unknown},
                {"pondering", job_state::unknown}};
    for (const auto& row : rows)
        for (const char* more : {"", R"(,"resultJson":null)", R"(,"resultJson":"")"}) {
            CAPTURE(row.word);
            const auto out = host().decode_status(job(), answer(200, task(row.word, more)));
            REQUIRE(out.has_value());
            CHECK(out->state == row.state);
            CHECK(out->word == row.word);
            CHECK_FALSE(out->output.has_value());
        }
}

TEST_CASE("kie: a job that is not visible yet is in an unknown state, not lost")
{
    for (const char* name : {"msg", "message"})
        for (const unsigned status : {200U, 422U}) {
            const std::string body =
                std::string(R"({"code":422,")") + name + R"(":"recordInfo is null","data":null})";
            const auto out = host().decode_status(job(), answer(status, body));
            REQUIRE(out.has_value());
            CHECK(out->state == job_state::unknown);
            CHECK(out->word == "recordInfo is null");
            CHECK_FALSE(out->error.has_value());
        }
}

TEST_CASE("kie: the result stands as JSON in a string, or as itself")
{
    auto out = host().decode_status(job(), answer(200, done));
    REQUIRE_MESSAGE(out.has_value(), out.error().describe());
    CHECK(out->state == job_state::succeeded);
    REQUIRE(out->output.has_value());
    REQUIRE(out->output->assets.size() == 1);
    CHECK(out->output->assets[0].url == "https://tempfile.aiquickdraw.com/v/abc.mp4");

    out = host().decode_status(
        job(),
        answer(200, task("success", R"(,"resultJson":{"resultUrls":["https://a.example/1",)"
                                    R"("https://a.example/2"],"resultWaterMarkUrls":["x"]})")));
    REQUIRE(out.has_value());
    REQUIRE(out->output->assets.size() == 2);
    CHECK(out->output->assets[1].url == "https://a.example/2");
    CHECK(out->output->assets[1].index == 1);
}

TEST_CASE("kie: a success without a usable link has failed and was paid for")
{
    for (const char* more :
         {"", R"(,"resultJson":"")", R"(,"resultJson":null)", R"(,"resultJson":"{\"resultUrls\":")",
          R"(,"resultJson":"{\"resultUrls\":[]}")", R"(,"resultJson":"[\"https://a.example/1\"]")",
          R"(,"resultJson":"{\"resultUrls\":\"https://a.example/1\"}")",
          R"(,"resultJson":{"resultUrls":["http://a.example/1",7,"file:///etc/passwd",""]})"}) {
        CAPTURE(more);
        const auto out = host().decode_status(job(), answer(200, task("success", more)));
        REQUIRE(out.has_value());
        CHECK(out->state == job_state::failed);
        REQUIRE(out->error.has_value());
        CHECK(*out->error == errc::result_missing);
        CHECK(out->error->facts().billed == billing::yes);
    }
}

TEST_CASE("kie: a failed job has its code, its reason, and what it cost")
{
    auto out = host().decode_status(job(), answer(200, unsafe));
    REQUIRE(out.has_value());
    CHECK(out->state == job_state::failed);
    REQUIRE(out->error.has_value());
    CHECK(*out->error == errc::content_refused);
    CHECK(out->error->facts().host_code == "422");
    CHECK(out->error->facts().host_text == "The input was rejected by the safety checks");
    CHECK(out->error->facts().billed == billing::no);

    const struct {
        const char* more;
        errc meaning;
        billing billed;
    } rows[] = {
        {R"(,"failCode":"500","failMsg":"it broke")", errc::job_failed, billing::unknown},
        {R"(,"failCode":501,"failMsg":"it broke","creditsConsumed":42)", errc::job_failed,
         billing::yes},
        {R"(,"failCode":"422","failMsg":"bad image","creditsConsumed":0)", errc::request_rejected,
         billing::no},
        {R"(,"failCode":"400","failMsg":null,"consumeCredits":0)", errc::request_rejected,
         billing::no},
        {R"(,"failCode":"500","failMsg":"flagged as NSFW")", errc::content_refused,
         billing::unknown},
        {"", errc::job_failed, billing::unknown},
    };
    for (const auto& row : rows) {
        CAPTURE(row.more);
        out = host().decode_status(job(), answer(200, task("fail", row.more)));
        REQUIRE(out.has_value());
        CHECK(out->state == job_state::failed);
        CHECK(*out->error == row.meaning);
        CHECK(out->error->facts().billed == row.billed);
        check_facts(*out->error, "kie", 200);
    }
}

TEST_CASE("kie: an answer that makes no sense says nothing of the job")
{
    for (const auto& hostile : hostile_bodies()) {
        CAPTURE(hostile.what);
        const auto out = host().decode_status(job(), answer(200, hostile.text));
        REQUIRE(out.has_error());
        CHECK((out.error() == errc::answer_malformed || out.error() == errc::response_too_large));
        check_facts(out.error(), "kie", 200);
    }
    for (const char* body :
         {R"({"code":200,"data":{"taskId":"t2","state":"success"}})", R"({"code":200,"data":{}})",
          R"({"code":200,"data":null})", R"({"data":{"taskId":"t1","state":"generating"}})",
          R"({"code":200,"data":{"taskId":"t1","state":"fail","state":"waiting"}})"}) {
        CAPTURE(body);
        CHECK(host().decode_status(job(), answer(200, body)).error() == errc::answer_malformed);
    }
    const std::string whole(done);
    for (std::size_t cut = 0; cut < whole.size(); ++cut)
        CHECK(host().decode_status(job(), answer(200, whole.substr(0, cut))).has_error());
}

TEST_CASE("kie: an uploaded file has a link, under the one name or the other")
{
    const auto read = [](unsigned status, std::string_view body) {
        cokino::media_upload m;
        const auto out = host().decode_upload(m, answer(status, body));
        CHECK(m.url.empty() == out.has_error());
        return out ? m.url : std::string(cokino::name_of(*cokino::errc_of(out.error().code())));
    };
    CHECK(read(200,
               R"({"success":true,"code":200,"msg":"File uploaded successfully","data":)"
               R"({"fileId":"f_0001","fileName":"l.png","fileUrl":"https://t.example/l.png",)"
               R"("downloadUrl":"https://t.example/download/abc"}})") == "https://t.example/l.png");
    CHECK(
        read(200, R"({"success":true,"code":200,"data":{"downloadUrl":"https://t.example/d"}})") ==
        "https://t.example/d");
    CHECK(read(200, R"({"success":true,"code":200,"data":{"fileUrl":"http://t.example/d"}})") ==
          "answer_malformed");
    CHECK(read(200, R"({"success":false,"code":401,"msg":"no"})") == "unauthorised");
    CHECK(read(200, R"({"success":true,"code":200,"data":{}})") == "answer_malformed");
    CHECK(read(200, "<html>") == "answer_malformed");
    CHECK(read(413, "") == "request_rejected");
}

TEST_CASE("kie: a hook's body is read, and never vouches for itself")
{
    auto note = host().read_webhook(
        R"({"code":200,"msg":"Playground task completed successfully.","data":{"taskId":"t1",)"
        R"("state":"success","resultJson":"{\"resultUrls\":[\"https://a.example/abc.mp4\"]}",)"
        R"("costTime":71,"creditsConsumed":42,"failCode":null,"failMsg":null}})");
    REQUIRE(note.has_value());
    CHECK(note->job_id == "t1");
    REQUIRE(note->status.has_value());
    CHECK(note->status->output->assets[0].url == "https://a.example/abc.mp4");
    note = host().read_webhook(
        R"({"code":501,"msg":"Playground task failed.","data":{"task_id":"t9","state":"fail",)"
        R"("failCode":"500","failMsg":"it broke","resultJson":null}})");
    REQUIRE(note.has_value());
    CHECK(note->job_id == "t9");
    CHECK(*note->status->error == errc::job_failed);
    note = host().read_webhook(R"({"data":{"taskId":"t1"}})");
    REQUIRE(note.has_value());
    CHECK_FALSE(note->status.has_value());
    for (const auto& hostile : hostile_bodies()) {
        CAPTURE(hostile.what);
        CHECK(host().read_webhook(hostile.text).has_error());
    }
}

} // namespace kie_answers_test
