// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Shows: a clip that starts from a picture, and run(), which is submit and wait_for in one.
// Scenario: a product photograph is to move. The picture gives style, scene and aspect ratio, so
//      the prompt says only how things move; describing the scene again fights the picture.
// Run: 02_image_to_video [LINK] [FILE]     LINK: a picture that the host can fetch, at least 1024
//      pixels on its long edge. The fake host, which answers without a key, does not look at it.
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

asio::awaitable<void> move_picture(cokino::client& kling, std::string link, std::string path)
{
    auto request = cokino::image_to_video{link, "the camera slowly pushes in; steam rises"};
    request.negative_prompt = "shaky camera, text";
    request.cfg_scale = 0.4;

    // A render that hangs is given up after ten minutes, and bought again only when the host has
    // confirmed that the first one is dead.
    cokino::run_options options;
    options.wait.ceiling = 10min;
    options.on_ceiling = cokino::resubmit::when_cancelled;

    const cokino::download_options anew{.overwrite = true};
    co_await kling.check_target(path, anew);
    auto video = co_await kling.run(request, options);
    auto file = co_await kling.download(video, path, anew);
    std::cout << file.path << ": " << file.duration / 1ms << " ms, sha256 " << file.sha256 << '\n';
}

int main(int argc, char** argv)
try {
    const std::string link = argc > 1 ? argv[1] : "https://example.com/teapot.jpg";
    const std::string path = argc > 2 ? argv[2] : "teapot.mp4";
    example::host host;
    asio::io_context io{1};
    cokino::client kling{io.get_executor(), host.provider, host.options};
    asio::co_spawn(io, move_picture(kling, link, path), cokino::rethrow);
    io.run();
} catch (const std::exception& e) {
    std::cerr << "02_image_to_video: " << e.what() << '\n';
    return 1;
}
