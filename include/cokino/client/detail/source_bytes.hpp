// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bytes of a start frame or clip: read from its file beside the loop, since to read and digest
// fifty megabytes takes a fifth of a second.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/core/config.hpp>
#include <cokino/core/result.hpp>

#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

namespace cokino::detail {

/// A file of at most so many bytes, read piece by piece. Blocks; knows nothing of a loop.
class source_file
{
public:
    /// So much is read at once: what is cancelled ends between two pieces.
    static constexpr std::size_t piece_bytes = std::size_t{8} * 1024 * 1024;

    source_file(std::string path, std::string field, std::size_t bytes_max)
        : path_(std::move(path)), field_(std::move(field)), bytes_max_(bytes_max)
    {}

    /// Opens the file, or reads the next piece; false when all of it is here.
    ///
    /// Failures — invalid_argument, naming field and path.
    COKINO_DECL result<bool> read_on();
    /// The whole file, once.
    std::shared_ptr<const std::string> take() noexcept { return std::move(bytes_); }

private:
    result<void> open();
    failure unreadable(const std::string& why) const;

    std::string path_, field_;
    std::size_t bytes_max_;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> in_{nullptr, &std::fclose};
    std::shared_ptr<std::string> bytes_;
    std::size_t have_ = 0;
};

/// The bytes that a source holds, or those of its file. `field` is the request's.
///
/// Failures — invalid_argument: the file cannot be read, or is larger than bytes_max.
/// Cancellation — between two pieces.
[[nodiscard]] COKINO_DECL awaitable<result<std::shared_ptr<const std::string>>> read_source(
    std::string path, std::shared_ptr<const std::string> bytes, std::string field,
    std::size_t bytes_max);

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/client/impl/source_bytes.ipp>
#endif
