// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What PiAPI's answers mean: the other half of provider/piapi.hpp. Included by impl/piapi.ipp only.
#pragma once

#include <cokino/provider/detail/end_of_job.hpp>
#include <cokino/provider/detail/piapi_facts.hpp>
#include <cokino/provider/piapi.hpp>
#include <cokino/wire/json_reader.hpp>
#include <cokino/wire/json_view.hpp>

#include <cstdint>

namespace cokino {

COKINO_DECL result<void> piapi::decode_upload(media_upload& m, const wire::response& answer) const
{
    auto doc = wire::json_document::parse(answer.body());
    if (!answer.ok())
        return refused("upload", answer);
    if (!doc)
        return access_.complete(doc.error(), "upload", answer);
    // [3.5 D] data.url; a client reads "url" at the top (C).
    std::string url = doc->at("data.url").string_or((*doc)["url"].string_or(""));
    if (!detail::is_result_link(url, access_.base_url()))
        return refused("upload", answer);
    m.url = std::move(url);
    return {};
}

/// What an answer means that tells of no task.
COKINO_DECL failure piapi::refused(std::string_view operation, const wire::response& answer) const
{
    namespace facts = detail::piapi_facts;
    detail::host_words words;
    std::int64_t code = 0;
    if (auto doc = wire::json_document::parse(answer.body())) {
        words = facts::words_of(doc->root());
        code = (*doc)["code"].integer_or(0);
    }
    const errc e = facts::meaning_of(answer.status, code, words.text);
    return access_.refusal(e == errc::ok ? errc::answer_malformed : e, operation, answer, words);
}

COKINO_DECL result<void> piapi::decode_submit(const wire::response& answer, job_record& job) const
{
    std::int64_t code = 0;
    if (answer.ok()) {
        static constexpr wire::json_path id_path("data.task_id"), code_path("code");
        std::string id;
        wire::json_fields wanted;
        wanted.text(id_path, id).integer(code_path, code);
        const auto read = wanted.read(answer.body());
        if (read && detail::is_job_id(id)) {
            job.id = std::move(id);
            return {};
        }
        // An error told inside a 200 is a refusal; a fault leaves open what was done before it.
        const bool told = read && code >= 400 && code < 500 && code != 408;
        if (!told)
            return access_.unknown_outcome(
                answer, "PiAPI answered with success, but its answer holds no task (" +
                            (read ? "data.task_id: is none" : read.error().facts().message) + ")");
    }
    failure f = refused("submit", answer);
    f.set(answer.ok() || detail::is_refusal(answer.status) ? billing::no : billing::unknown);
    return f;
}

COKINO_DECL result<job_status> piapi::decode_status(const job_record& job,
                                                    const wire::response& answer) const
{
    if (!answer.ok())
        return refused("status", answer);
    static constexpr wire::json_path id_path("data.task_id"), state_path("data.status");
    std::string id, word;
    wire::json_fields wanted;
    wanted.text(id_path, id).string(state_path, word);
    if (auto read = wanted.read(answer.body()); !read)
        return access_.complete(read.error(), "status", answer);
    if (word.empty())
        return refused("status", answer);
    if (detail::is_of_another(id, job))
        return access_.refusal(errc::answer_malformed, "status", answer);
    job_status out;
    out.state = detail::piapi_facts::state_of(word);
    out.word = access_.shown(word);
    if (!is_final(out.state))
        return out;
    auto doc = wire::json_document::parse(answer.body());
    if (!doc)
        return access_.complete(doc.error(), "status", answer);
    finish(out, (*doc)["data"], "status", answer);
    return out;
}

/// Adds result or reason to a final state.
COKINO_DECL void piapi::finish(job_status& out, const wire::json_view& task,
                               std::string_view operation, const wire::response& answer) const
{
    namespace facts = detail::piapi_facts;
    if (out.state == job_state::succeeded) {
        job_output output = facts::output_of(task["output"], access_.base_url());
        if (!output.assets.empty()) {
            output.ended_at = detail::end_in_iso(task.at("meta.ended_at").string_or(""));
            out.output = std::move(output);
            return;
        }
        out.state = job_state::failed;
        out.error = access_.refusal(errc::result_missing, operation, answer);
        out.error->edit().billed = billing::yes;
        return;
    }
    const detail::host_words words = facts::words_of_task(task);
    const errc e = out.state == job_state::cancelled
                       ? errc::job_cancelled
                       : facts::meaning_of(words.text, errc::job_failed);
    out.error = access_.refusal(e, operation, answer, words);
    out.error->set(facts::billed_of(task), billing_basis::host_answer);
}

COKINO_DECL result<webhook_note> piapi::read_webhook(std::string_view body) const
{
    wire::response told; // no answer: what came is a request
    told.append_body(body);
    auto doc = wire::json_document::parse(body);
    if (!doc)
        return access_.complete(doc.error(), "webhook", told);
    const wire::json_view task = (*doc)["data"];
    webhook_note out;
    out.job_id = task["task_id"].text_or("");
    if (!detail::is_job_id(out.job_id))
        return access_.refusal(errc::answer_malformed, "webhook", told);
    const std::string word = task["status"].string_or("");
    if (word.empty())
        return out;
    out.status.emplace();
    out.status->state = detail::piapi_facts::state_of(word);
    out.status->word = access_.shown(word);
    if (is_final(out.status->state))
        finish(*out.status, task, "webhook", told);
    return out;
}

/// [3.3 D] Only tasks that wait can be cancelled; how that is answered is not told (I).
COKINO_DECL result<cancel_outcome> piapi::decode_cancel(const job_record&,
                                                        const wire::response& answer) const
{
    std::string word;
    if (auto doc = wire::json_document::parse(answer.body()))
        word = doc->at("data.status").string_or("");
    const job_state state = detail::piapi_facts::state_of(word);
    if (state == job_state::succeeded || state == job_state::failed || answer.status == 409)
        return cancel_outcome::too_late;
    if (state == job_state::cancelled && answer.ok())
        return cancel_outcome::cancelled;
    const failure f = refused("cancel", answer);
    if (f == errc::not_found)
        return cancel_outcome::not_found;
    if (f == errc::request_rejected)
        return cancel_outcome::too_late;
    if (answer.ok() && f == errc::answer_malformed)
        return cancel_outcome::requested;
    return f;
}

} // namespace cokino
