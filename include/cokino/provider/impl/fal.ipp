// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of provider/fal.hpp. What is known of fal stands in detail/fal_facts.hpp; the letters
// in comments are sections of providers/fal-replicate.md.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/provider/detail/fal_facts.hpp>
#include <cokino/provider/fal.hpp>
#include <cokino/wire/json_reader.hpp>
#include <cokino/wire/json_view.hpp>
#include <cokino/wire/json_writer.hpp>

#include <cstdint>
#include <utility>

namespace cokino {

COKINO_DECL result<void> validate(const fal_options& o)
{
    if (o.start_timeout.count() != 0 && o.start_timeout <= detail::fal_facts::start_timeout_min)
        return invalid("start_timeout", "must be zero or more than 1 s", errc::invalid_options);
    if (o.media_lifetime.count() != 0 && o.media_lifetime < detail::fal_facts::media_life_min)
        return invalid("media_lifetime", "must be zero or at least 60 s", errc::invalid_options);
    if (o.priority != fal_priority::normal && o.priority != fal_priority::low)
        return invalid("priority", "is neither normal nor low", errc::invalid_options);
    return {};
}

COKINO_DECL fal::fal(api_key key, fal_options options)
    : options_(std::move(options)), access_([&] {
          detail::access_setup setup;
          setup.host = "fal";
          setup.base_url = options_.base_url;
          setup.key = std::move(key);
          setup.key_prefix = "Key "; // A1 [C]; a raw key as Bearer is refused with 401
          setup.request_id_headers = {std::string(detail::fal_facts::exchange_header)};
          return setup;
      }())
{
    namespace facts = detail::fal_facts;
    static_assert(facts::endpoints.size() == endpoint_count);
    traits_.name = access_.host();
    traits_.key_alias = access_.key_alias();
    traits_.base_url = access_.base_url();
    traits_.can_cancel = true;
    // Nothing says that a 503 of the queue leaves no job behind, so none is taken for granted.
    traits_.result_lifetime =
        options_.media_lifetime.count() > 0 ? options_.media_lifetime : facts::media_life;
    if (auto sound = validate(options_); !sound)
        problem_ = sound.error();
    else if (auto ready = access_.check(); !ready)
        problem_ = ready.error();
    for (std::size_t i = 0; i < endpoint_count && !problem_; ++i) {
        const facts::endpoint_row& row = facts::endpoints[i];
        prepared_[i].route = access_.route(row.kind, row.model, row.path);
        auto head =
            access_.head_below(wire::method::post, "/" + std::string(row.path), submit_fields());
        if (head)
            prepared_[i].head = std::move(*head);
        else
            problem_ = head.error();
    }
}

COKINO_DECL detail::header_fields fal::submit_fields() const
{
    detail::header_fields out; // A2
    out.emplace_back("X-Fal-Queue-Priority",
                     options_.priority == fal_priority::low ? "low" : "normal");
    if (options_.start_timeout.count() > 0)
        out.emplace_back(
            "X-Fal-Request-Timeout",
            detail::to_text(static_cast<double>(options_.start_timeout.count()) / 1000));
    if (options_.media_lifetime.count() > 0)
        out.emplace_back("X-Fal-Object-Lifecycle-Preference",
                         "{\"expiration_duration_seconds\":" +
                             detail::to_text(options_.media_lifetime.count()) + "}");
    if (!options_.host_retries)
        out.emplace_back("X-Fal-No-Retry", "1");
    return out;
}

COKINO_DECL result<encoded_submit> fal::encode(const text_to_video& r, submit_context&& c) const
{
    if (auto sound = validate(r); !sound)
        return sound.error();
    if (r.model != video_model::kling_2_5_turbo_pro)
        return access_.unsupported("model", "fal has no " + std::string(text_of(r.model)) +
                                                " from text alone; kling-2.5-turbo-pro is the "
                                                "nearest, or start from an image");
    std::string body = detail::emptied(std::move(c.body_buffer));
    wire::json_writer w(body);
    w.begin_object()
        .member("prompt", r.prompt)
        .member("duration", r.duration.count() == 10 ? "10" : "5") // C1: a string
        .member("aspect_ratio", text_of(r.aspect_ratio));
    if (!r.negative_prompt.empty())
        w.member("negative_prompt", r.negative_prompt);
    if (r.cfg_scale)
        w.member("cfg_scale", *r.cfg_scale);
    w.end_object();
    return submit(detail::fal_facts::t2v_pro, w.finish(), std::move(body),
                  static_cast<int>(r.duration.count()), c);
}

COKINO_DECL result<encoded_submit> fal::encode(const image_to_video& r, submit_context&& c) const
{
    if (auto sound = validate(r); !sound)
        return sound.error();
    const bool pro = r.model == video_model::kling_2_5_turbo_pro;
    if (!pro && !r.tail_image.empty())
        return access_.unsupported("tail_image", "kling-2.5-turbo-standard on fal takes no last "
                                                 "frame; kling-2.5-turbo-pro does");
    std::string body = detail::emptied(std::move(c.body_buffer));
    wire::json_writer w(body);
    w.begin_object().member("prompt", r.prompt).member("image_url", r.image.url);
    if (!r.tail_image.empty())
        w.member("tail_image_url", r.tail_image.url);
    w.member("duration", r.duration.count() == 10 ? "10" : "5");
    if (!r.negative_prompt.empty())
        w.member("negative_prompt", r.negative_prompt);
    if (r.cfg_scale)
        w.member("cfg_scale", *r.cfg_scale);
    w.end_object();
    return submit(pro ? detail::fal_facts::i2v_pro : detail::fal_facts::i2v_standard, w.finish(),
                  std::move(body), static_cast<int>(r.duration.count()), c);
}

COKINO_DECL result<encoded_submit> fal::encode(const text_to_image& r, submit_context&& c) const
{
    if (auto sound = validate(r); !sound)
        return sound.error();
    const bool first = r.model == image_model::flux_1_1_pro;
    if (!first && r.count != 1) // C3: no num_images
        return access_.unsupported("count", "flux-2-pro on fal makes one picture for each request; "
                                            "flux-1.1-pro makes several");
    constexpr std::string_view sizes[] = {"landscape_16_9", "portrait_16_9", "square_hd"};
    std::string body = detail::emptied(std::move(c.body_buffer));
    wire::json_writer w(body);
    w.begin_object().member("prompt", r.prompt);
    if (r.width)
        w.begin_object("image_size")
            .member("width", *r.width)
            .member("height", *r.height)
            .end_object();
    else
        w.member("image_size", sizes[static_cast<std::size_t>(r.aspect_ratio)]);
    if (r.count != 1)
        w.member("num_images", r.count);
    if (r.seed)
        w.member("seed", *r.seed);
    w.end_object();
    return submit(first ? detail::fal_facts::flux_1_1 : detail::fal_facts::flux_2, w.finish(),
                  std::move(body), 0, c);
}

COKINO_DECL result<encoded_submit> fal::submit(std::size_t endpoint, const result<void>& written,
                                               std::string&& body, int duration_s,
                                               const submit_context& c) const
{
    if (problem_)
        return *problem_;
    if (!written)
        return written.error();
    const prepared& ready = prepared_[endpoint];
    encoded_submit out;
    out.route = ready.route;
    out.duration_s = duration_s;
    out.request.head = ready.head;
    out.request.body = std::move(body);
    if (!c.webhook_url.empty()) { // A6: by the query, so the head is one of its own
        if (!wire::url::parse(c.webhook_url))
            return invalid("webhook_url", "is no http(s) URL");
        auto head = access_.head(wire::method::post,
                                 ready.head->url().with_query("fal_webhook", c.webhook_url).text(),
                                 submit_fields());
        if (!head)
            return head.error();
        out.request.head = std::move(*head);
    }
    return out;
}

COKINO_DECL result<void> fal::decode_submit(const wire::response& answer, job_record& job) const
{
    namespace facts = detail::fal_facts;
    if (!answer.ok()) {
        const detail::host_words words = facts::words_of(answer);
        failure f = access_.refusal(facts::meaning_of(answer.status, words, false), "submit",
                                    answer, words);
        // What the queue refuses it has not taken. After any other answer it may have.
        f.edit().billed = answer.status >= 400 && answer.status < 500 && answer.status != 408
                              ? billing::no
                              : billing::unknown;
        return f;
    }
    static constexpr wire::json_path id_path("request_id"), status_path("status_url"),
        result_path("response_url"), cancel_path("cancel_url");
    std::string_view status, result, cancel;
    wire::json_fields wanted;
    wanted.need_string(id_path, job.id)
        .view(status_path, status)
        .view(result_path, result)
        .view(cancel_path, cancel);
    const auto read = wanted.read(answer.body());
    if (!read || !detail::is_job_id(job.id)) {
        job.id.clear();
        return access_.unknown_outcome(
            answer, "fal took the job, but its answer is not understood (" +
                        (read ? "request_id: is none" : read.error().facts().message) + ")");
    }
    if (options_.derive_links || !job.route)
        return {};
    // A link that follows from endpoint and id need not be remembered.
    const std::string_view app = facts::app_of(job.route->endpoint);
    const auto keep = [&](std::string& to, std::string_view link, std::string_view suffix) {
        if (link.size() <= limits::job_link_bytes_max && !facts::is_derived(link, job, app, suffix))
            to = link;
    };
    keep(job.status_url, status, "/status");
    keep(job.result_url, result, "");
    keep(job.cancel_url, cancel, "/cancel");
    return {};
}

COKINO_DECL result<wire::request> fal::ask(const job_record& job, wire::method m,
                                           const std::string& given, std::string_view suffix) const
{
    if (problem_)
        return *problem_;
    if (auto ours = access_.own(job); !ours)
        return ours.error();
    const std::string_view app = detail::fal_facts::app_of(job.route->endpoint);
    if (app.empty())
        return invalid("job", "its endpoint is none of fal's", errc::invalid_job);
    auto head = options_.derive_links || given.empty()
                    ? access_.head_below(m, detail::fal_facts::path_of(job, app, suffix))
                    : access_.head(m, given);
    if (!head)
        return head.error();
    return wire::request(std::move(*head));
}

COKINO_DECL result<wire::request> fal::encode_status(const job_record& job) const
{
    return ask(job, wire::method::get, job.status_url,
               options_.logs ? "/status?logs=1" : "/status");
}

COKINO_DECL result<wire::request> fal::encode_result(const job_record& job) const
{
    return ask(job, wire::method::get, job.result_url, "");
}

COKINO_DECL result<wire::request> fal::encode_cancel(const job_record& job) const
{
    return ask(job, wire::method::put, job.cancel_url, "/cancel");
}

COKINO_DECL result<job_status> fal::decode_status(const job_record&,
                                                  const wire::response& answer) const
{
    namespace facts = detail::fal_facts;
    if (!answer.ok()) {
        const detail::host_words words = facts::words_of(answer);
        return access_.refusal(facts::meaning_of(answer.status, words, false), "status", answer,
                               words);
    }
    static constexpr wire::json_path state_path("status"), position_path("queue_position"),
        error_path("error"), text_path("error.message"), type_path("error_type"),
        inner_type_path("error.type");
    std::string word;
    detail::host_words words;
    std::int64_t position = -1;
    wire::json_fields wanted;
    wanted.need_string(state_path, word)
        .integer(position_path, position)
        .string(error_path, words.text)
        .string(text_path, words.text)
        .string(type_path, words.code)
        .string(inner_type_path, words.code);
    if (auto read = wanted.read(answer.body()); !read)
        return access_.complete(read.error(), "status", answer);

    job_status out;
    for (const facts::state_row& row : facts::states)
        if (word == row.word)
            out.state = row.state;
    out.word = access_.shown(word);
    if (position >= 0 && position <= INT32_MAX)
        out.queue_position = static_cast<int>(position);
    if (options_.logs)
        out.logs = read_logs(answer);
    if (out.state != job_state::succeeded)
        return out;
    // A3: the reason of a failure may stand here, or only in the result.
    out.result_pending = true;
    if (!words.text.empty() || !words.code.empty()) {
        const errc e = facts::meaning_of(0, words, true);
        out.state = facts::ended_as(e);
        out.error = access_.refusal(e, "status", answer, words);
        out.result_pending = out.state == job_state::failed;
    }
    return out;
}

COKINO_DECL std::vector<job_log> fal::read_logs(const wire::response& answer) const
{
    std::vector<job_log> out;
    if (auto doc = wire::json_document::parse(answer.body()))
        (*doc)["logs"].for_each_element([&](const wire::json_view& line) {
            out.push_back(job_log{access_.shown(line["message"].string_or("")),
                                  access_.shown(line["level"].string_or("")),
                                  access_.shown(line["timestamp"].string_or(""))});
        });
    return out;
}

COKINO_DECL result<job_status> fal::decode_result(const job_record&,
                                                  const wire::response& answer) const
{
    if (!answer.ok())
        return failed_result(answer);
    auto doc = wire::json_document::parse(answer.body());
    if (!doc)
        return access_.complete(doc.error(), "result", answer);
    job_status out;
    out.word = access_.shown((*doc)["status"].string_or(""));
    job_output output = detail::fal_facts::output_of(doc->root());
    if (!output.assets.empty()) {
        out.state = job_state::succeeded;
        out.output = std::move(output);
        return out;
    }
    // Asked too early, some answer with the status instead.
    for (const detail::fal_facts::state_row& row : detail::fal_facts::states)
        if (out.word == row.word && row.state != job_state::succeeded) {
            out.state = row.state;
            return out;
        }
    out.state = job_state::failed;
    out.error = access_.refusal(errc::result_missing, "result", answer);
    out.error->edit().billed = billing::yes;
    return out;
}

/// A4, A7, D: a job's stored failure, an answer that came too early, or trouble of the exchange
/// itself, which says nothing of the job.
COKINO_DECL result<job_status> fal::failed_result(const wire::response& answer) const
{
    namespace facts = detail::fal_facts;
    const detail::host_words words = facts::words_of(answer);
    const unsigned status = answer.status;
    job_status out;
    // "Request is still in progress": the text is not relied on, the missing type is.
    if (status == 400 && words.code.empty()) {
        out.state = job_state::running;
        return out;
    }
    // A gateway in trouble answers with neither of these. [C: PY]
    const bool from_job =
        !words.code.empty() || !words.text.empty() || answer.has_field(facts::exchange_header);
    const bool of_job =
        status == 400 || status == 422 || status == 499 || (status >= 500 && from_job);
    errc e = facts::meaning_of(status, words, of_job);
    if (status == 499 && e == errc::request_rejected)
        e = errc::job_cancelled;
    failure f = access_.refusal(e, "result", answer, words);
    if (!of_job)
        return f;
    f.edit().billed = facts::billed_of(answer);
    out.state = facts::ended_as(e);
    out.error = std::move(f);
    return out;
}

COKINO_DECL result<cancel_outcome> fal::decode_cancel(const job_record&,
                                                      const wire::response& answer) const
{
    // A5: the word decides; the code of the answer only where there is none.
    std::string word;
    wire::json_fields wanted;
    wanted.string("status", word);
    (void)wanted.read(answer.body());
    if (answer.ok())
        return word == "OK" && answer.status == 200 ? cancel_outcome::cancelled
                                                    : cancel_outcome::requested;
    if (answer.status == 400 && word == "ALREADY_COMPLETED")
        return cancel_outcome::too_late;
    if (answer.status == 404)
        return cancel_outcome::not_found;
    const detail::host_words words = detail::fal_facts::words_of(answer);
    return access_.refusal(detail::fal_facts::meaning_of(answer.status, words, false), "cancel",
                           answer, words);
}

} // namespace cokino
