// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The webhooks of the fake host: for each job that ended and that was submitted with a callback
// URL, what its host would send, signed as its host signs, with the faults that hooks have. Pure,
// like the engine; hook_postman.hpp sends them.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/model/webhook_note.hpp>
#include <cokino/testing/fake_engine.hpp>
#include <cokino/testing/hook_signer.hpp>

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace cokino::testing {

/// What goes wrong with the hooks of a job.
struct hook_faults {
    bool lost = false;       ///< Never sent.
    std::size_t repeats = 0; ///< Sent so many times more, the very same bytes.
    std::size_t forged = 0;  ///< So many are sent before it whose signature is none.
    /// From the job's end to the hook.
    std::chrono::milliseconds delay{0};
};

/// One POST that is due.
struct hook_delivery {
    hook_delivery() = default;
    std::size_t job = 0; ///< Its number, from 1.
    webhook_scheme scheme = webhook_scheme::none;
    bool forged = false;
    std::string url;
    fake_fields fields;
    std::string body;
};

/// How a dialect's hosts sign.
COKINO_DECL webhook_scheme scheme_of(fake_dialect d) noexcept;

/// The engine outlives it. One thread, the engine's.
class fake_hooks
{
public:
    /// Secrets follow from the engine's seed, as its /.well-known/jwks.json does.
    explicit fake_hooks(fake_engine& engine) : engine_(engine), signer_(engine.options().seed) {}

    const hook_signer& signer() const noexcept { return signer_; }
    /// Of a job by its number, from 1; made of every_job() when first asked for.
    hook_faults& on_job(std::size_t number)
    {
        return faults_.try_emplace(number, every_).first->second;
    }
    hook_faults& every_job() noexcept { return every_; }

    /// What has become due since the last call, in the order of acceptance. `origin` is where links
    /// in bodies lead: the server's.
    std::vector<hook_delivery> due(const std::string& origin);

private:
    std::string body_of(fake_job& job, const std::string& origin);
    std::string answer_of(fake_job& job, const std::string& origin, const std::string& target,
                          unsigned& status);

    fake_engine& engine_;
    hook_signer signer_;
    hook_faults every_;
    std::map<std::size_t, hook_faults> faults_;
    std::map<std::size_t, bool> told_; // by job
};

} // namespace cokino::testing

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/testing/impl/fake_hooks.ipp>
#endif
