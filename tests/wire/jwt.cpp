// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Signed tokens against RFC 7515 A.1 and a vector of our own [providers/kling §8].
#include <cokino/wire/jwt.hpp>
#include <cokino/wire/signature.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace jwt_test {

using namespace cokino::wire;

TEST_CASE("the token of RFC 7515 A.1 is made, with its line ends and its binary key")
{
    const auto key = base64url_decode(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
    REQUIRE(key.has_value());
    const std::string_view payload =
        "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
    CHECK(jws_hs256("{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}", payload, *key) ==
          "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
          "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
          "cnVlfQ."
          "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
}

TEST_CASE("a token for Kling is made as the vendor's sample makes it")
{
    CHECK(jwt_hs256(R"({"iss":"AKdemo0001","exp":1790001800,"nbf":1789999995})", "SKdemo0001") ==
          "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
          "eyJpc3MiOiJBS2RlbW8wMDAxIiwiZXhwIjoxNzkwMDAxODAwLCJuYmYiOjE3ODk5OTk5OTV9."
          "4uSi2yTwUImrIxt8qTADAj6Dfo-GLEvprnZgPhmtSPA");
}

TEST_CASE("another key or payload gives another signature, and the same the same")
{
    const std::string one = jwt_hs256("{}", "k");
    CHECK(one == jwt_hs256("{}", "k"));
    CHECK(one.substr(0, one.rfind('.')) == jwt_hs256("{}", "l").substr(0, one.rfind('.')));
    CHECK(one != jwt_hs256("{}", "l"));
    CHECK(one != jwt_hs256("{ }", "k"));
}

} // namespace jwt_test
