// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The real transport: HTTP/1.1 over TCP and TLS, with a keep-alive pool, proxies and a time limit
// on each phase. It carries a request once; retrying is the business of the layers above.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/net/transport.hpp>
#include <cokino/net/transport_options.hpp>

#include <memory>

namespace cokino::net {

namespace detail {
class transport_core;
}

/// One transport belongs to one executor, whose context runs on one thread; so do its users. Not
/// thread-safe. It must go before the execution context does; exchanges under way when it goes
/// end with errc::closed. An idle connection does not keep the context running.
class http_transport final : public transport
{
public:
    explicit http_transport(executor ex, transport_options options = transport_options());
    COKINO_DECL ~http_transport() override;
    http_transport(const http_transport&) = delete;
    http_transport& operator=(const http_transport&) = delete;

    [[nodiscard]] COKINO_DECL awaitable<result<wire::response>> exchange(
        wire::request request) override;
    [[nodiscard]] COKINO_DECL awaitable<result<std::unique_ptr<body_stream>>> open(
        wire::request request) override;

    /// Closes all idle connections.
    void close_idle();
    transport_statistics statistics() const;

private:
    std::shared_ptr<detail::transport_core> core_;
};

} // namespace cokino::net

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/net/impl/http_transport.ipp>
#endif
