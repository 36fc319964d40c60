// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The data of provider/rest.hpp: what its defaults know of Kling, whether a user's names can be
// used, and how paths are looked up. Included by impl/rest.ipp only.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/provider/rest.hpp>
#include <cokino/wire/header.hpp>
#include <cokino/wire/json_reader.hpp>
#include <cokino/wire/json_view.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cokino {
namespace detail {

/// How many paths a list may have that is read on the hot path; each counts twice, for the wrapper.
inline constexpr std::size_t rest_paths_max = 4;

inline bool rest_listed(const std::vector<std::string>& words, std::string_view word) noexcept
{
    return std::any_of(words.begin(), words.end(),
                       [word](const std::string& known) { return iequals(known, word); });
}

inline bool rest_holds(std::string_view text, const std::vector<std::string>& phrases) noexcept
{
    return std::any_of(phrases.begin(), phrases.end(), [text](const std::string& phrase) {
        return ifind(text, phrase) != std::string_view::npos;
    });
}

/// Each path inside the wrapper, and then as it is: an envelope may have a "status" of its own.
inline std::vector<std::string> rest_paths(const std::vector<std::string>& given,
                                           const std::string& wrapper)
{
    std::vector<std::string> out;
    for (const std::string& path : given) {
        if (!wrapper.empty())
            out.push_back(wrapper + "." + path);
        out.push_back(path);
    }
    return out;
}

inline std::string rest_fill(std::string_view path, std::string_view endpoint, std::string_view id)
{
    std::string out;
    while (!path.empty()) {
        const std::size_t at = path.find('{');
        out += path.substr(0, at);
        path.remove_prefix(std::min(at, path.size()));
        if (path.substr(0, 4) == "{id}")
            out += wire::percent_encode(id), path.remove_prefix(4);
        else if (path.substr(0, 10) == "{endpoint}")
            out += endpoint, path.remove_prefix(10);
        else if (!path.empty())
            out += '{', path.remove_prefix(1);
    }
    return out;
}

/// The first of the paths that holds a text worth keeping.
inline std::string rest_text(const wire::json_view& root, const std::vector<std::string>& paths)
{
    // What envelopes say when nothing is wrong.
    static const std::vector<std::string> idle{"0", "200", "success", "succeed", "ok"};
    for (const std::string& path : paths) {
        std::string text = root.at(path).text_or("");
        if (!text.empty() && !rest_listed(idle, text))
            return text;
    }
    return {};
}

inline result<void> rest_bad(const char* field, const char* message)
{
    return invalid(field, message, errc::invalid_options);
}

inline result<void> check_rest_paths(const rest_options& o)
{
    const struct {
        const char* field;
        const std::string& path;
        bool may_be_empty, needs_id;
    } rows[] = {
        {"submit_path", o.submit_path, false, false},
        {"image_submit_path", o.image_submit_path, true, false},
        {"status_path", o.status_path, false, true},
        {"cancel_path", o.cancel_path, true, true},
    };
    for (const auto& row : rows) {
        if (row.path.empty() && row.may_be_empty)
            continue;
        if (row.path.substr(0, 1) != "/" || row.path.substr(0, 2) == "//" ||
            row.path.size() > limits::job_link_bytes_max)
            return rest_bad(row.field, "must begin with a single slash");
        if (row.needs_id && row.path.find("{id}") == std::string::npos)
            return rest_bad(row.field, "must hold {id}");
    }
    return {};
}

inline result<void> check_rest_lists(const rest_options& o)
{
    const struct {
        const char* field;
        const std::vector<std::string>& paths;
        bool needed;
    } rows[] = {
        {"id_paths", o.id_paths, true},
        {"state_paths", o.state_paths, true},
        {"progress_paths", o.progress_paths, false},
        {"link_paths", o.link_paths, true},
    };
    for (const auto& row : rows) {
        if (row.paths.size() > rest_paths_max || (row.needed && row.paths.empty()))
            return rest_bad(row.field, row.needed ? "must hold 1 to 4 paths" : "at most 4 paths");
        wire::json_fields trial;
        std::string unused;
        const auto paths = rest_paths(row.paths, o.wrapper);
        for (const std::string& path : paths)
            trial.text(path, unused);
        if (!trial.read("{}"))
            return rest_bad(row.field, "holds a path that cannot be read");
    }
    if (o.succeeded_words.empty())
        return rest_bad("succeeded_words", "is empty, so that no job would ever end");
    return {};
}

} // namespace detail

/// Codes and texts of Kling's own platform, which hosts like this one tend to pass through.
/// [providers/kling §1.5: D; whether a given host does is not known]
COKINO_DECL std::vector<std::pair<std::string, errc>> rest_options::kling_codes()
{
    return {
        {"1000", errc::unauthorised},     {"1001", errc::unauthorised},
        {"1002", errc::unauthorised},     {"1003", errc::unauthorised},
        {"1004", errc::unauthorised},     {"1100", errc::forbidden},
        {"1101", errc::out_of_credit},    {"1102", errc::out_of_credit},
        {"1103", errc::forbidden},        {"1200", errc::request_rejected},
        {"1201", errc::request_rejected}, {"1202", errc::not_found},
        {"1203", errc::not_found},        {"1300", errc::content_refused},
        {"1301", errc::content_refused},  {"1302", errc::rate_limited},
        {"1303", errc::rate_limited},     {"1304", errc::forbidden},
        {"5000", errc::host_fault},       {"5001", errc::host_fault},
        {"5002", errc::host_fault},
    };
}

/// [providers/kling §1.5, §3.2: "risk control" L; the others are guesses of the same kind: I]
COKINO_DECL std::vector<std::string> rest_options::kling_refusals()
{
    return {"risk control", "content policy", "content_policy", "moderation", "sensitive", "nsfw"};
}

COKINO_DECL result<void> validate(const rest_options& o)
{
    if (!wire::is_token(o.name) || o.name.size() > 64)
        return detail::rest_bad("name", "must be a short word without blanks");
    if (!wire::is_token(o.key_header))
        return detail::rest_bad("key_header", "is no name of a header field");
    if (!o.idempotency_header.empty() && !wire::is_token(o.idempotency_header))
        return detail::rest_bad("idempotency_header", "is no name of a header field");
    if (o.prompt_field.empty())
        return detail::rest_bad("prompt_field", "is empty");
    const bool has_key = !o.idempotency_header.empty() || !o.idempotency_field.empty();
    if (has_key != (o.repeats != repeat_semantics::none))
        return detail::rest_bad("repeats", "goes together with idempotency_header or "
                                           "idempotency_field: set both or neither");
    for (const auto& [name, json] : o.constant_members)
        if (name.empty() || !wire::json_document::parse(json))
            return detail::rest_bad("constant_members", "holds a member that is no JSON");
    if (o.poll_interval_min.count() < 0 || o.result_lifetime.count() < 0)
        return detail::rest_bad("poll_interval_min", "times cannot be negative");
    if (auto sound = detail::check_rest_paths(o); !sound)
        return sound;
    return detail::check_rest_lists(o);
}

} // namespace cokino
