// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A file_sink's disk is waited for beside the loop, in every call, and when a download stops too.

#include <cokino/async/offload.hpp>
#include <cokino/async/sleep.hpp>
#include <cokino/async/with_timeout.hpp>
#include <cokino/transfer/file_sink.hpp>

#include "downloads.hpp"
#include "support/slow_disk.hpp"

#include <boost/asio/post.hpp>
#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace file_sink_test {

using namespace media_host_test;

part_state state_of(std::uint64_t bytes)
{
    part_state state;
    state.bytes = bytes;
    state.identity = "abc";
    state.validator = "\"v1\"";
    return state;
}

awaitable<void> use_all(std::string path, slow_disk& disk)
{
    file_sink file(path);
    const auto opened = co_await file.open("abc");
    CHECK(opened.has_value());
    CHECK(disk.calls == 1);
    auto wrote = co_await file.write(asio::buffer("hello", 5));
    CHECK(wrote.has_value());
    CHECK(disk.calls == 2);
    auto done = co_await file.restart();
    CHECK(done.has_value());
    CHECK(disk.calls == 3);
    wrote = co_await file.write(asio::buffer("hi", 2));
    CHECK(wrote.has_value());
    done = co_await file.remember(state_of(2));
    CHECK(done.has_value());
    CHECK(disk.calls == 5);
    done = co_await file.commit();
    CHECK(done.has_value());
    CHECK(disk.calls == 6);
}

TEST_CASE("each call waits for the disk and lets the loop go on")
{
    virtual_test t;
    slow_disk disk(t.io);
    scratch_directory dir;
    const auto path = dir / "a.mp4";
    auto s = t.start(use_all(path, disk));
    t.finish(s);
    s.get();
    CHECK(s.took() == 6s); // each call was a timer, and the clock moved between them
    CHECK(read_file(path) == "hi");
    CHECK(dir.names() == "a.mp4");
}

awaitable<void> leave(std::string path, bool keep)
{
    file_sink file(path);
    const auto opened = co_await file.open("abc");
    CHECK(opened.has_value());
    const auto wrote = co_await file.write(asio::buffer("hello", 5));
    CHECK(wrote.has_value());
    std::optional<part_state> state;
    if (keep)
        state = state_of(5);
    co_await file.leave(std::move(state));
}

TEST_CASE(
    "what is left is kept or removed, as the downloader says, and that waits for the disk too")
{
    for (const bool keep : {true, false}) {
        virtual_test t;
        slow_disk disk(t.io);
        scratch_directory dir;
        const auto path = dir / "a.mp4";
        auto s = t.start(leave(path, keep));
        t.finish(s);
        s.get();
        CHECK(s.took() == 3s);
        CHECK(dir.names() == (keep ? "a.mp4.part a.mp4.part.state" : ""));
    }
}

awaitable<void> write_with_work(std::string path, slow_disk& disk)
{
    file_sink file(path);
    const auto opened = co_await file.open("abc");
    CHECK(opened.has_value());
    std::string seen;
    offload_guard guard;
    const std::function<void()> work = [&] { seen = read_file(path + ".part"); };
    const auto wrote = co_await file.write_and(asio::buffer("hello", 5), work, guard);
    CHECK(wrote.has_value());
    CHECK(seen == "hello"); // behind the write
    CHECK(disk.calls == 2); // and in one go with it
    const std::function<void()> bad = [] { throw std::runtime_error("bad"); };
    bool thrown = false;
    try {
        const auto unused = co_await file.write_and(asio::buffer("!", 1), bad, guard);
        static_cast<void>(unused);
    } catch (const std::runtime_error&) {
        thrown = true;
    }
    CHECK(thrown);
}

TEST_CASE("work that goes with a write is done behind it, in the same wait for the disk")
{
    virtual_test t;
    slow_disk disk(t.io);
    scratch_directory dir;
    auto s = t.start(write_with_work(dir / "a.mp4", disk));
    t.finish(s);
    s.get();
    CHECK(s.took() == 3s);
}

TEST_CASE("work that goes with a write is not done when the write fails")
{
    virtual_test t;
    file_sink file("/nowhere/at/all.mp4");
    bool worked = false;
    offload_guard guard;
    const std::function<void()> work = [&] { worked = true; };
    const auto wrote = t.outcome(file.write_and(asio::buffer("x", 1), work, guard));
    REQUIRE(wrote.has_error());
    CHECK(wrote.error() == errc::file_failed);
    CHECK_FALSE(worked);
}

