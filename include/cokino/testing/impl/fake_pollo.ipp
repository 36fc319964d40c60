// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Pollo.ai as the fake host speaks it [providers/kling-kie-piapi-pollo-wireflow.md 4]:
//   POST {base}/v1/generation/{brand}/{model}/{video|image} -> {"code":"SUCCESS",...,"data":{...}}
//   GET  {base}/v1/generation/{id}/status                   -> a state for each generation
// with {base} ending in /api/platform. With fake_options::wraps_data off it answers as documented:
// flat, and with the names "result" and "videoUrl" that some clients read. Its gateway has pages of
// its own for 502 to 504.
#pragma once

#include <cokino/testing/detail/fake_host.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace cokino::testing {
namespace detail {

struct pollo_model {
    std::string_view endpoint;
    std::string_view text_members, image_members; ///< With a blank before and behind each.
    int from_s, to_s, step_s;
    int standard_mills, pro_mills; ///< For a second of video, or for a still.
};

// All prices are invented: the real ones are in credits.
inline constexpr std::array<pollo_model, 4> pollo_models{{
    {"kling-ai/kling-v2-5-turbo/video", " prompt aspectRatio negativePrompt strength duration ",
     " image imageTail prompt negativePrompt strength duration mode ", 5, 10, 5, 42, 70},
    {"kling-ai/kling-v3/video", " prompt aspectRatio negativePrompt duration mode generateAudio ",
     " image prompt negativePrompt duration mode generateAudio ", 3, 15, 1, 100, 150},
    {"bytedance/seedance-2-0/video", " prompt aspectRatio duration resolution ",
     " image prompt duration resolution ", 4, 15, 1, 120, 120},
    {"flux/flux-2-max/image", " prompt aspectRatio ", " image prompt ", 0, 0, 1, 60, 60},
}};

/// The first thing wrong with an input; empty when all is well.
inline std::string pollo_complaint(const boost::json::object& o, const pollo_model& m)
{
    const bool from_image = member(o, "image") != nullptr;
    const std::string_view known = from_image ? m.image_members : m.text_members;
    for (const auto& entry : o)
        if (!contains(known, " " + std::string(entry.key()) + " "))
            return std::string(entry.key()) + ": Unrecognized key";
    for (const std::string_view name : {"prompt", "negativePrompt"}) {
        const auto text = string_in(o, name);
        if (!text && (name == "prompt" || member(o, name) != nullptr))
            return std::string(name) + ": Required";
        if (text && std::count_if(text->begin(), text->end(), [](char c) {
                        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
                    }) > 1500)
            return std::string(name) + ": too long";
    }
    for (const std::string_view name : {"image", "imageTail"}) {
        const std::string link = string_in(o, name).value_or("");
        if (member(o, name) != nullptr && !link.starts_with("http://") &&
            !link.starts_with("https://"))
            return std::string(name) + ": Invalid url";
    }
    if (const auto* d = member(o, "duration")) {
        const auto s = integer_of(*d).value_or(-1);
        if (s < m.from_s || s > m.to_s || (s - m.from_s) % m.step_s != 0)
            return "duration: Invalid input";
    }
    if (const auto* s = member(o, "strength"))
        if (const auto strength = integer_of(*s).value_or(-1); strength < 0 || strength > 100)
            return "strength: must be a whole number from 0 to 100";
    if (member(o, "aspectRatio") != nullptr && !ratio_of(string_in(o, "aspectRatio").value_or("")))
        return "aspectRatio: Invalid enum value";
    if (const auto mode = string_in(o, "mode").value_or("");
        member(o, "mode") != nullptr && mode != "std" && mode != "pro")
        return "mode: Invalid enum value";
    return {};
}

} // namespace detail

class fake_pollo final : public fake_host
{
public:
    using fake_host::fake_host;

    fake_dialect dialect() const noexcept override { return fake_dialect::pollo; }
    bool owns(const fake_request& r) const override
    {
        return detail::contains(r.path(), "/api/platform/");
    }
    COKINO_DECL fake_reply answer(const fake_request& r) override;
    COKINO_DECL fake_reply error(unsigned status, std::string_view text = {}) const override;

private:
    static constexpr std::string_view generations = "/api/platform/v1/generation/";

    fake_reply submit(const fake_request& r, std::string_view endpoint);
    fake_reply status(const fake_request& r, fake_job& job);
    fake_reply complain(std::string_view issue) const;
    void open(wire::json_writer& w) const;
    std::string close(detail::json_text& w) const;
};

COKINO_DECL fake_reply fake_pollo::error(unsigned status, std::string_view text) const
{
    if (status >= 502 && status <= 504) {
        fake_reply page;
        page.status = status;
        page.fields.emplace_back("content-type", "text/html; charset=UTF-8");
        page.body =
            "<!DOCTYPE html><html><title>pollo.ai | " + std::to_string(status) + "</title></html>";
        return page;
    }
    struct row {
        unsigned status;
        std::string_view code, text;
    };
    constexpr row rows[] = {
        {400, "BAD_REQUEST", "Bad request"},
        {401, "UNAUTHORIZED", "Invalid API key"},
        {402, "BAD_REQUEST", "Insufficient credits"},
        {403, "FORBIDDEN", "This model is not enabled for API access."},
        {404, "NOT_FOUND", "Not found"},
        {429, "RATE_LIMIT_EXCEEDED", "Too many requests"},
    };
    row told{status, "INTERNAL_SERVER_ERROR", detail::reason_of(status)};
    for (const row& known : rows)
        if (known.status == status)
            told = known;
    detail::json_text w;
    w->begin_object().member("message", text.empty() ? told.text : text);
    w->member("code", told.code).end_object();
    return detail::json_reply(status, w.take());
}

