// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Links that must not be followed, by any spelling that is known to have fooled somebody. None of
// them needs a name to be looked up.
#pragma once

namespace refused_links_test {

// clang-format off

/// What no program should read as a link to a file: refused by the parser or the link policy.
inline constexpr const char* odd_links[] = {
    // IPv4 in spellings that some resolver takes
    "https://127.1/a", "https://127.0.1/a", "https://2130706433/a", "https://0x7f000001/a",
    "https://0x7f.0.0.1/a", "https://0x7f.1/a", "https://0177.0.0.1/a", "https://0177.0x0.0.1/a",
    "https://017700000001/a", "https://127.0.0.01/a", "https://127.000.000.001/a", "https://0/a",
    "https://0x0/a", "https://0x/a", "https://256.256.256.256/a", "https://1.2.3.4.5/a",
    "https://127.0.0.1.1/a", "https://4294967296/a", "https://0xA9FEA9FE/a", "https://2852039166/a",
    "https://169.254.43518/a", "https://0251.0376.0251.0376/a", "https://example.com.0x7f/a",
    // dots behind, before, in a row, and of another width
    "https://127.0.0.1./a", "https://localhost./a", "https://169.254.169.254./a",
    "https://example.com./a", "https://.example.com/a", "https://example..com/a", "https://./a",
    "https://127\xE3\x80\x82" "0\xE3\x80\x82" "0\xE3\x80\x82" "1/a", // U+3002
    "https://example\xE3\x80\x82" "com/a",
    "https://127\xEF\xBC\x8E" "0.0.1/a",                             // U+FF0E
    "https://127\xEF\xBD\xA1" "0.0.1/a",                             // U+FF61
    "https://\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x97.0.0.1/a",          // digits of full width
    "https://\xE2\x91\xA0\xE2\x91\xA1\xE2\x91\xA6.0.0.1/a",          // digits in circles
    "https://\xE2\x93\x9Blocalhost/a", "https://loc\xC2\xAD" "alhost/a",
    // escapes in the host
    "https://127.0.0.1%2f.example.com/a", "https://example.com%2f@127.0.0.1/a",
    "https://example.com%5c@127.0.0.1/a", "https://example.com%00.evil.example/a",
    "https://example%2ecom/a", "https://%31%32%37.0.0.1/a", "https://localhost%2e/a",
    "https://example.com%23@127.0.0.1/a", "https://example.com%3f.evil.example/a",
    // who one claims to be
    "https://user@example.com/a", "https://user:pw@example.com/a",
    "https://example.com@127.0.0.1/a",
    "https://example.com:443@169.254.169.254/a", "https://@127.0.0.1/a", "https://:@127.0.0.1/a",
    "https://a@b@127.0.0.1/a", "https://127.0.0.1:80@example.com/a",
    // slashes
    "https://example.com\\@127.0.0.1/a", "https:\\\\127.0.0.1/a", "https:/\\127.0.0.1/a",
    "https:127.0.0.1/a", "https:/127.0.0.1/a", "https:///127.0.0.1/a", "https://\\127.0.0.1/a",
    // ports
    "https://example.com:22/a", "https://example.com:80/a", "https://example.com:8443/a",
    "https://example.com:0/a", "https://example.com:65536/a", "https://example.com:65979/a",
    "https://example.com:443x/a", "https://example.com:+443/a", "https://example.com:0443/a",
    "https://example.com:-1/a", "https://example.com:4 43/a", "https://example.com:443:80/a",
    // IPv6 literals
    "https://[::1%25lo]/a", "https://[fe80::1%25eth0]/a", "https://[fe80::1%eth0]/a",
    "https://[2606:4700::1%25eth0]/a", "https://[::1/a", "https://::1/a", "https://[127.0.0.1]/a",
    "https://[]/a", "https://[::1]x/a", "https://[::1].example.com/a", "https://[::ffff:127.1]/a",
    "https://[::127.0.0.1.]/a", "https://[::0x7f.0.0.1]/a", "https://[1::2::3]/a",
    "https://[v1.fe80::a]/a", "https://[:::1]/a", "https://[0:0:0:0:0:0:0:0:1]/a",
    // other schemes, other characters
    "http://example.com/a", "ftp://example.com/a", "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_",
    "dict://127.0.0.1:11211/", "data:video/mp4;base64,AAAA", "javascript:alert(1)",
    "wss://example.com/a", "HTTP://example.com/a", "//example.com/a", "https://", "https://?a",
    "https://#a", "https://exam ple.com/a", "https://example.com\t/a", "https://exa\nmple.com/a",
    "https://example.com/\r\nX-Injected: 1", "https://example.com/a b", "https://ex\x01mple.com/a",
    "https://example.com\x7f/a", "https://<example.com>/a", "https://example.com,127.0.0.1/a",
    "https://example.com;127.0.0.1/a", "https://exa*mple.com/a", "https://!example.com/a",
};

/// Proper links into networks that are not public, or that an address hides: refused by the
/// transport, before it connects.
inline constexpr const char* inside_links[] = {
    "https://127.0.0.1/a", "https://127.255.255.254/a", "https://0.0.0.0/a", "https://10.0.0.1/a",
    "https://10.255.255.255/a", "https://172.16.0.1/a", "https://172.31.255.255/a",
    "https://192.168.1.1/a", "https://100.64.0.1/a", "https://100.127.255.255/a",
    "https://192.0.2.1/a", "https://198.18.0.1/a", "https://198.51.100.1/a",
    "https://203.0.113.1/a",
    "https://192.88.99.1/a", "https://224.0.0.1/a", "https://239.255.255.250/a",
    "https://240.0.0.1/a", "https://255.255.255.255/a",
    // where clouds keep their secrets
    "https://169.254.169.254/latest/meta-data", "https://169.254.170.2/v2/credentials",
    "https://100.100.100.200/latest/meta-data", "https://168.63.129.16/machine",
    "https://192.0.0.192/latest", "https://[fd00:ec2::254]/latest/meta-data",
    "https://[fd20:ce::254]/computeMetadata",
    // this machine by name
    "https://localhost/a", "https://LOCALHOST/a", "https://files.localhost/a",
    // IPv6
    "https://[::1]/a", "https://[0:0:0:0:0:0:0:1]/a", "https://[::]/a", "https://[fc00::1]/a",
    "https://[fdff::1]/a", "https://[fe80::1]/a", "https://[fec0::1]/a", "https://[ff02::1]/a",
    "https://[100::1]/a", "https://[2001:db8::1]/a", "https://[3fff::1]/a", "https://[5f00::1]/a",
    "https://[4000::1]/a",
    // an IPv4 address inside
    "https://[::ffff:127.0.0.1]/a", "https://[::ffff:7f00:1]/a", "https://[::FFFF:A9FE:A9FE]/a",
    "https://[0:0:0:0:0:ffff:10.0.0.1]/a", "https://[::ffff:8.8.8.8]/a", "https://[::127.0.0.1]/a",
    "https://[64:ff9b::127.0.0.1]/a", "https://[64:ff9b::a9fe:a9fe]/a",
    "https://[64:ff9b:1::7f00:1]/a",
    "https://[2002:7f00:1::]/a", "https://[2002:a9fe:a9fe::1]/a", "https://[2001:0:7f00:1::]/a",
    "https://[2001:10::1]/a",
};

// clang-format on

} // namespace refused_links_test
