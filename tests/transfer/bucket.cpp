// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The verbs of a bucket against a service in memory: what is sent, what follows from answers and
// faults, and that no key is ever seen where it should not be.

#include <cokino/async/with_timeout.hpp>
#include <cokino/transfer/bucket.hpp>

#include "fake_bucket.hpp"
#include "media_host.hpp"

#include <doctest/doctest.h>

#include <string>

namespace bucket_test {

using namespace fake_bucket_test;
using media_host_test::scratch_directory;
using media_host_test::write_file;

TEST_CASE("a put is one signed request that carries digest, type and metadata")
{
    buckets b;
    object_options options;
    options.metadata.emplace_back("Job-Id", "j 1");
    const auto r = b.outcome(b.clips.put("a/b c.mp4", "bytes", options));
    REQUIRE(r.has_value());
    CHECK(b.service.texts() == "PUT a/b c.mp4");
    const auto& made = b.service.objects.at("a/b c.mp4");
    CHECK(made.bytes == "bytes");
    CHECK(made.fields.at("content-type") == "video/mp4");
    CHECK(made.fields.at("x-amz-meta-job-id") == "j 1");
    CHECK(made.fields.at("x-amz-meta-sha256") == r->sha256);
    CHECK(r->sha256 == wire::hex_encode(wire::sha256_of("bytes")));
    CHECK(r->etag == made.etag);
    CHECK(r->bytes == 5);
    CHECK_FALSE(r->existed);
    CHECK(b.service.log[0].public_only);
    CHECK(b.service.log[0].fields.at("host") == "s3.example.com");
    CHECK(b.service.log[0].fields.at("if-none-match") == "*");
    CHECK(b.service.log[0].head.find("SKCANARY") == std::string::npos);
}

TEST_CASE(
    "before a large body the service is asked for leave, unless it does not know the question")
{
    constexpr auto large = limits::continue_body_bytes_min;
    buckets b;
    REQUIRE(b.outcome(b.clips.put("small", std::string(large - 1, 'x'))).has_value());
    CHECK(b.service.log.back().continue_wait == 0ms);
    REQUIRE(b.outcome(b.clips.put("large", std::string(large, 'x'))).has_value());
    CHECK(b.service.log.back().continue_wait == 1s);
    b.fail("PUT other", says(s3_error(417, "ExpectationFailed")));
    REQUIRE(b.outcome(b.clips.put("other", std::string(large, 'x'))).has_value());
    REQUIRE(b.service.log.size() == 4);
    CHECK(b.service.log[2].continue_wait == 1s);
    CHECK(b.service.log[3].continue_wait == 0ms);
    REQUIRE(b.outcome(b.clips.put("next", std::string(large, 'x'))).has_value());
    CHECK(b.service.log.back().continue_wait == 0ms);

    auto o = buckets::settings();
    o.continue_wait = 0ms;
    buckets off(o);
    REQUIRE(off.outcome(off.clips.put("large", std::string(large, 'x'))).has_value());
    CHECK(off.service.log.back().continue_wait == 0ms);
}

TEST_CASE("the bucket's name goes into the host or into the path")
{
    virtual_test t;
    fake_bucket service(t.ex());
    const auto link = [&](bucket_options o) {
        bucket b(t.ex(), service, std::move(o), bucket_keys::of("AK", "SK"));
        const auto r = t.outcome(b.presign_get("k", 60s));
        REQUIRE(r.has_value());
        return r->substr(0, r->find('?'));
    };
    auto o = buckets::settings();
    CHECK(link(o) == "https://s3.example.com/clips/k");
    o.addressing = bucket_addressing::host;
    CHECK(link(o) == "https://clips.s3.example.com/k");
    o.endpoint.clear();
    o.region = "eu-central-1";
    o.addressing = bucket_addressing::automatic;
    CHECK(link(o) == "https://clips.s3.eu-central-1.amazonaws.com/k");
    o.name = "my.clips";
    CHECK(link(o) == "https://s3.eu-central-1.amazonaws.com/my.clips/k");
    o.addressing = bucket_addressing::path;
    o.endpoint = "http://127.0.0.1:9000";
    o.allow_insecure = true;
    CHECK(link(o) == "http://127.0.0.1:9000/my.clips/k");
}

TEST_CASE("head and remove: what is there, what is not, and nothing twice")
{
    buckets b;
    CHECK(b.outcome(b.clips.head("k")).error() == errc::not_found);
    REQUIRE(b.outcome(b.clips.put("k", "x")).has_value());
    const auto head = b.outcome(b.clips.head("k"));
    REQUIRE(head.has_value());
    CHECK(head->bytes == 1);
    CHECK(head->content_type == "application/octet-stream");
    CHECK(b.outcome(b.clips.remove("k")).has_value());
    CHECK(b.service.objects.empty());
    b.fail("DELETE k", says(s3_error(404, "NoSuchKey")));
    CHECK(b.outcome(b.clips.remove("k")).has_value());
    b.fail("DELETE k", says(s3_error(404, "NoSuchBucket")));
    CHECK(b.outcome(b.clips.remove("k")).error() == errc::not_found);
}

TEST_CASE("the same bytes count as done, other ones are refused, and may be told to be replaced")
{
    for (const bool conditional : {true, false}) {
        buckets b;
        b.service.conditional = conditional;
        REQUIRE(b.outcome(b.clips.put("k", "one")).has_value());
        const auto same = b.outcome(b.clips.put("k", "one"));
        REQUIRE(same.has_value());
        CHECK(same->existed);
        const auto other = b.outcome(b.clips.put("k", "two"));
        REQUIRE(other.has_error());
        CHECK(other.error() == errc::object_exists);
        CHECK(b.service.objects.at("k").bytes == "one");
        object_options options;
        options.overwrite = true;
        CHECK(b.outcome(b.clips.put("k", "two", options)).has_value());
        CHECK(b.service.objects.at("k").bytes == "two");
    }
}

TEST_CASE(
    "a put of which nobody knows whether it was done is looked after, never doubled in effect")
{
    for (const bool done : {true, false}) {
        buckets b;
        b.fail("PUT k", lost(done));
        const auto r = b.outcome(b.clips.put("k", "x"));
        REQUIRE(r.has_value());
        CHECK_FALSE(r->existed);
        CHECK(b.service.texts() == (done ? "PUT k, HEAD k" : "PUT k, HEAD k, PUT k"));
    }
}

TEST_CASE("what was done though it was called refused was not there before")
{
    buckets b;
    b.fail("PUT k", says(s3_error(503, "SlowDown"), true));
    const auto r = b.outcome(b.clips.put("k", "x"));
    REQUIRE(r.has_value());
    CHECK_FALSE(r->existed); // the second put met the object of the first
    CHECK(b.service.texts() == "PUT k, PUT k, HEAD k");
}

TEST_CASE("a busy service is waited for as it asks, and left after the tries")
{
    buckets b;
    auto busy = s3_error(503, "SlowDown");
    busy.add_field("retry-after", "20");
    b.fail("HEAD k", says(busy));
    REQUIRE(b.outcome(b.clips.put("k", "x")).has_value());
    auto s = b.t.start(b.clips.head("k"));
    b.t.finish(s);
    CHECK(s.outcome().has_value());
    CHECK(s.took() >= 20s);
    CHECK(s.took() < 25s);
    b.service.log.clear();
    b.fail("HEAD k", says(s3_error(500, "InternalError")), 99);
    const auto r = b.outcome(b.clips.head("k"));
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::host_fault);
    CHECK(r.error().facts().attempts == 5);
    CHECK(b.service.log.size() == 5);
}

