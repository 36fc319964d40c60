// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Files built box by box: good ones in every layout, and one for each way of being broken, with the
// number of reads bounded in all.
#include <cokino/wire/mp4_probe.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mp4_probe_test {

using namespace cokino::wire;
using namespace std::chrono_literals;
using cokino::errc;

std::string be(std::uint64_t value, int bytes)
{
    std::string out(static_cast<std::size_t>(std::max(bytes - 8, 0)), '\0');
    for (int i = std::min(bytes, 8) - 1; i >= 0; --i)
        out += static_cast<char>(value >> (8 * i) & 0xFF);
    return out;
}

std::string box(const char* type, const std::string& body)
{
    return be(body.size() + 8, 4) + type + body;
}

std::string large_box(const char* type, const std::string& body)
{
    return be(1, 4) + type + be(body.size() + 16, 8) + body;
}

std::string ftyp() { return box("ftyp", "isom" + be(512, 4) + "isomiso2avc1mp41"); }

std::string mvhd(std::uint64_t duration, std::uint32_t timescale = 1000, int version = 0)
{
    auto const wide = version == 1 ? 8 : 4;
    return box("mvhd", be(static_cast<std::uint64_t>(version), 1) + be(0, 3) + be(0, wide) +
                           be(0, wide) + be(timescale, 4) + be(duration, wide) +
                           std::string(80, '\0'));
}

/// {a b u, c d v, x y w}: shown as it is, or turned by a quarter to the right or left.
std::string matrix(int quarter = 0)
{
    auto const one = std::uint64_t{0x10000}, less = std::uint64_t{0xFFFF0000};
    auto const a = quarter == 0 ? one : 0;
    auto const b = quarter == 0 ? 0 : quarter > 0 ? one : less;
    auto const c = quarter == 0 ? 0 : quarter > 0 ? less : one;
    return be(a, 4) + be(b, 4) + be(0, 4) + be(c, 4) + be(a, 4) + be(0, 12) + be(0x40000000, 4);
}

std::string tkhd(unsigned width, unsigned height, int version = 0, int quarter = 0)
{
    auto const wide = version == 1 ? 8 : 4;
    return box("tkhd", be(static_cast<std::uint64_t>(version), 1) + be(3, 3) + be(0, wide) +
                           be(0, wide) + be(1, 4) + be(0, 4) + be(0, wide) + std::string(16, '\0') +
                           matrix(quarter) + be(width, 2) + be(0, 2) + be(height, 2) + be(0, 2));
}

std::string entry(unsigned width, unsigned height, const char* codec = "avc1")
{
    return box(codec, be(1, 8) + be(0, 16) + be(width, 2) + be(height, 2) + be(0x480000, 4) +
                          be(0x480000, 4) + be(0, 4) + be(1, 2) + std::string(32, '\0') +
                          be(0x18FFFF, 4) + box("avcC", "x"));
}

std::string stsd(const std::string& entries, unsigned count = 1)
{
    return box("stsd", be(0, 4) + be(count, 4) + entries);
}

std::string minf(const std::string& table) { return box("minf", box("stbl", table)); }

std::string mdia(const char* handler, const std::string& table = stsd(entry(640, 360)))
{
    return box("mdia", box("mdhd", std::string(24, '\0')) +
                           box("hdlr", be(0, 8) + handler + std::string(13, '\0')) + minf(table));
}

std::string video_track(unsigned width = 1280, unsigned height = 720, int version = 0)
{
    return box("trak", tkhd(width, height, version) + mdia("vide", stsd(entry(width, height))));
}

std::string moov(const std::string& more = {})
{
    return box("moov", mvhd(5000) + video_track() + more);
}

std::string mdat() { return box("mdat", std::string(1000, 'x')); }

struct counting_reader final : byte_reader {
    explicit counting_reader(std::string_view bytes) : inner(bytes) {}
    std::uint64_t size() const noexcept override { return inner.size(); }
    cokino::result<void> read_at(std::uint64_t offset, std::span<unsigned char> to) override
    {
        ++reads;
        CHECK(offset + to.size() <= inner.size());
        return inner.read_at(offset, to);
    }
    memory_reader inner;
    int reads = 0;
};

