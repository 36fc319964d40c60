// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The decisions of a ranged download about refusals, dead links and hosts that do anything at all.

#include <cokino/core/random_source.hpp>
#include <cokino/transfer/detail/range_fsm.hpp>

#include "range_fsm_events.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

namespace range_fsm_test {

TEST_CASE("faults that trying again cannot mend end it at once")
{
    for (const errc code : {errc::certificate_rejected, errc::no_certificates, errc::link_refused,
                            errc::redirect_refused, errc::cancelled, errc::deadline_passed,
                            errc::response_too_large, errc::closed}) {
        range_fsm fsm(rules(true));
        fsm.start({});
        const auto end = fsm.on_failure(failure(code));
        CHECK(end.what == kind::fail);
        CHECK(end.why == code);
    }
}

TEST_CASE("a dead link is renewed once, and the file goes on from the same byte")
{
    for (const unsigned code : {400U, 401U, 403U, 404U, 410U}) {
        auto fsm = broken_at(60, true);
        fsm.on_waited();
        CHECK(fsm.on_head(status(code)).what == kind::renew);
        CHECK(fsm.now() == state::renewing);
        const auto ask = fsm.on_renewed();
        CHECK(ask.what == kind::ask);
        CHECK(ask.offset == 60);
        CHECK(ask.if_range == "\"v1\"");
        const auto end = fsm.on_head(status(code));
        CHECK(end.what == kind::fail);
        CHECK(end.why == errc::link_expired);
        CHECK(end.why.facts().http_status == code);
        CHECK(fsm.renewals() == 1);
        CHECK(fsm.resumable());
    }
}

TEST_CASE("a renewed link that dies after good progress is renewed again, within a bound")
{
    range_fsm fsm(rules(true));
    fsm.start({});
    fsm.on_head(whole(100));
    unsigned renewals = 0;
    for (;;) {
        fsm.on_bytes(12);
        fsm.on_failure(lost());
        fsm.on_waited();
        if (fsm.on_head(status(403)).what != kind::renew)
            break;
        ++renewals;
        fsm.on_renewed();
        fsm.on_head(part(fsm.offset(), 99, 100));
    }
    CHECK(renewals == 4);
    CHECK(fsm.now() == state::failed);
}

TEST_CASE("a dead link without a job to ask is the end")
{
    range_fsm fsm(rules(false));
    fsm.start({});
    const auto end = fsm.on_head(status(404));
    CHECK(end.what == kind::fail);
    CHECK(end.why == errc::link_expired);
}

TEST_CASE("a link known to be dead is renewed before it is asked, and tried when that fails")
{
    range_start start;
    start.link_is_dead = true;
    range_fsm fsm(rules(true));
    CHECK(fsm.start(start).what == kind::renew);
    CHECK(fsm.requests() == 0);
    CHECK(fsm.on_not_renewed(failure(errc::host_fault)).what == kind::ask);
    CHECK(fsm.renewals() == 0);
    // Now it is known to be dead: asked once more, and then no more.
    CHECK(fsm.on_head(status(403)).what == kind::renew);
    CHECK(fsm.on_not_renewed(failure(errc::host_fault)).why == errc::link_expired);

    range_fsm renewed(rules(true));
    CHECK(renewed.start(start).what == kind::renew);
    CHECK(renewed.on_renewed().what == kind::ask);
    CHECK(renewed.on_head(status(403)).why == errc::link_expired);

    range_fsm alone(rules(false));
    CHECK(alone.start(start).what == kind::ask);

    range_fsm stopped(rules(true));
    stopped.start(start);
    CHECK(stopped.on_not_renewed(failure(errc::cancelled)).why == errc::cancelled);
}

TEST_CASE("a renewal that fails says why")
{
    range_fsm fsm(rules(true));
    fsm.start({});
    CHECK(fsm.on_head(status(403)).what == kind::renew);
    const auto end = fsm.on_not_renewed(failure(errc::unauthorised));
    CHECK(end.what == kind::fail);
    CHECK(end.why == errc::link_expired);
    CHECK(end.why.facts().http_status == 403);
    CHECK(end.why.facts().message.find(failure(errc::unauthorised).code().message()) !=
          std::string::npos);
}

TEST_CASE("passing refusals are waited out, at least as long as the host asks")
{
    for (const unsigned code : {408U, 425U, 429U, 500U, 502U, 503U, 504U, 520U}) {
        range_fsm fsm(rules());
        fsm.start({});
        auto head = status(code);
        head.retry_after = 7s;
        const auto wait = fsm.on_head(head);
        CHECK(wait.what == kind::wait);
        CHECK(wait.wait_min == 7s);
    }
    range_fsm fsm(rules());
    fsm.start({});
    auto head = status(503);
    head.retry_after = 11min;
    const auto end = fsm.on_head(head);
    CHECK(end.what == kind::fail);
    CHECK(end.why == errc::host_fault);
    CHECK(end.why.facts().retry_after == 11min);
}

TEST_CASE("other refusals are final")
{
    const auto ends_with = [](unsigned code) {
        range_fsm fsm(rules(true));
        fsm.start({});
        const auto end = fsm.on_head(status(code));
        CHECK(end.what == kind::fail);
        CHECK(end.why.facts().http_status == code);
        return end.why;
    };
    CHECK(ends_with(402) == errc::request_rejected);
    CHECK(ends_with(405) == errc::request_rejected);
    CHECK(ends_with(407) == errc::proxy_refused);
    CHECK(ends_with(501) == errc::host_fault);
    CHECK(ends_with(204) == errc::content_mismatch);
    CHECK(ends_with(304) == errc::content_mismatch);
}

/// One step of a host that does anything at all.
range_action chaotic_step(range_fsm& fsm, const range_action& last, cokino::random_source& chance)
{
    const auto draw = [&](unsigned n) { return static_cast<unsigned>(chance.below(n)); };
    static const unsigned codes[] = {200, 206, 403, 404, 416, 429, 500, 503, 204};
    switch (last.what) {
    case kind::ask: {
        const unsigned code = codes[draw(9)];
        if (code == 200)
            return fsm.on_head(whole(100, draw(2) ? "\"v1\"" : "W/\"x\""));
        if (code == 206)
            return fsm.on_head(part(draw(4) ? fsm.offset() : draw(100), 99, 100));
        return draw(5) ? fsm.on_head(status(code)) : fsm.on_failure(lost());
    }
    case kind::read:
        if (draw(4) == 0)
            return fsm.on_failure(lost());
        return draw(4) == 0 ? fsm.on_end() : fsm.on_bytes(1 + draw(40));
    case kind::wait: return fsm.on_waited();
    case kind::renew: return draw(2) ? fsm.on_renewed() : fsm.on_not_renewed(lost());
    case kind::verify: return draw(2) ? fsm.on_verified() : fsm.on_unfit(errc::content_mismatch);
    default: return last;
    }
}

TEST_CASE("whatever a host does, the machine ends, and only whole files get their name")
{
    for (unsigned seed = 0; seed < 3000; ++seed) {
        cokino::random_source chance(seed);
        range_fsm fsm(rules(seed % 2 != 0));
        auto next = fsm.start(seed % 3 == 0 ? held(30) : range_start{});
        unsigned steps = 0;
        for (; next.what != kind::fail && next.what != kind::finish && steps < 2000; ++steps) {
            const auto before = fsm.offset();
            next = chaotic_step(fsm, next, chance);
            if (next.what == kind::verify)
                REQUIRE(fsm.total() == fsm.offset());
            if (next.what == kind::ask && next.offset != 0) {
                REQUIRE_FALSE(next.if_range.empty());
                REQUIRE(next.offset == fsm.offset());
            }
            if (fsm.offset() < before) // bytes were given up, and the files must hear of it
                REQUIRE((next.start_over || next.what == kind::fail));
        }
        REQUIRE(steps < 2000);
    }
}

} // namespace range_fsm_test
