// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// PiAPI: what its answers mean, as tables of the shapes that are recorded or documented
// (providers/kling-kie-piapi-pollo-wireflow.md 3.2 to 3.5).
#include <cokino/provider/piapi.hpp>

#include <provider/rows.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace piapi_answers_test {

using namespace provider_rows;
using cokino::billing;
using cokino::cancel_outcome;
using cokino::errc;
using cokino::job_state;

const cokino::piapi& host()
{
    static const cokino::piapi piapi(cokino::api_key(std::string(canary), "PIAPI_API_KEY"));
    return piapi;
}

cokino::job_record job(std::string id = {})
{
    const auto out = host().encode(cokino::text_to_video("a"), cokino::submit_context());
    REQUIRE(out.has_value());
    return record_of(out->route, std::move(id));
}

/// The envelope of 3.2 round a state, an output and a reason.
std::string task(std::string_view status, std::string_view output = "null",
                 std::string_view error = R"({"code":0,"raw_message":"","message":""})",
                 std::string_view usage = R"({"type":"point","frozen":0,"consume":3300000})")
{
    std::string out = R"({"code":200,"data":{"task_id":"4eba5893-0000-4000-8000-bb9f3c4a26b2",)"
                      R"("model":"kling-turbo","task_type":"video_generation","status":")";
    out.append(status).append(R"(","config":{"service_mode":"public","webhook_config":{)");
    out.append(R"("endpoint":"","secret":"kestrel-demo"}},"input":{"prompt":"p"},"output":)");
    out.append(output).append(R"(,"meta":{"created_at":"2026-11-21T10:00:00.000000000Z",)");
    out.append(R"("started_at":"0001-01-01T00:00:00Z","ended_at":"0001-01-01T00:00:00Z","usage":)");
    out.append(usage).append(R"(,"is_using_private_pool":false},"detail":null,"logs":[],"error":)");
    out.append(error).append(R"(},"message":"success"})");
    return out;
}

cokino::job_status look(const std::string& body)
{
    auto read =
        host().decode_status(job("4eba5893-0000-4000-8000-bb9f3c4a26b2"), answer(200, body));
    REQUIRE(read.has_value());
    return std::move(*read);
}

TEST_CASE("piapi: an accepted submit gives the task's id, whatever state it starts in")
{
    for (const std::string& body :
         {task("pending"), task("Staged"), task("failed"), task("pending", R"({"video":""})"),
          std::string(R"({"data":{"task_id":"4eba5893-0000-4000-8000-bb9f3c4a26b2"}})"),
          std::string(
              R"({"code":500,"data":{"task_id":"4eba5893-0000-4000-8000-bb9f3c4a26b2"}})")}) {
        CAPTURE(body);
        auto record = job();
        REQUIRE(host().decode_submit(answer(200, body), record).has_value());
        CHECK(record.id == "4eba5893-0000-4000-8000-bb9f3c4a26b2");
        CHECK(record.status_url.empty());
    }
}

TEST_CASE("piapi: success without a task is an unknown outcome, never a refusal")
{
    check_unknown_outcomes(host(), job(), 200,
                           {{"no data", R"({"code":200,"message":"success"})"},
                            {"null data", R"({"code":200,"data":null,"message":"success"})"},
                            {"empty id", R"({"code":200,"data":{"task_id":""}})"},
                            {"path as id", R"({"code":200,"data":{"task_id":".."}})"},
                            {"fault inside", R"({"code":500,"data":null,"message":"oops"})"},
                            {"timeout inside", R"({"code":408,"data":null,"message":"late"})"},
                            {"cut off", task("pending").substr(0, 200)}});
}

struct refusal_row {
    const char* what;
    unsigned status;
    std::string body;
    errc meaning;
    const char* code;
    const char* text;
    billing billed;
};

std::string refusal(int code, std::string_view text)
{
    return "{\"code\":" + std::to_string(code) + R"(,"data":null,"message":")" + std::string(text) +
           "\"}";
}