TEST_CASE("a wrong clock and a wrong region are learnt once, and remembered")
{
    auto o = buckets::settings();
    o.region = "eu-west-1";
    buckets b(o);
    b.service.clock_ahead = 3h;
    REQUIRE(b.outcome(b.clips.put("k", "x")).has_value());
    CHECK(b.service.log.size() == 3);
    REQUIRE(b.outcome(b.clips.head("k")).has_value());
    CHECK(b.service.log.size() == 4);
}

TEST_CASE("a HEAD whose refusal has no words finds the region too")
{
    auto o = buckets::settings();
    o.region = "eu-west-1";
    buckets b(o);
    CHECK(b.outcome(b.clips.head("k")).error() == errc::not_found);
    CHECK(b.service.texts() == "HEAD k, GET ?location, GET ?location, HEAD k");
}

TEST_CASE("redirects are not followed, and the keys stay where they are")
{
    buckets b;
    auto elsewhere = wire::make_response(307, "", "");
    elsewhere.add_field("location", "https://evil.example/clips/k");
    b.fail("PUT k", says(elsewhere));
    const auto r = b.outcome(b.clips.put("k", "x"));
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::redirect_refused);
    CHECK(b.service.log.size() == 1);
    CHECK(r.error().describe().find("another endpoint") != std::string::npos);
}

