// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Hooks of every host that sends them, over loopback, from submit to the woken wait: genuine, lost,
// forged, doubled. Looks are a minute apart, so what ends in time was ended by a hook.
#include <cokino/client.hpp>
#include <cokino/testing/fake_server.hpp>
#include <cokino/testing/hook_postman.hpp>
#include <cokino/webhooks.hpp>

#include <support/hosts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace every_hook_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;

cokino::testing::fake_server_options quick()
{
    cokino::testing::fake_server_options o;
    o.host.queue_time = 0ms;
    o.host.render_time = 50ms;
    return o;
}

/// A host, its postman, a receiver and a client, on one loop.
struct bench {
    explicit bench(const host_row& row, std::chrono::milliseconds look)
        : server(quick()), host(row.make(server.url())), postman(io.get_executor(), server),
          hooks(io.get_executor(), "", listening())
    {
        std::vector<secret> secrets;
        auto const signer = postman.signer();
        if (auto const& text = signer.secret_of(host->traits().webhook); !text.empty())
            secrets.emplace_back(text);
        client_options o;
        o.network.tls.ca_pem = server.ca_pem();
        o.polling.first = o.polling.interval_min = o.polling.interval_max = look;
        o.hooks = &hooks.add(host, std::move(secrets));
        hooks.listen();
        kling = std::make_unique<client>(io.get_executor(), host, o);
    }

    webhooks_options listening() const
    {
        webhooks_options o;
        o.network.tls.ca_pem = server.ca_pem();
        o.jwks.url = server.url() + "/.well-known/jwks.json";
        return o;
    }

    static awaitable<video> clip(client& c)
    {
        auto job = co_await c.submit(text_to_video("a paper boat drifts across a pond"));
        auto made = co_await c.wait_for(job);
        co_return made;
    }

    /// Runs one clip to its end, for half a look at most.
    void run()
    {
        bool done = false;
        asio::co_spawn(io, clip(*kling), [&](const std::exception_ptr& e, const video& v) {
            done = true;
            failed = e ? failure_of(e)->describe() : "";
            link = v.file.url;
        });
        postman.start();
        auto const until = time_of(io.get_executor()).now() + 20s;
        while (!done && time_of(io.get_executor()).now() < until)
            io.run_one_for(100ms);
        REQUIRE(done);
        CHECK(failed == "");
        CHECK(!link.empty());
    }

    /// Until everything that the postman has to send was answered.
    void settle(std::size_t sent)
    {
        auto const until = time_of(io.get_executor()).now() + 5s;
        while (postman.counts().accepted + postman.counts().refused < sent &&
               time_of(io.get_executor()).now() < until)
            io.run_one_for(20ms);
    }

    cokino::testing::fake_server server;
    asio::io_context io{1};
    std::shared_ptr<const provider> host;
    cokino::testing::hook_postman postman;
    webhooks hooks;
    std::unique_ptr<client> kling;
    std::string failed, link;
};

void for_each_hooked(const std::function<void(const host_row&)>& f)
{
    int hooked = 0;
    for (const host_row& row : every_host) {
        if (row.make("https://api.example.com")->traits().webhook == webhook_scheme::none)
            continue;
        CAPTURE(row.name);
        ++hooked;
        f(row);
    }
    CHECK(hooked >= 7);
}

TEST_CASE("every host: a hook ends the wait, a minute before the first look")
{
    for_each_hooked([](const host_row& row) {
        bench b(row, 60s);
        b.run();
        CHECK(b.hooks.counts().taken == 1);
        CHECK(b.hooks.counts().forged == 0);
        CHECK(b.server.counts().jobs == 1);
        // What the signature vouches for needs no look at the state.
        if (covers_body(b.host->traits().webhook))
            CHECK(b.server.counts().polls == 0);
        else
            CHECK(b.server.counts().polls == 1);
    });
}

TEST_CASE("every host: a hook that is lost still ends in a clip")
{
    for_each_hooked([](const host_row& row) {
        bench b(row, 50ms); // four times that, while a hook is awaited
        b.postman.script([](auto& h) { h.every_job().lost = true; });
        b.run();
        CHECK(b.hooks.counts().taken == 0);
        CHECK(b.server.counts().polls >= 1);
    });
}

TEST_CASE("every host: forged hooks are refused, doubled ones absorbed, and the clip comes once")
{
    for_each_hooked([](const host_row& row) {
        bench b(row, 60s);
        b.postman.script([](auto& h) {
            h.every_job().forged = 3;
            h.every_job().repeats = 2;
        });
        b.run();
        b.settle(6);
        CHECK(b.hooks.counts().forged == 3);
        CHECK(b.hooks.counts().taken == 3);
        CHECK(b.hooks.inbox_counts().replayed == 2);
        CHECK(b.server.counts().jobs == 1);
    });
}

} // namespace every_hook_test
