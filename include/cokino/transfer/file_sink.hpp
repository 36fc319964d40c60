// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A download into a file that appears under its name only when it is whole. Until then the bytes
// stand in NAME.part and what is known of them in NAME.part.state, in the same directory, so that
// another process can go on. POSIX only.
#pragma once

#include <cokino/async/offload.hpp>
#include <cokino/core/config.hpp>
#include <cokino/transfer/detail/part_file.hpp>
#include <cokino/transfer/sink.hpp>

#include <functional>
#include <optional>
#include <string>

namespace cokino {

struct file_sink_options {
    /// Whether a file that already has the name is replaced.
    bool overwrite = false;
    /// Whether large pieces go to the disk past the system's cache (O_DIRECT), where the file
    /// system can: see download_options::direct.
    bool direct = true;
};

/// One file. Its disk is waited for on another thread (async/offload.hpp), never on the loop.
/// The name is the caller's; none that a host sends is ever used.
class file_sink final : public sink
{
public:
    explicit file_sink(std::string path, file_sink_options options = {})
        : file_(std::move(path), options.overwrite, options.direct)
    {}

    [[nodiscard]] COKINO_DECL awaitable<result<part_state>> open(std::string identity) override;
    result<void> expect(std::uint64_t total) override { return file_.expect(total); }
    [[nodiscard]] COKINO_DECL awaitable<result<void>> write(asio::const_buffer bytes) override;
    [[nodiscard]] COKINO_DECL awaitable<result<void>> write_and(asio::const_buffer bytes,
                                                                const std::function<void()>& work,
                                                                offload_guard& guard) override;
    [[nodiscard]] COKINO_DECL awaitable<result<void>> restart() override;
    [[nodiscard]] COKINO_DECL awaitable<result<void>> remember(part_state state) override;
    [[nodiscard]] COKINO_DECL awaitable<result<void>> commit() override;
    void abandon(const part_state* keep) noexcept override
    {
        guard_.settle();
        file_.abandon(keep);
    }
    [[nodiscard]] COKINO_DECL awaitable<void> leave(std::optional<part_state> keep) override;
    wire::byte_reader* reader() noexcept override { return &file_; }
    bool reader_blocks() const noexcept override { return true; }
    std::string place() const override { return file_.path() + ".part"; }
    std::string name() const override { return file_.path(); }

private:
    detail::part_file file_;
    offload_guard guard_;
};

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/file_sink.ipp>
#endif
