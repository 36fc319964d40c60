// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of wire/redact.hpp, and the lists of names whose values may be seen.
#pragma once

#include <cokino/core/diagnostics.hpp>
#include <cokino/core/text.hpp>
#include <cokino/wire/redact.hpp>

#include <algorithm>
#include <array>
#include <span>

namespace cokino::wire {
namespace detail {

// clang-format off

/// Query names whose values tell when a link dies, or which page is asked for, and nothing else.
inline constexpr std::string_view harmless_query_names[] = {
    "x-amz-algorithm", "x-amz-date", "x-amz-expires", "x-amz-signedheaders",
    "x-goog-algorithm", "x-goog-date", "x-goog-expires", "x-goog-signedheaders",
    "expires", "se", "st", "sp", "sv", "sr",
    "x-oss-date", "x-oss-expires", "x-oss-signature-version",
    "x-tos-algorithm", "x-tos-date", "x-tos-expires",
    "q-sign-algorithm", "q-sign-time", "q-key-time", "kstime", "x-kcdn-pid", "x-expires",
    "logs", "page", "pagenum", "pagesize", "page_size", "limit", "offset", "status", "format",
    "width", "height", "fal_max_queue_length",
};

inline constexpr std::string_view harmless_fields[] = {
    "accept", "accept-encoding", "accept-ranges", "age", "allow", "cache-control", "cf-ray",
    "connection", "content-encoding", "content-length", "content-range", "content-type", "date",
    "etag", "expires", "host", "if-range", "last-modified", "range", "retry-after",
    "retry-after-ms", "x-ms-retry-after-ms", "x-amz-retry-after", "server", "transfer-encoding",
    "user-agent", "vary", "via", "request-id", "x-request-id", "x-fal-request-id",
    "x-amz-request-id", "x-trace-id", "x-should-retry", "stripe-should-retry",
    "x-fal-billable-units", "ratelimit", "ratelimit-policy", "ratelimit-limit",
    "ratelimit-remaining", "ratelimit-reset",
    "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-ratelimit-reset-after",
};

/// JSON members that hold a word or an id.
inline constexpr std::string_view word_members[] = {
    "aspect_ratio", "code", "completed_at", "content_type", "created_at", "duration",
    "error_code", "error_type", "expires_at", "id", "job_id", "kind", "loc", "mode", "model",
    "object", "request_id", "requestid", "stage", "started_at", "state", "status", "status_code",
    "success", "task_id", "taskid", "task_status", "trace_id", "type", "updated_at",
};

/// JSON members that hold a host's sentence.
inline constexpr std::string_view sentence_members[] = {
    "cause", "detail", "details", "error", "error_description", "error_message", "errors",
    "fail_reason", "failmsg", "failure", "failure_reason", "message", "msg", "reason",
    "task_status_msg", "title", "warning",
};

// clang-format on

inline bool listed(std::span<const std::string_view> names, std::string_view name) noexcept
{
    return std::any_of(names.begin(), names.end(), [name](std::string_view listed_name) {
        return cokino::detail::iequals(listed_name, name);
    });
}

constexpr bool is_letter(char c) noexcept
{
    return cokino::detail::to_lower(c) >= 'a' && cokino::detail::to_lower(c) <= 'z';
}

/// Sixteen or more characters of an encoding's alphabet that hold a digit: a key, a signature, a
/// piece of base64. Words of a language have no digits, numbers no letters.
inline bool looks_secret(std::string_view word) noexcept
{
    if (word.size() < 16)
        return false;
    auto const digit = std::any_of(word.begin(), word.end(), cokino::detail::is_digit);
    auto const letter = std::any_of(word.begin(), word.end(), is_letter);
    return (digit && letter) || word.size() > 40;
}

/// A name that may be shown: short, of a name's characters, and not itself a secret.
inline bool is_plain_name(std::string_view name) noexcept
{
    auto const good = [](char c) {
        return is_letter(c) || cokino::detail::is_digit(c) || c == '-' || c == '_' || c == '.';
    };
    return !name.empty() && name.size() <= 40 && std::all_of(name.begin(), name.end(), good) &&
           (!looks_secret(name) || listed(harmless_query_names, name));
}

/// A word or id that may be shown when its member's name is vouched for.
inline bool is_plain_word(std::string_view word) noexcept
{
    auto const good = [](char c) {
        return is_letter(c) || cokino::detail::is_digit(c) ||
               std::string_view("-_.:/+ ").find(c) != std::string_view::npos;
    };
    return word.size() <= 64 && std::all_of(word.begin(), word.end(), good) &&
           word.find("://") == std::string_view::npos;
}

/// Words after which a credential stands.
inline bool announces_key(std::string_view word) noexcept
{
    static constexpr std::string_view names[] = {"bearer", "basic",    "key",          "token",
                                                 "apikey", "api_key",  "api-key",      "x-api-key",
                                                 "secret", "password", "authorization"};
    while (!word.empty() && (word.back() == ':' || word.back() == '='))
        word.remove_suffix(1);
    return listed(names, word);
}

/// Appends one word of free text, or what may be seen of it. Gives whether the next word is
/// suspect.
inline bool append_word(std::string& out, std::string_view word, bool suspect)
{
    auto const announces = announces_key(word);
    auto const odd = std::any_of(word.begin(), word.end(), [](char c) {
        return cokino::detail::is_digit(c) ||
               std::string_view(":-_=.").find(c) != std::string_view::npos;
    });
    auto const equals = word.find('=');
    if (cokino::detail::ifind(word, "data:") != std::string_view::npos)
        out += "data:***";
    else if (word.find("://") != std::string_view::npos)
        out += redact_link(word);
    else if (announces)
        out += word;
    else if (looks_secret(word) || word.ends_with('=') || (suspect && (odd || word.size() > 16)))
        out += hidden_text;
    else if (equals != std::string_view::npos)
        out.append(is_plain_name(word.substr(0, equals)) ? word.substr(0, equals) : hidden_text)
            .append("=")
            .append(hidden_text);
    else
        out += word;
    return announces;
}

/// Walks over JSON tokens; knows of the grammar only what it needs to tell names from values.
class json_redactor
{
public:
    json_redactor(std::string_view text, std::size_t bytes_max) : text_(text), max_(bytes_max) {}

