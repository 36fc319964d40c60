// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// fal's public keys: fetched when first needed, kept for a day at most, fetched again when none of
// them fits, yet never so often that forged hooks could make us hammer the host.
// [providers/fal-replicate A6]
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/async/event.hpp>
#include <cokino/async/time_source.hpp>
#include <cokino/core/config.hpp>
#include <cokino/core/result.hpp>
#include <cokino/net/transport.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cokino::webhook {

/// No aggregate on purpose: it holds a string.
struct jwks_options {
    jwks_options() = default;
    /// Where the keys are: the only place they are taken from, whatever it redirects to.
    std::string url = "https://rest.fal.ai/.well-known/jwks.json";
    /// How long a set of keys is used; fal allows 24 h.
    std::chrono::seconds life_max{24 * 60 * 60};
    /// Between two fetches that are made because no key fits.
    std::chrono::seconds refetch_interval_min{3 * 60};
    /// Between two tries while there are no keys at all.
    std::chrono::seconds retry_interval_min{5};
    /// Of one fetch; a host that waits for our answer to its hook gives us about 15 s.
    std::chrono::milliseconds fetch_max{8000};
    std::size_t body_bytes_max = 64 * 1024;
};

/// Failures: invalid_options, naming the field.
COKINO_DECL result<void> validate(const jwks_options& o);

using jwks_keys = std::shared_ptr<const std::vector<std::string>>;

/// One thread. The transport outlives it; it outlives its operations.
class jwks_cache
{
public:
    /// Throws cokino::error when the options are not sound.
    jwks_cache(executor ex, net::transport& net, jwks_options options = {});
    jwks_cache(const jwks_cache&) = delete;
    jwks_cache& operator=(const jwks_cache&) = delete;

    /// The keys, fetched if there are none or they are too old. All who ask while a fetch is under
    /// way wait for that one.
    ///
    /// Failures: those of the fetch; answer_malformed (no keys in what came); limit_reached (the
    ///   last try failed too short a while ago).
    /// Cancellation: ends the wait, and the fetch if it is this caller's own.
    [[nodiscard]] awaitable<result<jwks_keys>> keys();

    /// Keys newer than those that did not fit. Gives those at hand where the last fetch was too
    /// short a while ago or a new one fails: then the hook is simply forged.
    [[nodiscard]] awaitable<result<jwks_keys>> newer_than(jwks_keys unfit);

    std::uint64_t fetches() const noexcept { return fetches_; }

private:
    struct letting_go;
    awaitable<result<jwks_keys>> fetch();
    awaitable<result<jwks_keys>> ask();
    bool fresh() const noexcept;

    net::transport& net_;
    time_source& time_;
    jwks_options options_;
    wire::url url_;
    jwks_keys keys_;
    steady_time fetched_at_{};
    steady_time tried_at_{};
    bool tried_ = false;
    bool fetching_ = false;
    event done_;
    std::uint64_t fetches_ = 0;
};

} // namespace cokino::webhook

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/webhook/impl/jwks_cache.ipp>
#endif
