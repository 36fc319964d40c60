// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Shows: a download outlives its process. The bytes stand in FILE.part, and what they are in
//      FILE.part.state, safe every 8 MiB; the next download of the job into the file goes on there.
// Scenario: the kernel kills a worker in mid-download, and the next one goes on.
// Run: 13_resume_after_a_kill             buys a clip, starts the line below, kills it, goes on
//      13_resume_after_a_kill JOB FILE    downloads a job's clip and tells how many bytes it holds
#include <cokino/cokino.hpp>

#include "support/child.hpp"
#include "support/host.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <exception>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string>

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<std::string> buy(cokino::client& kling)
{
    auto job = co_await kling.submit(cokino::text_to_video{"a night train crosses a long bridge"});
    co_return job.text();
}

asio::awaitable<bool> fetch(cokino::client& kling, std::string job_text, std::string path)
{
    auto job = cokino::parse_job_as<cokino::video>(job_text).value();
    auto video = co_await kling.wait_for(job);
    auto file = co_await kling.download(video, path);
    std::cout << file.path << ": " << file.bytes << " bytes, of which " << file.resumed_from
              << " had come before the kill\n";
    co_return file.resumed_from != 0;
}

auto process(const example::host& host, auto body)
{
    asio::io_context io{1};
    cokino::client kling{io.get_executor(), host.provider, host.options};
    auto ended = asio::co_spawn(io, body(kling), asio::use_future);
    io.run();
    return ended.get();
}

int main(int argc, char** argv)
try {
    example::host host(150ms, 32'000'000);
    if (argc == 3) {
        example::teller to_parent;
        host.options.watch = to_parent;
        process(host, [&](cokino::client& kling) { return fetch(kling, argv[1], argv[2]); });
        return 0;
    }
    if (host.fake)
        host.fake->script([](auto& s) { s.on_every_job().body_slow(256'000, 10ms); });
    host.share();
    std::filesystem::remove("train.mp4");
    const std::string job = process(host, buy);
    example::child worker({job, "train.mp4"});
    std::string held = worker.line();
    while (!held.empty() && std::stoull(held) < 12'000'000)
        held = worker.line();
    if (held.empty())
        throw std::runtime_error("the download ended before it could be killed");
    worker.kill_now();
    std::cout << "killed when it held " << held << " bytes\n";
    auto go_on = [&](cokino::client& kling) { return fetch(kling, job, "train.mp4"); };
    return process(host, go_on) ? 0 : 1;
} catch (const std::exception& e) {
    std::cerr << "13_resume_after_a_kill: " << e.what() << '\n';
    return 1;
}
