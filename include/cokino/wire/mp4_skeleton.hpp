// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What probe_mp4 needs of a file that passes by and cannot be read again, as on its way into a
// bucket: the headers of its boxes and the whole moov box. The pictures, which are nearly all of
// it, are let go.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/limits.hpp>
#include <cokino/wire/mp4_probe.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cokino::wire {

/// Takes a file's bytes in order and keeps those few. Any file may be fed to it; of one that is no
/// MP4 it keeps its first and last bytes.
class mp4_skeleton final : public byte_reader
{
public:
    explicit mp4_skeleton(std::size_t moov_bytes_max = limits::moov_bytes_max)
        : moov_bytes_max_(moov_bytes_max)
    {}

    COKINO_DECL void append(std::string_view bytes);
    /// Forgets all; the next bytes are a file's first ones.
    COKINO_DECL void reset();

    /// How much has passed.
    std::uint64_t size() const noexcept override { return size_; }
    /// Gives what was kept: the first bytes of each box, the moov box, the file's last 64 bytes.
    ///
    /// Failures — content_mismatch for all else, which probe_mp4 asks for only where a moov box is
    ///   larger than the limit.
    COKINO_DECL result<void> read_at(std::uint64_t offset, std::span<unsigned char> to) override;

    std::size_t bytes_kept() const noexcept { return kept_.size() + tail_.size(); }

private:
    static constexpr std::size_t header_bytes = 16;
    static constexpr std::size_t tail_bytes = 64;
    /// One more than probe_mp4 looks at.
    static constexpr std::size_t boxes_max = 20'001;

    struct run {
        std::uint64_t at; // in the file
        std::size_t from; // in kept_
        std::size_t size;
    };

    void keep(std::string_view bytes);
    void keep_tail(std::string_view bytes);
    bool next_box();

    std::size_t moov_bytes_max_;
    std::string kept_;
    std::vector<run> runs_; // by their place in the file
    std::string tail_;
    std::uint64_t size_ = 0;
    std::uint64_t box_ = 0;                // where the box begins whose header comes next
    std::uint64_t keep_to_ = header_bytes; // what comes before this is kept
    std::size_t boxes_ = 0;
    bool lost_ = false; // what comes is no box, or too many of them
};

} // namespace cokino::wire

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/wire/impl/mp4_skeleton.ipp>
#endif
