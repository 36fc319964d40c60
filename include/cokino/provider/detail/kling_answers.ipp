// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of provider/kling.hpp: what is asked of a job, and what answers say. Numbers in
// comments are sections of providers/kling-kie-piapi-pollo-wireflow.md.
#pragma once

#include <cokino/provider/detail/end_of_job.hpp>
#include <cokino/provider/detail/kling_facts.hpp>
#include <cokino/provider/kling.hpp>
#include <cokino/wire/json_reader.hpp>
#include <cokino/wire/json_view.hpp>

#include <algorithm>
#include <cstdint>

namespace cokino {

/// A failure of an exchange, or of the submit that it answers.
COKINO_DECL failure kling::refused(std::string_view operation, const wire::response& answer) const
{
    const auto said = detail::kling_facts::envelope_of(answer);
    errc e = detail::kling_facts::meaning_of(answer.status, said);
    if (e == errc::ok)
        e = errc::answer_malformed;
    failure f = access_.refusal(e, operation, answer, said.words);
    f.edit().request_id = access_.shown(said.request_id);
    if (operation != "submit") // what goes wrong with a look says nothing of the job's bill
        return f;
    // 1.5: after a code of the 1000s nothing was created; after the others something may be.
    const std::int64_t code = said.code.value_or(0);
    const bool refused =
        code == 0 ? detail::is_refusal(answer.status) : code >= 1000 && code < 2000;
    f.set(refused ? billing::no : billing::unknown);
    return f;
}

COKINO_DECL result<void> kling::decode_submit(const wire::response& answer, job_record& job) const
{
    std::int64_t code = 0;
    if (answer.ok()) {
        static constexpr wire::json_path code_path("code"), id_path("data.id"),
            task_path("data.task_id");
        std::string id;
        wire::json_fields wanted;
        wanted.integer(code_path, code).text(id_path, job.id).text(task_path, id);
        const auto read = wanted.read(answer.body());
        if (job.id.empty())
            job.id = std::move(id);
        if (read && code == 0 && detail::is_job_id(job.id))
            return {};
        job.id.clear();
        if (!read || code == 0)
            return access_.unknown_outcome(
                answer, "Kling took the job, but its answer is not understood (" +
                            (read ? "data.id: is none" : read.error().facts().message) + ")");
    }
    failure f = refused("submit", answer);
    if (!detail::kling_facts::says_id_exists(detail::kling_facts::envelope_of(answer)))
        return f;
    // 0.3: an earlier try with this id was accepted, and its answer lost.
    f.set(errc::own_id_exists);
    f.explain("Kling has a job with this external_task_id already: an earlier try was accepted");
    f.edit().billed = billing::unknown;
    return f;
}

COKINO_DECL result<wire::request> kling::ask(const std::string& path) const
{
    auto head = access_.head_below(wire::method::get, path);
    if (!head)
        return head.error();
    return wire::request(std::move(*head));
}

/// 1.2: a parameter of its own; 1.3: in the place of the id.
COKINO_DECL result<wire::request> kling::encode_find(const job_route& route,
                                                     std::string_view own_id) const
{
    if (auto fit = ready(); !fit)
        return fit.error();
    const std::string id = wire::percent_encode(own_id);
    return ask(detail::kling_facts::is_legacy(route.endpoint) ? "/" + route.endpoint + "/" + id
                                                              : "/tasks?external_task_ids=" + id);
}

COKINO_DECL result<void> kling::decode_find(const wire::response& answer, std::string_view own_id,
                                            job_record& job) const
{
    static constexpr wire::json_path code_path("code"), id_path("data[0].id"),
        own_path("data[0].external_id"), task_path("data.task_id"),
        task_own_path("data.task_info.external_task_id");
    if (!answer.ok())
        return refused("find", answer);
    const bool legacy = job.route && detail::kling_facts::is_legacy(job.route->endpoint);
    std::int64_t code = 0;
    std::string id, own;
    wire::json_fields wanted;
    wanted.integer(code_path, code)
        .text(legacy ? task_path : id_path, id)
        .text(legacy ? task_own_path : own_path, own);
    if (auto read = wanted.read(answer.body()); !read)
        return access_.complete(read.error(), "find", answer);
    if (code != 0)
        return refused("find", answer);
    if (!detail::is_job_id(id) || own != own_id) {
        failure f(errc::not_found, fate::answered);
        f.explain("Kling tells of no job with this external_task_id");
        return access_.complete(std::move(f), "find", answer);
    }
    job.id = std::move(id);
    return {};
}

COKINO_DECL result<wire::request> kling::encode_status(const job_record& job) const
{
    if (auto fit = ready(); !fit)
        return fit.error();
    if (auto ours = access_.own(job); !ours)
        return ours.error();
    // The text of a job may come from anywhere; it must not choose the path that the key goes to.
    const std::string& endpoint = job.route->endpoint;
    if (!detail::kling_facts::is_path(endpoint))
        return invalid("job", "its endpoint is none of Kling's", errc::invalid_job);
    if (detail::kling_facts::is_legacy(endpoint))
        return ask("/" + endpoint + "/" + wire::percent_encode(job.id));
    if (pair_)
        return invalid("api", "a job of the current generation cannot be asked for by a key pair",
                       errc::invalid_options);
    return ask("/tasks?task_ids=" + wire::percent_encode(job.id));
}

COKINO_DECL result<job_status> kling::decode_status(const job_record& job,
                                                    const wire::response& answer) const
{
    static constexpr wire::json_path code_path("code"), id_path("data[0].id"),
        word_path("data[0].status"), task_path("data.task_id"), task_word_path("data.task_status");
    const bool legacy = job.route && detail::kling_facts::is_legacy(job.route->endpoint);
    if (!answer.ok())
        return refused("status", answer);
    std::int64_t code = 0;
    job_status out;
    std::string id;
    wire::json_fields wanted;
    wanted.integer(code_path, code)
        .text(legacy ? task_path : id_path, id)
        .string(legacy ? task_word_path : word_path, out.word);
    if (auto read = wanted.read(answer.body()); !read)
        return access_.complete(read.error(), "status", answer);
    if (code != 0)
        return refused("status", answer);
    if (!out.word.empty() && id == job.id) {
        out.state = detail::kling_facts::state_of(out.word);
        out.word = access_.shown(out.word);
        if (!is_final(out.state))
            return out;
    }
    auto doc = wire::json_document::parse(answer.body());
    if (!doc)
        return access_.complete(doc.error(), "status", answer);
    const wire::json_view data = (*doc)["data"];
    if (!is_final(out.state)) // 1.2 [L]: unknown ids are left out
        return access_.refusal(data.is_array() && data.size() == 0 ? errc::not_found
                                                                   : errc::answer_malformed,
                               "status", answer);
    const job_kind kind = job.route ? job.route->kind : job_kind::video;
    return read_task(legacy ? data : data[0], kind, "status", answer);
}

/// A task object of either generation.
COKINO_DECL job_status kling::read_task(const wire::json_view& task, std::optional<job_kind> kind,
                                        std::string_view operation,
                                        const wire::response& answer) const
{
    namespace facts = detail::kling_facts;
    const std::string word = task["status"].string_or(task["task_status"].string_or(""));
    job_status out;
    out.state = facts::state_of(word);
    out.word = access_.shown(word);
    if (out.state == job_state::succeeded) {
        job_output output =
            facts::output_of(task, kind.value_or(job_kind::video), access_.base_url());
        if (output.assets.empty() && !kind)
            output = facts::output_of(task, job_kind::images, access_.base_url());
        if (!output.assets.empty()) {
            output.ended_at =
                detail::end_in_ms(task["update_time"].integer_or(task["updated_at"].integer_or(0)));
            out.output = std::move(output);
            return out;
        }
        out.state = job_state::failed;
        out.error = access_.refusal(errc::result_missing, operation, answer);
        out.error->edit().billed = billing::yes;
    } else if (out.state == job_state::failed) {
        detail::host_words words;
        words.text = task["message"].string_or(task["task_status_msg"].string_or(""));
        const bool content = facts::reads_as_refusal(words.text);
        out.error = access_.refusal(content ? errc::content_refused : errc::job_failed, operation,
                                    answer, words);
        out.error->set(billing::no, billing_basis::host_terms); // 1.6 [D]
    }
    return out;
}

COKINO_DECL bool kling::batches(const job_record& a, const job_record& b) const
{
    // An id that holds a comma would be several in the list, and spoil it for the others.
    const auto fits = [this](const job_record& j) {
        return access_.own(j).has_value() && !detail::kling_facts::is_legacy(j.route->endpoint) &&
               j.id.find(',') == std::string::npos;
    };
    return !pair_ && fits(a) && fits(b);
}

COKINO_DECL result<wire::request> kling::encode_status_batch(
    std::span<const job_record* const> jobs) const
{
    if (auto fit = ready(); !fit)
        return fit.error();
    // 1.2 [L]: more are refused with 400.
    if (jobs.empty() || jobs.size() > detail::kling_facts::batch_max)
        return failure(errc::internal_error);
    std::string path = "/tasks?task_ids=";
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        if (auto ours = access_.own(*jobs[i]); !ours)
            return ours.error();
        if (!batches(*jobs[0], *jobs[i]))
            return invalid("job", "is not of the generation that is asked for many at once",
                           errc::invalid_job);
        // Two may wait for the same job.
        const auto before = jobs.first(i);
        const bool repeated = std::any_of(before.begin(), before.end(), [&](const job_record* j) {
            return j->id == jobs[i]->id;
        });
        if (!repeated)
            path.append(i == 0 ? "" : ",").append(wire::percent_encode(jobs[i]->id));
    }
    return ask(path);
}

