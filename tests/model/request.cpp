// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// validate(): which field is named, and in which words. Not for what a single host refuses.
#include <cokino/model/request.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace request_test {

using namespace std::chrono_literals;

std::string repeated(std::string_view piece, std::size_t times)
{
    std::string out;
    for (std::size_t i = 0; i < times; ++i)
        out += piece;
    return out;
}

template <class Request> struct row {
    const char* what;
    std::function<void(Request&)> spoil;
    const char* field;
    const char* message;
};

template <class Request>
void check_rows(const Request& sound, const std::vector<row<Request>>& rows)
{
    const auto fine = cokino::validate(sound);
    REQUIRE(fine.has_value());
    for (const auto& r : rows) {
        CAPTURE(r.what);
        Request spoilt = sound;
        r.spoil(spoilt);
        const auto checked = cokino::validate(spoilt);
        REQUIRE(checked.has_error());
        CHECK(checked.error() == cokino::errc::invalid_argument);
        CHECK(checked.error().sent() == cokino::fate::not_sent);
        CHECK(checked.error().facts().billed == cokino::billing::no);
        CHECK(checked.error().facts().field == r.field);
        CHECK(checked.error().facts().message == r.message);
    }
}

TEST_CASE("a text_to_video that no host takes is refused by the name of its field")
{
    using request = cokino::text_to_video;
    check_rows<request>(
        request("a neon street"),
        {
            {"empty", [](request& r) { r.prompt.clear(); }, "prompt", "is empty"},
            {"blank", [](request& r) { r.prompt = " \t\n"; }, "prompt", "is empty"},
            {"long", [](request& r) { r.prompt = repeated("x", 2501); }, "prompt",
             "2501 characters; at most 2500"},
            {"nul", [](request& r) { r.prompt = std::string("a\0b", 3); }, "prompt",
             "holds a control character"},
            {"escape", [](request& r) { r.prompt = "0123456789\x1b[2J"; }, "prompt",
             "holds a control character"},
            {"long negative", [](request& r) { r.negative_prompt = repeated("é", 2501); },
             "negative_prompt", "2501 characters; at most 2500"},
            {"7 s", [](request& r) { r.duration = 7s; }, "duration", "7 s is not offered; 5 or 10"},
            {"0 s", [](request& r) { r.duration = 0s; }, "duration", "0 s is not offered; 5 or 10"},
            {"-5 s", [](request& r) { r.duration = -5s; }, "duration",
             "-5 s is not offered; 5 or 10"},
            {"ratio", [](request& r) { r.aspect_ratio = cokino::aspect_ratio{99}; }, "aspect_ratio",
             "is none of 16:9, 9:16, 1:1"},
            {"cfg", [](request& r) { r.cfg_scale = 1.5; }, "cfg_scale", "1.5 is outside 0 to 1"},
            {"cfg < 0", [](request& r) { r.cfg_scale = -0.25; }, "cfg_scale",
             "-0.25 is outside 0 to 1"},
            {"nan", [](request& r) { r.cfg_scale = std::numeric_limits<double>::quiet_NaN(); },
             "cfg_scale", "is not a finite number; 0 to 1"},
            {"infinite", [](request& r) { r.cfg_scale = std::numeric_limits<double>::infinity(); },
             "cfg_scale", "is not a finite number; 0 to 1"},
            {"model", [](request& r) { r.model = cokino::video_model{77}; }, "model",
             "is no model that this version knows"},
        });
}

TEST_CASE("the sentence of a refused field reads field, fault, remedy")
{
    cokino::text_to_video request("a neon street");
    request.duration = 7s;
    const auto checked = cokino::validate(request);
    REQUIRE(checked.has_error());
    const auto text = checked.error().describe();
    CHECK(text.substr(0, 38) == "duration: 7 s is not offered; 5 or 10 ");
}

TEST_CASE("a prompt is counted in characters, wherever they stand")
{
    cokino::text_to_video request;
    for (const char* letter : {"x", "é", "画", "🎬"})
        for (const char* first : {"", "a", "abcdefg", "abcdefgh"}) {
            CAPTURE(letter);
            CAPTURE(first);
            const std::size_t room = 2500 - std::string_view(first).size();
            request.prompt = first + repeated(letter, room);
            CHECK(cokino::validate(request).has_value());
            request.prompt += letter;
            CHECK(cokino::validate(request).has_error());
        }
}

TEST_CASE("a prompt that is not valid UTF-8 is refused, wherever the fault stands")
{
    const std::string_view faults[] = {
        "\x80",         // a follower without a head
        "\xC0\xAF",     // overlong
        "\xC3",         // cut off
        "\xC3(",        // head without follower
        "\xE0\x80\xAF", // overlong
        "\xED\xA0\x80", // surrogate
        "\xE7\x94",     // cut off
        "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", // past U+10FFFF
        "\xF5\x80\x80\x80",
        "\xFF",
    };
    for (const auto fault : faults)
        for (std::size_t before = 0; before < 18; ++before)
            for (const char* after : {"", "b", "bcdefghij"}) {
                CAPTURE(fault);
                CAPTURE(before);
                const cokino::text_to_video request(std::string(before, 'a') + std::string(fault) +
                                                    after);
                const auto checked = cokino::validate(request);
                // One blank-looking case does not exist: each of these holds bytes that count.
                REQUIRE(checked.has_error());
                CHECK(checked.error().facts().message == "is not valid UTF-8");
            }
}

