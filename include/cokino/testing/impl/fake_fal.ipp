// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// fal's queue API as the fake host speaks it: submit, result, cancel. Shapes, words and statuses
// are those of providers/fal-replicate.md A1 to A7 and C1 to C5.
#pragma once

#include <cokino/testing/fake_engine.hpp>
#include <cokino/testing/impl/fake_fal_input.ipp>
#include <cokino/testing/impl/fake_input.ipp>
#include <cokino/testing/impl/fake_upscale.ipp>

#include <algorithm>

namespace cokino::testing {

COKINO_DECL fake_reply fake_engine::fal(const fake_request& r)
{
    const std::string_view path = r.path();
    const std::string app =
        std::string(detail::segment(path, 0)) + '/' + std::string(detail::segment(path, 1));
    const std::string_view authorization = r.field("authorization");
    if (!authorization.starts_with("Key ") || !key_is_good(authorization.substr(4))) {
        ++counts_.unauthorised;
        return detail::fal_error_reply(401, {},
                                       authorization.empty()
                                           ? "Cannot access application \"" + app +
                                                 "\". Authentication is required to access "
                                                 "this application."
                                           : "invalid key credentials");
    }
    if (path == "/storage/upload/initiate")
        return fal_announce(r);
    if (detail::segment(path, 2) != "requests")
        return fal_submit(r);
    const std::string_view verb = detail::segment(path, 4), further = detail::segment(path, 5);
    fake_job* const job = find(detail::segment(path, 3));
    const bool status = verb == "status" && further.empty() && r.method == "GET";
    const bool stream = verb == "status" && further == "stream" && r.method == "GET";
    const bool result = verb.empty() && r.method == "GET";
    const bool cancel = verb == "cancel" && r.method == "PUT";
    counts_.polls += status ? 1 : 0;
    counts_.streams += stream ? 1 : 0;
    counts_.results += result ? 1 : 0;
    counts_.cancels += cancel ? 1 : 0;
    if (!(status || stream || result || cancel)) {
        ++counts_.unknown_routes;
        return detail::fal_error_reply(405, {}, "Method Not Allowed");
    }
    const bool known = job != nullptr && job->dialect == fake_dialect::fal &&
                       (job->endpoint + '/').starts_with(app + '/');
    if (!known)
        return detail::json_reply(404, R"({"status":"NOT_FOUND"})");
    if (stream)
        return fal_stream(r, *job);
    return status ? fal_status(r, *job) : result ? fal_result(r, *job) : fal_cancel(*job);
}

COKINO_DECL fake_reply fake_engine::fal_submit(const fake_request& r)
{
    const std::string path(r.path().substr(1));
    const auto offered =
        std::find_if(detail::fal_endpoints.begin(), detail::fal_endpoints.end(),
                     [&](const detail::fal_endpoint& e) { return e.path == path; });
    if (offered == detail::fal_endpoints.end() || r.method != "POST") {
        ++counts_.unknown_routes;
        return r.method == "POST" ? detail::fal_error_reply(404, {}, "Path /" + path + " not found")
                                  : detail::fal_error_reply(405, {}, "Method Not Allowed");
    }
    ++counts_.submits;
    const auto body = detail::parse_object(r.body);
    if (!body || !r.field("content-type").starts_with("application/json"))
        return detail::fal_detail_reply(
            422, '[' + detail::fal_detail({}, "json_invalid", "JSON decode error") + ']');

    input in;
    in.endpoint = path;
    in.kind = offered->kind;
    in.webhook_url = r.query("fal_webhook");
    detail::fal_input_reader reader(*body);
    const bool upscale = offered->first_frame == "video_url";
    if (!upscale)
        reader.text("prompt", in.prompt, true);
    if (upscale) {
        fal_upscale(*body, reader, in);
    } else if (in.kind == job_kind::video) {
        detail::fal_clip_fields f;
        reader.clip(f, *offered);
        for (const auto& [name, frame] : {std::pair(offered->first_frame, f.first_frame),
                                          std::pair(offered->last_frame, f.last_frame)})
            if (detail::contains(frame, "/files/u/") && uploaded(frame) == nullptr)
                reader.bad(name, "file_download_error", "The file could not be downloaded.");
        in.image_url = f.first_frame;
        in.ratio = f.ratio;
        in.duration_s = f.duration_s;
        in.price_mills = offered->first_mills + offered->more_mills * (f.duration_s - 5) +
                         (f.sound ? offered->sound_mills * f.duration_s : 0);
    } else {
        reader.count(in.count);
        reader.image_size(in.width, in.height);
        const std::int64_t pixels = std::int64_t{in.width} * in.height;
        const std::int64_t more = (std::max<std::int64_t>(pixels - 1, 0)) / 1'100'000;
        in.price_mills = (offered->first_mills + offered->more_mills * more) * in.count;
    }
    in.invalid = reader.invalid();

    job_faults& rule = faults_.rule_for(jobs_.size() + 1, in.prompt);
    if (auto refused = refusal(rule, fake_dialect::fal))
        return *std::move(refused);
    if (rule.refuse_content_at_submit)
        return fake_error(fake_dialect::fal, 422, "content_policy_violation");
    if (!in.invalid.empty() && options_.validates_at_submit)
        return detail::fal_detail_reply(422, in.invalid);

    const fake_job& job = accept(std::move(in), rule, r);
    detail::json_text w;
    w->begin_object().member("status", "IN_QUEUE");
    detail::fal_links(*w, r, job);
    w->key("logs").null().raw_member("metrics", "{}");
    w->member("queue_position", jobs_before(job)).end_object();
    fake_reply reply = detail::json_reply(200, w.take());
    reply.fields.emplace_back("x-fal-request-id", job.id);
    return accepted(job, std::move(reply));
}

COKINO_DECL void fake_engine::fal_upscale(const boost::json::object& body,
                                          detail::fal_input_reader& reader, input& in)
{
    const bool topaz = detail::is_fal_topaz(in.endpoint);
    detail::fake_upscale what;
    reader.link("video_url", in.video_url, true);
    if (topaz)
        detail::fal_read_topaz(body, reader, what);
    else
        detail::fal_read_bytedance(body, reader, what);
    const fake_source from = source_of(in.video_url);
    in.lines = what.lines_from(from.lines);
    in.price_mills = detail::fal_upscale_mills(topaz, what, in.lines, from.duration_s);
    in.unreachable = '[' +
                     detail::fal_detail("video_url", "file_download_error",
                                        "The file could not be downloaded.") +
                     ']';
}

COKINO_DECL fake_reply fake_engine::fal_result(const fake_request& r, fake_job& job)
{
    ++job.results;
    if (const auto m = job.faults.next_result())
        return acted(*m, fake_dialect::fal);
    switch (state_of(job)) {
    case fake_state::queued:
    case fake_state::running:
        return detail::fal_error_reply(400, {}, "Request is still in progress");
    case fake_state::cancelled:
        return detail::fal_error_reply(499, "client_cancelled",
                                       "Request was cancelled by the client");
    case fake_state::failed:
        if (!job.invalid_input.empty())
            return detail::fal_detail_reply(422, job.invalid_input);
        return fake_error(fake_dialect::fal, 0, job.faults.failure_code, job.faults.failure_text);
    case fake_state::succeeded: break;
    }
    std::string answer;
    append_outputs(answer, r, job);
    fake_reply reply = detail::json_reply(200, std::move(answer));
    reply.fields.emplace_back("x-fal-request-id", job.id);
    return reply;
}

COKINO_DECL fake_reply fake_engine::fal_cancel(fake_job& job)
{
    ++job.cancels;
    const fake_state state = state_of(job);
    if (state != fake_state::queued && state != fake_state::running)
        return detail::json_reply(400, R"({"status":"ALREADY_COMPLETED"})");
    if (job.faults.ignores_cancel)
        return detail::json_reply(202, R"({"status":"CANCELLATION_REQUESTED"})");
    job.cancelled_at = time_.now();
    ++counts_.jobs_cancelled;
    if (state == fake_state::queued)
        counts_.spent_mills -= std::exchange(job.price_mills, 0);
    plan_all();
    return state == fake_state::queued
               ? detail::json_reply(200, R"({"status":"OK"})")
               : detail::json_reply(202, R"({"status":"CANCELLATION_REQUESTED"})");
}

COKINO_DECL void fake_engine::append_outputs(std::string& json, const fake_request& r,
                                             fake_job& job)
{
    wire::json_writer w(json);
    const auto seconds = std::chrono::duration<double>(job.end_at - job.start_at).count();
    if (job.faults.no_link) {
        w.begin_object().end_object();
        return;
    }
    if (job.kind == job_kind::video) {
        w.begin_object().begin_object("video").member("url", link(r, job, 0));
        w.member("content_type", "video/mp4").member("file_name", "output.mp4");
        w.member("file_size", file_of(job)->size()).end_object().end_object();
        return;
    }
    w.begin_object().begin_array("images");
    for (int i = 0; i < job.count; ++i) {
        w.begin_object().member("url", link(r, job, static_cast<std::size_t>(i)));
        w.member("width", job.width).member("height", job.height);
        w.member("content_type", "image/png").end_object();
    }
    w.end_array();
    // Beyond 2^63, as real seeds are: a reader that takes them for doubles loses digits (C3).
    w.member("seed", detail::hash(job.id) | std::uint64_t{1} << 63U).member("prompt", job.prompt);
    w.begin_array("has_nsfw_concepts");
    for (int i = 0; i < job.count; ++i)
        w.value(false);
    w.end_array().begin_object("timings").member("inference", seconds).end_object().end_object();
}

} // namespace cokino::testing
