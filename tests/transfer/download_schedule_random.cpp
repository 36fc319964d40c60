// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Random runs of download_schedule against a plain search of all that wait.

#include <cokino/core/random_source.hpp>
#include <cokino/core/text.hpp>
#include <cokino/transfer/detail/download_schedule.hpp>

#include "schedule_wishes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace download_schedule_test {

/// The same rules, by looking at everything each time.
struct plain_schedule {
    struct one {
        schedule_key key;
        std::string origin;
        std::uint64_t bytes = 0;
        enum { waiting, running, aside } at = waiting;
    };
    schedule_caps caps;
    std::map<download_ticket, one> all;
    unsigned passed_late = 0;

    std::uint64_t charge(std::uint64_t bytes) const
    {
        return std::min(std::max<std::uint64_t>(bytes, 1), caps.bytes_max);
    }
    std::size_t running(const std::string* origin = nullptr) const
    {
        return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const auto& o) {
            return o.second.at == one::running && (!origin || o.second.origin == *origin);
        }));
    }
    std::uint64_t bytes() const
    {
        std::uint64_t sum = 0;
        for (const auto& [ticket, o] : all)
            sum += o.at == one::running ? o.bytes : 0;
        return sum;
    }

    /// The first that may start by the caps on counts, among the late or the others.
    one* first(bool late, calendar_time now)
    {
        one* best = nullptr;
        for (auto& [ticket, o] : all) {
            const bool is_late = !o.key.assumed && o.key.at < now;
            if (o.at == one::waiting && is_late == late &&
                running(&o.origin) < caps.per_origin_max && (!best || o.key < best->key))
                best = &o;
        }
        return best;
    }

    download_ticket next(calendar_time now)
    {
        if (running() >= caps.running_max)
            return 0;
        one* const fresh = first(false, now);
        one* const late = first(true, now);
        const bool take_late = late && (!fresh || passed_late + 1 >= caps.late_every);
        one* const chosen = take_late ? late : fresh;
        if (!chosen || bytes() + chosen->bytes > std::max(caps.bytes_max, bytes()))
            return 0;
        passed_late = take_late || !late ? 0 : passed_late + 1;
        chosen->at = one::running;
        return chosen->key.arrival;
    }
};

struct random_run {
    random_source random;
    schedule_caps bounds;
    download_schedule real;
    plain_schedule plain;
    calendar_time now = noon;

    explicit random_run(std::uint64_t seed) : random(seed), bounds(draw(random)), real(bounds)
    {
        plain.caps = bounds;
    }

    static schedule_caps draw(random_source& random)
    {
        auto c = caps(1 + below(random, 6), 1 + below(random, 3), 1 + below(random, 2000));
        c.bytes_unknown = std::min<std::uint64_t>(c.bytes_max, 100);
        c.late_every = 1 + static_cast<unsigned>(below(random, 5));
        return c;
    }
    static std::size_t below(random_source& random, std::size_t n)
    {
        return static_cast<std::size_t>(random.below(n));
    }

    void add()
    {
        auto w = wish(std::nullopt, "https://" + to_text(below(random, 4)), std::nullopt);
        if (random.uniform() < 0.8)
            w.deadline = now + std::chrono::minutes(static_cast<long>(below(random, 180)) - 20);
        if (random.uniform() < 0.8)
            w.bytes = below(random, 1000);
        const auto ticket = real.add(w, now);
        plain_schedule::one o;
        o.origin = w.origin;
        o.bytes = plain.charge(w.bytes.value_or(bounds.bytes_unknown));
        o.key.at = w.deadline.value_or(now + 1h);
        o.key.assumed = !w.deadline;
        o.key.arrival = ticket;
        plain.all.emplace(ticket, o);
    }

    void change_one()
    {
        if (plain.all.empty())
            return;
        auto at = plain.all.begin();
        std::advance(at, static_cast<long>(below(random, plain.all.size())));
        auto& [ticket, o] = *at;
        const auto what = below(random, 4);
        if (what == 0) {
            real.leave(ticket);
            plain.all.erase(at);
        } else if (what == 1) {
            real.set_aside(ticket);
            if (o.at == plain_schedule::one::running)
                o.at = plain_schedule::one::aside;
        } else if (what == 2) {
            real.bring_back(ticket);
            if (o.at == plain_schedule::one::aside)
                o.at = plain_schedule::one::waiting;
        } else {
            const auto bytes = below(random, 1500);
            real.set_bytes(ticket, bytes);
            o.bytes = plain.charge(bytes);
        }
    }

    /// Starts all that may start, and compares who that is.
    void start_all()
    {
        for (;;) {
            const auto before = real.bytes_in_flight();
            const auto todo = real.next(now);
            const auto ticket = todo.what == kind::start ? todo.ticket : 0;
            REQUIRE(ticket == plain.next(now));
            if (ticket == 0)
                return;
            CHECK(real.running() <= bounds.running_max);
            CHECK(real.running_from(plain.all.at(ticket).origin) <= bounds.per_origin_max);
            CHECK(real.bytes_in_flight() <= std::max(bounds.bytes_max, before));
        }
    }

    void compare() const
    {
        CHECK(real.running() == plain.running());
        CHECK(real.bytes_in_flight() == plain.bytes());
        CHECK(real.running() + real.waiting() + real.aside() == plain.all.size());
    }
};

TEST_CASE("on random runs it starts whom a plain search finds, and no slot is lost or made up")
{
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        random_run run(seed);
        for (int step = 0; step < 150; ++step) {
            run.now += std::chrono::seconds(run.below(run.random, 240));
            if (run.random.uniform() < 0.55)
                run.add();
            else
                run.change_one();
            run.start_all();
            run.compare();
        }
        // Nobody waits for ever: all get their turn when those before them end.
        while (!run.plain.all.empty()) {
            for (auto& [ticket, o] : run.plain.all) {
                run.real.bring_back(ticket);
                if (o.at == plain_schedule::one::aside)
                    o.at = plain_schedule::one::waiting;
            }
            run.start_all();
            const auto runs = [](const auto& o) {
                return o.second.at == plain_schedule::one::running;
            };
            const auto one = std::find_if(run.plain.all.begin(), run.plain.all.end(), runs);
            REQUIRE(one != run.plain.all.end());
            run.real.leave(one->first);
            run.plain.all.erase(one);
            run.compare();
        }
        CHECK(run.real.next(run.now).what == kind::idle);
    }
}

TEST_CASE("the same events give the same starts: ten thousand downloads, twice")
{
    const auto go = [] {
        download_schedule s(caps(16, 6));
        random_source random(11);
        std::vector<download_ticket> starts;
        std::vector<download_ticket> running;
        for (int i = 0; i < 10'000; ++i)
            s.add(wish(noon + std::chrono::seconds(random_run::below(random, 90'000)),
                       "https://cdn" + to_text(random_run::below(random, 40))),
                  noon);
        for (auto now = noon; s.waiting() != 0; now += 7s) {
            for (auto todo = s.next(now); todo.what == kind::start; todo = s.next(now)) {
                starts.push_back(todo.ticket);
                running.push_back(todo.ticket);
            }
            const auto one = random_run::below(random, running.size());
            s.leave(running[one]);
            running[one] = running.back();
            running.pop_back();
        }
        return starts;
    };
    const auto once = go();
    CHECK(once.size() == 10'000);
    CHECK(once == go());
}

} // namespace download_schedule_test
