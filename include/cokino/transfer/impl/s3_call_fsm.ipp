// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/detail/s3_call_fsm.hpp.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/transfer/detail/range_fsm.hpp>
#include <cokino/transfer/detail/s3_call_fsm.hpp>

#include <utility>

namespace cokino::detail {

COKINO_DECL bool is_passing(const s3_answer& answer) noexcept
{
    // Codes that pass whatever their status, and bytes that arrived changed: those were good here.
    static constexpr std::string_view codes[] = {"SlowDown",
                                                 "InternalError",
                                                 "ServiceUnavailable",
                                                 "RequestTimeout",
                                                 "OperationAborted",
                                                 "TooManyRequests",
                                                 "BandwidthLimitExceeded",
                                                 "BadDigest",
                                                 "XAmzContentSHA256Mismatch"};
    for (const auto code : codes)
        if (answer.code == code)
            return true;
    const unsigned s = answer.status;
    return s == 408 || s == 425 || s == 429 || s == 500 || s == 502 || s == 503 || s == 504 ||
           s == 509;
}

COKINO_DECL bool is_doubtful(const s3_answer& answer) noexcept
{
    const bool failed = answer.status >= 500 || answer.status == 408 || answer.said_error;
    return failed && answer.status != 503 && answer.code != "SlowDown" && is_passing(answer);
}

inline bool says_wrong_region(const s3_answer& answer) noexcept
{
    return answer.code == "AuthorizationHeaderMalformed" || answer.code == "PermanentRedirect" ||
           answer.code == "TemporaryRedirect" ||
           answer.code == "IllegalLocationConstraintException";
}

inline bool says_stale_key(const s3_answer& answer) noexcept
{
    return answer.code == "ExpiredToken" || answer.code == "InvalidToken" ||
           answer.code == "InvalidAccessKeyId" || answer.code == "TokenRefreshRequired";
}

COKINO_DECL s3_call_action s3_call_fsm::on_answer(const s3_answer& answer)
{
    using kind = s3_call_action::kind;
    ++tries_;
    if (answer.ok())
        return s3_call_action(kind::use);
    if (answer.code == "RequestTimeTooSkewed" && answer.date && !clock_set_) {
        clock_set_ = true;
        return s3_call_action(kind::set_clock);
    }
    if (says_wrong_region(answer) && !answer.region.empty() && answer.region != rules_.region &&
        !region_set_) {
        region_set_ = true;
        s3_call_action next(kind::set_region);
        next.region = answer.region;
        return next;
    }
    if (rules_.wordless && answer.status == 400 && answer.code.empty() && !region_asked_) {
        region_asked_ = true;
        return s3_call_action(kind::ask_region);
    }
    if (says_stale_key(answer) && rules_.keys_renew && !key_renewed_) {
        key_renewed_ = true;
        return s3_call_action(kind::renew_key);
    }
    // Somebody on the way does not know the question; the request was not done.
    if (answer.status == 417 && rules_.asks_leave && !leave_refused_) {
        leave_refused_ = true;
        return s3_call_action(kind::ask_no_leave);
    }
    if (!is_passing(answer))
        return s3_call_action(kind::use);
    // What the service refused because it is busy was not done, whatever else it was.
    const bool throttled = answer.status == 429 || answer.status == 503;
    if (!rules_.repeats && !throttled)
        return s3_call_action(kind::use);
    const auto hint = answer.retry_after.value_or(std::chrono::milliseconds{0});
    if (hint > rules_.retry_after_max)
        return stop(s3_failure(answer), "the service asks to wait longer than " +
                                            duration_text(rules_.retry_after_max));
    return again(s3_failure(answer), hint, throttled);
}

COKINO_DECL s3_call_action s3_call_fsm::on_failure(failure why)
{
    ++tries_;
    if (!is_worth_another_try(why))
        return stop(std::move(why), {});
    if (!rules_.repeats && why.sent() != fate::not_sent)
        return stop(std::move(why), {});
    return again(std::move(why), std::chrono::milliseconds{0}, false);
}

COKINO_DECL s3_call_action s3_call_fsm::again(failure why, std::chrono::milliseconds wait_min,
                                              bool throttled)
{
    if (++failed_ >= rules_.tries_max)
        return stop(std::move(why), "attempts exhausted: " + to_text(rules_.tries_max));
    s3_call_action next(s3_call_action::kind::wait);
    next.step = failed_;
    next.throttled = throttled;
    next.wait_min = wait_min;
    next.why = std::move(why);
    return next;
}

COKINO_DECL s3_call_action s3_call_fsm::stop(failure why, std::string stopped) const
{
    s3_call_action next(s3_call_action::kind::fail);
    if (!stopped.empty())
        why.edit().stopped = std::move(stopped);
    why.edit().attempts = tries_;
    next.why = std::move(why);
    return next;
}

} // namespace cokino::detail
