// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of wire/json_view.hpp.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/wire/json_reader.hpp>
#include <cokino/wire/json_view.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace cokino::wire {
namespace detail {

inline std::optional<std::int64_t> whole_number(const boost::json::value& v) noexcept
{
    if (v.is_int64())
        return v.get_int64();
    constexpr double exact = 9007199254740992.0; // 2^53: above it doubles skip whole numbers
    if (v.is_double() && std::fabs(v.get_double()) <= exact &&
        v.get_double() == std::trunc(v.get_double()))
        return static_cast<std::int64_t>(v.get_double());
    return std::nullopt;
}

inline std::optional<double> finite_number(const boost::json::value& v) noexcept
{
    if (v.is_int64())
        return static_cast<double>(v.get_int64());
    if (v.is_uint64())
        return static_cast<double>(v.get_uint64());
    if (v.is_double() && std::isfinite(v.get_double()))
        return v.get_double();
    return std::nullopt;
}

inline std::optional<std::string> text_of(const boost::json::value& v)
{
    if (v.is_string())
        return std::string(v.get_string().data(), v.get_string().size());
    if (v.is_int64())
        return cokino::detail::to_text(v.get_int64());
    if (v.is_uint64())
        return cokino::detail::to_text(v.get_uint64());
    if (v.is_double() && std::isfinite(v.get_double()))
        return cokino::detail::to_text(v.get_double());
    return std::nullopt;
}

inline std::string_view type_name(const boost::json::value* v) noexcept
{
    if (v == nullptr)
        return "nothing";
    switch (v->kind()) {
    case boost::json::kind::null: return "null";
    case boost::json::kind::bool_: return "true or false";
    case boost::json::kind::string: return "a string";
    case boost::json::kind::array: return "an array";
    case boost::json::kind::object: return "an object";
    default: return finite_number(*v) ? "a number" : "a number out of range";
    }
}

} // namespace detail

COKINO_DECL std::string json_view::path_of(std::string_view name) const
{
    std::string path = path_;
    if (!path.empty())
        path += '.';
    return path.append(name);
}

COKINO_DECL json_view json_view::operator[](std::string_view name) const
{
    json_view found;
    found.path_ = path_of(name);
    if (is_object())
        found.value_ =
            value_->get_object().if_contains(boost::json::string_view(name.data(), name.size()));
    return found;
}

COKINO_DECL json_view json_view::operator[](std::size_t index) const
{
    json_view found;
    found.path_ = path_ + "[" + cokino::detail::to_text(index) + "]";
    if (is_array())
        found.value_ = value_->get_array().if_contains(index);
    return found;
}

COKINO_DECL json_view json_view::at(std::string_view path) const
{
    json_view here = *this;
    while (!path.empty()) {
        if (path[0] == '[') {
            auto const close = std::min(path.find(']'), path.size());
            auto const index =
                cokino::detail::parse_integer<std::size_t>(path.substr(1, close - 1));
            here = here[index.value_or(static_cast<std::size_t>(-1))];
            path.remove_prefix(std::min(close + 1, path.size()));
        } else {
            auto const end = std::min(path.find_first_of(".["), path.size());
            here = here[path.substr(0, end)];
            path.remove_prefix(end);
        }
        if (!path.empty() && path[0] == '.')
            path.remove_prefix(1);
    }
    return here;
}

COKINO_DECL std::size_t json_view::size() const noexcept
{
    if (is_array())
        return value_->get_array().size();
    return is_object() ? value_->get_object().size() : 0;
}

COKINO_DECL std::string json_view::string_or(std::string_view instead) const
{
    if (!is_string())
        return std::string(instead);
    return std::string(value_->get_string().data(), value_->get_string().size());
}

COKINO_DECL std::string json_view::text_or(std::string_view instead) const
{
    if (value_ != nullptr)
        if (auto text = detail::text_of(*value_))
            return *std::move(text);
    return std::string(instead);
}

COKINO_DECL std::int64_t json_view::integer_or(std::int64_t instead) const noexcept
{
    return value_ != nullptr ? detail::whole_number(*value_).value_or(instead) : instead;
}

COKINO_DECL double json_view::number_or(double instead) const noexcept
{
    return value_ != nullptr ? detail::finite_number(*value_).value_or(instead) : instead;
}

COKINO_DECL bool json_view::boolean_or(bool instead) const noexcept
{
    return value_ != nullptr && value_->is_bool() ? value_->get_bool() : instead;
}

COKINO_DECL failure json_view::expected(std::string_view what) const
{
    std::string message = path_.empty() ? std::string("the answer") : path_;
    if (value_ == nullptr) {
        message += ": missing";
    } else {
        message += ": expected ";
        message += what;
        message += ", found ";
        message += detail::type_name(value_);
    }
    failure f(errc::answer_malformed, fate::answered);
    f.explain(std::move(message), path_);
    return f;
}

COKINO_DECL result<std::string> json_view::require_string(std::string_view path) const
{
    auto const here = at(path);
    if (!here.is_string())
        return here.expected("a string");
    return here.string_or({});
}

COKINO_DECL result<std::string> json_view::require_text(std::string_view path) const
{
    auto const here = at(path);
    if (here.value_ != nullptr)
        if (auto text = detail::text_of(*here.value_))
            return *std::move(text);
    return here.expected("a string or a number");
}

COKINO_DECL result<std::int64_t> json_view::require_integer(std::string_view path) const
{
    auto const here = at(path);
    if (here.value_ != nullptr)
        if (auto const number = detail::whole_number(*here.value_))
            return *number;
    return here.expected("a whole number");
}

COKINO_DECL result<double> json_view::require_number(std::string_view path) const
{
    auto const here = at(path);
    if (here.value_ != nullptr)
        if (auto const number = detail::finite_number(*here.value_))
            return *number;
    return here.expected("a number");
}

COKINO_DECL result<bool> json_view::require_boolean(std::string_view path) const
{
    auto const here = at(path);
    if (here.value_ == nullptr || !here.value_->is_bool())
        return here.expected("true or false");
    return here.value_->get_bool();
}

COKINO_DECL result<json_view> json_view::require_object(std::string_view path) const
{
    auto here = at(path);
    if (!here.is_object())
        return here.expected("an object");
    return here;
}

COKINO_DECL result<json_view> json_view::require_array(std::string_view path) const
{
    auto here = at(path);
    if (!here.is_array())
        return here.expected("an array");
    return here;
}

COKINO_DECL std::string json_view::json() const
{
    return value_ != nullptr ? boost::json::serialize(*value_) : std::string();
}

COKINO_DECL result<json_document> json_document::parse(std::string_view text, std::size_t bytes_max)
{
    if (text.size() > bytes_max)
        return failure(errc::response_too_large, fate::answered)
            .explain("the JSON text is longer than allowed");
    boost::json::parse_options options;
    options.max_depth = limits::json_depth_max;
    boost::system::error_code ec;
    json_document made;
    made.value_ =
        boost::json::parse(boost::json::string_view(text.data(), text.size()), ec, {}, options);
    if (ec)
        return malformed("not valid JSON (" + ec.message() + ")", {}, text);
    return made;
}

} // namespace cokino::wire
