// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// When a link dies, read off its URL or off the head of an answer. Signatures are not checked: the
// reader believes what it can read, and whoever acts on it asks the host all the same. Pure: no
// clock, and what makes no sense gives nothing. Which host promises which life is not known here.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/wire/message.hpp>
#include <cokino/wire/url.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace cokino::wire {

/// How an instant binds the end of a link.
enum class expiry_bound : unsigned char {
    exact, ///< It dies then.
    upper, ///< It may die earlier: it was signed with credentials that end by themselves.
    lower  ///< It lives at least so long; when it dies is not told.
};

constexpr std::string_view name_of(expiry_bound b) noexcept
{
    switch (b) {
    case expiry_bound::exact: return "exact";
    case expiry_bound::upper: return "at the latest";
    case expiry_bound::lower: return "at the earliest";
    }
    return "?";
}

/// The instant that one rule read.
struct link_expiry {
    std::chrono::sys_seconds at; ///< By the host's clock.
    std::string_view rule;       ///< "s3-sigv4": which rule spoke; static text.
    expiry_bound bound = expiry_bound::exact;
    /// Before this the host refuses the link; only where the link says so.
    std::optional<std::chrono::sys_seconds> not_before;

    friend bool operator==(const link_expiry&, const link_expiry&) = default;
};

/// Reads the query (and for one rule the host) of a link. Names count without regard to case, and
/// a parameter only beside those that make it what it is: an "Expires" alone is anybody's word.
/// Where several rules speak, the earliest wins; a lower bound only speaks where no other does.
///
/// Nothing for values that are no instants between 2001 and 2100, for spans beyond what the scheme
/// allows, for parameters that stand twice, for more than 100 parameters, for broken escapes,
/// base64 and JSON.
COKINO_DECL std::optional<link_expiry> read_link_expiry(const url& link);

/// The same for a link as text; nothing when it is no URL.
COKINO_DECL std::optional<link_expiry> read_link_expiry(std::string_view link);

/// Reads the fields of an answer that say when the file behind the link goes: object lifecycles
/// (x-amz-expiration and its like), Swift's X-Delete-At, Azure's x-ms-expiry-time, and Sunset
/// (RFC 8594). Expires and Cache-Control are not among them: they speak of caches. The earliest
/// wins. `now` only settles the century of dates in the oldest form.
COKINO_DECL std::optional<link_expiry> read_expiry_fields(const response& head,
                                                          std::chrono::sys_seconds now);

} // namespace cokino::wire

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/wire/impl/link_expiry.ipp>
#endif
