// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// fal: what became of a submit, as tables of recorded shapes (providers/fal-replicate.md A2, A7).
#include <cokino/provider/fal.hpp>

#include <provider/rows.hpp>

#include <doctest/doctest.h>

#include <string>

namespace fal_submit_test {

using namespace provider_rows;
using cokino::billing;
using cokino::errc;

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

TEST_CASE("fal: an accepted submit gives the id, and remembers only links that do not follow")
{
    const std::string base = "https://queue.fal.run/fal-ai/kling-video/requests/7d1f2c90";
    auto derived = job();
    const auto taken = host().decode_submit(
        answer(200, R"({"status":"IN_QUEUE","request_id":"7d1f2c90","response_url":")" + base +
                        R"(","status_url":")" + base + R"(/status","cancel_url":")" + base +
                        R"(/cancel","logs":null,"metrics":{},"queue_position":0})"),
        derived);
    REQUIRE(taken.has_value());
    CHECK(derived.id == "7d1f2c90");
    CHECK(derived.status_url.empty());
    CHECK(derived.result_url.empty());
    CHECK(derived.cancel_url.empty());

    auto moved = job();
    const std::string far = "https://queue.fal.run/v9/7d1f2c90";
    REQUIRE(host()
                .decode_submit(answer(202, R"({"request_id":"7d1f2c90","response_url":")" + far +
                                               R"(","status_url":")" + far +
                                               R"(/s","cancel_url":")" + far + R"(/c"})"),
                               moved)
                .has_value());
    CHECK(moved.status_url == far + "/s");
    CHECK(moved.result_url == far);
    CHECK(moved.cancel_url == far + "/c");

    // Without links, with null, escaped, unprintable or endless ones the job is asked for where it
    // must be.
    for (const std::string& body :
         {std::string(R"({"request_id":"7d1f2c90"})"),
          std::string(R"({"request_id":"7d1f2c90","status_url":null,"response_url":7})"),
          std::string(R"({"request_id":"7d1f2c90","status_url":"https:\/\/evil.example\/x"})"),
          std::string("{\"request_id\":\"7d1f2c90\",\"status_url\":\"https://x/\x7f\"}"),
          R"({"request_id":"7d1f2c90","status_url":"https://x/)" + std::string(2000, 'a') +
              "\"}"}) {
        auto bare = job();
        REQUIRE(host().decode_submit(answer(200, body), bare).has_value());
        CHECK(bare.id == "7d1f2c90");
        CHECK(bare.status_url.empty());
        CHECK(bare.result_url.empty());
    }
}

