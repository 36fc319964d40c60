// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// wireflow: answers to outcomes, as tables of recorded shapes (section 5 of
// providers/kling-kie-piapi-pollo-wireflow.md).
#include <cokino/model/asset.hpp>
#include <cokino/provider/wireflow.hpp>

#include <provider/rows.hpp>

#include <doctest/doctest.h>

#include <string>

namespace wireflow_answers_test {

using namespace provider_rows;
using cokino::billing;
using cokino::errc;
using cokino::job_state;

const cokino::wireflow& host()
{
    static const cokino::wireflow p = [] {
        cokino::wireflow_options o;
        o.workflow_id = "cmwork0001";
        return cokino::wireflow(cokino::api_key(std::string(canary), "WIREFLOW_API_KEY"), o);
    }();
    return p;
}

cokino::job_record job(std::string id = {})
{
    const auto out = host().encode(cokino::text_to_video("a"), cokino::submit_context());
    REQUIRE(out.has_value());
    return record_of(out->route, std::move(id));
}

cokino::job_status look(std::string_view body, std::string_view field = {})
{
    auto out = host().decode_status(job("x"), answer(200, body, field));
    REQUIRE(out.has_value());
    return *out;
}

TEST_CASE("wireflow: the id of a run stands in one of several places")
{
    const std::string_view bodies[] = {
        R"({"workflowId":"cmwork0001","batchId":"550e","executionRuns":[{"id":"exec_1",)"
        R"("startTime":"2026-11-21T10:00:00.000Z","endTime":null,"status":"RUNNING",)"
        R"("error":null,"nodeRuns":[],"runIndexInBatch":0,"inputIndex":0}]})",
        R"({"executionRuns":[{"id":"exec_1"},{"id":"exec_2"}],"executionId":"exec_9"})",
        R"({"executionId":"exec_1","staleDependencies":[]})",
        R"({"data":{"executionId":"exec_1","status":"RUNNING"}})",
        R"({"data":{"executionRuns":[{"id":"exec_1"}]}})",
    };
    for (const auto body : bodies) {
        CAPTURE(body);
        auto record = job();
        REQUIRE(host().decode_submit(answer(201, body), record).has_value());
        CHECK(record.id == "exec_1");
    }
    // What the body has lost, the Location still tells.
    auto record = job();
    REQUIRE(host()
                .decode_submit(answer(201, R"({"executionRuns":[{"id":"ex)",
                                      "Location: /api/v1/workflows/executions/exec_1/poll"),
                               record)
                .has_value());
    CHECK(record.id == "exec_1");
}

TEST_CASE("wireflow: success without a run is an unknown outcome, never a refusal")
{
    check_unknown_outcomes(host(), job(), 201,
                           {{"no runs", R"({"workflowId":"cmwork0001","executionRuns":[]})"},
                            {"path as id", R"({"executionId":".."})"}});
}

