// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The promise about the final name, against hosts and processes that do anything at all.

#include <cokino/core/random_source.hpp>
#include <cokino/transfer/downloader.hpp>

#include "downloads.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

namespace downloader_chaos_test {

using namespace media_host_test;

/// A host that does whatever its dice say, with two honest versions of the file.
class chaotic_host
{
public:
    explicit chaotic_host(std::uint64_t seed) : dice_(seed)
    {
        versions_[0] = some_clip(500'000);
        versions_[1].bytes = testing::clip(5, aspect_ratio::portrait_9_16, 400'000);
        versions_[1].etag = "\"v2\"";
        if (dice_.below(4) == 0) // no validators: two versions that only their bytes tell apart
            versions_[0].etag = versions_[1].etag = "";
    }

    const media& version(std::size_t n) const { return versions_[n]; }

    answer operator()(seen r)
    {
        if (dice_.below(24) == 0)
            present_ = 1 - present_;
        const media& file = versions_[present_];
        switch (dice_.below(32)) {
        case 0: return plain(403);
        case 1: return plain(500);
        case 2: return plain(200, "<html>gone</html>", "video/mp4");
        case 3: return redirect("/elsewhere.mp4");
        case 4: return plain(416);
        case 5: r.ranged = false; break;   // ignores ranges
        case 6: r.if_range.clear(); break; // ignores If-Range
        case 7: r.offset /= 2; break;      // sends more than was asked for
        case 8: r.offset = r.offset * 2 + 1; break;
        default: break;
        }
        auto a = serve(file, r);
        a.piece = 1 + dice_.below(100'000);
        if (dice_.below(3) != 0)
            a.breaks_after = dice_.below(a.body.size() + 1);
        else if (dice_.below(8) == 0)
            a.hangs_after = dice_.below(a.body.size() + 1);
        if (dice_.below(24) == 0) {
            a.with_length = false; // and its end is that of the connection, cut or not
            if (a.breaks_after)
                a.body.resize(*a.breaks_after);
            a.breaks_after.reset();
        }
        if (dice_.below(48) == 0)
            a.fields.emplace_back("Content-Length", "12345");
        a.each = std::chrono::milliseconds(dice_.below(600));
        return a;
    }

    random_source& dice() { return dice_; }

private:
    random_source dice_;
    media versions_[2];
    std::size_t present_ = 0;
};

TEST_CASE("whatever the host does, and whenever it is stopped: never a wrong file under the name")
{
    unsigned whole = 0;
    unsigned resumed = 0;
    unsigned continued = 0;
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        downloads d;
        auto chaos = std::make_shared<chaotic_host>(seed);
        d.host.answers = [chaos](const seen& r) { return (*chaos)(r); };
        for (int process = 0; process < 6; ++process) {
            d.links.links.push_back("https://cdn.host/a.mp4?Signature=" + std::to_string(process));
            downloader loads(d.t.ex(), d.host, &d.links, downloads::seeded());
            auto s = d.t.start(loads.download(ordered(), d.path()));
            if (chaos->dice().below(2) == 0)
                s.cancel_after(std::chrono::milliseconds(chaos->dice().below(3000)));
            d.t.finish(s);
            const auto r = s.outcome();
            const auto names = d.dir.names();
            if (r.has_error()) {
                REQUIRE((names.empty() || names == "neon.mp4.part neon.mp4.part.state"));
                continue;
            }
            REQUIRE(names == "neon.mp4");
            const auto bytes = read_file(d.path());
            REQUIRE((bytes == chaos->version(0).bytes || bytes == chaos->version(1).bytes));
            REQUIRE(r->sha256 == wire::hex_encode(wire::sha256_of(bytes)));
            ++whole;
            resumed += r->resumed_from != 0 ? 1U : 0U;
            continued += r->requests > 1 && r->restarts == 0 ? 1U : 0U;
            break;
        }
    }
    CHECK(whole > 35); // the dice are not so bad that nothing was put to the test
    CHECK(resumed > 5);
    CHECK(continued > 10);
}

} // namespace downloader_chaos_test
