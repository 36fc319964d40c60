// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of webhook/verifier.hpp.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/webhook/verifier.hpp>
#include <cokino/wire/ed25519.hpp>
#include <cokino/wire/hmac.hpp>
#include <cokino/wire/json_reader.hpp>
#include <cokino/wire/signature.hpp>

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <utility>

namespace cokino::webhook {
namespace detail {

/// Signatures that are looked at in one header: more than any rotation needs.
inline constexpr std::size_t signatures_max = 16;
/// An id is a word; a longer one is not remembered, so it is not taken either.
inline constexpr std::size_t message_id_bytes_max = 256;

inline failure forged(std::string field, std::string message)
{
    failure f(errc::unauthorised, fate::answered);
    f.explain(std::move(message), std::move(field));
    return f;
}

/// The one field of that name; nothing when it is absent, empty or there twice.
inline std::string_view only_field(std::span<const hook_field> fields, std::string_view name)
{
    std::string_view found;
    std::size_t count = 0;
    for (const hook_field& f : fields)
        if (cokino::detail::iequals(f.name, name)) {
            found = f.value;
            ++count;
        }
    return count == 1 ? cokino::detail::trim(found) : std::string_view();
}

inline result<std::string> message_id(std::span<const hook_field> fields, std::string_view name)
{
    const std::string_view id = only_field(fields, name);
    if (id.empty() || id.size() > message_id_bytes_max)
        return forged("message_id", std::string(name) + " is missing, twice or too long");
    return std::string(id);
}

/// The text of the time, once it lies in the window.
inline result<std::string_view> time_in_window(std::span<const hook_field> fields,
                                               std::string_view name, std::chrono::seconds window,
                                               system_time now, std::int64_t& seconds)
{
    const std::string_view text = only_field(fields, name);
    const auto told = cokino::detail::parse_integer<std::int64_t>(text);
    // Within 14 digits, so that the subtraction below cannot overflow.
    if (!told || *told < 0 || text.size() > 14)
        return forged("timestamp", std::string(name) + " is missing, twice or no time");
    seconds = *told;
    const auto ours =
        std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    if (seconds < ours - window.count())
        return forged("timestamp", "signed too long ago");
    if (seconds > ours + window.count())
        return forged("timestamp", "signed in the future");
    return text;
}

inline std::string_view bytes_of(const wire::sha256_digest& digest) noexcept
{
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

inline std::string joined(std::initializer_list<std::string_view> parts, char between)
{
    std::string out;
    std::size_t size = parts.size();
    for (const std::string_view part : parts)
        size += part.size();
    out.reserve(size);
    bool first = true;
    for (const std::string_view part : parts) {
        if (!first)
            out += between;
        first = false;
        out += part;
    }
    return out;
}

/// The key of a secret that is written as base64, with or without its mark.
inline std::optional<secret> decoded_secret(const secret& s)
{
    std::string_view text = s.reveal();
    constexpr std::string_view mark = "whsec_";
    if (text.starts_with(mark))
        text.remove_prefix(mark.size());
    auto bytes = wire::base64_decode(text);
    if (!bytes || bytes->empty())
        return std::nullopt;
    return secret(std::move(*bytes));
}

/// The base64 of the message's HMAC under a secret; empty when the secret is none.
inline std::string hmac_text(const secret& s, bool base64_secret, std::string_view message)
{
    if (!base64_secret)
        return wire::base64_encode(bytes_of(wire::hmac_sha256(s.reveal(), message)));
    const auto key = decoded_secret(s);
    if (!key)
        return {};
    return wire::base64_encode(bytes_of(wire::hmac_sha256(key->reveal(), message)));
}

/// Whether any of the secrets gives the signature. All are tried whatever the first gives.
inline bool any_secret_signed(const verifier_options& o, bool base64_secret,
                              std::string_view message, std::string_view signature)
{
    bool good = false;
    for (const secret& s : o.secrets) {
        const std::string expected = hmac_text(s, base64_secret, message);
        // Equal length comes first: a prefix of a signature is none.
        const bool same = !expected.empty() && expected.size() == signature.size() &&
                          wire::equal_in_constant_time(expected, signature);
        good = good || same;
    }
    return good;
}

inline result<verified> verify_standard(const verifier_options& o,
                                        std::span<const hook_field> fields, std::string_view body,
                                        system_time now)
{
    const bool pollo = o.scheme == webhook_scheme::pollo_hmac;
    verified out;
    auto id = message_id(fields, pollo ? "x-webhook-id" : "webhook-id");
    if (!id)
        return id.error();
    const auto time = time_in_window(fields, pollo ? "x-webhook-timestamp" : "webhook-timestamp",
                                     o.window, now, out.timestamp);
    if (!time)
        return time.error();
    const std::string message = joined({*id, *time, body}, '.');
    std::string_view list = only_field(fields, pollo ? "x-webhook-signature" : "webhook-signature");
    bool good = false;
    if (pollo) {
        good = !list.empty() && any_secret_signed(o, true, message, list);
    } else {
        for (std::size_t n = 0; !list.empty() && n < signatures_max; ++n) {
            std::string_view one = cokino::detail::take_until(list, ' ');
            if (!one.starts_with("v1,")) // other versions stand beside it: passed over
                continue;
            one.remove_prefix(3);
            const bool same = any_secret_signed(o, true, message, one);
            good = good || same;
        }
    }
    if (!good)
        return forged("signature", "no signature is of these bytes and our secret");
    out.message_id = std::move(*id);
    out.body_covered = true;
    return out;
}

inline result<verified> verify_fal(const verifier_options& o, std::span<const std::string> keys,
                                   std::span<const hook_field> fields, std::string_view body,
                                   system_time now)
{
    verified out;
    auto id = message_id(fields, "x-fal-webhook-request-id");
    if (!id)
        return id.error();
    const std::string_view user = only_field(fields, "x-fal-webhook-user-id");
    if (user.empty() || (!o.user_id.empty() && user != o.user_id))
        return forged("user_id", "the hook is of no account, or of another one");
    const auto time =
        time_in_window(fields, "x-fal-webhook-timestamp", o.window, now, out.timestamp);
    if (!time)
        return time.error();
    const auto signature = wire::hex_decode(only_field(fields, "x-fal-webhook-signature"));
    if (!signature || signature->size() != wire::ed25519_signature_bytes)
        return forged("signature_form",
                      "X-Fal-Webhook-Signature is missing, twice or no signature");
    const std::string message =
        joined({*id, user, *time, wire::hex_encode(wire::sha256_of(body))}, '\n');
    for (const std::string& key : keys)
        if (wire::ed25519_verify(key, message, *signature)) {
            out.message_id = std::move(*id);
            out.body_covered = true;
            return out;
        }
    return forged("signature", "none of fal's keys signed these bytes");
}

inline result<verified> verify_kie(const verifier_options& o, std::span<const hook_field> fields,
                                   std::string_view body, system_time now)
{
    static constexpr wire::json_path task_path("data.taskId"), sample_path("data.task_id");
    verified out;
    const auto time = time_in_window(fields, "x-webhook-timestamp", o.window, now, out.timestamp);
    if (!time)
        return time.error();
    const std::string_view signature = only_field(fields, "x-webhook-signature");
    if (signature.empty())
        return forged("signature", "X-Webhook-Signature is missing or twice");
    std::string task, sample;
    wire::json_fields wanted;
    wanted.string(task_path, task).string(sample_path, sample);
    const auto read = wanted.read(body, static_cast<std::size_t>(-1));
    // The callbacks say taskId, the vendor's sample task_id; with both, which one was signed?
    if (task.empty())
        task = std::move(sample);
    else if (!sample.empty() && sample != task)
        task.clear();
    if (!read || task.empty() || task.size() > message_id_bytes_max)
        return forged("body", "the body names no task");
    std::string message = joined({task, *time}, '.');
    if (!any_secret_signed(o, false, message, signature))
        return forged("signature", "the signature is not of this task, time and our key");
    out.message_id = std::move(message);
    return out;
}

/// The id of a message that has none.
inline std::string digest_id(std::string_view body)
{
    return "sha256:" + wire::hex_encode(wire::sha256_of(body));
}

inline result<verified> verify_piapi(const verifier_options& o, std::span<const hook_field> fields,
                                     std::string_view body)
{
    const std::string_view told = only_field(fields, "x-webhook-secret");
    bool good = false;
    for (const secret& s : o.secrets) {
        const bool same =
            told.size() == s.reveal().size() && wire::equal_in_constant_time(s.reveal(), told);
        good = good || same;
    }
    if (told.empty() || !good)
        return forged("signature", "X-Webhook-Secret is missing, twice or not ours");
    verified out;
    out.message_id = digest_id(body);
    return out;
}

} // namespace detail

COKINO_DECL result<void> validate(const verifier_options& o)
{
    const bool base64 =
        o.scheme == webhook_scheme::standard_webhooks || o.scheme == webhook_scheme::pollo_hmac;
    const bool keyed =
        base64 || o.scheme == webhook_scheme::kie_hmac || o.scheme == webhook_scheme::piapi_secret;
    if (o.scheme == webhook_scheme::none)
        return invalid("scheme", "says that the host sends no webhooks", errc::invalid_options);
    if (o.window < std::chrono::seconds(1) || o.window > std::chrono::hours(24))
        return invalid("window", "must be between 1 s and 24 h", errc::invalid_options);
    if (keyed && o.secrets.empty())
        return invalid("secrets", "this host's hooks need one", errc::missing_credential);
    for (const secret& s : o.secrets) {
        if (s.empty())
            return invalid("secrets", "one of them is empty", errc::missing_credential);
        if (base64 && !detail::decoded_secret(s))
            return invalid("secrets", "one of them is no base64, with or without whsec_",
                           errc::invalid_options);
    }
    return {};
}

COKINO_DECL result<verified> verify(const verifier_options& o, std::span<const std::string> keys,
                                    std::span<const hook_field> fields, std::string_view body,
                                    system_time now)
{
    if (auto sound = validate(o); !sound)
        return sound.error();
    switch (o.scheme) {
    case webhook_scheme::fal_ed25519: return detail::verify_fal(o, keys, fields, body, now);
    case webhook_scheme::standard_webhooks:
    case webhook_scheme::pollo_hmac: return detail::verify_standard(o, fields, body, now);
    case webhook_scheme::kie_hmac: return detail::verify_kie(o, fields, body, now);
    case webhook_scheme::piapi_secret: return detail::verify_piapi(o, fields, body);
    case webhook_scheme::unsigned_hook: {
        verified out;
        out.message_id = detail::digest_id(body);
        return out;
    }
    case webhook_scheme::none: break;
    }
    return invalid("scheme", "is none that is known", errc::invalid_options);
}

} // namespace cokino::webhook
