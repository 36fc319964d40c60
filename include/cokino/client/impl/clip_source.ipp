// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of client/detail/clip_source.hpp.
#pragma once

#include <cokino/client/detail/clip_source.hpp>
#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/wire/signature.hpp>

#include <algorithm>
#include <utility>

namespace cokino::detail {

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
    const unsigned lines = std::min(facts->coded_width, facts->coded_height);
    if (rules.lines_max > 0 && lines > static_cast<unsigned>(rules.lines_max))
        return refused("the clip is " + to_text(facts->coded_width) + "x" +
                       to_text(facts->coded_height) + "; its shorter side may have at most " +
                       to_text(rules.lines_max));
    out.digest = wire::hex_encode(wire::sha256_of(bytes));
    out.file_name = "clip-" + out.digest.substr(0, 12) + ".mp4";
    return out;
}

} // namespace cokino::detail
