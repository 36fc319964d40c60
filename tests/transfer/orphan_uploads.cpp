// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Uploads in parts whose beginning was not confirmed: those that are certainly ours go, and nobody
// else's.

#include <cokino/transfer/detail/orphan_uploads.hpp>

#include <cokino/async/sleep.hpp>

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
        search.lost.emplace_back(noon, noon + 10s);
        list.uploads.push_back(upload("own", 15s));
    }
    /// Beside "own": what is ours, and "?" if there is something in doubt.
    names found(s3_open_upload more)
    {
        auto all = list;
        all.uploads.push_back(std::move(more));
        return told(all);
    }
    names told(const s3_upload_list& all) const
    {
        auto out = find_orphans(all, search);
        if (out.doubtful)
            out.ours.emplace_back("?");
        return out.ours;
    }

    orphan_search search;
    s3_upload_list list;
};

const names doubt{"?"};

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
    CHECK(s.found(upload("a", 5s, "")) == doubt);
    CHECK(s.found(upload("a", 5s, "us", "k2")).empty());
    CHECK(s.found(upload("", 5s)) == doubt);
    auto timeless = upload("a", 5s);
    timeless.begun.reset();
    CHECK(s.found(timeless) == doubt);
    s.search.known.emplace_back("a");
    CHECK(s.found(upload("a", 5s)).empty());
    CHECK(s.found(upload("b", 5s)) == names{"b"});
}

TEST_CASE("who we are is told by our next upload, else by an earlier one, else by nobody")
{
    searched s;
    CHECK(find_orphans(s.list, s.search).initiator == "us");
    s.search.initiator = "us, with an older key";
    CHECK(s.found(upload("a", 5s)) == names{"a"});
    CHECK(s.found(upload("a", 5s, "us, with an older key")).empty());

    s.list.uploads[0].initiator.clear(); // a service that does not say
    s.search.initiator.clear();
    CHECK(s.found(upload("a", 5s, "")) == doubt);
    CHECK(s.found(upload("a", 5s)) == doubt);

    s.search.own.clear(); // none came about
    s.list.uploads.clear();
    CHECK(s.found(upload("a", 5s)) == doubt);
    CHECK(s.found(upload("a", 5s, "")) == doubt);
    CHECK(s.found(upload("a", 13s)).empty());
    s.search.initiator = "us";
    CHECK(s.found(upload("a", 5s)) == names{"a"});
    CHECK(s.found(upload("a", 5s, "them")).empty());
    CHECK(find_orphans(s.list, s.search).initiator.empty());
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
    CHECK(s.told(s.list) == names{"a"});

    auto doubled = s.list; // more of them than requests were lost
    doubled.uploads.push_back(upload("b", 6s));
    CHECK(s.told(doubled) == doubt);
    s.search.lost.emplace_back(noon + 5s, noon + 6s);
    CHECK(s.told(doubled) == names{"a", "b"});

    auto page = s.list; // the rest of the key's uploads may stand on the next page
    page.more = true;
    CHECK(s.told(page) == doubt);
    page.uploads.push_back(upload("c", 5s, "us", "k2"));
    CHECK(s.told(page) == names{"a"});

    s.list.uploads.erase(s.list.uploads.begin()); // a list that lags: our own is not in it yet
    s.search.initiator = "us";
    CHECK(s.told(s.list) == doubt);
}

struct warnings {
    void on_warning(const warning_event& e)
    {
        CHECK(e.operation == "download");
        CHECK(e.what->facts().operation == "download");
        texts.push_back(e.what->describe());
    }
    std::vector<std::string> texts;
};

/// A download into a bucket that nobody else writes to, by its options.
struct sole : warnings, streams {
    explicit sole(bool alone = true) : streams(long_clip(), options(alone), observer(heard())) {}

    static bucket_options options(bool alone)
    {
        auto o = settings();
        o.sole_writer = alone;
        return o;
    }
    warnings& heard() { return *this; }

    /// Tidies, and checks what is left at the service and whether that was told.
    void check_left(std::size_t uploads, bool told)
    {
        CHECK(outcome(clips.settle()).has_value());
        CHECK(service.uploads.size() == uploads);
        REQUIRE(texts.size() == (told ? 1 : 0));
        if (!told)
            return;
        CHECK(texts[0].find("neon.mp4") != std::string::npos);
        CHECK(texts[0].find("abort_stale_uploads") != std::string::npos);
    }

