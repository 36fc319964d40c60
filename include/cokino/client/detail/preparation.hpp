// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What a submit needs before it can be written: the host's setup, once a client; and start frames
// that are files, bytes, or links the host cannot read, brought to it. All of it is free and safe
// to repeat: nothing here can buy anything.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/client/detail/client_core.hpp>
#include <cokino/model/request.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cokino::detail {

/// What was prepared, for the submit that follows.
struct preparation {
    preparation() {}
    std::vector<failure> warnings;
};

inline bool needs_bringing(const provider_traits& host, const image_source& image) noexcept
{
    return !image.is_link() ||
           (!host.media.takes_links && host.media.upload_bytes_max > 0 && !image.url.empty());
}

/// Whether a submit has to wait for something; nearly none has.
template <class Request> bool needs_preparation(const client_core& core, const Request& r) noexcept
{
    const provider_traits& host = core.host->traits();
    if (host.needs_setup && core.setup.empty())
        return true;
    if constexpr (std::is_same_v<Request, image_to_video>)
        return needs_bringing(host, r.image) || needs_bringing(host, r.tail_image);
    return false;
}

/// The host's setup, unless it is there already; of several submits that need it one makes it.
awaitable<result<void>> prepare_setup(std::shared_ptr<client_core> core);

/// Turns the frames of a request into links that the host can read: inline data, or the name under
/// which the host keeps an uploaded file. The same bytes are uploaded once, as long as the host
/// keeps them.
awaitable<result<preparation>> prepare_frames(std::shared_ptr<client_core> core,
                                              std::shared_ptr<image_to_video> request);

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
    } else {
        co_return preparation();
    }
}

} // namespace cokino::detail
