// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Every scheme against its published vector and against what a forger would try.
#include <webhook/hooks.hpp>

#include <doctest/doctest.h>

#include <string>

namespace verifier_test {

using namespace cokino;
using namespace cokino::testing::support;
using webhook::verifier_options;

struct scheme_row {
    const char* name;
    sample_hook (*make)();
    bool covers, timed;
    const char* message_id;
};

const scheme_row schemes[] = {
    {"fal", fal_hook, true, true, "7d1f2c90-3b54-4c7e-9a61-0f5be2d8a4c3"},
    {"kling", kling_hook, true, true, "9876543210"},
    {"kling, second vector", kling_own_hook, true, true, "msg_0001"},
    {"replicate", replicate_hook, true, true, "msg_demo0001"},
    {"pollo", pollo_hook, true, true, "msg_0001"},
    {"kie", kie_hook, false, true, "task_kling_1790000000001.1790000000"},
    {"piapi", piapi_hook, false, false, nullptr},
};

void check_refused(const sample_hook& h, std::string_view field)
{
    const auto v = h.verify();
    REQUIRE_FALSE(v.has_value());
    CHECK(v.error() == errc::unauthorised);
    CHECK(v.error().facts().field.substr(0, field.size()) == field);
}

TEST_CASE("A genuine hook of each scheme passes, and says whether its body may be believed")
{
    for (const scheme_row& s : schemes) {
        CAPTURE(s.name);
        sample_hook h = s.make();
        const auto v = h.verify();
        REQUIRE(v.has_value());
        CHECK(v->body_covered == s.covers);
        CHECK(v->body_covered == covers_body(h.options.scheme));
        CHECK(v->timestamp == (s.timed ? h.now : 0));
        if (s.message_id != nullptr)
            CHECK(v->message_id == s.message_id);
        for (auto& [name, value] : h.fields)
            for (char& c : name)
                c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        CHECK(h.verify().has_value());
    }
}

TEST_CASE("A signature that is forged, truncated, empty, extended or doubled is refused")
{
    for (const scheme_row& s : schemes) {
        CAPTURE(s.name);
        const sample_hook good = s.make();
        const std::string proof = sample_hook(good).proof();
        const std::size_t prefix = proof.starts_with("v1,") ? 3 : 0;
        std::string bent = proof;
        bent[prefix] = bent[prefix] == 'A' ? 'B' : bent[prefix] == '0' ? '1' : 'A';
        if (good.options.scheme == webhook_scheme::fal_ed25519)
            bent[prefix] = '0';
        const std::string forgeries[] = {
            bent,
            proof.substr(0, proof.size() - 1),
            proof.substr(0, prefix),     // "v1," alone passed elsewhere (CVE-2024-21491)
            proof.substr(0, prefix + 1), // one byte
            proof.substr(prefix + 1),    // without its mark or first byte
            "",
            proof + "A",
            proof + proof.substr(prefix),
            proof.substr(0, prefix) + std::string(proof.size() - prefix, 'A'),
            std::string(proof.size(), '\0'),
        };
        for (const std::string& forged : forgeries) {
            CAPTURE(forged);
            sample_hook h = good;
            h.proof() = forged;
            check_refused(h, "signature");
        }
        sample_hook twice = good;
        twice.fields.push_back(twice.fields.back());
        check_refused(twice, "signature");
        sample_hook without = good;
        without.fields.pop_back();
        check_refused(without, "signature");
    }
}

TEST_CASE("A body that was swapped, cut, extended or emptied does not pass where it is covered")
{
    for (const scheme_row& s : schemes) {
        CAPTURE(s.name);
        const sample_hook good = s.make();
        const std::string swapped = R"({"id":"of another job","status":"succeeded"})";
        for (const std::string& body : {swapped, good.body.substr(0, good.body.size() - 1),
                                        good.body + "\n", std::string(), good.body + '\0'}) {
            sample_hook h = good;
            h.body = body;
            const auto v = h.verify();
            if (s.covers)
                CHECK_FALSE(v.has_value());
            else if (v)
                CHECK_FALSE(v->body_covered);
        }
    }
}

TEST_CASE("The task that Kie signed is the only one its hook can name")
{
    sample_hook h = kie_hook();
    h.body = R"({"data":{"task_id":"task_kling_1790000000001","state":"fail"}})";
    // The vendor's sample spells it so. The rest of the body is anybody's.
    REQUIRE(h.verify().has_value());
    CHECK_FALSE(h.verify()->body_covered);
    h.body = R"({"data":{"taskId":"task_kling_1790000000002"}})";
    check_refused(h, "signature");
    h.body = R"({"data":{"taskId":"task_kling_1790000000001","task_id":"another"}})";
    check_refused(h, "body");
    h.body = R"({"data":{"taskId":"another","taskId":"task_kling_1790000000001"}})";
    check_refused(h, "body");
    for (const char* body : {"", "{}", "[]", "null", "no json", R"({"data":{"taskId":""}})",
                             R"({"data":{"taskId":7}})", R"({"data":{"taskId":"task_kli)"}) {
        CAPTURE(body);
        h.body = body;
        check_refused(h, "body");
    }
}

TEST_CASE("A hook that is too old or from the future is refused; the window's ends are within it")
{
    for (const scheme_row& s : schemes) {
        if (!s.timed)
            continue;
        CAPTURE(s.name);
        sample_hook h = s.make();
        const std::int64_t told = h.now;
        for (const int off : {-300, 300}) {
            h.now = told + off;
            CHECK(h.verify().has_value());
        }
        for (const std::int64_t off : {-301, 301, -1790000000 / 2, 900000000}) {
            h.now = told + off;
            check_refused(h, "timestamp");
        }
        h.now = told + 10;
        h.options.window = std::chrono::seconds(10);
        CHECK(h.verify().has_value());
        h.now = told + 11;
        check_refused(h, "timestamp");
    }
}

TEST_CASE("A changed or odd timestamp, id or account is refused")
{
    for (const scheme_row& s : schemes) {
        if (!s.timed)
            continue;
        CAPTURE(s.name);
        const sample_hook good = s.make();
        for (std::size_t i = 0; i + 1 < good.fields.size(); ++i) {
            CAPTURE(good.fields[i].first);
            for (const std::string& value :
                 {std::string(), std::string("x"), good.fields[i].second + "0",
                  good.fields[i].second.substr(1), std::string("9999999999999999999"),
                  std::string("-5"), std::string(300, '1')}) {
                sample_hook h = good;
                h.fields[i].second = value;
                const auto v = h.verify();
                REQUIRE_FALSE(v.has_value());
                CHECK(v.error() == errc::unauthorised);
            }
            sample_hook twice = good;
            twice.fields.insert(twice.fields.begin(), twice.fields[i]);
            CHECK_FALSE(twice.verify().has_value());
        }
    }
}

TEST_CASE("While a secret is being changed both are good, and neither afterwards")
{
    for (sample_hook (*make)() : {kling_hook, replicate_hook, pollo_hook, kie_hook, piapi_hook}) {
        sample_hook h = make();
        const secret old = h.options.secrets[0];
        const secret fresh("d2hhdCBjb21lcyBhZnRlciB0aGUgb2xkIG9uZQ==");
        h.options.secrets = {fresh, old};
        CHECK(h.verify().has_value());
        h.options.secrets = {old, fresh};
        CHECK(h.verify().has_value());
        h.options.secrets = {fresh};
        check_refused(h, "signature");
    }
}

TEST_CASE("Standard Webhooks: one good signature in the list is enough, other versions are none")
{
    sample_hook h = kling_own_hook();
    const std::string good = h.proof();
    h.proof() = "v1,AAAA v1a,zzzz " + good + " v1,BBBB";
    CHECK(h.verify().has_value());
    h.proof() = "v2" + good.substr(2);
    check_refused(h, "signature");
    h.proof() = "v1a" + good.substr(2);
    check_refused(h, "signature");
    h.proof() = good.substr(3);
    check_refused(h, "signature");
    std::string long_list;
    for (int i = 0; i < 100; ++i)
        long_list += "v1,AAAA ";
    h.proof() = long_list + good; // a rotation has two, not a hundred
    check_refused(h, "signature");
    h.proof() = good;
    h.options.secrets = {secret("a2VzdHJlbC10ZXN0LXNlY3JldC0wMTIzNDU2Nzg5YWI=")};
    CHECK(h.verify().has_value()); // without the mark
}

TEST_CASE("fal: each published key is tried, and the account must be ours when we said which")
{
    sample_hook h = fal_hook();
    const std::string good = h.keys[0];
    h.keys = {std::string(32, 'x'), good};
    CHECK(h.verify().has_value());
    h.keys = {std::string(32, 'x')};
    check_refused(h, "signature");
    h.keys = {};
    check_refused(h, "signature");
    h.keys = {good};
    h.options.user_id = "user-0001";
    CHECK(h.verify().has_value());
    h.options.user_id = "user-0002";
    check_refused(h, "user_id");
}

TEST_CASE("What was signed by one scheme's way is nothing under another's")
{
    for (const scheme_row& from : schemes)
        for (const scheme_row& to : schemes) {
            sample_hook h = from.make();
            sample_hook other = to.make();
            if (h.options.scheme == other.options.scheme)
                continue;
            CAPTURE(from.name);
            CAPTURE(to.name);
            other.fields = h.fields;
            other.body = h.body;
            other.now = h.now;
            CHECK_FALSE(other.verify().has_value());
        }
}

TEST_CASE("PiAPI's hooks and unsigned ones are told apart by what they say")
{
    sample_hook h = piapi_hook();
    const std::string first = h.verify()->message_id;
    CHECK(h.verify()->message_id == first);
    h.body += " ";
    CHECK(h.verify()->message_id != first);
    h.options = verifier_options(webhook_scheme::unsigned_hook);
    h.fields.clear();
    REQUIRE(h.verify().has_value());
    CHECK_FALSE(h.verify()->body_covered);
}

TEST_CASE("Options that cannot verify anything are refused, naming the field")
{
    const auto field_of = [](const verifier_options& o, errc e) {
        const auto sound = validate(o);
        REQUIRE_FALSE(sound.has_value());
        CHECK(sound.error() == e);
        sample_hook h = kling_hook();
        h.options = o;
        CHECK(h.verify().error() == e);
        return sound.error().facts().field;
    };
    verifier_options o;
    CHECK(field_of(o, errc::invalid_options) == "scheme");
    o.scheme = webhook_scheme::standard_webhooks;
    CHECK(field_of(o, errc::missing_credential) == "secrets");
    o.secrets = {secret("")};
    CHECK(field_of(o, errc::missing_credential) == "secrets");
    o.secrets = {secret("whsec_")};
    CHECK(field_of(o, errc::invalid_options) == "secrets");
    o.secrets = {secret("whsec_not base64!")};
    CHECK(field_of(o, errc::invalid_options) == "secrets");
    o.secrets = {secret("whsec_QEFC")};
    CHECK(validate(o).has_value());
    o.window = std::chrono::seconds(0);
    CHECK(field_of(o, errc::invalid_options) == "window");
    CHECK(validate(verifier_options(webhook_scheme::fal_ed25519)).has_value());
}

} // namespace verifier_test
