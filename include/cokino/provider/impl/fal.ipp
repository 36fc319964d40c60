// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// fal: requests to bytes; answers and files are in detail/fal_answers.ipp and fal_upload.ipp. What
// is known of fal stands in detail/fal_facts.hpp; the letters in comments are sections of
// providers/fal-replicate.md.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/provider/detail/body.hpp>
#include <cokino/provider/detail/fal_answers.ipp>
#include <cokino/provider/detail/fal_facts.hpp>
#include <cokino/provider/detail/fal_upload.ipp>
#include <cokino/provider/fal.hpp>
#include <cokino/wire/json_view.hpp>
#include <cokino/wire/json_writer.hpp>

#include <algorithm>
#include <type_traits>
#include <utility>

namespace cokino {

COKINO_DECL result<void> validate(const fal_options& o)
{
    if (o.start_timeout.count() != 0 && o.start_timeout <= detail::fal_facts::start_timeout_min)
        return invalid("start_timeout", "must be zero or more than 1 s", errc::invalid_options);
    if (o.media_lifetime.count() != 0 && o.media_lifetime < detail::fal_facts::media_life_min)
        return invalid("media_lifetime", "must be zero or at least 60 s", errc::invalid_options);
    if (o.priority != fal_priority::normal && o.priority != fal_priority::low)
        return invalid("priority", "is neither normal nor low", errc::invalid_options);
    return {};
}

COKINO_DECL fal::fal(api_key key, fal_options options)
    : options_(std::move(options)), access_(detail::fal_facts::access_to(options_.base_url, key)),
      storage_(detail::fal_facts::access_to(!options_.storage_url.empty() ? options_.storage_url
                                            : access_.base_url() == detail::fal_facts::queue_origin
                                                ? std::string(detail::fal_facts::rest_origin)
                                                : options_.base_url,
                                            std::move(key)))
{
    namespace facts = detail::fal_facts;
    static_assert(facts::endpoints.size() == endpoint_count);
    problem_ = access_.introduce(traits_, validate(options_));
    detail::take_facts(traits_, this->facts());
    // Nothing says that a 503 of the queue leaves no job behind, so none is taken for granted.
    traits_.result_lifetime =
        options_.media_lifetime.count() > 0 ? options_.media_lifetime : facts::media_life;
    if (auto stored = storage_.check(); !problem_ && !stored)
        problem_ =
            invalid("storage_url", "is no http(s) URL without a query", errc::invalid_options);
    for (std::size_t i = 0; i < endpoint_count && !problem_; ++i) {
        const facts::endpoint_row& row = facts::endpoints[i];
        prepared_[i].route = access_.route(row.kind, row.model, row.path);
        prepared_[i].head = access_.head_unless(problem_, wire::method::post,
                                                "/" + std::string(row.path), submit_fields());
    }
    announce_ = storage_.head_unless(problem_, wire::method::post, std::string(facts::upload_path));
}

COKINO_DECL const host_facts& fal::facts() const noexcept
{
    static constexpr host_facts known = detail::fal_facts::about_fal();
    return known;
}

COKINO_DECL detail::header_fields fal::submit_fields() const
{
    detail::header_fields out; // A2
    out.emplace_back("X-Fal-Queue-Priority",
                     options_.priority == fal_priority::low ? "low" : "normal");
    if (options_.start_timeout.count() > 0)
        out.emplace_back(
            "X-Fal-Request-Timeout",
            detail::to_text(static_cast<double>(options_.start_timeout.count()) / 1000));
    if (options_.media_lifetime.count() > 0)
        out.emplace_back("X-Fal-Object-Lifecycle-Preference",
                         "{\"expiration_duration_seconds\":" +
                             detail::to_text(options_.media_lifetime.count()) + "}");
    if (!options_.host_retries)
        out.emplace_back("X-Fal-No-Retry", "1");
    return out;
}

/// C1, C2, C5: text to video and image to video differ in frame and ratio only.
template <class Request>
result<encoded_submit> fal::encode_clip(const Request& r, submit_context& c) const
{
    namespace facts = detail::fal_facts;
    constexpr bool from_frame = std::is_same_v<Request, image_to_video>;
    if (auto sound = validate(r); !sound)
        return sound.error();
    const auto at = facts::endpoint_of(text_of(r.model), from_frame);
    if (!at) // every model takes a frame
        return access_.unsupported("model", "fal has no " + std::string(text_of(r.model)) +
                                                " from text alone; kling-2.5-turbo-pro is the "
                                                "nearest, or start from an image");
    const facts::endpoint_row& row = facts::endpoints[*at];
    detail::field_gate gate(access_, c.lenient);
    std::string body = detail::emptied(std::move(c.body_buffer));
    wire::json_writer w(body);
    w.begin_object().member("prompt", r.prompt);
    if constexpr (from_frame) {
        w.key(row.first_frame).value(r.image.url);
        if (gate.wants(!r.tail_image.empty(), !row.last_frame.empty(), "tail_image",
                       "kling-2.5-turbo-standard on fal takes no last frame; kling-2.5-turbo-pro "
                       "does"))
            w.key(row.last_frame).value(r.tail_image.url);
    }
    w.member("duration", detail::to_text(r.duration.count())); // a string
    if constexpr (!from_frame)
        w.member("aspect_ratio", text_of(r.aspect_ratio));
    if (gate.wants(!r.negative_prompt.empty(), row.guided, "negative_prompt",
                   "seedance-2.0 on fal takes none; say in the prompt what is to be seen"))
        w.member("negative_prompt", r.negative_prompt);
    if (gate.wants(r.cfg_scale.has_value(), row.guided, "cfg_scale",
                   "seedance-2.0 on fal takes none; the Kling models do"))
        w.member("cfg_scale", *r.cfg_scale);
    // Silence is what a model without sound makes anyway.
    const bool told = r.audio.has_value() && (*r.audio || row.sound);
    if (gate.wants(told, row.sound, "audio",
                   "kling-2.5-turbo on fal makes no sound; kling-3.0 and seedance-2.0 do"))
        w.member("generate_audio", *r.audio);
    if (gate.wants(r.seed.has_value(), row.seed, "seed",
                   "the Kling models on fal take none; seedance-2.0 does"))
        w.member("seed", *r.seed);
    w.end_object();
    if (auto whole = detail::end_body(w, gate, body, "", r.extra); !whole)
        return whole.error();
    auto out = submit(prepared_[*at], std::move(body), c);
    if (out) {
        out->orders_clip(r);
        out->warnings = gate.take_warnings();
    }
    return out;
}

COKINO_DECL result<encoded_submit> fal::encode(const text_to_video& r, submit_context&& c) const
{
    return encode_clip(r, c);
}

COKINO_DECL result<encoded_submit> fal::encode(const image_to_video& r, submit_context&& c) const
{
    return encode_clip(r, c);
}

COKINO_DECL result<encoded_submit> fal::encode(const text_to_image& r, submit_context&& c) const
{
    namespace facts = detail::fal_facts;
    if (auto sound = validate(r); !sound)
        return sound.error();
    const auto at = facts::endpoint_of(text_of(r.model), false);
    if (!at)
        return not_offered(text_of(r.model));
    const facts::endpoint_row& row = facts::endpoints[*at];
    detail::field_gate gate(access_, c.lenient);
    constexpr std::string_view sizes[] = {"landscape_16_9", "portrait_16_9", "square_hd"};
    std::string body = detail::emptied(std::move(c.body_buffer));
    wire::json_writer w(body);
    w.begin_object().member("prompt", r.prompt);
    if (r.width)
        w.begin_object("image_size")
            .member("width", *r.width)
            .member("height", *r.height)
            .end_object();
    else
        w.member("image_size", sizes[static_cast<std::size_t>(r.aspect_ratio)]);
    if (gate.wants(r.count != 1, row.several, "count",
                   "this model on fal makes one picture for each request; flux-1.1-pro makes "
                   "several"))
        w.member("num_images", r.count);
    if (gate.wants(r.seed.has_value(), row.seed, "seed",
                   "the Recraft models on fal take none; the FLUX models do"))
        w.member("seed", *r.seed);
    w.end_object();
    if (auto whole = detail::end_body(w, gate, body, "", r.extra); !whole)
        return whole.error();
    auto out = submit(prepared_[*at], std::move(body), c);
    if (out)
        out->warnings = gate.take_warnings();
    return out;
}

COKINO_DECL result<encoded_submit> fal::encode(const video_upscale& r, submit_context&& c) const
{
    namespace facts = detail::fal_facts;
    if (auto sound = validate(r); !sound)
        return sound.error();
    const auto at = facts::endpoint_of(text_of(r.model), true);
    if (!at)
        return access_.unsupported("model", "fal has no " + std::string(text_of(r.model)) +
                                                "; it has topaz and bytedance");
    const bool topaz = r.model == upscale_model::topaz;
    if (topaz && !r.factor)
        return access_.unsupported("resolution", "topaz on fal takes a factor, 1 to 4; bytedance "
                                                 "takes 1080p, 1440p and 4k");
    const std::string_view target =
        r.resolution ? facts::bytedance_resolution(*r.resolution) : std::string_view();
    if (!topaz && target.empty())
        return access_.unsupported(r.factor ? "factor" : "resolution",
                                   "bytedance on fal takes 1080p, 1440p and 4k; topaz takes a "
                                   "factor, 1 to 4");
    detail::field_gate gate(access_, c.lenient);
    std::string body = detail::emptied(std::move(c.body_buffer));
    wire::json_writer w(body);
    w.begin_object().member(facts::endpoints[*at].first_frame, r.video.url);
    const int fps = r.fps.value_or(0);
    if (topaz) {
        w.member("upscale_factor", *r.factor);
        if (gate.wants(fps != 0, fps >= facts::topaz_fps_min && fps <= facts::topaz_fps_max, "fps",
                       "topaz on fal makes 16 to 60 frames a second"))
            w.member("target_fps", fps);
    } else {
        w.member("target_resolution", target);
        if (gate.wants(fps != 0, fps == 30 || fps == 60, "fps",
                       "bytedance on fal makes 30 or 60 frames a second"))
            w.member("target_fps", detail::to_text(fps) + "fps");
        else if (fps == 0)
            gate.warn("fps", "bytedance on fal makes 30 frames a second unless it is told");
    }
    w.end_object();
    if (auto whole = detail::end_body(w, gate, body, "", r.extra); !whole)
        return whole.error();
    auto out = submit(prepared_[*at], std::move(body), c);
    if (out) {
        out->orders_clip(r);
        if (r.resolution == video_resolution::qhd_1440p) // what "2k" is was inferred
            out->lines = 0;
        out->warnings = gate.take_warnings();
    }
    return out;
}

COKINO_DECL result<encoded_submit> fal::encode(const raw_order& r, submit_context&& c) const
{
    if (auto sound = validate(r); !sound)
        return sound.error();
    if (problem_)
        return *problem_;
    if (!detail::fal_facts::is_endpoint(r.endpoint))
        return invalid("endpoint", "is no endpoint id of fal's: owner/app/path, of letters, "
                                   "digits, '-', '_' and '.'");
    auto json = wire::json_document::parse(r.input, limits::extra_json_bytes_max);
    if (!json || !json->root().is_object())
        return invalid("input", "is no JSON object");
    prepared to;
    to.route = access_.route(r.kind, r.endpoint, r.endpoint);
    auto head = access_.head_below(wire::method::post, "/" + r.endpoint, submit_fields());
    if (!head)
        return head.error();
    to.head = std::move(*head);
    std::string body = detail::emptied(std::move(c.body_buffer));
    body = r.input;
    return submit(to, std::move(body), c);
}

COKINO_DECL result<encoded_submit> fal::submit(const prepared& to, std::string&& body,
                                               const submit_context& c) const
{
    if (problem_)
        return *problem_;
    encoded_submit out;
    out.route = to.route;
    out.request.head = to.head;
    out.request.body = std::move(body);
    if (!c.webhook_url.empty()) { // A6: by the query, so the head is one of its own
        if (!wire::url::parse(c.webhook_url))
            return invalid("webhook_url", "is no http(s) URL");
        auto head = access_.head(wire::method::post,
                                 to.head->url().with_query("fal_webhook", c.webhook_url).text(),
                                 submit_fields());
        if (!head)
            return head.error();
        out.request.head = std::move(*head);
    }
    return out;
}

COKINO_DECL result<wire::request> fal::ask(const job_record& job, wire::method m,
                                           const std::string& given, std::string_view suffix,
                                           const detail::header_fields& extra) const
{
    if (problem_)
        return *problem_;
    if (auto ours = access_.own(job); !ours)
        return ours.error();
    const std::string_view app = detail::fal_facts::app_of(job.route->endpoint);
    if (app.empty())
        return invalid("job", "its endpoint is none of fal's", errc::invalid_job);
    auto head = options_.derive_links || given.empty()
                    ? access_.head_below(m, detail::fal_facts::path_of(job, app, suffix), extra)
                    : access_.head(m, given, extra);
    if (!head)
        return head.error();
    return wire::request(std::move(*head));
}

COKINO_DECL result<wire::request> fal::encode_status(const job_record& job) const
{
    return ask(job, wire::method::get, job.status_url,
               options_.logs ? "/status?logs=1" : "/status");
}

COKINO_DECL result<wire::request> fal::encode_result(const job_record& job) const
{
    return ask(job, wire::method::get, job.result_url, "");
}

COKINO_DECL result<wire::request> fal::encode_cancel(const job_record& job) const
{
    return ask(job, wire::method::put, job.cancel_url, "/cancel");
}

/// A3.1: below the status's own link, before its query.
COKINO_DECL result<wire::request> fal::encode_stream(const job_record& job) const
{
    constexpr std::string_view step = "/stream";
    std::string given = job.status_url;
    if (!given.empty())
        given.insert(std::min(given.find('?'), given.size()), step);
    detail::header_fields extra;
    extra.emplace_back("Accept", "text/event-stream");
    return ask(job, wire::method::get, given,
               options_.logs ? "/status/stream?logs=1" : "/status/stream", extra);
}

} // namespace cokino
