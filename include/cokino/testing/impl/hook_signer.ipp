// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of testing/hook_signer.hpp. The schemes are described in webhook/verifier.hpp.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/testing/hook_signer.hpp>
#include <cokino/wire/hmac.hpp>
#include <cokino/wire/signature.hpp>

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

namespace cokino::testing {
namespace detail {

struct hook_key_free {
    void operator()(EVP_PKEY* p) const noexcept { EVP_PKEY_free(p); }
    void operator()(EVP_MD_CTX* p) const noexcept { EVP_MD_CTX_free(p); }
};

inline std::unique_ptr<EVP_PKEY, hook_key_free> ed25519_key(const std::string& seed)
{
    std::unique_ptr<EVP_PKEY, hook_key_free> key(EVP_PKEY_new_raw_private_key(
        EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(seed.data()), 32));
    if (!key)
        throw std::runtime_error("hook_signer: no Ed25519 here");
    return key;
}

inline std::string hmac_base64(std::string_view key, std::string_view message)
{
    const auto digest = wire::hmac_sha256(key, message);
    return wire::base64_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

} // namespace detail

COKINO_DECL hook_signer::hook_signer(std::uint64_t seed)
{
    const auto bytes = [seed](std::string_view what) {
        const auto digest =
            wire::sha256_of("hook_signer " + cokino::detail::to_text(seed) + std::string(what));
        return std::string(reinterpret_cast<const char*>(digest.data()), digest.size());
    };
    standard_ = "whsec_" + wire::base64_encode(bytes("standard"));
    pollo_ = wire::base64_encode(bytes("pollo"));
    kie_ = "kie-" + wire::hex_encode(bytes("kie")).substr(0, 24);
    piapi_ = "piapi-" + wire::hex_encode(bytes("piapi")).substr(0, 24);
    ed25519_seed_ = bytes("fal");
}

COKINO_DECL const std::string& hook_signer::secret_of(webhook_scheme s) const noexcept
{
    switch (s) {
    case webhook_scheme::standard_webhooks: return standard_;
    case webhook_scheme::pollo_hmac: return pollo_;
    case webhook_scheme::kie_hmac: return kie_;
    case webhook_scheme::piapi_secret: return piapi_;
    case webhook_scheme::fal_ed25519:
    case webhook_scheme::unsigned_hook:
    case webhook_scheme::none: break;
    }
    return none_;
}

COKINO_DECL std::string hook_signer::jwks() const
{
    std::string key(32, '\0');
    std::size_t size = key.size();
    EVP_PKEY_get_raw_public_key(detail::ed25519_key(ed25519_seed_).get(),
                                reinterpret_cast<unsigned char*>(key.data()), &size);
    return R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":")" + wire::base64url_encode(key) +
           R"("}]})";
}

COKINO_DECL fake_fields hook_signer::sign(webhook_scheme s, const unsigned_hook& h,
                                          system_time now) const
{
    const std::string time = cokino::detail::to_text(
        std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
    fake_fields out;
    out.emplace_back("content-type", "application/json; charset=utf-8");
    const std::string signed_text = h.message_id + '.' + time + '.' + h.body;
    switch (s) {
    case webhook_scheme::fal_ed25519: {
        const std::string message = h.message_id + '\n' + h.user_id + '\n' + time + '\n' +
                                    wire::hex_encode(wire::sha256_of(h.body));
        std::string signature(64, '\0');
        std::size_t size = signature.size();
        const auto key = detail::ed25519_key(ed25519_seed_);
        const std::unique_ptr<EVP_MD_CTX, detail::hook_key_free> context(EVP_MD_CTX_new());
        EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get());
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       reinterpret_cast<const unsigned char*>(message.data()), message.size());
        out.emplace_back("x-fal-webhook-request-id", h.message_id);
        out.emplace_back("x-fal-webhook-user-id", h.user_id);
        out.emplace_back("x-fal-webhook-timestamp", time);
        out.emplace_back("x-fal-webhook-signature", wire::hex_encode(signature));
        break;
    }
    case webhook_scheme::standard_webhooks:
        out.emplace_back("webhook-id", h.message_id);
        out.emplace_back("webhook-timestamp", time);
        out.emplace_back(
            "webhook-signature",
            "v1," + detail::hmac_base64(*wire::base64_decode(standard_.substr(6)), signed_text));
        break;
    case webhook_scheme::pollo_hmac:
        out.emplace_back("x-webhook-id", h.message_id);
        out.emplace_back("x-webhook-timestamp", time);
        out.emplace_back("x-webhook-signature",
                         detail::hmac_base64(*wire::base64_decode(pollo_), signed_text));
        break;
    case webhook_scheme::kie_hmac:
        out.emplace_back("x-webhook-timestamp", time);
        out.emplace_back("x-webhook-signature", detail::hmac_base64(kie_, h.task_id + '.' + time));
        break;
    case webhook_scheme::piapi_secret: out.emplace_back("x-webhook-secret", piapi_); break;
    case webhook_scheme::unsigned_hook:
    case webhook_scheme::none: break;
    }
    return out;
}

} // namespace cokino::testing
