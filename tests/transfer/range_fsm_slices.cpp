// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The range machine when a file is to come in slices: when it may, and what it falls back to.

#include <cokino/transfer/detail/range_fsm.hpp>

#include "range_fsm_events.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace range_fsm_slices_test {

using namespace range_fsm_test;

range_rules sliced(bool can_renew = false)
{
    auto made = rules(can_renew);
    made.slice_bytes = 20;
    return made;
}

range_head first_part(std::string etag = "\"v1\"")
{
    auto head = part(0, 19, 100, etag);
    if (!etag.empty() && etag.front() == '"')
        head.validator = std::move(etag);
    head.media_type = "video/mp4";
    return head;
}

/// A machine that reads slices and has `bytes` of a file of 100.
range_fsm reading(std::uint64_t bytes, bool can_renew = false)
{
    range_fsm fsm(sliced(can_renew));
    fsm.start({});
    CHECK(fsm.on_head(first_part()).what == kind::read);
    fsm.on_bytes(bytes);
    return fsm;
}

TEST_CASE("the first request asks for one slice, and its answer opens the way for the others")
{
    range_fsm fsm(sliced());
    const auto ask = fsm.start({});
    CHECK(ask.what == kind::ask);
    CHECK(ask.offset == 0);
    CHECK(ask.last == 19);
    CHECK(ask.if_range.empty());
    const auto read = fsm.on_head(first_part());
    CHECK(read.what == kind::read);
    CHECK(read.last == 19);
    CHECK(fsm.total() == 100);
    CHECK(fsm.validator() == "\"v1\"");
    CHECK(fsm.end_is_known());
    CHECK(fsm.version().etag == "\"v1\"");
    CHECK(fsm.version().media_type == "video/mp4");
    fsm.on_bytes(100);
    CHECK(fsm.resumable());
    CHECK(fsm.on_end().what == kind::verify);
    CHECK(fsm.restarts() == 0);
}

TEST_CASE("a part of an earlier process is gone on from in slices, the last of them shorter")
{
    range_fsm fsm(sliced());
    auto ask = fsm.start(held(50));
    CHECK(ask.offset == 50);
    CHECK(ask.last == 69);
    CHECK(ask.if_range == "\"v1\"");
    CHECK(fsm.on_head(part(50, 69, 100)).last == 69);
    fsm.on_bytes(35);
    CHECK(fsm.on_failure(lost()).what == kind::wait);
    ask = fsm.on_waited();
    CHECK(ask.offset == 85);
    CHECK(ask.last == 99);
    const auto read = fsm.on_head(part(85, 99, 100));
    CHECK_FALSE(read.last.has_value()); // nothing lies behind it
    fsm.on_bytes(15);
    CHECK(fsm.on_end().what == kind::verify);
}

TEST_CASE("a host that sends all of it, or more or less than a slice, is read as one stream")
{
    range_fsm all(sliced());
    all.start({});
    const auto read = all.on_head(whole(100));
    CHECK(read.what == kind::read);
    CHECK_FALSE(read.last.has_value());
    all.on_bytes(100);
    CHECK(all.on_end().what == kind::verify);

    for (const std::uint64_t last : {9U, 99U}) {
        range_fsm other(sliced());
        other.start({});
        auto head = first_part();
        head.range->last = last;
        CHECK_FALSE(other.on_head(head).last.has_value());
    }
}

TEST_CASE("what slices need and the host does not give makes it ask for all, once")
{
    std::vector<range_head> lacking(6, first_part());
    lacking[0].validator.clear(); // a weak one
    lacking[1].range->total.reset();
    lacking[2].range.reset();
    lacking[3].range->first = 1;
    lacking[4].media_type = "multipart/byteranges";
    lacking[5] = status(416);
    for (const auto& head : lacking) {
        range_fsm fsm(sliced());
        fsm.start({});
        const auto again = fsm.on_head(head);
        CHECK(again.what == kind::ask);
        CHECK(again.offset == 0);
        CHECK_FALSE(again.last.has_value());
        CHECK(fsm.requests() == 2);
        CHECK(fsm.on_head(head).what != kind::ask);
    }
    range_fsm packed(sliced());
    packed.start({});
    auto head = first_part();
    head.encoding = "gzip";
    CHECK(packed.on_head(head).why == errc::content_mismatch);
    range_fsm huge(sliced());
    huge.start({});
    head = first_part();
    head.range->total = cokino::limits::media_bytes_max + 1;
    CHECK(huge.on_head(head).why == errc::response_too_large);
}

