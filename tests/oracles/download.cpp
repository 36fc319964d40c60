// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Downloads by the real transport from a real file server: nginx, as run.sh starts it. What went
// over the wire is read from nginx's own log.
//
//   tests/oracles/run.sh nginx cokino_oracle_download
//
// The process that is killed in mid-download is this program too: --fetch LINK PATH.
#define DOCTEST_CONFIG_IMPLEMENT
#include "nginx_server.hpp"

#include <cokino/async/gather.hpp>
#include <cokino/testing/clips.hpp>

#include <csignal>
#include <filesystem>
#include <iostream>

#include <sys/wait.h>
#include <unistd.h>

namespace oracle_test {

constexpr std::uint64_t mib = 1024 * 1024;

/// A clip that plays, of exactly so many bytes; the last ones differ by `mark`.
std::string clip_of(std::size_t bytes, std::uint32_t mark = 0)
{
    std::string clip = testing::clip(5, aspect_ratio::landscape_16_9, bytes);
    REQUIRE(clip.size() == bytes);
    const std::string end = std::to_string(mark);
    clip.replace(clip.size() - end.size(), end.size(), end);
    return clip;
}

std::string digest_of(std::string_view bytes) { return wire::hex_encode(wire::sha256_of(bytes)); }

/// As a job's answer would give it: known by the job, whatever the link.
video clip_at(std::string link, std::string job = "job-1")
{
    auto route = std::make_shared<job_route>();
    route->kind = job_kind::video;
    route->provider = "fal";
    route->base_url = "https://queue.fal.run";
    route->endpoint = "fal-ai/kling";
    auto record = std::make_shared<job_record>();
    record->route = std::move(route);
    record->id = std::move(job);
    video out;
    out.file.url = std::move(link);
    out.file.from = job_handle(std::move(record));
    out.duration_s = 5;
    return out;
}

class scratch_folder
{
public:
    scratch_folder()
    {
        auto pattern = (std::filesystem::temp_directory_path() / "cokino-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;
    ~scratch_folder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    std::string operator/(const std::string& name) const { return (path_ / name).string(); }
    std::size_t count() const
    {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path_),
                                                      std::filesystem::directory_iterator()));
    }

private:
    std::filesystem::path path_;
};

/// One downloader over the real transport, and a place for what it brings.
struct downloads {
    nginx_server server;
    scratch_folder folder;
    real_test loop{120s};
    net::http_transport network{loop.ex(), server.options()};
    downloader loads;

    explicit downloads(link_source* links = nullptr)
        : loads(loop.ex(), network, links, permissions())
    {}

    result<download_report> run(std::string link, download_options options = {})
    {
        return loop.outcome(loads.download(clip_at(std::move(link)), path(), options));
    }
    std::string path() const { return folder / "clip.mp4"; }
};

/// The file is there, whole, and alone.
void check_whole(const downloads& d, const result<download_report>& r, const std::string& bytes)
{
    if (r.has_error())
        FAIL(r.error().describe());
    CHECK(r->bytes == bytes.size());
    CHECK(r->sha256 == digest_of(bytes));
    CHECK(r->duration == 5s);
    CHECK(read_all(d.path()) == bytes);
    CHECK(d.folder.count() == 1);
}

TEST_CASE("a clip comes whole, plain and over TLS")
{
    downloads d;
    const auto bytes = clip_of(20 * mib);
    d.server.put("whole.mp4", bytes);
    for (const auto& origin : {d.server.plain, d.server.tls}) {
        const auto r = d.run(origin + "/whole.mp4", {.overwrite = true});
        check_whole(d, r, bytes);
        CHECK(r->requests == 1);
        CHECK(r->content_type == "video/mp4");
        CHECK_FALSE(r->etag.empty());
    }
    CHECK(d.network.statistics().handshakes == 1);
    const auto asked = d.server.requests_for("/whole.mp4");
    REQUIRE(asked.size() == 2);
    for (const auto& line : asked)
        CHECK(line.body_bytes == bytes.size());
}

TEST_CASE("a server whose certificate nobody vouches for gives nothing")
{
    downloads d;
    d.server.put("untrusted.mp4", clip_of(mib));
    net::transport_options nobody;
    nobody.proxy = net::proxy_settings();
    net::http_transport network(d.loop.ex(), nobody);
    downloader loads(d.loop.ex(), network, nullptr, permissions());
    const auto r =
        d.loop.outcome(loads.download(clip_at(d.server.tls + "/untrusted.mp4"), d.path()));
    REQUIRE(r.has_error());
    CHECK(r.error() == condition::peer_untrusted);
    CHECK(d.server.requests_for("/untrusted.mp4").empty());
    CHECK(d.folder.count() == 0);
}

