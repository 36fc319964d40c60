// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The body of client/detail/file_life.hpp.
#pragma once

#include <cokino/client/detail/file_life.hpp>

namespace cokino::detail {

COKINO_DECL void tell_lifetimes(job_status& status, const job_record& job,
                                std::chrono::seconds lifetime) noexcept
{
    using std::chrono::milliseconds;
    if (!status.output || lifetime.count() <= 0)
        return;
    const bool submit_known = is_submit_time(job.submitted_ms);
    std::chrono::system_clock::time_point from(milliseconds(submit_known ? job.submitted_ms : 0));
    auto by = expiry_source::lifetime_since_submit;
    // A job that ended before it was submitted: another clock, or another thing that was meant.
    if (status.output->ended_at && (!submit_known || *status.output->ended_at > from)) {
        from = *status.output->ended_at;
        by = expiry_source::lifetime;
    } else if (!submit_known) {
        return;
    }
    for (asset& file : status.output->assets) {
        if (file.expires_at)
            continue;
        file.expires_at = from + lifetime;
        file.expires_by = by;
    }
}

} // namespace cokino::detail
