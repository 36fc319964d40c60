// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Bounds of the verbs' options.
#pragma once

#include <cokino/client/options.hpp>

namespace cokino {

namespace detail {

/// Sums of time points must not overflow, and nobody waits for a clip for a year.
inline result<void> check_countable(const char* field, std::chrono::milliseconds d)
{
    if (d > std::chrono::hours{24 * 366})
        return invalid(field, "must be at most a year", errc::invalid_options);
    return {};
}

} // namespace detail

COKINO_DECL result<void> validate(const submit_options& o)
{
    if (o.total_max.count() != 0 && o.total_max < std::chrono::milliseconds{100})
        return invalid("total_max", "must be 0 (no limit) or at least 100 ms",
                       errc::invalid_options);
    return detail::check_countable("total_max", o.total_max);
}

COKINO_DECL result<void> validate(const wait_options& o)
{
    if (o.ceiling < std::chrono::milliseconds{1})
        return invalid("ceiling", "must be at least 1 ms", errc::invalid_options);
    return detail::check_countable("ceiling", o.ceiling);
}

COKINO_DECL result<void> validate(const run_options& o)
{
    if (auto ok = validate(o.submit); !ok)
        return ok;
    if (auto ok = validate(o.wait); !ok)
        return ok;
    if (o.resubmits_max > 5)
        return invalid("resubmits_max", "must be 0 to 5: each may cost the price of a clip",
                       errc::invalid_options);
    if (o.cancel_grace < std::chrono::milliseconds{1})
        return invalid("cancel_grace", "must be at least 1 ms", errc::invalid_options);
    return detail::check_countable("cancel_grace", o.cancel_grace);
}

} // namespace cokino
