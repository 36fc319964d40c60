// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Downloads that go well or are refused: requests, reports, redirects, contents, sinks. What breaks
// half-way is in downloader_resume.cpp.

#include <cokino/transfer/downloader.hpp>
#include <cokino/transfer/memory_sink.hpp>

#include "downloads.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace downloader_test {

using namespace media_host_test;

TEST_CASE("a clip comes home whole, checked and reported")
{
    downloads d;
    const auto r = d.run();
    REQUIRE(r.has_value());
    const auto file = some_clip();
    CHECK(read_file(d.path()) == file.bytes);
    CHECK(d.dir.names() == "neon.mp4");
    CHECK(r->path == d.path());
    CHECK(r->bytes == file.bytes.size());
    CHECK(r->sha256 == wire::hex_encode(wire::sha256_of(file.bytes)));
    CHECK(r->etag == "\"v1\"");
    CHECK(r->content_type == "video/mp4");
    CHECK(r->duration == 5s);
    CHECK(r->width == 320);
    CHECK(r->height == 180);
    CHECK(r->requests == 1);
    CHECK(r->renewals + r->restarts + r->redirects == 0);
    CHECK(r->resumed_from == 0);
    CHECK(r->elapsed == 1ms);
}

TEST_CASE("without a digest none is told, and all else is as ever")
{
    const auto file = some_clip();
    downloads d(file);
    download_options options;
    options.digest = false;
    const auto r = d.run(options);
    REQUIRE(r.has_value());
    CHECK(r->sha256.empty());
    CHECK(r->width == 320);
    CHECK(read_file(d.path()) == file.bytes);
}

TEST_CASE("the request asks for plain bytes, looks like a browser's and carries no key")
{
    downloads d;
    REQUIRE(d.run().has_value());
    REQUIRE(d.host.log.size() == 1);
    const auto& head = d.host.log[0].head;
    CHECK(head.rfind("GET /a.mp4?Signature=canary HTTP/1.1\r\nHost: cdn.host\r\n", 0) == 0);
    CHECK(head.find("\r\nUser-Agent: Mozilla/5.0") != std::string::npos);
    CHECK(head.find("\r\nAccept-Encoding: identity\r\n") != std::string::npos);
    CHECK(head.find("uthorization") == std::string::npos);
    CHECK(head.find("Range") == std::string::npos);
    CHECK(d.host.log[0].public_only);
}

TEST_CASE("private addresses are asked for only where that is allowed")
{
    downloads d;
    download_options options;
    options.allow_private_addresses = true;
    REQUIRE(d.run(options).has_value());
    CHECK_FALSE(d.host.log[0].public_only);

    downloads other;
    auto defaults = downloads::seeded();
    defaults.allow_private_addresses = true;
    downloader loads(other.t.ex(), other.host, nullptr, defaults);
    REQUIRE(other.t.outcome(loads.download(ordered(), other.path())).has_value());
    CHECK_FALSE(other.host.log[0].public_only);
}

TEST_CASE("links that are not https on its own port are refused before any request")
{
    downloads d;
    for (const char* link : {"http://cdn.host/a", "https://cdn.host:8443/a", "https://u@cdn.host/a",
                             "gopher://cdn.host/?Signature=canary"}) {
        const auto r = d.t.outcome(d.loads.download(ordered(link), d.path()));
        REQUIRE(r.has_error());
        CHECK(r.error() == errc::link_refused);
        CHECK(r.error().facts().operation == "download");
        CHECK_FALSE(says(r.error(), "canary"));
    }
    const auto none = d.t.outcome(d.loads.download(asset(), d.path()));
    CHECK(none.error() == errc::invalid_argument);
    CHECK(d.host.log.empty());
    CHECK(d.dir.names().empty());
}

TEST_CASE("a clip that is smaller than was ordered, or of another shape, gets no name")
{
    const auto run = [](int lines, const char* shape, bool checked) {
        downloads d; // serves 320x180
        auto clip = ordered();
        clip.lines = lines;
        clip.aspect_ratio = shape;
        download_options options;
        options.check_content = checked;
        const auto r = d.t.outcome(d.loads.download(clip, d.path(), options));
        CHECK(d.dir.names() == (r.has_value() ? "neon.mp4" : ""));
        return r.has_value() ? std::string() : r.error().facts().message;
    };
    CHECK(run(1080, "", true) == "the clip is 320x180, but 1080p was ordered");
    CHECK(run(0, "1:1", true) == "the clip is 320x180, but 1:1 was ordered");
    CHECK(run(180, "16:9", true).empty());
    CHECK(run(1080, "1:1", false).empty());
}

