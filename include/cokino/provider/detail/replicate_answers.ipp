// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What Replicate's answers mean. The tables stand in detail/replicate_facts.hpp; the letters in
// comments are sections of providers/fal-replicate.md.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/provider/detail/end_of_job.hpp>
#include <cokino/provider/detail/replicate_facts.hpp>
#include <cokino/provider/replicate.hpp>
#include <cokino/wire/json_reader.hpp>
#include <cokino/wire/json_view.hpp>

#include <utility>

namespace cokino {

/// What an answer means that tells of no prediction.
COKINO_DECL failure replicate::refused(std::string_view operation,
                                       const wire::response& answer) const
{
    namespace facts = detail::replicate_facts;
    const detail::host_words words = facts::words_of(answer);
    failure f = access_.refusal(facts::meaning_of(answer.status, words), operation, answer, words);
    f.edit().retry_after = facts::wait_of(answer);
    return f;
}

COKINO_DECL result<void> replicate::decode_submit(const wire::response& answer,
                                                  job_record& job) const
{
    namespace facts = detail::replicate_facts;
    if (!answer.ok()) {
        failure f = refused("submit", answer);
        // What is refused has not been taken. After any other answer it may have.
        f.set(detail::is_refusal(answer.status) ? billing::no : billing::unknown);
        return f;
    }
    static constexpr wire::json_path id_path("id"), get_path("urls.get"),
        cancel_path("urls.cancel");
    std::string_view status, cancel;
    wire::json_fields wanted;
    wanted.need_string(id_path, job.id).view(get_path, status).view(cancel_path, cancel);
    const auto read = wanted.read(answer.body());
    if (!read || !detail::is_job_id(job.id)) {
        job.id.clear();
        return access_.unknown_outcome(
            answer, "replicate took the job, but its answer is not understood (" +
                        (read ? "id: is none" : read.error().facts().message) + ")");
    }
    if (options_.derive_links || !job.route)
        return {};
    const auto keep = [&](std::string& to, std::string_view link, std::string_view suffix) {
        if (detail::is_job_link(link) && !facts::is_derived(link, job, suffix))
            to = link;
    };
    keep(job.status_url, status, "");
    keep(job.cancel_url, cancel, "/cancel");
    return {};
}

COKINO_DECL result<wire::request> replicate::ask(const job_record& job, wire::method m,
                                                 const std::string& given,
                                                 std::string_view suffix) const
{
    if (problem_)
        return *problem_;
    if (auto ours = access_.own(job); !ours)
        return ours.error();
    auto head = options_.derive_links || given.empty()
                    ? access_.head_below(m, "/predictions/" + wire::percent_encode(job.id) +
                                                std::string(suffix))
                    : access_.head(m, given);
    if (!head)
        return head.error();
    return wire::request(std::move(*head));
}

COKINO_DECL result<wire::request> replicate::encode_status(const job_record& job) const
{
    return ask(job, wire::method::get, job.status_url, "");
}

COKINO_DECL result<wire::request> replicate::encode_cancel(const job_record& job) const
{
    return ask(job, wire::method::post, job.cancel_url, "/cancel");
}

COKINO_DECL result<job_status> replicate::decode_status(const job_record& job,
                                                        const wire::response& answer) const
{
    return status_of(answer, &job);
}

/// A prediction: from the answer to a look at a job, or from a hook's body, which is the same.
COKINO_DECL result<job_status> replicate::status_of(const wire::response& answer,
                                                    const job_record* job) const
{
    namespace facts = detail::replicate_facts;
    if (!answer.ok())
        return refused("status", answer);
    static constexpr wire::json_path id_path("id"), state_path("status");
    std::string id, word;
    wire::json_fields wanted;
    wanted.text(id_path, id).need_string(state_path, word);
    if (auto read = wanted.read(answer.body()); !read)
        return access_.complete(read.error(), "status", answer);
    if (job && detail::is_of_another(id, *job))
        return access_.refusal(errc::answer_malformed, "status", answer);
    job_status out;
    // B2: status decides, even when a full output stands beside a word that is not final.
    out.state = facts::state_of(word);
    out.word = access_.shown(word);
    if (is_final(out.state) || options_.logs)
        end(out, answer);
    return out;
}

/// Adds log lines, and result or reason to a final state.
COKINO_DECL void replicate::end(job_status& out, const wire::response& answer) const
{
    namespace facts = detail::replicate_facts;
    auto doc = wire::json_document::parse(answer.body());
    const wire::json_view root = doc ? doc->root() : wire::json_view();
    const std::string logs = root["logs"].string_or("");
    if (options_.logs)
        for (std::string_view rest = logs; !rest.empty();)
            out.logs.push_back(
                job_log{access_.shown(detail::take_until(rest, '\n')), std::string(), {}});
    if (out.state == job_state::succeeded) {
        job_output output;
        facts::collect(root["output"], access_.base_url(), output.assets);
        if (!output.assets.empty()) {
            output.seed = facts::seed_in(logs);
            output.render_s = root.at("metrics.predict_time").number_or(0);
            output.ended_at = detail::end_in_iso(root["completed_at"].string_or(""));
            out.output = std::move(output);
            return;
        }
        out.state = job_state::failed;
        out.error = access_.refusal(errc::result_missing, "status", answer);
        if (root["data_removed"].boolean_or(false)) // B3, B10
            out.error->explain("replicate deleted the result, one hour after the job's end");
        out.error->edit().billed = billing::yes;
        return;
    }
    if (!is_final(out.state))
        return;
    detail::host_words words;
    words.text = root["error"].text_or("");
    errc e = errc::job_failed;
    if (const facts::reason_row* row = facts::reason_of(words.text)) {
        e = row->meaning;
        words.code = row->code;
    }
    const bool aborted = out.word == "aborted";
    if (out.state == job_state::cancelled)
        e = errc::job_cancelled;
    else if (aborted)
        e = errc::job_expired;
    if (words.text.empty())
        words.text = out.word;
    out.error = access_.refusal(e, "status", answer, words);
    // B3 [D]. Whether failed jobs, or the time before a cancel, are billed is not told.
    out.error->set(aborted ? billing::no : billing::unknown, billing_basis::host_terms);
}

// B6: the bare prediction.
COKINO_DECL result<webhook_note> replicate::read_webhook(std::string_view body) const
{
    static constexpr wire::json_path id_path("id");
    webhook_note out;
    wire::json_fields wanted;
    wanted.need_string(id_path, out.job_id);
    const wire::response as_answer = wire::make_response(200, body);
    if (auto read = wanted.read(body); !read)
        return access_.complete(read.error(), "webhook", as_answer);
    if (!detail::is_job_id(out.job_id))
        return access_.refusal(errc::answer_malformed, "webhook", as_answer);
    auto status = status_of(as_answer, nullptr);
    if (!status)
        return status.error();
    out.status = std::move(*status);
    return out;
}

COKINO_DECL result<cancel_outcome> replicate::decode_cancel(const job_record&,
                                                            const wire::response& answer) const
{
    namespace facts = detail::replicate_facts;
    if (answer.status == 404)
        return cancel_outcome::not_found;
    if (!answer.ok())
        return refused("cancel", answer);
    std::string word; // B4: the prediction as it is now
    wire::json_fields wanted;
    wanted.string("status", word);
    (void)wanted.read(answer.body());
    if (word == "canceled" || word == "aborted")
        return cancel_outcome::cancelled;
    return is_final(facts::state_of(word)) ? cancel_outcome::too_late : cancel_outcome::requested;
}

} // namespace cokino
