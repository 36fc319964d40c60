// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The fake host's files: what a link gives, when it dies, and each way a file server fails.

#include <cokino/testing/fake_engine.hpp>

#include <cokino/testing/clips.hpp>

#include "testing/engine_driver.hpp"

#include <doctest/doctest.h>

#include <string>

namespace fake_engine_media_test {

using namespace engine_test;

/// A host with one finished job and its faults.
struct finished : host {
    explicit finished(const job_faults& faults = {}, fake_options o = {}) : host(std::move(o))
    {
        engine.faults().on_job(1) = faults;
        fal_submit();
        clock.pass(11s);
    }
};

TEST_CASE("a link gives the clip of the ordered length and shape, with what a resume needs")
{
    host h;
    h.fal_submit(R"({"prompt":"p","duration":"10","aspect_ratio":"1:1"})");
    h.clock.pass(11s);
    const auto file = h.fetch(h.link());
    CHECK(file.status == 200);
    CHECK(file.payload() == clip_1080p(10, aspect_ratio::square_1_1));
    CHECK(file.field("content-type") == "video/mp4");
    CHECK(file.field("accept-ranges") == "bytes");
    CHECK(file.field("etag").size() == 18);
    CHECK(h.engine.jobs()[0].downloads == 1);
    CHECK(h.engine.jobs()[0].bytes_sent == file.payload().size());
    CHECK(h.ask("HEAD", host::target_of(h.link())).status == 200);
}

TEST_CASE("image to video takes its shape from a still that this host made")
{
    host h;
    h.fal_submit(R"({"prompt":"p","image_size":"portrait_16_9"})", "/fal-ai/flux-2-pro");
    h.clock.pass(11s);
    const std::string still_url =
        text_at(h.fal("GET", h.fal_job(1, "flux-2-pro")), "/images/0/url");
    h.fal_submit(R"({"prompt":"p","image_url":")" + still_url + R"("})", i2v);
    h.clock.pass(11s);
    CHECK(h.fetch(h.link(2)).payload() == clip_1080p(5, aspect_ratio::portrait_9_16));
}

TEST_CASE("ranges are answered exactly, unless the file is another one")
{
    finished h;
    const std::string url = h.link();
    const auto whole = h.fetch(url);
    const std::string_view bytes = whole.payload();
    const std::string total = std::to_string(bytes.size()), tag(whole.field("etag"));
    struct row {
        std::string range, told;
        std::size_t from, count;
    };
    const row rows[] = {
        {"bytes=0-0", "bytes 0-0/" + total, 0, 1},
        {"bytes=100-", "bytes 100-" + std::to_string(bytes.size() - 1) + '/' + total, 100,
         bytes.size() - 100},
        {"bytes=10-19", "bytes 10-19/" + total, 10, 10},
        {"bytes=-5",
         "bytes " + std::to_string(bytes.size() - 5) + '-' + std::to_string(bytes.size() - 1) +
             '/' + total,
         bytes.size() - 5, 5},
    };
    for (const row& r : rows) {
        CAPTURE(r.range);
        const auto part = h.fetch(url, {{"range", r.range}, {"if-range", tag}});
        CHECK(part.status == 206);
        CHECK(part.field("content-range") == r.told);
        CHECK(part.payload() == bytes.substr(r.from, r.count));
    }
    const auto behind = h.fetch(url, {{"range", "bytes=" + total + '-'}});
    CHECK(behind.status == 416);
    CHECK(behind.field("content-range") == "bytes */" + total);
    CHECK(behind.payload().empty());
    CHECK(h.fetch(url, {{"range", "bytes=5-"}, {"if-range", "\"other\""}}).status == 200);
    CHECK(h.fetch(url, {{"range", "lines=5-"}}).status == 200);
}

TEST_CASE("a link dies with time and by forgery, and reading the job gives a fresh one")
{
    finished h;
    const std::string url = h.link();
    std::string forged = url;
    forged.back() = forged.back() == '0' ? '1' : '0';
    CHECK(h.fetch(forged).status == 403);
    h.clock.pass(3599s);
    CHECK(h.fetch(url).status == 200);
    h.clock.pass(1s);
    const auto dead = h.fetch(url);
    CHECK(dead.status == 403);
    CHECK(dead.body.find("Request has expired") != std::string::npos);
    CHECK(h.fetch(h.link()).status == 200);
    CHECK(h.ask("GET", "/files/b/00000000/x.mp4").status == 404);
}

TEST_CASE("a link that expired by script stays dead; the next one lives")
{
    finished h(job_faults().link_expires(2));
    const std::string first = h.link();
    CHECK(h.fetch(first).status == 403);
    const std::string second = h.link();
    CHECK(first != second);
    CHECK(h.fetch(second).status == 403);
    CHECK(h.fetch(second).status == 403);
    CHECK(h.fetch(h.link()).status == 200);
    CHECK(h.fetch(first).status == 403);
}

TEST_CASE("a key on a request for a file is counted and refused")
{
    finished h;
    const std::string url = h.link();
    CHECK(h.fetch(url, {{"authorization", "Key k"}}).status == 400);
    CHECK(h.fetch(url, {{"x-api-key", "k"}}).status == 400);
    CHECK(h.engine.counts().keys_leaked == 2);
}

TEST_CASE("file faults come in the order written, then the file does")
{
    finished h(job_faults()
                   .body_cut(100, 1, breakage::reset)
                   .html_instead()
                   .length_wrong(+7)
                   .media_answers(503)
                   .media_lost(1, breakage::stall)
                   .redirects_to("https://10.0.0.1/x"));
    const std::string url = h.link();
    const auto cut = h.fetch(url);
    CHECK(cut.cut_at == 100);
    CHECK(cut.cut_how == breakage::reset);
    CHECK(h.engine.jobs()[0].bytes_sent == 100);
    const auto page = h.fetch(url);
    CHECK(page.status == 200);
    CHECK(page.field("content-type").starts_with("text/html"));
    const auto wrong = h.fetch(url);
    CHECK(wrong.content_length == wrong.payload().size() + 7);
    CHECK(h.fetch(url).status == 503);
    CHECK(h.fetch(url).lost == breakage::stall);
    const auto moved = h.fetch(url);
    CHECK(moved.status == 302);
    CHECK(moved.field("location") == "https://10.0.0.1/x");
    CHECK(h.fetch(url).payload() == clip_1080p(5, aspect_ratio::landscape_16_9));
}

TEST_CASE("a cut can be for ever")
{
    finished h(job_faults().body_cut(1000, always));
    const std::string url = h.link();
    for (int i = 0; i < 5; ++i)
        CHECK(h.fetch(url).cut_at == 1000);
}

TEST_CASE("a file that changes has another tag, so a resume begins anew")
{
    finished h(job_faults().body_cut(1000).body_changes());
    const std::string url = h.link();
    const auto first = h.fetch(url);
    const auto second =
        h.fetch(url, {{"range", "bytes=1000-"}, {"if-range", std::string(first.field("etag"))}});
    CHECK(second.status == 200);
    CHECK(second.field("etag") != first.field("etag"));
    CHECK(second.payload().size() > first.payload().size());
    const auto third = h.fetch(url);
    CHECK(third.field("etag") == second.field("etag"));
}

TEST_CASE("ranges can be ignored, tags weak, lengths missing, bodies slow")
{
    finished deaf(job_faults().range_ignored());
    const auto all = deaf.fetch(deaf.link(), {{"range", "bytes=5-9"}});
    CHECK(all.status == 200);
    CHECK(all.field("accept-ranges") == "");
    finished weak(job_faults().etag_weak());
    const std::string weak_url = weak.link();
    const std::string tag(weak.fetch(weak_url).field("etag"));
    CHECK(tag.starts_with("W/\""));
    CHECK(weak.fetch(weak_url, {{"range", "bytes=5-9"}, {"if-range", tag}}).status == 200);
    finished endless(job_faults().length_missing());
    CHECK(endless.fetch(endless.link()).no_length);
    finished slow(job_faults().body_slow(100, 2s));
    const auto drip = slow.fetch(slow.link());
    CHECK(drip.piece_bytes == 100);
    CHECK(drip.pause == 2s);
}

TEST_CASE("clips can be made larger, and links can point to another origin")
{
    fake_options o;
    o.clip_bytes_min = 1'000'000;
    o.media_origin = "https://files.example";
    finished h({}, o);
    const std::string url = h.link();
    CHECK(url.starts_with("https://files.example/files/b/"));
    CHECK(h.fetch(url).payload().size() == 1'000'000);
    CHECK(json_of(h.fal_result()).at("video").at("file_size") == 1'000'000);
}

} // namespace fake_engine_media_test
