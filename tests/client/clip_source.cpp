// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The clip that an upscale starts from: what of a file a host would refuse.
#include <cokino/client/detail/clip_source.hpp>
#include <cokino/testing/clips.hpp>
#include <cokino/wire/signature.hpp>

#include <doctest/doctest.h>

#include <string>

namespace clip_source_test {

using namespace cokino;
using namespace cokino::detail;

provider_traits host_with(std::size_t upload, std::size_t most = 0, int lines = 0)
{
    provider_traits out;
    out.name = "somewhere";
    out.source.upload_bytes_max = upload;
    out.source.bytes_max = most;
    out.source.lines_max = lines;
    return out;
}

TEST_CASE("a file that is a clip is planned, with a name from its bytes")
{
    const std::string bytes = cokino::testing::clip_of_lines(720, 5, aspect_ratio::landscape_16_9);
    const auto plan = plan_clip(bytes, host_with(bytes.size(), bytes.size(), 720));
    REQUIRE(plan.has_value());
    CHECK(plan->facts.width == 1280);
    CHECK(plan->digest == wire::hex_encode(wire::sha256_of(bytes)));
    CHECK(plan->file_name == "clip-" + plan->digest.substr(0, 12) + ".mp4");
}

TEST_CASE("a file that the host would refuse is refused here, by field and host")
{
    const std::string bytes = cokino::testing::clip_1080p(5, aspect_ratio::portrait_9_16);
    const struct {
        const char* what;
        std::string bytes;
        provider_traits host;
        errc code;
        const char* piece;
    } rows[] = {
        {"no route", bytes, host_with(0), errc::unsupported_field, "give a public https link"},
        {"empty", "", host_with(1 << 20), errc::invalid_argument, "is no whole MP4"},
        {"a picture", cokino::testing::still(64, 64), host_with(1 << 20), errc::invalid_argument,
         "is no whole MP4"},
        {"cut off", bytes.substr(0, bytes.size() / 2), host_with(1 << 20), errc::invalid_argument,
         "is no whole MP4"},
        {"beyond an upload", bytes, host_with(bytes.size() - 1), errc::invalid_argument,
         "can be uploaded"},
        {"beyond the host", bytes, host_with(1 << 20, bytes.size() - 1), errc::invalid_argument,
         "can be uploaded"},
        {"too tall", bytes, host_with(1 << 20, 0, 720), errc::invalid_argument,
         "1080x1920; its shorter side may have at most 720"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        const auto plan = plan_clip(row.bytes, row.host);
        REQUIRE(plan.has_error());
        CHECK(plan.error() == row.code);
        CHECK(plan.error().facts().field == "video");
        CHECK(plan.error().facts().host == "somewhere");
        CHECK(plan.error().facts().message.find(row.piece) != std::string::npos);
    }
}

} // namespace clip_source_test
