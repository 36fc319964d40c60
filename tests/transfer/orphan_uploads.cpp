// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Uploads in parts whose beginning was not confirmed: ours go, and nobody else's.

#include <cokino/transfer/detail/orphan_uploads.hpp>

#include "bucket_streams.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace orphan_uploads_test {

using namespace bucket_streams_test;
using cokino::detail::find_orphans;
using cokino::detail::orphan_search;
using cokino::detail::s3_open_upload;
using cokino::detail::s3_upload_list;

using names = std::vector<std::string>;

const std::chrono::sys_seconds noon = std::chrono::sys_days(std::chrono::days(20'000)) + 12h;

s3_open_upload upload(std::string id, std::chrono::seconds after, std::string by = "us",
                      std::string key = "k")
{
    s3_open_upload out;
    out.key = std::move(key);
    out.id = std::move(id);
    out.begun = noon + after;
    out.initiator = std::move(by);
    return out;
}

/// One request for "k" was lost, from noon to ten seconds past; then "own" came about.
struct searched {
    searched()
    {
        search.key = "k";
        search.own = "own";
        search.lost.push_back({noon, noon + 10s});
        list.uploads.push_back(upload("own", 15s));
    }
    names found(s3_open_upload more)
    {
        auto all = list;
        all.uploads.push_back(std::move(more));
        return find_orphans(all, search);
    }

    orphan_search search;
    s3_upload_list list;
};

TEST_CASE("an upload is an orphan of ours by key, time and initiator")
{
    searched s;
    CHECK(s.found(upload("a", 0s)) == names{"a"});
    CHECK(s.found(upload("a", 10s)) == names{"a"});
    CHECK(s.found(upload("a", -2s)) == names{"a"}); // times are told in whole seconds
    CHECK(s.found(upload("a", 12s)) == names{"a"});
    CHECK(s.found(upload("a", -3s)).empty());
    CHECK(s.found(upload("a", 13s)).empty());
    CHECK(s.found(upload("a", 5s, "somebody")).empty());
    CHECK(s.found(upload("a", 5s, "")).empty());
    CHECK(s.found(upload("a", 5s, "us", "k2")).empty());
    CHECK(s.found(upload("", 5s)).empty());
    auto timeless = upload("a", 5s);
    timeless.begun.reset();
    CHECK(s.found(timeless).empty());
    s.search.known.emplace_back("a");
    CHECK(s.found(upload("a", 5s)).empty());
    CHECK(s.found(upload("b", 5s)) == names{"b"});
}

TEST_CASE("the service's clock counts, not ours")
{
    searched s;
    s.search.clock_ahead = 600s;
    CHECK(s.found(upload("a", 605s)) == names{"a"});
    CHECK(s.found(upload("a", 5s)).empty());
    s.search.clock_ahead = -600s;
    CHECK(s.found(upload("a", -595s)) == names{"a"});
}

TEST_CASE("where a list shows too little, nobody is suspected")
{
    searched s;
    s.list.uploads.push_back(upload("a", 5s));
    CHECK(find_orphans(s.list, s.search) == names{"a"});

    auto doubled = s.list; // more of them than requests were lost
    doubled.uploads.push_back(upload("b", 6s));
    CHECK(find_orphans(doubled, s.search).empty());
    s.search.lost.push_back({noon + 5s, noon + 6s});
    CHECK(find_orphans(doubled, s.search) == names{"a", "b"});

    auto page = s.list; // the rest of the key's uploads may stand on the next page
    page.more = true;
    CHECK(find_orphans(page, s.search).empty());
    page.uploads.push_back(upload("c", 5s, "us", "k2"));
    CHECK(find_orphans(page, s.search) == names{"a"});

    s.list.uploads.erase(s.list.uploads.begin()); // a list that lags: our own is not in it yet
    CHECK(find_orphans(s.list, s.search).empty());
    s.search.own.clear(); // none came about, so there is none to compare with
    CHECK(find_orphans(s.list, s.search) == names{"a"});
}

TEST_CASE("an upload begun by a lost request is removed, once it is known to have no parts")
{
    streams s;
    s.fail("POST neon.mp4?uploads", lost(true), 2);
    const auto r = s.run();
    REQUIRE(r.has_value());
    CHECK(s.service.uploads.size() == 2); // the object does not wait for that
    auto settled = s.t.start(s.clips.settle());
    s.t.finish(settled);
    CHECK(settled.took() <= 10s);
    s.check_whole();
}

TEST_CASE("so is one whose lost request was answered with a failure, or with nonsense")
{
    for (const unsigned status : {500U, 504U, 408U}) {
        CAPTURE(status);
        streams s;
        s.fail("POST neon.mp4?uploads", says(s3_error(status, "InternalError"), true));
        REQUIRE(s.run().has_value());
        s.check_whole();
    }
    streams busy; // what is too much was not done, so that nothing is looked for
    busy.fail("POST neon.mp4?uploads", says(s3_error(503, "SlowDown")));
    REQUIRE(busy.run().has_value());
    busy.check_whole();
    CHECK(busy.service.texts().find("GET") == std::string::npos);
}

TEST_CASE("an upload that was cancelled or gave up before it had a name leaves nothing")
{
    streams s;
    s.service.acts_first = true;
    s.service.faults = [](const s3_seen& r) {
        s3_fault f;
        f.takes = r.has("uploads") && r.method == "POST" ? 20s : 0s;
        return f;
    };
    CHECK(s.t.cancelled_after(15s, s.download()).has_error());
    CHECK(s.service.uploads.size() == 1);
    s.check_nothing();

    streams poor;
    poor.fail("POST neon.mp4?uploads", lost(true), 99);
    REQUIRE(poor.run().has_error());
    CHECK(poor.service.uploads.size() == buckets::settings().tries_max);
    poor.check_nothing();
}

/// Another upload of the same key, begun while our request was under way.
struct two_writers : streams {
    fake_bucket::open_upload& begin_other(std::string by = "us")
    {
        auto& other = service.uploads["other"];
        other.key = "neon.mp4";
        other.begun = time_of(t.ex()).system_now();
        other.initiator = std::move(by);
        return other;
    }
    /// Our request is lost, and was done or not, and the other's was done.
    void run_beside(bool done, const std::string& by = "us", duration part_after = 24h)
    {
        service.faults = [=, this, begun = time_of(t.ex()).now(), n = 0](const s3_seen& r) mutable {
            if (r.text() == "POST neon.mp4?uploads" && n++ == 0) {
                begun = time_of(t.ex()).now();
                begin_other(by);
                return lost(done);
            }
            if (n != 0 && time_of(t.ex()).now() - begun >= part_after)
                service.uploads["other"].parts[1] = "bytes";
            return s3_fault();
        };
        REQUIRE(run().has_value());
        CHECK(outcome(clips.settle()).has_value());
    }
};

TEST_CASE("another writer's upload of the same key is left alone")
{
    SUBCASE("by another initiator")
    {
        two_writers s;
        s.run_beside(true, "them");
        CHECK(s.service.uploads.size() == 1);
        CHECK(s.service.uploads.count("other") == 1);
    }
    SUBCASE("where there are two, and only one can be ours")
    {
        two_writers s;
        s.run_beside(true);
        CHECK(s.service.uploads.size() == 2);
    }
    SUBCASE("that gets its first part within the pause")
    {
        two_writers s;
        s.run_beside(false, "us", 5s);
        CHECK(s.service.uploads.size() == 1);
        CHECK(s.service.uploads.at("other").parts.size() == 1);
    }
    SUBCASE("of the same bucket object, whose name came late")
    {
        streams s;
        bucket_sink twin(s.clips, "neon.mp4");
        s.service.faults = [&, n = 0](const s3_seen& r) mutable {
            s3_fault f;
            if (r.text() == "POST neon.mp4?uploads" && n++ == 0)
                f = lost(false); // and the twin's comes about in its place
            if (r.has("partNumber"))
                f.takes = 60s;
            return f;
        };
        auto first = s.t.start(s.download());
        auto second = s.t.start(s.loads.download(s.clip, twin));
        s.t.finish(first);
        s.t.finish(second);
        CHECK(first.outcome().has_value());
        CHECK(second.outcome().has_value());
        s.check_whole();
    }
}

TEST_CASE("looking for orphans ends within its bound, and with the bucket")
{
    streams s;
    s.service.faults = [n = 0](const s3_seen& r) mutable {
        s3_fault f;
        if (r.text() == "POST neon.mp4?uploads" && n++ == 0)
            return lost(true);
        if (r.method == "GET")
            f.takes = 24h;
        return f;
    };
    REQUIRE(s.run().has_value());
    auto settled = s.t.start(s.clips.settle());
    s.t.finish(settled);
    CHECK(settled.took() <= 30s);
    CHECK(s.service.uploads.size() == 1);
}

} // namespace orphan_uploads_test
