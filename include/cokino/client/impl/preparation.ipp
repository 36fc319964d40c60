// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Setup, start frames and clips. Whether and how a frame may travel is media_plan's decision,
// of a clip that of clip_source, and whether a link lives long enough source_link's; this carries
// them out.
#pragma once

#include <cokino/async/as_result.hpp>
#include <cokino/async/offload.hpp>
#include <cokino/client/detail/clip_source.hpp>
#include <cokino/client/detail/media_plan.hpp>
#include <cokino/client/detail/preparation.hpp>
#include <cokino/client/detail/read_loop.hpp>
#include <cokino/client/detail/source_bytes.hpp>
#include <cokino/client/detail/verbs.hpp>
#include <cokino/core/text.hpp>
#include <cokino/wire/image_probe.hpp>
#include <cokino/wire/signature.hpp>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cokino::detail {

COKINO_DECL awaitable<result<void>> prepare_setup(std::shared_ptr<client_core> core)
{
    if (!core->host->traits().needs_setup || !core->setup.empty())
        co_return result<void>();
    auto turn = co_await as_result(core->setup_turn.acquire());
    if (!turn)
        co_return turn.error();
    if (!core->setup.empty())
        co_return result<void>();
    auto answer = co_await read_loop(core, core->fresh_host().encode_setup(), "setup",
                                     server_faults::repeated);
    if (!answer)
        co_return answer.error();
    auto made = core->host->decode_setup(*answer);
    if (!made)
        co_return made.error();
    core->setup = std::move(*made);
    co_return result<void>();
}

/// A picture that is ready to travel.
struct frame_cargo {
    frame_cargo() {}
    media_plan plan;
    std::string data_link; ///< Of one that goes inline.
};

inline result<frame_cargo> make_cargo(std::string_view bytes, const provider_traits& host,
                                      std::string_view field,
                                      const std::optional<wire::image_facts>& first)
{
    auto plan = plan_media(bytes, host, field, first);
    if (!plan)
        return plan.error();
    frame_cargo out;
    out.plan = std::move(*plan);
    if (out.plan.how == media_route::send_inline)
        out.data_link = "data:" + out.plan.content_type + ";base64," + wire::base64_encode(bytes);
    return out;
}

/// Judges a picture beside the loop, for the sake of its digest. Lifetimes: the traits are the
/// host's.
inline awaitable<result<frame_cargo>> load_frame(std::shared_ptr<client_core> core,
                                                 std::shared_ptr<const std::string> bytes,
                                                 std::string field,
                                                 std::optional<wire::image_facts> first)
{
    const provider_traits& host = core->host->traits();
    result<frame_cargo> cargo = failure(errc::internal_error);
    const std::function<void()> work = [&] { cargo = make_cargo(*bytes, host, field, first); };
    offload_guard guard; // goes before what the work uses
    co_await offload(work, guard);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
        co_return failure(errc::cancelled);
    co_return cargo;
}

/// The same for a clip.
inline awaitable<result<clip_plan>> load_clip(std::shared_ptr<client_core> core,
                                              std::shared_ptr<const std::string> bytes)
{
    const provider_traits& host = core->host->traits();
    result<clip_plan> plan = failure(errc::internal_error);
    const std::function<void()> work = [&] { plan = plan_clip(*bytes, host); };
    offload_guard guard;
    co_await offload(work, guard);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
        co_return failure(errc::cancelled);
    co_return plan;
}

/// Brings one file, or one link, to the host.
inline awaitable<result<std::string>> upload(std::shared_ptr<client_core> core, media_upload m)
{
    constexpr int steps_max = 8; // the longest known route has three
    while (m.url.empty() && m.step < steps_max) {
        auto answer = co_await read_loop(core, core->fresh_host().encode_upload(m), "upload",
                                         server_faults::repeated);
        if (!answer)
            co_return answer.error();
        auto const understood = core->host->decode_upload(m, *answer);
        if (!understood)
            co_return understood.error();
        ++m.step;
    }
    if (m.url.empty())
        co_return failure(errc::internal_error).explain("the upload did not come to an end");
    co_return std::move(m.url);
}

/// One file, unless the host has it already. Lifetimes: what m refers to outlives this.
inline awaitable<result<std::string>> upload_once(std::shared_ptr<client_core> core,
                                                  std::string digest, media_upload m)
{
    auto const known = core->uploads.find(digest, core->time->now());
    if (!known.empty())
        co_return std::string(known);
    auto url = co_await upload(core, std::move(m));
    if (url)
        core->uploads.keep(std::move(digest), *url,
                           later(core->time->now(), core->host->traits().media.upload_lifetime));
    co_return url;
}

/// One frame. Cost: its bytes are copied once to be sent, and a third more for inline data.
inline awaitable<result<std::string>> bring(std::shared_ptr<client_core> core,
                                            std::shared_ptr<const std::string> bytes,
                                            frame_cargo cargo)
{
    media_plan& plan = cargo.plan;
    if (plan.how == media_route::send_inline)
        co_return std::move(cargo.data_link);
    media_upload m;
    m.bytes = *bytes;
    m.content_type = plan.content_type;
    m.file_name = plan.file_name;
    auto url = co_await upload_once(std::move(core), std::move(plan.digest), std::move(m));
    co_return url;
}

