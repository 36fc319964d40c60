// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Downloads straight into a bucket, both ends in memory: whole or not at all, whatever fails.

#include "bucket_streams.hpp"

#include <doctest/doctest.h>

#include <string>

namespace bucket_sink_test {

using namespace bucket_streams_test;

TEST_CASE("a long clip goes in parts while it comes, and has its key only in the end")
{
    streams s;
    s.service.takes = 100ms;
    s.service.faults = [&](const s3_seen&) {
        CHECK(s.service.objects.empty());
        return s3_fault();
    };
    const auto r = s.run();
    REQUIRE(r.has_value());
    s.check_whole();
    CHECK(r->duration == 5s);
    CHECK(r->path == "bucket clips, neon.mp4");
    CHECK(s.into.stored().bytes == s.file.bytes.size());
    CHECK(
        s.service.texts() ==
        "POST neon.mp4?uploads, PUT neon.mp4?uploadId?partNumber=1, PUT neon.mp4?uploadId?"
        "partNumber=2, PUT neon.mp4?uploadId?partNumber=3, HEAD neon.mp4, POST neon.mp4?uploadId");
    CHECK(s.service.bodies_most == 5 * mib); // one part on its way at a time
}

TEST_CASE("a short clip is one request, sent when all of it has been checked")
{
    media file;
    file.bytes = testing::clip(5, aspect_ratio::landscape_16_9);
    streams s(file);
    REQUIRE(s.run().has_value());
    s.check_whole();
    CHECK(s.service.texts() == "PUT neon.mp4");
    CHECK(s.service.objects.at("neon.mp4").fields.at("x-amz-meta-sha256") ==
          wire::hex_encode(wire::sha256_of(file.bytes)));

    bucket_sink twice(s.clips, "neon.mp4");
    REQUIRE(s.outcome(s.loads.download(s.clip, twice)).has_value());
    CHECK(twice.stored().existed);
}

TEST_CASE("the same clip in parts again is known by its parts, and another one is refused")
{
    streams s;
    REQUIRE(s.run().has_value());
    bucket_sink again(s.clips, "neon.mp4");
    REQUIRE(s.outcome(s.loads.download(s.clip, again)).has_value());
    CHECK(again.stored().existed);
    s.check_whole();
    s.service.objects.at("neon.mp4").etag = "\"another-3\"";
    bucket_sink other(s.clips, "neon.mp4");
    const auto r = s.outcome(s.loads.download(s.clip, other));
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::object_exists);
    s.check_whole();
}

TEST_CASE("with checksums an object in parts is known again where its tag is no digest")
{
    for (const bool checksums : {false, true}) {
        CAPTURE(checksums);
        auto o = buckets::settings();
        o.checksums = checksums;
        streams s(long_clip(), o);
        s.service.opaque_tags = true;
        REQUIRE(s.run().has_value());
        bucket_sink again(s.clips, "neon.mp4");
        const auto r = s.outcome(s.loads.download(s.clip, again));
        CHECK(r.has_value() == checksums);
        CHECK((r.has_error() ? r.error() == errc::object_exists : again.stored().existed));
        s.check_whole();

        auto& stored = s.service.objects.at("neon.mp4");
        CHECK(stored.checksum.empty() != checksums);
        stored.checksum = "another-3";
        bucket_sink other(s.clips, "neon.mp4");
        const auto refused = s.outcome(s.loads.download(s.clip, other));
        REQUIRE(refused.has_error());
        CHECK(refused.error() == errc::object_exists);
    }
    auto o = buckets::settings();
    o.checksums = true;
    buckets small(o);
    REQUIRE(small.outcome(small.clips.put("k", "bytes")).has_value());
    // The SHA-256 of "bytes", by another tool.
    CHECK(small.service.objects.at("k").checksum == "J3CJ2RwL308uaGK6fkoHYFEZQx9dE/cm3TUrBvGyBqk=");
}

TEST_CASE("several parts may be on their way at once, and no more of them than allowed")
{
    auto o = buckets::settings();
    o.parts_in_flight = 2;
    streams s(long_clip(), o);
    s.service.takes = 10s;
    REQUIRE(s.run().has_value());
    s.check_whole();
    CHECK(s.service.bodies_most == 10 * mib);
}

TEST_CASE("a file that changes under way starts its upload anew")
{
    streams s;
    s.host.answers = [&, n = 0](const seen& r) mutable {
        auto file = s.file;
        file.etag = n == 0 ? "\"v1\"" : "\"v2\"";
        auto a = media_host_test::serve(file, r);
        if (n++ == 0)
            a.breaks_after = 11 * mib;
        return a;
    };
    const auto r = s.run();
    REQUIRE(r.has_value());
    CHECK(r->restarts == 1);
    s.check_whole();
}

TEST_CASE("each request may be lost, done or not, and the object comes all the same")
{
    const char* const requests[] = {"POST neon.mp4?uploads", "PUT neon.mp4?uploadId?partNumber=2",
                                    "HEAD neon.mp4", "POST neon.mp4?uploadId"};
    for (const auto* const text : requests) {
        for (const bool done : {true, false}) {
            CAPTURE(text);
            CAPTURE(done);
            auto alone = buckets::settings();
            alone.sole_writer = true; // or an upload that was begun unconfirmed would be left
            streams s(long_clip(), alone);
            s.fail(text, lost(done));
            REQUIRE(s.run().has_value());
            s.check_whole();
            CHECK_FALSE(s.into.stored().existed);
        }
    }
}

