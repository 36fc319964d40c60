// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Downloads of a manager on disks without room: reservations, pauses, and what is kept.

#include <cokino/transfer/download_manager.hpp>
#include <cokino/transfer/file_sink.hpp>

#include "managed.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/mount.h>

namespace download_manager_disk_test {

using namespace media_host_test;
using lines = std::vector<std::string>;

/// Nothing is left free, and a file counts as what it is.
download_manager_options exact(std::size_t running = 10)
{
    auto options = managed::at_once(running);
    options.disk_reserve = 0;
    options.bytes_assumed = 100'000;
    return options;
}

/// A file on a disk that has room for so many bytes more, whatever it says of itself.
class bounded_sink final : public sink
{
public:
    bounded_sink(std::string path, std::uint64_t& room) : file_(std::move(path)), room_(room) {}

    bool has_place = true;

    awaitable<result<part_state>> open(std::string identity) override
    {
        return file_.open(std::move(identity));
    }
    awaitable<result<void>> write(asio::const_buffer bytes) override
    {
        if (bytes.size() > room_)
            co_return failure(errc::disk_full).explain("the test's disk is full", "path");
        room_ -= bytes.size();
        co_return co_await file_.write(bytes);
    }
    awaitable<result<void>> restart() override { return file_.restart(); }
    awaitable<result<void>> remember(part_state s) override { return file_.remember(std::move(s)); }
    awaitable<result<void>> commit() override { return file_.commit(); }
    void abandon(const part_state* keep) noexcept override { file_.abandon(keep); }
    wire::byte_reader* reader() noexcept override { return file_.reader(); }
    std::string place() const override { return has_place ? file_.place() : std::string(); }
    std::string name() const override { return file_.name(); }

private:
    file_sink file_;
    std::uint64_t& room_;
};

TEST_CASE("without room a download does not start; with room it does, and the observer is told")
{
    managed m(exact());
    m.disk.free_bytes = 50'000;
    auto s = m.start(1);
    m.t.time.run_for(62s);
    CHECK(m.host.log.empty());
    CHECK(m.dir.names().empty());
    CHECK(m.manager.status().waiting_for_room == 1);
    CHECK(m.log.lines == lines{"paused 1.mp4.part 50000"});
    CHECK(m.log.needed == 100'000);
    m.disk.free_bytes = 1'000'000;
    m.t.finish(s);
    CHECK(s.get().waited == 65s); // it is looked at every 5 s
    CHECK(m.log.lines == lines{"paused 1.mp4.part 50000", "resumed 1.mp4.part 65"});
    CHECK(read_file(m.path(1)) == m.file.bytes);
    CHECK(m.t.time.timers_armed() == 0);
}

TEST_CASE("room is checked for all that run together, and lengths that become known count")
{
    managed m(exact()); // files of 160 kB, of which nobody knows
    m.disk.free_bytes = 300'000;
    std::vector<started<download_report>> all;
    for (int n = 1; n <= 3; ++n) // each by itself would fit, and three of 100 kB do
        all.push_back(m.start(n));
    m.t.time.run_for(5s);
    // One has learnt its length, and then there is none for another one of that length.
    CHECK(m.manager.status().running == 1);
    CHECK(m.manager.status().waiting_for_room == 2);
    CHECK(m.manager.status().bytes_in_flight == 160'000);
    m.disk.free_bytes = 1'000'000;
    for (const auto& s : all)
        m.t.finish(s);
    CHECK(m.manager.status().done == 3);
    CHECK(m.log.lines.size() == 2);
}

TEST_CASE("the reserve stays free")
{
    auto options = exact();
    options.disk_reserve = 500'000;
    managed m(options);
    m.disk.free_bytes = 599'999;
    auto s = m.start(1);
    m.t.time.run_for(5s);
    CHECK(m.host.log.empty());
    m.disk.free_bytes = 660'000;
    m.t.finish(s);
    CHECK(s.outcome().has_value());
}

TEST_CASE("a part that stands there already needs no room again")
{
    auto options = exact();
    options.disk_pause_max = 0ms;
    managed m(options, 700'000);
    auto s = m.start(1);
    s.cancel_after(9s);
    m.t.finish(s);
    const auto held = std::filesystem::file_size(m.path(1) + ".part");
    CHECK(held == 524'288);
    m.disk.free_bytes = 700'000 - held;
    auto clip = m.clip(1);
    clip.file.size = 700'000;
    auto again = m.start(clip, 1);
    m.t.finish(again);
    CHECK(again.get().resumed_from == held);
}

TEST_CASE("a disk that becomes full on the way pauses all, keeps the part, and goes on from there")
{
    managed m(exact(), 700'000);
    std::uint64_t room = 300'000;
    bounded_sink into(m.path(1), room);
    auto first = m.t.start(m.manager.download(m.clip(1), into));
    m.t.time.run_for(20s);
    auto second = m.start(2); // although the disk says that there is room
    m.t.time.run_for(20s);
    CHECK_FALSE(first.done());
    CHECK(m.log.lines.size() == 1);
    CHECK(m.manager.status().waiting_for_room + m.manager.status().running == 2);
    CHECK(m.dir.names() == "1.mp4.part 1.mp4.part.state");
    CHECK(std::filesystem::file_size(m.path(1) + ".part") == 262'144);
    room = 10'000'000;
    m.t.finish(first);
    m.t.finish(second);
    CHECK(first.get().resumed_from == 262'144);
    CHECK(first.get().waited > 5s); // it tried in between
    CHECK(second.get().waited > 15s);
    CHECK(read_file(m.path(1)) == m.file.bytes);
    CHECK(m.log.lines.size() == 2);
    CHECK(m.manager.status().done == 2);
    CHECK(m.manager.status().failed == 0);
}

std::string link_until(system_time end, int n)
{
    const auto at = std::chrono::floor<std::chrono::seconds>(end).time_since_epoch();
    return "https://cdn.host/1.mp4?AWSAccessKeyId=a" + std::to_string(n) +
           "&Signature=canary&Expires=" + std::to_string(at.count());
}

TEST_CASE("a pause costs no renewal: a renewed link is used again, unless it has died meanwhile")
{
    for (const bool dies : {false, true}) {
        CAPTURE(dies);
        auto options = exact();
        options.disk_pause_max = 2h;
        managed m(options, 700'000);
        std::uint64_t room = 300'000;
        bounded_sink into(m.path(1), room);
        const auto now = m.t.time.system_now();
        m.links.links = {link_until(now + (dies ? 30min : 10h), 1), link_until(now + 20h, 2)};
        auto one = m.t.start(m.manager.download(m.clip(1, -1h), into)); // dead when it comes
        m.t.time.run_for(1h);
        CHECK_FALSE(one.done());
        room = 10'000'000;
        m.t.finish(one);
        CHECK(read_file(m.path(1)) == m.file.bytes);
        CHECK(m.links.asked == (dies ? 2U : 1U));
        CHECK(one.get().renewals == (dies ? 2U : 1U));
        CHECK(one.get().resumed_from == 262'144);
        const auto& last = m.host.log.back().url;
        CHECK(last.find(dies ? "a2" : "a1") != std::string::npos);
    }
}

TEST_CASE("a renewed link's deadline is the one that counts behind a pause")
{
    managed m(exact(1), 160'000);
    std::uint64_t room = 100'000;
    bounded_sink into(m.path(1), room);
    const auto now = m.t.time.system_now();
    m.links.links = {link_until(now + 20h, 1)};
    auto renewed = m.t.start(m.manager.download(m.clip(1, -1h), into));
    m.t.time.run_for(15s); // it has found its disk full
    auto urgent = m.start(m.clip(2, 2h), 2);
    auto later = m.start(m.clip(3, 30h), 3);
    room = 10'000'000;
    m.t.finish(renewed);
    m.t.finish(urgent);
    m.t.finish(later);
    CHECK(m.asked() == "1 2 1 3");
}

TEST_CASE("the longest pause ends with disk_full, and the part is kept")
{
    for (const auto longest : {60s, 600s}) {
        auto options = exact();
        options.disk_pause_max = longest;
        managed m(options, 700'000);
        m.disk.free_bytes = 800'000;
        std::uint64_t room = 300'000;
        bounded_sink into(m.path(1), room);
        auto s = m.t.start(m.manager.download(m.clip(1), into));
        m.t.time.run_for(10s);
        m.disk.free_bytes = 0;
        m.t.finish(s);
        const auto why = s.outcome().error();
        CHECK(why == errc::disk_full);
        CHECK(why.facts().field == "path");
        CHECK(says(why, "waited " + cokino::detail::duration_text(longest)));
        CHECK(s.took() >= longest);
        CHECK(s.took() <= longest + 20s);
        CHECK(m.dir.names() == "1.mp4.part 1.mp4.part.state");
        CHECK(m.log.lines.size() == 2);
        CHECK(m.manager.status().failed == 1);

        m.disk.free_bytes = 10'000'000;
        room = 10'000'000;
        auto again = m.t.start(m.manager.download(m.clip(1), into));
        m.t.finish(again);
        CHECK(again.get().resumed_from == 262'144);
    }
}

TEST_CASE(
    "a disk that says it has room but takes nothing is tried by one at each look, for so long")
{
    auto options = exact();
    options.disk_pause_max = 2min;
    managed m(options, 700'000);
    std::uint64_t room = 0;
    bounded_sink a(m.path(1), room);
    bounded_sink b(m.path(2), room);
    auto first = m.t.start(m.manager.download(m.clip(1), a));
    m.t.time.run_for(10s);
    auto second = m.t.start(m.manager.download(m.clip(2), b));
    m.t.finish(first);
    m.t.finish(second);
    CHECK(first.outcome().error() == errc::disk_full);
    CHECK(second.outcome().error() == errc::disk_full);
    CHECK(second.took() < 3min);
    CHECK(m.host.log.size() < 2 * 120 / 5);
    CHECK(m.manager.status().running + m.manager.status().waiting_for_room == 0);
}

TEST_CASE("with no pause allowed, a full disk is told at once")
{
    auto options = exact();
    options.disk_pause_max = 0ms;
    managed m(options, 700'000);
    m.disk.free_bytes = 10;
    auto r = m.t.outcome(m.manager.download(m.clip(1), m.path(1)));
    CHECK(r.error() == errc::disk_full);
    CHECK(m.host.log.empty());

    m.disk.free_bytes = 10'000'000;
    std::uint64_t room = 300'000;
    bounded_sink into(m.path(1), room);
    r = m.t.outcome(m.manager.download(m.clip(1), into));
    CHECK(r.error() == errc::disk_full);
    CHECK(says(r.error(), "the test's disk is full"));
    CHECK(m.log.lines.empty());
    CHECK(m.manager.status().failed == 2);
}

TEST_CASE("a sink that names no place gets its own failures back, and no room is kept for it")
{
    managed m(exact(), 700'000);
    m.disk.free_bytes = 0;
    std::uint64_t room = 300'000;
    bounded_sink into(m.path(1), room);
    into.has_place = false;
    const auto r = m.t.outcome(m.manager.download(m.clip(1), into));
    CHECK(r.error() == errc::disk_full);
    CHECK(m.disk.looks == 0);
}

awaitable<download_report> letting_all_through(managed& m)
{
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    auto report = co_await m.manager.download(m.clip(1), m.path(1));
    co_return report;
}

TEST_CASE("cancelled while it waits for room, it leaves at once, and the pause is over")
{
    for (const auto type :
         {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total}) {
        managed m(exact());
        m.disk.free_bytes = 10;
        auto s = m.t.start(letting_all_through(m));
        s.cancel_after(7s, type);
        m.t.finish(s);
        CHECK(s.outcome().error() == errc::cancelled);
        CHECK(s.took() == 7s);
        CHECK(m.log.lines == lines{"paused 1.mp4.part 10", "resumed 1.mp4.part 7"});
        CHECK(m.dir.names().empty());
        CHECK(m.t.time.timers_armed() == 0);
        CHECK(m.manager.status().waiting_for_room == 0);
    }
}

TEST_CASE("the deadline counts while it waits for room")
{
    managed m(exact());
    m.disk.free_bytes = 10;
    download_options options;
    options.total = 30s;
    auto s = m.start(m.clip(1), 1, options);
    m.t.finish(s);
    CHECK(s.outcome().error() == errc::deadline_passed);
    CHECK(s.took() == 30s);
}

TEST_CASE("a manager that goes ends those that wait for room")
{
    virtual_test t;
    scratch_directory dir;
    media_host host(some_clip());
    downloader loads(t.ex(), host, nullptr, downloads::seeded());
    test_disk disk;
    disk.free_bytes = 10;
    auto manager = std::make_unique<download_manager>(t.ex(), loads, managed::with(exact(), disk));
    auto s = t.start(manager->download(ordered(), dir / "1.mp4"));
    t.time.run_for(12s);
    manager.reset();
    t.finish(s);
    CHECK(s.outcome().error() == errc::closed);
    CHECK(t.time.timers_armed() == 0);
}

TEST_CASE("where nobody can say how much room there is, downloads go on without")
{
    managed m(exact());
    m.disk.fails = true;
    auto s = m.start(1);
    m.t.finish(s);
    CHECK(s.outcome().has_value());
    CHECK(m.log.lines.empty());
}

TEST_CASE("the system says how much room there is, and what stands at a path")
{
    scratch_directory dir;
    write_file(dir / "a.part", "12345");
    system_disk_gauge system;
    const auto here = system.room_at(dir / "a.part");
    REQUIRE(here.has_value());
    CHECK(here->free_bytes > 0);
    CHECK(here->held_bytes == 5);
    CHECK(system.room_at(dir / "b.part")->held_bytes == 0);
    CHECK(system.room_at(dir / "b.part")->disk == here->disk);
    const auto nowhere = system.room_at(dir / "none/a.part");
    REQUIRE(nowhere.has_error());
    CHECK(nowhere.error() == errc::file_failed);
    CHECK(system.room_at("a-relative-name.part").has_value());
}

/// A disk of its own in memory, where the system lets us have one.
class tiny_disk
{
public:
    explicit tiny_disk(const std::string& at) : at_(at)
    {
        std::filesystem::create_directory(at);
        if (::mount("tmpfs", at.c_str(), "tmpfs", 0, "size=4m") != 0)
            why_not = std::strerror(errno);
    }
    tiny_disk(const tiny_disk&) = delete;
    tiny_disk& operator=(const tiny_disk&) = delete;
    ~tiny_disk()
    {
        if (why_not.empty())
            ::umount2(at_.c_str(), MNT_DETACH);
    }
    std::string why_not;

private:
    std::string at_;
};

TEST_CASE("on a real full disk nothing is lost: the download goes on when something was deleted")
{
    virtual_test t;
    scratch_directory dir;
    tiny_disk disk(dir / "disk");
    if (!disk.why_not.empty()) {
        MESSAGE("SKIPPED: a tmpfs cannot be mounted here: ", disk.why_not);
        return;
    }
    const auto file = some_clip(3'000'000);
    media_host host;
    // Nobody says how long it is, so that it finds out by writing.
    host.answers = [&file](const seen& r) {
        auto a = serve(file, r);
        a.with_length = r.ranged;
        return a;
    };
    pause_log log;
    downloader loads(t.ex(), host, nullptr, downloads::seeded());
    download_manager_options options;
    options.disk_reserve = 0;
    options.bytes_assumed = 100'000;
    download_manager manager(t.ex(), loads, options, log);
    write_file(dir / "disk/ballast", std::string(2'500'000, 'x'));
    auto s = t.start(manager.download(ordered(), dir / "disk/1.mp4"));
    t.time.run_for(60s);
    CHECK_FALSE(s.done());
    CHECK(log.lines.size() == 1);
    CHECK(manager.status().waiting_for_room == 1);
    std::filesystem::remove(dir / "disk/ballast");
    t.finish(s);
    const auto report = s.get();
    CHECK(report.resumed_from > 1'000'000);
    CHECK(read_file(dir / "disk/1.mp4") == file.bytes);
    CHECK(log.lines.size() == 2);
    CHECK(host.log.size() <= 3); // once more when there seemed to be room for a little
}

} // namespace download_manager_disk_test
