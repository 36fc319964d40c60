// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A clip, and then the same clip larger: the whole way at each host that has an upscaler; and what
// becomes of clips that are files, and of links that die under way.
#include "support/hosts.hpp"
#include "support/whole_client.hpp"

#include <cokino/testing/clips.hpp>
#include <cokino/wire/mp4_probe.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <unistd.h>

namespace client_upscale_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;

struct listening {
    void on_exchange(const exchange_event& e) { urls.emplace_back(e.url); }
    void on_warning(const warning_event& e) { warnings.push_back(e.what->facts().message); }
    std::vector<std::string> urls, warnings;
};

struct bench : whole_client<listening> {
    using whole_client::whole_client;

    /// A clip of 10 s at 720 lines or more, made by this client's host.
    video clip(video_model model = video_model::kling_2_5_turbo_pro)
    {
        text_to_video r("a paper boat drifts across a pond at dawn");
        r.duration = 10s;
        r.model = model;
        auto made = t.outcome(client.run(r));
        REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().describe()));
        return *made;
    }
};

/// An upscale that the host takes, by its own facts; nothing where it has no upscaler.
std::optional<video_upscale> upscale_at(const provider& host, video_source clip)
{
    for (const model_facts& m : host.facts().models) {
        if (m.sizes.empty())
            continue;
        video_upscale out(std::move(clip), 2);
        for (const auto model :
             {upscale_model::topaz, upscale_model::bytedance, upscale_model::qubico})
            if (text_of(model) == m.model)
                out.model = model;
        if (m.sizes.find("x2") == std::string_view::npos &&
            m.sizes.find("x4") == std::string_view::npos) {
            out.factor.reset();
            out.resolution = video_resolution::uhd_4k;
            out.fps = 30;
        }
        return out;
    }
    return std::nullopt;
}

awaitable<std::string> larger(client& c, video_upscale request)
{
    auto clip = co_await c.run(request);
    auto bytes = co_await c.download_to_memory(clip.file);
    co_return bytes;
}

TEST_CASE("every host with an upscaler: a clip becomes a larger one, and each is bought once")
{
    int hosts = 0;
    for (const host_row& row : every_host) {
        CAPTURE(row.name);
        bench b(row.make("https://api.example.com"));
        const bool small = b.client.host().traits().source.lines_max > 0;
        auto const wish = upscale_at(b.client.host(), video_source());
        if (!wish) {
            auto const got =
                b.t.outcome(b.client.submit(video_upscale("https://x.example/a.mp4", 2)));
            REQUIRE(got.has_error());
            CHECK(got.error() == errc::unsupported_field);
            CHECK(b.net->counts().submits == 0);
            continue;
        }
        ++hosts;
        auto request = *wish;
        request.video = b.clip(small ? video_model::kling_2_5_turbo_standard
                                     : video_model::kling_2_5_turbo_pro);
        auto const got = b.t.outcome(larger(b.client, request));
        REQUIRE_MESSAGE(got.has_value(), (got ? "" : got.error().describe()));
        wire::memory_reader bytes(*got);
        auto const facts = wire::probe_mp4(bytes);
        REQUIRE(facts.has_value());
        CHECK(facts->duration == 10s);
        CHECK(facts->height >= 2160);
        CHECK(b.net->counts().jobs == 2);
        CHECK(b.net->jobs()[1].video_url == request.video.url);
        CHECK(b.net->counts().keys_leaked == 0);
        CHECK(b.net->counts().unknown_routes == 0);
        CHECK(b.heard.warnings.empty());
    }
    CHECK(hosts == 4);
}

TEST_CASE(
    "an upscale that comes back small is no success: the file is checked for what was ordered")
{
    bench b(host_named("fal"));
    auto clip = b.clip();
    clip.lines = 2160; // twice what it has, and so twice what comes
    auto const made = b.t.outcome(b.client.run(video_upscale(clip, 1)));
    REQUIRE(made.has_value());
    CHECK(made->lines == 2160);
    CHECK(made->duration_s == 10);
    CHECK(made->aspect_ratio == "16:9");
    auto const path = std::filesystem::temp_directory_path() /
                      ("cokino-upscale-" + std::to_string(::getpid()) + ".mp4");
    auto const got = b.t.outcome(b.client.download(*made, path.string()));
    REQUIRE(got.has_error());
    CHECK(got.error() == errc::content_mismatch);
    CHECK_FALSE(std::filesystem::exists(path));
    for (const char* const end : {".part", ".part.json", ".part.meta"})
        std::filesystem::remove(path.string() + end);
}

