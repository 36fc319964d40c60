// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The text of a job. Its grammar is the query of a URL, so the small percent coder stands here: the
// model knows nothing of the wire.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/model/job.hpp>

#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace cokino {
namespace detail {

inline constexpr std::string_view job_scheme = "cokino-job:";
/// Rises when an older reader would act wrongly on a newer text. A part that may be ignored is
/// added without a new version.
inline constexpr int job_text_version = 1;

/// Whether a part must stand in the text, and whether it must say something there.
enum class presence : unsigned char { optional, present, filled };

/// Each part of the text, and where its value lives. The order is that of the text.
struct job_part {
    std::string_view name;
    presence needed;
    std::string job_route::* in_route = nullptr;
    std::string job_record::* in_record = nullptr;
};

inline constexpr std::array<job_part, 10> job_parts{{
    {"provider", presence::filled, &job_route::provider, nullptr},
    {"model", presence::present, &job_route::model, nullptr},
    {"endpoint", presence::present, &job_route::endpoint, nullptr},
    {"base_url", presence::filled, &job_route::base_url, nullptr},
    {"key", presence::present, &job_route::key, nullptr},
    {"id", presence::filled, nullptr, &job_record::id},
    {"status_url", presence::optional, nullptr, &job_record::status_url},
    {"result_url", presence::optional, nullptr, &job_record::result_url},
    {"cancel_url", presence::optional, nullptr, &job_record::cancel_url},
    {"aspect_ratio", presence::optional, nullptr, &job_record::aspect_ratio},
}};

/// Digits that are told apart by their place behind the table of texts.
enum class job_number : unsigned char { submitted_ms, duration_s, lines };
inline constexpr std::array<std::string_view, 3> job_number_names{"submitted_ms", "duration_s",
                                                                  "lines"};

/// What stands for itself in a value: the unreserved characters, and two that make links legible.
constexpr bool is_plain_in_job(char c) noexcept
{
    const char low = to_lower(c);
    return (low >= 'a' && low <= 'z') || is_digit(c) || c == '-' || c == '.' || c == '_' ||
           c == '~' || c == '/' || c == ':';
}

inline void append_job_value(std::string& out, std::string_view value)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : value) {
        if (is_plain_in_job(c)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4];
        out += digits[byte & 15U];
    }
}

inline void append_job_part(std::string& out, std::string_view name, std::string_view value)
{
    out += out.back() == '?' ? "" : "&";
    out += name;
    out += '=';
    append_job_value(out, value);
}

constexpr int hex_value(char c) noexcept
{
    if (is_digit(c))
        return c - '0';
    const char low = to_lower(c);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/// Nothing for a broken escape, and for a control character however it was written.
inline std::optional<std::string> read_job_value(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            if (text.size() - i < 3)
                return std::nullopt;
            const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
            if (high < 0 || low < 0)
                return std::nullopt;
            c = static_cast<char>(high * 16 + low);
            i += 2;
        }
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
            return std::nullopt;
        out += c;
    }
    return out;
}

inline failure not_a_job(std::string message)
{
    return invalid("job", std::move(message), errc::invalid_job);
}

/// Reads the parts behind the '?'. One object serves one text.
class job_reader
{
public:
    result<void> read(std::string_view parts)
    {
        while (!parts.empty()) {
            std::string_view value = take_until(parts, '&');
            const bool complete = value.find('=') != std::string_view::npos;
            const std::string_view name = take_until(value, '=');
            if (!complete || name.empty())
                return not_a_job("a part of it is not name=value");
            auto decoded = read_job_value(value);
            if (!decoded)
                return not_a_job(shown(name) + " holds a broken escape or a control character");
            if (auto ok = keep(name, std::move(*decoded)); !ok)
                return ok;
        }
        for (std::size_t i = 0; i < job_parts.size(); ++i) {
            const job_part& part = job_parts[i];
            if ((part.needed != presence::optional && !seen_[i]) ||
                (part.needed == presence::filled && text_of(part).empty()))
                return not_a_job(std::string(part.name) + " is missing");
        }
        return {};
    }

    job_route route;
    job_record record;

private:
    std::string& text_of(const job_part& part)
    {
        return part.in_route ? route.*part.in_route : record.*part.in_record;
    }

    /// Only names that are ours are repeated in an error; others come from who knows where.
    static std::string shown(std::string_view name)
    {
        for (const job_part& part : job_parts)
            if (part.name == name)
                return std::string(name);
        for (const std::string_view number : job_number_names)
            if (number == name)
                return std::string(name);
        return "a part of it";
    }

