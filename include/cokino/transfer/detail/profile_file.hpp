// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The files in which AWS's tools keep keys: sections of "name = value" lines. Read strictly: a line
// that is none of the known forms is an error that names file and line, and never quotes it, since
// it may hold a key.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/result.hpp>
#include <cokino/core/secret.hpp>
#include <cokino/wire/sigv4.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cokino::detail {

/// The lines of one profile. Values are wiped when they go.
struct profile_section {
    profile_section() = default;

    std::string name;
    std::vector<std::pair<std::string, secret>> values; ///< Names in lower case.

    const secret* find(std::string_view value_name) const noexcept;
};

/// Reads a file's text. In a config file sections other than "[default]" and "[profile NAME]" are
/// passed over; in a credentials file each section is a profile.
///
/// Failures — invalid_argument naming the file's path, the line and, for a name that stands twice
///   in a profile, the name.
COKINO_DECL result<std::vector<profile_section>> parse_profiles(std::string_view text,
                                                                const std::string& path,
                                                                bool is_config);

/// The keys of a profile in one of the sets; nothing when no set knows the profile.
///
/// Failures — missing_credential naming profile, path and field.
COKINO_DECL result<std::optional<wire::sigv4_key>> key_of_profile(
    const std::vector<profile_section>& all, const std::string& name, const std::string& path);

/// Reads the files that the environment names, and gives the profile's keys.
COKINO_DECL result<wire::sigv4_key> read_profile(const std::string& name);

/// Empty when the variable is not set.
COKINO_DECL std::string text_from_env(const char* variable);

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/profile_file.ipp>
#endif
