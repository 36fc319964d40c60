// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Canaries: whatever is put where a secret, a prompt or a data URI may stand does not come out
// again, and what a person needs for understanding does.
#include <cokino/wire/redact.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace redact_test {

using namespace cokino::wire;

bool leaks(std::string_view text) { return text.find("CANARY") != std::string_view::npos; }

TEST_CASE("query values are hidden save those of harmless names")
{
    CHECK(redact_query("").empty());
    CHECK(redact_query("logs=1&page=2") == "logs=1&page=2");
    CHECK(redact_query("KSTIME=69884f0c&x-amz-expires=3600") ==
          "KSTIME=69884f0c&x-amz-expires=3600");
    // The names of reliability's list, and some that nobody knows.
    for (auto const* name : {"X-Amz-Signature",
                             "X-Amz-Credential",
                             "X-Amz-Security-Token",
                             "X-Goog-Signature",
                             "Signature",
                             "sig",
                             "token",
                             "_jwt",
                             "ksSecret",
                             "pkey",
                             "cacheKey",
                             "q-signature",
                             "auth_key",
                             "Policy",
                             "x-oss-signature",
                             "X-Tos-Signature",
                             "key",
                             "api_key",
                             "hdnts",
                             "Key-Pair-Id",
                             "AWSAccessKeyId",
                             "next_years_secret",
                             "expires2"}) {
        CAPTURE(name);
        auto const out = redact_query("page=1&" + std::string(name) + "=CANARY&limit=2");
        CHECK(out == "page=1&" + std::string(name) + "=***&limit=2");
    }
}

TEST_CASE("a query cannot smuggle a value out under another's name")
{
    for (auto const* query :
         {"CANARY", "CANARY=", "page=1&CANARY", "page=1&CANARY0123456789abcdef0123456789=x",
          "page=1;sig=CANARY", "page=1\\u0026sig=CANARY", "page=1%26sig%3DCANARY", "=CANARY",
          "a=b=CANARY", "&&CANARY&&", "page=1\r\nCANARY", "CANARY key=1",
          "page=1&amp;sig=CANARY"}) {
        CAPTURE(query);
        auto const out = redact_query(query);
        CAPTURE(out);
        // "CANARY=" alone is a plain name with an empty value.
        if (std::string_view(query) != "CANARY=")
            CHECK(!leaks(out));
    }
    CHECK(!leaks(redact_query("page=" + std::string(65, '1') + "CANARY")));
}

TEST_CASE("a link keeps scheme, host and path")
{
    CHECK(redact_link("https://h.example/v/a.mp4?sig=CANARY&Expires=12#CANARY") ==
          "https://h.example/v/a.mp4?sig=***&Expires=12");
    CHECK(redact_link("http://user:CANARY@h.example:8080/a") == "http://h.example:8080/a");
    CHECK(redact_link("https://CANARY@x@h/a@b") == "https://h/a@b");
    CHECK(redact_link("ftp://CANARY@h/") == "***");
    CHECK(redact_link("data:video/mp4;base64,CANARY") == "***");
    CHECK(redact_link("CANARY") == "***");
    CHECK(redact_link("").find("***") == 0);
}

TEST_CASE("header values are hidden save those of harmless names")
{
    CHECK(redact_field("Content-Type", "video/mp4") == "video/mp4");
    CHECK(redact_field("RETRY-AFTER", "5") == "5");
    CHECK(redact_field("x-request-id", "req-1") == "req-1");
    CHECK(redact_field("Location", "https://h/a?sig=CANARY") == "https://h/a?sig=***");
    CHECK(redact_field("Location", "/a?sig=CANARY") == "/a");
    CHECK(redact_field("Server", "a\r\nb").find('\n') == std::string::npos);
    for (auto const* name :
         {"Authorization", "x-api-key", "Cookie", "Set-Cookie", "Proxy-Authorization",
          "X-Amz-Security-Token", "Idempotency-Key", "X-Next-Year", "WWW-Authenticate", ""}) {
        CAPTURE(name);
        CHECK(redact_field(name, "Bearer CANARY") == "***");
    }
}

