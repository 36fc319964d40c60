// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What services say of a link that died.
#include <cokino/transfer/detail/dead_answer.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace dead_answer_test {

using cokino::detail::dead_answer;
using cokino::detail::read_dead_answer;
using word = dead_answer::word;

constexpr std::chrono::sys_seconds now{std::chrono::seconds(1'795'784'460)};

struct row {
    const char* service;
    unsigned status;
    std::string_view body;
    word says;
    std::int64_t server_time = 0; // 0: not told
    std::int64_t expired_at = 0;
};

constexpr row rows[] = {
    {"S3", 403,
     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code><Message>Request "
     "has expired</Message><X-Amz-Expires>3600</X-Amz-Expires><Expires>2026-11-27T13:00:00Z"
     "</Expires><ServerTime>2026-11-27T13:01:00Z</ServerTime><RequestId>R</RequestId></Error>",
     word::expired, 1795784460, 1795784400},
    {"S3, cut off", 403,
     "<Error><Code>AccessDenied</Code><Message>Request has expired</Message><Expires>2026-11-27T13",
     word::expired},
    {"R2", 403, "<Error><Code>ExpiredRequest</Code><Message>Request expired</Message></Error>",
     word::expired},
    {"GCS", 400,
     "<?xml version='1.0' encoding='UTF-8'?><Error><Code>ExpiredToken</Code><Message>The provided "
     "token has expired.</Message><Details>Request signature expired at: "
     "2026-11-27T13:00:00+00:00</Details></Error>",
     word::expired, 0, 1795784400},
    {"Azure", 403,
     "\xEF\xBB\xBF<?xml version=\"1.0\"?><Error><Code>AuthenticationFailed</Code><Message>Server "
     "failed</Message><AuthenticationErrorDetail>Signature not valid in the specified time frame: "
     "Start [Fri, 27 Nov 2026 12:00:00 GMT] - Expiry [Fri, 27 Nov 2026 13:00:00 GMT] - Current "
     "[Fri, 27 Nov 2026 13:01:00 GMT]</AuthenticationErrorDetail></Error>",
     word::expired, 1795784460, 1795784400},
    {"Aliyun", 403,
     "<Error>\n  <Code>AccessDenied</Code>\n  <Message>Request has expired.</Message>\n  "
     "<Expires>2026-11-27T13:00:00.000Z</Expires>\n  <ServerTime>2026-11-27T13:01:00.000Z"
     "</ServerTime>\n</Error>",
     word::expired, 1795784460, 1795784400},
    {"Swift", 403, "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
     word::expired},
    {"Ceph RGW", 403,
     "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message></Message><BucketName>clips"
     "</BucketName></Error>",
     word::denied},
    {"another clock", 403,
     "<Error><Code>RequestTimeTooSkewed</Code><Message>The difference between the request time and "
     "the server's time is too large.</Message><ServerTime>2026-11-27T13:01:00Z</ServerTime>"
     "</Error>",
     word::skewed, 1795784460},
    {"S3, deleted", 404, "<Error><Code>NoSuchKey</Code><Key>a.mp4</Key></Error>", word::missing},
    {"Azure, deleted", 404, "<Error><Code>BlobNotFound</Code></Error>", word::missing},
    {"CloudFront", 403, "<Error><Code>AccessDenied</Code><Message>Access denied</Message></Error>",
     word::denied},
    {"a CDN's page", 403, "<html><body>This link has expired</body></html>", word::silent},
    {"nothing", 410, "", word::silent},
    // What is not to be believed.
    {"another status", 500, "<Error><Code>ExpiredRequest</Code></Error>", word::silent},
    {"a success", 200, "<Error><Code>ExpiredRequest</Code></Error>", word::silent},
    {"no year of ours", 403,
     "<Error><Code>ExpiredRequest</Code><ServerTime>0001-01-01T00:00:00Z</ServerTime>"
     "<Expires>9999-12-31T23:59:59Z</Expires></Error>",
     word::expired},
    {"no instants", 403,
     "<Error><Code>ExpiredRequest</Code><ServerTime>99999999999999999999</ServerTime><Expires>soon"
     "</Expires></Error>",
     word::expired},
    {"not closed", 403, "<Error><Code>ExpiredRequest<ServerTime>2026-11-27T13:01:00Z",
     word::silent},
};

TEST_CASE("each service's answer on a dead link is understood, and its clock read")
{
    for (const auto& row : rows) {
        CAPTURE(row.service);
        const auto got = read_dead_answer(row.status, row.body, now);
        CHECK(name_of(got.says) == name_of(row.says));
        CHECK((got.server_time ? got.server_time->time_since_epoch().count() : 0) ==
              row.server_time);
        CHECK((got.expired_at ? got.expired_at->time_since_epoch().count() : 0) == row.expired_at);
    }
}

TEST_CASE("an answer may be cut anywhere")
{
    for (const auto& row : rows)
        for (std::size_t size = 0; size < row.body.size(); ++size) {
            const auto got = read_dead_answer(row.status, row.body.substr(0, size), now);
            const auto at = got.server_time ? got.server_time->time_since_epoch().count() : 0;
            CHECK((at == 0 || at == row.server_time));
        }
}

} // namespace dead_answer_test
