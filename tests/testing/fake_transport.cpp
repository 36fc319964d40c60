// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The fake host in memory, on virtual time: the library's own dialects understand it, and each way
// in which it breaks is told as a transport must tell it.

#include <cokino/testing/fake_transport.hpp>

#include <cokino/async/sleep.hpp>
#include <cokino/provider/fal.hpp>
#include <cokino/provider/rest.hpp>
#include <cokino/testing/clips.hpp>

#include "support/async_test.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace fake_transport_test {

using namespace cokino;
using namespace cokino::testing;
using namespace cokino::testing::support;
using namespace std::chrono_literals;
using wire::method;

struct fixture {
    explicit fixture(fake_options o = fake_transport::default_options()) : net(t.ex(), std::move(o))
    {}

    virtual_test t;
    fake_transport net;
    fal host{api_key("k", "FAL_KEY")};

    wire::request submit()
    {
        text_to_video r("a boat");
        auto encoded = host.encode(r, submit_context());
        REQUIRE(encoded.has_value());
        return std::move(encoded->request);
    }
    wire::request get(const std::string& url, const std::string& extra_fields = {})
    {
        wire::head_builder head(method::get, wire::url::parse(url).value());
        wire::request r(head.build().value());
        r.extra_fields = extra_fields;
        return r;
    }
    /// The link of a job's clip, which is rendered by then.
    std::string link()
    {
        REQUIRE(t.outcome(net.exchange(submit())).has_value());
        t.time.run_for(1h);
        wire::head_builder head(
            method::get, wire::url::parse("https://queue.fal.run/fal-ai/kling-video/requests/" +
                                          net.jobs().back().id)
                             .value());
        head.field("Authorization", "Key k");
        const auto answer = t.outcome(net.exchange(wire::request(head.build().value())));
        REQUIRE(answer.has_value());
        const std::string body(answer->body());
        const auto at = body.find("https://files.");
        return body.substr(at, body.find('"', at) - at);
    }
};

struct read_body {
    read_body() = default;
    wire::response head;
    std::string bytes;
    std::size_t reads = 0;
    std::optional<failure> end;
};

awaitable<read_body> read_all(net::transport& net, wire::request r)
{
    read_body out;
    auto stream = co_await net.open(std::move(r));
    if (!stream) {
        out.end = stream.error();
        co_return out;
    }
    out.head = (*stream)->head();
    std::array<char, 4096> buffer{};
    for (;;) {
        auto got = co_await (*stream)->read_some(asio::buffer(buffer));
        if (!got) {
            out.end = got.error();
            co_return out;
        }
        if (*got == 0)
            co_return out;
        ++out.reads;
        out.bytes.append(buffer.data(), *got);
    }
}

awaitable<result<wire::response>> hearing_total(net::transport& net, wire::request r)
{
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    co_await asio::this_coro::throw_if_cancelled(false);
    auto answer = co_await net.exchange(std::move(r));
    co_return answer;
}

/// Begins the exchange when it has been cancelled already, and exceptions for that are off.
awaitable<result<wire::response>> begun_cancelled(net::transport& net, wire::request r)
{
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto slept = co_await async_sleep_for(5s, as_tuple_token);
    CHECK(std::get<0>(slept) == errc::cancelled);
    auto answer = co_await net.exchange(std::move(r));
    co_return answer;
}

