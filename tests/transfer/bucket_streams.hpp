// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A clip on its way from a host into a bucket, both in memory.
#pragma once

#include <cokino/testing/clips.hpp>
#include <cokino/transfer/bucket_sink.hpp>
#include <cokino/transfer/downloader.hpp>

#include "fake_bucket.hpp"
#include "media_host.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <utility>

namespace bucket_streams_test {

using namespace fake_bucket_test;
using media_host_test::media;
using media_host_test::media_host;
using media_host_test::seen;

inline constexpr std::size_t mib = 1024 * 1024;

/// 12 MiB: three parts.
inline const media& long_clip()
{
    static const media file = [] {
        media made;
        made.bytes = testing::clip(5, aspect_ratio::landscape_16_9, 12 * mib);
        return made;
    }();
    return file;
}

struct streams : buckets {
    explicit streams(media f = long_clip(), bucket_options o = settings(), observer watch = {})
        : buckets(std::move(o), {}, watch), file(std::move(f)), host(file), loads(t.ex(), host),
          into(clips, "neon.mp4")
    {
        clip.file.url = "https://cdn.host/a.mp4";
        clip.file.from = media_host_test::some_job();
        clip.duration_s = 5;
    }

    awaitable<download_report> download() { return loads.download(clip, into); }
    result<download_report> run() { return outcome(download()); }

    /// Nothing of it is left at the service.
    void check_nothing()
    {
        CHECK(outcome(clips.settle()).has_value());
        CHECK(service.uploads.empty());
        CHECK(service.objects.empty());
    }
    void check_whole()
    {
        CHECK(outcome(clips.settle()).has_value());
        CHECK(service.uploads.empty());
        REQUIRE(service.objects.count("neon.mp4") == 1);
        CHECK(service.objects.at("neon.mp4").bytes == file.bytes);
    }

    media file;
    media_host host;
    downloader loads;
    bucket_sink into;
    video clip;
};

} // namespace bucket_streams_test
