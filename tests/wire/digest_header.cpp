// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What hosts say of a file's digest, and the digests. The expected values are published check
// values over "123456789", and zlib's for the long text.

#include <cokino/wire/digest_header.hpp>
#include <cokino/wire/signature.hpp>

#include <doctest/doctest.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace digest_header_test {

using namespace cokino::wire;

constexpr std::string_view sha256_b64 = "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=";
constexpr std::string_view sha512_b64 = "2eZ2LdHI6vbWGzxhkvxAjU1tXxF20MKRabwk5xw/J0rSf81YEbMT1oH35"
                                        "V7ALXPUmclUVba1u1A6z1dPuo/+hQ==";
constexpr std::string_view sha1_b64 = "98O8HYCOBHMq32eZZczDTKeuNEE=";
constexpr std::string_view md5_b64 = "JfnnlDI7RTiF9RgfG2JNCw==";
constexpr std::string_view crc32_b64 = "y/Q5Jg==";
constexpr std::string_view crc32c_b64 = "4waSgw==";
constexpr std::string_view crc64_b64 = "rosUhgp5mIg=";

using fields = std::initializer_list<std::pair<std::string_view, std::string>>;

std::optional<digest_claim> read(fields head, bool whole = true)
{
    digest_reader reader(whole);
    for (const auto& [name, value] : head)
        reader.field(name, value);
    return reader.strongest();
}

std::string with(std::string_view before, std::string_view value, std::string_view after = {})
{
    return std::string(before) + std::string(value) + std::string(after);
}

TEST_CASE("each field that hosts send gives its digest")
{
    const struct {
        std::string_view name;
        std::string value;
        digest_kind kind;
        std::string_view base64, source;
    } rows[] = {
        {"repr-digest", with("sha-256=:", sha256_b64, ":"), digest_kind::sha256, sha256_b64,
         "Repr-Digest"},
        {"repr-digest", with("sha-512=:", sha512_b64, ":;q=1"), digest_kind::sha512, sha512_b64,
         "Repr-Digest"},
        {"repr-digest", with("a;x=\",\\\"sha=:\" , md5=:", md5_b64, ":, unixsum=42"),
         digest_kind::md5, md5_b64, "Repr-Digest"},
        {"repr-digest", with("sha=:", sha1_b64, ":"), digest_kind::sha1, sha1_b64, "Repr-Digest"},
        {"content-digest", with("crc32c=:", crc32c_b64, ":"), digest_kind::crc32c, crc32c_b64,
         "Content-Digest"},
        {"x-amz-checksum-sha256", std::string(sha256_b64), digest_kind::sha256, sha256_b64,
         "x-amz-checksum-sha256"},
        {"x-amz-checksum-sha1", std::string(sha1_b64), digest_kind::sha1, sha1_b64,
         "x-amz-checksum-sha1"},
        {"x-amz-checksum-crc32", std::string(crc32_b64), digest_kind::crc32, crc32_b64,
         "x-amz-checksum-crc32"},
        {"x-amz-checksum-crc32c", std::string(crc32c_b64), digest_kind::crc32c, crc32c_b64,
         "x-amz-checksum-crc32c"},
        {"x-amz-checksum-crc64nvme", std::string(crc64_b64), digest_kind::crc64nvme, crc64_b64,
         "x-amz-checksum-crc64nvme"},
        {"x-goog-hash", with("crc32c=", crc32c_b64), digest_kind::crc32c, crc32c_b64,
         "x-goog-hash"},
        {"x-goog-hash", with(with("crc32c=", crc32c_b64, ", md5="), md5_b64), digest_kind::md5,
         md5_b64, "x-goog-hash"},
        {"content-md5", std::string(md5_b64), digest_kind::md5, md5_b64, "Content-MD5"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.value);
        const auto claim = read({{row.name, row.value}});
        REQUIRE(claim.has_value());
        CHECK(claim->kind == row.kind);
        CHECK(base64_encode(claim->bytes) == row.base64);
        CHECK(claim->source == row.source);
    }
}

