// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What a download learns of its link's end on the way.
#include <cokino/transfer/detail/link_life.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace link_life_test {

using namespace cokino;
using namespace std::chrono_literals;
using detail::link_life;

constexpr std::chrono::system_clock::time_point now{std::chrono::seconds(1'795'780'800)};
constexpr std::string_view refusal =
    "<Error><Code>AccessDenied</Code><Message>Request has expired</Message>"
    "<Expires>2026-11-27T13:00:00Z</Expires><ServerTime>2026-11-27T12:10:00Z</ServerTime></Error>";

asset dies_in_an_hour()
{
    return asset("https://cdn.host/a.mp4?Expires=1795784400&Signature=s&Key-Pair-Id=k");
}

wire::response head(unsigned status, std::vector<std::pair<std::string, std::string>> fields = {})
{
    wire::response r;
    r.start({});
    r.status = status;
    for (const auto& [name, value] : fields)
        r.add_field(name, value);
    return r;
}

TEST_CASE("what is held already need not come any more")
{
    policy::clock_skew clock;
    link_life life(clock);
    asset file = dies_in_an_hour();
    file.size = 100 * 1024 * 1024;
    life.begin(file, 0, now);
    CHECK(life.deadline()->start_by == now + 1h - 60s - 100s);
    life.begin(file, 90 * 1024 * 1024, now);
    CHECK(life.deadline()->start_by == now + 1h - 60s - 10s);
    life.begin(file, std::uint64_t{1} << 40, now);
    CHECK(life.deadline()->start_by == now + 1h - 60s);
}

TEST_CASE("the host's clock widens the margin once two answers agree")
{
    policy::clock_skew clock;
    link_life life(clock);
    life.begin(dies_in_an_hour(), 0, now);
    const auto before = life.deadline()->start_by;
    life.on_head(head(200, {{"Date", "Fri, 27 Nov 2026 12:10:00 GMT"}}), now, now);
    CHECK(life.deadline()->start_by == before);
    life.on_head(head(200, {{"Date", "Fri, 27 Nov 2026 12:10:00 GMT"}}), now, now);
    CHECK(life.deadline()->start_by == before - 10min);
    CHECK(life.is_due(now + 49min));
    link_life other(clock); // another download knows it at once
    other.begin(dies_in_an_hour(), 0, now);
    CHECK(other.deadline()->start_by == before - 10min);
}

TEST_CASE("a cache's Date is as old as it says")
{
    policy::clock_skew clock;
    link_life life(clock);
    life.begin(dies_in_an_hour(), 0, now);
    for (const char* age : {"600", "600", "600"})
        life.on_head(head(200, {{"Date", "Fri, 27 Nov 2026 11:50:00 GMT"}, {"Age", age}}), now,
                     now);
    CHECK(clock.value() == 0ms);
    CHECK(clock.samples() == 3);
    for (const char* age : {"-5", "99999999999999999999", "soon"})
        life.on_head(head(200, {{"Date", "Fri, 27 Nov 2026 12:00:00 GMT"}, {"Age", age}}), now,
                     now);
    CHECK(clock.value() == 0ms);
    life.on_head(head(200, {{"Date", "Fri"}}), now, now);
    CHECK(clock.samples() == 6);
}

TEST_CASE("one answer is one witness: its Date, or else the time in its text")
{
    policy::clock_skew clock;
    link_life life(clock);
    life.begin(dies_in_an_hour(), 0, now);
    life.on_head(head(403, {{"Date", "Fri, 27 Nov 2026 12:10:00 GMT"}}), now, now);
    life.on_refusal(403, refusal);
    CHECK(clock.samples() == 1);
    CHECK(clock.value() == 0ms);
    life.on_head(head(403), now, now);
    life.on_refusal(403, refusal);
    CHECK(clock.samples() == 2);
    CHECK(clock.value() == 10min);
}

TEST_CASE("the head of a file may say that it goes earlier than its link")
{
    policy::clock_skew clock;
    link_life life(clock);
    life.begin(dies_in_an_hour(), 0, now);
    life.on_head(head(206, {{"X-Delete-At", "1795781400"}}), now, now);
    CHECK(life.deadline()->rule == "x-delete-at");
    CHECK(life.deadline()->dies_at == now + 10min);
    life.on_head(head(302, {{"X-Delete-At", "1795780900"}}), now, now); // of another thing
    CHECK(life.deadline()->dies_at == now + 10min);
    life.begin(dies_in_an_hour(), 0, now); // a fresh link, perhaps to another place
    CHECK(life.deadline()->rule == "cloudfront-canned");
}

TEST_CASE("an assumed end does not move with the clock")
{
    policy::clock_skew clock;
    link_life life(clock);
    auto record = std::make_shared<job_record>();
    record->route = std::make_shared<job_route>();
    record->id = "j";
    asset file("https://h/a.mp4");
    file.from = job_handle(std::move(record));
    life.begin(file, 0, now);
    CHECK(life.deadline()->rule == "assumed");
    life.on_head(head(200), now + 5min, now + 5min);
    CHECK(life.deadline()->dies_at == now + 1h);
    life.begin(file, 0, now + 10min);
    CHECK(life.deadline()->dies_at == now + 70min);
    CHECK(life.obituary(now + 2h).empty());
}

TEST_CASE("the words on a dead link weigh the host's against what is known")
{
    policy::clock_skew clock;
    link_life life(clock);
    CHECK(life.obituary(now).empty());
    life.begin(dies_in_an_hour(), 0, now);
    CHECK(life.obituary(now + 2h) == "; by cloudfront-canned it died at 2026-11-27T13:00:00Z");
    CHECK(life.obituary(now) == "; by cloudfront-canned it lives until 2026-11-27T13:00:00Z");
    life.on_head(head(403), now, now);
    life.on_refusal(403, refusal);
    CHECK(life.obituary(now + 2h) ==
          "; by cloudfront-canned it died at 2026-11-27T13:00:00Z, and the host says so");
    CHECK(life.obituary(now) == "; by cloudfront-canned it lives until 2026-11-27T13:00:00Z, but "
                                "the host says that it has expired");
    life.on_head(head(404), now, now);
    life.on_refusal(404, "<Error><Code>NoSuchKey</Code></Error>");
    CHECK(life.obituary(now) == "; by cloudfront-canned it lives until 2026-11-27T13:00:00Z; the "
                                "host says that the file is not there");
    life.begin(asset("https://h/a.mp4"), 0, now);
    CHECK(life.obituary(now).empty());
    life.on_head(head(403), now, now);
    life.on_refusal(403, refusal);
    CHECK(life.obituary(now) == "; the host says that it has expired, at 2026-11-27T13:00:00Z");
    life.on_refusal(403, "<Error><Code>RequestTimeTooSkewed</Code></Error>");
    CHECK(life.obituary(now) == "; the host says that its clock differs from the signer's");
}

} // namespace link_life_test
