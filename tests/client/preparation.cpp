// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Start frames that are bytes or files on their way to a host, and what goes wrong there: nothing
// of it may buy anything. Which way they go is decided in media_plan.
#include "support/fake_client.hpp"

#include <cokino/provider/piapi.hpp>
#include <cokino/provider/replicate.hpp>
#include <cokino/wire/signature.hpp>

#include <doctest/doctest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <unistd.h>

namespace preparation_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;
using namespace std::string_literals;

/// A PNG by its header, as long as wanted.
std::string png(int width, int height, std::size_t size = 64)
{
    const auto be = [](int v) {
        return std::string{static_cast<char>(v >> 24), static_cast<char>(v >> 16),
                           static_cast<char>(v >> 8), static_cast<char>(v)};
    };
    auto out = "\x89PNG\r\n\x1a\n"s + be(13) + "IHDR" + be(width) + be(height) + "\x08\x02\0\0\0"s;
    out.resize(size, 'x');
    return out;
}

struct seen_requests {
    void on_exchange(const exchange_event& e)
    {
        urls.emplace_back(std::string(e.method) + " " + std::string(e.url));
    }
    void on_warning(const warning_event& e) { warnings.push_back(e.what->facts().message); }
    std::size_t count(const std::string& part) const
    {
        std::size_t n = 0;
        for (const auto& url : urls)
            n += url.find(part) != std::string::npos;
        return n;
    }
    std::vector<std::string> urls, warnings;
};

std::shared_ptr<const provider> uploading_host()
{
    piapi_options o;
    o.base_url = "https://api.example.com";
    o.upload_base_url = "https://upload.example.com";
    return std::make_shared<piapi>(api_key("canary-key", "PIAPI_KEY"), o);
}

std::shared_ptr<const provider> inlining_host()
{
    return std::make_shared<replicate>(api_key("canary-key", "REPLICATE_API_TOKEN"));
}

struct bench {
    explicit bench(std::shared_ptr<const provider> host)
        : net(std::make_shared<cokino::testing::fake_transport>(t.ex())),
          client(t.ex(), std::move(host), net, seeded(seen))
    {}

    seen_requests seen;
    virtual_test t;
    std::shared_ptr<cokino::testing::fake_transport> net;
    job_client client;
};

image_to_video push_in(image_source frame)
{
    return image_to_video(std::move(frame), "the camera pushes in");
}

TEST_CASE("a frame given as bytes is uploaded once, and each submit names where it is")
{
    bench b(uploading_host());
    auto const frame = image_source::from_bytes(png(1920, 1080));
    for (int i = 0; i < 3; ++i)
        REQUIRE(b.t.outcome(b.client.submit(push_in(frame))).has_value());
    CHECK(b.seen.count("ephemeral_resource") == 1);
    CHECK(b.net->counts().jobs == 3);
    for (const auto& job : b.net->jobs())
        CHECK(job.image_url.starts_with("https://"));
    CHECK(b.seen.warnings.empty());

    // Other bytes are another file.
    REQUIRE(b.t.outcome(b.client.submit(push_in(image_source::from_bytes(png(1280, 720)))))
                .has_value());
    CHECK(b.seen.count("ephemeral_resource") == 2);
}

TEST_CASE("an uploaded frame is brought again once the host no longer keeps it")
{
    bench b(uploading_host());
    auto const frame = image_source::from_bytes(png(1920, 1080));
    REQUIRE(b.t.outcome(b.client.submit(push_in(frame))).has_value());
    auto const life = b.client.host().traits().media.upload_lifetime;
    REQUIRE(b.t.outcome(sleep_for(life + 1s)).has_value());
    REQUIRE(b.t.outcome(b.client.submit(push_in(frame))).has_value());
    CHECK(b.seen.count("ephemeral_resource") == 2);
}

TEST_CASE("a small frame travels inside the request where the host takes that")
{
    bench b(inlining_host());
    auto const bytes = png(1920, 1080);
    REQUIRE(b.t.outcome(b.client.submit(push_in(image_source::from_bytes(bytes)))).has_value());
    CHECK(b.net->jobs()[0].image_url == "data:image/png;base64," + wire::base64_encode(bytes));
    CHECK(b.seen.urls.size() == 1);
}