TEST_CASE("keys that expire are fetched anew, once for all who wait, and after a refusal")
{
    unsigned asked = 0;
    virtual_test t;
    fake_bucket service(t.ex());
    service.token = "token-1";
    const auto fetch = [](unsigned* count, fake_bucket* s,
                          executor ex) -> awaitable<result<bucket_key>> {
        ++*count;
        co_await sleep_for(1s);
        bucket_key key;
        key.pair.id = "AKCANARY";
        key.pair.key = secret("SKCANARY");
        key.pair.token = secret(s->token);
        key.expires_at = time_of(ex).system_now() + 1h;
        co_return key;
    };
    bucket b(t.ex(), service, buckets::settings(),
             bucket_keys::from([&] { return fetch(&asked, &service, t.ex()); }));
    auto one = t.start(b.put("a", "x"));
    auto two = t.start(b.put("b", "x"));
    t.finish(one);
    t.finish(two);
    CHECK(one.outcome().has_value());
    CHECK(two.outcome().has_value());
    CHECK(asked == 1);
    service.token = "token-2"; // revoked before its time
    CHECK(t.outcome(b.put("c", "x")).has_value());
    CHECK(asked == 2);
    t.time.run_for(56min);
    CHECK(t.outcome(b.put("d", "x")).has_value());
    CHECK(asked == 3);
}

TEST_CASE("what is wrong is named, and nothing is sent")
{
    const auto refused = [](auto change) {
        auto o = buckets::settings();
        change(o);
        buckets b(o);
        const auto r = b.outcome(b.clips.put("k", "x"));
        REQUIRE(r.has_error());
        CHECK(r.error() == errc::invalid_options);
        CHECK(b.service.log.empty());
        return r.error().facts().field;
    };
    CHECK(refused([](auto& o) { o.name = "Clips"; }) == "name");
    CHECK(refused([](auto& o) { o.name = "a/b"; }) == "name");
    CHECK(refused([](auto& o) { o.endpoint = "http://s3.example.com"; }) == "endpoint");
    CHECK(refused([](auto& o) { o.endpoint = "https://s3.example.com/x"; }) == "endpoint");
    CHECK(refused([](auto& o) { o.region = "a.b"; }) == "region");
    CHECK(refused([](auto& o) { o.part_bytes = 1024; }) == "part_bytes");
    CHECK(refused([](auto& o) { o.parts_in_flight = 0; }) == "parts_in_flight");
    CHECK(refused([](auto& o) { o.tries_max = 0; }) == "tries_max");
    CHECK(refused([](auto& o) { o.stall = 0ms; }) == "stall");
    CHECK(refused([](auto& o) { o.continue_wait = -1ms; }) == "continue_wait");
    CHECK(refused([](auto& o) { o.answer = 0ms; }) == "answer");
    CHECK(refused([](auto& o) { o.backoff.cap = 0ms; }) == "cap");
    buckets b;
    for (const std::string key : {"", "/a", "a/", "a//b", "../a", "a/./b", "a\nb", "\xFF"})
        CHECK(b.outcome(b.clips.put(key, "x")).error().facts().field == "key");
    CHECK(b.outcome(b.clips.head(std::string(1025, 'k'))).error().facts().field == "key");
    CHECK(b.outcome(b.clips.presign_get("k", 0s)).error().facts().field == "lifetime");
    CHECK(b.outcome(b.clips.presign_put("k", 24h * 8)).error().facts().field == "lifetime");
    object_options o;
    o.metadata.emplace_back("sha256", "x");
    CHECK(b.outcome(b.clips.put("k", "x", o)).error().facts().field == "metadata");
    o.metadata[0] = {"a", "x\r\ny"};
    CHECK(b.outcome(b.clips.put("k", "x", o)).error().facts().field == "metadata");
    CHECK(b.service.log.empty());
}

TEST_CASE("a file goes in parts, each signed by its own digest, and must not change meanwhile")
{
    buckets b;
    scratch_directory dir;
    const auto bytes = noise(11 * 1024 * 1024);
    write_file(dir / "f", bytes);
    const auto r = b.outcome(b.clips.put_file("f", dir / "f"));
    REQUIRE(r.has_value());
    CHECK(b.service.objects.at("f").bytes == bytes);
    CHECK(b.service.objects.at("f").fields.at("x-amz-meta-sha256") == r->sha256);
    CHECK(b.service.uploads.empty());
    CHECK(b.service.log.size() == 6); // begin, three parts, look, complete

    b.service.faults = [&](const s3_seen& seen) {
        if (seen.has("partNumber"))
            write_file(dir / "f", noise(11 * 1024 * 1024, 2));
        return s3_fault();
    };
    const auto changed = b.outcome(b.clips.put_file("g", dir / "f"));
    REQUIRE(changed.has_error());
    CHECK(changed.error() == errc::file_failed);
    CHECK(b.outcome(b.clips.settle()).has_value());
    CHECK(b.service.uploads.empty());
    CHECK(b.service.objects.count("g") == 0);
    CHECK(b.outcome(b.clips.put_file("g", dir / "none")).error() == errc::file_failed);
}

