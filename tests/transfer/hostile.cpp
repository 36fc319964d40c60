// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Every kind of hostile host times a cut at every 64 KiB of a file: no wrong file gets its name, no
// run goes on for ever, and what is resumed is not fetched twice. Those whose fault is in HTTP's
// framing are in hostile_framing.cpp.

#include <cokino/transfer/downloader.hpp>
#include <cokino/transfer/memory_sink.hpp>

#include "downloads.hpp"
#include "hostile_hosts.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <string>

namespace hostile_test {

using namespace hostile_hosts_test;

constexpr std::size_t cut_step = 64 * 1024;
constexpr std::size_t file_bytes = 2 * 1024 * 1024 + 4321;

const media& version(int n)
{
    static const media versions[] = {noisy_clip(file_bytes, 1, "\"v1\""),
                                     noisy_clip(file_bytes - 99'999, 2, "\"v2\"")};
    return versions[n];
}

/// A host of one kind. `honest_first`: its first answer is good, save that it breaks off.
media_host::handler host_of(const hostile_kind& kind, std::size_t cut, bool honest_first)
{
    return [&kind, cut, honest_first, number = 0U](const seen& r) mutable {
        const scene s{version(0), version(1), r, cut, number++};
        auto a = s.first() && honest_first ? s.good() : kind.answers(s);
        if (a.piece == answer().piece)
            a.piece = 256 * 1024; // fewer steps to the same end
        if (s.first())            // what breaks off for another reason may do so earlier
            a.breaks_after = std::min(cut, a.breaks_after.value_or(cut));
        return a;
    };
}

/// SHA-256 of a version, in hexadecimal; empty when the bytes are none.
std::string_view sha256_of_version(std::string_view bytes)
{
    static const std::string sums[] = {
        wire::hex_encode(wire::sha256_of(version(0).bytes)),
        wire::hex_encode(wire::sha256_of(version(1).bytes)),
    };
    for (int n = 0; n != 2; ++n)
        if (bytes == version(n).bytes)
            return sums[n];
    return {};
}

struct tally {
    unsigned runs = 0, whole = 0, resumed = 0;
    std::uint64_t twice_max = 0; // bytes fetched again, at most
};

/// One run against the kind, and one of a later process against a good host.
void run_both(const hostile_kind& kind, std::size_t cut, bool honest_first, tally& count)
{
    downloads d(version(0));
    d.host.answers = host_of(kind, cut, honest_first);
    memory_sink sink;
    download_options options;
    options.digest = cut / cut_step % 4 == 0; // half of the time that a run takes
    const auto first = d.t.outcome(d.loads.download(ordered(), sink, options));
    ++count.runs;
    REQUIRE(sink.whole() == first.has_value());
    if (first.has_value()) {
        ++count.whole;
        REQUIRE_FALSE(sha256_of_version(sink.bytes()).empty());
        if (options.digest)
            REQUIRE(first->sha256 == sha256_of_version(sink.bytes()));
        if (first->restarts == 0) {
            REQUIRE(d.host.served >= first->bytes);
            count.twice_max = std::max(count.twice_max, d.host.served - first->bytes);
        }
    }
    if (honest_first && cut < file_bytes)
        REQUIRE(
            (kind.after_cut == end::either || (kind.after_cut == end::whole) == first.has_value()));
    if (first.has_value())
        return;
    d.host.answers = [](const seen& r) { return serve(version(0), r); };
    d.host.served = 0;
    const auto next = d.t.outcome(d.loads.download(ordered(), sink, options));
    REQUIRE(next.has_value());
    REQUIRE(sink.bytes() == version(0).bytes);
    count.resumed += next->resumed_from != 0 ? 1U : 0U;
    if (next->restarts == 0)
        REQUIRE(d.host.served == next->bytes - next->resumed_from);
}

TEST_CASE("no hostile host, cut anywhere, gets a wrong file its name, or holds a download for ever")
{
    const auto kinds = hostile_kinds();
    tally count;
    for (const auto& kind : kinds) {
        CAPTURE(std::string(kind.name));
        for (std::size_t cut = 0; cut <= file_bytes; cut += cut_step) {
            CAPTURE(cut);
            run_both(kind, cut, true, count);
            if (cut / cut_step % 4 == 0)
                run_both(kind, cut, false, count);
        }
    }
    MESSAGE("kinds ", kinds.size(), ", runs ", count.runs, ", whole ", count.whole,
            ", resumed by the next process ", count.resumed, ", fetched twice at most ",
            count.twice_max, " bytes");
    CHECK(kinds.size() >= 30);
    CHECK(count.whole > 500);
    CHECK(count.resumed > 500);
    CHECK(count.twice_max <= 8 * 1024 * 1024);
}

TEST_CASE("the same into files: there is a whole file, a part to go on from, or nothing")
{
    unsigned runs = 0;
    for (const auto& kind : hostile_kinds()) {
        CAPTURE(std::string(kind.name));
        downloads d(version(0));
        d.host.answers = host_of(kind, 5 * cut_step, true);
        const auto r = d.run();
        const auto names = d.dir.names();
        ++runs;
        if (r.has_value()) {
            REQUIRE(names == "neon.mp4");
            REQUIRE(!sha256_of_version(read_file(d.path())).empty());
            continue;
        }
        REQUIRE((names.empty() || names == "neon.mp4.part neon.mp4.part.state"));
        d.host.answers = [](const seen& again) { return serve(version(0), again); };
        REQUIRE(d.run().has_value());
        REQUIRE(read_file(d.path()) == version(0).bytes);
    }
    CHECK(runs >= 30);
}

// ---- links that die ----------------------------------------------------------------------------

constexpr std::string_view fresh_link = "https://cdn.host/a.mp4?Signature=fresh";

/// Where links die: every 64 KiB, and at odd places.
std::vector<std::size_t> deaths()
{
    std::vector<std::size_t> all{1, 7, 4095, 4097, file_bytes - 1};
    for (std::size_t at = 0; at < file_bytes; at += cut_step)
        for (const std::size_t odd : {0U, 1U, 333U})
            all.push_back(at + odd);
    return all;
}

/// The old link gives its bytes up to `at` and is dead then; the fresh one gives `after`.
void serve_dying(downloads& d, const media& before, const media& after, std::size_t at)
{
    d.links.links = {std::string(fresh_link)};
    d.host.answers = [&before, &after, at](const seen& r) {
        if (r.url == fresh_link)
            return serve(after, r);
        if (r.ranged || at == 0)
            return plain(403);
        auto a = serve(before, r);
        a.breaks_after = at;
        return a;
    };
}

TEST_CASE("a link that dies at any byte is renewed once, and the file goes on from that byte")
{
    for (const auto at : deaths()) {
        CAPTURE(at);
        downloads d(version(0));
        serve_dying(d, version(0), version(0), at);
        memory_sink sink;
        const auto r = d.t.outcome(d.loads.download(ordered(), sink));
        REQUIRE(r.has_value());
        REQUIRE(sink.bytes() == version(0).bytes);
        CHECK(r->renewals == 1);
        CHECK(r->restarts == 0);
        CHECK(d.links.asked == 1);
        CHECK(d.host.log.back().url == fresh_link);
        CHECK(d.host.log.back().offset == at);
        CHECK(d.host.served == r->bytes);
    }
}

TEST_CASE("behind the fresh link is another version: the file starts over, and the report says so")
{
    for (const auto at : deaths()) {
        CAPTURE(at);
        downloads d(version(0));
        serve_dying(d, version(0), version(1), at);
        memory_sink sink;
        const auto r = d.t.outcome(d.loads.download(ordered(), sink));
        REQUIRE(r.has_value());
        REQUIRE(sink.bytes() == version(1).bytes);
        CHECK(r->etag == version(1).etag);
        CHECK(r->renewals == 1);
        CHECK(r->restarts == (at == 0 ? 0U : 1U)); // nothing was held yet
        CHECK(r->resumed_from == 0);
    }
}

} // namespace hostile_test
