// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/detail/range_head.hpp.
#pragma once

#include <cokino/core/http_date.hpp>
#include <cokino/core/text.hpp>
#include <cokino/policy/retry_after.hpp>
#include <cokino/transfer/detail/range_head.hpp>

namespace cokino::detail {

// A file that changed within the second of its date may have two versions under one date.
inline bool is_strong_date(std::string_view modified, std::string_view date,
                           std::chrono::sys_seconds now) noexcept
{
    const auto changed = parse_http_date(modified, now);
    const auto sent = parse_http_date(date, now);
    return changed && sent && *sent - *changed >= std::chrono::seconds(1);
}

COKINO_DECL range_head read_range_head(const wire::response& head,
                                       std::chrono::system_clock::time_point now)
{
    const auto present = std::chrono::floor<std::chrono::seconds>(now);
    range_head out;
    out.status = head.status;
    out.length = wire::parse_content_length(head.field("content-length"));
    out.end_is_known =
        out.length || ifind(head.field("transfer-encoding"), "chunked") != std::string_view::npos;
    if (const auto range = head.field("content-range"); !range.empty())
        out.range = wire::parse_content_range(range);
    out.etag = head.field("etag");
    out.modified = head.field("last-modified");
    const auto tag = wire::parse_entity_tag(out.etag);
    if (tag && !tag->weak)
        out.validator = tag->opaque;
    else if (is_strong_date(out.modified, head.field("date"), present))
        out.validator = out.modified;
    for (const char c : wire::media_type(head.field("content-type")))
        out.media_type += to_lower(c);
    const auto encoding = trim(head.field("content-encoding"));
    if (!iequals(encoding, "identity"))
        out.encoding = encoding;
    policy::hint_reader hints(now);
    wire::digest_reader digests(head.status == 200);
    head.for_each_field([&](auto name, auto value) {
        hints.field(name, value);
        digests.field(name, value);
    });
    out.digest = digests.strongest();
    out.retry_after = hints.delay(head.status == 429);
    return out;
}

} // namespace cokino::detail
