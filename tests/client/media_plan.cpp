// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Start frames against a host's rules: which way they go, what is refused, and what is foretold, to
// the pixel.
#include <cokino/client/detail/media_plan.hpp>
#include <cokino/core/limits.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace media_plan_test {

using namespace cokino;
using detail::centre_crop;
using detail::media_route;
using detail::nearest_crop;
using wire::image_facts;
using wire::image_kind;
using namespace std::string_literals;

constexpr std::size_t kib = 1024;

std::string be(std::uint64_t value, int bytes)
{
    std::string out;
    for (int i = bytes - 1; i >= 0; --i)
        out += static_cast<char>(value >> (8 * i) & 0xFF);
    return out;
}

/// A PNG by its header, as long as wanted.
std::string png(int width, int height, std::size_t size = 33)
{
    auto out = "\x89PNG\r\n\x1a\n"s + be(13, 4) + "IHDR" + be(static_cast<unsigned>(width), 4) +
               be(static_cast<unsigned>(height), 4) + "\x08\x02\0\0\0"s;
    out.resize(size, 'x');
    return out;
}

std::string gif() { return "GIF89a\x80\x07\x38\x04\0\0\0"s; } // 1920 x 1080

provider_traits host(std::size_t inline_max, std::size_t upload_max)
{
    provider_traits out;
    out.name = "some";
    out.media.inline_bytes_max = inline_max;
    out.media.upload_bytes_max = upload_max;
    out.media.side_min = 300;
    out.media.ratio_max = 2.5;
    return out;
}

std::string route_of(std::size_t size, const provider_traits& h)
{
    auto const plan = detail::plan_media(png(1920, 1080, size), h, "image");
    if (!plan)
        return plan.error().facts().message;
    CHECK(plan->warnings.empty());
    return plan->how == media_route::upload ? "upload" : "inline";
}

std::string refusal(const std::string& bytes, const provider_traits& h,
                    errc code = errc::invalid_argument)
{
    auto const plan = detail::plan_media(bytes, h, "tail_image");
    REQUIRE(!plan.has_value());
    CHECK(plan.error() == code);
    CHECK(plan.error().sent() == fate::not_sent);
    CHECK(plan.error().facts().field == "tail_image");
    CHECK(plan.error().facts().host == "some");
    return plan.error().facts().message;
}

/// All that is foretold, a line each.
std::string foretold(int width, int height, std::optional<image_facts> first = {})
{
    auto h = host(kib, 0);
    h.media.side_min = 0;
    h.media.ratio_max = 0;
    auto const plan = detail::plan_media(png(width, height), h, "image", first);
    REQUIRE(plan.has_value());
    std::string out;
    for (auto const& w : plan->warnings) {
        CHECK(w.facts().field == "image");
        CHECK(w.facts().host == "some");
        out += w.facts().message + '\n';
    }
    return out;
}

TEST_CASE("a plan names the file by what is in it")
{
    auto const plan = detail::plan_media(png(1920, 1080), host(kib, 0), "image");
    REQUIRE(plan.has_value());
    CHECK(plan->facts.width == 1920);
    CHECK(plan->facts.height == 1080);
    CHECK(plan->content_type == "image/png");
    CHECK(plan->digest.size() == 64);
    CHECK(plan->file_name == "frame-" + plan->digest.substr(0, 12) + ".png");
    auto h = host(kib, 0);
    h.media.formats = image_format::gif;
    auto const other = detail::plan_media(gif(), h, "image");
    REQUIRE(other.has_value());
    CHECK(other->content_type == "image/gif");
    // printf 'GIF89a\x80\x07\x38\x04\0\0\0' | sha256sum
    CHECK(other->file_name == "frame-81f79e67bc69.gif");
}

TEST_CASE("small pictures go inline and others are uploaded, where both can be")
{
    auto const both = host(1024 * kib, 2048 * kib);
    CHECK(route_of(40, both) == "inline");
    CHECK(route_of(256 * kib, both) == "inline");
    CHECK(route_of(256 * kib + 1, both) == "upload");
    CHECK(route_of(2048 * kib, both) == "upload");
    CHECK(route_of(2048 * kib + 1, both) ==
          "the picture has 2097153 bytes, and at most 2097152 can be uploaded; make it smaller, "
          "or give a public https link");
    auto const tight = host(64 * kib, 2048 * kib);
    CHECK(route_of(64 * kib, tight) == "inline");
    CHECK(route_of(64 * kib + 1, tight) == "upload");
    // What an upload does not take may still go inline.
    CHECK(route_of(300 * kib, host(1024 * kib, 200 * kib)) == "inline");
}

