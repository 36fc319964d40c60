// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Replicate's predictions as the fake host speaks them: shapes, words and statuses are those of
// providers/fal-replicate.md B1 to B10 and part C. Below {origin}/v1:
//   POST /models/{owner}/{name}/predictions, POST /predictions  -> 201 at once, Prefer or not
//   GET  /predictions/{id}, GET /predictions, POST /predictions/{id}/cancel
//   POST /files, GET /files/{id}, DELETE /files/{id}
#pragma once

#include <cokino/testing/detail/fake_host.hpp>
#include <cokino/testing/impl/fake_form.ipp>
#include <cokino/testing/impl/fake_replicate_input.ipp>
#include <cokino/testing/impl/fake_upscale.ipp>

#include <boost/json/serialize.hpp>

#include <map>
#include <set>

namespace cokino::testing {

class fake_replicate final : public fake_host
{
public:
    using fake_host::fake_host;

    fake_dialect dialect() const noexcept override { return fake_dialect::replicate; }
    bool owns(const fake_request& r) const override
    {
        const std::string_view kind = detail::segment(r.path(), 1);
        return detail::segment(r.path(), 0) == "v1" && (kind == "models" || kind == "predictions" ||
                                                        kind == "deployments" || kind == "files");
    }
    COKINO_DECL fake_reply answer(const fake_request& r) override;
    COKINO_DECL fake_reply error(unsigned status, std::string_view text) const override;

private:
    struct file {
        std::string name, type;
        std::size_t bytes = 0;
        std::string made_at, dies_at;
    };

    fake_reply create(const fake_request& r, const detail::replicate_model& model,
                      std::string_view path, const boost::json::object& body);
    fake_reply create_by_version(const fake_request& r, const boost::json::object& body);
    void read_input(const boost::json::object& o, const detail::replicate_model& model,
                    input& in) const;
    fake_reply files(const fake_request& r);
    std::string file_json(const fake_request& r, const std::string& id) const;
    fake_reply list(const fake_request& r);
    void expire(fake_job& job);
    std::string word_of(const fake_job& job) const;
    std::string prediction(const fake_request& r, fake_job& job, std::string word);
    void write_times(wire::json_writer& w, const fake_job& job, bool ended) const;
    std::string draw_id();

