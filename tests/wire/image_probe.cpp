// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Headers built piece by piece, and the heads of files that another program wrote. Each good one is
// cut at every byte: a cut head is an error that says so, and never a wrong size.
#include <cokino/wire/image_probe.hpp>
#include <cokino/wire/signature.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace image_probe_test {

using namespace cokino::wire;
using namespace std::string_literals;

std::string be(std::uint64_t value, int bytes)
{
    std::string out;
    for (int i = bytes - 1; i >= 0; --i)
        out += static_cast<char>(value >> (8 * i) & 0xFF);
    return out;
}

std::string le(std::uint64_t value, int bytes)
{
    auto const turned = be(value, bytes);
    return {turned.rbegin(), turned.rend()};
}

std::string png(std::uint32_t width, std::uint32_t height, const std::string& type = "IHDR",
                std::uint32_t length = 13)
{
    return "\x89PNG\r\n\x1a\n" + be(length, 4) + type + be(width, 4) + be(height, 4) +
           "\x08\x02\0\0\0"s + be(0, 4);
}

std::string segment(int marker, const std::string& body)
{
    return "\xff" + be(static_cast<unsigned>(marker), 1) + be(body.size() + 2, 2) + body;
}

std::string frame(int marker, unsigned width, unsigned height)
{
    return segment(marker, "\x08" + be(height, 2) + be(width, 2) + "\x01\x01\x11" + be(0, 1));
}

std::string jpeg(const std::string& segments) { return "\xff\xd8" + segments; }

std::string jfif() { return segment(0xE0, "JFIF\0\x01\x02\0\0\x01\0\x01\0\0"s); }

/// Exif data with two entries, of which the second is the orientation.
std::string exif(bool little, unsigned orientation, unsigned kind = 3)
{
    auto const n = [&](std::uint64_t value, int bytes) {
        return little ? le(value, bytes) : be(value, bytes);
    };
    return segment(0xE1, "Exif\0\0"s + (little ? "II" : "MM") + n(42, 2) + n(8, 4) + n(2, 2) +
                             n(0x010F, 2) + n(2, 2) + n(4, 4) + "ABC\0"s + n(0x0112, 2) +
                             n(kind, 2) + n(1, 4) + n(orientation, 2) + n(0, 2) + n(0, 4));
}

std::string webp(const std::string& type, const std::string& body)
{
    return "RIFF" + le(body.size() + 12, 4) + "WEBP" + type + le(body.size(), 4) + body;
}

std::string lossy(unsigned width, unsigned height)
{
    // The two upper bits of each side are a scale, which only players heed.
    return webp("VP8 ", "\x50\x42\x01\x9d\x01\x2a"s + le(width | 0x4000, 2) + le(height, 2));
}

std::string lossless(unsigned width, unsigned height)
{
    return webp("VP8L", "\x2f" + le((width - 1) | (height - 1) << 14, 4) + be(0, 1));
}

std::string extended(unsigned width, unsigned height)
{
    return webp("VP8X", "\x10\0\0\0"s + le(width - 1, 3) + le(height - 1, 3));
}

std::string gif(unsigned width, unsigned height)
{
    return "GIF89a" + le(width, 2) + le(height, 2) + "\xf0\0\0"s;
}

/// "PNG 64x48", or the reason for the refusal. Exact memory, so that a sanitizer sees an overread.
std::string seen(std::string_view bytes)
{
    std::vector<char> const exact(bytes.begin(), bytes.end());
    auto const facts = probe_image({exact.data(), exact.size()});
    if (facts)
        return std::string(name_of(facts->format)) + ' ' + std::to_string(facts->width) + 'x' +
               std::to_string(facts->height);
    CHECK(facts.error() == cokino::errc::invalid_argument);
    return facts.error().facts().message;
}

struct sample {
    std::string name, bytes, seen;
};

std::vector<sample> samples()
{
    // Written by ffmpeg 5.1 from one picture of 64 x 48; one table stands for the JPEG's own.
    auto const hex = [](std::string_view digits) { return hex_decode(digits).value(); };
    return {
        {"png", hex("89504e470d0a1a0a0000000d49484452000000400000003008020000002e29eb48"),
         "PNG 64x48"},
        {"jpeg",
         hex("ffd8ffe000104a464946000102000001000100"
             "00fffe00104c61766335392e33372e31303000") +
             segment(0xDB, std::string(65, '\x08')) + hex("ffc00011080030004003011200021200031200"),
         "JPEG 64x48"},
        {"gif", hex("47494638396140003000f71f31"), "GIF 64x48"},
        {"lossless", hex("52494646fc000000574542505650384cef0000002f3fc00b00"), "WebP 64x48"},
        {"lossy", hex("52494646b00200005745425056503820a4020000f012009d012a40003000"),
         "WebP 64x48"},
        {"png of ours", png(1920, 1080), "PNG 1920x1080"},
        {"largest png", png(0x7FFFFFFF, 1), "PNG 2147483647x1"},
        {"bare jpeg", jpeg(frame(0xC0, 640, 480)), "JPEG 640x480"},
        {"turned jpeg", jpeg(jfif() + exif(true, 6) + frame(0xC2, 640, 480)), "JPEG 480x640"},
        {"gif of ours", gif(65535, 2), "GIF 65535x2"},
        {"lossy of ours", lossy(16383, 300), "WebP 16383x300"},
        {"lossless of ours", lossless(16384, 1), "WebP 16384x1"},
        {"extended", extended(16777216, 1920), "WebP 16777216x1920"},
    };
}

