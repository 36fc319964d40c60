// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Until when the files of a finished job live, by the life that their host promises. Pure.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/model/job.hpp>
#include <cokino/model/job_status.hpp>

#include <chrono>
#include <cstdint>

namespace cokino::detail {

/// A job's text comes from outside: what is no instant of this century is no time of a submit.
constexpr bool is_submit_time(std::int64_t ms_since_1970) noexcept
{
    return ms_since_1970 >= 1'000'000'000'000 && ms_since_1970 < 4'102'444'800'000;
}

/// Fills in asset::expires_at where the host's answer left it open: the job's end plus `lifetime`,
/// or, where the end is not told, its submit plus `lifetime`, which is a lower bound. Nothing is
/// filled in where neither is known: a guess would look like knowledge.
COKINO_DECL void tell_lifetimes(job_status& status, const job_record& job,
                                std::chrono::seconds lifetime) noexcept;

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/client/impl/file_life.ipp>
#endif
