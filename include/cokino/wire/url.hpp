// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A small strict URL for http and https: parse, join, compare origins, print without secrets. It is
// no general RFC 3986 library: user info, fragments and other schemes are refused or dropped.
#pragma once

#include <cokino/core/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace cokino::wire {

/// Scheme, host and port: what a key is bound to and what a connection belongs to.
struct origin {
    std::string scheme; ///< "http" or "https", lower case.
    std::string host;   ///< Lower case; an IPv6 literal without its brackets.
    std::uint16_t port = 0;

    bool tls() const noexcept { return scheme == "https"; }
    bool default_port() const noexcept { return port == (tls() ? 443 : 80); }
    /// What goes into the Host field: brackets round IPv6, port only when not the default.
    std::string authority() const;
    /// "https://host:port", port only when not the default.
    std::string text() const;
    friend bool operator==(const origin&, const origin&) = default;
};

/// A parsed http(s) URL. Always has an origin and a target that begins with '/'.
class url
{
public:
    url() = default;
    /// Refuses: other schemes, user info, empty or odd hosts (percent-encoding, controls, spaces,
    /// non-ASCII), bad ports, controls or spaces in the target, more than limits::url_bytes_max.
    static result<url> parse(std::string_view text);

    const origin& where() const noexcept { return origin_; }
    /// Path and query, percent-encoding kept as it came; never empty.
    const std::string& target() const noexcept { return target_; }
    std::string_view path() const noexcept;
    /// Without the '?'; empty when there is none.
    std::string_view query() const noexcept;

    /// The whole URL as text.
    std::string text() const;
    /// For logs and errors: query values hidden save an allow-list of harmless names.
    std::string redacted() const;

    /// Resolves a reference (absolute, //host, /path, relative) as RFC 3986 §5 does.
    result<url> resolve(std::string_view reference) const;
    /// The same URL with a name=value pair (encoded here) appended to its query.
    url with_query(std::string_view name, std::string_view value) const;

    friend bool operator==(const url&, const url&) = default;

private:
    origin origin_;
    std::string target_;
};

/// Percent-encodes everything but unreserved characters.
COKINO_DECL std::string percent_encode(std::string_view text);
/// Undoes percent-encoding; fails on a broken escape.
COKINO_DECL result<std::string> percent_decode(std::string_view text);

} // namespace cokino::wire

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/wire/impl/url.ipp>
#endif
