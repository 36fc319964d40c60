// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What the tests of the transport share: a loop with a transport on it, and requests in a line.
#pragma once

#include <cokino/net/http_transport.hpp>

#include <support/async_test.hpp>
#include <support/raw_server.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace net_test {

using namespace cokino;
using namespace cokino::testing::support;
using std::chrono::milliseconds;

/// Settings that take nothing from the environment.
inline net::transport_options quiet_options(std::string ca_pem = {})
{
    net::transport_options options;
    options.proxy = net::proxy_settings();
    options.tls.ca_pem = std::move(ca_pem);
    return options;
}

inline wire::request request_to(wire::method method, std::string_view url, std::string body = {})
{
    auto parsed = wire::url::parse(url);
    REQUIRE(parsed.has_value());
    wire::head_builder builder(method, *parsed);
    builder.field("Authorization", "Key canary");
    auto head = builder.build();
    REQUIRE(head.has_value());
    return wire::request(*head, std::move(body));
}
inline wire::request post(std::string_view url, std::string body = "{\"prompt\":\"a fox\"}")
{
    return request_to(wire::method::post, url, std::move(body));
}
inline wire::request get(std::string_view url) { return request_to(wire::method::get, url); }

/// A loop and a transport. Each call runs the loop to the end of one exchange.
struct fixture {
    explicit fixture(net::transport_options options = quiet_options())
        : transport(std::in_place, loop.ex(), std::move(options))
    {}
    real_test loop;
    std::optional<net::http_transport> transport;

    result<wire::response> send(wire::request request)
    {
        return loop.outcome(transport->exchange(std::move(request)));
    }
    result<std::unique_ptr<net::body_stream>> open(wire::request request)
    {
        return loop.outcome(transport->open(std::move(request)));
    }
    /// Reads an open body to its end, in pieces of at most `piece` bytes.
    result<std::string> read_all(net::body_stream& stream, std::size_t piece = 4096)
    {
        std::string all;
        std::string place(piece, '\0');
        for (;;) {
            auto got = loop.outcome(stream.read_some(asio::buffer(place)));
            if (!got)
                return got.error();
            if (*got == 0)
                return all;
            all.append(place, 0, *got);
        }
    }
};

} // namespace net_test
