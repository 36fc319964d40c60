// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of client/detail/source_link.hpp.
#pragma once

#include <cokino/client/detail/source_link.hpp>
#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/wire/link_expiry.hpp>

#include <string>
#include <utility>

namespace cokino::detail {

COKINO_DECL std::optional<link_end> end_of_link(const media_source& source)
{
    std::optional<link_end> out;
    // What the job's host promised is of the job's own link, should the user have set another.
    if (source.made.expires_at && source.made.url == source.url) {
        out.emplace();
        out->at = *source.made.expires_at;
        out->certain = source.made.expires_by != expiry_source::lifetime_since_submit;
    }
    if (source.url.starts_with("data:")) // holds the picture itself, in megabytes perhaps
        return out;
    if (const auto signed_until = wire::read_link_expiry(source.url)) {
        const bool lower = signed_until->bound == wire::expiry_bound::lower;
        // A promise at least so long says nothing beside an instant.
        if (!out || (!lower && (!out->certain || signed_until->at < out->at))) {
            out.emplace();
            out->at = signed_until->at;
            out->certain = !lower;
        }
    }
    return out;
}

COKINO_DECL link_state judge_link(const media_source& source,
                                  std::chrono::system_clock::time_point now)
{
    const auto end = end_of_link(source);
    if (!end || end->at - now >= limits::source_life_min)
        return link_state::lives;
    return end->certain && end->at <= now ? link_state::dead : link_state::dying;
}

COKINO_DECL failure short_lived(const media_source& source, const char* field,
                                std::chrono::system_clock::time_point now,
                                const std::optional<failure>& renewal)
{
    const bool dead = judge_link(source, now) == link_state::dead;
    const auto end = end_of_link(source);
    std::string message = "the link ";
    if (dead) {
        message += "is dead";
    } else if (end && end->at > now) {
        message += "lives " +
                   to_text(std::chrono::ceil<std::chrono::minutes>(end->at - now).count()) +
                   " min more, and the host fetches it when its job starts: behind a long queue it "
                   "may be gone by then";
    } else {
        message += "is past the time that its host promises, and may be gone when the job starts";
    }
    if (renewal)
        message += "; it could not be renewed: " + renewal->describe();
    else if (source.made.from)
        message += "; the host gives the same one again";
    if (dead)
        message += "; start from the file, if it was downloaded (from_file)";
    return invalid(field, std::move(message), errc::link_expired);
}

} // namespace cokino::detail
