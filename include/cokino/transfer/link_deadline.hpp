// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// By when a file must be fetched: the earliest end that anybody tells of its link, less a margin.
// Pure; who queues downloads sorts them by it, and a download asks it before the first request.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/limits.hpp>
#include <cokino/model/asset.hpp>
#include <cokino/wire/link_expiry.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cokino {

/// What a deadline is reckoned with.
struct deadline_terms {
    /// Our clock's time: for links of which nothing is known.
    std::chrono::system_clock::time_point now;
    /// The host's clock minus ours (policy::clock_skew::value()). Only its size counts.
    std::chrono::milliseconds skew{0};
    /// How long the transfer will take (expected_transfer()).
    std::chrono::milliseconds transfer{0};
};

/// When a link dies, who says so, and until when a download may still begin.
struct link_deadline {
    std::chrono::system_clock::time_point dies_at;  ///< By the host's clock.
    std::chrono::system_clock::time_point start_by; ///< By ours: the margin is taken off.
    /// Which rule spoke; static text: one of read_link_expiry() or read_expiry_fields(), or
    /// "answer", "link", "host-lifetime", "host-lifetime-since-submit", or "assumed" when nobody
    /// said anything of a job's file: an hour from now on.
    std::string_view rule;
    wire::expiry_bound bound = wire::expiry_bound::exact;

    /// Whether the link is dead or may die on the way. What is only known to live at least so long
    /// is never taken for dead: asking costs no more than renewing.
    bool is_due(std::chrono::system_clock::time_point now) const noexcept
    {
        return bound != wire::expiry_bound::lower && now >= start_by;
    }
};

/// The deadline of a file; the earliest of what its link, its asset (the host's answer, or the life
/// that the host promises) and `said` tell. `said` is what the head of an answer told
/// (wire::read_expiry_fields()). A lower bound speaks only where nothing better is known and while
/// it lies ahead. Nothing for a link that no job made and of which nobody says that it dies.
///
/// "assumed" moves with terms.now: ask once, when the file is first seen.
COKINO_DECL std::optional<link_deadline> deadline_of(
    const asset& file, const deadline_terms& terms,
    const std::optional<wire::link_expiry>& said = std::nullopt);

/// How long the rest of a file will take: `bytes` at `bytes_per_s`. Where either is not known (0 or
/// nothing) limits::transfer_bytes_assumed and limits::transfer_bytes_per_s_assumed stand in. At
/// most limits::transfer_margin_max.
COKINO_DECL std::chrono::milliseconds expected_transfer(std::optional<std::uint64_t> bytes,
                                                        double bytes_per_s = 0) noexcept;

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/link_deadline.ipp>
#endif
