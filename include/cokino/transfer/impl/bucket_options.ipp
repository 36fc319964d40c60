// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/bucket_options.hpp.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/transfer/bucket_options.hpp>
#include <cokino/wire/header.hpp>
#include <cokino/wire/signature.hpp>
#include <cokino/wire/url.hpp>

#include <algorithm>

namespace cokino {
namespace detail {

inline failure bad_option(const char* field, const char* message)
{
    return invalid(field, message, errc::invalid_options);
}

inline bool is_bucket_name(std::string_view name) noexcept
{
    if (name.size() < 3 || name.size() > 63)
        return false;
    const auto plain = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z'); };
    for (const char c : name)
        if (!plain(c) && c != '.' && c != '-')
            return false;
    return plain(name.front()) && plain(name.back()) && name.find("..") == std::string_view::npos;
}

COKINO_DECL bool is_region(std::string_view region) noexcept
{
    if (region.empty() || region.size() > 64)
        return false;
    for (const char c : region)
        if (!is_digit(c) && !(to_lower(c) >= 'a' && to_lower(c) <= 'z') && c != '-' && c != '_')
            return false;
    return true;
}

inline result<void> check_endpoint(const bucket_options& options)
{
    if (options.endpoint.empty())
        return {};
    const auto at = wire::url::parse(options.endpoint);
    if (!at)
        return bad_option("endpoint", "must be https://host or https://host:port");
    if (at->target() != "/")
        return bad_option("endpoint", "must have no path and no query");
    if (!at->where().tls() && !options.allow_insecure)
        return bad_option("endpoint", "must be https, unless allow_insecure is set");
    return {};
}

/// Only what S3 keeps as it is: other bytes come back re-coded, or are refused.
inline result<void> check_metadata(const object_options& options)
{
    std::size_t total = 0;
    for (const auto& [name, value] : options.metadata) {
        total += name.size() + value.size();
        const bool good_name =
            wire::is_token(name) && name.find_first_of("!#$%&'*+.^_`|~") == std::string::npos;
        if (!good_name)
            return bad_option("metadata", "a name may hold letters, digits and hyphens only");
        if (iequals(name, "sha256") || iequals(name, "cokino-upload"))
            return bad_option("metadata", "sha256 and cokino-upload are the library's own names");
        const bool ascii =
            std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
        if (!ascii || !wire::is_field_value(value))
            return bad_option("metadata", "a value may hold printable ASCII only, and no blank "
                                          "at its ends");
    }
    if (total > 1536)
        return bad_option("metadata", "may have 1536 bytes in all");
    return {};
}

/// Fit for a key anywhere: what is not plain becomes '_', and then a piece of the text's digest
/// keeps two texts apart.
inline std::string safe_part(std::string_view text)
{
    std::string out;
    bool changed = text.empty() || text == "." || text == "..";
    for (const char c : text.substr(0, 128)) {
        const bool plain = is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z') || c == '.' ||
                           c == '_' || c == '-';
        changed = changed || !plain;
        out += plain ? c : '_';
    }
    if (changed || text.size() > 128)
        out += "_" + wire::hex_encode(wire::sha256_of(text)).substr(0, 12);
    return out;
}

inline std::string_view extension_of(const asset& file) noexcept
{
    const auto type = wire::media_type(file.content_type);
    static constexpr std::pair<std::string_view, std::string_view> known[] = {
        {"video/mp4", "mp4"}, {"video/webm", "webm"}, {"video/quicktime", "mov"},
        {"image/png", "png"}, {"image/jpeg", "jpg"},  {"image/webp", "webp"},
        {"image/gif", "gif"}, {"image/avif", "avif"}};
    for (const auto& [name, extension] : known)
        if (iequals(type, name))
            return extension;
    if (!type.empty() || file.from.empty())
        return "bin";
    return file.from.kind() == job_kind::video ? "mp4" : "bin";
}

} // namespace detail

COKINO_DECL result<void> validate(const bucket_options& options)
{
    using detail::bad_option;
    constexpr std::size_t mib = 1024 * 1024;
    if (!detail::is_bucket_name(options.name))
        return bad_option("name", "must have 3 to 63 lower-case letters, digits, dots and hyphens, "
                                  "and begin and end with a letter or digit");
    if (auto good = detail::check_endpoint(options); !good)
        return good;
    if (!detail::is_region(options.region))
        return bad_option("region", "must be letters, digits and hyphens");
    if (options.part_bytes < 5 * mib || options.part_bytes > 512 * mib)
        return bad_option("part_bytes", "must be from 5 MiB to 512 MiB");
    if (options.parts_in_flight < 1 || options.parts_in_flight > 16)
        return bad_option("parts_in_flight", "must be from 1 to 16");
    if (options.tries_max < 1 || options.tries_max > 100)
        return bad_option("tries_max", "must be from 1 to 100");
    if (options.stall.count() <= 0)
        return bad_option("stall", "must be above 0");
    if (options.answer.count() <= 0)
        return bad_option("answer", "must be above 0");
    if (options.continue_wait.count() < 0)
        return bad_option("continue_wait", "must not be negative");
    return validate(options.backoff);
}

COKINO_DECL result<void> validate(const object_options& options)
{
    if (!wire::is_field_value(options.content_type) || options.content_type.size() > 256)
        return detail::bad_option("content_type", "is no media type");
    return detail::check_metadata(options);
}

COKINO_DECL result<std::string> object_key_for(const asset& file, std::string_view prefix)
{
    if (file.from.empty())
        return invalid("file", "the asset belongs to no job");
    const auto& record = file.from.record();
    std::string key(prefix);
    while (key.ends_with('/'))
        key.pop_back();
    if (!key.empty())
        key += '/';
    key += detail::safe_part(record.route->provider) + "/" + detail::safe_part(record.id);
    key += "-" + detail::to_text(file.index) + ".";
    key += detail::extension_of(file);
    return key;
}

} // namespace cokino
