// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Ten thousand downloads over one line of a given width, in simulated time: with the schedule no
// link dies before its file is home, where a queue in the order of arrival loses many. Then some
// hundreds through the manager and the downloader themselves.

#include <cokino/async/semaphore.hpp>
#include <cokino/core/random_source.hpp>
#include <cokino/core/text.hpp>
#include <cokino/transfer/detail/download_schedule.hpp>
#include <cokino/transfer/memory_sink.hpp>

#include "managed.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <tuple>
#include <vector>

namespace download_deadlines_test {

using namespace media_host_test;
using namespace cokino::detail;

// ---- the simulation ---------------------------------------------------------------------------

constexpr double line_bytes_per_s = 9e6;
constexpr double margin_s = 60 + 120; // as the manager takes off: a minute, and the transfer

struct load {
    double comes = 0; // seconds from the start
    double dies = 0;  // its link
    double bytes = 0;
    bool says_size = true;
    bool says_when = true;
    std::size_t origin = 0;

    /// What a scheduler knows to hold it to.
    double due() const { return (says_when ? dies : std::min(dies, comes + 3600)) - margin_s; }
};

/// A night's batch that waits already, and renders that end while it is fetched. Links live from an
/// hour to a month, some of which has passed; files have 2 to 60 MB.
std::vector<load> some_loads(std::size_t count, std::uint64_t seed)
{
    random_source random(seed);
    const double lifetimes[] = {3600,      3600,          2 * 3600,         24 * 3600,
                                24 * 3600, 7 * 24 * 3600, 30 * 24 * 3600.0, 30 * 24 * 3600.0};
    std::vector<load> all(count);
    for (auto& one : all) {
        one.comes = random.below(2) == 0 ? 0 : random.uniform() * 4 * 3600;
        const double life = lifetimes[random.below(std::size(lifetimes))];
        one.dies = one.comes + life * (0.7 + 0.3 * random.uniform());
        one.bytes = 2e6 * std::pow(30.0, random.uniform());
        one.says_size = random.below(3) != 0;
        one.says_when = life < 10'000 || random.below(10) != 0;
        one.origin = random.below(12);
    }
    std::sort(all.begin(), all.end(), [](const load& a, const load& b) {
        return std::tie(a.comes, a.dies) < std::tie(b.comes, b.dies);
    });
    return all;
}

/// Whether the loads fit a line: whether one that may leave off at any time, the best there is for
/// one line, brings each home when it is due.
bool fits(const std::vector<load>& all, double bytes_per_s)
{
    using entry = std::tuple<double, std::size_t, double>; // due, which, bytes left
    std::priority_queue<entry, std::vector<entry>, std::greater<>> ready;
    double now = 0;
    for (std::size_t next = 0; next < all.size() || !ready.empty();) {
        if (ready.empty())
            now = std::max(now, all[next].comes);
        for (; next < all.size() && all[next].comes <= now; ++next)
            ready.emplace(all[next].due(), next, all[next].bytes);
        const auto [due, which, bytes] = ready.top();
        ready.pop();
        const double whole = now + bytes / bytes_per_s;
        const double until = next < all.size() ? std::min(whole, all[next].comes) : whole;
        if (until < whole)
            ready.emplace(due, which, bytes - (until - now) * bytes_per_s);
        else if (whole > due)
            return false;
        now = until;
    }
    return true;
}

calendar_time at(double seconds)
{
    return calendar_time(std::chrono::seconds(1767225600)) +
           std::chrono::duration_cast<calendar_time::duration>(
               std::chrono::duration<double>(seconds));
}

struct outcome {
    std::size_t missed = 0;
    std::size_t done = 0;
    std::size_t running_most = 0;
    double longest_unknown = 0; // that one without a known deadline waited
};

/// The line is shared evenly by those that run. `in_order` leaves the schedule nothing to go by
/// but the order of arrival.
class simulation
{
public:
    simulation(const std::vector<load>& all, bool in_order)
        : all_(all), in_order_(in_order), schedule_(caps())
    {}

    outcome run()
    {
        std::size_t next = 0;
        while (next < all_.size() || !running_.empty() || schedule_.waiting() != 0) {
            double step = next < all_.size() ? all_[next].comes - now_ : 1e18;
            const double each = line_bytes_per_s / static_cast<double>(running_.size());
            for (const auto& [ticket, left] : running_)
                step = std::min(step, left / each);
            now_ += step;
            for (auto one = running_.begin(); one != running_.end();) {
                one->second -= step * each;
                one = one->second < 1e-3 ? end(one) : std::next(one);
            }
            for (; next < all_.size() && all_[next].comes <= now_; ++next)
                add(next);
            start_all();
        }
        return seen_;
    }

private:
    using running = std::map<download_ticket, double>;

    static schedule_caps caps()
    {
        schedule_caps c;
        c.running_max = 16;
        c.per_origin_max = 6;
        c.bytes_max = 400'000'000;
        return c;
    }

    void add(std::size_t which)
    {
        const load& one = all_[which];
        schedule_wish wish;
        wish.origin = "https://cdn" + to_text(one.origin);
        if (one.says_size)
            wish.bytes = static_cast<std::uint64_t>(one.bytes);
        if (in_order_)
            wish.deadline = at(1e9);
        else if (one.says_when)
            wish.deadline = at(one.dies - margin_s);
        which_[schedule_.add(std::move(wish), at(now_))] = which;
    }

