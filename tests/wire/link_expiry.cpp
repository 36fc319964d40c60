// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// When links die: each format to the second, and everything that only looks like one.
#include <cokino/wire/link_expiry.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <string_view>

namespace link_expiry_test {

using namespace cokino::wire;

struct row {
    std::string_view link;
    std::string_view rule;
    std::int64_t at;
    expiry_bound bound = expiry_bound::exact;
    std::int64_t not_before = 0;
};

constexpr auto exact = expiry_bound::exact, upper = expiry_bound::upper,
               lower = expiry_bound::lower;

// 1795780800 is 2026-11-27T12:00:00Z, 1796083200 is 2026-12-01T00:00:00Z.
constexpr row rows[] = {
    // S3 and what speaks like it (R2, MinIO, RGW, B2)
    {"https://b.s3.amazonaws.com/a.mp4?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK%2F2026"
     "1127%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20261127T120000Z&X-Amz-Expires=3600"
     "&X-Amz-SignedHeaders=host&X-Amz-Signature=ab",
     "s3-sigv4", 1795784400},
    {"https://acc.r2.cloudflarestorage.com/b/a.mp4?x-amz-algorithm=AWS4-HMAC-SHA256"
     "&x-amz-date=20261127T120000Z&x-amz-expires=604800&x-amz-signature=ab",
     "s3-sigv4", 1796385600},
    {"https://b.s3.amazonaws.com/a.mp4?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261127T120000Z"
     "&X-Amz-Expires=86400&X-Amz-Security-Token=IQoJ&X-Amz-Signature=ab",
     "s3-sigv4", 1795867200, upper},
    {"https://b.s3.amazonaws.com/a.mp4?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20280229T235959Z"
     "&X-Amz-Expires=1&X-Amz-Signature=ab",
     "s3-sigv4", 1835481600},
    {"https://b.s3.amazonaws.com/a.mp4?Signature=abc%3D&Expires=1795784400&AWSAccessKeyId=ABC",
     "s3-sigv2", 1795784400},
    {"https://b.s3.amazonaws.com/a.mp4?AWSAccessKeyId=ASIA&Signature=a&x-amz-security-token=t"
     "&Expires=1795784400",
     "s3-sigv2", 1795784400, upper},
    // Google
    {"https://storage.googleapis.com/b/a.mp4?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Date="
     "20261127T120000Z&X-Goog-Expires=43200&X-Goog-SignedHeaders=host&X-Goog-Signature=ab",
     "gcs-v4", 1795824000},
    {"https://storage.googleapis.com/b/a.mp4?GoogleAccessId=x%40y.iam.gserviceaccount.com"
     "&Expires=1796083200&Signature=ab%2B",
     "gcs-v2", 1796083200},
    // CloudFront
    {"https://d1.cloudfront.net/a.mp4?Expires=1796083200&Signature=ab-cd~_&Key-Pair-Id=K1",
     "cloudfront-canned", 1796083200},
    {"https://d1.cloudfront.net/"
     "a.mp4?Policy=eyJTdGF0ZW1lbnQiOlt7IlJlc291cmNlIjoiaHR0cHM6Ly9kMTExMTE"
     "xYWJjZGVmOC5jbG91ZGZyb250Lm5ldC8qIiwiQ29uZGl0aW9uIjp7IkRhdGVMZXNzVGhhbiI6eyJBV1M6RXBvY2hUaW1l"
     "IjoxNzk2MTI2NDAwfX19XX0_&Signature=ab&Key-Pair-Id=K1",
     "cloudfront-custom", 1796126400},
    // the same with '-', '~' and a beginning
    {"https://d1.cloudfront.net/"
     "a?Policy=eyJTdGF0ZW1lbnQiOlt7IlJlc291cmNlIjoiaHR0cHM6Ly9kMS5jbG91ZGZ"
     "yb250Lm5ldC9hP2I9Pj4-Pz8~IiwiQ29uZGl0aW9uIjp7IklwQWRkcmVzcyI6eyJBV1M6U291cmNlSXAiOiIwLjAuMC4w"
     "LzAifSwiRGF0ZUdyZWF0ZXJUaGFuIjp7IkFXUzpFcG9jaFRpbWUiOjE3OTU3ODA4MDB9LCJEYXRlTGVzc1RoYW4iOnsiQ"
     "VdTOkVwb2NoVGltZSI6MTc5NjEyNjQxNX19fV19&Signature=ab&Key-Pair-Id=K1",
     "cloudfront-custom", 1796126415, exact, 1795780800},
    // Azure: seconds, minutes, a day, a fraction, a beginning, a delegated key that ends first
    {"https://acc.blob.core.windows.net/c/a.mp4?sv=2022-11-02&sr=b&sp=r&se=2026-12-01T08%3A30%3A15Z"
     "&sig=ab%3D",
     "azure-sas", 1796113815},
    {"https://acc.blob.core.windows.net/c/a.mp4?sv=2022-11-02&sr=b&sp=r&se=2026-12-01T08:30Z&sig=a",
     "azure-sas", 1796113800},
    {"https://acc.blob.core.windows.net/c/a.mp4?sv=2022-11-02&sr=b&sp=r&se=2026-12-01&sig=a",
     "azure-sas", 1796083200},
    {"https://acc.blob.core.windows.net/c/"
     "a.mp4?sv=2022-11-02&st=2026-11-27T12%3A00%3A00Z&se=2026-12"
     "-01T08%3A30%3A15.1234567Z&sig=a",
     "azure-sas", 1796113815, exact, 1795780800},
    {"https://acc.blob.core.windows.net/c/"
     "a.mp4?skoid=o&sktid=t&skt=2026-11-27T12%3A00%3A00Z&ske=2026"
     "-12-01T00%3A00%3A00Z&sks=b&skv=2022-11-02&sv=2022-11-02&se=2026-12-02T00%3A00%3A00Z&sr=b&sig="
     "a",
     "azure-delegation", 1796083200, exact, 1795780800},
    {"https://acc.blob.core.windows.net/c/a.mp4?ske=2026-12-02T00%3A00%3A00Z&sv=2022-11-02"
     "&se=2026-12-01T00%3A00%3A00Z&sr=b&sig=a",
     "azure-sas", 1796083200},
    // Aliyun: the same name means an instant in one version and a span in another
    {"https://b.oss-cn-beijing.aliyuncs.com/a.mp4?OSSAccessKeyId=LT&Expires=1796083200&Signature=a",
     "oss-v1", 1796083200},
    {"https://b.oss-cn-beijing.aliyuncs.com/"
     "a.mp4?OSSAccessKeyId=STS.N&Expires=1796083200&Signature=a"
     "&security-token=C",
     "oss-v1", 1796083200, upper},
    {"https://b.oss-cn-beijing.aliyuncs.com/a.mp4?x-oss-access-key-id=L&x-oss-expires=1796083200"
     "&x-oss-signature=a&x-oss-signature-version=OSS2",
     "oss-v2", 1796083200},
    {"https://b.oss-cn-beijing.aliyuncs.com/"
     "a.mp4?x-oss-credential=L%2F20261127&x-oss-date=20261127T1"
     "20000Z&x-oss-expires=3600&x-oss-signature=a&x-oss-signature-version=OSS4-HMAC-SHA256",
     "oss-v4", 1795784400},
    // Volcengine
    {"https://ark.tos-cn-beijing.volces.com/"
     "a.mp4?X-Tos-Algorithm=TOS4-HMAC-SHA256&X-Tos-Credential=A"
     "K%2F20261127&X-Tos-Date=20261127T120000Z&X-Tos-Expires=86400&X-Tos-Signature=a",
     "tos-v4", 1795867200},
    {"https://video.example/tos/a?x-tos-algorithm=v2&x-tos-authkey=5b&x-tos-expires=1796083200"
     "&x-tos-signature=r_",
     "tos-v2", 1796083200},
    // Tencent: the end of the key, or of the signature, whichever is first
    {"https://b.cos.ap-beijing.myqcloud.com/"
     "a.mp4?q-sign-algorithm=sha1&q-ak=A&q-sign-time=1795780800"
     "%3B1795784400&q-key-time=1795780800%3B1795784400&q-signature=a",
     "cos-sign", 1795784400, exact, 1795780800},
    {"https://b.cos.ap-beijing.myqcloud.com/"
     "a.mp4?q-sign-algorithm=sha1&q-ak=A&q-sign-time=1795780800"
     ";1796083200&q-key-time=1795780800;1795784400&q-signature=a",
     "cos-key", 1795784400, exact, 1795780800},
    // Huawei, Baidu
    {"https://b.obs.eu.example/a.mp4?AccessKeyId=A&Expires=1796083200&Signature=a", "obs-v2",
     1796083200},
    {"https://bj.bcebos.com/v1/b/"
     "a.mp4?authorization=bce-auth-v1%2FAK%2F2026-11-27T12%3A00%3A00Z%2F36"
     "00%2Fhost%2F85389b",
     "bos-v1", 1795784400},
    // Kuaishou's CDN: hexadecimal, as the two samples in public code have it
    {"https://p4.example/a.mp4?x-kcdn-pid=112781&ksSecret=1ef8bfd0&ksTime=69884f0c", "kcdn",
     1770540812},
    {"https://p4.example/a.mp4?pkey=AA&x-kcdn-pid=112781&ksSecret=1ef8bfd0&ksTime=6953FA63", "kcdn",
     1767111267},
    // tokens
    {"https://d2.cloudfront.net/"
     "a.mp4?_jwt=eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJrZXlIYXNoIjoiYWJjI"
     "iwiYnVja2V0IjoicnVud2F5LXRhc2stYXJ0aWZhY3RzIiwiZW52IjoicHJvZCIsImV4cCI6MTc5NjA4MzIwMH0."
     "c2lnbmF"
     "0dXJl",
     "cloudfront-jwt", 1796083200},
    {"https://x.supabase.co/storage/v1/object/sign/clips/"
     "a.mp4?token=eyJhbGciOiJIUzI1NiIsInR5cCI6IkpX"
     "VCJ9.eyJ1cmwiOiJjbGlwcy9hLm1wNCIsImlhdCI6MTc5NTc4MDgwMCwiZXhwIjoxNzk2MTI2NDAwfQ.c2lnbmF0dXJl",
     "jwt", 1796126400},
    {"https://x.supabase.co/"
     "a.mp4?token=eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1cmwiOiJjbGlwcy9hLm1w"
     "NCIsIm5iZiI6MTc5NTc4MDgwMCwiZXhwIjoxNzk2MTI2NDAwLjc1fQ.c2lnbmF0dXJl",
     "jwt", 1796126400, exact, 1795780800},
    // CDNs
    {"https://v16.byteoversea.example/a.mp4?lk3s=5&x-expires=1796083200&x-signature=a%3D",
     "x-expires", 1796083200},
    {"https://h.akamaized.net/a.mp4?hdnts=exp=1796083200~acl=/x/*~hmac=1ca2", "akamai-hdnts",
     1796083200},
    {"https://h.akamaized.net/"
     "a.mp4?hdnts=st%3D1795780800~exp%3D1796083200~acl%3D%2F%2A~hmac%3D1ca2",
     "akamai-hdnts", 1796083200, exact, 1795780800},
    {"https://h.akamaized.net/a.mp4?hdnea=st=1795780800~exp=1796083200~acl=/*~data=ip=1~hmac=1ca2",
     "akamai-hdnea", 1796083200, exact, 1795780800},
    {"https://h.akamaized.net/a.mp4?hdntl=exp=1796083200~acl=%2f*~hmac=1ca2", "akamai-hdntl",
     1796083200},
    {"https://cdn.example/"
     "a.mp4?auth_key=1796083200-7564de2e83a4-0-f49092f13b96252ec677ba34dda9dda5",
     "cdn-type-a", 1796083200, lower},
    {"https://cdn.example/a.mp4?e=1796083200&token=AK:sig=", "qiniu", 1796083200},
    {"https://cdn.b-cdn.net/a.mp4?token=abc&expires=1796083200", "bunny", 1796083200},
};

TEST_CASE("the instant at which a link dies is read to the second, and the rule is named")
{
    std::set<std::string_view> rules;
    for (const auto& row : rows) {
        CAPTURE(row.link);
        const auto got = read_link_expiry(row.link);
        REQUIRE(got.has_value());
        CHECK(got->rule == row.rule);
        CHECK(got->at.time_since_epoch().count() == row.at);
        CHECK(got->bound == row.bound);
        CHECK((got->not_before ? got->not_before->time_since_epoch().count() : 0) ==
              row.not_before);
        rules.insert(got->rule);
    }
    CHECK(std::size(rows) >= 30);
    CHECK(rules.size() >= 18);
}

TEST_CASE("the earliest rule wins, and a lower bound gives way to every other")
{
    const std::string_view late = "https://h/a?Expires=1796083200&Signature=a&Key-Pair-Id=k"
                                  "&x-expires=1795784400&x-signature=b";
    CHECK(read_link_expiry(late)->rule == "x-expires");
    CHECK(read_link_expiry("https://h/a?auth_key=1795780800-r-0-f49092f13b96252ec677ba34dda9dda5"
                           "&x-expires=1796083200&x-signature=b")
              ->rule == "x-expires");
    CHECK(read_link_expiry("https://h/a?auth_key=1796083200-r-0-f49092f13b96252ec677ba34dda9dda5"
                           "&x-expires=1795780800&x-signature=b")
              ->rule == "x-expires");
}

TEST_CASE("a parameter says nothing without its companions")
{
    for (std::string_view link : {
             "https://h/a",
             "https://h/a?",
             "https://h/a?Expires=1796083200",
             "https://h/a?Expires=1796083200&Signature=a",
             "https://h/a?Expires=1796083200&AWSAccessKeyId=a",
             "https://h/a?Expires=1796083200&AWSAccessKeyId=&Signature=a",
             "https://h/a?Expires=1796083200&Signature&Key-Pair-Id=k",
             "https://h/a?X-Amz-Date=20261127T120000Z&X-Amz-Expires=3600",
             "https://h/a?X-Amz-Algorithm=a&X-Amz-Date=20261127T120000Z",
             "https://h/a?X-Amz-Algorithm=a&X-Amz-Expires=3600",
             "https://h/a?Policy=e30_&Key-Pair-Id=k",
             "https://h/a?se=2026-12-01&sig=a",
             "https://h/a?se=2026-12-01&sv=a",
             "https://h/a?ske=2026-12-01&sv=a&sig=b",
             "https://h/a?x-oss-expires=1796083200",
             "https://h/a?x-oss-expires=1796083200&x-oss-signature-version=OSS3",
             "https://h/a?x-oss-expires=1796083200&x-oss-signature-version=OSS4-HMAC-SHA256",
             "https://h/a?X-Tos-Algorithm=x&X-Tos-Date=20261127T120000Z&X-Tos-Expires=60",
             "https://h/a?q-sign-time=1795780800;1795784400",
             "https://h/a?ksTime=69884f0c",
             "https://h/a?ksTime=69884f0c&x-kcdn-pid=1",
             "https://h/a?x-kcdn-pid=112781&pkey=AA&cacheKey=b",
             "https://h/a?x-expires=1796083200",
             "https://h/a?e=1796083200",
             "https://h/a?hdnts=exp=1796083200~acl=/*",
             "https://h/a?hdnts=1796083200",
             "https://h/a?auth_key=1796083200",
             "https://h/a?auth_key=1796083200-0-0-short",
             "https://h/a?auth_key=1796083200-0-f49092f13b96252ec677ba34dda9dda5",
             "https://h/a#?Expires=1796083200&Signature=a&Key-Pair-Id=k",
             // another host may mean anything by it
             "https://h.example/"
             "a?_jwt=eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjE3OTYwODMyMDB9"
             ".c2lnbmF0dXJl",
             // a link within a link is not ours
             "https://h/a?u=https%3A%2F%2Fh%2Fa%3FExpires%3D1796083200%26Signature%3Da%26"
             "Key-Pair-Id%3Dk",
             // a date in other seconds than since 1970
             "https://gateway.example/a?X-Algorithm=PINATA1&X-Date=1735746187&X-Expires=30"
             "&X-Signature=2e",
         }) {
        CAPTURE(link);
        CHECK_FALSE(read_link_expiry(link).has_value());
    }
}

TEST_CASE("values that make no sense give nothing")
{
    const auto canned = [](std::string_view value) {
        return "https://h/a?Signature=a&Key-Pair-Id=k&Expires=" + std::string(value);
    };
    for (std::string_view value : {"",
                                   "0",
                                   "-1796083200",
                                   "+1796083200",
                                   " 1796083200",
                                   "1796083200 ",
                                   "1796083200.5",
                                   "1e9",
                                   "999999999",
                                   "4102444800",
                                   "17960832000",
                                   "1796083200000",
                                   "9223372036854775807",
                                   "9223372036854775808",
                                   "18446744073709551616",
                                   "99999999999999999999",
                                   "-9223372036854775808",
                                   "0x6b0eb6c0",
                                   "6b0eb6c0",
                                   "%",
                                   "%3",
                                   "%zz",
                                   "1796083200%00",
                                   "NaN",
                                   "1796083200&Expires=1796083200",
                                   "1796083200&EXPIRES=1"}) {
        CAPTURE(value);
        CHECK_FALSE(read_link_expiry(canned(value)).has_value());
    }
    CHECK(read_link_expiry(canned("%31796083200")).has_value());
    const auto v4 = [](std::string_view date, std::string_view span) {
        return "https://h/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=" + std::string(date) +
               "&X-Amz-Expires=" + std::string(span);
    };
    for (std::string_view span : {"604801", "0", "-1", "", "3600s", "99999999999999999999",
                                  "9223372036854775807", "3600&x-amz-expires=60"}) {
        CAPTURE(span);
        CHECK_FALSE(read_link_expiry(v4("20261127T120000Z", span)).has_value());
    }
    for (std::string_view date :
         {"20261127T120000", "20261127T1200Z", "20261327T120000Z", "20260229T120000Z",
          "20261127T240000Z", "20261127T126000Z", "20261127T120061Z", "20261127 120000Z",
          "00000000T000000Z", "99991231T235959Z", "2026-11-27T12:00:00Z", "1795780800",
          "20261127T120000ZZ", ""}) {
        CAPTURE(date);
        CHECK_FALSE(read_link_expiry(v4(date, "3600")).has_value());
    }
}

TEST_CASE("calendars and ranges that make no sense give nothing")
{
    const auto sas = [](std::string_view end) {
        return "https://h/a?sv=2022-11-02&sig=a&se=" + std::string(end);
    };
    for (std::string_view end :
         {"2026-12-01T08:30:15", "2026-12-01T08:30:15+00:00", "2026-12-01T08Z", "2026-12-01Z",
          "2026-12-32", "2026-1-1", "2026-12-01T08:30:15.Z", "2026-12-01T08:30:15.12345678901Z",
          "2026-12-01T08:30:15.x1Z", "2026-12-01T08:30:", "Z", "1970-01-01", "2500-01-01",
          "2026-12-01T08:30:15Z&SE=2026-12-01"}) {
        CAPTURE(end);
        CHECK_FALSE(read_link_expiry(sas(end)).has_value());
    }
    const auto cos = [](std::string_view range) {
        return "https://h/a?q-sign-algorithm=sha1&q-sign-time=" + std::string(range);
    };
    for (std::string_view range : {"1795784400", ";1795784400", "1795784400;",
                                   "1795784400;1795780800", "1795780800;1795784400;1", "a;b"}) {
        CAPTURE(range);
        CHECK_FALSE(read_link_expiry(cos(range)).has_value());
    }
}

TEST_CASE("broken tokens and policies give nothing")
{
    const auto token = [](std::string_view text) {
        return "https://h/a?token=" + std::string(text);
    };
    const std::string head = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.";
    for (std::string_view payload : {"eyJleHAiOjFlNDAwfQ",          // {"exp":1e400}
                                     "eyJleHAiOiIxNzk2MTI2NDAwIn0", // {"exp":"1796126400"}
                                     "eyJleHAiOi01fQ",              // {"exp":-5}
                                     "eyJpYXQiOjV9",                // {"iat":5}
                                     "eyJleHAiOjE3OTYxMjY0MDAsImV4cCI6MTc5NjEyNjQwMX0", // exp twice
                                     "W10",                                             // []
                                     "eyJleHAiOjE3OTYxMjY0MDAwfQ", // {"exp":17961264000}
                                     "eyJleHAiOjE3OTYxMjY0MDB9=",  // padded
                                     "eyJleHAiOjE3OTYxMjY0MDB",    // cut
                                     "eyJleHAiOjE3OTYx+jY0MDB9", "", "!!"}) {
        CAPTURE(payload);
        CHECK_FALSE(read_link_expiry(token(head + std::string(payload) + ".c2ln")).has_value());
    }
    CHECK(read_link_expiry(token(head + "eyJleHAiOjE3OTYxMjY0MDB9.c2ln")).has_value());
    CHECK_FALSE(read_link_expiry(token(head + "eyJleHAiOjE3OTYxMjY0MDB9")).has_value());
    CHECK_FALSE(read_link_expiry(token(head + "eyJleHAiOjE3OTYxMjY0MDB9.")).has_value());
    CHECK_FALSE(read_link_expiry(token(head + "eyJleHAiOjE3OTYxMjY0MDB9.a.b")).has_value());
    CHECK_FALSE(read_link_expiry(token("..")).has_value());

    const auto policy = [](std::string_view text) {
        return "https://h/a?Signature=a&Key-Pair-Id=k&Policy=" + std::string(text);
    };
    for (std::string_view text :
         {"", "_", "e30_", "e30", "bm9uc2Vuc2U_", "W10_", "eyJTdGF0ZW1lbnQ"}) {
        CAPTURE(text);
        CHECK_FALSE(read_link_expiry(policy(text)).has_value());
    }
    // Deep, and as long as a link can be.
    std::string deep;
    for (int i = 0; i < 500; ++i)
        deep += "W1tb"; // [[[
    CHECK_FALSE(read_link_expiry(policy(deep)).has_value());
    CHECK_FALSE(read_link_expiry(policy(std::string(8'000, 'A'))).has_value());
    CHECK_FALSE(read_link_expiry(policy(std::string(80'000, 'A'))).has_value());
}

TEST_CASE("a query without end gives nothing")
{
    std::string link = "https://h/a?Expires=1796083200&Signature=a&Key-Pair-Id=k";
    for (int i = 0; i < 97; ++i)
        link += "&a=b";
    CHECK(read_link_expiry(link).has_value());
    CHECK_FALSE(read_link_expiry(link + "&a=b").has_value());
    CHECK(read_link_expiry(link + "&&&&&&").has_value());
}

std::optional<link_expiry> said(std::string_view name, std::string_view value)
{
    response head = make_response(200, "");
    head.start({});
    head.add_field(name, value);
    return read_expiry_fields(head, std::chrono::sys_seconds(std::chrono::seconds(1'795'780'800)));
}

TEST_CASE("fields that speak of the file's end are read, those that speak of caches are not")
{
    const auto at = [](std::string_view name, std::string_view value) {
        const auto got = said(name, value);
        if (got)
            CHECK(got->rule == name);
        return got ? got->at.time_since_epoch().count() : 0;
    };
    CHECK(at("x-amz-expiration", "expiry-date=\"Tue, 01 Dec 2026 00:00:00 GMT\", rule-id=\"a\"") ==
          1796083200);
    CHECK(at("x-oss-expiration", "expiry-date=\"Tue, 01 Dec 2026 00:00:00 GMT\", rule-id=\"a\"") ==
          1796083200);
    CHECK(at("x-cos-expiration", "rule-id=\"a\", expiry-date=\"Tue, 01 Dec 2026 00:00:00 GMT\"") ==
          1796083200);
    CHECK(at("x-delete-at", "1796083200") == 1796083200);
    CHECK(at("x-ms-expiry-time", "Tue, 01 Dec 2026 00:00:00 GMT") == 1796083200);
    CHECK(at("sunset", "Tue, 01 Dec 2026 00:00:00 GMT") == 1796083200);
    for (std::string_view value : {"", "expiry-date=", "expiry-date=\"", "expiry-date=\"x\"",
                                   "expiry-date=\"Tue, 01 Dec 2026 00:00:00 GMT",
                                   "expiry-date=\"Tue, 01 Dec 9026 00:00:00 GMT\""})
        CHECK(at("x-amz-expiration", value) == 0);
    CHECK(at("x-delete-at", "99999999999999999999") == 0);
    CHECK(at("sunset", "tomorrow") == 0);
    CHECK(at("expires", "Tue, 01 Dec 2026 00:00:00 GMT") == 0);
    CHECK(at("cache-control", "max-age=60") == 0);

    response both = make_response(200, "");
    both.start({});
    both.add_field("Sunset", "Tue, 01 Dec 2026 00:00:00 GMT");
    both.add_field("X-Delete-At", "1795784400");
    const auto got = read_expiry_fields(both, {});
    REQUIRE(got.has_value());
    CHECK(got->rule == "x-delete-at");
}

} // namespace link_expiry_test