/// Submit, look twice, result: through a dialect, as a client would.
template <class Request> job_status lived(fixture& f, const provider& p, const Request& request)
{
    auto encoded = p.encode(request, submit_context());
    REQUIRE(encoded.has_value());
    job_record job;
    job.route = encoded->route;
    const auto submitted = f.t.outcome(f.net.exchange(std::move(encoded->request)));
    REQUIRE(submitted.has_value());
    REQUIRE(p.decode_submit(*submitted, job).has_value());
    CHECK(job.id == f.net.jobs().back().id);

    const auto look = [&] {
        auto ask = p.encode_status(job);
        REQUIRE(ask.has_value());
        const auto answer = f.t.outcome(f.net.exchange(std::move(*ask)));
        REQUIRE(answer.has_value());
        auto status = p.decode_status(job, *answer);
        REQUIRE(status.has_value());
        return std::move(*status);
    };
    const job_status early = look();
    CHECK(!is_final(early.state));
    CHECK(early.state != job_state::unknown);
    f.t.time.run_for(1h);
    job_status late = look();
    CHECK(late.state == job_state::succeeded);
    if (late.result_pending) {
        auto ask = p.encode_result(job);
        REQUIRE(ask.has_value());
        const auto answer = f.t.outcome(f.net.exchange(std::move(*ask)));
        REQUIRE(answer.has_value());
        auto result = p.decode_result(job, *answer);
        REQUIRE(result.has_value());
        late = std::move(*result);
    }
    REQUIRE(late.output.has_value());
    return late;
}

TEST_CASE("the library's own dialects go from request to file with it")
{
    fixture f;
    text_to_video words("a boat");
    words.duration = 10s;
    words.aspect_ratio = aspect_ratio::square_1_1;
    rest_options options("https://api.example.com", api_key("k", "REST_KEY"));
    for (const bool with_fal : {true, false}) {
        const job_status done = with_fal ? lived(f, f.host, words) : lived(f, rest(options), words);
        REQUIRE(done.output->assets.size() == 1);
        const auto file = f.t.outcome(f.net.exchange(f.get(done.output->assets[0].url)));
        REQUIRE(file.has_value());
        CHECK(file->status == 200);
        CHECK(file->body() == clip_1080p(10, aspect_ratio::square_1_1));
    }
    text_to_image picture("a boat");
    picture.aspect_ratio = aspect_ratio::portrait_9_16;
    const job_status stills = lived(f, f.host, picture);
    REQUIRE(stills.output->assets.size() == 1);
    image_to_video motion(stills.output->assets[0].url, "it sails");
    const job_status moved = lived(f, f.host, motion);
    const auto file = f.t.outcome(f.net.exchange(f.get(moved.output->assets[0].url)));
    CHECK(file->body() == clip_1080p(5, aspect_ratio::portrait_9_16));
    CHECK(f.net.counts().unauthorised == 0);
    CHECK(f.net.counts().keys_leaked == 0);
}

TEST_CASE("answers take their time, and no more than the request allows")
{
    fixture f;
    f.net.latency(2s);
    f.net.faults().on_job(2).answer_delayed(3s);
    f.net.faults().on_job(3).answer_lost(breakage::stall);
    f.net.faults().on_job(4).answer_lost(breakage::stall);
    auto plain = f.t.start(f.net.exchange(f.submit()));
    f.t.finish(plain);
    CHECK(plain.took() == 2s);
    auto slow = f.t.start(f.net.exchange(f.submit()));
    f.t.finish(slow);
    CHECK(slow.took() == 5s);
    auto stalled = f.t.start(f.net.exchange(f.submit()));
    f.t.finish(stalled);
    CHECK(stalled.took() == limits::first_byte_max);
    const auto timed_out = stalled.outcome();
    CHECK(timed_out.error() == errc::phase_timed_out);
    CHECK(timed_out.error().sent() == fate::maybe_sent);
    auto hurried = f.submit();
    hurried.limits.total = 7s;
    auto dead = f.t.start(f.net.exchange(std::move(hurried)));
    f.t.finish(dead);
    CHECK(dead.took() == 7s);
    const auto too_late = dead.outcome();
    CHECK(too_late.error() == errc::deadline_passed);
    CHECK(f.net.counts().jobs == 4);
}

