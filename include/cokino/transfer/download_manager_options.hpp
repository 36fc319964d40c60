// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What can be set about a download manager, and what it tells of itself.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/limits.hpp>
#include <cokino/core/result.hpp>
#include <cokino/transfer/disk_gauge.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>

namespace cokino {

/// Settings of a download manager.
struct download_manager_options {
    /// Downloads that run at once; 1 to 1000.
    std::size_t running_max = limits::downloads_running_max;
    /// Of these, from one origin (scheme, host and port of the link); 1 to 1000. One origin at its
    /// cap does not hold back the others.
    std::size_t running_per_origin_max = limits::downloads_per_origin_max;
    /// Bytes that running downloads may still have to bring, all together; 1 or more. A larger file
    /// runs alone. Held to when a download starts; a file may turn out longer than its host said.
    std::uint64_t bytes_in_flight_max = limits::download_bytes_in_flight_max;
    /// Bytes of memory for the slices of running downloads, all together. One that would need more
    /// gets fewer connections than its download_options::parallel when it starts, and one stream,
    /// which holds no slice, where none are left; it does not wait for them. 0: one stream each.
    std::uint64_t slice_memory_max = limits::download_slice_memory_max;
    /// What a file counts as whose size nobody knows yet; 1 to bytes_in_flight_max.
    std::uint64_t bytes_assumed = limits::transfer_bytes_assumed;
    /// Downloads that may wait; one more fails with limit_reached. 0: none waits.
    std::size_t waiting_max = limits::downloads_waiting_max;
    /// Bytes that are left free on every disk that is written to.
    std::uint64_t disk_reserve = limits::disk_reserve_bytes;
    /// The longest time that a full disk may hold one download back before it fails with disk_full;
    /// 0: a full disk is told at once. At most a year.
    std::chrono::milliseconds disk_pause_max{limits::disk_pause_max};
    /// How often a full disk is looked at meanwhile; 100 ms or more.
    std::chrono::milliseconds disk_look_every{limits::disk_look_every};
    /// Who says how much room there is; null: the system. Must outlive the manager.
    disk_gauge* disk = nullptr;
};
static_assert(std::is_trivially_destructible_v<download_manager_options>,
              "GCC before 13 destroys aggregates in await expressions twice");

/// Names the option that is out of its bounds.
COKINO_DECL result<void> validate(const download_manager_options& options);

/// How a manager stands, and what it has done since it was made.
struct download_manager_status {
    std::size_t running = 0;
    std::size_t waiting = 0;          ///< For their turn.
    std::size_t waiting_for_room = 0; ///< On a full disk; neither running nor waiting.
    std::uint64_t done = 0;           ///< Ended well.
    std::uint64_t failed = 0;         ///< Ended otherwise, cancelled ones not counted.
    std::uint64_t cancelled = 0;
    std::uint64_t started_late = 0;    ///< Started after their links' deadlines.
    std::uint64_t bytes = 0;           ///< Received so far, by all.
    std::uint64_t bytes_in_flight = 0; ///< Still to come for those that run, as far as is known.
    std::uint64_t slice_memory = 0;    ///< Bytes that slices of those that run may hold.
    /// Bytes per second, all together, over the last 10 s; nothing while it is too early to say.
    std::optional<std::uint64_t> rate;
};

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/download_manager_options.ipp>
#endif
