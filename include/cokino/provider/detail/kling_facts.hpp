// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What is known of Kling's own API, as tables and readers. Numbers in brackets are sections of
// providers/kling-kie-piapi-pollo-wireflow.md, letters its tags: C client source, D vendor's
// documentation, L seen live by others, T hearsay, I inferred. Private to provider/kling.hpp.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/model/job_status.hpp>
#include <cokino/model/request.hpp>
#include <cokino/provider/detail/access.hpp>
#include <cokino/provider/detail/body.hpp>
#include <cokino/provider/detail/result_link.hpp>
#include <cokino/provider/host_facts.hpp>
#include <cokino/wire/json_view.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cokino::detail::kling_facts {

/// What a submit of one model goes to. `name` is the path's last part in the current generation
/// and "model_name" in the legacy one; `tier` is "resolution" there and "mode" here.
struct model_row {
    video_model model;
    std::string_view current_name, legacy_name;
    std::string_view resolution, mode;
    bool third; ///< Kling 3.0: sound, and a scale that 2.x ignores.
};
// [1.2 D, 1.3 D; 1.5 of the tiers: 720p and std, 1080p and pro]
inline constexpr std::array<model_row, 4> models{{
    {video_model::kling_2_5_turbo_pro, "kling-2.5-turbo", "kling-v2-5-turbo", "1080p", "pro",
     false},
    {video_model::kling_2_5_turbo_standard, "kling-2.5-turbo", "kling-v2-5-turbo", "720p", "std",
     false},
    {video_model::kling_3_0_pro, "kling-3.0", "kling-v3", "1080p", "pro", true},
    {video_model::kling_3_0_standard, "kling-3.0", "kling-v3", "720p", "std", true},
}};

inline constexpr std::string_view legacy_text = "v1/videos/text2video";   // [1.3 D]
inline constexpr std::string_view legacy_image = "v1/videos/image2video"; // [1.3 D]
inline constexpr std::string_view legacy_prefix = "v1/";                  // [1.3 D, 1.7 D]

struct state_row {
    std::string_view word;
    job_state state;
};
// [0.2] Exact words; "succeeded" is the current generation's, "succeed" the legacy one's.
inline constexpr std::array<state_row, 5> states{{
    {"submitted", job_state::queued},
    {"processing", job_state::running},
    {"succeeded", job_state::succeeded},
    {"succeed", job_state::succeeded},
    {"failed", job_state::failed},
}};

inline job_state state_of(std::string_view word) noexcept
{
    for (const state_row& row : states)
        if (word == row.word)
            return row.state;
    return job_state::unknown;
}

struct code_row {
    std::int64_t code;
    errc meaning;
};
// [1.5 D]. Of those that come with 429, 1100, 1101, 1102 and 1304 never clear by waiting.
inline constexpr std::array<code_row, 19> codes{{
    {1000, errc::unauthorised},     {1001, errc::unauthorised},     {1002, errc::unauthorised},
    {1003, errc::unauthorised},     {1004, errc::unauthorised},     {1100, errc::forbidden},
    {1101, errc::out_of_credit},    {1102, errc::out_of_credit},    {1103, errc::forbidden},
    {1200, errc::request_rejected}, {1201, errc::request_rejected}, {1202, errc::request_rejected},
    {1203, errc::not_found},        {1300, errc::content_refused},  {1301, errc::content_refused},
    {1302, errc::rate_limited},     {1303, errc::rate_limited},     {1304, errc::forbidden},
    {5001, errc::host_fault},
}};

inline constexpr std::int64_t bad_value = 1201; // [1.5 D]: also unknown tasks and repeated ids
inline constexpr std::string_view unknown_task = "task not found"; // [1.3 L], in any case
inline constexpr std::string_view id_exists = "already exist";     // [0.3 L, one probe]

// [1.5 D] is the first; the others are guesses (I) at how the same may be put.
inline constexpr std::array<std::string_view, 4> refusal_phrases{
    {"risk control", "content policy", "content safety", "sensitive"}};