TEST_CASE("the one way that a host has is taken up to its bound")
{
    CHECK(route_of(1024 * kib, host(1024 * kib, 0)) == "inline");
    CHECK(route_of(1024 * kib + 1, host(1024 * kib, 0)) ==
          "the picture has 1048577 bytes, and at most 1048576 can be sent inline; make it smaller, "
          "or give a public https link");
    CHECK(route_of(40, host(0, 1024 * kib)) == "upload");
    auto closed = host(0, 40);
    closed.media.takes_links = false;
    CHECK(route_of(41, closed) ==
          "the picture has 41 bytes, and at most 40 can be uploaded; make it smaller");
}

TEST_CASE("a host that takes no bytes says so, and what it takes")
{
    auto h = host(0, 0);
    CHECK(refusal(png(1920, 1080), h, errc::unsupported_field) ==
          "the host takes no pictures as bytes; give a public https link");
    h.media.takes_links = false;
    CHECK(refusal(png(1920, 1080), h, errc::unsupported_field) ==
          "the host takes no pictures as bytes");
}

TEST_CASE("what a host would refuse is refused before anything is sent")
{
    auto h = host(kib, 0);
    CHECK(refusal("<html>", h) == "the picture is neither PNG, JPEG, WebP nor GIF; it begins like "
                                  "an HTML page");
    CHECK(refusal(png(1920, 1080, 20), h) == "the PNG ends inside its header");
    CHECK(refusal(gif(), h) == "a GIF picture is not taken; PNG or JPEG");
    h.media.formats = image_format::png | image_format::jpeg;
    h.media.formats = h.media.formats | image_format::webp;
    CHECK(refusal(gif(), h) == "a GIF picture is not taken; PNG, JPEG or WebP");
    h.media.formats = image_format::webp;
    CHECK(refusal(png(1920, 1080), h) == "a PNG picture is not taken; WebP");
    h.media.formats = {};
    CHECK(refusal(png(1920, 1080), h) == "a PNG picture is not taken; none");
}

