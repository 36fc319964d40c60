// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The files behind a file_sink, on a real file system: names, locks, modes, and what is refused.

#include <cokino/transfer/detail/part_file.hpp>

#include "media_host.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <csignal>
#include <limits>
#include <new>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace part_file_test {

using namespace media_host_test;
using cokino::detail::parse_part_state;
using cokino::detail::part_file;
using cokino::detail::part_state_text;

part_state state_of(std::uint64_t bytes)
{
    part_state state;
    state.bytes = bytes;
    state.identity = "abc";
    state.validator = "\"v 1\"";
    state.total = 9;
    return state;
}

unsigned mode_of(const std::string& path)
{
    struct stat found;
    REQUIRE(::stat(path.c_str(), &found) == 0);
    return found.st_mode & 0777U;
}

bool has(const failure& f, std::string_view text)
{
    return f.facts().message.find(text) != std::string::npos;
}

TEST_CASE("a state is read back as it was written")
{
    const auto read = parse_part_state(part_state_text(state_of(5)));
    REQUIRE(read.has_value());
    CHECK(read->bytes == 5);
    CHECK(read->identity == "abc");
    CHECK(read->validator == "\"v 1\"");
    CHECK(read->total == 9);
    CHECK_FALSE(read->digest.has_value());
    part_state bare;
    const auto empty = parse_part_state(part_state_text(bare));
    REQUIRE(empty.has_value());
    CHECK_FALSE(empty->total.has_value());
    CHECK(empty->validator.empty());
}

TEST_CASE("a state keeps what the host said of the digest, of each kind; an odd one is none")
{
    using wire::digest_kind;
    for (const auto kind :
         {digest_kind::sha256, digest_kind::sha512, digest_kind::sha1, digest_kind::md5,
          digest_kind::crc64nvme, digest_kind::crc32c, digest_kind::crc32}) {
        auto state = state_of(5);
        state.digest.emplace();
        state.digest->kind = kind;
        state.digest->bytes = std::string(wire::size_of(kind), '\xA5');
        const auto read = parse_part_state(part_state_text(state));
        REQUIRE(read.has_value());
        CHECK(read->digest == state.digest);
        CHECK_FALSE(read->digest->source.empty());
        CHECK(read->bytes == 5);
    }
    for (const auto* const odd : {"md5 abcd", "md5 xyz", "blake3 abcd", "crc32", ""}) {
        const auto read =
            parse_part_state("cokino part 1\ndigest " + std::string(odd) + "\nbytes 5\nend\n");
        REQUIRE(read.has_value());
        CHECK_FALSE(read->digest.has_value());
    }
}

TEST_CASE("a state that was cut anywhere, or is something else, is none")
{
    const auto text = part_state_text(state_of(5));
    for (std::size_t size = 0; size + 1 < text.size(); ++size) // the last line break may go
        CHECK_FALSE(parse_part_state(text.substr(0, size)).has_value());
    CHECK_FALSE(parse_part_state("cokino part 2\nbytes 5\nend\n").has_value());
    CHECK_FALSE(parse_part_state("cokino part 1\nbytes -5\nend\n").has_value());
    CHECK_FALSE(parse_part_state("cokino part 1\nidentity abc\nend\n").has_value());
    CHECK(parse_part_state("cokino part 1\nowner me\nbytes 5\nend\n").has_value());
}

TEST_CASE("the bytes stand under another name until they are whole")
{
    scratch_directory dir;
    const auto mask = ::umask(027);
    part_file file(dir / "a.mp4", false);
    auto held = file.open("abc");
    REQUIRE(held.has_value());
    CHECK(held->bytes == 0);
    REQUIRE(file.write("hello", 5).has_value());
    CHECK(dir.names() == "a.mp4.part a.mp4.part.state");
    CHECK(mode_of(dir / "a.mp4.part") == 0600);
    CHECK(mode_of(dir / "a.mp4.part.state") == 0600);
    REQUIRE(file.commit().has_value());
    CHECK(dir.names() == "a.mp4");
    CHECK(read_file(dir / "a.mp4") == "hello");
    CHECK(mode_of(dir / "a.mp4") == 0640);
    ::umask(mask);
}

