// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Shows: the download manager. So many run at once, those whose links die first go first, and one
//      line says how fast all of it goes and how long it will take.
// Scenario: a night's clips are done, and each one's link dies at a time of its own.
// Run: 12_hundred_clips [COUNT]     COUNT is 100 with the fake host, and 2 where clips cost money.
#include <cokino/cokino.hpp>

#include "support/host.hpp"
#include "support/queue_line.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<void> keep(cokino::client& kling, cokino::video clip, int number,
                           std::vector<int>* home)
{
    const auto path = "waves/" + std::to_string(number) + ".mp4";
    co_await kling.downloads().download(clip, path, cokino::download_options{.overwrite = true});
    home->push_back(number);
}

asio::awaitable<void> night(cokino::client& kling, int count, bool fake)
{
    std::vector<int> numbers, home;
    for (int i = 1; i <= count; ++i)
        numbers.push_back(i);
    auto make = [&kling](int number) {
        return kling.run(cokino::text_to_video{"a wave breaks, take " + std::to_string(number)});
    };
    auto clips = co_await cokino::for_each_limit(std::move(numbers), 100, make);
    const auto now = cokino::time_of(kling.get_executor()).system_now();
    std::vector<asio::awaitable<void>> all;
    for (int i = 0; i < count; ++i) {
        auto& clip = clips[static_cast<std::size_t>(i)].value();
        if (fake) // its links live an hour each: let those of the last die first
            clip.file.expires_at = now + 10min + (count - i) * 1s;
        all.push_back(keep(kling, clip, i + 1, &home));
    }
    auto ended = co_await cokino::gather(std::move(all));
    for (auto& one : ended)
        one.value();
    std::cout << "they came home in this order:";
    for (int number : home)
        std::cout << ' ' << number;
}

int main(int argc, char** argv)
try {
    example::host host(150ms, 1'000'000);
    const int count = argc > 1 ? std::stoi(argv[1]) : host.fake ? 100 : 2;
    std::filesystem::create_directories("waves");
    example::queue_line line(count); // to stderr, if it is a terminal
    host.options.watch = line;
    host.options.download_queue.running_max = 8;

    asio::io_context io{1};
    cokino::client kling{io.get_executor(), host.provider, host.options};
    line.queue = &kling.downloads();
    asio::co_spawn(io, night(kling, count, host.fake != nullptr), cokino::rethrow);
    io.run();
    const auto end = kling.downloads().status();
    std::cout << '\n' << end.bytes << " bytes, " << end.started_late << " links too late\n";
    return end.started_late == 0 ? 0 : 1;
} catch (const std::exception& e) {
    std::cerr << "12_hundred_clips: " << e.what() << '\n';
    return 1;
}
