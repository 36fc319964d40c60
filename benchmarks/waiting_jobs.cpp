// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What does a job cost that is only waited for? N coroutines stand in wait_for on one client; an
// in-memory transport answers their looks, and time is virtual, so that a quarter of an hour of
// polling takes the CPU time it takes and no more.
//
//   waiting_jobs [N ...]        default: 1000 10000 100000. Prints a table, then JSON.

#include "support/measure.hpp"

#include <cokino/async/rethrow.hpp>
#include <cokino/client/job_client.hpp>
#include <cokino/net/transport.hpp>
#include <cokino/provider/rest.hpp>
#include <cokino/testing/virtual_time.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <malloc.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;

/// Answers each look with "processing" until it is told that the jobs are done.
class answering_transport final : public cokino::net::transport
{
public:
    cokino::awaitable<cokino::result<cokino::wire::response>> exchange(
        cokino::wire::request request) override
    {
        ++looks;
        cokino::wire::response answer;
        answer.start(std::move(request.body));
        answer.status = 200;
        answer.append_body(done ? R"({"task_id":"1","status":"succeed","video_url":)"
                                  R"("https://cdn.example.com/v/clip.mp4"})"
                                : R"({"task_id":"1","status":"processing"})");
        co_return answer;
    }
    cokino::awaitable<cokino::result<std::unique_ptr<cokino::net::body_stream>>> open(
        cokino::wire::request) override
    {
        co_return cokino::failure(cokino::errc::internal_error);
    }

    std::size_t looks = 0;
    bool done = false;
};

struct figures {
    std::size_t jobs = 0;
    double bytes_per_job = 0;     ///< co_spawn(io, kling.wait_for(job), handler).
    double bytes_with_caller = 0; ///< Awaited by a coroutine of the caller's that keeps the clip.
    double start_us = 0;
    double look_us = 0;
    double end_us = 0;
};

constexpr cokino::wait_options patient{.ceiling = 24h};

cokino::awaitable<void> wait_for_one(cokino::job_client& kling, cokino::job<cokino::video> job,
                                     std::size_t& ended)
{
    auto const clip = co_await kling.wait_for(job, patient);
    ended += clip.file.url.empty() ? 0U : 1U;
}

double cpu() { return bench::seconds(CLOCK_PROCESS_CPUTIME_ID); }

std::vector<cokino::job<cokino::video>> make_jobs(std::size_t n, const cokino::provider& host)
{
    auto const route = std::make_shared<cokino::job_route>();
    route->provider = host.traits().name;
    route->base_url = host.traits().base_url;
    route->endpoint = "/v1/kling/v2-5/text-to-video";
    std::vector<cokino::job<cokino::video>> jobs;
    jobs.reserve(n);
    for (std::size_t i = 0; i < n; ++i) {
        auto record = std::make_shared<cokino::job_record>();
        record->route = route;
        record->id = "3f0c8c2e-7b1d-4b8e-9a55-" + std::to_string(100000000000 + i);
        jobs.emplace_back(std::move(record));
    }
    return jobs;
}

/// For co_spawn: what a caller without a coroutine of its own does with the clip.
struct count_ended {
    std::size_t* ended;
    void operator()(const std::exception_ptr& thrown, const cokino::video& clip) const
    {
        *ended += thrown || clip.file.url.empty() ? 0U : 1U;
    }
};

figures measure(std::size_t n, bool with_caller)
{
    boost::asio::io_context io{1};
    cokino::testing::virtual_time time(io);
    auto const net = std::make_shared<answering_transport>();
    auto const host = std::make_shared<cokino::rest>(cokino::rest_options(
        "https://api.example.com", cokino::api_key(std::string(bench::key), "BENCH_KEY")));
    cokino::job_client_options options;
    options.random_seed = 1;
    cokino::job_client kling(io.get_executor(), host, net, options);
    auto const jobs = make_jobs(n, *host);
    std::size_t ended = 0;
    figures f;
    f.jobs = n;

    auto const bytes_before = mallinfo2().uordblks;
    double at = cpu();
    for (auto const& job : jobs) {
        if (with_caller)
            boost::asio::co_spawn(io, wait_for_one(kling, job, ended), cokino::rethrow);
        else
            boost::asio::co_spawn(io, kling.wait_for(job, patient), count_ended{&ended});
    }
    io.poll();
    f.start_us = (cpu() - at) / static_cast<double>(n) * 1e6;
    f.bytes_per_job =
        static_cast<double>(mallinfo2().uordblks - bytes_before) / static_cast<double>(n);
    if (kling.waiting() != n)
        std::abort();

    at = cpu();
    time.run_for(60s);
    f.look_us = (cpu() - at) / static_cast<double>(net->looks) * 1e6;
    net->done = true;
    at = cpu();
    time.run_until([&] { return ended == n; });
    f.end_us = (cpu() - at) / static_cast<double>(n) * 1e6;
    return f;
}

} // namespace

int main(int argc, char** argv)
{
    std::vector<std::size_t> sizes;
    for (int i = 1; i < argc; ++i)
        sizes.push_back(std::strtoul(argv[i], nullptr, 10));
    if (sizes.empty())
        sizes = {1000, 10000, 100000};
    std::vector<figures> all;
    std::printf("%10s %12s %18s %14s %10s %12s\n", "jobs", "bytes/job", "in a coroutine",
                "start us/job", "look us", "end us/job");
    for (std::size_t n : sizes) {
        all.push_back(measure(n, false));
        auto& f = all.back();
        f.bytes_with_caller = measure(n, true).bytes_per_job;
        std::printf("%10zu %12.0f %18.0f %14.2f %10.2f %12.2f\n", f.jobs, f.bytes_per_job,
                    f.bytes_with_caller, f.start_us, f.look_us, f.end_us);
    }
    std::printf("[");
    for (std::size_t i = 0; i < all.size(); ++i)
        std::printf("%s{\"jobs\": %zu, \"bytes_per_job\": %.0f, \"bytes_with_caller\": %.0f, "
                    "\"start_us\": %.3f, "
                    "\"look_us\": %.3f, \"end_us\": %.3f}",
                    i == 0 ? "" : ", ", all[i].jobs, all[i].bytes_per_job, all[i].bytes_with_caller,
                    all[i].start_us, all[i].look_us, all[i].end_us);
    std::printf("]\n");
}