TEST_CASE("piapi: a refused submit says what is wrong, by HTTP status or by the code inside a 200")
{
    const std::string risk = R"({"code":400,"data":{"status":"failed","error":{"code":10000,)"
                             R"("raw_message":"Failure to pass the risk control system",)"
                             R"("message":"task failed"}},"message":"failed"})";
    const refusal_row rows[] = {
        {"field", 400, refusal(400, "invalid duration"), errc::request_rejected, "400",
         "invalid duration", billing::no},
        {"content", 400, risk, errc::content_refused, "10000",
         "Failure to pass the risk control system", billing::no},
        {"content by words", 400, refusal(400, "the prompt holds sensitive words"),
         errc::content_refused, "400", "the prompt holds sensitive words", billing::no},
        {"key", 401, refusal(401, "Invalid API key"), errc::unauthorised, "401", "Invalid API key",
         billing::no},
        {"credit", 402, refusal(402, "pay"), errc::out_of_credit, "402", "pay", billing::no},
        {"credit by words", 403, refusal(403, "Insufficient credits"), errc::out_of_credit, "403",
         "Insufficient credits", billing::no},
        {"forbidden", 403, refusal(403, "not for you"), errc::forbidden, "403", "not for you",
         billing::no},
        {"missing", 404, refusal(404, "no"), errc::not_found, "404", "no", billing::no},
        {"rate", 429, refusal(429, "slow down"), errc::rate_limited, "429", "slow down",
         billing::no},
        {"timeout", 408, "", errc::host_fault, "", "", billing::unknown},
        {"fault", 500, refusal(500, "oops"), errc::host_fault, "500", "oops", billing::unknown},
        {"gateway", 502, "<html>Bad Gateway</html>", errc::host_fault, "",
         "<html>Bad Gateway</html>", billing::unknown},
        {"moved", 301, "", errc::redirect_refused, "", "", billing::unknown},
        {"inside: field", 200, refusal(400, "bad"), errc::request_rejected, "400", "bad",
         billing::no},
        {"inside: key", 200, refusal(401, "bad"), errc::unauthorised, "401", "bad", billing::no},
        {"inside: credit", 200, refusal(402, "bad"), errc::out_of_credit, "402", "bad",
         billing::no},
        {"inside: rate", 200, refusal(429, "bad"), errc::rate_limited, "429", "bad", billing::no},
        {"inside: content", 200, refusal(400, "content policy"), errc::content_refused, "400",
         "content policy", billing::no},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        auto record = job();
        const auto taken = host().decode_submit(answer(row.status, row.body), record);
        REQUIRE(taken.has_error());
        CHECK(taken.error() == row.meaning);
        CHECK(taken.error().facts().host_code == row.code);
        CHECK(taken.error().facts().host_text == row.text);
        CHECK(taken.error().facts().billed == row.billed);
        CHECK(record.id.empty());
        check_facts(taken.error(), "piapi", row.status);
    }
}

