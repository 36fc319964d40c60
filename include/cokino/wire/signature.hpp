// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// SHA-256 of what is written to disk, and the encodings of its neighbours: hexadecimal and base64.
// Decoding is strict: two texts never mean the same bytes. No webhook schemes and no tokens here.
#pragma once

#include <cokino/core/config.hpp>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cokino::wire {

using sha256_digest = std::array<unsigned char, 32>;

/// SHA-256 of a text that comes in pieces.
class sha256
{
public:
    /// Throws std::bad_alloc when OpenSSL has no memory or no SHA-256 left.
    sha256();
    sha256& update(std::string_view bytes);
    /// The digest of all pieces; the object then starts over.
    sha256_digest finish();

private:
    struct context_free {
        void operator()(void* context) const noexcept;
    };
    void start();
    std::unique_ptr<void, context_free> context_; // an EVP_MD_CTX, kept out of this header
};

COKINO_DECL sha256_digest sha256_of(std::string_view bytes);

/// Lower case.
COKINO_DECL std::string hex_encode(std::string_view bytes);
COKINO_DECL std::string hex_encode(const sha256_digest& digest);
/// Digits of either case, an even number of them; else nothing.
COKINO_DECL std::optional<std::string> hex_decode(std::string_view text);

/// With padding, RFC 4648 §4.
COKINO_DECL std::string base64_encode(std::string_view bytes);
/// The URL alphabet without padding, RFC 4648 §5.
COKINO_DECL std::string base64url_encode(std::string_view bytes);
/// Nothing for foreign characters, wrong or missing padding, or spare bits that are not zero.
COKINO_DECL std::optional<std::string> base64_decode(std::string_view text);
/// The same for the URL alphabet; padding is refused.
COKINO_DECL std::optional<std::string> base64url_decode(std::string_view text);

} // namespace cokino::wire

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/wire/impl/signature.ipp>
#endif
