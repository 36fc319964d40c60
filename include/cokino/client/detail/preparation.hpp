// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What a submit needs before it can be written: the host's setup, once a client; start frames and
// clips that are files, bytes, or links the host cannot read, brought to it; and links that are
// about to die, renewed. All of it is free and safe to repeat: nothing here can buy anything.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/client/detail/client_core.hpp>
#include <cokino/client/detail/source_link.hpp>
#include <cokino/model/request.hpp>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace cokino::detail {

/// What was prepared, for the submit that follows.
struct preparation {
    preparation() {}
    std::vector<failure> warnings;
};

inline bool needs_bringing(const provider_traits& host, const media_source& image) noexcept
{
    return !image.is_link() ||
           (!host.media.takes_links && host.media.upload_bytes_max > 0 && !image.url.empty());
}

/// Whether the source has to be brought to the host, or its link to be renewed.
inline bool needs_care(const client_core& core, const media_source& source)
{
    return needs_bringing(core.host->traits(), source) ||
           judge_link(source, core.time->system_now()) != link_state::lives;
}

/// Whether a submit has to wait for something; nearly none has.
template <class Request> bool needs_preparation(const client_core& core, const Request& r)
{
    const provider_traits& host = core.host->traits();
    if (host.needs_setup && core.setup.empty())
        return true;
    if constexpr (std::is_same_v<Request, image_to_video>)
        return needs_care(core, r.image) || needs_care(core, r.tail_image);
    if constexpr (std::is_same_v<Request, video_upscale>)
        return !r.video.is_link() ||
               judge_link(r.video, core.time->system_now()) != link_state::lives;
    return false;
}

/// The host's setup, unless it is there already; of several submits that need it one makes it.
awaitable<result<void>> prepare_setup(std::shared_ptr<client_core> core);

/// Turns the frames of a request into links that the host can read: inline data, or the name under
/// which the host keeps an uploaded file. The same bytes are uploaded once, as long as the host
/// keeps them. A link that dies is renewed first; one that is dead is link_expired.
awaitable<result<preparation>> prepare_frames(std::shared_ptr<client_core> core,
                                              std::shared_ptr<image_to_video> request);

/// The same for the clip of an upscale: a file or bytes are uploaded, a link that dies is renewed.
/// A link that is dead is link_expired.
awaitable<result<preparation>> prepare_clip(std::shared_ptr<client_core> core,
                                            std::shared_ptr<video_upscale> request);

template <class Request>
awaitable<result<preparation>> prepare(std::shared_ptr<client_core> core,
                                       std::shared_ptr<Request> request)
{
    auto const ready = co_await prepare_setup(core);
    if (!ready)
        co_return ready.error();
    if constexpr (std::is_same_v<Request, image_to_video>) {
        auto frames = co_await prepare_frames(std::move(core), std::move(request));
        co_return frames;
    } else if constexpr (std::is_same_v<Request, video_upscale>) {
        auto clip = co_await prepare_clip(std::move(core), std::move(request));
        co_return clip;
    } else {
        co_return preparation();
    }
}

} // namespace cokino::detail
