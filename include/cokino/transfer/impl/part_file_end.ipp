// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The other bodies of transfer/detail/part_file.hpp: a part gets its name, or is kept or removed.
#pragma once

#include <cokino/transfer/detail/part_file.hpp>

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cokino::detail {

COKINO_DECL result<void> part_file::give_name()
{
    const int at = directory_fd_.get();
    const auto part = part_name();
    if (overwrite_)
        return ::renameat(at, part.c_str(), at, leaf_.c_str()) == 0
                   ? result<void>()
                   : failed(errno, "cannot give its name to");
#if defined(RENAME_NOREPLACE)
    if (::renameat2(at, part.c_str(), at, leaf_.c_str(), RENAME_NOREPLACE) == 0)
        return {};
    if (errno != EINVAL && errno != ENOSYS)
        return errno == EEXIST ? taken() : failed(errno, "cannot give its name to");
#endif
    // A second name for the file, which like the call above never replaces anything.
    if (::linkat(at, part.c_str(), at, leaf_.c_str(), 0) != 0)
        return errno == EEXIST ? taken() : failed(errno, "cannot give its name to");
    ::unlinkat(at, part.c_str(), 0);
    return {};
}

COKINO_DECL result<void> part_file::commit()
{
    // Bytes first, then the name: after a crash there is a whole file or none.
    if (::fsync(part_.get()) != 0)
        return failed_sync(errno);
    if (::fchmod(part_.get(), mode_) != 0)
        return failed_part(errno, "cannot set the mode of");
    if (auto done = give_name(); !done)
        return done;
    remove_state();
    const int synced = ::fsync(directory_fd_.get()) == 0 ? 0 : errno;
    const int closed = part_.reset();
    close();
    // EINVAL and the like: a file system that cannot sync directories.
    if (synced == EIO || synced == ENOSPC)
        return failed(synced, "the file is whole, but its name may be lost in a crash:");
    if (closed == EIO || closed == ENOSPC)
        return failed(closed, "the disk reported an error when closing");
    return {};
}

COKINO_DECL void part_file::remove_part() noexcept
{
    // The part first: a part without a state would pass for somebody else's.
    ::unlinkat(directory_fd_.get(), part_name().c_str(), 0);
    remove_state();
}

// The part has lost its name by now, so another process may have begun one of its own.
COKINO_DECL void part_file::remove_state() noexcept
{
    const int at = directory_fd_.get();
    const auto name = state_name();
    struct stat found;
    const bool others = state_inode_ != 0 &&
                        ::fstatat(at, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0 &&
                        found.st_ino != state_inode_;
    if (!others)
        ::unlinkat(at, name.c_str(), 0);
}

COKINO_DECL void part_file::abandon(const part_state* keep) noexcept
{
    if (!part_)
        return;
    const bool worth = keep && (sync_failed_ ? state_.bytes : keep->bytes) != 0;
    if (!worth)
        remove_part();
    else if (!sync_failed_) // else the state that stands there holds
        keep_part(*keep);
    close();
}

// On a full disk there is no room for the state either, and without it the whole part would be
// lost. So the part gives up some of its end, more each time, until the state fits. If nothing
// helps, the state before it holds.
COKINO_DECL void part_file::keep_part(part_state state) noexcept
{
    auto kept = remember(state);
    for (std::uint64_t less = 64 * 1024; !kept && kept.error() == errc::disk_full; less *= 4) {
        if (sync_failed_ || less >= state.bytes || less > 4 * 1024 * 1024)
            return;
        state.bytes -= less;
        if (::ftruncate(part_.get(), static_cast<off_t>(state.bytes)) != 0)
            return;
        bytes_ = state.bytes;
        kept = remember(state);
    }
}

} // namespace cokino::detail
