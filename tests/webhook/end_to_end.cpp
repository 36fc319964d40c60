// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// From a job's end at the fake host to the waiter's wake-up, over loopback: fal's signatures with
// the keys that the host publishes, hooks that come late, twice, forged or before their submit.
#include <cokino/async/event.hpp>
#include <cokino/async/sleep.hpp>
#include <cokino/net/http_transport.hpp>
#include <cokino/provider/fal.hpp>
#include <cokino/testing/hook_postman.hpp>
#include <webhook/loopback.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace end_to_end_test {

using namespace cokino;
using namespace cokino::testing;
using namespace cokino::testing::support;
using namespace std::chrono_literals;

fake_server_options quick(std::chrono::milliseconds render)
{
    fake_server_options o;
    o.host.queue_time = 0ms;
    o.host.render_time = render;
    return o;
}

webhook::jwks_options keys_at(const fake_server& s)
{
    webhook::jwks_options o;
    o.url = s.plain_url() + "/.well-known/jwks.json";
    return o;
}

struct waiting final : completion_waiter {
    explicit waiting(time_source& t) : time(t) {}
    void on_hint(const completion_hint& h) override
    {
        heard.push_back(h);
        at.push_back(time.now());
        told.set();
    }
    time_source& time;
    std::vector<completion_hint> heard;
    std::vector<steady_time> at;
    event told;
};

struct stage {
    explicit stage(std::chrono::milliseconds render = 20ms)
        : server(t.ex(), quick(render)), net(t.ex()), keys(t.ex(), net, keys_at(server)),
          box(time_of(t.ex())), listens(t.ex(), box), postman(t.ex(), server)
    {
        webhook::hook_route route;
        route.provider = "fal";
        route.path = "/hooks/fal";
        route.verify.scheme = webhook_scheme::fal_ed25519;
        route.keys = &keys;
        route.read = [this](std::string_view body) { return host.read_webhook(body); };
        listens.add(std::move(route)).value();
        port = listens.listen().value();
        postman.start();
    }
    ~stage()
    {
        postman.stop();
        listens.stop();
        server.stop();
    }
    completion_source& source()
    {
        return box.source("fal", "http://127.0.0.1:" + std::to_string(port) + "/hooks/fal");
    }
    /// A submit whose answer we know at once; the id and the nonce.
    callback_address submit(std::string& id)
    {
        auto address = source().new_address().value();
        fake_request r;
        r.method = "POST";
        r.target = "/fal-ai/kling-video/v2.5-turbo/pro/text-to-video?fal_webhook=" +
                   wire::percent_encode(address.url);
        r.origin = server.plain_url();
        r.fields.emplace_back("authorization", "Key k");
        r.fields.emplace_back("content-type", "application/json");
        r.body = R"({"prompt":"a neon street","duration":"5"})";
        server.use([&](fake_engine& e) {
            const fake_reply reply = e.handle(r);
            REQUIRE(reply.status == 200);
            id = e.jobs().back().id;
        });
        return address;
    }

    real_test t;
    fal host{api_key("k", "K")};
    fake_server server;
    net::http_transport net;
    webhook::jwks_cache keys;
    webhook::inbox box;
    webhook::receiver listens;
    hook_postman postman;
    std::uint16_t port = 0;
};

awaitable<void> heard(waiting& w, std::size_t count)
{
    while (w.heard.size() < count) {
        w.told.reset();
        co_await w.told.wait();
    }
}

TEST_CASE("A hook wakes its waiter within milliseconds of the render's end")
{
    stage s(60ms);
    std::vector<duration> delays;
    for (int i = 0; i < 15; ++i) {
        std::string id;
        const auto address = s.submit(id);
        s.source().bind(address.nonce, id);
        waiting w(time_of(s.t.ex()));
        CHECK_FALSE(s.source().watch(w, id).has_value());
        s.t.outcome(heard(w, 1)).value();
        s.source().unwatch(w);
        REQUIRE(w.heard.size() == 1);
        CHECK(w.heard[0].believed);
        CHECK(w.heard[0].note.job_id == id);
        CHECK(w.heard[0].note.status->state == job_state::succeeded);
        CHECK(w.heard[0].note.status->output->assets.size() == 1);
        const steady_time end = s.server.use([](fake_engine& e) { return e.jobs().back().end_at; });
        delays.push_back(w.at[0] - end);
    }
    std::sort(delays.begin(), delays.end());
    const duration median = delays[delays.size() / 2];
    MESSAGE("median from the render's end to the wake-up: "
            << std::chrono::duration_cast<std::chrono::microseconds>(median).count() << " us");
    CHECK(median < 50ms);
    CHECK(s.keys.fetches() == 1);
    CHECK(s.server.counts().polls == 0);
}

TEST_CASE("A hook whose submit's answer never came names its job by the nonce")
{
    stage s;
    std::string id;
    const auto address = s.submit(id);
    waiting w(time_of(s.t.ex()));
    s.source().watch(w, "", address.nonce);
    s.t.outcome(heard(w, 1)).value();
    CHECK(w.heard[0].note.job_id == id);
    s.source().unwatch(w);
}

TEST_CASE("Forged hooks are refused, repeated ones wake nobody twice")
{
    stage s;
    s.postman.script([](fake_hooks& h) {
        h.every_job().forged = 3;
        h.every_job().repeats = 3;
    });
    std::string id;
    const auto address = s.submit(id);
    s.source().bind(address.nonce, id);
    waiting w(time_of(s.t.ex()));
    s.source().watch(w, id);
    s.t.outcome(heard(w, 1)).value();
    const auto all_came = [](stage& st) -> awaitable<void> {
        while (st.listens.counts().forged < 3 || st.box.counts().replayed < 3)
            co_await sleep_for(2ms);
    };
    s.t.outcome(all_came(s)).value();
    CHECK(w.heard.size() == 1);
    CHECK(s.listens.counts().forged == 3);
    CHECK(s.keys.fetches() == 1); // forgeries do not have keys fetched
    s.source().unwatch(w);
}

TEST_CASE("A hook is sent again until the receiver is back")
{
    stage s;
    s.listens.stop();
    std::string id;
    const auto address = s.submit(id);
    s.source().bind(address.nonce, id);
    waiting w(time_of(s.t.ex()));
    s.source().watch(w, id);
    const auto tried = [](stage& st) -> awaitable<void> {
        while (st.postman.counts().unanswered == 0)
            co_await sleep_for(2ms);
    };
    s.t.outcome(tried(s)).value();
    webhook::receiver_options same;
    same.port = s.port;
    webhook::receiver back(s.t.ex(), s.box, same);
    webhook::hook_route route;
    route.provider = "fal";
    route.path = "/hooks/fal";
    route.verify.scheme = webhook_scheme::fal_ed25519;
    route.keys = &s.keys;
    route.read = [&s](std::string_view body) { return s.host.read_webhook(body); };
    back.add(std::move(route)).value();
    REQUIRE(back.listen().has_value());
    s.t.outcome(heard(w, 1)).value();
    CHECK(w.heard[0].believed);
    s.source().unwatch(w);
    back.stop();
    s.t.outcome(back.stopped()).value();
}

} // namespace end_to_end_test
