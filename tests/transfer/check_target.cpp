// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What can be known of a download's place on the disk before the clip is paid for.

#include <cokino/transfer/downloader.hpp>

#include "downloads.hpp"

#include <doctest/doctest.h>

#include <string>

#include <sys/stat.h>
#include <unistd.h>

namespace check_target_test {

using namespace media_host_test;

result<void> looked(downloads& d, std::string path, download_options options = {})
{
    const auto r = d.t.outcome(d.loads.check_target(std::move(path), options));
    CHECK(d.host.log.empty()); // nobody is asked
    return r;
}

failure refused(downloads& d, std::string path, download_options options = {})
{
    const auto r = looked(d, std::move(path), options);
    REQUIRE(r.has_error());
    CHECK(r.error().facts().operation == "check_target");
    return r.error();
}

TEST_CASE("a place that is good passes, and is left as it was")
{
    downloads d;
    CHECK(looked(d, d.path()).has_value());
    CHECK(d.dir.names().empty());

    write_file(d.path(), "old");
    download_options options;
    options.overwrite = true;
    CHECK(looked(d, d.path(), options).has_value());
    CHECK(d.dir.names() == "neon.mp4");
    CHECK(read_file(d.path()) == "old");
}

TEST_CASE("a file that has the name is told, and stays")
{
    downloads d;
    write_file(d.path(), "old");
    const auto why = refused(d, d.path());
    CHECK(why == errc::file_exists);
    CHECK(why == condition::local_fault);
    CHECK(says(why, "will not replace " + d.path()));
    CHECK(says(why, "set overwrite"));
    CHECK(read_file(d.path()) == "old");
    CHECK(d.dir.names() == "neon.mp4");

    REQUIRE(::mkdir((d.dir / "folder").c_str(), 0700) == 0);
    download_options options;
    options.overwrite = true;
    CHECK(says(refused(d, d.dir / "folder", options), d.dir / "folder"));
}

TEST_CASE("a directory that is not there or may not be written to is told")
{
    downloads d;
    const auto why = refused(d, d.dir / "no/neon.mp4");
    CHECK(why == errc::file_failed);
    CHECK(says(why, d.dir / "no/neon.mp4"));

    REQUIRE(::chmod(d.dir.path().c_str(), 0555) == 0);
    const bool root = ::geteuid() == 0; // who may write everywhere, so somebody else tries
    if (root)
        REQUIRE(::seteuid(65534) == 0);
    const auto r = looked(d, d.path());
    if (root)
        REQUIRE(::seteuid(0) == 0);
    REQUIRE(::chmod(d.dir.path().c_str(), 0755) == 0);
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::file_failed);
    CHECK(says(r.error(), "may not write into the directory of " + d.path()));
}

TEST_CASE("a path that no file can have is told")
{
    downloads d;
    CHECK(refused(d, "") == errc::invalid_argument);
    CHECK(refused(d, d.dir.path() + "/") == errc::invalid_argument);
    CHECK(refused(d, std::string("a\0b", 3)) == errc::invalid_argument);
    CHECK(refused(d, d.dir / std::string(300, 'x')) == errc::file_failed);
    // The name would fit, and those of the part and its state would not.
    CHECK(refused(d, d.dir / std::string(251, 'x')) == errc::file_failed);
    CHECK(refused(d, d.dir / std::string(244, 'x')) == errc::file_failed);
    CHECK(looked(d, d.dir / std::string(243, 'x')).has_value());
}

TEST_CASE("what stands at the part's name is looked at, and stays")
{
    downloads d;
    write_file(d.path() + ".part", "of a browser");
    auto why = refused(d, d.path());
    CHECK(why == errc::file_failed);
    CHECK(says(why, d.path() + ".part"));
    CHECK(read_file(d.path() + ".part") == "of a browser");

    REQUIRE(::symlink("nowhere", (d.dir / "b.mp4.part").c_str()) == 0);
    CHECK(says(refused(d, d.dir / "b.mp4"), "symbolic link"));
    CHECK(d.dir.names() == "b.mp4.part neon.mp4.part");
}

TEST_CASE("what an earlier download left, and one that is writing, are no obstacle and go on")
{
    const auto file = some_clip(700'000);
    downloads d(file);
    d.host.answers = [file](const seen& r) {
        auto a = serve(file, r);
        a.each = 1s;
        return a;
    };
    auto writing = d.t.start(d.loads.download(ordered(), d.path()));
    writing.cancel_after(20s);
    auto look = d.t.start(d.loads.check_target(d.path()));
    d.t.finish(look);
    CHECK(look.outcome().has_value());
    d.t.finish(writing);
    CHECK(writing.outcome().error() == errc::cancelled);
    const auto left = d.dir.names();
    CHECK(left == "neon.mp4.part neon.mp4.part.state");
    d.host.log.clear();
    CHECK(looked(d, d.path()).has_value());
    CHECK(d.dir.names() == left);
    const auto r = d.run();
    REQUIRE(r.has_value());
    CHECK(r->resumed_from > 0);
}

TEST_CASE("options that a download would refuse are refused before the clip, too")
{
    downloads d;
    download_options options;
    options.tries_max = 0;
    const auto why = refused(d, d.path(), options);
    CHECK(why == errc::invalid_options);
    CHECK(why.facts().field == "tries_max");
}

TEST_CASE("cancelled before it starts, it looks at nothing")
{
    downloads d;
    const auto r = d.t.cancelled_before_start(d.loads.check_target(d.dir / "no/neon.mp4"));
    REQUIRE(r.has_error());
    CHECK(r.error() == errc::cancelled);
}

} // namespace check_target_test
