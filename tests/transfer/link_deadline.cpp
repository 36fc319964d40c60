// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// By when a file must be fetched, and who says so.
#include <cokino/transfer/link_deadline.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <memory>
#include <string>

namespace link_deadline_test {

using namespace cokino;
using namespace std::chrono_literals;
using clock = std::chrono::system_clock;
using std::chrono::milliseconds;

constexpr clock::time_point at(std::int64_t seconds)
{
    return clock::time_point(std::chrono::seconds(seconds));
}

constexpr auto now = at(1'795'780'800); // 2026-11-27T12:00:00Z
const std::string signed_link =         // dies an hour from now
    "https://cdn.host/a.mp4?Expires=1795784400&Signature=s&Key-Pair-Id=k";
const std::string type_a = "-r-0-f49092f13b96252ec677ba34dda9dda5";

deadline_terms terms(milliseconds skew = 0ms, milliseconds transfer = 0ms)
{
    deadline_terms t;
    t.now = now;
    t.skew = skew;
    t.transfer = transfer;
    return t;
}

asset of_job(std::string link)
{
    auto record = std::make_shared<job_record>();
    record->route = std::make_shared<job_route>();
    record->id = "job-1";
    asset file(std::move(link));
    file.from = job_handle(std::move(record));
    return file;
}

TEST_CASE("the margin is a minute, the skew and the transfer")
{
    const asset file(signed_link);
    const auto bare = deadline_of(file, terms());
    REQUIRE(bare.has_value());
    CHECK(bare->dies_at == now + 1h);
    CHECK(bare->start_by == now + 1h - 60s);
    CHECK(bare->rule == "cloudfront-canned");
    CHECK(bare->bound == wire::expiry_bound::exact);
    CHECK(deadline_of(file, terms(30s))->start_by == now + 1h - 90s);
    CHECK(deadline_of(file, terms(-30s))->start_by == now + 1h - 90s);
    CHECK(deadline_of(file, terms(-30s, 40s))->start_by == now + 1h - 130s);
    CHECK(deadline_of(file, terms(0s, -5s))->start_by == now + 1h - 60s);
    CHECK(deadline_of(file, terms(100h, 100h))->start_by == now + 1h - 60s - 15min - 10min);
    CHECK(deadline_of(file, terms(milliseconds::min(), milliseconds::max()))->start_by ==
          now + 1h - 60s - 15min - 10min);
    CHECK(bare->is_due(bare->start_by));
    CHECK_FALSE(bare->is_due(bare->start_by - 1ms));
}

TEST_CASE("the earliest of link, asset and answer wins, and its rule is told")
{
    asset file(signed_link);
    file.expires_at = now + 30min;
    CHECK(deadline_of(file, terms())->dies_at == now + 30min);
    CHECK(deadline_of(file, terms())->rule == "answer");
    file.expires_by = expiry_source::lifetime;
    CHECK(deadline_of(file, terms())->rule == "host-lifetime");
    file.expires_by = expiry_source::link;
    CHECK(deadline_of(file, terms())->rule == "link");
    file.expires_at = now + 2h;
    CHECK(deadline_of(file, terms())->rule == "cloudfront-canned");

    wire::link_expiry said;
    said.at = std::chrono::floor<std::chrono::seconds>(now) + 10min;
    said.rule = "x-delete-at";
    CHECK(deadline_of(file, terms(), said)->rule == "x-delete-at");
    CHECK(deadline_of(file, terms(), said)->dies_at == now + 10min);
    said.at += 2h;
    CHECK(deadline_of(file, terms(), said)->rule == "cloudfront-canned");
    CHECK(deadline_of(asset("https://h/a"), terms(), said)->rule == "x-delete-at");
}

TEST_CASE("a lower bound speaks only where nothing better is known and while it lies ahead")
{
    asset file(signed_link);
    file.expires_at = now + 1min;
    file.expires_by = expiry_source::lifetime_since_submit;
    CHECK(deadline_of(file, terms())->rule == "cloudfront-canned");

    file.url = "https://h/a";
    const auto weak = deadline_of(file, terms());
    CHECK(weak->rule == "host-lifetime-since-submit");
    CHECK(weak->bound == wire::expiry_bound::lower);
    CHECK_FALSE(weak->is_due(now + 24h)); // asking costs no more than renewing

    // Of two lower bounds the earlier: it is the more careful one.
    file.url = "https://h/a?auth_key=1795784400" + type_a;
    CHECK(deadline_of(file, terms())->rule == "host-lifetime-since-submit");
    file.expires_at = now + 2h;
    CHECK(deadline_of(file, terms())->rule == "cdn-type-a");

    const asset signed_now("https://h/a?auth_key=1795780800" + type_a);
    CHECK_FALSE(deadline_of(signed_now, terms()).has_value());
}

TEST_CASE("a job's file of which nobody says anything is thought to live for an hour")
{
    CHECK_FALSE(deadline_of(asset("https://h/a"), terms()).has_value());
    CHECK_FALSE(deadline_of(asset(), terms()).has_value());
    const auto got = deadline_of(of_job("https://h/a"), terms());
    REQUIRE(got.has_value());
    CHECK(got->rule == "assumed");
    CHECK(got->dies_at == now + 1h);
    CHECK_FALSE(got->is_due(now + 24h));
    CHECK(deadline_of(of_job("https://h/a?auth_key=1795780800" + type_a), terms())->rule ==
          "assumed");
    CHECK(deadline_of(of_job("no link"), terms())->rule == "assumed");
}

TEST_CASE("an instant at the edge of time is no trap")
{
    asset file("https://h/a");
    file.expires_at = clock::time_point::min();
    CHECK(deadline_of(file, terms())->is_due(now));
    file.expires_at = clock::time_point::max();
    CHECK_FALSE(deadline_of(file, terms())->is_due(now));
}

TEST_CASE("the time of a transfer follows from bytes and rate, and has a bound")
{
    CHECK(expected_transfer(10'000'000, 1'000'000) == 10s);
    CHECK(expected_transfer(0, 1'000'000) == 0s);
    CHECK(expected_transfer(std::nullopt) == 20s);
    CHECK(expected_transfer(std::nullopt, 10 * 1024 * 1024) == 2s);
    CHECK(expected_transfer(1024 * 1024) == 1s);
    CHECK(expected_transfer(std::numeric_limits<std::uint64_t>::max(), 1e-300) == 10min);
    CHECK(expected_transfer(1'000'000, -1) == expected_transfer(1'000'000));
    CHECK(expected_transfer(1'000'000, std::numeric_limits<double>::quiet_NaN()) ==
          expected_transfer(1'000'000));
    CHECK(expected_transfer(1'000'000, std::numeric_limits<double>::infinity()) == 0s);
}

} // namespace link_deadline_test
