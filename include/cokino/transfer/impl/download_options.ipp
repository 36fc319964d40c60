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
    if (options.bytes_max == 0)
        return bad("bytes_max", "must be at least 1");
    if (options.read_stall.count() < 0)
        return bad("read_stall", "must not be negative; 0 means no limit");
    if (options.total.count() < 0)
        return bad("total", "must not be negative; 0 means no limit");
    return {};
}

} // namespace cokino
