// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Reads the few wanted values out of a known answer in one pass: no tree, no allocation beyond what
// the targets themselves need. Answers whose shape is not known beforehand are json_view.hpp's.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/result.hpp>
#include <cokino/core/text.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cokino::wire {

class json_fields_handler;
class json_scanner;

/// A failed answer_malformed with our own sentence about `field`, and the text's first bytes,
/// redacted and capped, as the host's words.
COKINO_DECL failure malformed(std::string message, std::string field, std::string_view text);

/// Where a value stands: member names joined by dots, array elements by index:
/// "data.videos[0].url". A constant one ("static constexpr json_path id("data.task_id");") is taken
/// apart when the program is compiled.
///
/// Lifetimes — the text outlives the path.
class json_path
{
public:
    static constexpr std::size_t steps_max = 8;
    static constexpr std::size_t name_bytes_max = 64;

    json_path() = default; // not initialised: only for room to be filled later
    constexpr json_path(const char* text) noexcept : json_path(std::string_view(text)) {}
    json_path(const std::string& text) noexcept : json_path(std::string_view(text)) {}
    constexpr json_path(std::string_view text) noexcept
        : text_(text.data()), size_(text.size()), count_(0), steps_{}
    {
        if (text.size() > 255 || !split(text))
            count_ = 0;
    }

    constexpr std::string_view text() const noexcept { return {text_, size_}; }
    /// False for an empty path, an empty or too long name, too many steps, an odd index.
    constexpr bool valid() const noexcept { return count_ != 0; }

private:
    friend class json_fields_handler;

    /// A member's name, or an index when its size is 0.
    struct step {
        std::uint8_t at;
        std::uint8_t size;
        std::uint16_t index;
    };

    constexpr bool split(std::string_view text) noexcept
    {
        for (std::size_t at = 0; at != text.size(); ++count_) {
            if (count_ == steps_max)
                return false;
            step& s = steps_[count_];
            if (text[at] == '[') {
                auto const close = text.find(']', at);
                if (close == std::string_view::npos || close - at < 2 || close - at > 5)
                    return false;
                unsigned index = 0;
                for (++at; at != close; ++at) {
                    if (!cokino::detail::is_digit(text[at]))
                        return false;
                    index = index * 10 + static_cast<unsigned>(text[at] - '0');
                }
                s.index = static_cast<std::uint16_t>(index);
                ++at;
                continue;
            }
            if (count_ != 0 && text[at++] != '.')
                return false;
            auto const from = at;
            while (at != text.size() && text[at] != '.' && text[at] != '[')
                ++at;
            if (at == from || at - from > name_bytes_max)
                return false;
            s.at = static_cast<std::uint8_t>(from);
            s.size = static_cast<std::uint8_t>(at - from);
        }
        return count_ != 0;
    }

    const char* text_;
    std::size_t size_;
    std::size_t count_;
    step steps_[steps_max];
};

/// A table of wanted values, each with its path and its target.
///
///     json_fields f;
///     f.need_text("data.task_id", id).string("data.task_status", state).integer("code", code);
///     auto read = f.read(answer.body());
///
/// What is needed must be there and of its type. All else is a hint: it is left untouched when it
/// is absent, null, out of range or of another type, so that a host's whim breaks nothing.
///
/// Lifetimes — paths and targets outlive the table. A table may read many texts, one at a time.
class json_fields
{
public:
    static constexpr std::size_t fields_max = 24;

    enum class kind : unsigned char { string, text, integer, number, boolean, view };

    json_fields& string(const json_path& path, std::string& to);
    json_fields& need_string(const json_path& path, std::string& to);
    /// A string without a copy: a view into the text, and lives as long. A string that is written
    /// with escapes has no such view and counts as one of another type.
    json_fields& view(const json_path& path, std::string_view& to);
    /// A string or a number, as text: hosts change their minds about ids and codes.
    json_fields& text(const json_path& path, std::string& to);
    json_fields& need_text(const json_path& path, std::string& to);
    json_fields& integer(const json_path& path, std::int64_t& to);
    json_fields& need_integer(const json_path& path, std::int64_t& to);
    json_fields& number(const json_path& path, double& to);
    json_fields& need_number(const json_path& path, double& to);
    json_fields& boolean(const json_path& path, bool& to);
    json_fields& need_boolean(const json_path& path, bool& to);

    /// Reads the whole text. Targets hold what was found even when it fails.
    ///
    /// Failures — answer_malformed: no JSON, nested deeper than limits::json_depth_max, longer than
    ///   `bytes_max`, not UTF-8, a wanted member twice, a needed one absent or of another type.
    result<void> read(std::string_view json, std::size_t bytes_max = limits::api_body_bytes_max);

    /// Whether the last read filled the target of this path.
    bool found(std::string_view path) const noexcept;

private:
    friend class json_fields_handler;

    // Without initialisers, so that a table on the stack costs what is put into it.
    struct entry {
        json_path path;
        void* to;
        kind type;
        bool needed;
    };

    json_fields& add(const json_path& path, kind type, bool needed, void* to);
    failure stopped(const json_scanner& scanner, const json_fields_handler& handler,
                    std::string_view json) const;

    entry entries_[fields_max];
    std::size_t count_ = 0;
    std::uint32_t found_ = 0;
    std::string_view bad_path_; // a path that cannot be used: a bug in the caller
};

} // namespace cokino::wire

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/wire/impl/json_reader.ipp>
#endif
