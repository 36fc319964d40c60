// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The link of a start frame or clip, as a decision: how long it lives.
#include <cokino/client/detail/source_link.hpp>
#include <cokino/core/limits.hpp>

#include <doctest/doctest.h>

#include <string>

namespace source_link_test {

using namespace cokino;
using namespace cokino::detail;
using namespace std::chrono_literals;

const std::chrono::system_clock::time_point now{1'767'225'600s}; // 2026-01-01T00:00:00Z

video_source clip(std::optional<std::chrono::seconds> lives = {},
                  expiry_source by = expiry_source::lifetime)
{
    asset file("https://example.org/clip.mp4");
    if (lives)
        file.expires_at = now + *lives;
    file.expires_by = by;
    return video_source(file);
}

/// Signed at midnight for so many seconds.
std::string s3_link(int seconds)
{
    return "https://b.s3.amazonaws.com/c.mp4?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK"
           "%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260101T000000Z"
           "&X-Amz-SignedHeaders=host&X-Amz-Signature=00&X-Amz-Expires=" +
           std::to_string(seconds);
}

TEST_CASE("a link lives, is dying or dead, by what its host promised")
{
    const struct {
        std::optional<std::chrono::seconds> lives;
        expiry_source by;
        link_state state;
    } rows[] = {
        {{}, expiry_source::lifetime, link_state::lives},
        {1h, expiry_source::lifetime, link_state::lives},
        {limits::source_life_min, expiry_source::answer, link_state::lives},
        {limits::source_life_min - 1s, expiry_source::answer, link_state::dying},
        {1s, expiry_source::link, link_state::dying},
        {0s, expiry_source::lifetime, link_state::dead},
        {-1h, expiry_source::answer, link_state::dead},
        // It lives at least so long, which is no proof that it is dead.
        {-1h, expiry_source::lifetime_since_submit, link_state::dying},
    };
    for (const auto& row : rows) {
        CAPTURE(row.lives.value_or(0s).count());
        CHECK(judge_link(clip(row.lives, row.by), now) == row.state);
    }
}

TEST_CASE("a link's own signature counts where it is the earlier, and beside a mere lower bound")
{
    CHECK(judge_link(video_source(s3_link(3600)), now) == link_state::lives);
    CHECK(judge_link(video_source(s3_link(300)), now) == link_state::dying);
    CHECK(judge_link(video_source(s3_link(300)), now + 300s) == link_state::dead);
    auto both = clip(30min, expiry_source::answer);
    both.url = both.made.url = s3_link(300);
    CHECK(judge_link(both, now) == link_state::dying);
    both.url = both.made.url = s3_link(7200);
    CHECK(end_of_link(both)->at == now + 30min);
    both.made.expires_by = expiry_source::lifetime_since_submit;
    CHECK(end_of_link(both)->at == now + 2h);
    // The promise is of the job's link, not of another that the user set.
    auto other = clip(-1h);
    other.url = "https://example.org/mine.mp4";
    CHECK(judge_link(other, now) == link_state::lives);
    CHECK_FALSE(end_of_link(other).has_value());
}

TEST_CASE("a picture that stands in its own link does not die")
{
    image_source still(asset("data:image/png;base64,AA?Expires=1"));
    CHECK(judge_link(still, now) == link_state::lives);
    still.url = "https://example.org/still.png?Expires=1700000000&Signature=AA&Key-Pair-Id=K";
    CHECK(judge_link(still, now) == link_state::dead);
}

TEST_CASE("what is said of a short life names the time left, and why it was not renewed")
{
    const auto text = [](const video_source& of, const std::optional<failure>& why = {}) {
        const failure f = short_lived(of, "tail_image", now, why);
        CHECK(f == errc::link_expired);
        CHECK(f.facts().field == "tail_image");
        CHECK(f.sent() == fate::not_sent);
        return f.facts().message;
    };
    const auto has = [](const std::string& t, const char* piece) {
        return t.find(piece) != std::string::npos;
    };
    CHECK(has(text(clip(90s)), "lives 2 min more"));
    CHECK_FALSE(has(text(clip(90s)), "from_file"));
    CHECK(has(text(clip(-90s)), "is dead"));
    CHECK(has(text(clip(-90s)), "from_file"));
    CHECK(has(text(clip(-90s, expiry_source::lifetime_since_submit)), "is past the time"));
    const auto unheard = text(clip(-90s), failure(errc::not_found));
    CHECK(has(unheard, "could not be renewed: "));
}

} // namespace source_link_test
