// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/link_deadline.hpp.
#pragma once

#include <cokino/transfer/link_deadline.hpp>

#include <algorithm>

namespace cokino {
namespace detail {

inline std::optional<wire::link_expiry> told_by(const asset& file)
{
    if (!file.expires_at)
        return std::nullopt;
    wire::link_expiry out;
    constexpr std::chrono::sys_seconds longest_ago{}; // anything earlier is as dead
    out.at = std::max(longest_ago, std::chrono::floor<std::chrono::seconds>(*file.expires_at));
    out.rule = name_of(file.expires_by);
    if (file.expires_by == expiry_source::lifetime_since_submit)
        out.bound = wire::expiry_bound::lower;
    return out;
}

/// Of two ends the one that holds: the earlier; but what is only a lower bound gives way.
inline void keep_earlier_end(std::optional<wire::link_expiry>& kept,
                             const std::optional<wire::link_expiry>& other)
{
    const auto weak = [](const wire::link_expiry& e) {
        return e.bound == wire::expiry_bound::lower;
    };
    if (!other)
        return;
    const bool better = !kept || (weak(*kept) == weak(*other) ? other->at < kept->at : weak(*kept));
    if (better)
        kept = other;
}

} // namespace detail

COKINO_DECL std::optional<link_deadline> deadline_of(const asset& file, const deadline_terms& terms,
                                                     const std::optional<wire::link_expiry>& said)
{
    using std::chrono::milliseconds;
    std::optional<wire::link_expiry> end = wire::read_link_expiry(file.url);
    detail::keep_earlier_end(end, detail::told_by(file));
    detail::keep_earlier_end(end, said);
    if (end && end->bound == wire::expiry_bound::lower && end->at <= terms.now)
        end.reset();
    if (!end) {
        if (file.from.empty())
            return std::nullopt;
        end.emplace();
        end->at = std::chrono::floor<std::chrono::seconds>(terms.now) + limits::link_life_assumed;
        end->rule = "assumed";
        end->bound = wire::expiry_bound::lower;
    }
    link_deadline out;
    out.dies_at = end->at;
    out.rule = end->rule;
    out.bound = end->bound;
    constexpr milliseconds skew_max = limits::clock_skew_max;
    const auto skew = std::chrono::abs(std::clamp(terms.skew, -skew_max, skew_max));
    const auto transfer =
        std::clamp<milliseconds>(terms.transfer, milliseconds(0), limits::transfer_margin_max);
    out.start_by = out.dies_at - limits::link_margin - skew - transfer;
    return out;
}

COKINO_DECL std::chrono::milliseconds expected_transfer(std::optional<std::uint64_t> bytes,
                                                        double bytes_per_s) noexcept
{
    constexpr std::chrono::milliseconds cap = limits::transfer_margin_max;
    const auto size = static_cast<double>(bytes.value_or(limits::transfer_bytes_assumed));
    const double rate = bytes_per_s > 0 ? bytes_per_s : limits::transfer_bytes_per_s_assumed;
    const double ms = size / rate * 1000;
    if (!(ms < static_cast<double>(cap.count())))
        return cap;
    return std::chrono::milliseconds(static_cast<std::int64_t>(ms));
}

} // namespace cokino
