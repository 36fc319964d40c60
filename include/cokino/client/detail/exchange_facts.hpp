// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Small bridges between an exchange and those who want to know of it: the observer, and the policy
// that reads the host's hints.
#pragma once

#include <cokino/client/detail/client_core.hpp>

namespace cokino::detail {

COKINO_DECL void report_exchange(client_core& core, const wire::request_head& head,
                                 const result<wire::response>& answer, duration elapsed);
COKINO_DECL void report_state(client_core& core, const job_record& job, const job_status& status);
COKINO_DECL void report_retry(client_core& core, std::string_view operation, unsigned attempt,
                              duration delay, const failure& why);
COKINO_DECL void report_missed_look(client_core& core, const failure& why, bool fetch,
                                    unsigned looks);
COKINO_DECL void report_warning(client_core& core, std::string_view operation, const failure& what);

/// What the host says about coming back: Retry-After in all its forms, or what the dialect found in
/// the body.
COKINO_DECL std::optional<std::chrono::milliseconds> retry_hint(const wire::response& answer,
                                                                system_time now,
                                                                const failure& why);
/// The fields' part of it, for whoever decides about a repeat, and the advice for or against one.
COKINO_DECL void add_hints(policy::attempt_outcome& outcome, const wire::response& answer,
                           system_time now);

} // namespace cokino::detail