TEST_CASE("a lost or cut answer is a failure that may have been sent, of a job that exists")
{
    fixture f;
    f.net.faults().on_job(1).answer_lost(breakage::close);
    f.net.faults().on_job(2).answer_lost(breakage::reset);
    f.net.faults().on_job(3).answer_cut(20);
    const errc told[] = {errc::connection_lost, errc::connection_lost, errc::body_truncated};
    for (const errc e : told) {
        const auto answer = f.t.outcome(f.net.exchange(f.submit()));
        REQUIRE(answer.has_error());
        CHECK(answer.error() == e);
        CHECK(answer.error().sent() == fate::maybe_sent);
    }
    CHECK(f.net.counts().jobs == 3);
}

TEST_CASE("a request that is made to fail never reaches the host")
{
    fixture f;
    f.net.fail_next(failure(errc::connect_failed, fate::not_sent), 2);
    f.net.fail_next(failure(errc::certificate_rejected, fate::not_sent));
    for (const errc e : {errc::connect_failed, errc::connect_failed, errc::certificate_rejected}) {
        const auto answer = f.t.outcome(f.net.exchange(f.submit()));
        CHECK(answer.error() == e);
        CHECK(answer.error().sent() == fate::not_sent);
    }
    CHECK(f.net.counts().submits == 0);
    CHECK(f.t.outcome(f.net.exchange(f.submit())).has_value());
    f.net.fail_next(failure(errc::connect_failed, fate::not_sent));
    const auto opened = f.t.outcome(read_all(f.net, f.submit()));
    CHECK(opened->end == errc::connect_failed);
}

TEST_CASE("links into private networks are refused where the request says so")
{
    fixture f;
    for (const char* inside : {"http://127.0.0.1/x", "https://10.1.2.3/x", "http://localhost/x",
                               "http://[::1]/x", "http://169.254.169.254/latest"}) {
        CAPTURE(inside);
        auto r = f.get(inside);
        r.public_addresses_only = true;
        const auto answer = f.t.outcome(f.net.exchange(r));
        REQUIRE(answer.has_error());
        CHECK(answer.error() == errc::link_refused);
        CHECK(answer.error().sent() == fate::not_sent);
        r.public_addresses_only = false;
        CHECK(f.t.outcome(f.net.exchange(r)).has_value());
    }
    auto outside = f.get("https://8.8.8.8/files/b/0/x");
    outside.public_addresses_only = true;
    CHECK(f.t.outcome(f.net.exchange(outside)).has_value());
}

TEST_CASE("a body is read in pieces, at its pace")
{
    fixture f;
    f.net.faults().on_job(1).body_slow(1000, 1s);
    const std::string url = f.link();
    auto reading = f.t.start(read_all(f.net, f.get(url)));
    f.t.finish(reading);
    const auto took = reading.took();
    const auto body = reading.outcome();
    CHECK(body->bytes == clip_1080p(5, aspect_ratio::landscape_16_9));
    CHECK(body->reads == body->bytes.size() / 1000 + 1);
    CHECK(took == std::chrono::seconds(body->reads));
    CHECK(!body->end);
    const auto part = f.t.outcome(read_all(f.net, f.get(url, "Range: bytes=10-19\r\n")));
    CHECK(part->head.status == 206);
    CHECK(part->bytes == body->bytes.substr(10, 10));
    CHECK(part->head.field("content-length") == "10");
}

