// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What the fake fal offers, how it reads an input, and how it words errors.
// [providers/fal-replicate A2, A7, A9, C1 to C5]
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/testing/fake_engine.hpp>
#include <cokino/testing/impl/fake_input.ipp>

#include <algorithm>
#include <array>

namespace cokino::testing {
namespace detail {

/// A fal endpoint that is offered; prices in thousandths of a dollar, as in A9.
struct fal_endpoint {
    std::string_view path;
    job_kind kind;
    std::string_view first_frame, last_frame; ///< Empty: it takes none.
    bool guided, sound;                       ///< negative_prompt and cfg_scale; generate_audio.
    int from_s, to_s, step_s;                 ///< Lengths of clips.
    int first_mills;                          ///< 5 s of video, or the first megapixel.
    int more_mills;                           ///< Each further second or megapixel.
    int sound_mills;                          ///< Beside these, for each second with sound.
};

inline constexpr std::array<fal_endpoint, 15> fal_endpoints{{
    {"fal-ai/kling-video/v2.5-turbo/pro/text-to-video", job_kind::video, "", "", true, false, 5, 10,
     5, 350, 70, 0},
    {"fal-ai/kling-video/v2.5-turbo/pro/image-to-video", job_kind::video, "image_url",
     "tail_image_url", true, false, 5, 10, 5, 350, 70, 0},
    {"fal-ai/kling-video/v2.5-turbo/standard/image-to-video", job_kind::video, "image_url", "",
     true, false, 5, 10, 5, 210, 42, 0},
    {"fal-ai/kling-video/v3/pro/text-to-video", job_kind::video, "", "", true, true, 3, 15, 1, 560,
     112, 56},
    {"fal-ai/kling-video/v3/pro/image-to-video", job_kind::video, "start_image_url",
     "end_image_url", true, true, 3, 15, 1, 560, 112, 56},
    {"fal-ai/kling-video/v3/standard/text-to-video", job_kind::video, "", "", true, true, 3, 15, 1,
     420, 84, 42},
    {"fal-ai/kling-video/v3/standard/image-to-video", job_kind::video, "start_image_url",
     "end_image_url", true, true, 3, 15, 1, 420, 84, 42},
    {"bytedance/seedance-2.0/text-to-video", job_kind::video, "", "", false, true, 4, 15, 1, 1510,
     302, 0},
    {"bytedance/seedance-2.0/image-to-video", job_kind::video, "image_url", "end_image_url", false,
     true, 4, 15, 1, 1510, 302, 0},
    {"fal-ai/flux-pro/v1.1", job_kind::images, "", "", false, false, 0, 0, 0, 40, 40, 0},
    {"fal-ai/flux-2-pro", job_kind::images, "", "", false, false, 0, 0, 0, 30, 15, 0},
    {"fal-ai/recraft/v3/text-to-image", job_kind::images, "", "", false, false, 0, 0, 0, 40, 0, 0},
    {"fal-ai/recraft/v4/text-to-image", job_kind::images, "", "", false, false, 0, 0, 0, 40, 0, 0},
    // The upscalers: fake_upscale.ipp.
    {"fal-ai/topaz/upscale/video", job_kind::video, "video_url", "", false, false, 0, 0, 0, 0, 0,
     0},
    {"fal-ai/bytedance-upscaler/upscale/video", job_kind::video, "video_url", "", false, false, 0,
     0, 0, 0, 0, 0},
}};

/// Codes that fal tells in "error_type" rather than in "detail[].type", with their statuses (A7.3).
inline unsigned fal_request_error(std::string_view code) noexcept
{
    constexpr std::array<std::pair<std::string_view, unsigned>, 13> known{{
        {"request_timeout", 504},
        {"startup_timeout", 504},
        {"runner_scheduling_failure", 503},
        {"runner_connection_timeout", 503},
        {"runner_disconnected", 503},
        {"runner_connection_refused", 503},
        {"runner_connection_error", 503},
        {"runner_incomplete_response", 502},
        {"runner_server_error", 500},
        {"client_disconnected", 499},
        {"client_cancelled", 499},
        {"bad_request", 400},
        {"internal_error", 500},
    }};
    for (const auto& [name, status] : known)
        if (name == code)
            return status;
    return 0;
}

/// Statuses of the codes in "detail[].type" (A7.2).
inline unsigned fal_model_error(std::string_view code) noexcept
{
    if (code == "internal_server_error" || code == "downstream_service_error" ||
        code == "downstream_service_unavailable")
        return 500;
    return code == "generation_timeout" ? 504 : 422;
}

/// One entry of "detail".
inline std::string fal_detail(std::string_view field, std::string_view type, std::string_view text)
{
    detail::json_text w;
    w->begin_object().begin_array("loc").value("body");
    if (!field.empty())
        w->value(field);
    w->end_array().member("msg", text).member("type", type);
    w->member("url", "https://docs.fal.ai/errors#" + std::string(type)).end_object();
    return w.take();
}

/// What a clip's input says beside its prompt.
struct fal_clip_fields {
    fal_clip_fields() = default;
    std::string negative, first_frame, last_frame;
    cokino::aspect_ratio ratio = aspect_ratio::landscape_16_9;
    int duration_s = 5;
    bool sound = false;
};

/// Reads an input, and collects what is wrong with it.
class fal_input_reader
{
public:
    explicit fal_input_reader(const boost::json::object& o) : object_(o) {}

