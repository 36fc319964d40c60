// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Checking Ed25519 signatures (RFC 8032), with which fal signs its webhooks, and reading the public
// keys of a JSON Web Key Set. Where keys come from and how long they hold is webhook's.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cokino::wire {

inline constexpr std::size_t ed25519_key_bytes = 32;
inline constexpr std::size_t ed25519_signature_bytes = 64;

/// False, too, for a key or a signature of another size, and where OpenSSL takes no such key.
COKINO_DECL bool ed25519_verify(std::string_view public_key, std::string_view message,
                                std::string_view signature);

/// The Ed25519 keys of a JSON Web Key Set, 32 bytes each; at most `keys_max` of them. Keys of other
/// kinds, and what is no key, are passed over: a set may hold what this version does not know.
/// Failures: answer_malformed (no key set, or none of its keys is one of these).
COKINO_DECL result<std::vector<std::string>> parse_ed25519_jwks(std::string_view json,
                                                                std::size_t keys_max = 16);

} // namespace cokino::wire

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/wire/impl/ed25519.ipp>
#endif