TEST_CASE("the edges of what is offered pass")
{
    cokino::text_to_video clip("line one\r\n\tline two, 画面, 🎬");
    for (const double scale : {0.0, 0.5, 1.0}) {
        clip.cfg_scale = scale;
        CHECK(cokino::validate(clip).has_value());
    }
    clip.duration = 10s;
    CHECK(cokino::validate(clip).has_value());
    cokino::text_to_image still("a lantern");
    still.width = 256;
    still.height = 2048;
    still.count = 4;
    CHECK(cokino::validate(still).has_value());
}

TEST_CASE("an image_to_video that no host takes is refused by the name of its field")
{
    using request = cokino::image_to_video;
    constexpr auto odd_letters = "the link holds a blank, a control character or a letter beyond "
                                 "ASCII; percent-encode it";
    constexpr auto not_fetched = "is neither an http(s) link nor a data:image/...;base64, link; a "
                                 "file must be put where the host can fetch it";
    constexpr auto no_data = "a data link must begin with data:image/...;base64,";
    check_rows<request>(
        request("https://example.org/first.png", "the camera pushes in"),
        {
            {"none", [](request& r) { r.image = ""; }, "image",
             "is empty; a start frame is required"},
            {"path", [](request& r) { r.image = "/home/ann/first.png"; }, "image", not_fetched},
            {"file", [](request& r) { r.image = "file:///etc/passwd"; }, "image", not_fetched},
            {"no host", [](request& r) { r.image = "https:///first.png"; }, "image",
             "the link names no host"},
            {"port only", [](request& r) { r.image = "http://:80/a"; }, "image",
             "the link names no host"},
            {"user", [](request& r) { r.image = "https://ann:pw@example.org/a"; }, "image",
             "the link holds a user name, which the host would get to see"},
            {"blank", [](request& r) { r.image = "https://example.org/a b"; }, "image",
             odd_letters},
            {"line", [](request& r) { r.image = "https://example.org/a\r\nx"; }, "image",
             odd_letters},
            {"letter", [](request& r) { r.image = "https://example.org/é"; }, "image", odd_letters},
            {"long", [](request& r) { r.image = "https://example.org/" + repeated("x", 8173); },
             "image", "a link of 8193 bytes; at most 8192"},
            {"data text", [](request& r) { r.image = "data:text/html;base64,AAAA"; }, "image",
             no_data},
            {"data raw", [](request& r) { r.image = "data:image/png,AAAA"; }, "image", no_data},
            {"data empty", [](request& r) { r.image = "data:image/png;base64,"; }, "image",
             "the data link is empty"},
            {"data odd", [](request& r) { r.image = "data:image/png;base64,AA AA"; }, "image",
             "the data link is not base64"},
            {"data big",
             [](request& r) {
                 r.image = "data:image/png;base64," + std::string(14 * 1024 * 1024, 'A');
             },
             "image", "a data link of 14680086 bytes; at most 14680064"},
            {"tail", [](request& r) { r.tail_image = "last.png"; }, "tail_image", not_fetched},
            {"prompt", [](request& r) { r.prompt = ""; }, "prompt", "is empty"},
            {"negative", [](request& r) { r.negative_prompt = "\xFF"; }, "negative_prompt",
             "is not valid UTF-8"},
            {"9 s", [](request& r) { r.duration = 9s; }, "duration", "9 s is not offered; 5 or 10"},
            {"cfg", [](request& r) { r.cfg_scale = 2; }, "cfg_scale", "2 is outside 0 to 1"},
            {"model", [](request& r) { r.model = cokino::video_model{77}; }, "model",
             "is no model that this version knows"},
        });
    request inline_frame("DATA:image/png;base64,iVBORw0KGgo=", "push in");
    inline_frame.tail_image = "http://example.org:8080/last.png?sig=%20x@y";
    CHECK(cokino::validate(inline_frame).has_value());
}

TEST_CASE("a text_to_image that no host takes is refused by the name of its field")
{
    using request = cokino::text_to_image;
    check_rows<request>(
        request("a lantern"),
        {
            {"prompt", [](request& r) { r.prompt.clear(); }, "prompt", "is empty"},
            {"ratio", [](request& r) { r.aspect_ratio = cokino::aspect_ratio{99}; }, "aspect_ratio",
             "is none of 16:9, 9:16, 1:1"},
            {"width alone", [](request& r) { r.width = 1024; }, "height",
             "is missing; give both width and height, or neither"},
            {"height alone", [](request& r) { r.height = 1024; }, "width",
             "is missing; give both width and height, or neither"},
            {"small", [](request& r) { r.width = 255, r.height = 1024; }, "width",
             "255 is outside 256 to 2048"},
            {"big", [](request& r) { r.width = 1024, r.height = 2049; }, "height",
             "2049 is outside 256 to 2048"},
            {"none", [](request& r) { r.count = 0; }, "count", "0 is outside 1 to 4"},
            {"five", [](request& r) { r.count = 5; }, "count", "5 is outside 1 to 4"},
            {"model", [](request& r) { r.model = cokino::image_model{77}; }, "model",
             "is no model that this version knows"},
        });
}

