// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The only door to chance: jitter and ids. Seeded in tests, so that every run can be repeated.
// Not for keys or signatures; those ask OpenSSL.
#pragma once

#include <cokino/core/config.hpp>

#include <array>
#include <cstdint>

namespace cokino {

/// A small fast generator (xoshiro256**, seeded through splitmix64). Copyable; not thread-safe.
class random_source
{
public:
    /// Seeded from the system; two calls give unrelated streams.
    random_source();
    explicit random_source(std::uint64_t seed) noexcept;

    std::uint64_t next() noexcept;
    /// Uniform in [0, 1).
    double uniform() noexcept;
    /// Uniform in [0, bound); 0 when bound is 0. Free of modulo bias.
    std::uint64_t below(std::uint64_t bound) noexcept;

private:
    std::array<std::uint64_t, 4> state_{};
};

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/core/impl/random_source.ipp>
#endif
