// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bucket against services that others wrote and that check signatures for real: Ceph RGW and
// Swift's s3api, as run.sh starts them.
//
//   tests/oracles/run.sh rgw cokino_oracle_bucket
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "bucket_server.hpp"

#include <cokino/testing/clips.hpp>
#include <cokino/transfer/downloader.hpp>
#include <cokino/wire/signature.hpp>

#include "transfer/media_host.hpp"

#include <algorithm>
#include <string>

namespace bucket_oracle_test {

using media_host_test::media;
using media_host_test::media_host;
using media_host_test::scratch_directory;
using media_host_test::seen;
using media_host_test::write_file;

constexpr std::size_t mib = 1024 * 1024;

/// Bytes that differ everywhere, so that parts in the wrong order are seen.
std::string noise(std::size_t size, std::uint64_t seed = 1)
{
    random_source random(seed);
    std::string out;
    out.reserve(size + 8);
    while (out.size() < size) {
        const auto word = random.next();
        out.append(reinterpret_cast<const char*>(&word), sizeof word);
    }
    out.resize(size);
    return out;
}

TEST_CASE("what is put is there, as it was put, until it is removed")
{
    service s;
    const std::string key = "plain/\xC3\xA4 b+c & (1)~'=.mp4";
    object_options options;
    options.metadata.emplace_back("Note", "two  words");
    const auto bytes = noise(100'000);
    const auto put = s.outcome(s.clips.put(key, bytes, options));
    REQUIRE_OK(put);
    CHECK_FALSE(put->existed);
    const auto head = s.outcome(s.clips.head(key));
    REQUIRE_OK(head);
    CHECK(head->bytes == bytes.size());
    CHECK(head->sha256 == wire::hex_encode(wire::sha256_of(bytes)));
    CHECK(head->content_type == "video/mp4");
    CHECK(head->etag == put->etag);
    const auto got = s.read_back(key);
    CHECK(got.body() == bytes);
    CHECK(got.field("x-amz-meta-note").find("words") != std::string_view::npos);
    REQUIRE_OK(s.outcome(s.clips.remove(key)));
    CHECK(s.outcome(s.clips.head(key)).error() == errc::not_found);
    CHECK_OK(s.outcome(s.clips.remove(key)));
}

TEST_CASE("nothing is replaced unasked: the same bytes are done, other ones are refused")
{
    service s;
    REQUIRE_OK(s.outcome(s.clips.put("once", "first")));
    const auto again = s.outcome(s.clips.put("once", "first"));
    REQUIRE_OK(again);
    CHECK(again->existed);
    const auto other = s.outcome(s.clips.put("once", "other"));
    REQUIRE(other.has_error());
    CHECK(other.error() == errc::object_exists);
    CHECK(s.read_back("once").body() == "first");
    object_options options;
    options.overwrite = true;
    CHECK_OK(s.outcome(s.clips.put("once", "other", options)));
    CHECK(s.read_back("once").body() == "other");
}

TEST_CASE("the service answers a conditional put as it is known to, and both answers are handled")
{
    service s;
    REQUIRE_OK(s.outcome(s.clips.put("condition", "x")));
    auto r = s.raw(wire::method::put, "condition", "y");
    r.fields.emplace_back("if-none-match", "*");
    const auto answer = s.call(std::move(r));
    REQUIRE_OK(answer);
    CHECK(answer->status == (s.is_swift() ? 501 : 412));
}

TEST_CASE("a file in three parts arrives whole; again it is known by its parts; another is refused")
{
    service s(5 * mib);
    scratch_directory dir;
    const auto bytes = noise(12 * mib + 345);
    write_file(dir / "a.bin", bytes);
    const auto put = s.outcome(s.clips.put_file("parts/a.bin", dir / "a.bin"));
    REQUIRE_OK(put);
    CHECK(s.read_back("parts/a.bin").body() == bytes);
    const auto head = s.outcome(s.clips.head("parts/a.bin"));
    REQUIRE_OK(head);
    CHECK(head->sha256 == put->sha256);
    CHECK(head->etag.find("-3") != std::string::npos);

    const auto again = s.outcome(s.clips.put_file("parts/a.bin", dir / "a.bin"));
    REQUIRE_OK(again);
    CHECK(again->existed);
    write_file(dir / "a.bin", noise(12 * mib, 2));
    const auto other = s.outcome(s.clips.put_file("parts/a.bin", dir / "a.bin"));
    REQUIRE(other.has_error());
    CHECK(other.error() == errc::object_exists);
    REQUIRE_OK(s.outcome(s.clips.settle()));
    CHECK(s.open_uploads() == 0);
    CHECK(s.read_back("parts/a.bin").body() == bytes);
}

TEST_CASE("checksums do no harm at RGW, and Swift refuses a list of parts that has them")
{
    service s(5 * mib);
    scratch_directory dir;
    const auto bytes = noise(6 * mib);
    write_file(dir / "a.bin", bytes);
    auto options = s.options;
    options.checksums = true;
    bucket clips(s.t.ex(), s.network, options, keys());
    const auto put = s.outcome(clips.put_file("sums/a.bin", dir / "a.bin"));
    if (s.is_swift()) {
        REQUIRE(put.has_error());
        CHECK(put.error().facts().host_code == "MalformedXML");
    } else {
        REQUIRE_OK(put);
        CHECK(s.read_back("sums/a.bin").body() == bytes);
        const auto again = s.outcome(clips.put_file("sums/a.bin", dir / "a.bin"));
        REQUIRE_OK(again);
        CHECK(again->existed);
    }
    REQUIRE_OK(s.outcome(clips.put("sums/b", "bytes")));
    CHECK(s.read_back("sums/b").body() == "bytes");
    REQUIRE_OK(s.outcome(clips.settle()));
    CHECK(s.open_uploads() == 0);
}

TEST_CASE("a part that is too small is refused when the upload is completed")
{
    service s;
    const auto id = s.begin_upload("small");
    std::string body = "<CompleteMultipartUpload>";
    for (const char* const number : {"1", "2"}) {
        auto part = s.raw(wire::method::put, "small", "tiny");
        part.query.emplace_back("partNumber", number);
        part.query.emplace_back("uploadId", id);
        const auto sent = s.call(std::move(part));
        REQUIRE_OK(sent);
        REQUIRE(sent->ok());
        body += "<Part><PartNumber>" + std::string(number) + "</PartNumber><ETag>" + sent->etag +
                "</ETag></Part>";
    }
    body += "</CompleteMultipartUpload>";
    auto complete = s.raw(wire::method::post, "small", body);
    complete.query.emplace_back("uploadId", id);
    const auto answer = s.call(std::move(complete));
    REQUIRE_OK(answer);
    CHECK_FALSE(answer->ok());
    CHECK(answer->code == "EntityTooSmall");
    CHECK(cokino::detail::s3_failure(*answer) == errc::request_rejected);
    s.age_uploads();
    CHECK(s.outcome(s.clips.abort_stale_uploads(0s)).value() == 1);
}

TEST_CASE("links that were signed here are good for whoever has them, until they end")
{
    service s;
    const auto put = s.outcome(s.clips.presign_put("links/a", 60s));
    REQUIRE_OK(put);
    CHECK(s.plain(wire::method::put, *put, "by link").status == 200);
    const auto get = s.outcome(s.clips.presign_get("links/a", 60s));
    REQUIRE_OK(get);
    CHECK(s.plain(wire::method::get, *get).body() == "by link");
    CHECK(s.plain(wire::method::put, *get, "no").status == 403);
    auto forged = *get;
    forged.back() = forged.back() == '0' ? '1' : '0';
    CHECK(s.plain(wire::method::get, forged).status == 403);
    CHECK(s.plain(wire::method::get, s.expired_link("links/a")).status == 403);
}

TEST_CASE("a wrong secret and an unknown key are refused, in words that name neither")
{
    service s;
    for (const bool known : {true, false}) {
        bucket wrong(
            s.t.ex(), s.network, s.options,
            bucket_keys::of(known ? setting("COKINO_ORACLE_KEY_ID") : "NOBODY", "canary-secret"));
        const auto r = s.outcome(wrong.put("wrong", "x"));
        REQUIRE(r.has_error());
        CHECK(r.error() == condition::unauthorised);
        CHECK(r.error().facts().http_status == 403);
        CHECK_FALSE(r.error().facts().host_code.empty());
        CHECK(r.error().describe().find("canary") == std::string::npos);
    }
    CHECK(s.outcome(s.clips.head("wrong")).error() == errc::not_found);
}

TEST_CASE("what is refused costs no body, and what is wanted is asked for once")
{
    service s;
    const auto bytes = noise(2 * mib);
    bucket wrong(s.t.ex(), s.network, s.options,
                 bucket_keys::of(setting("COKINO_ORACLE_KEY_ID"), "canary-secret"));
    REQUIRE(s.outcome(wrong.put("wanted", bytes)).has_error());
    CHECK(s.network.statistics().leaves_asked == 1);
    CHECK(s.network.statistics().bodies_withheld == 1);

    const auto before = s.network.statistics();
    REQUIRE_OK(s.outcome(s.clips.put("wanted", bytes)));
    CHECK(s.read_back("wanted").body() == bytes);
    const auto after = s.network.statistics();
    // Swift refuses a conditional put; then one looks and puts again.
    const unsigned refused = s.is_swift() ? 1 : 0;
    CHECK(after.leaves_asked == before.leaves_asked + 1 + refused);
    CHECK(after.bodies_withheld == before.bodies_withheld + refused);
    // Nothing but an answer in time is asked for again.
    object_options options;
    options.overwrite = true;
    REQUIRE_OK(s.outcome(s.clips.put("wanted", bytes, options)));
    CHECK(s.network.statistics().leaves_asked == after.leaves_asked + 1);
    const auto taken = s.outcome(s.clips.put("wanted", noise(2 * mib, 2)));
    REQUIRE(taken.has_error());
    CHECK(taken.error() == errc::object_exists);
    // RGW looks for the object when it has the body.
    CHECK(s.network.statistics().bodies_withheld == after.bodies_withheld + refused);
}

TEST_CASE("bytes that are not those of the digest are refused")
{
    service s;
    auto r = s.raw(wire::method::put, "digest", "what was sent");
    r.digest = cokino::detail::payload_digest("what was meant");
    const auto answer = s.call(std::move(r));
    // Such an answer is worth another try, since the bytes may have changed on their way.
    REQUIRE(answer.has_error());
    CHECK(answer.error() == errc::request_rejected);
    CHECK(answer.error().facts().host_code ==
          (s.is_swift() ? "BadDigest" : "XAmzContentSHA256Mismatch"));
    CHECK(s.outcome(s.clips.head("digest")).error() == errc::not_found);
}

TEST_CASE("a wrong region is corrected once, where the service minds it")
{
    service s;
    auto options = s.options;
    options.region = "eu-nowhere-7";
    for (const bool reading : {false, true}) {
        bucket elsewhere(s.t.ex(), s.network, options, keys());
        const auto before = s.network.statistics().exchanges;
        if (reading)
            CHECK_OK(s.outcome(elsewhere.head("region")));
        else
            CHECK_OK(s.outcome(elsewhere.put("region", "x")));
        const auto corrected = s.network.statistics().exchanges - before;
        // Swift minds the region before all else; then it has no conditional put, but one looks
        // and puts again. The refusal of a HEAD has no words, so that the region is asked for.
        CHECK(corrected == (s.is_swift() ? 4 : 1));
        CHECK_OK(s.outcome(elsewhere.head("region")));
        CHECK(s.network.statistics().exchanges == before + corrected + 1);
    }
}

TEST_CASE("uploads that broke off are found and removed, by their age and prefix")
{
    service s;
    s.begin_upload("stale/a");
    s.begin_upload("stale/b");
    s.begin_upload("other/c");
    CHECK(s.outcome(s.clips.abort_stale_uploads(1h)).value() == 0);
    CHECK(s.open_uploads() == 3);
    s.age_uploads();
    CHECK(s.outcome(s.clips.abort_stale_uploads(0s, "stale/")).value() == 2);
    CHECK(s.open_uploads() == 1);
    CHECK(s.outcome(s.clips.abort_stale_uploads(0s)).value() == 1);
    CHECK(s.open_uploads() == 0);
}

/// Takes the answer to the first CreateMultipartUpload away, once it has come.
class forgetful final : public net::transport
{
public:
    explicit forgetful(net::transport& inner) : inner_(inner) {}

    awaitable<result<wire::response>> exchange(wire::request request) override
    {
        const bool begins = request.head->url().query() == "uploads" &&
                            request.head->method() == wire::method::post;
        auto answer = co_await inner_.exchange(std::move(request));
        if (begins && !std::exchange(forgot_, true))
            co_return failure(errc::connection_lost, fate::maybe_sent);
        co_return answer;
    }
    awaitable<result<std::unique_ptr<net::body_stream>>> open(wire::request request) override
    {
        return inner_.open(std::move(request));
    }

private:
    net::transport& inner_;
    bool forgot_ = false;
};

TEST_CASE("an upload whose beginning was not confirmed is told from others, and removed")
{
    service s(5 * mib);
    scratch_directory dir;
    write_file(dir / "a.bin", noise(6 * mib));
    forgetful network(s.network);
    auto options = s.options;
    options.sole_writer = true;
    bucket clips(s.t.ex(), network, options, keys());
    s.begin_upload("orphans/before");
    REQUIRE_OK(s.outcome(clips.put_file("orphans/a", dir / "a.bin")));
    CHECK(s.open_uploads() == 2);
    REQUIRE_OK(s.outcome(clips.settle()));
    CHECK(s.open_uploads() == 1);
    CHECK(s.read_back("orphans/a").body().size() == 6 * mib);
    s.age_uploads();
    CHECK(s.outcome(s.clips.abort_stale_uploads(0s)).value() == 1);
}

/// A download of `file` into the bucket; the connection breaks once on its way.
struct streamed {
    explicit streamed(media file) : s(5 * mib), host(file), loads(s.t.ex(), host)
    {
        host.answers = [file, n = 0](const seen& r) mutable {
            auto a = media_host_test::serve(file, r);
            if (n++ == 0)
                a.breaks_after = file.bytes.size() / 2;
            a.piece = 64 * 1024;
            return a;
        };
        clip.file.url = "https://cdn.host/a.mp4";
        clip.file.from = media_host_test::some_job();
        clip.duration_s = 5;
    }

    service s;
    media_host host;
    downloader loads;
    video clip;
};

media some_clip(std::size_t bytes_min, int seconds = 5)
{
    media file;
    file.bytes = testing::clip(seconds, aspect_ratio::landscape_16_9, bytes_min);
    return file;
}

TEST_CASE("a download goes straight into the bucket, in one request or in parts")
{
    for (const std::size_t bytes_min : {200'000UL, 12 * mib}) {
        const auto file = some_clip(bytes_min);
        streamed d(file);
        const auto key = object_key_for(d.clip.file, "clips/" + std::to_string(bytes_min));
        REQUIRE_OK(key);
        bucket_sink into(d.s.clips, *key);
        const auto r = d.s.outcome(d.loads.download(d.clip, into));
        REQUIRE_OK(r);
        CHECK(r->requests == 2);
        CHECK(r->duration == 5s);
        CHECK(into.stored().bytes == file.bytes.size());
        CHECK(d.s.read_back(*key).body() == file.bytes);
        CHECK(d.s.open_uploads() == 0);

        // Another process, the same job: it is there already.
        streamed again(file);
        bucket_sink twice(again.s.clips, *key);
        const auto second = again.s.outcome(again.loads.download(again.clip, twice));
        REQUIRE_OK(second);
        CHECK(twice.stored().existed);
        REQUIRE_OK(again.s.outcome(again.s.clips.settle()));
        CHECK(again.s.open_uploads() == 0);
    }
}

TEST_CASE("what is not what was ordered never gets its key, and its parts are removed")
{
    streamed d(some_clip(12 * mib, 10)); // 10 s, where 5 s were ordered
    bucket_sink into(d.s.clips, "unfit.mp4");
    const auto r = d.s.outcome(d.loads.download(d.clip, into));
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::content_mismatch);
    REQUIRE_OK(d.s.outcome(d.s.clips.settle()));
    CHECK(d.s.open_uploads() == 0);
    CHECK(d.s.outcome(d.s.clips.head("unfit.mp4")).error() == errc::not_found);
}

TEST_CASE("a cancelled download leaves nothing in the bucket")
{
    streamed d(some_clip(30 * mib));
    d.host.answers = [file = some_clip(30 * mib)](const seen& r) {
        auto a = media_host_test::serve(file, r);
        a.hangs_after = 14 * mib;
        a.piece = 256 * 1024;
        return a;
    };
    bucket_sink into(d.s.clips, "cancelled.mp4");
    const auto r = d.s.t.cancelled_after(1500ms, d.loads.download(d.clip, into));
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::cancelled);
    REQUIRE_OK(d.s.outcome(d.s.clips.settle()));
    CHECK(d.s.open_uploads() == 0);
    CHECK(d.s.outcome(d.s.clips.head("cancelled.mp4")).error() == errc::not_found);
}

} // namespace bucket_oracle_test
