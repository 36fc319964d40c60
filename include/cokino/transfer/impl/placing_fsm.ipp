// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/detail/placing_fsm.hpp.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/transfer/detail/placing_fsm.hpp>

#include <utility>

namespace cokino::detail {

// Some services take the condition on a put and overlook it on a complete, so an upload in parts
// looks first; it costs one request of many.
COKINO_DECL placing_action placing_fsm::start()
{
    if (rules_.conditional && rules_.in_parts)
        return look(reason::before);
    return place();
}

COKINO_DECL placing_action placing_fsm::look(reason why)
{
    if (why != reason_)
        looks_ = 0;
    reason_ = why;
    ++looks_;
    return placing_action(placing_action::kind::look);
}

COKINO_DECL placing_action placing_fsm::place()
{
    ++tries_;
    placing_action next(placing_action::kind::place);
    next.conditional = conditional_;
    return next;
}

COKINO_DECL placing_action placing_fsm::place_later()
{
    if (tries_ >= rules_.tries_max) {
        last_.edit().stopped = "attempts exhausted: " + to_text(rules_.tries_max);
        return fail(last_);
    }
    after_wait_ = placing_action::kind::place;
    placing_action next(placing_action::kind::wait);
    next.step = tries_;
    next.why = last_;
    return next;
}

COKINO_DECL placing_action placing_fsm::done(bool existed) const
{
    placing_action next(placing_action::kind::done);
    next.existed = existed;
    return next;
}

COKINO_DECL placing_action placing_fsm::fail(failure why) const
{
    placing_action next(placing_action::kind::fail);
    next.why = std::move(why);
    return next;
}

COKINO_DECL placing_action placing_fsm::taken() const
{
    failure why = last_;
    why.set(errc::object_exists);
    why.explain("another object has this key in the bucket", "key");
    return fail(std::move(why));
}

COKINO_DECL placing_action placing_fsm::on_answer(placing_answer answer, failure why)
{
    last_ = std::move(why);
    switch (answer) {
    case placing_answer::stored: return done(false);
    case placing_answer::unproved: sent_ = true; return look(reason::confirm);
    case placing_answer::exists: return look(reason::taken);
    case placing_answer::not_offered:
        if (!conditional_)
            return fail(last_);
        conditional_ = false;
        --tries_; // it was no try: the service refused the question
        return look(reason::plain);
    case placing_answer::conflict: return look(reason::clash);
    case placing_answer::gone: return look(reason::vanished);
    case placing_answer::passing: sent_ = true; return look(reason::doubt);
    case placing_answer::refused: return fail(last_);
    }
    return fail(failure(errc::internal_error));
}

COKINO_DECL placing_action placing_fsm::on_look(placing_look found, failure why)
{
    if (found == placing_look::same)
        return done(!sent_);
    const bool absent = found == placing_look::absent;
    const bool other = found == placing_look::other;
    switch (reason_) {
    case reason::before: return other ? taken() : place();
    case reason::confirm:
        // The service has said that it is done; who may not look has to believe that.
        return found == placing_look::unknown ? done(false) : not_there();
    case reason::taken: return absent ? place_later() : taken();
    case reason::plain:
        if (other)
            return taken();
        if (absent)
            return place();
        why.explain("the service offers no conditional writes, and the look that must stand for "
                    "them failed; with overwrite set none is needed",
                    "overwrite");
        return fail(std::move(why));
    case reason::clash:
        if (other && conditional_)
            return taken();
        // After such a conflict AWS wants all parts again, and they are no longer here.
        return rules_.in_parts ? fail(last_) : place_later();
    case reason::doubt:
        if (other && conditional_)
            return taken();
        if (rules_.in_parts && tries_ > 1 && !listed_) {
            listed_ = true;
            return placing_action(placing_action::kind::list);
        }
        return place_later();
    case reason::vanished: return other && conditional_ ? taken() : not_there();
    }
    return fail(failure(errc::internal_error));
}

// What should be there is not, or not yet: services may answer a look from a copy that lags.
COKINO_DECL placing_action placing_fsm::not_there()
{
    if (looks_ < rules_.looks_max) {
        after_wait_ = placing_action::kind::look;
        placing_action next(placing_action::kind::wait);
        next.step = looks_;
        next.why = last_;
        return next;
    }
    if (reason_ == reason::confirm)
        return fail(failure(errc::answer_malformed, fate::answered)
                        .explain("the service confirmed the object, but it is not there"));
    last_.set(errc::not_found);
    last_.explain("the upload is gone at the service, and no object came of it");
    return fail(last_);
}

COKINO_DECL placing_action placing_fsm::on_parts(placing_parts found)
{
    switch (found) {
    case placing_parts::gone: return look(reason::vanished);
    case placing_parts::lacking:
        last_.set(errc::answer_malformed);
        last_.explain("the service has lost parts of the upload");
        return fail(last_);
    case placing_parts::whole:
    case placing_parts::unknown: return place_later();
    }
    return fail(failure(errc::internal_error));
}

COKINO_DECL placing_action placing_fsm::on_waited()
{
    return after_wait_ == placing_action::kind::look ? look(reason_) : place();
}

} // namespace cokino::detail
