// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What is known of PiAPI, as data, and how its answers are read. Numbers in brackets are sections
// of providers/kling-kie-piapi-pollo-wireflow.md; C read in a client, D in the vendor's pages, L
// recorded live, T told by a third party, I inferred: a guess. For provider/piapi.hpp.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/model/job_status.hpp>
#include <cokino/model/request.hpp>
#include <cokino/provider/detail/access.hpp>
#include <cokino/provider/detail/result_link.hpp>
#include <cokino/provider/host_facts.hpp>
#include <cokino/wire/json_view.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cokino::detail::piapi_facts {

inline constexpr std::string_view api = "https://api.piapi.ai";            // [3.1 D]
inline constexpr std::string_view task_path = "/api/v1/task";              // [3.1, 3.3 D]
inline constexpr std::string_view upload_path = "/api/ephemeral_resource"; // [3.5 D]
inline constexpr std::string_view clip_task = "video_generation";          // [3.1 D]

struct model_row {
    video_model model;
    bool kling_family; ///< In the host's older family "kling"; else in "kling-turbo".
    std::string_view name, version;
    std::string_view mode;
    /// What the family's page lists: cfg_scale and image_tail_url; enable_audio.
    bool full, audio;
};
// [3.1] kling-turbo: D. That "kling" makes version 2.5, too, is said by product pages only, and
// whether both are one backend is not known [9.3]. That mode tells the tiers of 3.0 apart: I.
inline constexpr std::array<model_row, 6> models{{
    {video_model::kling_2_5_turbo_pro, false, "kling-turbo", "2.5-turbo", "pro", false, false},
    {video_model::kling_2_5_turbo_standard, false, "kling-turbo", "2.5-turbo", "std", false, false},
    {video_model::kling_2_5_turbo_pro, true, "kling", "2.5", "pro", true, false},
    {video_model::kling_2_5_turbo_standard, true, "kling", "2.5", "std", true, false},
    {video_model::kling_3_0_pro, true, "kling", "3.0", "pro", true, true},
    {video_model::kling_3_0_standard, true, "kling", "3.0", "std", true, true},
}};

// Its own upscaler. Model, task and the one member of "input" ("video") are told by third parties'
// clients that agree (T: an MCP server; n8n-nodes-piapi 1.0.5, with the price); that it doubles
// clips of up to 1280x720, 10 to 240 frames and 10 MB, MP4 only, by piapi.ai/video-upscale-tool
// (D).
// What its output looks like is not told: one of the shapes of [3.2] (I).
inline constexpr std::string_view upscale_model_name = "Qubico/video-toolkit";
inline constexpr std::string_view upscale_task = "upscale";
inline constexpr double upscale_factor = 2;
inline constexpr int upscale_lines_max = 720;

/// Where in the table a model stands; npos when the host does not make it.
inline constexpr std::size_t npos = static_cast<std::size_t>(-1);
inline std::size_t place_of(video_model model, bool kling_family) noexcept
{
    std::size_t found = npos;
    for (std::size_t i = 0; i < models.size(); ++i)
        if (models[i].model == model && (found == npos || models[i].kling_family == kling_family))
            found = i;
    return found;
}

struct state_row {
    std::string_view word;
    job_state state;
};
// [0.2 D] In any case: answers have them small, the pages with a capital. What a cancelled task
// says is not told; these two words are a guess (I).
inline constexpr std::array<state_row, 7> states{{
    {"pending", job_state::queued},
    {"staged", job_state::queued},
    {"processing", job_state::running},
    {"completed", job_state::succeeded},
    {"failed", job_state::failed},
    {"cancelled", job_state::cancelled},
    {"canceled", job_state::cancelled},
}};

inline job_state state_of(std::string_view word) noexcept
{
    for (const state_row& row : states)
        if (iequals(word, row.word))
            return row.state;
    return job_state::unknown;
}

struct phrase_row {
    std::string_view phrase;
    errc meaning;
};
// The numbers in data.error.code are not known beyond 10000, which says little [9.3], so the
// words count. "risk control" [3.2 L]; the others are guesses of the same kind (I).
inline constexpr std::array<phrase_row, 10> phrases{{
    {"risk control", errc::content_refused},
    {"content policy", errc::content_refused},
    {"content_policy", errc::content_refused},
    {"moderation", errc::content_refused},
    {"sensitive", errc::content_refused},
    {"nsfw", errc::content_refused},
    {"insufficient credit", errc::out_of_credit},
    {"insufficient point", errc::out_of_credit},
    {"insufficient balance", errc::out_of_credit},
    {"not enough credit", errc::out_of_credit},
}};

/// What the words say, where the status says only that the request or the job was refused.
inline errc meaning_of(std::string_view text, errc general) noexcept
{
    for (const phrase_row& row : phrases)
        if (ifind(text, row.phrase) != std::string_view::npos)
            return row.meaning;
    return general;
}

/// An answer's own code, which counts where HTTP says that all is well [3.2, 3.5].
inline errc meaning_of(unsigned status, std::int64_t code, std::string_view text) noexcept
{
    const bool hidden = status >= 200 && status < 300 && code >= 400 && code < 600;
    const errc e = errc_of_status(hidden ? static_cast<unsigned>(code) : status);
    return e == errc::request_rejected || e == errc::forbidden ? meaning_of(text, e) : e;
}

/// A task's own reason. `raw_message` is the model's, `message` mostly "task failed" [3.2 L].
inline host_words words_of_task(const wire::json_view& task)
{
    host_words words;
    const wire::json_view error = task["error"];
    words.code = error["code"].text_or("");
    if (words.code == "0")
        words.code.clear();
    words.text = error["raw_message"].string_or("");
    if (words.text.empty())
        words.text = error["message"].string_or("");
    return words;
}

