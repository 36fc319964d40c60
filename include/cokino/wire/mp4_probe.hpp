// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Whether a file is a whole MP4 with a video track, by its boxes (ISO/IEC 14496-12), and what it
// says of its length and size. Nothing is decoded: the pictures may still be anything.
#pragma once

#include <cokino/core/result.hpp>

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

namespace cokino::wire {

/// Bytes that can be read anywhere: a file, or a piece of memory.
class byte_reader
{
public:
    virtual ~byte_reader() = default;
    virtual std::uint64_t size() const noexcept = 0;
    /// Fills `to` from `offset` on, wholly or not at all. Only asked for what lies inside size().
    virtual result<void> read_at(std::uint64_t offset, std::span<unsigned char> to) = 0;
};

/// Reads from memory that outlives it.
class memory_reader final : public byte_reader
{
public:
    explicit memory_reader(std::string_view bytes) noexcept : bytes_(bytes) {}
    std::uint64_t size() const noexcept override { return bytes_.size(); }
    COKINO_DECL result<void> read_at(std::uint64_t offset, std::span<unsigned char> to) override;

private:
    std::string_view bytes_;
};

struct mp4_info {
    std::chrono::milliseconds duration{0}; ///< Zero when the file does not say (fragmented files).
    /// Of the first video track, as it is to be shown: the track header's (tkhd), in which pixels
    /// that are no squares are made so, and turned by a quarter where its matrix says it. A header
    /// may say any size, whatever the pictures are.
    unsigned width = 0;
    unsigned height = 0;
    /// Of the same track's pictures as they are coded: of the first sample entry, which every video
    /// codec begins alike (VisualSampleEntry, ISO/IEC 14496-12 clause 12.1.3). Not turned.
    unsigned coded_width = 0;
    unsigned coded_height = 0;
    bool fragmented = false;
    bool moov_first = false; ///< Playback can begin before all of it has come.
};

/// Walks the boxes: a few reads of some bytes each, whatever the file's size.
///
/// Failures — content_mismatch with a sentence that says what is missing, cut or absurd; whatever
///   the reader fails with.
COKINO_DECL result<mp4_info> probe_mp4(byte_reader& file);

} // namespace cokino::wire

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/wire/impl/mp4_probe.ipp>
#endif
