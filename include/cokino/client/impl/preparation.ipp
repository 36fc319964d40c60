// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Setup, start frames and clips. Whether and how a frame may travel is media_plan's decision,
// of a clip that of clip_source, and whether a link lives long enough source_link's; this carries
// them out.
#pragma once

#include <cokino/async/as_result.hpp>
#include <cokino/client/detail/clip_source.hpp>
#include <cokino/client/detail/media_plan.hpp>
#include <cokino/client/detail/preparation.hpp>
#include <cokino/client/detail/read_loop.hpp>
#include <cokino/client/detail/verbs.hpp>
#include <cokino/core/text.hpp>
#include <cokino/wire/image_probe.hpp>
#include <cokino/wire/signature.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>
#include <string>

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

/// A file of at most so many bytes. Read in one go: it is small, and on a local disk.
inline result<std::shared_ptr<const std::string>> read_whole(const std::string& path,
                                                             const char* field,
                                                             std::size_t bytes_max)
{
    const auto unreadable = [&](const std::string& why) {
        return invalid(field, "the file " + path + " cannot be read: " + why);
    };
    const auto system_words = [] {
        return error_code(errno, boost::system::generic_category()).message();
    };
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
    if (!in)
        return unreadable(system_words());
    if (std::fseek(in.get(), 0, SEEK_END) != 0)
        return unreadable(system_words());
    const long size = std::ftell(in.get());
    if (size < 0 || size == std::numeric_limits<long>::max()) // a folder "ends" there
        return unreadable("it is no file");
    if (static_cast<std::uint64_t>(size) > bytes_max)
        return unreadable(to_text(size) + " bytes; at most " + to_text(bytes_max));
    auto bytes = std::make_shared<std::string>(static_cast<std::size_t>(size), '\0');
    std::rewind(in.get());
    if (std::fread(bytes->data(), 1, bytes->size(), in.get()) != bytes->size())
        return unreadable("it ends early");
    return std::shared_ptr<const std::string>(std::move(bytes));
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
                                            media_plan plan)
{
    if (plan.how == media_route::send_inline)
        co_return "data:" + plan.content_type + ";base64," + wire::base64_encode(*bytes);
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
    auto bytes = image->bytes ? result<std::shared_ptr<const std::string>>(image->bytes)
                              : read_whole(image->file, field, limits::image_bytes_max);
    if (!bytes)
        co_return bytes.error();
    auto plan = plan_media(**bytes, core->host->traits(), field, *first);
    if (!plan)
        co_return plan.error();
    *first = plan->facts;
    for (failure& w : plan->warnings)
        out->warnings.push_back(std::move(w));
    auto link = co_await bring(std::move(core), std::move(*bytes), std::move(*plan));
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
    auto bytes = clip->bytes ? result<std::shared_ptr<const std::string>>(clip->bytes)
                             : read_whole(clip->file, "video", limits::clip_bytes_max);
    if (!bytes)
        co_return bytes.error();
    auto plan = plan_clip(**bytes, core->host->traits());
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
    clip->lines = static_cast<int>(std::min(plan->facts.width, plan->facts.height));
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
