// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Pollo: what its answers mean, as tables of the shapes that are recorded or documented
// (providers/kling-kie-piapi-pollo-wireflow.md 4.1, 4.2, 4.4, 4.5).
#include <cokino/provider/pollo.hpp>

#include <provider/rows.hpp>

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <vector>

namespace pollo_answers_test {

using namespace provider_rows;
using cokino::billing;
using cokino::errc;
using cokino::job_state;

const cokino::pollo& host()
{
    static const cokino::pollo pollo(cokino::api_key(std::string(canary), "POLLO_API_KEY"));
    return pollo;
}

cokino::job_record job(std::string id = {})
{
    const auto out = host().encode(cokino::text_to_video("a"), cokino::submit_context());
    REQUIRE(out.has_value());
    return record_of(out->route, std::move(id));
}

std::string wrapped(const std::string& data)
{
    return R"({"code":"SUCCESS","message":"success","data":)" + data + "}";
}

/// The task of 4.2 with a generation for each word.
std::string task(std::initializer_list<const char*> words, std::string_view fail = "",
                 std::string_view credit = "30")
{
    std::string out = R"({"taskId":"cm2kestrel0001","credit":)" + std::string(credit) +
                      R"(,"costUsd":0.35,"generations":[)";
    int n = 0;
    for (const char* word : words) {
        const bool done = std::string_view(word) == "succeed";
        out += n++ == 0 ? "" : ",";
        out += R"({"id":"g","status":")" + std::string(word) + R"(","failMsg":")" +
               std::string(fail) + R"(","url":")" +
               (done ? "https://videocdn.pollo.ai/" + std::to_string(n) + ".mp4" : "") +
               R"(","cover":"https://videocdn.pollo.ai/c.jpg","mediaType":"video"})";
    }
    return out + "]}";
}

cokino::job_status look(const std::string& body)
{
    auto read = host().decode_status(job("cm2kestrel0001"), answer(200, body));
    REQUIRE(read.has_value());
    return std::move(*read);
}

TEST_CASE("pollo: an accepted submit gives the task's id, wrapped or not")
{
    for (const std::string& body :
         {std::string(R"({"taskId":"cm2kestrel0001","status":"waiting"})"),
          wrapped(R"({"taskId":"cm2kestrel0001","status":"waiting"})"),
          wrapped(R"({"taskId":"cm2kestrel0001"})"),
          std::string(R"({"code":"BAD_REQUEST","data":{"taskId":"cm2kestrel0001"}})")}) {
        CAPTURE(body);
        auto record = job();
        REQUIRE(host().decode_submit(answer(200, body), record).has_value());
        CHECK(record.id == "cm2kestrel0001");
        CHECK(record.status_url.empty());
    }
}

TEST_CASE("pollo: success without a task is an unknown outcome, never a refusal")
{
    check_unknown_outcomes(
        host(), job(), 200,
        {{"no data", R"({"code":"SUCCESS","message":"success"})"},
         {"null data", R"({"code":"SUCCESS","message":"success","data":null})"},
         {"empty id", R"({"taskId":"","status":"waiting"})"},
         {"path as id", R"({"taskId":".."})"},
         {"fault inside", R"({"code":"INTERNAL_SERVER_ERROR","message":"oops"})"},
         {"unknown code", R"({"code":"GREMLINS","message":"oops"})"}});
}

struct refusal_row {
    const char* what;
    unsigned status;
    const char* body;
    errc meaning;
    const char* code;
    const char* text;
    const char* field;
    billing billed;
};

