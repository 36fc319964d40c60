// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// fal: what became of a submit, a job or a request to cancel. What is known of fal stands in
// detail/fal_facts.hpp; the letters in comments are sections of providers/fal-replicate.md.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/provider/detail/fal_facts.hpp>
#include <cokino/provider/fal.hpp>
#include <cokino/wire/json_reader.hpp>
#include <cokino/wire/json_view.hpp>

#include <cstdint>
#include <utility>

namespace cokino {

COKINO_DECL result<void> fal::decode_submit(const wire::response& answer, job_record& job) const
{
    namespace facts = detail::fal_facts;
    if (!answer.ok()) {
        const detail::host_words words = facts::words_of(answer);
        failure f = access_.refusal(facts::meaning_of(answer.status, words, false), "submit",
                                    answer, words);
        // What the queue refuses it has not taken. After any other answer it may have.
        f.set(detail::is_refusal(answer.status) ? billing::no : billing::unknown);
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
        if (detail::is_job_link(link) && !facts::is_derived(link, job, app, suffix))
            to = link;
    };
    keep(job.status_url, status, "/status");
    keep(job.result_url, result, "");
    keep(job.cancel_url, cancel, "/cancel");
    return {};
}

COKINO_DECL result<job_status> fal::decode_status(const job_record& job,
                                                  const wire::response& answer) const
{
    namespace facts = detail::fal_facts;
    if (!answer.ok()) {
        const detail::host_words words = facts::words_of(answer);
        return access_.refusal(facts::meaning_of(answer.status, words, false), "status", answer,
                               words);
    }
    static constexpr wire::json_path id_path("request_id"), state_path("status"),
        position_path("queue_position"), error_path("error"), text_path("error.message"),
        type_path("error_type"), inner_type_path("error.type");
    std::string id, word;
    detail::host_words words;
    std::int64_t position = -1;
    wire::json_fields wanted;
    wanted.text(id_path, id)
        .need_string(state_path, word)
        .integer(position_path, position)
        .string(error_path, words.text)
        .string(text_path, words.text)
        .string(type_path, words.code)
        .string(inner_type_path, words.code);
    if (auto read = wanted.read(answer.body()); !read)
        return access_.complete(read.error(), "status", answer);
    if (detail::is_of_another(id, job))
        return access_.refusal(errc::answer_malformed, "status", answer);

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

/// A3.1: the data of an event is what a look would have been answered.
COKINO_DECL result<job_status> fal::decode_stream(const job_record& job,
                                                  std::string_view data) const
{
    return decode_status(job, wire::make_response(200, data));
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
    job_output output = detail::fal_facts::output_of(doc->root(), access_.base_url());
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
    if (status == 499 && e == errc::job_failed)
        e = errc::job_cancelled;
    failure f = access_.refusal(e, "result", answer, words);
    if (!of_job)
        return f;
    facts::tell_billing(f, answer);
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

COKINO_DECL result<webhook_note> fal::read_webhook(std::string_view body) const
{
    // A6: the job's id and what the result's own answer would be, its status as words.
    wire::response hook; // no answer: what came is a request
    hook.append_body(body);
    auto doc = wire::json_document::parse(body);
    if (!doc)
        return access_.complete(doc.error(), "webhook", hook);
    webhook_note out;
    out.job_id = (*doc)["request_id"].string_or("");
    const std::string word = (*doc)["status"].string_or("");
    if (!detail::is_job_id(out.job_id) || (word != "OK" && word != "ERROR"))
        return access_.complete(wire::malformed("is no webhook of fal", "request_id", body),
                                "webhook", hook);
    unsigned status = 200;
    if (word == "ERROR") {
        constexpr std::string_view before = "Invalid status code: ";
        std::string text = (*doc)["error"].string_or("");
        if (text.starts_with(before))
            text.erase(0, before.size());
        status = detail::parse_integer<unsigned>(text).value_or(0);
        if (status < 400 || status > 599)
            return out; // why it failed is told by the result
    }
    const wire::json_view payload = (*doc)["payload"];
    if (!payload.is_object() && !payload.is_array())
        return out; // payload_error, or too large: the result is to be fetched
    auto told = decode_result(job_record(), wire::make_response(status, payload.json()));
    const bool fits = told.has_value() && is_final(told->state) &&
                      (told->state == job_state::succeeded) == (word == "OK");
    if (fits)
        out.status = std::move(*told);
    return out;
}

} // namespace cokino
