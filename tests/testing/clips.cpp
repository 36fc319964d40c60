// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The clips and stills are what they claim to be: judged by their boxes here, and by ffprobe where
// it is installed.

#include <cokino/testing/clips.hpp>
#include <cokino/wire/mp4_probe.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace clips_test {

using namespace cokino;
using cokino::testing::clip;
using cokino::testing::still;

constexpr std::array ratios{aspect_ratio::landscape_16_9, aspect_ratio::portrait_9_16,
                            aspect_ratio::square_1_1};

std::size_t be32(std::string_view bytes, std::size_t at)
{
    std::size_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
        value = value << 8U | static_cast<unsigned char>(bytes.at(at + i));
    return value;
}

/// The types of the outer boxes, in order: "ftyp moov mdat". Fails when lengths do not add up.
std::string boxes(std::string_view file)
{
    std::string out;
    std::size_t at = 0;
    while (at < file.size()) {
        const std::size_t size = be32(file, at);
        REQUIRE(size >= 8);
        REQUIRE(at + size <= file.size());
        out += (out.empty() ? "" : " ") + std::string(file.substr(at + 4, 4));
        at += size;
    }
    return out;
}

/// A file of its own that goes with the object.
class temporary_file
{
public:
    temporary_file(const std::string& bytes, const std::string& ending)
    {
        std::string name =
            (std::filesystem::temp_directory_path() / "cokino-clip-XXXXXX").string() + ending;
        const int file = ::mkstemps(name.data(), static_cast<int>(ending.size()));
        REQUIRE(file >= 0);
        path_ = name;
        std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(::fdopen(file, "wb"), &std::fclose);
        REQUIRE(std::fwrite(bytes.data(), 1, bytes.size(), out.get()) == bytes.size());
    }
    ~temporary_file() { std::filesystem::remove(path_); }
    temporary_file(const temporary_file&) = delete;
    temporary_file& operator=(const temporary_file&) = delete;

    const std::string& path() const { return path_; }

private:
    std::string path_;
};

std::string output_of(const std::string& command)
{
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);
    REQUIRE(pipe != nullptr);
    std::string out;
    std::array<char, 256> piece{};
    while (std::fgets(piece.data(), static_cast<int>(piece.size()), pipe.get()) != nullptr)
        out += piece.data();
    return out;
}

bool ffprobe_is_here()
{
    if (std::system("ffprobe -version > /dev/null 2>&1") == 0)
        return true;
    MESSAGE("SKIPPED: ffprobe is not installed");
    return false;
}

/// What ffprobe says, one "name=value" a line, in its own order; its complaints are in it too.
std::string probed(const std::string& bytes, const std::string& ending, const std::string& what)
{
    const temporary_file file(bytes, ending);
    return output_of("ffprobe -v warning -count_frames -show_entries " + what +
                     " -of default=nw=1 " + file.path() + " 2>&1");
}

std::string value_of(const std::string& probe, const std::string& name)
{
    const auto at = probe.find(name + '=');
    REQUIRE_MESSAGE(at != std::string::npos, probe);
    const auto from = at + name.size() + 1;
    return probe.substr(from, probe.find('\n', from) - from);
}

TEST_CASE("every clip is a whole MP4 with its index in front (5 s) or at the end (10 s)")
{
    for (const aspect_ratio r : ratios) {
        CAPTURE(std::string(text_of(r)));
        CHECK(boxes(clip(5, r)) == "ftyp moov free mdat");
        CHECK(boxes(clip(10, r)) == "ftyp free mdat moov");
        CHECK(clip(5, r).size() < 8 * 1024);
        CHECK(clip(10, r).size() < 12 * 1024);
        CHECK(clip(5, r) != clip(10, r));
    }
}

TEST_CASE("padding makes a clip exactly as large as asked, or barely larger")
{
    const std::string plain = clip(5, aspect_ratio::square_1_1);
    const std::string large = clip(5, aspect_ratio::square_1_1, 1'000'000);
    CHECK(large.size() == 1'000'000);
    CHECK(boxes(large) == "ftyp moov free mdat free");
    CHECK(large.starts_with(plain));
    const std::string barely = clip(5, aspect_ratio::square_1_1, plain.size() + 1);
    CHECK(barely.size() == plain.size() + 8);
    CHECK(boxes(barely) == "ftyp moov free mdat free");
    CHECK(clip(5, aspect_ratio::square_1_1, plain.size()) == plain);
}

