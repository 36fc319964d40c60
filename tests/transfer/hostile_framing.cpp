// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Hostile hosts whose fault is in HTTP's framing or in the connection, over loopback: each kind
// once from the first answer on, and once in the middle of a file. Afterwards the host is good.

#include "downloads.hpp"
#include "loopback_downloads.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <poll.h>

namespace hostile_framing_test {

using namespace loopback_test;
using namespace std::chrono_literals;

const std::string& clip_bytes()
{
    static const std::string bytes = media_host_test::noisy_clip(300'000, 3, "\"v1\"").bytes;
    return bytes;
}

/// What is wrong with an answer that begins at byte `from` of the file.
using fault = std::function<void(raw_peer& peer, std::uint64_t from)>;

struct framing_kind {
    const char* name;
    bool whole; // whether one such answer, between good ones, does no harm
    fault answer;
};

std::string_view rest(std::uint64_t from)
{
    return std::string_view(clip_bytes()).substr(static_cast<std::size_t>(from));
}

/// A head like a good one, save that its Content-Length is replaced.
std::string with_length(std::uint64_t from, std::string_view lines)
{
    std::string head = good_head(from, clip_bytes().size());
    const auto at = head.find("Content-Length");
    return head.replace(at, head.find("\r\n", at) + 2 - at, lines);
}

fault lengths(std::string lines)
{
    return [lines](raw_peer& peer, std::uint64_t from) {
        peer.write(with_length(from, lines));
        peer.write(rest(from));
        peer.finish();
    };
}

fault chunked(std::string before_end)
{
    return [before_end](raw_peer& peer, std::uint64_t from) {
        peer.write(with_length(from, "Transfer-Encoding: chunked\r\n"));
        peer.write("10000\r\n");
        peer.write(rest(from).substr(0, 0x10000));
        peer.write(before_end);
        peer.finish();
    };
}

fault says(std::string bytes)
{
    return [bytes](raw_peer& peer, std::uint64_t) {
        peer.write(bytes);
        peer.finish();
    };
}

void add_lengths(std::vector<framing_kind>& all)
{
    const auto size = clip_bytes().size();
    const auto right = std::to_string(size);
    const auto add = [&all](const char* name, bool whole, fault answer) {
        all.push_back({name, whole, std::move(answer)});
    };
    add("two lengths that differ", true,
        lengths("Content-Length: 5\r\nContent-Length: " + right + "\r\n"));
    add("a length and chunks", true,
        lengths("Content-Length: " + right + "\r\nTransfer-Encoding: chunked\r\n"));
    add("a length of 20 digits", true, lengths("Content-Length: 99999999999999999999\r\n"));
    add("a negative length", true, lengths("Content-Length: -5\r\n"));
    add("a length that is no number", true, lengths("Content-Length: many\r\n"));
    add("a length in hexadecimal", true, lengths("Content-Length: 0x10\r\n"));
    add("a length beyond what is there", true, lengths("Content-Length: 400000\r\n"));
    add("a length beyond what is allowed", false, lengths("Content-Length: 5000000000\r\n"));
    add("no length, closed early", false, [](raw_peer& peer, std::uint64_t from) {
        peer.write(with_length(from, ""));
        peer.write(rest(from).substr(0, 1000));
        peer.finish();
    });
    add("an unknown transfer coding", true, lengths("Transfer-Encoding: gzip\r\n"));
    add("cut between two chunks", true, chunked("\r\n"));
    add("cut in a chunk's end", true, chunked("\r"));
    add("a chunk's size that is no number", true, chunked("\r\nxyz\r\n"));
    add("a chunk's size of 20 digits", true, chunked("\r\n99999999999999999999\r\n"));
    add("a negative chunk", true, chunked("\r\n-5\r\n"));
    add("a chunk without its line end", true, chunked("5\r\n"));
    add("an endless chunk extension", false, chunked("\r\n5;" + std::string(100'000, 'x')));
}

void add_connections(std::vector<framing_kind>& all)
{
    const auto add = [&all](const char* name, bool whole, fault answer) {
        all.push_back({name, whole, std::move(answer)});
    };
    add("closed before the head", true, [](raw_peer& peer, std::uint64_t) { peer.finish(); });
    add("reset before the head", true, [](raw_peer& peer, std::uint64_t) { peer.reset(); });
    add("closed in the head", true, says("HTTP/1.1 200 OK\r\nContent-"));
    add("no HTTP", true, says("SSH-2.0-OpenSSH_9.2\r\n"));
    add("another HTTP", true, says("HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n"));
    add("a status that is no number", true, says("HTTP/1.1 abc OK\r\n\r\n"));
    add("a head without end", false,
        says("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n"));
    add("a thousand fields", false, [](raw_peer& peer, std::uint64_t) {
        std::string head = "HTTP/1.1 200 OK\r\n";
        for (int i = 0; i != 1000; ++i)
            head += "X-" + std::to_string(i) + ": y\r\n";
        peer.write(head + "\r\n");
        peer.finish();
    });
    add("a redirect to itself", false,
        says("HTTP/1.1 302 Found\r\nLocation: /clip.mp4\r\nContent-Length: 0\r\n"
             "Connection: close\r\n\r\n"));
    add("a redirect to another scheme", false,
        says("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n"
             "Connection: close\r\n\r\n"));
    add("reset in the body", true, [](raw_peer& peer, std::uint64_t from) {
        peer.write(good_head(from, clip_bytes().size()));
        peer.write(rest(from).substr(0, 100'000));
        peer.reset();
    });
    add("silence in the body", true, [](raw_peer& peer, std::uint64_t from) {
        peer.write(good_head(from, clip_bytes().size()));
        peer.write(rest(from).substr(0, 100'000));
        peer.stall();
    });
    add("a drip in the body", true, [](raw_peer& peer, std::uint64_t from) {
        peer.write(good_head(from, clip_bytes().size()));
        for (const char c : rest(from)) {
            pollfd gone{peer.descriptor(), POLLIN, 0};
            if (::poll(&gone, 1, 100) != 0 || !peer.write({&c, 1}))
                return;
        }
    });
    add("more than the length says", true, [](raw_peer& peer, std::uint64_t from) {
        peer.write(good_head(from, clip_bytes().size()));
        peer.write(rest(from));
        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad");
        peer.finish();
    });
}

std::vector<framing_kind> framing_kinds()
{
    std::vector<framing_kind> all;
    add_lengths(all);
    add_connections(all);
    return all;
}

/// Answers request number `bad` with the fault, those before it with a body that breaks off, and
/// those behind it well. A redirect to itself stays bad, or it would lead somewhere.
raw_script host_of(const framing_kind& kind, int bad, std::atomic<int>& asked)
{
    return [&kind, bad, &asked](raw_peer& peer) {
        for (;;) {
            const auto request = peer.read_request();
            if (request.empty())
                return;
            const auto from = range_of(request).value_or(0);
            const int number = asked++;
            if (number == bad || (number > bad && !kind.whole)) {
                kind.answer(peer, from);
                return;
            }
            peer.write(good_head(from, clip_bytes().size()));
            peer.write(rest(from).substr(0, number < bad ? 150'000 : std::string_view::npos));
            if (number < bad) {
                peer.finish();
                return;
            }
        }
    };
}

/// One download from one such host.
struct framing_run {
    framing_run(const framing_kind& k, int number, loopback_downloads& d)
        : kind(k), bad(number), host(host_of(kind, bad, asked)),
          download(d.loop.start(d.start(host.url("/clip.mp4"), dir / "clip.mp4", impatient())))
    {}

    static download_options impatient()
    {
        download_options options;
        options.read_stall = 300ms;
        options.rate_window = 1s;
        options.tries_max = 3;
        return options;
    }

    const framing_kind& kind;
    int bad;
    std::atomic<int> asked{0};
    scratch_directory dir{true};
    raw_server host;
    started<download_report> download;
};

TEST_CASE("no fault of framing, at the start or in the middle, gets a wrong file its name")
{
    const auto kinds = framing_kinds();
    loopback_downloads d;
    std::list<framing_run> runs; // all at once, since each waits in real time
    for (const auto& kind : kinds)
        for (const int bad : {0, 1})
            runs.emplace_back(kind, bad, d);
    unsigned whole = 0;
    for (auto& run : runs) {
        CAPTURE(std::string(run.kind.name));
        CAPTURE(run.bad);
        d.loop.finish(run.download);
        const auto r = run.download.outcome();
        CHECK(r.has_value() == run.kind.whole);
        if (r.has_value()) {
            ++whole;
            CHECK(run.dir.names() == "clip.mp4");
            CHECK(read_file(run.dir / "clip.mp4") == clip_bytes());
        } else {
            const auto names = run.dir.names();
            CHECK((names.empty() || names == "clip.mp4.part clip.mp4.part.state"));
        }
    }
    MESSAGE("kinds ", kinds.size(), ", runs ", runs.size(), ", whole ", whole);
    CHECK(whole >= 40);
}

} // namespace hostile_framing_test