TEST_CASE("a server that stalls is asked for the rest, again and again, until the clip is whole")
{
    downloads d;
    const auto bytes = clip_of(2 * mib);
    d.server.put("stalls.mp4", bytes);
    for (const auto& origin : {d.server.plain, d.server.tls}) {
        const auto before = d.server.requests_for("/drip/stalls.mp4").size();
        // After half a mebibyte it sends 64 KiB each second, and is quiet between.
        const auto r = d.run(origin + "/drip/stalls.mp4", {.overwrite = true, .read_stall = 300ms});
        check_whole(d, r, bytes);
        CHECK(r->requests >= 3);
        CHECK(r->restarts == 0);
        const auto asked = d.server.requests_for("/drip/stalls.mp4");
        REQUIRE(asked.size() == before + r->requests);
        CHECK(asked[before].status == 200);
        for (std::size_t i = before + 1; i < asked.size(); ++i) {
            CHECK(asked[i].status == 206);
            CHECK(asked[i].range.starts_with("bytes="));
            CHECK(asked[i].if_range.find(r->etag.substr(1, 8)) != std::string::npos);
        }
    }
}

TEST_CASE("what a deadline cut off is gone on with by the next download, from another link")
{
    downloads d;
    const auto bytes = clip_of(3 * mib);
    d.server.put("cut.mp4", bytes);
    const auto cut = d.run(d.server.plain + "/drip/cut.mp4", {.total = 1s});
    REQUIRE(cut.has_error());
    CHECK(cut.error() == errc::deadline_passed);
    CHECK(d.folder.count() == 2); // the part and its state, and no clip

    const auto r = d.run(d.server.tls + "/cut.mp4");
    check_whole(d, r, bytes);
    CHECK(r->resumed_from >= mib / 4);
    const auto asked = d.server.requests_for("/cut.mp4");
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].status == 206);
    CHECK(asked[0].body_bytes == bytes.size() - r->resumed_from);
}

TEST_CASE("a file that is replaced between two downloads is fetched anew, not patched together")
{
    downloads d;
    d.server.put("replaced.mp4", clip_of(3 * mib, 1));
    REQUIRE(d.run(d.server.plain + "/drip/replaced.mp4", {.total = 1s}).has_error());
    const auto bytes = clip_of(3 * mib + 1, 2); // another length, so another ETag at once
    d.server.put("replaced.mp4", bytes);
    const auto r = d.run(d.server.plain + "/replaced.mp4");
    check_whole(d, r, bytes);
    CHECK(r->restarts == 1);
    const auto asked = d.server.requests_for("/replaced.mp4");
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].status == 200); // If-Range did not hold
    CHECK(asked[0].range.starts_with("bytes="));
}

/// Gives a link that lives long, and counts how often it was asked.
class signer final : public link_source
{
public:
    signer(const nginx_server& server, std::string name) : server_(server), name_(std::move(name))
    {}
    awaitable<result<asset>> renew(asset dead) override
    {
        ++renewals;
        const auto now = time_of(co_await asio::this_coro::executor).system_now();
        dead.url = link(now + 10min);
        co_return dead;
    }
    std::string link(system_time until) const
    {
        const auto s = std::chrono::duration_cast<std::chrono::seconds>(until.time_since_epoch());
        return server_.signed_link(name_, s.count());
    }
    int renewals = 0;

private:
    const nginx_server& server_;
    std::string name_;
};

TEST_CASE("a link that expires in mid-download is renewed once, and the bytes held are kept")
{
    nginx_server server;
    signer links(server, "expires.mp4");
    downloads d(&links);
    const auto bytes = clip_of(6 * mib);
    d.server.put("expires.mp4", bytes);
    const auto soon = time_of(d.loop.ex()).system_now() + 3s;
    const auto r = d.run(links.link(soon), {.read_stall = 300ms});
    check_whole(d, r, bytes);
    CHECK(links.renewals == 1);
    CHECK(r->renewals == 1);
    CHECK(r->restarts == 0);

    std::string statuses;
    std::size_t refused = 0;
    const auto asked = d.server.requests_for("/signed/expires.mp4");
    for (const auto& line : asked) {
        statuses += std::to_string(line.status) + ' ';
        refused += line.status == 410 ? 1 : 0;
    }
    CAPTURE(statuses);
    CHECK(refused == 1);
    CHECK(asked.front().status == 200);
    CHECK(asked.back().status == 206);
}

