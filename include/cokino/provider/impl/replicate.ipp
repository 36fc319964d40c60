// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Replicate: requests to bytes; answers are in detail/replicate_answers.ipp. What is known of it
// stands in detail/replicate_facts.hpp; letters in comments are sections of
// providers/fal-replicate.md.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/provider/detail/replicate_answers.ipp>
#include <cokino/provider/detail/replicate_facts.hpp>
#include <cokino/provider/replicate.hpp>
#include <cokino/wire/json_reader.hpp>
#include <cokino/wire/json_view.hpp>
#include <cokino/wire/json_writer.hpp>

#include <utility>

namespace cokino {

COKINO_DECL result<void> validate(const replicate_options& o)
{
    namespace facts = detail::replicate_facts;
    if (o.cancel_after.count() != 0 &&
        (o.cancel_after < facts::cancel_after_min || o.cancel_after > facts::cancel_after_max))
        return invalid("cancel_after", "must be zero or 5 s to 24 h", errc::invalid_options);
    if (o.still > replicate_still::webp)
        return invalid("still", "is none of png, jpg, webp", errc::invalid_options);
    return {};
}

COKINO_DECL replicate::replicate(api_key key, replicate_options options)
    : options_(std::move(options)),
      access_(detail::bearer_setup("replicate", options_.base_url, std::move(key))) // B1 [C+D]
{
    namespace facts = detail::replicate_facts;
    static_assert(facts::endpoints.size() == endpoint_count);
    problem_ = access_.introduce(traits_, validate(options_));
    detail::take_facts(traits_, this->facts());
    for (std::size_t i = 0; i < endpoint_count && !problem_; ++i) {
        const facts::endpoint_row& row = facts::endpoints[i];
        prepared_[i].route = access_.route(row.kind, row.model, row.path);
        prepared_[i].head = access_.head_unless(problem_, wire::method::post,
                                                "/models/" + std::string(row.path) + "/predictions",
                                                submit_fields());
    }
}

COKINO_DECL const host_facts& replicate::facts() const noexcept
{
    static constexpr host_facts known = detail::replicate_facts::about();
    return known;
}

COKINO_DECL detail::header_fields replicate::submit_fields() const
{
    detail::header_fields out; // B2 [D]
    if (options_.cancel_after.count() > 0)
        out.emplace_back("Cancel-After", detail::to_text(options_.cancel_after.count()) + "s");
    return out;
}

namespace detail {

/// Ends the body that a submit has begun: {"input":{...} is still open, or raw JSON was given.
inline result<void> end_replicate_body(wire::json_writer& w, std::string_view webhook_url)
{
    if (!webhook_url.empty()) { // B6: the other events tell nothing that is waited for
        if (!wire::url::parse(webhook_url))
            return invalid("webhook_url", "is no http(s) URL");
        w.member("webhook", webhook_url);
        w.begin_array("webhook_events_filter").value("completed").end_array();
    }
    w.end_object();
    return w.finish();
}

} // namespace detail

/// text_to_video and image_to_video: one model each, which the frame switches.
template <class Request>
result<encoded_submit> replicate::clip(const Request& r, submit_context&& c) const
{
    namespace facts = detail::replicate_facts;
    if (auto sound = validate(r); !sound)
        return sound.error();
    const auto at = facts::endpoint_of(text_of(r.model));
    if (!at)
        return access_.unsupported("model", "replicate has no " + std::string(text_of(r.model)) +
                                                "; kling-2.5-turbo-pro is the nearest");
    const facts::endpoint_row& row = facts::endpoints[*at];
    detail::field_gate gate(access_, c.lenient);
    std::string body = detail::emptied(std::move(c.body_buffer));
    wire::json_writer w(body);
    w.begin_object().begin_object("input").member("prompt", r.prompt);
    if constexpr (requires { r.image; }) {
        w.member(row.first_frame, r.image.url);
        if (!r.tail_image.empty())
            w.member(row.last_frame, r.tail_image.url);
    } else {
        w.member("aspect_ratio", text_of(r.aspect_ratio));
    }
    w.member("duration", static_cast<int>(r.duration.count()));
    if (!row.mode.empty())
        w.member("mode", row.mode);
    if (gate.wants(!r.negative_prompt.empty(), row.negative, "negative_prompt",
                   "this model takes none; say in the prompt what is wanted instead"))
        w.member("negative_prompt", r.negative_prompt);
    gate.wants(r.cfg_scale.has_value(), false, "cfg_scale",
               "replicate's models take none; fal's Kling does");
    if (gate.wants(r.audio.has_value(), row.sound, "audio",
                   "this model makes no sound; kling-3.0 and seedance-2.0 do"))
        w.member("generate_audio", *r.audio);
    if (gate.wants(r.seed.has_value(), row.seed, "seed",
                   "this model takes none; seedance-2.0 does"))
        w.member("seed", *r.seed);
    w.end_object();
    if (auto written = detail::end_replicate_body(w, c.webhook_url); !written)
        return written.error();
    if constexpr (requires { r.image; })
        if (auto able = comes_back("image", body); !able)
            return able.error();
    auto out = finish(prepared_[*at], std::move(body), r.extra, gate);
    if (out)
        out->orders_clip(r);
    return out;
}

/// B2: each answer repeats the input. One that is too long to be read would hide the id of a
/// prediction that was bought, and later its end.
COKINO_DECL result<void> replicate::comes_back(const char* field, std::string_view body) const
{
    if (body.size() <= detail::replicate_facts::submit_bytes_max)
        return {};
    return access_.unsupported(field, "replicate repeats what it is sent in each answer, so that "
                                      "more than 768 KiB cannot be sent inline; give a picture as "
                                      "a file or as bytes, and it is uploaded");
}

COKINO_DECL result<encoded_submit> replicate::encode(const text_to_video& r,
                                                     submit_context&& c) const
{
    return clip(r, std::move(c));
}

COKINO_DECL result<encoded_submit> replicate::encode(const image_to_video& r,
                                                     submit_context&& c) const
{
    return clip(r, std::move(c));
}

COKINO_DECL result<encoded_submit> replicate::encode(const text_to_image& r,
                                                     submit_context&& c) const
{
    namespace facts = detail::replicate_facts;
    if (auto sound = validate(r); !sound)
        return sound.error();
    const auto at = facts::endpoint_of(text_of(r.model));
    if (!at)
        return access_.unsupported("model", "replicate has no such model here");
    const facts::endpoint_row& row = facts::endpoints[*at];
    detail::field_gate gate(access_, c.lenient);
    gate.wants(r.count != 1, false, "count",
               "replicate makes one picture for each request; submit it several times");
    std::string body = detail::emptied(std::move(c.body_buffer));
    wire::json_writer w(body);
    w.begin_object().begin_object("input").member("prompt", r.prompt);
    const auto fits = [&](int side) {
        return side >= row.side_min && side <= row.side_max && side % row.side_step == 0;
    };
    const bool free_size = row.side_step != 0;
    if (gate.wants(r.width.has_value(), !free_size || (fits(*r.width) && fits(*r.height)), "width",
                   "both sides must be multiples of " + detail::to_text(row.side_step) + " from " +
                       detail::to_text(row.side_min) + " to " + detail::to_text(row.side_max))) {
        if (free_size) // C3 [C]
            w.member("aspect_ratio", "custom")
                .member("width", *r.width)
                .member("height", *r.height);
        else // C4
            w.member("size", detail::to_text(*r.width) + "x" + detail::to_text(*r.height));
    } else {
        w.member("aspect_ratio", text_of(r.aspect_ratio));
    }
    if (gate.wants(r.seed.has_value(), row.seed, "seed", "recraft takes none; flux-2-pro does"))
        w.member("seed", *r.seed);
    if (free_size) {
        constexpr std::string_view formats[] = {"png", "jpg", "webp"};
        w.member("output_format", formats[static_cast<std::size_t>(options_.still)]);
    }
    w.end_object();
    if (auto written = detail::end_replicate_body(w, c.webhook_url); !written)
        return written.error();
    return finish(prepared_[*at], std::move(body), r.extra, gate);
}

COKINO_DECL result<encoded_submit> replicate::encode(const video_upscale& r,
                                                     submit_context&& c) const
{
    namespace facts = detail::replicate_facts;
    if (auto sound = validate(r); !sound)
        return sound.error();
    const auto at = facts::endpoint_of(text_of(r.model));
    if (!at)
        return access_.unsupported("model", "replicate has no " + std::string(text_of(r.model)) +
                                                " that this version knows; it has topaz");
    const std::string_view target =
        r.resolution ? facts::topaz_resolution(*r.resolution) : std::string_view();
    if (target.empty())
        return access_.unsupported(r.factor ? "factor" : "resolution",
                                   "topaz on replicate takes a resolution: 720p, 1080p or 4k");
    detail::field_gate gate(access_, c.lenient);
    std::string body = detail::emptied(std::move(c.body_buffer));
    wire::json_writer w(body);
    w.begin_object().begin_object("input").member(facts::endpoints[*at].first_frame, r.video.url);
    w.member("target_resolution", target);
    if (r.fps) // any that validate() passes
        w.member("target_fps", *r.fps);
    else
        gate.warn("fps", "topaz on replicate makes 60 frames a second unless it is told, or 30, by "
                         "its version");
    w.end_object();
    if (auto written = detail::end_replicate_body(w, c.webhook_url); !written)
        return written.error();
    auto out = finish(prepared_[*at], std::move(body), r.extra, gate);
    if (out)
        out->orders_clip(r);
    return out;
}

COKINO_DECL result<encoded_submit> replicate::finish(const prepared& to, std::string&& body,
                                                     std::string_view extra,
                                                     detail::field_gate& gate) const
{
    if (problem_)
        return *problem_;
    if (gate.refusal())
        return *gate.refusal();
    if (auto merged = detail::merge_extra(body, "input", extra); !merged)
        return merged.error();
    if (auto able = comes_back("extra", body); !able)
        return able.error();
    encoded_submit out;
    out.route = to.route;
    out.request.head = to.head;
    out.request.body = std::move(body);
    out.warnings = gate.take_warnings();
    return out;
}

/// B2: which of the three routes a raw order goes to; `version` is set when the body must name one.
COKINO_DECL result<replicate::prepared> replicate::raw_endpoint(const raw_order& r,
                                                                std::string& version) const
{
    int slashes = 0, colons = 0;
    for (const char ch : r.endpoint) {
        slashes += ch == '/' ? 1 : 0;
        colons += ch == ':' ? 1 : 0;
        const char low = detail::to_lower(ch);
        if (!(low >= 'a' && low <= 'z') && !detail::is_digit(ch) &&
            std::string_view("/:-_.").find(ch) == std::string_view::npos)
            slashes = 9;
    }
    for (const std::string_view odd : {"//", "..", "/./", ":/", "/:"})
        if (r.endpoint.find(odd) != std::string::npos)
            slashes = 9;
    for (const char edge : {r.endpoint.front(), r.endpoint.back()})
        slashes = edge == '/' || edge == ':' || edge == '.' ? 9 : slashes;
    std::string path;
    if (slashes == 2 && colons == 0 && r.endpoint.starts_with("deployments/"))
        path = "/" + r.endpoint + "/predictions";
    else if (slashes == 1 && colons == 0)
        path = "/models/" + r.endpoint + "/predictions";
    else if ((slashes == 1 && colons == 1) ||
             (slashes == 0 && colons == 0 && r.endpoint.size() == 64))
        path = "/predictions", version = r.endpoint;
    else
        return invalid("endpoint", "must be owner/name, owner/name:version, a version of 64 "
                                   "digits, or deployments/owner/name");
    prepared out;
    out.route = access_.route(r.kind, r.endpoint, r.endpoint);
    auto head = access_.head_below(wire::method::post, path, submit_fields());
    if (!head)
        return head.error();
    out.head = std::move(*head);
    return out;
}

COKINO_DECL result<encoded_submit> replicate::encode(const raw_order& r, submit_context&& c) const
{
    if (auto sound = validate(r); !sound)
        return sound.error();
    std::string version;
    auto to = raw_endpoint(r, version);
    if (!to)
        return to.error();
    if (!wire::json_document::parse(r.input, limits::extra_json_bytes_max))
        return invalid("input", "is no JSON object");
    std::string body = detail::emptied(std::move(c.body_buffer));
    wire::json_writer w(body);
    w.begin_object();
    if (!version.empty())
        w.member("version", version);
    w.raw_member("input", r.input);
    if (auto written = detail::end_replicate_body(w, c.webhook_url); !written)
        return written.error();
    if (auto able = comes_back("input", body); !able)
        return able.error();
    detail::field_gate gate(access_, c.lenient);
    return finish(*to, std::move(body), {}, gate);
}

// B9 [C+D]: one part, named `content`. The link that comes back works at Replicate only.
COKINO_DECL result<wire::request> replicate::encode_upload(const media_upload& m) const
{
    if (problem_)
        return *problem_;
    std::string mark = "cokino-frame-0";
    for (int i = 1; m.bytes.find(mark) != std::string_view::npos; ++i)
        mark = "cokino-frame-" + detail::to_text(i);
    detail::header_fields fields;
    fields.emplace_back("Content-Type", "multipart/form-data; boundary=" + mark);
    auto head = access_.head_below(wire::method::post, "/files", fields);
    if (!head)
        return head.error();
    std::string body;
    body.reserve(m.bytes.size() + 256);
    body.append("--").append(mark);
    body.append("\r\nContent-Disposition: form-data; name=\"content\"; filename=\"");
    body.append(m.file_name).append("\"\r\nContent-Type: ").append(m.content_type);
    body.append("\r\n\r\n").append(m.bytes).append("\r\n--").append(mark).append("--\r\n");
    return wire::request(std::move(*head), std::move(body));
}

COKINO_DECL result<void> replicate::decode_upload(media_upload& m,
                                                  const wire::response& answer) const
{
    if (!answer.ok())
        return refused("upload", answer);
    static constexpr wire::json_path link_path("urls.get");
    std::string link;
    wire::json_fields wanted;
    wanted.need_string(link_path, link);
    if (auto read = wanted.read(answer.body()); !read)
        return access_.complete(read.error(), "upload", answer);
    if (!detail::is_result_link(link, access_.base_url()))
        return access_.refusal(errc::answer_malformed, "upload", answer);
    m.url = std::move(link);
    return {};
}

} // namespace cokino
