// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// How hosts sign their webhooks, and what is read from one: words of the dialects, which know the
// bodies, and of the receiver, which knows the signatures.
#pragma once

#include <cokino/model/job_status.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace cokino {

/// Each is described where it is verified (webhook/verifier.hpp).
enum class webhook_scheme : unsigned char {
    none,              ///< The host calls nobody.
    unsigned_hook,     ///< It calls, and signs nothing.
    fal_ed25519,       ///< fal: Ed25519 over id, user, time and body's digest; keys from a JWKS.
    standard_webhooks, ///< Kling, Replicate: HMAC-SHA256 over id, time and body.
    kie_hmac,          ///< Kie: HMAC-SHA256 over task id and time; the body is not covered.
    piapi_secret,      ///< PiAPI: the secret itself comes back in a header.
    pollo_hmac         ///< Pollo: as standard_webhooks, other headers and no version mark.
};

constexpr std::string_view name_of(webhook_scheme s) noexcept
{
    switch (s) {
    case webhook_scheme::none: return "none";
    case webhook_scheme::unsigned_hook: return "unsigned";
    case webhook_scheme::fal_ed25519: return "Ed25519 (JWKS)";
    case webhook_scheme::standard_webhooks: return "Standard Webhooks";
    case webhook_scheme::kie_hmac: return "HMAC, body not covered";
    case webhook_scheme::piapi_secret: return "echoed secret";
    case webhook_scheme::pollo_hmac: return "HMAC";
    }
    return "?";
}

/// Whether a genuine signature vouches for the body, so that what it says may be believed.
constexpr bool covers_body(webhook_scheme s) noexcept
{
    return s == webhook_scheme::fal_ed25519 || s == webhook_scheme::standard_webhooks ||
           s == webhook_scheme::pollo_hmac;
}

/// What a hook's body says, as its dialect reads it.
struct webhook_note {
    std::string job_id;
    /// What it says of the job; to be believed only where the scheme covers the body. Absent when
    /// the body tells too little: then the job is looked at.
    std::optional<job_status> status;
};

} // namespace cokino
