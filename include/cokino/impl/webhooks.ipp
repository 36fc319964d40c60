// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The joints between receiver, inbox, adapters and clients.
#pragma once

#include <cokino/async/time_source.hpp>
#include <cokino/webhooks.hpp>

#include <utility>

namespace cokino {

COKINO_DECL webhooks::webhooks(executor ex, std::string public_url, webhooks_options options)
    : ex_(std::move(ex)), public_url_(std::move(public_url)), options_(std::move(options)),
      inbox_(time_of(ex_), options_.inbox), net_(options_.transport),
      receiver_(ex_, inbox_, options_.receiver)
{
    while (public_url_.ends_with('/'))
        public_url_.pop_back();
    if (public_url_.empty())
        return;
    if (const auto there = wire::url::parse(public_url_); !there)
        throw error(invalid("public_url", there.error().facts().message, errc::invalid_options));
}

COKINO_DECL completion_source& webhooks::add(const std::shared_ptr<const provider>& host,
                                             std::vector<secret> secrets)
{
    webhook::verifier_options how(host->traits().webhook);
    how.secrets = std::move(secrets);
    return add(host, std::move(how));
}

COKINO_DECL completion_source& webhooks::add(const std::shared_ptr<const provider>& host,
                                             webhook::verifier_options how)
{
    const std::string name = host->traits().name;
    if (how.scheme == webhook_scheme::none)
        throw error(invalid("webhook", name + " sends no hooks; wait_for looks at its jobs",
                            errc::invalid_options));
    webhook::hook_route route;
    route.provider = name;
    const auto base = wire::url::parse(public_url_);
    if (base && base->path() != "/")
        route.path = base->path();
    route.path += "/" + name;
    if (how.scheme == webhook_scheme::fal_ed25519) {
        if (!keys_) {
            if (!net_)
                net_ = std::make_shared<net::http_transport>(ex_, options_.network);
            keys_ = std::make_unique<webhook::jwks_cache>(ex_, *net_, options_.jwks);
        }
        route.keys = keys_.get();
    }
    route.verify = std::move(how);
    route.read = [host](std::string_view body) { return host->read_webhook(body); };
    if (const auto ok = receiver_.add(std::move(route)); !ok)
        throw error(ok.error());
    if (public_url_.empty()) {
        names_.push_back(name);
        return inbox_.source(name, {});
    }
    return inbox_.source(name, public_url_ + "/" + name);
}

COKINO_DECL std::uint16_t webhooks::listen()
{
    const auto port = receiver_.listen();
    if (!port)
        throw error(port.error());
    if (public_url_.empty()) {
        const std::string& address = options_.receiver.address;
        const bool v6 = address.find(':') != std::string::npos;
        public_url_ = std::string(options_.receiver.tls ? "https://" : "http://") +
                      (v6 ? "[" + address + "]" : address) + ":" + std::to_string(*port);
        for (const std::string& name : names_)
            inbox_.source(name, public_url_ + "/" + name);
    }
    return *port;
}

} // namespace cokino