TEST_CASE("size, sides and shape have the host's bounds, to the byte and pixel")
{
    auto h = host(100 * kib, 0);
    h.media.bytes_max = 50;
    auto const taken = [&](const std::string& bytes) {
        return detail::plan_media(bytes, h, "image").has_value();
    };
    CHECK(taken(png(1920, 1080, 50)));
    CHECK(refusal(png(1920, 1080, 51), h) == "the picture has 51 bytes; at most 50");
    CHECK(taken(png(300, 300)));
    CHECK(refusal(png(299, 400), h) ==
          "the picture has 299x400 pixels; each side needs at least 300");
    CHECK(refusal(png(400, 299), h) ==
          "the picture has 400x299 pixels; each side needs at least 300");
    CHECK(taken(png(750, 300)));
    CHECK(taken(png(300, 750)));
    auto const shape = "; the longer side may be at most 2.5 times the shorter"s;
    CHECK(refusal(png(751, 300), h) == "the picture has 751x300 pixels" + shape);
    CHECK(refusal(png(300, 751), h) == "the picture has 300x751 pixels" + shape);
    h.media.ratio_max = 0; // not known
    h.media.side_min = 0;
    CHECK(taken(png(10'000, 1)));
}

TEST_CASE("the library's own bound holds where a host's is not known or larger")
{
    auto h = host(100 * 1024 * kib, 0);
    auto const most = limits::image_bytes_max;
    CHECK(route_of(most, h) == "inline");
    CHECK(refusal(png(1920, 1080, most + 1), h) ==
          "the picture has 52428801 bytes; at most 52428800");
    h.media.bytes_max = most + 1;
    CHECK(refusal(png(1920, 1080, most + 1), h) ==
          "the picture has 52428801 bytes; at most 52428800");
}

TEST_CASE("a picture that is too small to look sharp is foretold")
{
    auto const soft = [](const char* pixels) {
        return "the longer side of the picture has "s + pixels +
               " pixels, fewer than 1024: the clip is rendered at up to 1080p and will look soft\n";
    };
    CHECK(foretold(1024, 1024).empty());
    CHECK(foretold(1024, 576).empty());
    CHECK(foretold(576, 1024).empty());
    CHECK(foretold(1023, 1023) == soft("1023"));
    CHECK(foretold(512, 910) == soft("910"));
}

TEST_CASE("a shape within one in a hundred of a known one is left alone")
{
    CHECK(foretold(1920, 1088).empty()); // rows that an encoder adds
    CHECK(foretold(1280, 720).empty());
    CHECK(foretold(1366, 768).empty());
    CHECK(foretold(1080, 1920).empty());
    // 16:9 of 9000 rows is 16000 columns: 160 more or less are within the bound, 161 are not.
    CHECK(foretold(16160, 9000).empty());
    CHECK(!foretold(16161, 9000).empty());
    CHECK(foretold(15840, 9000).empty());
    CHECK(!foretold(15839, 9000).empty());
    CHECK(foretold(2020, 2000).empty());
    CHECK(!foretold(2021, 2000).empty());
}

TEST_CASE("a crop is foretold to the pixel")
{
    auto const crop = [](const char* rest) {
        return "the picture is neither 16:9, 9:16 nor 1:1: a host that crops to "s + rest + '\n';
    };
    CHECK(foretold(1920, 1200) == crop("16:9 will keep 1920x1080 of 1920x1200, cutting 60 rows "
                                       "above and 60 below"));
    CHECK(foretold(1200, 1920) == crop("9:16 will keep 1080x1920 of 1200x1920, cutting 60 columns "
                                       "on the left and 60 on the right"));
    CHECK(foretold(2560, 1080) == crop("16:9 will keep 1920x1080 of 2560x1080, cutting 320 columns "
                                       "on the left and 320 on the right"));
    CHECK(foretold(1080, 1350) == crop("1:1 will keep 1080x1080 of 1080x1350, cutting 135 rows "
                                       "above and 135 below"));
    CHECK(foretold(1920, 1101) == crop("16:9 will keep 1920x1080 of 1920x1101, cutting 10 rows "
                                       "above and 11 below"));
    CHECK(foretold(1024, 1027 + 10) == crop("1:1 will keep 1024x1024 of 1024x1037, cutting 6 rows "
                                            "above and 7 below"));
    CHECK(foretold(103, 100).ends_with(crop("1:1 will keep 100x100 of 103x100, cutting 1 column on "
                                            "the left and 2 on the right")));
}

TEST_CASE("the nearest shape is the one that keeps most of the picture")
{
    struct row {
        int width, height;
        centre_crop crop;
    };
    using enum aspect_ratio;
    constexpr int most = std::numeric_limits<int>::max();
    row const rows[] = {
        {1920, 1080, {1920, 1080, 0, 0, 0, 0, landscape_16_9}},
        {1080, 1920, {1080, 1920, 0, 0, 0, 0, portrait_9_16}},
        {500, 500, {500, 500, 0, 0, 0, 0, square_1_1}},
        {1440, 1080, {1440, 810, 0, 0, 135, 135, landscape_16_9}}, // 4:3: both keep 3/4
        {1439, 1080, {1080, 1080, 179, 180, 0, 0, square_1_1}},
        {1500, 1000, {1500, 843, 0, 0, 78, 79, landscape_16_9}},
        {1000, 1500, {843, 1500, 78, 79, 0, 0, portrait_9_16}},
        {9, 1000, {9, 16, 0, 0, 492, 492, portrait_9_16}},
        {most, most, {most, most, 0, 0, 0, 0, square_1_1}},
        {most, 9, {16, 9, 1073741815, 1073741816, 0, 0, landscape_16_9}},
    };
    for (auto const& r : rows) {
        CAPTURE(r.width);
        CAPTURE(r.height);
        auto const got = nearest_crop(r.width, r.height);
        CHECK(text_of(got.ratio) == text_of(r.crop.ratio));
        CHECK(got.width == r.crop.width);
        CHECK(got.height == r.crop.height);
        CHECK(got.left == r.crop.left);
        CHECK(got.right == r.crop.right);
        CHECK(got.above == r.crop.above);
        CHECK(got.below == r.crop.below);
        CHECK(std::int64_t{got.left} + got.width + got.right == r.width);
        CHECK(std::int64_t{got.above} + got.height + got.below == r.height);
    }
}

TEST_CASE("a last frame of another shape than the first is foretold")
{
    auto const first = [](int width, int height) {
        return image_facts{image_kind::jpeg, width, height};
    };
    CHECK(foretold(1920, 1080, first(1280, 720)).empty());
    CHECK(foretold(1920, 1080, first(1366, 768)).empty());
    CHECK(foretold(1080, 1920, first(1920, 1080)) ==
          "the last frame has 1080x1920 pixels, the first 1920x1080: their shapes differ, so one "
          "of them will be cropped or stretched\n");
    constexpr int most = std::numeric_limits<int>::max();
    CHECK(!detail::differs_in_shape(first(most, most), first(1, 1)));
    CHECK(detail::differs_in_shape(first(most, 1), first(1, most)));
    CHECK(!detail::differs_in_shape(first(101, 100), first(100, 100)));
    CHECK(detail::differs_in_shape(first(102, 100), first(100, 100)));
}

} // namespace media_plan_test
