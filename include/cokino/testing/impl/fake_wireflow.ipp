// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Wireflow as the fake host speaks it: shapes, words and statuses are those of section 5 of
// providers/kling-kie-piapi-pollo-wireflow.md. Below {origin}/api/v1:
//   POST /workflows, POST /workflows/{id}/execute, GET /workflows/executions/{id}[/poll]
//   POST /media/upload, /media/upload-url, /media/upload-url/complete; PUT of the signed link
// A repeated Idempotency-Key gives the first answer again for 24 h. Polls are wrapped in "data"
// every other time, as they are "sometimes" there.
#pragma once

#include <cokino/testing/detail/fake_wireflow.hpp>
#include <cokino/testing/impl/fake_form.ipp>

#include <algorithm>

namespace cokino::testing {

COKINO_DECL fake_reply fake_wireflow::error(unsigned status, std::string_view text) const
{
    // [5.5]: both envelopes coexist; the one with a type is the client library's.
    detail::json_text w;
    w->begin_object();
    switch (status) {
    case 401: w->member("error", "Invalid API key"); break;
    case 402:
        w->member("error", "Insufficient credits. Required: 47, Available: 3");
        w->member("insufficientCredits", true).member("requiredCredits", 47);
        w->member("availableCredits", 3);
        break;
    case 404: w->member("error", text.empty() ? "Workflow not found" : text); break;
    case 429:
        w->member("error", "Too many workflow executions. Please try again later.");
        w->member("retryAfter", std::chrono::floor<std::chrono::seconds>(time().system_now())
                                        .time_since_epoch()
                                        .count() +
                                    60);
        break;
    default:
        w->begin_object("error");
        w->member("type", status == 403   ? "authentication_error"
                          : status == 409 ? "conflict_error"
                          : status >= 500 ? "api_error"
                                          : "invalid_request_error");
        w->member("message", text.empty() ? detail::reason_of(status) : text);
        if (status == 400)
            w->member("code", "missing_fields");
        w->end_object();
    }
    w->end_object();
    return detail::json_reply(status, w.take());
}

COKINO_DECL fake_reply fake_wireflow::graph_error(std::string_view rule,
                                                  std::string_view text) const
{
    detail::json_text w;
    w->begin_object().begin_object("error").member("type", "invalid_request_error");
    w->member("code", "invalid_graph").member("message", "The graph is not valid").end_object();
    w->begin_array("violations").begin_object().member("rule", rule).member("message", text);
    w->member("fix", "see GET /nodes").end_object().end_array();
    w->begin_array("warnings").end_array().begin_array("migrations").end_array().end_object();
    return detail::json_reply(422, w.take());
}

COKINO_DECL fake_reply fake_wireflow::answer(const fake_request& r)
{
    fake_reply reply = route(r);
    ++requests_;
    reply.fields.emplace_back("x-request-id", "req_" + std::to_string(requests_));
    const auto now = std::chrono::floor<std::chrono::seconds>(time().system_now());
    reply.fields.emplace_back("x-ratelimit-limit", "60");
    reply.fields.emplace_back("x-ratelimit-remaining", reply.status == 429 ? "0" : "59");
    reply.fields.emplace_back("x-ratelimit-reset",
                              std::to_string(now.time_since_epoch().count() + 60));
    return reply;
}

COKINO_DECL fake_reply fake_wireflow::route(const fake_request& r)
{
    const std::string_view path = r.path();
    const std::string group(detail::segment(path, 2)), id(detail::segment(path, 3));
    const std::string_view verb = detail::segment(path, 4), tail = detail::segment(path, 5);
    if (group == "media" && id == "put" && r.method == "PUT")
        return put(r, std::string(verb));
    const std::string_view key = r.field("authorization");
    if (group == "workflow" || !key.starts_with("Bearer ") || !key_is_good(key.substr(7))) {
        counts().unauthorised += group == "workflow" ? 0U : 1U;
        counts().unknown_routes += group == "workflow" ? 1U : 0U; // the trigger URL is not offered
        return group == "workflow" ? error(404, {}) : error(401, {});
    }
    const bool post = r.method == "POST", get = r.method == "GET";
    if (group == "media" && post && id == "upload" && verb.empty())
        return upload(r);
    if (group == "media" && post && id == "upload-url")
        return announce(r);
    if (group == "workflows" && post && id.empty())
        return create(r);
    if (group == "workflows" && post && verb == "execute")
        return execute(r, id);
    if (group == "workflows" && get && id == "executions" && (tail.empty() || tail == "poll")) {
        ++counts().polls;
        fake_job* const job = find(verb);
        return job == nullptr ? error(404, "Execution not found") : poll(r, *job);
    }
    ++counts().unknown_routes;
    return error(404, "Not found");
}

COKINO_DECL fake_reply fake_wireflow::create(const fake_request& r)
{
    const auto body = detail::parse_object(r.body);
    if (!body || detail::wireflow_text(*body, "name").empty())
        return error(400, "name is required");
    input in;
    if (const std::string wrong = read_graph(*body, in); !wrong.empty() && wrong != "prompt")
        return graph_error("bad-graph", wrong);
    const std::string id = "cmwork" + detail::hex(random().next(), 12);
    workflows_.insert(id);
    detail::json_text w;
    w->begin_object().begin_object("data").member("id", id);
    w->member("name", detail::wireflow_text(*body, "name")).end_object();
    w->begin_object("meta").begin_array("migrations").end_array();
    w->begin_array("warnings").end_array().end_object().end_object();
    return detail::json_reply(201, w.take());
}

// [5.3a] D: the same key within 24 h gives the first answer again. [9] N: with another body it is
// taken for a conflict here.
COKINO_DECL fake_reply fake_wireflow::execute(const fake_request& r, const std::string& workflow)
{
    ++counts().submits;
    const std::string key(r.field("idempotency-key"));
    if (const auto known = keys_.find(key);
        !key.empty() && known != keys_.end() && time().now() < known->second.until)
        return known->second.body == r.body ? known->second.answer
                                            : error(409, "The key belongs to another request");
    const std::size_t before = jobs().size();
    fake_reply reply = run(r, workflow);
    if (jobs().size() == before)
        return reply;
    if (!key.empty()) {
        remembered& kept = keys_[key];
        kept.body = r.body;
        kept.answer = reply;
        kept.until = later(time().now(), std::chrono::hours{24});
    }
    return accepted(jobs().back(), std::move(reply));
}

COKINO_DECL fake_reply fake_wireflow::run(const fake_request& r, const std::string& workflow)
{
    const auto body = detail::parse_object(r.body);
    if (!body || !r.field("content-type").starts_with("application/json"))
        return error(400, "The body is not JSON");
    if (workflows_.count(workflow) == 0)
        return error(404, {});
    for (const char* const name : {"nodes", "edges"})
        if (const auto* const list = detail::member(*body, name);
            list == nullptr || !list->is_array())
            return error(400, std::string("Missing required fields: ") + name);
    input in;
    const std::string wrong = read_graph(*body, in);
    in.id = "exec_" + detail::hex(random().next(), 16);
    in.endpoint = std::string(r.path().substr(1));
    job_faults& rule = rule_for(in.prompt);
    if (auto refused = refusal(rule))
        return *std::move(refused);
    if (wrong == "no nodes" || wrong == "targetNodeId")
        return error(400, wrong);
    if (!wrong.empty())
        return graph_error("bad-config", wrong);
    if (rule.refuse_content_at_submit)
        return error(422, "The prompt was flagged by content moderation");
    // [5.6]: a foreign picture is only found out when the node runs.
    if (!in.image_url.empty() && !is_stored(in.image_url))
        in.invalid = "Blocked image host: upload the file first", in.price_mills = 0;
    const fake_job& job = accept(std::move(in), rule, r);
    const std::string batch = detail::hex(detail::hash(job.id), 16);
    detail::json_text w;
    w->begin_object().member("workflowId", workflow).member("batchId", batch);
    w->begin_array("executionRuns").begin_object().member("id", job.id);
    w->member("startTime", detail::iso_time(time().system_now())).key("endTime").null();
    w->member("status", "RUNNING").key("error").null().begin_array("nodeRuns").end_array();
    w->member("batchId", batch).member("runIndexInBatch", 0).member("inputIndex", 0);
    w->end_object().end_array().end_object();
    fake_reply reply = detail::json_reply(201, w.take());
    reply.fields.emplace_back("location",
                              r.origin + "/api/v1/workflows/executions/" + job.id + "/poll");
    return reply;
}

/// Reads a graph, of which one node makes something; the first thing wrong with it, or nothing.
COKINO_DECL std::string fake_wireflow::read_graph(const boost::json::object& body, input& in) const
{
    const auto* const nodes = detail::member(body, "nodes");
    if (nodes == nullptr || !nodes->is_array() || nodes->get_array().empty())
        return "no nodes";
    graph g;
    for (const auto& value : nodes->get_array()) {
        if (!value.is_object())
            return "no nodes";
        if (std::string wrong = read_node(value.get_object(), in, g); !wrong.empty())
            return wrong;
    }
    static const boost::json::array no_edges;
    const auto* const edges = detail::member(body, "edges");
    for (const auto& value :
         edges != nullptr && edges->is_array() ? edges->get_array() : no_edges) {
        static const boost::json::object none;
        const auto& edge = value.is_object() ? value.get_object() : none;
        const std::string to = detail::wireflow_text(edge, "target");
        const std::string port = detail::wireflow_text(edge, "targetHandle");
        if (g.ids.count(to) == 0 || g.ids.count(detail::wireflow_text(edge, "source")) == 0 ||
            !detail::wireflow_text(edge, "sourceHandle").starts_with("out-") ||
            !port.starts_with("in-"))
            return "bad-target-handle";
        if (to == g.maker && port == "in-image_url")
            in.image_url = g.frame;
    }
    if (const auto target = detail::string_in(body, "targetNodeId"); target && *target != g.maker)
        return "targetNodeId";
    return g.wrong;
}

COKINO_DECL std::string fake_wireflow::read_node(const boost::json::object& node, input& in,
                                                 graph& g)
{
    const auto& data = detail::wireflow_object(node, "data");
    const auto& config = detail::wireflow_object(data, "config");
    const std::string id = detail::wireflow_text(node, "id");
    const std::string type = detail::wireflow_text(data, "nodeType");
    if (id.empty() || detail::wireflow_text(node, "type") != "basedNode")
        return "a node without id, or of an unknown type";
    g.ids.insert(id);
    if (type == "input:text")
        return {};
    if (type == "input:image") {
        g.frame = detail::wireflow_text(config, "imageUrl");
        const bool both = !g.frame.empty() && g.frame == detail::wireflow_text(config, "image");
        return both ? "" : "image and imageUrl must both hold the link";
    }
    const std::string version = detail::wireflow_text(config, "model_version");
    const auto known =
        std::find_if(detail::wireflow_nodes.begin(), detail::wireflow_nodes.end(),
                     [&](const auto& one) { return one.type == type && one.version == version; });
    if (known == detail::wireflow_nodes.end())
        return "unknown node type or model_version: " + type;
    g.maker = id;
    in.kind = known->kind;
    in.prompt = detail::wireflow_text(config, "prompt");
    if (in.prompt.empty())
        g.wrong = "prompt";
    in.width = 1024;
    in.height = 576;
    in.price_mills = known->mills;
    if (in.kind == job_kind::images)
        return {};
    const auto* const length = detail::member(config, "duration");
    const auto seconds = length == nullptr ? std::nullopt : detail::integer_of(*length);
    if (!seconds || *seconds < known->from_s || *seconds > known->to_s ||
        (*seconds - known->from_s) % known->step_s != 0)
        return "duration: a number of seconds that this model makes is required";
    in.duration_s = static_cast<int>(*seconds);
    in.price_mills *= in.duration_s;
    in.ratio = detail::ratio_of(detail::wireflow_text(config, "aspect_ratio"))
                   .value_or(aspect_ratio::landscape_16_9);
    return {};
}

// [5.4]
COKINO_DECL fake_reply fake_wireflow::poll(const fake_request& r, fake_job& job)
{
    ++job.polls;
    std::string word;
    if (const auto m = job.faults.next_poll()) {
        if (m->what != misstep::kind::say)
            return acted(*m);
        word = m->text;
    }
    const fake_state state = state_of(job);
    const bool done = state == fake_state::succeeded, failed = state == fake_state::failed;
    if (word.empty())
        word = state == fake_state::queued ? "PENDING"
               : done                      ? "COMPLETED"
               : failed                    ? "FAILED"
                                           : "RUNNING";
    std::string runs;
    const std::string states = nodes_of(r, job, word, runs);
    detail::json_text w;
    const bool wrapped = job.polls % 2 == 0;
    w->begin_object();
    if (wrapped)
        w->begin_object("data");
    w->member("status", word).key("error").null();
    w->member("creditsUsed", done || failed ? job.price_mills / 10 : 0);
    w->begin_object("nodeResults").raw_member("nodeRuns", '[' + runs + ']').end_object();
    w->raw_member("nodeStates", '[' + states + ']').key("finalOutput");
    if (done && !job.faults.no_link)
        w->begin_object().member("url", link(r, job)).end_object();
    else
        w->null();
    w->end_object();
    if (wrapped)
        w->end_object();
    return detail::json_reply(200, w.take());
}

/// nodeStates, and nodeRuns beside them. The inputs are done as soon as the run begins.
COKINO_DECL std::string fake_wireflow::nodes_of(const fake_request& r, fake_job& job,
                                                std::string_view word, std::string& runs)
{
    const fake_state state = state_of(job);
    std::string states;
    const auto body = detail::parse_object(job.body);
    const auto* const nodes = body ? detail::member(*body, "nodes") : nullptr;
    if (nodes == nullptr || !nodes->is_array())
        return states;
    for (const auto& value : nodes->get_array()) {
        const auto& node = value.get_object();
        const std::string id = detail::wireflow_text(node, "id");
        const bool maker = !detail::wireflow_text(detail::wireflow_object(node, "data"), "nodeType")
                                .starts_with("input:");
        const bool done = maker && state == fake_state::succeeded && !job.faults.no_link;
        const std::string file = done ? link(r, job) : std::string();
        detail::json_text s;
        s->begin_object().member("nodeId", id).member("label", id);
        s->member("status", maker ? word : "COMPLETED").key("error");
        if (maker && state == fake_state::failed)
            s->value(!job.invalid_input.empty() ? job.invalid_input
                     : job.faults.failure_code == "content_policy_violation"
                         ? "Flagged by the provider's content checker (content_policy_violation)"
                         : job.faults.failure_text);
        else
            s->null();
        s->key("outputUrl");
        if (done)
            s->value(file).begin_array("outputUrls").value(file).end_array();
        else
            s->null().begin_array("outputUrls").end_array();
        s->key("text").null().member("progress", !maker || done ? 100 : 40);
        s->member("requestId", "fal-req-" + std::to_string(job.number)).end_object();
        states += (states.empty() ? "" : ",") + s.take();
        if (!maker || !done)
            continue;
        detail::json_text w;
        w->begin_object().member("nodeId", id).member("status", word);
        w->member("creditsUsed", job.price_mills / 10);
        w->begin_object("output").member("url", file).end_object().end_object();
        runs += w.take();
    }
    return states;
}

COKINO_DECL fake_reply fake_wireflow::stored(std::string_view tail)
{
    const std::string link =
        "https://cdn.wireflow.ai/uploads/" + detail::hex(random().next(), 12) + std::string(tail);
    stored_.insert(link);
    detail::json_text w;
    w->begin_object().begin_object("data").member("url", link).end_object().end_object();
    return detail::json_reply(200, w.take());
}

COKINO_DECL bool fake_wireflow::is_stored(std::string_view link) const
{
    return stored_.count(link) != 0;
}

// [5.6]: a link to be fetched, or a form of up to 4 MB.
COKINO_DECL fake_reply fake_wireflow::upload(const fake_request& r)
{
    if (const auto part = detail::part_of(r, "file")) {
        if (!detail::contains(part->head, "Content-Type: image/"))
            return error(400, "The part needs an explicit type");
        if (part->body.size() > std::size_t{4} * 1024 * 1024)
            return error(413, {});
        return stored("/" + detail::multipart_parameter(part->head, "filename"));
    }
    const auto body = detail::parse_object(r.body);
    const std::string link = body ? detail::wireflow_text(*body, "url") : std::string();
    if (!link.starts_with("https://") && !link.starts_with("http://"))
        return error(400, "file or url is required");
    // The folder of one of our own stills stays in the name, so that the clip gets its shape.
    const auto ours = link.find("/files/b/");
    return stored(ours == std::string::npos ? "/hosted.png" : link.substr(ours));
}

/// The signed door for larger files: announced, put without a key, completed.
COKINO_DECL fake_reply fake_wireflow::announce(const fake_request& r)
{
    const auto body = detail::parse_object(r.body);
    if (!body)
        return error(400, "The body is not JSON");
    if (r.path().ends_with("/complete")) {
        const auto known = announced_.find(detail::wireflow_text(*body, "mediaId"));
        return known == announced_.end() || !known->second.came ? error(404, "Media not found")
                                                                : stored("/large.png");
    }
    const auto* const size = detail::member(*body, "size");
    const auto bytes = size == nullptr ? std::nullopt : detail::integer_of(*size);
    if (!bytes || *bytes <= 0 || detail::wireflow_text(*body, "contentType").empty())
        return error(400, "filename, contentType and size are required");
    const std::string id = "media_" + detail::hex(random().next(), 12);
    announced& known = announced_[id];
    known.type = detail::wireflow_text(*body, "contentType");
    known.size = static_cast<std::size_t>(*bytes);
    detail::json_text w;
    w->begin_object().begin_object("data").member("uploadUrl",
                                                  r.origin + "/api/v1/media/put/" + id);
    w->member("method", "PUT").member("mediaId", id).begin_object("headers");
    w->member("Content-Type", known.type).member("Content-Length", std::to_string(known.size));
    w->end_object().end_object().end_object();
    return detail::json_reply(200, w.take());
}

COKINO_DECL fake_reply fake_wireflow::put(const fake_request& r, const std::string& id)
{
    const bool leaked = !r.field("authorization").empty();
    counts().keys_leaked += leaked ? 1U : 0U;
    const auto known = announced_.find(id);
    if (leaked || known == announced_.end() || r.field("content-type") != known->second.type ||
        r.body.size() != known->second.size)
        return error(403, "SignatureDoesNotMatch");
    known->second.came = true;
    return detail::json_reply(200, {});
}

} // namespace cokino::testing
