// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A whole JSON text as a tree, for answers of varying shape (validation errors, passed-through
// fields), with the path in each error. It costs ten times a json_fields: not for the hot path.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/result.hpp>

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cokino::wire {

/// A place in a JSON tree, or the knowledge that there is nothing at that place. Looking further
/// from nothing gives nothing, so a chain of lookups needs one check at its end.
///
/// Lifetimes — the tree outlives its views.
class json_view
{
public:
    json_view() = default;
    explicit json_view(const boost::json::value& v, std::string path = {})
        : value_(&v), path_(std::move(path))
    {}

    bool exists() const noexcept { return value_ != nullptr; }
    bool is_null() const noexcept { return value_ != nullptr && value_->is_null(); }
    bool is_string() const noexcept { return value_ != nullptr && value_->is_string(); }
    bool is_number() const noexcept { return value_ != nullptr && value_->is_number(); }
    bool is_object() const noexcept { return value_ != nullptr && value_->is_object(); }
    bool is_array() const noexcept { return value_ != nullptr && value_->is_array(); }

    json_view operator[](std::string_view name) const;
    json_view operator[](const char* name) const { return (*this)[std::string_view(name)]; }
    json_view operator[](std::size_t index) const;
    json_view operator[](int index) const
    {
        return (*this)[index < 0 ? static_cast<std::size_t>(-1) : static_cast<std::size_t>(index)];
    }
    /// Several steps at once: "data.videos[0].url".
    json_view at(std::string_view path) const;

    /// Elements of an array or members of an object; 0 for all else.
    std::size_t size() const noexcept;
    /// Calls f(json_view) for each element of an array.
    template <class F> void for_each_element(F&& f) const
    {
        for (std::size_t i = 0, n = is_array() ? size() : 0; i != n; ++i)
            f((*this)[i]);
    }
    /// Calls f(name, json_view) for each member of an object.
    template <class F> void for_each_member(F&& f) const
    {
        if (is_object())
            for (auto const& member : value_->get_object()) {
                std::string_view const name(member.key().data(), member.key().size());
                f(name, json_view(member.value(), path_of(name)));
            }
    }

    // A value of its type, or what is given instead. text_or takes numbers, too.
    std::string string_or(std::string_view instead) const;
    std::string text_or(std::string_view instead) const;
    std::int64_t integer_or(std::int64_t instead) const noexcept;
    double number_or(double instead) const noexcept;
    bool boolean_or(bool instead) const noexcept;

    /// Failures of all of these — answer_malformed: "data.task_id: expected a string, found a
    ///   number". An empty path means this place itself.
    result<std::string> require_string(std::string_view path = {}) const;
    result<std::string> require_text(std::string_view path = {}) const;
    result<std::int64_t> require_integer(std::string_view path = {}) const;
    result<double> require_number(std::string_view path = {}) const;
    result<bool> require_boolean(std::string_view path = {}) const;
    result<json_view> require_object(std::string_view path = {}) const;
    result<json_view> require_array(std::string_view path = {}) const;

    /// Where this is, from the root on: "data.videos[0]".
    const std::string& path() const noexcept { return path_; }
    /// This part as JSON text; empty when there is nothing.
    std::string json() const;
    /// Boost's own value; null when there is nothing.
    const boost::json::value* raw() const noexcept { return value_; }

private:
    std::string path_of(std::string_view name) const;
    failure expected(std::string_view what) const;

    const boost::json::value* value_ = nullptr;
    std::string path_;
};

/// A parsed text that owns its tree. Of a member that stands twice the last counts: where that
/// matters (ids, states) json_fields refuses it.
class json_document
{
public:
    /// Failures — answer_malformed: no JSON, deeper than limits::json_depth_max, not UTF-8, text
    ///   behind the value (with the first bytes, redacted, as the host's words);
    ///   response_too_large.
    static result<json_document> parse(std::string_view text,
                                       std::size_t bytes_max = limits::api_body_bytes_max);

    json_view root() const { return json_view(value_); }
    json_view operator[](std::string_view name) const { return root()[name]; }
    json_view operator[](const char* name) const { return root()[name]; }
    json_view at(std::string_view path) const { return root().at(path); }

private:
    boost::json::value value_;
};

} // namespace cokino::wire

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/wire/impl/json_view.ipp>
#endif
