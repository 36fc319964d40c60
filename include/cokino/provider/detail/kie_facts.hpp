// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What is known of Kie.ai, as tables and readers. Numbers in brackets are sections of
// providers/kling-kie-piapi-pollo-wireflow.md, letters its tags: C client source, D vendor's
// documentation, L seen live by others, T hearsay, I inferred. Private to provider/kie.hpp.
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
#include <cstdint>
#include <string>
#include <string_view>

namespace cokino::detail::kie_facts {

inline constexpr std::string_view submit_path = "/api/v1/jobs/createTask";         // [2.1 D]
inline constexpr std::string_view status_path = "/api/v1/jobs/recordInfo?taskId="; // [2.2 D]
inline constexpr std::string_view upload_bytes_path = "/api/file-base64-upload";   // [2.6 D]
inline constexpr std::string_view upload_link_path = "/api/file-url-upload";       // [2.6 D]

/// How a family of models names its input.
enum class dialect : unsigned char { kling_2_5, kling_3, seedance };

struct model_row {
    video_model model;
    std::string_view from_text, from_image;
    dialect names;
    std::string_view mode; ///< Empty: none is written.
};
// [2.5 D, 7 D]
inline constexpr std::array<model_row, 4> models{{
    {video_model::kling_2_5_turbo_pro, "kling/v2-5-turbo-text-to-video-pro",
     "kling/v2-5-turbo-image-to-video-pro", dialect::kling_2_5, ""},
    {video_model::kling_3_0_pro, "kling-3.0/video", "kling-3.0/video", dialect::kling_3, "pro"},
    {video_model::kling_3_0_standard, "kling-3.0/video", "kling-3.0/video", dialect::kling_3,
     "std"},
    {video_model::seedance_2_0, "bytedance/seedance-2", "bytedance/seedance-2", dialect::seedance,
     ""},
}};
inline constexpr std::string_view flux_2 = "flux-2/pro-text-to-image"; // [7 D]
// docs.kie.ai/market/topaz/video-upscale [D], and what follows from it below.
inline constexpr std::string_view topaz = "topaz/video-upscale";
/// The factors there are, written as texts.
constexpr bool topaz_has(double factor) noexcept
{
    return factor == 1 || factor == 2 || factor == 4;
}

struct state_row {
    std::string_view word;
    job_state state;
};
// [0.2] Exact words.
inline constexpr std::array<state_row, 5> states{{
    {"waiting", job_state::queued},
    {"queuing", job_state::queued},
    {"generating", job_state::running},
    {"success", job_state::succeeded},
    {"fail", job_state::failed},
}};

inline job_state state_of(std::string_view word) noexcept
{
    for (const state_row& row : states)
        if (word == row.word)
            return row.state;
    return job_state::unknown;
}

inline constexpr std::string_view not_visible = "recordInfo is null"; // [2.2 T/L], with 422

// [2.2 D] has "safety checks"; the others are guesses (I) at how the same may be put.
inline constexpr std::array<std::string_view, 7> refusal_phrases{
    {"safety", "sensitive", "content policy", "moderation", "nsfw", "prohibited", "risk control"}};

inline bool reads_as_refusal(std::string_view text) noexcept
{
    for (const std::string_view phrase : refusal_phrases)
        if (ifind(text, phrase) != std::string_view::npos)
            return true;
    return false;
}

/// [2.4 D]: the same numbers in "code" and, from the edge, as HTTP status. ok for 200.
inline errc meaning_of(std::int64_t code, std::string_view text) noexcept
{
    switch (code) {
    case 422: return reads_as_refusal(text) ? errc::content_refused : errc::request_rejected;
    case 433: return errc::out_of_credit; // a sub-key's limit: waiting does not clear it (I)
    case 455:                             // maintenance
    case 501: return errc::host_fault;    // generation failed
    case 505: return errc::forbidden;     // the feature is off
    default: break;
    }
    if (code < 100 || code > 599)
        return errc::answer_malformed;
    const errc e = errc_of_status(static_cast<unsigned>(code));
    return e == errc::request_rejected && reads_as_refusal(text) ? errc::content_refused : e;
}

/// [2.1 D, 2.4 D]: after these nothing was created; 408, 500 and 501 leave it open.
inline bool proves_refusal(std::int64_t code) noexcept
{
    return (code >= 400 && code < 500 && code != 408 && code != 455) || code == 505;
}

/// Of the envelope {"code":200,"msg":"success","data":...}; "msg" is "message" on some pages.
struct envelope {
    std::int64_t code = 0; ///< The answer's own, else the HTTP status.
    host_words words;
};

inline envelope envelope_of(const wire::response& answer)
{
    envelope out;
    out.code = answer.status;
    if (auto doc = wire::json_document::parse(answer.body())) {
        out.words.code = (*doc)["code"].text_or("");
        out.words.text = (*doc)["msg"].string_or((*doc)["message"].string_or(""));
        if (const auto told = parse_integer<std::int64_t>(out.words.code);
            told && (answer.ok() || *told != 200))
            out.code = *told;
    }
    return out;
}

/// [2.2 D, C]: "resultJson" is JSON in a string, at times an object; it holds "resultUrls".
inline job_output output_of(const wire::json_view& task, std::string_view base_url)
{
    job_output out;
    const auto take = [&](const wire::json_view& result) {
        result["resultUrls"].for_each_element([&](const wire::json_view& link) {
            asset made(link.string_or(""));
            if (!is_result_link(made.url, base_url))
                return;
            made.index = out.assets.size();
            out.assets.push_back(std::move(made));
        });
    };
    const wire::json_view result = task["resultJson"];
    if (result.is_object())
        take(result);
    else if (auto inner = wire::json_document::parse(result.string_or("")))
        take(inner->root());
    return out;
}

/// [2.2 D]: credits that the job cost; "consumeCredits" in older payloads [2.3].
inline billing billed_of(const wire::json_view& task) noexcept
{
    const double credits = task["creditsConsumed"].number_or(task["consumeCredits"].number_or(-1));
    return credits > 0 ? billing::yes : credits == 0 ? billing::no : billing::unknown;
}

inline constexpr std::size_t megabyte = 1'000'000;

constexpr media_rules media() noexcept
{
    media_rules m;
    m.upload_bytes_max = 10 * megabyte;                      // [2.6 D], as base64
    m.upload_lifetime = std::chrono::seconds(3 * 24 * 3600); // [2.6 D]
    m.formats = image_format::png | image_format::jpeg;      // [2.5 D]
    m.bytes_max = 10 * megabyte;                             // [2.5 D]
    return m;
}

constexpr source_rules clip_rules() noexcept
{
    source_rules out;
    out.upload_bytes_max = media().upload_bytes_max;
    out.bytes_max = 50 * megabyte; // of mp4, mov and mkv
    return out;
}

// [2.5, 7; prices 2.7 D]; that of Topaz T
inline constexpr std::array<model_facts, 6> model_table{{
    {"kling-2.5-turbo-pro", "kling/v2-5-turbo-{text,image}-to-video-pro", true, true, true,
     "$0.21 / 5 s"},
    {"kling-3.0-pro", "kling-3.0/video, pro", true, true, true, "$0.09 / s, with sound $0.135"},
    {"kling-3.0-standard", "kling-3.0/video, std", true, true, true, "$0.07 / s, with sound $0.10"},
    {"seedance-2.0", "bytedance/seedance-2", true, true, true, ""},
    {"flux-2-pro", "flux-2/pro-text-to-image", true, false, false, "$0.025 (1K)"},
    {"topaz-video-upscale", "topaz/video-upscale", false, false, false,
     "$0.04 / s, $0.07 / s for x4", "x1, x2, x4"},
}};

constexpr host_facts facts() noexcept
{
    host_facts f;
    f.host = "kie";
    f.api = "https://api.kie.ai"; // [2.1 D]
    f.key_variable = "KIE_API_KEY";
    f.auth = "Authorization: Bearer ..."; // [2.1 D]
    f.webhook = webhook_scheme::kie_hmac; // [2.3 D], once a key is set in the console
    f.upload_route = "/api/file-base64-upload at kieai.redpandaai.co";
    f.media = media();
    f.source = clip_rules();
    // [2.6 D]: files are kept for 14 days, but one page says that links live for about 24 hours.
    f.result_lifetime = std::chrono::seconds(24 * 3600);
    f.rate_limit = "20 submits / 10 s, 10 looks / s, about 100 jobs at once"; // [2.7 D, 2.2 D]
    f.prices_as_of = "2026-06-30";                                            // [2.7]
    f.models = model_table;
    return f;
}
inline constexpr host_facts host = facts();
inline constexpr std::chrono::milliseconds poll_min{2000}; // [2.2 D]: 2 to 3 s at first

} // namespace cokino::detail::kie_facts
