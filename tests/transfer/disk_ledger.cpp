// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Who may write how much where: reservations, those set aside, a disk that says one thing and does
// another.

#include <cokino/core/random_source.hpp>
#include <cokino/transfer/detail/disk_ledger.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <vector>

namespace disk_ledger_test {

using namespace cokino;
using namespace std::chrono_literals;
using namespace cokino::detail;
using tickets = std::vector<download_ticket>;

const auto noon = disk_ledger::time_point(1000h);

disk_rules rules(std::uint64_t reserve = 0, std::chrono::milliseconds pause = 10min)
{
    disk_rules r;
    r.reserve = reserve;
    r.pause_max = pause;
    return r;
}

/// Places in the order of their numbers.
schedule_key place(download_ticket ticket)
{
    schedule_key key;
    key.arrival = ticket;
    return key;
}

TEST_CASE("what several want is added up, and one that does not fit beside the others is set aside")
{
    disk_ledger l(rules());
    for (download_ticket t = 1; t <= 3; ++t)
        l.add(t, 7);
    CHECK(l.admit(place(1), 400, 1000, noon));
    CHECK(l.admit(place(2), 400, 1000, noon));
    CHECK_FALSE(l.paused(7));
    CHECK_FALSE(l.admit(place(3), 400, 1000, noon)); // by itself it would fit
    CHECK(l.paused(7));
    CHECK(l.reserved(7) == 800);
    CHECK(l.first_aside(7) == 3);
    CHECK(l.look(7, 1000, noon).back.empty());
    l.leave(1);
    CHECK(l.look(7, 1000, noon).back == tickets{3});
    CHECK_FALSE(l.paused(7));
    CHECK(l.admit(place(3), 400, 1000, noon));
}

TEST_CASE("what is written is free no more, and reserved no more")
{
    disk_ledger l(rules());
    l.add(1, 7);
    l.add(2, 7);
    CHECK(l.admit(place(1), 800, 1000, noon));
    CHECK_FALSE(l.written(1, 300));
    CHECK(l.reserved(7) == 300);
    CHECK(l.admit(place(2), 200, 500, noon));
    CHECK(l.reserved(7) == 500);
}

TEST_CASE("the reserve stays free")
{
    disk_ledger l(rules(100));
    l.add(1, 7);
    CHECK_FALSE(l.admit(place(1), 901, 1000, noon));
    CHECK(l.look(7, 1001, noon).back == tickets{1});
    CHECK(l.admit(place(1), 901, 1001, noon));
    l.add(2, 7);
    CHECK_FALSE(l.admit(place(2), 1, 50, noon)); // less is free than the reserve
}

TEST_CASE("disks do not know of each other")
{
    disk_ledger l(rules());
    l.add(1, 7);
    l.add(2, 8);
    l.add(3, 7);
    CHECK(l.admit(place(1), 1000, 1000, noon));
    CHECK(l.admit(place(2), 1000, 1000, noon));
    CHECK_FALSE(l.admit(place(3), 1, 1000, noon));
    CHECK_FALSE(l.paused(8));
    CHECK(l.disk_of(2) == 8);
    CHECK(l.admit(place(9), 1, 0, noon)); // of no disk that is known
}

TEST_CASE("a length that turns out larger is held against what the others have reserved")
{
    disk_ledger l(rules());
    l.add(1, 7);
    l.add(2, 7);
    CHECK(l.admit(place(1), 100, 1000, noon));
    CHECK(l.admit(place(2), 100, 1000, noon));
    CHECK(l.revise(1, 900, 1000));
    CHECK(l.reserved(7) == 1000);
    CHECK_FALSE(l.revise(2, 101, 1000));
    CHECK(l.reserved(7) == 1000);
    l.lacks_room(place(2), 101, noon);
    CHECK(l.reserved(7) == 900);
    CHECK(l.look(7, 1000, noon).back.empty());
    CHECK(l.look(7, 1001, noon).back == tickets{2});
}

TEST_CASE("those whose links die first get room first, and smaller ones pass a larger one")
{
    disk_ledger l(rules());
    for (download_ticket t = 1; t <= 4; ++t)
        l.add(t, 7);
    CHECK_FALSE(l.admit(place(4), 300, 100, noon));
    CHECK_FALSE(l.admit(place(3), 300, 100, noon));
    CHECK_FALSE(l.admit(place(2), 5000, 100, noon));
    CHECK_FALSE(l.admit(place(1), 300, 100, noon));
    CHECK(l.look(7, 650, noon).back == tickets{1, 3});
    CHECK(l.first_aside(7) == 2);
}

TEST_CASE("after a failed write nobody starts, until one that was let out has got bytes written")
{
    disk_ledger l(rules());
    for (download_ticket t = 1; t <= 4; ++t)
        l.add(t, 7);
    CHECK(l.admit(place(1), 100, 10'000, noon));
    CHECK(l.admit(place(2), 100, 10'000, noon));
    l.found_full(place(1), 60, noon); // whatever the disk says of itself
    CHECK(l.paused(7));
    CHECK_FALSE(l.admit(place(3), 1, 10'000, noon));
    auto seen = l.look(7, 10'000, noon + 5s);
    CHECK(seen.back == tickets{1});
    CHECK(l.paused(7)); // one is out to try
    CHECK(l.look(7, 10'000, noon + 10s).back.empty());
    CHECK_FALSE(l.written(2, 50)); // had its room before; proves nothing
    CHECK(l.admit(place(1), 60, 10'000, noon + 10s));
    CHECK_FALSE(l.admit(place(4), 1, 10'000, noon + 10s));
    CHECK(l.written(1, 50));
    CHECK(l.look(7, 10'000, noon + 11s).back == tickets{3, 4});
    CHECK_FALSE(l.paused(7));
}

TEST_CASE("one that was let out and fails again keeps the disk blocked; the next look tries again")
{
    disk_ledger l(rules());
    l.add(1, 7);
    l.add(2, 7);
    CHECK(l.admit(place(1), 100, 10'000, noon));
    l.found_full(place(1), 100, noon);
    CHECK_FALSE(l.admit(place(2), 100, 10'000, noon));
    CHECK(l.look(7, 10'000, noon + 5s).back == tickets{1});
    CHECK(l.admit(place(1), 100, 10'000, noon + 5s));
    l.found_full(place(1), 100, noon + 6s);
    CHECK(l.look(7, 10'000, noon + 10s).back == tickets{1});
    l.leave(1); // cancelled
    CHECK(l.look(7, 10'000, noon + 15s).back == tickets{2});
    l.leave(2);
    CHECK_FALSE(l.paused(7));
    l.add(3, 7);
    CHECK(l.admit(place(3), 100, 10'000, noon + 16s)); // nobody was left to find out
}

TEST_CASE("each is held back for so long at most, counted until it gets bytes written")
{
    disk_ledger l(rules(0, 60s));
    l.add(1, 7);
    l.add(2, 7);
    CHECK_FALSE(l.admit(place(1), 100, 0, noon));
    CHECK_FALSE(l.admit(place(2), 100, 0, noon + 30s));
    CHECK(l.look(7, 0, noon + 59s).given_up.empty());
    CHECK(l.look(7, 0, noon + 60s).given_up == tickets{1});
    l.leave(1);
    // A try that brings nothing does not start the time again.
    CHECK(l.look(7, 100, noon + 70s).back == tickets{2});
    CHECK(l.admit(place(2), 100, 100, noon + 70s));
    l.found_full(place(2), 100, noon + 71s);
    CHECK(l.look(7, 0, noon + 89s).given_up.empty());
    CHECK(l.look(7, 0, noon + 90s).given_up == tickets{2});
    // The disk says that there is room, but it took nothing.
    CHECK(l.look(7, 1000, noon + 91s).given_up == tickets{2});
    CHECK(l.look(7, 1000, noon + 91s).back.empty());
}

TEST_CASE("bytes that get written start the time of being held back again")
{
    disk_ledger l(rules(0, 60s));
    l.add(1, 7);
    CHECK(l.admit(place(1), 100, 100, noon));
    l.found_full(place(1), 100, noon);
    CHECK(l.look(7, 100, noon + 50s).back == tickets{1});
    CHECK(l.admit(place(1), 100, 100, noon + 50s));
    CHECK(l.written(1, 50));
    l.found_full(place(1), 50, noon + 51s);
    CHECK(l.look(7, 0, noon + 110s).given_up.empty());
    CHECK(l.look(7, 0, noon + 111s).given_up == tickets{1});
}

TEST_CASE("on random runs what is reserved is the sum over those that run, and fits what was free")
{
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        random_source random(seed);
        disk_ledger l(rules(50));
        struct one {
            std::uint64_t disk = 0;
            std::uint64_t need = 0;
            enum { waits, runs, aside } at = waits;
        };
        std::map<download_ticket, one> all;
        std::map<std::uint64_t, std::uint64_t> free_bytes{{0, 2000}, {1, 500}};
        const auto sum = [&](std::uint64_t disk) {
            std::uint64_t total = 0;
            for (const auto& [t, o] : all)
                total += o.disk == disk && o.at == one::runs ? o.need : 0;
            return total;
        };
        auto now = noon;
        for (download_ticket t = 1; t <= 200; ++t, now += 1s) {
            one fresh;
            fresh.disk = random.below(2);
            fresh.need = random.below(400);
            all[t] = fresh;
            l.add(t, fresh.disk);
            for (auto at = all.begin(); at != all.end();) {
                auto& [ticket, o] = *at;
                auto& room = free_bytes[o.disk];
                const auto dice = random.below(6);
                if (o.at == one::waits && dice < 3) {
                    o.at = l.admit(place(ticket), o.need, room, now) ? one::runs : one::aside;
                    if (o.at == one::runs)
                        CHECK(sum(o.disk) + 50 <= room);
                } else if (o.at == one::runs && dice == 0) {
                    const auto part = random.below(o.need + 1);
                    o.need -= part;
                    room -= part; // it was reserved, so it is there
                    l.written(ticket, o.need);
                } else if (o.at == one::runs && dice == 1 && random.below(4) == 0) {
                    l.found_full(place(ticket), o.need, now);
                    o.at = one::aside;
                } else if (dice == 2) {
                    if (o.need == 0 || random.below(3) == 0) {
                        l.leave(ticket);
                        at = all.erase(at);
                        continue;
                    }
                }
                ++at;
            }
            for (auto& [disk, room] : free_bytes) {
                room += random.below(300);
                for (const auto ticket : l.look(disk, room, now).back) {
                    CHECK(all.at(ticket).at == one::aside);
                    all.at(ticket).at = one::waits;
                }
                CHECK(l.reserved(disk) == sum(disk));
            }
        }
        for (const auto& [ticket, o] : all)
            l.leave(ticket);
        CHECK(l.reserved(0) + l.reserved(1) == 0);
        CHECK_FALSE((l.paused(0) || l.paused(1)));
    }
}

} // namespace disk_ledger_test
