// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// How fal speaks of jobs, as tables and readers, each with its source in
// providers/fal-replicate.md; [T] and [I] there are hearsay and inference. Private to
// provider/fal.hpp.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/model/job_status.hpp>
#include <cokino/provider/detail/access.hpp>
#include <cokino/provider/detail/fal_models.hpp>
#include <cokino/provider/detail/result_link.hpp>
#include <cokino/wire/json_view.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cokino::detail::fal_facts {

struct state_row {
    std::string_view word;
    job_state state;
};
// A3: exactly three words [C+D]. COMPLETED is also what a failed job gets.
inline constexpr std::array<state_row, 3> states{{
    {"IN_QUEUE", job_state::queued},
    {"IN_PROGRESS", job_state::running},
    {"COMPLETED", job_state::succeeded},
}};

struct type_row {
    std::string_view type;
    errc meaning;
};
// A7.2, A7.3 [D]; the rest is told by the HTTP status. Timeouts are the ones of starting (D).
inline constexpr std::array<type_row, 10> types{{
    {"content_policy_violation", errc::content_refused},
    {"no_media_generated", errc::job_failed},
    {"generation_timeout", errc::job_failed},
    {"downstream_service_error", errc::job_failed},
    {"client_cancelled", errc::job_cancelled},
    {"client_disconnected", errc::job_cancelled},
    {"request_timeout", errc::job_expired},
    {"startup_timeout", errc::job_expired},
    {"concurrent_requests_limit", errc::rate_limited},
    {"bad_request", errc::request_rejected},
}};

struct name_row {
    std::string_view theirs, ours;
};
// C1 to C5: detail[].loc names the host's field, and ours is what the user can mend.
inline constexpr std::array<name_row, 17> fields{{
    {"prompt", "prompt"},
    {"negative_prompt", "negative_prompt"},
    {"image_url", "image"},
    {"tail_image_url", "tail_image"},
    {"start_image_url", "image"},
    {"end_image_url", "tail_image"},
    {"generate_audio", "audio"},
    {"duration", "duration"},
    {"aspect_ratio", "aspect_ratio"},
    {"cfg_scale", "cfg_scale"},
    {"image_size", "width"},
    {"num_images", "count"},
    {"seed", "seed"},
    {"video_url", "video"},
    {"upscale_factor", "factor"},
    {"target_resolution", "resolution"},
    {"target_fps", "fps"},
}};

inline constexpr std::string_view type_header = "x-fal-error-type";      // A7.5 [C+D]
inline constexpr std::string_view units_header = "x-fal-billable-units"; // A7.4 [T], A9 [D]
inline constexpr std::string_view exchange_header = "x-fal-request-id";  // A7.5 [C+D]
inline constexpr std::chrono::milliseconds start_timeout_min{1000};      // A2 [C]
inline constexpr std::chrono::seconds media_life_min{60};                // A8.5 [C]

inline access_setup access_to(std::string base_url, api_key key)
{
    access_setup setup;
    setup.host = "fal";
    setup.base_url = std::move(base_url);
    setup.key = std::move(key);
    setup.key_prefix = "Key "; // A1 [C]; a raw key as Bearer is refused with 401
    setup.request_id_headers = {std::string(exchange_header)};
    return setup;
}

/// Whether a text can stand in a link as it is, between two slashes.
inline bool is_segment(std::string_view text) noexcept
{
    for (const char c : text) {
        const char low = to_lower(c);
        if (!(low >= 'a' && low <= 'z') && !is_digit(c) && c != '-' && c != '_' && c != '.')
            return false;
    }
    return !text.empty() && text != "." && text != "..";
}

/// "fal-ai/kling-video" of "fal-ai/kling-video/v2.5-turbo/...": what the queue's links keep of an
/// endpoint (A2 [C]). Empty when the text, which may come from outside, is no such path.
inline std::string_view app_of(std::string_view endpoint) noexcept
{
    const bool has_namespace =
        endpoint.substr(0, 10) == "workflows/" || endpoint.substr(0, 6) == "comfy/";
    std::size_t end = 0;
    for (int segments = has_namespace ? 3 : 2; segments > 0; --segments) {
        const std::size_t begin = end == 0 ? 0 : end + 1;
        if (begin >= endpoint.size())
            return {};
        end = std::min(endpoint.find('/', begin), endpoint.size());
        if (!is_segment(endpoint.substr(begin, end - begin)))
            return {};
    }
    return endpoint.substr(0, end);
}

/// Whether a whole endpoint id, as a raw order names it, can stand in a link.
inline bool is_endpoint(std::string_view endpoint) noexcept
{
    if (app_of(endpoint).empty() || endpoint.back() == '/')
        return false;
    while (!endpoint.empty())
        if (!is_segment(take_until(endpoint, '/')))
            return false;
    return true;
}

/// The path of a job's link below the base URL.
inline std::string path_of(const job_record& job, std::string_view app, std::string_view suffix)
{
    std::string out;
    out.reserve(app.size() + job.id.size() + suffix.size() + 16);
    out += '/';
    out += app;
    out += "/requests/";
    out += wire::percent_encode(job.id);
    out += suffix;
    return out;
}