TEST_CASE("each kind of picture gives its format and size")
{
    for (auto const& s : samples()) {
        CAPTURE(s.name);
        CHECK(seen(s.bytes) == s.seen);
        CHECK(seen(s.bytes + std::string(100, '\xff')) == s.seen);
    }
}

TEST_CASE("a picture cut at any byte gives its size or says that it is cut, and nothing else")
{
    for (auto const& s : samples()) {
        bool whole = false;
        for (std::size_t length = 0; length <= s.bytes.size(); ++length) {
            CAPTURE(s.name);
            CAPTURE(length);
            auto const got = seen(std::string_view(s.bytes).substr(0, length));
            CHECK((!whole || got == s.seen));
            whole = whole || got == s.seen;
            auto const kind = s.seen.substr(0, s.seen.find(' '));
            CHECK((whole || got == "the picture is empty" ||
                   got.starts_with("the picture is neither") ||
                   got == "the " + kind + " ends inside its header"));
        }
        CHECK(whole);
    }
}

TEST_CASE("every coding process of JPEG is read, and no table is taken for a frame")
{
    for (int marker = 0xC0; marker <= 0xCF; ++marker) {
        CAPTURE(marker);
        bool const table = marker == 0xC4 || marker == 0xC8 || marker == 0xCC;
        CHECK(seen(jpeg(frame(marker, 10, 20) + frame(0xC0, 30, 40))) ==
              (table ? "JPEG 30x40" : "JPEG 10x20"));
    }
    // The whole of a hierarchical picture stands before its first frame, which is smaller.
    CHECK(seen(jpeg(frame(0xDE, 800, 600) + frame(0xC5, 200, 150))) == "JPEG 800x600");
}

TEST_CASE("fill bytes and markers without a segment are passed over")
{
    auto const fill = std::string(1000, '\xff');
    CHECK(seen("\xff\xd8" + fill + jfif() + fill + frame(0xC1, 7, 9)) == "JPEG 7x9");
    CHECK(seen(jpeg("\xff\x01\xff\xd0" + frame(0xC1, 7, 9))) == "JPEG 7x9");
    CHECK(seen("\xff\xd8" + fill) == "the JPEG ends inside its header");
}

TEST_CASE("an orientation of 5 to 8 swaps the sides, in both byte orders")
{
    for (unsigned turn = 0; turn != 10; ++turn) {
        CAPTURE(turn);
        auto const* const want = turn >= 5 && turn <= 8 ? "JPEG 480x640" : "JPEG 640x480";
        CHECK(seen(jpeg(exif(true, turn) + frame(0xC0, 640, 480))) == want);
        CHECK(seen(jpeg(exif(false, turn) + frame(0xC0, 640, 480))) == want);
    }
    // Only the first counts, as for viewers; other application data does not.
    CHECK(seen(jpeg(exif(true, 1) + exif(true, 6) + frame(0xC0, 4, 3))) == "JPEG 4x3");
    CHECK(seen(jpeg(segment(0xE1, "http://ns.adobe.com/xap/1.0/\0<x/>"s) + exif(true, 6) +
                    frame(0xC0, 4, 3))) == "JPEG 3x4");
    CHECK(seen(jpeg(exif(true, 6, 4) + frame(0xC0, 4, 3))) == "JPEG 4x3"); // no SHORT
}

TEST_CASE("broken Exif data turns nothing and is no error")
{
    auto const whole = exif(true, 6).substr(4); // the body of the segment
    auto const last = whole.size() - 7;         // behind the orientation
    for (std::size_t length = 0; length < whole.size(); ++length) {
        CAPTURE(length);
        auto const got = seen(jpeg(segment(0xE1, whole.substr(0, length)) + frame(0xC0, 4, 3)));
        CHECK((got == "JPEG 4x3" || (length > last && got == "JPEG 3x4")));
    }
    for (std::size_t at = 6; at < whole.size(); ++at)
        for (char const value : {'\0', '\x7f', '\xff'}) {
            auto changed = whole;
            changed[at] = value;
            CHECK(seen(jpeg(segment(0xE1, changed) + frame(0xC0, 4, 3))).starts_with("JPEG "));
        }
    auto const far = "Exif\0\0MM\0\x2a"s + be(0xFFFFFFFF, 4);
    CHECK(seen(jpeg(segment(0xE1, far) + frame(0xC0, 4, 3))) == "JPEG 4x3");
}

