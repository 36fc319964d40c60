// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Many downloads through one manager: who starts when, and what is left when they end early.

#include <cokino/transfer/download_manager.hpp>
#include <cokino/transfer/memory_sink.hpp>

#include "managed.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace download_manager_test {

using namespace media_host_test;

TEST_CASE("one download goes through the manager as it goes through the downloader")
{
    managed m;
    auto s = m.start(1);
    m.t.finish(s);
    const auto report = s.get();
    CHECK(report.path == m.path(1));
    CHECK(report.bytes == m.file.bytes.size());
    CHECK(report.waited == 0ms);
    CHECK(read_file(m.path(1)) == m.file.bytes);
    CHECK(m.dir.names() == "1.mp4");
    const auto status = m.manager.status();
    CHECK(status.done == 1);
    CHECK(status.running + status.waiting + status.waiting_for_room == 0);
    CHECK(status.bytes == m.file.bytes.size());
    CHECK(status.bytes_in_flight == 0);
}

TEST_CASE("so many run at once, the others wait, and all come home")
{
    managed m(managed::at_once(3), 1'600'000);
    std::vector<started<download_report>> all;
    for (int n = 1; n <= 10; ++n)
        all.push_back(m.start(n));
    m.t.time.run_for(5s);
    CHECK(m.manager.status().running == 3);
    CHECK(m.manager.status().waiting == 7);
    CHECK(m.asked() == "1 2 3");
    CHECK(m.manager.status().rate.value() > 30'000);
    for (const auto& s : all)
        m.t.finish(s);
    CHECK(m.asked() == "1 2 3 4 5 6 7 8 9 10");
    CHECK(all[9].get().waited > 30s);
    CHECK(all[9].get().elapsed < 30s);
    CHECK(m.manager.status().done == 10);
}

TEST_CASE(
    "slices of all that run share one memory: who comes late gets fewer connections, and runs")
{
    constexpr std::uint64_t slice = 64 * 1024;
    auto options = managed::at_once(3);
    options.slice_memory_max = 5 * slice - 1;
    managed m(options, 700'000);
    download_options parallel;
    parallel.parallel = 3;
    parallel.slice_bytes = slice;
    std::vector<started<download_report>> all;
    for (int n = 1; n <= 3; ++n)
        all.push_back(m.start(m.clip(n), n, parallel));
    m.t.time.run_for(100ms);
    CHECK(m.manager.status().running == 3);
    CHECK(m.manager.status().slice_memory == 3 * slice); // one more alone is no second connection
    for (const auto& s : all)
        m.t.finish(s);
    CHECK(all[0].get().requests > 3);
    CHECK(all[1].get().requests == 1);
    CHECK(all[2].get().requests == 1);
    for (int n = 1; n <= 3; ++n)
        CHECK(read_file(m.path(n)) == m.file.bytes);
    CHECK(m.manager.status().slice_memory == 0);

    auto cancelled = m.start(m.clip(4), 4, parallel);
    m.t.time.run_for(100ms);
    CHECK(m.manager.status().slice_memory == 3 * slice);
    cancelled.cancel_after(1s);
    m.t.finish(cancelled);
    CHECK(m.manager.status().slice_memory == 0);
}

TEST_CASE("a clock that is learnt while downloads wait changes no order, and tells who is late")
{
    managed m(managed::at_once(1));
    const auto date = [&](duration ahead) {
        const auto at =
            m.t.time.system_now() + std::chrono::duration_cast<system_time::duration>(ahead);
        return std::chrono::floor<std::chrono::seconds>(at);
    };
    // As answers teach it; the downloader shows it for reading.
    auto& clock = const_cast<policy::clock_skew&>(m.loads.clock());
    auto first = m.start(m.clip(1), 1);
    m.t.time.run_for(1s);
    auto sooner = m.start(m.clip(2, 120min), 2);
    auto soonest = m.start(m.clip(3, 6min), 3); // less than that by the host's clock
    for (int n = 0; n < 8; ++n)
        clock.learn(date(10min), m.t.time.system_now(), m.t.time.system_now());
    REQUIRE(clock.margin() > limits::clock_skew_max / 2);
    auto later = m.start(m.clip(4, 121min), 4);
    for (const auto* s : {&first, &sooner, &soonest, &later})
        m.t.finish(*s);
    CHECK(m.asked() == "1 2 4 3");
    CHECK(m.manager.status().started_late == 1);
}

TEST_CASE("whose link dies first goes first, whenever it was asked for")
{
    managed m(managed::at_once(1));
    std::vector<started<download_report>> all;
    all.push_back(m.start(m.clip(1, 5h), 1));
    m.t.time.run_for(1s);
    all.push_back(m.start(m.clip(2, 24h), 2));
    all.push_back(m.start(m.clip(3), 3)); // an hour is assumed
    all.push_back(m.start(m.clip(4, 30min), 4));
    all.push_back(m.start(m.clip(5, 30s), 5)); // no time to bring it home
    all.push_back(m.start(m.clip(6, 2h), 6));
    for (const auto& s : all)
        m.t.finish(s);
    CHECK(m.asked() == "1 4 3 6 2 5");
    CHECK(m.manager.status().started_late == 1);
}

TEST_CASE("one origin at its cap does not hold back the others")
{
    managed m(managed::at_once(4, 2));
    std::vector<started<download_report>> all;
    for (int n = 1; n <= 5; ++n)
        all.push_back(m.start(m.clip(n, 10min, "slow.host"), n));
    all.push_back(m.start(m.clip(6, 10h, "other.host"), 6));
    m.t.time.run_for(5s);
    CHECK(m.asked() == "1 2 6");
    for (const auto& s : all)
        m.t.finish(s);
    CHECK(m.asked() == "1 2 6 3 4 5");
}

TEST_CASE("bytes in flight are capped, and go down as they come home")
{
    auto options = managed::at_once(10);
    options.bytes_in_flight_max = 400'000;
    options.bytes_assumed = 300'000;
    managed m(options, 300'000); // comes with 30 kB a second
    auto first = m.start(1);
    auto second = m.start(2);
    m.t.time.run_for(5s);
    CHECK(m.manager.status().running == 1);
    CHECK(m.manager.status().bytes_in_flight == 300'000);
    m.t.time.run_for(5s); // 256 KiB were written
    CHECK(m.manager.status().running == 2);
    m.t.finish(first);
    m.t.finish(second);
    CHECK(second.get().waited > 5s);
    CHECK(second.get().waited < first.get().elapsed);
}

TEST_CASE("a sink of the caller's is opened when its turn has come")
{
    managed m(managed::at_once(1));
    memory_sink memory;
    auto first = m.start(1);
    asset file("https://cdn.host/2.mp4");
    auto second = m.t.start(m.manager.download(file, memory));
    m.t.finish(first);
    CHECK_FALSE(memory.whole());
    m.t.finish(second);
    CHECK(second.get().path == "memory");
    CHECK(memory.bytes() == m.file.bytes);
}

TEST_CASE("a bad option, link or path is told at once, not when its turn comes")
{
    managed m(managed::at_once(1));
    auto first = m.start(1);
    m.t.time.run_for(1s);

    download_options bad;
    bad.tries_max = 0;
    auto r = m.t.outcome(m.manager.download(m.clip(2), m.path(2), bad));
    CHECK(r.error() == errc::invalid_options);
    CHECK(r.error().facts().field == "tries_max");
    CHECK(r.error().facts().operation == "download");

    r = m.t.outcome(m.manager.download(video(), m.path(2)));
    CHECK(r.error() == errc::invalid_argument);
    CHECK(r.error().facts().field == "url");

    r = m.t.outcome(m.manager.download(ordered("http://cdn.host/a.mp4?Signature=canary"), "a"));
    CHECK(r.error() == errc::link_refused);
    CHECK_FALSE(says(r.error(), "canary"));
    CHECK(r.error().facts().job == some_job().text());

    CHECK_FALSE(first.done());
    CHECK(m.manager.status().failed == 3);
    CHECK(m.manager.status().waiting == 0);
    m.t.finish(first);
}

TEST_CASE("a full queue refuses one more, names the option, and takes others later")
{
    auto options = managed::at_once(1);
    options.waiting_max = 2;
    managed m(options);
    std::vector<started<download_report>> all;
    for (int n = 1; n <= 3; ++n)
        all.push_back(m.start(n));
    m.t.time.run_for(1s);
    const auto r = m.t.outcome(m.manager.download(m.clip(4), m.path(4)));
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::limit_reached);
    CHECK(r.error().facts().field == "waiting_max");
    CHECK(says(r.error(), "2 downloads wait already"));
    m.t.finish(all[0]);
    auto later = m.start(5);
    for (const auto& s : all)
        m.t.finish(s);
    m.t.finish(later);
    CHECK(later.outcome().has_value());

    options.waiting_max = 0;
    managed none(options);
    auto only = none.start(1);
    none.t.time.run_for(1s);
    CHECK(none.t.outcome(none.manager.download(none.clip(2), none.path(2))).error() ==
          errc::limit_reached);
    none.t.finish(only);
    CHECK(only.outcome().has_value());
}

TEST_CASE("each option is checked, and the error names it")
{
    const auto field = [](auto change) {
        download_manager_options options;
        change(options);
        const auto checked = validate(options);
        REQUIRE(checked.has_error());
        CHECK(checked.error() == errc::invalid_options);
        virtual_test t;
        media_host host;
        downloader loads(t.ex(), host);
        CHECK_THROWS_AS(download_manager(t.ex(), loads, options), error);
        return checked.error().facts().field;
    };
    CHECK(validate(download_manager_options()).has_value());
    CHECK(field([](auto& o) { o.running_max = 0; }) == "running_max");
    CHECK(field([](auto& o) { o.running_max = 1001; }) == "running_max");
    CHECK(field([](auto& o) { o.running_per_origin_max = 0; }) == "running_per_origin_max");
    CHECK(field([](auto& o) { o.running_per_origin_max = 1001; }) == "running_per_origin_max");
    CHECK(field([](auto& o) { o.bytes_in_flight_max = 0; }) == "bytes_in_flight_max");
    CHECK(field([](auto& o) { o.bytes_in_flight_max = ~std::uint64_t{0}; }) ==
          "bytes_in_flight_max");
    CHECK(field([](auto& o) { o.bytes_assumed = 0; }) == "bytes_assumed");
    CHECK(field([](auto& o) { o.bytes_in_flight_max = 10; }) == "bytes_assumed");
    CHECK(field([](auto& o) { o.waiting_max = 1'000'001; }) == "waiting_max");
    CHECK(field([](auto& o) { o.disk_pause_max = -1ms; }) == "disk_pause_max");
    CHECK(field([](auto& o) { o.disk_pause_max = 24h * 400; }) == "disk_pause_max");
    CHECK(field([](auto& o) { o.disk_look_every = 99ms; }) == "disk_look_every");
    CHECK(field([](auto& o) { o.disk_look_every = 2h; }) == "disk_look_every");
}

// ---- ended early ------------------------------------------------------------------------------

TEST_CASE("cancelled before it starts, a download asks for nothing and leaves nothing")
{
    managed m;
    const auto r = m.t.cancelled_before_start(m.manager.download(m.clip(1), m.path(1)));
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::cancelled);
    CHECK(m.host.log.empty());
    CHECK(m.dir.names().empty());
    CHECK(m.manager.status().running + m.manager.status().waiting == 0);
}

awaitable<download_report> letting_all_through(managed& m, int n)
{
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    auto report = co_await m.manager.download(m.clip(n), m.path(n));
    co_return report;
}

TEST_CASE("cancelled while it waits, it leaves at once and leaves nothing")
{
    for (const auto type :
         {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total}) {
        managed m(managed::at_once(1));
        auto first = m.start(1);
        auto second = m.t.start(letting_all_through(m, 2));
        auto third = m.start(3);
        second.cancel_after(3s, type);
        m.t.finish(second);
        const auto r = second.outcome();
        REQUIRE(r.has_error());
        CHECK(r.error() == errc::cancelled);
        CHECK(second.took() == 3s);
        CHECK(r.error().facts().operation == "download");
        CHECK(r.error().facts().host == "cdn.host");
        CHECK(r.error().facts().job == some_job().text());
        CHECK(r.error().facts().elapsed == 3s);
        CHECK(m.manager.status().waiting == 1);
        CHECK(m.manager.status().cancelled == 1);
        m.t.finish(first);
        m.t.finish(third);
        CHECK(m.asked() == "1 3");
        CHECK(m.dir.names() == "1.mp4 3.mp4");
    }
}

TEST_CASE("cancelled while it runs, it keeps its part and its slot goes to the next")
{
    for (const auto type :
         {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total}) {
        managed m(managed::at_once(1), 700'000); // 256 KiB after 4 s
        auto first = m.t.start(letting_all_through(m, 1));
        auto second = m.start(2);
        first.cancel_after(7s, type);
        m.t.finish(first);
        CHECK(first.outcome().error() == errc::cancelled);
        CHECK(first.took() == 7s);
        CHECK(m.dir.names().starts_with("1.mp4.part 1.mp4.part.state"));
        m.t.finish(second);
        CHECK(second.outcome().has_value());
        CHECK(m.asked() == "1 2");
        CHECK(second.get().waited == 7s);
        auto again = m.start(1);
        m.t.finish(again);
        CHECK(again.get().resumed_from >= 262'144);
    }
}

TEST_CASE("the deadline counts from the call, the waiting included")
{
    managed m(managed::at_once(1));
    auto first = m.start(1);
    download_options options;
    options.total = 4s;
    auto second = m.start(m.clip(2), 2, options);
    m.t.finish(second);
    CHECK(second.outcome().error() == errc::deadline_passed);
    CHECK(second.outcome().error().facts().elapsed == 4s);
    CHECK(second.took() == 4s);
    options.total = 15s; // 10 s for the first one
    auto third = m.start(m.clip(3), 3, options);
    m.t.finish(third);
    CHECK(third.outcome().error() == errc::deadline_passed);
    CHECK(third.took() == 15s);
    m.t.finish(first);
    options.total = 15s;
    auto fourth = m.start(m.clip(3), 3, options);
    m.t.finish(fourth);
    CHECK(fourth.outcome().has_value());
    CHECK(m.manager.status().failed == 2);
}

TEST_CASE("whatever a download fails with, its slot is free for the next")
{
    for (const errc code : {errc::resolve_failed, errc::connection_lost, errc::certificate_rejected,
                            errc::phase_timed_out, errc::closed, errc::internal_error}) {
        managed m(managed::at_once(1));
        const auto good = m.host.answers;
        m.host.answers = [code, good](const seen& r) {
            auto a = good(r);
            if (r.url.find("/1.mp4") != std::string::npos)
                a.fails = failure(code);
            return a;
        };
        auto first = m.start(1);
        auto second = m.start(2);
        m.t.finish(first);
        CHECK(first.outcome().error() == code);
        m.t.finish(second);
        CHECK(second.outcome().has_value());
        CHECK(m.manager.status().failed == 1);
        CHECK(m.manager.status().done == 1);
    }
}

/// Throws what is no failure, from where the downloader does not expect it.
class throwing_sink final : public sink
{
public:
    int at = 0;

    awaitable<result<part_state>> open(std::string) override
    {
        step(1);
        co_return part_state();
    }
    awaitable<result<void>> write(asio::const_buffer) override
    {
        step(2);
        co_return result<void>();
    }
    awaitable<result<void>> restart() override { co_return result<void>(); }
    awaitable<result<void>> remember(part_state) override { co_return result<void>(); }
    awaitable<result<void>> commit() override
    {
        step(3);
        co_return result<void>();
    }
    void abandon(const part_state*) noexcept override {}
    std::string name() const override { return "throwing"; }

private:
    void step(int n) const
    {
        if (n == at)
            throw std::runtime_error("step " + std::to_string(n));
    }
};

TEST_CASE("whoever throws, the slot is free for the next")
{
    for (int step = 1; step <= 3; ++step) {
        managed m(managed::at_once(1));
        throwing_sink bad;
        bad.at = step;
        download_options options;
        options.check_content = false;
        auto first = m.t.start(m.manager.download(m.clip(1), bad, options));
        auto second = m.start(2);
        m.t.finish(first);
        CHECK_THROWS_AS(first.get(), std::runtime_error);
        m.t.finish(second);
        CHECK(second.outcome().has_value());
    }
}

TEST_CASE("a manager that goes ends those that wait, and lets those that run come home")
{
    virtual_test t;
    scratch_directory dir;
    const auto file = some_clip();
    media_host host(file);
    downloader loads(t.ex(), host, nullptr, downloads::seeded());
    auto manager = std::make_unique<download_manager>(t.ex(), loads, managed::at_once(1));
    auto runs = t.start(manager->download(ordered(), dir / "1.mp4"));
    auto waits = t.start(manager->download(ordered(), dir / "2.mp4"));
    auto lazy = manager->download(ordered(), dir / "3.mp4"); // not even begun
    t.time.drain();
    manager.reset();
    t.finish(waits);
    CHECK(waits.outcome().error() == errc::closed);
    CHECK(waits.took() == 0s);
    t.finish(runs);
    CHECK(runs.outcome().has_value());
    const auto r = t.outcome(std::move(lazy));
    CHECK(r.error() == errc::closed);
    CHECK(dir.names() == "1.mp4");
}

TEST_CASE("the context may go with downloads running and waiting")
{
    scratch_directory dir;
    {
        managed m(managed::at_once(2));
        for (int n = 1; n <= 5; ++n)
            m.start(n);
        m.t.time.run_for(3s);
        CHECK(m.manager.status().running == 2);
    }
    CHECK(dir.names().empty());
}

} // namespace download_manager_test
