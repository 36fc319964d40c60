// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Every documented call in the form in which people write it: in one line, inside the await
// expression. g++ 12 destroys some temporaries there twice, which only AddressSanitizer shows, so
// this file is run under it (tests/CMakeLists.txt). What compiles here must also be sound.
// cokino-allow-file AWAITBRACE: options are trivially destructible; that they are is tested here

#include <cokino/async/as_result.hpp>
#include <cokino/async/event.hpp>
#include <cokino/async/for_each_limit.hpp>
#include <cokino/async/gather.hpp>
#include <cokino/async/race.hpp>
#include <cokino/async/rethrow.hpp>
#include <cokino/async/semaphore.hpp>
#include <cokino/async/sleep.hpp>
#include <cokino/async/task_scope.hpp>
#include <cokino/async/with_timeout.hpp>
#include <cokino/client.hpp>
#include <cokino/provider/fal.hpp>
#include <cokino/testing/clips.hpp>
#include <cokino/testing/fake_provider.hpp>
#include <cokino/transfer/memory_sink.hpp>

#include "support/async_test.hpp"

#include <boost/asio/co_spawn.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace one_line_forms_test {

using namespace cokino;
using namespace cokino::testing;
using namespace cokino::testing::support;
using namespace std::chrono_literals;

/// A whole client on virtual time, and a folder for its files. Texts are long enough to be on the
/// heap, so that a second destruction is seen.
struct studio {
    studio()
        : net(std::make_shared<fake_transport>(t.ex())),
          kling(t.ex(), fal{api_key{"canary-key-that-is-rather-long", "FAL_KEY"}}, options())
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "cokino-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        folder = pattern;
    }
    ~studio()
    {
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    }
    client_options options() const
    {
        client_options o;
        o.transport = net;
        o.random_seed = 7;
        return o;
    }
    std::string path(const char* name) const { return (folder / name).string(); }
    /// Runs it to its end; a failure fails the test with its text.
    void runs(awaitable<void> op)
    {
        auto const end = t.outcome(std::move(op));
        if (!end)
            FAIL(end.error().describe());
    }

    virtual_test t;
    std::shared_ptr<fake_transport> net;
    client kling;
    std::filesystem::path folder;
};

// ---- the verbs ----------------------------------------------------------------------------------

awaitable<void> submits(client& kling)
{
    auto a = co_await kling.submit(text_to_video{"a slow dolly shot across a neon street"});
    auto b = co_await kling.submit(text_to_video("a slow dolly shot across a neon street"),
                                   {.total_max = 30s});
    auto c = co_await kling.submit(
        image_to_video{"https://example.com/a-long-name-of-a-picture.jpg", "camera pushes in"},
        submit_options{.total_max = 30s, .attempts_max = 2});
    auto d = co_await kling.submit(text_to_image{"a lighthouse at dusk, long exposure"}, {});
    CHECK(a.kind() == job_kind::video);
    CHECK_FALSE(a == b);
    CHECK(c.kind() == job_kind::video);
    CHECK(d.kind() == job_kind::images);
    auto e =
        co_await kling.submit(video_upscale{"https://example.com/a-long-name-of-a-clip.mp4", 2});
    auto f = co_await kling.submit(video_upscale(
        video_source::from_bytes(cokino::testing::clip_1080p(5, aspect_ratio::square_1_1)), 1.5));
    CHECK(e.kind() == job_kind::video);
    CHECK(f.kind() == job_kind::video);
}

TEST_CASE("submit takes a request and options made in place")
{
    studio s;
    s.runs(submits(s.kling));
    CHECK(s.net->counts().jobs == 6);
}

awaitable<void> waits(client& kling)
{
    auto job = co_await kling.submit(text_to_video{"a slow dolly shot across a neon street"});
    auto plain = co_await kling.wait_for(job);
    auto bounded = co_await kling.wait_for(job, {.ceiling = 5min});
    auto named = co_await kling.wait_for(job, wait_options{.cancel_at_ceiling = true});
    auto nested = co_await kling.wait_for(
        co_await kling.submit(text_to_video{"the same street, seen from a roof, in the rain"}));
    auto reread = co_await kling.wait_for(parse_job_as<video>(job.text()).value(), {.ceiling = 1h});
    auto seen = co_await kling.status(job);
    auto seen_again = co_await kling.status(parse_job(job.text()).value());
    auto gone = co_await kling.cancel(job);
    CHECK(plain.duration_s == 5);
    CHECK(bounded.file.from == job);
    CHECK(named.file.from == job);
    CHECK_FALSE(nested.file.from == job);
    CHECK(reread.file.from == job);
    CHECK(seen.state == job_state::succeeded);
    CHECK(seen_again.state == job_state::succeeded);
    CHECK(gone == cancel_outcome::too_late);
}

