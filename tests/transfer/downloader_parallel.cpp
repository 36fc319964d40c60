// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// One file over several connections: as fast as they are, in order, in bounded memory, and never of
// two versions.

#include <cokino/transfer/detail/range_answers.hpp>
#include <cokino/transfer/downloader.hpp>
#include <cokino/transfer/memory_sink.hpp>

#include "downloads.hpp"
#include "hostile_hosts.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>

namespace downloader_parallel_test {

using namespace hostile_hosts_test;

constexpr std::uint64_t slice = 128 * 1024;
constexpr std::size_t file_bytes = 2 * 1024 * 1024 + 4321;

const media& file()
{
    static const media made = noisy_clip(file_bytes, 1, "\"v1\"");
    return made;
}

const media& other()
{
    static const media made = noisy_clip(file_bytes - 99'999, 2, "\"v2\"");
    return made;
}

download_options four()
{
    download_options options;
    options.parallel = 4;
    options.slice_bytes = slice;
    return options;
}

/// A host that gives each connection 16 KiB every 10 ms.
media_host::handler slow_host(const media& of = file())
{
    return [&of](const seen& r) {
        auto a = serve(of, r);
        a.each = 10ms;
        return a;
    };
}

TEST_CASE("four connections bring a file four times as fast, each byte once and in order")
{
    downloads one(file());
    one.host.answers = slow_host();
    const auto alone = one.run();
    REQUIRE(alone.has_value());

    downloads d(file());
    d.host.answers = slow_host();
    const auto r = d.run(four());
    REQUIRE(r.has_value());
    CHECK(read_file(d.path()) == file().bytes);
    CHECK(r->sha256 == alone->sha256);
    CHECK(r->etag == "\"v1\"");
    CHECK(r->content_type == "video/mp4");
    CHECK(r->requests == file_bytes / slice + 1);
    CHECK(d.host.log.size() == r->requests);
    CHECK(r->restarts == 0);
    CHECK(d.host.served == file_bytes);
    CHECK(r->elapsed * 3 < alone->elapsed);
    for (const auto& asked : d.host.log) {
        CHECK(asked.ranged);
        CHECK(asked.if_range == (asked.offset == 0 ? "" : "\"v1\""));
        CHECK(asked.offset % slice == 0);
        REQUIRE(asked.last.has_value());
        CHECK(*asked.last - asked.offset < slice);
    }
}

TEST_CASE("no slice is asked for beyond the window, however slow the first one is")
{
    downloads d(file());
    class told final : public download_progress
    {
    public:
        std::uint64_t bytes = 0;
        void on_progress(const download_status& status) override { bytes = status.bytes; }
    };
    told progress;
    d.host.answers = [&](const seen& r) {
        // The piece on its way to the sink comes on top.
        CHECK(r.offset <= progress.bytes + 4 * slice + limits::download_piece_bytes_max);
        auto a = serve(file(), r);
        a.each = r.offset % (4 * slice) == 0 ? 1s : 1ms;
        return a;
    };
    auto options = four();
    options.progress = &progress;
    const auto r = d.run(options);
    REQUIRE(r.has_value());
    CHECK(read_file(d.path()) == file().bytes);
}

TEST_CASE("a small file, and one that fits exactly, need no second connection")
{
    for (const std::size_t size : {std::size_t{20'000}, static_cast<std::size_t>(slice)}) {
        const auto small = noisy_clip(size, 3, "\"v1\"");
        downloads d(small);
        const auto r = d.run(four());
        REQUIRE(r.has_value());
        CHECK(r->requests == 1);
        CHECK(read_file(d.path()) == small.bytes);
    }
}

TEST_CASE("without ranges, a strong validator or a length it is one stream")
{
    const auto ignores = [](const seen&) { return serve(file(), {}); };
    const auto weak = [](const seen& r) {
        return with_field(serve(file(), r), "ETag", r.ranged ? "W/\"v1\"" : "\"v1\"");
    };
    const auto endless = [](const seen& r) {
        auto a = serve(file(), r);
        if (a.status == 206)
            set_field(a, "Content-Range", content_range(r.offset, *r.last, "*"));
        return a;
    };
    const auto refuses = [](const seen& r) { return r.ranged ? plain(416) : serve(file(), r); };
    const struct {
        media_host::handler host;
        unsigned requests;
    } rows[] = {{ignores, 1}, {weak, 2}, {endless, 2}, {refuses, 2}};
    for (const auto& row : rows) {
        downloads d(file());
        d.host.answers = row.host;
        const auto r = d.run(four());
        REQUIRE(r.has_value());
        CHECK(read_file(d.path()) == file().bytes);
        CHECK(r->requests == row.requests);
        CHECK(r->restarts == 0);
    }
}

TEST_CASE("a slice that fails is asked for again by itself")
{
    for (const std::size_t at : {0U, 1U, 50'000U, 131'071U})
        for (std::uint64_t which = 0; which < 6; ++which) {
            downloads d(file());
            d.host.answers = [at, which, slow = slow_host(), done = false](const seen& r) mutable {
                auto a = slow(r);
                if (r.offset == which * slice && !std::exchange(done, true))
                    a.breaks_after = at;
                return a;
            };
            const auto r = d.run(four());
            REQUIRE(r.has_value());
            CHECK(read_file(d.path()) == file().bytes);
            CHECK(r->requests == file_bytes / slice + 2);
            CHECK(d.host.served == file_bytes);
            CHECK(r->restarts == 0);
        }
}

TEST_CASE("a slice that drips is dropped and asked for again, while the others flow")
{
    downloads d(file());
    d.host.answers = [done = false](const seen& r) mutable {
        auto a = serve(file(), r);
        if (r.offset == 2 * slice && !std::exchange(done, true)) {
            a.piece = 1;
            a.each = 1s;
        }
        return a;
    };
    const auto r = d.run(four());
    REQUIRE(r.has_value());
    CHECK(r->elapsed >= 30s);
    CHECK(r->elapsed < 35s);
    CHECK(r->requests == file_bytes / slice + 2);
    CHECK(read_file(d.path()) == file().bytes);
}

TEST_CASE("a file that changes at any slice starts over, and the report says so")
{
    for (std::uint64_t at = 1; at < file_bytes / slice; at += 3)
        for (const bool honours : {true, false}) {
            downloads d(file());
            d.host.answers = [at, honours, now = &file()](seen r) mutable {
                if (r.offset >= at * slice)
                    now = &other();
                if (!honours)
                    r.if_range.clear();
                auto a = serve(*now, r);
                a.each = 10ms;
                return a;
            };
            const auto r = d.run(four());
            REQUIRE(r.has_value());
            CHECK((r->restarts >= 1 || at < 4)); // so early that nothing was held yet
            CHECK(r->etag == "\"v2\"");
            CHECK(read_file(d.path()) == other().bytes);
        }
}

TEST_CASE("a link that dies while slices come is renewed once for all of them")
{
    for (std::uint64_t life = 0; life < 20; ++life) {
        CAPTURE(life);
        downloads d(file());
        d.links.links = {"https://cdn.host/a.mp4?Signature=fresh"};
        d.host.answers = [life, slow = slow_host(), n = 0U](const seen& r) mutable {
            const bool fresh = r.url.find("fresh") != std::string::npos;
            return fresh || n++ < life ? slow(r) : plain(403);
        };
        const bool dies = life < file_bytes / slice + 1;
        const auto r = d.run(four());
        REQUIRE(r.has_value());
        CHECK(r->renewals == (dies ? 1U : 0U));
        CHECK(d.links.asked == r->renewals);
        CHECK(r->restarts == 0);
        CHECK(d.host.served == file_bytes); // nothing is fetched twice
        CHECK(read_file(d.path()) == file().bytes);
    }
    // With no other link, what came in order is kept for later, whichever slice died first.
    for (const std::uint64_t first : {5U, 6U, 7U, 8U}) {
        downloads d(file());
        d.host.answers = [first, slow = slow_host()](const seen& r) {
            auto a = r.offset < first * slice ? slow(r) : plain(410);
            a.each = r.offset % (4 * slice) == 0 ? 50ms : 10ms;
            return a;
        };
        CHECK(d.failed(four()) == errc::link_expired);
        CHECK(d.dir.names() == "neon.mp4.part neon.mp4.part.state");
        CHECK(std::filesystem::file_size(d.path() + ".part") >= 4 * slice);
    }
}

TEST_CASE("the next process goes on from what was held in order, in slices too")
{
    downloads d(file());
    d.host.answers = slow_host();
    auto s = d.t.start(d.loads.download(ordered(), d.path(), four()));
    s.cancel_after(200ms);
    d.t.finish(s);
    CHECK(s.outcome().error() == errc::cancelled);
    CHECK(d.dir.names() == "neon.mp4.part neon.mp4.part.state");
    const auto held = std::filesystem::file_size(d.path() + ".part");
    CHECK(held > 0);
    d.host.log.clear();
    const auto r = d.run(four());
    REQUIRE(r.has_value());
    CHECK(r->resumed_from == held);
    CHECK(d.host.log[0].offset == held);
    CHECK(d.host.log.size() > 4);
    CHECK(read_file(d.path()) == file().bytes);
    CHECK(r->sha256 == wire::hex_encode(wire::sha256_of(file().bytes)));
}

awaitable<download_report> letting_all_through(downloads& d)
{
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    auto report = co_await d.loads.download(ordered(), d.path(), four());
    co_return report;
}

TEST_CASE("slices: cancelled before the start, while they come, and at the deadline")
{
    downloads before(file());
    const auto none =
        before.t.cancelled_before_start(before.loads.download(ordered(), before.path(), four()));
    REQUIRE(none.has_error());
    CHECK(none.error() == errc::cancelled);
    CHECK(before.host.log.empty());
    CHECK(before.dir.names().empty());

    for (const auto type :
         {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total})
        for (const auto at : {0ms, 1ms, 5ms, 77ms, 301ms}) {
            downloads d(file());
            d.host.answers = slow_host();
            auto s = d.t.start(letting_all_through(d));
            s.cancel_after(at, type);
            d.t.finish(s);
            REQUIRE(s.outcome().has_error());
            CHECK(s.outcome().error() == errc::cancelled);
            CHECK(s.took() == at);
        }

    downloads late(file());
    late.host.answers = slow_host();
    auto options = four();
    options.total = 200ms;
    const auto why = late.failed(options);
    CHECK(why == errc::deadline_passed);
    CHECK(why.facts().elapsed == 200ms);
}

TEST_CASE("slices: each step may fail in turn")
{
    for (const errc code : {errc::resolve_failed, errc::connect_failed, errc::tls_failed,
                            errc::connection_lost, errc::phase_timed_out, errc::response_malformed,
                            errc::certificate_rejected, errc::link_refused, errc::closed})
        for (std::uint64_t which = 0; which < 4; ++which) {
            downloads d(file());
            d.host.answers = [code, which, done = false](const seen& r) mutable {
                auto a = serve(file(), r);
                if (r.offset == which * slice && !std::exchange(done, true))
                    a.fails = failure(code);
                return a;
            };
            const auto r = d.run(four());
            const bool passes = cokino::detail::is_worth_another_try(failure(code));
            REQUIRE(r.has_value() == passes);
            if (passes)
                CHECK(read_file(d.path()) == file().bytes);
            else
                CHECK(r.error() == code);
        }
    // A slice that never comes ends the slices, then the download.
    downloads d(file());
    d.host.answers = [](const seen& r) {
        return r.offset >= 3 * slice || !r.last ? plain(503) : serve(file(), r);
    };
    const auto why = d.failed(four());
    CHECK(why == errc::host_fault);
    CHECK(d.dir.names() == "neon.mp4.part neon.mp4.part.state");
}

TEST_CASE("what a link source throws comes out, and the next download goes on from the part")
{
    class throwing_links final : public link_source
    {
        awaitable<result<asset>> renew(asset) override
        {
            const auto slept = co_await async_sleep_for(1ms, as_tuple_token);
            static_cast<void>(slept);
            throw std::out_of_range("no such job");
        }
    };
    for (const bool sliced : {false, true}) {
        CAPTURE(sliced);
        downloads d(file());
        throwing_links links;
        downloader loads(d.t.ex(), d.host, &links, downloads::seeded());
        d.host.answers = [slow = slow_host()](const seen& r) {
            auto a = r.offset < 4 * slice ? slow(r) : plain(403);
            a.breaks_after =
                r.offset == 0 && !r.last ? std::optional<std::size_t>(8 * slice) : std::nullopt;
            return a;
        };
        const auto options = sliced ? four() : download_options();
        const auto s = d.t.start(loads.download(ordered(), d.path(), options));
        d.t.finish(s);
        CHECK_THROWS_AS(s.get(), std::out_of_range);
        CHECK(d.dir.names() == "neon.mp4.part neon.mp4.part.state");
        d.host.answers = slow_host();
        const auto r = d.run(options);
        REQUIRE(r.has_value());
        CHECK(r->resumed_from >= (sliced ? 1 : 8) * slice);
        CHECK(read_file(d.path()) == file().bytes);
    }
}

TEST_CASE("no hostile host gets a wrong file its name from a download in slices")
{
    unsigned runs = 0;
    unsigned whole = 0;
    for (const auto& kind : hostile_kinds())
        for (std::size_t cut = 0; cut <= file_bytes; cut += 512 * 1024) {
            CAPTURE(std::string(kind.name));
            CAPTURE(cut);
            downloads d(file());
            d.host.answers = [&kind, cut, number = 0U](const seen& r) mutable {
                const bool good = r.ranged && r.offset < cut;
                const scene s{file(), other(), r, cut, number++};
                return good ? s.good() : kind.answers(s);
            };
            memory_sink sink;
            const auto r = d.t.outcome(d.loads.download(ordered(), sink, four()));
            ++runs;
            REQUIRE(sink.whole() == r.has_value());
            if (!r.has_value())
                continue;
            ++whole;
            REQUIRE((sink.bytes() == file().bytes || sink.bytes() == other().bytes));
        }
    MESSAGE("runs ", runs, ", whole ", whole);
    CHECK(whole > 50);
}

} // namespace downloader_parallel_test
