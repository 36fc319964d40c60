// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What is read from a response's head, above all what may be resumed by.

#include <cokino/transfer/detail/range_head.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <initializer_list>
#include <utility>

namespace range_head_test {

using namespace std::chrono_literals;
using cokino::detail::range_head;

range_head read(unsigned status, std::initializer_list<std::pair<const char*, const char*>> fields)
{
    cokino::wire::response head;
    head.start({});
    head.status = status;
    for (const auto& [name, value] : fields)
        head.add_field(name, value);
    return cokino::detail::read_range_head(head,
                                           std::chrono::sys_days(std::chrono::January / 1 / 2026));
}

TEST_CASE("a strong ETag is something to resume by, a weak or broken one is not")
{
    CHECK(read(200, {{"ETag", "\"v1\""}}).validator == "\"v1\"");
    CHECK(read(200, {{"ETag", "W/\"v1\""}}).validator.empty());
    CHECK(read(200, {{"ETag", "W/\"v1\""}}).etag == "W/\"v1\"");
    CHECK(read(200, {{"ETag", "v1"}}).validator.empty());
    CHECK(read(200, {{"ETag", "\"v1"}}).validator.empty());
    CHECK(read(200, {}).validator.empty());
}

TEST_CASE("a date of change is one too, if it is older than the response by a second")
{
    const char* changed = "Sun, 06 Nov 1994 08:49:37 GMT";
    const auto validator = [&](const char* sent) {
        return read(200, {{"Last-Modified", changed}, {"Date", sent}}).validator;
    };
    CHECK(validator("Sun, 06 Nov 1994 08:49:38 GMT") == changed);
    CHECK(validator("Sun, 06 Nov 1994 08:49:37 GMT").empty());
    CHECK(validator("Sun, 06 Nov 1994 08:49:36 GMT").empty());
    CHECK(validator("soon").empty());
    CHECK(read(200, {{"Last-Modified", changed}}).validator.empty());
    const auto both = read(200, {{"ETag", "W/\"v1\""},
                                 {"Last-Modified", changed},
                                 {"Date", "Mon, 07 Nov 1994 08:49:37 GMT"}});
    CHECK(both.validator == changed);
    CHECK(both.modified == changed);
    const auto strong = read(200, {{"ETag", "\"v1\""},
                                   {"Last-Modified", changed},
                                   {"Date", "Mon, 07 Nov 1994 08:49:37 GMT"}});
    CHECK(strong.validator == "\"v1\"");
}

TEST_CASE("the end is known by a length or by chunks")
{
    CHECK(read(200, {{"Content-Length", "7"}}).length == 7);
    CHECK(read(200, {{"Content-Length", "7"}}).end_is_known);
    CHECK(read(200, {{"Transfer-Encoding", "Chunked"}}).end_is_known);
    CHECK_FALSE(read(200, {}).end_is_known);
    CHECK_FALSE(read(200, {{"Content-Length", "seven"}}).end_is_known);
}

TEST_CASE("types are lower case without parameters, identity is no encoding")
{
    CHECK(read(200, {{"Content-Type", "Video/MP4; a=b"}}).media_type == "video/mp4");
    CHECK(read(200, {{"Content-Encoding", "Identity"}}).encoding.empty());
    CHECK(read(200, {{"Content-Encoding", "gzip"}}).encoding == "gzip");
}

TEST_CASE("ranges and hints are read")
{
    const auto part = read(206, {{"Content-Range", "bytes 5-9/10"}});
    REQUIRE(part.range.has_value());
    CHECK(part.range->first == 5);
    CHECK_FALSE(read(206, {{"Content-Range", "bytes 9-5/10"}}).range.has_value());
    CHECK(read(503, {{"Retry-After", "7"}}).retry_after == 7s);
    CHECK(read(503, {{"Retry-After", "7"}, {"retry-after-ms", "1500"}}).retry_after == 1500ms);
    CHECK(read(429, {{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"},
                     {"Retry-After", "Sun, 06 Nov 1994 08:49:47 GMT"}})
              .retry_after == 10s);
}

} // namespace range_head_test