TEST_CASE("wait_for, status and cancel take jobs and options made in place")
{
    studio s;
    s.runs(waits(s.kling));
    CHECK(s.net->counts().jobs == 2);
}

awaitable<void> runs(client& kling)
{
    auto a = co_await kling.run(text_to_video{"a slow dolly shot across a neon street"});
    auto b = co_await kling.run(text_to_video{"a slow dolly shot across a neon street"},
                                {.submit = {.total_max = 30s},
                                 .wait = {.ceiling = 5min},
                                 .on_ceiling = resubmit::when_cancelled});
    auto c = co_await kling.run(text_to_image{"a lighthouse at dusk, long exposure"},
                                run_options{.resubmits_max = 2});
    auto d = co_await kling.run(image_to_video{c.files.front(), "camera slowly pushes in, no cut"});
    CHECK_FALSE(a.file.from == b.file.from);
    CHECK(d.duration_s == 5);
    auto e = co_await kling.run(video_upscale{d, 2});
    auto f = co_await kling.run(video_upscale{e.file, 1});
    auto g = co_await kling.run(
        video_upscale(co_await kling.run(text_to_video{"a slow dolly shot across a street"}), 2));
    CHECK(e.duration_s == 5);
    CHECK(f.duration_s == 0); // an asset alone does not say
    CHECK(g.lines == 2160);
}

TEST_CASE("run takes a request and options made in place")
{
    studio s;
    s.runs(runs(s.kling));
    CHECK(s.net->counts().jobs == 8);
}

awaitable<void> downloads(client& kling, std::string path)
{
    auto clip = co_await kling.run(text_to_video{"a slow dolly shot across a neon street"});
    auto still = co_await kling.run(text_to_image{"a lighthouse at dusk, long exposure"});
    auto first = co_await kling.download(clip, path);
    auto again = co_await kling.download(clip, path, {.overwrite = true});
    auto named = co_await kling.download(still.files.front(), path + ".png",
                                         download_options{.read_stall = 30s});
    auto bytes = co_await kling.download_to_memory(clip.file);
    auto few = co_await kling.download_to_memory(clip.file, {.bytes_max = 1'000'000});
    memory_sink sink;
    auto sunk = co_await kling.download(clip, sink, {.total = 1min});
    auto whole = co_await kling.download(
        co_await kling.wait_for(
            co_await kling.submit(text_to_video{"the same street, seen from a roof, in the rain"})),
        path + ".roof.mp4");
    CHECK(first.sha256 == again.sha256);
    CHECK(named.path == path + ".png");
    CHECK(bytes.size() == first.bytes);
    CHECK(few == bytes);
    CHECK(sunk.bytes == first.bytes);
    CHECK(sink.bytes() == bytes);
    CHECK(whole.duration == 5s);
}

TEST_CASE("download takes assets, paths and options made in place")
{
    studio s;
    s.runs(downloads(s.kling, s.path("a-file-with-a-rather-long-name.mp4")));
}

// ---- combinators over verbs ---------------------------------------------------------------------

awaitable<video> clip(client& kling, std::string prompt)
{
    auto made = co_await kling.run(text_to_video{prompt + ", cinematic, at night, in the rain"});
    co_return made;
}

awaitable<void> combines(client& kling)
{
    auto r = co_await as_result(kling.submit(text_to_video{"a slow dolly shot across a street"}));
    auto w = co_await as_result(kling.wait_for(*r, {.ceiling = 1s}));
    auto t =
        co_await with_timeout(kling.run(text_to_video{"a slow dolly shot in a street"}), 10min);
    auto d = co_await with_deadline(kling.wait_for(*r, {.ceiling = 1h}), (steady_time::max)());
    auto late = co_await as_result(
        with_timeout(kling.run(text_to_video{"a render that will be awaited too short"}), 1ms));
    auto raced = co_await race(clip(kling, "a tram climbs a steep street"), sleep_for(1h));
    auto all = co_await gather(kling.run(text_to_video{"a paper boat on a wide grey river"}),
                               as_result(kling.run(text_to_image{"a paper boat, ink on paper"})),
                               sleep_for(1s));
    CHECK(w.error() == errc::wait_timed_out);
    CHECK(w.error().facts().job == r->text());
    CHECK(t.duration_s == 5);
    CHECK(d.file.from == *r);
    CHECK(late.error() == condition::timed_out);
    CHECK(raced.index() == 0);
    CHECK(std::get<0>(all)->duration_s == 5);
    CHECK(std::get<1>(all)->files.size() == 1);
    CHECK(std::get<2>(all).has_value());
}

