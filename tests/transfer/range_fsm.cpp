// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The decisions of a ranged download about heads and bodies, event by event, with no event loop and
// no files. What it does about refusals and dead links is in range_fsm_refusals.cpp.

#include <cokino/transfer/detail/range_fsm.hpp>

#include "range_fsm_events.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace range_fsm_test {

TEST_CASE("a whole answer is read, checked and named")
{
    range_fsm fsm(rules());
    CHECK(fsm.now() == state::idle);
    const auto ask = fsm.start({});
    CHECK(ask.what == kind::ask);
    CHECK(ask.offset == 0);
    CHECK(ask.if_range.empty());
    CHECK_FALSE(ask.start_over);
    const auto read = fsm.on_head(whole(100));
    CHECK(read.what == kind::read);
    CHECK(read.offset == 0);
    CHECK(fsm.on_bytes(60).offset == 60);
    fsm.on_bytes(40);
    CHECK(fsm.on_end().what == kind::verify);
    CHECK(fsm.on_verified().what == kind::finish);
    CHECK(fsm.now() == state::finished);
    CHECK(fsm.requests() == 1);
    CHECK(fsm.etag() == "\"v1\"");
}

TEST_CASE("a broken body is asked for from the same byte, under its validator")
{
    auto fsm = broken_at(60);
    const auto ask = fsm.on_waited();
    CHECK(ask.what == kind::ask);
    CHECK(ask.offset == 60);
    CHECK(ask.if_range == "\"v1\"");
    CHECK(fsm.on_head(part(60, 99, 100)).what == kind::read);
    fsm.on_bytes(40);
    CHECK(fsm.on_end().what == kind::verify);
    CHECK(fsm.resumed_from() == 0); // the same download, not an earlier one
    CHECK(fsm.restarts() == 0);
}

TEST_CASE("a short body that ended properly is a truncated one")
{
    range_fsm fsm(rules());
    fsm.start({});
    fsm.on_head(whole(100));
    fsm.on_bytes(99);
    CHECK(fsm.on_end().what == kind::wait);
    CHECK(fsm.on_waited().offset == 99);
}

TEST_CASE("more bytes than were promised spoil the file")
{
    range_fsm fsm(rules());
    fsm.start({});
    fsm.on_head(whole(100));
    const auto end = fsm.on_bytes(101);
    CHECK(end.what == kind::fail);
    CHECK(end.why == errc::content_mismatch);
    CHECK_FALSE(fsm.resumable());
}

TEST_CASE("a host that ignores the range is taken from the start")
{
    auto fsm = broken_at(60);
    fsm.on_waited();
    const auto read = fsm.on_head(whole(100));
    CHECK(read.what == kind::read);
    CHECK(read.start_over);
    CHECK(read.offset == 0);
    CHECK(fsm.offset() == 0);
    CHECK(fsm.restarts() == 1);
}

TEST_CASE("a host that ignores ranges and cuts each time is left in the end")
{
    auto fsm = broken_at(60);
    range_action next;
    unsigned rounds = 0;
    for (; rounds < 20; ++rounds) {
        fsm.on_waited();
        next = fsm.on_head(whole(100));
        if (next.what == kind::fail)
            break;
        fsm.on_bytes(60);
        next = fsm.on_failure(lost());
        if (next.what == kind::fail)
            break;
    }
    CHECK(next.what == kind::fail);
    CHECK(rounds < 5);
}

TEST_CASE("a part that does not continue what is held starts the file over")
{
    const auto starts_over = [](range_head head) {
        auto fsm = broken_at(60);
        fsm.on_waited();
        const auto next = fsm.on_head(head);
        return next.what == kind::ask && next.start_over && next.offset == 0 &&
               next.if_range.empty() && fsm.offset() == 0;
    };
    CHECK(starts_over(part(50, 99, 100)));
    CHECK(starts_over(part(61, 99, 100)));
    CHECK(starts_over(part(60, 100, 101)));
    CHECK(starts_over(part(60, 99, 100, "\"v2\"")));
    auto several = part(60, 99, 100);
    several.media_type = "multipart/byteranges";
    CHECK(starts_over(several));
    auto silent = part(60, 99, 100);
    silent.range.reset();
    CHECK(starts_over(silent));
    auto lying = part(60, 99, 100);
    lying.length = 30;
    CHECK(starts_over(lying));
}

