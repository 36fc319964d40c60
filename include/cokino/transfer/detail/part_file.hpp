// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The files behind a file_sink: the part, its state beside it, the lock, and the step to the final
// name. Plain blocking POSIX calls; all names are taken relative to a directory that is held open,
// so that nobody can move the ground away in between.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/result.hpp>
#include <cokino/transfer/sink.hpp>
#include <cokino/wire/mp4_probe.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <sys/types.h>

namespace cokino::detail {

/// A file descriptor that is closed when it goes.
class descriptor
{
public:
    descriptor() = default;
    explicit descriptor(int fd) noexcept : fd_(fd) {}
    descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    descriptor& operator=(descriptor&& other) noexcept;
    ~descriptor() { reset(); }

    int get() const noexcept { return fd_; }
    explicit operator bool() const noexcept { return fd_ >= 0; }
    /// 0, or errno of the close.
    int reset() noexcept;

private:
    int fd_ = -1;
};

/// A state as the text beside the part, and back. Lines of "name value"; names that this version
/// does not know are skipped, so that a new one needs no new title. Nothing when the text was cut
/// or is not of this kind.
COKINO_DECL std::string part_state_text(const part_state& state);
COKINO_DECL std::optional<part_state> parse_part_state(std::string_view text);

/// errno as a failure that names the path: disk_full for ENOSPC and EDQUOT, else file_failed.
COKINO_DECL failure file_failure(int error, std::string_view what, std::string_view path);

class part_file final : public wire::byte_reader
{
public:
    /// What O_DIRECT wants of addresses, offsets and sizes: no disk has larger blocks.
    static constexpr std::size_t direct_block = 4096;
    /// Less than this is not worth a wait for the disk.
    static constexpr std::size_t direct_bytes_min = 128 * 1024;

    part_file(std::string path, bool overwrite, bool direct = true) noexcept
        : path_(std::move(path)), overwrite_(overwrite), may_direct_(direct)
    {}
    part_file(const part_file&) = delete;
    part_file& operator=(const part_file&) = delete;
    COKINO_DECL ~part_file() override;

    const std::string& path() const noexcept { return path_; }

    /// Whether open() could succeed: looks, and leaves everything as it is. Takes no lock, so that
    /// a download that is writing here is neither noticed nor disturbed.
    result<void> look();
    result<part_state> open(std::string identity);
    result<void> expect(std::uint64_t total) const;
    /// Past the system's cache where that is allowed and can be: where the file's end and the data
    /// stand at multiples of direct_block.
    result<void> write(const void* data, std::size_t size);
    result<void> restart();
    /// Syncs the data, then writes the state.
    result<void> remember(part_state state);
    result<void> commit();
    void abandon(const part_state* keep) noexcept;

    std::uint64_t size() const noexcept override { return bytes_; }
    COKINO_DECL result<void> read_at(std::uint64_t offset, std::span<unsigned char> to) override;

private:
    std::string part_name() const { return leaf_ + ".part"; }
    std::string state_name() const { return leaf_ + ".part.state"; }
    failure failed(int error, std::string_view what) const;
    failure failed_part(int error, std::string_view what) const;
    failure failed_sync(int error);
    failure taken() const;
    result<void> open_directory();
    result<void> check_final_name() const;
    result<void> look_at_directory() const;
    result<void> look_at_part();
    result<void> open_part();
    result<bool> lock_part();
    result<void> check_part();
    std::size_t direct_share(const void* data, std::size_t size);
    void open_direct() noexcept;
    result<part_state> take_up(const std::string& identity);
    result<void> write_state();
    result<void> give_name();
    void remove_part() noexcept;
    void remove_state() noexcept;
    void keep_part(part_state state) noexcept;
    void close() noexcept;

    std::string path_;
    std::string directory_; // as part of path_, with its slash; may be empty
    std::string leaf_;
    descriptor directory_fd_;
    descriptor part_;
    descriptor direct_; // the same file, for writes past the cache
    part_state state_;
    std::uint64_t bytes_ = 0;
    mode_t mode_ = 0600;    // what the umask makes of 0666; learnt from the state file
    ino_t state_inode_ = 0; // of the state as this wrote it; 0: not yet
    bool overwrite_;
    bool may_direct_;           // as the caller says
    bool tried_direct_ = false; // on this open()
    bool sync_failed_ = false;  // so too
};

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/part_file.ipp>
#include <cokino/transfer/impl/part_file_end.ipp>
#include <cokino/transfer/impl/part_state_text.ipp>
#endif
