// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The representative REST host of the Kling 2.5 tutorial, as the fake host speaks it:
//   POST {base}/v1/kling/v2-5/text-to-video  -> {"code":0,"data":{"task_id":"..."}}
//   GET  {base}/v1/kling/v2-5/tasks/{id}     -> {"code":0,"data":{"task_id","status",...}}
// with Bearer or x-api-key. Any path below /v1/ that ends in a job's id gives its status. Refusals
// are {"code","message"} with Kling's own codes [providers/kling 1.5]. Also here: what both
// dialects tell for an HTTP status.
#pragma once

#include <cokino/testing/fake_engine.hpp>
#include <cokino/testing/impl/fake_input.ipp>

namespace cokino::testing {
namespace detail {

inline fake_reply rest_error_reply(unsigned status, int code, std::string_view text)
{
    detail::json_text w;
    w->begin_object().member("code", code).member("message", text).end_object();
    return json_reply(status, w.take());
}

/// The first thing wrong with a body, as "field: reason"; empty when all is well.
inline std::string rest_complaint(const boost::json::object& o, bool image_to_video)
{
    const auto prompt = string_in(o, "prompt");
    if (!prompt || prompt->empty() || prompt->size() > 2500)
        return "prompt: a text of 1 to 2500 characters is required";
    for (const std::string_view name : {"negative_prompt", "image_url", "callback_url"})
        if (member(o, name) != nullptr && !string_in(o, name))
            return std::string(name) + ": must be a string";
    if (image_to_video && string_in(o, "image_url").value_or("").empty())
        return "image_url: is required";
    if (const auto* d = member(o, "duration")) {
        const auto seconds = integer_of(*d);
        if (!seconds || (*seconds != 5 && *seconds != 10))
            return "duration: must be the number 5 or 10";
    }
    if (member(o, "aspect_ratio") != nullptr &&
        !ratio_of(string_in(o, "aspect_ratio").value_or("")))
        return "aspect_ratio: must be 16:9, 9:16 or 1:1";
    if (const auto* c = member(o, "cfg_scale")) {
        const auto scale = number_of(*c);
        if (!scale || *scale < 0 || *scale > 1)
            return "cfg_scale: must be a number from 0 to 1";
    }
    return {};
}

inline constexpr std::string_view flagged_text =
    "The content could not be processed because it contained material flagged by a content "
    "checker.";

inline constexpr std::string_view risk_text = "Failure to pass the risk control system";

inline fake_reply fal_error(unsigned status, std::string_view code, std::string_view text)
{
    if (code == "content_policy_violation" && text.empty())
        text = flagged_text;
    if (const unsigned told = fal_request_error(code))
        return fal_error_reply(told, code, text);
    if (!code.empty()) {
        // Only what the input is to blame for names a member of it.
        const unsigned told = status != 0 ? status : fal_model_error(code);
        const std::string_view field = told == 422 ? "prompt" : "";
        return fal_detail_reply(told, '[' + fal_detail(field, code, text) + ']');
    }
    switch (status) {
    case 401: return fal_error_reply(401, {}, "invalid key credentials");
    case 403:
        return fal_error_reply(403, {},
                               "User is locked. Reason: Exhausted balance. Top up your balance at "
                               "fal.ai/dashboard/billing.");
    case 404: return json_reply(404, R"({"status":"NOT_FOUND"})");
    case 429: {
        auto reply = fal_error_reply(429, "concurrent_requests_limit", "Too many requests");
        reply.fields.emplace_back("x-fal-needs-retry", "1");
        return reply;
    }
    case 500: return fal_error_reply(500, "internal_error", "Internal Server Error");
    case 502: return fal_error_reply(502, "runner_incomplete_response", "Bad Gateway");
    case 503: return fal_error_reply(503, "runner_scheduling_failure", "Service Unavailable");
    case 504: return fal_error_reply(504, "request_timeout", "Gateway Timeout");
    default: return fal_error_reply(status, {}, reason_of(status));
    }
}

} // namespace detail

COKINO_DECL fake_reply fake_error(fake_dialect d, unsigned status, std::string_view code,
                                  std::string_view text)
{
    if (status == 200)
        return detail::json_reply(200, "}{ <not json>");
    if (d == fake_dialect::fal)
        return detail::fal_error(status, code, text);
    if (code == "content_policy_violation")
        return detail::rest_error_reply(400, 1301, detail::risk_text);
    constexpr std::pair<unsigned, int> codes[] = {
        {400, 1201}, {401, 1002}, {402, 1102}, {403, 1103}, {404, 1203},
        {405, 1202}, {429, 1302}, {500, 5000}, {503, 5001}, {504, 5002}};
    int number = static_cast<int>(status);
    for (const auto& [of, known] : codes)
        number = of == status ? known : number;
    return detail::rest_error_reply(status, number,
                                    text.empty() ? detail::reason_of(status) : text);
}

COKINO_DECL fake_reply fake_engine::rest(const fake_request& r)
{
    std::string_view key = r.field("x-api-key");
    if (const auto bearer = r.field("authorization"); key.empty() && bearer.starts_with("Bearer "))
        key = bearer.substr(7);
    if (!key_is_good(key)) {
        ++counts_.unauthorised;
        return fake_error(fake_dialect::rest, 401, {}, "The API key is not valid.");
    }
    const std::string_view path = r.path();
    if (r.method == "POST" && detail::contains(path, "/v1/kling/v2-5/"))
        return rest_submit(r);
    if (r.method == "GET") {
        ++counts_.polls;
        fake_job* const job = find(path.substr(path.rfind('/') + 1));
        if (job == nullptr || job->dialect != fake_dialect::rest)
            return fake_error(fake_dialect::rest, 404);
        return rest_status(r, *job);
    }
    ++counts_.unknown_routes;
    return fake_error(fake_dialect::rest, r.method == "POST" ? 404U : 405U);
}

COKINO_DECL fake_reply fake_engine::rest_submit(const fake_request& r)
{
    const std::string_view path = r.path();
    const bool image_to_video = path.ends_with("/image-to-video");
    if (!image_to_video && !path.ends_with("/text-to-video")) {
        ++counts_.unknown_routes;
        return fake_error(fake_dialect::rest, 404);
    }
    ++counts_.submits;
    const std::string key(r.field("idempotency-key"));
    if (options_.replays_keys && !key.empty())
        if (const auto known = by_key_.find(key); known != by_key_.end())
            return known->second;
    const auto body = detail::parse_object(r.body);
    if (!body || !r.field("content-type").starts_with("application/json"))
        return fake_error(fake_dialect::rest, 400, {}, "The body is not JSON.");

    input in;
    in.dialect = fake_dialect::rest;
    in.endpoint = std::string(path.substr(1));
    in.prompt = detail::string_in(*body, "prompt").value_or("");
    job_faults& rule = faults_.rule_for(jobs_.size() + 1, in.prompt);
    if (auto refused = refusal(rule, fake_dialect::rest))
        return *std::move(refused);
    if (const std::string complaint = detail::rest_complaint(*body, image_to_video);
        !complaint.empty())
        return fake_error(fake_dialect::rest, 400, {}, complaint);
    if (rule.refuse_content_at_submit)
        return fake_error(fake_dialect::rest, 400, "content_policy_violation");

    in.image_url = detail::string_in(*body, "image_url").value_or("");
    in.webhook_url = detail::string_in(*body, "callback_url").value_or("");
    if (const auto* d = detail::member(*body, "duration"))
        in.duration_s = static_cast<int>(detail::integer_of(*d).value_or(5));
    if (const auto ratio = detail::string_in(*body, "aspect_ratio"))
        in.ratio = detail::ratio_of(*ratio).value_or(in.ratio);
    in.price_mills = in.duration_s * 60;
    const fake_job& job = accept(std::move(in), rule, r);
    detail::json_text w;
    if (options_.wraps_data)
        w->begin_object().member("code", 0).begin_object("data");
    else
        w->begin_object();
    w->member("task_id", job.id).member("status", "processing").end_object();
    if (options_.wraps_data)
        w->end_object();
    const fake_reply reply = detail::json_reply(200, w.take());
    if (!key.empty())
        by_key_[key] = reply;
    return accepted(job, reply);
}

COKINO_DECL fake_reply fake_engine::rest_status(const fake_request& r, fake_job& job)
{
    ++job.polls;
    std::string word;
    if (const auto m = job.faults.next_poll()) {
        if (m->what != misstep::kind::say)
            return acted(*m, fake_dialect::rest);
        word = m->text;
    }
    const fake_state state = state_of(job);
    if (word.empty())
        word = state == fake_state::succeeded ? "succeed"
               : state == fake_state::failed  ? "failed"
                                              : "processing";
    detail::json_text w;
    if (options_.wraps_data)
        w->begin_object().member("code", 0).begin_object("data");
    else
        w->begin_object();
    w->member("task_id", job.id).member("status", word);
    if (word == "failed" && job.faults.failure_code == "content_policy_violation")
        w->begin_object("error")
            .member("code", 1301)
            .member("message", detail::risk_text)
            .end_object();
    else if (word == "failed")
        w->begin_object("error")
            .member("code", job.faults.failure_code)
            .member("message", job.faults.failure_text)
            .end_object();
    if (state == fake_state::running && !job.faults.never_ends) {
        const auto gone = std::chrono::duration<double>(time_.now() - job.start_at);
        w->member("progress", gone / std::chrono::duration<double>(job.end_at - job.start_at));
    }
    if (word == "succeed" && !job.faults.no_link) {
        w->member("video_url", link(r, job, 0));
        w->member("duration", job.duration_s).member("aspect_ratio", text_of(job.ratio));
    }
    w->end_object();
    if (options_.wraps_data)
        w->end_object();
    return detail::json_reply(200, w.take());
}

} // namespace cokino::testing
