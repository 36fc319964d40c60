// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A download into a file that appears under its name only when it is whole. Until then the bytes
// stand in NAME.part and what is known of them in NAME.part.state, in the same directory, so that
// another process can go on. POSIX only.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/transfer/detail/part_file.hpp>
#include <cokino/transfer/sink.hpp>

#include <string>

namespace cokino {

struct file_sink_options {
    /// Whether a file that already has the name is replaced.
    bool overwrite = false;
};

/// One file. The name is the caller's; none that a host sends is ever used.
class file_sink final : public sink
{
public:
    explicit file_sink(std::string path, file_sink_options options = {})
        : file_(std::move(path), options.overwrite)
    {}

    [[nodiscard]] COKINO_DECL awaitable<result<part_state>> open(std::string identity) override;
    result<void> expect(std::uint64_t total) override { return file_.expect(total); }
    [[nodiscard]] COKINO_DECL awaitable<result<void>> write(asio::const_buffer bytes) override;
    [[nodiscard]] COKINO_DECL awaitable<result<void>> restart() override;
    [[nodiscard]] COKINO_DECL awaitable<result<void>> remember(part_state state) override;
    [[nodiscard]] COKINO_DECL awaitable<result<void>> commit() override;
    void abandon(const part_state* keep) noexcept override { file_.abandon(keep); }
    wire::byte_reader* reader() noexcept override { return &file_; }
    std::string place() const override { return file_.path() + ".part"; }
    std::string name() const override { return file_.path(); }

private:
    detail::part_file file_;
};

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/file_sink.ipp>
#endif