TEST_CASE("each call fails with the disk's own failure")
{
    virtual_test t;
    file_sink file("/nowhere/at/all.mp4");
    const auto opened = t.outcome(file.open("abc"));
    REQUIRE(opened.has_error());
    CHECK(opened.error() == errc::file_failed);
    CHECK(t.outcome(file.write(asio::buffer("x", 1))).error() == errc::file_failed);
    CHECK(t.outcome(file.commit()).error() == errc::file_failed);
}

/// A download whose disk is slow, so that it can be stopped in each of its calls.
struct slow_download {
    explicit slow_download(media f)
        : file(std::move(f)), disk(t.io), host(file), loads(t.ex(), host)
    {}
    std::string path() const { return dir / "neon.mp4"; }

    virtual_test t;
    media file;
    slow_disk disk;
    scratch_directory dir;
    media_host host;
    downloader loads;
};

TEST_CASE("a download goes well with a disk that takes its time")
{
    slow_download d(some_clip(3'000'000));
    const auto r = d.t.outcome(d.loads.download(ordered(), d.path()));
    REQUIRE(r.has_value());
    CHECK(r->sha256 == wire::hex_encode(wire::sha256_of(d.file.bytes)));
    CHECK(read_file(d.path()) == d.file.bytes);
    CHECK(d.disk.calls > 6); // opened, pieces and their digests, looked at, committed
}

TEST_CASE("cancelled in any call of its disk, a download ends when its part is kept or removed")
{
    for (auto after = 100ms; after < 11s; after += 500ms) {
        CAPTURE(after.count());
        slow_download d(some_clip(3'000'000));
        auto s = d.t.start(d.loads.download(ordered(), d.path()));
        s.cancel_after(after);
        d.t.finish(s);
        const auto r = s.outcome();
        if (r) { // the last call cannot be taken back
            CHECK(read_file(d.path()) == d.file.bytes);
            continue;
        }
        CHECK(r.error() == errc::cancelled);
        CHECK(s.took() < duration(after) + 3s); // the call under way, and that which keeps the part
        const auto names = d.dir.names();
        CHECK((names.empty() || names == "neon.mp4.part neon.mp4.part.state"));

        // Whatever is there can be taken up at once: nothing holds it any more.
        const auto again = d.t.outcome(d.loads.download(ordered(), d.path()));
        REQUIRE(again.has_value());
        CHECK(read_file(d.path()) == d.file.bytes);
    }
}

TEST_CASE("the deadline of a download with a slow disk is kept, and the part too")
{
    slow_download d(some_clip(3'000'000));
    download_options options;
    options.total = std::chrono::milliseconds(3500);
    const auto r = d.t.outcome(d.loads.download(ordered(), d.path(), options));
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::deadline_passed);
    CHECK(d.dir.names() == "neon.mp4.part neon.mp4.part.state");
}

TEST_CASE("a loop that goes in the middle of a write leaves what was remembered")
{
    scratch_directory dir;
    const auto file = some_clip(3'000'000);
    {
        std::optional<slow_disk> disk; // goes after the loop, as its work does
        virtual_test t;
        disk.emplace(t.io);
        media_host host(file);
        downloader loads(t.ex(), host);
        auto s = t.start(loads.download(ordered(), dir / "neon.mp4"));
        t.time.run_for(2500ms);
        CHECK_FALSE(s.done());
    }
    CHECK(dir.names().find("neon.mp4 ") == std::string::npos);
}

TEST_CASE("on real time a download writes on other threads and comes home whole")
{
    for (const bool direct : {true, false}) {
        real_test t;
        scratch_directory dir;
        const auto file = some_clip(5'000'001);
        media_host host(file);
        downloader loads(t.ex(), host);
        download_options options;
        options.direct = direct;
        const auto r = t.outcome(loads.download(ordered(), dir / "neon.mp4", options));
        REQUIRE(r.has_value());
        CHECK(r->sha256 == wire::hex_encode(wire::sha256_of(file.bytes)));
        CHECK(read_file(dir / "neon.mp4") == file.bytes);
    }
}

TEST_CASE("a loop on real time may go while threads are at work, and nothing of it is left in use")
{
    for (int turns = 1; turns < 40; turns += 3) {
        scratch_directory dir;
        const auto file = some_clip(3'000'000);
        media_host host(file);
        real_test t;
        downloader loads(t.ex(), host);
        auto one = t.start(loads.download(ordered(), dir / "neon.mp4"));
        auto other = t.start(with_timeout(loads.download(ordered(), dir / "two.mp4"), 1h));
        for (int i = 0; i != turns; ++i)
            t.io.run_one_for(20ms);
    }
}

} // namespace file_sink_test