TEST_CASE("a video_upscale that no host takes is refused by the name of its field")
{
    using request = cokino::video_upscale;
    using cokino::video_resolution;
    constexpr auto not_fetched =
        "is no http(s) link; a file on this machine is video_source::from_file";
    constexpr auto not_brought = "is a file or bytes, which only a client brings to a host; submit "
                                 "the request through one";
    check_rows<request>(
        request("https://example.org/clip.mp4", 2),
        {
            {"none", [](request& r) { r.video = ""; }, "video", "is empty; a clip is required"},
            {"path", [](request& r) { r.video = "/home/ann/clip.mp4"; }, "video", not_fetched},
            {"data", [](request& r) { r.video = "data:video/mp4;base64,AAAA"; }, "video",
             not_fetched},
            {"no host", [](request& r) { r.video = "https:///clip.mp4"; }, "video",
             "the link names no host"},
            {"user", [](request& r) { r.video = "https://ann:pw@example.org/a"; }, "video",
             "the link holds a user name, which the host would get to see"},
            {"a file", [](request& r) { r.video = cokino::video_source::from_file("a.mp4"); },
             "video", not_brought},
            {"bytes", [](request& r) { r.video = cokino::video_source::from_bytes("a"); }, "video",
             not_brought},
            {"no size", [](request& r) { r.factor.reset(); }, "factor",
             "is missing; give a factor or a resolution"},
            {"two sizes", [](request& r) { r.resolution = video_resolution::uhd_4k; }, "resolution",
             "is given beside factor; give one of the two"},
            {"smaller", [](request& r) { r.factor = 0.5; }, "factor", "0.5 is outside 1 to 4"},
            {"too large", [](request& r) { r.factor = 4.25; }, "factor", "4.25 is outside 1 to 4"},
            {"nan", [](request& r) { r.factor = std::numeric_limits<double>::quiet_NaN(); },
             "factor", "is not a finite number; 1 to 4"},
            {"resolution",
             [](request& r) {
                 r.factor.reset();
                 r.resolution = video_resolution{9};
             },
             "resolution", "is none of 720p, 1080p, 1440p, 4k"},
            {"slow", [](request& r) { r.fps = 14; }, "fps", "14 is outside 15 to 120"},
            {"fast", [](request& r) { r.fps = 121; }, "fps", "121 is outside 15 to 120"},
            {"extra", [](request& r) { r.extra = "[]"; }, "extra", "is no JSON object"},
            {"model", [](request& r) { r.model = cokino::upscale_model{77}; }, "model",
             "is no model that this version knows"},
        });
}

TEST_CASE("the edges of an upscale pass, and its resolutions have their lines")
{
    for (const double factor : {1.0, 1.5, 4.0})
        CHECK(cokino::validate(cokino::video_upscale("http://example.org/a", factor)).has_value());
    const struct {
        cokino::video_resolution resolution;
        const char* text;
        int lines;
    } rows[] = {{cokino::video_resolution::hd_720p, "720p", 720},
                {cokino::video_resolution::full_hd_1080p, "1080p", 1080},
                {cokino::video_resolution::qhd_1440p, "1440p", 1440},
                {cokino::video_resolution::uhd_4k, "4k", 2160}};
    for (const auto& row : rows) {
        cokino::video_upscale r("https://example.org/a", row.resolution);
        r.fps = row.lines == 720 ? 15 : 120;
        CHECK(cokino::validate(r).has_value());
        CHECK(text_of(row.resolution) == row.text);
        CHECK(lines_of(row.resolution) == row.lines);
    }
}

TEST_CASE("an upscale takes over what is known of the clip that it starts from")
{
    cokino::video clip;
    clip.file = cokino::asset("https://example.org/clip.mp4");
    clip.file.index = 3;
    clip.duration_s = 10;
    clip.lines = 720;
    clip.aspect_ratio = "9:16";
    const cokino::video_upscale r(clip, 2);
    CHECK(r.video.url == "https://example.org/clip.mp4");
    CHECK(r.video.made.index == 3);
    CHECK(r.video.duration_s == 10);
    CHECK(r.video.lines == 720);
    CHECK(r.video.aspect_ratio == "9:16");
    const cokino::video_source of_asset(clip.file);
    CHECK(of_asset.made.index == 3);
    CHECK(of_asset.duration_s == 0);
}

} // namespace request_test
