// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// xoshiro256** 1.0 and splitmix64, after the public-domain reference code of Blackman and Vigna.
#pragma once

#include <cokino/core/random_source.hpp>

#include <random>

namespace cokino {
namespace detail {

inline std::uint64_t splitmix64(std::uint64_t& state) noexcept
{
    state += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

inline std::uint64_t rotate_left(std::uint64_t value, int count) noexcept
{
    return (value << count) | (value >> (64 - count));
}

inline std::uint64_t system_seed()
{
    std::random_device device;
    const std::uint64_t high = device();
    return (high << 32) | device();
}

} // namespace detail

COKINO_DECL random_source::random_source() : random_source(detail::system_seed()) {}

COKINO_DECL random_source::random_source(std::uint64_t seed) noexcept
{
    for (std::uint64_t& word : state_)
        word = detail::splitmix64(seed);
}

COKINO_DECL std::uint64_t random_source::next() noexcept
{
    const std::uint64_t result = detail::rotate_left(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = detail::rotate_left(state_[3], 45);
    return result;
}

COKINO_DECL double random_source::uniform() noexcept
{
    // The upper 53 bits fill a double's fraction exactly; 1.0 cannot come out.
    return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

COKINO_DECL std::uint64_t random_source::below(std::uint64_t bound) noexcept
{
    if (bound == 0)
        return 0;
    // The lowest 2^64 mod bound values are drawn again, so that each remainder is equally likely.
    const std::uint64_t uneven = (0 - bound) % bound;
    std::uint64_t value = next();
    while (value < uneven)
        value = next();
    return value % bound;
}

} // namespace cokino
