// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Where the bytes of a download go. A file (file_sink.hpp) and memory (memory_sink.hpp) are here;
// anything else is yours to write. A sink keeps bytes and remembers how far it came; what may be
// resumed, and what is good enough to keep, is decided by the downloader.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/async/offload.hpp>
#include <cokino/core/result.hpp>
#include <cokino/wire/digest_header.hpp>
#include <cokino/wire/mp4_probe.hpp>

#include <boost/asio/buffer.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace cokino {

/// How much of which version of which file a sink holds.
struct part_state {
    part_state() = default;

    std::uint64_t bytes = 0; ///< From the file's first byte on, without a gap.
    std::string identity;    ///< Which file: a hash, no secret.
    std::string validator;   ///< Which version of it, as If-Range wants it; empty: not resumable.
    std::optional<std::uint64_t> total; ///< Its length, where known.
    /// What its host said of the whole file's digest, where it did: an answer with the rest of it
    /// need not say it again.
    std::optional<wire::digest_claim> digest;
};

/// One file at a time: open, then writes (and restarts and remembers), then commit or abandon.
/// Called by one download, never concurrently. A sink must outlive the download that uses it.
class sink
{
public:
    virtual ~sink() = default;

    /// Makes ready to take the file `identity`, and gives what it holds of it from an earlier try
    /// (bytes 0 when nothing). What it holds of another file is thrown away here.
    ///
    /// Failures — file_failed, invalid_argument ... naming the place.
    [[nodiscard]] virtual awaitable<result<part_state>> open(std::string identity) = 0;

    /// The file's length has become known. A sink that cannot take it says so here, before
    /// anything is transferred: sink_full, disk_full.
    virtual result<void> expect(std::uint64_t total)
    {
        static_cast<void>(total);
        return {};
    }

    /// Takes the next bytes.
    ///
    /// Lifetimes — the buffer lives until the awaitable completes.
    /// Failures — disk_full, sink_full, file_failed ...: they end the download.
    [[nodiscard]] virtual awaitable<result<void>> write(asio::const_buffer bytes) = 0;

    /// write(), and behind it work(), which takes long (the digest of the same bytes) and is
    /// therefore done beside the loop. A sink that writes beside the loop does both there in one
    /// go, which saves a change of threads for each piece.
    ///
    /// Lifetimes — the buffer, work and what it touches, and the guard live until the awaitable
    ///   completes; the guard as in offload(): work is under way only while it waits.
    /// Failures — as write(); work is not done then. What work throws is thrown here.
    [[nodiscard]] virtual awaitable<result<void>> write_and(
        asio::const_buffer bytes,
        // cokino-allow COROREF: a named variable in the frame that awaits this
        const std::function<void()>& work,
        // cokino-allow COROREF: stands in what the work uses
        offload_guard& guard)
    {
        auto written = co_await write(bytes);
        if (written)
            co_await offload(work, guard);
        co_return written;
    }

    /// Throws away all bytes of this file; the next write is at its start.
    [[nodiscard]] virtual awaitable<result<void>> restart() = 0;

    /// Makes durable what has been written and remembers the state beside it, so that an open() by
    /// a later process gives it. Called every few megabytes of what can be resumed. A sink
    /// that does not outlive the process need not do anything.
    [[nodiscard]] virtual awaitable<result<void>> remember(part_state state) = 0;

    /// The bytes are whole and checked: give them their final name.
    ///
    /// Failures — leave nothing under the final name, unless their text says that it is whole.
    [[nodiscard]] virtual awaitable<result<void>> commit() = 0;

    /// The download ended without commit. `keep`, when there is one, is worth taking up later:
    /// remember it; else remove everything. Must not wait and must not throw; it is also how a
    /// cancelled download ends.
    virtual void abandon(const part_state* keep) noexcept = 0;

    /// The same where waiting is possible: what a download that failed or was cancelled ends with,
    /// before it is reported. abandon() is not called then; it remains for a download whose loop
    /// goes. Must not throw.
    ///
    /// Cancellation — none: it comes behind one.
    [[nodiscard]] virtual awaitable<void> leave(std::optional<part_state> keep)
    {
        abandon(keep ? &*keep : nullptr);
        co_return;
    }

    /// Reads back what was written since the file's start, for the structure check and the digest
    /// of a resumed file; null when that cannot be done. A sink that resumes must give one.
    virtual wire::byte_reader* reader() noexcept { return nullptr; }
    /// Whether reading back blocks on a disk. Then it is done on another thread, while nothing else
    /// is asked of the sink.
    virtual bool reader_blocks() const noexcept { return false; }

    /// The file that the bytes are written to, if they go to a disk: whose room is to be kept
    /// account of. Empty: to no disk, or to none that matters.
    virtual std::string place() const { return {}; }

    /// For errors: a path, or a word such as "memory".
    virtual std::string name() const = 0;
};

} // namespace cokino
