// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Kie.ai as the fake host speaks it [providers/kling-kie-piapi-pollo-wireflow.md 2]:
//   POST {base}/api/v1/jobs/createTask, GET {base}/api/v1/jobs/recordInfo?taskId=
//   POST {base}/api/file-base64-upload, /api/file-url-upload
// Its quirks: HTTP 200 to nearly everything, with the truth in "code"; the result is JSON inside a
// string; a fresh task may not be visible (script it: polls_not_found); durations are texts at
// Kling and numbers at Seedance. The edge (429 and 5xx of the script) answers with real statuses.
#pragma once

#include <cokino/testing/detail/fake_host.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace cokino::testing {
namespace detail {

struct kie_model {
    std::string_view name;
    std::string_view members; ///< Of "input", with a blank before and behind each.
    job_kind kind;
    std::string_view frame; ///< The member that a start frame stands in; empty: none.
    bool frame_needed;
    bool number;                                        ///< Whether the duration is one.
    int from_s, to_s, step_s;                           ///< Which durations there are.
    int mills, pro_mills, sound_mills, pro_sound_mills; ///< For a second, or a picture.
};

// Fields of 2.5 and 7; prices of 2.7, that of Seedance is invented.
inline constexpr std::array<kie_model, 6> kie_models{{
    {"kling/v2-5-turbo-text-to-video-pro",
     " prompt duration aspect_ratio negative_prompt cfg_scale ", job_kind::video, "", false, false,
     5, 10, 5, 42, 42, 42, 42},
    {"kling/v2-5-turbo-image-to-video-pro",
     " prompt image_url tail_image_url duration negative_prompt cfg_scale ", job_kind::video,
     "image_url", true, false, 5, 10, 5, 42, 42, 42, 42},
    {"kling-3.0/video",
     " prompt image_urls sound duration aspect_ratio mode multi_shots multi_prompt kling_elements ",
     job_kind::video, "image_urls", false, false, 3, 15, 1, 70, 90, 100, 135},
    {"bytedance/seedance-2",
     " prompt first_frame_url last_frame_url reference_image_urls resolution aspect_ratio duration "
     "generate_audio ",
     job_kind::video, "first_frame_url", false, true, 4, 15, 1, 100, 100, 100, 100},
    {"flux-2/pro-text-to-image", " prompt aspect_ratio resolution nsfw_checker ", job_kind::images,
     "", false, false, 0, 0, 1, 25, 25, 25, 25},
    // The "pro" price is that of x4.
    {"topaz/video-upscale", " video_url upscale_factor ", job_kind::video, "video_url", true, false,
     0, 0, 1, 40, 70, 40, 70},
}};

inline std::string kie_frame(const boost::json::object& o, std::string_view name)
{
    const auto* value = name.empty() ? nullptr : member(o, name);
    if (value == nullptr)
        return {};
    if (value->is_array() && !value->get_array().empty() && value->get_array()[0].is_string())
        return std::string(value->get_array()[0].get_string());
    return string_in(o, name).value_or("");
}

/// The length that is asked for; 0 when there is no such.
inline int kie_seconds(const boost::json::object& o, const kie_model& m)
{
    const auto* value = member(o, "duration");
    if (value == nullptr)
        return (std::max)(m.from_s, 5);
    const auto found = m.number ? integer_of(*value)
                                : cokino::detail::parse_integer<std::int64_t>(
                                      std::string_view(string_in(o, "duration").value_or("")));
    const std::int64_t s = found.value_or(0);
    const bool offered = s >= m.from_s && s <= m.to_s && (s - m.from_s) % m.step_s == 0;
    return offered ? static_cast<int>(s) : 0;
}

/// The first thing wrong with an input; empty when all is well.
inline std::string kie_complaint(const boost::json::object& o, const kie_model& m)
{
    for (const auto& entry : o)
        if (!contains(m.members, " " + std::string(entry.key()) + " "))
            return std::string(entry.key()) + " is not supported by this model";
    const std::string prompt = string_in(o, "prompt").value_or("");
    const bool upscale = m.frame == "video_url";
    const std::string factor = string_in(o, "upscale_factor").value_or("");
    if (upscale && member(o, "upscale_factor") != nullptr && factor != "1" && factor != "2" &&
        factor != "4")
        return "upscale_factor is not within the range of allowed options";
    const bool video = m.kind == job_kind::video && !upscale;
    if (!upscale && (prompt.size() < (video ? 1U : 3U) || prompt.size() > (video ? 20000U : 5000U)))
        return "prompt is required, or too long";
    if (member(o, "negative_prompt") != nullptr && !string_in(o, "negative_prompt"))
        return "negative_prompt must be a string";
    if (video && kie_seconds(o, m) == 0)
        return "duration is not within the range of allowed options";
    if (member(o, "aspect_ratio") != nullptr &&
        !ratio_of(string_in(o, "aspect_ratio").value_or("")))
        return "aspect_ratio is not within the range of allowed options";
    if (const auto* c = member(o, "cfg_scale"))
        if (const auto scale = number_of(*c); !scale || *scale < 0 || *scale > 1)
            return "cfg_scale must be a number from 0 to 1";
    for (const std::string_view name : {"sound", "generate_audio"})
        if (const auto* a = member(o, name); a != nullptr && !a->is_bool())
            return std::string(name) + " must be a boolean";
    const std::string frame = kie_frame(o, m.frame);
    const bool given = !m.frame.empty() && member(o, m.frame) != nullptr;
    if ((given || m.frame_needed) && !frame.starts_with("http://") &&
        !frame.starts_with("https://"))
        return std::string(m.frame) + " must be the url of a file";
    return {};
}

} // namespace detail

