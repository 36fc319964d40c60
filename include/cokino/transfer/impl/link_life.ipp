// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/detail/link_life.hpp.
#pragma once

#include <cokino/core/http_date.hpp>
#include <cokino/core/iso_date.hpp>
#include <cokino/core/text.hpp>
#include <cokino/transfer/detail/link_life.hpp>

#include <algorithm>

namespace cokino::detail {

COKINO_DECL void link_life::begin(const asset& file, std::uint64_t held, time_point now)
{
    file_.url = file.url;
    file_.expires_at = file.expires_at;
    file_.expires_by = file.expires_by;
    file_.from = file.from;
    auto rest = file.size;
    if (rest)
        *rest -= std::min(*rest, held);
    transfer_ = expected_transfer(rest);
    said_.reset();
    refusal_ = dead_answer();
    deadline_.reset();
    reckon(now);
}

COKINO_DECL void link_life::reckon(time_point now)
{
    deadline_terms terms;
    terms.now = now;
    terms.skew = clock_.value();
    terms.transfer = transfer_;
    auto found = deadline_of(file_, terms, said_);
    // An assumed end moves with the clock; it counts from when the link was first seen.
    if (found && deadline_ && found->rule == deadline_->rule && found->rule == "assumed")
        return;
    deadline_ = found;
}

COKINO_DECL void link_life::on_head(const wire::response& head, time_point asked, time_point now)
{
    using std::chrono::seconds;
    const auto present = std::chrono::floor<seconds>(now);
    asked_ = asked;
    answered_ = now;
    refusal_ = dead_answer();
    const auto date = parse_http_date(head.field("date"), present);
    dated_ = date.has_value();
    if (date) {
        // A cache hands on the Date of the origin, and says in Age how old that is.
        const auto age = parse_integer<std::int32_t>(trim(head.field("age"))).value_or(0);
        clock_.learn(*date + seconds(std::max(age, 0)), asked, now);
    }
    if (head.status == 200 || head.status == 206)
        said_ = wire::read_expiry_fields(head, present);
    reckon(now);
}

COKINO_DECL void link_life::on_refusal(unsigned status, std::string_view body)
{
    refusal_ = read_dead_answer(status, body, std::chrono::floor<std::chrono::seconds>(answered_));
    if (refusal_.server_time && !dated_) // one answer is one witness
        clock_.learn(*refusal_.server_time, asked_, answered_);
    reckon(answered_);
}

COKINO_DECL std::string link_life::obituary(time_point now) const
{
    using word = dead_answer::word;
    const bool told = deadline_ && deadline_->bound != wire::expiry_bound::lower;
    const bool says_so = refusal_.says == word::expired;
    std::string out;
    if (told) {
        const bool over = now + clock_.value() >= deadline_->dies_at;
        out = "; by ";
        out += deadline_->rule;
        out += over ? " it died at " : " it lives until ";
        out += iso_date_text(std::chrono::floor<std::chrono::seconds>(deadline_->dies_at));
        if (says_so)
            out += over ? ", and the host says so" : ", but the host says that it has expired";
    } else if (says_so) {
        out = "; the host says that it has expired";
        if (refusal_.expired_at)
            out += ", at " + iso_date_text(*refusal_.expired_at);
    }
    if (refusal_.says == word::missing)
        out += "; the host says that the file is not there";
    else if (refusal_.says == word::skewed)
        out += "; the host says that its clock differs from the signer's";
    return out;
}

} // namespace cokino::detail
