// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What one download knows of its link's end, as it learns it: from the link, from the heads of
// answers, from the words of a refusal. Pure; the clock of the hosts is shared by all downloads.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/model/asset.hpp>
#include <cokino/policy/clock_skew.hpp>
#include <cokino/transfer/detail/dead_answer.hpp>
#include <cokino/transfer/link_deadline.hpp>
#include <cokino/wire/message.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cokino::detail {

class link_life
{
public:
    using time_point = std::chrono::system_clock::time_point;

    /// `clock` outlives this.
    explicit link_life(policy::clock_skew& clock) noexcept : clock_(clock) {}

    /// A link to begin with: at first, and after each renewal. `held` bytes need not come any more.
    void begin(const asset& file, std::uint64_t held, time_point now);
    /// The head of an answer to a request that was begun at `asked`, redirects too.
    void on_head(const wire::response& head, time_point asked, time_point now);
    /// The first bytes of a refusal whose head has been seen.
    void on_refusal(unsigned status, std::string_view body);

    /// Whether the link is dead or may die before the file is there.
    bool is_due(time_point now) const { return deadline_ && deadline_->is_due(now); }
    const std::optional<link_deadline>& deadline() const noexcept { return deadline_; }
    /// What is known of a link that the host refuses, as the end of a sentence; empty when that is
    /// nothing: "; by s3-sigv4 it died at 2026-11-27T13:00:00Z, and the host says so".
    std::string obituary(time_point now) const;

private:
    void reckon(time_point now);

    policy::clock_skew& clock_;
    asset file_; // url, expiry and job only
    std::chrono::milliseconds transfer_{0};
    std::optional<wire::link_expiry> said_;
    std::optional<link_deadline> deadline_;
    dead_answer refusal_;
    time_point asked_, answered_; // of the last head
    bool dated_ = false;          // it had a Date
};

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/link_life.ipp>
#endif
