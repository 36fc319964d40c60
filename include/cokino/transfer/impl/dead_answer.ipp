// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The body of transfer/detail/dead_answer.hpp: the services' XML is searched, not parsed, since it
// may be cut off.
#pragma once

#include <cokino/core/http_date.hpp>
#include <cokino/core/iso_date.hpp>
#include <cokino/core/text.hpp>
#include <cokino/transfer/detail/dead_answer.hpp>

#include <initializer_list>

namespace cokino::detail {

/// ISO 8601 (with "+00:00" for Z, as Google writes it) or a date of HTTP, from 2001 to 2100.
inline std::optional<std::chrono::sys_seconds> told_instant(std::string_view text,
                                                            std::chrono::sys_seconds now) noexcept
{
    constexpr std::string_view utc = "+00:00";
    std::optional<std::chrono::sys_seconds> at;
    char zulu[] = "YYYY-MM-DDThh:mm:ssZ";
    constexpr std::size_t digits = sizeof zulu - 2; // without Z and the end
    if (text.size() == digits + utc.size() && text.substr(digits) == utc) {
        text.copy(zulu, digits);
        at = parse_iso_date(std::string_view(zulu, digits + 1));
    } else {
        at = parse_iso_date(text);
    }
    if (!at)
        at = parse_http_date(text, now);
    const auto seconds = at ? at->time_since_epoch().count() : 0;
    return seconds >= 1'000'000'000 && seconds < 4'102'444'800 ? at : std::nullopt;
}

inline bool holds_any(std::string_view text, std::initializer_list<std::string_view> words) noexcept
{
    for (const auto word : words)
        if (ifind(text, word) != std::string_view::npos)
            return true;
    return false;
}

inline dead_answer::word word_of(std::string_view code, std::string_view sentences) noexcept
{
    using word = dead_answer::word;
    if (holds_any(code, {"ExpiredRequest", "ExpiredToken"}) ||
        holds_any(sentences, {"has expired", "signature expired at",
                              "not valid in the specified time frame", "token is expired"}))
        return word::expired;
    if (holds_any(code, {"RequestTimeTooSkewed", "RequestNotYetValid"}))
        return word::skewed;
    if (holds_any(code, {"NoSuchKey", "NoSuchBucket", "BlobNotFound"}))
        return word::missing;
    if (holds_any(code, {"AccessDenied", "AuthenticationFailed", "SignatureDoesNotMatch"}))
        return word::denied;
    return word::silent;
}

COKINO_DECL dead_answer read_dead_answer(unsigned status, std::string_view body,
                                         std::chrono::sys_seconds now) noexcept
{
    dead_answer out;
    if (status != 400 && status != 401 && status != 403 && status != 404 && status != 410)
        return out;
    // Only what is built like a service's error is read: a page may quote anything.
    const auto error = body.find("<Error>");
    if (error == std::string_view::npos)
        return out;
    body.remove_prefix(error);
    out.says = word_of(text_between(body, "<Code>", "</Code>"), body);
    // Amazon, Aliyun; Azure, whose sentence has both; Google.
    for (const auto text : {text_between(body, "<ServerTime>", "</ServerTime>"),
                            text_between(body, "Current [", "]")})
        if (!out.server_time)
            out.server_time = told_instant(text, now);
    for (const auto text :
         {text_between(body, "<Expires>", "</Expires>"), text_between(body, "Expiry [", "]"),
          text_between(body, "signature expired at: ", "<")})
        if (!out.expired_at && out.says == dead_answer::word::expired)
            out.expired_at = told_instant(text, now);
    return out;
}

} // namespace cokino::detail
