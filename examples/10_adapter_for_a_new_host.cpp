// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Shows an adapter for a host that the library does not know: four functions, in
// support/my_host.hpp. Scenario: the fake speaks the new host's API. Where names and paths are all
// that differs, rest_options (provider/rest.hpp) needs no code at all.
// Run: 10_adapter_for_a_new_host
#include <cokino/cokino.hpp>

#include "support/host.hpp"
#include "support/my_host.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>

boost::asio::awaitable<void> one_clip(cokino::client& client)
{
    cokino::text_to_video request("a paper boat drifts across a pond at dawn");
    auto job = co_await client.submit(request);
    auto video = co_await client.wait_for(job);
    auto file =
        co_await client.download(video, "boat.mp4", cokino::download_options{.overwrite = true});
    std::cout << file.path << ": " << file.bytes << " bytes\n";
}

int main()
{
    example::host host;
    if (!host.fake) {
        std::cout << "this one only knows the fake: unset FAL_KEY and REST_KEY\n";
        return 0;
    }
    cokino::api_key key("any-key", "MY_HOST_KEY");
    auto adapter = std::make_shared<my_host>(host.fake->url(), key);
    boost::asio::io_context io{1};
    cokino::client client{io.get_executor(), adapter, host.options};
    boost::asio::co_spawn(io, one_clip(client), cokino::rethrow);
    io.run();
}
