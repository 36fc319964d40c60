// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Which slice is fetched next, by whom, and what follows each answer. No network, no clock.

#include <cokino/core/random_source.hpp>
#include <cokino/transfer/detail/slice_fsm.hpp>

#include "range_fsm_events.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace slice_fsm_test {

using cokino::errc;
using cokino::detail::slice_action;
using cokino::detail::slice_fsm;
using cokino::detail::slice_rules;
using range_fsm_test::lost;
using range_fsm_test::part;
using range_fsm_test::status;
using range_fsm_test::whole;
using kind = slice_action::kind;
using namespace std::chrono_literals;

/// A file of 100 bytes in slices of 10.
slice_rules rules(unsigned lanes = 3, std::uint64_t first = 0)
{
    slice_rules made;
    made.first = first;
    made.total = 100;
    made.slice_bytes = 10;
    made.lanes = lanes;
    made.tries_max = 3;
    made.progress_bytes_min = 4;
    made.etag = "\"v1\"";
    return made;
}

void fetches(const slice_action& next, std::uint64_t first, std::uint64_t last)
{
    CHECK(next.what == kind::fetch);
    CHECK(next.first == first);
    CHECK(next.last == last);
}

TEST_CASE("the first lane reads what is open, the others fetch the slices behind it")
{
    slice_fsm fsm(rules());
    CHECK(fsm.next(0).what == kind::read);
    CHECK(fsm.next(0).last == 9);
    fetches(fsm.next(1), 10, 19);
    fetches(fsm.next(2), 20, 29);
    CHECK(fsm.on_head(1, part(10, 19, 100)).what == kind::read);
    CHECK(fsm.on_bytes(1, 4).what == kind::read);
    CHECK(fsm.filled(1) == 4);
    CHECK(fsm.left(1) == 6);
    CHECK(fsm.on_bytes(1, 6).what == kind::rest); // all there, but not taken yet
    CHECK(fsm.next(1).what == kind::rest);
    CHECK(fsm.available().bytes == 0); // what comes first has not come
    CHECK_FALSE(fsm.on_taken(5));
    CHECK(fsm.taken() == 0);

    CHECK(fsm.on_bytes(0, 3).what == kind::read);
    CHECK(fsm.available().lane == 0);
    CHECK(fsm.available().bytes == 3);
    CHECK_FALSE(fsm.on_taken(2));
    CHECK(fsm.available().at == 2);
    CHECK(fsm.on_bytes(0, 7).what == kind::rest);
    CHECK(fsm.on_taken(8)); // the lane is free for another slice
    fetches(fsm.next(0), 30, 39);
    CHECK(fsm.available().lane == 1);
    CHECK(fsm.available().bytes == 10);
}

TEST_CASE("the last slice is shorter, and lanes without a slice end")
{
    slice_fsm fsm(rules(3, 85));
    CHECK(fsm.next(0).last == 94);
    fetches(fsm.next(1), 95, 99);
    CHECK(fsm.next(2).what == kind::done);
    fsm.on_bytes(0, 10);
    fsm.on_head(1, part(95, 99, 100));
    fsm.on_bytes(1, 5);
    CHECK(fsm.on_taken(10));
    CHECK(fsm.next(0).what == kind::done);
    CHECK_FALSE(fsm.whole());
    CHECK(fsm.on_taken(5));
    CHECK(fsm.whole());
}

TEST_CASE("a slice that breaks off is asked for again by itself, from where it stands")
{
    slice_fsm fsm(rules());
    fsm.next(1);
    fsm.on_head(1, part(10, 19, 100));
    fsm.on_bytes(1, 2);
    auto next = fsm.on_failure(1, lost());
    CHECK(next.what == kind::wait);
    CHECK(next.step == 1);
    CHECK(next.why == errc::connection_lost);
    fetches(fsm.next(1), 12, 19);
    CHECK(fsm.on_head(1, status(503)).what == kind::wait);
    fetches(fsm.next(1), 12, 19);
    CHECK(fsm.on_failure(1, lost()).what == kind::over); // three in a row
    CHECK(fsm.given_up());
    CHECK(fsm.failed() == errc::connection_lost);
    CHECK(fsm.next(0).what == kind::over);
    CHECK(fsm.on_bytes(0, 1).what == kind::over);
}

TEST_CASE("progress makes the count of tries begin anew")
{
    slice_fsm fsm(rules());
    fsm.next(1);
    for (std::uint64_t at = 10; at < 18; at += 4) {
        CHECK(fsm.on_failure(1, lost()).what == kind::wait);
        fsm.next(1);
        fsm.on_head(1, part(at, 19, 100));
        fsm.on_bytes(1, 4);
        CHECK(fsm.on_failure(1, lost()).step == 1);
        fetches(fsm.next(1), at + 4, 19);
    }
}

TEST_CASE("a part that is shorter than asked for is gone on from; one that is too small is a try")
{
    slice_fsm fsm(rules());
    fsm.next(1);
    CHECK(fsm.on_head(1, part(10, 14, 100)).last == 14);
    fetches(fsm.on_bytes(1, 5), 15, 19);
    fsm.on_head(1, part(15, 16, 100));
    CHECK(fsm.on_bytes(1, 2).what == kind::wait);
    fetches(fsm.next(1), 17, 19);
    // A body that ends before its own end was cut.
    fsm.on_head(1, part(17, 19, 100));
    CHECK(fsm.on_end(1).why == errc::body_truncated);
}