inline awaitable<result<std::string>> bring_link(std::shared_ptr<client_core> core,
                                                 std::string link)
{
    media_upload m;
    m.link = link;
    auto url = co_await upload_once(std::move(core), "link " + link, std::move(m));
    co_return url;
}

/// A link that is dying or dead, renewed where its job is this client's; what is to be said of it
/// then is added to the warnings, or is the failure. Lifetimes: the source and what is prepared
/// stand in the awaiting frame.
inline awaitable<result<void>> renew_link(std::shared_ptr<client_core> core, media_source* source,
                                          const char* field, preparation* out)
{
    if (judge_link(*source, core->time->system_now()) == link_state::lives)
        co_return result<void>();
    std::optional<failure> why_not;
    if (source->made.from && source->made.url == source->url) {
        auto fresh = co_await read_link_again(core, source->made);
        if (fresh) {
            source->url = fresh->url;
            source->made = std::move(*fresh);
        } else if (fresh.error() == errc::cancelled) {
            co_return fresh.error();
        } else {
            why_not = fresh.error();
        }
    }
    auto const now = core->time->system_now();
    auto const state = judge_link(*source, now);
    if (state == link_state::dead)
        co_return short_lived(*source, field, now, why_not);
    if (state == link_state::dying)
        out->warnings.push_back(short_lived(*source, field, now, why_not));
    co_return result<void>();
}

inline failure of_field(failure f, const char* field)
{
    if (f.facts().field.empty())
        f.edit().field = field;
    return f;
}

/// One frame, as the link that the host is to be told. `first` is the other frame's facts, which
/// this one is compared with, or becomes these.
inline awaitable<result<std::string>> prepare_frame(std::shared_ptr<client_core> core,
                                                    image_source* image, const char* field,
                                                    std::optional<wire::image_facts>* first,
                                                    preparation* out)
{
    if (image->is_link()) {
        auto const lives = co_await renew_link(core, image, field, out);
        if (!lives)
            co_return lives.error();
        if (image->url.starts_with("data:") || !needs_bringing(core->host->traits(), *image))
            co_return image->url;
        auto link = co_await bring_link(std::move(core), image->url);
        co_return link;
    }
    auto bytes = co_await read_source(image->file, image->bytes, field, limits::image_bytes_max);
    if (!bytes)
        co_return bytes.error();
    auto cargo = co_await load_frame(core, *bytes, field, *first);
    if (!cargo)
        co_return cargo.error();
    *first = cargo->plan.facts;
    for (failure& w : cargo->plan.warnings)
        out->warnings.push_back(std::move(w));
    auto link = co_await bring(std::move(core), std::move(*bytes), std::move(*cargo));
    co_return link;
}

COKINO_DECL awaitable<result<preparation>> prepare_frames(std::shared_ptr<client_core> core,
                                                          std::shared_ptr<image_to_video> request)
{
    preparation out;
    std::optional<wire::image_facts> first;
    for (const bool tail : {false, true}) {
        image_source& image = tail ? request->tail_image : request->image;
        const char* const field = tail ? "tail_image" : "image";
        if (!needs_care(*core, image))
            continue;
        auto link = co_await prepare_frame(core, &image, field, &first, &out);
        if (!link)
            co_return of_field(link.error(), field);
        image = image_source(std::move(*link));
    }
    co_return out;
}

/// Whether the host would take the request at all, its clip aside: to find that out behind an
/// upload of minutes is late.
inline result<void> would_take(const client_core& core, const video_upscale& request)
{
    video_upscale trial = request;
    if (!trial.video.is_link())
        trial.video = video_source("https://clip.invalid/");
    submit_context context;
    context.lenient = true; // what may be left out is told by the submit itself
    context.setup = core.setup;
    auto const encoded = core.fresh_host().encode(trial, std::move(context));
    return encoded ? result<void>() : result<void>(encoded.error());
}

/// A clip that is a file or bytes.
inline awaitable<result<void>> upload_clip(std::shared_ptr<client_core> core, video_source* clip)
{
    auto bytes = co_await read_source(clip->file, clip->bytes, "video", limits::clip_bytes_max);
    if (!bytes)
        co_return bytes.error();
    auto plan = co_await load_clip(core, *bytes);
    if (!plan)
        co_return plan.error();
    media_upload m;
    m.bytes = **bytes;
    m.content_type = "video/mp4";
    m.file_name = plan->file_name;
    auto link = co_await upload_once(core, std::move(plan->digest), std::move(m));
    if (!link)
        co_return link.error();
    clip->url = std::move(*link);
    clip->file.clear();
    clip->bytes.reset();
    clip->lines = static_cast<int>(std::min(plan->facts.coded_width, plan->facts.coded_height));
    co_return result<void>();
}

COKINO_DECL awaitable<result<preparation>> prepare_clip(std::shared_ptr<client_core> core,
                                                        std::shared_ptr<video_upscale> request)
{
    preparation out;
    if (auto const taken = would_take(*core, *request); !taken)
        co_return taken.error();
    result<void> ready;
    if (request->video.is_link())
        ready = co_await renew_link(std::move(core), &request->video, "video", &out);
    else
        ready = co_await upload_clip(std::move(core), &request->video);
    if (!ready)
        co_return of_field(ready.error(), "video");
    co_return out;
}

} // namespace cokino::detail
