// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Every default cap of the library, each with its reason. Nothing in cokino grows without one.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace cokino::limits {

using namespace std::chrono_literals;

// Bytes of HTTP. A header block past 64 KiB or 100 fields is an attack or a mistake.
inline constexpr std::size_t header_bytes_max = 64 * 1024;
inline constexpr std::size_t header_count_max = 100;
/// A chunk header holds a length and perhaps an extension; Beast 1.81 would swallow megabytes.
inline constexpr std::size_t chunk_header_bytes_max = 8 * 1024;
/// Answers of an API are kilobytes; a validation error may echo a data URI, so leave room.
inline constexpr std::size_t api_body_bytes_max = 1024 * 1024;
/// A 10 s clip at 1080p is about 20 MB; 4 GiB leaves room for 4k and upscalers.
inline constexpr std::uint64_t media_bytes_max = std::uint64_t{4} * 1024 * 1024 * 1024;
/// What download() to memory holds at most unless told otherwise.
inline constexpr std::size_t memory_sink_bytes_max = 256 * 1024 * 1024;

/// An MP4's index, kept while the file passes by on its way into a bucket: an hour of video has one
/// of 2 to 4 MiB.
inline constexpr std::size_t moov_bytes_max = 16 * 1024 * 1024;

/// What S3 takes as an object's key, and as parts of one upload.
inline constexpr std::size_t object_key_bytes_max = 1024;
inline constexpr unsigned upload_parts_max = 10'000;
/// A profile file of AWS's tools has a few hundred bytes.
inline constexpr std::size_t profile_file_bytes_max = 1024 * 1024;

// JSON. The deepest known answer has 6 levels; Boost.JSON's own default is 32.
inline constexpr std::size_t json_depth_max = 32;

// Text that goes out or comes in.
/// Kling refuses prompts above 2500 characters [providers/kling §1.2, fal C1].
inline constexpr std::size_t prompt_chars_max = 2500;
/// A host's words in an error: enough to understand, too little to flood a log.
inline constexpr std::size_t host_text_bytes_max = 512;
/// The first bytes of an answer that makes no sense, for the bug report.
inline constexpr std::size_t sample_bytes_max = 200;
inline constexpr std::size_t url_bytes_max = 8 * 1024;
inline constexpr std::size_t job_text_bytes_max = 16 * 1024;
/// An image written into the request itself: Kling takes 10 MB [providers/kling §1.3], in base64.
inline constexpr std::size_t image_data_bytes_max = 14 * 1024 * 1024;
/// A host's own fields beside ours, or a whole raw request: room for an inline image too.
inline constexpr std::size_t extra_json_bytes_max = image_data_bytes_max;
/// A start frame from disk or memory: Kling takes 50 MB [providers/kling §1.2].
inline constexpr std::size_t image_bytes_max = 50 * 1024 * 1024;
/// A clip from disk or memory: Replicate takes 100 MB in one upload, fal 90 [providers/
/// fal-replicate A8.2, B9], and it is in memory twice while it is sent.
inline constexpr std::size_t clip_bytes_max = 100 * 1024 * 1024;
/// How long the link of a clip must live when another host is told of it. It is fetched when the
/// job starts, and jobs wait in a queue: as long as a wait has patience.
inline constexpr auto source_life_min = std::chrono::minutes{10};
/// Uploaded frames whose names a client remembers: 100 bytes each.
inline constexpr std::size_t uploads_remembered_max = 256;
// What a job keeps of a host's words, so that its text stays below the limit above however it is
// escaped. The longest known id has 36 characters, the longest known link to a job 130.
inline constexpr std::size_t job_id_bytes_max = 256;
inline constexpr std::size_t job_link_bytes_max = 1024;

// Time limits of one exchange, per phase.
inline constexpr auto resolve_max = 5s;
inline constexpr auto connect_max = 10s;
inline constexpr auto handshake_max = 10s;
inline constexpr auto write_stall_max = 30s;
inline constexpr auto first_byte_max = 60s;
inline constexpr auto read_stall_max = 30s;
/// For the words of a refused download, which may drip: they are for the error's reader alone.
inline constexpr auto refusal_text_max = 10s;
/// A body of this size is worth the round trip of asking first whether it is wanted.
inline constexpr std::size_t continue_body_bytes_min = 1024 * 1024;
/// An upload may take the usual two minutes and as long as its bytes take at this rate: slower
/// lines exist, but none that makes a clip worth waiting for.
inline constexpr std::size_t upload_bytes_per_second_min = 16 * 1024;
/// To tidy up after an upload that was given up, retries included.
inline constexpr auto upload_tidy_max = 30s;
/// Before an upload that may be an orphan is looked at again. One that lives has a part by then: a
/// part of 5 MiB takes so long at 4 Mbit/s.
inline constexpr auto orphan_upload_pause = 10s;
/// A body that drips slower than this, for so long, will not come to its end: 20 MB would take six
/// hours, and no link lives for ever.
inline constexpr std::uint64_t download_rate_bytes_min = 1024;
inline constexpr auto download_rate_window = 30s;
/// Of one file. Beyond a few connections hosts take it for an attack, and none gets faster.
inline constexpr unsigned slices_at_once_max = 8;
/// A second's worth for a fast connection, and 32 MiB in memory for eight of them.
inline constexpr std::uint64_t slice_bytes = 4 * 1024 * 1024;

