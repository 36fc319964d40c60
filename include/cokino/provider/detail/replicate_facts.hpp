// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What is known of Replicate, as tables and readers, each with its source in
// providers/fal-replicate.md; [T] and [I] there are hearsay and inference. Private to
// provider/replicate.hpp.
#pragma once

#include <cokino/core/limits.hpp>
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
#include <optional>
#include <string>
#include <string_view>

namespace cokino::detail::replicate_facts {

inline constexpr std::string_view api = "https://api.replicate.com/v1"; // B1 [C+D]

/// One model and what its input knows beside the prompt.
struct endpoint_row {
    job_kind kind;
    std::string_view model, path;
    // Of clips; duration (an integer) and aspect_ratio are known to all of them.
    std::string_view first_frame, last_frame; ///< Its names of the frames.
    std::string_view mode;                    ///< What tells two tiers of one model apart.
    bool negative, sound;
    bool seed;
    // Of stills: what exact pixels must be; step 0: they are written as "size".
    int side_min, side_max, side_step;
};

// Topaz, whose "frame" is the clip: replicate.com/topazlabs/video-upscale/versions/f4dad23b.../api
// [D]. The others: C1 [C+D], C2 [D: page], C5 [D]; C3, C4 [D/T]. That size and ratio of Recraft
// name the words that we write ("16:9", "1024x1024") is C4's default beside the other hosts' [I]; a
// word that it does not know is refused at submit, free of charge.
inline constexpr std::array<endpoint_row, 9> endpoints{{
    {job_kind::video, text_of(video_model::kling_2_5_turbo_pro), "kwaivgi/kling-v2.5-turbo-pro",
     "start_image", "end_image", "", true, false, false, 0, 0, 0},
    {job_kind::video, text_of(video_model::kling_3_0_pro), "kwaivgi/kling-v3-video", "start_image",
     "end_image", "pro", true, true, false, 0, 0, 0},
    {job_kind::video, text_of(video_model::kling_3_0_standard), "kwaivgi/kling-v3-video",
     "start_image", "end_image", "standard", true, true, false, 0, 0, 0},
    {job_kind::video, text_of(video_model::seedance_2_0), "bytedance/seedance-2.0", "image",
     "last_frame_image", "", false, true, true, 0, 0, 0},
    {job_kind::images, text_of(image_model::flux_1_1_pro), "black-forest-labs/flux-1.1-pro", "", "",
     "", false, false, true, 256, 1440, 32},
    {job_kind::images, text_of(image_model::flux_2_pro), "black-forest-labs/flux-2-pro", "", "", "",
     false, false, true, 256, 2048, 16},
    {job_kind::images, text_of(image_model::recraft_v3), "recraft-ai/recraft-v3", "", "", "", false,
     false, false, 0, 0, 0},
    {job_kind::images, text_of(image_model::recraft_v4), "recraft-ai/recraft-v4", "", "", "", false,
     false, false, 0, 0, 0},
    {job_kind::video, text_of(upscale_model::topaz), "topazlabs/video-upscale", "video", "", "",
     false, false, false, 0, 0, 0},
}};

/// target_resolution of Topaz: 1080p is the page's own [D], 4k stands in a prediction that it shows
/// [D], 720p in third parties' clients alone [T]. It has no 1440p.
constexpr std::string_view topaz_resolution(video_resolution r) noexcept
{
    return r == video_resolution::qhd_1440p ? std::string_view() : text_of(r);
}
// target_fps goes from 15 to 120, which is the range of every request; a version before this one
// went up to 60 only, and made 30 frames unless it was told [D].

constexpr std::optional<std::size_t> endpoint_of(std::string_view model) noexcept
{
    for (std::size_t i = 0; i < endpoints.size(); ++i)
        if (endpoints[i].model == model)
            return i;
    return std::nullopt;
}

struct state_row {
    std::string_view word;
    job_state state;
};
// B3 [C+D]; `aborted` ends a job whose deadline passed before it started.
inline constexpr std::array<state_row, 6> states{{
    {"starting", job_state::queued},
    {"processing", job_state::running},
    {"succeeded", job_state::succeeded},
    {"failed", job_state::failed},
    {"canceled", job_state::cancelled},
    {"aborted", job_state::failed},
}};

inline job_state state_of(std::string_view word) noexcept
{
    for (const state_row& row : states)
        if (word == row.word)
            return row.state;
    return job_state::unknown;
}

struct reason_row {
    std::string_view piece; ///< Looked for in any case.
    errc meaning;
    std::string_view code;
};
// B7, D: the first that is found counts, in the order moderation, input, rate, outage. The codes of
// four digits are D, the others third parties' captures [T]. E001 and E002 are Replicate's own
// trouble with the model's maker, neither the user's balance nor the user's key.
inline constexpr std::array<reason_row, 17> reasons{{
    {"(E005)", errc::content_refused, "E005"},
    {"flagged as sensitive", errc::content_refused, ""},
    {"nsfw", errc::content_refused, ""},
    {"input validation error", errc::request_rejected, ""},
    {"(E003)", errc::rate_limited, "E003"},
    {"unavailable due to high demand", errc::rate_limited, ""},
    {"(E001)", errc::job_failed, "E001"},
    {"(E002)", errc::job_failed, "E002"},
    {"(E004)", errc::job_failed, "E004"},
    {"E6716", errc::job_failed, "E6716"},
    {"E8765", errc::job_failed, "E8765"},
    {"E9243", errc::job_failed, "E9243"},
    {"E9828", errc::job_failed, "E9828"},
    {"E1000", errc::job_failed, "E1000"},
    {"E1001", errc::job_failed, "E1001"},
    {"E4875", errc::job_failed, "E4875"},
    {"(code: PA)", errc::job_failed, "PA"},
}};

inline const reason_row* reason_of(std::string_view text) noexcept
{
    for (const reason_row& row : reasons)
        if (ifind(text, row.piece) != std::string_view::npos)
            return &row;
    return nullptr;
}

struct name_row {
    std::string_view theirs, ours;
};
// C1 to C5: the host names its own field, and ours is what the user can mend.
inline constexpr std::array<name_row, 18> fields{{
    {"prompt", "prompt"},
    {"negative_prompt", "negative_prompt"},
    {"start_image", "image"},
    {"image", "image"},
    {"end_image", "tail_image"},
    {"last_frame_image", "tail_image"},
    {"duration", "duration"},
    {"aspect_ratio", "aspect_ratio"},
    {"generate_audio", "audio"},
    {"seed", "seed"},
    {"width", "width"},
    {"height", "height"},
    {"size", "width"},
    {"webhook", "webhook_url"},
    {"version", "endpoint"},
    {"video", "video"},
    {"target_resolution", "resolution"},
    {"target_fps", "fps"},
}};

/// Our name for the last step of "input.start_image", or for the first word of "prompt is
/// required", which complains of "input" as a whole (B7).
inline std::string field_of(std::string_view path, std::string_view description)
{
    const std::string_view last = path.substr(path.rfind('.') + 1); // npos + 1 is 0
    const std::string_view first = description.substr(0, description.find(' '));
    for (const std::string_view name : {last, first})
        for (const name_row& row : fields)
            if (name == row.theirs)
                return std::string(row.ours);
    return {};
}

/// B7: application/problem+json, of which "title" may be missing.
inline host_words words_of(const wire::response& answer)
{
    host_words words;
    auto doc = wire::json_document::parse(answer.body());
    if (!doc)
        return words;
    const std::string title = (*doc)["title"].string_or("");
    const wire::json_view first = (*doc)["invalid_fields"][0];
    words.code = first["type"].string_or(title);
    words.text = (*doc)["detail"].string_or(title);
    words.field = field_of(first["field"].string_or(""), first["description"].string_or(""));
    return words;
}

/// B7: "retry_after" of a 429, in seconds; whether a header always stands beside it is not known.
inline std::optional<std::chrono::milliseconds> wait_of(const wire::response& answer)
{
    auto doc = wire::json_document::parse(answer.body());
    const double seconds = doc ? (*doc)["retry_after"].number_or(-1) : -1;
    if (!(seconds >= 0 && seconds <= 24 * 3600))
        return std::nullopt;
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

inline errc meaning_of(unsigned status, const host_words& words) noexcept
{
    if (status == 400 || status == 422)
        if (const reason_row* row = reason_of(words.text);
            row != nullptr && row->meaning == errc::content_refused)
            return row->meaning;
    return errc_of_status(status);
}

/// Whether a link is the one that follows from the id, found out without making it.
inline bool is_derived(std::string_view link, const job_record& job,
                       std::string_view suffix) noexcept
{
    for (const std::string_view piece :
         {std::string_view(job.route->base_url), std::string_view("/predictions/"),
          std::string_view(job.id), suffix}) {
        if (!link.starts_with(piece))
            return false;
        link.remove_prefix(piece.size());
    }
    return link.empty();
}

/// B10: a URI, an array of them, or an object with some inside; only links count.
inline void collect(const wire::json_view& v, std::string_view base_url, std::vector<asset>& out,
                    int depth = 0)
{
    constexpr std::size_t files_max = 64;
    if (v.is_string()) {
        asset file(v.string_or(""));
        if (out.size() >= files_max || !is_result_link(file.url, base_url))
            return;
        file.index = out.size();
        out.push_back(std::move(file));
        return;
    }
    if (depth > 3)
        return;
    v.for_each_element([&](const wire::json_view& e) { collect(e, base_url, out, depth + 1); });
    v.for_each_member(
        [&](std::string_view, const wire::json_view& e) { collect(e, base_url, out, depth + 1); });
}

/// C1 [T]: some models print "Using seed: N" into their log.
inline std::optional<std::uint64_t> seed_in(std::string_view logs) noexcept
{
    constexpr std::string_view mark = "Using seed: ";
    const std::size_t at = logs.find(mark);
    if (at == std::string_view::npos)
        return std::nullopt;
    logs.remove_prefix(at + mark.size());
    std::size_t digits = 0;
    while (digits < logs.size() && is_digit(logs[digits]))
        ++digits;
    return parse_integer<std::uint64_t>(logs.substr(0, digits));
}

/// Of a submit's body. Two frames of inline_bytes_max fit in, and an answer with its logs around it
/// into limits::api_body_bytes_max.
inline constexpr std::size_t submit_bytes_max = 768 * 1024;
inline constexpr std::chrono::seconds result_life{3600};                                // B10 [D]
inline constexpr std::chrono::seconds cancel_after_min{5}, cancel_after_max{24 * 3600}; // B2 [D]

constexpr media_rules frame_rules() noexcept
{
    media_rules out;
    out.inline_bytes_max = 256 * 1024;                     // B9 [D]: the smaller of two figures
    out.upload_bytes_max = std::size_t{100} * 1024 * 1024; // B9 [C+D]
    out.upload_lifetime = std::chrono::hours{24};          // B9 [C+D]
    out.formats = image_format::png | image_format::jpeg;  // C2 [D]
    // C2 [D], stated for Kling 3.0; for 2.5 nothing was found. Seedance may take more (C5).
    out.bytes_max = std::size_t{10} * 1024 * 1024;
    out.side_min = 300;
    out.ratio_max = 2.5;
    return out;
}

constexpr source_rules clip_rules() noexcept
{
    source_rules out;
    out.upload_bytes_max = frame_rules().upload_bytes_max; // B9 [C+D]
    return out;
}

// Prices: C1, C2 [T]; of Topaz [T], for 30 frames a second. For Seedance, FLUX and Recraft at
// Replicate none was found.
inline constexpr std::array<model_facts, 9> models{{
    {"kling-2.5-turbo-pro", "kwaivgi/kling-v2.5-turbo-pro", true, true, true, "$0.07 / s"},
    {"kling-3.0-pro", "kwaivgi/kling-v3-video", true, true, true,
     "$0.224 / s, with sound $0.336 / s"},
    {"kling-3.0-standard", "kwaivgi/kling-v3-video", true, true, true,
     "$0.168 / s, with sound $0.252 / s"},
    {"seedance-2.0", "bytedance/seedance-2.0", true, true, true, ""},
    {"flux-1.1-pro", "black-forest-labs/flux-1.1-pro", true, false, false, ""},
    {"flux-2-pro", "black-forest-labs/flux-2-pro", true, false, false, ""},
    {"recraft-v3", "recraft-ai/recraft-v3", true, false, false, ""},
    {"recraft-v4", "recraft-ai/recraft-v4", true, false, false, ""},
    {"topaz-video-upscale", "topazlabs/video-upscale", false, false, false,
     "about $0.037 / s to 1080p, $0.15 / s to 4k", "720p, 1080p, 4k"},
}};

constexpr host_facts about() noexcept
{
    host_facts out;
    out.host = "replicate";
    out.api = api;
    out.key_variable = "REPLICATE_API_TOKEN";        // B1 [C+D]
    out.auth = "Authorization: Bearer ...";          // B1 [C+D]
    out.repeats = repeat_semantics::none;            // B8: no idempotency key was found [?]
    out.cancel = "any";                              // B4 [C+D]
    out.list_route = "GET /predictions";             // B3 [D/I]
    out.webhook = webhook_scheme::standard_webhooks; // B6 [C+D]
    out.upload_route = "POST /files";                // B9 [C+D]
    out.media = frame_rules();
    out.source = clip_rules();
    out.result_lifetime = result_life;
    out.rate_limit = "600 submits / min, 3000 others / min"; // B8 [D+T]; less near zero credit
    out.prices_as_of = "2026-11-21"; // the day of the research; the sources give no date
    out.models = models;
    return out;
}

} // namespace cokino::detail::replicate_facts
