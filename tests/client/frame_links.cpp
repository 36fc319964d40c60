// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A still, a long look at it, and then a clip that starts from it: what becomes of the still's link
// when the look took too long.
#include "support/hosts.hpp"
#include "support/whole_client.hpp"

#include <cokino/core/limits.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace frame_links_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;

struct warned {
    void on_warning(const warning_event& e) { texts.push_back(e.what->facts().message); }
    std::vector<std::string> texts;
};

struct bench : whole_client<warned> {
    explicit bench(const std::string& at) : whole_client(host_named(at)) {}

    /// A still, whose link dies `life` from now.
    asset still(std::optional<std::chrono::seconds> life = {})
    {
        text_to_image r("a paper boat on a pond at dawn");
        auto made = t.outcome(client.run(r));
        REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().describe()));
        asset out = made->files.at(0);
        if (life) {
            out.expires_at = now() + *life;
            out.expires_by = expiry_source::answer;
        }
        return out;
    }
};

image_to_video drift(image_source still)
{
    return image_to_video(std::move(still), "the camera slowly pushes in");
}

TEST_CASE("the link of a still that dies soon is renewed, and the clip is bought with the new one")
{
    bench b("fal");
    auto const still = b.still(5min);
    auto const looks = b.looks();
    auto const job = b.t.outcome(b.client.submit(drift(still)));
    REQUIRE_MESSAGE(job.has_value(), (job ? "" : job.error().describe()));
    CHECK(b.looks() > looks);
    CHECK(b.net->jobs().at(1).image_url.starts_with("https://"));
    CHECK(b.net->jobs().at(1).image_url != still.url);
    CHECK(b.heard.texts.empty());
}

TEST_CASE("the link of a still that lives long enough goes as it is, without a look")
{
    bench b("fal");
    auto const still = b.still(limits::source_life_min);
    auto const looks = b.looks();
    REQUIRE(b.t.outcome(b.client.submit(drift(still))).has_value());
    CHECK(b.looks() == looks);
    CHECK(b.net->jobs().at(1).image_url == still.url);
}

TEST_CASE("a last frame whose link dies is renewed as well, and the first is left as it is")
{
    bench b("fal");
    auto const first = b.still();
    auto const last = b.still(1min);
    auto request = drift(first);
    request.tail_image = last;
    request.model = video_model::kling_3_0_pro;
    auto const looks = b.looks();
    auto const job = b.t.outcome(b.client.submit(request));
    REQUIRE_MESSAGE(job.has_value(), (job ? "" : job.error().describe()));
    CHECK(b.looks() > looks);
    CHECK(b.net->jobs().at(2).image_url == first.url);
}

TEST_CASE("a still that its host has deleted is refused as dead, with the field, and buys nothing")
{
    bench b("replicate"); // keeps what it made for an hour
    auto const still = b.still();
    REQUIRE(b.t.outcome(sleep_for(2h)).has_value());
    auto const submits = b.net->counts().submits;
    auto const got = b.t.outcome(b.client.submit(drift(still)));
    REQUIRE(got.has_error());
    CHECK(got.error() == errc::link_expired);
    CHECK(got.error().facts().field == "image");
    CHECK(got.error().facts().billed == billing::no);
    CHECK(got.error().sent() == fate::not_sent);
    CHECK(b.net->counts().submits == submits);
}

TEST_CASE("a still of another host that is short of time goes with a warning, and when dead not")
{
    bench elsewhere("replicate");
    auto still = elsewhere.still();
    bench b("fal");
    still.expires_at = time_of(b.t.ex()).system_now() + 5min;
    still.expires_by = expiry_source::answer;
    REQUIRE(b.t.outcome(b.client.submit(drift(still))).has_value());
    REQUIRE(b.heard.texts.size() == 1);
    CHECK(b.heard.texts[0].find("lives 5 min more") != std::string::npos);
    CHECK(b.looks() == 0);
    still.expires_at = time_of(b.t.ex()).system_now() - 1s;
    auto const got = b.t.outcome(b.client.submit(drift(still)));
    REQUIRE(got.has_error());
    CHECK(got.error() == errc::link_expired);
    CHECK(b.net->counts().submits == 1);
}

TEST_CASE("cancelled before start, and while the link is renewed: nothing is bought")
{
    for (const auto when : {0ms, 200ms}) {
        CAPTURE(when.count());
        bench b("fal");
        auto const still = b.still(5min);
        b.net->latency(500ms);
        auto s = b.t.start(b.client.submit(drift(still)));
        if (when == 0ms)
            s.cancel();
        else
            s.cancel_after(when);
        b.t.finish(s);
        CHECK(s.outcome().error() == errc::cancelled);
        CHECK(b.net->counts().jobs == 1); // the still
    }
}

} // namespace frame_links_test