TEST_CASE("wireflow: a refused submit says what is wrong, in either envelope")
{
    const struct {
        unsigned status;
        std::string_view body;
        errc meaning;
        const char *code, *text;
        billing billed;
    } rows[] = {
        {404, R"({"error":"Workflow not found"})", errc::not_found, "", "Workflow not found",
         billing::no},
        {401, R"({"error":"Invalid API key"})", errc::unauthorised, "", "Invalid API key",
         billing::no},
        {402,
         R"({"error":"Insufficient credits. Required: 47, Available: 3",)"
         R"("insufficientCredits":true,"requiredCredits":47,"availableCredits":3})",
         errc::out_of_credit, "", "Insufficient credits. Required: 47, Available: 3", billing::no},
        {400, R"({"error":{"type":"insufficient_credits_error","message":"no"}})",
         errc::out_of_credit, "insufficient_credits_error", "no", billing::no},
        {400,
         R"({"error":{"type":"invalid_request_error","message":"no nodes",)"
         R"("code":"missing_fields"}})",
         errc::request_rejected, "missing_fields", "no nodes", billing::no},
        {422,
         R"({"error":{"type":"invalid_request_error","code":"invalid_graph","message":"bad"},)"
         R"("violations":[{"rule":"bad-target-handle","message":"no port","fix":"use in-image"}]})",
         errc::request_rejected, "invalid_graph", "bad; no port; use in-image", billing::no},
        {422, R"({"error":{"type":"invalid_request_error","message":"flagged by moderation"}})",
         errc::content_refused, "invalid_request_error", "flagged by moderation", billing::no},
        {400, R"({"error":"Prompt violates the content policy"})", errc::content_refused, "",
         "Prompt violates the content policy", billing::no},
        {403, R"({"error":{"type":"authentication_error","message":"scope"}})", errc::forbidden,
         "authentication_error", "scope", billing::no},
        {429,
         R"({"error":"Too many workflow executions. Please try again later.",)"
         R"("retryAfter":1790000060})",
         errc::rate_limited, "", "Too many workflow executions. Please try again later.",
         billing::no},
        {408, "", errc::host_fault, "", "", billing::unknown},
        {500, R"({"error":{"type":"api_error","message":"flagged"}})", errc::host_fault,
         "api_error", "flagged", billing::unknown},
        {502, "<html>", errc::host_fault, "", "<html>", billing::unknown},
        {308, "", errc::redirect_refused, "", "", billing::unknown},
        {409, R"({"error":{"type":"conflict_error","code":"busy"}})", errc::outcome_unknown, "",
         R"({"error":{"type":"conflict_error","code":"busy"}})", billing::unknown},
    };
    for (const auto& row : rows) {
        CAPTURE(row.body);
        auto record = job();
        auto reply = answer(row.status, row.body);
        reply.add_field("x-request-id", "req-1");
        const auto taken = host().decode_submit(reply, record);
        REQUIRE(taken.has_error());
        const cokino::diagnostics& d = taken.error().facts();
        CHECK(taken.error() == row.meaning);
        CHECK(d.host_code == row.code);
        CHECK(d.host_text == row.text);
        CHECK(d.billed == row.billed);
        CHECK(d.request_id == "req-1");
        check_facts(taken.error(), "wireflow", row.status);
    }
}

constexpr std::string_view finished =
    R"({"status":"COMPLETED","error":null,"creditsUsed":47,"nodeResults":{"nodeRuns":[)"
    R"({"nodeId":"n-flux","status":"COMPLETED","creditsUsed":3,)"
    R"("output":{"images":[{"url":"https://cdn.wireflow.ai/flux-0001.jpg"}]}},)"
    R"({"nodeId":"n-kling","status":"COMPLETED","creditsUsed":44,)"
    R"("output":{"url":"https://cdn.wireflow.ai/kling-0001.mp4"}}]},"nodeStates":[)"
    R"({"nodeId":"n-flux","label":"Still","status":"COMPLETED","error":null,)"
    R"("outputUrl":"https://cdn.wireflow.ai/flux-0001.jpg",)"
    R"("outputUrls":["https://cdn.wireflow.ai/flux-0001.jpg"],"progress":100,)"
    R"("requestId":"fal-req-1"},)"
    R"({"nodeId":"n-kling","label":"Clip","status":"COMPLETED","error":null,)"
    R"("outputUrl":"https://cdn.wireflow.ai/kling-0001.mp4",)"
    R"("outputUrls":["https://cdn.wireflow.ai/kling-0001.mp4"],"text":null,"progress":100,)"
    R"("requestId":null}],"finalOutput":{"url":"https://cdn.wireflow.ai/final.mp4"}})";