TEST_CASE("a kept part is taken up by the next one, cut back to what is known to be on the disk")
{
    scratch_directory dir;
    {
        part_file file(dir / "a.mp4", false);
        REQUIRE(file.open("abc").has_value());
        REQUIRE(file.write("hello", 5).has_value());
        const auto state = state_of(5);
        file.abandon(&state);
    }
    write_file(dir / "a.mp4.part", "hello, and what a crash left");
    part_file file(dir / "a.mp4", false);
    auto held = file.open("abc");
    REQUIRE(held.has_value());
    CHECK(held->bytes == 5);
    CHECK(held->validator == "\"v 1\"");
    CHECK(held->total == 9);
    CHECK(file.size() == 5);
    unsigned char back[3];
    REQUIRE(file.read_at(2, back).has_value());
    CHECK(std::string(back, back + 3) == "llo");
    CHECK(file.read_at(4, back).has_error());
    REQUIRE(file.write(" you", 4).has_value());
    REQUIRE(file.commit().has_value());
    CHECK(read_file(dir / "a.mp4") == "hello you");
}

TEST_CASE("the part of another file, or one shorter than its state says, is started over")
{
    scratch_directory dir;
    for (const char* identity : {"other", "abc"}) {
        {
            part_file file(dir / "a.mp4", false);
            REQUIRE(file.open("abc").has_value());
            REQUIRE(file.restart().has_value());
            REQUIRE(file.write("hello", 5).has_value());
            const auto state = state_of(5);
            file.abandon(&state);
        }
        if (identity == std::string("abc"))
            write_file(dir / "a.mp4.part", "he");
        part_file file(dir / "a.mp4", false);
        auto held = file.open(identity);
        REQUIRE(held.has_value());
        CHECK(held->bytes == 0);
        CHECK(held->validator.empty());
        CHECK(read_file(dir / "a.mp4.part").empty());
        file.abandon(nullptr);
        CHECK(dir.names().empty());
    }
}

TEST_CASE("a part without a state is somebody else's, and stays as it is")
{
    scratch_directory dir;
    write_file(dir / "a.mp4.part", "of a browser");
    part_file file(dir / "a.mp4", false);
    const auto held = file.open("abc");
    REQUIRE(held.has_error());
    CHECK(held.error() == errc::file_failed);
    CHECK(has(held.error(), dir / "a.mp4.part"));
    CHECK(read_file(dir / "a.mp4.part") == "of a browser");
    CHECK(dir.names() == "a.mp4.part");
}

TEST_CASE("two at once: the second is refused and disturbs nothing")
{
    scratch_directory dir;
    part_file first(dir / "a.mp4", false);
    REQUIRE(first.open("abc").has_value());
    REQUIRE(first.write("hello", 5).has_value());
    {
        part_file second(dir / "a.mp4", false);
        const auto held = second.open("abc");
        REQUIRE(held.has_error());
        CHECK(held.error() == errc::file_failed);
        CHECK(has(held.error(), "another download is writing"));
        second.abandon(nullptr);
    }
    REQUIRE(first.commit().has_value());
    CHECK(read_file(dir / "a.mp4") == "hello");
}

TEST_CASE("a file that has the name already is not replaced, unless that is wished")
{
    scratch_directory dir;
    write_file(dir / "a.mp4", "old");
    part_file file(dir / "a.mp4", false);
    const auto held = file.open("abc");
    REQUIRE(held.has_error());
    CHECK(held.error() == errc::file_exists);
    CHECK(has(held.error(), "will not replace " + (dir / "a.mp4")));
    CHECK(dir.names() == "a.mp4");

    part_file wished(dir / "a.mp4", true);
    REQUIRE(wished.open("abc").has_value());
    REQUIRE(wished.write("new", 3).has_value());
    CHECK(read_file(dir / "a.mp4") == "old");
    REQUIRE(wished.commit().has_value());
    CHECK(read_file(dir / "a.mp4") == "new");
}

TEST_CASE("a file that took the name meanwhile is not replaced, and the part stays")
{
    scratch_directory dir;
    part_file file(dir / "a.mp4", false);
    REQUIRE(file.open("abc").has_value());
    REQUIRE(file.write("hello", 5).has_value());
    write_file(dir / "a.mp4", "other");
    const auto done = file.commit();
    REQUIRE(done.has_error());
    CHECK(done.error() == errc::file_exists);
    CHECK(has(done.error(), "will not replace " + (dir / "a.mp4")));
    CHECK(read_file(dir / "a.mp4") == "other");
    const auto state = state_of(5);
    file.abandon(&state);
    CHECK(dir.names() == "a.mp4 a.mp4.part a.mp4.part.state");
}

