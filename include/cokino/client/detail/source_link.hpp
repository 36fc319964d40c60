// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The link of a start frame or clip: whether it will live until the host fetches it, which it does
// when its job starts. Pure.
#pragma once

#include <cokino/core/result.hpp>
#include <cokino/model/request.hpp>

#include <chrono>
#include <optional>

namespace cokino::detail {

/// When a link dies, as far as anybody tells.
struct link_end {
    std::chrono::system_clock::time_point at;
    bool certain = true; ///< Off: it lives at least so long.
};

/// The earlier of what the source's host promised and what the link's own signature says. Nothing
/// where neither speaks: most links do not die.
COKINO_DECL std::optional<link_end> end_of_link(const media_source& source);

enum class link_state : unsigned char {
    lives,
    dying, ///< In less than limits::source_life_min; or it is past what it certainly lives.
    dead
};

COKINO_DECL link_state judge_link(const media_source& source,
                                  std::chrono::system_clock::time_point now);

/// What is to be said of a link that is dying or dead, in the request's `field`; `renewal` is why
/// it could not be renewed, where that was tried. A warning, or the reason why nothing is bought.
COKINO_DECL failure short_lived(const media_source& source, const char* field,
                                std::chrono::system_clock::time_point now,
                                const std::optional<failure>& renewal);

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/client/impl/source_link.ipp>
#endif
