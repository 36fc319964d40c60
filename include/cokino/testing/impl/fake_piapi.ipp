// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// PiAPI as the fake host speaks it [providers/kling-kie-piapi-pollo-wireflow.md 3]:
//   POST {base}/api/v1/task         -> {"code":200,"data":{"task_id":"...","status":"pending",...}}
//   GET  {base}/api/v1/task/{id}    -> the same, with "output" or "error"
//   DELETE {base}/api/v1/task/{id}, POST {base}/api/v1/task/{id}/cancel: while pending only
//   POST {base}/api/ephemeral_resource
// Its quirks: a link stands in "output" before the task is completed; the family "kling" answers in
// another shape and spells its states with a capital.
#pragma once

#include <cokino/testing/detail/fake_host.hpp>

#include <algorithm>
#include <array>

namespace cokino::testing {
namespace detail {

struct piapi_model {
    std::string_view model, task, version; ///< Of a still the version is empty.
    std::string_view members;              ///< Of "input", with a blank before and behind each.
    int standard_mills, pro_mills;         ///< For 5 s, or for one when `per_second`.
    bool per_second;
};

inline constexpr std::string_view piapi_turbo_members =
    " version prompt negative_prompt image_url duration aspect_ratio mode ";
inline constexpr std::string_view piapi_kling_members =
    " version prompt negative_prompt cfg_scale duration aspect_ratio mode image_url image_tail_url "
    "camera_control enable_audio prefer_multi_shots multi_shots ";

// Prices as in 3.5; that of a still is invented.
inline constexpr std::array<piapi_model, 5> piapi_models{{
    {"kling-turbo", "video_generation", "2.5-turbo", piapi_turbo_members, 200, 330, false},
    {"kling", "video_generation", "2.5", piapi_kling_members, 200, 330, false},
    {"kling", "video_generation", "3.0", piapi_kling_members, 100, 150, true},
    {"Qubico/flux1-dev", "txt2img", "", " prompt negative_prompt width height ", 15, 15, false},
    {"Qubico/video-toolkit", "upscale", "", " video ", 0, 0, false},
}};

inline constexpr std::string_view piapi_risk_text = "Failure to pass the risk control system";

/// The first thing wrong with an input; empty when all is well.
inline std::string piapi_complaint(const boost::json::object& o, const piapi_model& m)
{
    for (const auto& entry : o)
        if (!contains(m.members, " " + std::string(entry.key()) + " "))
            return "unknown field: " + std::string(entry.key());
    const auto prompt = string_in(o, "prompt");
    const bool upscale = m.task == "upscale";
    if (upscale && !string_in(o, "video").value_or("").starts_with("http"))
        return "video: must be the url of an MP4";
    if (!upscale && (!prompt || prompt->empty() || prompt->size() > 2500))
        return "prompt: a text of 1 to 2500 characters is required";
    for (const std::string_view name : {"image_url", "image_tail_url"}) {
        if (member(o, name) == nullptr)
            continue;
        const std::string link = string_in(o, name).value_or("");
        if (!link.starts_with("http://") && !link.starts_with("https://"))
            return std::string(name) + ": must be an image url";
    }
    if (const auto* d = member(o, "duration")) {
        const auto s = integer_of(*d).value_or(0);
        if (m.per_second ? s < 3 || s > 15 : s != 5 && s != 10)
            return "duration: must be a whole number that the version offers";
    }
    if (member(o, "aspect_ratio") != nullptr &&
        !ratio_of(string_in(o, "aspect_ratio").value_or("")))
        return "aspect_ratio: must be 16:9, 9:16 or 1:1";
    if (const auto mode = string_in(o, "mode").value_or("std"); mode != "std" && mode != "pro")
        return "mode: must be std or pro";
    if (const auto* c = member(o, "cfg_scale"))
        if (const auto scale = number_of(*c); !scale || *scale < 0 || *scale > 1)
            return "cfg_scale: must be a number from 0 to 1";
    if (const auto* a = member(o, "enable_audio"); a != nullptr && !a->is_bool())
        return "enable_audio: must be true or false";
    return {};
}

/// "input" or "config": an empty object when it is missing, nothing when it is something else.
inline std::optional<boost::json::object> object_in(const boost::json::object& o,
                                                    std::string_view name)
{
    const auto* value = member(o, name);
    if (value == nullptr)
        return boost::json::object();
    if (!value->is_object())
        return std::nullopt;
    return value->get_object();
}

} // namespace detail

class fake_piapi final : public fake_host
{
public:
    using fake_host::fake_host;

