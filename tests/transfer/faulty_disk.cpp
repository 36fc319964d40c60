// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Disks that fail to sync, other processes in between, and how files are opened. The system's own
// calls are replaced in this program: what they are asked for is seen, and while a test wants it
// they fail.

#include <cokino/transfer/detail/part_file.hpp>

#include "managed.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

namespace faulty_disk_test {

/// The next sync fails with this, once: as on a disk that reports a lost write.
std::atomic<int>& next_sync_fails()
{
    static std::atomic<int> error{0};
    return error;
}

/// Files opened for writing past the cache.
std::atomic<int>& opened_direct()
{
    static std::atomic<int> count{0};
    return count;
}

/// What another process does just behind the next renaming of a part or removal of one.
std::function<void()>& behind_next_change()
{
    static std::function<void()> then;
    return then;
}

// Only for the part itself, not for its state.
void changed(std::string_view path)
{
    if (path.ends_with(".part"))
        if (const auto then = std::exchange(behind_next_change(), {}))
            then();
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

extern "C" int renameat2(int from, const char* old_name, int to, const char* name, unsigned flags)
{
    const auto system = reinterpret_cast<int (*)(int, const char*, int, const char*, unsigned)>(
        dlsym(RTLD_NEXT, "renameat2"));
    const int done = system(from, old_name, to, name, flags);
    faulty_disk_test::changed(old_name);
    return done;
}
extern "C" int unlinkat(int directory, const char* path, int flags)
{
    const auto system =
        reinterpret_cast<int (*)(int, const char*, int)>(dlsym(RTLD_NEXT, "unlinkat"));
    const int done = system(directory, path, flags);
    faulty_disk_test::changed(path);
    return done;
}

extern "C" int openat(int directory, const char* path, int flags, ...)
{
    static auto* const system =
        reinterpret_cast<int (*)(int, const char*, int, ...)>(dlsym(RTLD_NEXT, "openat"));
    if ((flags & O_DIRECT) != 0)
        ++faulty_disk_test::opened_direct();
    va_list more;
    va_start(more, flags);
    const auto mode = va_arg(more, mode_t); // whatever stands there: it is used with O_CREAT only
    va_end(more);
    return system(directory, path, flags, mode);
}

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

TEST_CASE("whoever begins where another has just ended keeps its state")
{
    for (const bool commits : {true, false}) {
        scratch_directory dir;
        {
            part_file next(dir / "a.mp4", true);
            part_file file(dir / "a.mp4", false);
            REQUIRE(file.open("abc").has_value());
            REQUIRE(file.write("hello", 5).has_value());
            result<part_state> begun = failure(errc::internal_error);
            behind_next_change() = [&] { begun = next.open("abc"); };
            if (commits)
                REQUIRE(file.commit().has_value());
            else
                file.abandon(nullptr);
            REQUIRE(begun.has_value());
            REQUIRE(next.write("world", 5).has_value());
        } // as a killed process would
        CHECK(dir.names() ==
              (commits ? "a.mp4 a.mp4.part a.mp4.part.state" : "a.mp4.part a.mp4.part.state"));
        part_file again(dir / "a.mp4", true);
        CHECK(again.open("abc").has_value());
    }
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

TEST_CASE("whether files are written past the cache is the option's to say, in every door")
{
    for (const bool direct : {true, false}) {
        downloads d(some_clip(3'000'000)); // its directory is not on a disk, but asked all the same
        managed m({}, 3'000'000);
        download_options options;
        options.direct = direct;
        opened_direct() = 0;
        REQUIRE(d.run(options).has_value());
        CHECK((opened_direct() > 0) == direct);
        opened_direct() = 0;
        const auto one = m.start(m.clip(1), 1, options);
        m.t.finish(one);
        CHECK(one.get().bytes == m.file.bytes.size());
        CHECK((opened_direct() > 0) == direct);
    }
}

} // namespace faulty_disk_test
