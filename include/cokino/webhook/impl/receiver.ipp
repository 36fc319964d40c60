// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of webhook/receiver.hpp.
#pragma once

#include <cokino/webhook/detail/receiver_state.ipp>
#include <cokino/webhook/receiver.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <utility>

namespace cokino::webhook {

COKINO_DECL result<void> validate(const receiver_options& o)
{
    const auto bad = [](const char* field, const char* why) {
        return invalid(field, why, errc::invalid_options);
    };
    boost::system::error_code error;
    asio::ip::make_address(o.address, error);
    if (error)
        return bad("address", "is no IP address of this machine");
    if (o.connections_max == 0)
        return bad("connections_max", "must be at least 1");
    if (o.header_bytes_max < 256 || o.header_bytes_max > limits::header_bytes_max)
        return bad("header_bytes_max", "must be between 256 and 65536");
    if (o.body_bytes_max == 0 || o.body_bytes_max > limits::image_data_bytes_max)
        return bad("body_bytes_max", "must be between 1 and 14 MiB");
    if (o.bodies_bytes_max < o.body_bytes_max)
        return bad("bodies_bytes_max", "must be at least body_bytes_max");
    if (o.header_max.count() < 1)
        return bad("header_max", "must be at least 1 ms");
    if (o.body_max.count() < 1)
        return bad("body_max", "must be at least 1 ms");
    if (o.requests_max == 0)
        return bad("requests_max", "must be at least 1");
    return {};
}

COKINO_DECL receiver::receiver(executor ex, inbox& box, receiver_options options)
{
    validate(options).value(); // throws what is wrong
    state_ = std::make_shared<detail::receiver_state>(std::move(ex), box, std::move(options));
}

COKINO_DECL receiver::~receiver() { stop(); }

COKINO_DECL result<void> receiver::add(hook_route route)
{
    const auto bad = [](const char* field, const char* why) {
        return invalid(field, why, errc::invalid_options);
    };
    if (state_->acceptor.is_open())
        return bad("path", "routes come before listen()");
    const bool plain = route.path.find_first_of("?# ") == std::string::npos;
    if (route.path.size() < 2 || route.path.front() != '/' || route.path.back() == '/' || !plain)
        return bad("path", "begins with '/', does not end with it, and has no query");
    for (const hook_route& other : state_->routes)
        if (other.path == route.path)
            return bad("path", "is another route's");
    if (route.provider.empty())
        return bad("provider", "is needed");
    if (!route.read)
        return bad("read", "is needed");
    if (auto sound = validate(route.verify); !sound)
        return sound;
    if (route.verify.scheme == webhook_scheme::fal_ed25519 && route.keys == nullptr)
        return bad("keys", "are needed for fal's signatures");
    state_->routes.push_back(std::move(route));
    return {};
}

COKINO_DECL result<std::uint16_t> receiver::listen()
{
    using tcp = asio::ip::tcp;
    detail::receiver_state& s = *state_;
    const tcp::endpoint at(asio::ip::make_address(s.options.address), s.options.port);
    boost::system::error_code error;
    s.acceptor.open(at.protocol(), error);
    if (!error)
        s.acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error)
        s.acceptor.bind(at, error);
    if (!error)
        s.acceptor.listen(asio::socket_base::max_listen_connections, error);
    const tcp::endpoint bound = error ? at : s.acceptor.local_endpoint(error);
    if (error) {
        boost::system::error_code ignored;
        s.acceptor.close(ignored);
        failure f(errc::connect_failed);
        f.explain("cannot listen on " + s.options.address + ": " + error.message(), "port");
        return f;
    }
    s.stopping = false;
    s.idle.reset();
    asio::co_spawn(s.ex, detail::receiver_state::accept_all(state_), asio::detached);
    return bound.port();
}

COKINO_DECL void receiver::stop() { state_->stop(); }

COKINO_DECL awaitable<void> receiver::stopped()
{
    const std::shared_ptr<detail::receiver_state> shared = state_;
    if (shared->running != 0)
        co_await shared->idle.wait();
}

COKINO_DECL receiver_counts receiver::counts() const
{
    receiver_counts out = state_->counts;
    out.open = state_->open.size();
    return out;
}

} // namespace cokino::webhook