    /// The same key is begun by somebody else, who puts no part into it for now.
    fake_bucket::open_upload& begin_other(std::string by)
    {
        auto& other = service.uploads["other"];
        other.key = "neon.mp4";
        other.begun = time_of(t.ex()).system_now();
        other.initiator = std::move(by);
        return other;
    }
};

TEST_CASE("an upload begun by a lost request is removed, once it is known to have no parts")
{
    sole s;
    s.fail("POST neon.mp4?uploads", lost(true), 2);
    const auto r = s.run();
    REQUIRE(r.has_value());
    CHECK(s.service.uploads.size() == 2); // the object does not wait for that
    auto settled = s.t.start(s.clips.settle());
    s.t.finish(settled);
    CHECK(settled.took() <= 10s);
    s.check_whole();
    s.check_left(0, false);
}

TEST_CASE("so is one whose lost request was answered with a failure, or with nonsense")
{
    for (const unsigned status : {500U, 504U, 408U}) {
        CAPTURE(status);
        sole s;
        s.fail("POST neon.mp4?uploads", says(s3_error(status, "InternalError"), true));
        REQUIRE(s.run().has_value());
        s.check_whole();
        s.check_left(0, false);
    }
    sole busy; // what is too much was not done, so that nothing is looked for
    busy.fail("POST neon.mp4?uploads", says(s3_error(503, "SlowDown")));
    REQUIRE(busy.run().has_value());
    busy.check_whole();
    CHECK(busy.service.texts().find("GET") == std::string::npos);

    sole odd; // begun, and its name is not in the answer
    odd.fail("POST neon.mp4?uploads", says(wire::make_response(200, "<a/>", ""), true));
    CHECK(odd.run().error() == errc::answer_malformed);
    odd.check_left(1, true);
}

TEST_CASE("unless the user says that nobody else writes, all is left, and told once")
{
    sole s(false);
    s.fail("POST neon.mp4?uploads", lost(true), 2);
    REQUIRE(s.run().has_value());
    s.check_left(2, true);
    CHECK(s.service.texts().find("GET") == std::string::npos); // nor is anything looked for
    CHECK(s.service.texts().find("DELETE") == std::string::npos);
    REQUIRE(s.outcome(sleep_for(1h)).has_value());
    CHECK(s.outcome(s.clips.abort_stale_uploads(30min)).value() == 2);
    CHECK(s.service.uploads.empty());
}

/// All requests to begin an upload are lost, or the download is cancelled while it waits for the
/// answer to the first; meanwhile another writer has begun one, too.
void end_without_name(sole& s, bool cancelled, const std::string& other)
{
    s.service.acts_first = true;
    s.service.faults = [&s, cancelled, other, n = 0](const s3_seen& r) mutable {
        s3_fault f;
        if (!r.has("uploads") || r.method != "POST")
            return f;
        if (n++ == 0 && !other.empty())
            s.begin_other(other);
        if (!cancelled)
            return lost(true);
        f.takes = 20s;
        return f;
    };
    if (cancelled)
        CHECK(s.t.cancelled_after(15s, s.download()).has_error());
    else
        CHECK(s.run().has_error());
}

TEST_CASE("cancelled or given up before it has a name, an upload is removed if we know who we are")
{
    for (const bool cancelled : {false, true})
        for (const std::string other : {"", "them"}) {
            CAPTURE(cancelled);
            CAPTURE(other);
            sole s;
            s.fail("POST neon.mp4?uploads", lost(true)); // by an earlier upload
            REQUIRE(s.run().has_value());
            s.check_left(0, false);
            s.service.objects.clear();
            end_without_name(s, cancelled, other);
            s.check_left(other.empty() ? 0 : 1, false);
            CHECK(s.service.uploads.count("other") == (other.empty() ? 0 : 1));
        }
}

TEST_CASE("and we know it by a list of our own parts, too")
{
    sole s;
    s.service.faults = [n = 0](const s3_seen& r) mutable {
        return r.method == "POST" && r.has("uploadId") && n++ < 2 ? lost(false) : s3_fault();
    };
    REQUIRE(s.run().has_value());
    REQUIRE(s.service.texts().find("GET neon.mp4?") != std::string::npos);
    s.service.objects.clear();
    end_without_name(s, false, "them");
    s.check_left(1, false);
    CHECK(s.service.uploads.count("other") == 1);
}

