// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// How much room a disk has. A door of its own, so that tests need no full disk, and so that a
// program that knows better (a quota, a volume that grows) can say so.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/result.hpp>

#include <cstdint>
#include <string>

namespace cokino {

/// The room where a file stands.
struct disk_room {
    std::uint64_t disk = 0;       ///< Which file system; files of one share its room.
    std::uint64_t free_bytes = 0; ///< That this user may still write.
    std::uint64_t held_bytes = 0; ///< Length of what stands at the path already.
};

class disk_gauge
{
public:
    /// Looks at the file system that holds `path`, or would hold it. Must not wait for anything.
    ///
    /// Failures — file_failed: the directory is not there, or does not say. Then nothing is
    ///   reserved, and the download finds out by itself.
    [[nodiscard]] virtual result<disk_room> room_at(const std::string& path) = 0;

protected:
    ~disk_gauge() = default;
};

/// Asks the system: one stat of the file, one stat and one statvfs of its directory.
class system_disk_gauge final : public disk_gauge
{
public:
    [[nodiscard]] COKINO_DECL result<disk_room> room_at(const std::string& path) override;
};

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/disk_gauge.ipp>
#endif
