// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of provider/kie.hpp: what is sent; what it reads is in detail/kie_answers.ipp. What is
// known of Kie stands in detail/kie_facts.hpp; numbers in comments are sections of
// providers/kling-kie-piapi-pollo-wireflow.md.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/provider/detail/kie_answers.ipp>
#include <cokino/provider/detail/kie_facts.hpp>
#include <cokino/provider/kie.hpp>
#include <cokino/wire/json_writer.hpp>
#include <cokino/wire/signature.hpp>

namespace cokino {
namespace detail {

/// 2.5, 7: the members of "input" that a family of models has, in its own names.
template <class Request>
void write_kie_input(wire::json_writer& w, const Request& r, const kie_facts::model_row& model,
                     field_gate& gate)
{
    constexpr bool from_image = requires { r.image; };
    constexpr std::size_t negative_chars_max = 2496; // 2.5, of image to video alone
    const bool second = model.names == kie_facts::dialect::kling_2_5;
    const bool seedance = model.names == kie_facts::dialect::seedance;
    w.member("prompt", r.prompt);
    if constexpr (from_image) {
        const bool tail = !r.tail_image.empty();
        if (model.names == kie_facts::dialect::kling_3) {
            w.begin_array("image_urls").value(r.image.url);
            if (tail)
                w.value(r.tail_image.url);
            w.end_array();
        } else {
            w.member(seedance ? std::string_view("first_frame_url") : "image_url", r.image.url);
            if (tail)
                w.member(seedance ? std::string_view("last_frame_url") : "tail_image_url",
                         r.tail_image.url);
        }
    } else {
        w.member("aspect_ratio", text_of(r.aspect_ratio));
    }
    if (seedance)
        w.member("duration", r.duration.count());
    else
        w.member("duration", to_text(r.duration.count())); // a text at Kling
    const bool fits = !from_image || characters_of(r.negative_prompt) <= negative_chars_max;
    if (gate.wants(!r.negative_prompt.empty(), second && fits, "negative_prompt",
                   fits ? "this model has none on Kie; kling-2.5-turbo-pro has"
                        : "at most 2496 characters here"))
        w.member("negative_prompt", r.negative_prompt);
    if (gate.wants(r.cfg_scale.has_value(), second, "cfg_scale",
                   "this model has none on Kie; kling-2.5-turbo-pro has"))
        w.member("cfg_scale", *r.cfg_scale);
    if (!model.mode.empty())
        w.member("mode", model.mode);
    if (gate.wants(r.audio && (*r.audio || !second), !second, "audio",
                   "Kling 2.5 makes no sound; kling-3.0-pro does"))
        w.member(seedance ? std::string_view("generate_audio") : "sound", *r.audio);
    gate.wants(r.seed.has_value(), false, "seed", "no model on Kie is known to take one");
}

} // namespace detail

COKINO_DECL result<void> validate(const kie_options& o)
{
    const auto bad = [](const char* field, const char* message) {
        return invalid(field, message, errc::invalid_options);
    };
    if (o.upload_base_url.empty())
        return {};
    if (const auto to = wire::url::parse(o.upload_base_url); !to || !to->query().empty())
        return bad("upload_base_url", "is no http(s) URL without a query");
    for (const char c : o.upload_path)
        if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F)
            return bad("upload_path", "holds a blank, a control character or more than ASCII");
    if (o.upload_path.empty())
        return bad("upload_path", "is empty");
    return {};
}

COKINO_DECL kie::kie(api_key key, kie_options options)
    : options_(std::move(options)),
      access_(detail::bearer_setup("kie", options_.base_url, key)), // 2.1 [D]
      // 2.6 [D]: the same key
      upload_access_(detail::bearer_setup("kie", options_.upload_base_url, std::move(key)))
{
    namespace facts = detail::kie_facts;
    static_assert(route_count == 2 * facts::models.size());
    problem_ = access_.introduce(traits_, validate(options_));
    detail::take_facts(traits_, this->facts());
    traits_.poll_interval_min = facts::poll_min;
    if (options_.upload_base_url.empty())
        traits_.media.upload_bytes_max = traits_.source.upload_bytes_max = 0;
    for (std::size_t i = 0; i < facts::models.size(); ++i) {
        const facts::model_row& row = facts::models[i];
        routes_[2 * i] = access_.route(job_kind::video, text_of(row.model), row.from_text);
        routes_[2 * i + 1] = access_.route(job_kind::video, text_of(row.model), row.from_image);
    }
    head_ = access_.head_unless(problem_, wire::method::post, std::string(facts::submit_path));
    const auto upload_head = [&](std::string_view path) {
        return upload_access_.head_unless(problem_, wire::method::post, std::string(path));
    };
    if (!options_.upload_base_url.empty()) {
        upload_head_ = upload_head(facts::upload_bytes_path);
        upload_link_head_ = upload_head(facts::upload_link_path);
    }
    if (problem_)
        problem_->edit().host = access_.host();
}

