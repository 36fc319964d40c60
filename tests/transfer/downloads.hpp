// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What the tests of the downloader share: a loop in virtual time, a host, a link source, a place on
// the disk and a clip.
#pragma once

#include <cokino/testing/clips.hpp>
#include <cokino/transfer/downloader.hpp>
#include <cokino/wire/signature.hpp>

#include "media_host.hpp"
#include "support/async_test.hpp"

#include <string>
#include <utility>

namespace media_host_test {

using namespace cokino::testing::support;

/// A clip of 5 s; `bytes_min` pads it.
inline media some_clip(std::size_t bytes_min = 0, std::string etag = "\"v1\"")
{
    media file;
    file.bytes = testing::clip(5, aspect_ratio::landscape_16_9, bytes_min);
    file.etag = std::move(etag);
    return file;
}

/// A clip whose padding is noise, so that no part of it passes for another.
inline media noisy_clip(std::size_t bytes, std::uint64_t seed, std::string etag)
{
    media file = some_clip(bytes, std::move(etag));
    const std::size_t from = testing::clip(5, aspect_ratio::landscape_16_9).size() + 8;
    for (std::size_t at = from; at < file.bytes.size(); ++at) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        file.bytes[at] = static_cast<char>(seed >> 56);
    }
    return file;
}

inline video ordered(std::string url = "https://cdn.host/a.mp4?Signature=canary")
{
    video clip;
    clip.file.url = std::move(url);
    clip.file.from = some_job();
    clip.duration_s = 5;
    return clip;
}

struct downloads {
    virtual_test t;
    scratch_directory dir{true};
    media_host host;
    link_list links;
    downloader loads;

    explicit downloads(media file = some_clip(), observer watch = {})
        : host(std::move(file)), loads(t.ex(), host, &links, seeded(), watch)
    {}

    static download_defaults seeded()
    {
        download_defaults defaults;
        defaults.seed = 1;
        return defaults;
    }

    std::string path() const { return dir / "neon.mp4"; }

    result<download_report> run(download_options options = {})
    {
        return t.outcome(loads.download(ordered(), path(), options));
    }

    /// The failure of a download that must fail; nothing may stand under the final name then.
    failure failed(download_options options = {})
    {
        const auto r = run(options);
        REQUIRE(r.has_error());
        CHECK(dir.names().find("neon.mp4 ") != 0);
        CHECK(dir.names() != "neon.mp4");
        return r.error();
    }

    /// Answers the first request as `first` says, and all later ones well.
    void first_answer(answer first, media file)
    {
        host.answers = [first = std::move(first), file = std::move(file),
                        n = 0](const seen& r) mutable { return n++ == 0 ? first : serve(file, r); };
    }
};

inline bool says(const failure& f, std::string_view text)
{
    return f.describe().find(text) != std::string::npos;
}

} // namespace media_host_test
