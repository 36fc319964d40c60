// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What of a response's head matters to a download, read once into plain values. What follows from
// it is decided in range_fsm.hpp.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/wire/digest_header.hpp>
#include <cokino/wire/header.hpp>
#include <cokino/wire/message.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace cokino::detail {

/// What of a response's head matters to a download.
struct range_head {
    unsigned status = 0;
    std::optional<std::uint64_t> length; ///< Content-Length.
    bool end_is_known = false;           ///< By length or by chunks; else only by the close.
    std::optional<wire::content_range> range;
    std::string etag;       ///< As it came, weak ones too.
    std::string validator;  ///< What may stand in If-Range; empty when nothing is fit for it.
    std::string modified;   ///< Last-Modified, as it came.
    std::string media_type; ///< Lower case, without parameters.
    std::string encoding;   ///< Content-Encoding; "identity" counts as none.
    std::optional<std::chrono::milliseconds> retry_after;
    std::optional<wire::digest_claim> digest; ///< The strongest that speaks of the whole file.
};

/// Reads a head. The validator is a strong ETag, or else a Last-Modified that is at least a second
/// older than Date (RFC 9110 §8.8.2.2): anything weaker may glue two versions together.
/// `now` only settles the century of dates in the oldest form.
COKINO_DECL range_head read_range_head(const wire::response& head,
                                       std::chrono::system_clock::time_point now);

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/range_head.ipp>
#endif
