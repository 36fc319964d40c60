// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Reads the few wanted values out of a known answer in one pass: no tree, no allocation beyond what
// the targets themselves need. Answers whose shape is not known beforehand are json_view.hpp's.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cokino::wire {

/// A failed answer_malformed with our own sentence about `field`, and the text's first bytes,
/// redacted and capped, as the host's words.
COKINO_DECL failure malformed(std::string message, std::string field, std::string_view text);

/// A table of wanted values, each with its path and its target.
///
///     json_fields f;
///     f.need_text("data.task_id", id).string("data.task_status", state).integer("code", code);
///     auto read = f.read(answer.body());
///
/// A path is member names joined by dots, array elements by index: "data.videos[0].url". What is
/// needed must be there and of its type. All else is a hint: it is left untouched when it is
/// absent, null, out of range or of another type, so that a host's whim breaks nothing.
///
/// Lifetimes — paths and targets outlive the table. A table may read many texts, one at a time.
class json_fields
{
public:
    static constexpr std::size_t fields_max = 24;
    static constexpr std::size_t steps_max = 8;

    enum class kind : unsigned char { string, text, integer, number, boolean, view };

    json_fields& string(std::string_view path, std::string& to);
    json_fields& need_string(std::string_view path, std::string& to);
    /// A string without a copy: a view into the text, and lives as long. A string that is written
    /// with escapes has no such view and counts as one of another type.
    json_fields& view(std::string_view path, std::string_view& to);
    /// A string or a number, as text: hosts change their minds about ids and codes.
    json_fields& text(std::string_view path, std::string& to);
    json_fields& need_text(std::string_view path, std::string& to);
    json_fields& integer(std::string_view path, std::int64_t& to);
    json_fields& need_integer(std::string_view path, std::int64_t& to);
    json_fields& number(std::string_view path, double& to);
    json_fields& need_number(std::string_view path, double& to);
    json_fields& boolean(std::string_view path, bool& to);
    json_fields& need_boolean(std::string_view path, bool& to);

    /// Reads the whole text. Targets hold what was found even when it fails.
    ///
    /// Failures — answer_malformed: no JSON, nested deeper than limits::json_depth_max, longer than
    ///   `bytes_max`, not UTF-8, a wanted member twice, a needed one absent or of another type.
    result<void> read(std::string_view json, std::size_t bytes_max = limits::api_body_bytes_max);

    /// Whether the last read filled the target of this path.
    bool found(std::string_view path) const noexcept;

private:
    friend class json_fields_handler;

    /// One step of a path: a member's name, or an index when the name is empty.
    struct step {
        const char* name;
        unsigned short size;
        unsigned short index;
    };
    // Neither has initialisers, so that a table on the stack costs what is put into it.
    struct entry {
        const char* path;
        std::size_t path_size;
        void* to;
        kind type;
        bool needed;
        unsigned char step_count;
        step steps[steps_max];

        std::string_view name() const noexcept { return {path, path_size}; }
    };

    json_fields& add(std::string_view path, kind type, bool needed, void* to);
    static bool split(entry& e) noexcept;

    entry entries_[fields_max];
    std::size_t count_ = 0;
    std::uint32_t found_ = 0;
    std::string_view bad_path_; // a path that cannot be used: a bug in the caller
};

} // namespace cokino::wire

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/wire/impl/json_reader.ipp>
#endif
