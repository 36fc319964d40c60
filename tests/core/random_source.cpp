// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Streams are fixed by their seed, for ever: a failing seed must fail again next year.
#include <cokino/core/random_source.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstdint>

namespace random_source_test {

using cokino::random_source;

TEST_SUITE("core/random_source")
{
    TEST_CASE("a seed gives the numbers of the reference generator")
    {
        random_source zero(0);
        CHECK(zero.next() == 0x99ec5f36cb75f2b4ULL);
        CHECK(zero.next() == 0xbf6e1f784956452aULL);
        CHECK(zero.next() == 0x1a5f849d4933e6e0ULL);
        random_source other(42);
        CHECK(other.next() == 0x15780b2e0c2ec716ULL);
        CHECK(other.next() == 0x6104d9866d113a7eULL);
    }

    TEST_CASE("a copy goes its own way from the same place")
    {
        random_source first(7);
        first.next();
        random_source second = first;
        CHECK(first.next() == second.next());
    }

    TEST_CASE("unseeded sources differ")
    {
        random_source a, b;
        CHECK((a.next() != b.next() || a.next() != b.next()));
    }

    TEST_CASE("uniform stays in [0, 1) and fills it evenly")
    {
        random_source random(3);
        std::array<int, 10> buckets{};
        for (int i = 0; i < 100'000; ++i) {
            const double u = random.uniform();
            REQUIRE(u >= 0);
            REQUIRE(u < 1);
            ++buckets[static_cast<std::size_t>(u * 10)];
        }
        for (int count : buckets)
            CHECK(count == doctest::Approx(10'000).epsilon(0.05));
    }

    TEST_CASE("below stays below, reaches every value, and takes zero for an empty range")
    {
        random_source random(4);
        CHECK(random.below(0) == 0);
        CHECK(random.below(1) == 0);
        std::array<int, 7> seen{};
        for (int i = 0; i < 70'000; ++i)
            ++seen[random.below(7)];
        for (int count : seen)
            CHECK(count == doctest::Approx(10'000).epsilon(0.05));
        // The largest bound is where a careless remainder would show.
        const std::uint64_t bound = (std::uint64_t{1} << 63) + 1;
        for (int i = 0; i < 1000; ++i)
            CHECK(random.below(bound) < bound);
    }
}

} // namespace random_source_test
