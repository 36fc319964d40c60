// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Shows: who decides what is tried again. The library repeats a submit only when it was certainly
//      not accepted; how often and how patiently is yours to say. A render that failed was
//      accepted, so buying it again is your decision alone: here it is made.
// Scenario: a nightly batch. It may wait long for its turn, and pays for one more try when the
//      host broke down; a refusal by the content policy is never tried again.
// Run: 05_your_own_retry_policy     The fake host says "too many" twice and then breaks one job.
#include <cokino/cokino.hpp>

#include "support/host.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <iostream>

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Tells what the library does by itself.
struct retry_log {
    void on_retry(const cokino::retry_event& e)
    {
        std::cout << e.operation << ": attempt " << e.attempt << " gave " << e.why->code().message()
                  << "; again in " << e.delay / 1ms << " ms\n";
    }
};

/// Your policy. outcome_unknown is no provider_fault: it may have been bought, so look first.
bool worth_another_clip(const cokino::failure& why)
{
    return why == cokino::condition::provider_fault && why.facts().billed != cokino::billing::yes;
}

asio::awaitable<void> nightly(cokino::client& kling)
{
    auto request = cokino::text_to_video{"dew on a spider's web, macro, dawn"};
    for (int clips_left = 2; clips_left > 0; --clips_left) {
        auto run = kling.run(request, cokino::run_options{.submit = {.total_max = 30min}});
        auto video = co_await cokino::as_result(std::move(run));
        if (video) {
            std::cout << "done: " << video->file.from.text() << '\n';
            co_return;
        }
        std::cout << "failed: " << video.error().describe() << '\n';
        if (clips_left == 1 || !worth_another_clip(video.error()))
            throw cokino::error(video.error());
    }
}

int main()
try {
    example::host host;
    if (host.fake)
        host.fake->script([](auto& s) { s.on_job(1).rate_limited(2, 100ms).fails(); });
    retry_log log;
    host.options.watch = log;
    host.options.retry.attempts_max = 20;
    host.options.retry.elapsed_max = 30min;
    host.options.retry.backoff.cap = 60s;
    host.options.retry.backoff.kind = cokino::policy::jitter::decorrelated;

    asio::io_context io{1};
    cokino::client kling{io.get_executor(), host.provider, host.options};
    asio::co_spawn(io, nightly(kling), cokino::rethrow);
    io.run();
} catch (const std::exception& e) {
    std::cerr << "05_your_own_retry_policy: " << e.what() << '\n';
    return 1;
}
