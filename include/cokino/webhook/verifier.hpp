// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Whether a webhook is genuine: each host's way of signing, over the raw bytes as they came, at an
// instant that is given. Pure: no sockets, no clock, no memory of earlier hooks.
//
//   fal_ed25519        Ed25519 over request id, user id, time and the body's SHA-256, by one of
//                      the keys that fal publishes [providers/fal-replicate A6]
//   standard_webhooks  HMAC-SHA256 over "id.time.body", several signatures side by side while a
//                      secret is being changed: Kling, Replicate [providers/kling 1.4, fal B6]
//   pollo_hmac         the same with Pollo's own headers, one bare signature [providers/kling 4.4]
//   kie_hmac           HMAC-SHA256 over "task.time": the body is NOT covered [providers/kling 2.3]
//   piapi_secret       the secret itself in a header: covers nothing [providers/kling 3.4]
//   unsigned_hook      nothing at all: only the callback URL's nonce speaks for it
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/result.hpp>
#include <cokino/core/secret.hpp>
#include <cokino/model/webhook_note.hpp>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cokino::webhook {

using system_time = std::chrono::system_clock::time_point;

/// A header field of a hook; names in any case.
struct hook_field {
    std::string_view name;
    std::string_view value;
};

/// How one host's hooks are checked. No aggregate on purpose: it holds strings.
struct verifier_options {
    verifier_options() = default;
    explicit verifier_options(webhook_scheme s) : scheme(s) {}

    webhook_scheme scheme = webhook_scheme::none;
    /// The secrets that are good now: two while one replaces the other. As the host shows them:
    /// "whsec_..." or bare base64 for standard_webhooks, base64 for pollo_hmac, text for kie_hmac
    /// and piapi_secret. None for fal_ed25519, whose keys are public, and unsigned_hook.
    std::vector<secret> secrets;
    /// fal_ed25519: the account whose hooks are meant; fal signs those of all its users with the
    /// same keys. Empty: any account's, which lets another customer of fal send genuine hooks.
    std::string user_id;
    /// How far the time that was signed may be from ours, either way; at least 1 s. piapi_secret
    /// and unsigned_hook tell no time.
    std::chrono::seconds window{300};
};

/// Failures: invalid_options, naming the field; missing_credential (no secret where one is needed).
COKINO_DECL result<void> validate(const verifier_options& o);

/// What is known of a genuine hook.
struct verified {
    verified() = default;
    /// The same for each delivery of one message, so that a replay is known by it. Where the host
    /// sends no such id it is made of what was signed, or of the body.
    std::string message_id;
    std::int64_t timestamp = 0; ///< Seconds since 1970, as signed; 0 where none is.
    /// Whether the signature vouches for the body; else the body may be anybody's.
    bool body_covered = false;
};

/// Checks one hook.
///
/// Lifetimes: nothing is kept of what is given.
/// Failures: unauthorised, whose field says at what: "message_id", "timestamp" (missing, no number,
///   outside the window), "user_id", "signature_form" (fal_ed25519: missing or none), "signature"
///   (missing, of other bytes or another key), "body" (kie_hmac: names no
///   task). What validate() gives, for options that are not sound.
/// `keys`: the public keys of fal_ed25519, 32 bytes each; the other schemes do not look at them.
COKINO_DECL result<verified> verify(const verifier_options& o, std::span<const std::string> keys,
                                    std::span<const hook_field> fields, std::string_view body,
                                    system_time now);

} // namespace cokino::webhook

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/webhook/impl/verifier.ipp>
#endif
