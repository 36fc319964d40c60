// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/detail/slice_fsm.hpp.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/transfer/detail/range_answers.hpp>
#include <cokino/transfer/detail/slice_fsm.hpp>

#include <algorithm>
#include <utility>

namespace cokino::detail {

COKINO_DECL slice_fsm::slice_fsm(slice_rules rules)
    : rules_(std::move(rules)), lanes_(rules_.lanes), unasked_(rules_.first), taken_(rules_.first)
{
    lane_state& lane = lanes_[0];
    fetch(lane);
    lane.now = phase::reading;
    lane.stop = lane.end;
}

COKINO_DECL std::size_t slice_fsm::filled(std::size_t lane) const noexcept
{
    return static_cast<std::size_t>(lanes_[lane].at - lanes_[lane].first);
}

// ---- what a lane does --------------------------------------------------------------------------

COKINO_DECL slice_action slice_fsm::fetch(lane_state& lane)
{
    if (lane.now == phase::idle) {
        lane = lane_state();
        lane.first = lane.at = unasked_;
        lane.end = unasked_ + std::min(rules_.slice_bytes, *rules_.total - unasked_);
        unasked_ = lane.end;
    }
    lane.now = phase::asking;
    lane.link = link_;
    slice_action next(slice_action::kind::fetch);
    next.first = lane.at;
    next.last = lane.end - 1;
    return next;
}

COKINO_DECL slice_action slice_fsm::next(std::size_t at)
{
    lane_state& lane = lanes_[at];
    if (over_)
        return slice_action(slice_action::kind::over);
    switch (lane.now) {
    case phase::reading: {
        slice_action more(slice_action::kind::read);
        more.last = lane.stop - 1;
        return more;
    }
    case phase::full: return slice_action(slice_action::kind::rest);
    case phase::idle:
        if (unasked_ == rules_.total)
            return slice_action(slice_action::kind::done);
        break;
    default: break;
    }
    // A dead link is asked for nothing more.
    return renewing_ ? slice_action(slice_action::kind::rest) : fetch(lane);
}

COKINO_DECL slice_action slice_fsm::over(failure why)
{
    give_up(std::move(why));
    return slice_action(slice_action::kind::over);
}

COKINO_DECL void slice_fsm::give_up(failure why)
{
    if (!std::exchange(over_, true))
        failed_ = std::move(why);
}

COKINO_DECL slice_action slice_fsm::again(lane_state& lane, failure why,
                                          std::chrono::milliseconds wait_min)
{
    if (lane.gained >= rules_.progress_bytes_min)
        lane.tries = 0;
    lane.gained = 0;
    if (++lane.tries >= rules_.tries_max)
        return over(std::move(why));
    lane.now = phase::waiting;
    slice_action next(slice_action::kind::wait);
    next.step = lane.tries;
    next.wait_min = wait_min;
    next.why = std::move(why);
    return next;
}

// ---- what comes --------------------------------------------------------------------------------

COKINO_DECL slice_action slice_fsm::on_head(std::size_t at, const range_head& head)
{
    lane_state& lane = lanes_[at];
    if (over_)
        return slice_action(slice_action::kind::over);
    if (lane.now != phase::asking)
        return over(failure(errc::internal_error).explain("a slice came unasked"));
    if (head.status == 206)
        return part(lane, head);
    if (is_dead_link(head.status)) {
        lane.now = phase::held;
        if (renewing_)
            return slice_action(slice_action::kind::rest);
        if (lane.link != link_) // it died before the last renewal
            return fetch(lane);
        renewing_ = true;
        return slice_action(slice_action::kind::renew);
    }
    if (head.status == 200 || head.status == 416)
        return over(failure(errc::body_changed)
                        .explain("the host gives no slice of the version that was begun"));
    refusal said = refusal_of(head);
    if (!said.passing || said.hint > rules_.retry_after_max)
        return over(std::move(said.why));
    return again(lane, std::move(said.why), said.hint);
}

COKINO_DECL slice_action slice_fsm::part(lane_state& lane, const range_head& head)
{
    const char* wrong = objection_to_part(head, lane.at, rules_);
    if (!wrong && (!head.encoding.empty() || head.range->last >= lane.end))
        wrong = "the host sent another part of the file than was asked for";
    if (wrong)
        return over(failure(errc::body_changed).explain(wrong));
    lane.now = phase::reading;
    lane.stop = head.range->last + 1;
    slice_action next(slice_action::kind::read);
    next.last = head.range->last;
    return next;
}

COKINO_DECL slice_action slice_fsm::on_bytes(std::size_t at, std::uint64_t count)
{
    lane_state& lane = lanes_[at];
    if (over_)
        return slice_action(slice_action::kind::over);
    if (lane.now != phase::reading || count > lane.stop - lane.at)
        return over(failure(errc::internal_error).explain("bytes of a slice came unasked"));
    lane.at += count;
    lane.gained += count;
    if (lane.at == lane.end) {
        lane.now = phase::full;
        return slice_action(slice_action::kind::rest);
    }
    if (lane.at == lane.stop)
        return on_end(at);
    slice_action next(slice_action::kind::read);
    next.last = lane.stop - 1;
    return next;
}

COKINO_DECL slice_action slice_fsm::on_end(std::size_t at)
{
    lane_state& lane = lanes_[at];
    // A part that ended where it said, but not where the slice does: ask for the rest at once.
    if (!over_ && lane.at == lane.stop && lane.gained >= rules_.progress_bytes_min && !renewing_) {
        lane.gained = 0;
        lane.tries = 0;
        return fetch(lane);
    }
    return on_failure(at, failure(errc::body_truncated)
                              .explain("a slice ended after " + to_text(lane.at - lane.first) +
                                       " of " + to_text(lane.end - lane.first) + " bytes"));
}

COKINO_DECL slice_action slice_fsm::on_failure(std::size_t at, failure why)
{
    if (over_)
        return slice_action(slice_action::kind::over);
    if (!is_worth_another_try(why))
        return over(std::move(why));
    return again(lanes_[at], std::move(why), std::chrono::milliseconds{0});
}

COKINO_DECL void slice_fsm::on_renewed() noexcept
{
    renewing_ = false;
    ++link_;
}

// ---- what is taken -----------------------------------------------------------------------------

COKINO_DECL slice_fsm::front slice_fsm::available() const noexcept
{
    for (std::size_t i = 0; i != lanes_.size(); ++i) {
        const lane_state& lane = lanes_[i];
        if (lane.now == phase::idle || taken_ < lane.first || taken_ >= lane.end)
            continue;
        front found;
        found.lane = i;
        found.at = static_cast<std::size_t>(taken_ - lane.first);
        found.bytes = static_cast<std::size_t>(lane.at - taken_);
        return found;
    }
    return {};
}

COKINO_DECL bool slice_fsm::on_taken(std::size_t count) noexcept
{
    const front from = available();
    taken_ += std::min(count, from.bytes);
    lane_state& lane = lanes_[from.lane];
    if (from.bytes == 0 || taken_ != lane.end)
        return false;
    lane = lane_state();
    return true;
}

} // namespace cokino::detail
