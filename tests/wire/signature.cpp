// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// SHA-256 against FIPS 180 and NIST vectors, base64 against RFC 4648, and strictness of decoding.
#include <cokino/wire/signature.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace signature_test {

using namespace cokino::wire;

TEST_CASE("SHA-256 gives the published digests, whole or in pieces")
{
    CHECK(hex_encode(sha256_of("")) ==
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(hex_encode(sha256_of("abc")) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hex_encode(sha256_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    sha256 hash;
    for (int i = 0; i != 1000; ++i)
        hash.update(std::string(1000, 'a'));
    CHECK(hex_encode(hash.finish()) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    CHECK(hash.update("a").update("bc").finish() == sha256_of("abc")); // started over
}

TEST_CASE("hexadecimal goes there and back")
{
    CHECK(hex_encode(std::string_view("\x00\x7f\xff", 3)) == "007fff");
    CHECK(hex_decode("007FfF") == std::string("\x00\x7f\xff", 3));
    CHECK(hex_decode("") == "");
    for (auto const* bad : {"0", "0g", "0 ", "0x00", "000", "-1"}) {
        CAPTURE(bad);
        CHECK(!hex_decode(bad));
    }
}

TEST_CASE("base64 gives the vectors of RFC 4648 both ways")
{
    struct row {
        const char* plain;
        const char* coded;
    };
    row const rows[] = {{"", ""},
                        {"f", "Zg=="},
                        {"fo", "Zm8="},
                        {"foo", "Zm9v"},
                        {"foob", "Zm9vYg=="},
                        {"fooba", "Zm9vYmE="},
                        {"foobar", "Zm9vYmFy"},
                        {"\xfb\xff\xfe", "+//+"}};
    for (auto const& row : rows) {
        CAPTURE(row.plain);
        CHECK(base64_encode(row.plain) == row.coded);
        CHECK(base64_decode(row.coded) == row.plain);
        CHECK(base64url_decode(base64url_encode(row.plain)) == row.plain);
    }
    CHECK(base64url_encode("\xfb\xff\xfe") == "-__-");
    CHECK(base64url_encode("f") == "Zg");
    std::string every;
    for (int c = 0; c != 256; ++c)
        every += static_cast<char>(c);
    CHECK(base64_decode(base64_encode(every)) == every);
    CHECK(base64url_decode(base64url_encode(every)) == every);
}

TEST_CASE("two base64 texts never mean the same bytes")
{
    for (auto const* bad :
         {"Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zh==", "Zm9=", "Zm8", "Z", "Zm9v\n", "Zm 9v",
          "Zm9vZ", "Zg==Zg==", "Z=g=", "-__-", "Zm9v\xC3\xA9"}) {
        CAPTURE(bad);
        CHECK(!base64_decode(bad));
    }
    for (auto const* bad : {"Zg==", "Z", "Zh", "Zm9", "+//+", "Zg\n"}) {
        CAPTURE(bad);
        CHECK(!base64url_decode(bad));
    }
}

} // namespace signature_test
