// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of provider/pollo.hpp. What is known of the host, and from where, stands in
// detail/pollo_facts.hpp.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/provider/detail/body.hpp>
#include <cokino/provider/detail/pollo_facts.hpp>
#include <cokino/provider/pollo.hpp>
#include <cokino/wire/json_reader.hpp>
#include <cokino/wire/json_view.hpp>
#include <cokino/wire/json_writer.hpp>

#include <algorithm>
#include <cmath>

namespace cokino {

COKINO_DECL result<void> validate(const pollo_options& o)
{
    const auto base = wire::url::parse(o.base_url);
    if (!base || !base->query().empty())
        return invalid("base_url", "is no http(s) URL without a query", errc::invalid_options);
    return {};
}

COKINO_DECL pollo::pollo(api_key key, pollo_options options)
    : access_(detail::key_header_setup("pollo", options.base_url, std::move(key)))
{
    namespace facts = detail::pollo_facts;
    static_assert(facts::models.size() == std::tuple_size_v<decltype(prepared_)>);
    problem_ = access_.introduce(traits_, validate(options));
    detail::take_facts(traits_, this->facts());
    for (std::size_t i = 0; i < prepared_.size() && !problem_; ++i) {
        const facts::model_row& row = facts::models[i];
        prepared_[i].route = access_.route(job_kind::video, text_of(row.model), row.endpoint);
        prepared_[i].head =
            access_.head_unless(problem_, wire::method::post,
                                std::string(facts::generation_path) + std::string(row.endpoint));
    }
}

COKINO_DECL const host_facts& pollo::facts() const noexcept { return detail::pollo_facts::facts; }

COKINO_DECL result<void> pollo::check_webhook(const submit_context& c) const
{
    if (problem_)
        return *problem_;
    if (!c.webhook_url.empty() && !wire::url::parse(c.webhook_url))
        return invalid("webhook_url", "is no http(s) URL");
    return {};
}

/// Its prompts are shorter than Kling's own; counted in characters, of text that is valid UTF-8.
COKINO_DECL result<void> pollo::check_prompt(std::string_view text, std::size_t chars_max,
                                             const char* field) const
{
    const std::size_t chars = detail::characters_of(text);
    if (chars_max == 0 || chars <= chars_max)
        return {};
    return access_.unsupported(field, detail::to_text(chars) + " characters; pollo takes at most " +
                                          detail::to_text(chars_max) + " for this model");
}

/// Where in the table the model of a request stands, if the host makes it from such a request.
template <class Request>
result<std::size_t> pollo::place_of(const Request& r, bool from_image) const
{
    namespace facts = detail::pollo_facts;
    const auto place = static_cast<std::size_t>(
        std::find_if(facts::models.begin(), facts::models.end(),
                     [&](const facts::model_row& m) { return m.model == r.model; }) -
        facts::models.begin());
    if (place == facts::models.size())
        return access_.unsupported("model", "pollo has no " + std::string(text_of(r.model)));
    const facts::model_row& row = facts::models[place];
    if (!from_image && !row.from_text)
        return access_.unsupported("model", "pollo has no " + std::string(text_of(r.model)) +
                                                " from text alone; kling-2.5-turbo-pro is the "
                                                "nearest, or start from an image");
    if (auto sound = check_prompt(r.prompt, row.prompt_chars_max, "prompt"); !sound)
        return sound.error();
    if (auto sound = check_prompt(r.negative_prompt, row.prompt_chars_max, "negative_prompt");
        !sound)
        return sound.error();
    return place;
}

template <class Request>
result<encoded_submit> pollo::order(const Request& r, submit_context& c) const
{
    namespace facts = detail::pollo_facts;
    constexpr bool from_image = !requires { r.aspect_ratio; };
    if (auto sound = validate(r); !sound)
        return sound.error();
    if (auto sound = check_webhook(c); !sound)
        return sound.error();
    const auto found = place_of(r, from_image);
    if (!found)
        return found.error();
    const std::size_t place = *found;
    const facts::model_row& row = facts::models[place];
    detail::field_gate gate(access_, c.lenient);
    constexpr std::string_view not_told = "pollo has no such field for this model, as far as is "
                                          "known; `extra` takes what its page names";
    const bool negative =
        gate.wants(!r.negative_prompt.empty(), row.negative, "negative_prompt", not_told);
    const bool scale = gate.wants(r.cfg_scale.has_value(), row.scale, "cfg_scale", not_told);
    gate.wants(r.audio.value_or(false), false, "audio", not_told);
    gate.wants(r.seed.has_value(), false, "seed", not_told);

    std::string body = detail::emptied(std::move(c.body_buffer));
    wire::json_writer w(body);
    w.begin_object().begin_object("input").member("prompt", r.prompt);
    if constexpr (from_image) {
        for (const auto* image : {&r.image, &r.tail_image})
            if (detail::istarts_with(image->url, "data:"))
                return access_.unsupported(image == &r.image ? "image" : "tail_image",
                                           "pollo takes http(s) links only, and has no upload: "
                                           "put the file where it can be fetched");
        w.member("image", r.image.url);
        if (gate.wants(!r.tail_image.empty(), row.tail, "tail_image", not_told))
            w.member("imageTail", r.tail_image.url);
    } else {
        w.member("aspectRatio", text_of(r.aspect_ratio)); // [4.3] of this branch only
    }
    if (negative)
        w.member("negativePrompt", r.negative_prompt);
    if (scale)
        w.member("strength", static_cast<int>(std::lround(*r.cfg_scale * 100)));
    const int seconds = static_cast<int>(r.duration.count());
    w.member("duration", seconds);
    if (!row.mode.empty() && (from_image || row.mode_from_text))
        w.member("mode", row.mode);
    w.end_object();
    if (!c.webhook_url.empty())
        w.member("webhookUrl", c.webhook_url);
    w.end_object();
    if (auto whole = detail::end_body(w, gate, body, "input", r.extra); !whole)
        return whole.error();
    encoded_submit out;
    out.request.head = prepared_[place].head;
    out.request.body = std::move(body);
    out.route = prepared_[place].route;
    out.orders_clip(r);
    out.warnings = gate.take_warnings();
    return out;
}

COKINO_DECL result<encoded_submit> pollo::encode(const text_to_video& r, submit_context&& c) const
{
    return order(r, c);
}

COKINO_DECL result<encoded_submit> pollo::encode(const image_to_video& r, submit_context&& c) const
{
    return order(r, c);
}

COKINO_DECL result<encoded_submit> pollo::encode(const raw_order& r, submit_context&& c) const
{
    if (auto sound = validate(r); !sound)
        return sound.error();
    if (auto sound = check_webhook(c); !sound)
        return sound.error();
    if (!detail::pollo_facts::is_endpoint(r.endpoint))
        return invalid("endpoint", "must be brand, model and kind, as in "
                                   "\"kling-ai/kling-v2-5-turbo/video\"");
    if (auto json = wire::json_document::parse(r.input, limits::extra_json_bytes_max); !json)
        return invalid("input", "is no JSON object");
    auto head = access_.head_below(wire::method::post,
                                   std::string(detail::pollo_facts::generation_path) + r.endpoint);
    if (!head)
        return head.error();
    std::string body = detail::emptied(std::move(c.body_buffer));
    wire::json_writer w(body);
    w.begin_object().raw_member("input", r.input);
    if (!c.webhook_url.empty())
        w.member("webhookUrl", c.webhook_url);
    w.end_object();
    if (auto written = w.finish(); !written)
        return written.error();
    encoded_submit out;
    out.request.head = std::move(*head);
    out.request.body = std::move(body);
    out.route = access_.route(r.kind, r.endpoint, r.endpoint);
    return out;
}

/// What an answer means that tells of no task.
COKINO_DECL failure pollo::refused(std::string_view operation, const wire::response& answer) const
{
    detail::host_words words;
    if (auto doc = wire::json_document::parse(answer.body()))
        words = detail::pollo_facts::words_of(doc->root());
    const errc e = detail::pollo_facts::meaning_of(answer.status, words);
    failure f =
        access_.refusal(e == errc::ok ? errc::answer_malformed : e, operation, answer, words);
    // [4.5 L] A gateway before the host blocks with pages of its own.
    if (detail::istarts_with(answer.field("content-type"), "text/html"))
        f.explain("a page stands in place of an answer, probably a gateway's");
    return f;
}

COKINO_DECL result<void> pollo::decode_submit(const wire::response& answer, job_record& job) const
{
    namespace facts = detail::pollo_facts;
    if (answer.ok()) {
        static constexpr wire::json_path inner_path("data.taskId"), bare_path("taskId"),
            code_path("code");
        std::string inner, bare, code;
        wire::json_fields wanted;
        wanted.text(inner_path, inner).text(bare_path, bare).text(code_path, code);
        const auto read = wanted.read(answer.body());
        for (std::string* id : {&inner, &bare})
            if (read && detail::is_job_id(*id)) {
                job.id = std::move(*id);
                return {};
            }
        // An error that is told inside a 200 is a refusal; a fault leaves open what came before.
        const errc told = facts::meaning_of_code(code);
        if (!read || told == errc::ok || told == errc::host_fault)
            return access_.unknown_outcome(
                answer, "Pollo answered with success, but its answer holds no task (" +
                            (read ? "taskId: is none" : read.error().facts().message) + ")");
    }
    failure f = refused("submit", answer);
    const bool refusal =
        answer.ok() || (detail::is_refusal(answer.status) && f != errc::host_fault);
    f.set(refusal ? billing::no : billing::unknown);
    return f;
}

COKINO_DECL result<wire::request> pollo::encode_status(const job_record& job) const
{
    if (problem_)
        return *problem_;
    if (auto ours = access_.own(job); !ours)
        return ours.error();
    std::string path(detail::pollo_facts::generation_path);
    path += wire::percent_encode(job.id);
    path += "/status";
    auto head = access_.head_below(wire::method::get, path);
    if (!head)
        return head.error();
    return wire::request(std::move(*head));
}

COKINO_DECL result<job_status> pollo::decode_status(const job_record& job,
                                                    const wire::response& answer) const
{
    namespace facts = detail::pollo_facts;
    if (!answer.ok())
        return refused("status", answer);
    auto doc = wire::json_document::parse(answer.body());
    if (!doc)
        return access_.complete(doc.error(), "status", answer);
    const wire::json_view task = facts::task_of(doc->root());
    // A task that has made nothing yet is one all the same.
    const bool is_task = facts::generations_of(task).is_array() || task["taskId"].is_string();
    if (!is_task || facts::meaning_of_code((*doc)["code"].text_or("")) != errc::ok)
        return refused("status", answer);
    if (detail::is_of_another(task["taskId"].text_or(""), job))
        return access_.refusal(errc::answer_malformed, "status", answer);
    return read_task(task, "status", answer);
}

COKINO_DECL job_status pollo::read_task(const wire::json_view& task, std::string_view operation,
                                        const wire::response& answer) const
{
    namespace facts = detail::pollo_facts;
    const facts::summary seen = facts::summary_of(task);
    job_status out;
    out.state = seen.state;
    out.word = access_.shown(seen.word);
    if (out.state == job_state::succeeded) {
        job_output output = facts::output_of(task, access_.base_url());
        if (!output.assets.empty()) {
            out.output = std::move(output);
            return out;
        }
        out.state = job_state::failed;
        out.error = access_.refusal(errc::result_missing, operation, answer);
        out.error->edit().billed = billing::yes;
    } else if (out.state == job_state::failed) {
        detail::host_words words;
        words.text = seen.failed["failMsg"].string_or(task["failMsg"].string_or(""));
        out.error = access_.refusal(facts::meaning_of(words.text, errc::job_failed), operation,
                                    answer, words);
        out.error->set(facts::billed_of(task), billing_basis::host_answer);
    }
    return out;
}

COKINO_DECL result<webhook_note> pollo::read_webhook(std::string_view body) const
{
    namespace facts = detail::pollo_facts;
    wire::response told; // no answer: what came is a request
    told.append_body(body);
    auto doc = wire::json_document::parse(body);
    if (!doc)
        return access_.complete(doc.error(), "webhook", told);
    const wire::json_view task = facts::task_of(doc->root());
    webhook_note out;
    out.job_id = task["taskId"].text_or("");
    if (!detail::is_job_id(out.job_id))
        return access_.refusal(errc::answer_malformed, "webhook", told);
    // That all went well is nothing without the files: then the job is looked at.
    const bool has_files = facts::generations_of(task).size() > 0;
    const bool has_word = task["status"].is_string() && task["status"].string_or("") != "succeed";
    if (has_files || has_word)
        out.status = read_task(task, "webhook", told);
    return out;
}

} // namespace cokino
