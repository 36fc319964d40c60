// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Fake or real: the one thing that the examples share. A program of your own needs none of this; it
// writes `cokino::client kling{io.get_executor(), cokino::fal{api_key::from_env("FAL_KEY")}};`.
//
//   FAL_KEY                    fal.ai, for money
//   REST_KEY, REST_BASE_URL    a host that speaks the dialect of provider/rest.hpp, for money
//   neither                    a fake host, started here on a free loopback port, over TLS;
//                              or the one that the process before this one shares with it
//
// COKINO_FAKE_SLOW=1 makes the fake take several seconds for each step. Its jobs end with it.
#pragma once

#include <cokino/client.hpp>
#include <cokino/provider/fal.hpp>
#include <cokino/provider/rest.hpp>
#include <cokino/testing/fake_server.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

namespace example {

/// Where the jobs go. It must outlive the client that is made from it.
class host
{
public:
    /// The fake takes `render` for a clip, and pads it to `clip_bytes`; a real host takes minutes.
    explicit host(std::chrono::milliseconds render = std::chrono::milliseconds(150),
                  std::size_t clip_bytes = 0)
    {
        using namespace cokino;
        if (is_set("FAL_KEY")) {
            provider = std::make_shared<fal>(api_key::from_env("FAL_KEY"));
        } else if (is_set("REST_KEY") && is_set("REST_BASE_URL")) {
            rest_options there(std::getenv("REST_BASE_URL"), api_key::from_env("REST_KEY"));
            provider = std::make_shared<rest>(std::move(there));
        } else if (is_set("COKINO_FAKE_URL")) {
            use_fake(std::getenv("COKINO_FAKE_URL"), std::getenv("COKINO_FAKE_CA"), render);
        } else {
            start_fake(render, clip_bytes);
        }
        std::clog << "host: " << provider->traits().base_url << (fake ? " (a fake)\n" : "\n");
    }

    /// For a host of the caller's choice: the fake runs unless the variable `key` is set. The
    /// caller puts the provider in.
    host(std::chrono::milliseconds render, const char* key)
    {
        if (!is_set(key))
            start_fake(render, 0);
    }

    /// A process that is started from now on talks to the same fake.
    void share() const
    {
        if (!fake)
            return;
        setenv("COKINO_FAKE_URL", fake->url().c_str(), 1);
        setenv("COKINO_FAKE_CA", fake->ca_pem().c_str(), 1);
    }

    std::shared_ptr<const cokino::provider> provider;
    cokino::client_options options;
    std::unique_ptr<cokino::testing::fake_server> fake; ///< Null with a real host.

private:
    static bool is_set(const char* name)
    {
        const char* const value = std::getenv(name);
        return value && *value;
    }

    void start_fake(std::chrono::milliseconds render, std::size_t clip_bytes)
    {
        const bool slow = is_set("COKINO_FAKE_SLOW");
        cokino::testing::fake_server_options server;
        server.host.queue_time = std::chrono::milliseconds(0);
        render = slow ? std::chrono::milliseconds(4000) : render;
        server.host.render_time = render;
        server.host.clip_bytes_min = slow ? std::max<std::size_t>(clip_bytes, 600'000) : clip_bytes;
        fake = std::make_unique<cokino::testing::fake_server>(server);
        if (slow) {
            fake->script([](auto& script) {
                script.on_every_job().body_slow(8000, std::chrono::milliseconds(50));
            });
        }

        use_fake(fake->url(), fake->ca_pem(), render);
    }

    void use_fake(const std::string& url, const std::string& ca_pem,
                  std::chrono::milliseconds render)
    {
        cokino::fal_options there;
        there.base_url = url;
        provider = std::make_shared<cokino::fal>(cokino::api_key("any-key", "FAL_KEY"), there);
        options.network.tls.ca_pem = ca_pem;              // certificates stay checked
        options.downloads.allow_private_addresses = true; // its files are on loopback,
        options.downloads.allow_any_port = true;          // on a port of its own
        // It renders in a blink, so it is looked at sooner than a real host.
        const std::chrono::milliseconds soon(400);
        options.polling.first = std::min(render + std::chrono::milliseconds(100), soon);
        options.polling.interval_min = soon;
        options.image_polling.first = options.polling.first;
    }
};

} // namespace example
