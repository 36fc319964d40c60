// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Signs webhooks the way each host does, with secrets that follow from a number: the other side of
// webhook/verifier.hpp. For tests and the fake host only.
#pragma once

#include <cokino/async/time_source.hpp>
#include <cokino/core/config.hpp>
#include <cokino/model/webhook_note.hpp>
#include <cokino/testing/detail/fake_engine_class.hpp>

#include <cstdint>
#include <string>

namespace cokino::testing {

/// What is signed.
struct unsigned_hook {
    unsigned_hook() = default;
    std::string message_id; ///< fal: the request id.
    std::string task_id;    ///< Kie signs this, and not the body.
    std::string user_id = "user-0001";
    std::string body;
};

/// One host's, or rather all hosts', secrets.
class hook_signer
{
public:
    /// The same number gives the same secrets.
    explicit hook_signer(std::uint64_t seed = 1);

    /// What the receiver is to be given: the shared secret as the host would show it. Empty for
    /// fal_ed25519 and unsigned_hook, which have none.
    const std::string& secret_of(webhook_scheme s) const noexcept;
    /// What fal would serve at /.well-known/jwks.json.
    std::string jwks() const;

    /// The header fields that go with the hook, Content-Type included.
    fake_fields sign(webhook_scheme s, const unsigned_hook& h, system_time now) const;

private:
    std::string standard_, pollo_, kie_, piapi_, none_;
    std::string ed25519_seed_;
};

} // namespace cokino::testing

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/testing/impl/hook_signer.ipp>
#endif
