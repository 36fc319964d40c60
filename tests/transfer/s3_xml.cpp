// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// XML that services answer with, what of it is refused, and what answers mean.

#include <cokino/transfer/detail/s3_answer.hpp>
#include <cokino/transfer/detail/s3_xml.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace s3_xml_test {

using namespace cokino;
using namespace cokino::detail;
using namespace std::chrono_literals;

TEST_CASE("elements, their texts and their nesting are read, prefixes and attributes passed over")
{
    const auto all = read_xml("\xEF\xBB\xBF<?xml version='1.0' encoding=\"UTF-8\"?>\n"
                              "<!-- a note --><s3:Root xmlns:s3='http://a/>b'>\n"
                              "  <Key> a &amp; b &#228;&#x1F3AC; <![CDATA[<raw>]]> </Key>"
                              "<List><Item/><Item>2</Item ></List></s3:Root>\n");
    REQUIRE(all.has_value());
    REQUIRE(all->size() == 5);
    CHECK(all->front().path == "Root");
    CHECK(xml_text(*all, "Root/Key") == "a & b \xC3\xA4\xF0\x9F\x8E\xAC <raw>");
    CHECK((*all)[3].path == "Root/List/Item");
    CHECK((*all)[4].text == "2");
    CHECK(xml_text(*all, "Root/None").empty());
}

TEST_CASE("keep-alive blanks before the document do no harm")
{
    CHECK(read_xml("  \n\n<?xml version=\"1.0\"?>\n \n<A>x</A>").has_value());
}