TEST_CASE("a clip of any number of lines is a whole MP4 of that size, and a small file")
{
    for (const int lines : {2, 16, 720, 1080, 1081, 1620, 2160, 4320})
        for (const aspect_ratio r : ratios)
            for (const int seconds : {5, 10}) {
                CAPTURE(lines);
                const std::string bytes = cokino::testing::clip_of_lines(lines, seconds, r);
                CHECK(boxes(bytes) == (seconds == 5 ? "ftyp moov mdat" : "ftyp mdat moov"));
                wire::memory_reader file(bytes);
                const auto info = wire::probe_mp4(file);
                REQUIRE(info.has_value());
                const auto even = static_cast<unsigned>(lines + lines % 2);
                const bool square = r == aspect_ratio::square_1_1;
                CHECK(info->duration == std::chrono::seconds(seconds));
                CHECK(std::min(info->width, info->height) >= (square ? lines * 4 / 3 : lines));
                if (!square)
                    CHECK(std::min(info->width, info->height) == even);
                CHECK((info->width == info->height) == square);
                CHECK((info->width < info->height) == (r == aspect_ratio::portrait_9_16));
                CHECK(info->coded_width == info->width);
                CHECK(info->coded_height == info->height);
                CHECK(info->width % 2 == 0);
                if (lines == 1080)
                    CHECK(bytes.size() < 20'000);
                if (lines == 2160)
                    CHECK(bytes.size() < 70'000);
            }
    const std::string large = cokino::testing::clip_1080p(5, aspect_ratio::square_1_1);
    CHECK(large == cokino::testing::clip_of_lines(1080, 5, aspect_ratio::square_1_1));
    const std::string padded =
        cokino::testing::clip_1080p(5, aspect_ratio::square_1_1, large.size() + 100);
    CHECK(padded.size() == large.size() + 100);
    CHECK(boxes(padded) == "ftyp moov mdat free");
    CHECK(padded.starts_with(large));
}

TEST_CASE("ffprobe gives each clip its duration and shape, and decodes every frame")
{
    if (!ffprobe_is_here())
        return;
    const std::string entries =
        "format=duration:stream=codec_name,width,height,pix_fmt,nb_read_frames";
    const auto check = [&](const std::string& bytes, int seconds, const std::string& size_wanted) {
        CAPTURE(seconds);
        CAPTURE(size_wanted);
        const std::string probe = probed(bytes, ".mp4", entries);
        const double duration = std::strtod(value_of(probe, "duration").c_str(), nullptr);
        CHECK(std::abs(duration - seconds) <= 0.05);
        const std::string size = value_of(probe, "width") + 'x' + value_of(probe, "height");
        CHECK(size == size_wanted);
        CHECK(value_of(probe, "codec_name") == "h264");
        CHECK(value_of(probe, "pix_fmt") == "yuv420p");
        CHECK(value_of(probe, "nb_read_frames") == std::to_string(8 * seconds));
        CHECK_MESSAGE(probe.find('[') == std::string::npos, "ffprobe complains: " << probe);
    };
    const auto named = [](aspect_ratio r, const char* wide, const char* tall, const char* square) {
        return r == aspect_ratio::landscape_16_9  ? wide
               : r == aspect_ratio::portrait_9_16 ? tall
                                                  : square;
    };
    for (const int seconds : {5, 10})
        for (const aspect_ratio r : ratios) {
            check(clip(seconds, r), seconds, named(r, "320x180", "180x320", "240x240"));
            check(cokino::testing::clip_1080p(seconds, r), seconds,
                  named(r, "1920x1080", "1080x1920", "1440x1440"));
        }
    check(clip(10, aspect_ratio::portrait_9_16, 100'000), 10, "180x320");
    using cokino::testing::clip_of_lines;
    check(clip_of_lines(1620, 5, aspect_ratio::landscape_16_9), 5, "2880x1620");
    check(clip_of_lines(2160, 5, aspect_ratio::portrait_9_16, 100'000), 5, "2160x3840");
    check(clip_of_lines(2, 5, aspect_ratio::landscape_16_9), 5, "4x2");
}

/// What ffmpeg decodes: how many frames differ from the one before.
std::size_t frames_that_move(const std::string& bytes)
{
    const temporary_file file(bytes, ".mp4");
    const std::string lines =
        output_of("ffmpeg -v error -i " + file.path() + " -f framemd5 - 2>&1");
    std::size_t moved = 0;
    std::string last;
    for (std::size_t at = 0, end = 0; (end = lines.find('\n', at)) != std::string::npos;
         at = end + 1) {
        const std::string line = lines.substr(at, end - at);
        if (line.starts_with('#'))
            continue;
        const std::string digest = line.substr(line.rfind(' ') + 1);
        moved += digest != last ? 1U : 0U;
        last = digest;
    }
    return moved;
}

TEST_CASE("the picture of a large clip moves in every frame")
{
    if (!ffprobe_is_here())
        return;
    CHECK(frames_that_move(cokino::testing::clip_1080p(5, aspect_ratio::landscape_16_9)) == 40);
    CHECK(frames_that_move(cokino::testing::clip_1080p(10, aspect_ratio::portrait_9_16)) == 80);
}

TEST_CASE("the picture moves: ffprobe sees frames that are not all alike")
{
    if (!ffprobe_is_here())
        return;
    const std::string sizes = probed(clip(5, aspect_ratio::landscape_16_9), ".mp4", "packet=size");
    std::size_t large = 0, at = 0;
    while ((at = sizes.find("size=", at)) != std::string::npos) {
        at += 5;
        large += std::strtol(sizes.c_str() + at, nullptr, 10) > 100 ? 1U : 0U;
    }
    // A still picture's frames after the first are a few bytes of "skip" each.
    CHECK(large >= 10);
}

TEST_CASE("a still is a PNG of any size that decoders read")
{
    struct size {
        int width, height;
    };
    const size sizes[] = {{1, 1}, {3, 5}, {90, 2}, {1024, 576}, {576, 1024}, {1920, 1080}};
    for (const size& s : sizes) {
        CAPTURE(s.width);
        const std::string bytes = still(s.width, s.height);
        CHECK(bytes.starts_with("\x89PNG\r\n\x1a\n"));
        CHECK(be32(bytes, 16) == static_cast<std::size_t>(s.width));
        CHECK(be32(bytes, 20) == static_cast<std::size_t>(s.height));
        CHECK(bytes.ends_with("IEND\xae\x42\x60\x82"));
    }
    CHECK(be32(still(0, 100000), 16) == 1);
    CHECK(be32(still(0, 100000), 20) == 8192);
    CHECK(still(1920, 1080).size() < 100'000);
    if (!ffprobe_is_here())
        return;
    for (const auto& [width, height] : sizes) {
        const std::string probe =
            probed(still(width, height), ".png", "stream=width,height,nb_read_frames");
        CHECK(probe == "width=" + std::to_string(width) + "\nheight=" + std::to_string(height) +
                           "\nnb_read_frames=1\n");
    }
}

} // namespace clips_test
