// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The facade's construction, and how a dead link is renewed.
#pragma once

#include <cokino/client.hpp>

namespace cokino {

COKINO_DECL client::client(executor ex, std::shared_ptr<const provider> host,
                           const client_options& options)
    : job_client(ex, std::move(host),
                 options.transport ? options.transport
                                   : std::make_shared<net::http_transport>(ex, options.network),
                 options),
      downloads_(ex, *core()->net, this, options.downloads, options.watch),
      queue_(ex, downloads_, options.download_queue, options.watch)
{}

namespace detail {

COKINO_DECL awaitable<result<asset>> read_link_again(std::shared_ptr<client_core> core, asset dead)
{
    if (dead.from.empty()) {
        failure f{errc::link_expired, fate::answered};
        co_return f.explain("the asset does not remember its job, so its link cannot be renewed");
    }
    auto const seen = co_await look(core, dead.from, "renew");
    if (!seen)
        co_return seen.error();
    bool const there = seen->output && dead.index < seen->output->assets.size();
    if (!there || seen->output->assets[dead.index].url.empty()) {
        failure f{errc::link_expired, fate::answered};
        f.explain("the job was read again, but gives no such file any more");
        co_return core->with_job(std::move(f), "renew", dead.from.record());
    }
    asset fresh = seen->output->assets[dead.index];
    fresh.from = dead.from;
    fresh.index = dead.index;
    co_return fresh;
}

} // namespace detail

COKINO_DECL awaitable<result<asset>> client::renew(asset dead)
{
    return detail::read_link_again(core(), std::move(dead));
}

} // namespace cokino