TEST_CASE("a part of another date starts the file over, if its date is all that is known of it")
{
    const std::string old_date = "Sun, 06 Nov 1994 08:49:37 GMT";
    const std::string new_date = "Sun, 06 Nov 1994 08:49:38 GMT";
    for (const std::string etag : {"", "W/\"v1\"", "\"v1\""}) {
        CAPTURE(etag);
        range_fsm fsm(rules());
        fsm.start({});
        auto first = whole(100, etag);
        const bool strong = etag.starts_with('"');
        if (!strong)
            first.validator = old_date;
        first.modified = old_date;
        fsm.on_head(first);
        fsm.on_bytes(60);
        fsm.on_failure(lost());
        const auto ask = fsm.on_waited();
        CHECK(ask.if_range == (strong ? etag : old_date));
        auto head = part(60, 79, 100, etag);
        head.modified = old_date;
        CHECK(fsm.on_head(head).what == kind::read);
        fsm.on_bytes(20);
        fsm.on_end();
        // A host may keep one ETag for copies of different dates.
        auto other = part(80, 99, 100, etag);
        other.modified = new_date; // of a second ago, perhaps, so that it is no validator
        const auto next = fsm.on_head(other);
        CHECK((next.what == kind::read) == strong);
        CHECK(next.start_over == !strong);
    }
}

TEST_CASE("a part sent unasked is an error of the host, tried again within bounds")
{
    range_fsm fsm(rules());
    fsm.start({});
    CHECK(fsm.on_head(part(0, 99, 100)).what == kind::wait);
}

TEST_CASE("a file that keeps changing is given up as changed")
{
    range_fsm fsm(rules());
    fsm.start(held(60));
    range_action next;
    for (int i = 0; i < 10 && next.why != errc::body_changed; ++i) {
        next = fsm.on_head(part(1, 99, 100));
        if (next.what == kind::ask) {
            fsm.on_head(whole(100, "\"w\""));
            fsm.on_bytes(60);
            fsm.on_failure(lost());
            fsm.on_waited();
        }
    }
    CHECK(next.what == kind::fail);
    CHECK(next.why == errc::body_changed);
    CHECK(fsm.restarts() == 3);
}

TEST_CASE("a weak ETag is no ground to resume on")
{
    range_fsm fsm(rules());
    fsm.start({});
    fsm.on_head(whole(100, "W/\"v1\""));
    fsm.on_bytes(60);
    CHECK_FALSE(fsm.resumable());
    const auto wait = fsm.on_failure(lost());
    CHECK(wait.what == kind::wait);
    CHECK(wait.start_over);
    const auto ask = fsm.on_waited();
    CHECK(ask.offset == 0);
    CHECK(ask.if_range.empty());
}

TEST_CASE("range not satisfiable: the file is whole, or it is another one")
{
    const auto answer = [](std::uint64_t total, std::string etag) {
        range_fsm fsm(rules());
        fsm.start(held(60, std::nullopt));
        auto head = status(416);
        head.range = cokino::wire::content_range{0, 0, total, true};
        head.etag = std::move(etag);
        return fsm.on_head(head);
    };
    CHECK(answer(60, "").what == kind::verify);
    CHECK(answer(60, "\"v1\"").what == kind::verify);
    CHECK(answer(60, "\"v2\"").start_over);
    CHECK(answer(50, "").start_over);
    CHECK(answer(50, "").what == kind::ask);
    range_fsm bare(rules());
    bare.start(held(60));
    CHECK(bare.on_head(status(416)).start_over);
    range_fsm fresh(rules());
    fresh.start({});
    CHECK(fresh.on_head(status(416)).why == errc::request_rejected);
}

TEST_CASE("tries without progress are counted, and progress starts the count again")
{
    range_fsm fsm(rules());
    fsm.start({});
    CHECK(fsm.on_failure(lost()).step == 1);
    fsm.on_waited();
    CHECK(fsm.on_failure(lost()).step == 2);
    fsm.on_waited();
    fsm.on_head(whole(100));
    fsm.on_bytes(30);
    CHECK(fsm.on_failure(lost()).step == 1);
    for (unsigned step = 2; step <= 3; ++step) {
        fsm.on_waited();
        CHECK(fsm.on_failure(lost()).step == step);
    }
    fsm.on_waited();
    const auto end = fsm.on_failure(lost());
    CHECK(end.what == kind::fail);
    CHECK(end.why == errc::connection_lost);
    CHECK(end.why.facts().attempts == 6);
    CHECK(end.why.facts().stopped.find("4 tries") != std::string::npos);
    CHECK(fsm.resumable());
}

TEST_CASE("bytes that were fetched before are no progress")
{
    range_fsm fsm(rules());
    fsm.start({});
    fsm.on_head(whole(100, ""));
    fsm.on_bytes(50);
    CHECK(fsm.on_failure(lost()).step == 1);
    fsm.on_waited();
    fsm.on_head(whole(100, ""));
    fsm.on_bytes(50);
    CHECK(fsm.on_failure(lost()).step == 2);
}

TEST_CASE("a body that broke off is reported as truncated, and its bytes are kept")
{
    auto fsm = broken_at(60);
    range_action next;
    while (fsm.now() == state::waiting) {
        fsm.on_waited();
        fsm.on_head(part(60, 99, 100));
        next = fsm.on_failure(lost());
    }
    CHECK(next.why == errc::body_truncated);
    CHECK(fsm.resumable());
    CHECK(fsm.offset() == 60);
}

