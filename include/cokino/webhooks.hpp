// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// cokino::webhooks: hosts call back, and waits are woken, in a few lines. Joins what does not know
// each other: the receiver and its inbox, the adapters that read the bodies, and the clients.
//
//     cokino::webhooks hooks(io.get_executor(), "https://hooks.example.com");
//     client_options options;
//     options.hooks = &hooks.add(host, {cokino::secret(std::getenv("KLING_WEBHOOK_SECRET"))});
//     hooks.listen();
//     cokino::client kling{io.get_executor(), host, options};
//
// A hook is a hint: what it says is believed only where the host's signature vouches for the body;
// else the job is looked at. Looks go on beside hooks, more rarely, so a lost hook loses nothing.
//
// Not part of the umbrella: a program that waits without hooks need not compile a server.
// One thread, like everything here.
#pragma once

#include <cokino/net/http_transport.hpp>
#include <cokino/provider/provider.hpp>
#include <cokino/webhook/inbox.hpp>
#include <cokino/webhook/jwks_cache.hpp>
#include <cokino/webhook/receiver.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cokino {

/// No aggregate on purpose: it holds more than numbers.
class webhooks_options
{
public:
    webhooks_options() {}

    webhook::receiver_options receiver; ///< Where to listen, TLS, bounds.
    webhook::inbox_options inbox;       ///< What is remembered, and for how long.
    webhook::jwks_options jwks;         ///< Where fal's public keys are.
    net::transport_options network;     ///< For fetching them, when `transport` is not set.
    std::shared_ptr<net::transport> transport;
};

class webhooks
{
public:
    /// `public_url` is where the outside reaches the receiver: usually a proxy that speaks TLS and
    /// passes on to the address and port of options.receiver. Empty: that address and port
    /// themselves, once listen() has been called; for tests on one machine.
    /// Throws cokino::error when an option is not sound.
    webhooks(executor ex, std::string public_url, webhooks_options options = {});
    webhooks(const webhooks&) = delete;
    webhooks& operator=(const webhooks&) = delete;

    /// Takes the hooks of a host, and gives what its clients are told of them by
    /// (client_options::hooks). `secrets` are those of the host's console, two while one replaces
    /// the other; fal needs none. Hooks come to public_url + "/" + the host's name.
    ///
    /// Throws cokino::error: invalid_options where the host sends no hooks, or is there already;
    ///   missing_credential where it signs and there is no secret.
    /// Lifetimes: this object outlives the clients that use it, and goes before the io_context.
    completion_source& add(const std::shared_ptr<const provider>& host,
                           std::vector<secret> secrets = {});

    /// The same with everything said: fal's account, another window of time.
    completion_source& add(const std::shared_ptr<const provider>& host,
                           webhook::verifier_options how);

    /// Begins to listen, and gives the port. Keeps the loop running until stop().
    /// Throws cokino::error: connect_failed with the system's reason.
    std::uint16_t listen();
    /// Harmless when it does not listen.
    void stop() { receiver_.stop(); }

    webhook::receiver_counts counts() const { return receiver_.counts(); }
    webhook::inbox_counts inbox_counts() const { return inbox_.counts(); }

private:
    executor ex_;
    std::string public_url_;
    std::vector<std::string> names_; // of the hosts, while there is no public URL yet
    webhooks_options options_;
    webhook::inbox inbox_;
    std::shared_ptr<net::transport> net_;
    std::unique_ptr<webhook::jwks_cache> keys_; // made when a host needs them
    webhook::receiver receiver_;
};

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/impl/webhooks.ipp>
#endif