TEST_CASE("a file is read when its request is submitted")
{
    auto const path = std::filesystem::temp_directory_path() /
                      ("cokino-frame-" + std::to_string(::getpid()) + ".png");
    bench b(inlining_host());
    auto const request = push_in(image_source::from_file(path.string()));
    auto const missing = b.t.outcome(b.client.submit(request));
    REQUIRE(missing.has_error());
    CHECK(missing.error() == errc::invalid_argument);
    CHECK(missing.error().facts().field == "image");
    CHECK(missing.error().facts().message.find(path.string()) != std::string::npos);
    CHECK(missing.error().sent() == fate::not_sent);
    CHECK(missing.error().facts().billed == billing::no);
    CHECK(b.seen.urls.empty());

    std::ofstream(path, std::ios::binary) << png(1080, 1920);
    CHECK(b.t.outcome(b.client.submit(request)).has_value());
    std::filesystem::remove(path);
}

TEST_CASE("a frame that the host would refuse is refused here, and nothing is sent")
{
    for (const auto& bytes : {"no picture"s, ""s, png(100, 100), png(4000, 300)}) {
        bench b(uploading_host());
        auto const got = b.t.outcome(b.client.submit(push_in(image_source::from_bytes(bytes))));
        REQUIRE(got.has_error());
        CHECK(got.error().code() == condition::invalid_request);
        CHECK(got.error().facts().field == "image");
        CHECK(got.error().facts().operation == "submit");
        CHECK(b.seen.urls.empty());
    }
}

TEST_CASE("what a host would crop or soften is told, and done all the same")
{
    bench b(uploading_host());
    REQUIRE(b.t.outcome(b.client.submit(push_in(image_source::from_bytes(png(1920, 1200)))))
                .has_value());
    REQUIRE(b.seen.warnings.size() == 1);
    CHECK(b.seen.warnings[0].find("1920x1080") != std::string::npos);
}

TEST_CASE("an upload is tried again, and when it fails for good nothing has been bought")
{
    bench b(uploading_host());
    auto const frame = image_source::from_bytes(png(1920, 1080));
    b.net->fail_next(failure(errc::connection_lost, fate::maybe_sent), 2);
    REQUIRE(b.t.outcome(b.client.submit(push_in(frame))).has_value());
    CHECK(b.seen.count("ephemeral_resource") == 3);

    bench c(uploading_host());
    c.net->fail_next(failure(errc::connection_lost, fate::maybe_sent), 50);
    auto const got = c.t.outcome(c.client.submit(push_in(frame)));
    REQUIRE(got.has_error());
    CHECK(got.error() == errc::connection_lost);
    CHECK(got.error().sent() == fate::not_sent); // of the submit, which is what may cost money
    CHECK(got.error().facts().billed == billing::no);
    CHECK(c.net->counts().submits == 0);
}

TEST_CASE("cancelled before start, and while a frame is on its way: nothing is bought")
{
    auto const request = push_in(image_source::from_bytes(png(1920, 1080)));
    for (const auto when : {0ms, 200ms}) {
        bench b(uploading_host());
        b.net->latency(500ms);
        auto s = b.t.start(b.client.submit(request));
        if (when == 0ms)
            s.cancel();
        else
            s.cancel_after(when);
        b.t.finish(s);
        CHECK(s.outcome().error() == errc::cancelled);
        CHECK(b.net->counts().submits == 0);
    }
}

TEST_CASE("a raw request carries the host's own words, and gives a job like any other")
{
    fake_client f(dialect::fal);
    raw_request<video> request("fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
                               R"({"prompt":"a paper boat","duration":"10"})");
    auto const job = f.t.outcome(f.kling.submit(request));
    REQUIRE(job.has_value());
    CHECK(f.net->jobs()[0].body == R"({"prompt":"a paper boat","duration":"10"})");
    CHECK(f.t.outcome(f.kling.wait_for(*job)).has_value());
}

TEST_CASE(
    "a field that the host lacks is an error, or left out with a warning where that was asked for")
{
    seen_requests seen;
    fake_client f(dialect::fal, seeded(seen));
    text_to_video request = street();
    request.seed = 7; // Kling 2.5 takes none
    auto const refused = f.t.outcome(f.kling.submit(request));
    REQUIRE(refused.has_error());
    CHECK(refused.error() == errc::unsupported_field);
    CHECK(refused.error().facts().field == "seed");
    CHECK(f.counts().submits == 0);
    CHECK(f.t.outcome(f.kling.submit(request, {.leave_out_unsupported = true})).has_value());
    REQUIRE(seen.warnings.size() == 1);
    CHECK(f.net->jobs()[0].body.find("seed") == std::string::npos);
}

} // namespace preparation_test
