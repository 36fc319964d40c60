// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Shows: one job's result as another's input. Stills cost cents and clips cost tens of cents, so
//      the choice is made among stills.
// Scenario: FLUX paints three stills, a judge scores them, Kling moves the best one.
// Run: 04_still_to_clip [FILE]      Needs FLUX and Kling at one host: fal, or the fake.
#include <cokino/cokino.hpp>

#include "support/host.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <iostream>
#include <string>

namespace asio = boost::asio;

/// Stands for a judge of your own: a model, or a person. A compressed picture is the longer the
/// more detail it has, so this one prefers detail.
std::size_t score(const std::string& picture) { return picture.size(); }

asio::awaitable<cokino::asset> best_still(cokino::client& fal)
{
    auto request = cokino::text_to_image{"a lighthouse on a cliff at dusk, long exposure"};
    request.model = cokino::image_model::flux_2_pro;
    request.width = 1920; // exactly the clip's ratio, so that nothing is cropped
    request.height = 1080;

    cokino::asset best;
    std::size_t best_score = 0;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        request.seed = seed;
        auto stills = co_await fal.run(request);
        auto picture = co_await fal.download_to_memory(stills.files.front());
        std::cout << "still " << seed << ": score " << score(picture) << '\n';
        if (score(picture) > best_score) {
            best_score = score(picture);
            best = stills.files.front();
        }
    }
    co_return best;
}

asio::awaitable<void> still_to_clip(cokino::client& fal, std::string path)
{
    auto still = co_await best_still(fal);
    // The still shows the scene; the words only say how the camera moves.
    auto request = cokino::image_to_video{still, "camera slowly pushes in"};
    auto video = co_await fal.run(request);
    auto file = co_await fal.download(video, path, cokino::download_options{.overwrite = true});
    std::cout << file.path << ": " << file.bytes << " bytes\n";
}

int main(int argc, char** argv)
try {
    example::host host;
    asio::io_context io{1};
    cokino::client fal{io.get_executor(), host.provider, host.options};
    asio::co_spawn(io, still_to_clip(fal, argc > 1 ? argv[1] : "lighthouse.mp4"), cokino::rethrow);
    io.run();
} catch (const std::exception& e) {
    std::cerr << "04_still_to_clip: " << e.what() << '\n';
    return 1;
}