    std::map<std::string, file, std::less<>> files_;
    std::map<std::string, steady_time, std::less<>> deadlines_; // by the job's id
    std::set<std::string, std::less<>> aborted_;
};

namespace detail {

/// B2: "30", "30s", "5m", "2h", "1m30s"; zero for anything else.
inline std::chrono::seconds replicate_span(std::string_view text) noexcept
{
    std::chrono::seconds out{0};
    while (!text.empty()) {
        std::size_t digits = 0;
        while (digits < text.size() && cokino::detail::is_digit(text[digits]))
            ++digits;
        const auto number = cokino::detail::parse_integer<int>(text.substr(0, digits));
        const char unit = digits < text.size() ? text[digits] : 's';
        const int factor = unit == 's' ? 1 : unit == 'm' ? 60 : unit == 'h' ? 3600 : 0;
        if (!number || factor == 0)
            return std::chrono::seconds{0};
        out += std::chrono::seconds(*number) * factor;
        text.remove_prefix(std::min(text.size(), digits + 1));
    }
    return out;
}

inline constexpr std::string_view replicate_flagged =
    "The input or output was flagged as sensitive. Please try again with different inputs. (E005) "
    "(uIJ6l3ruRD)";

/// B3, B7: why a job failed, as the free text that Replicate tells.
inline std::string replicate_reason(const fake_job& job)
{
    if (!job.invalid_input.empty())
        return job.invalid_input;
    const std::string& code = job.faults.failure_code;
    if (code == "content_policy_violation")
        return std::string(replicate_flagged);
    const bool is_code = code.size() > 1 && code[0] == 'E' && cokino::detail::is_digit(code[1]);
    return is_code ? job.faults.failure_text + " (" + code + ") (uIJ6l3ruRD)"
                   : job.faults.failure_text;
}

/// "1024x768" as two sides.
inline void replicate_size(std::string_view text, int& width, int& height)
{
    const auto w =
        cokino::detail::parse_integer<int>(cokino::detail::take_until(text, 'x')).value_or(0);
    const auto h = cokino::detail::parse_integer<int>(text).value_or(0);
    if (w > 0 && w <= 4096 && h > 0 && h <= 4096)
        width = w, height = h;
}

} // namespace detail

COKINO_DECL fake_reply fake_replicate::error(unsigned status, std::string_view text) const
{
    // B7, as captured; the sentences of 403 and 404 were not.
    std::string_view title, told;
    switch (status) {
    case 401:
        title = "Unauthenticated", told = "You did not pass a valid authentication token";
        break;
    case 402:
        title = "Insufficient credit",
        told = "You have insufficient credit to run this model. Go to "
               "https://replicate.com/account/billing#billing to purchase credit.";
        break;
    case 403: title = "Forbidden", told = "You do not have permission."; break;
    case 404: told = "The requested resource could not be found."; break;
    case 422: title = "Input validation failed", told = "The input is not valid."; break;
    case 429: told = "Request was throttled. Your rate limit resets in ~30s."; break;
    default:
        // A gateway's page: this API's own 5xx may be HTML or empty.
        fake_reply page = detail::json_reply(
            status, "<html><body>" + std::string(detail::reason_of(status)) + "</body></html>");
        page.fields.front().second = "text/html";
        return page;
    }
    detail::json_text w;
    w->begin_object();
    if (!title.empty())
        w->member("title", title);
    w->member("detail", text.empty() ? told : text).member("status", status);
    if (status == 429)
        w->member("retry_after", 30);
    w->end_object();
    return detail::replicate_complaints::problem(status, w.take());
}

COKINO_DECL fake_reply fake_replicate::answer(const fake_request& r)
{
    const std::string_view key = r.field("authorization");
    if (!key.starts_with("Bearer ") || !key_is_good(key.substr(7))) {
        ++counts().unauthorised;
        return error(401, {});
    }
    const std::string_view path = r.path();
    if (detail::segment(path, 1) == "files")
        return files(r);
    const bool post = r.method == "POST", one = detail::segment(path, 1) == "predictions";
    const std::string_view id = one ? detail::segment(path, 2) : std::string_view();
    if (post && id.empty() && path.ends_with("/predictions")) {
        ++counts().submits;
        const auto body = detail::parse_object(r.body);
        if (!body || !r.field("content-type").starts_with("application/json"))
            return error(422, "The request body is not valid JSON.");
        if (one)
            return create_by_version(r, *body);
        const std::string name =
            std::string(detail::segment(path, 2)) + '/' + std::string(detail::segment(path, 3));
        const auto* const model = detail::replicate_model_of(name);
        return model == nullptr || detail::segment(path, 1) != "models"
                   ? error(404, {})
                   : create(r, *model, name, *body);
    }
    const bool cancelling = post && path.ends_with("/cancel");
    if (one && id.empty() && r.method == "GET")
        return list(r);
    if (!one || id.empty() || !(r.method == "GET" || cancelling)) {
        ++counts().unknown_routes;
        return error(404, {});
    }
    counts().polls += cancelling ? 0 : 1;
    counts().cancels += cancelling ? 1 : 0;
    fake_job* const job = find(id);
    if (job == nullptr)
        return error(404, {});
    expire(*job);
    std::string word;
    if (cancelling) {
        ++job->cancels;
        const fake_state s = state_of(*job);
        if ((s == fake_state::queued || s == fake_state::running) && !job->faults.ignores_cancel)
            cancel(*job);
    } else {
        ++job->polls;
        if (const auto m = job->faults.next_poll()) {
            if (m->what != misstep::kind::say)
                return acted(*m);
            word = m->text;
        }
    }
    return detail::json_reply(200, prediction(r, *job, std::move(word)));
}

COKINO_DECL fake_reply fake_replicate::create_by_version(const fake_request& r,
                                                         const boost::json::object& body)
{
    const std::string version = detail::string_in(body, "version").value_or("");
    const std::string name = version.substr(0, version.find(':'));
    if (const auto* const model = detail::replicate_model_of(name))
        return create(r, *model, name, body);
    fake_reply reply = error(422, "The specified version does not exist (or perhaps you don't have "
                                  "permission to use it?)");
    const auto at = reply.body.find("Input validation failed");
    reply.body.replace(at, 23, "Invalid version or not permitted");
    return reply;
}

COKINO_DECL fake_reply fake_replicate::create(const fake_request& r,
                                              const detail::replicate_model& model,
                                              std::string_view path,
                                              const boost::json::object& body)
{
    detail::replicate_complaints wrong;
    for (const auto& member : body) {
        const std::string_view name(member.key().data(), member.key().size());
        if (!detail::replicate_has_word("input version webhook webhook_events_filter stream", name))
            wrong.add("additional_property_not_allowed", std::string(),
                      "Additional property " + std::string(name) + " is not allowed");
    }
    input in;
    in.id = draw_id();
    in.kind = model.kind;
    in.endpoint = std::string(path);
    in.webhook_url = detail::string_in(body, "webhook").value_or("");
    const auto* const given = detail::member(body, "input");
    static const boost::json::object empty;
    const auto& o = given != nullptr && given->is_object() ? given->get_object() : empty;
    if (given == nullptr || !given->is_object())
        wrong.add("required", std::string(), "input is required");
    for (const auto& member : o) {
        const std::string_view name(member.key().data(), member.key().size());
        const auto known =
            std::find_if(model.fields.begin(), model.fields.end(),
                         [&](const auto& f) { return !f.name.empty() && f.name == name; });
        if (known == model.fields.end())
            wrong.add("additional_property_not_allowed", "input",
                      "Additional property " + std::string(name) + " is not allowed");
        else
            detail::check_replicate_field(*known, member.value(), wrong);
    }
    in.prompt = detail::string_in(o, "prompt").value_or("");
    const std::string needed(model.fields[0].name); // prompt, or the clip to be upscaled
    if (detail::string_in(o, needed).value_or("").empty())
        wrong.add("required", "input", needed + " is required");
    for (const char* const last : {"end_image", "last_frame_image"})
        if (detail::member(o, last) != nullptr && detail::member(o, "start_image") == nullptr &&
            detail::member(o, "image") == nullptr)
            wrong.add("required", std::string("input.") + last, "a first frame is required");
    job_faults& rule = rule_for(in.prompt);
    if (auto refused = refusal(rule))
        return *std::move(refused);
    if (!wrong.none())
        return wrong.reply();
    if (rule.refuse_content_at_submit)
        return error(422, detail::replicate_flagged);
    read_input(o, model, in);
    // B9: its own files must still be there when the model fetches them.
    const std::string own = r.origin + "/v1/files/";
    const std::string& brought = in.video_url.empty() ? in.image_url : in.video_url;
    if (brought.starts_with(own) && files_.count(brought.substr(own.size())) == 0)
        in.invalid = "Input validation error: the file could not be fetched";
    fake_job& job = accept(std::move(in), rule, r);
    if (const auto span = detail::replicate_span(r.field("cancel-after")); span.count() > 0)
        deadlines_[job.id] = later(job.accepted_at, span);
    fake_reply reply = detail::json_reply(201, prediction(r, job, "starting"));
    reply.fields.emplace_back("location", r.origin + "/v1/predictions/" + job.id);
    reply.fields.emplace_back("ratelimit-remaining", "599");
    reply.fields.emplace_back("ratelimit-reset", "1");
    if (const auto prefer = r.field("prefer"); prefer.starts_with("wait"))
        reply.fields.emplace_back("preference-applied", prefer);
    return accepted(job, std::move(reply));
}

/// A sound input: what the job is, and its price.
COKINO_DECL void fake_replicate::read_input(const boost::json::object& o,
                                            const detail::replicate_model& model, input& in) const
{
    const auto text = [&](std::string_view name) {
        return detail::string_in(o, name).value_or("");
    };
    const auto number = [&](std::string_view name, int otherwise) {
        const auto* const value = detail::member(o, name);
        return value == nullptr ? otherwise
                                : static_cast<int>(detail::integer_of(*value).value_or(otherwise));
    };
    in.ratio = detail::ratio_of(text("aspect_ratio")).value_or(in.ratio);
    if (in.video_url = text("video"); !in.video_url.empty()) {
        in.lines = (std::max)(detail::lines_of_word(text("target_resolution")), 720);
        in.price_mills = source_of(in.video_url).duration_s *
                         (in.lines > 1080 ? model.mills_standard : model.mills);
        in.unreachable = "Input validation error: the file at video could not be fetched";
        return;
    }
    if (model.kind == job_kind::video) {
        in.image_url = text("start_image").empty() ? text("image") : text("start_image");
        in.duration_s = number("duration", 5) < 0 ? 5 : number("duration", 5);
        const auto* const sound = detail::member(o, "generate_audio");
        const bool loud = sound != nullptr && sound->is_bool() && sound->get_bool();
        const bool small = text("mode") == "standard";
        in.price_mills = in.duration_s * (small && loud ? model.mills_standard_sound
                                          : small       ? model.mills_standard
                                          : loud        ? model.mills_with_sound
                                                        : model.mills);
        return;
    }
    const auto ratio = detail::ratio_of(text("aspect_ratio"));
    in.width = ratio == aspect_ratio::landscape_16_9 ? 1344 : 1024;
    in.height = ratio == aspect_ratio::landscape_16_9 ? 768 : 1024;
    if (ratio == aspect_ratio::portrait_9_16)
        in.width = 768, in.height = 1344;
    if (text("aspect_ratio") == "custom")
        in.width = number("width", 1024), in.height = number("height", 1024);
    detail::replicate_size(text("size"), in.width, in.height);
    in.price_mills = model.mills;
}

/// A job whose deadline has passed is cancelled then; before its start it is aborted, and free.
COKINO_DECL void fake_replicate::expire(fake_job& job)
{
    const auto found = deadlines_.find(job.id);
    if (found == deadlines_.end() || job.cancelled_at || time().now() < found->second ||
        job.end_at <= found->second)
        return;
    if (job.start_at > found->second)
        aborted_.insert(job.id);
    cancel(job);
    if (aborted_.count(job.id) != 0)
        counts().spent_mills -= std::exchange(job.price_mills, 0);
}

COKINO_DECL std::string fake_replicate::word_of(const fake_job& job) const
{
    switch (state_of(job)) {
    case fake_state::queued: return "starting";
    case fake_state::running: return "processing";
    case fake_state::succeeded: return "succeeded";
    case fake_state::failed: return "failed";
    case fake_state::cancelled: break;
    }
    return aborted_.count(job.id) != 0 ? "aborted" : "canceled";
}

/// B2, B3: the prediction object; `word` stands for its state when it is given.
COKINO_DECL std::string fake_replicate::prediction(const fake_request& r, fake_job& job,
                                                   std::string word)
{
    const fake_state state = state_of(job);
    const bool ended = state != fake_state::queued && state != fake_state::running;
    if (word.empty())
        word = word_of(job);
    // B10: everything but the record itself goes one hour after the end.
    const bool removed = ended && time().now() >= later(job.end_at, std::chrono::hours{1});
    const auto body = detail::parse_object(job.body);
    const auto* const given = body ? detail::member(*body, "input") : nullptr;
    const auto seconds = std::chrono::duration<double>(job.end_at - job.start_at).count();
    detail::json_text w;
    w->begin_object().member("id", job.id).member("model", job.endpoint);
    w->member("version", "hidden").member("status", word);
    w->raw_member("input",
                  given == nullptr || removed ? std::string("{}") : boost::json::serialize(*given));
    w->key("output");
    if (word != "succeeded" || removed || job.faults.no_link)
        w->null();
    else
        w->value(link(r, job));
    w->key("error");
    if (word == "failed")
        w->value(detail::replicate_reason(job));
    else
        w->null();
    w->key("logs");
    if (removed)
        w->null();
    else
        w->value(state == fake_state::succeeded
                     ? "Using seed: " + std::to_string(detail::hash(job.id)) + "\nGenerated\n"
                     : std::string());
    w->begin_object("metrics");
    if (ended && state != fake_state::cancelled) {
        w->member("predict_time", seconds).member("total_time", seconds + 0.2);
        w->member("resolution_target", "1080p"); // not all of them are numbers
    }
    w->end_object().member("data_removed", removed).member("source", "api");
    write_times(*w, job, ended);
    if (!job.webhook_url.empty()) {
        w->member("webhook", job.webhook_url);
        w->begin_array("webhook_events_filter").value("completed").end_array();
    }
    const std::string self = r.origin + "/v1/predictions/" + job.id;
    w->begin_object("urls").member("get", self).member("cancel", self + "/cancel");
    w->member("web", "https://replicate.com/p/" + job.id).end_object().end_object();
    return w.take();
}

COKINO_DECL void fake_replicate::write_times(wire::json_writer& w, const fake_job& job,
                                             bool ended) const
{
    w.member("created_at", detail::iso_time(wall(job.accepted_at)));
    w.key("started_at");
    if (time().now() >= job.start_at)
        w.value(detail::iso_time(wall(job.start_at)));
    else
        w.null();
    w.key("completed_at");
    if (ended)
        w.value(detail::iso_time(wall(job.cancelled_at.value_or(job.end_at))));
    else
        w.null();
    if (const auto until = deadlines_.find(job.id); until != deadlines_.end())
        w.member("deadline", detail::iso_time(wall(until->second)));
}

/// B3: the newest first, all on one page.
COKINO_DECL fake_reply fake_replicate::list(const fake_request& r)
{
    ++counts().polls;
    std::string all;
    for (auto job = jobs().rbegin(); job != jobs().rend(); ++job) {
        if (job->dialect != dialect())
            continue;
        expire(*job);
        all += (all.empty() ? "" : ",") + prediction(r, *job, {});
    }
    return detail::json_reply(200, R"({"next":null,"previous":null,"results":[)" + all + "]}");
}

COKINO_DECL std::string fake_replicate::draw_id()
{
    std::string out;
    for (int i = 0; i < 26; ++i)
        out += "0123456789abcdefghjkmnpqrstvwxyz"[random().below(32)];
    return out;
}

// B9.
COKINO_DECL fake_reply fake_replicate::files(const fake_request& r)
{
    const std::string id(detail::segment(r.path(), 2));
    if (r.method == "POST" && id.empty()) {
        const auto part = detail::part_of(r, "content");
        if (!part || detail::multipart_parameter(part->head, "filename").empty())
            return error(422, "content: a file is required");
        if (part->body.size() > std::size_t{100} * 1024 * 1024)
            return error(413, {});
        const std::string made = detail::hex(random().next(), 16);
        file& f = files_[made];
        f.name = detail::multipart_parameter(part->head, "filename");
        const auto type = part->head.find("Content-Type: ");
        f.type = type == std::string::npos
                     ? "application/octet-stream"
                     : part->head.substr(type + 14, part->head.find("\r\n", type) - type - 14);
        f.bytes = part->body.size();
        f.made_at = detail::iso_time(time().system_now());
        f.dies_at = detail::iso_time(time().system_now() + std::chrono::hours{24});
        return detail::json_reply(201, file_json(r, made));
    }
    if (r.method == "GET" && id.empty()) {
        std::string all;
        for (const auto& known : files_)
            all += (all.empty() ? "" : ",") + file_json(r, known.first);
        return detail::json_reply(200, R"({"next":null,"previous":null,"results":[)" + all + "]}");
    }
    if (files_.count(id) == 0)
        return error(404, {});
    if (r.method == "DELETE") {
        files_.erase(id);
        fake_reply gone;
        gone.status = 204;
        return gone;
    }
    return r.method == "GET" ? detail::json_reply(200, file_json(r, id)) : error(404, {});
}

COKINO_DECL std::string fake_replicate::file_json(const fake_request& r,
                                                  const std::string& id) const
{
    const file& f = files_.at(id);
    detail::json_text w;
    w->begin_object().member("id", id).member("name", f.name).member("content_type", f.type);
    w->member("size", f.bytes).raw_member("metadata", "{}");
    w->member("created_at", f.made_at).member("expires_at", f.dies_at);
    w->begin_object("urls").member("get", r.origin + "/v1/files/" + id).end_object().end_object();
    return w.take();
}

} // namespace cokino::testing
