// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// HMAC-SHA256 against RFC 4231, and the comparison that does not stop early.
#include <cokino/wire/hmac.hpp>
#include <cokino/wire/signature.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace hmac_test {

using namespace cokino::wire;

TEST_CASE("HMAC-SHA256 gives the digests of RFC 4231")
{
    struct row {
        std::string key, message;
        std::string_view digest;
    };
    std::string counted;
    for (char c = 1; c <= 0x19; ++c)
        counted += c;
    const row rows[] = {
        {std::string(20, '\x0b'), "Hi There",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"Jefe", "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {std::string(20, '\xaa'), std::string(50, '\xdd'),
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {counted, std::string(50, '\xcd'),
         "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {std::string(131, '\xaa'),
         "This is a test using a larger than block-size key and a larger than block-size data. The "
         "key needs to be hashed before being used by the HMAC algorithm.",
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
    };
    for (const row& r : rows) {
        CAPTURE(r.message);
        CHECK(hex_encode(hmac_sha256(r.key, r.message)) == r.digest);
    }
}

TEST_CASE("an empty key is a key of its own, and never the one that was used before it")
{
    (void)hmac_sha256("Jefe", "x");
    const std::string_view expected =
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
    CHECK(hex_encode(hmac_sha256("", "")) == expected);
    CHECK(hex_encode(hmac_sha256({}, {})) == expected);
}

TEST_CASE("texts are equal when each byte is, and not otherwise")
{
    CHECK(equal_in_constant_time("", ""));
    CHECK(equal_in_constant_time({}, {}));
    CHECK(equal_in_constant_time("abc", "abc"));
    CHECK(equal_in_constant_time(std::string_view("a\0b", 3), std::string_view("a\0b", 3)));
    CHECK(!equal_in_constant_time(std::string_view("a\0b", 3), std::string_view("a\0c", 3)));
    CHECK(!equal_in_constant_time("abc", "abd"));
    CHECK(!equal_in_constant_time("Abc", "abc"));
    CHECK(!equal_in_constant_time("abc", "ab"));
    CHECK(!equal_in_constant_time("", "a"));
}

} // namespace hmac_test
