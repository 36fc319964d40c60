// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of provider/kie.hpp: what answers say. Numbers in comments are sections of
// providers/kling-kie-piapi-pollo-wireflow.md.
#pragma once

#include <cokino/provider/detail/end_of_job.hpp>
#include <cokino/provider/detail/kie_facts.hpp>
#include <cokino/provider/kie.hpp>
#include <cokino/wire/json_reader.hpp>
#include <cokino/wire/json_view.hpp>

#include <cstdint>

namespace cokino {

/// What an answer means that tells of no task.
COKINO_DECL failure kie::refused(std::string_view operation, const wire::response& answer) const
{
    const auto said = detail::kie_facts::envelope_of(answer);
    const errc e = detail::kie_facts::meaning_of(said.code, said.words.text);
    failure f =
        access_.refusal(e == errc::ok ? errc::answer_malformed : e, operation, answer, said.words);
    // What goes wrong with a look says nothing of the job's bill.
    if (operation == "submit" && detail::kie_facts::proves_refusal(said.code))
        f.set(billing::no);
    return f;
}

COKINO_DECL result<void> kie::decode_submit(const wire::response& answer, job_record& job) const
{
    if (!answer.ok())
        return refused("submit", answer);
    static constexpr wire::json_path code_path("code"), id_path("data.taskId");
    std::int64_t code = 0;
    std::string id;
    wire::json_fields wanted;
    wanted.integer(code_path, code).text(id_path, id);
    const auto read = wanted.read(answer.body());
    // 2.1: HTTP says 200 to failures, too; "code" tells.
    if (read && code != 200 && code != 0)
        return refused("submit", answer);
    if (read && code == 200 && detail::is_job_id(id)) {
        job.id = std::move(id);
        return {};
    }
    return access_.unknown_outcome(
        answer, "Kie answered with success, but its answer holds no task (" +
                    (read ? "code and data.taskId: are none" : read.error().facts().message) + ")");
}

COKINO_DECL result<void> kie::decode_upload(media_upload& m, const wire::response& answer) const
{
    auto doc = wire::json_document::parse(answer.body());
    if (!answer.ok() || !doc || detail::kie_facts::envelope_of(answer).code != 200)
        return refused("upload", answer);
    // 2.6: newer replies give only the second.
    for (const char* place : {"data.fileUrl", "data.downloadUrl"}) {
        std::string link = doc->at(place).string_or("");
        if (!detail::is_result_link(link, upload_access_.base_url()))
            continue;
        m.url = std::move(link);
        return {};
    }
    return refused("upload", answer);
}

COKINO_DECL result<job_status> kie::decode_status(const job_record& job,
                                                  const wire::response& answer) const
{
    namespace facts = detail::kie_facts;
    static constexpr wire::json_path code_path("code"), id_path("data.taskId"),
        word_path("data.state"), msg_path("msg"), message_path("message");
    std::int64_t code = 0;
    std::string id, text;
    job_status out;
    wire::json_fields wanted;
    wanted.integer(code_path, code)
        .text(id_path, id)
        .string(word_path, out.word)
        .string(message_path, text)
        .string(msg_path, text);
    const auto read = wanted.read(answer.body());
    // 2.2: also what a valid job says of itself for its first half minute.
    if (read && (code == 422 || answer.status == 422) &&
        detail::ifind(text, facts::not_visible) != std::string_view::npos) {
        out.state = job_state::unknown;
        out.word = facts::not_visible;
        return out;
    }
    if (!answer.ok())
        return refused("status", answer);
    if (!read)
        return access_.complete(read.error(), "status", answer);
    if (code != 200 || out.word.empty() || detail::is_of_another(id, job))
        return code != 200 && code != 0 ? refused("status", answer)
                                        : access_.refusal(errc::answer_malformed, "status", answer);
    out.state = facts::state_of(out.word);
    out.word = access_.shown(out.word);
    if (!is_final(out.state))
        return out;
    auto doc = wire::json_document::parse(answer.body());
    if (!doc)
        return access_.complete(doc.error(), "status", answer);
    return read_task((*doc)["data"], "status", answer);
}

COKINO_DECL job_status kie::read_task(const wire::json_view& task, std::string_view operation,
                                      const wire::response& answer) const
{
    namespace facts = detail::kie_facts;
    const std::string word = task["state"].string_or("");
    job_status out;
    out.state = facts::state_of(word);
    out.word = access_.shown(word);
    if (out.state == job_state::succeeded) {
        job_output output = facts::output_of(task, access_.base_url());
        if (!output.assets.empty()) {
            output.ended_at = detail::end_in_ms(task["completeTime"].integer_or(0));
            out.output = std::move(output);
            return out;
        }
        out.state = job_state::failed;
        out.error = access_.refusal(errc::result_missing, operation, answer);
        out.error->edit().billed = billing::yes;
    } else if (out.state == job_state::failed) {
        detail::host_words words;
        words.code = task["failCode"].text_or("");
        words.text = task["failMsg"].string_or("");
        // 2.2: "422" is a refused input or a refused content; the words tell.
        const errc e = facts::reads_as_refusal(words.text)          ? errc::content_refused
                       : words.code == "400" || words.code == "422" ? errc::request_rejected
                                                                    : errc::job_failed;
        out.error = access_.refusal(e, operation, answer, words);
        out.error->set(facts::billed_of(task), billing_basis::host_answer);
    }
    return out;
}

/// 2.3: an answer's envelope round the task; older samples spell its id as task_id.
COKINO_DECL result<webhook_note> kie::read_webhook(std::string_view body) const
{
    static constexpr wire::json_path id_path("data.taskId"), old_path("data.task_id"),
        word_path("data.state");
    webhook_note note;
    std::string old_id, word;
    wire::json_fields wanted;
    wanted.text(id_path, note.job_id).text(old_path, old_id).string(word_path, word);
    wire::response hook; // no answer: what came is a request
    hook.append_body(body);
    if (auto read = wanted.read(body); !read)
        return access_.complete(read.error(), "webhook", hook);
    if (note.job_id.empty())
        note.job_id = std::move(old_id);
    auto doc = wire::json_document::parse(body);
    if (!doc || !detail::is_job_id(note.job_id))
        return access_.complete(wire::malformed("is no task of Kie's", "webhook", body), "webhook",
                                hook);
    if (!word.empty())
        note.status = read_task((*doc)["data"], "webhook", hook);
    return note;
}

} // namespace cokino
