// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The facade's construction, and who renews its dead links.
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

COKINO_DECL awaitable<result<asset>> client::renew(asset dead)
{
    return detail::read_link_again(core(), std::move(dead));
}

} // namespace cokino