/// Whether a link is the one that follows from endpoint and id, found out without making it.
inline bool is_derived(std::string_view link, const job_record& job, std::string_view app,
                       std::string_view suffix) noexcept
{
    for (const std::string_view piece :
         {std::string_view(job.route->base_url), std::string_view("/"), app,
          std::string_view("/requests/"), std::string_view(job.id), suffix}) {
        if (!link.starts_with(piece))
            return false;
        link.remove_prefix(piece.size());
    }
    return link.empty();
}

/// The last member name of detail[].loc that is a field of ours.
inline std::string field_of(const wire::json_view& loc)
{
    std::string found;
    loc.for_each_element([&](const wire::json_view& step) {
        for (const name_row& row : fields)
            if (step.string_or("") == row.theirs)
                found = row.ours;
    });
    return found;
}

/// One element of detail, or detail itself: A7.1 shape 1 and its captured variants.
inline host_words words_of(const wire::json_view& detail)
{
    host_words words;
    if (!detail.is_object()) {
        words.text = detail.string_or("");
        return words;
    }
    words.code = detail["type"].string_or("");
    words.text = detail["msg"].string_or(detail["message"].string_or(""));
    words.field = field_of(detail["loc"]);
    const std::string reason = detail.at("ctx.extra_info.reason").string_or("");
    if (!reason.empty())
        words.text += " (" + reason + ")";
    return words;
}

/// The four shapes of A7.1, and the status answer's own "error".
inline host_words words_of(const wire::response& answer)
{
    host_words words;
    if (auto doc = wire::json_document::parse(answer.body())) {
        const wire::json_view detail = (*doc)["detail"], error = (*doc)["error"];
        words = words_of(detail.is_array() ? detail[0] : detail.exists() ? detail : error);
        // Of several complaints a refusal of content outweighs the others: mending them is vain.
        detail.for_each_element([&](const wire::json_view& one) {
            if (one["type"].string_or("") == types[0].type)
                words = words_of(one);
        });
        if (words.code.empty())
            words.code = (*doc)["error_type"].string_or("");
    }
    if (words.code.empty())
        words.code = answer.field(type_header);
    return words;
}

/// What an answer means; `of_job` tells a job's stored failure from one of the exchange itself.
inline errc meaning_of(unsigned status, const host_words& words, bool of_job) noexcept
{
    for (const type_row& row : types) {
        const bool ends_a_job = row.meaning >= errc::job_failed && row.meaning < errc::link_expired;
        if (words.code == row.type && (of_job || !ends_a_job))
            return row.meaning;
    }
    // A7.4 [T]: an empty balance is 403 here, not 402.
    if (status == 403 && (ifind(words.text, "locked") != std::string_view::npos ||
                          ifind(words.text, "balance") != std::string_view::npos))
        return errc::out_of_credit;
    const errc general = status == 0 ? errc::job_failed : errc_of_status(status);
    return of_job && general == errc::host_fault ? errc::job_failed : general;
}

inline job_state ended_as(errc e) noexcept
{
    return e == errc::job_cancelled ? job_state::cancelled : job_state::failed;
}

/// A9 [D]: errors of the 5xx kind are not billed, rejected input may be; the header says.
inline void tell_billing(failure& f, const wire::response& answer)
{
    if (const auto units = parse_decimal(trim(answer.field(units_header))))
        f.set(*units > 0 ? billing::yes : billing::no, billing_basis::host_answer);
    else
        f.set(answer.status >= 500 ? billing::no : billing::unknown, billing_basis::host_terms);
}

inline std::optional<asset> file_of(const wire::json_view& file, std::size_t index,
                                    std::string_view base_url)
{
    asset out;
    out.url = file["url"].string_or("");
    if (!is_result_link(out.url, base_url))
        return std::nullopt;
    out.content_type = clean_text(file["content_type"].string_or(""), limits::job_id_bytes_max);
    out.file_name = clean_text(file["file_name"].string_or(""), limits::job_id_bytes_max);
    if (const std::int64_t size = file["file_size"].integer_or(-1); size >= 0)
        out.size = static_cast<std::uint64_t>(size);
    const auto side = [&](const char* name) -> std::optional<int> {
        const std::int64_t pixels = file[name].integer_or(0);
        if (pixels <= 0 || pixels > 1'000'000)
            return std::nullopt;
        return static_cast<int>(pixels);
    };
    out.width = side("width");
    out.height = side("height");
    out.index = index;
    return out;
}

/// A4, C1, C3: {"video":File} or {"images":[File]}, bare; a few old documents wrap it.
inline job_output output_of(wire::json_view root, std::string_view base_url)
{
    const auto known = [](const wire::json_view& v) {
        return v["video"].exists() || v["images"].exists();
    };
    if (!known(root) && root["response"].is_object())
        root = root["response"];
    job_output out;
    if (auto video = file_of(root["video"], 0, base_url))
        out.assets.push_back(std::move(*video));
    root["images"].for_each_element([&](const wire::json_view& image) {
        if (auto file = file_of(image, out.assets.size(), base_url))
            out.assets.push_back(std::move(*file));
    });
    out.seed = parse_integer<std::uint64_t>(root["seed"].text_or(""));
    out.render_s = root.at("timings.inference").number_or(0);
    return out;
}

} // namespace cokino::detail::fal_facts
