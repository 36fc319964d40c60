// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Shows: a clip straight into a bucket of yours. It passes through memory a part at a time, is
//      never on a disk, and appears under its key when all of it has been checked.
// Scenario: the host's link dies within hours; your copy stays, under a key that follows from the
//      job alone, so that doing it again puts nothing elsewhere.
// Run: 11_to_your_bucket      With AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and BUCKET it goes to
//      your bucket (see support/bucket_place.hpp for other services); else to a fake one.
#include <cokino/cokino.hpp>
#include <cokino/transfer/bucket_sink.hpp>

#include "support/bucket_place.hpp"
#include "support/host.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <iostream>

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<void> clip_to_bucket(cokino::client& kling, cokino::bucket& mine)
{
    auto request = cokino::text_to_video{"a heron lifts off from a misty lake"};
    auto video = co_await kling.run(request);
    auto key = cokino::object_key_for(video.file, "herons").value();
    cokino::bucket_sink object(mine, key);
    auto report = co_await kling.download(video, object);
    std::cout << report.path << ": " << report.bytes << " bytes\n";

    auto stored = co_await mine.head(key);
    auto link = co_await mine.presign_get(key, 24h);
    std::cout << stored.bytes << " bytes are there; for a day, whoever has this may see them: "
              << link.substr(0, link.find('?')) << "?...\n";
}

int main()
try {
    example::host host(150ms, 20'000'000);
    asio::io_context io{1};
    example::bucket_place there(io);
    cokino::net::http_transport network(io.get_executor());
    cokino::bucket mine(io.get_executor(), network, there.options, there.keys);
    cokino::client kling{io.get_executor(), host.provider, host.options};
    asio::co_spawn(io, clip_to_bucket(kling, mine), [&](const std::exception_ptr& e) {
        there.stop();
        cokino::rethrow(e);
    });
    io.run();
} catch (const std::exception& e) {
    std::cerr << "11_to_your_bucket: " << e.what() << '\n';
    return 1;
}