COKINO_DECL const host_facts& kie::facts() const noexcept { return detail::kie_facts::host; }

COKINO_DECL result<void> kie::check(const submit_context& c) const
{
    if (problem_)
        return *problem_;
    if (!c.webhook_url.empty() && !wire::url::parse(c.webhook_url))
        return invalid("webhook_url", "is no http(s) URL");
    return {};
}

COKINO_DECL encoded_submit kie::finished(std::shared_ptr<const job_route> route,
                                         std::string&& body) const
{
    encoded_submit out;
    out.route = std::move(route);
    out.request.head = head_;
    out.request.body = std::move(body);
    return out;
}

COKINO_DECL result<encoded_submit> kie::encode(const text_to_video& r, submit_context&& c) const
{
    return submit(r, std::move(c));
}

COKINO_DECL result<encoded_submit> kie::encode(const image_to_video& r, submit_context&& c) const
{
    return submit(r, std::move(c));
}

template <class Request>
result<encoded_submit> kie::submit(const Request& r, submit_context&& c) const
{
    constexpr bool from_image = requires { r.image; };
    if (auto sound = validate(r); !sound)
        return sound.error();
    if (auto able = check(c); !able)
        return able.error();
    std::size_t i = 0;
    while (i < detail::kie_facts::models.size() && detail::kie_facts::models[i].model != r.model)
        ++i;
    if (i == detail::kie_facts::models.size())
        return access_.unsupported("model", "Kie has no standard tier of Kling 2.5; "
                                            "kling-2.5-turbo-pro is the nearest");
    if constexpr (from_image)
        for (const auto* image : {&r.image, &r.tail_image})
            if (detail::istarts_with(image->url, "data:"))
                return access_.unsupported(image == &r.image ? "image" : "tail_image",
                                           "Kie takes http(s) links only; a file or bytes are "
                                           "uploaded by the client");
    detail::field_gate gate(access_, c.lenient);
    const detail::kie_facts::model_row& model = detail::kie_facts::models[i];
    std::string body = detail::emptied(std::move(c.body_buffer));
    wire::json_writer w(body);
    w.begin_object().member("model", from_image ? model.from_image : model.from_text);
    if (!c.webhook_url.empty())
        w.member("callBackUrl", c.webhook_url);
    w.begin_object("input");
    detail::write_kie_input(w, r, model, gate);
    w.end_object().end_object();
    if (auto whole = detail::end_body(w, gate, body, "input", r.extra); !whole)
        return whole.error();
    encoded_submit out = finished(routes_[2 * i + from_image], std::move(body));
    out.orders_clip(r);
    out.warnings = gate.take_warnings();
    return out;
}

COKINO_DECL result<encoded_submit> kie::encode(const text_to_image& r, submit_context&& c) const
{
    if (auto sound = validate(r); !sound)
        return sound.error();
    if (auto able = check(c); !able)
        return able.error();
    if (r.model != image_model::flux_2_pro)
        return access_.unsupported("model", "Kie has no " + std::string(text_of(r.model)) +
                                                "; flux-2-pro is the nearest");
    if (detail::characters_of(r.prompt) < 3) // 7
        return access_.unsupported("prompt", "flux-2-pro on Kie wants at least 3 characters");
    detail::field_gate gate(access_, c.lenient);
    gate.wants(r.width.has_value(), false, "width",
               "flux-2-pro on Kie takes an aspect_ratio, and \"resolution\" by extra");
    gate.wants(r.count != 1, false, "count", "flux-2-pro on Kie makes one picture a request");
    gate.wants(r.seed.has_value(), false, "seed", "no model on Kie is known to take one");
    if (gate.refusal())
        return *gate.refusal();
    std::string body = detail::emptied(std::move(c.body_buffer));
    wire::json_writer w(body);
    w.begin_object().member("model", detail::kie_facts::flux_2);
    if (!c.webhook_url.empty())
        w.member("callBackUrl", c.webhook_url);
    w.begin_object("input").member("prompt", r.prompt);
    w.member("aspect_ratio", text_of(r.aspect_ratio)).end_object().end_object();
    if (auto written = w.finish(); !written)
        return written.error();
    if (auto merged = detail::merge_extra(body, "input", r.extra); !merged)
        return merged.error();
    // Refused, and so left alone, where extra has brought another.
    (void)detail::merge_extra(body, "input", R"({"resolution":"1K"})");
    encoded_submit out =
        finished(access_.route(job_kind::images, text_of(r.model), detail::kie_facts::flux_2),
                 std::move(body));
    out.warnings = gate.take_warnings();
    return out;
}

