// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What Wireflow's answers mean. Tables stand in detail/wireflow_facts.hpp; numbers in brackets are
// sections of providers/kling-kie-piapi-pollo-wireflow.md.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/provider/detail/result_link.hpp>
#include <cokino/provider/detail/wireflow_facts.hpp>
#include <cokino/provider/wireflow.hpp>
#include <cokino/wire/json_reader.hpp>
#include <cokino/wire/json_view.hpp>

#include <array>
#include <utility>

namespace cokino {

COKINO_DECL result<std::string> wireflow::decode_setup(const wire::response& answer) const
{
    namespace facts = detail::wireflow_facts;
    if (!answer.ok()) {
        const detail::host_words words = facts::words_of(answer);
        failure f = access_.refusal(facts::meaning_of(answer, words), "setup", answer, words);
        f.edit().billed = billing::no;
        return f;
    }
    static constexpr wire::json_path id_path("data.id"), bare_path("id");
    std::string id;
    wire::json_fields wanted;
    wanted.text(bare_path, id).text(id_path, id);
    if (auto read = wanted.read(answer.body()); !read)
        return access_.complete(read.error(), "setup", answer);
    if (!detail::is_job_id(id))
        return access_.refusal(errc::answer_malformed, "setup", answer);
    return id;
}

COKINO_DECL result<void> wireflow::decode_submit(const wire::response& answer,
                                                 job_record& job) const
{
    namespace facts = detail::wireflow_facts;
    const detail::host_words words = answer.ok() ? detail::host_words() : facts::words_of(answer);
    // [9] N: what a key that is in use answers. A conflict may mean that the first try goes on.
    if (answer.status == 409)
        return access_.unknown_outcome(answer, "wireflow tells of a conflict; an earlier try under "
                                               "the same key may have been accepted");
    if (!answer.ok()) {
        failure f = access_.refusal(facts::meaning_of(answer, words), "submit", answer, words);
        f.set(detail::is_refusal(answer.status) ? billing::no : billing::unknown);
        return f;
    }
    // [5.3]: three places, by page and door.
    static constexpr wire::json_path run_path("executionRuns[0].id"), id_path("executionId"),
        inner_path("data.executionId"), inner_run_path("data.executionRuns[0].id");
    std::array<std::string, 4> found;
    wire::json_fields wanted;
    wanted.text(run_path, found[0]).text(id_path, found[1]);
    wanted.text(inner_path, found[2]).text(inner_run_path, found[3]);
    const auto read = wanted.read(answer.body());
    // Of a body that was cut off an id may be half of one.
    for (std::string& id : found)
        if (read && detail::is_job_id(id)) {
            job.id = std::move(id);
            return {};
        }
    // [5.3a] D: Location leads to the run's status, whatever became of the body.
    std::string_view link = answer.field("location");
    constexpr std::string_view mark = "/workflows/executions/";
    if (const std::size_t at = link.find(mark); at != std::string_view::npos) {
        link.remove_prefix(at + mark.size());
        const auto id = wire::percent_decode(link.substr(0, link.find_first_of("/?#")));
        if (id && detail::is_job_id(*id)) {
            job.id = *id;
            return {};
        }
    }
    return access_.unknown_outcome(
        answer, "wireflow took the job, but its answer is not understood (" +
                    (read ? "it names no execution" : read.error().facts().message) + ")");
}

COKINO_DECL result<wire::request> wireflow::encode_status(const job_record& job) const
{
    if (problem_)
        return *problem_;
    if (auto ours = access_.own(job); !ours)
        return ours.error();
    auto head = access_.head_below(wire::method::get, "/workflows/executions/" +
                                                          wire::percent_encode(job.id) + "/poll");
    if (!head)
        return head.error();
    return wire::request(std::move(*head));
}

COKINO_DECL result<job_status> wireflow::decode_status(const job_record& job,
                                                       const wire::response& answer) const
{
    namespace facts = detail::wireflow_facts;
    if (!answer.ok()) {
        const detail::host_words words = facts::words_of(answer);
        return access_.refusal(facts::meaning_of(answer, words), "status", answer, words);
    }
    static constexpr wire::json_path word_path("status"), inner_path("data.status");
    std::string word, inner;
    wire::json_fields wanted;
    wanted.string(word_path, word).string(inner_path, inner);
    if (auto read = wanted.read(answer.body()); !read)
        return access_.complete(read.error(), "status", answer);
    if (!inner.empty()) // [5.4]: an envelope when `data` holds a status
        word = inner;
    auto doc = wire::json_document::parse(answer.body());
    if (word.empty() || !doc)
        return access_.refusal(errc::answer_malformed, "status", answer);
    const wire::json_view run = inner.empty() ? doc->root() : (*doc)["data"];
    job_status out;
    out.state = facts::state_of(word);
    out.word = access_.shown(word);
    const std::string& endpoint = job.route ? job.route->endpoint : std::string();
    const std::size_t slash = endpoint.find('/');
    const std::string target = slash == std::string::npos ? "" : endpoint.substr(slash + 1);
    read_nodes(out, run, target, answer);
    if (out.state == job_state::succeeded)
        succeed(out, run, target, answer);
    else if (is_final(out.state))
        fail(out, run, answer);
    return out;
}

/// What each node did and cost, and how far the wanted one is, from [5.4] nodeStates.
COKINO_DECL void wireflow::read_nodes(job_status& out, const wire::json_view& run,
                                      std::string_view target, const wire::response& answer) const
{
    constexpr std::size_t lines_max = 200; // a graph has at most 100 nodes [5.2]
    const wire::json_view runs = run.at("nodeResults.nodeRuns");
    // [9] N: no source names the member for one node's credits; those that suggest themselves.
    const auto credits_of = [](const wire::json_view& node) {
        const std::string used = node["creditsUsed"].text_or("");
        return used.empty() ? node["credits"].text_or("") : used;
    };
    run["nodeStates"].for_each_element([&](const wire::json_view& node) {
        if (out.logs.size() >= lines_max)
            return;
        const std::string id = node["nodeId"].text_or("?");
        std::string credits = credits_of(node);
        runs.for_each_element([&](const wire::json_view& one) {
            if (credits.empty() && one["nodeId"].text_or("") == id)
                credits = credits_of(one);
        });
        std::string line = id + ' ' + node["status"].string_or("?");
        if (!credits.empty())
            line += ", " + credits + " credits";
        if (const std::string upstream = node["requestId"].text_or(""); !upstream.empty())
            line += ", request " + upstream;
        out.logs.push_back(job_log{access_.shown(line), {}, {}});
        // [5.4]: whether `progress` is a number or a text was not shown.
        const auto percent = detail::parse_decimal(node["progress"].text_or(""));
        if (id == target && percent && *percent >= 0 && *percent <= 100)
            out.progress = *percent / 100;
    });
    std::string total = run["creditsUsed"].text_or("");
    total = total.empty() ? "" : total + " credits used";
    if (const std::string_view id = answer.field("x-request-id"); !id.empty())
        total.append(total.empty() ? "" : ", ").append("X-Request-Id ").append(id);
    if (!total.empty())
        out.logs.push_back(job_log{access_.shown(total), {}, {}});
}

/// [5.4]: the wanted node's outputUrls first, which the host has brought into one shape.
COKINO_DECL void wireflow::succeed(job_status& out, const wire::json_view& run,
                                   std::string_view target, const wire::response& answer) const
{
    constexpr std::size_t files_max = 64;
    job_output output;
    const auto add = [&](const wire::json_view& link) {
        asset file(link.string_or(""));
        if (output.assets.size() >= files_max ||
            !detail::is_result_link(file.url, access_.base_url()))
            return;
        for (const asset& known : output.assets)
            if (known.url == file.url)
                return;
        file.index = output.assets.size();
        output.assets.push_back(std::move(file));
    };
    run["nodeStates"].for_each_element([&](const wire::json_view& node) {
        if (target.empty() || node["nodeId"].text_or("") != target)
            return;
        node["outputUrls"].for_each_element(add);
        add(node["outputUrl"]);
    });
    const auto add_raw = [&](const wire::json_view& raw) {
        add(raw);
        add(raw["url"]);
        for (const char* const list : {"images", "videos"})
            raw[list].for_each_element([&](const wire::json_view& one) {
                add(one);
                add(one["url"]);
            });
        add(raw.at("video.url"));
    };
    if (output.assets.empty())
        run.at("nodeResults.nodeRuns").for_each_element([&](const wire::json_view& node) {
            if (!target.empty() && node["nodeId"].text_or("") == target)
                add_raw(node["output"]);
        });
    if (output.assets.empty())
        add_raw(run["finalOutput"]);
    if (!output.assets.empty()) {
        out.output = std::move(output);
        return;
    }
    out.state = job_state::failed;
    out.error = access_.refusal(errc::result_missing, "status", answer);
    out.error->edit().billed = billing::yes;
}

/// [5.4]: HTTP 200, and the reason stands with the node that failed.
COKINO_DECL void wireflow::fail(job_status& out, const wire::json_view& run,
                                const wire::response& answer) const
{
    namespace facts = detail::wireflow_facts;
    detail::host_words words;
    const auto text_of = [](const wire::json_view& error) {
        return error.string_or(error["message"].string_or(""));
    };
    const auto look = [&](const wire::json_view& node) {
        if (words.text.empty() &&
            facts::state_of(node["status"].string_or("")) != job_state::succeeded)
            words.text = text_of(node["error"]);
    };
    run["nodeStates"].for_each_element(look);
    run.at("nodeResults.nodeRuns").for_each_element(look);
    if (words.text.empty())
        words.text = text_of(run["error"]);
    words.code = run["error"]["code"].text_or("");
    errc e = errc::job_failed;
    if (out.state == job_state::cancelled)
        e = errc::job_cancelled;
    else if (facts::is_refusal(words.text))
        e = errc::content_refused;
    else if (detail::ifind(words.text, "insufficient credits") == 0)
        e = errc::out_of_credit;
    else if (out.word == "TIMEOUT")
        e = errc::job_expired;
    if (words.text.empty())
        words.text = out.word;
    out.error = access_.refusal(e, "status", answer, words);
    const double credits = detail::parse_decimal(run["creditsUsed"].text_or("")).value_or(-1);
    out.error->set(credits > 0    ? billing::yes
                   : credits == 0 ? billing::no
                                  : billing::unknown,
                   billing_basis::host_answer);
}

} // namespace cokino
