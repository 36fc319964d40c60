// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of provider/piapi.hpp. What is known of the host, and from where, stands in
// detail/piapi_facts.hpp.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/provider/detail/body.hpp>
#include <cokino/provider/detail/piapi_answers.ipp>
#include <cokino/provider/detail/piapi_facts.hpp>
#include <cokino/provider/piapi.hpp>
#include <cokino/wire/json_view.hpp>
#include <cokino/wire/json_writer.hpp>
#include <cokino/wire/signature.hpp>

#include <algorithm>

namespace cokino {

COKINO_DECL result<void> validate(const piapi_options& o)
{
    const auto bad = [](const char* field, const char* message) {
        return invalid(field, message, errc::invalid_options);
    };
    if (!o.upload_base_url.empty()) {
        const auto to = wire::url::parse(o.upload_base_url);
        if (!to || !to->query().empty())
            return bad("upload_base_url", "is no http(s) URL without a query");
    }
    if (o.service > piapi_service::own_pool)
        return bad("service", "is none of account, shared and own_pool");
    if (o.family > piapi_family::kling)
        return bad("family", "is neither turbo nor kling");
    const std::string_view text = o.webhook_secret.reveal();
    if (text.size() > detail::piapi_facts::secret_bytes_max ||
        std::any_of(text.begin(), text.end(), [](char c) { return c <= 0x20 || c >= 0x7F; }))
        return bad("webhook_secret", "must be at most 256 printable characters without blanks");
    return {};
}

COKINO_DECL piapi::piapi(api_key key, piapi_options options)
    : options_(std::move(options)),
      access_(detail::key_header_setup("piapi", options_.base_url, key)),
      upload_access_(detail::key_header_setup("piapi", options_.upload_base_url, std::move(key)))
{
    namespace facts = detail::piapi_facts;
    static_assert(facts::models.size() == std::tuple_size_v<decltype(routes_)>);
    problem_ = access_.introduce(traits_, validate(options_));
    detail::take_facts(traits_, this->facts());
    if (options_.upload_base_url.empty())
        traits_.media.upload_bytes_max = traits_.source.upload_bytes_max = 0;
    for (std::size_t i = 0; i < routes_.size(); ++i)
        routes_[i] =
            access_.route(job_kind::video, text_of(facts::models[i].model),
                          std::string(facts::models[i].name) + "/" + std::string(facts::clip_task));
    submit_head_ = access_.head_unless(problem_, wire::method::post, std::string(facts::task_path));
    if (!options_.upload_base_url.empty())
        upload_head_ = upload_access_.head_unless(problem_, wire::method::post,
                                                  std::string(facts::upload_path));
}

COKINO_DECL const host_facts& piapi::facts() const noexcept { return detail::piapi_facts::facts; }

COKINO_DECL result<void> piapi::check_webhook(const submit_context& c) const
{
    if (problem_)
        return *problem_;
    if (c.webhook_url.empty())
        return {};
    const auto to = wire::url::parse(c.webhook_url);
    if (!to)
        return invalid("webhook_url", "is no http(s) URL");
    // Whoever sees the secret once can forge every hook. A fake on this machine is no such danger.
    if (!options_.webhook_secret.empty() && !to->where().tls() && submit_head_->url().where().tls())
        return invalid("webhook_url", "must be https: PiAPI sends the webhook secret itself along");
    return {};
}

COKINO_DECL void piapi::write_config(wire::json_writer& w, const submit_context& c) const
{
    constexpr std::string_view services[] = {"", "public", "private"}; // [3.1 D]
    w.begin_object("config").member("service_mode",
                                    services[static_cast<std::size_t>(options_.service)]);
    if (!c.webhook_url.empty()) {
        w.begin_object("webhook_config").member("endpoint", c.webhook_url);
        if (!options_.webhook_secret.empty())
            w.member("secret", options_.webhook_secret.reveal());
        w.end_object();
    }
    w.end_object();
}

template <class Request>
result<encoded_submit> piapi::order(const Request& r, submit_context& c) const
{
    namespace facts = detail::piapi_facts;
    if (auto sound = validate(r); !sound)
        return sound.error();
    if (auto sound = check_webhook(c); !sound)
        return sound.error();
    const std::size_t place = facts::place_of(r.model, options_.family == piapi_family::kling);
    if (place == facts::npos)
        return access_.unsupported("model", "piapi has no " + std::string(text_of(r.model)) +
                                                " that this version knows; kling-3.0-pro is the "
                                                "nearest, or order it by raw_request");
    const facts::model_row& row = facts::models[place];
    detail::field_gate gate(access_, c.lenient);
    constexpr std::string_view only_kling =
        "PiAPI's kling-turbo has no such field; its kling has (piapi_options::family)";
    const bool scale = gate.wants(r.cfg_scale.has_value(), row.full, "cfg_scale", only_kling);
    const bool audio = gate.wants(r.audio.has_value() && (*r.audio || row.audio), row.audio,
                                  "audio", "kling-2.5 makes no sound; kling-3.0 does");
    gate.wants(r.seed.has_value(), false, "seed", "Kling takes no seed");

    std::string body = detail::emptied(std::move(c.body_buffer));
    wire::json_writer w(body);
    w.begin_object().member("model", row.name).member("task_type", facts::clip_task);
    w.begin_object("input").member("version", row.version).member("prompt", r.prompt);
    if (!r.negative_prompt.empty())
        w.member("negative_prompt", r.negative_prompt);
    if constexpr (requires { r.aspect_ratio; }) {
        w.member("aspect_ratio", text_of(r.aspect_ratio));
    } else {
        constexpr std::string_view links_only =
            "PiAPI takes http(s) links only; a file or bytes are uploaded by the client";
        for (const auto* image : {&r.image, &r.tail_image})
            if (detail::istarts_with(image->url, "data:"))
                return access_.unsupported(image == &r.image ? "image" : "tail_image",
                                           std::string(links_only));
        w.member("image_url", r.image.url);
        if (gate.wants(!r.tail_image.empty(), row.full, "tail_image", only_kling))
            w.member("image_tail_url", r.tail_image.url);
    }
    const int seconds = static_cast<int>(r.duration.count());
    w.member("duration", seconds).member("mode", row.mode);
    if (scale)
        w.member("cfg_scale", *r.cfg_scale);
    if (audio)
        w.member("enable_audio", *r.audio);
    w.end_object();
    write_config(w, c);
    w.end_object();
    if (auto whole = detail::end_body(w, gate, body, "input", r.extra); !whole)
        return whole.error();
    encoded_submit out;
    out.request.head = submit_head_;
    out.request.body = std::move(body);
    out.route = routes_[place];
    out.orders_clip(r);
    out.warnings = gate.take_warnings();
    return out;
}

COKINO_DECL result<encoded_submit> piapi::encode(const text_to_video& r, submit_context&& c) const
{
    return order(r, c);
}

COKINO_DECL result<encoded_submit> piapi::encode(const image_to_video& r, submit_context&& c) const
{
    return order(r, c);
}

COKINO_DECL result<encoded_submit> piapi::encode(const video_upscale& r, submit_context&& c) const
{
    namespace facts = detail::piapi_facts;
    if (auto sound = validate(r); !sound)
        return sound.error();
    if (auto sound = check_webhook(c); !sound)
        return sound.error();
    if (r.model != upscale_model::qubico)
        return access_.unsupported("model", "piapi has no " + std::string(text_of(r.model)) +
                                                "; it has an upscaler of its own, qubico");
    if (!r.factor || *r.factor != facts::upscale_factor)
        return access_.unsupported(r.factor ? "factor" : "resolution",
                                   "PiAPI's upscaler doubles: the factor is 2");
    if (r.video.lines > facts::upscale_lines_max)
        return access_.unsupported("video", "PiAPI's upscaler takes clips of at most 720 lines, "
                                            "and this one has " +
                                                detail::to_text(r.video.lines));
    detail::field_gate gate(access_, c.lenient);
    gate.wants(r.fps.has_value(), false, "fps", "PiAPI's upscaler leaves the frames as they are");
    if (gate.refusal())
        return *gate.refusal();
    std::string body = detail::emptied(std::move(c.body_buffer));
    wire::json_writer w(body);
    w.begin_object()
        .member("model", facts::upscale_model_name)
        .member("task_type", facts::upscale_task);
    w.begin_object("input").member("video", r.video.url).end_object();
    write_config(w, c);
    w.end_object();
    if (auto written = w.finish(); !written)
        return written.error();
    if (auto merged = detail::merge_extra(body, "input", r.extra); !merged)
        return merged.error();
    encoded_submit out;
    out.request.head = submit_head_;
    out.request.body = std::move(body);
    out.route = access_.route(job_kind::video, text_of(r.model),
                              std::string(facts::upscale_model_name) + "/" +
                                  std::string(facts::upscale_task));
    out.orders_clip(r);
    out.warnings = gate.take_warnings();
    return out;
}

COKINO_DECL result<encoded_submit> piapi::encode(const raw_order& r, submit_context&& c) const
{
    if (auto sound = validate(r); !sound)
        return sound.error();
    if (auto sound = check_webhook(c); !sound)
        return sound.error();
    const std::string_view endpoint = r.endpoint;
    const std::size_t cut = endpoint.rfind('/');
    if (cut == 0 || cut == std::string_view::npos || cut + 1 == endpoint.size())
        return invalid("endpoint", "must be a model and a task type, as in "
                                   "\"kling/omni_video_generation\"");
    if (auto json = wire::json_document::parse(r.input, limits::extra_json_bytes_max); !json)
        return invalid("input", "is no JSON object");
    std::string body = detail::emptied(std::move(c.body_buffer));
    wire::json_writer w(body);
    w.begin_object()
        .member("model", endpoint.substr(0, cut))
        .member("task_type", endpoint.substr(cut + 1))
        .raw_member("input", r.input);
    write_config(w, c);
    w.end_object();
    if (auto written = w.finish(); !written)
        return written.error();
    encoded_submit out;
    out.request.head = submit_head_;
    out.request.body = std::move(body);
    out.route = access_.route(r.kind, r.endpoint, r.endpoint);
    return out;
}

COKINO_DECL result<wire::request> piapi::encode_upload(const media_upload& m) const
{
    if (problem_)
        return *problem_;
    if (!upload_head_)
        return access_.unsupported("image", "uploads are off (piapi_options::upload_base_url)");
    wire::request out(upload_head_);
    wire::json_writer w(out.body);
    w.begin_object()
        .member("file_name", m.file_name)
        .member("file_data", wire::base64_encode(m.bytes))
        .end_object();
    if (auto written = w.finish(); !written)
        return written.error();
    return out;
}

COKINO_DECL result<wire::request> piapi::ask(const job_record& job, wire::method m,
                                             std::string_view suffix) const
{
    if (problem_)
        return *problem_;
    if (auto ours = access_.own(job); !ours)
        return ours.error();
    std::string path(detail::piapi_facts::task_path);
    path += '/';
    path += wire::percent_encode(job.id);
    path += suffix;
    auto head = access_.head_below(m, path);
    if (!head)
        return head.error();
    return wire::request(std::move(*head));
}

COKINO_DECL result<wire::request> piapi::encode_status(const job_record& job) const
{
    return ask(job, wire::method::get, "");
}

COKINO_DECL result<wire::request> piapi::encode_cancel(const job_record& job) const
{
    return options_.cancel_by_post ? ask(job, wire::method::post, "/cancel")
                                   : ask(job, wire::method::delete_, "");
}

} // namespace cokino
