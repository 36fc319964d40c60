// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// replicate: answers to outcomes, as tables of recorded shapes (providers/fal-replicate.md B2 to
// B10).
#include <cokino/model/asset.hpp>
#include <cokino/provider/replicate.hpp>

#include <provider/rows.hpp>

#include <doctest/doctest.h>

#include <string>

namespace replicate_answers_test {

using namespace provider_rows;
using cokino::billing;
using cokino::errc;
using cokino::job_state;

const cokino::replicate& host()
{
    static const cokino::replicate p(cokino::api_key(std::string(canary), "REPLICATE_API_TOKEN"));
    return p;
}

cokino::job_record job(std::string id = {})
{
    const auto out = host().encode(cokino::text_to_video("a"), cokino::submit_context());
    REQUIRE(out.has_value());
    return record_of(out->route, std::move(id));
}

cokino::job_status look(std::string_view body)
{
    auto out = host().decode_status(job("x"), answer(200, body));
    REQUIRE(out.has_value());
    return *out;
}

TEST_CASE("replicate: an accepted submit gives the id, and remembers only links that do not follow")
{
    const std::string base = "https://api.replicate.com/v1/predictions/q7demo";
    auto derived = job();
    REQUIRE(
        host()
            .decode_submit(answer(201, R"({"id":"q7demo","model":"kwaivgi/kling-v2.5-turbo-pro",)"
                                       R"("version":"hidden","input":{"prompt":"a"},"logs":"",)"
                                       R"("output":null,"error":null,"status":"starting",)"
                                       R"("urls":{"get":")" +
                                           base + R"(","cancel":")" + base + R"(/cancel",)" +
                                           R"("web":"https://replicate.com/p/q7demo"}})"),
                           derived)
            .has_value());
    CHECK(derived.id == "q7demo");
    CHECK(derived.status_url.empty());
    CHECK(derived.cancel_url.empty());

