// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A request that only reads, or that may be heard twice without harm: repeated as the retry policy
// says. Never for a submit.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/client/detail/client_core.hpp>

#include <memory>
#include <string>

namespace cokino::detail {

enum class server_faults : unsigned char {
    final_,  ///< A 5xx is the answer: a stored failure does not change by reading it again.
    repeated ///< A 5xx may be better the next time.
};

/// Gives the last answer, whatever its status, or the failure of the exchange.
/// Cancellation — all kinds, between and within tries.
awaitable<result<wire::response>> read_loop(std::shared_ptr<client_core> core,
                                            result<wire::request> request, std::string operation,
                                            server_faults faults);

} // namespace cokino::detail
