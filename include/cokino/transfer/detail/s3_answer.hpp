// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What a service answered, as plain values, and what that means to a caller. Nothing is decided
// here about what to do next.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/result.hpp>
#include <cokino/transfer/bucket_options.hpp>
#include <cokino/wire/message.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cokino::detail {

/// One answer. Also made from a 200 whose body is an error document, as services send when they
/// began to answer before they knew.
struct s3_answer {
    s3_answer() = default;

    unsigned status = 0;
    std::string code;       ///< "NoSuchKey"; of an answer without a body, the status's usual one.
    std::string message;    ///< The service's words. Not trusted.
    std::string request_id; ///< For the service's support desk.
    std::string region;     ///< The region that it says is the right one.
    std::optional<std::chrono::sys_seconds> date;
    std::optional<std::chrono::milliseconds> retry_after;
    bool said_error = false; ///< The body is an error document.
    std::string body;

    // Of an object or a part.
    std::string etag; ///< With its quotes.
    std::optional<std::uint64_t> length;
    std::string content_type;
    std::string sha256;   ///< x-amz-meta-sha256
    std::string checksum; ///< x-amz-checksum-sha256: in Base64; of parts with "-" and their number.
    std::string upload;   ///< x-amz-meta-cokino-upload

    bool ok() const noexcept { return status >= 200 && status < 300 && !said_error; }
};

/// Reads an answer. `now` only settles the century of dates in the oldest form.
COKINO_DECL s3_answer read_s3_answer(const wire::response& answer, std::chrono::sys_seconds now);

/// What an answer that is not ok means, with the service's code, words and request id.
COKINO_DECL failure s3_failure(const s3_answer& answer);

/// The root's child, such as "UploadId", of a document with this root; answer_malformed else.
COKINO_DECL result<std::string> s3_field(const s3_answer& answer, std::string_view root,
                                         std::string_view name);

struct s3_part {
    s3_part() = default;

    unsigned number = 0;
    std::string etag;
    std::uint64_t bytes = 0;
};

/// ListPartsResult.
struct s3_part_list {
    s3_part_list() = default;

    std::vector<s3_part> parts;
    unsigned next_marker = 0; ///< 0: there are no more.
    std::string initiator;    ///< Who began the upload; may be empty.
};
COKINO_DECL result<s3_part_list> read_part_list(const s3_answer& answer);

struct s3_open_upload {
    s3_open_upload() = default;

    std::string key;
    std::string id;
    std::string initiator; ///< Who began it, as the service names them; may be empty.
    std::optional<std::chrono::sys_seconds> begun;
};

/// ListMultipartUploadsResult.
struct s3_upload_list {
    s3_upload_list() = default;

    std::vector<s3_open_upload> uploads;
    bool more = false;
    std::string next_key;
    std::string next_id;
};
COKINO_DECL result<s3_upload_list> read_upload_list(const s3_answer& answer);

/// "2026-01-02T03:04:05.000Z"
COKINO_DECL std::optional<std::chrono::sys_seconds> parse_iso_time(std::string_view text) noexcept;

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/s3_answer.ipp>
#endif
