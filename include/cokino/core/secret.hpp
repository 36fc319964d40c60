// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A string that must not be seen: not streamable, not comparable by ==, wiped when it goes.
// api_key adds where the key came from, since a job remembers that name and never the key.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/result.hpp>

#include <string>
#include <string_view>

namespace cokino {

/// A secret text. Copies are wiped like the original. There is no operator<<, on purpose.
class secret
{
public:
    secret() = default;
    explicit secret(std::string text) : text_(std::move(text)) {}
    secret(const secret&) = default;
    secret(secret&& other) noexcept;
    secret& operator=(const secret& other);
    secret& operator=(secret&& other) noexcept;
    ~secret();

    bool empty() const noexcept { return text_.empty(); }
    /// The text itself. Every use of this is a place to look at in a review.
    std::string_view reveal() const noexcept { return text_; }
    /// Compares in time that depends on the lengths only.
    bool equals(std::string_view other) const noexcept;

private:
    void wipe() noexcept;
    std::string text_;
};

/// Overwrites a string's bytes in a way that the optimiser keeps.
COKINO_DECL void wipe(std::string& text) noexcept;

/// A key and its alias: the variable it was read from, or a name the caller gives. A missing key
/// is not an error here but at the first submit, which names the variable that was looked for.
class api_key
{
public:
    api_key() = default;
    /// A key in hand. `alias` is what jobs and errors name instead of it, so it must be no secret.
    api_key(std::string key, std::string alias) : key_(std::move(key)), alias_(std::move(alias)) {}
    /// Reads an environment variable. The alias is the variable's name.
    static api_key from_env(const char* variable);

    const secret& key() const noexcept { return key_; }
    const std::string& alias() const noexcept { return alias_; }
    bool empty() const noexcept { return key_.empty(); }
    /// missing_credential when there is no key, naming the alias; and when the key is the name of a
    /// variable, as it is when the two were exchanged: then nothing is named.
    result<void> check() const;

private:
    secret key_;
    std::string alias_;
};

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/core/impl/secret.ipp>
#endif
