// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Disks that fail to sync. The system's own calls are replaced in this program, and fail when a
// test wants it.

#include <cokino/transfer/detail/part_file.hpp>

#include "downloads.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cerrno>
#include <string>

#include <dlfcn.h>
#include <unistd.h>

namespace faulty_disk_test {

/// The next sync fails with this, once: as on a disk that reports a lost write.
std::atomic<int>& next_sync_fails()
{
    static std::atomic<int> error{0};
    return error;
}

int sync_by(const char* name, int file)
{
    if (const int error = next_sync_fails().exchange(0)) {
        errno = error;
        return -1;
    }
    return reinterpret_cast<int (*)(int)>(dlsym(RTLD_NEXT, name))(file);
}

} // namespace faulty_disk_test

extern "C" int fsync(int file) { return faulty_disk_test::sync_by("fsync", file); }
extern "C" int fdatasync(int file) { return faulty_disk_test::sync_by("fdatasync", file); }

namespace faulty_disk_test {

using namespace media_host_test;
using cokino::detail::part_file;

part_state state_of(std::uint64_t bytes)
{
    part_state state;
    state.bytes = bytes;
    state.identity = "abc";
    state.validator = "\"v1\"";
    state.total = 10;
    return state;
}

/// What a later download finds.
std::uint64_t held_at(const std::string& path)
{
    part_file file(path, false);
    const auto held = file.open("abc");
    REQUIRE(held.has_value());
    return held->bytes;
}

TEST_CASE("what a failed sync may have lost is promised to nobody, though the next sync succeeds")
{
    for (const int error : {EIO, ENOSPC}) {
        for (const bool at_commit : {false, true}) {
            scratch_directory dir;
            part_file file(dir / "a.mp4", false);
            REQUIRE(file.open("abc").has_value());
            REQUIRE(file.write("hello", 5).has_value());
            REQUIRE(file.remember(state_of(5)).has_value());
            REQUIRE(file.write("world", 5).has_value());
            next_sync_fails() = error;
            const auto done = at_commit ? file.commit() : file.remember(state_of(10));
            REQUIRE(done.has_error());
            CHECK(done.error() == (error == EIO ? errc::file_failed : errc::disk_full));
            CHECK(next_sync_fails() == 0);
            const auto state = state_of(10);
            file.abandon(&state); // as the download does that ends with it
            CHECK(held_at(dir / "a.mp4") == 5);
        }
    }
}

TEST_CASE("with nothing synced before, a failed sync leaves nothing behind")
{
    scratch_directory dir;
    part_file file(dir / "a.mp4", false);
    REQUIRE(file.open("abc").has_value());
    REQUIRE(file.write("hello", 5).has_value());
    next_sync_fails() = EIO;
    REQUIRE(file.remember(state_of(5)).has_error());
    const auto state = state_of(5);
    file.abandon(&state);
    CHECK(dir.names().empty());
}

TEST_CASE("a sync that fails while the part is put aside is the end of what it was for")
{
    scratch_directory dir;
    {
        part_file file(dir / "a.mp4", false);
        REQUIRE(file.open("abc").has_value());
        const std::string much(200'000, 'x');
        REQUIRE(file.write(much.data(), much.size()).has_value());
        next_sync_fails() = ENOSPC;
        const auto state = state_of(much.size());
        file.abandon(&state);
    }
    CHECK(held_at(dir / "a.mp4") == 0);
}

TEST_CASE("a download whose last sync fails is fetched again from what is known to be there")
{
    downloads d(some_clip(300'000));
    next_sync_fails() = EIO;
    CHECK(d.failed() == errc::file_failed);
    const auto again = d.run();
    REQUIRE(again.has_value());
    CHECK(again->resumed_from == 0);
    CHECK(read_file(d.path()) == d.host.answers({}).body);
}

} // namespace faulty_disk_test