TEST_CASE("symbolic links are not followed, and odd files not written to")
{
    scratch_directory dir;
    write_file(dir / "target", "precious");
    REQUIRE(::symlink((dir / "target").c_str(), (dir / "a.mp4.part").c_str()) == 0);
    part_file linked(dir / "a.mp4", false);
    CHECK(has(linked.open("abc").error(), "symbolic link"));
    CHECK(read_file(dir / "target") == "precious");

    REQUIRE(::link((dir / "target").c_str(), (dir / "b.mp4.part").c_str()) == 0);
    part_file second_name(dir / "b.mp4", false);
    CHECK(second_name.open("abc").error() == errc::file_failed);
    CHECK(read_file(dir / "target") == "precious");

    REQUIRE(::mkfifo((dir / "c.mp4.part").c_str(), 0600) == 0);
    part_file pipe(dir / "c.mp4", false);
    CHECK(has(pipe.open("abc").error(), "not a regular file"));

    REQUIRE(::mkdir((dir / "d.mp4").c_str(), 0700) == 0);
    part_file directory(dir / "d.mp4", true);
    CHECK(has(directory.open("abc").error(), dir / "d.mp4"));

    // A dangling link is a name that is taken.
    REQUIRE(::symlink("nowhere", (dir / "e.mp4").c_str()) == 0);
    part_file dangling(dir / "e.mp4", false);
    CHECK(has(dangling.open("abc").error(), "will not replace"));
}

TEST_CASE("paths that cannot be are refused by name")
{
    scratch_directory dir;
    const auto refusal = [](std::string path) {
        part_file file(std::move(path), false);
        auto held = file.open("abc");
        REQUIRE(held.has_error());
        return held.error();
    };
    CHECK(refusal("") == errc::invalid_argument);
    CHECK(refusal(std::string("a\0b", 3)) == errc::invalid_argument);
    CHECK(refusal(dir.path() + "/") == errc::invalid_argument);
    CHECK(refusal(dir.path() + "/..") == errc::invalid_argument);
    CHECK(has(refusal(dir / "no/such.mp4"), dir / "no/such.mp4"));
    CHECK(refusal(dir / "no/such.mp4") == errc::file_failed);
    CHECK(refusal(dir / std::string(300, 'x')) == errc::file_failed);
}

TEST_CASE("a directory that cannot be written to is named")
{
    scratch_directory dir;
    REQUIRE(::chmod(dir.path().c_str(), 0555) == 0);
    const bool root = ::geteuid() == 0; // who may write everywhere, so somebody else tries
    if (root)
        REQUIRE(::seteuid(65534) == 0);
    part_file file(dir / "a.mp4", false);
    const auto held = file.open("abc");
    if (root)
        REQUIRE(::seteuid(0) == 0);
    REQUIRE(held.has_error());
    CHECK(held.error() == errc::file_failed);
    CHECK(has(held.error(), "cannot create " + (dir / "a.mp4.part") + ": "));
    CHECK(dir.names().empty());
}

TEST_CASE("a disk that is too small says so before anything is written")
{
    scratch_directory dir;
    part_file file(dir / "a.mp4", false);
    REQUIRE(file.open("abc").has_value());
    CHECK(file.expect(1000).has_value());
    const auto huge = file.expect((std::numeric_limits<std::uint64_t>::max)());
    REQUIRE(huge.has_error());
    CHECK(huge.error() == errc::disk_full);
    CHECK(has(huge.error(), dir / "a.mp4.part"));
}

TEST_CASE("a full disk has a code of its own, other faults keep the system's words")
{
    const auto full = cokino::detail::file_failure(ENOSPC, "cannot write", "x/a.mp4");
    CHECK(full == errc::disk_full);
    CHECK(cokino::detail::file_failure(EDQUOT, "cannot write", "a") == errc::disk_full);
    const auto other = cokino::detail::file_failure(EACCES, "cannot write", "x/a.mp4");
    CHECK(other == errc::file_failed);
    CHECK(has(other, "cannot write x/a.mp4: "));
    CHECK(other.facts().field == "path");
}

