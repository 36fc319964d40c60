// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Start frames and clips that are files: read, judged and digested beside the loop, and given up
// between two steps.
#include "support/fake_client.hpp"
#include "support/slow_disk.hpp"

#include <cokino/client/detail/source_bytes.hpp>
#include <cokino/testing/clips.hpp>

#include <cokino/async/sleep.hpp>
#include <cokino/async/with_timeout.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

namespace source_bytes_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;
using cokino::detail::read_source;
using cokino::detail::source_file;

constexpr std::size_t piece = source_file::piece_bytes;

/// A file of a test's own, which goes with it.
class some_file
{
public:
    explicit some_file(const std::string& bytes)
        : path_(std::filesystem::temp_directory_path() /
                ("cokino-source-" + std::to_string(::getpid())))
    {
        write(bytes);
    }
    some_file(const some_file&) = delete;
    some_file& operator=(const some_file&) = delete;
    ~some_file() { std::filesystem::remove(path_); }

    void write(const std::string& bytes) const
    {
        std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
    }
    std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

/// Bytes of which no two pieces are alike.
std::string noise(std::size_t size)
{
    std::string out(size, '\0');
    std::uint64_t state = 1;
    for (char& c : out) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        c = static_cast<char>(state >> 56);
    }
    return out;
}

TEST_CASE("a file comes in pieces, and whole")
{
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, piece, piece + 1, 2 * piece}) {
        CAPTURE(size);
        const auto bytes = noise(size);
        const some_file file(bytes);
        source_file in(file.path(), "video", 2 * piece);
        std::size_t steps = 1;
        auto more = in.read_on();
        for (; more && *more; ++steps)
            more = in.read_on();
        REQUIRE(more.has_value());
        CHECK(steps == std::max<std::size_t>(1, (size + piece - 1) / piece));
        CHECK(*in.take() == bytes);
    }
}

TEST_CASE("a file that is not there, too large, no file or cut meanwhile is told by field and path")
{
    const some_file file(noise(piece + 10));
    const auto refused = [&](const std::string& path, std::size_t most, const char* piece_of_it) {
        source_file in(path, "tail_image", most);
        const auto r = in.read_on();
        REQUIRE(r.has_error());
        CHECK(r.error() == errc::invalid_argument);
        CHECK(r.error().facts().field == "tail_image");
        CHECK(r.error().facts().message.find(path) != std::string::npos);
        CHECK(r.error().facts().message.find(piece_of_it) != std::string::npos);
    };
    refused(file.path() + ".none", 2 * piece, "cannot be read");
    refused(file.path(), piece, "at most 8388608");
    refused(std::filesystem::temp_directory_path().string(), 2 * piece, "cannot be read");

    source_file in(file.path(), "video", 2 * piece);
    REQUIRE(in.read_on().value());
    std::filesystem::resize_file(file.path(), piece);
    const auto r = in.read_on();
    REQUIRE(r.has_error());
    CHECK(r.error().facts().message.find("it ends early") != std::string::npos);
}

TEST_CASE("bytes that are here already are taken as they are")
{
    virtual_test t;
    slow_disk disk(t.io);
    const auto bytes = std::make_shared<const std::string>("a picture");
    auto got = t.outcome(read_source("", bytes, "image", 1));
    REQUIRE(got.has_value());
    CHECK(*got == bytes);
    CHECK(disk.calls == 0);
}

struct seen_urls {
    void on_exchange(const exchange_event& e) { urls.emplace_back(e.url); }
    std::vector<std::string> urls;
};

struct bench {
    bench()
        : disk(t.io), net(std::make_shared<cokino::testing::fake_transport>(t.ex())),
          client(t.ex(), make_provider(dialect::fal), net, seeded(seen))
    {}

    static std::string clip()
    {
        return cokino::testing::clip_of_lines(720, 5, aspect_ratio::landscape_16_9, 2 * piece + 1);
    }

    seen_urls seen;
    virtual_test t;
    slow_disk disk; // a second for each piece of work
    std::shared_ptr<cokino::testing::fake_transport> net;
    job_client client;
};

TEST_CASE("a submit reads and judges a clip's file beside the loop, which has time for others")
{
    bench b;
    const some_file file(bench::clip());
    auto submit =
        b.t.start(b.client.submit(video_upscale(video_source::from_file(file.path()), 2)));
    auto other = b.t.start(sleep_for(1500ms));
    b.t.finish(other);
    CHECK(other.took() == 1500ms);
    CHECK(b.disk.calls == 2); // the second piece is being read
    CHECK(b.seen.urls.empty());
    b.t.finish(submit);
    REQUIRE(submit.outcome().has_value());
    CHECK(b.disk.calls == 4); // three pieces and the judgement
    CHECK(submit.took() >= 4s);
    CHECK(b.net->counts().uploads == 1);
    CHECK(b.net->counts().jobs == 1);
}

TEST_CASE("so does one that starts from a picture, in a file or in memory")
{
    bench b;
    const auto bytes = cokino::testing::still(1920, 1080);
    const some_file file(bytes);
    REQUIRE(b.t.outcome(b.client.submit(image_to_video(image_source::from_file(file.path()), "a")))
                .has_value());
    CHECK(b.disk.calls == 2);
    REQUIRE(b.t.outcome(b.client.submit(image_to_video(image_source::from_bytes(bytes), "a")))
                .has_value());
    CHECK(b.disk.calls == 3);
    CHECK(b.net->jobs()[0].image_url == b.net->jobs()[1].image_url);
}

TEST_CASE("cancelled before start, and at any piece: nothing more is read, and nothing is sent")
{
    const some_file file(bench::clip());
    const auto source = video_source::from_file(file.path());
    {
        bench b;
        const auto r = b.t.cancelled_before_start(b.client.submit(video_upscale(source, 2)));
        CHECK(r.error() == errc::cancelled);
        CHECK(b.disk.calls == 0);
    }
    for (int piece_now = 1; piece_now <= 4; ++piece_now) {
        CAPTURE(piece_now);
        bench b;
        auto submit = b.t.start(b.client.submit(video_upscale(source, 2)));
        submit.cancel_after(piece_now * 1s - 500ms);
        b.t.finish(submit);
        CHECK(submit.outcome().error() == errc::cancelled);
        CHECK(submit.took() <= piece_now * 1s);
        CHECK(b.disk.calls == piece_now);
        CHECK(b.seen.urls.empty());
        CHECK(b.net->counts().submits == 0);
    }
}

TEST_CASE("a deadline holds while a file is read")
{
    bench b;
    const some_file file(bench::clip());
    auto submit = b.client.submit(video_upscale(video_source::from_file(file.path()), 2));
    const auto r = b.t.outcome(with_timeout(std::move(submit), 1500ms));
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::deadline_passed);
    CHECK(b.disk.calls == 2);
    CHECK(b.seen.urls.empty());
}

TEST_CASE("a context that goes while a file is read takes all of it along")
{
    const some_file file(bench::clip());
    bench b;
    auto submit =
        b.t.start(b.client.submit(video_upscale(video_source::from_file(file.path()), 2)));
    auto other = b.t.start(sleep_for(500ms));
    b.t.finish(other);
    CHECK(b.disk.calls == 1);
}

} // namespace source_bytes_test
