// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Kling's own API as the fake host speaks it, in both generations
// [providers/kling-kie-piapi-pollo-wireflow.md 1]:
//   POST /text-to-video/{model}, /image-to-video/{model};  GET /tasks?task_ids=A,B (or
//   external_task_ids=, up to twenty, tasks of the legacy generation too; one call is one poll)
//   POST /v1/videos/text2video, /v1/videos/image2video, /v1/images/generations; GET {the same}/{id}
// Its quirks: durations are numbers in the one and texts in the other; an own id that it has seen
// is refused; 429 has codes of which some never clear; tokens work in the legacy generation only.
#pragma once

#include <cokino/testing/detail/fake_host.hpp>
#include <cokino/testing/impl/fake_kling_input.ipp>
#include <cokino/wire/jwt.hpp>
#include <cokino/wire/signature.hpp>

#include <algorithm>
#include <map>

namespace cokino::testing {

class fake_kling final : public fake_host
{
public:
    using fake_host::fake_host;

    fake_dialect dialect() const noexcept override { return fake_dialect::kling; }
    COKINO_DECL bool owns(const fake_request& r) const override;
    COKINO_DECL fake_reply answer(const fake_request& r) override;
    COKINO_DECL fake_reply error(unsigned status, std::string_view text = {}) const override;

private:
    fake_reply coded(unsigned status, int code, std::string_view text) const;
    std::optional<fake_reply> locked_out(const fake_request& r, bool legacy) const;
    bool token_is_good(std::string_view token) const;
    fake_reply submit(const fake_request& r, bool legacy);
    fake_reply many(const fake_request& r);
    fake_reply one(const fake_request& r);
    fake_job* known(std::string_view id);
    std::optional<fake_reply> look(fake_job& job, std::string& word);
    void write_task(wire::json_writer& w, const fake_request& r, fake_job& job,
                    std::string_view word);
    void write_legacy_task(wire::json_writer& w, const fake_request& r, fake_job& job,
                           std::string_view word);
    std::int64_t millis(system_time t) const
    {
        return std::chrono::floor<std::chrono::milliseconds>(t.time_since_epoch()).count();
    }
    std::string_view reason(const fake_job& job) const
    {
        return job.faults.failure_code == "content_policy_violation"
                   ? "Failure to pass the risk control system"
                   : std::string_view(job.faults.failure_text);
    }

