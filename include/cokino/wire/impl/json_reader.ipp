// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of wire/json_reader.hpp. The grammar stands in impl/json_scanner.ipp, the matching of
// what it meets against the table in impl/json_fields_handler.ipp.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/wire/impl/json_fields_handler.ipp>
#include <cokino/wire/impl/json_scanner.ipp>
#include <cokino/wire/json_reader.hpp>
#include <cokino/wire/redact.hpp>

namespace cokino::wire {

COKINO_DECL failure malformed(std::string message, std::string field, std::string_view text)
{
    failure f(errc::answer_malformed, fate::answered);
    f.explain(std::move(message), std::move(field));
    f.edit().host_text = redact_answer(text, limits::sample_bytes_max);
    return f;
}

COKINO_DECL json_fields& json_fields::add(const json_path& path, kind type, bool needed, void* to)
{
    if (count_ == fields_max || !path.valid()) {
        bad_path_ = path.text().empty() ? std::string_view("(empty path)") : path.text();
        return *this;
    }
    entry& e = entries_[count_++];
    e.path = path;
    e.to = to;
    e.type = type;
    e.needed = needed;
    return *this;
}

COKINO_DECL json_fields& json_fields::string(const json_path& path, std::string& to)
{
    return add(path, kind::string, false, &to);
}
COKINO_DECL json_fields& json_fields::need_string(const json_path& path, std::string& to)
{
    return add(path, kind::string, true, &to);
}
COKINO_DECL json_fields& json_fields::view(const json_path& path, std::string_view& to)
{
    return add(path, kind::view, false, &to);
}
COKINO_DECL json_fields& json_fields::text(const json_path& path, std::string& to)
{
    return add(path, kind::text, false, &to);
}
COKINO_DECL json_fields& json_fields::need_text(const json_path& path, std::string& to)
{
    return add(path, kind::text, true, &to);
}
COKINO_DECL json_fields& json_fields::integer(const json_path& path, std::int64_t& to)
{
    return add(path, kind::integer, false, &to);
}
COKINO_DECL json_fields& json_fields::need_integer(const json_path& path, std::int64_t& to)
{
    return add(path, kind::integer, true, &to);
}
COKINO_DECL json_fields& json_fields::number(const json_path& path, double& to)
{
    return add(path, kind::number, false, &to);
}
COKINO_DECL json_fields& json_fields::need_number(const json_path& path, double& to)
{
    return add(path, kind::number, true, &to);
}
COKINO_DECL json_fields& json_fields::boolean(const json_path& path, bool& to)
{
    return add(path, kind::boolean, false, &to);
}
COKINO_DECL json_fields& json_fields::need_boolean(const json_path& path, bool& to)
{
    return add(path, kind::boolean, true, &to);
}

namespace detail {

inline std::string expected_text(std::string_view path, json_fields::kind type,
                                 std::string_view found)
{
    static constexpr std::string_view names[] = {"a string",       "a string or a number",
                                                 "a whole number", "a number",
                                                 "true or false",  "a string"};
    std::string text(path);
    text += ": expected ";
    text += names[static_cast<std::size_t>(type)];
    text += ", ";
    text += found;
    return text;
}

} // namespace detail

COKINO_DECL failure json_fields::stopped(const json_scanner& scanner,
                                         const json_fields_handler& handler,
                                         std::string_view json) const
{
    if (scanner.problem() != nullptr)
        return malformed("not valid JSON (" + std::string(scanner.problem()) + ") near byte " +
                             cokino::detail::to_text(scanner.at() - json.data()),
                         {}, json);
    auto const& e = entries_[handler.problem_at()];
    auto const twice = std::string_view(handler.problem()).starts_with("stands");
    auto message = twice ? std::string(e.path.text()) + ": " + handler.problem()
                         : detail::expected_text(e.path.text(), e.type, handler.problem());
    return malformed(std::move(message), std::string(e.path.text()), json);
}

COKINO_DECL result<void> json_fields::read(std::string_view json, std::size_t bytes_max)
{
    found_ = 0;
    if (!bad_path_.empty())
        return failure(errc::internal_error, fate::answered)
            .explain("a path of json_fields cannot be used", std::string(bad_path_));
    if (json.size() > bytes_max)
        return failure(errc::response_too_large, fate::answered)
            .explain("the JSON text is longer than allowed");
    json_fields_handler handler(*this);
    json_scanner scanner(handler, json);
    if (!scanner.run())
        return stopped(scanner, handler, json);
    for (std::size_t i = 0; i != count_; ++i)
        if (entries_[i].needed && (found_ >> i & 1) == 0)
            return malformed(std::string(entries_[i].path.text()) + ": missing",
                             std::string(entries_[i].path.text()), json);
    return {};
}

COKINO_DECL bool json_fields::found(std::string_view path) const noexcept
{
    for (std::size_t i = 0; i != count_; ++i)
        if (entries_[i].path.text() == path)
            return (found_ >> i & 1) != 0;
    return false;
}

} // namespace cokino::wire