COKINO_DECL result<encoded_submit> kie::encode(const video_upscale& r, submit_context&& c) const
{
    if (auto sound = validate(r); !sound)
        return sound.error();
    if (auto able = check(c); !able)
        return able.error();
    if (r.model != upscale_model::topaz)
        return access_.unsupported("model", "Kie has no " + std::string(text_of(r.model)) +
                                                " that this version knows; it has topaz");
    if (!r.factor || !detail::kie_facts::topaz_has(*r.factor))
        return access_.unsupported(r.factor ? "factor" : "resolution",
                                   "topaz on Kie takes a factor: 1, 2 or 4");
    detail::field_gate gate(access_, c.lenient);
    gate.wants(r.fps.has_value(), false, "fps", "topaz on Kie leaves the frames as they are");
    if (gate.refusal())
        return *gate.refusal();
    std::string body = detail::emptied(std::move(c.body_buffer));
    wire::json_writer w(body);
    w.begin_object().member("model", detail::kie_facts::topaz);
    if (!c.webhook_url.empty())
        w.member("callBackUrl", c.webhook_url);
    w.begin_object("input").member("video_url", r.video.url);
    w.member("upscale_factor", detail::to_text(static_cast<int>(*r.factor))); // a text
    w.end_object().end_object();
    if (auto written = w.finish(); !written)
        return written.error();
    if (auto merged = detail::merge_extra(body, "input", r.extra); !merged)
        return merged.error();
    encoded_submit out =
        finished(access_.route(job_kind::video, text_of(r.model), detail::kie_facts::topaz),
                 std::move(body));
    out.orders_clip(r);
    out.warnings = gate.take_warnings();
    return out;
}

COKINO_DECL result<encoded_submit> kie::encode(const raw_order& r, submit_context&& c) const
{
    if (auto sound = validate(r); !sound)
        return sound.error();
    if (auto able = check(c); !able)
        return able.error();
    if (!wire::json_document::parse(r.input, r.input.size()))
        return invalid("input", "is no JSON object");
    std::string body = detail::emptied(std::move(c.body_buffer));
    wire::json_writer w(body);
    w.begin_object().member("model", r.endpoint);
    if (!c.webhook_url.empty())
        w.member("callBackUrl", c.webhook_url);
    w.raw_member("input", r.input).end_object();
    if (auto written = w.finish(); !written)
        return written.error();
    return finished(access_.route(r.kind, r.endpoint, r.endpoint), std::move(body));
}

/// 2.6. A link is only uploaded when the caller wants Kie to keep a copy.
COKINO_DECL result<wire::request> kie::encode_upload(const media_upload& m) const
{
    if (problem_)
        return *problem_;
    const bool by_link = !m.link.empty();
    if (!upload_head_)
        return access_.unsupported("image", "uploads are off (kie_options::upload_base_url)");
    wire::request out(by_link ? upload_link_head_ : upload_head_);
    wire::json_writer w(out.body);
    w.begin_object();
    if (by_link)
        w.member("fileUrl", m.link);
    else
        w.member("base64Data",
                 "data:" + std::string(m.content_type) + ";base64," + wire::base64_encode(m.bytes));
    w.member("uploadPath", options_.upload_path).member("fileName", m.file_name).end_object();
    if (auto written = w.finish(); !written)
        return written.error();
    return out;
}

COKINO_DECL result<wire::request> kie::encode_status(const job_record& job) const
{
    if (problem_)
        return *problem_;
    if (auto ours = access_.own(job); !ours)
        return ours.error();
    auto head = access_.head_below(wire::method::get, std::string(detail::kie_facts::status_path) +
                                                          wire::percent_encode(job.id));
    if (!head)
        return head.error();
    return wire::request(std::move(*head));
}

} // namespace cokino