TEST_CASE("a write that fails half-way is a failure, and what was known before is kept")
{
    scratch_directory dir;
    struct rlimit before;
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    auto* const old = std::signal(SIGXFSZ, SIG_IGN);
    part_file file(dir / "a.mp4", false);
    REQUIRE(file.open("abc").has_value());
    REQUIRE(file.write("hello", 5).has_value());
    struct rlimit small = before;
    small.rlim_cur = 4096;
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    const std::string much(8192, 'x');
    const auto done = file.write(much.data(), much.size());
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
    std::signal(SIGXFSZ, old);
    REQUIRE(done.has_error());
    CHECK(done.error() == errc::file_failed);
    CHECK(has(done.error(), "cannot write " + (dir / "a.mp4.part")));
    const auto state = state_of(5);
    file.abandon(&state);
    part_file again(dir / "a.mp4", false);
    auto held = again.open("abc");
    REQUIRE(held.has_value());
    CHECK(held->bytes == 5);
}

TEST_CASE("a part that goes without a word keeps what was last remembered")
{
    scratch_directory dir;
    {
        part_file file(dir / "a.mp4", false);
        REQUIRE(file.open("abc").has_value());
        REQUIRE(file.write("hello", 5).has_value());
        REQUIRE(file.remember(state_of(5)).has_value());
        REQUIRE(file.write(" lost", 5).has_value());
    } // as a killed process would
    part_file file(dir / "a.mp4", false);
    auto held = file.open("abc");
    REQUIRE(held.has_value());
    CHECK(held->bytes == 5);
    CHECK(file.remember(state_of(6)).error() == errc::internal_error);
}

/// Memory that O_DIRECT accepts, with bytes that tell their place.
struct aligned_bytes {
    explicit aligned_bytes(std::size_t n) : size(n), data(new(std::align_val_t(4096)) char[n])
    {
        for (std::size_t i = 0; i != n; ++i)
            data[i] = static_cast<char>('a' + i % 26 + i / 4096 % 3);
    }
    aligned_bytes(const aligned_bytes&) = delete;
    aligned_bytes& operator=(const aligned_bytes&) = delete;
    ~aligned_bytes() { ::operator delete[](data, std::align_val_t(4096)); }
    std::size_t size;
    char* data;
};

TEST_CASE("large and odd pieces, past the cache and through it, make one file")
{
    const aligned_bytes bytes(3 * 1024 * 1024 + 777);
    const std::string all(bytes.data, bytes.size);
    const std::size_t large = 1024 * 1024;
    // Sizes of writes from the start on; what is left is written in one.
    const std::vector<std::vector<std::size_t>> ways{
        {large, large}, {5, large}, {4096, large, 100}, {large + 512, 3584, large}, {}};
    for (const bool direct : {true, false}) {
        for (const auto& way : ways) {
            scratch_directory dir;
            part_file file(dir / "a.mp4", false, direct);
            REQUIRE(file.open("abc").has_value());
            std::size_t at = 0;
            for (const auto size : way) {
                REQUIRE(file.write(bytes.data + at, size).has_value());
                at += size;
                unsigned char back[3];
                REQUIRE(file.read_at(at - 3, back).has_value());
                CHECK(std::string(back, back + 3) == all.substr(at - 3, 3));
            }
            REQUIRE(file.write(bytes.data + at, bytes.size - at).has_value());
            CHECK(file.size() == bytes.size);
            REQUIRE(file.remember(state_of(bytes.size)).has_value());
            REQUIRE(file.commit().has_value());
            CHECK((read_file(dir / "a.mp4") == all));
        }
    }
}

TEST_CASE("a part that starts over is written from its start, past the cache too")
{
    scratch_directory dir;
    const aligned_bytes bytes(1024 * 1024);
    part_file file(dir / "a.mp4", false);
    REQUIRE(file.open("abc").has_value());
    REQUIRE(file.write(bytes.data, bytes.size).has_value());
    REQUIRE(file.restart().has_value());
    CHECK(file.size() == 0);
    REQUIRE(file.write(bytes.data, 512 * 1024).has_value());
    REQUIRE(file.commit().has_value());
    CHECK((read_file(dir / "a.mp4") == std::string(bytes.data, 512 * 1024)));
}

} // namespace part_file_test
