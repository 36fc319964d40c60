// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Writes JSON to the end of a string: no tree, no allocation once the string has grown. What
// cannot be written (text that is not UTF-8, numbers that are not finite) is remembered by the name
// of its member and given back by finish().
#pragma once

#include <cokino/core/result.hpp>
#include <cokino/core/text.hpp>

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace cokino::wire {

/// A member's name that is known when the program is compiled, and checked then: it is copied
/// without a look. Anything that would need escaping does not compile.
class json_name
{
public:
    consteval json_name(const char* name) : text_(name)
    {
        for (char const c : text_)
            if (c < 0x20 || c > 0x7e || c == '"' || c == '\\')
                throw "a JSON name given as a literal holds a character that needs escaping";
    }
    constexpr std::string_view text() const noexcept { return text_; }

private:
    std::string_view text_;
};

/// Appends `text` as a JSON string with its quotes. False when it is not valid UTF-8; nothing is
/// appended then.
COKINO_DECL bool append_json_string(std::string& out, std::string_view text);

/// Writes one JSON value to the end of a string.
///
///     json_writer w(body);
///     w.begin_object().member("prompt", prompt).member("duration", 5).end_object();
///     auto written = w.finish();
///
/// The string is complete once the outermost object or array is closed, or finish() was called.
/// Until then it holds spare bytes.
///
/// Lifetimes — the string outlives the writer, and nobody else touches it meanwhile.
class json_writer
{
public:
    explicit json_writer(std::string& out) noexcept
        : out_(out), p_(out.data() + out.size()), end_(p_)
    {}
    json_writer(const json_writer&) = delete;
    json_writer& operator=(const json_writer&) = delete;
    ~json_writer() { trim(); }

    json_writer& begin_object() { return open('{'); }
    json_writer& end_object() { return close('}'); }
    json_writer& begin_array() { return open('['); }
    json_writer& end_array() { return close(']'); }
    /// As a member of the object around it.
    json_writer& begin_object(json_name name) { return key(name).open('{'); }
    json_writer& begin_object(std::same_as<std::string_view> auto name)
    {
        return key(name).open('{');
    }
    json_writer& begin_array(json_name name) { return key(name).open('['); }
    json_writer& begin_array(std::same_as<std::string_view> auto name)
    {
        return key(name).open('[');
    }

    /// A member's name; its value must follow.
    json_writer& key(json_name name)
    {
        auto const text = name.text();
        room(text.size() + 4);
        separate();
        key_at_ = used();
        *p_++ = '"';
        std::memcpy(p_, text.data(), text.size());
        p_ += text.size();
        *p_++ = '"';
        *p_++ = ':';
        comma_ = false;
        return *this;
    }
    /// A name that is known only when the program runs.
    template <class Text>
        requires std::same_as<Text, std::string_view> || std::same_as<Text, std::string>
    json_writer& key(const Text& name)
    {
        write_key(name);
        return *this;
    }

    json_writer& value(std::string_view text)
    {
        write_string(text);
        return *this;
    }
    json_writer& value(const char* text) { return value(std::string_view(text)); }

    template <class T>
        requires(std::is_arithmetic_v<T> && !std::same_as<T, char>)
    json_writer& value(T number)
    {
        if constexpr (std::same_as<T, bool>) {
            return raw(number ? "true" : "false");
        } else if constexpr (std::is_integral_v<T>) {
            room(24);
            separate();
            p_ = std::to_chars(p_, end_, number).ptr;
        } else {
            write_double(static_cast<double>(number));
        }
        return *this;
    }

    json_writer& null() { return raw("null"); }

    /// A value that is JSON already. It is not looked at: check texts from outside before.
    json_writer& raw(std::string_view json)
    {
        room(json.size() + 1);
        separate();
        if (json.empty())
            refuse("no JSON was given");
        else
            std::memcpy(p_, json.data(), json.size());
        p_ += json.size();
        return *this;
    }

    template <class T> json_writer& member(json_name name, const T& v)
    {
        return key(name).value(v);
    }
    template <class Text, class T>
        requires std::same_as<Text, std::string_view> || std::same_as<Text, std::string>
    json_writer& member(const Text& name, const T& v)
    {
        return key(name).value(v);
    }
    json_writer& raw_member(json_name name, std::string_view json) { return key(name).raw(json); }
    template <class Text>
        requires std::same_as<Text, std::string_view> || std::same_as<Text, std::string>
    json_writer& raw_member(const Text& name, std::string_view json)
    {
        return key(name).raw(json);
    }

    bool ok() const noexcept { return problem_ == nullptr; }
    /// The member that could not be written first; empty when all is well.
    const std::string& bad_field() const noexcept { return bad_field_; }
    /// Failures — invalid_argument naming the first member that could not be written;
    ///   internal_error when an object or array was left open.
    result<void> finish();

private:
    json_writer& open(char bracket)
    {
        room(2);
        separate();
        *p_++ = bracket;
        comma_ = false;
        ++depth_;
        return *this;
    }
    json_writer& close(char bracket)
    {
        room(1);
        *p_++ = bracket;
        comma_ = true;
        if (--depth_ == 0)
            trim();
        return *this;
    }
    /// The comma before all but the first member or element; room for it is there.
    void separate() noexcept
    {
        if (comma_)
            *p_++ = ',';
        comma_ = true;
    }
    std::size_t used() const noexcept { return static_cast<std::size_t>(p_ - out_.data()); }
    void room(std::size_t bytes)
    {
        if (static_cast<std::size_t>(end_ - p_) < bytes)
            grow(bytes);
    }
    /// Does not touch the string when there is nothing to cut: it may have been moved away since.
    void trim() noexcept
    {
        if (p_ == end_)
            return;
        out_.erase(used());
        end_ = p_;
    }
    void grow(std::size_t bytes);
    void write_key(std::string_view name);
    void write_string(std::string_view text);
    void write_double(double number);
    void refuse(const char* problem);

    static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

    std::string& out_;
    char* p_;                      // where the next byte goes, inside out_
    char* end_;                    // how far out_ reaches
    std::size_t key_at_ = nowhere; // where the last name stands in out_, should its value be bad
    int depth_ = 0;
    bool comma_ = false;
    const char* problem_ = nullptr;
    std::string bad_field_;
};

} // namespace cokino::wire

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/wire/impl/json_writer.ipp>
#endif
