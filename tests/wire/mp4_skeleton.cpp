// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A file that passed by is judged as the same file in memory would be, whatever it holds and
// however it was cut into pieces; and little of it is kept.

#include <cokino/core/random_source.hpp>
#include <cokino/testing/clips.hpp>
#include <cokino/wire/mp4_skeleton.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace mp4_skeleton_test {

using namespace cokino;
using wire::memory_reader;
using wire::mp4_skeleton;

std::string be(std::uint64_t value, int bytes)
{
    std::string out;
    for (int i = bytes - 1; i >= 0; --i)
        out += static_cast<char>(value >> (8 * i) & 0xFF);
    return out;
}

std::string box(const char* type, const std::string& body)
{
    return be(body.size() + 8, 4) + type + body;
}

/// What a probe says, in one line.
std::string verdict(wire::byte_reader& file)
{
    const auto r = wire::probe_mp4(file);
    if (!r)
        return r.error().describe();
    return std::to_string(r->duration.count()) + " " + std::to_string(r->width) + "x" +
           std::to_string(r->height) + (r->fragmented ? " fragmented" : "") +
           (r->moov_first ? " moov first" : "");
}

void feed(mp4_skeleton& skeleton, std::string_view bytes, random_source& random,
          std::size_t piece_max)
{
    while (!bytes.empty()) {
        const auto count = std::min<std::size_t>(bytes.size(), 1 + random.below(piece_max));
        skeleton.append(bytes.substr(0, count));
        bytes.remove_prefix(count);
    }
}

void same_verdict(const std::string& file, random_source& random, std::size_t piece_max)
{
    mp4_skeleton skeleton;
    feed(skeleton, file, random, piece_max);
    memory_reader whole(file);
    CHECK(skeleton.size() == file.size());
    CHECK(verdict(skeleton) == verdict(whole));
}

TEST_CASE("clips of every layout are judged alike, cut into pieces of any size")
{
    random_source random(1);
    for (const int seconds : {5, 10}) {
        for (const std::size_t bytes_min : {0U, 300'000U}) {
            const auto clip = testing::clip(seconds, aspect_ratio::landscape_16_9, bytes_min);
            memory_reader whole(clip);
            CHECK(verdict(whole).starts_with(std::to_string(seconds) + "000 "));
            for (const std::size_t piece : {1U, 7U, 16U, 4096U, 1'000'000U})
                same_verdict(clip, random, piece);
        }
    }
}

TEST_CASE("of a large file only its index is kept")
{
    const auto clip = testing::clip(10, aspect_ratio::portrait_9_16, 8'000'000);
    mp4_skeleton skeleton;
    random_source random(2);
    feed(skeleton, clip, random, 300'000);
    memory_reader whole(clip);
    CHECK(verdict(skeleton) == verdict(whole));
    CHECK(skeleton.bytes_kept() < 10'000);
}

TEST_CASE("cut off anywhere, or with any byte changed, it is still judged alike")
{
    random_source random(3);
    const auto clip = testing::clip(10, aspect_ratio::square_1_1);
    for (int i = 0; i < 300; ++i) {
        same_verdict(clip.substr(0, random.below(clip.size())), random, 5000);
        auto changed = clip;
        // Where boxes begin a change matters; elsewhere it rarely does.
        const auto at = i % 2 == 0 ? random.below(64) : random.below(clip.size());
        changed[at] = static_cast<char>(random.below(256));
        same_verdict(changed, random, 5000);
    }
}

TEST_CASE("boxes of every size and kind in a row are judged alike")
{
    random_source random(4);
    const auto moov = [] {
        const auto clip = testing::clip(5, aspect_ratio::landscape_16_9);
        const auto at = clip.find("moov") - 4;
        std::uint64_t size = 0;
        for (const char c : clip.substr(at, 4))
            size = size << 8 | static_cast<unsigned char>(c);
        return clip.substr(at, static_cast<std::size_t>(size));
    }();
    for (int i = 0; i < 2000; ++i) {
        std::string file = box("ftyp", "isom" + be(512, 4));
        for (auto n = random.below(8); n-- > 0;) {
            const std::string body(static_cast<std::size_t>(random.below(40)), 'x');
            switch (random.below(9)) {
            case 0: file += moov; break;
            case 1: file += box("mdat", body); break;
            case 2: file += be(1, 4) + "mdat" + be(body.size() + 16, 8) + body; break;
            case 3: file += be(1, 4) + "free" + be(random.below(20), 8); break;
            case 4: file += box("free", ""); break;
            case 5: file += be(random.below(12), 4) + "skip"; break;
            case 6: file += be(0, 4) + "moov" + moov.substr(8); break;
            case 7: file += be(0, 4) + "mdat" + body; break;
            default: file += be(1, 4) + "wide" + be(UINT64_MAX - random.below(9), 8); break;
            }
        }
        same_verdict(file, random, 1 + random.below(60));
    }
}

TEST_CASE("what is no MP4 keeps its beginning and its end, and is said to be none")
{
    const std::string page = "<!DOCTYPE html>" + std::string(100'000, ' ') + "</html>";
    mp4_skeleton skeleton;
    skeleton.append(page);
    memory_reader whole(page);
    CHECK(verdict(skeleton) == verdict(whole));
    CHECK(skeleton.bytes_kept() < 200);
    std::string end(7, '\0');
    const std::span<unsigned char> place(reinterpret_cast<unsigned char*>(end.data()), end.size());
    REQUIRE(skeleton.read_at(page.size() - 7, place).has_value());
    CHECK(end == "</html>");
    CHECK(skeleton.read_at(5000, place).error() == errc::content_mismatch);
}

TEST_CASE("a moov box beyond the limit is not kept, and refused")
{
    const std::string file = box("ftyp", "isom" + be(512, 4)) +
                             box("moov", box("free", std::string(70'000, '\0'))) + box("mdat", "x");
    mp4_skeleton small(65'536);
    small.append(file);
    CHECK(small.bytes_kept() < 1000);
    CHECK(verdict(small).find("moov box is larger") != std::string::npos);
    mp4_skeleton large(80'000);
    large.append(file);
    CHECK(verdict(large).find("no mvhd") != std::string::npos);
}

TEST_CASE("boxes without end are given up, as the probe gives them up")
{
    std::string file = box("ftyp", "isom" + be(512, 4));
    for (int i = 0; i < 30'000; ++i)
        file += box("free", "");
    random_source random(5);
    same_verdict(file, random, 50'000);
}

TEST_CASE("reset begins another file")
{
    const auto clip = testing::clip(5, aspect_ratio::landscape_16_9);
    mp4_skeleton skeleton;
    skeleton.append("<html>");
    skeleton.reset();
    CHECK(skeleton.size() == 0);
    skeleton.append(clip);
    memory_reader whole(clip);
    CHECK(verdict(skeleton) == verdict(whole));
}

} // namespace mp4_skeleton_test