    result<void> keep(std::string_view name, std::string value)
    {
        for (std::size_t i = 0; i < job_parts.size(); ++i) {
            if (job_parts[i].name != name)
                continue;
            if (seen_[i])
                return not_a_job(std::string(name) + " stands there twice");
            seen_[i] = true;
            text_of(job_parts[i]) = std::move(value);
            return {};
        }
        for (std::size_t i = 0; i < job_number_names.size(); ++i) {
            if (job_number_names[i] != name)
                continue;
            if (seen_[job_parts.size() + i])
                return not_a_job(std::string(name) + " stands there twice");
            seen_[job_parts.size() + i] = true;
            return keep_number(static_cast<job_number>(i), value);
        }
        return {}; // a later version's addition, which by its nature may be ignored
    }

    result<void> keep_number(job_number which, std::string_view digits)
    {
        const auto value = parse_integer<std::int64_t>(digits);
        const std::int64_t most = which == job_number::submitted_ms
                                      ? std::numeric_limits<std::int64_t>::max()
                                      : std::numeric_limits<int>::max();
        if (!value || *value < 0 || *value > most)
            return not_a_job(std::string(job_number_names[static_cast<std::size_t>(which)]) +
                             " is not a number that fits");
        switch (which) {
        case job_number::submitted_ms: record.submitted_ms = *value; break;
        case job_number::duration_s: record.duration_s = static_cast<int>(*value); break;
        case job_number::lines: record.lines = static_cast<int>(*value); break;
        }
        return {};
    }

    std::array<bool, job_parts.size() + job_number_names.size()> seen_{};
};

inline result<job_kind> read_job_head(std::string_view& text)
{
    if (text.substr(0, job_scheme.size()) != job_scheme)
        return not_a_job("this is not a job: the text does not begin with cokino-job:");
    text.remove_prefix(job_scheme.size());
    if (text.find(':') == std::string_view::npos || text.find('?') == std::string_view::npos)
        return not_a_job("this is not a whole job: the text was cut off");
    const auto version = parse_integer<int>(take_until(text, ':'));
    if (!version || *version < 1)
        return not_a_job("the format version is not a number");
    if (*version > job_text_version)
        return not_a_job("written by a newer version of cokino (format " + to_text(*version) +
                         "; this version reads up to " + to_text(job_text_version) + ")");
    const std::string_view kind = take_until(text, '?');
    for (const job_kind known : {job_kind::video, job_kind::images})
        if (kind == name_of(known))
            return known;
    return not_a_job("the kind of job is unknown; video or images");
}

} // namespace detail

COKINO_DECL std::string job_handle::text() const
{
    std::string out;
    if (empty())
        return out;
    const job_route& route = *record_->route;
    out.reserve(256);
    out += detail::job_scheme;
    detail::append_number(out, detail::job_text_version);
    out += ':';
    out += name_of(route.kind);
    out += '?';
    for (const detail::job_part& part : detail::job_parts) {
        const std::string& value =
            part.in_route ? route.*part.in_route : (*record_).*part.in_record;
        if (part.needed != detail::presence::optional || !value.empty())
            detail::append_job_part(out, part.name, value);
    }
    if (record_->submitted_ms > 0)
        detail::append_job_part(out, "submitted_ms", detail::to_text(record_->submitted_ms));
    if (record_->duration_s > 0)
        detail::append_job_part(out, "duration_s", detail::to_text(record_->duration_s));
    if (record_->lines > 0)
        detail::append_job_part(out, "lines", detail::to_text(record_->lines));
    return out;
}

COKINO_DECL bool operator==(const job_handle& a, const job_handle& b) noexcept
{
    if (a.record_ == b.record_)
        return true;
    if (!a.record_ || !b.record_ || a.record_->id != b.record_->id)
        return false;
    const job_route& x = *a.record_->route;
    const job_route& y = *b.record_->route;
    return &x == &y || (x.kind == y.kind && x.provider == y.provider && x.endpoint == y.endpoint &&
                        x.base_url == y.base_url);
}

COKINO_DECL result<job_handle> parse_job(std::string_view text)
{
    if (text.size() > limits::job_text_bytes_max)
        return detail::not_a_job("a text of " + detail::to_text(text.size()) +
                                 " bytes; a job has at most " +
                                 detail::to_text(limits::job_text_bytes_max));
    for (const char c : text)
        if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F)
            return detail::not_a_job("this is not a job: a blank, a control character or a letter "
                                     "beyond ASCII stands in it");
    auto kind = detail::read_job_head(text);
    if (!kind)
        return kind.error();
    detail::job_reader reader;
    if (auto ok = reader.read(text); !ok)
        return ok.error();
    reader.route.kind = *kind;
    reader.record.route = std::make_shared<const job_route>(std::move(reader.route));
    return job_handle(std::make_shared<const job_record>(std::move(reader.record)));
}

} // namespace cokino