TEST_CASE("every host with an upscaler: a clip that is bytes is uploaded, once for many upscales")
{
    const auto bytes = cokino::testing::clip_of_lines(720, 5, aspect_ratio::landscape_16_9);
    for (const host_row& row : every_host) {
        auto const at = row.make("https://api.example.com");
        auto const request = upscale_at(*at, video_source::from_bytes(bytes));
        if (!request)
            continue;
        CAPTURE(row.name);
        bench b(at);
        for (int i = 0; i < 2; ++i) {
            auto const got = b.t.outcome(b.client.run(*request));
            REQUIRE_MESSAGE(got.has_value(), (got ? "" : got.error().describe()));
            if (request->factor)
                CHECK(got->lines == 1440); // read off the file
        }
        CHECK(b.net->counts().jobs == 2);
        CHECK(b.net->jobs()[0].video_url == b.net->jobs()[1].video_url);
        CHECK(b.net->jobs()[0].video_url.starts_with("https://"));
    }
}

TEST_CASE("a clip that is a file is read when it is submitted; what is none is refused, unsent")
{
    auto const path = std::filesystem::temp_directory_path() /
                      ("cokino-clip-" + std::to_string(::getpid()) + ".mp4");
    bench b(host_named("fal"));
    video_upscale request(video_source::from_file(path.string()), 2);
    auto const check_refused = [&](const char* piece) {
        auto const got = b.t.outcome(b.client.submit(request));
        REQUIRE(got.has_error());
        CHECK(got.error() == errc::invalid_argument);
        CHECK(got.error().facts().field == "video");
        CHECK(got.error().facts().message.find(piece) != std::string::npos);
        CHECK(got.error().sent() == fate::not_sent);
        CHECK(b.heard.urls.empty());
    };
    check_refused("cannot be read");
    std::ofstream(path, std::ios::binary) << "no clip";
    check_refused("is no whole MP4");
    std::ofstream(path, std::ios::binary)
        << cokino::testing::clip_1080p(5, aspect_ratio::square_1_1);
    CHECK(b.t.outcome(b.client.submit(request)).has_value());
    CHECK(b.net->counts().uploads == 1);
    std::filesystem::remove(path);
}

TEST_CASE("a request that the host would refuse is refused before its clip is brought there")
{
    bench b(host_named("kie"));
    auto const bytes = cokino::testing::clip_1080p(5, aspect_ratio::landscape_16_9);
    video_upscale request(video_source::from_bytes(bytes), 3); // Kie has 1, 2 and 4
    auto const got = b.t.outcome(b.client.submit(request));
    REQUIRE(got.has_error());
    CHECK(got.error() == errc::unsupported_field);
    CHECK(got.error().facts().field == "factor");
    CHECK(b.heard.urls.empty());
}

TEST_CASE("an upload of a clip that fails for good has bought nothing")
{
    bench b(host_named("piapi"));
    auto const bytes = cokino::testing::clip_of_lines(720, 5, aspect_ratio::landscape_16_9);
    auto const request = upscale_at(b.client.host(), video_source::from_bytes(bytes)).value();
    b.net->fail_next(failure(errc::connection_lost, fate::maybe_sent), 50);
    auto const got = b.t.outcome(b.client.submit(request));
    REQUIRE(got.has_error());
    CHECK(got.error() == errc::connection_lost);
    CHECK(got.error().sent() == fate::not_sent);
    CHECK(got.error().facts().field == "video");
    CHECK(b.net->counts().submits == 0);
}

TEST_CASE("a link that dies soon is renewed by reading its job again, and the new one is sent")
{
    bench b(host_named("fal"));
    auto clip = b.clip();
    auto const old = clip.file.url;
    clip.file.expires_at = b.now() + 5min;
    clip.file.expires_by = expiry_source::answer;
    auto const looks = b.looks();
    auto const job = b.t.outcome(b.client.submit(video_upscale(clip, 2)));
    REQUIRE(job.has_value());
    CHECK(b.looks() > looks);
    CHECK(b.net->jobs()[1].video_url != old);
    CHECK(b.net->jobs()[1].video_url.starts_with("https://"));
    CHECK(b.net->jobs()[1].invalid_input == "");
    CHECK(job->record().duration_s == 10); // what is known of the clip is kept
    CHECK(job->record().lines == 2160);
    CHECK(b.heard.warnings.empty());
}