    std::string run()
    {
        while (at_ < text_.size() && out_.size() < max_)
            step();
        if (at_ < text_.size())
            out_ += "...";
        return std::move(out_);
    }

private:
    enum class show : unsigned char { nothing, word, sentence };
    struct level {
        show shown = show::nothing; // what of the next value may be seen
        bool array = false;
        bool awaited = false; // a value may come here; a second one beside it is not vouched for
    };
    static constexpr std::size_t sentence_bytes_max = 160;

    void step()
    {
        char const c = text_[at_];
        if (c == '"') {
            string();
        } else if (c == '{' || c == '[') {
            put();
            if (depth_ < stack_.size())
                stack_[depth_] = here_;
            auto const known = ++depth_ <= stack_.size();
            here_ = level{c == '[' && known ? here_.shown : show::nothing, c == '[', true};
        } else if (c == '}' || c == ']') {
            put();
            here_ = {};
            if (depth_ != 0 && --depth_ < stack_.size())
                here_ = stack_[depth_];
            here_.awaited = false;
        } else if (c == ',') {
            put();
            // In an object a name comes next, and whoever has none is not vouched for.
            here_.awaited = true;
            if (!here_.array)
                here_.shown = show::nothing;
        } else if (c == ':' || c == ' ') {
            put();
        } else if (static_cast<unsigned char>(c) < 0x20) {
            ++at_;
        } else {
            bare();
        }
    }

    void put() { out_ += text_[at_++]; }

    /// A number or a literal; whatever is neither is no JSON and hidden.
    void bare()
    {
        auto const end = std::min(text_.find_first_of(",:{}[]\" \t\r\n", at_), text_.size());
        auto const word = text_.substr(at_, end - at_);
        at_ = end;
        here_.awaited = false;
        auto const number = word.size() <= 20 && std::all_of(word.begin(), word.end(), [](char c) {
                                return cokino::detail::is_digit(c) ||
                                       std::string_view("+-.eE").find(c) != std::string_view::npos;
                            });
        out_ += number || word == "true" || word == "false" || word == "null" ? word : hidden_text;
    }

    void string()
    {
        auto const from = at_ + 1;
        auto end = from;
        while (end < text_.size() && text_[end] != '"')
            end += text_[end] == '\\' ? std::size_t{2} : std::size_t{1};
        end = std::min(end, text_.size());
        auto const value = text_.substr(from, end - from);
        at_ = std::min(end + 1, text_.size());
        auto const next = text_.find_first_not_of(" \t\r\n", at_);
        out_ += '"';
        if (next != std::string_view::npos && text_[next] == ':') {
            out_ += is_plain_name(value) ? value : hidden_text;
            here_.awaited = true;
            here_.shown = listed(word_members, value)       ? show::word
                          : listed(sentence_members, value) ? show::sentence
                                                            : show::nothing;
        } else {
            auto const shown = here_.awaited ? here_.shown : show::nothing;
            here_.awaited = false;
            if (shown == show::word && is_plain_word(value))
                out_ += value;
            else if (shown == show::sentence)
                out_ += redact_text(value, sentence_bytes_max);
            else
                out_ += value.empty() ? value : hidden_text;
        }
        if (end < text_.size())
            out_ += '"';
    }

