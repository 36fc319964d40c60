// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Wiping and comparing without OpenSSL, which core must not need.
#pragma once

#include <cokino/core/secret.hpp>
#include <cokino/core/text.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <utility>

namespace cokino {

COKINO_DECL void wipe(std::string& text) noexcept
{
    // A short string that was moved from keeps its bytes behind its new end, so the whole capacity
    // is overwritten; growing to the capacity allocates nothing.
    text.resize(text.capacity());
    volatile char* bytes = text.data();
    for (std::size_t i = 0; i < text.size(); ++i)
        bytes[i] = 0;
    text.clear();
}

COKINO_DECL secret::secret(secret&& other) noexcept : text_(std::move(other.text_))
{
    other.wipe();
}

COKINO_DECL secret& secret::operator=(const secret& other)
{
    if (this != &other) {
        wipe();
        text_ = other.text_;
    }
    return *this;
}

COKINO_DECL secret& secret::operator=(secret&& other) noexcept
{
    if (this != &other) {
        wipe();
        text_ = std::move(other.text_);
        other.wipe();
    }
    return *this;
}

COKINO_DECL secret::~secret() { wipe(); }

COKINO_DECL void secret::wipe() noexcept { cokino::wipe(text_); }

COKINO_DECL bool secret::equals(std::string_view other) const noexcept
{
    // Every byte of `other` is looked at whatever the first difference, and the flag is volatile
    // so that the loop is not cut short by the optimiser.
    volatile unsigned char differs = text_.size() == other.size() ? 0 : 1;
    for (std::size_t i = 0; i < other.size(); ++i) {
        const auto mine = static_cast<unsigned char>(text_.empty() ? 0 : text_[i % text_.size()]);
        const auto theirs = static_cast<unsigned char>(other[i]);
        differs = static_cast<unsigned char>(differs | (mine ^ theirs));
    }
    return differs == 0;
}

COKINO_DECL api_key api_key::from_env(const char* variable)
{
    const char* value = std::getenv(variable);
    return api_key(value ? value : "", variable);
}

namespace detail {

/// "FAL_KEY". No host's keys look like that: they are random.
inline bool is_variable_name(std::string_view text) noexcept
{
    const auto of_a_name = [](char c) { return (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c); };
    return text.find('_') != std::string_view::npos &&
           std::all_of(text.begin(), text.end(), of_a_name);
}

} // namespace detail

COKINO_DECL result<void> api_key::check() const
{
    if (detail::is_variable_name(key_.reveal()))
        // Neither is quoted: if they were exchanged, the alias is the key.
        return invalid("api_key",
                       "the key reads like the name of a variable: the key comes first, then its "
                       "alias; api_key::from_env reads a variable",
                       errc::missing_credential);
    if (!key_.empty())
        return {};
    if (alias_.empty())
        return invalid("api_key", "no key was given", errc::missing_credential);
    return invalid("api_key", "no key in " + alias_, errc::missing_credential);
}

} // namespace cokino
