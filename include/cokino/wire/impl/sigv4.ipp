// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of wire/sigv4.hpp.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/wire/hmac.hpp>
#include <cokino/wire/signature.hpp>
#include <cokino/wire/sigv4.hpp>
#include <cokino/wire/url.hpp>

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

namespace cokino::wire {
namespace detail {

inline constexpr std::string_view sigv4_algorithm = "AWS4-HMAC-SHA256";

inline bool is_sigv4_space(char c) noexcept
{
    return cokino::detail::is_blank(c) || c == '\n' || c == '\r';
}

/// Without blanks at the ends, and with one for each run of them inside.
inline std::string fold_blanks(std::string_view value)
{
    std::string out;
    bool gap = false;
    for (const char c : value) {
        if (is_sigv4_space(c)) {
            gap = !out.empty();
            continue;
        }
        if (gap)
            out += ' ';
        gap = false;
        out += c;
    }
    return out;
}

inline std::string lower(std::string_view text)
{
    std::string out(text);
    for (char& c : out)
        c = cokino::detail::to_lower(c);
    return out;
}

/// Name and value of each field as they are signed; equal names joined, in the order of coming.
inline std::vector<sigv4_field> canonical_fields(const sigv4_message& message)
{
    std::vector<sigv4_field> out;
    for (const auto& field : message.fields) {
        auto name = lower(field.name);
        const auto at = std::upper_bound(out.begin(), out.end(), name,
                                         [](const auto& n, const auto& f) { return n < f.name; });
        out.emplace(at, std::move(name), fold_blanks(field.value));
    }
    std::vector<sigv4_field> joined;
    for (auto& field : out) {
        if (joined.empty() || joined.back().name != field.name)
            joined.push_back(std::move(field));
        else
            joined.back().value.append(",").append(field.value);
    }
    return joined;
}

/// One spelling for each text: what is encoded is decoded first. A broken escape is plain text.
inline std::string encode_again(std::string_view text)
{
    const auto plain = percent_decode(text);
    return percent_encode(plain ? std::string_view(*plain) : text);
}

inline std::string canonical_query(std::string_view query)
{
    std::vector<std::pair<std::string, std::string>> all;
    while (!query.empty()) {
        std::string_view value = cokino::detail::take_until(query, '&');
        if (value.empty())
            continue;
        const auto name = cokino::detail::take_until(value, '=');
        all.emplace_back(encode_again(name), encode_again(value));
    }
    std::sort(all.begin(), all.end());
    std::string out;
    for (const auto& [name, value] : all) {
        if (!out.empty())
            out += '&';
        out.append(name).append("=").append(value);
    }
    return out;
}

/// Dot segments and empty segments away; a slash at the end stays.
inline std::string fold_path(std::string_view path)
{
    std::vector<std::string_view> kept;
    bool open = true; // whether it ends in a slash, or in what counts as one
    for (std::size_t at = 0; at < path.size();) {
        const auto end = std::min(path.find('/', at), path.size());
        const auto part = path.substr(at, end - at);
        const bool dots = part == "." || part == "..";
        open = dots || end != path.size();
        if (part == ".." && !kept.empty())
            kept.pop_back();
        if (!dots && !part.empty())
            kept.push_back(part);
        at = end + 1;
    }
    std::string out;
    for (const auto part : kept)
        out.append("/").append(part);
    if (open)
        out += '/';
    return out;
}

inline std::string canonical_path(std::string_view path, const sigv4_rules& rules)
{
    std::string out = rules.fold_path ? fold_path(path) : std::string(path);
    if (rules.encode_path)
        out = sigv4_encode_path(out);
    return out.empty() ? "/" : out;
}

/// The next key in the chain; the one before is wiped.
inline void next_key(sha256_digest& key, std::string_view message)
{
    sha256_digest next = hmac_sha256(view_of(key), message);
    key = next;
    OPENSSL_cleanse(next.data(), next.size());
}

inline std::string credential_text(const sigv4_scope& scope, const sigv4_key& key)
{
    return key.id + "/" + scope.text();
}

inline void append_query(std::string& target, std::string_view name, std::string_view value)
{
    target += target.find('?') == std::string::npos ? '?' : '&';
    target.append(name).append("=").append(percent_encode(value));
}

inline void append_padded(std::string& out, unsigned value, std::size_t digits)
{
    const auto text = cokino::detail::to_text(value);
    out.append(digits - std::min(digits, text.size()), '0').append(text);
}

inline std::string signature_of(const sigv4_message& message, const sigv4_scope& scope,
                                const sigv4_key& key, const sigv4_rules& rules)
{
    std::string canonical = sigv4_canonical_request(message, rules);
    const auto to_sign = sigv4_string_to_sign(canonical, scope);
    wipe(canonical);
    return sigv4_signature(to_sign, scope, key.key);
}

} // namespace detail

COKINO_DECL std::string sigv4_scope::time_text() const
{
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(at - day);
    std::string out;
    detail::append_padded(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    detail::append_padded(out, static_cast<unsigned>(date.month()), 2);
    detail::append_padded(out, static_cast<unsigned>(date.day()), 2);
    out += 'T';
    detail::append_padded(out, static_cast<unsigned>(clock.hours().count()), 2);
    detail::append_padded(out, static_cast<unsigned>(clock.minutes().count()), 2);
    detail::append_padded(out, static_cast<unsigned>(clock.seconds().count()), 2);
    out += 'Z';
    return out;
}

COKINO_DECL std::string sigv4_scope::text() const
{
    return time_text().substr(0, 8) + "/" + region + "/" + service + "/aws4_request";
}

COKINO_DECL sigv4_message sigv4_with_fields(const sigv4_message& message, const sigv4_scope& scope,
                                            const sigv4_key& key, const sigv4_rules& rules)
{
    sigv4_message out = message;
    out.fields.emplace_back("x-amz-date", scope.time_text());
    if (rules.digest_field)
        out.fields.emplace_back("x-amz-content-sha256", message.payload_digest);
    if (!key.token.empty() && rules.sign_token)
        out.fields.emplace_back("x-amz-security-token", key.token.reveal());
    return out;
}

COKINO_DECL sigv4_message sigv4_with_query(const sigv4_message& message, const sigv4_scope& scope,
                                           const sigv4_key& key, std::chrono::seconds lifetime,
                                           const sigv4_rules& rules)
{
    sigv4_message out = message;
    detail::append_query(out.target, "X-Amz-Algorithm", detail::sigv4_algorithm);
    detail::append_query(out.target, "X-Amz-Credential", detail::credential_text(scope, key));
    detail::append_query(out.target, "X-Amz-Date", scope.time_text());
    detail::append_query(out.target, "X-Amz-Expires", cokino::detail::to_text(lifetime.count()));
    if (!key.token.empty() && rules.sign_token)
        detail::append_query(out.target, "X-Amz-Security-Token", key.token.reveal());
    detail::append_query(out.target, "X-Amz-SignedHeaders", sigv4_signed_names(message));
    return out;
}

COKINO_DECL std::string sigv4_signed_names(const sigv4_message& message)
{
    std::string out;
    for (const auto& field : detail::canonical_fields(message)) {
        if (!out.empty())
            out += ';';
        out += field.name;
    }
    return out;
}

COKINO_DECL std::string sigv4_canonical_request(const sigv4_message& message,
                                                const sigv4_rules& rules)
{
    std::string_view query = message.target;
    const auto path = cokino::detail::take_until(query, '?');
    std::string out = message.method;
    out.append("\n").append(detail::canonical_path(path, rules)).append("\n");
    out.append(detail::canonical_query(query)).append("\n");
    for (const auto& field : detail::canonical_fields(message))
        out.append(field.name).append(":").append(field.value).append("\n");
    out.append("\n").append(sigv4_signed_names(message)).append("\n");
    out.append(message.payload_digest);
    return out;
}

COKINO_DECL std::string sigv4_string_to_sign(std::string_view canonical_request,
                                             const sigv4_scope& scope)
{
    std::string out(detail::sigv4_algorithm);
    out.append("\n").append(scope.time_text()).append("\n").append(scope.text()).append("\n");
    out.append(hex_encode(sha256_of(canonical_request)));
    return out;
}

COKINO_DECL std::string sigv4_signature(std::string_view string_to_sign, const sigv4_scope& scope,
                                        const secret& key)
{
    std::string first("AWS4");
    first.reserve(first.size() + key.reveal().size()); // growing would leave a copy behind
    first.append(key.reveal());
    sha256_digest chain = hmac_sha256(first, scope.time_text().substr(0, 8));
    wipe(first);
    detail::next_key(chain, scope.region);
    detail::next_key(chain, scope.service);
    detail::next_key(chain, "aws4_request");
    const auto signature = hmac_sha256(detail::view_of(chain), string_to_sign);
    OPENSSL_cleanse(chain.data(), chain.size());
    return hex_encode(signature);
}

COKINO_DECL sigv4_message sigv4_sign(const sigv4_message& message, const sigv4_scope& scope,
                                     const sigv4_key& key, const sigv4_rules& rules)
{
    sigv4_message out = sigv4_with_fields(message, scope, key, rules);
    std::string value(detail::sigv4_algorithm);
    value.append(" Credential=").append(detail::credential_text(scope, key));
    value.append(", SignedHeaders=").append(sigv4_signed_names(out));
    value.append(", Signature=").append(detail::signature_of(out, scope, key, rules));
    if (!key.token.empty() && !rules.sign_token)
        out.fields.emplace_back("x-amz-security-token", key.token.reveal());
    out.fields.emplace_back("Authorization", value);
    out.fields.erase(out.fields.begin(),
                     out.fields.begin() + static_cast<std::ptrdiff_t>(message.fields.size()));
    return out;
}

COKINO_DECL std::string sigv4_presign(const sigv4_message& message, const sigv4_scope& scope,
                                      const sigv4_key& key, std::chrono::seconds lifetime,
                                      const sigv4_rules& rules)
{
    const sigv4_message out = sigv4_with_query(message, scope, key, lifetime, rules);
    const auto signature = detail::signature_of(out, scope, key, rules);
    std::string target = out.target;
    if (!key.token.empty() && !rules.sign_token)
        detail::append_query(target, "X-Amz-Security-Token", key.token.reveal());
    detail::append_query(target, "X-Amz-Signature", signature);
    return target;
}

COKINO_DECL std::string sigv4_encode_path(std::string_view path)
{
    std::string out;
    for (;;) {
        const auto slash = path.find('/');
        out += percent_encode(path.substr(0, slash));
        if (slash == std::string_view::npos)
            return out;
        out += '/';
        path.remove_prefix(slash + 1);
    }
}

} // namespace cokino::wire
