// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of wire/hmac.hpp.
#pragma once

#include <cokino/wire/hmac.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <climits>
#include <new>
#include <string_view>

namespace cokino::wire {

COKINO_DECL sha256_digest hmac_sha256(std::string_view key, std::string_view message)
{
    // A key longer than a block counts as its digest (RFC 2104 §2); doing that here keeps the
    // length within the int that OpenSSL wants.
    constexpr std::size_t block = 64;
    sha256_digest folded{};
    if (key.size() > block) {
        folded = sha256_of(key);
        key = {reinterpret_cast<const char*>(folded.data()), folded.size()};
    }
    // A null key would mean "the key of last time".
    static constexpr char none = 0;
    const char* const key_bytes = key.data() ? key.data() : &none;
    sha256_digest out{};
    unsigned size = 0;
    const auto* const made = HMAC(EVP_sha256(), key_bytes, static_cast<int>(key.size()),
                                  reinterpret_cast<const unsigned char*>(message.data()),
                                  message.size(), out.data(), &size);
    OPENSSL_cleanse(folded.data(), folded.size());
    if (made == nullptr || size != out.size())
        throw std::bad_alloc();
    return out;
}

COKINO_DECL bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept
{
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace cokino::wire
