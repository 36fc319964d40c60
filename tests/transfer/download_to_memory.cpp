// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Downloads into memory: cancelled, out of time, and failed in each step.

#include <cokino/transfer/detail/range_answers.hpp>
#include <cokino/transfer/downloader.hpp>

#include "downloads.hpp"

#include <doctest/doctest.h>

#include <string>

namespace download_to_memory_test {

using namespace media_host_test;

/// At 16 KiB a second: 43 s.
void serve_slowly(downloads& d, const media& file)
{
    d.host.answers = [file](const seen& r) {
        auto a = serve(file, r);
        a.each = 1s;
        return a;
    };
}

TEST_CASE("into memory: cancelled before it starts, it asks for nothing")
{
    downloads d;
    const auto r = d.t.cancelled_before_start(d.loads.download_to_memory(ordered()));
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::cancelled);
    CHECK(d.host.log.empty());
}

awaitable<std::string> letting_all_through(downloads& d)
{
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    auto bytes = co_await d.loads.download_to_memory(ordered());
    co_return bytes;
}

TEST_CASE("into memory: cancelled while bytes come, it stops at once and gives none of them")
{
    const auto file = some_clip(700'000);
    for (const auto type :
         {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total}) {
        downloads d(file);
        serve_slowly(d, file);
        auto s = d.t.start(letting_all_through(d));
        s.cancel_after(20s, type);
        d.t.finish(s);
        REQUIRE(s.outcome().has_error());
        CHECK(s.outcome().error() == errc::cancelled);
        CHECK(s.took() == 20s);
        CHECK(d.dir.names().empty());
    }
}

TEST_CASE("into memory: the deadline counts from the call")
{
    const auto file = some_clip(700'000);
    downloads d(file);
    serve_slowly(d, file);
    download_options options;
    options.total = 30s;
    const auto r = d.t.outcome(d.loads.download_to_memory(ordered(), options));
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::deadline_passed);
    CHECK(r.error().facts().elapsed == 30s);
}

TEST_CASE("into memory: each step may fail in turn; what breaks off is fetched to its end")
{
    const auto file = some_clip();
    for (const errc code :
         {errc::resolve_failed, errc::connect_failed, errc::tls_failed, errc::connection_lost,
          errc::phase_timed_out, errc::proxy_refused, errc::certificate_rejected}) {
        CAPTURE(name_of(code));
        downloads d(file);
        answer bad;
        bad.fails = failure(code);
        d.host.answers = [bad](const seen&) { return bad; };
        const auto r = d.t.outcome(d.loads.download_to_memory(ordered()));
        REQUIRE(r.has_error());
        CHECK(r.error() == code);

        downloads once(file);
        once.first_answer(bad, file);
        const auto again = once.t.outcome(once.loads.download_to_memory(ordered()));
        CHECK(again.has_value() == cokino::detail::is_worth_another_try(failure(code)));
        if (again)
            CHECK(*again == file.bytes);
    }
}

} // namespace download_to_memory_test