COKINO_DECL fake_reply fake_pollo::complain(std::string_view issue) const
{
    detail::json_text w;
    w->begin_object().member("message", "Input validation failed").member("code", "BAD_REQUEST");
    w->begin_array("issues").begin_object().member("message", issue).end_object().end_array();
    w->end_object();
    return detail::json_reply(400, w.take());
}

/// The envelope, where answers have one.
COKINO_DECL void fake_pollo::open(wire::json_writer& w) const
{
    w.begin_object();
    if (options().wraps_data)
        w.member("code", "SUCCESS").member("message", "success").begin_object("data");
}

COKINO_DECL std::string fake_pollo::close(detail::json_text& w) const
{
    w->end_object();
    if (options().wraps_data)
        w->end_object();
    return w.take();
}

COKINO_DECL fake_reply fake_pollo::answer(const fake_request& r)
{
    if (!key_is_good(r.field("x-api-key"))) {
        ++counts().unauthorised;
        return error(401);
    }
    const std::string_view path = r.path();
    const auto at = path.find(generations);
    if (at == std::string_view::npos) {
        ++counts().unknown_routes;
        return error(404);
    }
    const std::string_view rest = path.substr(at + generations.size());
    if (r.method == "POST")
        return submit(r, rest);
    if (r.method != "GET" || detail::segment(rest, 1) != "status") {
        ++counts().unknown_routes;
        return error(404);
    }
    ++counts().polls;
    fake_job* const job = find(detail::segment(rest, 0));
    return job == nullptr ? error(404) : status(r, *job);
}

COKINO_DECL fake_reply fake_pollo::submit(const fake_request& r, std::string_view endpoint)
{
    ++counts().submits;
    const auto* const model = std::find_if(detail::pollo_models.begin(), detail::pollo_models.end(),
                                           [&](const auto& m) { return m.endpoint == endpoint; });
    if (model == detail::pollo_models.end())
        return error(404);
    const auto body = detail::parse_object(r.body);
    const auto* const given = body ? detail::member(*body, "input") : nullptr;
    if (given == nullptr || !given->is_object() ||
        !r.field("content-type").starts_with("application/json"))
        return complain("input: Required");
    for (const auto& entry : *body)
        if (entry.key() != "input" && entry.key() != "webhookUrl")
            return complain(std::string(entry.key()) + ": Unrecognized key");
    const boost::json::object& o = given->get_object();

    input in;
    in.prompt = detail::string_in(o, "prompt").value_or("");
    job_faults& rule = rule_for(in.prompt);
    if (auto refused = refusal(rule))
        return *std::move(refused);
    if (const auto complaint = detail::pollo_complaint(o, *model); !complaint.empty())
        return complain(complaint);
    if (rule.refuse_content_at_submit)
        return error(400, "The prompt contains sensitive content.");

    in.id = "cm2" + detail::hex(random().next(), 16) + detail::hex(random().next(), 6);
    in.kind = endpoint.ends_with("/image") ? job_kind::images : job_kind::video;
    in.endpoint = std::string(endpoint);
    in.image_url = detail::string_in(o, "image").value_or("");
    in.webhook_url = detail::string_in(*body, "webhookUrl").value_or("");
    if (const auto* d = detail::member(o, "duration"))
        in.duration_s = static_cast<int>(detail::integer_of(*d).value_or(5));
    in.ratio = detail::ratio_of(detail::string_in(o, "aspectRatio").value_or(""))
                   .value_or(aspect_ratio::landscape_16_9);
    // Without a frame there is no mode, and the better of the two is made.
    const std::string mode =
        detail::string_in(o, "mode").value_or(in.image_url.empty() ? "pro" : "std");
    in.price_mills = (mode == "pro" ? model->pro_mills : model->standard_mills) *
                     (in.kind == job_kind::video ? in.duration_s : 1);
    const fake_job& job = accept(std::move(in), rule, r);
    detail::json_text w;
    open(*w);
    w->member("taskId", job.id).member("status", "waiting");
    return accepted(job, detail::json_reply(200, close(w)));
}

COKINO_DECL fake_reply fake_pollo::status(const fake_request& r, fake_job& job)
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
        case fake_state::queued: word = "waiting"; break;
        case fake_state::succeeded: word = "succeed"; break;
        case fake_state::failed: word = "failed"; break;
        default: word = "processing"; break;
        }
    const bool wrapped = options().wraps_data;
    const bool content = job.faults.failure_code == "content_policy_violation";
    const double dollars = static_cast<double>(job.price_mills) / 1000;
    detail::json_text w;
    open(*w);
    w->member("taskId", job.id)
        .member("credit", std::round(dollars / 0.06 * 100) / 100)
        .member("costUsd", dollars)
        .begin_array(wrapped ? std::string_view("generations") : std::string_view("result"))
        .begin_object()
        .member("id", "gen" + job.id)
        .member("status", word)
        .member("failMsg", word != "failed" ? std::string()
                           : content        ? "Failure to pass the risk control system"
                                            : job.faults.failure_text);
    const std::string url = word == "succeed" && !job.faults.no_link ? link(r, job, 0) : "";
    w->member(wrapped ? std::string_view("url") : std::string_view("videoUrl"), url)
        .member("mediaType", job.kind == job_kind::video ? "video" : "image")
        .member("createdDate", detail::iso_time(wall(job.accepted_at)))
        .member("updatedDate", detail::iso_time(time().system_now()))
        .end_object()
        .end_array();
    return detail::json_reply(200, close(w));
}

} // namespace cokino::testing
