// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The sink in memory by itself: its cap, what it keeps, what it shows.

#include <cokino/transfer/memory_sink.hpp>

#include "support/async_test.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace memory_sink_test {

using namespace cokino;
using namespace cokino::testing::support;

result<void> put(virtual_test& t, memory_sink& memory, std::string_view bytes)
{
    return t.outcome(memory.write(asio::buffer(bytes.data(), bytes.size())));
}

part_state state_of(std::uint64_t bytes)
{
    part_state state;
    state.bytes = bytes;
    state.identity = "abc";
    state.validator = "\"v1\"";
    return state;
}

TEST_CASE("bytes are shown only when they are whole")
{
    virtual_test t;
    memory_sink memory;
    REQUIRE(t.outcome(memory.open("abc")).has_value());
    REQUIRE(put(t, memory, "hello").has_value());
    CHECK(memory.bytes().empty());
    CHECK(memory.take().empty());
    REQUIRE(t.outcome(memory.commit()).has_value());
    CHECK(memory.whole());
    CHECK(memory.bytes() == "hello");
    CHECK(memory.take() == "hello");
    CHECK_FALSE(memory.whole());
}

TEST_CASE("the cap holds for what is announced and for what comes")
{
    virtual_test t;
    memory_sink memory(8);
    REQUIRE(t.outcome(memory.open("abc")).has_value());
    CHECK(memory.expect(8).has_value());
    CHECK(memory.expect(9).error() == errc::sink_full);
    CHECK(put(t, memory, "12345678").has_value());
    const auto full = put(t, memory, "9");
    REQUIRE(full.has_error());
    CHECK(full.error() == errc::sink_full);
    CHECK(full.error().facts().message.find("8 bytes") != std::string::npos);
    memory_sink none(0);
    CHECK(put(t, none, "1").error() == errc::sink_full);
}

TEST_CASE("an abandoned part is given to the same file again, and to no other")
{
    virtual_test t;
    memory_sink memory;
    for (const std::string identity : {"abc", "other"}) {
        REQUIRE(t.outcome(memory.open("abc")).has_value());
        REQUIRE(t.outcome(memory.restart()).has_value());
        REQUIRE(put(t, memory, "hello").has_value());
        const auto keep = state_of(4);
        memory.abandon(&keep);
        const auto held = t.outcome(memory.open(identity));
        REQUIRE(held.has_value());
        CHECK(held->bytes == (identity == "abc" ? 4 : 0));
        CHECK(held->validator == (identity == "abc" ? "\"v1\"" : ""));
        CHECK(memory.reader()->size() == held->bytes);
    }
    memory.abandon(nullptr);
    CHECK(t.outcome(memory.open("other"))->bytes == 0);
}

TEST_CASE("a whole file is not the part of the next one")
{
    virtual_test t;
    memory_sink memory;
    REQUIRE(t.outcome(memory.open("abc")).has_value());
    REQUIRE(put(t, memory, "hello").has_value());
    REQUIRE(t.outcome(memory.commit()).has_value());
    CHECK(t.outcome(memory.open("abc"))->bytes == 0);
    CHECK(memory.bytes().empty());
}

TEST_CASE("what was written can be read back, and no more than that")
{
    virtual_test t;
    memory_sink memory;
    REQUIRE(t.outcome(memory.open("abc")).has_value());
    REQUIRE(put(t, memory, "hello").has_value());
    unsigned char back[3];
    REQUIRE(memory.reader()->read_at(2, back).has_value());
    CHECK(std::string(back, back + 3) == "llo");
    CHECK(memory.reader()->read_at(3, back).error() == errc::internal_error);
}

} // namespace memory_sink_test
