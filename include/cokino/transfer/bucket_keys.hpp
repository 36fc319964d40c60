// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The keys to a bucket: given, from the environment, from a profile file, or from a function of
// yours that fetches keys which expire. A missing key is not an error here but at the first
// request, which names what was looked for.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/async/time_source.hpp>
#include <cokino/core/config.hpp>
#include <cokino/core/result.hpp>
#include <cokino/wire/sigv4.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace cokino {

/// A key, and how long it is good.
struct bucket_key {
    bucket_key() = default;

    wire::sigv4_key pair;
    std::optional<system_time> expires_at; ///< None: as long as servers take it.
};

/// Where keys come from. A small copyable value; copies share what they remember.
///
/// Keys are asked for at the first request, and again when they have five minutes left or when a
/// server says that they are no longer good. One thread.
class bucket_keys
{
public:
    /// Gives a key: a refreshed one, when it is called again.
    ///
    /// Failures — end the request that needed the key. Give missing_credential where there is none.
    /// Cancellation — that of the request.
    using source = std::function<awaitable<result<bucket_key>>()>;

    /// As find().
    bucket_keys();
    /// A key in hand.
    static bucket_keys of(std::string id, std::string key, std::string token = {});
    /// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, if it is set, AWS_SESSION_TOKEN, read now.
    static bucket_keys from_env();
    /// A profile of AWS's tools, from ~/.aws/credentials (or AWS_SHARED_CREDENTIALS_FILE) or
    /// ~/.aws/config (or AWS_CONFIG_FILE). Without a name: AWS_PROFILE, else "default". The files
    /// are read when a key is needed. Profiles that fetch their keys from elsewhere (role_arn,
    /// credential_process, sso_...) are refused by name: use from() for those.
    static bucket_keys from_profile(std::string name = {});
    /// The environment if it names a key, else the profile.
    static bucket_keys find();
    /// A function of yours. It outlives neither this object's copies nor the requests under way.
    static bucket_keys from(source ask);

    /// A key that is good now.
    ///
    /// Failures — missing_credential naming the variable or the file and field; file_failed; the
    ///   source's own.
    /// Cancellation — terminal, partial and total; another request that waits for the same key then
    ///   asks for it itself.
    [[nodiscard]] awaitable<result<bucket_key>> get() const;
    /// Forgets `refused`, if it is what get() gives, so that the next get() asks anew.
    void forget(const bucket_key& refused) const;

private:
    struct state;
    explicit bucket_keys(source ask);
    static awaitable<result<bucket_key>> get_body(std::shared_ptr<state> s);
    std::shared_ptr<state> state_;
};

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/bucket_keys.ipp>
#endif