    void start_all()
    {
        using kind = schedule_action::kind;
        for (auto todo = schedule_.next(at(now_)); todo.what == kind::start;
             todo = schedule_.next(at(now_))) {
            const load& one = all_[which_.at(todo.ticket)];
            running_[todo.ticket] = one.bytes;
            schedule_.set_bytes(todo.ticket, static_cast<std::uint64_t>(one.bytes));
            if (!one.says_when)
                seen_.longest_unknown = std::max(seen_.longest_unknown, now_ - one.comes);
        }
        seen_.running_most = std::max(seen_.running_most, running_.size());
    }

    running::iterator end(running::iterator one)
    {
        schedule_.leave(one->first);
        ++seen_.done;
        if (now_ > all_[which_.at(one->first)].dies)
            ++seen_.missed;
        return running_.erase(one);
    }

    const std::vector<load>& all_;
    bool in_order_;
    download_schedule schedule_;
    running running_;
    std::map<download_ticket, std::size_t> which_;
    double now_ = 0;
    outcome seen_;
};

TEST_CASE("of ten thousand downloads whose load fits the line, none misses its deadline")
{
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const auto all = some_loads(10'000, seed);
        REQUIRE(fits(all, 0.95 * line_bytes_per_s));      // with a twentieth to spare,
        REQUIRE_FALSE(fits(all, 0.7 * line_bytes_per_s)); // and not much more
        const auto by_deadline = simulation(all, false).run();
        const auto by_arrival = simulation(all, true).run();
        MESSAGE("seed ", seed, ": 10000 downloads, missed by the schedule: ", by_deadline.missed,
                ", missed by a first-come queue: ", by_arrival.missed);
        CHECK(by_deadline.done == 10'000);
        CHECK(by_deadline.missed == 0);
        CHECK(by_deadline.running_most == 16);
        CHECK(by_deadline.longest_unknown < 3600);
        CHECK(by_arrival.done == 10'000);
        CHECK(by_arrival.missed > 0);
    }
}

// ---- through the manager ----------------------------------------------------------------------

constexpr std::size_t clips = 400;
constexpr std::size_t slots = 8;

/// A host with clips that die at different times; each connection brings 16 KiB a second.
struct dying_host {
    virtual_test t;
    std::vector<media> files;
    std::vector<system_time> dies;
    media_host host;
    link_list links;
    downloader loads;

    dying_host() : loads(t.ex(), host, &links, downloads::seeded())
    {
        random_source random(5);
        for (std::size_t n = 0; n < clips; ++n) {
            media file;
            file.bytes.assign(16'384 * (2 + random.below(12)), static_cast<char>('a' + n % 26));
            files.push_back(std::move(file));
            const auto life = n % 4 == 0 ? 5min + std::chrono::seconds(random.below(200))
                                         : 1h + std::chrono::minutes(random.below(600));
            dies.push_back(t.time.system_now() + life);
        }
        host.answers = [this](const seen& r) {
            const auto name = std::string_view(r.url).substr(r.url.rfind('/') + 1);
            const auto n = parse_integer<std::size_t>(name.substr(0, name.find('.'))).value();
            if (t.time.system_now() > dies[n])
                return plain(403);
            auto a = serve(files[n], r);
            a.each = 1s;
            return a;
        };
    }

    asset file(std::size_t n) const
    {
        asset one("https://cdn" + to_text(n % 4) + ".host/" + to_text(n) + ".mp4");
        one.expires_at = dies[n];
        return one;
    }

    static download_options plainly()
    {
        download_options options;
        options.check_content = false;
        return options;
    }

    /// Ends all that were started; how many links were dead.
    std::size_t missed(const std::vector<started<download_report>>& all)
    {
        std::size_t count = 0;
        for (const auto& one : all) {
            t.finish(one);
            const auto r = one.outcome();
            if (r.has_error())
                CHECK(r.error() == errc::link_expired);
            count += r.has_error() ? 1U : 0U;
        }
        return count;
    }
};

awaitable<download_report> in_turn(dying_host& h, semaphore& turns, std::size_t n,
                                   memory_sink& into)
{
    const permit turn = co_await turns.acquire();
    auto report = co_await h.loads.download(h.file(n), into, dying_host::plainly());
    co_return report;
}

TEST_CASE("hundreds through the manager: none misses its deadline, in order of arrival some do")
{
    dying_host managed_host;
    std::vector<started<download_report>> all;
    download_manager_options options;
    options.running_max = slots;
    options.running_per_origin_max = slots - 2;
    download_manager manager(managed_host.t.ex(), managed_host.loads, options);
    std::vector<std::unique_ptr<memory_sink>> homes;
    for (std::size_t n = 0; n < clips; ++n) {
        homes.push_back(std::make_unique<memory_sink>());
        auto op = manager.download(managed_host.file(n), *homes.back(), dying_host::plainly());
        all.push_back(managed_host.t.start(std::move(op)));
    }
    managed_host.t.time.drain();
    CHECK(manager.status().running == slots);
    CHECK(manager.status().waiting == clips - slots);
    const auto by_manager = managed_host.missed(all);
    for (std::size_t n = 0; n < clips; ++n)
        CHECK(homes[n]->bytes() == managed_host.files[n].bytes);
    CHECK(manager.status().done == clips);

    dying_host queued_host;
    std::vector<started<download_report>> queued;
    semaphore turns(slots);
    std::vector<std::unique_ptr<memory_sink>> places;
    for (std::size_t n = 0; n < clips; ++n) {
        places.push_back(std::make_unique<memory_sink>());
        queued.push_back(queued_host.t.start(in_turn(queued_host, turns, n, *places.back())));
    }
    const auto by_arrival = queued_host.missed(queued);
    MESSAGE(clips, " downloads, missed by the manager: ", by_manager,
            ", missed by a first-come queue: ", by_arrival);
    CHECK(by_manager == 0);
    CHECK(by_arrival > 0);
}

} // namespace download_deadlines_test
