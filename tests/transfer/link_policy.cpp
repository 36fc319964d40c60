// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Which links and redirects are followed.

#include <cokino/core/limits.hpp>
#include <cokino/transfer/detail/link_policy.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace link_policy_test {

using cokino::errc;
using cokino::detail::check_link;
using cokino::detail::follow_redirect;
using cokino::detail::link_policy;

bool allowed(std::string_view link, link_policy policy = {})
{
    const auto url = check_link(link, policy);
    if (url.has_error())
        CHECK(url.error() == errc::link_refused);
    return url.has_value();
}

TEST_CASE("links are https, on its port, and without user info")
{
    CHECK(allowed("https://v3.fal.media/files/a.mp4?sig=1"));
    CHECK(allowed("https://v3.fal.media:443/a.mp4"));
    for (const char* link :
         {"http://v3.fal.media/a.mp4", "https://v3.fal.media:8443/a.mp4", "ftp://v3.fal.media/a",
          "https://user@v3.fal.media/a", "https://user:pw@v3.fal.media/a", "//v3.fal.media/a", "a",
          "", "file:///a.mp4", "data:video/mp4;base64,AAAA", "https://",
          "https://v3.fal.media%2fx/", "https://0x7f000001/", "https://127.1/",
          "https://v3.fal.media\r\nX: y/a", "https://v3.fal.media/a b",
          "https://v3\xE3\x80\x82"
          "fal.media/"})
        CHECK_FALSE(allowed(link));
}

TEST_CASE("each permission opens its own door only")
{
    link_policy insecure;
    insecure.allow_insecure = true;
    CHECK(allowed("http://host/a", insecure));
    CHECK_FALSE(allowed("http://host:8080/a", insecure));
    link_policy any_port;
    any_port.allow_any_port = true;
    CHECK(allowed("https://host:8443/a", any_port));
    CHECK_FALSE(allowed("http://host/a", any_port));
}

TEST_CASE("a refusal names the host and hides the query")
{
    const auto url = check_link("http://host/a?Signature=canary", {});
    REQUIRE(url.has_error());
    CHECK(url.error().facts().host == "host");
    CHECK(url.error().describe().find("canary") == std::string::npos);
    const auto odd = check_link("gopher://host/a?Signature=canary", {});
    CHECK(odd.error().describe().find("canary") == std::string::npos);
}

std::string led_to(std::string_view location, unsigned hops = 0, link_policy policy = {},
                   std::string_view from = "https://api.host/dir/a?x=1")
{
    const auto to = follow_redirect(cokino::wire::url::parse(from).value(), location, hops, policy);
    if (to.has_value())
        return to->text();
    CHECK(to.error() == errc::redirect_refused);
    return {};
}

TEST_CASE("redirects are resolved, and held to the same policy")
{
    CHECK(led_to("https://cdn.host/b?y=2") == "https://cdn.host/b?y=2");
    CHECK(led_to("/b") == "https://api.host/b");
    CHECK(led_to("b") == "https://api.host/dir/b");
    CHECK(led_to("//cdn.host/b") == "https://cdn.host/b");
    for (const char* location : {"", "http://api.host/b", "https://cdn.host:8443/", "ftp://cdn/",
                                 "https://user@cdn.host/", "https://cdn host/"})
        CHECK(led_to(location).empty());
}

TEST_CASE("no redirect leads from https down to http, whatever is allowed")
{
    link_policy all;
    all.allow_insecure = true;
    all.allow_any_port = true;
    CHECK(led_to("http://cdn.host/b", 0, all).empty());
    CHECK(led_to("http://cdn.host/b", 0, all, "http://api.host/a") == "http://cdn.host/b");
    CHECK(led_to("https://cdn.host/b", 0, all, "http://api.host/a") == "https://cdn.host/b");
}

TEST_CASE("redirects are counted")
{
    CHECK_FALSE(led_to("/b", cokino::limits::redirects_max - 1).empty());
    CHECK(led_to("/b", cokino::limits::redirects_max).empty());
    using cokino::detail::is_redirect;
    CHECK((is_redirect(301) && is_redirect(302) && is_redirect(303) && is_redirect(307) &&
           is_redirect(308)));
    CHECK_FALSE((is_redirect(300) || is_redirect(304) || is_redirect(305) || is_redirect(306)));
}

} // namespace link_policy_test