/// The envelope's reason [3.5 T], or that of the task inside.
inline host_words words_of(const wire::json_view& root)
{
    host_words words = words_of_task(root["data"]);
    if (words.code.empty())
        words.code = root["code"].text_or("");
    if (words.code == "200")
        words.code.clear();
    if (words.text.empty() && !iequals(root["message"].string_or("success"), "success"))
        words.text = root["message"].string_or("");
    return words;
}

/// What the host says that it took for a task, in points [3.2 L, 3.5]. That nothing frozen and
/// nothing consumed means that nothing was paid: I.
inline billing billed_of(const wire::json_view& task)
{
    const double consumed = task.at("meta.usage.consume").number_or(-1);
    if (consumed > 0)
        return billing::yes;
    const bool settled = task.at("meta.usage.frozen").number_or(-1) == 0;
    return consumed == 0 && settled ? billing::no : billing::unknown;
}

/// The shapes of `output`, in the order of [3.2]. The last two are stills: image_url I.
inline job_output output_of(const wire::json_view& output, std::string_view base_url)
{
    job_output out;
    const auto take = [&](const wire::json_view& link) {
        const std::string url = link.string_or("");
        if (!is_result_link(url, base_url))
            return false;
        out.assets.emplace_back(url);
        out.assets.back().index = out.assets.size() - 1;
        return true;
    };
    const wire::json_view work = output.at("works[0].video");
    if (take(output["video"]) || take(output["video_url"]) || take(output.at("video.url")))
        return out;
    if (take(work["resource_without_watermark"]) || take(work["resource"])) {
        const std::int64_t width = work["width"].integer_or(0);
        const std::int64_t height = work["height"].integer_or(0);
        if (width > 0 && height > 0 && width < 100'000 && height < 100'000) {
            out.assets[0].width = static_cast<int>(width);
            out.assets[0].height = static_cast<int>(height);
        }
        return out;
    }
    if (!take(output["image_url"]))
        output["image_urls"].for_each_element([&](const wire::json_view& one) { take(one); });
    return out;
}

// [3.1, 3.5]. Prices of 2.5 are for clips of 5 s, of 3.0 for a second without sound.
inline constexpr std::array<model_facts, 5> offered{{
    {text_of(video_model::kling_2_5_turbo_pro), "kling-turbo 2.5-turbo pro", true, true, false,
     "$0.33 / 5 s"},
    {text_of(video_model::kling_2_5_turbo_standard), "kling-turbo 2.5-turbo std", true, true, false,
     "$0.20 / 5 s"},
    {text_of(video_model::kling_3_0_pro), "kling 3.0 pro", true, true, true,
     "$0.15 / s, $0.20 / s with sound"},
    {text_of(video_model::kling_3_0_standard), "kling 3.0 std", true, true, true,
     "$0.10 / s, $0.15 / s with sound"},
    {text_of(upscale_model::qubico), "Qubico/video-toolkit upscale", false, false, false,
     "$0.0003 / frame", "x2"},
}};

inline constexpr std::size_t image_bytes_max = 10 * 1024 * 1024; // [3.1 D]
inline constexpr int image_side_min = 301;                       // [3.1 D: more than 300 px]
inline constexpr std::size_t secret_bytes_max = 256;             // ours: it becomes a header

constexpr media_rules frame_rules()
{
    media_rules m;
    m.inline_bytes_max = 0;                             // [0.1 D] links only
    m.upload_bytes_max = image_bytes_max;               // [3.5 D] paid plans only
    m.upload_lifetime = std::chrono::hours{23};         // [3.5 D] removed after 24 h
    m.formats = image_format::png | image_format::jpeg; // I: what Kling itself takes
    m.bytes_max = image_bytes_max;
    m.side_min = image_side_min;
    return m;
}

constexpr source_rules clip_rules()
{
    source_rules m;
    m.upload_bytes_max = image_bytes_max; // [3.5 D] takes MP4, too
    m.bytes_max = 10'000'000;             // D: "10MB", taken for the smaller of two meanings
    m.lines_max = upscale_lines_max;
    return m;
}

constexpr host_facts known()
{
    host_facts f;
    f.host = "piapi";
    f.api = api;
    f.key_variable = "PIAPI_API_KEY";
    f.auth = "x-api-key: ...";          // [3.1 D]
    f.repeats = repeat_semantics::none; // [3.5 N]
    f.cancel = "queued";                // [3.3 D]
    f.status_batch_max = 1;             // [3.3] the list has states but no outputs
    f.list_route =
        "GET /api/open/tasks/histories?page=&page_size=&start_time=&end_time="; // [3.3 D]
    f.list_max = 100;                                                           // [3.3 D]
    f.webhook = webhook_scheme::piapi_secret;                                   // [3.4 D]
    f.upload_route = "POST https://upload.theapi.app/api/ephemeral_resource";   // [3.5 D]
    f.media = frame_rules();
    f.source = clip_rules();
    f.result_lifetime = std::chrono::hours{1}; // [0.5, 3.5 N]: not told, so the safe assumption
    f.rate_limit = "1 (free), 5 (creator), 30 (pro) or 90 (enterprise) running"; // [3.5 T]
    f.prices_as_of = "2026-11-21";
    f.models = offered;
    return f;
}
inline constexpr host_facts facts = known();

} // namespace cokino::detail::piapi_facts