TEST_CASE("pollo: a refused submit says what is wrong, by its code before its HTTP status")
{
    const refusal_row rows[] = {
        {"issue", 400,
         R"({"message":"Input validation failed","code":"BAD_REQUEST",)"
         R"("issues":[{"message":"prompt: too long"}]})",
         errc::request_rejected, "BAD_REQUEST", "Input validation failed: prompt: too long",
         "prompt", billing::no},
        {"issue below data", 400,
         R"({"message":"Input validation failed","code":"BAD_REQUEST",)"
         R"("data":{"issues":[{"message":"input.imageTail: Invalid url"}]}})",
         errc::request_rejected, "BAD_REQUEST",
         "Input validation failed: input.imageTail: Invalid url", "tail_image", billing::no},
        {"issue of no field", 400,
         R"({"message":"","code":"BAD_REQUEST","issues":[{"message":"odd"}]})",
         errc::request_rejected, "BAD_REQUEST", "odd", "", billing::no},
        {"content", 400,
         R"({"message":"The prompt contains sensitive content","code":"BAD_REQUEST"})",
         errc::content_refused, "BAD_REQUEST", "The prompt contains sensitive content", "",
         billing::no},
        {"credit", 400, R"({"message":"Insufficient credits","code":"BAD_REQUEST"})",
         errc::out_of_credit, "BAD_REQUEST", "Insufficient credits", "", billing::no},
        {"credit by status", 402, R"({"message":"pay","code":"BAD_REQUEST"})", errc::out_of_credit,
         "BAD_REQUEST", "pay", "", billing::no},
        {"credit, forbidden", 403, R"({"message":"Not enough credits","code":"FORBIDDEN"})",
         errc::out_of_credit, "FORBIDDEN", "Not enough credits", "", billing::no},
        {"model", 403, R"({"message":"This model is not enabled for API access."})",
         errc::forbidden, "", "This model is not enabled for API access.", "", billing::no},
        {"key", 401, R"({"message":"no","code":"UNAUTHORIZED"})", errc::unauthorised,
         "UNAUTHORIZED", "no", "", billing::no},
        {"missing", 404, R"({"message":"Not found","code":"NOT_FOUND"})", errc::not_found,
         "NOT_FOUND", "Not found", "", billing::no},
        {"rate", 429, R"({"message":"m","code":"RATE_LIMIT_EXCEEDED"})", errc::rate_limited,
         "RATE_LIMIT_EXCEEDED", "m", "", billing::no},
        {"rate by code", 400, R"({"message":"m","code":"RATE_LIMIT_PER_MINUTE"})",
         errc::rate_limited, "RATE_LIMIT_PER_MINUTE", "m", "", billing::no},
        {"running", 403, R"({"message":"m","code":"PARALLEL_TASK_LIMIT_REACHED"})",
         errc::rate_limited, "PARALLEL_TASK_LIMIT_REACHED", "m", "", billing::no},
        {"fault", 500, R"({"message":"m","code":"INTERNAL_SERVER_ERROR"})", errc::host_fault,
         "INTERNAL_SERVER_ERROR", "m", "", billing::unknown},
        {"fault told as 400", 400, R"({"message":"m","code":"INTERNAL_SERVER_ERROR"})",
         errc::host_fault, "INTERNAL_SERVER_ERROR", "m", "", billing::unknown},
        {"timeout", 408, "", errc::host_fault, "", "", "", billing::unknown},
        {"moved", 301, "", errc::redirect_refused, "", "", "", billing::unknown},
        {"inside: key", 200, R"({"message":"no","code":"UNAUTHORIZED"})", errc::unauthorised,
         "UNAUTHORIZED", "no", "", billing::no},
        {"inside: input", 200, R"({"message":"bad","code":"BAD_REQUEST","data":null})",
         errc::request_rejected, "BAD_REQUEST", "bad", "", billing::no},
        {"inside: running", 200, R"({"message":"m","code":"PARALLEL_TASK_LIMIT_REACHED"})",
         errc::rate_limited, "PARALLEL_TASK_LIMIT_REACHED", "m", "", billing::no},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        auto record = job();
        const auto taken = host().decode_submit(answer(row.status, row.body), record);
        REQUIRE(taken.has_error());
        CHECK(taken.error() == row.meaning);
        CHECK(taken.error().facts().host_code == row.code);
        CHECK(taken.error().facts().host_text == row.text);
        CHECK(taken.error().facts().field == row.field);
        CHECK(taken.error().facts().billed == row.billed);
        CHECK(record.id.empty());
        check_facts(taken.error(), "pollo", row.status);
    }
}

TEST_CASE("pollo: a gateway's page is told as one, whatever its status")
{
    const std::pair<unsigned, errc> rows[] = {{403, errc::forbidden},
                                              {503, errc::host_fault},
                                              {429, errc::rate_limited},
                                              {200, errc::outcome_unknown}};
    for (const auto& [status, meaning] : rows) {
        const auto& status_shown = status; // clang 14 captures no binding
        CAPTURE(status_shown);
        auto record = job();
        const auto reply = answer(status, "<!DOCTYPE html><title>Just a moment...</title>",
                                  "Content-Type: text/html; charset=UTF-8");
        const auto taken = host().decode_submit(reply, record);
        REQUIRE(taken.has_error());
        CHECK(taken.error() == meaning);
        check_facts(taken.error(), "pollo", status);
        if (status != 200)
            CHECK(has(taken.error().facts().message, "a page stands in place of an answer"));
        const auto look = host().decode_status(job("x"), reply);
        REQUIRE(look.has_error());
        CHECK(look.error() == (status == 200 ? errc::answer_malformed : meaning));
    }
}

