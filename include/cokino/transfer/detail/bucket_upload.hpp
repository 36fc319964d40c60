// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// One object on its way into a bucket: bytes in, parts out, and in the end the object or nothing.
// Does what placing_fsm decides. Shared by whoever fills it, by its parts on their way, and by the
// tidying that may outlive both.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/async/semaphore.hpp>
#include <cokino/async/task_scope.hpp>
#include <cokino/core/config.hpp>
#include <cokino/transfer/detail/bucket_core.hpp>
#include <cokino/transfer/detail/orphan_uploads.hpp>
#include <cokino/wire/signature.hpp>

#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cokino::detail {

class bucket_upload
{
public:
    using pointer = std::shared_ptr<bucket_upload>;

    /// `sha256` of the whole, in hexadecimal digits, if it is known beforehand.
    COKINO_DECL bucket_upload(std::shared_ptr<bucket_core> core, std::string key,
                              object_options options, std::string operation,
                              std::string sha256 = {});
    bucket_upload(const bucket_upload&) = delete;
    bucket_upload& operator=(const bucket_upload&) = delete;

    /// How many bytes will come, if that is known. Before the first write.
    COKINO_DECL result<void> expect(std::uint64_t total);

    /// Takes bytes. Waits while as many parts as are allowed are on their way.
    ///
    /// Lifetimes — the buffer lives until the awaitable completes.
    /// Failures — that of any part so far; sink_full.
    [[nodiscard]] static awaitable<result<void>> write(pointer self, asio::const_buffer bytes);

    /// All bytes were written: makes the object of them.
    [[nodiscard]] static awaitable<result<object_info>> finish(pointer self);

    /// In the place of writes and finish: all of it at once, in one request.
    [[nodiscard]] static awaitable<result<object_info>> put_whole(pointer self, std::string bytes);

    /// Nobody wants it any more: ends what is under way, and removes the parts in the background,
    /// within limits::upload_tidy_max.
    COKINO_DECL static void give_up(pointer self) noexcept;

    const std::string& key() const noexcept { return key_; }

private:
    struct sent_part {
        sent_part() = default;

        std::string etag;
        std::string sha256; // 32 bytes
        std::uint64_t bytes = 0;
    };

    static awaitable<result<void>> begin(pointer self);
    static awaitable<result<void>> launch(pointer self);
    static awaitable<void> send_part(pointer self, unsigned number, std::string bytes,
                                     std::string digest, permit slot);
    static awaitable<result<void>> all_sent(pointer self);
    static awaitable<result<object_info>> place(pointer self);
    static awaitable<placing_action> one_try(pointer self, bool conditional);
    static awaitable<placing_action> look(pointer self);
    static awaitable<placing_action> list(pointer self);
    static awaitable<void> tidy(pointer self);
    void take_id(std::string id);
    std::string give_id();
    void look_for_orphans() noexcept;

    s3_request request(wire::method verb) const;
    void describe(s3_request& r) const;
    std::string completion() const;
    std::string etag_of_parts() const;
    std::string checksum_of_parts() const;
    bool is_same(const s3_answer& found) const;
    void note(failure why);

    std::shared_ptr<bucket_core> core_;
    std::string key_;
    object_options options_;
    std::string operation_;
    std::string sha256_;
    std::string mark_; // names this upload among the object's metadata
    std::size_t part_bytes_;
    std::optional<std::uint64_t> expected_;

    std::string filling_;
    wire::sha256 digest_; // of what fills
    std::vector<std::string> spare_;
    std::uint64_t bytes_ = 0;

    std::string id_;                 // of the upload in parts; empty before there is one
    std::vector<doubtful_try> lost_; // tries to begin one that may have begun another
    std::vector<sent_part> parts_;
    std::optional<failure> failed_;
    semaphore slots_;
    task_scope sending_;

    std::optional<placing_fsm> fsm_;
    std::string body_; // of the last request
    std::string body_digest_;
    object_info stored_;
};

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/bucket_placing.ipp>
#include <cokino/transfer/impl/bucket_upload.ipp>
#endif