TEST_CASE("as_result, with_timeout, race and gather take operations made in place")
{
    studio s;
    s.runs(combines(s.kling));
}

awaitable<int> after_a_second(int n)
{
    co_await sleep_for(1s);
    co_return n;
}

awaitable<int> length(const std::string& text)
{
    return after_a_second(static_cast<int>(text.size()));
}

awaitable<void> many(client& kling)
{
    std::vector<std::string> prompts{"one boat on a river", "two boats on a river"};
    std::string style = ", watercolour on rough paper, wide margins";
    auto make = [&kling, style](const std::string& p) { return clip(kling, p + style); };
    auto named = co_await for_each_limit(prompts, 5, make);
    auto shared = co_await for_each_limit(prompts, 1, std::ref(make));
    auto by_reference = co_await for_each_limit(
        prompts, 5, [&](const std::string& p) { return clip(kling, p + style); });
    auto plain =
        co_await for_each_limit(prompts, 5, [](const std::string& p) { return length(p); });
    auto function = co_await for_each_limit(std::vector<std::string>(3, prompts[0]), 2, length);
    auto boxed = co_await for_each_limit(prompts, 5,
                                         std::function<awaitable<int>(const std::string&)>(length));
    CHECK(named[1]->duration_s == 5);
    CHECK(shared.size() == 2);
    CHECK(by_reference[0].has_value());
    CHECK(*plain[0] == 19);
    CHECK(function.size() == 3);
    CHECK(*boxed[1] == 20);
}

TEST_CASE("for_each_limit takes lists and makers that may be made in place")
{
    studio s;
    s.runs(many(s.kling));
    CHECK(s.net->counts().jobs == 6);
}

awaitable<void> vectors(client& kling)
{
    std::vector<awaitable<video>> ops;
    ops.push_back(kling.run(text_to_video{"a paper boat on a wide grey river"}));
    ops.push_back(clip(kling, "a tram climbs a steep street"));
    auto first = co_await race(std::move(ops));
    std::vector<awaitable<video>> more;
    more.push_back(kling.run(text_to_video{"a paper boat on a wide grey river"}));
    auto all = co_await gather(std::move(more));
    CHECK(first.value.duration_s == 5);
    CHECK(all[0]->duration_s == 5);
}

TEST_CASE("race and gather take a list by name")
{
    studio s;
    s.runs(vectors(s.kling));
}

// ---- the primitives alone -----------------------------------------------------------------------

awaitable<void> set_later(event& e)
{
    co_await sleep_for(5s);
    e.set();
}

awaitable<void> primitives()
{
    event e;
    semaphore seats(1);
    auto scoped = co_await with_task_scope([&](task_scope& scope) -> awaitable<int> {
        scope.spawn(set_later(e));
        return length("a text that is long enough to be on the heap");
    });
    co_await e.wait();
    co_await e.wait_until((steady_time::max)());
    {
        auto seat = co_await seats.acquire();
        auto none = co_await as_result(seats.acquire_until(steady_time{}));
        CHECK(none.error() == errc::deadline_passed);
    }
    auto seat = co_await seats.acquire();
    co_await sleep_until(steady_time{});
    auto const both = co_await gather(length(std::string(40, 'x')), length(std::string(50, 'y')));
    CHECK(scoped == 44);
    CHECK(seat.held());
    CHECK(*std::get<0>(both) + *std::get<1>(both) == 90);
}

TEST_CASE("the primitives take what is made in place")
{
    studio s;
    s.runs(primitives());
    CHECK(s.t.time.timers_armed() == 0);
}

TEST_CASE("any other completion token: co_spawn of a verb, with its request made in place")
{
    studio s;
    std::string text;
    asio::co_spawn(s.t.io, s.kling.submit(text_to_video{"a slow dolly shot across a neon street"}),
                   [&](std::exception_ptr e, job<video> j) {
                       CHECK(!e);
                       text = j.text();
                   });
    asio::co_spawn(s.t.io, submits(s.kling), rethrow);
    CHECK(s.t.time.run() == run_end::idle);
    CHECK(parse_job(text).has_value());
}

TEST_CASE("an operation may be made now and awaited later, when its arguments are long gone")
{
    studio s;
    auto op = s.kling.run(text_to_video{std::string(500, 'x')});
    auto const made = s.t.outcome(std::move(op));
    REQUIRE(made.has_value());
    CHECK(s.net->jobs().front().prompt == std::string(500, 'x'));
}

} // namespace one_line_forms_test