TEST_CASE("a broken body ends as its connection does")
{
    fixture f;
    f.net.faults()
        .on_job(1)
        .body_cut(1000)
        .body_cut(1000, 1, breakage::reset)
        .body_cut(1000, 1, breakage::stall)
        .length_wrong(+5)
        .length_wrong(-5)
        .media_lost();
    const std::string url = f.link();
    const std::string whole = clip_1080p(5, aspect_ratio::landscape_16_9);
    const auto fetch = [&] { return f.t.outcome(read_all(f.net, f.get(url))); };
    const auto closed = fetch();
    CHECK(closed->bytes == whole.substr(0, 1000));
    CHECK(closed->end == errc::body_truncated);
    const auto reset = fetch();
    CHECK(reset->bytes.size() == 1000);
    CHECK(reset->end == errc::connection_lost);
    auto stalled = f.t.start(read_all(f.net, f.get(url)));
    f.t.finish(stalled);
    CHECK(stalled.took() == limits::read_stall_max);
    const auto stall = stalled.outcome();
    CHECK(stall->bytes.size() == 1000);
    CHECK(stall->end == errc::phase_timed_out);
    const auto too_long = fetch();
    CHECK(too_long->bytes == whole);
    CHECK(too_long->end == errc::body_truncated);
    const auto too_short = fetch();
    CHECK(too_short->bytes == whole.substr(0, whole.size() - 5));
    CHECK(!too_short->end);
    const auto lost = fetch();
    CHECK(lost->end == errc::connection_lost);
    const auto good = fetch();
    CHECK(good->bytes == whole);
}

TEST_CASE("without a length nobody can tell a cut body from a whole one")
{
    fixture f;
    f.net.faults().on_job(1).length_missing().body_cut(1000).body_cut(1000, 1, breakage::reset);
    const std::string url = f.link();
    const auto cut = f.t.outcome(read_all(f.net, f.get(url)));
    CHECK(cut->bytes.size() == 1000);
    CHECK(!cut->end);
    CHECK(!cut->head.has_field("content-length"));
    const auto reset = f.t.outcome(read_all(f.net, f.get(url)));
    CHECK(reset->end == errc::connection_lost);
}

TEST_CASE("a body above the request's limit is refused, streamed or whole")
{
    fixture f;
    const std::string url = f.link();
    auto small = f.get(url);
    small.limits.body_bytes_max = 1000;
    const auto whole = f.t.outcome(f.net.exchange(small));
    CHECK(whole.error() == errc::response_too_large);
    const auto streamed = f.t.outcome(read_all(f.net, small));
    CHECK(streamed->end == errc::response_too_large);
}

TEST_CASE("cancelling ends an exchange, save by total once the request has left")
{
    fixture f;
    f.net.latency(10s);
    for (const auto type : {cancellation_type::terminal, cancellation_type::partial}) {
        const auto cancelled = f.t.cancelled_after(1s, hearing_total(f.net, f.submit()), type);
        REQUIRE(cancelled.has_error());
        CHECK(cancelled.error() == errc::cancelled);
        CHECK(cancelled.error().sent() == fate::maybe_sent);
    }
    const auto total =
        f.t.cancelled_after(1s, hearing_total(f.net, f.submit()), cancellation_type::total);
    CHECK(total.has_value());
    CHECK(f.net.counts().jobs == 3);
    const auto opening = f.t.cancelled_after(1s, read_all(f.net, f.submit()));
    CHECK(opening->end == errc::cancelled);
}

TEST_CASE("cancelled before it starts, a request never reaches the host")
{
    fixture f;
    const auto cancelled = f.t.cancelled_before_start(f.net.exchange(f.submit()));
    CHECK(cancelled.error() == errc::cancelled);
    const auto unthrown = f.t.cancelled_after(1s, begun_cancelled(f.net, f.submit()));
    REQUIRE(unthrown.has_error());
    CHECK(unthrown.error() == errc::cancelled);
    CHECK(unthrown.error().sent() == fate::not_sent);
    CHECK(f.net.counts().submits == 0);
}

TEST_CASE("cancelling ends a read")
{
    fixture f;
    f.net.faults().on_job(1).body_slow(1000, 20s);
    const std::string url = f.link();
    auto reading = f.t.start(read_all(f.net, f.get(url)));
    reading.cancel_after(30s);
    f.t.finish(reading);
    CHECK(reading.took() == 30s);
    const auto body = reading.outcome();
    CHECK(body->end == errc::cancelled);
    CHECK(body->bytes.size() == 2000);
}

} // namespace fake_transport_test
