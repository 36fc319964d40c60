// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Shows: a job outlives the program. Its text holds all that is needed to find it again (host,
//      model, endpoint, id, and the name of the key's variable, never the key).
// Scenario: another process, version or month goes on with what was paid for.
// Run: 07_resume_a_job JOB [FILE]   with the text that 01_text_to_video printed, and its key.
//      Without JOB it buys a clip, writes the text to job.txt, forgets everything and starts anew
//      from that file: the only way with the fake host, whose jobs end with its process.
#include <cokino/cokino.hpp>

#include "support/host.hpp"
#include "support/progress_line.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <fstream>
#include <iostream>
#include <string>

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<void> buy(cokino::client& kling, std::string job_file)
{
    auto job = co_await kling.submit(cokino::text_to_video{"a tram climbs a steep street in fog"});
    std::ofstream(job_file) << job.text() << '\n';
}

asio::awaitable<void> go_on(cokino::client& kling, std::string text, std::string path)
{
    // value() throws cokino::error, as the verbs do: text that is no job, or one of another host.
    auto job = cokino::parse_job_as<cokino::video>(text).value();
    auto seen = co_await kling.status(job);
    std::cout << job.id() << " is " << name_of(seen.state) << '\n';
    auto video = co_await kling.wait_for(job, cokino::wait_options{.ceiling = 30min});
    auto file = co_await kling.download(video, path, cokino::download_options{.overwrite = true});
    std::cout << file.path << ": " << file.bytes << " bytes\n";
}

/// A process of its own, as far as cokino can tell: nothing is shared but the host.
void process(const example::host& host, auto body)
{
    asio::io_context io{1};
    cokino::client kling{io.get_executor(), host.provider, host.options};
    asio::co_spawn(io, body(kling), cokino::rethrow);
    io.run();
}

int main(int argc, char** argv)
try {
    example::host host(500ms);
    example::progress_line line;
    host.options.watch = line;
    std::string text = argc > 1 ? argv[1] : "";
    const std::string path = argc > 2 ? argv[2] : "tram.mp4";
    if (text.empty()) {
        process(host, [](cokino::client& kling) { return buy(kling, "job.txt"); });
        std::ifstream file("job.txt");
        std::getline(file, text);
    }
    process(host, [&](cokino::client& kling) { return go_on(kling, text, path); });
} catch (const std::exception& e) {
    std::cerr << "07_resume_a_job: " << e.what() << '\n';
    return 1;
}