TEST_CASE("pollo: the state of a task follows from those of what it makes")
{
    const struct {
        const char* what;
        std::initializer_list<const char*> words;
        job_state state;
        const char* word;
    } rows[] = {
        {"nothing yet", {}, job_state::queued, "waiting"},
        {"waits", {"waiting"}, job_state::queued, "waiting"},
        {"all wait", {"waiting", "waiting"}, job_state::queued, "waiting"},
        {"runs", {"processing"}, job_state::running, "processing"},
        {"one waits", {"waiting", "processing"}, job_state::running, "waiting"},
        {"one is done", {"succeed", "waiting"}, job_state::running, "waiting"},
        {"one has failed", {"failed", "processing"}, job_state::running, "processing"},
        {"done", {"succeed"}, job_state::succeeded, "succeed"},
        {"all done", {"succeed", "succeed"}, job_state::succeeded, "succeed"},
        {"failed", {"failed"}, job_state::failed, "failed"},
        {"one of two failed", {"succeed", "failed"}, job_state::failed, "failed"},
        {"unknown", {"pondering"}, job_state::unknown, "pondering"},
        {"succeeded is no word", {"succeeded"}, job_state::unknown, "succeeded"},
        {"capitals are not these", {"Succeed"}, job_state::unknown, "Succeed"},
        {"unknown and done", {"succeed", "pondering"}, job_state::unknown, "pondering"},
    };
    for (const auto& row : rows)
        for (const std::string& body : {task(row.words), wrapped(task(row.words))}) {
            CAPTURE(row.what);
            const auto seen = look(body);
            CHECK(seen.state == row.state);
            CHECK(seen.word == row.word);
            CHECK(seen.output.has_value() == (row.state == job_state::succeeded));
            CHECK(seen.error.has_value() == (row.state == job_state::failed));
            CHECK_FALSE(seen.result_pending);
        }
}