COKINO_DECL result<std::vector<std::optional<job_status>>> kling::decode_status_batch(
    std::span<const job_record* const> jobs, const wire::response& answer) const
{
    if (!answer.ok())
        return refused("status", answer);
    auto doc = wire::json_document::parse(answer.body());
    if (!doc)
        return access_.complete(doc.error(), "status", answer);
    if ((*doc)["code"].integer_or(0) != 0 || !(*doc)["data"].is_array())
        return refused("status", answer);
    std::vector<std::optional<job_status>> out(jobs.size());
    (*doc)["data"].for_each_element([&](const wire::json_view& task) {
        const std::string id = task["id"].text_or("");
        for (std::size_t i = 0; i < jobs.size(); ++i)
            if (jobs[i]->id == id && !out[i] && task["status"].is_string())
                out[i] = read_task(task, jobs[i]->route->kind, "status", answer);
    });
    return out;
}

/// 1.4: the flat task object of the current generation, or the legacy one's, without an envelope.
COKINO_DECL result<webhook_note> kling::read_webhook(std::string_view body) const
{
    webhook_note note;
    std::string old_id, word, old_word;
    wire::json_fields wanted; // which refuses what stands twice
    wanted.text("id", note.job_id)
        .text("task_id", old_id)
        .string("status", word)
        .string("task_status", old_word);
    wire::response hook; // no answer: what came is a request
    hook.append_body(body);
    if (auto read = wanted.read(body); !read)
        return access_.complete(read.error(), "webhook", hook);
    if (note.job_id.empty())
        note.job_id = std::move(old_id);
    auto doc = wire::json_document::parse(body);
    if (!doc || !detail::is_job_id(note.job_id) || (word.empty() && old_word.empty()))
        return access_.complete(wire::malformed("is no task of Kling's", "webhook", body),
                                "webhook", hook);
    note.status = read_task(doc->root(), std::nullopt, "webhook", hook);
    return note;
}

} // namespace cokino
