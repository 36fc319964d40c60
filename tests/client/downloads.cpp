// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A client's own queue of downloads, beside those that start at once.
#include "support/hosts.hpp"
#include "support/whole_client.hpp"

#include <cokino/transfer/memory_sink.hpp>

#include <doctest/doctest.h>

namespace client_downloads_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;

struct bench : whole_client<> {
    explicit bench(std::size_t running_max)
        : whole_client(every_host[0].make("https://api.example.com"), running(running_max))
    {}

    static client_options running(std::size_t max)
    {
        client_options o;
        o.download_queue.running_max = max;
        return o;
    }
};

awaitable<video> a_clip(client& c)
{
    auto request = text_to_video("a paper boat drifts across a pond at dawn");
    auto made = co_await c.run(request);
    co_return made;
}

TEST_CASE("downloads() queues what it is given, by the client's options; download() starts at once")
{
    bench b(1);
    const auto clip = b.t.outcome(a_clip(b.client));
    REQUIRE(clip.has_value());
    memory_sink first;
    memory_sink second;
    memory_sink beside;
    auto& queue = b.client.downloads();
    CHECK(queue.options().running_max == 1);
    auto one = b.t.start(queue.download(*clip, first));
    auto two = b.t.start(queue.download(*clip, second));
    auto three = b.t.start(b.client.download(*clip, beside));
    for (int turns = 0; turns < 100 && queue.status().waiting == 0; ++turns) {
        b.t.io.restart();
        b.t.io.poll_one();
    }
    CHECK(queue.status().running == 1);
    CHECK(queue.status().waiting == 1);
    b.t.finish(one);
    b.t.finish(two);
    b.t.finish(three);
    const auto digest = one.get().sha256;
    CHECK(digest.size() == 64);
    CHECK(two.get().sha256 == digest);
    CHECK(three.get().sha256 == digest);
    CHECK(second.bytes() == beside.bytes());
    CHECK(queue.status().done == 2);
    CHECK(b.net->counts().keys_leaked == 0);
}

awaitable<void> a_clip_into(client& c, std::string path)
{
    co_await c.check_target(path);
    auto made = co_await a_clip(c);
    co_await c.download(made, path);
}

TEST_CASE("a client says that a clip could not be put down before it is paid for")
{
    bench b(1);
    const auto lost = b.t.outcome(a_clip_into(b.client, "/no/such/directory/neon.mp4"));
    REQUIRE(lost.has_error());
    CHECK(lost.error() == errc::file_failed);
    CHECK(lost.error().facts().message.find("/no/such/directory/neon.mp4") != std::string::npos);
    const auto taken = b.t.outcome(a_clip_into(b.client, "/dev/null"));
    REQUIRE(taken.has_error());
    CHECK(taken.error() == errc::file_exists);
    CHECK(taken.error().facts().message.find("/dev/null") != std::string::npos);
    CHECK(b.net->counts().submits == 0);
}

TEST_CASE("a queue's option that is out of its bounds is told when the client is made")
{
    try {
        bench b(0);
        FAIL("a client was made");
    } catch (const error& e) {
        CHECK(e.code() == errc::invalid_options);
        CHECK(e.facts().field == "running_max");
    }
}

} // namespace client_downloads_test