// Buffers that a client keeps for its next requests: enough for one per connection of an origin,
// and none so large that one odd answer holds memory for ever.
inline constexpr std::size_t spare_buffers_max = 64;
inline constexpr std::size_t spare_buffer_bytes_max = 16 * 1024;

// Disks.
/// Threads that do what blocks, for one context: one that waits in an fsync must not hold up the
/// writes of the others, and more would only stand in line at the same disk.
inline constexpr std::size_t blocking_threads_max = 4;
/// Memory for what downloads of one downloader have received and not yet written, beside
/// download_piece_bytes_min for each.
inline constexpr std::size_t download_buffer_bytes_max = 16 * 1024 * 1024;
/// One piece of a download: what is handed to the disk at once. A write of a mebibyte costs half of
/// what four of a quarter do; a slow download has no use for so much.
inline constexpr std::size_t download_piece_bytes_min = 64 * 1024;
inline constexpr std::size_t download_piece_bytes_max = 1024 * 1024;

// Connections.
inline constexpr std::size_t connections_per_origin_max = 64;
inline constexpr std::size_t connections_idle_max = 64;
/// Shorter than the keep-alive of common balancers (60 s), so that reuse rarely meets a closed one.
inline constexpr auto connection_idle_max = 50s;
inline constexpr std::size_t redirects_max = 5;
/// Free retries of a request of which no byte left (dead pooled connections).
inline constexpr unsigned free_retries_max = 3;

// Links that die.
/// What a link must still live beyond clocks and transfer: queues, redirects, one try that fails.
inline constexpr auto link_margin = 60s;
/// A job's file of which nobody says how long it lives: the shortest life of any known host.
inline constexpr auto link_life_assumed = 1h;
/// A clock further off cannot talk to hosts that sign (they allow 15 min); and a margin without
/// bound would take every link for dead.
inline constexpr auto clock_skew_max = 15min;
// A clip at 1080p, over a line as slow as they come; and no file so long that each link of an hour
// would look dead from the start.
inline constexpr std::uint64_t transfer_bytes_assumed = 20 * 1024 * 1024;
inline constexpr double transfer_bytes_per_s_assumed = 1024 * 1024;
inline constexpr auto transfer_margin_max = 10min;

// Downloads that are managed.
/// More at once share the line without getting home sooner, and each holds a buffer.
inline constexpr std::size_t downloads_running_max = 16;
/// What browsers allow themselves; more looks like an attack to many CDNs.
inline constexpr std::size_t downloads_per_origin_max = 6;
/// What slices of running downloads may hold in memory: some eight of four connections each.
inline constexpr std::uint64_t download_slice_memory_max = std::uint64_t{256} * 1024 * 1024;
/// What running downloads may still have to bring: some fifty clips, or one long film.
inline constexpr std::uint64_t download_bytes_in_flight_max = std::uint64_t{1} << 30;
/// Waiting downloads of one manager: a day's work, at some kilobytes each.
inline constexpr std::size_t downloads_waiting_max = 100'000;
/// What is left free on a disk: others need some too, and the states of parts are written there.
inline constexpr std::uint64_t disk_reserve_bytes = 64 * 1024 * 1024;
/// How long a full disk may hold a download back: time to be paged and to delete something.
inline constexpr auto disk_pause_max = 10min;
/// How often a full disk is looked at: one system call.
inline constexpr auto disk_look_every = 5s;

// Waiting.
/// The tutorial's rule: a render that takes longer than this hangs.
inline constexpr auto wait_ceiling = 10min;
inline constexpr std::size_t waiters_max = 1'000'000;
/// Status requests under way at once for one client.
inline constexpr std::size_t polls_in_flight_max = 32;
/// Polls in a row that answer an unknown state before a wait ends with job_unknown_state.
inline constexpr unsigned unknown_states_max = 30;
/// Words of a host's that a client remembers to have reported, so that each is reported once. A
/// host that invents more of them than this is reported no further.
inline constexpr std::size_t unknown_words_max = 32;
/// Polls in a row that answer "not found" before it is believed: lists and replicas lag.
inline constexpr unsigned not_found_max = 3;

} // namespace cokino::limits
