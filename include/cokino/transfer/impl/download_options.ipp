// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/download_options.hpp.
#pragma once

#include <cokino/transfer/download_options.hpp>

namespace cokino {

COKINO_DECL result<void> validate(const download_options& options)
{
    const auto bad = [](const char* field, const char* message) {
        return invalid(field, message, errc::invalid_options);
    };
    if (options.tries_max < 1 || options.tries_max > 100)
        return bad("tries_max", "must be from 1 to 100");
    if (options.parallel < 1 || options.parallel > limits::slices_at_once_max)
        return bad("parallel", "must be from 1 to 8");
    if (options.slice_bytes < 64 * 1024 || options.slice_bytes > 64 * 1024 * 1024)
        return bad("slice_bytes", "must be from 64 KiB to 64 MiB");
    if (options.bytes_max == 0)
        return bad("bytes_max", "must be at least 1");
    if (options.read_stall.count() < 0)
        return bad("read_stall", "must not be negative; 0 means no limit");
    if (options.rate_bytes_min > std::uint64_t{1024} * 1024 * 1024)
        return bad("rate_bytes_min", "must be at most 1 GiB a second; 0 means no limit");
    if (options.rate_window.count() != 0 && (options.rate_window < std::chrono::seconds(1) ||
                                             options.rate_window > std::chrono::hours(1)))
        return bad("rate_window", "must be from 1 s to 1 h; 0 means no limit");
    if (options.total.count() < 0)
        return bad("total", "must not be negative; 0 means no limit");
    return {};
}

} // namespace cokino
