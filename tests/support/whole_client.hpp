// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A client with downloads, on virtual time, that speaks to the fake host in memory: for tests that
// go all the way from a request to a file.
#pragma once

#include <cokino/client.hpp>
#include <cokino/core/observer.hpp>
#include <cokino/testing/fake_provider.hpp>

#include "support/async_test.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

namespace cokino::testing::support {

/// Hears nothing.
struct deaf {
    void on_warning(const warning_event&) {}
};

/// `Watch` is the observer, with whatever on_... functions the test looks at.
template <class Watch = deaf> struct whole_client {
    explicit whole_client(std::shared_ptr<const provider> at, client_options set = {})
        : net(std::make_shared<fake_transport>(t.ex())), host(std::move(at)),
          client(t.ex(), host, options(std::move(set)))
    {}

    /// What this client was made with; for another one at the same host.
    client_options options(client_options set = {})
    {
        set.random_seed = 42;
        set.transport = net;
        set.watch = heard;
        return set;
    }
    std::chrono::system_clock::time_point now() { return time_of(t.ex()).system_now(); }
    /// Requests so far that looked at a job.
    std::size_t looks() const { return net->counts().polls + net->counts().results; }

    Watch heard;
    virtual_test t;
    std::shared_ptr<fake_transport> net;
    std::shared_ptr<const provider> host;
    cokino::client client;
};

} // namespace cokino::testing::support