    fake_dialect dialect() const noexcept override { return fake_dialect::piapi; }
    bool owns(const fake_request& r) const override
    {
        return detail::contains(r.path(), tasks) || detail::contains(r.path(), uploads);
    }
    COKINO_DECL fake_reply answer(const fake_request& r) override;
    COKINO_DECL fake_reply error(unsigned status, std::string_view text = {}) const override;

private:
    static constexpr std::string_view tasks = "/api/v1/task";
    static constexpr std::string_view uploads = "/api/ephemeral_resource";

    fake_reply submit(const fake_request& r);
    fake_reply upload(const fake_request& r);
    fake_reply status(const fake_request& r, fake_job& job);
    fake_reply stop(const fake_request& r, fake_job& job);
    std::string task(const fake_request& r, fake_job& job, std::string_view word);
    void write_output(wire::json_writer& w, const fake_request& r, fake_job& job, bool done);
};

COKINO_DECL fake_reply fake_piapi::error(unsigned status, std::string_view text) const
{
    if (status == 401)
        text = "Invalid API key";
    if (status == 402)
        text = "insufficient credits";
    detail::json_text w;
    w->begin_object()
        .member("code", status)
        .key("data")
        .null()
        .member("message", text.empty() ? detail::reason_of(status) : text)
        .end_object();
    return detail::json_reply(status, w.take());
}

COKINO_DECL fake_reply fake_piapi::answer(const fake_request& r)
{
    if (!key_is_good(r.field("x-api-key"))) {
        ++counts().unauthorised;
        return error(401);
    }
    const std::string_view path = r.path();
    if (detail::contains(path, uploads))
        return r.method == "POST" ? upload(r) : error(405);
    std::string_view rest = path.substr(path.find(tasks) + tasks.size());
    if (rest.empty())
        return r.method == "POST" ? submit(r) : error(405);
    const bool cancel_route = r.method == "POST" && rest.ends_with("/cancel");
    const std::string_view id = detail::segment(rest, 0);
    if (!rest.starts_with('/') || (detail::segment(rest, 1) != "" && !cancel_route)) {
        ++counts().unknown_routes;
        return error(404);
    }
    const bool look = r.method == "GET";
    if (!look && !cancel_route && r.method != "DELETE")
        return error(405);
    ++(look ? counts().polls : counts().cancels);
    fake_job* const job = find(id);
    if (job == nullptr)
        return error(404, "task not found");
    return look ? status(r, *job) : stop(r, *job);
}

COKINO_DECL fake_reply fake_piapi::submit(const fake_request& r)
{
    ++counts().submits;
    const auto body = detail::parse_object(r.body);
    if (!body || !r.field("content-type").starts_with("application/json"))
        return error(400, "The body is not JSON.");
    const auto given = detail::object_in(*body, "input");
    const auto config = detail::object_in(*body, "config");
    if (!given || !config)
        return error(400, "input and config must be objects");
    for (const auto& entry : *body)
        if (!detail::contains(" model task_type input config ",
                              " " + std::string(entry.key()) + " "))
            return error(400, "unknown field: " + std::string(entry.key()));

    input in;
    in.prompt = detail::string_in(*given, "prompt").value_or("");
    job_faults& rule = rule_for(in.prompt);
    if (auto refused = refusal(rule))
        return *std::move(refused);
    const auto text = [&](std::string_view name) {
        return detail::string_in(*body, name).value_or("");
    };
    const std::string version = detail::string_in(*given, "version").value_or("");
    const auto* const model =
        std::find_if(detail::piapi_models.begin(), detail::piapi_models.end(), [&](const auto& m) {
            return m.model == text("model") && m.task == text("task_type") && m.version == version;
        });
    if (model == detail::piapi_models.end())
        return error(400, "invalid model, task_type or version");
    if (const auto complaint = detail::piapi_complaint(*given, *model); !complaint.empty())
        return error(400, complaint);
    if (rule.refuse_content_at_submit)
        return error(400, detail::piapi_risk_text);

    in.id = detail::hex(random().next(), 8) + "-0000-4000-8000-" + detail::hex(random().next(), 12);
    in.kind = text("task_type") == "txt2img" ? job_kind::images : job_kind::video;
    in.endpoint = text("model") + '/' + text("task_type");
    in.image_url = detail::string_in(*given, "image_url").value_or("");
    if (const auto* d = detail::member(*given, "duration"))
        in.duration_s = static_cast<int>(detail::integer_of(*d).value_or(5));
    in.ratio = detail::ratio_of(detail::string_in(*given, "aspect_ratio").value_or(""))
                   .value_or(aspect_ratio::landscape_16_9);
    if (const auto hook = detail::object_in(*config, "webhook_config"))
        in.webhook_url = detail::string_in(*hook, "endpoint").value_or("");
    const bool pro = detail::string_in(*given, "mode").value_or("std") == "pro";
    const auto* const audio = detail::member(*given, "enable_audio");
    const int unit = (pro ? model->pro_mills : model->standard_mills) +
                     (audio != nullptr && audio->get_bool() ? 50 : 0);
    in.price_mills = in.kind == job_kind::images ? unit
                     : model->per_second         ? in.duration_s * unit
                                                 : in.duration_s / 5 * unit;
    if (in.video_url = detail::string_in(*given, "video").value_or(""); !in.video_url.empty()) {
        in.factor = 2;
        in.price_mills = source_of(in.video_url).duration_s * 72 / 10; // 24 frames a second
        in.unreachable = "the video could not be downloaded";
    }
    fake_job& job = accept(std::move(in), rule, r);
    return accepted(job, detail::json_reply(200, task(r, job, "pending")));
}

COKINO_DECL fake_reply fake_piapi::upload(const fake_request& r)
{
    const auto body = detail::parse_object(r.body);
    const std::string name = body ? detail::string_in(*body, "file_name").value_or("") : "";
    const std::string data = body ? detail::string_in(*body, "file_data").value_or("") : "";
    const std::string_view kind =
        std::string_view(name).substr((std::min)(name.size(), name.rfind('.')));
    if (kind.size() < 4 ||
        !detail::contains(" .jpg .jpeg .png .webp .mp4 .wav .mp3 ", " " + std::string(kind) + " "))
        return error(400, "file_name: the type is not supported");
    if (data.empty() || data.find_first_of(":,; ") != std::string::npos)
        return error(400, "file_data: must be base64");
    detail::json_text w;
    w->begin_object().member("code", 200).begin_object("data");
    w->member("url",
              r.origin + "/ephemeral/" + detail::hex(detail::hash(data), 16) + std::string(kind));
    w->end_object().member("message", "success").end_object();
    return detail::json_reply(200, w.take());
}

COKINO_DECL fake_reply fake_piapi::status(const fake_request& r, fake_job& job)
{
    ++job.polls;
    std::string word;
    if (const auto m = job.faults.next_poll()) {
        if (m->what != misstep::kind::say)
            return acted(*m);
        word = m->text;
    }
    if (word.empty())
        switch (state_of(job)) {
        case fake_state::queued: word = "pending"; break;
        case fake_state::running: word = "processing"; break;
        case fake_state::succeeded: word = "completed"; break;
        case fake_state::failed: word = "failed"; break;
        case fake_state::cancelled: word = "cancelled"; break;
        }
    return detail::json_reply(200, task(r, job, word));
}

COKINO_DECL fake_reply fake_piapi::stop(const fake_request& r, fake_job& job)
{
    ++job.cancels;
    if (state_of(job) != fake_state::queued)
        return error(400, "only pending tasks can be cancelled");
    if (!job.faults.ignores_cancel)
        cancel(job);
    return detail::json_reply(200,
                              task(r, job, job.faults.ignores_cancel ? "pending" : "cancelled"));
}

/// The envelope of 3.2. The webhook secret comes back in it, as in the recorded ones.
COKINO_DECL std::string fake_piapi::task(const fake_request& r, fake_job& job,
                                         std::string_view word)
{
    const bool kling = job.endpoint.starts_with("kling/");
    const bool done = word == "completed", failed = word == "failed";
    const bool content = job.faults.failure_code == "content_policy_violation";
    std::string shown(word);
    if (kling)
        shown[0] = static_cast<char>(shown[0] - 'a' + 'A');
    const auto points = job.price_mills * 10000; // 10 000 000 are a dollar
    const bool ended = done || failed || word == "cancelled";
    const std::string_view endpoint = job.endpoint;
    detail::json_text w;
    w->begin_object().member("code", 200).begin_object("data");
    w->member("task_id", job.id).member("model", endpoint.substr(0, endpoint.rfind('/')));
    w->member("task_type", endpoint.substr(endpoint.rfind('/') + 1)).member("status", shown);
    w->begin_object("config").member("service_mode", "public").begin_object("webhook_config");
    w->member("endpoint", job.webhook_url).member("secret", "").end_object().end_object();
    w->begin_object("input").member("prompt", job.prompt).end_object();
    write_output(*w, r, job, done);
    w->begin_object("meta")
        .member("created_at", detail::iso_time(wall(job.accepted_at)))
        .member("started_at", ended ? detail::iso_time(wall(job.start_at)) : "0001-01-01T00:00:00Z")
        .member("ended_at", ended ? detail::iso_time(wall(job.end_at)) : "0001-01-01T00:00:00Z")
        .begin_object("usage")
        .member("type", "point")
        .member("frozen", ended ? 0 : points)
        .member("consume", done ? points : 0)
        .end_object()
        .member("is_using_private_pool", false)
        .end_object();
    w->key("detail").null().begin_array("logs").end_array();
    w->begin_object("error").member("code", failed ? 10000 : 0);
    w->member("raw_message", !failed   ? std::string_view()
                             : content ? detail::piapi_risk_text
                                       : std::string_view(job.faults.failure_text));
    w->member("message", failed ? "task failed" : "").key("detail").null().end_object();
    w->end_object().member("message", "success").end_object();
    return w.take();
}

COKINO_DECL void fake_piapi::write_output(wire::json_writer& w, const fake_request& r,
                                          fake_job& job, bool done)
{
    w.key("output");
    const bool running = state_of(job) == fake_state::running;
    if ((!done && !running) || job.faults.no_link) {
        w.null();
        return;
    }
    // Filled before it is done, with what leads nowhere yet.
    const std::string url = done ? link(r, job, 0) : r.origin + "/ephemeral/not-yet.mp4";
    w.begin_object();
    if (job.kind == job_kind::images)
        w.member("image_url", url);
    else if (!job.endpoint.starts_with("kling/") || detail::contains(job.body, "\"3.0\""))
        w.member("video", url);
    else
        w.member("type", "m2v_txt2video_hq")
            .member("status", 99)
            .begin_array("works")
            .begin_object()
            .begin_object("video")
            .member("resource", url + "?watermark=1")
            .member("resource_without_watermark", url)
            .member("height", 1080)
            .member("width", 1920)
            .member("duration", job.duration_s * 1000)
            .end_object()
            .end_object()
            .end_array();
    w.end_object();
}

} // namespace cokino::testing
