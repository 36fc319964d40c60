// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What is known of Wireflow, as tables and readers. Numbers in brackets are sections of
// providers/kling-kie-piapi-pollo-wireflow.md; [I] there is inference, and all that we infer stands
// in this file. Private to provider/wireflow.hpp.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/model/job_status.hpp>
#include <cokino/model/request.hpp>
#include <cokino/provider/detail/access.hpp>
#include <cokino/provider/host_facts.hpp>
#include <cokino/wire/json_view.hpp>

#include <array>
#include <chrono>
#include <string>
#include <string_view>

namespace cokino::detail::wireflow_facts {

inline constexpr std::string_view api = "https://www.wireflow.ai/api/v1"; // [5.1] D
inline constexpr std::string_view media_host = "cdn.wireflow.ai";         // [5.4, 5.6] C

/// One model as a node.
struct node_row {
    job_kind kind;
    std::string_view model;
    std::string_view id;       ///< Ours, inside the graph.
    std::string_view type;     ///< nodeType; empty: as options name it.
    std::string_view category; ///< [5.2] C: of the examples.
    std::string_view version;  ///< config.model_version of a family node.
    std::string_view output;   ///< The output port's id.
    bool guided, sound;        ///< negative_prompt and cfg_scale; generate_audio.
};

// [5.2]: node types and model_version C; that a Kling node without a frame makes a clip from text:
// I; negative_prompt, cfg_scale, generate_audio: I, from fal's schemas, which the nodes front.
// [7]: generate:flux_2 stands for FLUX.2 pro: I. Seedance 2.0's and Recraft V4's nodes exist, their
// names were not seen.
inline constexpr std::array<node_row, 7> nodes{{
    {job_kind::video, text_of(video_model::kling_2_5_turbo_pro), "n-kling",
     "video:kling_video_2_5_i2v", "video", "2.5-pro", "video", true, false},
    {job_kind::video, text_of(video_model::kling_2_5_turbo_standard), "n-kling",
     "video:kling_video_2_5_i2v", "video", "2.5-standard", "video", true, false},
    {job_kind::video, text_of(video_model::kling_3_0_pro), "n-kling", "video:kling_video_2_5_i2v",
     "video", "3.0-pro", "video", true, true},
    {job_kind::video, text_of(video_model::kling_3_0_standard), "n-kling",
     "video:kling_video_2_5_i2v", "video", "3.0-standard", "video", true, true},
    {job_kind::video, text_of(video_model::seedance_2_0), "n-seedance", "", "video", "", "video",
     false, true},
    {job_kind::images, text_of(image_model::flux_2_pro), "n-flux", "generate:flux_2", "generate",
     "", "image", false, false},
    {job_kind::images, text_of(image_model::recraft_v4), "n-recraft", "", "generate", "", "image",
     false, false},
}};

inline constexpr std::string_view frame_node = "n-image";
inline constexpr std::string_view frame_type = "input:image"; // [5.2] C
inline constexpr std::string_view frame_output = "image";     // its output port: I
inline constexpr std::string_view frame_input = "image_url";  // [5.2] C, of the Kling node

struct state_row {
    std::string_view word;
    job_state state;
};
// [0.2]; a run's words and a node's. Compared letter by letter.
inline constexpr std::array<state_row, 8> states{{
    {"queued", job_state::queued},
    {"PENDING", job_state::queued},
    {"RUNNING", job_state::running},
    {"IN_PROGRESS", job_state::running},
    {"COMPLETED", job_state::succeeded},
    {"FAILED", job_state::failed},
    {"TIMEOUT", job_state::failed},
    {"CANCELLED", job_state::cancelled},
}};

inline job_state state_of(std::string_view word) noexcept
{
    for (const state_row& row : states)
        if (word == row.word)
            return row.state;
    return job_state::unknown;
}

struct code_row {
    std::string_view code;
    errc meaning;
};
// [5.5] C: error.type and error.code.
inline constexpr std::array<code_row, 5> codes{{
    {"insufficient_credits_error", errc::out_of_credit},
    {"authentication_error", errc::unauthorised},
    {"invalid_graph", errc::request_rejected},
    {"missing_fields", errc::request_rejected},
    {"invalid_request_error", errc::request_rejected},
}};

// [5.4]: moderation comes as a failed node's free text, in the words of the host behind it. These
// are fal's and Replicate's own [fal-replicate A7.2, B7] and the usual ones: I.
inline constexpr std::array<std::string_view, 7> refusals{{"content_policy", "content policy",
                                                           "content checker", "flagged",
                                                           "moderation", "nsfw", "risk control"}};

inline bool is_refusal(std::string_view text) noexcept
{
    for (const std::string_view piece : refusals)
        if (ifind(text, piece) != std::string_view::npos)
            return true;
    return false;
}

/// [5.5]: {"error":"text",...} and {"error":{"type","message","code"}}, with or without
/// "violations", of which the first says what to mend.
inline host_words words_of(const wire::response& answer)
{
    host_words words;
    auto doc = wire::json_document::parse(answer.body());
    if (!doc)
        return words;
    const wire::json_view error = (*doc)["error"], first = (*doc)["violations"][0];
    words.code = error["code"].text_or(error["type"].string_or(""));
    words.text = error.string_or(error["message"].string_or((*doc)["message"].string_or("")));
    for (const char* const name : {"message", "fix"})
        if (const std::string more = first[name].string_or(""); !more.empty())
            words.text += (words.text.empty() ? "" : "; ") + more;
    return words;
}

inline errc meaning_of(const wire::response& answer, const host_words& words)
{
    if (answer.status >= 500)
        return errc::host_fault;
    if (answer.status == 402 || ifind(words.text, "insufficient credits") == 0)
        return errc::out_of_credit;
    if (answer.status == 400 || answer.status == 422) {
        for (const code_row& row : codes)
            if (words.code == row.code)
                return row.meaning == errc::request_rejected && is_refusal(words.text)
                           ? errc::content_refused
                           : row.meaning;
        if (is_refusal(words.text))
            return errc::content_refused;
    }
    return errc_of_status(answer.status);
}

inline constexpr std::string_view key_header = "Idempotency-Key"; // [5.3] D

// [5.6] D
inline constexpr std::size_t form_bytes_max = std::size_t{4} * 1024 * 1024;
inline constexpr std::chrono::hours key_life{24};            // [0.1, 5.3] D
inline constexpr std::chrono::milliseconds poll_every{6000}; // [5.5] C: the vendor's own pace

constexpr media_rules frame_rules() noexcept
{
    media_rules out;
    out.takes_links = false;                              // [5.6] D: foreign hosts are blocked
    out.upload_bytes_max = std::size_t{25} * 1024 * 1024; // [5.6] T: "an older note"
    return out;
}

// Prices: [5.6] D, 2026-10-08, 1 credit is $0.01; Kling's stand in no list.
inline constexpr std::array<model_facts, 7> models{{
    {"kling-2.5-turbo-pro", "video:kling_video_2_5_i2v", true, true, false, ""},
    {"kling-2.5-turbo-standard", "video:kling_video_2_5_i2v", true, true, false, ""},
    {"kling-3.0-pro", "video:kling_video_2_5_i2v", true, true, false, ""},
    {"kling-3.0-standard", "video:kling_video_2_5_i2v", true, true, false, ""},
    {"seedance-2.0", "(named by options)", true, true, false, "$0.17 / s"},
    {"flux-2-pro", "generate:flux_2", true, false, false, ""},
    {"recraft-v4", "(named by options)", true, false, false, ""},
}};

constexpr host_facts about() noexcept
{
    host_facts out;
    out.host = "wireflow";
    out.api = api;
    out.key_variable = "WIREFLOW_API_KEY";   // ours: no source names one
    out.auth = "Authorization: Bearer ...";  // [5.1] D
    out.repeats = repeat_semantics::replays; // [0.3, 5.3] D, on /execute
    out.own_id = key_header;                 // [5.3] D
    out.key_lifetime = key_life;             // [5.3] D
    out.upload_route = "POST /media/upload, above 4 MB /media/upload-url"; // [5.6] C
    out.media = frame_rules();
    out.result_lifetime = std::chrono::hours{1}; // [5.6] N: the assumption of [0.5]
    out.rate_limit = "10 to 200 requests / min by plan, polls too; 10 submits / min"; // [5.5] D
    out.prices_as_of = "2026-10-08";
    out.models = models;
    return out;
}

} // namespace cokino::detail::wireflow_facts