TEST_CASE("cancelled or given up before it has a name, an upload is left where we do not know")
{
    for (const bool alone : {true, false})
        for (const bool cancelled : {false, true})
            for (const std::string other : {"", "us", "them"}) {
                CAPTURE(alone);
                CAPTURE(cancelled);
                CAPTURE(other);
                sole s(alone);
                end_without_name(s, cancelled, other);
                const std::size_t ours = cancelled ? 1 : buckets::settings().tries_max;
                s.check_left(ours + (other.empty() ? 0 : 1), true);
                CHECK(s.service.objects.empty());
                CHECK(s.service.texts().find("DELETE") == std::string::npos);
            }
}

/// Our request is lost, and was done or not, and another's was done at the same time; who puts the
/// first part into it only after a while.
void run_beside(sole& s, bool done, const std::string& by, duration part_after = 24h)
{
    s.service.faults = [&s, done, by, part_after, begun = time_of(s.t.ex()).now(),
                        n = 0](const s3_seen& r) mutable {
        if (r.text() == "POST neon.mp4?uploads" && n++ == 0) {
            begun = time_of(s.t.ex()).now();
            s.begin_other(by);
            return lost(done);
        }
        if (n != 0 && time_of(s.t.ex()).now() - begun >= part_after)
            s.service.uploads["other"].parts[1] = "bytes";
        return s3_fault();
    };
    REQUIRE(s.run().has_value());
    CHECK(s.outcome(s.clips.settle()).has_value());
    CHECK(s.service.uploads.count("other") == 1);
}

TEST_CASE("another writer's upload of the same key is left alone")
{
    SUBCASE("by another initiator")
    {
        sole s;
        run_beside(s, true, "them");
        s.check_left(1, false);
    }
    SUBCASE("by our own, where the user does not say that there is none")
    {
        for (const bool done : {true, false}) {
            sole s(false);
            run_beside(s, done, "us");
            s.check_left(done ? 2 : 1, true);
        }
    }
    SUBCASE("where nobody is told who began it")
    {
        sole s;
        run_beside(s, false, "");
        s.check_left(1, true);
    }
    SUBCASE("where there are two, and only one can be ours")
    {
        sole s;
        run_beside(s, true, "us");
        s.check_left(2, true);
    }
    SUBCASE("that gets its first part within the pause")
    {
        sole s;
        run_beside(s, false, "us", 5s);
        s.check_left(1, false);
        CHECK(s.service.uploads.at("other").parts.size() == 1);
    }
}

TEST_CASE("nor is that of another upload by the same bucket object taken for an orphan")
{
    for (const bool late : {false, true}) { // its name comes before or after the pause
        CAPTURE(late);
        sole s;
        bucket_sink twin(s.clips, "neon.mp4");
        s.service.faults = [&s, late, n = 0](const s3_seen& r) mutable {
            s3_fault f;
            s.service.acts_first = false;
            if (r.text() == "POST neon.mp4?uploads") {
                if (n == 0)
                    f = lost(false); // and the twin's comes about in its place
                if (n == 1 && late) {
                    s.service.acts_first = true;
                    f.takes = 25s;
                }
                ++n;
            }
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
        s.check_left(0, late);
    }
}

TEST_CASE("looking for orphans ends within its bound, and says that it did not find out")
{
    sole s;
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
    s.check_left(1, true);
}

TEST_CASE("a removal that the service refuses is told")
{
    sole s;
    s.service.faults = [n = 0](const s3_seen& r) mutable {
        if (r.text() == "POST neon.mp4?uploads" && n++ == 0)
            return lost(true);
        return r.method == "DELETE" ? says(s3_error(403, "AccessDenied")) : s3_fault();
    };
    REQUIRE(s.run().has_value());
    s.check_left(1, true);
}

TEST_CASE("once the bucket is gone, nobody is told anything")
{
    warnings heard;
    virtual_test t;
    fake_bucket service(t.ex());
    service.faults = [n = 0](const s3_seen& r) mutable {
        return r.has("uploads") && r.method == "POST" && n++ == 0 ? lost(true) : s3_fault();
    };
    {
        auto o = buckets::settings();
        o.sole_writer = true;
        bucket clips(t.ex(), service, o, bucket_keys::of("AKCANARY", "SKCANARY"), heard);
        bucket_sink into(clips, "neon.mp4");
        media_host host(long_clip());
        downloader loads(t.ex(), host);
        asset file;
        file.url = "https://cdn.host/a.mp4";
        file.content_type = "video/mp4";
        REQUIRE(t.outcome(loads.download(file, into)).has_value());
    }
    REQUIRE(t.outcome(sleep_for(1min)).has_value());
    CHECK(service.uploads.size() == 1);
    CHECK(heard.texts.empty());
}

} // namespace orphan_uploads_test
