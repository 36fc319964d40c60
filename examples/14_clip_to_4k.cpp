// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Shows: a clip, and the same clip larger. The upscaler fetches the clip from the link that the
//      first job gave, so nothing is downloaded between the two.
// Scenario: Kling makes ten seconds at 1080p, Topaz doubles its lines, which is 4k.
// Run: 14_clip_to_4k [FILE]      Needs Kling and Topaz at one host: fal, or the fake.
#include <cokino/cokino.hpp>

#include "support/host.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <iostream>
#include <string>

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<void> clip_to_4k(cokino::client& fal, std::string path)
{
    auto request = cokino::text_to_video{"fog lifts off a mountain lake at dawn, slow crane shot"};
    request.duration = 10s;
    const cokino::download_options anew{.overwrite = true};
    co_await fal.check_target("before_upscale.mp4", anew);
    co_await fal.check_target(path, anew);
    auto clip = co_await fal.run(request);

    // The clip says how long it is, how many lines it has and until when its link lives. A link
    // that is about to die is renewed by the submit.
    auto larger = cokino::video_upscale{clip, 2};
    larger.extra = R"({"H264_output":true})"; // a member that only fal has: H.264 plays everywhere
    auto job = co_await fal.submit(larger);
    std::cout << "upscaling: " << job.id() << '\n';

    // The first clip is paid for as well: bring it home, should the second job fail.
    auto original = co_await fal.download(clip, "before_upscale.mp4", anew);
    auto upscaled = co_await fal.wait_for(job);
    auto file = co_await fal.download(upscaled, path, anew);
    std::cout << original.path << ": " << original.bytes << " bytes\n"
              << file.path << ": " << file.bytes << " bytes, " << upscaled.duration_s << " s\n";
}

int main(int argc, char** argv)
try {
    example::host host;
    asio::io_context io{1};
    cokino::client fal{io.get_executor(), host.provider, host.options};
    asio::co_spawn(io, clip_to_4k(fal, argc > 1 ? argv[1] : "lake.mp4"), cokino::rethrow);
    io.run();
} catch (const std::exception& e) {
    std::cerr << "14_clip_to_4k: " << e.what() << '\n';
    return 1;
}
