// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Downloads that break, hang or lose their link half-way, and how they go on: in the same process
// and in the next one. Those that somebody stops are in downloader_stop.cpp.

#include <cokino/transfer/downloader.hpp>
#include <cokino/transfer/memory_sink.hpp>

#include "downloads.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace downloader_resume_test {

using namespace media_host_test;

answer broken(answer a, std::size_t after)
{
    a.breaks_after = after;
    return a;
}

TEST_CASE("cut anywhere, a download goes on from the same byte and ends whole")
{
    const auto file = some_clip();
    for (std::size_t at = 0; at < file.bytes.size(); at += 1501) {
        downloads d(file);
        d.first_answer(broken(serve(file, {}), at), file);
        const auto r = d.run();
        REQUIRE(r.has_value());
        CHECK(read_file(d.path()) == file.bytes);
        CHECK(d.dir.names() == "neon.mp4");
        REQUIRE(d.host.log.size() == 2);
        CHECK(d.host.log[1].ranged == (at != 0));
        CHECK(d.host.log[1].offset == at);
        CHECK(d.host.log[1].if_range == (at != 0 ? file.etag : ""));
        CHECK(r->restarts == 0);
        CHECK(r->sha256 == wire::hex_encode(wire::sha256_of(file.bytes)));
    }
}