TEST_CASE("JSON shows ids, states and codes, and hides the other strings")
{
    CHECK(redact_json(R"({"task_id":"0b9c3f7e-4f7d-4a55-9d5e-3e1f0a7b6c5d","status":"IN_QUEUE",)"
                      R"("prompt":"CANARY","n":5,"ok":true,"x":null,"f":-1.5e3})",
                      500) ==
          R"({"task_id":"0b9c3f7e-4f7d-4a55-9d5e-3e1f0a7b6c5d","status":"IN_QUEUE",)"
          R"("prompt":"***","n":5,"ok":true,"x":null,"f":-1.5e3})");
    CHECK(redact_json(
              R"({"detail":[{"loc":["body","image_url"],"msg":"too small","input":"CANARY",)"
              R"("ctx":{"given":"CANARY"}}]})",
              500) == R"({"detail":[{"loc":["body","image_url"],"msg":"too small","input":"***",)"
                      R"("ctx":{"given":"***"}}]})");
    CHECK(redact_json("{ \"created_at\" :\n\t\"2026-01-01T00:00:00.123Z\" }", 500) ==
          "{ \"created_at\" :\"2026-01-01T00:00:00.123Z\" }");
}

TEST_CASE("no canary comes through JSON, well-formed or not")
{
    char const* const texts[] = {
        R"("CANARY")",
        R"(["CANARY"])",
        R"({"prompt":"CANARY"})",
        R"({"prompt":["CANARY",{"x":"CANARY"}]})",
        R"({"status":{"deep":"CANARY"}})",
        R"({"status":["ok",{"deep":["CANARY"]}]})",
        R"({"status":{},"prompt":"CANARY"})",
        R"({"id":"https://h/?sig=CANARY"})",
        R"({"status":"data:image/png;base64,CANARY"})",
        R"({"api_key":"CANARY","Authorization":"Key CANARY"})",
        R"({"url":"https://h/a?X-Amz-Signature=CANARY"})",
        R"({"message":"failed for https://h/a?X-Amz-Signature=CANARY today"})",
        R"({"message":"see https:\/\/h\/a?Expires=1\u0026sig=CANARY0"})",
        R"({"message":"bad image data:image/png;base64,CANARY"})",
        R"({"message":"Invalid key: sk-CANARY-0123456789abcdef"})",
        R"({"message":"Authorization: Bearer CANARY.x1"})",
        R"({"message":"header x-api-key=CANARY"})",
        R"({"error":"Key CANARY:0001 unknown"})",
        R"({"message":"eyJhbGciOiJIUzI1NiJ9.CANARY.c2lnbmF0dXJl"})",
        R"({"pro\u006dpt":"CANARY"})",
        R"({"a\"b":"CANARY"})",
        R"({"status\"":"CANARY"})",
        R"({"CANARY0123456789 with blanks":1})",
        R"({"x":CANARY})",
        R"({"prompt":"CANARY)",
        R"({"prompt":"a\"CANARY)",
        R"({"prompt":"a\\","x":"CANARY"})",
        R"({"prompt":"CANARY\)",
        R"({"status":"OK" "CANARY"})",
        R"({prompt:"CANARY"})",
        R"({'prompt':'CANARY'})",
        R"(]]]}{"x":"CANARY"})",
        R"({"status":"OK"}}}"CANARY")",
    };
    for (auto const* text : texts) {
        CAPTURE(text);
        auto const out = redact_json(text, 1000);
        CAPTURE(out);
        CHECK(!leaks(out));
        CHECK(!leaks(redact_answer(text, 1000)));
    }
    // Deeper than is remembered: hidden, and the levels above are found again.
    std::string deep = "{\"status\":";
    for (int i = 0; i != 100; ++i)
        deep += "[{\"status\":\"CANARY\",\"x\":";
    CHECK(redact_json(deep, 100'000).size() > 100);
    CHECK(!leaks(redact_json(std::string(100, '[') + "{\"x\":\"CANARY\"", 1000)));
}

TEST_CASE("JSON is cut at the limit, and long strings do not matter")
{
    std::string const text = "{\"prompt\":\"" + std::string(100'000, 'x') + "\",\"status\":\"OK\"}";
    CHECK(redact_json(text, 200) == R"({"prompt":"***","status":"OK"})");
    CHECK(redact_json("[" + std::string(10'000, ' ') + "1]", 50).size() <= 60);
    CHECK(redact_json("{\"message\":\"" + std::string(10'000, 'a') + " b\"}", 1000).size() < 300);
    std::string words;
    for (int i = 0; i != 1000; ++i)
        words += "word ";
    CHECK(redact_json("{\"message\":\"" + words + "\"}", 1000).size() < 300);
}

TEST_CASE("free text keeps its words and loses what looks like a key")
{
    CHECK(redact_text("Task not found, try again later.", 200) ==
          "Task not found, try again later.");
    CHECK(redact_text("Invalid key provided", 200) == "Invalid key provided");
    CHECK(redact_text("see https://docs.example/errors#quota for more", 200) ==
          "see https://docs.example/errors for more");
    for (auto const* text :
         {"key CANARY-1", "Key: CANARY:2", "Bearer CANARY.3", "token=CANARY", "api_key=CANARY4",
          "https://u:CANARY@h/", "https://h/?t=CANARY", "<a href='https://h/?t=CANARY'>",
          "data:image/png;base64,CANARY", "sk-CANARY0123456789abcd", "(CANARY0123456789ABCDEFG)",
          "src=\"data:video/mp4;base64,CANARY\"", "Authorization: Basic CANARY=="}) {
        CAPTURE(text);
        auto const out = redact_text(text, 200);
        CAPTURE(out);
        CHECK(!leaks(out));
    }
    CHECK(redact_text("a\x1b[31mb\r\nc", 200).find('\x1b') == std::string::npos);
    CHECK(redact_text(std::string(100'000, 'a'), 100).size() <= 103);
    std::string words;
    for (int i = 0; i != 1000; ++i)
        words += "word ";
    CHECK(redact_text(words, 100).size() <= 103);
}

TEST_CASE("an answer is treated as what it begins like")
{
    CHECK(redact_answer(" \n{\"prompt\":\"CANARY\"}", 100) == "{\"prompt\":\"***\"}");
    CHECK(redact_answer("<html><title>502 Bad Gateway</title>", 100) ==
          "<html><title>502 Bad Gateway</title>");
    CHECK(redact_answer("", 100).empty());
}

TEST_CASE("an object store's error is told by its code and its sentence")
{
    CHECK(
        redact_answer("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code>"
                      "<Message>Request has expired</Message><X-Amz-Expires>3600</X-Amz-Expires>"
                      "<RequestId>CANARY0123456789</RequestId></Error>",
                      200) == "AccessDenied: Request has expired");
    // Azure's byte order mark, Google's quotes, Aliyun's indentation, an attribute, nothing said.
    CHECK(
        redact_answer("\xEF\xBB\xBF<?xml version=\"1.0\"?><Error><Code>BlobNotFound</Code></Error>",
                      200) == "BlobNotFound");
    CHECK(redact_answer("<?xml version='1.0'?><Error>\n  <Code>ExpiredToken</Code>\n  <Message>The "
                        "provided token has expired.</Message>\n</Error>",
                        200) == "ExpiredToken: The provided token has expired.");
    CHECK(redact_answer("<Error xmlns=\"http://s3.example/\"><Message>Slow down</Message></Error>",
                        200) == "Slow down");
    CHECK(redact_answer("<?xml version=\"1.0\"?><Error/>", 200) == "<Error/>");
    CHECK(redact_answer("<Error><Code>SignatureDoesNotMatch</Code><Message>for token CANARY-1 of "
                        "https://h/?X-Amz-Signature=CANARY</Message><StringToSign>CANARY",
                        200) ==
          "SignatureDoesNotMatch: for token *** of https://h/?X-Amz-Signature=***");
    CHECK(redact_answer("<Error><Code>CANARY0123456789abcdef</Code></Error>", 200) == "***");
    CHECK(redact_answer("<Error><Message>" + std::string(10'000, 'a'), 100).size() <= 103);
    // Other documents lose their declaration, and one that is not closed hides nothing.
    CHECK(redact_answer("<?xml version=\"1.0\"?><html>gone</html>", 200) == "<html>gone</html>");
    CHECK(!leaks(redact_answer("<?xml token=CANARY <Error>", 200)));
}

} // namespace redact_test
