// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/detail/range_answers.hpp.
#pragma once

#include <cokino/core/diagnostics.hpp>
#include <cokino/core/text.hpp>
#include <cokino/transfer/detail/range_answers.hpp>

#include <string_view>

namespace cokino::detail {

COKINO_DECL bool is_worth_another_try(const failure& why) noexcept
{
    const auto code = errc_of(why.code());
    if (!code)
        return true; // a socket's own error, say
    switch (*code) {
    case errc::resolve_failed:
    case errc::connect_failed:
    case errc::tls_failed:
    case errc::proxy_refused:
    case errc::connection_lost:
    case errc::phase_timed_out:
    case errc::response_malformed:
    case errc::body_truncated:
    case errc::rate_limited:
    case errc::host_fault: return true;
    default: return false;
    }
}

COKINO_DECL failure packed(const range_head& head)
{
    failure why(errc::content_mismatch);
    why.explain("the host compressed the file, though it was asked not to");
    why.edit().host_text = clean_text("Content-Encoding: " + head.encoding, 80);
    return why;
}

// What error pages come as.
inline bool is_page_type(std::string_view type) noexcept
{
    return type == "text/html" || type == "application/json" || type == "text/plain" ||
           type == "application/xml" || type == "text/xml";
}

COKINO_DECL const char* objection_to_part(const range_head& head, std::uint64_t offset,
                                          const file_version& of)
{
    if (!head.range || head.range->unsatisfied || head.media_type == "multipart/byteranges")
        return "the host does not say which part of the file it sends";
    if (head.range->first != offset)
        return "the host sent another part of the file than was asked for";
    if (head.range->total && of.total && *head.range->total != *of.total)
        return "the file's length changed at the host";
    if (!head.etag.empty() && !of.etag.empty() && head.etag != of.etag)
        return "the file's version changed at the host";
    if (!head.modified.empty() && !of.modified.empty() && head.modified != of.modified)
        return "the file's date changed at the host"; // which did not look at If-Range
    if (head.digest && of.digest && head.digest->kind == of.digest->kind &&
        *head.digest != *of.digest)
        return "the file's digest changed at the host";
    if (head.length && *head.length != head.range->size())
        return "the host's lengths contradict each other";
    if (is_page_type(head.media_type) && head.media_type != of.media_type)
        return "the host sent a page in place of the rest of the file";
    return nullptr;
}

COKINO_DECL refusal refusal_of(const range_head& head)
{
    const unsigned status = head.status;
    refusal out;
    failure& why = out.why;
    why.set(errc::request_rejected);
    out.passing = status == 408 || status == 421 || status == 425 || status == 429 ||
                  (status >= 500 && status != 501 && status != 505);
    if (status == 429)
        why.set(errc::rate_limited);
    else if (status >= 500)
        why.set(errc::host_fault);
    else if (out.passing)
        why.set(errc::connection_lost);
    else if (status == 407)
        why.set(errc::proxy_refused);
    else if (status < 400)
        why.set(errc::content_mismatch).explain("the host answered without a file");
    why.edit().http_status = status;
    why.edit().retry_after = head.retry_after;
    out.hint = head.retry_after.value_or(std::chrono::milliseconds{0});
    return out;
}

} // namespace cokino::detail
