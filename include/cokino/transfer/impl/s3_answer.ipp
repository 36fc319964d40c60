// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/detail/s3_answer.hpp.
#pragma once

#include <cokino/core/http_date.hpp>
#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/policy/retry_after.hpp>
#include <cokino/transfer/detail/s3_answer.hpp>
#include <cokino/transfer/detail/s3_xml.hpp>
#include <cokino/wire/header.hpp>
#include <cokino/wire/redact.hpp>

#include <utility>

namespace cokino::detail {

/// HEAD has no body, and some services send none with other refusals.
inline std::string_view usual_code(unsigned status) noexcept
{
    switch (status) {
    case 301: return "PermanentRedirect";
    case 307: return "TemporaryRedirect";
    case 403: return "AccessDenied";
    case 404: return "NotFound";
    case 412: return "PreconditionFailed";
    case 501: return "NotImplemented";
    case 503: return "ServiceUnavailable";
    default: return {};
    }
}

inline void read_error_document(s3_answer& out)
{
    if (out.status < 300 && out.body.find("<Error") == std::string::npos)
        return;
    const auto all = read_xml(out.body);
    if (!all || all->front().path != "Error")
        return;
    out.said_error = true;
    out.code = clean_text(xml_text(*all, "Error/Code"), 80);
    out.message = xml_text(*all, "Error/Message");
    out.region = clean_text(xml_text(*all, "Error/Region"), 64);
    if (const auto id = xml_text(*all, "Error/RequestId"); !id.empty())
        out.request_id = clean_text(id, 128);
    if (const auto time = parse_iso_time(xml_text(*all, "Error/ServerTime")))
        out.date = time;
}

COKINO_DECL s3_answer read_s3_answer(const wire::response& answer, std::chrono::sys_seconds now)
{
    s3_answer out;
    out.status = answer.status;
    out.etag = answer.field("etag");
    out.length = wire::parse_content_length(answer.field("content-length"));
    out.content_type = answer.field("content-type");
    out.sha256 = answer.field("x-amz-meta-sha256");
    out.checksum = answer.field("x-amz-checksum-sha256");
    out.upload = answer.field("x-amz-meta-cokino-upload");
    out.request_id = clean_text(answer.field("x-amz-request-id"), 128);
    out.date = parse_http_date(answer.field("date"), now);
    policy::hint_reader hints(now);
    answer.for_each_field([&](auto name, auto value) { hints.field(name, value); });
    out.retry_after = hints.delay(answer.status == 429 || answer.status == 503);
    out.body = answer.body();
    read_error_document(out);
    if (out.code.empty())
        out.code = usual_code(out.status);
    if (out.region.empty())
        out.region = clean_text(answer.field("x-amz-bucket-region"), 64);
    return out;
}

struct s3_meaning {
    std::string_view code;
    errc means;
    std::string_view message;
};

// Codes that say more than their status does.
inline constexpr s3_meaning s3_meanings[] = {
    {"AccessDenied", errc::forbidden, "the key may not do this in the bucket"},
    {"AccountProblem", errc::forbidden, {}},
    {"AllAccessDisabled", errc::forbidden, {}},
    {"AuthorizationHeaderMalformed", errc::unauthorised, "the service wants another signature"},
    {"BadDigest", errc::request_rejected, "the bytes arrived changed"},
    {"XAmzContentSHA256Mismatch", errc::request_rejected, "the bytes arrived changed"},
    {"ConditionalRequestConflict", errc::host_fault,
     "another writer was under way with the same key"},
    {"EntityTooLarge", errc::request_rejected, "the service takes no object or part of this size"},
    {"EntityTooSmall", errc::request_rejected, "the service takes no part of this size"},
    {"ExpiredToken", errc::unauthorised, "the key has expired"},
    {"InvalidAccessKeyId", errc::unauthorised, "the service does not know the key's id"},
    {"InvalidToken", errc::unauthorised, "the key's session token is not good"},
    {"NoSuchBucket", errc::not_found, "there is no such bucket"},
    {"NoSuchKey", errc::not_found, "there is no such object"},
    {"NoSuchUpload", errc::not_found, "there is no such upload"},
    {"NotFound", errc::not_found, "there is no such object or bucket"},
    {"PreconditionFailed", errc::object_exists, "another object has this key"},
    {"QuotaExceeded", errc::request_rejected, "the bucket is full"},
    {"RequestTimeTooSkewed", errc::unauthorised, "this machine's clock is wrong"},
    {"SignatureDoesNotMatch", errc::unauthorised, "the secret key is not the one of the key's id"},
    {"SlowDown", errc::rate_limited, "the service asks for fewer requests"},
    {"TooManyRequests", errc::rate_limited, {}},
};

inline errc errc_of_s3_status(unsigned status) noexcept
{
    switch (status) {
    case 401: return errc::unauthorised;
    case 403: return errc::forbidden;
    case 404: return errc::not_found;
    case 412: return errc::object_exists;
    case 429: return errc::rate_limited;
    default: break;
    }
    if (status >= 300 && status < 400)
        return errc::redirect_refused;
    return status >= 500 ? errc::host_fault : errc::request_rejected;
}

COKINO_DECL failure s3_failure(const s3_answer& answer)
{
    failure why(errc_of_s3_status(answer.status), fate::answered);
    if (answer.status < 300)
        why.set(errc::host_fault); // an error document in a 200
    std::string_view message;
    for (const auto& row : s3_meanings) {
        if (row.code == answer.code) {
            why.set(row.means);
            message = row.message;
        }
    }
    if (why == errc::redirect_refused)
        message = "the bucket is at another endpoint: name that one, or the right region";
    auto& facts = why.edit();
    facts.message = message;
    facts.http_status = answer.status;
    facts.host_code = answer.code;
    facts.host_text = wire::redact_text(answer.message, limits::host_text_bytes_max);
    facts.request_id = answer.request_id;
    facts.retry_after = answer.retry_after;
    return why;
}

inline failure odd_answer(const s3_answer& answer, std::string_view root)
{
    failure why(errc::answer_malformed, fate::answered);
    why.explain("the service answered without a good " + std::string(root));
    why.edit().http_status = answer.status;
    why.edit().request_id = answer.request_id;
    return why;
}

COKINO_DECL result<std::string> s3_field(const s3_answer& answer, std::string_view root,
                                         std::string_view name)
{
    const auto all = read_xml(answer.body);
    if (!all || all->front().path != root)
        return odd_answer(answer, root);
    const auto text = xml_text(*all, std::string(root) + "/" + std::string(name));
    if (text.empty() || text.size() > 1024 || !wire::is_field_value(text))
        return odd_answer(answer, root);
    return std::string(text);
}

COKINO_DECL result<s3_part_list> read_part_list(const s3_answer& answer)
{
    constexpr std::string_view root = "ListPartsResult";
    const auto all = read_xml(answer.body);
    if (!all || all->front().path != root)
        return odd_answer(answer, root);
    s3_part_list out;
    bool more = false;
    for (const auto& [path, text] : *all) {
        if (path == "ListPartsResult/Part")
            out.parts.emplace_back();
        else if (path == "ListPartsResult/IsTruncated")
            more = text == "true";
        else if (path == "ListPartsResult/NextPartNumberMarker")
            out.next_marker = parse_integer<unsigned>(text).value_or(0);
        else if (path == "ListPartsResult/Initiator/ID")
            out.initiator = text;
        if (out.parts.empty() || !path.starts_with("ListPartsResult/Part/"))
            continue;
        if (path.ends_with("/PartNumber"))
            out.parts.back().number = parse_integer<unsigned>(text).value_or(0);
        else if (path.ends_with("/ETag"))
            out.parts.back().etag = text;
        else if (path.ends_with("/Size"))
            out.parts.back().bytes = parse_integer<std::uint64_t>(text).value_or(0);
    }
    if (!more)
        out.next_marker = 0;
    return out;
}

COKINO_DECL result<s3_upload_list> read_upload_list(const s3_answer& answer)
{
    constexpr std::string_view root = "ListMultipartUploadsResult";
    const auto all = read_xml(answer.body);
    if (!all || all->front().path != root)
        return odd_answer(answer, root);
    s3_upload_list out;
    for (const auto& [path, text] : *all) {
        const auto name = std::string_view(path).substr(std::min(path.size(), root.size() + 1));
        if (name == "Upload")
            out.uploads.emplace_back();
        else if (name == "IsTruncated")
            out.more = text == "true";
        else if (name == "NextKeyMarker")
            out.next_key = text;
        else if (name == "NextUploadIdMarker")
            out.next_id = text;
        else if (name == "Upload/Key" && !out.uploads.empty())
            out.uploads.back().key = text;
        else if (name == "Upload/UploadId" && !out.uploads.empty())
            out.uploads.back().id = text;
        else if (name == "Upload/Initiated" && !out.uploads.empty())
            out.uploads.back().begun = parse_iso_time(text);
        else if (name == "Upload/Initiator/ID" && !out.uploads.empty())
            out.uploads.back().initiator = text;
    }
    return out;
}

COKINO_DECL std::optional<std::chrono::sys_seconds> parse_iso_time(std::string_view text) noexcept
{
    if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' ||
        text[13] != ':' || text[16] != ':' || text.back() != 'Z')
        return std::nullopt;
    const auto fraction = text.substr(19, text.size() - 20);
    if (!fraction.empty() &&
        (fraction[0] != '.' || !parse_integer<std::uint64_t>(fraction.substr(1))))
        return std::nullopt;
    const auto number = [&](std::size_t at, std::size_t size) {
        return parse_integer<unsigned>(text.substr(at, size)).value_or(99);
    };
    const auto year = parse_integer<int>(text.substr(0, 4));
    const std::chrono::year_month_day day(std::chrono::year(year.value_or(-1)),
                                          std::chrono::month(number(5, 2)),
                                          std::chrono::day(number(8, 2)));
    const auto hour = number(11, 2);
    const auto minute = number(14, 2);
    const auto second = number(17, 2);
    if (!year || *year < 0 || !day.ok() || hour > 23 || minute > 59 || second > 60)
        return std::nullopt;
    return std::chrono::sys_days(day) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
           std::chrono::seconds(second);
}

} // namespace cokino::detail
