// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Signature Version 4 against what AWS published: the signing suite (sigv4/cases.txt, whose licence
// stands beside it), and the examples of the S3 API reference, whose key is AKIAIOSFODNN7EXAMPLE.

#include <cokino/core/text.hpp>
#include <cokino/wire/signature.hpp>
#include <cokino/wire/sigv4.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sigv4_test {

using namespace cokino;
using namespace cokino::wire;
using namespace std::chrono_literals;
using cokino::detail::take_until;

using suite_case = std::map<std::string, std::string>;

std::vector<suite_case> read_suite()
{
    std::vector<suite_case> all;
    std::ifstream in("tests/wire/sigv4/cases.txt");
    REQUIRE(in.good());
    std::string line;
    std::string* block = nullptr;
    bool first = true;
    while (std::getline(in, line)) {
        std::string_view rest = line;
        if (rest.starts_with("case "))
            all.emplace_back();
        if (rest.empty())
            continue;
        REQUIRE(!all.empty());
        if (rest[0] == '|') {
            REQUIRE(block != nullptr);
            *block += first ? "" : "\n";
            *block += rest.substr(1);
            first = false;
        } else if (rest.back() == ':') {
            block = &all.back()[std::string(rest.substr(0, rest.size() - 1))];
            first = true;
        } else {
            const std::string name(take_until(rest, ' '));
            all.back()[name] = rest;
        }
    }
    return all;
}

/// "GET /a b HTTP/1.1", fields, a blank line, the body. A line that begins with a blank goes on.
sigv4_message parse_request(std::string_view text, bool sign_body)
{
    sigv4_message out;
    std::string_view first = take_until(text, '\n');
    out.method = take_until(first, ' ');
    REQUIRE(first.ends_with(" HTTP/1.1"));
    out.target = first.substr(0, first.size() - 9);
    while (!text.empty()) {
        std::string_view line = take_until(text, '\n');
        if (line.empty())
            break;
        if (line[0] == ' ') {
            out.fields.back().value.append("\n").append(line);
            continue;
        }
        const auto name = take_until(line, ':');
        out.fields.emplace_back(name, line);
    }
    out.payload_digest = hex_encode(sha256_of(sign_body ? text : std::string_view()));
    return out;
}

struct prepared {
    explicit prepared(suite_case& c)
    {
        key.id = c["access_key_id"];
        key.key = secret(c["secret_access_key"]);
        key.token = secret(c["token"]);
        scope.region = c["region"];
        scope.service = c["service"];
        REQUIRE(c["timestamp"] == "2015-08-30T12:36:00Z");
        scope.at = std::chrono::sys_days(std::chrono::year(2015) / 8 / 30) + 12h + 36min;
        const bool sign_body = c["sign_body"] == "true";
        rules.fold_path = c["normalize"] == "true";
        rules.digest_field = sign_body;
        rules.sign_token = c["omit_session_token"] != "true";
        message = parse_request(c["request"], sign_body);
    }

    sigv4_key key;
    sigv4_scope scope;
    sigv4_rules rules = general_rules;
    sigv4_message message;
};

TEST_CASE("the signing suite has the cases that it is known to have")
{
    CHECK(read_suite().size() == 38);
}

TEST_CASE("the header form of each case of the signing suite, step by step")
{
    for (auto& c : read_suite()) {
        CAPTURE(c["case"]);
        const prepared p(c);
        const auto whole = sigv4_with_fields(p.message, p.scope, p.key, p.rules);
        const auto canonical = sigv4_canonical_request(whole, p.rules);
        CHECK(canonical == c["header-canonical-request"]);
        const auto to_sign = sigv4_string_to_sign(canonical, p.scope);
        CHECK(to_sign == c["header-string-to-sign"]);
        CHECK(sigv4_signature(to_sign, p.scope, p.key.key) == c["header-signature"]);
        const auto added = sigv4_sign(p.message, p.scope, p.key, p.rules);
        REQUIRE(!added.fields.empty());
        CHECK(added.fields.back().name == "Authorization");
        CHECK(added.fields.back().value == c["authorization"]);
        CHECK((added.fields.size() == 2) == (c["token"].empty() && c["sign_body"] == "false"));
    }
}