class fake_kie final : public fake_host
{
public:
    using fake_host::fake_host;

    fake_dialect dialect() const noexcept override { return fake_dialect::kie; }
    bool owns(const fake_request& r) const override
    {
        return r.path().starts_with(jobs_path) || r.path().starts_with("/api/file-");
    }
    COKINO_DECL fake_reply answer(const fake_request& r) override;
    COKINO_DECL fake_reply error(unsigned status, std::string_view text = {}) const override;

private:
    static constexpr std::string_view jobs_path = "/api/v1/jobs/";

    /// A failure the way Kie tells it: with HTTP 200.
    fake_reply told(int code, std::string_view text, unsigned status = 200) const;
    fake_reply submit(const fake_request& r);
    fake_reply upload(const fake_request& r);
    fake_reply status(const fake_request& r);
    fake_reply record(const fake_request& r, fake_job& job, std::string_view word);
};

COKINO_DECL fake_reply fake_kie::told(int code, std::string_view text, unsigned status) const
{
    detail::json_text w;
    w->begin_object().member("code", code).member("msg", text).key("data").null().end_object();
    return detail::json_reply(status, w.take());
}

COKINO_DECL fake_reply fake_kie::error(unsigned status, std::string_view text) const
{
    if (status == 401)
        text = "You do not have access permissions";
    if (status == 402)
        text = "Credits insufficient";
    // What the script calls 404 is what a fresh task says of itself.
    if (status == 404)
        return told(422, "recordInfo is null");
    if (text.empty())
        text = detail::reason_of(status);
    const bool edge = status == 429 || status >= 500;
    return told(static_cast<int>(status), text, edge ? status : 200);
}

COKINO_DECL fake_reply fake_kie::answer(const fake_request& r)
{
    const std::string_view bearer = r.field("authorization");
    if (!bearer.starts_with("Bearer ") || !key_is_good(bearer.substr(7))) {
        ++counts().unauthorised;
        return error(401);
    }
    const std::string_view path = r.path();
    if (path == "/api/v1/jobs/createTask" && r.method == "POST")
        return submit(r);
    if (path == "/api/v1/jobs/recordInfo" && r.method == "GET")
        return status(r);
    if (path.starts_with("/api/file-") && r.method == "POST")
        return upload(r);
    ++counts().unknown_routes;
    return told(404, "Not Found");
}

COKINO_DECL fake_reply fake_kie::submit(const fake_request& r)
{
    ++counts().submits;
    const auto body = detail::parse_object(r.body);
    const auto* const given = body ? detail::member(*body, "input") : nullptr;
    if (!r.field("content-type").starts_with("application/json") || given == nullptr ||
        !given->is_object())
        return told(400, "The body is not what it should be");
    const boost::json::object& o = given->get_object();
    const std::string name = detail::string_in(*body, "model").value_or("");
    const auto* const m = std::find_if(detail::kie_models.begin(), detail::kie_models.end(),
                                       [&](const auto& row) { return row.name == name; });
    input in;
    in.prompt = detail::string_in(o, "prompt").value_or("");
    job_faults& rule = rule_for(in.prompt);
    if (auto refused = refusal(rule))
        return *std::move(refused);
    for (const auto& entry : *body)
        if (!detail::contains(" model callBackUrl input ", " " + std::string(entry.key()) + " "))
            return told(422, "unknown field " + std::string(entry.key()));
    if (m == detail::kie_models.end())
        return told(422, "The model name you specified is not supported");
    if (const auto complaint = detail::kie_complaint(o, *m); !complaint.empty())
        return told(422, complaint);
    if (rule.refuse_content_at_submit)
        return told(422, "The input was rejected by the safety checks");

    in.id = "task_" + detail::hex(random().next(), 16) + detail::hex(random().next(), 16);
    in.kind = m->kind;
    in.endpoint = name;
    in.image_url = detail::kie_frame(o, m->frame);
    in.webhook_url = detail::string_in(*body, "callBackUrl").value_or("");
    in.duration_s = detail::kie_seconds(o, *m);
    in.ratio = detail::ratio_of(detail::string_in(o, "aspect_ratio").value_or(""))
                   .value_or(aspect_ratio::landscape_16_9);
    const bool pro = detail::string_in(o, "mode").value_or("std") == "pro";
    const auto* const sound = detail::member(o, "sound");
    const bool loud = sound != nullptr && sound->get_bool();
    const int unit =
        loud ? (pro ? m->pro_sound_mills : m->sound_mills) : (pro ? m->pro_mills : m->mills);
    in.price_mills = m->kind == job_kind::video ? in.duration_s * unit : unit;
    if (m->frame == "video_url") {
        in.video_url = std::exchange(in.image_url, std::string());
        in.factor = detail::string_in(o, "upscale_factor").value_or("2")[0] - '0';
        in.price_mills =
            source_of(in.video_url).duration_s * (in.factor == 4 ? m->pro_mills : m->mills);
        in.unreachable = "the file could not be downloaded";
    }
    const fake_job& job = accept(std::move(in), rule, r);
    detail::json_text w;
    w->begin_object().member("code", 200).member("msg", "success").begin_object("data");
    w->member("taskId", job.id).end_object().end_object();
    return accepted(job, detail::json_reply(200, w.take()));
}

