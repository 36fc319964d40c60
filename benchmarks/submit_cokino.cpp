// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The full stack: typed request, JSON, HTTP with fate tracking and deadlines, retry policy, parsed
// job. One thread, so many coroutines as connections. Driven by concurrent_submissions.py.

#include "support/measure.hpp"

#include <cokino/client.hpp>
#include <cokino/provider/rest.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cokino/async/rethrow.hpp>

#include <memory>
#include <vector>

namespace {

cokino::awaitable<void> submit_for_ever(cokino::client& kling, bench::window& window,
                                        const cokino::text_to_video* request)
{
    for (;;) {
        auto const job = co_await kling.submit(*request);
        if (job.id().size() != 36)
            std::abort();
        if (window.count())
            bench::finish();
    }
}

} // namespace

int main(int argc, char** argv)
{
    bench::arguments const args(argc, argv);
    boost::asio::io_context io{1};
    cokino::client_options options;
    options.network.tls.ca_file = args.ca_file;
    cokino::rest_options host(args.origin(), cokino::api_key(std::string(bench::key), "BENCH_KEY"));
    cokino::client kling(io.get_executor(), cokino::rest(host), options);

    auto request = cokino::text_to_video{std::string(bench::prompt)};
    request.negative_prompt = bench::negative_prompt;
    request.cfg_scale = 0.5;
    bench::window window(0.5, args.length);
    for (int i = 0; i < args.connections; ++i)
        boost::asio::co_spawn(io, submit_for_ever(kling, window, &request), cokino::rethrow);
    io.run();
}