TEST_CASE("the strongest claim counts, and of two the one whose field speaks of the whole file")
{
    const auto all = read({{"content-md5", std::string(md5_b64)},
                           {"x-amz-checksum-sha256", std::string(sha256_b64)},
                           {"x-goog-hash", with("crc32c=", crc32c_b64)},
                           {"repr-digest", with("sha-256=:", sha256_b64, ":")},
                           {"x-amz-checksum-sha256", std::string(sha256_b64)}});
    REQUIRE(all.has_value());
    CHECK(all->kind == digest_kind::sha256);
    CHECK(all->source == "Repr-Digest");
    const auto both = read(
        {{"repr-digest", with(with("sha-512=:", sha512_b64, ":, sha-256=:"), sha256_b64, ":")}});
    REQUIRE(both.has_value());
    CHECK(both->kind == digest_kind::sha256); // it is taken anyway
    // Google sends its field twice, one digest in each.
    const auto twice = read(
        {{"x-goog-hash", with("crc32c=", crc32c_b64)}, {"x-goog-hash", with("md5=", md5_b64)}});
    REQUIRE(twice.has_value());
    CHECK(twice->kind == digest_kind::md5);
}

TEST_CASE("of a part of a file, only what speaks of the whole is believed")
{
    CHECK_FALSE(read({{"content-digest", with("sha-256=:", sha256_b64, ":")}}, false));
    CHECK_FALSE(read({{"content-md5", std::string(md5_b64)}}, false));
    CHECK_FALSE(read({{"x-amz-checksum-sha256", std::string(sha256_b64)}}, false));
    CHECK(read({{"repr-digest", with("sha-256=:", sha256_b64, ":")}}, false));
    CHECK(read({{"x-goog-hash", with("crc32c=", crc32c_b64)}}, false));
}

TEST_CASE("what does not parse, and what nobody knows, is absent")
{
    for (const auto& field : fields{
             {"repr-digest", "sha-256"},
             {"repr-digest", "sha-256=:"},
             {"repr-digest", with("sha-256=", sha256_b64)},
             {"repr-digest", with("sha-256=:", sha256_b64)},
             {"repr-digest", "sha-256=::"},
             {"repr-digest", with("sha-256=:", md5_b64, ":")},
             {"repr-digest", with("SHA-256=:", sha256_b64, ":")}, // keys are in lower case
             {"repr-digest", with("sha-384=:", sha256_b64, ":")},
             {"repr-digest", with("x=\"sha-256=:", sha256_b64, ":")},
             {"repr-digest", ",,,=,\"\\"},
             {"x-amz-checksum-sha256", with("", sha256_b64, "-3")}, // uploaded in three parts
             {"x-amz-checksum-sha256", ""},
             {"x-amz-checksum-type", "FULL_OBJECT"},
             {"x-goog-hash", with("sha256=", sha256_b64)},
             {"x-goog-hash", "md5="},
             {"content-md5", "25f9e794323b453885f5181f1b624d0b"}, // hexadecimal
             {"content-md5", "AAAA"},
             {"etag", "\"25f9e794323b453885f5181f1b624d0b\""},
         }) {
        CAPTURE(field.second); // Clang 14 captures no structured binding
        CHECK_FALSE(read({field}));
    }
    // A good member beside a broken one still counts.
    CHECK(read({{"repr-digest", with("sha-512=:x:, sha-256=:", sha256_b64, ":")}}));
}

TEST_CASE("digests agree with their published values, however the text is cut")
{
    const struct {
        digest_kind kind;
        std::string_view base64;
    } rows[] = {{digest_kind::sha256, sha256_b64},   {digest_kind::sha512, sha512_b64},
                {digest_kind::sha1, sha1_b64},       {digest_kind::md5, md5_b64},
                {digest_kind::crc64nvme, crc64_b64}, {digest_kind::crc32c, crc32c_b64},
                {digest_kind::crc32, crc32_b64}};
    const std::string_view text = "123456789";
    for (const auto& row : rows) {
        CAPTURE(name_of(row.kind));
        for (std::size_t cut = 0; cut <= text.size(); ++cut) {
            running_digest digest(row.kind);
            REQUIRE(digest.usable());
            digest.update(text.substr(0, cut));
            digest.update(text.substr(cut));
            const auto bytes = digest.finish();
            CHECK(bytes.size() == size_of(row.kind));
            CHECK(base64_encode(bytes) == row.base64);
        }
    }
    std::string longer;
    for (unsigned i = 0; i != 10'000; ++i)
        longer += static_cast<char>(i * 7 & 255U);
    running_digest zlib(digest_kind::crc32);
    zlib.update(longer);
    CHECK(hex_encode(zlib.finish()) == "a0b70144");
    CHECK(hex_encode(running_digest(digest_kind::crc32).finish()) == "00000000");
}

} // namespace digest_header_test
