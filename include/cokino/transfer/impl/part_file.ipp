// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/detail/part_file.hpp: a part is opened, written and remembered.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/transfer/detail/part_file.hpp>

#include <boost/system/error_code.hpp>

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace cokino::detail {

inline constexpr std::size_t part_state_bytes_max = 4096;

COKINO_DECL int descriptor::reset() noexcept
{
    const int fd = std::exchange(fd_, -1);
    // Never again after EINTR: on Linux the descriptor is gone by then.
    return fd >= 0 && ::close(fd) != 0 && errno != EINTR ? errno : 0;
}

COKINO_DECL descriptor& descriptor::operator=(descriptor&& other) noexcept
{
    if (this != &other) {
        reset();
        fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
}

// ---- failures ---------------------------------------------------------------------------------

COKINO_DECL failure file_failure(int error, std::string_view what, std::string_view path)
{
    const bool full = error == ENOSPC || error == EDQUOT;
    std::string message(what);
    message += ' ';
    message += path;
    if (error != 0) {
        message += ": ";
        message += boost::system::error_code(error, boost::system::generic_category()).message();
    }
    return failure(full ? errc::disk_full : errc::file_failed).explain(std::move(message), "path");
}

COKINO_DECL failure part_file::failed(int error, std::string_view what) const
{
    return file_failure(error, what, path_);
}

COKINO_DECL failure part_file::failed_part(int error, std::string_view what) const
{
    return file_failure(error, what, directory_ + part_name());
}

COKINO_DECL failure part_file::taken() const
{
    return failed(EEXIST, "will not replace").set(errc::file_exists);
}

// ---- opening ----------------------------------------------------------------------------------

COKINO_DECL part_file::~part_file() { close(); }

COKINO_DECL void part_file::close() noexcept
{
    direct_.reset();
    tried_direct_ = false;
    part_.reset(); // gives the lock back
    directory_fd_.reset();
    bytes_ = 0;
    sync_failed_ = false;
    state_inode_ = 0;
}

COKINO_DECL result<void> part_file::open_directory()
{
    const auto slash = path_.rfind('/');
    leaf_ = slash == std::string::npos ? path_ : path_.substr(slash + 1);
    directory_ = slash == std::string::npos ? std::string() : path_.substr(0, slash + 1);
    if (path_.empty() || path_.find('\0') != std::string::npos)
        return invalid("path", "is empty or holds a NUL byte");
    if (leaf_.empty() || leaf_ == "." || leaf_ == "..")
        return invalid("path", path_ + " names a directory, not a file");
    const char* where = directory_.empty() ? "." : directory_.c_str();
    directory_fd_ = descriptor(::open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory_fd_)
        return failed(errno, "cannot open the directory of");
    return {};
}

COKINO_DECL result<void> part_file::check_final_name() const
{
    struct stat found;
    if (::fstatat(directory_fd_.get(), leaf_.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT)
            return {};
        return failed(errno, "cannot look at");
    }
    if (S_ISDIR(found.st_mode))
        return failed(EISDIR, "cannot write");
    if (!overwrite_)
        return taken();
    return {};
}

// False when the part was renamed or removed between opening and locking it: then the lock is on
// somebody else's finished file, and another look is needed.
COKINO_DECL result<bool> part_file::lock_part()
{
    const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    part_ = descriptor(::openat(directory_fd_.get(), part_name().c_str(), flags, 0600));
    if (!part_)
        return errno == ELOOP ? failed_part(0, "will not follow the symbolic link")
                              : failed_part(errno, "cannot create");
    if (::flock(part_.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return failed_part(0, "another download is writing");
        // A file system without locks: then the caller is trusted not to write one file twice.
        if (errno != ENOLCK && errno != EOPNOTSUPP && errno != EINVAL)
            return failed_part(errno, "cannot lock");
    }
    struct stat ours;
    struct stat named;
    if (::fstat(part_.get(), &ours) != 0)
        return failed_part(errno, "cannot look at");
    if (::fstatat(directory_fd_.get(), part_name().c_str(), &named, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    return ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

COKINO_DECL result<void> part_file::check_part()
{
    struct stat found;
    if (::fstat(part_.get(), &found) != 0)
        return failed_part(errno, "cannot look at");
    if (!S_ISREG(found.st_mode))
        return failed_part(0, "not a regular file, so nothing is written to");
    if (found.st_uid != ::geteuid() || found.st_nlink != 1)
        return failed_part(0, "another user's file or another name of some file, so nothing is "
                              "written to");
    bytes_ = static_cast<std::uint64_t>(found.st_size);
    return {};
}

COKINO_DECL result<void> part_file::open_part()
{
    for (int tries = 0; tries != 16; ++tries) {
        const auto locked = lock_part();
        if (!locked)
            return locked.error();
        if (*locked)
            return check_part();
    }
    return failed_part(EBUSY, "cannot lock");
}

// Without a state beside it, a part with bytes in it is somebody else's file.
COKINO_DECL result<part_state> part_file::take_up(const std::string& identity)
{
    part_state none;
    none.identity = identity;
    const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    const descriptor file(::openat(directory_fd_.get(), state_name().c_str(), flags));
    if (!file) {
        if (errno != ENOENT)
            return file_failure(errno, "cannot read", directory_ + state_name());
        if (bytes_ != 0)
            return failed_part(0, "not left by an earlier download, so nothing is written to");
        return none;
    }
    char text[part_state_bytes_max];
    const ssize_t count = ::read(file.get(), text, sizeof text);
    const auto size = count < 0 ? 0 : static_cast<std::size_t>(count);
    auto state = parse_part_state(std::string_view(text, size));
    const bool usable = state && state->identity == identity && state->bytes <= bytes_;
    return usable ? std::move(*state) : none;
}

COKINO_DECL result<void> part_file::look_at_directory() const
{
    const int at = directory_fd_.get();
    if (::faccessat(at, ".", W_OK | X_OK, AT_EACCESS) != 0)
        return failed(errno, "may not write into the directory of");
    struct statvfs disk;
    if (::fstatvfs(at, &disk) == 0 && disk.f_blocks != 0 && disk.f_bavail == 0)
        return failed(ENOSPC, "cannot write");
    // The longest of the names that a download makes.
    struct stat found;
    const auto longest = state_name() + "~";
    if (::fstatat(at, longest.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0 && errno != ENOENT)
        return file_failure(errno, "cannot look at", directory_ + longest);
    return {};
}

COKINO_DECL result<void> part_file::look_at_part()
{
    const int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    part_ = descriptor(::openat(directory_fd_.get(), part_name().c_str(), flags));
    if (!part_) {
        if (errno == ENOENT)
            return {};
        return errno == ELOOP ? failed_part(0, "will not follow the symbolic link")
                              : failed_part(errno, "cannot open");
    }
    if (auto done = check_part(); !done)
        return done;
    const auto held = take_up(std::string());
    return held ? result<void>() : result<void>(held.error());
}

COKINO_DECL result<void> part_file::look()
{
    close();
    auto done = open_directory();
    if (done)
        done = check_final_name();
    if (done)
        done = look_at_directory();
    if (done)
        done = look_at_part();
    close();
    return done;
}

COKINO_DECL result<part_state> part_file::open(std::string identity)
{
    close();
    if (auto done = open_directory(); !done)
        return done.error();
    if (auto done = check_final_name(); !done)
        return done.error();
    if (auto done = open_part(); !done) {
        close();
        return done.error();
    }
    auto held = take_up(identity);
    if (!held) {
        close();
        return held.error();
    }
    state_ = *held;
    // What lies beyond the state was never known to be on the disk.
    if (bytes_ != state_.bytes && ::ftruncate(part_.get(), static_cast<off_t>(state_.bytes)) != 0)
        return failed_part(errno, "cannot shorten");
    bytes_ = state_.bytes;
    // From now on even an empty part has a state beside it, which says whose it is.
    if (auto done = write_state(); !done) {
        if (bytes_ == 0)
            remove_part();
        close();
        return done.error();
    }
    return state_;
}

// ---- writing ----------------------------------------------------------------------------------

COKINO_DECL result<void> part_file::expect(std::uint64_t total) const
{
    struct statvfs disk;
    if (total <= bytes_ || ::fstatvfs(part_.get(), &disk) != 0 || disk.f_frsize == 0)
        return {};
    const auto blocks = static_cast<std::uint64_t>(disk.f_bavail);
    const auto block = static_cast<std::uint64_t>(disk.f_frsize);
    const auto more = total - bytes_;
    if (more / block + (more % block != 0 ? 1 : 0) <= blocks)
        return {};
    return failed_part(ENOSPC, "cannot write " + to_text(more) + " more bytes to");
}

// A second descriptor, so that reads and odd pieces keep to the cache. Where it cannot be had, or
// is not the same file any more, the first serves for all.
COKINO_DECL void part_file::open_direct() noexcept
{
    tried_direct_ = true;
#if defined(O_DIRECT)
    const int flags = O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_DIRECT;
    descriptor file(::openat(directory_fd_.get(), part_name().c_str(), flags));
    struct stat ours;
    struct stat opened;
    if (file && ::fstat(part_.get(), &ours) == 0 && ::fstat(file.get(), &opened) == 0 &&
        ours.st_dev == opened.st_dev && ours.st_ino == opened.st_ino)
        direct_ = std::move(file);
#endif
}

// How much of a piece may go past the cache.
COKINO_DECL std::size_t part_file::direct_share(const void* data, std::size_t size)
{
    const auto whole = size - size % direct_block;
    if (!may_direct_ || whole < direct_bytes_min || bytes_ % direct_block != 0 ||
        reinterpret_cast<std::uintptr_t>(data) % direct_block != 0)
        return 0;
    if (!tried_direct_)
        open_direct();
    return direct_ ? whole : 0;
}

COKINO_DECL result<void> part_file::write(const void* data, std::size_t size)
{
    const auto* at = static_cast<const char*>(data);
    while (size != 0) {
        const auto direct = direct_share(at, size);
        const int file = direct != 0 ? direct_.get() : part_.get();
        const ssize_t count =
            ::pwrite(file, at, direct != 0 ? direct : size, static_cast<off_t>(bytes_));
        if (count < 0 && errno == EINTR)
            continue;
        if (direct != 0 && count < 0 && errno == EINVAL) {
            direct_.reset(); // this file system has other wishes
            continue;
        }
        if (count <= 0)
            return failed_part(count < 0 ? errno : ENOSPC, "cannot write");
        at += count;
        size -= static_cast<std::size_t>(count);
        bytes_ += static_cast<std::uint64_t>(count);
    }
    return {};
}

COKINO_DECL result<void> part_file::read_at(std::uint64_t offset, std::span<unsigned char> to)
{
    while (!to.empty()) {
        const ssize_t count =
            ::pread(part_.get(), to.data(), to.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return failed_part(count < 0 ? errno : EIO, "cannot read back");
        to = to.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
    return {};
}

COKINO_DECL result<void> part_file::restart()
{
    // The state goes first: it must never promise bytes that are not there.
    state_.bytes = bytes_ = 0;
    state_.validator.clear();
    state_.total.reset();
    state_.digest.reset();
    if (auto done = write_state(); !done)
        return done;
    if (::ftruncate(part_.get(), 0) != 0)
        return failed_part(errno, "cannot shorten");
    return {};
}

COKINO_DECL result<void> part_file::remember(part_state state)
{
    if (state.bytes > bytes_)
        return failure(errc::internal_error).explain("a part was to remember more than it holds");
    if (state.bytes != 0 && ::fdatasync(part_.get()) != 0)
        return failed_sync(errno);
    state_ = std::move(state);
    return write_state();
}

// The system tells of lost writes once: the next sync succeeds, and the cache may still show what
// is not on the disk. So nothing beyond the state is believed from here on.
COKINO_DECL failure part_file::failed_sync(int error)
{
    sync_failed_ = true;
    return failed_part(error, "cannot sync");
}

// Written beside and renamed, so that a reader never sees half of it. The file also serves to
// learn what the umask makes of a new file, without touching the process's umask.
COKINO_DECL result<void> part_file::write_state()
{
    const int at = directory_fd_.get();
    const auto name = state_name();
    const auto fresh = name + "~";
    const auto bad = [&](int error) {
        ::unlinkat(at, fresh.c_str(), 0);
        return file_failure(error, "cannot write", directory_ + name);
    };
    ::unlinkat(at, fresh.c_str(), 0);
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    descriptor file(::openat(at, fresh.c_str(), flags, 0666));
    struct stat made;
    if (!file || ::fstat(file.get(), &made) != 0 || ::fchmod(file.get(), 0600) != 0)
        return bad(errno);
    mode_ = made.st_mode & 0777;
    const auto text = part_state_text(state_);
    ssize_t count = -1;
    do
        count = ::write(file.get(), text.data(), text.size());
    while (count < 0 && errno == EINTR);
    if (count < 0 || static_cast<std::size_t>(count) != text.size())
        return bad(count < 0 ? errno : ENOSPC);
    if (const int error = file.reset())
        return bad(error);
    if (::renameat(at, fresh.c_str(), at, name.c_str()) != 0)
        return bad(errno);
    state_inode_ = made.st_ino;
    return {};
}

} // namespace cokino::detail
