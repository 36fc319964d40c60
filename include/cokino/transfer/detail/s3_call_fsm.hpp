// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What follows an answer to one request to a bucket: use it, send the same again, or sign it anew
// for another time, another region or with another key. Every request here may be repeated without
// harm, save where the caller says otherwise; what an answer means for an object's fate is decided
// in placing_fsm.hpp.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/result.hpp>
#include <cokino/transfer/detail/s3_answer.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace cokino::detail {

/// When a request was under way of which nobody knows whether it was done; by this machine's clock.
struct doubtful_try {
    using instant = std::chrono::system_clock::time_point;

    doubtful_try() = default;
    doubtful_try(instant began, instant ended, failure reason = errc::connection_lost)
        : from(began), until(ended), why(std::move(reason))
    {}

    instant from{};
    instant until{};
    failure why; ///< That nobody knows.
};

/// What the machine is held to.
struct s3_call_rules {
    unsigned tries_max = 5;
    /// Whether a request that may have been acted upon is sent again.
    bool repeats = true;
    /// A HEAD, whose refusals have no words.
    bool wordless = false;
    /// Whether another key can be had.
    bool keys_renew = false;
    /// Whether the request asks for leave to send its body.
    bool asks_leave = false;
    /// The region that signatures name.
    std::string region;
    /// A longer hint than this ends the call: the caller should know and decide.
    std::chrono::milliseconds retry_after_max{std::chrono::minutes{2}};

    s3_call_rules() = default;
};

/// The next thing to do.
struct s3_call_action {
    enum class kind : unsigned char {
        use,          ///< The answer is the call's result.
        wait,         ///< Back off (`step` tries failed in a row, at least `wait_min`), then send.
        set_clock,    ///< Learn the difference of the clocks from the answer, then send.
        set_region,   ///< Sign for `region` from now on, then send.
        ask_region,   ///< Ask for the bucket's place, which may set the region, then send.
        renew_key,    ///< Forget the key, then send.
        ask_no_leave, ///< Send bodies unasked from now on, then send.
        fail          ///< `why` says what ended it.
    };
    kind what = kind::fail;
    unsigned step = 0;
    bool throttled = false;
    std::chrono::milliseconds wait_min{0};
    std::string region;
    failure why; ///< Of `fail` and of `wait`.

    s3_call_action() = default;
    explicit s3_call_action(kind k) : what(k) {}
};

constexpr std::string_view name_of(s3_call_action::kind k) noexcept
{
    switch (k) {
    case s3_call_action::kind::use: return "use";
    case s3_call_action::kind::wait: return "wait";
    case s3_call_action::kind::set_clock: return "set_clock";
    case s3_call_action::kind::set_region: return "set_region";
    case s3_call_action::kind::ask_region: return "ask_region";
    case s3_call_action::kind::renew_key: return "renew_key";
    case s3_call_action::kind::ask_no_leave: return "ask_no_leave";
    case s3_call_action::kind::fail: return "fail";
    }
    return "?";
}

class s3_call_fsm
{
public:
    explicit s3_call_fsm(s3_call_rules rules) : rules_(std::move(rules)) {}

    /// An answer came.
    s3_call_action on_answer(const s3_answer& answer);
    /// None came.
    s3_call_action on_failure(failure why);

    /// Requests that were sent or tried, those that the events above ended.
    unsigned tries() const noexcept { return tries_; }

private:
    s3_call_action again(failure why, std::chrono::milliseconds wait_min, bool throttled);
    s3_call_action stop(failure why, std::string stopped) const;

    s3_call_rules rules_;
    unsigned tries_ = 0;
    unsigned failed_ = 0; // tries that count against the limit
    bool clock_set_ = false;
    bool region_set_ = false;
    bool region_asked_ = false;
    bool key_renewed_ = false;
    bool leave_refused_ = false;
};

/// Whether an answer is of the kind that passes: the same request may be answered otherwise later.
COKINO_DECL bool is_passing(const s3_answer& answer) noexcept;

/// Whether what was asked may have been done though the answer is a refusal. What is refused for
/// being too much was not done.
COKINO_DECL bool is_doubtful(const s3_answer& answer) noexcept;

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/s3_call_fsm.ipp>
#endif