TEST_CASE("the query form of each case of the signing suite, step by step")
{
    for (auto& c : read_suite()) {
        CAPTURE(c["case"]);
        const prepared p(c);
        const auto lifetime = std::chrono::seconds(
            cokino::detail::parse_integer<int>(c["expiration_in_seconds"]).value());
        const auto whole = sigv4_with_query(p.message, p.scope, p.key, lifetime, p.rules);
        const auto canonical = sigv4_canonical_request(whole, p.rules);
        CHECK(canonical == c["query-canonical-request"]);
        const auto to_sign = sigv4_string_to_sign(canonical, p.scope);
        CHECK(to_sign == c["query-string-to-sign"]);
        CHECK(sigv4_signature(to_sign, p.scope, p.key.key) == c["query-signature"]);
        const auto target = sigv4_presign(p.message, p.scope, p.key, lifetime, p.rules);
        CHECK(target.ends_with("&X-Amz-Signature=" + c["query-signature"]));
        CHECK((target.find("X-Amz-Security-Token=") != std::string::npos) == !c["token"].empty());
    }
}

/// The setting of all examples in the S3 API reference.
struct s3_example {
    explicit s3_example(std::string_view target, std::string_view method = "GET")
    {
        key.id = "AKIAIOSFODNN7EXAMPLE";
        key.key = secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        scope.region = "us-east-1";
        scope.at = std::chrono::sys_days(std::chrono::year(2013) / 5 / 24);
        message.method = method;
        message.target = target;
        message.fields.emplace_back("Host", "examplebucket.s3.amazonaws.com");
        message.payload_digest = hex_encode(sha256_of(""));
    }

    /// Where Signature stands in Authorization.
    std::string signature() const
    {
        const auto added = sigv4_sign(message, scope, key);
        const std::string& value = added.fields.back().value;
        return value.substr(value.rfind('=') + 1);
    }

    sigv4_key key;
    sigv4_scope scope;
    sigv4_message message;
};

TEST_CASE("the examples of the S3 API reference have the signatures that it names")
{
    s3_example get("/test.txt");
    get.message.fields.emplace_back("Range", "bytes=0-9");
    CHECK(get.signature() == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");

    s3_example put(sigv4_encode_path("/test$file.text"), "PUT");
    put.message.fields.emplace_back("Date", "Fri, 24 May 2013 00:00:00 GMT");
    put.message.fields.emplace_back("x-amz-storage-class", "REDUCED_REDUNDANCY");
    put.message.payload_digest = hex_encode(sha256_of("Welcome to Amazon S3."));
    CHECK(put.signature() == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");

    const s3_example lifecycle("/?lifecycle");
    CHECK(lifecycle.signature() ==
          "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");

    const s3_example list("/?max-keys=2&prefix=J");
    CHECK(list.signature() == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");

    s3_example link("/test.txt");
    link.message.payload_digest = unsigned_payload;
    const auto target = sigv4_presign(link.message, link.scope, link.key, 24h);
    CHECK(target ==
          "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F"
          "20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires="
          "86400&X-Amz-SignedHeaders=host&X-Amz-Signature="
          "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST_CASE("S3 keys are signed as they are: nothing is folded, and nothing encoded twice")
{
    CHECK(sigv4_encode_path("/a b/../c//d.e~f_g-h+\xC3\xA9") == "/a%20b/../c//d.e~f_g-h%2B%C3%A9");
    s3_example odd(sigv4_encode_path("/a b/../c//d"));
    const auto canonical = sigv4_canonical_request(odd.message);
    CHECK(canonical.starts_with("GET\n/a%20b/../c//d\n\nhost:"));
}

TEST_CASE("what stands in the target and the fields changes the signature, spelling does not")
{
    const auto signature = [](std::string_view target, std::string_view value) {
        s3_example e(target);
        e.message.fields.emplace_back("X-Amz-Meta-Note", value);
        return e.signature();
    };
    const auto plain = signature("/k?a=1&b=%41", "one two");
    CHECK(signature("/k?b=A&a=1", "one  \t two ") == plain);
    CHECK(signature("/k?b=A&a=2", "one two") != plain);
    CHECK(signature("/K?b=A&a=1", "one two") != plain);
    CHECK(signature("/k?b=A&a=1", "one two!") != plain);
    CHECK(signature("/k?b=%zz", "x") == signature("/k?b=%25zz", "x")); // no escape: plain text
}

TEST_CASE("the time is UTC, to the second")
{
    sigv4_scope scope;
    scope.region = "eu-central-1";
    scope.at = std::chrono::sys_days(std::chrono::year(2026) / 1 / 2) + 3h + 4min + 5s;
    CHECK(scope.time_text() == "20260102T030405Z");
    CHECK(scope.text() == "20260102/eu-central-1/s3/aws4_request");
}

} // namespace sigv4_test
