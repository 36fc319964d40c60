// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// How an object comes under its key, once all its bytes are ready: put or complete, look, list, and
// what follows from each answer. A wrong turn here overwrites what is not ours, reports a failure
// for an object that is there, or leaves nothing where an object was promised; so it is pure.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/result.hpp>

#include <string_view>

namespace cokino::detail {

struct placing_rules {
    bool conditional = true; ///< Nothing that has the key may be replaced.
    bool in_parts = false;   ///< The bytes are at the service already, as an upload's parts.
    unsigned tries_max = 5;  ///< Puts or completes.
    unsigned looks_max = 3;  ///< In a row, at what should be there and is not yet.
};

/// What came of a put or a complete.
enum class placing_answer : unsigned char {
    stored,      ///< Confirmed.
    unproved,    ///< Confirmed without an ETag, as RGW does when the second complete is answered.
    exists,      ///< 412: something has the key.
    not_offered, ///< 501: the service knows no conditional writes.
    conflict,    ///< 409: another writer of the same key was under way.
    gone,        ///< 404 of a complete: there is no such upload (any more).
    passing,     ///< It failed in a way that passes; whether it was done is not known.
    refused      ///< Anything else: not done.
};

constexpr std::string_view name_of(placing_answer a) noexcept
{
    switch (a) {
    case placing_answer::stored: return "stored";
    case placing_answer::unproved: return "unproved";
    case placing_answer::exists: return "exists";
    case placing_answer::not_offered: return "not_offered";
    case placing_answer::conflict: return "conflict";
    case placing_answer::gone: return "gone";
    case placing_answer::passing: return "passing";
    case placing_answer::refused: return "refused";
    }
    return "?";
}

/// What stands under the key.
enum class placing_look : unsigned char {
    absent,
    same,   ///< These very bytes: made by this upload, or proved by a digest.
    other,  ///< Something else.
    unknown ///< One may not look (a key that may only write), or looking failed.
};

constexpr std::string_view name_of(placing_look l) noexcept
{
    switch (l) {
    case placing_look::absent: return "absent";
    case placing_look::same: return "same";
    case placing_look::other: return "other";
    case placing_look::unknown: return "unknown";
    }
    return "?";
}

/// What is left of the upload in parts.
enum class placing_parts : unsigned char {
    whole,   ///< All parts are there: it can still be completed.
    lacking, ///< Some are not.
    gone,    ///< There is no such upload: completed, or aborted.
    unknown
};

/// The next thing to do.
struct placing_action {
    enum class kind : unsigned char {
        look,  ///< HEAD, then on_look.
        place, ///< Put or complete, with If-None-Match if `conditional`; then on_answer.
        list,  ///< ListParts, then on_parts.
        wait,  ///< Back off (step `step`), then on_waited.
        done,  ///< The object is there; `existed` if it was before.
        fail   ///< `why`
    };
    kind what = kind::fail;
    bool conditional = false;
    bool existed = false;
    unsigned step = 0;
    failure why;

    placing_action() = default;
    explicit placing_action(kind k) : what(k) {}
};

constexpr std::string_view name_of(placing_action::kind k) noexcept
{
    switch (k) {
    case placing_action::kind::look: return "look";
    case placing_action::kind::place: return "place";
    case placing_action::kind::list: return "list";
    case placing_action::kind::wait: return "wait";
    case placing_action::kind::done: return "done";
    case placing_action::kind::fail: return "fail";
    }
    return "?";
}

class placing_fsm
{
public:
    explicit placing_fsm(placing_rules rules) : rules_(rules), conditional_(rules.conditional) {}

    placing_action start();
    /// `why` is of every answer but the first two.
    placing_action on_answer(placing_answer answer, failure why = {});
    /// `why` is of `unknown`.
    placing_action on_look(placing_look found, failure why = {});
    placing_action on_parts(placing_parts found);
    placing_action on_waited();

private:
    /// Why it looks, and so what follows from what it sees.
    enum class reason : unsigned char {
        before,  ///< Nothing was sent yet.
        confirm, ///< It should be there.
        taken,   ///< The service says that something is there.
        plain,   ///< The condition is not offered: this look stands for it.
        clash,   ///< Another writer was under way.
        doubt,   ///< Whether it was done is not known.
        vanished ///< The upload is gone.
    };

    placing_action look(reason why);
    placing_action place();
    placing_action place_later();
    placing_action done(bool existed) const;
    placing_action fail(failure why) const;
    placing_action taken() const;
    placing_action not_there();

    placing_rules rules_;
    bool conditional_;
    bool sent_ = false; // a put or a complete may have been acted upon
    bool listed_ = false;
    reason reason_ = reason::before;
    placing_action::kind after_wait_ = placing_action::kind::place;
    unsigned tries_ = 0;
    unsigned looks_ = 0;
    failure last_; // what the last answer said
};

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/placing_fsm.ipp>
#endif