inline bool reads_as_refusal(std::string_view text) noexcept
{
    for (const std::string_view phrase : refusal_phrases)
        if (ifind(text, phrase) != std::string_view::npos)
            return true;
    return false;
}

/// The envelope of every answer: {"code":0,"message":"SUCCEED","request_id":"...","data":...}.
struct envelope {
    std::optional<std::int64_t> code;
    host_words words;
    std::string request_id;
};

inline envelope envelope_of(const wire::response& answer)
{
    envelope out;
    if (auto doc = wire::json_document::parse(answer.body())) {
        out.words.code = (*doc)["code"].text_or("");
        out.words.text = (*doc)["message"].string_or("");
        out.request_id = (*doc)["request_id"].string_or("");
        out.code = parse_integer<std::int64_t>(out.words.code);
    }
    return out;
}

/// What an answer means that is no success; ok when nothing in it says that something is wrong.
inline errc meaning_of(unsigned status, const envelope& said) noexcept
{
    const std::int64_t code = said.code.value_or(0);
    if (code == bad_value && ifind(said.words.text, unknown_task) != std::string_view::npos)
        return errc::not_found;
    for (const code_row& row : codes)
        if (row.code == code)
            return row.meaning;
    const errc by_status = errc_of_status(status);
    if (by_status != errc::ok || code == 0)
        return by_status;
    return code >= 1000 && code < 2000 ? errc::request_rejected : errc::host_fault;
}

/// [0.3 L]: the host's word for "I have a job with this id of yours".
inline bool says_id_exists(const envelope& said) noexcept
{
    return said.code == bad_value && ifind(said.words.text, id_exists) != std::string_view::npos;
}

/// [1.6 L]: links carry "Expires=", seconds since 1970; a number that is no such time is ignored.
inline std::optional<std::chrono::system_clock::time_point> expiry_of(std::string_view link)
{
    constexpr std::string_view mark = "Expires=";
    const std::size_t at = link.find(mark);
    if (at == std::string_view::npos || (link[at - 1] != '?' && link[at - 1] != '&'))
        return std::nullopt;
    std::string_view rest = link.substr(at + mark.size());
    const auto seconds = parse_integer<std::int64_t>(take_until(rest, '&'));
    if (!seconds || *seconds < 1'500'000'000 || *seconds > 10'000'000'000)
        return std::nullopt;
    return std::chrono::system_clock::time_point(std::chrono::seconds(*seconds));
}

/// [1.2 D] "outputs" of the current generation, where each says its type; [1.3 D, 1.7 D]
/// "task_result.videos" or ".images" of the legacy one.
inline job_output output_of(const wire::json_view& task, job_kind kind, std::string_view base_url)
{
    job_output out;
    const std::string_view type = kind == job_kind::video ? "video" : "image";
    const auto take = [&](const wire::json_view& file) {
        asset made(file["url"].string_or(""));
        if (!is_result_link(made.url, base_url))
            return;
        made.expires_at = expiry_of(made.url);
        made.expires_by = expiry_source::link;
        made.index = out.assets.size();
        out.assets.push_back(std::move(made));
    };
    task["outputs"].for_each_element([&](const wire::json_view& file) {
        if (file["type"].string_or("") == type)
            take(file);
    });
    task.at(kind == job_kind::video ? "task_result.videos" : "task_result.images")
        .for_each_element(take);
    return out;
}

inline constexpr std::size_t batch_max = 20;                            // [1.2 D, L]
inline constexpr std::size_t list_max = 500;                            // [1.2 D, 1.3 D]
inline constexpr std::chrono::seconds result_life{30 * 24 * 3600};      // [1.6 D]
inline constexpr std::chrono::seconds token_life{1800}, token_early{5}; // [1.1 L]
/// A token is renewed so long before its end, for repeats of a request that carry it.
inline constexpr std::chrono::seconds token_margin{300};
inline constexpr std::size_t megabyte = 1'000'000;
// What validate() lets through as a data: link; less than the 50 MB of the current API [1.2 D].
inline constexpr std::size_t inline_max = 10 * megabyte;

