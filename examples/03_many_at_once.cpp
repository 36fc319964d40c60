// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Shows: for_each_limit. Many operations, so many at a time, each with an outcome of its own.
// Scenario: a hundred prompts. The host runs five jobs at a time, so five are under way; one that
//      is refused or fails does not disturb the others.
// Run: 03_many_at_once [COUNT]      COUNT is 100 with the fake host, and 2 where clips cost money.
#include <cokino/cokino.hpp>

#include "support/host.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace asio = boost::asio;

struct order {
    order(int n, std::string text) : number(n), prompt(std::move(text)) {}
    int number;
    std::string prompt;
};

asio::awaitable<std::string> one_clip(cokino::client& kling, order o)
{
    auto request = cokino::text_to_video{o.prompt};
    auto video = co_await kling.run(request);
    std::string path = "clips/" + std::to_string(o.number) + ".mp4";
    co_await kling.download(video, path, cokino::download_options{.overwrite = true});
    co_return path;
}

asio::awaitable<void> all_clips(cokino::client& kling, std::vector<order> orders)
{
    // A name of its own, and no coroutine: a closure written inside the co_await below would be
    // destroyed twice by g++ 12, so for_each_limit refuses it there.
    auto make = [&kling](const order& o) { return one_clip(kling, o); };
    auto ends = co_await cokino::for_each_limit(orders, 5, make);

    std::size_t good = 0;
    for (std::size_t i = 0; i < ends.size(); ++i) {
        if (ends[i])
            ++good;
        else
            std::cout << orders[i].number << ": " << ends[i].error().describe() << '\n';
    }
    std::cout << good << " of " << ends.size() << " clips stand in clips/\n";
}

int main(int argc, char** argv)
try {
    example::host host;
    if (host.fake)
        host.fake->script([](auto& script) { script.on_prompt("famous").content_refused(); });
    const int count = argc > 1 ? std::stoi(argv[1]) : host.fake ? 100 : 2;
    std::vector<order> orders;
    for (int n = 1; n <= count; ++n)
        orders.emplace_back(n, n % 40 == 0 ? "a famous singer dances" : "a paper boat on a river");

    std::filesystem::create_directories("clips");
    asio::io_context io{1};
    cokino::client kling{io.get_executor(), host.provider, host.options};
    asio::co_spawn(io, all_clips(kling, orders), cokino::rethrow);
    io.run();
} catch (const std::exception& e) {
    std::cerr << "03_many_at_once: " << e.what() << '\n';
    return 1;
}
