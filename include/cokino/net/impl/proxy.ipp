// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of net/proxy.hpp.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/core/text.hpp>
#include <cokino/net/proxy.hpp>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>

namespace cokino::net {
namespace detail {

inline failure bad_proxy(std::string message)
{
    return invalid("proxy", std::move(message), errc::invalid_options);
}

/// "host", "host:port", "[::1]:port". The port stays as it is when none is written.
inline bool split_host_port(std::string_view text, std::string& host, std::uint16_t& port)
{
    std::string_view port_text;
    if (text.substr(0, 1) == "[") {
        auto const end = text.find(']');
        if (end == std::string_view::npos)
            return false;
        host = text.substr(1, end - 1);
        auto const rest = text.substr(end + 1);
        if (!rest.empty() && rest.front() != ':')
            return false;
        port_text = rest.empty() ? rest : rest.substr(1);
    } else {
        auto const colon = text.rfind(':');
        bool const bare_v6 = colon != std::string_view::npos && text.find(':') != colon;
        host = bare_v6 ? text : text.substr(0, colon);
        if (!bare_v6 && colon != std::string_view::npos)
            port_text = text.substr(colon + 1);
    }
    if (host.empty())
        return false;
    if (port_text.empty())
        return true;
    auto const number = cokino::detail::parse_integer<std::uint16_t>(port_text);
    if (!number || *number == 0)
        return false;
    port = *number;
    return true;
}

/// "Proxy-Authorization: Basic base64(user:password)\r\n".
inline result<secret> basic_authorization(std::string_view user_info)
{
    auto plain = wire::percent_decode(user_info);
    if (!plain)
        return bad_proxy("the proxy's user or password has a broken % escape");
    if (plain->find(':') == std::string::npos)
        plain->push_back(':');
    std::string line = "Proxy-Authorization: Basic ";
    auto const start = line.size();
    line.resize(start + 4 * ((plain->size() + 2) / 3) + 1);
    auto const written = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(line.data() + start),
                                         reinterpret_cast<const unsigned char*>(plain->data()),
                                         static_cast<int>(plain->size()));
    line.resize(start + static_cast<std::size_t>(written));
    line += "\r\n";
    wipe(*plain);
    return secret(std::move(line));
}

inline bool is_loopback(std::string_view host)
{
    if (host == "localhost" || host.ends_with(".localhost"))
        return true;
    boost::system::error_code error;
    auto const address = asio::ip::make_address(std::string(host), error);
    return !error && address.is_loopback();
}

/// Whether an entry that names an address or a block of them covers the address.
inline bool covers(std::string_view entry, const asio::ip::address& address)
{
    boost::system::error_code error;
    std::string const text(entry);
    if (entry.find('/') == std::string_view::npos) {
        auto const named = asio::ip::make_address(text, error);
        return !error && named == address;
    }
    if (address.is_v4()) {
        auto const block = asio::ip::make_network_v4(text, error);
        if (error)
            return false;
        auto const own = asio::ip::network_v4(address.to_v4(), block.prefix_length());
        return own.network() == block.network();
    }
    auto const block = asio::ip::make_network_v6(text, error);
    if (error)
        return false;
    auto const own = asio::ip::network_v6(address.to_v6(), block.prefix_length());
    return own.network() == block.network();
}

inline bool entry_matches(std::string_view entry, const wire::origin& to)
{
    if (entry == "*")
        return true;
    boost::system::error_code error;
    auto const address = asio::ip::make_address(to.host, error);
    bool const literal = !error;
    if (literal && covers(entry, address))
        return true;
    std::string name;
    std::uint16_t port = 0;
    if (entry.find('/') != std::string_view::npos || !split_host_port(entry, name, port))
        return false;
    if (port != 0 && port != to.port)
        return false;
    if (literal)
        return covers(name, address);
    std::transform(name.begin(), name.end(), name.begin(), cokino::detail::to_lower);
    if (name.starts_with("*."))
        name.erase(0, 1);
    if (name.front() == '.')
        return to.host.size() > name.size() && to.host.ends_with(name);
    return to.host == name || to.host.ends_with("." + name);
}

/// The first of the variables that is set and not empty.
inline std::string first_set(const char* name, const char* other = nullptr)
{
    for (const char* const variable : {name, other})
        if (const char* const value = variable ? std::getenv(variable) : nullptr; value && *value)
            return value;
    return {};
}

} // namespace detail

COKINO_DECL result<proxy_address> proxy_address::parse(std::string_view text)
{
    if (auto const mark = text.find("://"); mark != std::string_view::npos) {
        auto const scheme = text.substr(0, mark);
        if (!cokino::detail::iequals(scheme, "http"))
            return detail::bad_proxy(
                "only http:// proxies are supported, not " +
                clean_text(scheme, 16)); // an https proxy would be TLS inside TLS
        text.remove_prefix(mark + 3);
    }
    text = text.substr(0, text.find_first_of("/?#"));
    proxy_address parsed;
    if (auto const at = text.rfind('@'); at != std::string_view::npos) {
        auto authorization = detail::basic_authorization(text.substr(0, at));
        if (!authorization)
            return authorization.error();
        parsed.authorization = std::move(*authorization);
        text.remove_prefix(at + 1);
    }
    bool const printable =
        std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (!printable || !detail::split_host_port(text, parsed.host, parsed.port))
        return detail::bad_proxy("the proxy's address is not host:port");
    return parsed;
}

COKINO_DECL proxy_settings proxy_settings::from_env()
{
    proxy_settings found;
    found.http = detail::first_set("http_proxy");
    found.https = detail::first_set("https_proxy", "HTTPS_PROXY");
    found.none_for = detail::first_set("no_proxy", "NO_PROXY");
    return found;
}

COKINO_DECL bool proxy_settings::exempt(const wire::origin& to) const
{
    if (detail::is_loopback(to.host))
        return true;
    std::string_view rest = none_for;
    while (!rest.empty()) {
        auto const entry = cokino::detail::trim(cokino::detail::take_until(rest, ','));
        if (!entry.empty() && detail::entry_matches(entry, to))
            return true;
    }
    return false;
}

COKINO_DECL result<std::optional<proxy_address>> proxy_settings::choose(
    const wire::origin& to) const
{
    auto const& text = to.tls() ? https : http;
    if (text.empty() || exempt(to))
        return std::optional<proxy_address>();
    auto parsed = proxy_address::parse(text);
    if (!parsed)
        return parsed.error();
    return std::optional<proxy_address>(std::move(*parsed));
}

} // namespace cokino::net