    void text(std::string_view name, std::string& to, bool needed)
    {
        const auto* value = member(object_, name);
        if (value == nullptr || (value->is_null() && !needed)) {
            if (needed)
                bad(name, "missing", "Field required");
        } else if (!value->is_string()) {
            bad(name, "string_type", "Input should be a valid string");
        } else if (to = *string_in(object_, name); to.size() > 2500) {
            bad(name, "string_too_long", "String should have at most 2500 characters");
        } else if (needed && to.empty()) {
            bad(name, "string_too_short", "String should have at least 1 character");
        }
    }

    void link(std::string_view name, std::string& to, bool needed)
    {
        text(name, to, needed);
        if (to.empty() || to.starts_with("http://") || to.starts_with("https://") ||
            to.starts_with("data:"))
            return;
        bad(name, "file_download_error", "The file could not be downloaded.");
    }

    /// duration is a string at fal; a number is refused (C1).
    void duration(int& to, const fal_endpoint& of)
    {
        if (member(object_, "duration") == nullptr)
            return;
        const auto word = string_in(object_, "duration").value_or("");
        const int s = cokino::detail::parse_integer<int>(word).value_or(0);
        if (s >= of.from_s && s <= of.to_s && (s - of.from_s) % of.step_s == 0)
            to = s;
        else
            bad("duration", "literal_error",
                "Input should be '" + std::to_string(of.from_s) + "' to '" +
                    std::to_string(of.to_s) + "'");
    }

    void truth(std::string_view name, bool& to)
    {
        const auto* value = member(object_, name);
        if (value == nullptr)
            return;
        if (!value->is_bool())
            return bad(name, "bool_type", "Input should be a valid boolean");
        to = value->get_bool();
    }

    void ratio(aspect_ratio& to)
    {
        if (member(object_, "aspect_ratio") == nullptr)
            return;
        const auto found = ratio_of(string_in(object_, "aspect_ratio").value_or(""));
        if (!found)
            return bad("aspect_ratio", "literal_error", "Input should be '16:9', '9:16' or '1:1'");
        to = *found;
    }

    void between(std::string_view name, double low, double high)
    {
        const auto* value = member(object_, name);
        if (value == nullptr)
            return;
        const auto number = number_of(*value);
        if (!number)
            bad(name, "float_type", "Input should be a valid number");
        else if (*number < low)
            bad(name, "greater_than_equal", "Input should be greater than or equal to 0");
        else if (*number > high)
            bad(name, "less_than_equal", "Input should be less than or equal to 1");
    }