TEST_CASE("a host that cuts every body comes to its end, since each try brings something")
{
    const auto file = some_clip(1'000'000);
    downloads d(file);
    d.host.answers = [&file](const seen& r) { return broken(serve(file, r), 30'000); };
    const auto r = d.run();
    REQUIRE(r.has_value());
    CHECK(read_file(d.path()) == file.bytes);
    CHECK(r->requests > 30);
    CHECK(r->restarts == 0);
}

TEST_CASE("a host that brings no progress is given up, and what came is kept for later")
{
    const auto file = some_clip();
    downloads d(file);
    d.host.answers = [&file](const seen& r) {
        return broken(serve(file, r), r.offset == 0 ? 1000 : 0);
    };
    const auto why = d.failed();
    CHECK(why == errc::body_truncated);
    CHECK(why.facts().attempts == 5);
    CHECK(says(why, "5 tries in a row that brought less than 65536 bytes anew"));
    CHECK(why.facts().elapsed > 0ms);
    CHECK(d.dir.names() == "neon.mp4.part neon.mp4.part.state");

    d.host.answers = [&file](const seen& r) { return serve(file, r); };
    const auto again = d.run();
    REQUIRE(again.has_value());
    CHECK(again->resumed_from == 1000);
    CHECK(again->requests == 1);
    CHECK(read_file(d.path()) == file.bytes);
    CHECK(again->sha256 == wire::hex_encode(wire::sha256_of(file.bytes)));
}

TEST_CASE("what cannot be resumed, or is not wanted, is not left behind")
{
    const auto weak = some_clip(0, "W/\"v1\"");
    downloads d(weak);
    d.host.answers = [&weak](const seen& r) { return broken(serve(weak, r), 1000); };
    CHECK(d.failed() == errc::body_truncated);
    CHECK(d.dir.names().empty());
    for (const auto& r : d.host.log)
        CHECK_FALSE(r.ranged);

    const auto file = some_clip();
    downloads unwanted(file);
    unwanted.host.answers = [&file](const seen& r) {
        return broken(serve(file, r), r.ranged ? 0 : 1000);
    };
    download_options options;
    options.keep_part = false;
    CHECK(unwanted.failed(options) == errc::body_truncated);
    CHECK(unwanted.dir.names().empty());
}

TEST_CASE("with resume off, a part of an earlier download is thrown away")
{
    const auto file = some_clip();
    downloads d(file);
    d.host.answers = [&file](const seen& r) {
        return r.ranged ? plain(404) : broken(serve(file, r), 1000);
    };
    CHECK(d.failed() == errc::link_expired);
    d.host.answers = [&file](const seen& r) { return serve(file, r); };
    d.host.log.clear();
    download_options options;
    options.resume = false;
    REQUIRE(d.run(options).has_value());
    CHECK_FALSE(d.host.log[0].ranged);
    CHECK(read_file(d.path()) == file.bytes);
}

TEST_CASE("a host that ignores the range is taken from the start, and says the whole file anew")
{
    const auto file = some_clip();
    downloads d(file);
    d.host.answers = [&file, n = 0](const seen&) mutable {
        return n++ == 0 ? broken(serve(file, {}), 5000) : serve(file, {});
    };
    const auto r = d.run();
    REQUIRE(r.has_value());
    CHECK(r->restarts == 1);
    CHECK(read_file(d.path()) == file.bytes);
    CHECK(r->sha256 == wire::hex_encode(wire::sha256_of(file.bytes)));
}

TEST_CASE("a file that changed at the host starts over, and is never glued together")
{
    const auto old = some_clip();
    media fresh;
    fresh.bytes = testing::clip(5, aspect_ratio::portrait_9_16);
    fresh.etag = "\"v2\"";
    downloads d(old);
    d.first_answer(broken(serve(old, {}), 5000), fresh);
    const auto r = d.run();
    REQUIRE(r.has_value());
    CHECK(r->restarts == 1);
    CHECK(r->etag == "\"v2\"");
    CHECK(read_file(d.path()) == fresh.bytes);

    // The same from a host that does not honour If-Range, and from one that shifts the range.
    for (const bool shifts : {false, true}) {
        downloads bad(old);
        bad.host.answers = [&, n = 0](seen asked) mutable {
            if (n++ == 0)
                return broken(serve(old, asked), 5000);
            asked.if_range.clear();
            asked.offset = asked.ranged && shifts ? asked.offset - 1 : asked.offset;
            return serve(shifts ? old : fresh, asked);
        };
        REQUIRE(bad.run().has_value());
        CHECK(read_file(bad.path()) == (shifts ? old : fresh).bytes);
    }
}

TEST_CASE("nor where a date is all that tells the versions, and the host asks nothing of If-Range")
{
    const auto old = noisy_clip(200'000, 1, "");
    const auto fresh = noisy_clip(200'000, 2, "");
    downloads d(old);
    d.host.answers = [&, n = 0](seen asked) mutable {
        asked.if_range.clear();
        const bool first = n++ == 0;
        auto a = serve(first ? old : fresh, asked);
        a.fields.emplace_back("Date", "Sun, 06 Nov 1994 09:00:00 GMT");
        a.fields.emplace_back("Last-Modified", first ? "Sun, 06 Nov 1994 08:49:37 GMT"
                                                     : "Sun, 06 Nov 1994 08:59:59 GMT");
        return first ? broken(std::move(a), 100'000) : a;
    };
    const auto r = d.run();
    REQUIRE(r.has_value());
    CHECK(r->restarts == 1);
    CHECK(read_file(d.path()) == fresh.bytes);
}

TEST_CASE("range not satisfiable at the end finishes the file, in the middle starts it over")
{
    const auto file = some_clip();
    downloads d(file);
    // Chunked: the length is not known, so only 416 tells that nothing lies behind.
    d.host.answers = [&file](const seen& r) {
        auto a = serve(file, r);
        a.with_length = false;
        a.fields.emplace_back("Transfer-Encoding", "chunked");
        if (r.offset == 0)
            a.breaks_after = file.bytes.size();
        return a;
    };
    const auto r = d.run();
    REQUIRE(r.has_value());
    CHECK(d.host.log.back().offset == file.bytes.size());
    CHECK(read_file(d.path()) == file.bytes);

    downloads shorter(file);
    shorter.host.answers = [&file](const seen& request) {
        if (!request.ranged)
            return serve(file, request);
        auto a = plain(416);
        a.fields.emplace_back("Content-Range", "bytes */7");
        return a;
    };
    shorter.host.answers = [inner = shorter.host.answers, n = 0](const seen& request) mutable {
        return n++ == 0 ? broken(inner(request), 5000) : inner(request);
    };
    const auto again = shorter.run();
    REQUIRE(again.has_value());
    CHECK(again->restarts == 1);
    CHECK(read_file(shorter.path()) == file.bytes);
}

TEST_CASE("a silent host is left after the stall limit, and asked for the rest")
{
    const auto file = some_clip();
    downloads d(file);
    auto hanging = serve(file, {});
    hanging.hangs_after = 5000;
    d.first_answer(hanging, file);
    download_options options;
    options.read_stall = 20s;
    const auto r = d.run(options);
    REQUIRE(r.has_value());
    CHECK(r->elapsed >= 20s);
    CHECK(r->elapsed < 25s);
    CHECK(d.host.log[1].offset == 5000);
}

TEST_CASE("a host that sends a byte a second is left after the window, and asked for the rest")
{
    const auto file = some_clip(100'000);
    downloads d(file);
    auto dripping = serve(file, {});
    dripping.piece = 1;
    dripping.each = 1s;
    d.first_answer(dripping, file);
    const auto r = d.run();
    REQUIRE(r.has_value());
    CHECK(r->elapsed >= 30s);
    CHECK(r->elapsed < 35s);
    CHECK(d.host.log[1].offset == 30);
    CHECK(read_file(d.path()) == file.bytes);
}

TEST_CASE("a host that only drips does not hold a download for ever, unless that is wanted")
{
    const auto file = some_clip();
    downloads d(file);
    d.host.answers = [&file](const seen& r) {
        auto a = serve(file, r);
        a.piece = 1;
        a.each = 1s;
        return a;
    };
    const auto why = d.failed();
    CHECK(why == errc::phase_timed_out);
    CHECK(says(why, "fewer than 1024 bytes a second for 30 s"));
    CHECK(why.facts().attempts == 5);
    CHECK(why.facts().elapsed < 4min);
    CHECK(d.dir.names() == "neon.mp4.part neon.mp4.part.state"); // with 150 bytes in it
    for (const unsigned rate : {1U, 0U}) {
        download_options options;
        options.rate_bytes_min = rate;
        options.overwrite = true;
        const auto r = d.run(options);
        REQUIRE(r.has_value());
        CHECK(r->elapsed > 1h);
        CHECK(r->requests == 1);
    }
}

TEST_CASE("a refusal whose words drip is told all the same, and soon")
{
    downloads d;
    d.host.answers = [](const seen&) {
        auto a = plain(403, "<Error><Code>AccessDenied</Code>" + std::string(2000, ' '));
        a.piece = 1;
        a.each = 29s; // just within the stall limit
        return a;
    };
    const auto why = d.failed();
    CHECK(why.facts().http_status == 403);
    CHECK(why.facts().elapsed < 4min);
}

TEST_CASE("a slow disk is not taken for a slow host")
{
    class slow_sink final : public sink
    {
    public:
        std::string bytes;
        awaitable<result<part_state>> open(std::string) override { co_return part_state(); }
        awaitable<result<void>> write(asio::const_buffer more) override
        {
            co_await sleep_for(1h);
            bytes.append(static_cast<const char*>(more.data()), more.size());
            co_return result<void>();
        }
        awaitable<result<void>> restart() override { co_return result<void>(); }
        awaitable<result<void>> remember(part_state) override { co_return result<void>(); }
        awaitable<result<void>> commit() override { co_return result<void>(); }
        void abandon(const part_state*) noexcept override {}
        std::string name() const override { return "slow"; }
    };
    const auto file = some_clip(1'000'000);
    downloads d(file);
    slow_sink slow;
    const auto r = d.t.outcome(d.loads.download(ordered(), slow));
    REQUIRE(r.has_value());
    CHECK(r->elapsed >= 2h);
    CHECK(r->requests == 1);
    CHECK(slow.bytes == file.bytes);
}

TEST_CASE("a host that says when to come back is not asked before")
{
    const auto file = some_clip();
    downloads d(file);
    auto busy = plain(503);
    busy.fields.emplace_back("Retry-After", "60");
    d.first_answer(busy, file);
    const auto r = d.run();
    REQUIRE(r.has_value());
    CHECK(r->elapsed >= 60s);
    CHECK(r->elapsed <= 67s);
}

TEST_CASE("a link that dies at byte k ends in a whole file with one renewal")
{
    const auto file = some_clip();
    for (std::size_t at = 1; at < file.bytes.size(); at += 4999) {
        downloads d(file);
        d.links.links = {"https://cdn.host/a.mp4?Signature=fresh"};
        d.host.answers = [&file, at](const seen& r) {
            if (r.url.find("fresh") != std::string::npos)
                return serve(file, r);
            return r.ranged ? plain(403) : broken(serve(file, r), at);
        };
        const auto r = d.run();
        REQUIRE(r.has_value());
        CHECK(r->renewals == 1);
        CHECK(r->restarts == 0);
        CHECK(d.host.log.back().offset == at);
        CHECK(read_file(d.path()) == file.bytes);
    }
}

TEST_CASE("a link that is dead again after its renewal is the end, with the job in the failure")
{
    downloads d;
    d.links.links = {"https://cdn.host/b.mp4", "https://cdn.host/c.mp4"};
    d.host.answers = [](const seen&) { return plain(404); };
    const auto why = d.failed();
    CHECK(why == errc::link_expired);
    CHECK(d.links.asked == 1);
    CHECK(d.host.log.size() == 2);
    CHECK(why.facts().job == some_job().text());
    CHECK(why.facts().http_status == 404);
}

TEST_CASE("a renewal that fails, is refused or not wanted ends with the dead link")
{
    downloads none;
    none.host.answers = [](const seen&) { return plain(410); };
    CHECK(none.failed() == errc::link_expired);

    downloads bad;
    bad.links.links = {"http://cdn.host/b.mp4"};
    bad.host.answers = [](const seen&) { return plain(410); };
    CHECK(bad.failed() == errc::link_refused);

    downloads unwanted;
    unwanted.links.links = {"https://cdn.host/b.mp4"};
    unwanted.host.answers = [](const seen&) { return plain(410); };
    download_options options;
    options.renew = false;
    CHECK(unwanted.failed(options) == errc::link_expired);
    CHECK(unwanted.links.asked == 0);

    downloads orphan;
    orphan.links.links = {"https://cdn.host/b.mp4"};
    orphan.host.answers = [](const seen&) { return plain(410); };
    const auto r =
        orphan.t.outcome(orphan.loads.download(asset("https://cdn.host/a.mp4"), orphan.path()));
    CHECK(r.error() == errc::link_expired);
    CHECK(orphan.links.asked == 0);
}

TEST_CASE("a link whose time has passed is renewed before it is asked")
{
    downloads d;
    d.links.links = {"https://cdn.host/b.mp4"};
    auto clip = ordered();
    clip.file.expires_at = d.t.time.system_now() - 1s;
    const auto r = d.t.outcome(d.loads.download(clip, d.path()));
    REQUIRE(r.has_value());
    CHECK(r->renewals == 1);
    REQUIRE(d.host.log.size() == 1);
    CHECK(d.host.log[0].url == "https://cdn.host/b.mp4");

    downloads alive;
    clip.file.expires_at = alive.t.time.system_now() + 5min;
    REQUIRE(alive.t.outcome(alive.loads.download(clip, alive.path())).has_value());
    CHECK(alive.links.asked == 0);
}

TEST_CASE("a whole part whose name could not be given needs no request the next time")
{
    const auto file = some_clip();
    downloads d(file);
    d.host.answers = [&](const seen& r) {
        write_file(d.path(), "somebody was faster");
        return serve(file, r);
    };
    const auto r = d.run();
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::file_exists);
    CHECK(read_file(d.path()) == "somebody was faster");
    d.host.log.clear();
    download_options options;
    options.overwrite = true;
    const auto again = d.run(options);
    REQUIRE(again.has_value());
    CHECK(again->requests == 0);
    CHECK(again->resumed_from == file.bytes.size());
    CHECK(d.host.log.empty());
    CHECK(read_file(d.path()) == file.bytes);
}

TEST_CASE("a part that went bad on the disk is found out, and fetched anew in one piece")
{
    const auto file = some_clip();
    downloads d(file);
    d.host.answers = [&file](const seen& r) {
        return r.ranged ? plain(404) : broken(serve(file, r), 5000);
    };
    CHECK(d.failed() == errc::link_expired);
    write_file(d.path() + ".part", std::string(5000, '\0'));
    d.host.answers = [&file](const seen& r) { return serve(file, r); };
    const auto r = d.run();
    REQUIRE(r.has_value());
    CHECK(r->restarts == 1);
    CHECK(r->resumed_from == 0);
    CHECK(read_file(d.path()) == file.bytes);
}

TEST_CASE("the files beside the clip hold no part of the link's query")
{
    const auto file = some_clip();
    downloads d(file);
    d.host.answers = [&file](const seen& r) {
        return r.ranged ? plain(404) : broken(serve(file, r), 5000);
    };
    CHECK(d.failed() == errc::link_expired);
    const auto state = read_file(d.path() + ".part.state");
    CHECK(state.find("bytes 5000") != std::string::npos);
    CHECK(state.find("canary") == std::string::npos);
}

TEST_CASE("a memory sink goes on too, if the caller keeps it")
{
    const auto file = some_clip();
    downloads d(file);
    d.host.answers = [&file](const seen& r) {
        return r.ranged ? plain(404) : broken(serve(file, r), 5000);
    };
    memory_sink memory;
    const auto bad = d.t.outcome(d.loads.download(ordered(), memory));
    CHECK(bad.error() == errc::link_expired);
    CHECK(memory.bytes().empty());
    d.host.answers = [&file](const seen& r) { return serve(file, r); };
    const auto good = d.t.outcome(d.loads.download(ordered(), memory));
    REQUIRE(good.has_value());
    CHECK(good->resumed_from == 5000);
    CHECK(memory.bytes() == file.bytes);
    CHECK(memory.take() == file.bytes);
    CHECK(memory.bytes().empty());
}

} // namespace downloader_resume_test
