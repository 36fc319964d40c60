// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Wireflow: requests to graphs; answers and files are in detail/wireflow_answers.ipp and
// wireflow_upload.ipp. Numbers in brackets are sections of
// providers/kling-kie-piapi-pollo-wireflow.md.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/provider/detail/wireflow_answers.ipp>
#include <cokino/provider/detail/wireflow_facts.hpp>
#include <cokino/provider/detail/wireflow_upload.ipp>
#include <cokino/provider/wireflow.hpp>
#include <cokino/wire/json_reader.hpp>
#include <cokino/wire/json_view.hpp>
#include <cokino/wire/json_writer.hpp>

#include <utility>

namespace cokino {

COKINO_DECL result<void> validate(const wireflow_options& o)
{
    if (!o.workflow_id.empty() && !detail::is_job_id(o.workflow_id))
        return invalid("workflow_id", "is no id", errc::invalid_options);
    if (o.workflow_name.empty() || o.workflow_name.size() > 200)
        return invalid("workflow_name", "must have 1 to 200 bytes", errc::invalid_options);
    for (const std::string* const name : {&o.seedance_2_0_node, &o.recraft_v4_node})
        if (name->size() > 200)
            return invalid(name == &o.recraft_v4_node ? "recraft_v4_node" : "seedance_2_0_node",
                           "must have at most 200 bytes", errc::invalid_options);
    return {};
}

COKINO_DECL wireflow::wireflow(api_key key, wireflow_options options)
    : options_(std::move(options)), access_([&] {
          auto setup = // [5.1] D; the key's form is not judged
              detail::bearer_setup("wireflow", options_.base_url, std::move(key));
          setup.request_id_headers = {"x-request-id"}; // [5.1] D
          return setup;
      }())
{
    namespace facts = detail::wireflow_facts;
    problem_ = access_.introduce(traits_, validate(options_));
    detail::take_facts(traits_, this->facts());
    traits_.needs_setup = options_.workflow_id.empty();
    traits_.poll_interval_min = facts::poll_every;
    if (!problem_)
        base_ = *wire::url::parse(access_.base_url());
}

COKINO_DECL const host_facts& wireflow::facts() const noexcept
{
    static constexpr host_facts known = detail::wireflow_facts::about();
    return known;
}

/// The row of a model and the name of its node; null when it is not offered.
COKINO_DECL const wireflow::node_row* wireflow::node_of(std::string_view model,
                                                        std::string_view& type) const noexcept
{
    for (const node_row& row : detail::wireflow_facts::nodes) {
        if (row.model != model)
            continue;
        type = !row.type.empty()             ? row.type
               : row.kind == job_kind::video ? std::string_view(options_.seedance_2_0_node)
                                             : std::string_view(options_.recraft_v4_node);
        return type.empty() ? nullptr : &row;
    }
    return nullptr;
}

namespace detail {

/// [5.2] C: one node, with a config that is JSON already.
inline void write_wireflow_node(wire::json_writer& w, const wireflow_facts::node_row& row,
                                std::string_view type, std::string_view config)
{
    w.begin_object().member("id", row.id).member("type", "basedNode");
    w.begin_object("position").member("x", 520).member("y", 0).end_object();
    w.begin_object("data").member("label", row.id).member("nodeType", type);
    w.member("category", row.category).raw_member("config", config).begin_array("inputs");
    w.begin_object().member("id", "prompt").member("type", "TEXT").end_object();
    if (row.kind == job_kind::video)
        w.begin_object()
            .member("id", wireflow_facts::frame_input)
            .member("type", "IMAGE")
            .end_object();
    w.end_array().begin_array("outputs").begin_object().member("id", row.output);
    w.member("type", row.kind == job_kind::video ? "VIDEO" : "IMAGE");
    w.end_object().end_array().end_object().end_object();
}

/// [5.2] C: the frame as a node of its own, with the link in both places.
inline void write_wireflow_frame(wire::json_writer& w, std::string_view link)
{
    namespace facts = wireflow_facts;
    w.begin_object().member("id", facts::frame_node).member("type", "basedNode");
    w.begin_object("position").member("x", 0).member("y", 0).end_object();
    w.begin_object("data").member("label", facts::frame_node);
    w.member("nodeType", facts::frame_type).member("category", "input");
    w.member("inputType", "image").begin_object("config").member("image", link);
    w.member("imageUrl", link).end_object().begin_array("outputs").begin_object();
    w.member("id", facts::frame_output).member("type", "IMAGE");
    w.end_object().end_array().end_object().end_object();
}

} // namespace detail

/// [5.6] D: the executor reads its own storage only.
COKINO_DECL result<void> wireflow::check_frame(const image_source& image, const char* field) const
{
    const auto link = wire::url::parse(image.url);
    const bool stored =
        link && link->where().tls() && link->where().host == detail::wireflow_facts::media_host;
    if (stored || (link && link->where() == base_.where()) || problem_)
        return {};
    return access_.unsupported(field, "wireflow reads pictures from its own storage only; submit "
                                      "through a client, which brings them there");
}

/// [5.3a]: the whole graph in the body of an execution.
COKINO_DECL result<encoded_submit> wireflow::graph(const node_row& row, std::string_view type,
                                                   std::string&& config, std::string_view extra,
                                                   std::string_view frame, submit_context&& c,
                                                   detail::field_gate& gate) const
{
    namespace facts = detail::wireflow_facts;
    if (auto merged = detail::merge_extra(config, {}, extra); !merged)
        return merged.error();
    std::string body = detail::emptied(std::move(c.body_buffer));
    wire::json_writer w(body);
    w.begin_object().begin_array("nodes");
    if (!frame.empty())
        detail::write_wireflow_frame(w, frame);
    detail::write_wireflow_node(w, row, type, config);
    w.end_array().begin_array("edges");
    if (!frame.empty()) { // [5.2] C: handles are "out-<port>" and "in-<port>"
        w.begin_object().member("id", "e1").member("source", facts::frame_node);
        w.member("target", row.id)
            .member("sourceHandle", "out-" + std::string(facts::frame_output));
        w.member("targetHandle", "in-" + std::string(facts::frame_input)).end_object();
    }
    w.end_array().member("targetNodeId", row.id).begin_object("triggerData").end_object();
    w.begin_array("iteratorConfigs").end_array().member("force", options_.force).end_object();
    if (auto written = w.finish(); !written)
        return written.error();
    const std::string workflow = workflow_of(c);
    return submit(c, workflow,
                  access_.route(row.kind, row.model, workflow + "/" + std::string(row.id)),
                  std::move(body), gate);
}

/// text_to_video and image_to_video: one node each, which an edge to its image port switches.
template <class Request>
result<encoded_submit> wireflow::clip(const Request& r, submit_context&& c) const
{
    if (auto sound = validate(r); !sound)
        return sound.error();
    std::string_view type, frame;
    const node_row* const row = node_of(text_of(r.model), type);
    if (row == nullptr)
        return access_.unsupported("model", "name the node of " + std::string(text_of(r.model)) +
                                                " in the options, as GET /nodes lists it");
    detail::field_gate gate(access_, c.lenient);
    std::string config;
    wire::json_writer w(config);
    w.begin_object();
    if (!row->version.empty())
        w.member("model_version", row->version);
    w.member("prompt", r.prompt).member("duration", static_cast<int>(r.duration.count()));
    if constexpr (requires { r.image; }) {
        frame = r.image.url;
        if (auto ours = check_frame(r.image, "image"); !ours)
            return ours.error();
        gate.wants(!r.tail_image.empty(), false, "tail_image",
                   "no source tells the port that takes a last frame here");
    } else {
        w.member("aspect_ratio", text_of(r.aspect_ratio));
    }
    if (gate.wants(!r.negative_prompt.empty(), row->guided, "negative_prompt",
                   "this model takes none; say in the prompt what is wanted instead"))
        w.member("negative_prompt", r.negative_prompt);
    if (gate.wants(r.cfg_scale.has_value(), row->guided, "cfg_scale", "this model takes none"))
        w.member("cfg_scale", *r.cfg_scale);
    if (gate.wants(r.audio.has_value(), row->sound, "audio",
                   "this model makes no sound; kling-3.0 does"))
        w.member("generate_audio", *r.audio);
    gate.wants(r.seed.has_value(), false, "seed", "no source tells of a seed here");
    w.end_object();
    if (auto written = w.finish(); !written)
        return written.error();
    auto out = graph(*row, type, std::move(config), r.extra, frame, std::move(c), gate);
    if (out)
        out->orders_clip(r);
    return out;
}

COKINO_DECL result<encoded_submit> wireflow::encode(const text_to_video& r,
                                                    submit_context&& c) const
{
    return clip(r, std::move(c));
}

COKINO_DECL result<encoded_submit> wireflow::encode(const image_to_video& r,
                                                    submit_context&& c) const
{
    return clip(r, std::move(c));
}

COKINO_DECL result<encoded_submit> wireflow::encode(const text_to_image& r,
                                                    submit_context&& c) const
{
    if (auto sound = validate(r); !sound)
        return sound.error();
    std::string_view type;
    const node_row* const row = node_of(text_of(r.model), type);
    if (row == nullptr)
        return access_.unsupported("model", "wireflow has no node for " +
                                                std::string(text_of(r.model)) +
                                                "; flux-2-pro is the nearest");
    detail::field_gate gate(access_, c.lenient);
    gate.wants(r.count != 1, false, "count",
               "wireflow makes one picture for each request; submit it several times");
    // [5.2] I: in the words of fal's schema, which the node fronts.
    constexpr std::string_view sizes[] = {"landscape_16_9", "portrait_16_9", "square_hd"};
    std::string config;
    wire::json_writer w(config);
    w.begin_object().member("prompt", r.prompt);
    if (r.width)
        w.begin_object("image_size")
            .member("width", *r.width)
            .member("height", *r.height)
            .end_object();
    else
        w.member("image_size", sizes[static_cast<std::size_t>(r.aspect_ratio)]);
    gate.wants(r.seed.has_value(), false, "seed", "no source tells of a seed here");
    w.end_object();
    if (auto written = w.finish(); !written)
        return written.error();
    return graph(*row, type, std::move(config), r.extra, {}, std::move(c), gate);
}

COKINO_DECL result<encoded_submit> wireflow::encode(const raw_order& r, submit_context&& c) const
{
    if (auto sound = validate(r); !sound)
        return sound.error();
    if (!detail::is_job_id(r.endpoint) || r.endpoint.find('/') != std::string::npos)
        return invalid("endpoint", "must be the id of a workflow");
    if (!wire::json_document::parse(r.input, limits::extra_json_bytes_max))
        return invalid("input", "is no JSON object");
    std::string body = detail::emptied(std::move(c.body_buffer));
    body = r.input;
    detail::field_gate gate(access_, c.lenient);
    return submit(c, r.endpoint, access_.route(r.kind, r.endpoint, r.endpoint), std::move(body),
                  gate);
}

COKINO_DECL std::string wireflow::workflow_of(const submit_context& c) const
{
    return options_.workflow_id.empty() ? std::string(c.setup) : options_.workflow_id;
}

COKINO_DECL result<encoded_submit> wireflow::submit(const submit_context& c,
                                                    const std::string& workflow,
                                                    std::shared_ptr<const job_route> route,
                                                    std::string&& body,
                                                    detail::field_gate& gate) const
{
    if (problem_)
        return *problem_;
    gate.wants(!c.webhook_url.empty(), false, "webhook_url",
               "wireflow calls nobody when a job ends; wait_for looks at it");
    if (gate.refusal())
        return *gate.refusal();
    if (!detail::is_job_id(workflow))
        return invalid("workflow_id", "there is no workflow: none is given, and none was made",
                       errc::invalid_options);
    auto head = access_.head_below(wire::method::post,
                                   "/workflows/" + wire::percent_encode(workflow) + "/execute");
    if (!head)
        return head.error();
    encoded_submit out;
    out.route = std::move(route);
    out.request.head = std::move(*head);
    out.request.body = std::move(body);
    out.warnings = gate.take_warnings();
    if (c.idempotency_key.empty())
        return out;
    auto added = wire::append_field(out.request.extra_fields, detail::wireflow_facts::key_header,
                                    c.idempotency_key);
    if (added)
        return out;
    failure f = added.error();
    f.edit().host = access_.host();
    f.edit().billed = billing::no;
    return f;
}

// [5.2]: a saved graph of one Kling node, which each run replaces by its own. Made twice, there are
// two, which costs nothing.
COKINO_DECL result<wire::request> wireflow::encode_setup() const
{
    namespace facts = detail::wireflow_facts;
    if (problem_)
        return *problem_;
    auto head = access_.head_below(wire::method::post, "/workflows");
    if (!head)
        return head.error();
    std::string body;
    wire::json_writer w(body);
    w.begin_object().member("name", options_.workflow_name).member("isActive", true);
    w.begin_array("tags").value("cokino").end_array().begin_array("nodes");
    const node_row& row = facts::nodes[0];
    detail::write_wireflow_node(w, row, row.type,
                                R"({"model_version":"2.5-pro","prompt":"","duration":5})");
    w.end_array().begin_array("edges").end_array().end_object();
    if (auto written = w.finish(); !written)
        return written.error();
    return wire::request(std::move(*head), std::move(body));
}

} // namespace cokino
