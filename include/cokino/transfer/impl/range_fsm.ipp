// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/detail/range_fsm.hpp: what follows which event.
#pragma once

#include <cokino/core/diagnostics.hpp>
#include <cokino/core/text.hpp>
#include <cokino/transfer/detail/range_fsm.hpp>

#include <algorithm>
#include <utility>

namespace cokino::detail {

COKINO_DECL range_action range_fsm::start(const range_start& held)
{
    const bool same_size = !held.total || !rules_.size || *held.total == *rules_.size;
    const bool fits = held.bytes != 0 && !held.validator.empty() && same_size &&
                      held.bytes <= held.total.value_or(rules_.bytes_max);
    if (fits) {
        offset_ = highest_ = resumed_from_ = held.bytes;
        validator_ = held.validator;
        if (validator_.front() == '"')
            etag_ = validator_;
        total_ = held.total;
        digest_ = held.digest;
        pieces_ = 1;
    }
    if (fits && total_ == offset_) { // the earlier process died between its last byte and the name
        end_is_known_ = true;
        return verify();
    }
    range_action next;
    if (held.link_is_dead && rules_.can_renew) {
        ++renewals_;
        state_ = state::renewing;
        next.what = range_action::kind::renew;
    } else {
        next = ask();
    }
    next.start_over = held.bytes != 0 && !fits;
    return next;
}

COKINO_DECL range_action range_fsm::ask()
{
    state_ = state::asking;
    ++requests_;
    range_action next(range_action::kind::ask);
    next.offset = offset_;
    asked_.reset();
    if (rules_.slice_bytes != 0 && (!total_ || offset_ < *total_)) {
        const auto end = offset_ + rules_.slice_bytes;
        asked_ = std::min(end, total_.value_or(end)) - 1;
        next.last = asked_;
    }
    if (offset_ != 0)
        next.if_range = validator_;
    return next;
}

COKINO_DECL range_action range_fsm::verify()
{
    state_ = state::verifying;
    return range_action(range_action::kind::verify);
}

COKINO_DECL range_action range_fsm::fail(failure why)
{
    state_ = state::failed;
    why.edit().attempts = requests_;
    range_action next(range_action::kind::fail);
    next.why = std::move(why);
    return next;
}

COKINO_DECL file_version range_fsm::version() const
{
    file_version known;
    known.total = total_;
    known.etag = etag_;
    if (!validator_.empty() && validator_.front() != '"')
        known.modified = validator_;
    known.media_type = media_type_;
    known.digest = digest_;
    return known;
}

COKINO_DECL void range_fsm::forget() noexcept
{
    offset_ = resumed_from_ = 0;
    pieces_ = 0;
    total_.reset();
    stop_.reset();
    validator_.clear();
    etag_.clear();
    digest_.reset();
    end_is_known_ = false;
}

// Every renewed start is counted, so that a host which changes its mind with each answer is left.
COKINO_DECL range_action range_fsm::start_over(failure why)
{
    if (++restarts_ > rules_.restarts_max) {
        spoilt_ = true;
        why.edit().stopped = "started over " + to_text(rules_.restarts_max) + " times already";
        return fail(std::move(why));
    }
    forget();
    range_action next = ask();
    next.start_over = true;
    return next;
}

COKINO_DECL range_action range_fsm::ask_again(failure why, std::chrono::milliseconds wait_min)
{
    if (gained_ >= rules_.progress_bytes_min) {
        gained_ = 0;
        tries_ = 0;
    }
    if (++tries_ >= rules_.tries_max) {
        why.edit().stopped = to_text(tries_) + (tries_ == 1 ? " try" : " tries in a row") +
                             " that brought less than " + to_text(rules_.progress_bytes_min) +
                             " bytes anew";
        return fail(std::move(why));
    }
    range_action next(range_action::kind::wait);
    if (offset_ != 0 && validator_.empty()) {
        // What is held cannot be proved to belong to what will come.
        if (++restarts_ > rules_.restarts_max) {
            why.edit().stopped = "the host gives nothing to resume by, and starting over " +
                                 to_text(rules_.restarts_max) + " times did not help";
            return fail(std::move(why));
        }
        forget();
        next.start_over = true;
    }
    state_ = state::waiting;
    next.step = tries_;
    next.wait_min = wait_min;
    next.why = std::move(why);
    return next;
}

COKINO_DECL range_action range_fsm::on_head(const range_head& head)
{
    if (state_ != state::asking)
        return fail(failure(errc::internal_error).explain("a response came unasked"));
    switch (head.status) {
    case 200: return whole(head);
    case 206: return piece(head);
    case 416: return not_satisfiable(head);
    default: return is_dead_link(head.status) ? dead_link(head) : refused(head);
    }
}

COKINO_DECL std::optional<failure> range_fsm::refuse_size(std::uint64_t size) const
{
    if (size > rules_.bytes_max)
        return failure(errc::response_too_large)
            .explain("the file has " + to_text(size) + " bytes, more than the " +
                         to_text(rules_.bytes_max) + " allowed",
                     "bytes_max");
    if (rules_.size && size != *rules_.size)
        return failure(errc::content_mismatch)
            .explain("the file has " + to_text(size) + " bytes, but the job's answer said " +
                     to_text(*rules_.size));
    return std::nullopt;
}

COKINO_DECL void range_fsm::take_version(const range_head& head)
{
    if (head.validator != validator_)
        highest_ = 0; // another version: what was held of the old one is no measure of progress
    validator_ = head.validator;
    etag_ = head.etag;
    media_type_ = head.media_type;
    digest_ = head.digest;
    total_ = head.length;
    stop_ = head.length;
    end_is_known_ = head.end_is_known;
    offset_ = resumed_from_ = 0;
    pieces_ = 1;
}

COKINO_DECL range_action range_fsm::whole(const range_head& head)
{
    if (!head.encoding.empty())
        return fail(packed(head));
    if (head.length)
        if (auto why = refuse_size(*head.length))
            return fail(std::move(*why));
    const bool over = offset_ != 0;
    if (over && ++restarts_ > rules_.restarts_max) {
        spoilt_ = true;
        return fail(failure(errc::body_changed)
                        .explain("the host sends the file from its start each time it is asked "
                                 "for the rest"));
    }
    take_version(head);
    state_ = state::reading;
    range_action next(range_action::kind::read);
    next.start_over = over;
    return next;
}

// The file's first bytes, in answer to a request for one slice of it.
COKINO_DECL range_action range_fsm::first_slice(const range_head& head)
{
    file_version any;
    any.media_type = head.media_type; // a page is found out by its first bytes
    const bool good =
        !objection_to_part(head, 0, any) && head.range->total && !head.validator.empty();
    if (!good && head.encoding.empty()) { // then all of it in one answer
        rules_.slice_bytes = 0;
        return ask();
    }
    if (!head.encoding.empty())
        return fail(packed(head));
    if (auto why = refuse_size(*head.range->total))
        return fail(std::move(*why));
    take_version(head);
    pieces_ = 0;
    total_ = head.range->total;
    return read_part(head);
}

COKINO_DECL range_action range_fsm::piece(const range_head& head)
{
    if (offset_ == 0 && asked_)
        return first_slice(head);
    if (offset_ == 0)
        return on_failure(
            failure(errc::response_malformed).explain("the host sent a part of the file unasked"));
    if (!head.encoding.empty())
        return fail(packed(head));
    if (const char* wrong = objection_to_part(head, offset_, version()))
        return start_over(failure(errc::body_changed).explain(wrong));
    if (head.range->total)
        if (auto why = refuse_size(*head.range->total))
            return fail(std::move(*why));
    if (head.range->total)
        total_ = head.range->total;
    media_type_ = head.media_type;
    if (!digest_)
        digest_ = head.digest;
    return read_part(head);
}

COKINO_DECL range_action range_fsm::read_part(const range_head& head)
{
    range_action next(range_action::kind::read);
    next.offset = offset_;
    stop_ = head.range->last + 1;
    ++pieces_;
    // Whoever asked for a slice and got just that can have the others beside it.
    if (asked_ == head.range->last && total_ && *stop_ < *total_) {
        next.last = head.range->last;
        stop_ = total_;
        ++pieces_;
    }
    end_is_known_ = true;
    state_ = state::reading;
    return next;
}

// Nothing lies behind what is held: then it is all there, or it is not what we thought.
COKINO_DECL range_action range_fsm::not_satisfiable(const range_head& head)
{
    if (offset_ == 0 && asked_) { // a host that cannot cut, or an empty file
        rules_.slice_bytes = 0;
        return ask();
    }
    if (offset_ == 0)
        return refused(head);
    const bool same = head.etag.empty() || etag_.empty() || head.etag == etag_;
    if (same && head.range && head.range->unsatisfied && head.range->total == offset_) {
        total_ = offset_;
        end_is_known_ = true;
        return verify();
    }
    return start_over(
        failure(errc::body_changed).explain("the file at the host is shorter than what is held"));
}

// Why the dead link is not worth a renewal; nothing, and it is counted, when it is.
COKINO_DECL std::optional<failure> range_fsm::no_renewal(const range_head& head)
{
    failure why(errc::link_expired);
    why.edit().http_status = head.status;
    const bool worth = renewals_ == 0 || gained_renewed_ >= rules_.progress_bytes_min;
    if (!rules_.can_renew) {
        why.explain("the link is dead, and there is no job to ask for another");
        return why;
    }
    if (!worth || renewals_ >= rules_.renewals_max) {
        why.explain("the link is dead, though it was renewed just now");
        return why;
    }
    ++renewals_;
    gained_renewed_ = 0;
    dead_ = std::move(why);
    return std::nullopt;
}

COKINO_DECL range_action range_fsm::dead_link(const range_head& head)
{
    if (auto why = no_renewal(head))
        return fail(std::move(*why));
    state_ = state::renewing;
    return range_action(range_action::kind::renew);
}

// The state stays: what has come in order is still taken, and then the slices fail with this.
COKINO_DECL range_action range_fsm::on_dead_slice(const range_head& head)
{
    if (auto why = no_renewal(head)) {
        range_action next(range_action::kind::fail);
        next.why = std::move(*why);
        return next;
    }
    return range_action(range_action::kind::renew);
}

COKINO_DECL range_action range_fsm::on_slices_failed(failure why)
{
    rules_.slice_bytes = 0;
    // What the slices found out about the version is judged by the next answer, not by them.
    if (state_ == state::reading && why == errc::body_changed)
        return ask_again(std::move(why), std::chrono::milliseconds{0});
    return on_failure(std::move(why));
}

COKINO_DECL range_action range_fsm::refused(const range_head& head)
{
    refusal said = refusal_of(head);
    if (!said.passing)
        return fail(std::move(said.why));
    if (said.hint > rules_.retry_after_max) {
        said.why.edit().stopped =
            "the host asks to wait longer than " + duration_text(rules_.retry_after_max);
        return fail(std::move(said.why));
    }
    return ask_again(std::move(said.why), said.hint);
}

COKINO_DECL range_action range_fsm::on_bytes(std::uint64_t count)
{
    if (state_ != state::reading)
        return fail(failure(errc::internal_error).explain("bytes came unasked"));
    offset_ += count;
    if (offset_ > highest_) {
        const auto more = std::min(count, offset_ - highest_);
        gained_ += more;
        gained_renewed_ += more;
        highest_ = offset_;
    }
    const auto end = stop_ ? stop_ : rules_.size;
    if (end && offset_ > *end) {
        spoilt_ = true;
        return fail(failure(errc::content_mismatch)
                        .explain("the host sent more bytes than the " + to_text(*end) +
                                 " it had promised"));
    }
    if (offset_ > rules_.bytes_max) {
        spoilt_ = true;
        return fail(failure(errc::response_too_large)
                        .explain("the file has more than the " + to_text(rules_.bytes_max) +
                                     " bytes allowed",
                                 "bytes_max"));
    }
    range_action next(range_action::kind::read);
    next.offset = offset_;
    return next;
}

COKINO_DECL range_action range_fsm::on_end()
{
    if (state_ != state::reading)
        return fail(failure(errc::internal_error).explain("an end came unasked"));
    const auto end = stop_ ? stop_ : rules_.size;
    if (end && offset_ < *end)
        return on_failure(failure(errc::body_truncated)
                              .explain("the body ended after " + to_text(offset_) + " of " +
                                       to_text(*end) + " bytes"));
    if (offset_ == 0)
        return fail(failure(errc::content_mismatch).explain("the host sent an empty file"));
    const bool whole_body = pieces_ == 1;
    if (whole_body || total_ == offset_) {
        total_ = offset_;
        return verify();
    }
    // A part that ended where it said, but not at the file's end: go on, as long as it is worth it.
    if (gained_ >= rules_.progress_bytes_min) {
        gained_ = 0;
        tries_ = 0;
        return ask();
    }
    return ask_again(failure(errc::body_truncated)
                         .explain("the host sends the file in parts that are too small"),
                     std::chrono::milliseconds{0});
}

COKINO_DECL range_action range_fsm::on_failure(failure why)
{
    if (state_ != state::asking && state_ != state::reading)
        return fail(std::move(why));
    if (!is_worth_another_try(why))
        return fail(std::move(why));
    // A body that broke off is a truncated file to the caller, whatever broke it.
    if (state_ == state::reading && why == errc::connection_lost)
        why.set(errc::body_truncated);
    return ask_again(std::move(why), std::chrono::milliseconds{0});
}

COKINO_DECL range_action range_fsm::on_waited()
{
    if (state_ != state::waiting)
        return fail(failure(errc::internal_error).explain("nothing was waited for"));
    return ask();
}

COKINO_DECL range_action range_fsm::on_renewed()
{
    if (state_ != state::renewing)
        return fail(failure(errc::internal_error).explain("no link was asked for"));
    return ask();
}

COKINO_DECL range_action range_fsm::on_not_renewed(failure why)
{
    if (why == condition::cancelled || state_ != state::renewing)
        return fail(std::move(why));
    // Nobody has refused the old link yet: our clock may be wrong, so it is tried. Should it be
    // dead, that is news, and worth another question.
    if (requests_ == 0) {
        renewals_ = 0;
        return ask();
    }
    return fail(not_renewed(why));
}

COKINO_DECL failure range_fsm::not_renewed(const failure& why) const
{
    if (why == condition::cancelled)
        return why;
    failure dead = dead_;
    dead.set(errc::link_expired);
    std::string reason = "the link is dead, and asking its job for another failed: ";
    reason += why.facts().message.empty() ? why.code().message() : why.facts().message;
    dead.explain(std::move(reason));
    return dead;
}

COKINO_DECL range_action range_fsm::on_verified()
{
    state_ = state::finished;
    return range_action(range_action::kind::finish);
}

COKINO_DECL range_action range_fsm::on_unfit(failure why)
{
    rules_.slice_bytes = 0;
    if (pieces_ > 1 || resumed_from_ != 0) // resumed: an earlier process held it whole
        return start_over(std::move(why));
    spoilt_ = true;
    return fail(std::move(why));
}

} // namespace cokino::detail