TEST_CASE("a link that lives long enough is sent as it is, without a look")
{
    bench b(host_named("fal"));
    auto clip = b.clip();
    clip.file.expires_at = b.now() + limits::source_life_min;
    auto const looks = b.looks();
    REQUIRE(b.t.outcome(b.client.submit(video_upscale(clip, 2))).has_value());
    CHECK(b.looks() == looks);
    CHECK(b.net->jobs()[1].video_url == clip.file.url);
}

TEST_CASE("a clip that its host has deleted is refused as dead, and nothing is bought")
{
    bench b(host_named("replicate")); // keeps what it made for an hour
    auto const clip = b.clip();
    REQUIRE(b.t.outcome(sleep_for(2h)).has_value());
    auto const submits = b.net->counts().submits;
    auto const got = b.t.outcome(b.client.submit(video_upscale(clip, video_resolution::uhd_4k)));
    REQUIRE(got.has_error());
    CHECK(got.error() == errc::link_expired);
    CHECK(got.error().code() == condition::link_expired);
    CHECK(got.error().facts().field == "video");
    CHECK(got.error().facts().billed == billing::no);
    CHECK(got.error().sent() == fate::not_sent);
    CHECK(b.net->counts().submits == submits);
}

TEST_CASE("a link short of time that cannot be renewed goes all the same, with a warning")
{
    bench elsewhere(host_named("kling"));
    auto clip = elsewhere.clip();
    bench b(host_named("fal"));
    clip.file.expires_at = b.now() + 5min;
    clip.file.expires_by = expiry_source::answer;
    REQUIRE(b.t.outcome(b.client.submit(video_upscale(clip, 2))).has_value());
    CHECK(b.net->jobs()[0].video_url == clip.file.url);
    REQUIRE(b.heard.warnings.size() == 1);
    CHECK(b.heard.warnings[0].find("lives 5 min more") != std::string::npos);
    CHECK(b.heard.warnings[0].find("could not be renewed") != std::string::npos);
    CHECK(b.looks() == 0); // the job is another host's

    clip.file.expires_at = b.now() - 1s;
    auto const got = b.t.outcome(b.client.submit(video_upscale(clip, 2)));
    REQUIRE(got.has_error());
    CHECK(got.error() == errc::link_expired);
    CHECK(got.error().facts().message.find("kling") != std::string::npos);
    CHECK(b.net->counts().submits == 1);
}

TEST_CASE("a look that fails leaves the old link, which is judged as it is")
{
    bench b(host_named("fal"));
    auto clip = b.clip();
    clip.file.expires_at = b.now() - 1s;
    clip.file.expires_by = expiry_source::answer;
    b.net->fail_next(failure(errc::connection_lost, fate::maybe_sent), 50);
    auto const got = b.t.outcome(b.client.submit(video_upscale(clip, 2)));
    REQUIRE(got.has_error());
    CHECK(got.error() == errc::link_expired);
    CHECK(got.error().facts().message.find("could not be renewed") != std::string::npos);
    CHECK(b.net->counts().submits == 1);
}

TEST_CASE("cancelled before start, and while a link is renewed or a clip is on its way: nothing is "
          "bought")
{
    for (const bool file : {false, true})
        for (const auto when : {0ms, 200ms}) {
            CAPTURE(file);
            CAPTURE(when.count());
            bench b(host_named("fal"));
            auto clip = b.clip();
            clip.file.expires_at = b.now() + 1min;
            clip.file.expires_by = expiry_source::answer;
            auto const bytes = cokino::testing::clip_1080p(5, aspect_ratio::landscape_16_9);
            video_source const source = file ? video_source::from_bytes(bytes) : video_source(clip);
            b.net->latency(500ms);
            auto s = b.t.start(b.client.submit(video_upscale(source, 2)));
            if (when == 0ms)
                s.cancel();
            else
                s.cancel_after(when);
            b.t.finish(s);
            CHECK(s.outcome().error() == errc::cancelled);
            CHECK(b.net->counts().jobs == 1);
        }
}

TEST_CASE("a job that upscales survives a restart as text")
{
    bench b(host_named("fal"));
    auto const job = b.t.outcome(b.client.submit(video_upscale(b.clip(), 2)));
    REQUIRE(job.has_value());
    auto const again = parse_job_as<video>(job->text());
    REQUIRE(again.has_value());
    auto const clip = b.t.outcome(b.client.wait_for(*again));
    REQUIRE(clip.has_value());
    CHECK(clip->lines == 2160);
    CHECK(clip->duration_s == 10);
}

} // namespace client_upscale_test
