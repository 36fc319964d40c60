// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Shows that the same coroutine runs against every host: changing it changes one line.
// Scenario: prices have moved, and the job goes elsewhere.
// Run: 08_any_host [--host NAME]...      fal kie kling piapi pollo replicate wireflow; all of them
//      unless named. Without a key in the environment the fake speaks the host's dialect.
#include <cokino/cokino.hpp>

#include "support/any_host.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace asio = boost::asio;

/// Ten lines, and no host in them.
asio::awaitable<void> one_clip(cokino::client& client, std::string path)
{
    auto request = cokino::text_to_video{"a paper boat drifts across a pond at dawn"};
    request.duration = std::chrono::seconds(5);
    request.aspect_ratio = cokino::aspect_ratio::landscape_16_9;

    auto job = co_await client.submit(request);
    auto video = co_await client.wait_for(job);
    auto file = co_await client.download(video, path, cokino::download_options{.overwrite = true});
    std::cout << client.host().traits().name << ": " << file.path << ", " << file.bytes
              << " bytes, " << file.width << 'x' << file.height << '\n';
}

int main(int argc, char** argv)
{
    std::vector<std::string> names;
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc || std::string_view(argv[i]) != "--host" ||
            !example::hosts().contains(argv[i + 1])) {
            std::cerr << "08_any_host [--host fal|kie|kling|piapi|pollo|replicate|wireflow]...\n";
            return 2;
        }
        names.emplace_back(argv[i + 1]);
    }
    if (names.empty())
        for (const auto& [name, make] : example::hosts())
            names.push_back(name);

    int failed = 0;
    for (const std::string& name : names) {
        const auto host = example::choose(name);
        asio::io_context io{1};
        cokino::client client{io.get_executor(), host->provider, host->options};
        asio::co_spawn(io, one_clip(client, name + ".mp4"), [&](const std::exception_ptr& e) {
            if (e && ++failed)
                std::cerr << name << ": " << cokino::failure_of(e)->describe() << '\n';
        });
        io.run();
    }
    return failed == 0 ? 0 : 1;
}
