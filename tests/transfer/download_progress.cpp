// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What a download tells of itself on the way: rate, time that is left, time that the link has left.

#include <cokino/transfer/downloader.hpp>

#include "downloads.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

namespace download_progress_test {

using namespace media_host_test;

/// Writes down what both listeners are told.
struct both final : download_progress {
    std::vector<download_status> told;
    std::vector<download_progress_event> observed;

    void on_progress(const download_status& s) override { told.push_back(s); }
    void on_download_progress(const download_progress_event& e) { observed.push_back(e); }
};

/// 64 KiB a second.
answer evenly(const media& file, const seen& r)
{
    auto a = serve(file, r);
    a.piece = 65'536;
    a.each = 1s;
    return a;
}

TEST_CASE("an even download tells its rate, the time that is left, and how long its link lives")
{
    const auto file = some_clip(10 * 262'144);
    both heard;
    downloads d(file, heard);
    d.host.answers = [file](const seen& r) { return evenly(file, r); };
    auto clip = ordered();
    clip.file.expires_at = d.t.time.system_now() + 5min;
    download_options options;
    options.progress = &heard;
    const auto r = d.t.outcome(d.loads.download(clip, d.path(), options));
    REQUIRE(r.has_value());
    REQUIRE(heard.told.size() >= 10);
    REQUIRE(heard.observed.size() == heard.told.size());
    for (std::size_t n = 0; n < heard.told.size(); ++n) {
        const auto& now = heard.told[n];
        const auto seconds = static_cast<long>(now.bytes / 65'536); // since it began
        CHECK(*now.rate == doctest::Approx(65'536).epsilon(0.06));
        CHECK(std::abs(now.remaining->count() - (40 - seconds)) <= 2);
        CHECK(std::abs(now.link_left->count() - (300 - seconds)) <= 3);
        CHECK(heard.observed[n].rate == now.rate);
        CHECK(heard.observed[n].remaining == now.remaining);
        CHECK(heard.observed[n].link_left == now.link_left);
    }
    CHECK(heard.told.back().remaining == 0s);
}

TEST_CASE("bytes of an earlier try are no rate, and without a length there is no time left to tell")
{
    const auto file = some_clip(10 * 262'144);
    both heard;
    downloads d(file, heard);
    d.host.answers = [file](const seen& r) { return evenly(file, r); };
    auto s = d.t.start(d.loads.download(ordered(), d.path()));
    s.cancel_after(21s);
    d.t.finish(s);
    heard.observed.clear();
    REQUIRE(d.run().has_value());
    CHECK(heard.observed.front().bytes == 6 * 262'144);
    CHECK(*heard.observed.front().rate == doctest::Approx(65'536).epsilon(0.06));

    downloads endless(file, heard);
    endless.host.answers = [file](const seen& r) {
        auto a = evenly(file, r);
        a.with_length = false;
        return a;
    };
    heard.observed.clear();
    REQUIRE(endless.run().has_value());
    CHECK(heard.observed.front().rate.has_value());
    for (const auto& each : heard.observed)
        CHECK_FALSE(each.remaining.has_value());
}

TEST_CASE(
    "a renewed link's life is told from then on; of a link of which nothing is known, nothing")
{
    const auto file = some_clip(4 * 262'144);
    both heard;
    downloads d(file, heard);
    d.links.links = {"https://cdn.host/b.mp4"};
    d.host.answers = [file](const seen& r) {
        auto a = evenly(file, r);
        if (r.url.find("/a.mp4") == std::string::npos)
            return a;
        a.breaks_after = 300'000;
        return r.ranged ? plain(403) : a;
    };
    auto clip = ordered();
    clip.file.expires_at = d.t.time.system_now() + 5min;
    const auto r = d.t.outcome(d.loads.download(clip, d.path()));
    REQUIRE(r.has_value());
    CHECK(r->renewals == 1);
    const auto left = heard.observed.front().link_left;
    REQUIRE(left.has_value());
    CHECK(std::abs(left->count() - 296) <= 1); // 256 KiB have come
    CHECK_FALSE(heard.observed.back().link_left.has_value());
}

} // namespace download_progress_test
