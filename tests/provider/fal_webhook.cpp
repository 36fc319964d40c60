// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// fal's webhooks as they were recorded [providers/fal-replicate A6]: what is believed of one, and
// what sends us to the result instead.
#include <cokino/provider/fal.hpp>

#include <doctest/doctest.h>

#include <string>

namespace fal_webhook_test {

using namespace cokino;

const fal& host()
{
    static const fal made(api_key("k", "FAL_KEY"));
    return made;
}

const std::string id = "7d1f2c90-3b54-4c7e-9a61-0f5be2d8a4c3";

webhook_note read(const std::string& rest)
{
    auto note = host().read_webhook(R"({"request_id":")" + id +
                                    R"(","gateway_request_id":"9c2e",)" + rest + "}");
    REQUIRE(note.has_value());
    CHECK(note->job_id == id);
    return std::move(*note);
}

TEST_CASE("fal: a webhook that says OK brings the files")
{
    const webhook_note note = read(
        R"("status":"OK","error":null,"payload":{"video":{"url":)"
        R"("https://v3b.fal.media/files/b/0a1b2c3d/Zk3_output.mp4","content_type":"video/mp4",)"
        R"("file_name":"output.mp4","file_size":9417320}})");
    REQUIRE(note.status.has_value());
    CHECK(note.status->state == job_state::succeeded);
    REQUIRE(note.status->output.has_value());
    REQUIRE(note.status->output->assets.size() == 1);
    CHECK(note.status->output->assets[0].url ==
          "https://v3b.fal.media/files/b/0a1b2c3d/Zk3_output.mp4");
    CHECK(note.status->output->assets[0].size == 9417320U);
    CHECK_FALSE(note.status->result_pending);
}

TEST_CASE("fal: a webhook that says ERROR brings the reason")
{
    const webhook_note bad =
        read(R"("status":"ERROR","error":"Invalid status code: 422","payload":{"detail":)"
             R"([{"loc":["body","prompt"],"msg":"field required","type":"missing"}]})");
    REQUIRE(bad.status.has_value());
    CHECK(bad.status->state == job_state::failed);
    REQUIRE(bad.status->error.has_value());
    CHECK(bad.status->error->code() == condition::invalid_request);
    const webhook_note refused =
        read(R"("status":"ERROR","error":"Invalid status code: 422","payload":{"detail":)"
             R"([{"loc":["body","prompt"],"msg":"flagged","type":"content_policy_violation"}]})");
    REQUIRE(refused.status.has_value());
    CHECK(*refused.status->error == errc::content_refused);
}

TEST_CASE("fal: a webhook that tells too little is a hint to look")
{
    const std::string rows[] = {
        R"("status":"ERROR","error":"Invalid status code: 404","payload":null,"payload_error":"x")",
        R"("status":"OK","error":null,"payload":null,"payload_error":"too large")",
        R"("status":"OK","error":null,"payload":{})",
        R"("status":"OK","error":null)",
        R"("status":"OK","payload":"https://v3b.fal.media/files/x.mp4")",
        R"("status":"OK","payload":{"detail":[{"type":"missing"}]})",
        R"("status":"ERROR","error":"gone","payload":{"detail":"x"})",
        R"("status":"ERROR","error":"Invalid status code: 200","payload":{"video":{"url":"//a"}})",
        R"("status":"ERROR","error":null,"payload":{"video":{"url":"https://a.b/c"}})",
        R"("status":"ERROR","payload":{"detail":[]})",
    };
    for (const std::string& row : rows) {
        CAPTURE(row);
        CHECK_FALSE(read(row).status.has_value());
    }
}

TEST_CASE("fal: what is none of its webhooks is malformed")
{
    for (const char* body :
         {"", "{}", "[]", "null", "OK", R"({"request_id":"","status":"OK"})",
          R"({"request_id":7,"status":"OK"})", R"({"request_id":"a/../b\n","status":"OK"})",
          R"({"request_id":"7d1f2c90","status":"succeeded"})", R"({"request_id":"7d1f2c90"})",
          R"({"request_id":"7d1f2c90","status":"OK")"}) {
        CAPTURE(body);
        const auto note = host().read_webhook(body);
        REQUIRE_FALSE(note.has_value());
        CHECK(note.error() == errc::answer_malformed);
    }
    CHECK(host().traits().webhook == webhook_scheme::fal_ed25519);
}

} // namespace fal_webhook_test
