// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bridge from failures, which travel, to outcomes, which are judged.
#pragma once

#include <cokino/policy/attempt_outcome.hpp>

namespace cokino::policy {

COKINO_DECL attempt_outcome outcome_of(const failure& f)
{
    attempt_outcome outcome;
    outcome.code = errc_of(f.code()).value_or(errc::connection_lost);
    outcome.sent = f.sent();
    outcome.http_status = f.facts().http_status;
    outcome.retry_after = f.facts().retry_after;
    if (outcome.code == errc::own_id_exists)
        outcome.about = conflict::own_id_exists;
    return outcome;
}

} // namespace cokino::policy
