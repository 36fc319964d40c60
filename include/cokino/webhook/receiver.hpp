// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Listens for webhooks on the caller's event loop: HTTP/1.1, with TLS if a context is given (it
// usually stands behind a proxy that ends TLS). Each hook is verified, read, handed to the inbox
// and answered at once; what it wakes runs later. Everything that comes from outside is bounded.
//
//   200 taken, or taken before     404 no such path, or a nonce of nobody's   413 body too large
//   400 no HTTP, or no hook        405 not POST                               431 head too large
//   401 not genuine                408 too slow                               503 busy, or no keys
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/core/config.hpp>
#include <cokino/core/result.hpp>
#include <cokino/model/webhook_note.hpp>
#include <cokino/webhook/inbox.hpp>
#include <cokino/webhook/jwks_cache.hpp>
#include <cokino/webhook/verifier.hpp>

#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace cokino::webhook {

/// No aggregate on purpose: it holds a string.
struct receiver_options {
    receiver_options() = default;
    /// Where to listen: an address of this machine. Loopback by default, for a proxy beside it.
    std::string address = "127.0.0.1";
    std::uint16_t port = 0; ///< 0: a free one; listen() tells which.
    /// Speaks TLS with this identity. Lifetimes: outlives the receiver. Null: plain HTTP.
    asio::ssl::context* tls = nullptr;
    /// Connections at once; further ones wait in the system's backlog.
    std::size_t connections_max = 64;
    std::size_t header_bytes_max = 16 * 1024;
    std::size_t body_bytes_max = 1024 * 1024;
    /// Of the bodies of all connections together; a hook beyond it is answered 503, and its host
    /// sends it again.
    std::size_t bodies_bytes_max = 16 * 1024 * 1024;
    /// From a connection's begin (TLS included), or from the end of the last answer, to the end of
    /// a request's head.
    std::chrono::milliseconds header_max{5000};
    /// From the end of the head to the end of the body, and for writing the answer.
    std::chrono::milliseconds body_max{10000};
    /// Hooks on one connection before it is closed.
    std::size_t requests_max = 1000;
};

/// Failures: invalid_options, naming the field.
COKINO_DECL result<void> validate(const receiver_options& o);

/// Reads a hook's body; provider::read_webhook of the host's adapter.
using note_reader = std::function<result<webhook_note>(std::string_view body)>;

/// One host's hooks. No aggregate on purpose: it holds strings.
struct hook_route {
    hook_route() = default;
    std::string provider; ///< As inbox::source calls it: "fal".
    std::string path;     ///< "/hooks/fal": this, and this with "/<nonce>" behind it.
    verifier_options verify;
    note_reader read;
    /// For webhook_scheme::fal_ed25519. Lifetimes: outlives the receiver.
    jwks_cache* keys = nullptr;
};

struct receiver_counts {
    std::uint64_t connections = 0, requests = 0;
    std::uint64_t taken = 0;    ///< Answered 200, replays included.
    std::uint64_t forged = 0;   ///< 401.
    std::uint64_t refused = 0;  ///< Every other answer.
    std::uint64_t timeouts = 0; ///< Connections that were closed for being slow or silent.
    std::size_t open = 0;       ///< Connections now.
    std::size_t body_bytes = 0; ///< Held now.
};

namespace detail {
struct receiver_state;
}

/// The receiver. One thread. Listening keeps the event loop running until stop().
///
/// Lifetimes: goes before its io_context. The inbox and what routes refer to stay until stopped()
/// has ended, or the io_context is gone.
class receiver
{
public:
    /// Throws cokino::error when the options are not sound.
    receiver(executor ex, inbox& box, receiver_options options = {});
    receiver(const receiver&) = delete;
    receiver& operator=(const receiver&) = delete;
    /// Stops, without waiting.
    ~receiver();

    /// Before listen(). Failures: invalid_options (a path that is none or taken, no reader, no keys
    /// where they are needed) and those of validate(verifier_options).
    result<void> add(hook_route route);

    /// Begins to listen, and gives the port. Failures: connect_failed with the system's reason.
    result<std::uint16_t> listen();

    /// Closes the listening socket and every connection; a hook that is being read is not taken.
    /// Harmless when it does not listen.
    void stop();

    /// Waits until nothing of it runs any more, after stop().
    ///
    /// Failures: errc::cancelled.
    /// Cancellation: ends the wait alone.
    [[nodiscard]] awaitable<void> stopped();

    receiver_counts counts() const;

private:
    std::shared_ptr<detail::receiver_state> state_;
};

} // namespace cokino::webhook

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/webhook/impl/receiver.ipp>
#include <cokino/webhook/impl/receiver_state.ipp>
#endif
