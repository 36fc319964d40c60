// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
#include <cokino/net/proxy.hpp>

#include <doctest/doctest.h>

#include <support/environment.hpp>

#include <cstdlib>
#include <string>

namespace net_proxy_test {

using namespace cokino;
using net::proxy_address;
using net::proxy_settings;
using testing::support::environment;

wire::origin origin(std::string_view url)
{
    auto parsed = wire::url::parse(url);
    REQUIRE(parsed.has_value());
    return parsed->where();
}

TEST_CASE("a proxy's address is read with and without scheme, user and port")
{
    auto plain = proxy_address::parse("proxy.example:3128");
    REQUIRE(plain.has_value());
    CHECK(plain->host == "proxy.example");
    CHECK(plain->port == 3128);
    CHECK(plain->authorization.empty());

    auto full = proxy_address::parse("HTTP://user:p%40ss@proxy.example:8080/");
    REQUIRE(full.has_value());
    CHECK(full->host == "proxy.example");
    CHECK(full->port == 8080);
    // base64 of "user:p@ss"
    CHECK(full->authorization.reveal() == "Proxy-Authorization: Basic dXNlcjpwQHNz\r\n");

    auto bare = proxy_address::parse("proxy.example");
    REQUIRE(bare.has_value());
    CHECK(bare->port == 80);

    auto v6 = proxy_address::parse("http://[fd00::1]:3128");
    REQUIRE(v6.has_value());
    CHECK(v6->host == "fd00::1");
    CHECK(v6->port == 3128);

    auto nameless = proxy_address::parse("http://token@proxy.example");
    REQUIRE(nameless.has_value());
    // base64 of "token:"
    CHECK(nameless->authorization.reveal() == "Proxy-Authorization: Basic dG9rZW46\r\n");
}

TEST_CASE("another kind of proxy, a bad host or a bad port is refused by name")
{
    for (const char* const text :
         {"socks5://proxy.example:1080", "https://proxy.example:443", "http://", "http://:3128",
          "proxy.example:0", "proxy.example:65536", "proxy.example:http", "http://u:%zz@p.example",
          "http://pro xy:80", "http://p.example\r\nX: y", "[::1", "http://[::1]x"}) {
        CAPTURE(text);
        auto parsed = proxy_address::parse(text);
        REQUIRE_FALSE(parsed.has_value());
        CHECK(parsed.error() == errc::invalid_options);
        CHECK(parsed.error().facts().field == "proxy");
    }
    auto socks = proxy_address::parse("socks5://proxy.example");
    CHECK(socks.error().facts().message.find("socks5") != std::string::npos);
}

TEST_CASE("NO_PROXY exempts names with their subdomains, addresses, blocks and ports")
{
    struct row {
        const char* list;
        const char* url;
        bool exempt;
    };
    for (row const& r : {
             row{"", "https://api.example.com/", false},
             row{"example.com", "https://example.com/", true},
             row{"example.com", "https://api.example.com/", true},
             row{"example.com", "https://badexample.com/", false},
             row{"EXAMPLE.com", "https://api.example.com/", true},
             row{".example.com", "https://api.example.com/", true},
             row{".example.com", "https://example.com/", false},
             row{"*.example.com", "https://api.example.com/", true},
             row{"*.example.com", "https://example.com/", false},
             row{"*", "https://api.example.com/", true},
             row{" a.example , example.com ,", "https://api.example.com/", true},
             row{"example.com:8443", "https://api.example.com:8443/", true},
             row{"example.com:8443", "https://api.example.com/", false},
             row{"10.0.0.1", "http://10.0.0.1/", true},
             row{"10.0.0.1", "http://10.0.0.2/", false},
             row{"10.0.0.1:80", "http://10.0.0.1/", true},
             row{"10.0.0.1:81", "http://10.0.0.1/", false},
             row{"10.0.0.0/8", "http://10.200.3.4/", true},
             row{"10.0.0.0/8", "http://11.0.0.1/", false},
             row{"10.0.0.0/8", "http://10.example/", false},
             row{"10.0.0.0/33", "http://10.0.0.1/", false},
             row{"fd00::/8", "http://[fd12::1]/", true},
             row{"fd00::/8", "http://[fe12::1]/", false},
             row{"[fd00::1]", "http://[fd00::1]/", true},
             row{"fd00::1", "http://[fd00::1]/", true},
             row{"", "http://localhost:8080/", true},
             row{"", "http://api.localhost/", true},
             row{"", "http://127.0.0.1/", true},
             row{"", "http://127.9.9.9/", true},
             row{"", "http://[::1]/", true},
         }) {
        CAPTURE(r.list);
        CAPTURE(r.url);
        proxy_settings settings;
        settings.none_for = r.list;
        CHECK(settings.exempt(origin(r.url)) == r.exempt);
    }
}

TEST_CASE("the proxy follows the scheme, and a bad one fails instead of being gone around")
{
    proxy_settings settings;
    settings.http = "plain.example:3128";
    settings.https = "socks5://tls.example";
    auto plain = settings.choose(origin("http://api.example/"));
    REQUIRE(plain.has_value());
    REQUIRE(plain->has_value());
    CHECK((*plain)->host == "plain.example");
    auto refused = settings.choose(origin("https://api.example/"));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error() == errc::invalid_options);
    settings.https.clear();
    auto direct = settings.choose(origin("https://api.example/"));
    REQUIRE(direct.has_value());
    CHECK_FALSE(direct->has_value());
}

TEST_CASE("from the environment, HTTP_PROXY in capitals is ignored: CGI puts a header there")
{
    environment const clean{"http_proxy",  "HTTP_PROXY", "https_proxy",
                            "HTTPS_PROXY", "no_proxy",   "NO_PROXY"};
    setenv("HTTP_PROXY", "evil.example:1", 1);
    setenv("HTTPS_PROXY", "tls.example:2", 1);
    setenv("NO_PROXY", "a.example", 1);
    auto const capitals = proxy_settings::from_env();
    CHECK(capitals.http.empty());
    CHECK(capitals.https == "tls.example:2");
    CHECK(capitals.none_for == "a.example");

    setenv("http_proxy", "plain.example:3", 1);
    setenv("https_proxy", "tls.example:4", 1);
    setenv("no_proxy", "b.example", 1);
    auto const small = proxy_settings::from_env();
    CHECK(small.http == "plain.example:3");
    CHECK(small.https == "tls.example:4");
    CHECK(small.none_for == "b.example");
}

} // namespace net_proxy_test