TEST_CASE("whatever is not plain and well-formed is refused")
{
    std::string deep;
    for (int i = 0; i < 20; ++i)
        deep += "<a>";
    for (int i = 0; i < 20; ++i)
        deep += "</a>";
    std::string wide = "<a>";
    for (int i = 0; i < 30'000; ++i)
        wide += "<b/>";
    wide += "</a>";
    const std::string bad[] = {"",
                               "text",
                               "<a>",
                               "<a></b>",
                               "</a>",
                               "<a/><b/>",
                               "<a/>text",
                               "<a><b></a></b>",
                               "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
                               "<a>&x;</a>",
                               "<a>&#0;</a>",
                               "<a>&#xD800;</a>",
                               "<a>&#x110000;</a>",
                               "<a>&#99999999999;</a>",
                               "<a>& b</a>",
                               "<a>&amp</a>",
                               "<a>\x01</a>",
                               "<a><?php ?></a>",
                               "<1a/>",
                               "<a b='</a>",
                               "<a <b></a>",
                               "<a><![CDATA[x</a>",
                               "<>x</>",
                               "<!-- <a/>",
                               deep,
                               wide,
                               "<a>" + std::string(xml_bytes_max, ' ') + "</a>"};
    for (const auto& text : bad) {
        CAPTURE(text.substr(0, 60));
        CHECK_FALSE(read_xml(text).has_value());
    }
}

TEST_CASE("what is escaped comes back")
{
    const std::string text = "\"a<b>&'c\"";
    const auto all = read_xml("<x>" + xml_escape(text) + "</x>");
    REQUIRE(all.has_value());
    CHECK(all->front().text == text);
}

wire::response document(unsigned status, std::string_view body)
{
    return wire::make_response(status, body, "application/xml");
}

constexpr std::chrono::sys_seconds now{1'800'000'000s};

TEST_CASE("a refusal is known by its code, and its words and request id are kept, cleaned")
{
    auto made = document(403, "<Error><Code>SignatureDoesNotMatch</Code><Message>No &#x202E;match"
                              "</Message><AWSAccessKeyId>AKCANARY</AWSAccessKeyId><StringToSign>"
                              "canary</StringToSign><RequestId>r1</RequestId></Error>");
    const auto answer = read_s3_answer(made, now);
    CHECK_FALSE(answer.ok());
    const auto why = s3_failure(answer);
    CHECK(why == errc::unauthorised);
    CHECK(why.facts().http_status == 403);
    CHECK(why.facts().host_code == "SignatureDoesNotMatch");
    CHECK(why.facts().request_id == "r1");
    CHECK(why.describe().find("canary") == std::string::npos);
    CHECK(why.describe().find("AKCANARY") == std::string::npos);
    CHECK(why.describe().find("\xE2\x80\xAE") == std::string::npos);
}

TEST_CASE("an error document in a 200 is an error")
{
    const auto answer =
        read_s3_answer(document(200, "<Error><Code>InternalError</Code></Error>"), now);
    CHECK_FALSE(answer.ok());
    CHECK(s3_failure(answer) == errc::host_fault);
    CHECK(read_s3_answer(document(200, "<Other>Error</Other>"), now).ok());
}

TEST_CASE("codes and statuses mean what they mean elsewhere in the library")
{
    const auto means = [](unsigned status, const std::string& code) {
        return s3_failure(read_s3_answer(
            document(status, code.empty() ? "" : "<Error><Code>" + code + "</Code></Error>"), now));
    };
    CHECK(means(404, "NoSuchBucket") == errc::not_found);
    CHECK(means(404, "") == errc::not_found);
    CHECK(means(403, "") == errc::forbidden);
    CHECK(means(400, "ExpiredToken") == errc::unauthorised);
    CHECK(means(412, "") == errc::object_exists);
    CHECK(means(503, "SlowDown") == errc::rate_limited);
    CHECK(means(500, "") == errc::host_fault);
    CHECK(means(400, "EntityTooSmall") == errc::request_rejected);
    CHECK(means(301, "") == errc::redirect_refused);
    CHECK(means(301, "").describe().find("another endpoint") != std::string::npos);
}

TEST_CASE("where the right region stands, it is found")
{
    auto by_body = read_s3_answer(document(400, "<Error><Code>AuthorizationHeaderMalformed</Code>"
                                                "<Region>eu-west-1</Region></Error>"),
                                  now);
    CHECK(by_body.region == "eu-west-1");
    auto made = document(301, "");
    made.add_field("x-amz-bucket-region", "ap-south-1");
    CHECK(read_s3_answer(made, now).region == "ap-south-1");
}

TEST_CASE("lists of parts and of uploads are read, and nonsense is named")
{
    s3_answer answer;
    answer.status = 200;
    answer.body = "<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>2"
                  "</NextPartNumberMarker><Part><PartNumber>1</PartNumber><ETag>\"a\"</ETag><Size>"
                  "5</Size></Part><Part><PartNumber>2</PartNumber><ETag>b</ETag><Size>x</Size>"
                  "</Part></ListPartsResult>";
    const auto parts = read_part_list(answer);
    REQUIRE(parts.has_value());
    CHECK(parts->next_marker == 2);
    REQUIRE(parts->parts.size() == 2);
    CHECK(parts->parts[0].etag == "\"a\"");
    CHECK(parts->parts[0].bytes == 5);
    answer.body = "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated><Upload><Key>k&amp;"
                  "</Key><UploadId>u</UploadId><Initiator><ID>x</ID></Initiator><Initiated>"
                  "2026-01-02T03:04:05.678Z</Initiated></Upload><Upload><Key>l</Key></Upload>"
                  "</ListMultipartUploadsResult>";
    const auto uploads = read_upload_list(answer);
    REQUIRE(uploads.has_value());
    REQUIRE(uploads->uploads.size() == 2);
    CHECK(uploads->uploads[0].key == "k&");
    CHECK(uploads->uploads[0].begun ==
          std::chrono::sys_days(std::chrono::year(2026) / 1 / 2) + 3h + 4min + 5s);
    CHECK_FALSE(uploads->uploads[1].begun.has_value());
    answer.body = "<html>";
    CHECK(read_part_list(answer).error() == errc::answer_malformed);
    CHECK(read_upload_list(answer).error() == errc::answer_malformed);
    CHECK(s3_field(answer, "X", "Y").error() == errc::answer_malformed);
}

TEST_CASE("times of lists are read strictly")
{
    for (const char* const bad :
         {"", "2026-01-02", "2026-13-02T03:04:05Z", "2026-02-30T03:04:05Z", "2026-01-02T24:04:05Z",
          "2026-01-02T03:04:05", "2026-01-02T03:04:05.Z", "2026-01-02 03:04:05Z",
          "-026-01-02T03:04:05Z", "2026-01-02T03:04:05.1+1Z"})
        CHECK_FALSE(parse_iso_time(bad).has_value());
    CHECK(parse_iso_time("2026-01-02T03:04:05Z").has_value());
}

} // namespace s3_xml_test
