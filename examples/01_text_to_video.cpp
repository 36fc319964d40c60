// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Shows the main job: a typed request becomes a playable MP4 through submit, wait_for, download.
// Scenario: one clip of five seconds, for somebody who waits at a terminal and may press Ctrl-C.
// Run: 01_text_to_video [FILE]      FILE is neon.mp4 unless given; an old one is replaced.
//      Without a key a fake host answers, over TLS; see support/host.hpp. Ctrl-C: status 130, no
//      half file, and the text of the job that is paid for. COKINO_FAKE_SLOW=1 leaves time for it.
#include <cokino/cokino.hpp>

#include "support/host.hpp"
#include "support/progress_line.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <exception>
#include <iostream>
#include <string>

namespace asio = boost::asio;
using namespace std::literals;

asio::awaitable<void> neon_street(cokino::client& kling, std::string path)
{
    auto request = cokino::text_to_video{
        "a slow dolly shot across a rain-soaked neon street at night, cinematic"};
    request.negative_prompt = "blurry, warped faces, text, watermark";
    request.duration = 5s;
    request.aspect_ratio = cokino::aspect_ratio::landscape_16_9;
    request.cfg_scale = 0.5;

    const cokino::download_options anew{.overwrite = true};
    co_await kling.check_target(path, anew); // no directory, no room: before the clip is paid for
    auto job = co_await kling.submit(request);
    std::cout << "accepted: " << job.text() << std::endl;
    auto video = co_await kling.wait_for(job);
    auto file = co_await kling.download(video, path, anew);
    std::cout << file.path << ": " << file.duration / 1ms << " ms, " << file.width << 'x'
              << file.height << ", " << file.bytes << " bytes" << std::endl;
}

int main(int argc, char** argv)
{
    const std::string path = argc > 1 ? argv[1] : "neon.mp4";
    example::host host(1500ms);
    example::progress_line line;
    host.options.watch = line;
    asio::io_context io{1};
    cokino::client kling{io.get_executor(), host.provider, host.options};
    asio::cancellation_signal stop;
    asio::signal_set signals(io, SIGINT, SIGTERM);
    bool stopped = false;
    signals.async_wait([&](const boost::system::error_code& error, int) {
        stopped = !error;
        if (stopped)
            stop.emit(asio::cancellation_type::terminal);
    });

    std::exception_ptr failed;
    auto ended = [&](std::exception_ptr e) {
        failed = e;
        signals.cancel();
    };
    asio::co_spawn(io, neon_street(kling, path), asio::bind_cancellation_slot(stop.slot(), ended));
    io.run();

    line.clear();
    if (!failed)
        return 0;
    std::cerr << "01_text_to_video: " << cokino::failure_of(failed)->describe() << '\n';
    if (!line.job.empty())
        std::cerr << "go on with: 07_resume_a_job '" << line.job << "' " << path
                  << (host.fake ? " (with a real host: a fake's jobs end with it)\n" : "\n");
    return stopped ? 130 : 1;
}
