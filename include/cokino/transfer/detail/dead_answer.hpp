// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What a refusal of a link says of itself. Services differ (S3 tells its clock, Ceph's gateway says
// nothing at all, Google answers 400), and anybody can write such a text: it explains, and lends a
// sample of the host's clock, but nothing is decided by it.
#pragma once

#include <cokino/core/config.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace cokino::detail {

struct dead_answer {
    enum class word : unsigned char {
        silent,  ///< Nothing that is known: an HTML page of a CDN, nothing at all.
        denied,  ///< Access is denied, without a reason: Ceph's word for an expired link.
        skewed,  ///< The host takes the link's date for one of another clock.
        missing, ///< The file is not there.
        expired  ///< The link has expired.
    };
    word says = word::silent;
    std::optional<std::chrono::sys_seconds> server_time; ///< The host's clock.
    std::optional<std::chrono::sys_seconds> expired_at;  ///< When it says that the link died.

    friend bool operator==(const dead_answer&, const dead_answer&) = default;
};

constexpr std::string_view name_of(dead_answer::word w) noexcept
{
    switch (w) {
    case dead_answer::word::silent: return "silent";
    case dead_answer::word::denied: return "denied";
    case dead_answer::word::skewed: return "skewed";
    case dead_answer::word::missing: return "missing";
    case dead_answer::word::expired: return "expired";
    }
    return "?";
}

/// Reads the first bytes of the body of a 400, 401, 403, 404 or 410; of another status nothing.
/// Instants outside 2001 to 2100 are none. `now` only settles the century of old dates.
COKINO_DECL dead_answer read_dead_answer(unsigned status, std::string_view body,
                                         std::chrono::sys_seconds now) noexcept;

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/dead_answer.ipp>
#endif