TEST_CASE("slices that were given up are followed by one stream, from what was held in order")
{
    auto fsm = reading(30);
    CHECK(fsm.on_slices_failed(failure(errc::body_changed)).what == kind::wait);
    auto ask = fsm.on_waited();
    CHECK(ask.offset == 30);
    CHECK_FALSE(ask.last.has_value());
    CHECK(ask.if_range == "\"v1\"");
    const auto read = fsm.on_head(whole(90, "\"v2\""));
    CHECK(read.what == kind::read);
    CHECK(read.start_over);
    CHECK(fsm.restarts() == 1);
    CHECK(fsm.etag() == "\"v2\"");

    CHECK(reading(30).on_slices_failed(failure(errc::host_fault)).what == kind::wait);
    CHECK(reading(30).on_slices_failed(failure(errc::link_expired)).what == kind::fail);
    CHECK(reading(30).on_slices_failed(failure(errc::cancelled)).what == kind::fail);
}

TEST_CASE("a file in slices that is not what was ordered gets one more chance in one piece")
{
    auto fsm = reading(100);
    CHECK(fsm.on_end().what == kind::verify);
    const auto ask = fsm.on_unfit(failure(errc::content_mismatch));
    CHECK(ask.what == kind::ask);
    CHECK(ask.start_over);
    CHECK_FALSE(ask.last.has_value());
    fsm.on_head(whole(100));
    fsm.on_bytes(100);
    CHECK(fsm.on_end().what == kind::verify);
    CHECK(fsm.on_unfit(failure(errc::content_mismatch)).what == kind::fail);
}

TEST_CASE("a dead slice is worth a renewal as a dead link is, and the reading goes on")
{
    auto fsm = reading(30, true);
    CHECK(fsm.on_dead_slice(status(403)).what == kind::renew);
    CHECK(fsm.now() == state::reading);
    CHECK(fsm.renewals() == 1);
    CHECK(fsm.on_dead_slice(status(403)).why == errc::link_expired); // at once again
    auto later = reading(30, true);
    CHECK(later.on_dead_slice(status(403)).what == kind::renew);
    later.on_bytes(20);
    CHECK(later.on_dead_slice(status(410)).what == kind::renew);
    CHECK(later.renewals() == 2);
    CHECK(reading(30).on_dead_slice(status(403)).why == errc::link_expired);
    // What came in order before it died is taken all the same.
    auto dying = reading(30);
    CHECK(dying.on_dead_slice(status(403)).what == kind::fail);
    CHECK(dying.on_bytes(10).what == kind::read);
    CHECK(dying.on_slices_failed(failure(errc::link_expired)).what == kind::fail);
    CHECK(dying.resumable());
    const auto none = later.not_renewed(failure(errc::not_found).explain("the job is gone"));
    CHECK(none == errc::link_expired);
    CHECK(none.facts().http_status == 410);
    CHECK(none.facts().message.find("the job is gone") != std::string::npos);
    CHECK(later.not_renewed(failure(errc::cancelled)) == errc::cancelled);
}

TEST_CASE("a part under the type of a page, or with another digest, is none of the file")
{
    for (const bool page : {true, false}) {
        range_fsm fsm(rules());
        fsm.start({});
        auto head = whole(100);
        head.media_type = "video/mp4";
        head.digest.emplace();
        head.digest->bytes = "1234";
        fsm.on_head(head);
        fsm.on_bytes(60);
        fsm.on_failure(lost());
        fsm.on_waited();
        auto rest = part(60, 99, 100);
        if (page)
            rest.media_type = "application/json";
        else
            rest.digest.emplace(*head.digest).bytes = "1235";
        const auto next = fsm.on_head(rest);
        CHECK(next.what == kind::ask);
        CHECK(next.start_over);
        CHECK_FALSE(fsm.digest().has_value());
    }
    // A host that calls everything a page is believed: its first bytes were looked at.
    range_fsm fsm(rules());
    fsm.start({});
    auto head = whole(100);
    head.media_type = "text/html";
    fsm.on_head(head);
    fsm.on_bytes(60);
    fsm.on_failure(lost());
    fsm.on_waited();
    auto rest = part(60, 99, 100);
    rest.media_type = "text/html";
    CHECK(fsm.on_head(rest).what == kind::read);
}

} // namespace range_fsm_slices_test