TEST_CASE("a hundred files at once come whole, each under its own name")
{
    downloads d;
    constexpr std::uint32_t files = 100;
    std::vector<awaitable<download_report>> all;
    for (std::uint32_t i = 0; i < files; ++i) {
        const auto name = "many" + std::to_string(i) + ".mp4";
        d.server.put(name, clip_of(mib, i));
        const auto& origin = i % 2 == 0 ? d.server.plain : d.server.tls;
        all.push_back(d.loads.download(clip_at(origin + '/' + name, name), d.folder / name));
    }
    const auto ended = d.loop.outcome(gather(std::move(all)));
    REQUIRE(ended.has_value());
    for (std::uint32_t i = 0; i < files; ++i) {
        const auto& r = (*ended)[i];
        REQUIRE(r.has_value());
        CHECK(r->requests == 1);
        CHECK(read_all(r->path) == clip_of(mib, i));
    }
    CHECK(d.folder.count() == files);
    CHECK(d.network.statistics().connections > 2); // at once, and not in turn
}

// ---- a process that is killed -------------------------------------------------------------------

/// Prints, line by line, how many bytes are held.
class teller final : public download_progress
{
public:
    void on_progress(const download_status& status) override
    {
        std::cout << status.bytes << std::endl;
    }
};

int fetch(std::string link, std::string path)
{
    nginx_server server;
    asio::io_context io{1};
    net::http_transport network(io.get_executor(), server.options());
    downloader loads(io.get_executor(), network, nullptr, permissions());
    teller progress;
    download_options options;
    options.progress = &progress;
    int status = 1;
    asio::co_spawn(
        io, loads.download(clip_at(std::move(link)), std::move(path), options),
        [&](const std::exception_ptr& e, const download_report&) { status = e ? 1 : 0; });
    io.run();
    return status;
}

/// Starts --fetch, and kills it when it says that it holds so many bytes. Gives how many it held.
std::uint64_t fetch_and_kill(const std::string& link, const std::string& path, std::uint64_t at)
{
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::dup2(ends[1], STDOUT_FILENO);
        ::close(ends[0]);
        ::close(ends[1]);
        ::execl("/proc/self/exe", "fetch", "--fetch", link.c_str(), path.c_str(),
                static_cast<char*>(nullptr));
        ::_exit(127);
    }
    ::close(ends[1]);
    std::uint64_t held = 0;
    std::string line;
    for (char c = 0; held < at && ::read(ends[0], &c, 1) == 1;) {
        if (c != '\n') {
            line += c;
            continue;
        }
        held = std::stoull(line);
        line.clear();
    }
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    ::close(ends[0]);
    REQUIRE(WIFSIGNALED(status)); // in mid-download, and not at its end
    REQUIRE(held >= at);
    return held;
}

TEST_CASE("a process killed in mid-download is gone on with by the next, and at most 8 MiB are "
          "fetched twice")
{
    downloads d;
    const auto bytes = clip_of(64 * mib);
    d.server.put("killed.mp4", bytes);
    const auto link = d.server.plain + "/paced/killed.mp4";
    std::uint64_t held = 0;
    for (const std::uint64_t at : {5 * mib, 20 * mib, 39 * mib}) {
        held = fetch_and_kill(link, d.path(), at);
        CHECK_FALSE(std::filesystem::exists(d.path()));
    }
    const auto r = d.run(link);
    check_whole(d, r, bytes);
    CHECK(r->resumed_from >= held - 8 * mib);
    const auto asked = d.server.requests_for("/paced/killed.mp4");
    REQUIRE(asked.size() == 4);
    CHECK(asked[3].status == 206);
    const auto missing = bytes.size() - held;
    CHECK(asked[3].body_bytes >= missing);
    CHECK(asked[3].body_bytes <= missing + 8 * mib);
    MESSAGE("fetched twice after the last kill: " << asked[3].body_bytes - missing << " bytes");
}

} // namespace oracle_test

int main(int argc, char** argv)
{
    if (argc == 4 && std::string_view(argv[1]) == "--fetch")
        return oracle_test::fetch(argv[2], argv[3]);
    return doctest::Context(argc, argv).run();
}
