// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Secrets are wiped, compared by name, and absent in errors about them.
#include <cokino/core/secret.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

namespace secret_test {

using namespace cokino;

TEST_SUITE("core/secret")
{
    TEST_CASE("wiping overwrites the bytes and what lies behind them")
    {
        std::string text(64, 'k');
        text.resize(10); // 54 bytes of the key lie behind the end
        const char* bytes = text.data();
        const std::size_t capacity = text.capacity();
        wipe(text);
        CHECK(text.empty());
        CHECK(text.capacity() == capacity);
        CHECK(text.data() == bytes);
        CHECK(std::count(bytes, bytes + capacity, 'k') == 0);
    }

    TEST_CASE("a moved-from secret is empty, short or long")
    {
        for (std::size_t size : {std::size_t{3}, std::size_t{200}}) {
            secret from(std::string(size, 'k'));
            const secret to = std::move(from);
            CHECK(to.reveal() == std::string(size, 'k'));
            CHECK(from.empty()); // NOLINT(bugprone-use-after-move): that is the promise
            secret again;
            again = secret(to);
            CHECK(again.equals(to.reveal()));
        }
    }

    TEST_CASE("assignment to itself changes nothing")
    {
        secret key("k-123");
        secret& same = key;
        key = same;
        CHECK(key.reveal() == "k-123");
        key = std::move(same);
        CHECK(key.reveal() == "k-123");
    }

    TEST_CASE("equality looks at every byte and at the length")
    {
        const secret key("abc");
        CHECK(key.equals("abc"));
        CHECK_FALSE(key.equals("abd"));
        CHECK_FALSE(key.equals("xbc"));
        CHECK_FALSE(key.equals("ab"));
        CHECK_FALSE(key.equals("abcabc"));
        CHECK_FALSE(key.equals(""));
        CHECK(secret().equals(""));
        CHECK_FALSE(secret().equals("a"));
        CHECK_FALSE(secret().equals(std::string_view("\0", 1)));
    }

    TEST_CASE("a key from the environment remembers the variable's name")
    {
        REQUIRE(::setenv("COKINO_TEST_KEY", "k-1", 1) == 0);
        const api_key key = api_key::from_env("COKINO_TEST_KEY");
        CHECK(key.alias() == "COKINO_TEST_KEY");
        CHECK(key.key().equals("k-1"));
        CHECK(key.check().has_value());
        REQUIRE(::unsetenv("COKINO_TEST_KEY") == 0);
    }

    TEST_CASE("a missing key is reported with the variable that was looked for")
    {
        REQUIRE(::unsetenv("COKINO_TEST_KEY") == 0);
        const result<void> r = api_key::from_env("COKINO_TEST_KEY").check();
        REQUIRE_FALSE(r.has_value());
        CHECK(r.error() == errc::missing_credential);
        CHECK(r.error().facts().message == "no key in COKINO_TEST_KEY");
        CHECK(api_key().check().error() == errc::missing_credential);
    }

    TEST_CASE("a key that was exchanged with its alias is refused, and shown to nobody")
    {
        const result<void> r = api_key("FAL_KEY", "CANARY-1f3a:5b").check();
        REQUIRE_FALSE(r.has_value());
        CHECK(r.error() == errc::missing_credential);
        CHECK(r.error().describe().find("CANARY") == std::string::npos);
        CHECK(r.error().describe().find("from_env") != std::string::npos);
        CHECK(api_key("KLING_API_KEY_2", "").check().has_error());
        for (const char* good : {"1f3a:5b", "AKIAIOSFODNN7EXAMPLE", "r8_4kQ", "any", "sk-LIVE_1"})
            CHECK(api_key(good, "FAL_KEY").check().has_value());
    }
}

} // namespace secret_test