TEST_CASE("wireflow: a finished run gives the wanted node's file, and what each node cost")
{
    for (const std::string& body :
         {std::string(finished), R"({"data":)" + std::string(finished) + "}",
          R"({"status":200,"data":)" + std::string(finished) + "}"}) {
        const auto out = look(body, "X-Request-Id: req-7");
        REQUIRE(out.state == job_state::succeeded);
        CHECK(out.word == "COMPLETED");
        REQUIRE(out.output.has_value());
        REQUIRE(out.output->assets.size() == 1);
        CHECK(out.output->assets[0].url == "https://cdn.wireflow.ai/kling-0001.mp4");
        REQUIRE(out.logs.size() == 3);
        CHECK(out.logs[0].message == "n-flux COMPLETED, 3 credits, request fal-req-1");
        CHECK(out.logs[1].message == "n-kling COMPLETED, 44 credits");
        CHECK(out.logs[2].message == "47 credits used, X-Request-Id req-7");
    }
}

TEST_CASE("wireflow: where the states name no file, the raw outputs do, and the final one last")
{
    const struct {
        std::string_view body;
        const char* link;
    } rows[] = {
        {R"({"status":"COMPLETED","nodeStates":[{"nodeId":"n-kling","outputUrls":[],)"
         R"("outputUrl":"https://a.example/1"}]})",
         "https://a.example/1"},
        {R"({"status":"COMPLETED","nodeResults":{"nodeRuns":[{"nodeId":"n-kling",)"
         R"("output":"https://a.example/2"}]}})",
         "https://a.example/2"},
        {R"({"status":"COMPLETED","nodeResults":{"nodeRuns":[{"nodeId":"n-kling",)"
         R"("output":{"video":{"url":"https://a.example/3"}}}]}})",
         "https://a.example/3"},
        {R"({"status":"COMPLETED","nodeResults":{"nodeRuns":[{"nodeId":"n-kling",)"
         R"("output":{"images":[{"url":"https://a.example/4"}]}}]}})",
         "https://a.example/4"},
        {R"({"status":"COMPLETED","nodeStates":[{"nodeId":"n-other","outputUrls":)"
         R"(["https://a.example/0"]}],"finalOutput":{"url":"https://a.example/5"}})",
         "https://a.example/5"},
        {R"({"status":"COMPLETED","finalOutput":"https://a.example/6"})", "https://a.example/6"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.body);
        const auto out = look(row.body);
        REQUIRE(out.output.has_value());
        REQUIRE(out.output->assets.size() == 1);
        CHECK(out.output->assets[0].url == row.link);
    }
    for (const char* none :
         {R"({"status":"COMPLETED"})", R"({"status":"COMPLETED","finalOutput":{"url":7}})",
          R"({"status":"COMPLETED","finalOutput":"http://a.example/x"})",
          R"({"status":"COMPLETED","finalOutput":null,"nodeStates":[{"nodeId":"n-kling"}]})"}) {
        const auto out = look(none);
        CHECK(out.state == job_state::failed);
        REQUIRE(out.error.has_value());
        CHECK(*out.error == errc::result_missing);
        CHECK(out.error->facts().billed == billing::yes);
    }
}

TEST_CASE("wireflow: a run's words, letter by letter, and how far the wanted node is")
{
    const std::pair<const char*, job_state> rows[] = {
        {"queued", job_state::queued},       {"PENDING", job_state::queued},
        {"RUNNING", job_state::running},     {"IN_PROGRESS", job_state::running},
        {"running", job_state::unknown},     {"DREAMING", job_state::unknown},
        {"CANCELLED", job_state::cancelled}, {"FAILED", job_state::failed},
        {"TIMEOUT", job_state::failed}};
    for (const auto& row : rows)
        CHECK(look(R"({"status":")" + std::string(row.first) + "\"}").state == row.second);
    const std::string running = R"({"status":"RUNNING","nodeStates":[{"nodeId":"n-image",)"
                                R"("status":"COMPLETED","progress":100},{"nodeId":"n-kling",)"
                                R"("status":"RUNNING","progress":)";
    CHECK(look(running + "40}]}").progress == 0.4);
    CHECK(look(running + "\"40\"}]}").progress == 0.4);
    CHECK_FALSE(look(running + "null}]}").progress.has_value());
    CHECK_FALSE(look(running + "4000}]}").progress.has_value());
    CHECK(look(running + "40}]}").logs.at(1).message == "n-kling RUNNING");
}

