// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A download into memory, under a cap.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/limits.hpp>
#include <cokino/transfer/sink.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace cokino {

/// Keeps the file in one string. After a failed download it holds the part, so that a second
/// download into the same object goes on from there.
class memory_sink final : public sink
{
public:
    explicit memory_sink(std::size_t bytes_max = limits::memory_sink_bytes_max)
        : bytes_max_(bytes_max), reader_(*this)
    {}
    memory_sink(const memory_sink&) = delete;
    memory_sink& operator=(const memory_sink&) = delete;

    /// Whether a download has ended well: bytes() is a whole file.
    bool whole() const noexcept { return whole_; }
    /// The whole file; empty before that.
    std::string_view bytes() const noexcept { return whole_ ? bytes_ : std::string_view(); }
    /// Moves the whole file out; empty before that.
    std::string take();

    [[nodiscard]] COKINO_DECL awaitable<result<part_state>> open(std::string identity) override;
    COKINO_DECL result<void> expect(std::uint64_t total) override;
    [[nodiscard]] COKINO_DECL awaitable<result<void>> write(asio::const_buffer bytes) override;
    [[nodiscard]] COKINO_DECL awaitable<result<void>> restart() override;
    [[nodiscard]] COKINO_DECL awaitable<result<void>> remember(part_state state) override;
    [[nodiscard]] COKINO_DECL awaitable<result<void>> commit() override;
    COKINO_DECL void abandon(const part_state* keep) noexcept override;
    wire::byte_reader* reader() noexcept override { return &reader_; }
    std::string name() const override { return "memory"; }

private:
    class own_reader final : public wire::byte_reader
    {
    public:
        explicit own_reader(const memory_sink& owner) noexcept : owner_(owner) {}
        std::uint64_t size() const noexcept override { return owner_.bytes_.size(); }
        COKINO_DECL result<void> read_at(std::uint64_t offset,
                                         std::span<unsigned char> to) override;

    private:
        const memory_sink& owner_;
    };

    result<void> append(asio::const_buffer bytes);
    failure full() const;

    std::size_t bytes_max_;
    std::string bytes_;
    part_state state_;
    own_reader reader_;
    bool whole_ = false;
};

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/memory_sink.ipp>
#endif