TEST_CASE("options out of bounds are named, and nothing is sent")
{
    downloads d;
    download_options options;
    options.tries_max = 0;
    const auto why = d.failed(options);
    CHECK(why == errc::invalid_options);
    CHECK(why.facts().field == "tries_max");
    options = {};
    options.total = -1ms;
    CHECK(d.failed(options).facts().field == "total");
    for (const unsigned parallel : {0U, 9U}) {
        options = {};
        options.parallel = parallel;
        CHECK(d.failed(options).facts().field == "parallel");
    }
    for (const std::uint64_t bytes : {65'535U, 67'108'865U}) {
        options = {};
        options.slice_bytes = bytes;
        CHECK(d.failed(options).facts().field == "slice_bytes");
    }
    options = {};
    options.bytes_max = 0;
    CHECK(d.failed(options).facts().field == "bytes_max");
    options = {};
    options.read_stall = -1ms;
    CHECK(d.failed(options).facts().field == "read_stall");
    options = {};
    options.rate_bytes_min = std::uint64_t{1} << 40;
    CHECK(d.failed(options).facts().field == "rate_bytes_min");
    options = {};
    options.rate_window = 999ms;
    CHECK(d.failed(options).facts().field == "rate_window");
    options.rate_window = 61min;
    CHECK(d.failed(options).facts().field == "rate_window");
    CHECK(d.host.log.empty());
}

TEST_CASE("redirects are followed, each hop held to the policy, none with a key")
{
    downloads d;
    const auto file = some_clip();
    d.host.answers = [file](const seen& r) {
        if (r.url.find("cdn.host") != std::string::npos)
            return redirect("https://edge.host/b.mp4");
        return r.url == "https://edge.host/b.mp4" ? redirect("/c.mp4", 308) : serve(file, r);
    };
    const auto r = d.run();
    REQUIRE(r.has_value());
    CHECK(r->redirects == 2);
    REQUIRE(d.host.log.size() == 3);
    CHECK(d.host.log[2].url == "https://edge.host/c.mp4");
    for (const auto& each : d.host.log)
        CHECK(each.public_only);
}

TEST_CASE("redirects without end, down to http, to other ports or nowhere are refused")
{
    for (const char* to : {"https://cdn.host/a.mp4", "http://cdn.host/a.mp4",
                           "https://cdn.host:8080/", "", "https://u:p@cdn.host/"}) {
        downloads d;
        d.host.answers = [to](const seen&) { return redirect(to); };
        const auto why = d.failed();
        CHECK(why == errc::redirect_refused);
        CHECK(why.facts().http_status == 302);
        CHECK(why.facts().host == "cdn.host");
        CHECK(d.host.log.size() <= limits::redirects_max + 1);
        CHECK(d.dir.names().empty());
    }
}

TEST_CASE("a redirect to where the transport will not go is a refused redirect")
{
    downloads d;
    d.host.answers = [](const seen& r) {
        if (r.url.find("inner") == std::string::npos)
            return redirect("https://inner.host/a.mp4");
        answer a;
        a.fails = failure(errc::link_refused);
        return a;
    };
    const auto why = d.failed();
    CHECK(why == errc::redirect_refused);
    CHECK(why.facts().host == "inner.host");
}

TEST_CASE("an error page under a clip's name is quoted, not saved")
{
    downloads d;
    d.host.answers = [](const seen&) {
        return plain(200, "<html>Link has expired</html>", "video/mp4");
    };
    const auto why = d.failed();
    CHECK(why == errc::content_mismatch);
    CHECK(why.facts().host_text == "<html>Link has expired</html>");
    CHECK(why.facts().job == some_job().text());
    CHECK(d.dir.names().empty());
    CHECK(d.host.log.size() == 1);
}

TEST_CASE("a clip that is no MP4, or lasts too long, is not saved")
{
    downloads d(media{std::string(5000, 'x'), "\"v1\"", "video/mp4"});
    CHECK(d.failed() == errc::content_mismatch);
    CHECK(d.dir.names().empty());

    media ten;
    ten.bytes = testing::clip(10, aspect_ratio::landscape_16_9);
    downloads longer(ten);
    CHECK(says(longer.failed(), "the clip lasts 10 s, but 5 s were ordered"));
    CHECK(longer.dir.names().empty());

    download_options unchecked;
    unchecked.check_content = false;
    CHECK(longer.run(unchecked).has_value());
}

TEST_CASE("a compressed body is refused")
{
    downloads d;
    auto packed = plain(200, "\x1F\x8B", "video/mp4");
    packed.fields.emplace_back("Content-Encoding", "gzip");
    d.host.answers = [packed](const seen&) { return packed; };
    CHECK(d.failed() == errc::content_mismatch);
}

TEST_CASE("lengths that lie are found out")
{
    const auto file = some_clip();
    downloads more;
    auto a = serve(file, {});
    a.fields.emplace_back("Content-Length", cokino::detail::to_text(file.bytes.size() - 1));
    more.host.answers = [a](const seen&) { return a; };
    CHECK(more.failed() == errc::content_mismatch);
    CHECK(more.dir.names().empty());

    downloads less;
    a = serve(file, {});
    a.fields.emplace_back("Content-Length", cokino::detail::to_text(file.bytes.size() + 1));
    less.host.answers = [a](const seen& r) { return r.ranged ? plain(503) : a; };
    CHECK(less.failed() == errc::host_fault);
    CHECK(less.dir.names() == "neon.mp4.part neon.mp4.part.state");

    auto clip = ordered();
    clip.file.size = file.bytes.size() + 1;
    downloads other;
    const auto r = other.t.outcome(other.loads.download(clip, other.path()));
    CHECK(r.error() == errc::content_mismatch);
}

TEST_CASE("a body that ends with its connection is judged by its structure")
{
    const auto file = some_clip();
    downloads d;
    auto a = serve(file, {});
    a.with_length = false;
    d.host.answers = [&a](const seen&) { return a; };
    CHECK(d.run().has_value());

    downloads cut;
    a.body.pop_back();
    cut.host.answers = [&a](const seen&) { return a; };
    CHECK(cut.failed() == errc::content_mismatch);

    download_options unchecked;
    unchecked.check_content = false;
    CHECK(cut.failed(unchecked) == errc::content_mismatch);
}

TEST_CASE("refusals carry the host's words and the status")
{
    downloads d;
    d.host.answers = [](const seen&) {
        return plain(403, "<Error><Code>AccessDenied</Code> https://x/?sig=canary</Error>");
    };
    const auto why = d.failed();
    CHECK(why == errc::link_expired);
    CHECK(why.facts().http_status == 403);
    CHECK(why.facts().host == "cdn.host");
    CHECK(says(why, "AccessDenied"));
    CHECK_FALSE(says(why, "canary"));
}

TEST_CASE("a file of that name is seen before anything is asked for")
{
    downloads d;
    write_file(d.path(), "old");
    const auto r = d.run();
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::file_exists);
    CHECK(r.error() == condition::local_fault);
    CHECK(says(r.error(), d.path()));
    CHECK(d.host.log.empty());
    CHECK(read_file(d.path()) == "old");

    download_options options;
    options.overwrite = true;
    REQUIRE(d.run(options).has_value());
    CHECK(read_file(d.path()) == some_clip().bytes);
    CHECK(d.dir.names() == "neon.mp4");
}

