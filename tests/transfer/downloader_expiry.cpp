// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Downloads of links that die: renewed in time, and what report and errors say of it.
#include "downloads.hpp"

#include <cokino/core/iso_date.hpp>

namespace downloader_expiry_test {

using namespace media_host_test;

std::string canned(std::chrono::system_clock::time_point at, std::string_view name = "a")
{
    return "https://cdn.host/" + std::string(name) + ".mp4?Expires=" +
           cokino::detail::to_text(
               std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count()) +
           "&Signature=canary&Key-Pair-Id=k";
}

std::string http_date(std::chrono::system_clock::time_point at)
{
    // The asctime form is the shortest to write; any of the three will do.
    const auto text = iso_date_text(std::chrono::floor<std::chrono::seconds>(at));
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const auto month = cokino::detail::parse_integer<std::size_t>(text.substr(5, 2)).value_or(1);
    return "Sun, " + text.substr(8, 2) + " " + std::string(months.substr(month * 3 - 3, 3)) + " " +
           text.substr(0, 4) + " " + text.substr(11, 8) + " GMT";
}

TEST_CASE("a report says when the link dies, and by which rule")
{
    downloads d;
    const auto now = d.t.time.system_now();
    const auto dies = std::chrono::floor<std::chrono::seconds>(now + 2h);
    auto clip = ordered(canned(now + 2h));
    auto r = d.t.outcome(d.loads.download(clip, d.dir / "1.mp4"));
    REQUIRE(r.has_value());
    CHECK(r->link_rule == "cloudfront-canned");
    CHECK(r->link_dies_at == dies);

    clip.file.expires_at = now + 1h;
    clip.file.expires_by = expiry_source::lifetime;
    r = d.t.outcome(d.loads.download(clip, d.dir / "2.mp4"));
    REQUIRE(r.has_value());
    CHECK(r->link_rule == "host-lifetime");

    d.host.answers = [file = some_clip()](const seen& request) {
        answer a = serve(file, request);
        a.fields.emplace_back("X-Delete-At", "1100000000");
        return a;
    };
    r = d.t.outcome(d.loads.download(clip, d.dir / "3.mp4"));
    REQUIRE(r.has_value());
    CHECK(r->link_rule == "x-delete-at");

    d.host.answers = [file = some_clip()](const seen& request) { return serve(file, request); };
    r = d.t.outcome(d.loads.download(asset("https://cdn.host/a.mp4"), d.dir / "4.mp4"));
    REQUIRE(r.has_value());
    CHECK(r->link_rule.empty());
    CHECK_FALSE(r->link_dies_at.has_value());
    r = d.t.outcome(d.loads.download(ordered(), d.dir / "5.mp4"));
    REQUIRE(r.has_value());
    CHECK(r->link_rule == "assumed");
    CHECK(d.links.asked == 0);
}

TEST_CASE("a link that may die on the way is renewed before the first request")
{
    struct row {
        duration left; // of the link's life
        unsigned renewals;
    };
    // A minute in any case, and 20 s more for a file whose size nobody told.
    for (const row& row :
         {row{-1h, 1}, row{0s, 1}, row{30s, 1}, row{79s, 1}, row{90s, 0}, row{2min, 0}}) {
        CAPTURE(row.left.count());
        downloads d;
        const auto now = d.t.time.system_now();
        d.links.links = {canned(now + 3h, "fresh")};
        const auto r = d.t.outcome(d.loads.download(ordered(canned(now + row.left)), d.path()));
        REQUIRE(r.has_value());
        CHECK(r->renewals == row.renewals);
        CHECK(d.host.log.size() == 1);
        CHECK(d.host.log[0].url.find(row.renewals == 0 ? "/a.mp4" : "/fresh.mp4") !=
              std::string::npos);
        CHECK(*r->link_dies_at > now + (row.renewals == 0 ? duration(0) : duration(2h)));
    }
}

TEST_CASE("the skew of the host's clock counts in the margin of the next download")
{
    downloads d;
    const auto file = some_clip();
    d.host.answers = [&](const seen& request) {
        answer a = serve(file, request);
        a.fields.emplace_back("Date", http_date(d.t.time.system_now() + 9min));
        return a;
    };
    for (const char* name : {"1.mp4", "2.mp4", "3.mp4"})
        REQUIRE(d.t.outcome(d.loads.download(ordered(), d.dir / name)).has_value());
    CHECK(d.loads.clock().value() > 8min);
    CHECK(d.loads.clock().value() <= 9min);
    const auto now = d.t.time.system_now();
    d.links.links = {canned(now + 3h, "fresh")};
    const auto r = d.t.outcome(d.loads.download(ordered(canned(now + 5min)), d.path()));
    REQUIRE(r.has_value());
    CHECK(r->renewals == 1);
}

TEST_CASE("a link whose renewal ahead of time fails is tried, and renewed again when it is dead")
{
    struct moody final : link_source {
        virtual_test* t = nullptr;
        unsigned asked = 0;
        awaitable<result<asset>> renew(asset dead) override
        {
            co_await sleep_for(1ms);
            if (++asked == 1)
                co_return failure(errc::host_fault);
            dead.url = canned(t->time.system_now() + 3h, "fresh");
            co_return dead;
        }
    };
    for (bool alive : {true, false}) {
        CAPTURE(alive);
        downloads d;
        moody links;
        links.t = &d.t;
        downloader loads(d.t.ex(), d.host, &links, downloads::seeded());
        d.host.answers = [alive, file = some_clip()](const seen& request) {
            const bool old = request.url.find("/a.mp4") != std::string::npos;
            return old && !alive ? plain(403) : serve(file, request);
        };
        const auto clip = ordered(canned(d.t.time.system_now() + 10s));
        const auto r = d.t.outcome(loads.download(clip, d.path()));
        REQUIRE(r.has_value());
        CHECK(links.asked == (alive ? 1 : 2));
        CHECK(r->renewals == (alive ? 0 : 1));
    }
}

TEST_CASE("the error of a dead link says what is known of its death, once")
{
    downloads d;
    const auto now = d.t.time.system_now();
    d.host.answers = [](const seen&) {
        return plain(403,
                     "<Error><Code>AccessDenied</Code><Message>Request has expired</Message>"
                     "</Error>",
                     "application/xml");
    };
    auto clip = ordered(canned(now - 1h));
    clip.file.from = job_handle();
    auto r = d.t.outcome(d.loads.download(clip, d.path()));
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::link_expired);
    CHECK(r.error().facts().message ==
          "the link is dead, and there is no job to ask for another; by cloudfront-canned it died "
          "at " +
              iso_date_text(std::chrono::floor<std::chrono::seconds>(now - 1h)) +
              ", and the host says so");
    CHECK_FALSE(says(r.error(), "canary"));
}

} // namespace downloader_expiry_test
