// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Writes JSON by appending to a string: no tree, no allocation once the string has grown. What
// cannot be written (text that is not UTF-8, numbers that are not finite) is remembered by the name
// of its member and given back by finish().
#pragma once

#include <cokino/core/result.hpp>
#include <cokino/core/text.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

namespace cokino::wire {

/// Appends `text` as a JSON string with its quotes. False when it is not valid UTF-8; what was
/// appended until then is taken back.
COKINO_DECL bool append_json_string(std::string& out, std::string_view text);

/// Writes one JSON value to the end of a string.
///
///     json_writer w(body);
///     w.begin_object().member("prompt", prompt).member("duration", 5).end_object();
///     auto written = w.finish();
///
/// Lifetimes — the string outlives the writer, and nobody else changes it meanwhile.
class json_writer
{
public:
    explicit json_writer(std::string& out) noexcept : out_(out) {}
    json_writer(const json_writer&) = delete;
    json_writer& operator=(const json_writer&) = delete;

    json_writer& begin_object() { return open('{'); }
    json_writer& begin_object(std::string_view name) { return key(name).open('{'); }
    json_writer& end_object() { return close('}'); }
    json_writer& begin_array() { return open('['); }
    json_writer& begin_array(std::string_view name) { return key(name).open('['); }
    json_writer& end_array() { return close(']'); }

    /// A member's name; its value must follow.
    json_writer& key(std::string_view name)
    {
        separate();
        key_at_ = out_.size();
        if (!append_json_string(out_, name))
            refuse("a member's name", "not valid UTF-8");
        out_ += ':';
        comma_ = false;
        return *this;
    }

    json_writer& value(std::string_view text)
    {
        separate();
        if (!append_json_string(out_, text))
            refuse({}, "not valid UTF-8");
        return *this;
    }
    json_writer& value(const char* text) { return value(std::string_view(text)); }

    template <class T>
        requires(std::is_arithmetic_v<T> && !std::same_as<T, char>)
    json_writer& value(T number)
    {
        separate();
        if constexpr (std::same_as<T, bool>)
            out_ += number ? "true" : "false";
        else if constexpr (std::is_integral_v<T>)
            cokino::detail::append_number(out_, number);
        else
            write_double(static_cast<double>(number));
        return *this;
    }

    json_writer& null() { return raw("null"); }

    /// A value that is JSON already. It is not looked at: check texts from outside before.
    json_writer& raw(std::string_view json)
    {
        separate();
        if (json.empty())
            refuse({}, "no JSON was given");
        out_ += json;
        return *this;
    }

    template <class T> json_writer& member(std::string_view name, const T& v)
    {
        return key(name).value(v);
    }
    json_writer& raw_member(std::string_view name, std::string_view json)
    {
        return key(name).raw(json);
    }

    bool ok() const noexcept { return problem_ == nullptr; }
    /// The member that could not be written first; empty when all is well.
    const std::string& bad_field() const noexcept { return bad_field_; }
    /// Failures — invalid_argument naming the first member that could not be written;
    ///   internal_error when an object or array was left open.
    result<void> finish() const;

private:
    json_writer& open(char bracket)
    {
        separate();
        out_ += bracket;
        comma_ = false;
        ++depth_;
        return *this;
    }
    json_writer& close(char bracket)
    {
        out_ += bracket;
        comma_ = true;
        --depth_;
        return *this;
    }
    void separate()
    {
        if (comma_)
            out_ += ',';
        comma_ = true;
    }
    void write_double(double number);
    void refuse(std::string_view field, const char* problem);

    static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

    std::string& out_;
    std::size_t key_at_ = nowhere; // where the last name stands in out_, should it prove bad
    int depth_ = 0;
    bool comma_ = false;
    const char* problem_ = nullptr;
    std::string bad_field_;
};

} // namespace cokino::wire

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/wire/impl/json_writer.ipp>
#endif
