// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The cache of public keys on a scripted network and virtual time: how often it asks, and what it
// takes for an answer.
#include <cokino/testing/scripted_transport.hpp>
#include <cokino/webhook/jwks_cache.hpp>
#include <cokino/wire/signature.hpp>
#include <support/async_test.hpp>

#include <doctest/doctest.h>

#include <string>

namespace jwks_cache_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;
using webhook::jwks_cache;
using webhook::jwks_keys;
using webhook::jwks_options;

std::string key(char c) { return std::string(32, c); }
std::string set_of(char c)
{
    return R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":")" + wire::base64url_encode(key(c)) +
           R"("}]})";
}

struct bench {
    virtual_test t;
    testing::scripted_transport net;
    jwks_cache cache{t.ex(), net};

    testing::scripted_step& expect()
    {
        return net.expect(wire::method::get, "https://rest.fal.ai/.well-known/jwks.json")
            .without_field("authorization");
    }
    jwks_keys keys() { return t.outcome(cache.keys()).value(); }
    jwks_keys newer(const jwks_keys& k) { return t.outcome(cache.newer_than(k)).value(); }
};

TEST_CASE("Keys are fetched once, used for a day, and fetched anew then")
{
    bench b;
    b.expect().reply(200, set_of('a'));
    CHECK(b.keys()->at(0) == key('a'));
    b.t.time.run_for(24h - 1s);
    CHECK(b.keys()->at(0) == key('a'));
    CHECK(b.cache.fetches() == 1);
    b.t.time.run_for(1s);
    b.expect().reply(200, set_of('b'));
    CHECK(b.keys()->at(0) == key('b'));
    CHECK(b.net.verify() == "");
}

TEST_CASE("Those who ask while a fetch is under way share its answer")
{
    bench b;
    b.expect().delay(2s).reply(200, set_of('a'));
    auto first = b.t.start(b.cache.keys());
    auto second = b.t.start(b.cache.keys());
    auto third = b.t.start(b.cache.newer_than(nullptr));
    b.t.finish(first);
    b.t.finish(second);
    b.t.finish(third);
    CHECK(first.get().has_value());
    CHECK(second.get().has_value());
    CHECK(third.get().has_value());
    CHECK(b.cache.fetches() == 1);
    CHECK(b.net.verify() == "");
}

TEST_CASE("When no key fits they are fetched again, but a flood of forgeries fetches nothing more")
{
    bench b;
    b.expect().reply(200, set_of('a'));
    const jwks_keys old = b.keys();
    for (int i = 0; i < 100; ++i)
        CHECK(b.newer(old) == old);
    CHECK(b.cache.fetches() == 1);
    b.t.time.run_for(3min);
    b.expect().reply(200, set_of('b'));
    const jwks_keys rotated = b.newer(old);
    CHECK(rotated->at(0) == key('b'));
    CHECK(b.newer(old) == rotated); // another hook that was checked with the old ones
    for (int i = 0; i < 100; ++i)
        CHECK(b.newer(rotated) == rotated);
    CHECK(b.cache.fetches() == 2);
    CHECK(b.net.verify() == "");
}

TEST_CASE("A fetch that fails leaves the keys at hand in use until they are a day old")
{
    bench b;
    b.expect().reply(200, set_of('a'));
    const jwks_keys old = b.keys();
    b.t.time.run_for(1h);
    b.expect().fail(errc::connect_failed, fate::not_sent);
    CHECK(b.newer(old) == old);
    CHECK(b.keys() == old);
    b.t.time.run_for(23h);
    b.expect().reply(503);
    const auto none = b.t.outcome(b.cache.keys());
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error() == errc::answer_malformed);
    CHECK(b.net.verify() == "");
}

TEST_CASE("Without keys it tries again after a while, not at once")
{
    bench b;
    b.expect().fail(errc::connect_failed, fate::not_sent);
    const auto failed = b.t.outcome(b.cache.keys());
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error() == errc::connect_failed);
    const auto soon = b.t.outcome(b.cache.keys());
    REQUIRE_FALSE(soon.has_value());
    CHECK(soon.error() == errc::limit_reached);
    b.t.time.run_for(5s);
    b.expect().reply(200, set_of('a'));
    CHECK(b.keys()->size() == 1);
    CHECK(b.net.verify() == "");
}

TEST_CASE("Redirects, pages and empty sets give no keys")
{
    bench b;
    testing::fake_fields elsewhere;
    elsewhere.emplace_back("location", "https://evil.example/jwks.json");
    b.expect().reply(302, "", elsewhere);
    b.expect().reply(200, "<html>");
    b.expect().reply(200, R"({"keys":[]})");
    for (int i = 0; i < 3; ++i) {
        const auto none = b.t.outcome(b.cache.keys());
        REQUIRE_FALSE(none.has_value());
        CHECK(none.error() == errc::answer_malformed);
        b.t.time.run_for(5s);
    }
    CHECK(b.net.verify() == "");
}

TEST_CASE("A cancelled fetch lets the others go, and the next one asks again")
{
    bench b;
    b.expect().delay(2s).reply(200, set_of('a'));
    auto first = b.t.start(b.cache.keys());
    auto second = b.t.start(b.cache.keys());
    first.cancel_after(1s);
    b.t.finish(first);
    b.t.finish(second);
    CHECK_FALSE(second.get().has_value());
    b.t.time.run_for(5s);
    b.expect().reply(200, set_of('a'));
    CHECK(b.keys()->size() == 1);
    CHECK(b.net.verify() == "");
}

TEST_CASE("A wait for another's fetch can be cancelled alone")
{
    bench b;
    b.expect().delay(2s).reply(200, set_of('a'));
    auto first = b.t.start(b.cache.keys());
    auto second = b.t.start(b.cache.keys());
    second.cancel_after(1s);
    b.t.finish(second);
    CHECK(second.took() == 1s);
    b.t.finish(first);
    CHECK(first.get().has_value());
    CHECK(b.net.verify() == "");
}

TEST_CASE("Options out of bounds are refused, naming the field")
{
    jwks_options o;
    o.life_max = 25h;
    CHECK(validate(o).error().facts().field == "life_max");
    o = jwks_options();
    o.url = "file:///etc/passwd";
    CHECK(validate(o).error().facts().field == "url");
    o = jwks_options();
    o.refetch_interval_min = 0s;
    CHECK(validate(o).error().facts().field == "refetch_interval_min");
}

} // namespace jwks_cache_test