TEST_CASE("a directory that is not there is named")
{
    downloads d;
    const auto r = d.t.outcome(d.loads.download(ordered(), d.dir / "no/neon.mp4"));
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::file_failed);
    CHECK(says(r.error(), d.dir / "no/neon.mp4"));
    CHECK(d.host.log.empty());
}

TEST_CASE("into memory, under a cap")
{
    const auto file = some_clip();
    downloads d(file);
    const auto bytes = d.t.outcome(d.loads.download_to_memory(ordered()));
    REQUIRE(bytes.has_value());
    CHECK(*bytes == file.bytes);
    const auto same = d.t.outcome(d.loads.download_to_memory(ordered().file));
    CHECK(same.has_value());

    download_options options;
    options.bytes_max = file.bytes.size() - 1;
    const auto large = d.t.outcome(d.loads.download_to_memory(ordered(), options));
    CHECK(large.error() == errc::response_too_large);

    memory_sink small(file.bytes.size() - 1);
    const auto full = d.t.outcome(d.loads.download(ordered(), small));
    CHECK(full.error() == errc::sink_full);
    CHECK(small.bytes().empty());
}

TEST_CASE("stills are checked as stills")
{
    media file;
    file.bytes = testing::still(32, 18);
    file.type = "image/png";
    downloads d(file);
    asset still("https://cdn.host/a.png");
    still.from = some_job(job_kind::images);
    REQUIRE(d.t.outcome(d.loads.download(still, d.dir / "a.png")).has_value());
    CHECK(read_file(d.dir / "a.png") == file.bytes);

    downloads clip;
    const auto r = clip.t.outcome(clip.loads.download(still, clip.dir / "a.png"));
    // A clip where a still was ordered: AVIF looks the same, so only its type could tell.
    CHECK(r.error() == errc::content_mismatch);
}

