// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The one door to the network: a request in, a result out, under one deadline. The real transport
// (net/http_transport.hpp) stands behind it; tests put a scripted or a fake one there.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/core/result.hpp>
#include <cokino/wire/message.hpp>

#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <memory>

namespace cokino::net {

/// The body of an open response, read piece by piece in bounded memory. Destroying it before its
/// end closes the connection; reading to the end returns the connection to the pool.
class body_stream
{
public:
    virtual ~body_stream() = default;

    /// Status and fields; its body is empty.
    virtual const wire::response& head() const noexcept = 0;

    /// Reads at least one byte into `into`, or 0 at the body's proper end.
    ///
    /// Lifetimes — the buffer and this object outlive the awaitable; one read at a time.
    /// Failures — body_truncated (the connection ended early), phase_timed_out, response_too_large,
    ///   response_malformed, cancelled.
    /// Cancellation — terminal, partial and total all end the read and close the connection.
    [[nodiscard]] virtual awaitable<result<std::size_t>> read_some(asio::mutable_buffer into) = 0;
};

/// Carries requests. Never repeats one of which a byte has left; a request that found a dead pooled
/// connection and left no byte is sent again on a fresh one, invisibly.
class transport
{
public:
    virtual ~transport() = default;

    /// Sends a request and reads the whole answer, within request.limits.
    ///
    /// Completes — with a response of any status: a 500 is an answer, not a failure. A refusal may
    ///   come before all of the body has left, of which no more is sent then; with
    ///   request.continue_wait, before any of it.
    /// Failures — always with a fate (failure::sent()): not_sent (resolve_failed, connect_failed,
    ///   tls_failed, certificate_rejected, proxy_refused, phase_timed_out ...) or maybe_sent
    ///   (connection_lost, phase_timed_out, deadline_passed, response_malformed, body_truncated,
    ///   response_too_large, cancelled). That is also said of a request whose head has left and
    ///   whose body has not.
    /// Cancellation — terminal and partial end it at any time; total only while no byte of the
    ///   request has left. For a caller that is cancelled already nothing is sent, whatever the
    ///   type, and whether its coroutine throws or not.
    [[nodiscard]] virtual awaitable<result<wire::response>> exchange(wire::request request) = 0;

    /// Sends a request and reads the head of the answer; the body follows by body_stream. Redirects
    /// are not followed here.
    [[nodiscard]] virtual awaitable<result<std::unique_ptr<body_stream>>> open(
        wire::request request) = 0;
};

} // namespace cokino::net