TEST_CASE("an upload knows its own object by its mark, where tags are no digests of the parts")
{
    streams s;
    s.service.faults = [&, n = 0](const s3_seen& r) mutable {
        for (auto& made : s.service.objects)
            made.second.etag = "\"encrypted\"";
        return r.text() == "POST neon.mp4?uploadId" && n++ == 0 ? lost(true) : s3_fault();
    };
    REQUIRE(s.run().has_value());
    CHECK_FALSE(s.into.stored().existed);
    CHECK(s.into.stored().etag == "\"encrypted\"");
    s.check_whole();
}

TEST_CASE("each request may be refused: the download fails, and nothing is left")
{
    for (const auto* const text :
         {"POST neon.mp4?uploads", "PUT neon.mp4?uploadId?partNumber=1",
          "PUT neon.mp4?uploadId?partNumber=3", "POST neon.mp4?uploadId"}) {
        CAPTURE(text);
        streams s;
        s.fail(text, says(s3_error(403, "AccessDenied")), 99);
        const auto r = s.run();
        REQUIRE(r.has_error());
        CHECK(r.error() == errc::forbidden);
        CHECK(r.error().facts().host_code == "AccessDenied");
        CHECK(r.error().facts().request_id == "req-7");
        s.check_nothing();
    }
}

TEST_CASE("a complete is believed by what it says, not by its status")
{
    streams late;
    late.fail("POST neon.mp4?uploadId", says(s3_error(200, "InternalError")));
    REQUIRE(late.run().has_value());
    late.check_whole();

    streams bare;
    bare.service.tags = false; // as RGW answers a second complete
    REQUIRE(bare.run().has_value());
    CHECK(bare.service.log.back().text() == "HEAD neon.mp4");
    bare.check_whole();

    streams unknown; // twice unknown: the parts are asked for, and are still there
    unknown.fail("POST neon.mp4?uploadId", lost(false), 2);
    REQUIRE(unknown.run().has_value());
    CHECK(unknown.service.texts().find("GET neon.mp4?uploadId") != std::string::npos);
    unknown.check_whole();
}

TEST_CASE("a key that may only write is enough, where conditional writes are offered")
{
    streams s;
    s.service.may_look = false;
    REQUIRE(s.run().has_value());
    s.check_whole();
}

TEST_CASE("what is not what was ordered never gets there")
{
    media file;
    file.bytes = testing::clip(10, aspect_ratio::landscape_16_9, 12 * mib);
    streams s(file);
    const auto r = s.run();
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::content_mismatch);
    s.check_nothing();
}

TEST_CASE("cancelled before it starts, or while anything is under way, it leaves nothing")
{
    streams before;
    CHECK(before.t.cancelled_before_start(before.download()).error() == errc::cancelled);
    CHECK(before.service.log.empty());
    for (int second = 1; second < 40; second += 2) {
        CAPTURE(second);
        streams s;
        s.service.takes = 10s;
        s.host.answers = [&](const seen& r) {
            auto a = media_host_test::serve(s.file, r);
            a.piece = mib;
            a.each = 500ms;
            return a;
        };
        auto d = s.t.start(s.download());
        d.cancel_after(std::chrono::seconds(second));
        s.t.finish(d);
        REQUIRE(d.outcome().has_error());
        CHECK(d.outcome().error() == errc::cancelled);
        CHECK(d.took() == std::chrono::seconds(second));
        CHECK(s.outcome(s.clips.settle()).has_value());
        CHECK(s.service.objects.empty());
        CHECK(s.service.uploads.empty());
    }
}

TEST_CASE("a deadline ends it, and what was begun is removed")
{
    streams s;
    s.service.takes = 10s;
    download_options options;
    options.total = 25s;
    const auto r = s.outcome(s.loads.download(s.clip, s.into, options));
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::deadline_passed);
    s.check_nothing();
}

TEST_CASE("tidying is bounded, and a bucket may go while it is under way")
{
    streams s;
    s.service.faults = [](const s3_seen& r) {
        s3_fault f;
        if (r.method == "DELETE")
            f.takes = 24h;
        else if (r.has("partNumber"))
            return says(s3_error(403, "AccessDenied"));
        return f;
    };
    REQUIRE(s.run().has_error());
    auto settled = s.t.start(s.clips.settle());
    s.t.finish(settled);
    CHECK(settled.outcome().has_value());
    CHECK(settled.took() <= 30s);
    {
        virtual_test t;
        fake_bucket service(t.ex());
        service.takes = 10s;
        std::optional<bucket> clips;
        clips.emplace(t.ex(), service, buckets::settings(),
                      bucket_keys::of("AKCANARY", "SKCANARY"));
        media_host host(long_clip());
        downloader loads(t.ex(), host);
        {
            bucket_sink into(*clips, "k");
            CHECK(t.cancelled_after(15s, loads.download(s.clip, into)).has_error());
        }
        clips.reset();
        t.time.run();
    }
}

} // namespace bucket_sink_test
