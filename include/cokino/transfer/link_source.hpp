// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// How a dead link is renewed: something that can read a job again. The client is one; the facade
// joins them, so that neither includes the other.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/core/result.hpp>
#include <cokino/model/asset.hpp>

namespace cokino {

class link_source
{
public:
    /// Reads the job that made `dead` and gives the same file with its present link.
    ///
    /// Lifetimes — `dead` is copied; this object outlives the awaitable.
    /// Failures — whatever reading the job gives; link_expired when the host has no other link.
    /// Repeats — safe: only reads.
    [[nodiscard]] virtual awaitable<result<asset>> renew(asset dead) = 0;

protected:
    ~link_source() = default;
};

} // namespace cokino