cokino::result<mp4_info> probed(const std::string& file)
{
    counting_reader reader(file);
    auto made = probe_mp4(reader);
    CHECK(reader.reads < 50'000);
    return made;
}

std::string refused(const std::string& file)
{
    auto const made = probed(file);
    if (made)
        return "accepted";
    CHECK(made.error() == errc::content_mismatch);
    return made.error().facts().message;
}

TEST_CASE("a whole file gives its length and size, wherever its moov stands")
{
    for (auto const& file :
         {ftyp() + moov() + mdat(), ftyp() + mdat() + moov(),
          ftyp() + box("free", "") + mdat() + mdat() + moov() + box("free", "x")}) {
        auto const info = probed(file);
        REQUIRE(info.has_value());
        CHECK(info->duration == 5000ms);
        CHECK(info->width == 1280);
        CHECK(info->height == 720);
        CHECK(!info->fragmented);
    }
    CHECK(probed(ftyp() + moov() + mdat())->moov_first);
    CHECK(!probed(ftyp() + mdat() + moov())->moov_first);
}

TEST_CASE("boxes of 64-bit size and a last box without size are read")
{
    auto const open_mdat = be(0, 4) + "mdat" + std::string(500, 'x');
    CHECK(probed(ftyp() + moov() + open_mdat).has_value());
    CHECK(probed(ftyp() + moov() + large_box("mdat", "x")).has_value());
    CHECK(probed(ftyp() + large_box("mdat", "x") + large_box("moov", mvhd(1) + video_track()))
              .has_value());
}

TEST_CASE("both versions of the headers are read")
{
    auto const file = [](const std::string& header, int version) {
        return ftyp() + box("moov", header + video_track(720, 1280, version)) + mdat();
    };
    auto const wide = probed(file(mvhd(std::uint64_t{10} * 90'000, 90'000, 1), 1));
    REQUIRE(wide.has_value());
    CHECK(wide->duration == 10s);
    CHECK(wide->width == 720);
    CHECK(wide->height == 1280);
    CHECK(probed(file(mvhd(100, 24), 0))->duration == 4166ms);
    CHECK(probed(file(mvhd(0), 0))->duration == 0ms);
    CHECK(probed(file(mvhd(UINT32_MAX), 0))->duration == 0ms); // "unknown"
    CHECK(probed(file(mvhd(UINT64_MAX, 1000, 1), 1))->duration == 0ms);
}

TEST_CASE("the video track counts, whatever other tracks say")
{
    auto const sound = box("trak", tkhd(0, 0) + mdia("soun"));
    auto const file =
        ftyp() + box("moov", mvhd(5000) + sound + video_track(960, 960) + video_track()) + mdat();
    auto const info = probed(file);
    REQUIRE(info.has_value());
    CHECK(info->width == 960);
    // The handler may stand before the track's header.
    auto const turned = box("trak", mdia("vide") + tkhd(64, 32));
    CHECK(probed(ftyp() + box("moov", mvhd(1) + turned) + mdat())->width == 64);
}

std::string file_of(const std::string& track)
{
    return ftyp() + box("moov", mvhd(5000) + track) + mdat();
}

TEST_CASE("the coded size is the sample entry's, whatever the codec, and whatever the header says")
{
    for (auto const* codec : {"avc1", "avc3", "hvc1", "hev1", "av01", "vp09", "mp4v", "encv"}) {
        CAPTURE(codec);
        auto const table = stsd(entry(320, 180, codec));
        auto const info = probed(file_of(box("trak", tkhd(1920, 1080) + mdia("vide", table))));
        REQUIRE(info.has_value());
        CHECK(info->coded_width == 320);
        CHECK(info->coded_height == 180);
        CHECK(info->width == 1920);
        CHECK(info->height == 1080);
    }
    // The first of several entries, the first track, and a handler behind what it is about.
    auto const two = stsd(entry(320, 180) + entry(640, 360), 2);
    auto const late =
        box("trak", tkhd(8, 8) + box("mdia", minf(two) + box("hdlr", be(0, 8) + "vide" +
                                                                         std::string(13, '\0'))));
    CHECK(probed(file_of(late + video_track()))->coded_width == 320);
}

TEST_CASE("a picture that is shown turned is as wide as it was high")
{
    for (int version : {0, 1})
        for (int quarter : {-1, 0, 1}) {
            auto const turned = quarter != 0;
            auto const track = box("trak", tkhd(1920, 1080, version, quarter) +
                                               mdia("vide", stsd(entry(1920, 1080))));
            auto const info = probed(file_of(track));
            REQUIRE(info.has_value());
            CHECK(info->width == (turned ? 1080 : 1920));
            CHECK(info->height == (turned ? 1920 : 1080));
            CHECK(info->coded_width == 1920);
            CHECK(info->coded_height == 1080);
        }
}

TEST_CASE("a sample entry that is missing, cut or empty is named, in a video track")
{
    auto const with = [](const std::string& table) {
        return refused(file_of(box("trak", tkhd(64, 32) + mdia("vide", table))));
    };
    CHECK(with("") == "the MP4's video track has no sample entry");
    CHECK(with(box("stsd", be(0, 4))) == "the MP4's video track has no sample entry");
    CHECK(with(stsd("", 0)) == "the MP4's video track has no sample entry");
    CHECK(with(stsd("")) == "the MP4 ends inside a box's header");
    CHECK(with(stsd(box("avc1", std::string(77, '\0')))) == "the MP4's sample entry is too small");
    CHECK(with(stsd(be(100, 4) + "avc1")) == "a box of the MP4 reaches past the one that holds it");
    CHECK(with(stsd(entry(0, 180))) == "the MP4's sample entry has no width or height");
    CHECK(with(stsd(entry(320, 0))) == "the MP4's sample entry has no width or height");
    auto const sound = box("trak", tkhd(0, 0) + mdia("soun", stsd(box("mp4a", "x"))));
    CHECK(refused(file_of(sound + video_track())) == "accepted");
}

TEST_CASE("a fragmented file takes its length from mehd")
{
    auto const fragments = box("moof", "") + mdat() + box("moof", "") + mdat();
    auto const trex = box("trex", std::string(24, '\0'));
    auto const with = [&](const std::string& mvex) {
        return ftyp() + box("moov", mvhd(0) + video_track() + box("mvex", mvex + trex)) + fragments;
    };
    auto const narrow = probed(with(box("mehd", be(0, 4) + be(7000, 4))));
    REQUIRE(narrow.has_value());
    CHECK(narrow->fragmented);
    CHECK(narrow->duration == 7s);
    CHECK(probed(with(box("mehd", be(1, 1) + be(0, 3) + be(8000, 8))))->duration == 8s);
    CHECK(probed(with(""))->duration == 0s);
    CHECK(refused(with(box("mehd", "xx"))) == "the MP4's mehd box is too small");
}

TEST_CASE("each thing that is missing is named")
{
    CHECK(refused("") == "the file is empty");
    CHECK(refused(ftyp() + mdat()) == "the MP4 has no moov box: it cannot be played");
    CHECK(refused(ftyp() + moov()) == "the MP4 has no mdat box: it holds no pictures");
    CHECK(refused(ftyp() + moov() + box("mdat", "")) ==
          "the MP4 has no mdat box: it holds no pictures");
    CHECK(refused(ftyp() + box("moov", video_track()) + mdat()) ==
          "the MP4's moov box has no mvhd box");
    CHECK(refused(ftyp() + box("moov", mvhd(1)) + mdat()) == "the MP4 has no video track");
    CHECK(refused(ftyp() + box("moov", mvhd(1) + box("trak", tkhd(1, 1) + mdia("soun"))) +
                  mdat()) == "the MP4 has no video track");
    CHECK(refused(ftyp() + box("moov", mvhd(1) + box("trak", mdia("vide"))) + mdat()) ==
          "the MP4's video track has no tkhd box");
    CHECK(refused(ftyp() + box("moov", mvhd(1) + video_track(0, 0)) + mdat()) ==
          "the MP4's video track has no width or height");
    CHECK(refused(ftyp() + moov() + moov() + mdat()) == "the MP4 has two moov boxes");
    CHECK(refused(moov() + mdat()) == "the file does not begin like an MP4");
    CHECK(refused(mdat() + ftyp() + moov()) == "the file does not begin like an MP4");
    CHECK(refused(box("ftyp", "isom") + moov() + mdat()) == "the MP4's ftyp box is too small");
}

TEST_CASE("other files are no MP4")
{
    for (auto const* text :
         {"<!DOCTYPE html><html><body>Not found</body></html>", "{\"detail\":\"not found\"}",
          "\x89PNG\r\n\x1a\n........", "short", "12345678"}) {
        CAPTURE(text);
        CHECK(refused(text) != "accepted");
    }
    CHECK(refused(std::string(1000, '\0')) == "the MP4 holds bytes where a box should begin");
}

TEST_CASE("no cut of a file passes for the whole")
{
    for (auto const& file : {ftyp() + moov() + mdat(), ftyp() + mdat() + moov(),
                             ftyp() + large_box("mdat", std::string(50, 'x')) + moov()}) {
        for (std::size_t size = 0; size != file.size(); ++size) {
            CAPTURE(size);
            REQUIRE(refused(file.substr(0, size)) != "accepted");
        }
    }
    CHECK(refused((ftyp() + moov() + mdat()).substr(0, ftyp().size() + moov().size() + 500)) ==
          "the MP4 is cut off: a box reaches past its end");
}

TEST_CASE("box sizes that lie are caught")
{
    auto const whole = ftyp() + moov() + mdat();
    CHECK(refused(whole + "x") == "the MP4 ends inside a box's header");
    CHECK(refused(whole + be(7, 4) + "free") == "a box of the MP4 is smaller than its own header");
    CHECK(refused(whole + be(1, 4) + "free") == "the MP4 ends inside a box's header");
    CHECK(refused(whole + be(1, 4) + "free" + be(15, 8)) ==
          "a box of the MP4 is smaller than its own header");
    CHECK(refused(whole + be(1, 4) + "free" + be(UINT64_MAX, 8)) ==
          "the MP4 is cut off: a box reaches past its end");
    CHECK(refused(whole + be(1, 4) + "free" + be(std::uint64_t{1} << 63, 8)) ==
          "the MP4 is cut off: a box reaches past its end");
    CHECK(refused(whole + be(UINT32_MAX, 4) + "free") ==
          "the MP4 is cut off: a box reaches past its end");
    auto const in_moov = [](const std::string& inner) {
        return ftyp() + box("moov", mvhd(1) + video_track() + inner) + mdat();
    };
    CHECK(refused(in_moov(be(100, 4) + "udta")) ==
          "a box of the MP4 reaches past the one that holds it");
    CHECK(refused(in_moov(be(0, 4) + "udta")) == "a box inside the MP4 has no size");
    CHECK(refused(in_moov(be(4, 4) + "udta")) == "a box of the MP4 is smaller than its own header");
    CHECK(refused(in_moov("abc")) == "the MP4 ends inside a box's header");
    CHECK(refused(in_moov(be(8, 4) + std::string("a\x01"
                                                 "bc"))) ==
          "the MP4 holds bytes where a box should begin");
    CHECK(refused(in_moov(box("\xA9nam", "x"))) == "accepted");
}

TEST_CASE("headers that are too small or absurd are caught")
{
    auto const with = [](const std::string& header, const std::string& track) {
        return ftyp() + box("moov", header + track) + mdat();
    };
    CHECK(refused(with(box("mvhd", std::string(19, '\0')), video_track())) ==
          "the MP4's mvhd box is too small");
    CHECK(refused(with(box("mvhd", "\1" + std::string(30, '\0')), video_track())) ==
          "the MP4's mvhd box is too small");
    CHECK(refused(with(mvhd(1, 0), video_track())) == "the MP4's timescale is zero");
    CHECK(refused(with(mvhd(UINT32_MAX - 1, 1), video_track())) ==
          "the MP4 says that it is days long");
    CHECK(refused(with(mvhd(UINT64_MAX - 1, UINT32_MAX, 1), video_track())) ==
          "the MP4 says that it is days long");
    auto const bad_track = box("trak", box("tkhd", std::string(83, '\0')) + mdia("vide"));
    CHECK(refused(with(mvhd(1), bad_track)) == "the MP4's tkhd box is too small");
    auto const bad_handler =
        box("trak", tkhd(1, 1) + box("mdia", box("hdlr", std::string(11, '\0'))));
    CHECK(refused(with(mvhd(1), bad_handler)) == "the MP4's hdlr box is too small");
}

TEST_CASE("the number of boxes is bounded")
{
    std::string many;
    for (int i = 0; i != 100'000; ++i)
        many += box("free", "");
    CHECK(refused(ftyp() + moov() + mdat() + many) == "the MP4 has more boxes than any clip has");
    CHECK(refused(ftyp() + box("moov", mvhd(1) + many) + mdat()) ==
          "the MP4 has more boxes than any clip has");
}

TEST_CASE("a reader's failure is handed on")
{
    struct failing final : byte_reader {
        std::uint64_t size() const noexcept override { return 1000; }
        cokino::result<void> read_at(std::uint64_t, std::span<unsigned char>) override
        {
            return cokino::failure(errc::file_failed);
        }
    } reader;
    CHECK(probe_mp4(reader).error() == errc::file_failed);
}

TEST_CASE("memory is read within its bounds only")
{
    memory_reader reader("abc");
    unsigned char to[3] = {};
    CHECK(reader.read_at(0, to).has_value());
    CHECK(to[2] == 'c');
    CHECK(!reader.read_at(1, to));
    CHECK(!reader.read_at(UINT64_MAX, to));
    CHECK(reader.read_at(3, std::span<unsigned char>()).has_value());
}

} // namespace mp4_probe_test
