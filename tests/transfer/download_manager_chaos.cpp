// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Random runs of the manager: hosts that fail, disks that fill and empty, callers that give up.
// Whatever happens, no slot is lost or made up, and everybody gets an answer.

#include <cokino/core/random_source.hpp>
#include <cokino/transfer/download_manager.hpp>

#include "managed.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace download_manager_chaos_test {

using namespace media_host_test;

constexpr int downloads_per_run = 40;

struct chaos {
    random_source random;
    managed m;
    std::vector<started<download_report>> all;
    std::size_t running_most = 0;

    explicit chaos(std::uint64_t seed) : random(seed), m(options())
    {
        const auto good = m.host.answers;
        m.host.answers = [this, good](const seen& r) {
            check_caps();
            auto a = good(r);
            switch (random.below(12)) {
            case 0: return plain(503);
            case 1: return plain(404);
            case 2: a.fails = failure(errc::connection_lost); return a;
            case 3: a.breaks_after = random.below(m.file.bytes.size()); return a;
            default: return a;
            }
        };
    }

    static download_manager_options options()
    {
        auto o = managed::at_once(3, 2);
        o.waiting_max = 20;
        o.disk_reserve = 0;
        o.bytes_assumed = 160'000; // which they have
        o.bytes_in_flight_max = 500'000;
        o.disk_pause_max = 60s;
        return o;
    }

    void check_caps()
    {
        const auto now = m.manager.status();
        running_most = std::max(running_most, now.running);
        CHECK(now.running <= 3);
        CHECK(now.bytes_in_flight <= 500'000);
    }

    void start_one(int n)
    {
        std::optional<duration> lives;
        if (random.below(3) != 0)
            lives = std::chrono::seconds(random.below(1000));
        download_options how;
        if (random.below(7) == 0)
            how.total = std::chrono::seconds(1 + random.below(60));
        auto clip = m.clip(n, lives, "cdn" + cokino::detail::to_text(random.below(3)) + ".host");
        clip.file.from = job_handle(); // nobody renews
        all.push_back(m.start(std::move(clip), n, how));
        if (random.below(4) == 0)
            all.back().cancel_after(std::chrono::milliseconds(1 + random.below(60'000)));
    }

    void go_on()
    {
        m.t.time.run_for(std::chrono::milliseconds(random.below(4000)));
        const auto alive =
            std::count_if(all.begin(), all.end(), [](const auto& one) { return !one.done(); });
        const auto now = m.manager.status();
        CHECK(now.running + now.waiting + now.waiting_for_room == static_cast<std::size_t>(alive));
        check_caps();
        if (random.below(6) == 0) {
            const std::uint64_t sizes[] = {0, 200'000, 500'000, std::uint64_t{1} << 40};
            m.disk.free_bytes = sizes[random.below(4)];
        }
    }
};

TEST_CASE("on random runs no slot is lost or made up, and everybody gets an answer")
{
    std::map<std::string, int> ends;
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        chaos c(seed);
        for (int n = 0; n < downloads_per_run; ++n) {
            c.start_one(n);
            c.go_on();
        }
        c.m.disk.free_bytes = std::uint64_t{1} << 40;
        for (int n = 0; n < downloads_per_run; ++n) {
            auto& one = c.all[static_cast<std::size_t>(n)];
            c.m.t.finish(one);
            const auto end = one.outcome();
            ++ends[end ? "done" : std::string(name_of(*errc_of(end.error().code())))];
            if (end)
                CHECK(read_file(c.m.path(n)) == c.m.file.bytes);
            else
                CHECK_FALSE(std::filesystem::exists(c.m.path(n)));
        }
        const auto now = c.m.manager.status();
        CHECK(now.running + now.waiting + now.waiting_for_room == 0);
        CHECK(now.bytes_in_flight == 0);
        CHECK(now.done + now.failed + now.cancelled == downloads_per_run);
        CHECK(c.running_most == 3);
        CHECK(c.m.t.time.timers_armed() == 0);
        CHECK(c.m.log.lines.size() % 2 == 0); // each pause was ended
    }
    // The run reached what it is about.
    for (const char* end :
         {"done", "cancelled", "deadline_passed", "disk_full", "link_expired", "limit_reached"})
        CHECK_MESSAGE(ends[end] > 0, end);
}

} // namespace download_manager_chaos_test
