// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Downloads into a sink that cannot be read back: the structure is checked all the same.

#include <cokino/transfer/downloader.hpp>

#include "downloads.hpp"

#include <doctest/doctest.h>

#include <string>

namespace downloader_blind_test {

using namespace media_host_test;

/// Counts and forgets, and holds nothing to be read again.
class blind_sink final : public sink
{
public:
    bool committed = false;
    unsigned restarts = 0;
    std::uint64_t bytes = 0;

    awaitable<result<part_state>> open(std::string) override { co_return part_state(); }
    awaitable<result<void>> write(asio::const_buffer piece) override
    {
        bytes += piece.size();
        co_return result<void>();
    }
    awaitable<result<void>> restart() override
    {
        ++restarts;
        bytes = 0;
        co_return result<void>();
    }
    awaitable<result<void>> remember(part_state) override { co_return result<void>(); }
    awaitable<result<void>> commit() override
    {
        committed = true;
        co_return result<void>();
    }
    void abandon(const part_state*) noexcept override {}
    std::string name() const override { return "nowhere"; }
};

TEST_CASE("a whole clip is known by its boxes as it passes")
{
    downloads d(some_clip(3'000'000));
    blind_sink into;
    const auto r = d.t.outcome(d.loads.download(ordered(), into));
    REQUIRE(r.has_value());
    CHECK(into.committed);
    CHECK(into.bytes == r->bytes);
    CHECK(r->duration == 5s);
    CHECK(r->width == 320);
    CHECK(r->height == 180);
}

TEST_CASE("a clip that is cut inside, or of another length than ordered, is not committed")
{
    auto cut = some_clip(300'000);
    cut.bytes.resize(cut.bytes.size() - 1000);
    auto longer = some_clip();
    longer.bytes = testing::clip(10, aspect_ratio::landscape_16_9);
    for (const auto& file : {cut, longer}) {
        downloads d(file);
        blind_sink into;
        const auto r = d.t.outcome(d.loads.download(ordered(), into));
        REQUIRE(r.has_error());
        CHECK(r.error() == errc::content_mismatch);
        CHECK_FALSE(into.committed);
    }
}

TEST_CASE("a file that changes under way is checked from its new beginning")
{
    const auto before = some_clip(600'000);
    const auto after = some_clip(600'000, "\"v2\"");
    downloads d;
    d.host.answers = [&, n = 0](const seen& r) mutable {
        auto a = serve(n == 0 ? before : after, r);
        if (n++ == 0)
            a.breaks_after = 400'000;
        return a;
    };
    blind_sink into;
    const auto r = d.t.outcome(d.loads.download(ordered(), into));
    REQUIRE(r.has_value());
    CHECK(into.restarts == 1);
    CHECK(into.bytes == after.bytes.size());
    CHECK(r->duration == 5s);
}

TEST_CASE("a still of unknown end is whole when its end mark has passed")
{
    for (const bool cut : {false, true}) {
        media file;
        file.bytes = testing::still(40, 40);
        file.type = "image/png";
        if (cut)
            file.bytes.resize(file.bytes.size() - 3);
        downloads d;
        d.host.answers = [&](const seen& r) {
            auto a = serve(file, r);
            a.with_length = false;
            return a;
        };
        asset still;
        still.url = "https://cdn.host/a.png";
        blind_sink into;
        const auto r = d.t.outcome(d.loads.download(still, into));
        CHECK(r.has_value() == !cut);
    }
}

} // namespace downloader_blind_test
