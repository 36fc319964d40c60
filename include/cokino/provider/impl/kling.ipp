// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of provider/kling.hpp: options, keys and what is sent. What it reads is in
// detail/kling_answers.ipp. What is known of Kling stands in detail/kling_facts.hpp;
// numbers in comments are sections of providers/kling-kie-piapi-pollo-wireflow.md.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/provider/detail/kling_answers.ipp>
#include <cokino/provider/detail/kling_facts.hpp>
#include <cokino/provider/kling.hpp>
#include <cokino/wire/json_view.hpp>
#include <cokino/wire/json_writer.hpp>
#include <cokino/wire/jwt.hpp>

namespace cokino {
namespace detail {

/// 1.1: both members of the header and the order of these are the vendor's.
inline std::string kling_token(const kling_key_pair& pair,
                               std::chrono::system_clock::time_point now)
{
    const auto seconds_of = [](std::chrono::system_clock::time_point t) {
        return std::chrono::duration_cast<std::chrono::seconds>(t.time_since_epoch()).count();
    };
    std::string payload;
    wire::json_writer(payload)
        .begin_object()
        .member("iss", pair.access.key().reveal())
        .member("exp", seconds_of(now + kling_facts::token_life))
        .member("nbf", seconds_of(now - kling_facts::token_early))
        .end_object();
    return wire::jwt_hs256(payload, pair.secret.key().reveal());
}

} // namespace detail

COKINO_DECL result<void> validate(const kling_options& o)
{
    if (o.api != kling_api::current && o.api != kling_api::legacy)
        return invalid("api", "is neither current nor legacy", errc::invalid_options);
    return {};
}

COKINO_DECL detail::host_access kling::access_with(api_key key) const
{
    // 1.1 [D], keys and tokens alike
    return detail::host_access(detail::bearer_setup("kling", options_.base_url, std::move(key)));
}

COKINO_DECL kling::kling(api_key key, kling_options options)
    : options_(std::move(options)), access_(access_with(std::move(key)))
{
    start();
}

COKINO_DECL kling::kling(kling_key_pair pair, kling_options options)
    : options_(std::move(options)), pair_(std::move(pair)),
      // Stands for the token until there is one, and is never sent: see ready().
      access_(access_with(api_key("unsigned", pair_->access.alias())))
{
    start();
}

COKINO_DECL void kling::start()
{
    namespace facts = detail::kling_facts;
    static_assert(facts::models.size() == model_count);
    problem_ = access_.introduce(traits_, validate(options_));
    detail::take_facts(traits_, this->facts());
    traits_.finds_own_id = true; // 1.2, 1.3 [D, L]
    result<void> checks[] = {pair_ ? pair_->access.check() : result<void>(),
                             pair_ ? pair_->secret.check() : result<void>()};
    for (const auto& check : checks)
        if (!check && !problem_)
            problem_ = check.error();
    if (!problem_ && pair_ && is_current())
        problem_ = invalid("api",
                           "a key pair signs tokens, which the current generation refuses; choose "
                           "kling_api::legacy or use an API key",
                           errc::invalid_options);
    for (std::size_t i = 0; i < model_count; ++i)
        for (const bool image : {false, true}) {
            const facts::model_row& row = facts::models[i];
            const std::string path =
                is_current()
                    ? (image ? "image-to-video/" : "text-to-video/") + std::string(row.current_name)
                    : std::string(image ? facts::legacy_image : facts::legacy_text);
            prepared_[2 * i + image].route =
                access_.route(job_kind::video, text_of(row.model), path);
        }
    if (problem_)
        problem_->edit().host = access_.host();
    else if (auto built = build_heads(); !built)
        problem_ = built.error();
}

COKINO_DECL result<void> kling::build_heads() const
{
    for (prepared& p : prepared_) {
        auto head = access_.head_below(wire::method::post, "/" + p.route->endpoint);
        if (!head)
            return head.error();
        p.head = std::move(*head);
    }
    return {};
}

COKINO_DECL const host_facts& kling::facts() const noexcept
{
    return is_current() ? detail::kling_facts::current_facts : detail::kling_facts::legacy_facts;
}

COKINO_DECL void kling::renew_key(std::chrono::system_clock::time_point now) const
{
    namespace facts = detail::kling_facts;
    if (!pair_ || problem_)
        return;
    // A clock that was set back may make the token one of the future.
    if (signed_at_ && now >= *signed_at_ - facts::token_early &&
        now < *signed_at_ + facts::token_life - facts::token_margin)
        return;
    access_ = access_with(api_key(detail::kling_token(*pair_, now), pair_->access.alias()));
    signed_at_ = now;
    // Of the same parts as in start(), where it went well.
    (void)build_heads();
}

COKINO_DECL result<void> kling::ready() const
{
    if (problem_)
        return *problem_;
    if (!pair_ || signed_at_)
        return {};
    failure f = invalid("api_key", "no token has been signed: renew_key() comes before encoding",
                        errc::missing_credential);
    f.edit().host = access_.host();
    return f;
}

COKINO_DECL result<encoded_submit> kling::encode(const text_to_video& r, submit_context&& c) const
{
    return submit(r, std::move(c));
}

COKINO_DECL result<encoded_submit> kling::encode(const image_to_video& r, submit_context&& c) const
{
    return submit(r, std::move(c));
}

template <class Request>
result<encoded_submit> kling::submit(const Request& r, submit_context&& c) const
{
    constexpr bool from_image = requires { r.image; };
    if (auto sound = validate(r); !sound)
        return sound.error();
    if (auto fit = ready(); !fit)
        return fit.error();
    if (!c.webhook_url.empty() && !wire::url::parse(c.webhook_url))
        return invalid("webhook_url", "is no http(s) URL");
    const std::size_t row = detail::kling_facts::row_of(r.model);
    if (row == model_count)
        return access_.unsupported("model", "Kling makes its own models only; kling-3.0-pro is "
                                            "the nearest to " +
                                                std::string(text_of(r.model)));
    detail::field_gate gate(access_, c.lenient);
    std::string body = detail::emptied(std::move(c.body_buffer));
    wire::json_writer w(body);
    w.begin_object();
    if (is_current())
        write_current(w, r, row, c, gate);
    else
        write_legacy(w, r, row, c, gate);
    w.end_object();
    if (auto whole = detail::end_body(w, gate, body, is_current() ? "settings" : "", r.extra);
        !whole)
        return whole.error();
    const prepared& to = prepared_[2 * row + from_image];
    encoded_submit out;
    out.route = to.route;
    out.orders_clip(r);
    out.request.head = to.head;
    out.request.body = std::move(body);
    out.warnings = gate.take_warnings();
    return out;
}

/// 1.2. `duration` is a number here.
template <class Request>
void kling::write_current(wire::json_writer& w, const Request& r, std::size_t row,
                          const submit_context& c, detail::field_gate& gate) const
{
    const auto& model = detail::kling_facts::models[row];
    constexpr bool from_image = requires { r.image; };
    gate.wants(!r.negative_prompt.empty(), false, "negative_prompt",
               "Kling's current API has none; say it in the prompt, or use kling_api::legacy");
    gate.wants(r.cfg_scale.has_value(), false, "cfg_scale",
               "Kling's current API has none; kling_api::legacy has it for Kling 3.0");
    gate.wants(r.seed.has_value(), false, "seed", "Kling takes no seed");
    if constexpr (from_image) {
        w.begin_array("contents").begin_object().member("type", "prompt").member("text", r.prompt);
        w.end_object().begin_object().member("type", "first_frame");
        w.member("url", detail::kling_facts::image_of(r.image)).end_object();
        if (gate.wants(!r.tail_image.empty(), model.third || model.mode == "pro", "tail_image",
                       "a last frame needs 1080p; kling-2.5-turbo-pro takes one")) {
            w.begin_object().member("type", "last_frame");
            w.member("url", detail::kling_facts::image_of(r.tail_image)).end_object();
        }
        w.end_array();
    } else {
        w.member("prompt", r.prompt);
    }
    w.begin_object("settings").member("resolution", model.resolution);
    if constexpr (!from_image) // the frame decides
        w.member("aspect_ratio", text_of(r.aspect_ratio));
    w.member("duration", static_cast<int>(r.duration.count()));
    // Silence is what 2.5 makes anyhow.
    if (gate.wants(r.audio && (*r.audio || model.third), model.third, "audio",
                   "Kling 2.5 makes no sound; kling-3.0-pro does"))
        w.member("audio", *r.audio ? "native" : "off");
    w.end_object();
    if (c.webhook_url.empty() && c.idempotency_key.empty() && !options_.watermark)
        return;
    w.begin_object("options");
    write_options(w, c);
    w.end_object();
}

/// 1.3. `duration` is a text here.
template <class Request>
void kling::write_legacy(wire::json_writer& w, const Request& r, std::size_t row,
                         const submit_context& c, detail::field_gate& gate) const
{
    const auto& model = detail::kling_facts::models[row];
    w.member("model_name", model.legacy_name);
    if constexpr (requires { r.image; }) {
        w.member("image", detail::kling_facts::image_of(r.image));
        if (gate.wants(!r.tail_image.empty(), model.third || model.mode == "pro", "tail_image",
                       "a last frame needs mode pro; kling-2.5-turbo-pro takes one"))
            w.member("image_tail", detail::kling_facts::image_of(r.tail_image));
    }
    w.member("prompt", r.prompt);
    if (!r.negative_prompt.empty())
        w.member("negative_prompt", r.negative_prompt);
    w.member("mode", model.mode);
    if constexpr (!requires { r.image; })
        w.member("aspect_ratio", text_of(r.aspect_ratio));
    w.member("duration", detail::to_text(r.duration.count()));
    if (gate.wants(r.cfg_scale.has_value(), model.third, "cfg_scale",
                   "Kling 2.x has none; kling-3.0-pro has"))
        w.member("cfg_scale", *r.cfg_scale);
    if (gate.wants(r.audio && (*r.audio || model.third), model.third, "audio",
                   "Kling 2.5 makes no sound; kling-3.0-pro does"))
        w.member("sound", *r.audio ? "on" : "off");
    gate.wants(r.seed.has_value(), false, "seed", "Kling takes no seed");
    write_options(w, c);
}

COKINO_DECL void kling::write_options(wire::json_writer& w, const submit_context& c) const
{
    if (!c.webhook_url.empty())
        w.member("callback_url", c.webhook_url);
    if (!c.idempotency_key.empty())
        w.member("external_task_id", c.idempotency_key);
    if (options_.watermark)
        w.begin_object("watermark_info").member("enabled", *options_.watermark).end_object();
}

COKINO_DECL result<encoded_submit> kling::encode(const raw_order& r, submit_context&& c) const
{
    if (auto sound = validate(r); !sound)
        return sound.error();
    if (auto fit = ready(); !fit)
        return fit.error();
    if (!c.webhook_url.empty() && !wire::url::parse(c.webhook_url))
        return invalid("webhook_url", "is no http(s) URL");
    std::string_view path = r.endpoint;
    if (path.starts_with('/'))
        path.remove_prefix(1);
    if (!detail::kling_facts::is_path(path))
        return invalid("endpoint", "is no path such as text-to-video/kling-2.6");
    const bool legacy = detail::kling_facts::is_legacy(path);
    if (pair_ && !legacy)
        return invalid("endpoint", "is one of the current generation, which takes no key pair",
                       errc::invalid_options);
    const std::shared_ptr<const job_route> route = access_.route(r.kind, path, path);
    auto head = access_.head_below(wire::method::post, "/" + route->endpoint);
    if (!head)
        return head.error();
    // What the library adds goes where the generation has it: beside the rest, or into "options",
    // whether the order has such a member or not.
    auto given = wire::json_document::parse(r.input, r.input.size());
    const bool inside = !legacy && given && (*given)["options"].is_object();
    std::string added;
    wire::json_writer w(added);
    w.begin_object();
    if (!legacy && !inside)
        w.begin_object("options");
    write_options(w, c);
    if (!legacy && !inside)
        w.end_object();
    w.end_object();
    encoded_submit out;
    out.request.body = detail::emptied(std::move(c.body_buffer));
    out.request.body = r.input;
    const bool nothing = added == "{}" || added == R"({"options":{}})";
    if (auto merged =
            detail::merge_extra(out.request.body, inside ? "options" : "", nothing ? "{}" : added);
        !merged || !given)
        return invalid("input", given ? "holds what the library sets itself: callback_url, "
                                        "external_task_id or watermark_info"
                                      : "is no JSON object");
    out.route = route;
    out.request.head = std::move(*head);
    return out;
}

} // namespace cokino