TEST_CASE("what is no picture is named")
{
    auto const neither = "the picture is neither PNG, JPEG, WebP nor GIF"s;
    CHECK(seen("") == "the picture is empty");
    CHECK(seen("\x89PN") == neither);
    CHECK(seen("BM......") == neither);
    CHECK(seen("GIF88a.......") == neither);
    CHECK(seen("RIFF\x10\0\0\0WAVE"s) == neither);
    CHECK(seen("<!DOCTYPE html><html>") == neither + "; it begins like an HTML page");
    CHECK(seen("{\"detail\":\"not found\"}") == neither + "; it begins like a JSON text");
    CHECK(seen("<svg xmlns=\"x\">") == neither + "; it begins like an XML text");
    CHECK(seen(be(24, 4) + "ftypisom") == neither + "; it begins like an MP4 file");
    CHECK(seen(be(24, 4) + "ftyp") == neither + "; it begins like an MP4 file");
    CHECK(seen(be(24, 4) + "ftypheic") == neither + "; it begins like a HEIC image");
    CHECK(seen(be(24, 4) + "ftypavif") == neither + "; it begins like an AVIF image");
}

TEST_CASE("each way of being broken is named")
{
    CHECK(seen(png(0, 5)) == "the PNG says that it has no width");
    CHECK(seen(png(5, 0)) == "the PNG says that it has no height");
    CHECK(seen(png(0x80000000, 5)) == "the PNG says that it has over 2^31 pixels on a side");
    CHECK(seen(png(5, 5, "IDAT")) == "the PNG does not begin with its header (IHDR)");
    CHECK(seen(png(5, 5, "CgBI")) ==
          "the PNG is of Apple's own kind (CgBI), which hosts cannot read");
    CHECK(seen(png(5, 5, "IHDR", 14)) == "the PNG's header (IHDR) has a wrong length");

    auto const stray = "the JPEG holds bytes where a segment should begin";
    auto const no_frame = "the JPEG has no frame header before its pictures";
    CHECK(seen(jpeg(jfif() + "x" + frame(0xC0, 5, 5))) == stray);
    CHECK(seen(jpeg("\xff\0"s + frame(0xC0, 5, 5))) == stray);
    CHECK(seen(jpeg("\xff\xd8" + frame(0xC0, 5, 5))) == stray);
    CHECK(seen(jpeg("\xff\x02" + frame(0xC0, 5, 5))) == stray);
    CHECK(seen(jpeg(jfif() + "\xff\xd9")) == no_frame);
    CHECK(seen(jpeg(jfif() + segment(0xDA, "x"))) == no_frame);
    CHECK(seen(jpeg("\xff\xdb" + be(1, 2))) ==
          "a segment of the JPEG is smaller than its own length");
    CHECK(seen(jpeg(segment(0xC0, "12345"))) == "the JPEG's frame header is too small");
    CHECK(seen(jpeg(frame(0xC0, 5, 0))) == "the JPEG says that it has no height");

    CHECK(seen(webp("ICCP", std::string(20, 'x'))) ==
          "the WebP begins with a chunk that is no picture");
    CHECK(seen(webp("VP8X", "123456789")) == "the WebP's first chunk is smaller than its header");
    CHECK(seen(webp("VP8L", "1234")) == "the WebP's first chunk is smaller than its header");
    CHECK(seen(webp("VP8L", "\x2e....")) == "the WebP's lossless picture does not begin like one");
    CHECK(seen(webp("VP8L", "\x2f...\xff")) ==
          "the WebP's lossless picture does not begin like one");
    auto const no_key = "the WebP's lossy picture does not begin with a key frame";
    CHECK(seen(webp("VP8 ", "\x51\x42\x01\x9d\x01\x2a\x10\0\x10\0"s)) == no_key);
    CHECK(seen(webp("VP8 ", "\x50\x42\x01\x9d\x01\x2b\x10\0\x10\0"s)) == no_key);
    CHECK(seen(lossy(0, 5)) == "the WebP says that it has no width");
    CHECK(seen(gif(5, 0)) == "the GIF says that it has no height");
}

TEST_CASE("each format has its content type and the end of its files' names")
{
    CHECK(content_type_of(image_kind::png) == "image/png");
    CHECK(content_type_of(image_kind::jpeg) == "image/jpeg");
    CHECK(content_type_of(image_kind::webp) == "image/webp");
    CHECK(content_type_of(image_kind::gif) == "image/gif");
    CHECK(extension_of(image_kind::png) == "png");
    CHECK(extension_of(image_kind::jpeg) == "jpg");
    CHECK(extension_of(image_kind::webp) == "webp");
    CHECK(extension_of(image_kind::gif) == "gif");
}

} // namespace image_probe_test
