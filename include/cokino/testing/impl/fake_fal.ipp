// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// fal's queue API as the fake host speaks it. Shapes, words and statuses are those of
// providers/fal-replicate.md A1 to A7, C1 and C3.
#pragma once

#include <cokino/testing/fake_engine.hpp>
#include <cokino/testing/impl/fake_input.ipp>

#include <algorithm>
#include <array>

namespace cokino::testing {
namespace detail {

/// A fal endpoint that is offered; prices are those of providers/fal-replicate A9.
struct fal_endpoint {
    std::string_view path;
    job_kind kind;
    bool needs_image;
    int first_mills; ///< 5 s of video, or the first megapixel.
    int more_mills;  ///< Each further second or megapixel.
};

inline constexpr std::array<fal_endpoint, 5> fal_endpoints{{
    {"fal-ai/kling-video/v2.5-turbo/pro/text-to-video", job_kind::video, false, 350, 70},
    {"fal-ai/kling-video/v2.5-turbo/pro/image-to-video", job_kind::video, true, 350, 70},
    {"fal-ai/kling-video/v2.5-turbo/standard/image-to-video", job_kind::video, true, 210, 42},
    {"fal-ai/flux-pro/v1.1", job_kind::images, false, 40, 40},
    {"fal-ai/flux-2-pro", job_kind::images, false, 30, 15},
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
    void duration(int& to)
    {
        const auto* value = member(object_, "duration");
        if (value == nullptr)
            return;
        const auto word = string_in(object_, "duration");
        if (!word || (*word != "5" && *word != "10"))
            return bad("duration", "literal_error", "Input should be '5' or '10'");
        to = *word == "5" ? 5 : 10;
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
    if (detail::segment(path, 2) != "requests")
        return fal_submit(r);
    const std::string_view verb = detail::segment(path, 4);
    fake_job* const job = find(detail::segment(path, 3));
    const bool status = verb == "status" && r.method == "GET";
    const bool result = verb.empty() && r.method == "GET";
    const bool cancel = verb == "cancel" && r.method == "PUT";
    counts_.polls += status ? 1 : 0;
    counts_.results += result ? 1 : 0;
    counts_.cancels += cancel ? 1 : 0;
    if (!(status || result || cancel)) {
        ++counts_.unknown_routes;
        return detail::fal_error_reply(405, {}, "Method Not Allowed");
    }
    const bool known = job != nullptr && job->dialect == fake_dialect::fal &&
                       (job->endpoint + '/').starts_with(app + '/');
    if (!known)
        return detail::json_reply(404, R"({"status":"NOT_FOUND"})");
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
    reader.text("prompt", in.prompt, true);
    if (in.kind == job_kind::video) {
        std::string negative, tail;
        reader.text("negative_prompt", negative, false);
        reader.between("cfg_scale", 0, 1);
        reader.duration(in.duration_s);
        if (offered->needs_image) {
            reader.link("image_url", in.image_url, true);
            reader.link("tail_image_url", tail, false);
        } else {
            reader.ratio(in.ratio);
        }
        in.price_mills = offered->first_mills + offered->more_mills * (in.duration_s - 5);
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

COKINO_DECL fake_reply fake_engine::fal_status(const fake_request& r, fake_job& job)
{
    ++job.polls;
    std::string word;
    if (const auto m = job.faults.next_poll()) {
        if (m->what != misstep::kind::say)
            return acted(*m, fake_dialect::fal);
        word = m->text;
    }
    const fake_state state = state_of(job);
    const bool queued = state == fake_state::queued, running = state == fake_state::running;
    if (word.empty())
        word = queued ? "IN_QUEUE" : running ? "IN_PROGRESS" : "COMPLETED";
    detail::json_text w;
    w->begin_object().member("status", word);
    detail::fal_links(*w, r, job);
    if (queued)
        w->member("queue_position", jobs_before(job));
    const std::string logs = r.query("logs");
    if (running && (logs == "1" || logs == "true")) {
        const auto total = std::max<duration::rep>((job.end_at - job.start_at).count(), 1);
        const auto percent =
            job.faults.never_ends ? 0 : (time_.now() - job.start_at).count() / (total / 100 + 1);
        w->begin_array("logs").begin_object();
        w->member("message", "rendering: " + std::to_string(percent) + "%");
        w->member("level", "INFO").member("source", "USER");
        w->member("timestamp", detail::iso_time(time_.system_now())).end_object().end_array();
    } else {
        w->key("logs").null();
    }
    if (queued || running) {
        w->raw_member("metrics", "{}").end_object();
        return detail::json_reply(202, w.take());
    }
    // A model's own failure shows on the result alone; the queue's is told here too (A3).
    if (state == fake_state::cancelled) {
        w->member("error", "Request was cancelled by the client");
        w->member("error_type", "client_cancelled");
    } else if (detail::fal_request_error(job.faults.failure_code) != 0) {
        w->member("error", job.faults.failure_text);
        w->member("error_type", job.faults.failure_code);
    }
    w->begin_object("metrics");
    if (state == fake_state::succeeded)
        w->member("inference_time",
                  std::chrono::duration<double>(job.end_at - job.start_at).count());
    else
        w->key("inference_time").null();
    w->end_object().end_object();
    return detail::json_reply(200, w.take());
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
