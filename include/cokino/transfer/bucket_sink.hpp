// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A download straight into a bucket: the bytes pass through memory a part at a time and are never
// on a disk, and the object appears under its key when all of them have been checked.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/transfer/bucket.hpp>
#include <cokino/transfer/sink.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace cokino {

namespace detail {
class bucket_upload;
}

/// One object.
///
/// A file of one part or less is stored by a single request with its SHA-256; a longer one in
/// parts, each with its own, which the service puts together at commit(). The object then bears no
/// SHA-256 of the whole: metadata are fixed when an upload begins, and the digest is not known
/// until the last part has gone. It is in download_report::sha256; bucket::put_file, which reads a
/// file before it sends it, writes it to the object. An object that is there already counts as the
/// same if it has the same length and was put together of the same parts, of the same size: by the
/// MD5s in ETags, or by bucket_options::checksums. What was begun and not committed is removed
/// again, in the background and within bounds (bucket::settle waits for it); nothing of it can be
/// taken up by a later download. An upload in parts whose beginning the service did not confirm is
/// removed only where it certainly is ours: see bucket_options::sole_writer. Else it stays, empty,
/// until abort_stale_uploads, and the observer is warned.
///
/// Lifetimes — the bucket outlives the sink.
/// Cost — bucket_options::parts_in_flight + 1 parts of memory.
class bucket_sink final : public sink
{
public:
    explicit bucket_sink(bucket& into, std::string key, object_options options = object_options());
    bucket_sink(const bucket_sink&) = delete;
    bucket_sink& operator=(const bucket_sink&) = delete;
    COKINO_DECL ~bucket_sink() override;

    /// What was stored, once the download has ended well.
    const object_info& stored() const noexcept { return stored_; }

    [[nodiscard]] COKINO_DECL awaitable<result<part_state>> open(std::string identity) override;
    COKINO_DECL result<void> expect(std::uint64_t total) override;
    [[nodiscard]] COKINO_DECL awaitable<result<void>> write(asio::const_buffer bytes) override;
    [[nodiscard]] COKINO_DECL awaitable<result<void>> restart() override;
    [[nodiscard]] COKINO_DECL awaitable<result<void>> remember(part_state state) override;
    [[nodiscard]] COKINO_DECL awaitable<result<void>> commit() override;
    COKINO_DECL void abandon(const part_state* keep) noexcept override;
    /// "bucket NAME, KEY"
    COKINO_DECL std::string name() const override;

private:
    std::shared_ptr<detail::bucket_core> core_;
    std::shared_ptr<detail::bucket_upload> upload_;
    std::string key_;
    object_options options_;
    object_info stored_;
};

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/bucket_sink.ipp>
#endif
