// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The clips and stills are what they claim to be: judged by their boxes here, and by ffprobe where
// it is installed.

#include <cokino/testing/clips.hpp>
#include <cokino/wire/mp4_probe.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
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

TEST_CASE("a clip of 1080p says so, and is the same otherwise")
{
    for (const aspect_ratio r : ratios)
        for (const int seconds : {5, 10}) {
            const std::string plain = clip(seconds, r, 20'000);
            const std::string large = cokino::testing::clip_1080p(seconds, r, 20'000);
            REQUIRE(large.size() == plain.size());
            std::size_t changed = 0;
            for (std::size_t i = 0; i < plain.size(); ++i)
                changed += plain[i] != large[i] ? 1U : 0U;
            CHECK(changed <= 8);
            wire::memory_reader file(large);
            const auto info = wire::probe_mp4(file);
            REQUIRE(info.has_value());
            const bool square = r == aspect_ratio::square_1_1;
            CHECK(std::max(info->width, info->height) == (square ? 1440 : 1920));
            CHECK(std::min(info->width, info->height) == (square ? 1440 : 1080));
            CHECK((info->width < info->height) == (r == aspect_ratio::portrait_9_16));
        }
}

TEST_CASE("ffprobe gives each clip its duration and shape, and decodes every frame")
{
    if (!ffprobe_is_here())
        return;
    const std::string entries =
        "format=duration:stream=codec_name,width,height,pix_fmt,nb_read_frames";
    const auto check = [&](int seconds, aspect_ratio r, std::size_t bytes_min) {
        CAPTURE(seconds);
        CAPTURE(std::string(text_of(r)));
        const std::string probe = probed(clip(seconds, r, bytes_min), ".mp4", entries);
        const double duration = std::strtod(value_of(probe, "duration").c_str(), nullptr);
        CHECK(std::abs(duration - seconds) <= 0.05);
        const std::string size = value_of(probe, "width") + 'x' + value_of(probe, "height");
        CHECK(size == (r == aspect_ratio::landscape_16_9  ? "320x180"
                       : r == aspect_ratio::portrait_9_16 ? "180x320"
                                                          : "240x240"));
        CHECK(value_of(probe, "codec_name") == "h264");
        CHECK(value_of(probe, "pix_fmt") == "yuv420p");
        CHECK(value_of(probe, "nb_read_frames") == std::to_string(8 * seconds));
        CHECK_MESSAGE(probe.find('[') == std::string::npos, "ffprobe complains: " << probe);
    };
    for (const int seconds : {5, 10})
        for (const aspect_ratio r : ratios)
            check(seconds, r, 0);
    check(10, aspect_ratio::portrait_9_16, 100'000);
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