    auto moved = job();
    REQUIRE(host()
                .decode_submit(answer(202, R"({"id":"q7demo","urls":{"get":"https://a.example/g",)"
                                           R"("cancel":"https://a.example/c"}})"),
                               moved)
                .has_value());
    CHECK(moved.status_url == "https://a.example/g");
    CHECK(moved.cancel_url == "https://a.example/c");
    CHECK(host().encode_status(moved).error() == errc::link_refused);

    for (const char* body : {R"({"id":"q7demo"})", R"({"id":"q7demo","urls":null})",
                             R"({"id":"q7demo","urls":{"get":7}})",
                             "{\"id\":\"q7demo\",\"urls\":{\"get\":\"https://x/\x7f\"}}"}) {
        auto bare = job();
        REQUIRE(host().decode_submit(answer(201, body), bare).has_value());
        CHECK(bare.status_url.empty());
    }
}

TEST_CASE("replicate: success without a job is an unknown outcome, never a refusal")
{
    check_unknown_outcomes(host(), job(), 201,
                           {{"no id", R"({"status":"starting"})"},
                            {"empty id", R"({"id":""})"},
                            {"path as id", R"({"id":".."})"},
                            {"endless id", R"({"id":")" + std::string(300, 'a') + "\"}"},
                            {"cut", R"({"id":"q7demo","status":"star)"}});
}

TEST_CASE("replicate: a refused submit says what is wrong, and whether it can have been billed")
{
    const struct {
        unsigned status;
        std::string_view body;
        errc meaning;
        const char *code, *text, *field;
        billing billed;
    } rows[] = {
        {401,
         R"({"title":"Unauthenticated","detail":"You did not pass a valid token","status":401})",
         errc::unauthorised, "Unauthenticated", "You did not pass a valid token", "", billing::no},
        {402,
         R"({"title":"Insufficient credit","detail":"You have insufficient credit",)"
         R"("status":402})",
         errc::out_of_credit, "Insufficient credit", "You have insufficient credit", "",
         billing::no},
        {403, R"({"title":"Forbidden","detail":"no","status":403})", errc::forbidden, "Forbidden",
         "no", "", billing::no},
        {404, R"({"detail":"none","status":404})", errc::not_found, "", "none", "", billing::no},
        {422, R"({"title":"Invalid version or not permitted","detail":"The specified version"})",
         errc::request_rejected, "Invalid version or not permitted", "The specified version", "",
         billing::no},
        {422,
         R"({"title":"Input validation failed","status":422,)"
         R"("detail":"- input: prompt is required\n","invalid_fields":[)"
         R"({"type":"required","field":"input","description":"prompt is required"}]})",
         errc::request_rejected, "required", "- input: prompt is required ", "prompt", billing::no},
        {422,
         R"({"title":"t","detail":"d",)"
         R"("invalid_fields":[{"type":"enum","field":"input.start_image",)"
         R"("description":"must be"},{"type":"enum","field":"input.duration"}]})",
         errc::request_rejected, "enum", "d", "image", billing::no},
        {422, R"-({"detail":"The input was flagged as sensitive. (E005) (x)","status":422})-",
         errc::content_refused, "", "The input was flagged as sensitive. (E005) (x)", "",
         billing::no},
        {429,
         R"({"detail":"Request was throttled. Your rate limit resets in ~30s.","status":429,)"
         R"("retry_after":30})",
         errc::rate_limited, "", "Request was throttled. Your rate limit resets in ~30s.", "",
         billing::no},
        {408, "", errc::host_fault, "", "", "", billing::unknown},
        {500, "<html>oops</html>", errc::host_fault, "", "<html>oops</html>", "", billing::unknown},
        {503, "", errc::host_fault, "", "", "", billing::unknown},
    };
    for (const auto& row : rows) {
        CAPTURE(row.body);
        auto record = job();
        const auto taken = host().decode_submit(answer(row.status, row.body), record);
        REQUIRE(taken.has_error());
        const cokino::diagnostics& d = taken.error().facts();
        CHECK(taken.error() == row.meaning);
        CHECK(d.host_code == row.code);
        CHECK(d.host_text == row.text);
        CHECK(d.field == row.field);
        CHECK(d.billed == row.billed);
        CHECK(d.operation == "submit");
        check_facts(taken.error(), "replicate", row.status);
    }
}

TEST_CASE("replicate: a status is read by its word, whatever stands beside it")
{
    CHECK(look(R"({"id":"x","status":"starting","output":null})").state == job_state::queued);
    const auto early =
        look(R"({"status":"processing","output":"https://replicate.delivery/o.mp4"})");
    CHECK(early.state == job_state::running);
    CHECK_FALSE(early.output.has_value());
    CHECK(look(R"({"status":"successful"})").state == job_state::unknown);
    CHECK(look(R"({"status":"Succeeded"})").state == job_state::unknown);
    CHECK(look(R"({"status":"tele\u001bport"})").word == "tele port");
    CHECK(look(R"({"status":"starting","logs":"a\nb"})").logs.empty());
}

TEST_CASE("replicate: a finished clip has its link, its seed, and the hour in which it dies")
{
    const auto out =
        look(R"({"id":"x","status":"succeeded","output":"https://replicate.delivery/xezq/out.mp4",)"
             R"("error":null,"logs":"Using seed: 12345678901234567890\nGenerated in 98.2sec",)"
             R"("metrics":{"predict_time":98.31,"resolution_target":"1080p","with_audio":true},)"
             R"("completed_at":"2026-09-21T12:01:38.640Z","data_removed":false})");
    REQUIRE(out.output.has_value());
    CHECK_FALSE(out.error.has_value());
    REQUIRE(out.output->assets.size() == 1);
    CHECK(out.output->assets[0].url == "https://replicate.delivery/xezq/out.mp4");
    CHECK(out.output->seed == 12345678901234567890U);
    CHECK(out.output->render_s == 98.31);
    REQUIRE(out.output->ended_at.has_value()); // from then on its file lives for an hour
    CHECK(out.output->ended_at->time_since_epoch() == std::chrono::seconds(1789992098));
    for (const char* odd : {"2026-13-21T12:01:38Z", "2026-09-21 12:01:38Z", "yesterday",
                            "0001-01-01T00:00:00Z", ""}) {
        const auto other = look(R"({"status":"succeeded","output":"https://r.example/o.mp4",)"
                                R"("completed_at":")" +
                                std::string(odd) + "\"}");
        REQUIRE(other.output.has_value());
        CHECK_FALSE(other.output->ended_at.has_value());
    }
}

TEST_CASE("replicate: links are taken from a text, a list or an object, and nothing else is")
{
    const struct {
        std::string_view output;
        std::vector<std::string> links;
    } rows[] = {
        {R"("https://a.example/1")", {"https://a.example/1"}},
        {R"(["https://a.example/1","https://a.example/2",7,null])",
         {"https://a.example/1", "https://a.example/2"}},
        {R"({"video":"https://a.example/1","text":"hi","more":{"files":["https://a.example/2"]}})",
         {"https://a.example/1", "https://a.example/2"}},
        {R"(["http://a.example/1","https://a.example/2"])", {"https://a.example/2"}},
    };
    for (const auto& row : rows) {
        CAPTURE(row.output);
        const auto out = look(R"({"status":"succeeded","output":)" + std::string(row.output) + "}");
        REQUIRE(out.output.has_value());
        REQUIRE(out.output->assets.size() == row.links.size());
        for (std::size_t i = 0; i < row.links.size(); ++i) {
            CHECK(out.output->assets[i].url == row.links[i]);
            CHECK(out.output->assets[i].index == i);
        }
    }
    for (const char* none :
         {"null", "\"\"", "7", "[]", "{}", "\"http://a.example/x\"", "\"ftp://a.example/x\"",
          "\"data:video/mp4;base64,AA\"", R"([[[[["https://a.example/deep"]]]]])"}) {
        CAPTURE(none);
        const auto out = look(R"({"status":"succeeded","data_removed":true,"output":)" +
                              std::string(none) + "}");
        CHECK(out.state == job_state::failed);
        REQUIRE(out.error.has_value());
        CHECK(*out.error == errc::result_missing);
        CHECK(out.error->facts().billed == billing::yes);
        CHECK(has(out.error->facts().message, "one hour"));
    }
    // Spoken to in plain HTTP, as a fake on this machine is, its links may be plain, too.
    cokino::replicate_options o;
    o.base_url = "http://127.0.0.1:4711/v1";
    const cokino::replicate local(cokino::api_key("k", "K"), o);
    const auto out = local.decode_status(
        job("x"), answer(200, R"({"status":"succeeded","output":"http://127.0.0.1:4711/f"})"));
    REQUIRE(out.has_value());
    CHECK(out->state == job_state::succeeded);
}

TEST_CASE("replicate: a failed job's free text is read by the table")
{
    const struct {
        std::string_view text;
        errc meaning;
        const char* code;
    } rows[] = {
        {"The input or output was flagged as sensitive. Please try again. (E005) (uIJ6l3ruRD)",
         errc::content_refused, "E005"},
        {"It was Flagged As Sensitive", errc::content_refused, ""},
        {"NSFW content detected. Try running it again.", errc::content_refused, ""},
        {"Input validation error: could not fetch", errc::request_rejected, ""},
        {"Service is unavailable due to high demand (E003) (x)", errc::rate_limited, "E003"},
        {"The provider's account ran dry (E001)", errc::job_failed, "E001"},
        {"The provider's key (E002)", errc::job_failed, "E002"},
        {"Service is temporarily unavailable. (E004)", errc::job_failed, "E004"},
        {"Director: unexpected error handling prediction (E6716)", errc::job_failed, "E6716"},
        {"Director: unexpected error handling prediction (E1001)", errc::job_failed, "E1001"},
        {"Prediction interrupted; please retry (code: PA)", errc::job_failed, "PA"},
        {"Prediction failed: Async prediction failed: ModelError: (E005)", errc::content_refused,
         "E005"},
        {"it broke", errc::job_failed, ""},
    };
    for (const auto& row : rows) {
        CAPTURE(row.text);
        const auto out = look(R"({"status":"failed","output":null,"error":")" +
                              std::string(row.text) + R"(","metrics":{"predict_time":4.9}})");
        CHECK(out.state == job_state::failed);
        REQUIRE(out.error.has_value());
        CHECK(*out.error == row.meaning);
        CHECK(out.error->facts().host_code == row.code);
        CHECK(out.error->facts().host_text == row.text);
        CHECK(out.error->facts().billed == billing::unknown);
        check_facts(*out.error, "replicate", 200);
    }
    CHECK(*look(R"({"status":"failed","error":null})").error == errc::job_failed);
}

TEST_CASE("replicate: cancelled is cancelled, and aborted has expired for nothing")
{
    const auto cancelled = look(R"({"status":"canceled","error":null,"output":null})");
    CHECK(cancelled.state == job_state::cancelled);
    CHECK(*cancelled.error == errc::job_cancelled);
    CHECK(cancelled.error->facts().billed == billing::unknown);
    const auto aborted = look(R"({"status":"aborted","error":"deadline"})");
    CHECK(aborted.state == job_state::failed);
    CHECK(*aborted.error == errc::job_expired);
    CHECK(aborted.error->facts().billed == billing::no);
}

TEST_CASE("replicate: an answer that says nothing of the job is a failure, not the job's end")
{
    const struct {
        unsigned status;
        errc meaning;
    } rows[] = {{401, errc::unauthorised}, {402, errc::out_of_credit}, {404, errc::not_found},
                {429, errc::rate_limited}, {500, errc::host_fault},    {502, errc::host_fault}};
    for (const auto& row : rows) {
        const auto out =
            host().decode_status(job("x"), answer(row.status, R"({"detail":"d","status":1})"));
        REQUIRE(out.has_error());
        CHECK(out.error() == row.meaning);
        check_facts(out.error(), "replicate", row.status);
    }
    for (const auto& hostile : hostile_bodies()) {
        CAPTURE(hostile.what);
        const auto out = host().decode_status(job("x"), answer(200, hostile.text));
        REQUIRE(out.has_error());
        check_facts(out.error(), "replicate", 200);
    }
}

TEST_CASE("replicate: log lines come when they were asked for, cleaned")
{
    cokino::replicate_options o;
    o.logs = true;
    const cokino::replicate talkative(cokino::api_key(std::string(canary), "K"), o);
    const auto out = talkative.decode_status(
        job("x"), answer(200, R"({"status":"processing","logs":"frame 1\nkey )" +
                                  std::string(canary) + R"(\u001b\n"})"));
    REQUIRE(out.has_value());
    REQUIRE(out->logs.size() == 2);
    CHECK(out->logs[0].message == "frame 1");
    CHECK_FALSE(has(out->logs[1].message, canary));
}

TEST_CASE("replicate: a hook's body is the bare prediction")
{
    const auto note = host().read_webhook(
        R"({"id":"q7demo","status":"succeeded","output":"https://replicate.delivery/out.mp4"})");
    REQUIRE(note.has_value());
    CHECK(note->job_id == "q7demo");
    REQUIRE(note->status.has_value());
    CHECK(note->status->state == job_state::succeeded);
    REQUIRE(note->status->output.has_value());
    for (const auto& hostile : hostile_bodies()) {
        CAPTURE(hostile.what);
        CHECK(host().read_webhook(hostile.text).has_error());
    }
    CHECK(host().read_webhook(R"({"id":"..","status":"failed"})").has_error());
    CHECK(host().read_webhook(R"({"type":"t","data":{"id":"q7"}})").has_error());
}

TEST_CASE("replicate: each answer to a cancel has its meaning")
{
    using cokino::cancel_outcome;
    const struct {
        unsigned status;
        std::string_view body;
        cancel_outcome meaning;
    } rows[] = {
        {200, R"({"status":"canceled"})", cancel_outcome::cancelled},
        {200, R"({"status":"aborted"})", cancel_outcome::cancelled},
        {200, R"({"status":"processing"})", cancel_outcome::requested},
        {200, "", cancel_outcome::requested},
        {200, R"({"status":"succeeded"})", cancel_outcome::too_late},
        {200, R"({"status":"failed"})", cancel_outcome::too_late},
        {404, R"({"detail":"x"})", cancel_outcome::not_found},
    };
    for (const auto& row : rows) {
        CAPTURE(row.body);
        const auto out = host().decode_cancel(job("x"), answer(row.status, row.body));
        REQUIRE(out.has_value());
        CHECK(*out == row.meaning);
    }
    for (const unsigned status : {401U, 429U, 500U}) {
        const auto out = host().decode_cancel(job("x"), answer(status, "{}"));
        REQUIRE(out.has_error());
        CHECK(out.error().facts().operation == "cancel");
        check_facts(out.error(), "replicate", status);
    }
}

TEST_CASE("replicate: a host that repeats the key gives it to no error")
{
    const std::string key(canary);
    for (const std::string& body :
         {R"({"detail":"bad header Authorization: Bearer )" + key + "\"}",
          R"({"title":")" + key + R"(","invalid_fields":[{"type":")" + key + R"("}]})",
          "<html>" + key + "</html>", std::string(190, '.') + key,
          R"({"status":"failed","error":")" + key + R"("})"})
        for (const unsigned status : {200U, 401U, 422U, 500U}) {
            auto record = job();
            const auto taken = host().decode_submit(answer(status, body), record);
            REQUIRE(taken.has_error());
            check_facts(taken.error(), "replicate", status);
            const auto seen = host().decode_status(job("x"), answer(status, body));
            check_facts(seen.has_value() ? *seen->error : seen.error(), "replicate", status);
            cokino::media_upload m;
            check_facts(host().decode_upload(m, answer(status, body)).error(), "replicate", status);
        }
}

} // namespace replicate_answers_test