constexpr media_rules media_of(std::size_t bytes_max) noexcept
{
    media_rules m; // [1.2 D, 1.3 D]
    m.inline_bytes_max = inline_max;
    m.formats = image_format::png | image_format::jpeg;
    m.bytes_max = bytes_max;
    m.side_min = 300;
    m.ratio_max = 2.5;
    return m;
}

// Prices [1.6 D]: units of $0.14 a second.
inline constexpr std::array<model_facts, 4> current_models{{
    {"kling-2.5-turbo-pro", "{text,image}-to-video/kling-2.5-turbo", true, true, true,
     "$0.35 / 5 s"},
    {"kling-2.5-turbo-standard", "{text,image}-to-video/kling-2.5-turbo", true, true, false,
     "$0.21 / 5 s"},
    {"kling-3.0-pro", "{text,image}-to-video/kling-3.0", true, true, true,
     "$0.112 / s, with sound $0.168"},
    {"kling-3.0-standard", "{text,image}-to-video/kling-3.0", true, true, true,
     "$0.084 / s, with sound $0.126"},
}};
inline constexpr std::array<model_facts, 4> legacy_models{{
    {"kling-2.5-turbo-pro", "kling-v2-5-turbo, pro", true, true, true, "$0.35 / 5 s"},
    {"kling-2.5-turbo-standard", "kling-v2-5-turbo, std", true, true, false, "$0.21 / 5 s"},
    {"kling-3.0-pro", "kling-v3, pro", true, true, true, "$0.112 / s, with sound $0.168"},
    {"kling-3.0-standard", "kling-v3, std", true, true, true, "$0.084 / s, with sound $0.126"},
}};

constexpr host_facts facts_of(bool current) noexcept
{
    host_facts f;
    f.host = "kling";
    f.api = "https://api-singapore.klingai.com"; // [1.1 D]; api-beijing for accounts in China
    f.key_variable = current ? "KLING_API_KEY" : "KLING_ACCESS_KEY, KLING_SECRET_KEY";
    f.auth = current ? "Authorization: Bearer ..." : "Authorization: Bearer ... (key or JWT)";
    f.repeats = repeat_semantics::refuses; // [0.3 L, one probe]
    f.own_id = current ? "options.external_task_id" : "external_task_id";
    f.status_batch_max = current ? batch_max : 1;
    f.list_route = current ? "POST /tasks" : "GET /v1/videos/{kind}?pageNum=";
    f.list_max = list_max;
    f.webhook = webhook_scheme::standard_webhooks; // [1.4 D]; of legacy hooks not observed
    f.media = media_of((current ? 50 : 10) * megabyte);
    f.result_lifetime = result_life;
    f.rate_limit = "jobs at once, by resource pack: 5 to 20 and more"; // [1.6 D]
    f.prices_as_of = "2026-09";                                        // [10]: probes and pages
    f.models = current ? std::span<const model_facts>(current_models)
                       : std::span<const model_facts>(legacy_models);
    return f;
}
inline constexpr host_facts current_facts = facts_of(true), legacy_facts = facts_of(false);

/// Whether a path (without its first slash) is two or three harmless names: what a raw order or the
/// text of a job may choose.
inline bool is_path(std::string_view path) noexcept
{
    int names = 0;
    for (bool more = true; more; ++names) {
        more = path.find('/') != std::string_view::npos;
        const std::string_view name = take_until(path, '/');
        if (name.empty() || name == "." || name == "..")
            return false;
        for (const char c : name) {
            const char low = to_lower(c);
            if (!(low >= 'a' && low <= 'z') && !is_digit(c) && c != '-' && c != '_' && c != '.')
                return false;
        }
    }
    return names == 2 || names == 3;
}

inline bool is_legacy(std::string_view endpoint) noexcept
{
    return endpoint.starts_with(legacy_prefix);
}

/// 1.2, 1.3: a link, or bare base64.
inline std::string_view image_of(const image_source& image) noexcept
{
    return base64_of_data_link(image.url).value_or(image.url);
}

inline std::size_t row_of(video_model model) noexcept
{
    std::size_t i = 0;
    while (i < models.size() && models[i].model != model)
        ++i;
    return i;
}

} // namespace cokino::detail::kling_facts
