// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/detail/profile_file.hpp.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/transfer/detail/profile_file.hpp>
#include <cokino/wire/header.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>

namespace cokino::detail {

COKINO_DECL const secret* profile_section::find(std::string_view value_name) const noexcept
{
    for (const auto& [own, value] : values)
        if (own == value_name)
            return &value;
    return nullptr;
}

inline failure bad_profile_line(const std::string& path, unsigned line, std::string_view what)
{
    return invalid("profile file", path + ", line " + to_text(line) + ": " + std::string(what));
}

/// The profile's name in a section's line; empty for a section that is none.
inline std::string_view section_profile(std::string_view inside, bool is_config) noexcept
{
    inside = trim(inside);
    if (!is_config || inside == "default")
        return inside;
    if (!inside.starts_with("profile ") && !inside.starts_with("profile\t"))
        return {};
    return trim(inside.substr(8));
}

/// A value ends where a blank and a comment's sign begin.
inline std::string_view without_comment(std::string_view value) noexcept
{
    for (std::size_t at = 1; at < value.size(); ++at)
        if ((value[at] == '#' || value[at] == ';') && is_blank(value[at - 1]))
            return trim(value.substr(0, at));
    return trim(value);
}

class profile_parser
{
public:
    profile_parser(const std::string& path, bool is_config) : path_(path), is_config_(is_config) {}

    result<void> line(std::string_view text, unsigned number)
    {
        if (text.ends_with('\r'))
            text.remove_suffix(1);
        const bool indented = !text.empty() && is_blank(text[0]);
        const auto content = trim(text);
        if (content.empty() || content[0] == '#' || content[0] == ';')
            return {};
        // Lines below a "s3 =" line: settings of other tools.
        if (indented)
            return in_section_ ? result<void>()
                               : bad_profile_line(path_, number, "a line without a section");
        if (content[0] == '[')
            return section(content, number);
        return value(content, number);
    }

    std::vector<profile_section> all;

private:
    result<void> section(std::string_view text, unsigned number)
    {
        const auto end = text.find(']');
        const auto behind = end == std::string_view::npos ? "?" : trim(text.substr(end + 1));
        if (!behind.empty() && behind[0] != '#' && behind[0] != ';')
            return bad_profile_line(path_, number, "a section's line has no end");
        const auto name = section_profile(text.substr(1, end - 1), is_config_);
        in_section_ = true;
        current_ = nullptr;
        if (name.empty()) {
            if (!is_config_)
                return bad_profile_line(path_, number, "a section has no name");
            return {};
        }
        for (const auto& known : all)
            if (known.name == name)
                return bad_profile_line(path_, number, "a profile stands in the file twice");
        all.emplace_back().name = name;
        current_ = &all.back();
        return {};
    }

    result<void> value(std::string_view text, unsigned number)
    {
        if (!in_section_)
            return bad_profile_line(path_, number, "a line without a section");
        const auto mark = text.find('=');
        if (mark == std::string_view::npos)
            return bad_profile_line(path_, number, "neither a section nor name = value");
        std::string name;
        for (const char c : trim(text.substr(0, mark)))
            name += to_lower(c);
        if (!wire::is_token(name))
            return bad_profile_line(path_, number, "a name holds a character that names lack");
        if (!current_)
            return {};
        if (current_->find(name))
            return bad_profile_line(path_, number, name + " stands in the profile twice");
        current_->values.emplace_back(name,
                                      secret(std::string(without_comment(text.substr(mark + 1)))));
        return {};
    }

    const std::string& path_;
    bool is_config_;
    bool in_section_ = false;
    profile_section* current_ = nullptr; // only the last one is ever written to
};

COKINO_DECL result<std::vector<profile_section>> parse_profiles(std::string_view text,
                                                                const std::string& path,
                                                                bool is_config)
{
    profile_parser parser(path, is_config);
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    for (unsigned number = 1; !text.empty(); ++number)
        if (auto read = parser.line(take_until(text, '\n'), number); !read)
            return read.error();
    return std::move(parser.all);
}

COKINO_DECL result<std::optional<wire::sigv4_key>> key_of_profile(
    const std::vector<profile_section>& all, const std::string& name, const std::string& path)
{
    const auto section = std::find_if(all.begin(), all.end(),
                                      [&](const profile_section& s) { return s.name == name; });
    if (section == all.end())
        return std::optional<wire::sigv4_key>();
    const auto lacks = [&](const std::string& field, const std::string& what) {
        return invalid(field, "the profile " + name + " in " + path + what,
                       errc::missing_credential);
    };
    const secret* const id = section->find("aws_access_key_id");
    const secret* const key = section->find("aws_secret_access_key");
    if (!id && !key) {
        for (const char* const other : {"role_arn", "credential_process", "sso_session",
                                        "sso_start_url", "credential_source", "source_profile"})
            if (section->find(other))
                return lacks(other, " fetches its keys from elsewhere; give them by a function");
        return std::optional<wire::sigv4_key>();
    }
    if (!id || id->empty())
        return lacks("aws_access_key_id", " has no such line, or an empty one");
    if (!key || key->empty())
        return lacks("aws_secret_access_key", " has no such line, or an empty one");
    wire::sigv4_key out;
    out.id = id->reveal();
    out.key = *key;
    if (const secret* const token = section->find("aws_session_token"))
        out.token = *token;
    return std::optional<wire::sigv4_key>(std::move(out));
}

COKINO_DECL std::string text_from_env(const char* variable)
{
    const char* const value = std::getenv(variable);
    return value ? value : "";
}

inline std::string profile_path(const char* variable, std::string_view leaf)
{
    auto path = text_from_env(variable);
    if (path.empty())
        path = text_from_env("HOME") + "/.aws/" + std::string(leaf);
    return path;
}

/// The file's text; nothing when there is no such file.
inline result<std::optional<secret>> read_profile_file(const std::string& path)
{
    errno = 0;
    std::ifstream in(path, std::ios::binary);
    if (!in && errno == ENOENT)
        return std::optional<secret>();
    std::string text(limits::profile_file_bytes_max + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    const auto size = in.gcount();
    if (!in.eof()) {
        wipe(text);
        return failure(errc::file_failed)
            .explain("the profile file " + path +
                     (size == 0 ? " cannot be read" : " is larger than any such file"));
    }
    text.resize(static_cast<std::size_t>(size));
    return std::optional<secret>(secret(std::move(text)));
}

COKINO_DECL result<wire::sigv4_key> read_profile(const std::string& name)
{
    const std::string files[] = {profile_path("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
                                 profile_path("AWS_CONFIG_FILE", "config")};
    for (const auto& path : files) {
        const auto text = read_profile_file(path);
        if (!text)
            return text.error();
        if (!*text)
            continue;
        const auto all = parse_profiles((*text)->reveal(), path, &path == &files[1]);
        if (!all)
            return all.error();
        const auto key = key_of_profile(*all, name, path);
        if (!key)
            return key.error();
        if (*key)
            return **key;
    }
    return invalid("aws_access_key_id",
                   "no keys of the profile " + name + " in " + files[0] + " or " + files[1],
                   errc::missing_credential);
}

} // namespace cokino::detail
