// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Whether hooks are genuine. Input: one byte for the scheme, one for whether we sign it ourselves
// ('1') or take its word ('0'); then fields as "name: value" lines, a blank line, and the body.
#include "fuzz.hpp"

#include <cokino/core/text.hpp>
#include <cokino/webhook/verifier.hpp>
#include <cokino/wire/hmac.hpp>
#include <cokino/wire/signature.hpp>

#include <array>

namespace {

using namespace cokino;
using fuzz::require;
using webhook::hook_field;

constexpr std::string_view key = "0123456789abcdef01234567";
constexpr std::int64_t now_s = 1'790'000'000;

struct hook {
    std::vector<hook_field> fields;
    std::string_view body;
};

hook split(std::string_view text)
{
    hook out;
    while (!text.empty() && out.fields.size() != 50) {
        auto value = detail::take_until(text, '\n');
        if (value.empty())
            break;
        auto const name = detail::take_until(value, ':');
        out.fields.push_back({name, detail::trim(value)});
    }
    out.body = text;
    return out;
}

std::string_view field(const hook& h, std::string_view name)
{
    for (auto const& f : h.fields)
        if (detail::iequals(f.name, name))
            return f.value;
    return {};
}

webhook::verifier_options options(webhook_scheme scheme, std::string_view secret_bytes)
{
    webhook::verifier_options out(scheme);
    bool const base64 =
        scheme == webhook_scheme::standard_webhooks || scheme == webhook_scheme::pollo_hmac;
    out.secrets.emplace_back(base64 ? wire::base64_encode(secret_bytes)
                                    : std::string(secret_bytes));
    return out;
}

/// What our host would put into the field of the signature; empty where none is made here.
std::string signature_of(const hook& h, webhook_scheme scheme)
{
    bool const pollo = scheme == webhook_scheme::pollo_hmac;
    if (!pollo && scheme != webhook_scheme::standard_webhooks)
        return {};
    std::string message(field(h, pollo ? "x-webhook-id" : "webhook-id"));
    message += '.';
    message += field(h, pollo ? "x-webhook-timestamp" : "webhook-timestamp");
    message += '.';
    message += h.body;
    auto const digest = wire::hmac_sha256(key, message);
    return (pollo ? "" : "v1,") +
           wire::base64_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    constexpr std::array schemes = {webhook_scheme::unsigned_hook,     webhook_scheme::fal_ed25519,
                                    webhook_scheme::standard_webhooks, webhook_scheme::kie_hmac,
                                    webhook_scheme::piapi_secret,      webhook_scheme::pollo_hmac};
    static const std::vector<std::string> keys = {
        wire::base64url_decode("A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg").value()};
    fuzz::input in(data, size);
    auto const scheme = schemes[in.choice(schemes.size())];
    bool const sign = in.choice(2) == 1;
    auto h = split(in.rest());
    auto const made = sign ? signature_of(h, scheme) : std::string();
    if (!made.empty())
        h.fields.push_back(
            {scheme == webhook_scheme::pollo_hmac ? "X-Webhook-Signature" : "Webhook-Signature",
             made});
    auto const now = webhook::system_time(std::chrono::seconds(now_s));
    auto const ours = options(scheme, key);
    auto const good = webhook::verify(ours, keys, h.fields, h.body, now);
    if (!good) {
        fuzz::check(good.error());
        return 0;
    }
    require(!good->message_id.empty(), "a genuine hook has an id");
    require(good->body_covered == covers_body(scheme), "what is vouched for is known");
    if (scheme == webhook_scheme::unsigned_hook)
        return 0;
    if (scheme != webhook_scheme::piapi_secret)
        require(good->timestamp >= now_s - 300 && good->timestamp <= now_s + 300,
                "a genuine hook is fresh");
    auto const other = options(scheme, "another key, as long...");
    if (scheme != webhook_scheme::fal_ed25519)
        require(!webhook::verify(other, keys, h.fields, h.body, now), "a key is needed");
    auto const changed = std::string(h.body) + ' ';
    if (good->body_covered)
        require(!webhook::verify(ours, keys, h.fields, changed, now), "the body is covered");
    return 0;
}