TEST_CASE("stale uploads are removed by age and prefix")
{
    buckets b;
    b.service.uploads["u1"] = {"a/x", {}, {}, b.t.time.system_now() - 2h};
    b.service.uploads["u2"] = {"b/x", {}, {}, b.t.time.system_now() - 2h};
    b.service.uploads["u3"] = {"a/y", {}, {}, b.t.time.system_now() - 1min};
    CHECK(b.outcome(b.clips.abort_stale_uploads(1h, "a/")).value() == 1);
    CHECK(b.service.uploads.count("u1") == 0);
    CHECK(b.outcome(b.clips.abort_stale_uploads(1h)).value() == 1);
    CHECK(b.service.uploads.size() == 1);
}

// ---- the standard four, for each verb ----------------------------------------------------------

/// Each verb as something that can be started.
template <class F> void each_verb(F check)
{
    const auto make = [](int verb, buckets& b, std::string path) -> awaitable<void> {
        switch (verb) {
        case 0: co_await b.clips.put("k", "x"); break;
        case 1: co_await b.clips.put_file("k", path); break;
        case 2: co_await b.clips.head("k"); break;
        case 3: co_await b.clips.remove("k"); break;
        default: co_await b.clips.abort_stale_uploads(1h); break;
        }
    };
    scratch_directory dir;
    write_file(dir / "f", noise(6 * 1024 * 1024));
    for (int verb = 0; verb < 5; ++verb) {
        CAPTURE(verb);
        buckets b;
        b.service.takes = 10s;
        check(b, [&] { return make(verb, b, dir / "f"); });
    }
}

TEST_CASE("cancelled before it starts, no verb sends anything")
{
    each_verb([](buckets& b, auto make) {
        const auto r = b.t.cancelled_before_start(make());
        REQUIRE(r.has_error());
        CHECK(r.error() == errc::cancelled);
        CHECK(b.service.log.empty());
    });
}

TEST_CASE("cancelled while it waits for an answer, each verb stops at once")
{
    each_verb([](buckets& b, auto make) {
        auto s = b.t.start(make());
        s.cancel_after(5s);
        b.t.finish(s);
        REQUIRE(s.outcome().has_error());
        CHECK(s.outcome().error() == errc::cancelled);
        CHECK(s.took() == 5s);
        CHECK(b.outcome(b.clips.settle()).has_value());
        CHECK(b.service.objects.empty());
    });
}

TEST_CASE("a deadline ends each verb as it ends any operation")
{
    each_verb([](buckets& b, auto make) {
        const auto r = b.outcome(with_timeout(make(), 5s));
        REQUIRE(r.has_error());
        CHECK(r.error() == errc::deadline_passed);
    });
}

TEST_CASE("each step may fail in turn: the failure is told with its place, and no key in it")
{
    for (const errc code : {errc::connect_failed, errc::certificate_rejected, errc::closed,
                            errc::connection_lost, errc::response_malformed}) {
        each_verb([&](buckets& b, auto make) {
            s3_fault f;
            f.fails = failure(code, fate::maybe_sent);
            b.service.faults = [f](const s3_seen&) { return f; };
            const auto r = b.outcome(make());
            REQUIRE(r.has_error());
            CHECK(r.error() == code);
            CHECK(r.error().facts().host == "s3.example.com");
            CHECK_FALSE(r.error().facts().operation.empty());
            CHECK(r.error().describe().find("CANARY") == std::string::npos);
        });
    }
}

TEST_CASE("the secret is in no request, and neither it nor a signature in what is told")
{
    struct watcher {
        std::string told;
        void on_retry(const retry_event& e) { told += e.why->describe(); }
    } watch;
    buckets b(buckets::settings(), {}, observer(watch));
    auto echo = s3_error(503, "SlowDown",
                         "<AWSAccessKeyId>AKCANARY</AWSAccessKeyId><StringToSign>SIGCANARY"
                         "</StringToSign>");
    b.fail("PUT k", says(echo), 99);
    const auto r = b.outcome(b.clips.put("k", "x"));
    REQUIRE(r.has_error());
    CHECK_FALSE(watch.told.empty());
    for (const auto* text : {"CANARY", "Signature="}) {
        CHECK(watch.told.find(text) == std::string::npos);
        CHECK(r.error().describe().find(text) == std::string::npos);
    }
    for (const auto& seen : b.service.log)
        CHECK(seen.head.find("SKCANARY") == std::string::npos);
}

} // namespace bucket_test
