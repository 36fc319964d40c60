// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Bounds of a download manager's options.
#pragma once

#include <cokino/transfer/download_manager_options.hpp>

namespace cokino {

COKINO_DECL result<void> validate(const download_manager_options& options)
{
    const auto bad = [](const char* field, const char* message) {
        return invalid(field, message, errc::invalid_options);
    };
    using namespace std::chrono_literals;
    if (options.running_max < 1 || options.running_max > 1000)
        return bad("running_max", "must be from 1 to 1000");
    if (options.running_per_origin_max < 1 || options.running_per_origin_max > 1000)
        return bad("running_per_origin_max", "must be from 1 to 1000");
    // Sums of a thousand of them must not overflow.
    if (options.bytes_in_flight_max < 1 || options.bytes_in_flight_max > std::uint64_t{1} << 50)
        return bad("bytes_in_flight_max", "must be from 1 to 2^50");
    if (options.bytes_assumed < 1 || options.bytes_assumed > options.bytes_in_flight_max)
        return bad("bytes_assumed", "must be from 1 to bytes_in_flight_max");
    if (options.waiting_max > limits::waiters_max)
        return bad("waiting_max", "must be at most 1000000");
    if (options.disk_pause_max < 0ms || options.disk_pause_max > 24h * 366)
        return bad("disk_pause_max", "must be from 0 (no pause) to a year");
    if (options.disk_look_every < 100ms || options.disk_look_every > 1h)
        return bad("disk_look_every", "must be from 100 ms to an hour");
    return {};
}

} // namespace cokino