struct full_sink final : sink {
    std::string log;
    std::size_t room = 0;

    awaitable<result<part_state>> open(std::string) override
    {
        log += "open ";
        co_return part_state();
    }
    awaitable<result<void>> write(asio::const_buffer bytes) override
    {
        log += "write ";
        if (bytes.size() > room)
            co_return failure(errc::disk_full).explain("the bucket is full");
        room -= bytes.size();
        co_return result<void>();
    }
    awaitable<result<void>> restart() override
    {
        log += "restart ";
        co_return result<void>();
    }
    awaitable<result<void>> remember(part_state) override { co_return result<void>(); }
    awaitable<result<void>> commit() override
    {
        log += "commit";
        co_return result<void>();
    }
    void abandon(const part_state* keep) noexcept override { log += keep ? "keep" : "drop"; }
    std::string name() const override { return "bucket"; }
};

TEST_CASE("a sink of the user's own is opened, written, committed, or abandoned")
{
    downloads d;
    full_sink good;
    good.room = 10'000'000;
    const auto report = d.t.outcome(d.loads.download(ordered(), good));
    REQUIRE(report.has_value());
    CHECK(report->path == "bucket");
    CHECK(good.log == "open write commit");

    full_sink full;
    const auto r = d.t.outcome(d.loads.download(ordered(), full));
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::disk_full);
    CHECK(says(r.error(), "the bucket is full"));
    CHECK(r.error().facts().job == some_job().text());
    CHECK(full.log == "open write drop");
    CHECK(d.host.log.size() == 2); // a sink's failure is never tried again
}

struct listener final : download_progress {
    std::vector<std::uint64_t> bytes;
    std::optional<std::uint64_t> total;
    std::vector<std::uint64_t> observed;
    unsigned redirects = 0;
    unsigned renewals = 0;
    unsigned retries = 0;
    void on_progress(const download_status& s) override
    {
        bytes.push_back(s.bytes);
        total = s.total;
    }
    void on_download_progress(const download_progress_event& e) { observed.push_back(e.bytes); }
    void on_redirect(const redirect_event& e)
    {
        ++redirects;
        CHECK(e.from == "https://cdn.host/a.mp4");
        CHECK(e.to == "https://edge.host/a.mp4");
    }
    void on_link_renewed(const link_renewed_event& e)
    {
        ++renewals;
        CHECK(e.link == "https://cdn.host/new.mp4");
        CHECK(e.job_id == "job-1");
    }
    void on_retry(const retry_event& e)
    {
        ++retries;
        CHECK(e.operation == "download");
        CHECK(e.why != nullptr);
    }
};

TEST_CASE("progress is told to the observer and to the download's own listener")
{
    listener heard;
    const auto file = some_clip(700'000);
    downloads d(file, heard);
    download_options options;
    options.progress = &heard;
    REQUIRE(d.run(options).has_value());
    REQUIRE(heard.bytes.size() == 2); // a first piece, and a larger one
    CHECK(heard.bytes[0] == 262'144);
    CHECK(heard.bytes.back() == file.bytes.size());
    CHECK(heard.total == file.bytes.size());
    CHECK(heard.observed == heard.bytes);
}

TEST_CASE("redirects, renewals and tries are told to the observer without their secrets")
{
    listener heard;
    const auto file = some_clip();
    downloads d(file, heard);
    d.links.links = {"https://cdn.host/new.mp4?Signature=canary"};
    d.host.answers = [file, n = 0](const seen& r) mutable {
        ++n;
        if (n == 1)
            return redirect("https://edge.host/a.mp4?Signature=canary");
        return n == 2 ? plain(503) : n == 3 ? plain(404) : serve(file, r);
    };
    REQUIRE(d.run().has_value());
    CHECK(heard.redirects == 1);
    CHECK(heard.renewals == 1);
    CHECK(heard.retries == 1);
}

} // namespace downloader_test