TEST_CASE("compressed bodies are refused, whole or in part")
{
    range_fsm fsm(rules());
    fsm.start({});
    auto head = whole(100);
    head.encoding = "gzip";
    const auto end = fsm.on_head(head);
    CHECK(end.why == errc::content_mismatch);
    CHECK(end.why.facts().host_text.find("gzip") != std::string::npos);

    auto resumed = broken_at(60);
    resumed.on_waited();
    auto piece = part(60, 99, 100);
    piece.encoding = "br";
    CHECK(resumed.on_head(piece).why == errc::content_mismatch);
}

TEST_CASE("a size that is not the one ordered, or too large, is refused before any byte")
{
    auto limited = rules();
    limited.bytes_max = 99;
    range_fsm large(limited);
    large.start({});
    CHECK(large.on_head(whole(100)).why == errc::response_too_large);

    auto sized = rules();
    sized.size = 99;
    range_fsm other(sized);
    other.start({});
    CHECK(other.on_head(whole(100)).why == errc::content_mismatch);
}

TEST_CASE("a body without a length is bounded and ends at its end")
{
    auto limited = rules();
    limited.bytes_max = 99;
    range_head head = whole(0);
    head.length.reset();

    range_fsm fsm(limited);
    fsm.start({});
    fsm.on_head(head);
    CHECK(fsm.on_bytes(99).what == kind::read);
    CHECK(fsm.on_end().what == kind::verify);
    CHECK(fsm.total() == 99);

    range_fsm large(limited);
    large.start({});
    large.on_head(head);
    CHECK(large.on_bytes(100).why == errc::response_too_large);

    range_fsm none(limited);
    none.start({});
    none.on_head(head);
    CHECK(none.on_end().why == errc::content_mismatch);

    auto sized = rules();
    sized.size = 50;
    range_fsm shorter(sized);
    shorter.start({});
    shorter.on_head(head);
    shorter.on_bytes(40);
    CHECK(shorter.on_end().what == kind::wait);
}

TEST_CASE("what an earlier process left is taken up, checked, or thrown away")
{
    range_fsm fsm(rules());
    const auto ask = fsm.start(held(60));
    CHECK(ask.offset == 60);
    CHECK(ask.if_range == "\"v1\"");
    CHECK(fsm.resumed_from() == 60);

    range_fsm whole_already(rules());
    CHECK(whole_already.start(held(100)).what == kind::verify);
    CHECK(whole_already.requests() == 0);

    range_fsm too_long(rules());
    CHECK(too_long.start(held(101)).start_over);

    auto unproved = held(60);
    unproved.validator.clear();
    range_fsm without(rules());
    const auto fresh = without.start(unproved);
    CHECK(fresh.start_over);
    CHECK(fresh.offset == 0);

    auto sized = rules();
    sized.size = 99;
    range_fsm other(sized);
    CHECK(other.start(held(60)).start_over);
}

TEST_CASE("a file put together from parts that turns out wrong is fetched once more in one piece")
{
    range_fsm fsm(rules());
    fsm.start(held(60));
    fsm.on_head(part(60, 99, 100));
    fsm.on_bytes(40);
    CHECK(fsm.on_end().what == kind::verify);
    const auto again = fsm.on_unfit(failure(errc::content_mismatch));
    CHECK(again.what == kind::ask);
    CHECK(again.start_over);
    CHECK(again.offset == 0);
    fsm.on_head(whole(100));
    fsm.on_bytes(100);
    fsm.on_end();
    const auto end = fsm.on_unfit(failure(errc::content_mismatch));
    CHECK(end.what == kind::fail);
    CHECK(end.why == errc::content_mismatch);
    CHECK_FALSE(fsm.resumable());
}

TEST_CASE("a host that sends the rest in parts is followed while the parts are worth it")
{
    range_fsm fsm(rules());
    fsm.start(held(20));
    CHECK(fsm.on_head(part(20, 59, 100)).what == kind::read);
    fsm.on_bytes(40);
    const auto more = fsm.on_end();
    CHECK(more.what == kind::ask);
    CHECK(more.offset == 60);
    fsm.on_head(part(60, 60, 100));
    fsm.on_bytes(1);
    CHECK(fsm.on_end().what == kind::wait);
    fsm.on_waited();
    fsm.on_head(part(61, 99, 100));
    fsm.on_bytes(39);
    CHECK(fsm.on_end().what == kind::verify);
}

TEST_CASE("events out of turn are errors of ours, not silent")
{
    range_fsm fsm(rules());
    CHECK(fsm.on_head(whole(1)).why == errc::internal_error);
    range_fsm other(rules());
    CHECK(other.on_bytes(1).why == errc::internal_error);
    CHECK(name_of(other.now()) == "failed");
    CHECK(name_of(kind::verify) == "verify");
}

} // namespace range_fsm_test
