// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Signed tokens (RFC 7515 in its compact form, HS256), for hosts whose keys are pairs that sign.
// Tokens are only made here, never read: nobody sends us one that we would have to believe.
#pragma once

#include <cokino/core/config.hpp>

#include <string>
#include <string_view>

namespace cokino::wire {

/// What jwt_hs256 writes for a header. Some hosts want both members (providers/kling §1.1).
inline constexpr std::string_view jwt_hs256_header = R"({"alg":"HS256","typ":"JWT"})";

/// header.payload.signature, each in base64url without padding. The JSON texts are signed as they
/// stand, byte for byte; the key is used as bytes.
COKINO_DECL std::string jws_hs256(std::string_view header_json, std::string_view payload_json,
                                  std::string_view key);

/// The same with jwt_hs256_header.
COKINO_DECL std::string jwt_hs256(std::string_view payload_json, std::string_view key);

} // namespace cokino::wire

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/wire/impl/jwt.ipp>
#endif