    void count(int& to)
    {
        const auto* value = member(object_, "num_images");
        if (value == nullptr)
            return;
        const auto number = integer_of(*value).value_or(0);
        if (number < 1 || number > 4)
            return bad("num_images", "less_than_equal", "Input should be between 1 and 4");
        to = static_cast<int>(number);
    }

    void image_size(int& width, int& height)
    {
        struct named {
            std::string_view word;
            int width, height;
        };
        constexpr std::array<named, 6> known{{{"square_hd", 1024, 1024},
                                              {"square", 512, 512},
                                              {"portrait_4_3", 768, 1024},
                                              {"portrait_16_9", 576, 1024},
                                              {"landscape_4_3", 1024, 768},
                                              {"landscape_16_9", 1024, 576}}};
        width = 1024;
        height = 768;
        const auto* value = member(object_, "image_size");
        if (value == nullptr)
            return;
        if (const auto word = string_in(object_, "image_size")) {
            for (const named& n : known)
                if (n.word == *word) {
                    width = n.width;
                    height = n.height;
                    return;
                }
        } else if (value->is_object()) {
            const auto* w = member(value->get_object(), "width");
            const auto* h = member(value->get_object(), "height");
            const auto wide = w != nullptr ? integer_of(*w).value_or(0) : 0;
            const auto high = h != nullptr ? integer_of(*h).value_or(0) : 0;
            if (wide >= 64 && wide <= 4096 && high >= 64 && high <= 4096) {
                width = static_cast<int>(wide);
                height = static_cast<int>(high);
                return;
            }
        }
        bad("image_size", "literal_error", "Input should be a known size or width and height");
    }

    void clip(fal_clip_fields& to, const fal_endpoint& of)
    {
        if (of.guided) {
            text("negative_prompt", to.negative, false);
            between("cfg_scale", 0, 1);
        }
        to.sound = of.sound; // on unless it is turned off (C2, C5)
        if (of.sound)
            truth("generate_audio", to.sound);
        duration(to.duration_s, of);
        if (of.first_frame.empty())
            ratio(to.ratio);
        else
            link(of.first_frame, to.first_frame, true);
        if (!of.last_frame.empty())
            link(of.last_frame, to.last_frame, false);
    }

    void bad(std::string_view name, std::string_view type, std::string_view text)
    {
        found_ += found_.empty() ? "" : ",";
        found_ += fal_detail(name, type, text);
    }

    /// The entries of "detail" as a JSON array; empty when all is well.
    std::string invalid() const { return found_.empty() ? std::string() : '[' + found_ + ']'; }

private:
    const boost::json::object& object_;
    std::string found_;
};

inline fake_reply fal_detail_reply(unsigned status, std::string detail)
{
    fake_reply reply = json_reply(status, "{\"detail\":" + std::move(detail) + '}');
    if (status == 422)
        reply.fields.emplace_back("x-fal-billable-units", "0");
    return reply;
}

inline fake_reply fal_error_reply(unsigned status, std::string_view type, std::string_view text)
{
    detail::json_text w;
    w->begin_object().member("detail", text);
    if (!type.empty())
        w->member("error_type", type);
    w->end_object();
    fake_reply reply = json_reply(status, w.take());
    if (!type.empty())
        reply.fields.emplace_back("x-fal-error-type", type);
    return reply;
}

/// The members that submit and status share: the links keep only owner and app (A2).
inline void fal_links(wire::json_writer& w, const fake_request& r, const fake_job& job)
{
    const std::string base = r.origin + '/' + std::string(segment(job.endpoint, 0)) + '/' +
                             std::string(segment(job.endpoint, 1)) + "/requests/" + job.id;
    w.member("request_id", job.id).member("response_url", base);
    w.member("status_url", base + "/status").member("cancel_url", base + "/cancel");
}

} // namespace detail
} // namespace cokino::testing