    std::map<std::string, std::string, std::less<>> by_own_id_, own_ids_; // to and from the job's
};

COKINO_DECL bool fake_kling::owns(const fake_request& r) const
{
    for (const std::string_view root :
         {"/text-to-video/", "/image-to-video/", "/v1/videos/", "/v1/images/"})
        if (r.path().starts_with(root))
            return true;
    return r.path() == "/tasks";
}

COKINO_DECL fake_reply fake_kling::coded(unsigned status, int code, std::string_view text) const
{
    detail::json_text w;
    w->begin_object().member("code", code).member("message", text);
    w->member("request_id", "fake-request").end_object();
    return detail::json_reply(status, w.take());
}

/// 1.5.
COKINO_DECL fake_reply fake_kling::error(unsigned status, std::string_view text) const
{
    struct row {
        unsigned status;
        int code;
        std::string_view text;
    };
    constexpr row rows[] = {
        {400, 1201, "bad value"},          {401, 1002, "api key not found"},
        {403, 1103, "no right to this"},   {404, 1203, "resource does not exist"},
        {405, 1202, "wrong method"},       {429, 1302, "too many requests"},
        {500, 5000, "internal error"},     {503, 5001, "under maintenance"},
        {504, 5002, "internal timed out"},
    };
    // It has no 402: an exhausted balance is a 429 of its own.
    if (status == 402)
        return coded(429, 1102, "Account balance not enough");
    for (const row& r : rows)
        if (r.status == status)
            return coded(status, r.code, text.empty() ? r.text : text);
    return coded(status, static_cast<int>(status), detail::reason_of(status));
}

/// 1.1: HS256, both members of the header, in force now. The good key may be "access:secret".
COKINO_DECL bool fake_kling::token_is_good(std::string_view token) const
{
    const std::string_view header = token.substr(0, token.find('.'));
    const std::string_view payload =
        token.substr(header.size() + 1, token.rfind('.') - header.size() - 1);
    const auto head = wire::base64url_decode(header), body = wire::base64url_decode(payload);
    if (!head || *head != wire::jwt_hs256_header || !body)
        return false;
    const auto claims = detail::parse_object(*body);
    if (!claims)
        return false;
    const auto at = [&](std::string_view name) {
        const auto* v = detail::member(*claims, name);
        return v != nullptr ? detail::integer_of(*v).value_or(-1) : -1;
    };
    const auto now = millis(time().system_now()) / 1000;
    if (at("exp") <= now || at("exp") > now + 1800 || at("nbf") < 0 || at("nbf") > now)
        return false;
    const std::string_view good = options().api_key;
    if (good.empty())
        return true;
    const std::size_t colon = good.find(':');
    return colon != std::string_view::npos &&
           detail::string_in(*claims, "iss") == good.substr(0, colon) &&
           wire::jwt_hs256(*body, good.substr(colon + 1)) == token;
}

COKINO_DECL std::optional<fake_reply> fake_kling::locked_out(const fake_request& r,
                                                             bool legacy) const
{
    std::string_view key = r.field("authorization");
    if (key.empty())
        return coded(401, 1001, "Authorization is empty");
    if (!key.starts_with("Bearer "))
        return coded(401, 1000, "authentication failed");
    key.remove_prefix(7);
    const bool token = key.find('.') != key.rfind('.');
    if (token && !legacy)
        return coded(401, 1002, "AK/SK is not supported here; use an api key");
    if (token ? token_is_good(key) : key_is_good(key))
        return std::nullopt;
    return coded(401, 1002, "api key not found");
}

COKINO_DECL fake_reply fake_kling::answer(const fake_request& r)
{
    const bool legacy = r.path().starts_with("/v1/");
    if (auto refused = locked_out(r, legacy)) {
        ++counts().unauthorised;
        return *std::move(refused);
    }
    if (r.path() == "/tasks")
        return r.method == "GET" ? many(r) : error(405);
    if (r.method == "POST")
        return submit(r, legacy);
    if (r.method == "GET" && legacy)
        return one(r);
    ++counts().unknown_routes;
    return coded(404, 1202, "wrong method");
}

COKINO_DECL fake_reply fake_kling::submit(const fake_request& r, bool legacy)
{
    ++counts().submits;
    const auto body = detail::parse_object(r.body);
    if (!body || !r.field("content-type").starts_with("application/json"))
        return error(400, "The body is not JSON.");
    detail::kling_order order = detail::kling_read(r.path(), *body);
    input in;
    in.prompt = order.prompt;
    job_faults& rule = rule_for(in.prompt);
    if (auto refused = refusal(rule))
        return *std::move(refused);
    if (order.missing)
        return error(404, "model does not exist");
    if (!order.complaint.empty())
        return error(400, order.complaint);
    if (!order.own_id.empty() && by_own_id_.contains(order.own_id))
        return error(400, "external_task_id: " + order.own_id + " already exists");
    if (rule.refuse_content_at_submit)
        return coded(400, 1301, "Failure to pass the risk control system");

    in.kind = order.kind;
    in.endpoint = std::string(r.path().substr(1));
    in.image_url = order.image;
    in.webhook_url = order.hook;
    in.duration_s = order.seconds;
    in.ratio = order.ratio;
    in.count = order.count;
    in.price_mills = order.price_mills;
    fake_job& job = accept(std::move(in), rule, r);
    if (!order.own_id.empty()) {
        by_own_id_[order.own_id] = job.id;
        own_ids_[job.id] = order.own_id;
    }
    detail::json_text w;
    w->begin_object().member("code", 0).member("message", "SUCCEED");
    w->member("request_id", "fake-request").key("data");
    if (legacy)
        write_legacy_task(*w, r, job, "submitted");
    else
        write_task(*w, r, job, "submitted");
    w->end_object();
    return accepted(job, detail::json_reply(200, w.take()));
}

/// By its own id or by ours.
COKINO_DECL fake_job* fake_kling::known(std::string_view id)
{
    const auto own = by_own_id_.find(id);
    return find(own == by_own_id_.end() ? id : own->second);
}

/// The word for a job's state, in the current generation; or what the script has in its place.
COKINO_DECL std::optional<fake_reply> fake_kling::look(fake_job& job, std::string& word)
{
    ++job.polls;
    if (const auto m = job.faults.next_poll()) {
        if (m->what != misstep::kind::say)
            return acted(*m);
        word = m->text;
        return std::nullopt;
    }
    switch (state_of(job)) {
    case fake_state::queued: word = "submitted"; break;
    case fake_state::running: word = "processing"; break;
    case fake_state::succeeded: word = "succeeded"; break;
    default: word = "failed"; break;
    }
    return std::nullopt;
}

/// 1.2: the two parameters exclude each other, twenty ids are the most, and unknown ones are left
/// out: so is a job whose script says 404.
COKINO_DECL fake_reply fake_kling::many(const fake_request& r)
{
    ++counts().polls;
    const std::string theirs = r.query("task_ids"), ours = r.query("external_task_ids");
    if (theirs.empty() == ours.empty())
        return error(400, "one of task_ids and external_task_ids is required");
    std::string_view rest = theirs.empty() ? ours : theirs;
    const auto commas = std::count(rest.begin(), rest.end(), ',');
    const auto ids = static_cast<std::size_t>(commas) + 1;
    counts().polled_ids_max = std::max(counts().polled_ids_max, ids);
    if (ids > 20)
        return error(400, "task_ids and external_task_ids cannot exceed 20 in total");
    detail::json_text w;
    w->begin_object().member("code", 0).member("message", "SUCCEED");
    w->member("request_id", "fake-request").begin_array("data");
    while (!rest.empty()) {
        const std::string_view id = cokino::detail::take_until(rest, ',');
        fake_job* const job = theirs.empty() == by_own_id_.contains(id) ? known(id) : nullptr;
        if (job == nullptr)
            continue;
        std::string word;
        if (auto misled = look(*job, word)) {
            if (misled->status == 404 && misled->lost == breakage::none)
                continue;
            return *std::move(misled);
        }
        write_task(*w, r, *job, word);
    }
    w->end_array().end_object();
    return detail::json_reply(200, w.take());
}

/// 1.3: the kind in the path must fit the task.
COKINO_DECL fake_reply fake_kling::one(const fake_request& r)
{
    ++counts().polls;
    const std::string_view path = r.path();
    const std::string_view id = path.substr(path.rfind('/') + 1);
    const std::string_view kind = path.substr(1, path.size() - id.size() - 2);
    fake_job* const job = known(id);
    if (job == nullptr || job->endpoint != kind)
        return error(400, "Task not found by id/external id: " + std::string(id));
    std::string word;
    if (auto misled = look(*job, word))
        return *std::move(misled);
    detail::json_text w;
    w->begin_object().member("code", 0).member("message", "SUCCEED");
    w->member("request_id", "fake-request").key("data");
    write_legacy_task(*w, r, *job, word == "succeeded" ? "succeed" : word);
    w->end_object();
    return detail::json_reply(200, w.take());
}

COKINO_DECL void fake_kling::write_task(wire::json_writer& w, const fake_request& r, fake_job& job,
                                        std::string_view word)
{
    const bool done = word == "succeeded";
    w.begin_object().member("id", job.id).member("status", word);
    w.member("message", word == "failed" ? reason(job) : std::string_view());
    w.member("create_time", millis(wall(job.accepted_at)));
    w.member("update_time", millis(time().system_now()));
    w.member("external_id", own_ids_[job.id]);
    if (done || word == "failed") {
        w.begin_array("outputs");
        for (int i = 0; done && !job.faults.no_link && i < job.count; ++i) {
            const bool video = job.kind == job_kind::video;
            w.begin_object().member("type", video ? "video" : "image");
            w.member("url", link(r, job, static_cast<std::size_t>(i))).member("watermark_url", "");
            if (video)
                w.member("duration", std::to_string(job.duration_s) + ".041");
            w.end_object();
        }
        w.end_array().begin_array("billing").end_array();
    }
    w.end_object();
}

COKINO_DECL void fake_kling::write_legacy_task(wire::json_writer& w, const fake_request& r,
                                               fake_job& job, std::string_view word)
{
    w.begin_object().member("task_id", job.id).member("task_status", word);
    w.member("task_status_msg", word == "failed" ? reason(job) : std::string_view());
    w.begin_object("task_info").member("external_task_id", own_ids_[job.id]).end_object();
    w.member("created_at", millis(wall(job.accepted_at)));
    w.member("updated_at", millis(time().system_now()));
    if (word == "succeed") {
        const bool video = job.kind == job_kind::video;
        w.begin_object("task_result");
        w.begin_array(video ? std::string_view("videos") : std::string_view("images"));
        for (int i = 0; !job.faults.no_link && i < job.count; ++i) {
            w.begin_object().member("url", link(r, job, static_cast<std::size_t>(i)));
            if (video)
                w.member("duration", std::to_string(job.duration_s) + ".1");
            else
                w.member("index", i);
            w.end_object();
        }
        w.end_array().end_object();
    }
    w.end_object();
}

} // namespace cokino::testing
