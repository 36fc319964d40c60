// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of net/address_policy.hpp: IANA's special-purpose registries as tables.
#pragma once

#include <cokino/net/address_policy.hpp>

#include <array>
#include <cstdint>

namespace cokino::net {
namespace detail {

struct v4_block {
    std::uint32_t prefix;
    unsigned bits;
    std::string_view kind;
};

constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d)
{
    return a << 24 | b << 16 | c << 8 | d;
}

// https://www.iana.org/assignments/iana-ipv4-special-registry; and the one address that looks
// public but is none: by it a machine in Azure reaches its own host.
inline constexpr v4_block v4_blocks[] = {
    {v4(0, 0, 0, 0), 8, "unspecified"},        {v4(10, 0, 0, 0), 8, "private"},
    {v4(100, 64, 0, 0), 10, "carrier NAT"},    {v4(127, 0, 0, 0), 8, "loopback"},
    {v4(169, 254, 0, 0), 16, "link-local"},    {v4(172, 16, 0, 0), 12, "private"},
    {v4(192, 0, 0, 0), 24, "reserved"},        {v4(192, 0, 2, 0), 24, "documentation"},
    {v4(192, 88, 99, 0), 24, "reserved"},      {v4(192, 168, 0, 0), 16, "private"},
    {v4(198, 18, 0, 0), 15, "benchmarking"},   {v4(198, 51, 100, 0), 24, "documentation"},
    {v4(203, 0, 113, 0), 24, "documentation"}, {v4(224, 0, 0, 0), 4, "multicast"},
    {v4(240, 0, 0, 0), 4, "reserved"},         {v4(168, 63, 129, 16), 32, "cloud metadata"},
};

struct v6_block {
    std::array<unsigned char, 16> prefix;
    unsigned bits;
    std::string_view kind;
};

// https://www.iana.org/assignments/iana-ipv6-special-registry; only 2000::/3 is global unicast.
inline constexpr v6_block v6_blocks[] = {
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 128, "unspecified"},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, "loopback"},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, "IPv4-mapped"},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 96, "IPv4-compatible"},
    {{0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0}, 96, "NAT64"},
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, "NAT64"},
    {{0x01, 0x00, 0, 0, 0, 0, 0, 0}, 64, "discard"},
    {{0x20, 0x01, 0x00, 0x00}, 32, "Teredo"},
    {{0x20, 0x01, 0x00}, 23, "reserved"},
    {{0x20, 0x01, 0x0d, 0xb8}, 32, "documentation"},
    {{0x20, 0x02}, 16, "6to4"},
    {{0x3f, 0xff, 0x00}, 20, "documentation"},
    {{0xfc}, 7, "private"},
    {{0xfe, 0x80}, 10, "link-local"},
    {{0xfe, 0xc0}, 10, "site-local"},
    {{0xff}, 8, "multicast"},
};

inline bool begins_with(const std::array<unsigned char, 16>& bytes,
                        const std::array<unsigned char, 16>& prefix, unsigned bits) noexcept
{
    for (unsigned i = 0; i < bits / 8; ++i)
        if (bytes[i] != prefix[i])
            return false;
    unsigned const rest = bits % 8;
    if (rest == 0)
        return true;
    auto const mask = static_cast<unsigned char>(0xff << (8 - rest));
    return (bytes[bits / 8] & mask) == (prefix[bits / 8] & mask);
}

} // namespace detail

COKINO_DECL std::string_view address_kind(const boost::asio::ip::address& address) noexcept
{
    if (address.is_v4()) {
        std::uint32_t const bits = address.to_v4().to_uint();
        for (auto const& block : detail::v4_blocks)
            if ((bits ^ block.prefix) >> (32 - block.bits) == 0)
                return block.kind;
        return "public";
    }
    auto const bytes = address.to_v6().to_bytes();
    for (auto const& block : detail::v6_blocks)
        if (detail::begins_with(bytes, block.prefix, block.bits))
            return block.kind;
    // A scope belongs to link-local addresses; with any other it is a trick.
    bool const global = (bytes[0] & 0xe0) == 0x20 && address.to_v6().scope_id() == 0;
    return global ? "public" : "reserved";
}

} // namespace cokino::net
