// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What is known of Pollo.ai, as data, and how its answers are read. Numbers in brackets are
// sections of providers/kling-kie-piapi-pollo-wireflow.md; C read in a client, D in the vendor's
// pages, L recorded live, T told by a third party, N looked for and not found, I inferred: a guess.
// For provider/pollo.hpp.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/model/job_status.hpp>
#include <cokino/model/request.hpp>
#include <cokino/provider/detail/access.hpp>
#include <cokino/provider/detail/end_of_job.hpp>
#include <cokino/provider/detail/result_link.hpp>
#include <cokino/provider/host_facts.hpp>
#include <cokino/wire/json_view.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace cokino::detail::pollo_facts {

inline constexpr std::string_view api = "https://pollo.ai/api/platform"; // [4 D]
inline constexpr std::string_view generation_path = "/v1/generation/";   // [4 D]

struct model_row {
    video_model model;
    std::string_view endpoint;    ///< Below generation_path.
    std::string_view mode;        ///< Empty: the model has none.
    bool mode_from_text;          ///< Whether the branch without a frame takes it, too.
    bool from_text;               ///< Whether this tier can be had without a frame.
    bool negative, scale, tail;   ///< negativePrompt, strength, imageTail.
    std::size_t prompt_chars_max; ///< 0: not known.
};
// The first two: [4.1, 4.3 D], with the names of v1. The text branch has no mode; that it makes
// the pro tier: I. The others: their names [7 D], but no page of their inputs was seen; they are
// written with the names that 2.5 has (I), and only those that no such model can lack.
inline constexpr std::array<model_row, 5> models{{
    {video_model::kling_2_5_turbo_pro, "kling-ai/kling-v2-5-turbo/video", "pro", false, true, true,
     true, true, 1500},
    {video_model::kling_2_5_turbo_standard, "kling-ai/kling-v2-5-turbo/video", "std", false, false,
     true, true, true, 1500},
    {video_model::kling_3_0_pro, "kling-ai/kling-v3/video", "pro", true, true, true, false, false,
     0},
    {video_model::kling_3_0_standard, "kling-ai/kling-v3/video", "std", true, true, true, false,
     false, 0},
    {video_model::seedance_2_0, "bytedance/seedance-2-0/video", "", false, true, false, false,
     false, 0},
}};

