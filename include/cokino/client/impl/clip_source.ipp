// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of client/detail/clip_source.hpp.
#pragma once

#include <cokino/client/detail/clip_source.hpp>
#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/wire/link_expiry.hpp>
#include <cokino/wire/signature.hpp>

#include <algorithm>
#include <utility>

namespace cokino::detail {

COKINO_DECL std::optional<link_end> end_of_link(const video_source& clip)
{
    std::optional<link_end> out;
    // What the job's host promised is of the job's own link, should the user have set another.
    if (clip.made.expires_at && clip.made.url == clip.url) {
        out.emplace();
        out->at = *clip.made.expires_at;
        out->certain = clip.made.expires_by != expiry_source::lifetime_since_submit;
    }
    if (const auto signed_until = wire::read_link_expiry(clip.url)) {
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

COKINO_DECL link_state judge_link(const video_source& clip,
                                  std::chrono::system_clock::time_point now)
{
    const auto end = end_of_link(clip);
    if (!end || end->at - now >= limits::source_life_min)
        return link_state::lives;
    return end->certain && end->at <= now ? link_state::dead : link_state::dying;
}

COKINO_DECL failure short_lived(const video_source& clip, std::chrono::system_clock::time_point now,
                                const std::optional<failure>& renewal)
{
    const bool dead = judge_link(clip, now) == link_state::dead;
    const auto end = end_of_link(clip);
    std::string message = "the link of the clip ";
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
    else if (clip.made.from)
        message += "; the host gives the same one again";
    if (dead)
        message += "; start from the file, if it was downloaded (video_source::from_file)";
    return invalid("video", std::move(message), errc::link_expired);
}

COKINO_DECL result<clip_plan> plan_clip(std::string_view bytes, const provider_traits& host)
{
    const auto refused = [&](std::string message, errc e = errc::invalid_argument) {
        failure f = invalid("video", std::move(message), e);
        f.edit().host = host.name;
        return f;
    };
    const source_rules& rules = host.source;
    if (rules.upload_bytes_max == 0)
        return refused("the host takes no clips as files or bytes; give a public https link",
                       errc::unsupported_field);
    clip_plan out;
    wire::memory_reader reader(bytes);
    auto facts = wire::probe_mp4(reader);
    if (!facts)
        return refused("is no whole MP4: " + facts.error().facts().message);
    out.facts = *facts;
    std::size_t most = std::min(rules.upload_bytes_max, limits::clip_bytes_max);
    if (rules.bytes_max > 0)
        most = std::min(most, rules.bytes_max);
    if (bytes.size() > most)
        return refused("the clip has " + to_text(bytes.size()) + " bytes, and at most " +
                       to_text(most) + " can be uploaded; give a public https link");
    const unsigned lines = std::min(facts->width, facts->height);
    if (rules.lines_max > 0 && lines > static_cast<unsigned>(rules.lines_max))
        return refused("the clip is " + to_text(facts->width) + "x" + to_text(facts->height) +
                       "; its shorter side may have at most " + to_text(rules.lines_max));
    out.digest = wire::hex_encode(wire::sha256_of(bytes));
    out.file_name = "clip-" + out.digest.substr(0, 12) + ".mp4";
    return out;
}

} // namespace cokino::detail