TEST_CASE("any sign of another version gives the slices up")
{
    const std::vector<cokino::detail::range_head> signs = {
        whole(100),        whole(100, "\"v2\""), part(10, 19, 100, "\"v2\""),
        part(10, 19, 101), part(11, 19, 100),    part(9, 19, 100),
        part(10, 20, 100), // more than was asked for
        status(206),       status(416),          status(204),
        status(302),       status(418),          status(501),
    };
    for (std::size_t i = 0; i != signs.size(); ++i) {
        CAPTURE(i);
        slice_fsm fsm(rules());
        fsm.next(1);
        fsm.on_bytes(0, 5);
        CHECK(fsm.on_head(1, signs[i]).what == kind::over);
        CHECK(fsm.given_up());
        CHECK((fsm.failed() == errc::body_changed) == (i < 9));
        CHECK(fsm.available().bytes == 5); // what came in order was good
    }
    for (const bool page : {true, false}) {
        auto named = rules();
        named.digest.emplace();
        named.digest->bytes = "1234";
        slice_fsm fsm(named);
        fsm.next(1);
        auto head = part(10, 19, 100);
        if (page)
            head.media_type = "text/html";
        else
            head.digest.emplace(*named.digest).bytes = "1235";
        CHECK(fsm.on_head(1, head).what == kind::over);
        CHECK(fsm.failed() == errc::body_changed);
    }
    slice_fsm packed(rules());
    packed.next(1);
    auto head = part(10, 19, 100);
    head.encoding = "gzip";
    CHECK(packed.on_head(1, head).what == kind::over);
    slice_fsm untrusted(rules());
    untrusted.next(1);
    CHECK(untrusted.on_failure(1, cokino::failure(errc::certificate_rejected)).what == kind::over);
}

TEST_CASE("a hint to wait is kept to, unless it is too long")
{
    slice_fsm fsm(rules());
    auto head = status(429);
    head.retry_after = 30s;
    fsm.next(1);
    const auto next = fsm.on_head(1, head);
    CHECK(next.what == kind::wait);
    CHECK(next.wait_min == 30s);
    CHECK(next.why == errc::rate_limited);
    head.retry_after = 1h;
    fsm.next(1);
    CHECK(fsm.on_head(1, head).what == kind::over);
    CHECK(fsm.failed() == errc::rate_limited);
}

TEST_CASE("a dead link is renewed once for all slices")
{
    slice_fsm fsm(rules(4));
    fsm.next(1);
    fsm.next(2);
    fsm.next(3);
    CHECK(fsm.on_head(1, status(403)).what == kind::renew);
    CHECK(fsm.on_head(2, status(403)).what == kind::rest);
    CHECK(fsm.next(2).what == kind::rest);
    CHECK(fsm.on_failure(0, lost()).what == kind::wait);
    CHECK(fsm.next(0).what == kind::rest); // nothing more is asked of it
    fsm.on_renewed();
    fetches(fsm.next(1), 10, 19);
    fetches(fsm.next(2), 20, 29);
    fetches(fsm.next(0), 0, 9);
    // The answer of the old link comes late: the fresh one is asked.
    fetches(fsm.on_head(3, status(410)), 30, 39);
    CHECK(fsm.on_head(1, part(10, 19, 100)).what == kind::read);
    // And when that one dies, it is renewed in turn.
    CHECK(fsm.on_head(2, status(404)).what == kind::renew);
    fsm.give_up(cokino::failure(errc::link_expired));
    CHECK(fsm.next(2).what == kind::over);
    CHECK(fsm.failed() == errc::link_expired);
}

TEST_CASE("what was not asked for is a bug, and no bytes of it are taken")
{
    slice_fsm fsm(rules());
    CHECK(fsm.on_head(1, part(10, 19, 100)).what == kind::over);
    CHECK(fsm.failed() == errc::internal_error);
    slice_fsm more(rules());
    CHECK(more.on_bytes(0, 11).what == kind::over);
    CHECK(more.available().bytes == 0);
}

TEST_CASE("whatever the order of events, all bytes are taken once and in order, within the window")
{
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        cokino::random_source dice(seed);
        const auto lanes = static_cast<unsigned>(1 + dice.below(8));
        auto r = rules(lanes, dice.below(100));
        r.slice_bytes = 1 + dice.below(20);
        r.tries_max = 100;
        slice_fsm fsm(r);
        std::vector<slice_action> todo(lanes);
        std::vector<std::uint64_t> place(lanes, r.first); // the file's byte where a body stands
        for (std::size_t i = 0; i != lanes; ++i)
            todo[i] = fsm.next(i);
        std::uint64_t taken = r.first;
        unsigned steps = 0;
        for (; !fsm.whole() && steps < 100'000; ++steps) {
            REQUIRE_FALSE(fsm.given_up());
            const auto i = static_cast<std::size_t>(dice.below(lanes));
            auto& next = todo[i];
            if (dice.below(3) == 0) {
                const auto from = fsm.available();
                const auto count = static_cast<std::size_t>(dice.below(from.bytes + 1));
                fsm.on_taken(count);
                taken += count;
                REQUIRE(fsm.taken() == taken);
            } else if (next.what == kind::fetch) {
                place[i] = next.first;
                REQUIRE(next.last < taken + lanes * r.slice_bytes);
                next = dice.below(4) == 0 ? fsm.on_failure(i, lost())
                                          : fsm.on_head(i, part(next.first, next.last, 100));
            } else if (next.what == kind::read) {
                const auto count = 1 + dice.below(fsm.left(i));
                place[i] += count;
                next = dice.below(4) == 0 ? fsm.on_failure(i, lost()) : fsm.on_bytes(i, count);
            } else if (next.what != kind::done) {
                next = fsm.next(i);
            }
        }
        REQUIRE(fsm.whole());
        REQUIRE(taken == 100);
    }
}

} // namespace slice_fsm_test
