// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Shows: what can go wrong, and what a program does about it. A verb throws cokino::error: its code
//      says what happened, the condition that the code answers to says what to do, and the facts
//      hold the field, the host's own words, the job and whether it was billed.
// Scenario: five orders that fail in five ways.
// Run: 06_errors     The last three are scripted at the fake host, and left out with a real one.
#include <cokino/cokino.hpp>

#include "support/host.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <iostream>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using cokino::condition;

void advise(const cokino::error& e)
{
    std::cout << e.what() << "\n  -> ";
    if (e.code() == condition::invalid_request)
        std::cout << "mend the field " << e.facts().field;
    else if (e.code() == condition::unauthorised)
        std::cout << "set the key, then start again";
    else if (e.code() == condition::content_refused)
        std::cout << "show the author the reason: " << e.facts().host_text;
    else if (e.code() == condition::timed_out)
        std::cout << "put the job aside and wait for it later: " << e.job();
    else if (e.code() == condition::outcome_unknown)
        std::cout << "look at the host's list of jobs before anything is bought again";
    else
        throw e; // this program does not expect it
    std::cout << "\n\n";
}

asio::awaitable<void> order(cokino::client& kling, cokino::text_to_video request)
{
    try {
        auto job = co_await kling.submit(request);
        co_await kling.wait_for(job, cokino::wait_options{.ceiling = 1s});
        std::cout << "nothing went wrong\n";
    } catch (const cokino::error& e) {
        advise(e);
    }
}

asio::awaitable<void> orders(cokino::client& kling, cokino::client& keyless, bool scripted)
{
    auto too_long = cokino::text_to_video{"a kite over dunes"};
    too_long.duration = 7s;
    co_await order(kling, too_long);
    co_await order(keyless, cokino::text_to_video{"a kite over dunes"});
    for (auto what : {"a refused kite", "a kite that hangs", "a kite whose answer is lost"}) {
        if (scripted)
            co_await order(kling, cokino::text_to_video{what});
    }
}

int main()
{
    example::host host;
    if (host.fake) {
        host.fake->script([](auto& s) { s.on_prompt("refused").content_refused(); });
        host.fake->script([](auto& s) { s.on_prompt("hangs").hangs(); });
        host.fake->script([](auto& s) { s.on_prompt("answer is lost").answer_lost(); });
    }
    asio::io_context io{1};
    cokino::client kling{io.get_executor(), host.provider, host.options};
    cokino::client keyless{io.get_executor(),
                           cokino::fal{cokino::api_key::from_env("NO_SUCH_KEY")}};
    asio::co_spawn(io, orders(kling, keyless, host.fake != nullptr), cokino::rethrow);
    io.run();
}
