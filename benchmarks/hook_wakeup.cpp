// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// How long after a render's end does a wait end? On loopback, against the fake host, with looks
// once a minute: by hooks of each host that sends them, by fal's event stream, and by looks in the
// default rhythm. Medians; the fake looks every millisecond whether a job has ended.
//
//   hook_wakeup [CLIPS]        clips of each kind, 25 unless given
#include <cokino/cokino.hpp>
#include <cokino/testing/fake_server.hpp>
#include <cokino/testing/hook_postman.hpp>
#include <cokino/webhooks.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace asio = boost::asio;
using namespace cokino;
using namespace std::chrono_literals;

namespace {

template <class Provider, class Options>
std::shared_ptr<const provider> made(const std::string& base)
{
    Options o;
    o.base_url = base;
    return std::make_shared<Provider>(api_key("any-key", "HOST_KEY"), o);
}

struct kind {
    const char* name;
    std::shared_ptr<const provider> (*make)(const std::string& base);
    const char* under; ///< Of the host's base URL.
    bool hooks, stream;
};

const kind kinds[] = {
    {"fal, hook", made<fal, fal_options>, "", true, false},
    {"kling, hook", made<kling, kling_options>, "", true, false},
    {"kie, hook", made<kie, kie_options>, "", true, false},
    {"pollo, hook", made<pollo, pollo_options>, "/api/platform", true, false},
    {"replicate, hook", made<replicate, replicate_options>, "/v1", true, false},
    {"fal, event stream", made<fal, fal_options>, "", false, true},
    {"fal, looks in the default rhythm", made<fal, fal_options>, "", false, false},
};

awaitable<void> one(client& c, wait_options how, std::vector<steady_time>& ends)
{
    auto job = co_await c.submit(text_to_video("a paper boat drifts across a pond"));
    (void)co_await c.wait_for(job, how);
    ends.push_back(time_of(c.get_executor()).now());
}

/// Milliseconds from each render's end to its wait's end.
std::vector<double> measure(const kind& k, int clips)
{
    testing::fake_server_options options;
    options.host.queue_time = 0ms;
    options.host.render_time = 400ms;
    testing::fake_server server(options);
    asio::io_context io{1};

    client_options settings;
    settings.network.tls.ca_pem = server.ca_pem();
    if (k.hooks || k.stream)
        settings.polling.first = settings.polling.interval_min = settings.polling.interval_max =
            60s;
    auto const host = k.make(server.url() + k.under);

    testing::postman_options often;
    often.look_every = 1ms;
    testing::hook_postman postman(io.get_executor(), server, often);
    webhooks_options listening;
    listening.network.tls.ca_pem = server.ca_pem();
    listening.jwks.url = server.url() + "/.well-known/jwks.json";
    webhooks hooks(io.get_executor(), "", listening);
    if (k.hooks) {
        std::vector<secret> secrets;
        auto const signer = postman.signer();
        if (auto const& text = signer.secret_of(host->traits().webhook); !text.empty())
            secrets.emplace_back(text);
        settings.hooks = &hooks.add(host, std::move(secrets));
        hooks.listen();
        postman.start();
    }
    client c(io.get_executor(), host, settings);
    wait_options how;
    how.stream = k.stream;

    std::vector<double> late;
    for (int i = 0; i < clips; ++i) {
        std::vector<steady_time> ends;
        bool done = false;
        asio::co_spawn(io, one(c, how, ends), [&](const std::exception_ptr& e) {
            done = true;
            if (e)
                std::fprintf(stderr, "%s: %s\n", k.name, failure_of(e)->describe().c_str());
        });
        while (!done)
            io.run_one();
        io.restart();
        if (ends.empty())
            continue;
        steady_time rendered{};
        server.use([&](testing::fake_engine& engine) { rendered = engine.jobs().back().end_at; });
        late.push_back(std::chrono::duration<double, std::milli>(ends[0] - rendered).count());
    }
    return late;
}

} // namespace

int main(int argc, char** argv)
{
    const int clips = argc > 1 ? std::atoi(argv[1]) : 25;
    std::printf("%-34s %10s %10s %6s\n", "", "median ms", "max ms", "clips");
    for (const kind& k : kinds) {
        auto late = measure(k, clips);
        std::sort(late.begin(), late.end());
        if (late.empty())
            return 1;
        std::printf("%-34s %10.1f %10.1f %6zu\n", k.name, late[late.size() / 2], late.back(),
                    late.size());
        std::fflush(stdout);
    }
}
