// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/bucket_keys.hpp.
#pragma once

#include <cokino/async/as_result.hpp>
#include <cokino/async/semaphore.hpp>
#include <cokino/transfer/bucket_keys.hpp>
#include <cokino/transfer/detail/profile_file.hpp>
#include <cokino/wire/header.hpp>

#include <chrono>
#include <utility>

namespace cokino {

struct bucket_keys::state {
    explicit state(source s) : ask(std::move(s)), turn(1) {}

    source ask;
    std::optional<bucket_key> held;
    semaphore turn; // a key is fetched once for all who wait for it
};

namespace detail {

/// A key that ends sooner than this is replaced before it is used: parts take their time.
inline constexpr std::chrono::minutes key_margin{5};

inline bool is_good(const std::optional<bucket_key>& held, system_time now) noexcept
{
    return held && (!held->expires_at || *held->expires_at - now > key_margin);
}

inline awaitable<result<bucket_key>> just(result<bucket_key> key) { co_return key; }

inline result<bucket_key> key_from_env()
{
    bucket_key out;
    for (const char* const variable : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"})
        if (text_from_env(variable).empty())
            return invalid(variable, "no key in " + std::string(variable),
                           errc::missing_credential);
    out.pair.id = text_from_env("AWS_ACCESS_KEY_ID");
    out.pair.key = secret(text_from_env("AWS_SECRET_ACCESS_KEY"));
    out.pair.token = secret(text_from_env("AWS_SESSION_TOKEN"));
    return out;
}

inline result<bucket_key> key_from_profile(const std::string& name)
{
    auto pair = read_profile(name);
    if (!pair)
        return pair.error();
    bucket_key out;
    out.pair = std::move(*pair);
    return out;
}

/// What goes into header fields must be fit for it; the text itself is never shown.
inline result<void> check_key(const bucket_key& key)
{
    const auto bad = [](const char* field, const char* what) {
        return invalid(field, what, errc::missing_credential);
    };
    if (key.pair.id.empty())
        return bad("key id", "the key has no id");
    if (key.pair.key.empty())
        return bad("secret key", "the key is empty");
    if (!wire::is_field_value(key.pair.id) || key.pair.id.find_first_of("/, ") != std::string::npos)
        return bad("key id", "the key's id holds a character that ids do not have");
    if (!wire::is_field_value(key.pair.key.reveal()))
        return bad("secret key", "the key begins or ends with a blank, or holds a line break");
    if (!wire::is_field_value(key.pair.token.reveal()))
        return bad("session token", "the token begins or ends with a blank, or holds a line break");
    return {};
}

} // namespace detail

COKINO_DECL bucket_keys::bucket_keys(source ask) : state_(std::make_shared<state>(std::move(ask)))
{}

COKINO_DECL bucket_keys::bucket_keys() : bucket_keys(find()) {}

COKINO_DECL bucket_keys bucket_keys::of(std::string id, std::string key, std::string token)
{
    bucket_key held;
    held.pair.id = std::move(id);
    held.pair.key = secret(std::move(key));
    held.pair.token = secret(std::move(token));
    return bucket_keys(source([held = std::move(held)] { return detail::just(held); }));
}

COKINO_DECL bucket_keys bucket_keys::from_env()
{
    return bucket_keys(source([held = detail::key_from_env()] { return detail::just(held); }));
}

COKINO_DECL bucket_keys bucket_keys::from_profile(std::string name)
{
    if (name.empty())
        name = detail::text_from_env("AWS_PROFILE");
    if (name.empty())
        name = "default";
    return bucket_keys(
        source([name = std::move(name)] { return detail::just(detail::key_from_profile(name)); }));
}

COKINO_DECL bucket_keys bucket_keys::find()
{
    if (!detail::text_from_env("AWS_ACCESS_KEY_ID").empty())
        return from_env();
    return from_profile();
}

COKINO_DECL bucket_keys bucket_keys::from(source ask) { return bucket_keys(std::move(ask)); }

COKINO_DECL awaitable<result<bucket_key>> bucket_keys::get() const { return get_body(state_); }

COKINO_DECL awaitable<result<bucket_key>> bucket_keys::get_body(std::shared_ptr<state> s)
{
    time_source& time = time_of(co_await asio::this_coro::executor);
    if (detail::is_good(s->held, time.system_now()))
        co_return *s->held;
    if (!s->ask)
        co_return invalid("keys", "the function that gives keys is empty",
                          errc::missing_credential);
    const permit turn = co_await s->turn.acquire();
    if (detail::is_good(s->held, time.system_now())) // another one has fetched it meanwhile
        co_return *s->held;
    s->held.reset();
    auto asking = s->ask();
    auto key = co_await as_result(std::move(asking));
    if (!key)
        co_return key.error();
    if (auto good = detail::check_key(*key); !good)
        co_return good.error();
    s->held = *key;
    co_return key;
}

COKINO_DECL void bucket_keys::forget(const bucket_key& refused) const
{
    if (state_->held && state_->held->pair.key.equals(refused.pair.key.reveal()) &&
        state_->held->pair.token.equals(refused.pair.token.reveal()))
        state_->held.reset();
}

} // namespace cokino
