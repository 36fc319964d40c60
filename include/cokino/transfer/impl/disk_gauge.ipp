// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The system's answer to transfer/disk_gauge.hpp.
#pragma once

#include <cokino/transfer/detail/part_file.hpp>
#include <cokino/transfer/disk_gauge.hpp>

#include <cerrno>
#include <limits>

#include <sys/stat.h>
#include <sys/statvfs.h>

namespace cokino {

COKINO_DECL result<disk_room> system_disk_gauge::room_at(const std::string& path)
{
    const auto slash = path.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    struct stat found;
    struct statvfs disk;
    if (::stat(directory.c_str(), &found) != 0 || ::statvfs(directory.c_str(), &disk) != 0)
        return detail::file_failure(errno, "cannot look at the disk of", path);
    const auto blocks = static_cast<std::uint64_t>(disk.f_bavail);
    const auto block = static_cast<std::uint64_t>(disk.f_frsize);
    disk_room room;
    room.disk = static_cast<std::uint64_t>(found.st_dev);
    const auto most = (std::numeric_limits<std::uint64_t>::max)();
    // No size at all is what file systems say that do not know: then they are taken as endless.
    if (block == 0 || disk.f_blocks == 0 || blocks > most / block)
        room.free_bytes = most;
    else
        room.free_bytes = blocks * block;
    if (::stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode))
        room.held_bytes = static_cast<std::uint64_t>(found.st_size);
    return room;
}

} // namespace cokino