TEST_CASE("piapi: states are compared without regard to case, and an unknown one runs on")
{
    const std::pair<const char*, job_state> rows[] = {
        {"pending", job_state::queued},     {"Pending", job_state::queued},
        {"staged", job_state::queued},      {"Staged", job_state::queued},
        {"processing", job_state::running}, {"Processing", job_state::running},
        {"retry", job_state::unknown},      {"complete", job_state::unknown},
        {"succeeded", job_state::unknown},
    };
    for (const auto& [word, state] : rows) {
        const auto& word_shown = word; // clang 14 captures no binding
        CAPTURE(word_shown);
        // A link that stands there early means nothing: the state decides.
        const auto seen = look(task(word, R"({"video":"https://img.theapi.app/e/1.mp4"})"));
        CHECK(seen.state == state);
        CHECK(seen.word == word);
        CHECK_FALSE(seen.output);
        CHECK_FALSE(seen.error);
        CHECK_FALSE(seen.result_pending);
    }
}

TEST_CASE("piapi: the link is found in each of the shapes that outputs have")
{
    const struct {
        const char* what;
        const char* output;
        std::vector<std::string> urls;
    } rows[] = {
        {"turbo", R"({"video":"https://i.example/1.mp4"})", {"https://i.example/1.mp4"}},
        {"product pages",
         R"({"video_url":"https://i.example/2.mp4"})",
         {"https://i.example/2.mp4"}},
        {"empty before",
         R"({"video":"","video_url":"https://i.example/2.mp4"})",
         {"https://i.example/2.mp4"}},
        {"luma", R"({"video":{"url":"https://i.example/3.mp4"}})", {"https://i.example/3.mp4"}},
        {"works, clean",
         R"({"type":"x","status":99,"works":[{"video":{"resource":"https://i.example/w.mp4",)"
         R"("resource_without_watermark":"https://i.example/4.mp4","height":1080,"width":1920,)"
         R"("duration":5100}}]})",
         {"https://i.example/4.mp4"}},
        {"works, marked",
         R"({"works":[{"video":{"resource":"https://i.example/w.mp4",)"
         R"("resource_without_watermark":""}}]})",
         {"https://i.example/w.mp4"}},
        {"still", R"({"image_url":"https://i.example/5.png"})", {"https://i.example/5.png"}},
        {"stills",
         R"({"image_urls":["https://i.example/6.png","https://i.example/7.png"]})",
         {"https://i.example/6.png", "https://i.example/7.png"}},
        {"clip before still",
         R"({"image_url":"https://i.example/5.png","video":"https://i.example/1.mp4"})",
         {"https://i.example/1.mp4"}},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        const auto seen = look(task("Completed", row.output));
        CHECK(seen.state == job_state::succeeded);
        REQUIRE(seen.output);
        REQUIRE(seen.output->assets.size() == row.urls.size());
        for (std::size_t i = 0; i < row.urls.size(); ++i) {
            CHECK(seen.output->assets[i].url == row.urls[i]);
            CHECK(seen.output->assets[i].index == i);
        }
    }
    const auto works = look(task("completed", rows[4].output));
    CHECK(works.output->assets[0].width == 1920);
    CHECK(works.output->assets[0].height == 1080);
}

TEST_CASE("piapi: success without a usable link is a failure that was paid for")
{
    for (const char* output :
         {"null", "{}", "[]", "7", R"({"video":""})", R"({"video":null})", R"({"video":{}})",
          R"({"video":"http://i.example/plain.mp4"})", R"({"video":"javascript:x"})",
          R"({"video":"https://user@i.example/x.mp4"})", R"({"works":[]})",
          R"({"image_urls":[]})"}) {
        CAPTURE(output);
        const auto seen = look(task("completed", output));
        CHECK(seen.state == job_state::failed);
        CHECK_FALSE(seen.output);
        REQUIRE(seen.error);
        CHECK(*seen.error == errc::result_missing);
        CHECK(seen.error->facts().billed == billing::yes);
        CHECK_FALSE(has(printed(*seen.error), "kestrel"));
        check_facts(*seen.error, "piapi", 200);
    }
    // A fake on this machine speaks plain HTTP throughout.
    cokino::piapi_options options;
    options.base_url = "http://127.0.0.1:8080";
    const cokino::piapi local(cokino::api_key("k", "K"), options);
    const auto read = local.decode_status(
        job("4eba5893-0000-4000-8000-bb9f3c4a26b2"),
        answer(200, task("completed", R"({"video":"http://127.0.0.1:8080/f.mp4"})")));
    REQUIRE(read.has_value());
    CHECK(read->state == job_state::succeeded);
}

TEST_CASE("piapi: a failed task tells the model's own reason, and what it cost")
{
    const char* nothing = R"({"type":"point","frozen":0,"consume":0})";
    const struct {
        const char* what;
        const char* error;
        const char* usage;
        errc meaning;
        const char* code;
        const char* text;
        billing billed;
    } rows[] = {
        {"content",
         R"({"code":10000,"raw_message":"Failure to pass the risk control system",)"
         R"("message":"task failed","detail":null})",
         nothing, errc::content_refused, "10000", "Failure to pass the risk control system",
         billing::no},
        {"renderer", R"({"code":10000,"raw_message":"model crashed","message":"task failed"})",
         R"({"type":"point","frozen":3300000,"consume":0})", errc::job_failed, "10000",
         "model crashed", billing::unknown},
        {"no raw words", R"({"code":10001,"raw_message":"","message":"task failed"})",
         R"({"type":"point","frozen":0,"consume":3300000})", errc::job_failed, "10001",
         "task failed", billing::yes},
        {"credit", R"({"code":10000,"raw_message":"insufficient credits","message":"x"})", "null",
         errc::out_of_credit, "10000", "insufficient credits", billing::unknown},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        const auto seen = look(task("failed", "null", row.error, row.usage));
        CHECK(seen.state == job_state::failed);
        REQUIRE(seen.error);
        CHECK(*seen.error == row.meaning);
        CHECK(seen.error->facts().host_code == row.code);
        CHECK(seen.error->facts().host_text == row.text);
        CHECK(seen.error->facts().billed == row.billed);
        CHECK(seen.error->facts().operation == "status");
        check_facts(*seen.error, "piapi", 200);
    }
    const auto stopped = look(task("cancelled", "null", "{}", nothing));
    CHECK(stopped.state == job_state::cancelled);
    REQUIRE(stopped.error);
    CHECK(*stopped.error == errc::job_cancelled);
    CHECK(stopped.error->facts().billed == billing::no);
}

TEST_CASE("piapi: an answer that tells of no task fails the look, and not the job")
{
    for (const auto& hostile : hostile_bodies()) {
        CAPTURE(hostile.what);
        const auto read = host().decode_status(job("x"), answer(200, hostile.text));
        REQUIRE(read.has_error());
        CHECK((read.error() == errc::answer_malformed || read.error() == errc::response_too_large));
        check_facts(read.error(), "piapi", 200);
    }
    const struct {
        unsigned status;
        std::string body;
        errc meaning;
    } rows[] = {
        {401, refusal(401, "key " + std::string(canary)), errc::unauthorised},
        {404, refusal(404, "task not found"), errc::not_found},
        {200, refusal(404, "task not found"), errc::not_found},
        {200, refusal(500, "oops"), errc::host_fault},
        {429, refusal(429, "slow"), errc::rate_limited},
        {503, "<html>", errc::host_fault},
        {200, task("failed").substr(0, 300), errc::answer_malformed},
    };
    for (const auto& row : rows) {
        CAPTURE(row.body);
        const auto read = host().decode_status(job("x"), answer(row.status, row.body));
        REQUIRE(read.has_error());
        CHECK(read.error() == row.meaning);
        check_facts(read.error(), "piapi", row.status);
    }
}

TEST_CASE("piapi: a hook holds the task object, and tells what a look at the task would")
{
    const std::string prefix = R"({"timestamp":1790000094,)";
    const auto body = [&](const std::string& envelope) { return prefix + envelope.substr(12); };
    auto note = host().read_webhook(
        body(task("completed", R"({"video":"https://img.theapi.app/e/1.mp4"})")));
    REQUIRE(note.has_value());
    CHECK(note->job_id == "4eba5893-0000-4000-8000-bb9f3c4a26b2");
    REQUIRE(note->status);
    CHECK(note->status->state == job_state::succeeded);
    REQUIRE(note->status->output);
    CHECK(note->status->output->assets[0].url == "https://img.theapi.app/e/1.mp4");

    note = host().read_webhook(body(
        task("Failed", "null", R"({"code":10000,"raw_message":"risk control","message":"x"})")));
    REQUIRE(note.has_value());
    REQUIRE(note->status->error);
    CHECK(*note->status->error == errc::content_refused);
    CHECK(note->status->error->facts().operation == "webhook");
    CHECK(note->status->error->facts().http_status == 0);

    note = host().read_webhook(body(task("processing")));
    REQUIRE(note.has_value());
    CHECK(note->status->state == job_state::running);
    note = host().read_webhook(R"({"data":{"task_id":"7"}})");
    REQUIRE(note.has_value());
    CHECK_FALSE(note->status);

    auto bodies = hostile_bodies();
    bodies.push_back({"no id", R"({"timestamp":1,"data":{"status":"completed"}})"});
    bodies.push_back({"bad id", R"({"timestamp":1,"data":{"task_id":"a b"}})"});
    for (const auto& hostile : bodies) {
        CAPTURE(hostile.what);
        const auto read = host().read_webhook(hostile.text);
        REQUIRE(read.has_error());
        CHECK((read.error() == errc::answer_malformed || read.error() == errc::response_too_large));
        CHECK_FALSE(has(printed(read.error()), canary));
    }
}

TEST_CASE("piapi: a cancelled task says so, one under way is too late, one unknown is not found")
{
    const struct {
        const char* what;
        unsigned status;
        std::string body;
        cancel_outcome outcome;
    } rows[] = {
        {"cancelled", 200, task("Cancelled"), cancel_outcome::cancelled},
        {"no word", 200, R"({"code":200,"message":"success"})", cancel_outcome::requested},
        {"no body", 200, "", cancel_outcome::requested},
        {"still pending", 200, task("pending"), cancel_outcome::requested},
        {"done", 200, task("completed"), cancel_outcome::too_late},
        {"refused", 400, refusal(400, "only pending tasks"), cancel_outcome::too_late},
        {"conflict", 409, "", cancel_outcome::too_late},
        {"inside", 200, refusal(400, "only pending tasks"), cancel_outcome::too_late},
        {"unknown", 404, refusal(404, "task not found"), cancel_outcome::not_found},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        const auto read = host().decode_cancel(job("x"), answer(row.status, row.body));
        REQUIRE(read.has_value());
        CHECK(*read == row.outcome);
    }
    for (const unsigned status : {401U, 429U, 500U}) {
        const auto read = host().decode_cancel(job("x"), answer(status, ""));
        REQUIRE(read.has_error());
        check_facts(read.error(), "piapi", status);
    }
}

} // namespace piapi_answers_test
