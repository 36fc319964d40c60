// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What a dialect does not offer unless it says otherwise.
#pragma once

#include <cokino/provider/provider.hpp>

#include <algorithm>
#include <cmath>

namespace cokino {

COKINO_DECL void encoded_submit::orders_clip(const video_upscale& r)
{
    duration_s = r.video.duration_s;
    if (!r.extra.empty())
        return;
    for (const auto ratio : {cokino::aspect_ratio::landscape_16_9,
                             cokino::aspect_ratio::portrait_9_16, cokino::aspect_ratio::square_1_1})
        if (text_of(ratio) == r.video.aspect_ratio)
            aspect_ratio = text_of(ratio);
    if (r.factor)
        lines = std::min(static_cast<int>(std::lround(*r.factor * r.video.lines)),
                         lines_of(video_resolution::uhd_4k));
    else if (r.resolution && aspect_ratio == text_of(cokino::aspect_ratio::landscape_16_9))
        lines = lines_of(*r.resolution);
}

COKINO_DECL failure provider::not_offered(std::string_view request) const
{
    failure f =
        invalid("model", "this host takes no " + std::string(request), errc::unsupported_field);
    f.edit().host = traits().name;
    return f;
}

COKINO_DECL result<encoded_submit> provider::encode(const text_to_video&, submit_context&&) const
{
    return not_offered("text_to_video");
}

COKINO_DECL result<encoded_submit> provider::encode(const image_to_video&, submit_context&&) const
{
    return not_offered("image_to_video");
}

COKINO_DECL result<encoded_submit> provider::encode(const text_to_image&, submit_context&&) const
{
    return not_offered("text_to_image");
}

COKINO_DECL result<encoded_submit> provider::encode(const video_upscale&, submit_context&&) const
{
    return not_offered("video_upscale");
}

COKINO_DECL result<encoded_submit> provider::encode(const raw_order&, submit_context&&) const
{
    return not_offered("raw_request");
}

COKINO_DECL const host_facts& provider::facts() const noexcept
{
    static constexpr host_facts unknown;
    return unknown;
}

/// Asked for what traits() does not offer: the caller's bug.
COKINO_DECL failure provider::no_such_step(std::string_view step) const
{
    failure f(errc::internal_error);
    f.explain("this host has no " + std::string(step));
    f.edit().host = traits().name;
    return f;
}

COKINO_DECL result<wire::request> provider::encode_setup() const { return no_such_step("setup"); }

COKINO_DECL result<std::string> provider::decode_setup(const wire::response&) const
{
    return no_such_step("setup");
}

COKINO_DECL result<wire::request> provider::encode_upload(const media_upload&) const
{
    return no_such_step("upload route");
}

COKINO_DECL result<void> provider::decode_upload(media_upload&, const wire::response&) const
{
    return no_such_step("upload route");
}

COKINO_DECL result<wire::request> provider::encode_find(const job_route&, std::string_view) const
{
    return no_such_step("look-up by our own id");
}

COKINO_DECL result<void> provider::decode_find(const wire::response&, std::string_view,
                                               job_record&) const
{
    return no_such_step("look-up by our own id");
}

COKINO_DECL bool provider::batches(const job_record&, const job_record&) const { return false; }

COKINO_DECL result<wire::request> provider::encode_status_batch(
    std::span<const job_record* const>) const
{
    return no_such_step("batch status");
}

COKINO_DECL result<std::vector<std::optional<job_status>>> provider::decode_status_batch(
    std::span<const job_record* const>, const wire::response&) const
{
    return no_such_step("batch status");
}

COKINO_DECL result<wire::request> provider::encode_stream(const job_record&) const
{
    return no_such_step("event stream");
}

COKINO_DECL result<job_status> provider::decode_stream(const job_record&, std::string_view) const
{
    return no_such_step("event stream");
}

COKINO_DECL result<webhook_note> provider::read_webhook(std::string_view) const
{
    return no_such_step("webhook");
}

COKINO_DECL result<wire::request> provider::encode_result(const job_record&) const
{
    return no_such_step("result apart from its status");
}

COKINO_DECL result<job_status> provider::decode_result(const job_record& job,
                                                       const wire::response& answer) const
{
    return decode_status(job, answer);
}

COKINO_DECL result<wire::request> provider::encode_cancel(const job_record&) const
{
    failure f(errc::unsupported_field);
    f.explain("this host has no way to cancel a job", "cancel");
    f.edit().host = traits().name;
    return f;
}

COKINO_DECL result<cancel_outcome> provider::decode_cancel(const job_record&,
                                                           const wire::response&) const
{
    return cancel_outcome::not_supported;
}

} // namespace cokino