    std::string_view text_;
    std::size_t max_;
    std::size_t at_ = 0;
    std::string out_;
    level here_;
    std::size_t depth_ = 0;
    std::array<level, 64> stack_{};
};

} // namespace detail

COKINO_DECL std::string redact_query(std::string_view query)
{
    std::string out;
    while (!query.empty()) {
        auto pair = cokino::detail::take_until(query, '&');
        auto const has_value = pair.find('=') != std::string_view::npos;
        auto const name = cokino::detail::take_until(pair, '=');
        if (!out.empty())
            out += '&';
        // A part without '=' is a value as likely as a name, so it is hidden whole.
        if (!has_value || !detail::is_plain_name(name)) {
            out += hidden_text;
            continue;
        }
        out += name;
        out += '=';
        auto const shown =
            detail::listed(detail::harmless_query_names, name) && detail::is_plain_word(pair);
        out += shown ? pair : hidden_text;
    }
    return out;
}

COKINO_DECL std::string redact_link(std::string_view link)
{
    auto const scheme = link.find("://");
    if (scheme == std::string_view::npos)
        return std::string(hidden_text);
    // What stands before the scheme in running text ("see:https://...") is of no use.
    auto const https = cokino::detail::ifind(link.substr(0, scheme), "https");
    auto const http = cokino::detail::ifind(link.substr(0, scheme), "http");
    if (http == std::string_view::npos)
        return std::string(hidden_text);
    std::string out(https != std::string_view::npos ? "https://" : "http://");
    auto rest = link.substr(scheme + 3);
    rest = rest.substr(0, rest.find('#'));
    auto const mark = std::min(rest.find('?'), rest.size());
    auto const front = rest.substr(0, mark);
    auto const slash = std::min(front.find('/'), front.size());
    auto const user = front.substr(0, slash).rfind('@');
    out += user == std::string_view::npos ? front : front.substr(user + 1);
    if (mark != rest.size()) {
        out += '?';
        out += redact_query(rest.substr(mark + 1));
    }
    return clean_text(out, 512);
}

COKINO_DECL std::string redact_field(std::string_view name, std::string_view value)
{
    if (cokino::detail::iequals(name, "location") ||
        cokino::detail::iequals(name, "content-location"))
        return value.find("://") != std::string_view::npos
                   ? redact_link(value)
                   : clean_text(value.substr(0, value.find('?')), 256);
    if (!detail::listed(detail::harmless_fields, name))
        return std::string(hidden_text);
    return clean_text(value, 256);
}

COKINO_DECL std::string redact_json(std::string_view json, std::size_t bytes_max)
{
    detail::json_redactor redactor(json, bytes_max);
    return clean_text(redactor.run(), bytes_max);
}

COKINO_DECL std::string redact_text(std::string_view text, std::size_t bytes_max)
{
    // Commas and semicolons stand inside data URIs, so they end no word.
    constexpr std::string_view blanks = " \t\r\n\"'<>()[]{}";
    std::string out;
    bool suspect = false;
    while (!text.empty() && out.size() <= bytes_max) {
        auto const end = std::min(text.find_first_of(blanks), text.size());
        if (end == 0) {
            out += text[0];
            text.remove_prefix(1);
            continue;
        }
        suspect = detail::append_word(out, text.substr(0, end), suspect);
        text.remove_prefix(end);
    }
    return clean_text(out, bytes_max);
}

namespace detail {

inline void skip_blanks(std::string_view& text) noexcept
{
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

/// Behind a byte order mark, blanks and an XML declaration.
inline std::string_view behind_prolog(std::string_view text) noexcept
{
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark))
        text.remove_prefix(byte_order_mark.size());
    skip_blanks(text);
    if (auto const end = text.find("?>");
        text.starts_with("<?xml") && end != std::string_view::npos)
        text.remove_prefix(end + 2);
    skip_blanks(text);
    return text;
}

/// The error of S3 and of the stores that are built after it (Google, Azure, Aliyun). The rest of
/// it is ids, the account, and at times the very link with its signature. Empty for other text.
inline std::string redact_store_error(std::string_view body, std::size_t bytes_max)
{
    if (!body.starts_with("<Error>") && !body.starts_with("<Error "))
        return {};
    std::string out(cokino::detail::text_between(body, "<Code>", "</Code>"));
    auto const sentence = cokino::detail::text_between(body, "<Message>", "</Message>");
    if (!out.empty() && !sentence.empty())
        out += ": ";
    out += sentence;
    return redact_text(out, bytes_max);
}

} // namespace detail

COKINO_DECL std::string redact_answer(std::string_view body, std::size_t bytes_max)
{
    body = detail::behind_prolog(body);
    if (auto told = detail::redact_store_error(body, bytes_max); !told.empty())
        return told;
    // JSON behind some prefix is JSON still; markup may hold pieces of it, but is markup.
    auto const json = !body.starts_with('<') &&
                      (body.starts_with('{') || body.starts_with('[') || body.starts_with('"') ||
                       body.substr(0, 1024).find("\":") != std::string_view::npos);
    return json ? redact_json(body, bytes_max) : redact_text(body, bytes_max);
}

} // namespace cokino::wire
