// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of wire/ed25519.hpp.
#pragma once

#include <cokino/wire/ed25519.hpp>
#include <cokino/wire/json_view.hpp>
#include <cokino/wire/signature.hpp>

#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace cokino::wire {
namespace detail {

struct evp_free {
    void operator()(EVP_PKEY* p) const noexcept { EVP_PKEY_free(p); }
    void operator()(EVP_MD_CTX* p) const noexcept { EVP_MD_CTX_free(p); }
};

inline const unsigned char* raw_bytes(std::string_view text) noexcept
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

} // namespace detail

COKINO_DECL bool ed25519_verify(std::string_view public_key, std::string_view message,
                                std::string_view signature)
{
    if (public_key.size() != ed25519_key_bytes || signature.size() != ed25519_signature_bytes)
        return false;
    const std::unique_ptr<EVP_PKEY, detail::evp_free> key(EVP_PKEY_new_raw_public_key(
        EVP_PKEY_ED25519, nullptr, detail::raw_bytes(public_key), public_key.size()));
    const std::unique_ptr<EVP_MD_CTX, detail::evp_free> context(EVP_MD_CTX_new());
    const bool good =
        key && context &&
        EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
        EVP_DigestVerify(context.get(), detail::raw_bytes(signature), signature.size(),
                         detail::raw_bytes(message), message.size()) == 1;
    if (!good)
        ERR_clear_error(); // or the next TLS operation of this thread would take it for its own
    return good;
}

COKINO_DECL result<std::vector<std::string>> parse_ed25519_jwks(std::string_view json,
                                                                std::size_t keys_max)
{
    auto doc = json_document::parse(json);
    if (!doc)
        return doc.error();
    std::vector<std::string> out;
    (*doc)["keys"].for_each_element([&](const json_view& key) {
        // [providers/fal-replicate A6]: "x" is documented; "kty" and "crv" are told by others, so
        // they may be absent, but not say something else.
        if (out.size() >= keys_max || key["kty"].string_or("OKP") != "OKP" ||
            key["crv"].string_or("Ed25519") != "Ed25519")
            return;
        auto bytes = base64url_decode(key["x"].string_or(""));
        if (bytes && bytes->size() == ed25519_key_bytes &&
            std::find(out.begin(), out.end(), *bytes) == out.end())
            out.push_back(std::move(*bytes));
    });
    if (out.empty()) {
        failure f(errc::answer_malformed, fate::answered);
        f.explain("no Ed25519 key is in the key set", "keys");
        return f;
    }
    return out;
}

} // namespace cokino::wire
