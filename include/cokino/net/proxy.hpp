// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Which proxy a request goes through, if any, by the customs of curl and Go. Only plain HTTP
// proxies are spoken to; another kind is refused by name rather than gone around in silence.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/result.hpp>
#include <cokino/core/secret.hpp>
#include <cokino/wire/url.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cokino::net {

/// One proxy.
struct proxy_address {
    proxy_address() = default;
    /// Reads "http://user:password@host:port", or the same without scheme, user or port (80).
    /// Failures: invalid_options, for another scheme, a bad host or port.
    static result<proxy_address> parse(std::string_view text);

    std::string host;
    std::uint16_t port = 80;
    /// "Proxy-Authorization: Basic ...\r\n", or empty.
    secret authorization;
};

/// Proxies by scheme, and the hosts that are reached without one. Hosts named localhost and
/// loopback addresses never go through a proxy.
class proxy_settings
{
public:
    /// No proxy at all.
    proxy_settings() = default;
    /// http_proxy (lower case only: CGI programs find a header of the peer's in HTTP_PROXY),
    /// https_proxy or HTTPS_PROXY, no_proxy or NO_PROXY.
    static proxy_settings from_env();

    std::string http;  ///< For http URLs; empty for none.
    std::string https; ///< For https URLs; empty for none.
    /// Comma-separated: "example.com" (it and its subdomains), ".example.com" (subdomains only),
    /// "host:port", "10.0.0.1", "10.0.0.0/8", "fd00::/8", "*" (all).
    std::string none_for;

    /// The proxy for an origin; nothing when it is reached directly. Fails as parse() does.
    result<std::optional<proxy_address>> choose(const wire::origin& to) const;
    /// Whether `none_for` (or loopback) exempts the origin.
    bool exempt(const wire::origin& to) const;
};

} // namespace cokino::net

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/net/impl/proxy.ipp>
#endif
