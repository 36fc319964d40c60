// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The fake host without sockets: a transport that hands each request to a fake_engine and gives
// back what it answers, broken connections included, on the time source of its context. So a whole
// client runs on virtual time. Real sockets and TLS are fake_server's.
#pragma once

#include <cokino/net/transport.hpp>
#include <cokino/testing/fake_engine.hpp>

#include <chrono>
#include <deque>
#include <memory>

namespace cokino::testing {

/// Every origin leads to the same engine. Requests are handed over at once, answers come after
/// latency(), within the request's limits. One thread; outlives its streams and exchanges.
///
///     virtual_test t;
///     fake_transport net(t.ex());
///     net.faults().on_job(1).answer_lost();
class fake_transport final : public net::transport
{
public:
    explicit fake_transport(executor ex, fake_options options = default_options());

    fake_engine& engine() noexcept { return engine_; }
    fault_script& faults() noexcept { return engine_.faults(); }
    const fake_counts& counts() const noexcept { return engine_.counts(); }
    const std::deque<fake_job>& jobs() const noexcept { return engine_.jobs(); }

    /// From a request to the first byte of its answer.
    void latency(std::chrono::milliseconds l) noexcept { latency_ = l; }
    /// The next requests fail so, and never reach the engine. After those set before.
    void fail_next(failure f, int times = 1);

    [[nodiscard]] COKINO_DECL awaitable<result<wire::response>> exchange(
        wire::request request) override;
    [[nodiscard]] COKINO_DECL awaitable<result<std::unique_ptr<net::body_stream>>> open(
        wire::request request) override;

    /// Files stand at an origin of their own, as they do at real hosts.
    static fake_options default_options();

private:
    struct outcome; // what is to be told, and when

    outcome begin(const wire::request& request);

    time_source& time_;
    fake_engine engine_;
    std::chrono::milliseconds latency_{0};
    std::deque<failure> failures_;
};

} // namespace cokino::testing

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/testing/impl/fake_transport.ipp>
#endif