COKINO_DECL fake_reply fake_kie::status(const fake_request& r)
{
    ++counts().polls;
    fake_job* const job = find(r.query("taskId"));
    if (job == nullptr)
        return told(422, "recordInfo is null");
    ++job->polls;
    if (const auto m = job->faults.next_poll()) {
        if (m->what != misstep::kind::say)
            return acted(*m);
        return record(r, *job, m->text);
    }
    switch (state_of(*job)) {
    case fake_state::queued: return record(r, *job, "waiting");
    case fake_state::running: return record(r, *job, "generating");
    case fake_state::succeeded: return record(r, *job, "success");
    default: return record(r, *job, "fail");
    }
}

/// 2.2.
COKINO_DECL fake_reply fake_kie::record(const fake_request& r, fake_job& job, std::string_view word)
{
    const bool done = word == "success", failed = word == "fail";
    const bool content = job.faults.failure_code == "content_policy_violation";
    const auto millis = [&](system_time t) {
        return std::chrono::floor<std::chrono::milliseconds>(t.time_since_epoch()).count();
    };
    detail::json_text result; // JSON that goes into a string
    result->begin_object().begin_array("resultUrls");
    for (int i = 0; done && !job.faults.no_link && i < job.count; ++i)
        result->value(link(r, job, static_cast<std::size_t>(i)));
    result->end_array().end_object();
    detail::json_text w;
    w->begin_object().member("code", 200).member("msg", "success").begin_object("data");
    w->member("taskId", job.id).member("model", job.endpoint).member("state", word);
    w->member("param", job.body).member("resultJson", done ? result.take() : std::string());
    if (failed)
        w->member("failCode", content ? "422" : "500")
            .member("failMsg", content ? std::string_view("The input was rejected by the safety "
                                                          "checks")
                                       : std::string_view(job.faults.failure_text));
    else
        w->key("failCode").null().key("failMsg").null();
    w->member("createTime", millis(wall(job.accepted_at)));
    w->member("updateTime", millis(time().system_now()));
    w->member("creditsConsumed", done ? job.price_mills / 5 : 0); // of $0.005 each
    w->end_object().end_object();
    return detail::json_reply(200, w.take());
}

/// 2.6: the picture as a data link or bare base64, or a link to it.
COKINO_DECL fake_reply fake_kie::upload(const fake_request& r)
{
    const auto body = detail::parse_object(r.body);
    const bool by_link = r.path() == "/api/file-url-upload";
    const auto text = [&](std::string_view name) {
        return body ? detail::string_in(*body, name).value_or("") : std::string();
    };
    const std::string data = text(by_link ? "fileUrl" : "base64Data");
    const bool sound = by_link ? data.starts_with("http") : !data.empty();
    if (!sound || text("uploadPath").empty() || (!by_link && r.path() != "/api/file-base64-upload"))
        return told(400, "base64Data or fileUrl, and uploadPath, are required");
    const std::string name = text("fileName");
    detail::json_text w;
    w->begin_object().member("success", true).member("code", 200);
    w->member("msg", "File uploaded successfully").begin_object("data");
    w->member("fileName", name).member("uploadPath", text("uploadPath"));
    // Newer replies have this one link only.
    w->member("downloadUrl",
              r.origin + "/download/" + detail::hex(detail::hash(data), 16) + "/" + name);
    w->end_object().end_object();
    return detail::json_reply(200, w.take());
}

} // namespace cokino::testing