struct state_row {
    std::string_view word;
    job_state state;
};
// [0.2 D, 4.2 L]: of a generation; only hooks have a state of the task as a whole [4.4 D].
inline constexpr std::array<state_row, 4> states{{
    {"waiting", job_state::queued},
    {"processing", job_state::running},
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
    std::string_view code; ///< Or how it begins, where it ends in '_'.
    errc meaning;
};
// [4.5] The first four were seen or are in the OpenAPI; the others are likely, of the same naming
// family (I). A running limit clears by itself, so it is waited for.
inline constexpr std::array<code_row, 8> codes{{
    {"NOT_FOUND", errc::not_found},
    {"BAD_REQUEST", errc::request_rejected},
    {"RATE_LIMIT_", errc::rate_limited},
    {"PARALLEL_TASK_LIMIT_REACHED", errc::rate_limited},
    {"TOO_MANY_REQUESTS", errc::rate_limited},
    {"UNAUTHORIZED", errc::unauthorised},
    {"FORBIDDEN", errc::forbidden},
    {"INTERNAL_SERVER_ERROR", errc::host_fault},
}};

struct phrase_row {
    std::string_view phrase;
    errc meaning;
};
// [4.5]: that there is a message on insufficient credits: L; its wording: I. Those of refused
// content are guesses throughout (I).
inline constexpr std::array<phrase_row, 9> phrases{{
    {"insufficient credit", errc::out_of_credit},
    {"insufficient balance", errc::out_of_credit},
    {"not enough credit", errc::out_of_credit},
    {"risk control", errc::content_refused},
    {"content policy", errc::content_refused},
    {"content_policy", errc::content_refused},
    {"moderation", errc::content_refused},
    {"sensitive", errc::content_refused},
    {"nsfw", errc::content_refused},
}};

inline errc meaning_of(std::string_view text, errc general) noexcept
{
    for (const phrase_row& row : phrases)
        if (ifind(text, row.phrase) != std::string_view::npos)
            return row.meaning;
    return general;
}

/// ok for a code that tells of no error, or that nobody knows.
inline errc meaning_of_code(std::string_view code) noexcept
{
    for (const code_row& row : codes)
        if (code == row.code || (row.code.back() == '_' && code.starts_with(row.code)))
            return row.meaning;
    return errc::ok;
}

/// The code counts before the HTTP status, unless it says no more than that something was wrong;
/// words count where both say no more than that.
inline errc meaning_of(unsigned status, const host_words& words) noexcept
{
    const errc told = meaning_of_code(words.code), by_status = errc_of_status(status);
    const bool vague = told == errc::request_rejected && by_status != errc::ok;
    const errc e = told == errc::ok || vague ? by_status : told;
    return e == errc::request_rejected || e == errc::forbidden ? meaning_of(words.text, e) : e;
}

struct name_row {
    std::string_view theirs, ours;
};
// [4.3 D], and the legacy name of duration.
inline constexpr std::array<name_row, 10> fields{{
    {"prompt", "prompt"},
    {"negativePrompt", "negative_prompt"},
    {"image", "image"},
    {"imageTail", "tail_image"},
    {"strength", "cfg_scale"},
    {"duration", "duration"},
    {"length", "duration"},
    {"aspectRatio", "aspect_ratio"},
    {"mode", "model"},
    {"webhookUrl", "webhook_url"},
}};

/// {"message","code","issues":[{"message":"prompt: too long"}]}, the issues here or below "data"
/// [4.5 L].
inline host_words words_of(const wire::json_view& root)
{
    host_words words;
    words.code = root["code"].text_or("");
    if (words.code == "SUCCESS")
        words.code.clear();
    words.text = root["message"].string_or("");
    if (iequals(words.text, "success"))
        words.text.clear();
    const wire::json_view issues =
        root["issues"].is_array() ? root["issues"] : root.at("data.issues");
    const std::string issue = issues[0]["message"].string_or("");
    if (issue.empty())
        return words;
    std::string_view name = std::string_view(issue).substr(0, issue.find(':'));
    if (name.starts_with("input."))
        name.remove_prefix(6);
    for (const name_row& row : fields)
        if (name == row.theirs)
            words.field = row.ours;
    words.text += (words.text.empty() ? "" : ": ") + issue;
    return words;
}

/// The task, inside "data" or bare [4.1 L, D].
inline wire::json_view task_of(const wire::json_view& root)
{
    const wire::json_view inner = root["data"];
    return inner.is_object() ? inner : root;
}

/// What a task made, under either of its names [4.2 L, C].
inline wire::json_view generations_of(const wire::json_view& task)
{
    const wire::json_view known = task["generations"];
    return known.is_array() ? known : task["result"];
}

/// What stands for the whole task.
struct summary {
    job_state state = job_state::unknown;
    std::string word;
    wire::json_view failed; ///< The first generation that failed.
};

/// [4.2]: failed when one has failed and none is under way; done when all are. Without generations
/// the state of the task as a whole counts, where there is one.
inline summary summary_of(const wire::json_view& task)
{
    summary out;
    std::array<std::size_t, 6> counts{};
    std::size_t all = 0;
    std::string first_open;
    generations_of(task).for_each_element([&](const wire::json_view& one) {
        const std::string word = one["status"].string_or("");
        const job_state state = state_of(word);
        ++counts[static_cast<std::size_t>(state)];
        ++all;
        if (!is_final(state) && first_open.empty())
            first_open = word;
        if (state == job_state::failed && !out.failed.exists())
            out.failed = one;
    });
    const auto count = [&](job_state s) { return counts[static_cast<std::size_t>(s)]; };
    if (all == 0) {
        // Accepted, and nothing begun.
        out.word = task["status"].string_or("waiting");
        out.state = state_of(out.word);
        return out;
    }
    if (count(job_state::succeeded) == all) {
        out.state = job_state::succeeded;
        out.word = "succeed";
    } else if (count(job_state::failed) + count(job_state::succeeded) == all) {
        out.state = job_state::failed;
        out.word = "failed";
    } else {
        out.state = count(job_state::unknown) > 0     ? job_state::unknown
                    : count(job_state::queued) == all ? job_state::queued
                                                      : job_state::running;
        out.word = first_open;
    }
    return out;
}

/// The links of all generations, under either of their names [4.2 L, C].
inline job_output output_of(const wire::json_view& task, std::string_view base_url)
{
    job_output out;
    generations_of(task).for_each_element([&](const wire::json_view& one) {
        std::string url = one["url"].string_or("");
        if (!is_result_link(url, base_url))
            url = one["videoUrl"].string_or("");
        if (!is_result_link(url, base_url))
            return;
        out.assets.emplace_back(std::move(url));
        const auto end = end_in_iso(one["updatedDate"].string_or("")); // [4.2]
        if (end && (!out.ended_at || *end < *out.ended_at))
            out.ended_at = end;
        out.assets.back().index = out.assets.size() - 1;
    });
    return out;
}

/// [4.2]: "credit" is what the task cost. That none means no charge: I.
inline billing billed_of(const wire::json_view& task)
{
    return task["credit"].number_or(-1) == 0 ? billing::no : billing::unknown;
}

/// Whether a raw order's endpoint is "brand/model/video" or the like: it becomes a path.
inline bool is_endpoint(std::string_view endpoint) noexcept
{
    std::size_t segments = 0;
    while (!endpoint.empty()) {
        const std::string_view one = take_until(endpoint, '/');
        const bool plain = std::all_of(one.begin(), one.end(), [](char c) {
            const char low = to_lower(c);
            return (low >= 'a' && low <= 'z') || is_digit(c) || c == '-' || c == '_' || c == '.';
        });
        if (one.empty() || one == "." || one == ".." || !plain)
            return false;
        ++segments;
    }
    return segments == 3;
}

// Prices are in credits, whose own price depends on the pack [4.5]: none is given.
inline constexpr std::array<model_facts, 5> offered{{
    {text_of(models[0].model), "kling-ai/kling-v2-5-turbo (mode pro)", true, true, true, ""},
    {text_of(models[1].model), "kling-ai/kling-v2-5-turbo (mode std)", false, true, true, ""},
    {text_of(models[2].model), "kling-ai/kling-v3 (mode pro)", true, true, false, ""},
    {text_of(models[3].model), "kling-ai/kling-v3 (mode std)", true, true, false, ""},
    {text_of(models[4].model), "bytedance/seedance-2-0", true, true, false, ""},
}};

constexpr media_rules frame_rules()
{
    media_rules m;
    m.inline_bytes_max = 0; // [4.3 D] base64 is refused
    m.upload_bytes_max = 0; // [4.5 L] /file/sign is there, but closed to many keys
    m.formats = image_format::png | image_format::jpeg; // [4.3 D]
    m.ratio_max = 4;                                    // [4.3 D]
    return m;
}

constexpr host_facts known()
{
    host_facts f;
    f.host = "pollo";
    f.api = api;
    f.key_variable = "POLLO_API_KEY";
    f.auth = "x-api-key: ...";              // [4 D]
    f.repeats = repeat_semantics::none;     // [4.5 N]
    f.cancel = "";                          // [4.5 N]
    f.status_batch_max = 1;                 // [0.1 N]
    f.list_route = "";                      // [4.5 N]
    f.webhook = webhook_scheme::pollo_hmac; // [4.4 D]
    f.upload_route = "";                    // see frame_rules
    f.media = frame_rules();
    f.result_lifetime = std::chrono::hours{14 * 24}; // [4.5 D]
    f.rate_limit = "";                               // [4.5 N]
    f.models = offered;
    return f;
}
inline constexpr host_facts facts = known();

} // namespace cokino::detail::pollo_facts