TEST_CASE("wireflow: why a run failed stands with its node, and its credits tell of the bill")
{
    const struct {
        std::string_view body;
        errc meaning;
        const char* text;
        billing billed;
    } rows[] = {
        {R"({"status":"FAILED","error":"Execution failed","creditsUsed":0,"nodeStates":[)"
         R"({"nodeId":"n-image","status":"COMPLETED","error":null},)"
         R"({"nodeId":"n-kling","status":"FAILED","error":"flagged by a content checker"}]})",
         errc::content_refused, "flagged by a content checker", billing::no},
        {R"({"status":"FAILED","error":null,"creditsUsed":44,"nodeStates":[)"
         R"({"nodeId":"n-kling","status":"FAILED","error":{"message":"upstream timeout"}}]})",
         errc::job_failed, "upstream timeout", billing::yes},
        {R"({"status":"FAILED","error":"Insufficient credits. Required: 47"})", errc::out_of_credit,
         "Insufficient credits. Required: 47", billing::unknown},
        {R"({"data":{"status":"FAILED","error":{"message":"it broke","code":"E1"}}})",
         errc::job_failed, "it broke", billing::unknown},
        {R"({"status":"TIMEOUT","error":null})", errc::job_expired, "TIMEOUT", billing::unknown},
        {R"({"status":"CANCELLED"})", errc::job_cancelled, "CANCELLED", billing::unknown},
    };
    for (const auto& row : rows) {
        CAPTURE(row.body);
        const auto out = look(row.body);
        REQUIRE(out.error.has_value());
        CHECK(*out.error == row.meaning);
        CHECK(out.error->facts().host_text == row.text);
        CHECK(out.error->facts().billed == row.billed);
        CHECK_FALSE(out.output.has_value());
        check_facts(*out.error, "wireflow", 200);
    }
}

TEST_CASE("wireflow: an answer that says nothing of the job is a failure, not the job's end")
{
    const std::pair<unsigned, errc> rows[] = {{401, errc::unauthorised}, {402, errc::out_of_credit},
                                              {403, errc::forbidden},    {404, errc::not_found},
                                              {429, errc::rate_limited}, {500, errc::host_fault}};
    for (const auto& row : rows) {
        const auto out = host().decode_status(job("x"), answer(row.first, R"({"error":"e"})"));
        REQUIRE(out.has_error());
        CHECK(out.error() == row.second);
        check_facts(out.error(), "wireflow", row.first);
    }
    for (const auto& hostile : hostile_bodies()) {
        CAPTURE(hostile.what);
        const auto out = host().decode_status(job("x"), answer(200, hostile.text));
        REQUIRE(out.has_error());
        check_facts(out.error(), "wireflow", 200);
    }
}

TEST_CASE("wireflow: a host that repeats the key gives it to no error and no log line")
{
    const std::string key(canary);
    for (const std::string& body :
         {R"({"error":"bad header Bearer )" + key + "\"}",
          R"({"error":{"code":")" + key + R"(","message":")" + key + R"("}})",
          "<html>" + key + "</html>",
          R"({"status":"FAILED","error":")" + key + R"(","nodeStates":[{"nodeId":")" + key +
              R"(","requestId":")" + key + R"("}]})"})
        for (const unsigned status : {200U, 401U, 409U, 422U, 500U}) {
            const auto reply = answer(status, body, "x-request-id: " + key);
            auto record = job();
            const auto taken = host().decode_submit(reply, record);
            REQUIRE(taken.has_error());
            check_facts(taken.error(), "wireflow", status);
            const auto seen = host().decode_status(job("x"), reply);
            if (seen.has_value())
                for (const auto& line : seen->logs)
                    CHECK_FALSE(has(line.message, canary));
            check_facts(seen.has_value() ? *seen->error : seen.error(), "wireflow", status);
            check_facts(host().decode_setup(reply).error(), "wireflow", status);
        }
}

} // namespace wireflow_answers_test
