// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// fal: a start frame on its way to its storage, and states as an event stream.
#include <cokino/provider/fal.hpp>

#include <provider/rows.hpp>

#include <doctest/doctest.h>

#include <string>

namespace fal_upload_test {

using namespace provider_rows;
using cokino::errc;
using cokino::job_state;

cokino::fal sample(const cokino::fal_options& options = {})
{
    return cokino::fal(cokino::api_key(std::string(canary), "FAL_KEY"), options);
}

cokino::media_upload frame()
{
    cokino::media_upload m;
    m.bytes = "\x89PNG bytes";
    m.content_type = "image/png";
    m.file_name = "frame-1f3a.png";
    return m;
}

constexpr std::string_view told =
    R"({"upload_url":"https://v3b.fal.media/files/b/0a1b/frame.png?sig=abc",)"
    R"("file_url":"https://v3b.fal.media/files/b/0a1b/frame.png"})";

TEST_CASE("fal: a frame is announced with the key and put without it")
{
    const cokino::fal host = sample();
    auto m = frame();
    const auto announce = host.encode_upload(m);
    REQUIRE(announce.has_value());
    CHECK(announce->head->bytes() ==
          "POST /storage/upload/initiate?storage_type=fal-cdn-v3 HTTP/1.1\r\n"
          "Host: rest.fal.ai\r\n"
          "User-Agent: cokino/0.1.0\r\n"
          "Accept: application/json\r\n"
          "Content-Type: application/json\r\n"
          "Authorization: Key " +
              std::string(canary) + "\r\n");
    CHECK(announce->body == R"({"content_type":"image/png","file_name":"frame-1f3a.png"})");
    REQUIRE(host.decode_upload(m, answer(200, told)).has_value());
    CHECK(m.url.empty());

    const auto put = host.encode_upload(m);
    REQUIRE(put.has_value());
    CHECK(put->head->bytes() == "PUT /files/b/0a1b/frame.png?sig=abc HTTP/1.1\r\n"
                                "Host: v3b.fal.media\r\n"
                                "User-Agent: cokino/0.1.0\r\n"
                                "Content-Type: image/png\r\n");
    CHECK(put->payload() == m.bytes);
    CHECK_FALSE(put->head->carries_key());
    CHECK(put->public_addresses_only);
    REQUIRE(host.decode_upload(m, answer(200, "")).has_value());
    CHECK(m.url == "https://v3b.fal.media/files/b/0a1b/frame.png");
}

TEST_CASE("fal: beside another queue the storage is there too, unless it is named")
{
    cokino::fal_options options;
    options.base_url = "http://127.0.0.1:8080/proxy";
    const auto beside = sample(options).encode_upload(frame());
    REQUIRE(beside.has_value());
    CHECK(target_of(*beside) == "POST /proxy/storage/upload/initiate?storage_type=fal-cdn-v3");
    CHECK(has(beside->head->bytes(), "\r\nHost: 127.0.0.1:8080\r\n"));

    // The fake's own links are plain and on loopback; links to elsewhere stay guarded.
    const cokino::fal fake = sample(options);
    auto m = frame();
    REQUIRE(fake.decode_upload(m, answer(200, R"({"upload_url":"http://127.0.0.1:8080/files/u/1",)"
                                              R"("file_url":"http://127.0.0.1:8080/files/u/1"})"))
                .has_value());
    const auto home = fake.encode_upload(m);
    REQUIRE(home.has_value());
    CHECK_FALSE(home->public_addresses_only);
    for (const char* elsewhere : {"https://127.0.0.1:8080/u", "https://v3b.fal.media/u"}) {
        m.target = elsewhere;
        const auto guarded = fake.encode_upload(m);
        REQUIRE(guarded.has_value());
        CHECK(guarded->public_addresses_only);
    }

    options.storage_url = "https://storage.example.org/";
    const auto named = sample(options).encode_upload(frame());
    REQUIRE(named.has_value());
    CHECK(has(named->head->bytes(), "\r\nHost: storage.example.org\r\n"));
    options.storage_url = "storage.example.org";
    const auto bad = sample(options).encode_upload(frame());
    REQUIRE(bad.has_error());
    CHECK(bad.error() == errc::invalid_options);
    CHECK(bad.error().facts().field == "storage_url");
}

TEST_CASE("fal: an answer without links that can be used fails, and may be asked for again")
{
    const cokino::fal host = sample();
    auto bodies = hostile_bodies();
    bodies.push_back({"no file link", R"({"upload_url":"https://v3b.fal.media/x"})"});
    bodies.push_back({"no upload link", R"({"file_url":"https://v3b.fal.media/x"})"});
    bodies.push_back({"no links", R"({"upload_url":"x","file_url":"y"})"});
    bodies.push_back({"plain file link", R"({"upload_url":"https://v3b.fal.media/x",)"
                                         R"("file_url":"http://v3b.fal.media/x"})"});
    for (const auto& hostile : bodies) {
        CAPTURE(hostile.what);
        auto m = frame();
        const auto read = host.decode_upload(m, answer(200, hostile.text));
        REQUIRE(read.has_error());
        CHECK(read.error().facts().operation == "upload");
        check_facts(read.error(), "fal", 200);
        CHECK(m.url.empty());
        const auto again = host.encode_upload(m);
        REQUIRE(again.has_value());
        CHECK(again->head->method() == cokino::wire::method::post);
    }
    auto plain = frame();
    plain.target = "http://v3b.fal.media/x?sig=s3cr3t";
    const auto refused = host.encode_upload(plain);
    REQUIRE(refused.has_error());
    CHECK(refused.error() == errc::link_refused);
    CHECK_FALSE(has(printed(refused.error()), "s3cr3t"));
}

TEST_CASE("fal: a refused upload says why; the signed link's refusal says nothing of the key")
{
    const cokino::fal host = sample();
    const struct {
        unsigned status;
        const char* body;
        errc announced, put;
    } rows[] = {
        {401, R"({"detail":"invalid key credentials"})", errc::unauthorised, errc::link_expired},
        {403, R"({"detail":"User is locked. Reason: Exhausted balance."})", errc::out_of_credit,
         errc::out_of_credit},
        {403, "<Error><Code>AccessDenied</Code></Error>", errc::forbidden, errc::link_expired},
        {404, "", errc::not_found, errc::link_expired},
        {413, "", errc::request_rejected, errc::request_rejected},
        {429, "", errc::rate_limited, errc::rate_limited},
        {503, "<html>", errc::host_fault, errc::host_fault},
    };
    for (const auto& row : rows) {
        CAPTURE(row.status);
        auto m = frame();
        const auto first = host.decode_upload(m, answer(row.status, row.body));
        REQUIRE(first.has_error());
        CHECK(first.error() == row.announced);
        CHECK(first.error().facts().billed == cokino::billing::no);
        check_facts(first.error(), "fal", row.status);
        REQUIRE(host.decode_upload(m, answer(200, told)).has_value());
        const auto second = host.decode_upload(m, answer(row.status, row.body));
        REQUIRE(second.has_error());
        CHECK(second.error() == row.put);
        CHECK(m.url.empty());
    }
}

TEST_CASE("fal: states are had as events below the status's link")
{
    const cokino::fal host = sample();
    const auto sent = host.encode(cokino::text_to_video("a"), cokino::submit_context());
    REQUIRE(sent.has_value());
    auto job = record_of(sent->route, "7d1f2c90");
    const auto stream = host.encode_stream(job);
    REQUIRE(stream.has_value());
    CHECK(stream->head->bytes() ==
          "GET /fal-ai/kling-video/requests/7d1f2c90/status/stream HTTP/1.1\r\n"
          "Host: queue.fal.run\r\n"
          "User-Agent: cokino/0.1.0\r\n"
          "Accept: text/event-stream\r\n"
          "Authorization: Key " +
              std::string(canary) + "\r\n");
    cokino::fal_options options;
    options.logs = true;
    const auto logged = sample(options).encode_stream(job);
    REQUIRE(logged.has_value());
    CHECK(target_of(*logged) == "GET /fal-ai/kling-video/requests/7d1f2c90/status/stream?logs=1");
    job.status_url = "https://queue.fal.run/moved/status?token=x";
    const auto moved = host.encode_stream(job);
    REQUIRE(moved.has_value());
    CHECK(target_of(*moved) == "GET /moved/status/stream?token=x");
    job.status_url = "https://evil.example/status";
    const auto foreign = host.encode_stream(job);
    REQUIRE(foreign.has_error());
    CHECK(foreign.error() == errc::link_refused);
    CHECK_FALSE(has(printed(foreign.error()), canary));
}

TEST_CASE("fal: an event says what a look would have said")
{
    const cokino::fal host = sample();
    const auto sent = host.encode(cokino::text_to_video("a"), cokino::submit_context());
    REQUIRE(sent.has_value());
    const auto job = record_of(sent->route, "7d1f2c90");
    const auto queued = host.decode_stream(
        job, R"({"status":"IN_QUEUE","request_id":"7d1f2c90","queue_position":1})");
    REQUIRE(queued.has_value());
    CHECK(queued->state == job_state::queued);
    CHECK(queued->queue_position == 1);
    const auto done = host.decode_stream(
        job, R"({"status":"COMPLETED","request_id":"7d1f2c90","metrics":{"inference_time":88.1}})");
    REQUIRE(done.has_value());
    CHECK(done->state == job_state::succeeded);
    CHECK(done->result_pending);
    const auto expired = host.decode_stream(
        job, R"({"status":"COMPLETED","error":"too late","error_type":"request_timeout"})");
    REQUIRE(expired.has_value());
    CHECK(expired->state == job_state::failed);
    CHECK(*expired->error == errc::job_expired);
    const auto odd = host.decode_stream(job, R"({"status":"DREAMING"})");
    REQUIRE(odd.has_value());
    CHECK(odd->state == job_state::unknown);
    for (const char* nonsense : {"", "[DONE]", "{\"status\":\"COMPL", "null", "{}"})
        CHECK(host.decode_stream(job, nonsense).has_error());
}

} // namespace fal_upload_test
