// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// AWS Signature Version 4, with which requests to S3-compatible buckets are signed: in a header, or
// in the query of a link that another may use. Pure functions of what is signed, the key and the
// time. The steps bear the names of AWS's documentation, and the texts in between can be had, since
// a wrong signature is found by comparing those.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/result.hpp>
#include <cokino/core/secret.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace cokino::wire {

/// What stands for the digest of a body that is not signed. Over TLS only: nothing else protects
/// the bytes then.
inline constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";

/// A key. The id is no secret; the token comes with keys that expire, and is as good as a key.
struct sigv4_key {
    sigv4_key() = default;

    std::string id;
    secret key;
    secret token;
};

/// What a signature is good for, beside the request itself.
struct sigv4_scope {
    sigv4_scope() = default;

    std::chrono::sys_seconds at; ///< Servers take what is within 15 minutes of their own clock.
    std::string region;
    std::string service = "s3";

    /// "20130524T000000Z"
    std::string time_text() const;
    /// "20130524/us-east-1/s3/aws4_request"
    std::string text() const;
};

/// Where services differ.
struct sigv4_rules {
    /// Dot segments and double slashes are removed from the path. Never for S3, whose keys may hold
    /// them.
    bool fold_path = false;
    /// The path, encoded already on the wire, is encoded once more.
    bool encode_path = false;
    /// The body's digest stands in a field of its own, x-amz-content-sha256.
    bool digest_field = true;
    /// Whether the session token is signed. If not, it is added behind the signature.
    bool sign_token = true;
};

inline constexpr sigv4_rules s3_rules{};
inline constexpr sigv4_rules general_rules{true, true, false, true};

/// One field. Its value is wiped when it goes, since one of them holds the token.
struct sigv4_field {
    sigv4_field() = default;
    sigv4_field(std::string_view n, std::string_view v) : name(n), value(v) {}
    sigv4_field(const sigv4_field&) = default;
    sigv4_field(sigv4_field&&) = default;
    sigv4_field& operator=(const sigv4_field&) = default;
    sigv4_field& operator=(sigv4_field&&) = default;
    ~sigv4_field() { wipe(value); }

    std::string name;
    std::string value;
};

/// What is signed.
struct sigv4_message {
    sigv4_message() = default;

    std::string method = "GET";
    /// Path and query as they go onto the wire, percent-encoded.
    std::string target = "/";
    /// All fields that the signature covers; "host" must be among them. Others may be sent too.
    std::vector<sigv4_field> fields;
    /// Of the body: 64 hexadecimal digits in lower case, or unsigned_payload.
    std::string payload_digest = std::string(unsigned_payload);
};

/// The message with the fields that the header form adds, save Authorization: x-amz-date,
/// x-amz-content-sha256, x-amz-security-token.
COKINO_DECL sigv4_message sigv4_with_fields(const sigv4_message& message, const sigv4_scope& scope,
                                            const sigv4_key& key,
                                            const sigv4_rules& rules = s3_rules);

/// The message with the query that the presigned form adds, save X-Amz-Signature.
COKINO_DECL sigv4_message sigv4_with_query(const sigv4_message& message, const sigv4_scope& scope,
                                           const sigv4_key& key, std::chrono::seconds lifetime,
                                           const sigv4_rules& rules = s3_rules);

/// "host;x-amz-date": the names of the message's fields, in lower case, sorted, each once.
COKINO_DECL std::string sigv4_signed_names(const sigv4_message& message);

/// The canonical request. Holds the session token, where there is one.
COKINO_DECL std::string sigv4_canonical_request(const sigv4_message& message,
                                                const sigv4_rules& rules = s3_rules);

COKINO_DECL std::string sigv4_string_to_sign(std::string_view canonical_request,
                                             const sigv4_scope& scope);

/// 64 hexadecimal digits.
COKINO_DECL std::string sigv4_signature(std::string_view string_to_sign, const sigv4_scope& scope,
                                        const secret& key);

/// All of it in the header form: the fields to send beside the message's own, Authorization last.
COKINO_DECL sigv4_message sigv4_sign(const sigv4_message& message, const sigv4_scope& scope,
                                     const sigv4_key& key, const sigv4_rules& rules = s3_rules);

/// All of it in the query form: the target of a link that is good for `lifetime` from scope.at on.
/// Whoever has the link may do what it says.
COKINO_DECL std::string sigv4_presign(const sigv4_message& message, const sigv4_scope& scope,
                                      const sigv4_key& key, std::chrono::seconds lifetime,
                                      const sigv4_rules& rules = s3_rules);

/// A path from plain text: each byte but unreserved ones and '/' is encoded, once, with capital
/// digits. Servers compute the signature from this very spelling.
COKINO_DECL std::string sigv4_encode_path(std::string_view path);

} // namespace cokino::wire

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/wire/impl/sigv4.ipp>
#endif
