// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Where a bucket's keys come from, what is said when there are none, and what is never said.

#include <cokino/transfer/bucket_keys.hpp>
#include <cokino/transfer/bucket_options.hpp>
#include <cokino/transfer/detail/profile_file.hpp>

#include "media_host.hpp"
#include "support/async_test.hpp"
#include "support/environment.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

namespace bucket_keys_test {

using namespace cokino;
using namespace cokino::testing::support;
using media_host_test::scratch_directory;
using media_host_test::write_file;

struct keys_test {
    environment saved{"AWS_ACCESS_KEY_ID",
                      "AWS_SECRET_ACCESS_KEY",
                      "AWS_SESSION_TOKEN",
                      "AWS_PROFILE",
                      "AWS_SHARED_CREDENTIALS_FILE",
                      "AWS_CONFIG_FILE",
                      "HOME"};
    scratch_directory dir;
    virtual_test t;

    keys_test()
    {
        setenv("AWS_SHARED_CREDENTIALS_FILE", (dir / "credentials").c_str(), 1);
        setenv("AWS_CONFIG_FILE", (dir / "config").c_str(), 1);
    }
    result<bucket_key> get(bucket_keys keys) { return t.outcome(keys.get()); }
    failure failed(bucket_keys keys)
    {
        const auto r = get(std::move(keys));
        REQUIRE(r.has_error());
        CHECK(r.error().describe().find("CANARY") == std::string::npos);
        return r.error();
    }
};

TEST_CASE("from the environment; what is missing is named by its variable")
{
    keys_test k;
    CHECK(k.failed(bucket_keys::from_env()) == errc::missing_credential);
    CHECK(k.failed(bucket_keys::from_env()).facts().field == "AWS_ACCESS_KEY_ID");
    setenv("AWS_ACCESS_KEY_ID", "AK", 1);
    CHECK(k.failed(bucket_keys::from_env()).facts().field == "AWS_SECRET_ACCESS_KEY");
    setenv("AWS_SECRET_ACCESS_KEY", "SKCANARY", 1);
    setenv("AWS_SESSION_TOKEN", "tok", 1);
    const auto key = k.get(bucket_keys::find());
    REQUIRE(key.has_value());
    CHECK(key->pair.id == "AK");
    CHECK(key->pair.key.equals("SKCANARY"));
    CHECK(key->pair.token.equals("tok"));
}

TEST_CASE("from a profile of either file, by name or by AWS_PROFILE")
{
    keys_test k;
    write_file(k.dir / "credentials", "# mine\r\n[default]\r\naws_access_key_id = AK1 ; old\r\n"
                                      "aws_secret_access_key=SK#1\r\n\r\n[other]\nregion = x\n"
                                      "s3 =\n  addressing_style = path\n");
    write_file(k.dir / "config", "[profile third]\naws_access_key_id = AK3\n"
                                 "AWS_SECRET_ACCESS_KEY = SK3\naws_session_token = T3\n"
                                 "[sso-session x]\nkey = 1\nkey = 2\n");
    const auto first = k.get(bucket_keys());
    REQUIRE(first.has_value());
    CHECK(first->pair.id == "AK1");
    CHECK(first->pair.key.equals("SK#1"));
    const auto third = k.get(bucket_keys::from_profile("third"));
    REQUIRE(third.has_value());
    CHECK(third->pair.token.equals("T3"));
    setenv("AWS_PROFILE", "third", 1);
    CHECK(k.get(bucket_keys::from_profile()).value().pair.id == "AK3");
    const auto none = k.failed(bucket_keys::from_profile("other"));
    CHECK(none == errc::missing_credential);
    CHECK(none.facts().message.find("profile other") != std::string::npos);
    CHECK(none.facts().message.find(k.dir / "config") != std::string::npos);
}

TEST_CASE("what is wrong in a profile file is named by file, line and field, and never quoted")
{
    keys_test k;
    const auto wrong = [&](const std::string& text) {
        write_file(k.dir / "credentials", text);
        return k.failed(bucket_keys::from_profile());
    };
    const auto path = k.dir / "credentials";
    CHECK(wrong("SKCANARY\n").facts().message.find(path + ", line 1") != std::string::npos);
    CHECK(wrong("[default]\nSKCANARY\n").facts().message.find("line 2") != std::string::npos);
    CHECK(wrong("[default\n").facts().message.find("no end") != std::string::npos);
    CHECK(wrong("[default]\n[default]\n").facts().message.find("twice") != std::string::npos);
    CHECK(wrong("[default]\nx = 1\nx = 2\n").facts().message.find("x stands") != std::string::npos);
    CHECK(wrong("[]\n").facts().message.find("no name") != std::string::npos);
    CHECK(wrong("[default]\nSK CANARY = 1\n").facts().message.find("name holds") !=
          std::string::npos);
    CHECK(wrong("[default]\naws_access_key_id = AK\n").facts().field == "aws_secret_access_key");
    CHECK(wrong("[default]\naws_secret_access_key = SKCANARY\n").facts().field ==
          "aws_access_key_id");
    CHECK(wrong("[default]\nrole_arn = x\n").facts().field == "role_arn");
    CHECK(wrong(std::string(1024 * 1024 + 1, '#')) == errc::file_failed);
    CHECK(wrong("[default]\naws_access_key_id = A K\naws_secret_access_key = SKCANARY\n")
              .facts()
              .field == "key id");
}

TEST_CASE("keys of a function: its failure ends the request, and an empty one is none")
{
    keys_test k;
    CHECK(k.failed(bucket_keys::from({})) == errc::missing_credential);
    const auto fails = bucket_keys::from(
        []() -> awaitable<result<bucket_key>> { co_return failure(errc::host_fault); });
    CHECK(k.failed(fails) == errc::host_fault);
    const auto empty =
        bucket_keys::from([]() -> awaitable<result<bucket_key>> { co_return bucket_key(); });
    CHECK(k.failed(empty).facts().field == "key id");
    CHECK(k.failed(bucket_keys::of("AK", "SKCANARY\n")).facts().field == "secret key");
    CHECK(k.t.cancelled_before_start(bucket_keys::of("AK", "SK").get()).error() == errc::cancelled);
}

TEST_CASE("an object's key follows from the job, and is safe whatever the job's id is")
{
    asset file;
    CHECK(object_key_for(file).error().facts().field == "file");
    file.from = media_host_test::some_job();
    CHECK(object_key_for(file).value() == "fal/job-1-0.mp4");
    CHECK(object_key_for(file, "a/b//").value() == "a/b/fal/job-1-0.mp4");
    file.index = 2;
    file.content_type = "image/png; x=y";
    CHECK(object_key_for(file).value() == "fal/job-1-2.png");
    const auto odd = [&](const std::string& id) {
        auto record = std::make_shared<job_record>(file.from.record());
        record->id = id;
        asset other = file;
        other.from = job_handle(std::move(record));
        return object_key_for(other).value();
    };
    CHECK(odd("../a b").starts_with("fal/.._a_b_"));
    CHECK(odd("a/b") != odd("a_b"));
    CHECK(odd("a/b") != odd("a:b"));
    CHECK(odd("..").find("/..-") == std::string::npos);
    CHECK(odd(std::string(500, 'x')).size() < 200);
}

} // namespace bucket_keys_test
