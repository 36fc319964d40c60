// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// HMAC-SHA256, with which hosts sign webhooks and tokens are made, and the comparison that tells
// a forger nothing by its time. No webhook schemes and no tokens here.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/wire/signature.hpp>

#include <string_view>

namespace cokino::wire {

/// RFC 2104 with SHA-256. The key is used as bytes: decode it first where a host writes it as
/// base64. Throws std::bad_alloc when OpenSSL has no memory left.
COKINO_DECL sha256_digest hmac_sha256(std::string_view key, std::string_view message);

/// Compares in time that depends on the lengths only.
COKINO_DECL bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept;

} // namespace cokino::wire

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/wire/impl/hmac.ipp>
#endif