TEST_CASE("fal: a link to another origin is kept with the job, and refused when it is to be used")
{
    auto bought = job();
    const auto taken = host().decode_submit(
        answer(200, R"({"request_id":"7d1f2c90","status_url":"https://evil.example/s"})"), bought);
    REQUIRE(taken.has_value());
    CHECK(bought.id == "7d1f2c90");
    const auto look = host().encode_status(bought);
    REQUIRE(look.has_error());
    CHECK(look.error() == errc::link_refused);
    CHECK(look.error().facts().host_text == "https://evil.example");
    CHECK_FALSE(has(printed(look.error()), canary));
}

TEST_CASE("fal: success without a job is an unknown outcome, never a refusal")
{
    check_unknown_outcomes(host(), job(), 200,
                           {{"no id", R"({"status":"IN_QUEUE","queue_position":0})"},
                            {"empty id", R"({"request_id":""})"},
                            {"null id", R"({"request_id":null})"},
                            {"path as id", R"({"request_id":".."})"},
                            {"id with a line end", R"({"request_id":"a\r\nb"})"},
                            {"endless id", R"({"request_id":")" + std::string(300, 'a') + "\"}"}});
}

struct refusal_row {
    const char* what;
    unsigned status;
    std::string_view body;
    std::string_view header;
    errc meaning;
    const char* code;
    const char* text;
    const char* field;
    billing billed;
};

TEST_CASE("fal: a refused submit says what is wrong, and whether it can have been billed")
{
    const refusal_row rows[] = {
        {"content", 422, flagged, "", errc::content_refused, "content_policy_violation",
         "The content was flagged by a checker. (partner_validation_failed)", "prompt",
         billing::no},
        {"several", 422,
         R"({"detail":[{"loc":["body","cfg_scale"],"msg":"too big","type":"less_than_equal"},)"
         R"({"loc":["body","image_url"],"msg":"a likeness","type":"content_policy_violation"}]})",
         "", errc::content_refused, "content_policy_violation", "a likeness", "image", billing::no},
        {"field", 422,
         R"({"detail":[{"loc":["body","duration"],"msg":"Input should be '5' or '10'",)"
         R"("type":"literal_error","ctx":{"expected":"'5' or '10'"}}]})",
         "", errc::request_rejected, "literal_error", "Input should be '5' or '10'", "duration",
         billing::no},
        {"unknown field", 422,
         R"({"detail":[{"loc":["body",0,"zzz"],"msg":"m","type":"missing"}]})", "",
         errc::request_rejected, "missing", "m", "", billing::no},
        {"detail as object", 422, R"({"detail":{"type":"image_too_small","message":"tiny"}})", "",
         errc::request_rejected, "image_too_small", "tiny", "", billing::no},
        {"detail as text", 400, R"({"detail":"nonsense","error_type":"bad_request"})", "",
         errc::request_rejected, "bad_request", "nonsense", "", billing::no},
        {"type in the header", 400, R"({"detail":"nonsense"})", "X-Fal-Error-Type: bad_request",
         errc::request_rejected, "bad_request", "nonsense", "", billing::no},
        {"platform", 400, R"({"error":{"type":"validation","message":"no","request_id":"r"}})", "",
         errc::request_rejected, "validation", "no", "", billing::no},
        {"key", 401, R"({"detail":"invalid key credentials"})", "", errc::unauthorised, "",
         "invalid key credentials", "", billing::no},
        {"balance", 403,
         R"({"detail":"User is locked. Reason: Exhausted balance. Top up your balance."})", "",
         errc::out_of_credit, "", "User is locked. Reason: Exhausted balance. Top up your balance.",
         "", billing::no},
        {"forbidden", 403, R"({"detail":"not for you"})", "", errc::forbidden, "", "not for you",
         "", billing::no},
        {"app", 404, R"({"detail":"Application \"x\" not found"})", "", errc::not_found, "",
         "Application \"x\" not found", "", billing::no},
        {"limit", 429, R"({"detail":"slow down","error_type":"concurrent_requests_limit"})",
         "X-Fal-Needs-Retry: 1", errc::rate_limited, "concurrent_requests_limit", "slow down", "",
         billing::no},
        {"timeout", 408, "", "", errc::host_fault, "", "", "", billing::unknown},
        {"fault", 500, R"({"detail":"oops","error_type":"internal_error"})", "", errc::host_fault,
         "internal_error", "oops", "", billing::unknown},
        {"runner", 503, R"({"detail":"r","error_type":"runner_scheduling_failure"})", "",
         errc::host_fault, "runner_scheduling_failure", "r", "", billing::unknown},
        {"start timeout", 504, R"({"detail":"r","error_type":"startup_timeout"})", "",
         errc::host_fault, "startup_timeout", "r", "", billing::unknown},
        {"gateway", 502, "<html>Bad Gateway</html>", "", errc::host_fault, "",
         "<html>Bad Gateway</html>", "", billing::unknown},
        {"moved", 307, "", "Location: https://evil.example/", errc::redirect_refused, "", "", "",
         billing::unknown},
        {"odd", 999, "{}", "", errc::answer_malformed, "", "{}", "", billing::unknown},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        auto record = job();
        auto reply = answer(row.status, row.body, row.header);
        reply.add_field("x-fal-request-id", "exchange-1");
        const auto taken = host().decode_submit(reply, record);
        REQUIRE(taken.has_error());
        const cokino::diagnostics& d = taken.error().facts();
        CHECK(taken.error() == row.meaning);
        CHECK(d.host_code == row.code);
        CHECK(d.host_text == row.text);
        CHECK(d.field == row.field);
        CHECK(d.billed == row.billed);
        CHECK(d.request_id == "exchange-1");
        CHECK(record.id.empty());
        check_facts(taken.error(), "fal", row.status);
    }
}

} // namespace fal_submit_test
