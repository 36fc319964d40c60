// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
#include <cokino/net/address_policy.hpp>

#include <doctest/doctest.h>

#include <string>

namespace net_address_policy_test {

using cokino::net::address_kind;
using cokino::net::is_public_address;

std::string_view kind(const char* text)
{
    return address_kind(boost::asio::ip::make_address(text));
}

TEST_CASE("ordinary addresses of both families are public")
{
    for (const char* const text :
         {"1.1.1.1",         "8.8.8.8",         "9.255.255.255",        "11.0.0.0",
          "100.63.255.255",  "100.128.0.0",     "126.255.255.255",      "128.0.0.0",
          "169.253.255.255", "168.63.129.15",   "168.63.129.17",        "172.15.255.255",
          "172.32.0.0",      "192.167.255.255", "192.169.0.0",          "198.17.255.255",
          "198.20.0.0",      "223.255.255.255", "2606:4700:4700::1111", "2a00:1450:4001::1",
          "2003::1",         "3ffe::1"}) {
        CAPTURE(text);
        CHECK(kind(text) == "public");
        CHECK(is_public_address(boost::asio::ip::make_address(text)));
    }
}

TEST_CASE("each special network is told by its kind, at both of its ends")
{
    struct row {
        const char* text;
        const char* kind;
    };
    for (row const& r : {row{"0.0.0.0", "unspecified"},
                         row{"0.255.255.255", "unspecified"},
                         row{"10.0.0.0", "private"},
                         row{"10.255.255.255", "private"},
                         row{"100.64.0.0", "carrier NAT"},
                         row{"100.127.255.255", "carrier NAT"},
                         row{"127.0.0.1", "loopback"},
                         row{"127.255.255.255", "loopback"},
                         row{"169.254.169.254", "link-local"},
                         row{"168.63.129.16", "cloud metadata"},
                         row{"172.16.0.0", "private"},
                         row{"172.31.255.255", "private"},
                         row{"192.0.0.170", "reserved"},
                         row{"192.0.2.1", "documentation"},
                         row{"192.88.99.1", "reserved"},
                         row{"192.168.255.255", "private"},
                         row{"198.18.0.0", "benchmarking"},
                         row{"198.19.255.255", "benchmarking"},
                         row{"198.51.100.7", "documentation"},
                         row{"203.0.113.7", "documentation"},
                         row{"224.0.0.1", "multicast"},
                         row{"239.255.255.255", "multicast"},
                         row{"240.0.0.0", "reserved"},
                         row{"255.255.255.255", "reserved"},
                         row{"::", "unspecified"},
                         row{"::1", "loopback"},
                         row{"::ffff:8.8.8.8", "IPv4-mapped"},
                         row{"::ffff:127.0.0.1", "IPv4-mapped"},
                         row{"::8.8.8.8", "IPv4-compatible"},
                         row{"64:ff9b::808:808", "NAT64"},
                         row{"64:ff9b:1::1", "NAT64"},
                         row{"100::1", "discard"},
                         row{"2001::1", "Teredo"},
                         row{"2001:10::1", "reserved"},
                         row{"2001:db8::1", "documentation"},
                         row{"2002:7f00:1::", "6to4"},
                         row{"3fff::1", "documentation"},
                         row{"fc00::1", "private"},
                         row{"fdff::1", "private"},
                         row{"fe80::1", "link-local"},
                         row{"fec0::1", "site-local"},
                         row{"ff02::1", "multicast"},
                         row{"4000::1", "reserved"},
                         row{"1::1", "reserved"}}) {
        CAPTURE(r.text);
        CHECK(kind(r.text) == r.kind);
        CHECK_FALSE(is_public_address(boost::asio::ip::make_address(r.text)));
    }
}

TEST_CASE("a global address with a scope is no public one")
{
    auto address = boost::asio::ip::make_address_v6("2606:4700:4700::1111");
    address.scope_id(2);
    CHECK(address_kind(address) == "reserved");
}

} // namespace net_address_policy_test
