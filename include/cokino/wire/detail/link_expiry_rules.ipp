// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The schemes by which links are signed, as a table: how each is recognised, and where it says when
// the link dies. A new scheme is a new row. Read in impl/link_expiry.ipp.
#pragma once

#include <cokino/wire/link_expiry.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cokino::wire::detail {

/// How an instant is written.
enum class expiry_form : unsigned char {
    epoch,      ///< Decimal seconds since 1970.
    epoch_hex,  ///< The same in hexadecimal digits.
    date_span,  ///< "20260102T030405Z", and seconds from then on in another parameter.
    iso,        ///< "2026-01-02", "2026-01-02T03:04Z", "2026-01-02T03:04:05Z".
    key_range,  ///< "start;end" in seconds since 1970.
    tilde_list, ///< "st=1~exp=2~acl=/*~hmac=..."
    dashed,     ///< "seconds-random-user-md5".
    slashed,    ///< "bce-auth-v1/key/2026-01-02T03:04:05Z/seconds/...".
    token,      ///< A JWT, whose payload has "exp".
    policy      ///< CloudFront's own base64 of a JSON policy.
};

struct expiry_rule {
    std::string_view name;
    expiry_form form;
    std::string_view at;             ///< The parameter that holds the instant.
    std::string_view companions;     ///< Must be there: "name&name=value".
    std::string_view temporary = {}; ///< With it, the signer's own life may end first.
    std::string_view more = {};      ///< date_span: the seconds; iso: not before.
    std::string_view host = {};      ///< The link's host ends so.
    expiry_bound bound = expiry_bound::exact;
};

/// A week: what every scheme of the kind "date and span" allows at most.
inline constexpr std::int64_t expiry_span_max = 604'800;
/// A query with more parameters than this is no signed link.
inline constexpr std::size_t expiry_parameters_max = 100;

// Where two rows fit one link, both read it. Sources: the vendors' manuals; the CDN rows from
// samples in public code.
// clang-format off
inline constexpr expiry_rule expiry_rules[] = {
    {"s3-sigv4", expiry_form::date_span, "X-Amz-Date", "X-Amz-Algorithm",
     "X-Amz-Security-Token", "X-Amz-Expires"},
    {"s3-sigv2", expiry_form::epoch, "Expires", "AWSAccessKeyId&Signature", "x-amz-security-token"},
    {"gcs-v4", expiry_form::date_span, "X-Goog-Date", "", "", "X-Goog-Expires"},
    {"gcs-v2", expiry_form::epoch, "Expires", "GoogleAccessId&Signature"},
    {"cloudfront-canned", expiry_form::epoch, "Expires", "Signature&Key-Pair-Id"},
    {"cloudfront-custom", expiry_form::policy, "Policy", "Signature&Key-Pair-Id"},
    {"cloudfront-jwt", expiry_form::token, "_jwt", "", "", "", ".cloudfront.net"},
    {"azure-sas", expiry_form::iso, "se", "sig&sv", "", "st"},
    {"azure-delegation", expiry_form::iso, "ske", "sig&sv&se", "", "skt"},
    {"oss-v1", expiry_form::epoch, "Expires", "OSSAccessKeyId&Signature", "security-token"},
    {"oss-v2", expiry_form::epoch, "x-oss-expires", "x-oss-signature-version=OSS2"},
    {"oss-v4", expiry_form::date_span, "x-oss-date", "x-oss-signature-version=OSS4-HMAC-SHA256",
     "x-oss-security-token", "x-oss-expires"},
    {"tos-v4", expiry_form::date_span, "X-Tos-Date", "X-Tos-Algorithm=TOS4-HMAC-SHA256",
     "X-Tos-Security-Token", "X-Tos-Expires"},
    {"tos-v2", expiry_form::epoch, "x-tos-expires", "x-tos-authkey&x-tos-signature"},
    {"cos-sign", expiry_form::key_range, "q-sign-time", "q-sign-algorithm", "x-cos-security-token"},
    {"cos-key", expiry_form::key_range, "q-key-time", "q-sign-algorithm", "x-cos-security-token"},
    {"obs-v2", expiry_form::epoch, "Expires", "AccessKeyId&Signature", "x-obs-security-token"},
    {"bos-v1", expiry_form::slashed, "authorization", "", "x-bce-security-token"},
    {"kcdn", expiry_form::epoch_hex, "ksTime", "x-kcdn-pid&ksSecret"},
    {"x-expires", expiry_form::epoch, "x-expires", "x-signature"},
    {"akamai-hdnts", expiry_form::tilde_list, "hdnts", ""},
    {"akamai-hdnea", expiry_form::tilde_list, "hdnea", ""},
    {"akamai-hdntl", expiry_form::tilde_list, "hdntl", ""},
    {"cdn-type-a", expiry_form::dashed, "auth_key", "", "", "", "", expiry_bound::lower},
    {"qiniu", expiry_form::epoch, "e", "token"},
    {"bunny", expiry_form::epoch, "expires", "token"},
    {"jwt", expiry_form::token, "token", ""},
};
// clang-format on

} // namespace cokino::wire::detail
