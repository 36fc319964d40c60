// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// kill -9 in the middle of a download, again and again. The server and each downloading process are
// children of this one, which has no threads and only looks on: at how much was served (which says
// when to kill), at the part, and at the final name. POSIX only, as file_sink is.

#include <cokino/core/random_source.hpp>
#include <cokino/wire/signature.hpp>

#include "downloads.hpp"
#include "loopback_downloads.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <new>
#include <optional>
#include <string>

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace downloader_kill_test {

using namespace loopback_test;

constexpr std::uint64_t MiB = 1024 * 1024;
constexpr std::uint64_t file_bytes = 40 * MiB + 4321;
constexpr int kills_min = 20;

/// What the server tells; in memory that all processes share.
struct told {
    std::atomic<std::uint16_t> port{0};
    std::atomic<std::uint64_t> served{0};              // bytes of bodies, all in all
    std::atomic<std::uint64_t> asked_from{UINT64_MAX}; // where the last request began
    std::atomic<std::uint64_t> requests{0};
};

class shared_memory
{
public:
    shared_memory()
    {
        void* const place = ::mmap(nullptr, sizeof(told), PROT_READ | PROT_WRITE,
                                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        REQUIRE(place != MAP_FAILED);
        told_ = new (place) told;
    }
    shared_memory(const shared_memory&) = delete;
    shared_memory& operator=(const shared_memory&) = delete;
    ~shared_memory() { ::munmap(told_, sizeof(told)); }
    told* operator->() const { return told_; }
    told& operator*() const { return *told_; }

private:
    told* told_;
};

/// Serves the file, with ranges, until it is killed.
[[noreturn]] void serve_for_ever(const std::string& file, told& to)
{
    raw_server host([&](raw_peer& peer) {
        for (;;) {
            const auto request = peer.read_request();
            if (request.empty())
                return;
            const auto from = range_of(request).value_or(0);
            to.asked_from = from;
            ++to.requests;
            bool open = peer.write(good_head(from, file.size()));
            for (auto at = from; open && at < file.size(); at += 64 * 1024) {
                const auto piece = std::string_view(file).substr(at, 64 * 1024);
                open = peer.write(piece);
                to.served += piece.size();
            }
            if (!open)
                return;
        }
    });
    to.port = host.port();
    for (;;)
        ::pause();
}

/// Downloads, and says by its exit code how that went.
[[noreturn]] void download_and_exit(std::uint16_t port, const std::string& path)
{
    int code = 9;
    {
        loopback_downloads d;
        const auto r = d.run("http://127.0.0.1:" + std::to_string(port) + "/clip.mp4", path);
        code = r.has_value() ? 0 : 1;
    }
    ::_exit(code);
}

/// A child process, killed at the latest when this goes.
class child
{
public:
    template <class Work> explicit child(Work work) : id_(::fork())
    {
        REQUIRE(id_ >= 0);
        if (id_ == 0)
            work();
    }
    child(const child&) = delete;
    child& operator=(const child&) = delete;
    ~child()
    {
        if (id_ > 0)
            kill();
    }

    /// Its exit code, once it has ended by itself.
    std::optional<int> ended()
    {
        int status = 0;
        if (::waitpid(id_, &status, WNOHANG) != id_)
            return std::nullopt;
        id_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 100;
    }
    void kill()
    {
        ::kill(id_, SIGKILL);
        ::waitpid(id_, nullptr, 0);
        id_ = -1;
    }

private:
    pid_t id_;
};

std::uint64_t size_of(const std::string& path)
{
    std::error_code none;
    const auto size = std::filesystem::file_size(path, none);
    return none ? 0 : size;
}

/// What is there is whole and right, at whatever moment it is looked at.
void look_at(const std::string& path, const std::string& sha256)
{
    struct stat found;
    if (::lstat(path.c_str(), &found) == 0)
        REQUIRE(wire::hex_encode(wire::sha256_of(read_file(path))) == sha256);
}

TEST_CASE("killed twenty times, a download ends whole, and at most 8 MiB a kill are fetched twice")
{
    const std::string file = media_host_test::noisy_clip(file_bytes, 3, "\"v1\"").bytes;
    const auto sha256 = wire::hex_encode(wire::sha256_of(file));
    scratch_directory dir;
    const auto path = dir / "clip.mp4";
    const shared_memory shared;
    child server([&] { serve_for_ever(file, *shared); });
    int looks = 0; // of a millisecond or more
    const auto in_time = [&looks] { return looks < 60'000; };
    const auto look_on = [&looks] { looks += ::poll(nullptr, 0, 1) + 1; };
    while (shared->port == 0 && in_time())
        look_on();

    random_source dice(20'26);
    int kills = 0;
    int whole = 0;
    std::uint64_t twice_max = 0;
    while ((kills < kills_min || whole == 0) && in_time()) {
        const std::uint64_t held = size_of(path + ".part");
        const auto before = shared->served.load();
        const auto asked = shared->requests.load();
        const auto limit = dice.below(24 * MiB);
        child loads([&] { download_and_exit(shared->port, path); });
        std::optional<int> code;
        while (!code && shared->served - before < limit && in_time()) {
            look_at(path, sha256);
            look_on();
            code = loads.ended();
        }
        if (!code) {
            loads.kill();
            ++kills;
        }
        look_at(path, sha256);
        if (shared->requests != asked && held != 0) {
            REQUIRE(shared->asked_from <= held);
            twice_max = std::max(twice_max, held - shared->asked_from);
        }
        if (code) {
            REQUIRE(*code == 0);
            REQUIRE(dir.names() == "clip.mp4");
            look_at(path, sha256);
            std::filesystem::remove(path); // and once more, until there were kills enough
            ++whole;
        }
    }
    MESSAGE("kills ", kills, ", whole files ", whole, ", fetched twice after a kill at most ",
            twice_max, " bytes");
    REQUIRE(in_time());
    CHECK(kills >= kills_min);
    CHECK(whole >= 1);
    CHECK(twice_max > 0);
    CHECK(twice_max <= 8 * MiB);
}

} // namespace downloader_kill_test
