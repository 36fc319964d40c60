// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of wire/signature.hpp.
#pragma once

#include <cokino/wire/signature.hpp>

#include <openssl/evp.h>

#include <new>

namespace cokino::wire {
namespace detail {

inline constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
inline constexpr std::string_view base64url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

inline std::string encode_base64(std::string_view bytes, std::string_view alphabet, bool pad)
{
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        auto const count = bytes.size() - i < 3 ? bytes.size() - i : 3;
        unsigned group = 0;
        for (std::size_t k = 0; k != 3; ++k)
            group = group << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        for (std::size_t k = 0; k <= count; ++k)
            out += alphabet[group >> (18 - 6 * k) & 63];
        if (pad)
            out.append(3 - count, '=');
    }
    return out;
}

inline std::array<signed char, 256> base64_values(std::string_view alphabet) noexcept
{
    std::array<signed char, 256> values;
    values.fill(-1);
    for (std::size_t i = 0; i != alphabet.size(); ++i)
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<signed char>(i);
    return values;
}

inline std::optional<std::string> decode_base64(std::string_view text, std::string_view alphabet)
{
    if (text.size() % 4 == 1)
        return std::nullopt;
    auto const values = base64_values(alphabet);
    std::string out;
    out.reserve(text.size() / 4 * 3 + 2);
    unsigned bits = 0;
    unsigned count = 0;
    for (char const c : text) {
        auto const value = values[static_cast<unsigned char>(c)];
        if (value < 0)
            return std::nullopt;
        bits = bits << 6 | static_cast<unsigned>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out += static_cast<char>(bits >> count & 0xFF);
        }
    }
    if ((bits & ((1U << count) - 1)) != 0)
        return std::nullopt;
    return out;
}

inline int hex_digit(char c) noexcept
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

inline std::string_view view_of(const sha256_digest& digest) noexcept
{
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

} // namespace detail

COKINO_DECL void sha256::context_free::operator()(void* context) const noexcept
{
    EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context));
}

COKINO_DECL sha256::sha256() : context_(EVP_MD_CTX_new())
{
    if (!context_)
        throw std::bad_alloc();
    start();
}

COKINO_DECL void sha256::start()
{
    if (EVP_DigestInit_ex(static_cast<EVP_MD_CTX*>(context_.get()), EVP_sha256(), nullptr) != 1)
        throw std::bad_alloc();
}

COKINO_DECL sha256& sha256::update(std::string_view bytes)
{
    // With SHA-256 set up this cannot fail.
    EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_.get()), bytes.data(), bytes.size());
    return *this;
}

COKINO_DECL sha256_digest sha256::finish()
{
    sha256_digest digest{};
    EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_.get()), digest.data(), nullptr);
    start();
    return digest;
}

COKINO_DECL sha256_digest sha256_of(std::string_view bytes)
{
    return sha256().update(bytes).finish();
}

COKINO_DECL std::string hex_encode(std::string_view bytes)
{
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (char const c : bytes) {
        out += digits[static_cast<unsigned char>(c) >> 4];
        out += digits[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

COKINO_DECL std::string hex_encode(const sha256_digest& digest)
{
    return hex_encode(detail::view_of(digest));
}

COKINO_DECL std::optional<std::string> hex_decode(std::string_view text)
{
    if (text.size() % 2 != 0)
        return std::nullopt;
    std::string out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i != text.size(); i += 2) {
        auto const high = detail::hex_digit(text[i]);
        auto const low = detail::hex_digit(text[i + 1]);
        if (high < 0 || low < 0)
            return std::nullopt;
        out += static_cast<char>(high * 16 + low);
    }
    return out;
}

COKINO_DECL std::string base64_encode(std::string_view bytes)
{
    return detail::encode_base64(bytes, detail::base64_alphabet, true);
}

COKINO_DECL std::string base64url_encode(std::string_view bytes)
{
    return detail::encode_base64(bytes, detail::base64url_alphabet, false);
}

COKINO_DECL std::optional<std::string> base64_decode(std::string_view text)
{
    if (text.size() % 4 != 0)
        return std::nullopt;
    auto const padding = text.ends_with("==") ? 2U : text.ends_with('=') ? 1U : 0U;
    text.remove_suffix(padding);
    return detail::decode_base64(text, detail::base64_alphabet);
}

COKINO_DECL std::optional<std::string> base64url_decode(std::string_view text)
{
    return detail::decode_base64(text, detail::base64url_alphabet);
}

} // namespace cokino::wire
