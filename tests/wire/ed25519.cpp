// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Ed25519 against RFC 8032 and its forgeries; key sets with all that may stand in one.
#include <cokino/wire/ed25519.hpp>
#include <cokino/wire/signature.hpp>

#include <doctest/doctest.h>

#include <openssl/err.h>

#include <string>

namespace ed25519_test {

using namespace cokino;
using namespace cokino::wire;

std::string bytes(std::string_view hex) { return *hex_decode(hex); }

// RFC 8032 §7.1, tests 1 and 3.
const std::string key_1 = bytes("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
const std::string signed_1 =
    bytes("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
          "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
const std::string key_3 = bytes("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
const std::string signed_3 =
    bytes("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
          "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");

TEST_CASE("Ed25519 signatures of RFC 8032 are good, and of nothing else")
{
    const std::string two = bytes("af82");
    CHECK(ed25519_verify(key_1, "", signed_1));
    CHECK(ed25519_verify(key_3, two, signed_3));
    CHECK_FALSE(ed25519_verify(key_3, "", signed_3));
    CHECK_FALSE(ed25519_verify(key_1, two, signed_3));
    CHECK_FALSE(ed25519_verify(key_3, two + "x", signed_3));
    CHECK_FALSE(ed25519_verify(key_3, two, signed_3.substr(0, 63)));
    CHECK_FALSE(ed25519_verify(key_3, two, signed_3 + "x"));
    CHECK_FALSE(ed25519_verify(key_3, two, ""));
    CHECK_FALSE(ed25519_verify(key_3.substr(1), two, signed_3));
    CHECK_FALSE(ed25519_verify("", two, signed_3));
    for (std::size_t at : {0U, 31U, 32U, 63U}) {
        std::string bent = signed_3;
        bent[at] = static_cast<char>(bent[at] ^ 1);
        CHECK_FALSE(ed25519_verify(key_3, two, bent));
    }
}

TEST_CASE("A refused signature leaves no error behind in OpenSSL's queue")
{
    ERR_clear_error();
    std::string bent = signed_3;
    bent[40] = static_cast<char>(bent[40] ^ 0x80);
    CHECK_FALSE(ed25519_verify(key_3, "x", bent));
    CHECK(ERR_peek_error() == 0);
}

TEST_CASE("A key set gives its Ed25519 keys and passes over the rest")
{
    const std::string x = base64url_encode(key_1), other = base64url_encode(key_3);
    const auto keys = parse_ed25519_jwks(
        R"({"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"},{"kty":"OKP","crv":"X25519","x":")" + x +
        R"("},{"kty":"OKP","crv":"Ed25519","kid":"a","x":")" + x + R"("},{"x":")" + other +
        R"("},{"x":")" + other + R"("},{"x":"AAAA"},{"x":7},[],null,{"x":")" + x + R"(="}]})");
    REQUIRE(keys.has_value());
    REQUIRE(keys->size() == 2);
    CHECK((*keys)[0] == key_1);
    CHECK((*keys)[1] == key_3);
}

TEST_CASE("A key set is bounded, and one without a key is malformed")
{
    std::string many = R"({"keys":[)";
    for (int i = 0; i < 40; ++i) {
        std::string key(32, 'k');
        key[0] = static_cast<char>(i);
        many += (i == 0 ? R"({"x":")" : R"(,{"x":")") + base64url_encode(key) + R"("})";
    }
    const auto bounded = parse_ed25519_jwks(many + "]}", 16);
    REQUIRE(bounded.has_value());
    CHECK(bounded->size() == 16);
    for (const char* text : {"", "{}", "[]", "null", R"({"keys":[]})", R"({"keys":{}})",
                             R"({"keys":[{"x":""}]})", "<html>"}) {
        CAPTURE(text);
        const auto none = parse_ed25519_jwks(text);
        REQUIRE_FALSE(none.has_value());
        CHECK(none.error() == errc::answer_malformed);
    }
}

} // namespace ed25519_test
