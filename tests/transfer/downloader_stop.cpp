// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Downloads that are cancelled, run out of time, fail in one step or meet another one.

#include <cokino/transfer/detail/range_answers.hpp>
#include <cokino/transfer/downloader.hpp>

#include "downloads.hpp"

#include <doctest/doctest.h>

#include <string>

namespace downloader_stop_test {

using namespace media_host_test;

/// A clip of 700 kB at 16 KiB a second: 43 s.
media slow_clip() { return some_clip(700'000); }

void serve_slowly(downloads& d, const media& file)
{
    d.host.answers = [file](const seen& r) {
        auto a = serve(file, r);
        a.each = 1s;
        return a;
    };
}

TEST_CASE("cancelled before it starts, a download asks for nothing and leaves nothing")
{
    downloads d;
    const auto r = d.t.cancelled_before_start(d.loads.download(ordered(), d.path()));
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::cancelled);
    CHECK(d.host.log.empty());
    CHECK(d.dir.names().empty());
}

awaitable<download_report> letting_all_through(downloads& d)
{
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    auto report = co_await d.loads.download(ordered(), d.path());
    co_return report;
}

TEST_CASE("cancelled while bytes come, it stops at once, keeps its part, and the next one goes on")
{
    const auto file = slow_clip();
    for (const auto type :
         {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total}) {
        downloads d(file);
        serve_slowly(d, file);
        auto s = d.t.start(letting_all_through(d));
        s.cancel_after(20s, type);
        d.t.finish(s);
        const auto r = s.outcome();
        REQUIRE(r.has_error());
        CHECK(r.error() == errc::cancelled);
        CHECK(r.error().facts().job == some_job().text());
        CHECK(s.took() == 20s);
        CHECK(d.dir.names() == "neon.mp4.part neon.mp4.part.state");

        downloader next_process(d.t.ex(), d.host);
        d.host.log.clear();
        const auto again = d.t.outcome(next_process.download(ordered(), d.path()));
        REQUIRE(again.has_value());
        CHECK(again->resumed_from == 262'144);
        CHECK(d.host.log[0].offset == 262'144);
        CHECK(read_file(d.path()) == file.bytes);
        CHECK(d.dir.names() == "neon.mp4");
    }
}

TEST_CASE("cancelled while it waits for another try or a fresh link, it stops at once")
{
    downloads waiting;
    auto busy = plain(503);
    busy.fields.emplace_back("Retry-After", "60");
    waiting.host.answers = [busy](const seen&) { return busy; };
    auto s = waiting.t.start(waiting.loads.download(ordered(), waiting.path()));
    s.cancel_after(5s);
    waiting.t.finish(s);
    CHECK(s.outcome().error() == errc::cancelled);
    CHECK(s.took() == 5s);
    CHECK(waiting.dir.names().empty());

    downloads renewing;
    renewing.links.takes = 1h;
    renewing.host.answers = [](const seen&) { return plain(403); };
    auto t = renewing.t.start(renewing.loads.download(ordered(), renewing.path()));
    t.cancel_after(5s);
    renewing.t.finish(t);
    CHECK(t.outcome().error() == errc::cancelled);
    CHECK(t.took() == 5s);
}

TEST_CASE("the deadline counts from the call, and keeps the part too")
{
    const auto file = slow_clip();
    downloads d(file);
    serve_slowly(d, file);
    download_options options;
    options.total = 30s;
    const auto why = d.failed(options);
    CHECK(why == errc::deadline_passed);
    CHECK(why.facts().elapsed == 30s);
    CHECK(why.facts().job == some_job().text());
    CHECK(d.dir.names() == "neon.mp4.part neon.mp4.part.state");
    options.total = 5min;
    CHECK(d.run(options).has_value());
}

TEST_CASE("each step may fail in turn, and never leaves a file under the final name")
{
    const auto file = some_clip();
    for (const errc code :
         {errc::resolve_failed, errc::connect_failed, errc::tls_failed, errc::connection_lost,
          errc::phase_timed_out, errc::proxy_refused, errc::response_malformed,
          errc::certificate_rejected, errc::no_certificates, errc::link_refused, errc::closed}) {
        downloads d(file);
        answer bad;
        bad.fails = failure(code);
        d.host.answers = [bad](const seen&) { return bad; };
        const auto why = d.failed();
        CHECK(why == code);
        CHECK(why.facts().host == "cdn.host");
        CHECK(d.dir.names().empty());

        const bool final = !cokino::detail::is_worth_another_try(failure(code));
        CHECK((d.host.log.size() == 1) == final);
        d.first_answer(bad, file);
        CHECK(d.run().has_value() != final);
    }
}

TEST_CASE("two downloads of one file at once: the second is refused, the first goes on")
{
    const auto file = slow_clip();
    downloads d(file);
    serve_slowly(d, file);
    auto first = d.t.start(d.loads.download(ordered(), d.path()));
    auto second = d.t.start(d.loads.download(ordered(), d.path()));
    d.t.finish(second);
    const auto r = second.outcome();
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::file_failed);
    CHECK(says(r.error(), "another download is writing"));
    d.t.finish(first);
    CHECK(first.outcome().has_value());
    CHECK(read_file(d.path()) == file.bytes);
}

} // namespace downloader_stop_test
