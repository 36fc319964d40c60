// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Which addresses a link that came from a host's answer may lead to: public ones only, so that no
// answer can make us knock at loopback, private networks or cloud metadata services.
#pragma once

#include <cokino/core/config.hpp>

#include <boost/asio/ip/address.hpp>

#include <string_view>

namespace cokino::net {

/// What kind of network an address belongs to; "public" or the reason why not ("loopback",
/// "private", "link-local" ...). An IPv6 address that carries an IPv4 one inside (mapped, NAT64,
/// 6to4) never counts as public.
COKINO_DECL std::string_view address_kind(const boost::asio::ip::address& address) noexcept;

/// Whether it is an ordinary address of the public Internet.
inline bool is_public_address(const boost::asio::ip::address& address) noexcept
{
    return address_kind(address) == "public";
}

} // namespace cokino::net

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/net/impl/address_policy.ipp>
#endif
