// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Shows a host that calls back: the wait ends when the clip is done, not when it is next looked at.
// Scenario: a service that the host can reach; looks are a minute apart, for a hook that gets lost.
// Run: 09_webhook      With a key: HOOKS_URL is where the host reaches port 8080 of this machine,
//      through your proxy; without one the fake host calls back over loopback.
#include <cokino/cokino.hpp>
#include <cokino/testing/hook_postman.hpp>
#include <cokino/webhooks.hpp>

#include "support/host.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <iostream>
#include <memory>

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<void> one_clip(cokino::client& client)
{
    cokino::text_to_video request("a paper boat drifts across a pond");
    auto job = co_await client.submit(request);
    std::cout << "accepted: " << job.id() << std::endl;
    auto video = co_await client.wait_for(job);
    auto file =
        co_await client.download(video, "boat.mp4", cokino::download_options{.overwrite = true});
    std::cout << file.path << ": " << file.bytes << " bytes\n";
}

int main()
{
    example::host host(1s);
    asio::io_context io{1};

    const char* const outside = std::getenv("HOOKS_URL");
    cokino::webhooks_options listening;
    listening.receiver.port = host.fake ? 0 : 8080;
    if (host.fake) { // fal's public keys are the fake's, then
        listening.jwks.url = host.fake->url() + "/.well-known/jwks.json";
        listening.network.tls.ca_pem = host.fake->ca_pem();
    }
    cokino::webhooks hooks(io.get_executor(), outside ? outside : "", listening);
    host.options.hooks = &hooks.add(host.provider); // other hosts: and the secret of their console
    hooks.listen();

    host.options.polling.first = host.options.polling.interval_min = 60s;
    host.options.polling.interval_max = 60s;
    cokino::client client{io.get_executor(), host.provider, host.options};

    std::unique_ptr<cokino::testing::hook_postman> postman;
    if (host.fake) {
        postman = std::make_unique<cokino::testing::hook_postman>(io.get_executor(), *host.fake);
        postman->start();
    }
    int failed = 0;
    asio::co_spawn(io, one_clip(client), [&](const std::exception_ptr& e) {
        if (e && ++failed)
            std::cerr << "09_webhook: " << cokino::failure_of(e)->describe() << '\n';
        hooks.stop();
        if (postman)
            postman->stop();
    });
    io.run();
    std::cout << "hooks taken: " << hooks.counts().taken << '\n';
    return failed;
}