TEST_CASE("pollo: links are found under either name, one for each generation")
{
    const auto both = look(wrapped(task({"succeed", "succeed"})));
    REQUIRE(both.output->assets.size() == 2);
    CHECK(both.output->assets[0].url == "https://videocdn.pollo.ai/1.mp4");
    CHECK(both.output->assets[1].url == "https://videocdn.pollo.ai/2.mp4");
    CHECK(both.output->assets[1].index == 1);
    for (const char* body :
         {R"({"taskId":"cm2kestrel0001",)"
          R"("result":[{"status":"succeed","videoUrl":"https://v.example/a.mp4"}]})",
          R"({"generations":[{"status":"succeed","url":"","videoUrl":"https://v.example/a.mp4"}]})",
          R"({"data":{"result":[{"status":"succeed","url":"https://v.example/a.mp4"}]}})"}) {
        CAPTURE(body);
        const auto seen = look(body);
        REQUIRE(seen.output);
        CHECK(seen.output->assets.at(0).url == "https://v.example/a.mp4");
    }
}

TEST_CASE("pollo: success without a usable link is a failure that was paid for")
{
    for (const char* url : {R"("")", "null", "7", R"("http://v.example/a.mp4")", R"("a.mp4")",
                            R"("https://u@v.example/a.mp4")"}) {
        CAPTURE(url);
        const auto seen =
            look(R"({"generations":[{"status":"succeed","url":)" + std::string(url) + "}]}");
        CHECK(seen.state == job_state::failed);
        CHECK_FALSE(seen.output);
        REQUIRE(seen.error);
        CHECK(*seen.error == errc::result_missing);
        CHECK(seen.error->facts().billed == billing::yes);
        check_facts(*seen.error, "pollo", 200);
    }
    cokino::pollo_options options;
    options.base_url = "http://127.0.0.1:8080/api/platform";
    const cokino::pollo local(cokino::api_key("k", "K"), options);
    const auto read = local.decode_status(
        job("x"),
        answer(200, R"({"generations":[{"status":"succeed","url":"http://127.0.0.1:8080/a"}]})"));
    REQUIRE(read.has_value());
    CHECK(read->state == job_state::succeeded);
}

TEST_CASE("pollo: a failed task tells why, and that it cost nothing only when it says so")
{
    const struct {
        const char* words;
        const char* credit;
        errc meaning;
        billing billed;
    } rows[] = {
        {"Failure to pass the risk control system", "0", errc::content_refused, billing::no},
        {"content policy violation", "30", errc::content_refused, billing::unknown},
        {"renderer down", "29.17", errc::job_failed, billing::unknown},
        {"renderer down", "null", errc::job_failed, billing::unknown},
        {"", "0", errc::job_failed, billing::no},
    };
    for (const auto& row : rows) {
        CAPTURE(row.words);
        const auto seen = look(wrapped(task({"succeed", "failed"}, row.words, row.credit)));
        CHECK(seen.state == job_state::failed);
        REQUIRE(seen.error);
        CHECK(*seen.error == row.meaning);
        if (row.words[0] != '\0')
            CHECK(seen.error->facts().host_text == row.words);
        CHECK(seen.error->facts().billed == row.billed);
        check_facts(*seen.error, "pollo", 200);
    }
}

TEST_CASE("pollo: an answer that tells of no task fails the look, and not the job")
{
    for (const auto& hostile : hostile_bodies()) {
        CAPTURE(hostile.what);
        const auto read = host().decode_status(job("x"), answer(200, hostile.text));
        REQUIRE(read.has_error());
        CHECK((read.error() == errc::answer_malformed || read.error() == errc::response_too_large));
        check_facts(read.error(), "pollo", 200);
    }
    const struct {
        unsigned status;
        std::string body;
        errc meaning;
    } rows[] = {
        {401, R"({"code":"UNAUTHORIZED","message":"key )" + std::string(canary) + "\"}",
         errc::unauthorised},
        {404, R"({"message":"Not found","code":"NOT_FOUND"})", errc::not_found},
        {200, R"({"message":"Not found","code":"NOT_FOUND"})", errc::not_found},
        {200, R"({"message":"m","code":"NOT_FOUND","data":{"taskId":"x"}})", errc::not_found},
        {200, R"({"code":"SUCCESS","data":{"id":"x"}})", errc::answer_malformed},
        {429, R"({"code":"RATE_LIMIT_X","message":"m"})", errc::rate_limited},
        {500, R"({"code":"INTERNAL_SERVER_ERROR","message":"m"})", errc::host_fault},
        {200, wrapped(task({"failed"})).substr(0, 150), errc::answer_malformed},
    };
    for (const auto& row : rows) {
        CAPTURE(row.body);
        const auto read = host().decode_status(job("x"), answer(row.status, row.body));
        REQUIRE(read.has_error());
        CHECK(read.error() == row.meaning);
        check_facts(read.error(), "pollo", row.status);
    }
}

TEST_CASE("pollo: a hook has a state of the task besides those of what it made")
{
    auto note = host().read_webhook(
        R"({"taskId":"cm2kestrel0001","status":"succeed","generations":[{"id":"cm2gen0001",)"
        R"("status":"succeed","url":"https://videocdn.pollo.ai/a.mp4","mediaType":"video"}]})");
    REQUIRE(note.has_value());
    CHECK(note->job_id == "cm2kestrel0001");
    REQUIRE(note->status);
    CHECK(note->status->state == job_state::succeeded);
    CHECK(note->status->output->assets.at(0).url == "https://videocdn.pollo.ai/a.mp4");

    note = host().read_webhook(
        R"({"taskId":"x","status":"failed","generations":[{"status":"failed","failMsg":"nsfw"}]})");
    REQUIRE(note.has_value());
    CHECK(*note->status->error == errc::content_refused);
    CHECK(note->status->error->facts().operation == "webhook");

    note = host().read_webhook(R"({"taskId":"x","status":"failed"})");
    REQUIRE(note.has_value());
    CHECK(*note->status->error == errc::job_failed);
    // That it went well, without the files, says too little: the job must be looked at.
    note = host().read_webhook(R"({"taskId":"x","status":"succeed"})");
    REQUIRE(note.has_value());
    CHECK_FALSE(note->status);
    note = host().read_webhook(R"({"taskId":"x"})");
    REQUIRE(note.has_value());
    CHECK_FALSE(note->status);

    auto bodies = hostile_bodies();
    bodies.push_back({"no id", R"({"status":"succeed","generations":[]})"});
    bodies.push_back({"bad id", R"({"taskId":"a b","status":"succeed"})"});
    for (const auto& hostile : bodies) {
        CAPTURE(hostile.what);
        const auto read = host().read_webhook(hostile.text);
        REQUIRE(read.has_error());
        CHECK((read.error() == errc::answer_malformed || read.error() == errc::response_too_large));
        CHECK_FALSE(has(printed(read.error()), canary));
    }
}

} // namespace pollo_answers_test
