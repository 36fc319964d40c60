// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What passes for a clip or a still, and what does not.

#include <cokino/testing/clips.hpp>
#include <cokino/transfer/detail/content_check.hpp>

#include "media_host.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>

namespace content_check_test {

using namespace media_host_test;
using cokino::detail::check_beginning;
using cokino::detail::check_whole;
using cokino::detail::content_order;
using cokino::detail::content_wish;
using cokino::detail::wish_for;

TEST_CASE("what a file should be is said by its type, its job, or the response, in that order")
{
    asset file("https://host/a");
    CHECK(wish_for(file, false, "") == content_wish::anything);
    CHECK(wish_for(file, false, "video/mp4") == content_wish::mp4);
    CHECK(wish_for(file, false, "image/png") == content_wish::image);
    CHECK(wish_for(file, false, "image/svg+xml") == content_wish::anything);
    CHECK(wish_for(file, true, "binary/octet-stream") == content_wish::mp4);
    file.from = some_job(job_kind::images);
    CHECK(wish_for(file, false, "video/mp4") == content_wish::image);
    file.from = some_job();
    CHECK(wish_for(file, false, "text/html") == content_wish::mp4);
    file.content_type = "application/octet-stream";
    CHECK(wish_for(file, false, "") == content_wish::mp4);
    file.content_type = "Video/WebM; codecs=vp9";
    CHECK(wish_for(file, true, "") == content_wish::video);
    file.content_type = "image/jpeg";
    CHECK(wish_for(file, true, "video/mp4") == content_wish::image);
}

bool begins_well(std::string_view bytes, content_wish wish, std::string_view type = {})
{
    const auto good = check_beginning(bytes, wish, type);
    if (good.has_error())
        CHECK(good.error() == errc::content_mismatch);
    return good.has_value();
}

TEST_CASE("error pages do not pass for clips or stills")
{
    const std::string mp4 = testing::clip(5, aspect_ratio::square_1_1).substr(0, 64);
    const std::string png = testing::still(8, 8).substr(0, 64);
    for (const char* page : {"<!DOCTYPE html><html>", "  <html>", "{\"detail\":\"expired\"}",
                             "<?xml version=\"1.0\"?><Error>", "[]"}) {
        CHECK_FALSE(begins_well(page, content_wish::mp4));
        CHECK_FALSE(begins_well(page, content_wish::video));
        CHECK_FALSE(begins_well(page, content_wish::image, "image/gif"));
        CHECK(begins_well(page, content_wish::anything));
    }
    CHECK(begins_well(mp4, content_wish::mp4));
    CHECK(begins_well(png, content_wish::image));
    CHECK_FALSE(begins_well(png, content_wish::mp4));
    CHECK(begins_well("\x1A\x45\xDF\xA3 webm", content_wish::video));
    CHECK(begins_well("GIF89a", content_wish::image, "image/gif"));
    CHECK_FALSE(begins_well("GIF89a", content_wish::image, "image/png"));
    CHECK_FALSE(begins_well("GIF89a", content_wish::image, ""));
}

TEST_CASE("a page is quoted, cleaned, capped and without its secrets")
{
    std::string page = "<html>\x1B[31mlink https://host/a?Signature=canary expired</html>";
    page += std::string(5000, 'x');
    const auto bad = check_beginning(page, content_wish::mp4, "");
    REQUIRE(bad.has_error());
    const auto& said = bad.error().facts().host_text;
    CHECK(said.find("expired") != std::string::npos);
    CHECK(said.find("canary") == std::string::npos);
    CHECK(said.find('\x1B') == std::string::npos);
    CHECK(said.size() <= limits::sample_bytes_max + 10);
    CHECK(bad.error().facts().message == "the host sent an HTML page instead of a video");
}

TEST_CASE("a clip must be a whole MP4 of the duration ordered")
{
    content_order order;
    order.wish = content_wish::mp4;
    order.duration_s = 5;
    order.end_is_known = true;
    const std::string five = testing::clip(5, aspect_ratio::landscape_16_9);
    wire::memory_reader good(five);
    const auto info = check_whole(&good, order);
    REQUIRE(info.has_value());
    CHECK(info->width > info->height);

    const std::string ten = testing::clip(10, aspect_ratio::landscape_16_9);
    wire::memory_reader other(ten);
    const auto longer = check_whole(&other, order);
    REQUIRE(longer.has_error());
    CHECK(longer.error() == errc::content_mismatch);
    CHECK(longer.error().facts().message == "the clip lasts 10 s, but 5 s were ordered");
    order.duration_s = 0;
    CHECK(check_whole(&other, order).has_value());

    for (const auto& whole : {five, ten})
        for (std::size_t size = 0; size < whole.size(); size += 499) {
            wire::memory_reader cut(std::string_view(whole).substr(0, size));
            CHECK(check_whole(&cut, order).has_error());
        }
}

wire::mp4_info plain(unsigned width, unsigned height)
{
    wire::mp4_info clip;
    clip.width = clip.coded_width = width;
    clip.height = clip.coded_height = height;
    return clip;
}

bool fits(unsigned width, unsigned height, int lines, std::string_view shape = {})
{
    content_order order;
    order.lines = lines;
    order.aspect_ratio = shape;
    const auto good = cokino::detail::check_picture(plain(width, height), order);
    if (good.has_error())
        CHECK(good.error() == errc::content_mismatch);
    return good.has_value();
}

TEST_CASE("a clip must be as large as was ordered; odd sizes of hosts and larger ones pass")
{
    for (const auto& size :
         {std::pair(1920U, 1080U), std::pair(1080U, 1920U), std::pair(1916U, 1080U),
          std::pair(1924U, 1076U), std::pair(1440U, 1440U), std::pair(1080U, 1080U),
          std::pair(1660U, 1244U), std::pair(2208U, 936U), std::pair(3840U, 2160U)}) {
        CAPTURE(size.first);
        CHECK(fits(size.first, size.second, 1080));
        CHECK(fits(size.first, size.second, 720));
    }
    for (const auto& size :
         {std::pair(1280U, 720U), std::pair(720U, 1280U), std::pair(960U, 960U),
          std::pair(1284U, 716U), std::pair(1104U, 832U), std::pair(720U, 720U)}) {
        CAPTURE(size.first);
        CHECK_FALSE(fits(size.first, size.second, 1080));
        CHECK(fits(size.first, size.second, 720));
    }
    CHECK_FALSE(fits(854, 480, 720));
    CHECK_FALSE(fits(640, 640, 720));
    CHECK(fits(1, 1, 0));
    CHECK(fits(65535, 65535, 2160));
    CHECK_FALSE(fits(1, 1, 2147483647));
    content_order order;
    order.lines = 1080;
    CHECK(cokino::detail::check_picture(plain(1280, 720), order).error().facts().message ==
          "the clip is 1280x720, but 1080p was ordered");
}

TEST_CASE("lines are those of the coded pictures, and the shape is what a viewer sees")
{
    content_order order;
    order.lines = 1080;
    order.aspect_ratio = "16:9";
    const auto told = [&](const wire::mp4_info& clip) {
        const auto good = cokino::detail::check_picture(clip, order);
        return good ? std::string() : good.error().facts().message;
    };
    auto blown_up = plain(1920, 1080); // by the header alone
    blown_up.coded_width = 320;
    blown_up.coded_height = 180;
    CHECK(told(blown_up) ==
          "the clip is 320x180 (to be shown as 1920x1080), but 1080p was ordered");
    auto shrunk = plain(1920, 1080);
    shrunk.width = 640;
    shrunk.height = 360;
    CHECK(told(shrunk).empty());
    auto narrow_pixels = plain(1920, 1080); // as cameras and discs have them
    narrow_pixels.coded_width = 1440;
    CHECK(told(narrow_pixels).empty());
    auto turned = plain(1080, 1920);
    turned.coded_width = 1920;
    turned.coded_height = 1080;
    CHECK(told(turned) == "the clip is 1920x1080 (to be shown as 1080x1920), but 16:9 was ordered");
    order.aspect_ratio = "9:16";
    CHECK(told(turned).empty());
}

TEST_CASE("a clip must have the shape that was ordered, within a twentieth")
{
    for (const auto& [width, height] : {std::pair(1920U, 1080U), std::pair(1916U, 1080U),
                                        std::pair(1924U, 1076U), std::pair(320U, 180U)}) {
        CHECK(fits(width, height, 0, "16:9"));
        CHECK_FALSE(fits(width, height, 0, "9:16"));
        CHECK_FALSE(fits(width, height, 0, "1:1"));
        CHECK(fits(height, width, 0, "9:16"));
    }
    CHECK(fits(1440, 1440, 0, "1:1"));
    CHECK_FALSE(fits(1660, 1244, 0, "16:9"));
    for (const char* unknown : {"", "auto", "16", "16:", ":9", "0:9", "16:0", "16:9:4", "-16:9"})
        CHECK(fits(1, 1000, 0, unknown));
    content_order order;
    order.aspect_ratio = "16:9";
    CHECK(cokino::detail::check_picture(plain(1080, 1920), order).error().facts().message ==
          "the clip is 1080x1920, but 16:9 was ordered");
}

TEST_CASE("where HTTP does not tell the end, the file itself must")
{
    content_order order;
    const std::string still = testing::still(16, 16);
    wire::memory_reader whole(still);
    wire::memory_reader cut(std::string_view(still).substr(0, still.size() - 1));
    const auto passes = [&](wire::byte_reader* file, content_wish wish, bool known) {
        order.wish = wish;
        order.end_is_known = known;
        return check_whole(file, order).has_value();
    };
    CHECK(passes(&whole, content_wish::image, false));
    CHECK_FALSE(passes(&cut, content_wish::image, false));
    CHECK(passes(&cut, content_wish::image, true)); // its length was right: it is what was sent
    CHECK_FALSE(passes(&whole, content_wish::anything, false));
    CHECK(passes(&whole, content_wish::anything, true));
    CHECK_FALSE(passes(nullptr, content_wish::mp4, false));
    CHECK(passes(nullptr, content_wish::mp4, true));
    const std::string short_file = "\xFF\xD8\xFF";
    wire::memory_reader tiny(short_file);
    CHECK_FALSE(passes(&tiny, content_wish::image, false));
}

} // namespace content_check_test
