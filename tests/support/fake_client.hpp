// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A job_client on virtual time that speaks to the fake host in memory: what most tests of verbs
// start from.
#pragma once

#include <cokino/client/job_client.hpp>
#include <cokino/provider/fal.hpp>
#include <cokino/provider/rest.hpp>
#include <cokino/testing/fake_provider.hpp>

#include "support/async_test.hpp"

#include <memory>
#include <string>
#include <utility>

namespace cokino::testing::support {

/// Which dialect the client speaks; the tests of verbs run through both.
enum class dialect { fal, rest };

inline std::shared_ptr<const provider> make_provider(dialect d, std::string key = "canary-key")
{
    if (d == dialect::fal)
        return std::make_shared<fal>(api_key(std::move(key), "FAL_KEY"));
    rest_options o("https://api.example.com", api_key(std::move(key), "REST_KEY"));
    return std::make_shared<rest>(std::move(o));
}

inline job_client_options seeded(observer watch = {})
{
    job_client_options o;
    o.random_seed = 42;
    o.watch = watch;
    return o;
}

struct fake_client {
    explicit fake_client(dialect d = dialect::fal, job_client_options options = seeded())
        : net(std::make_shared<fake_transport>(t.ex())),
          kling(t.ex(), make_provider(d), net, options)
    {}

    fault_script& faults() { return net->faults(); }
    const fake_counts& counts() const { return net->counts(); }

    virtual_test t;
    std::shared_ptr<fake_transport> net;
    job_client kling;
};

inline text_to_video street()
{
    return text_to_video("a slow dolly shot across a rain-soaked neon street at night");
}

} // namespace cokino::testing::support
