// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Ten thousand hooks over loopback, genuine, forged, repeated and huge: what they may cost, and
// that the one which matters is heard.
#include <webhook/loopback.hpp>

#include <cokino/async/task_scope.hpp>

#include <doctest/doctest.h>

#include <cstdio>
#include <fstream>
#include <string>

namespace flood_test {

using namespace cokino;
using namespace cokino::testing;
using namespace cokino::testing::support;
using namespace std::chrono_literals;

/// A figure of /proc/self/status in KiB; 0 where there is none.
std::size_t memory(const char* name)
{
    std::ifstream status("/proc/self/status");
    std::string word;
    while (status >> word)
        if (word == name) {
            std::size_t kib = 0;
            status >> kib;
            return kib;
        }
    return 0;
}

// Under a sanitizer what was freed stays in quarantine, and all takes its time.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool measures = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool measures = false;
#else
constexpr bool measures = true;
#endif
#else
constexpr bool measures = true;
#endif

struct flood {
    flood() = default;
    hook_bench* bench = nullptr;
    int from = 0, to = 0;
    std::size_t taken = 0, forged = 0, refused = 0, lost = 0;
};

/// Every eighth is forged, every eighth too large, every eighth comes again; each body has 2 KiB.
std::string next_hook(hook_bench& b, int i)
{
    unsigned_hook h;
    h.message_id = "flood_" + std::to_string(i % 8 == 5 ? i - 1 : i);
    h.body = R"({"id":"job-)" + std::to_string(i % 8 == 5 ? i - 1 : i) +
             R"(","status":"succeeded","padding":")" +
             std::string(i % 8 == 2 ? 70'000 : 2000, 'p') + "\"}";
    auto fields =
        b.signer.sign(webhook_scheme::standard_webhooks, h, time_of(b.t.ex()).system_now());
    if (i % 8 == 1)
        h.body[7] = 'X';
    return hook_text("/hooks/kling", fields, h.body);
}

awaitable<void> pour(flood& f)
{
    hook_bench& b = *f.bench;
    auto sender = std::make_unique<hook_sender>(b.t.ex(), b.port);
    bool good = co_await sender->connect();
    for (int i = f.from; good && i < f.to; ++i) {
        std::string bytes = next_hook(b, i);
        const bool sent = co_await sender->send(std::move(bytes));
        static_cast<void>(sent);
        const unsigned status = co_await sender->status();
        ++(status == 200 ? f.taken : status == 401 ? f.forged : status == 0 ? f.lost : f.refused);
        if (status != 200 && status != 401) { // such a connection ends
            sender = std::make_unique<hook_sender>(b.t.ex(), b.port);
            good = co_await sender->connect();
        }
    }
}

awaitable<void> pour_all(flood* floods, std::size_t count)
{
    task_scope scope(co_await asio::this_coro::executor);
    for (std::size_t i = 0; i < count; ++i)
        scope.spawn(pour(floods[i]));
    co_await scope.join();
}

TEST_CASE("A flood of 10,000 hooks stays under 64 MiB, and the hook that is waited for is heard")
{
    constexpr int hooks = measures ? 10'000 : 2'000;
    constexpr std::size_t senders = 100; // more than the receiver takes at once
    webhook::receiver_options o;
    o.body_bytes_max = 64 * 1024;
    hook_bench b(o);
    hook_listener w;
    b.box.source("kling", "").watch(w, "job-" + std::to_string(hooks - 4));
    std::ofstream("/proc/self/clear_refs") << 5; // the peak starts over
    const std::size_t before = memory("VmRSS:");
    const steady_time begin = time_of(b.t.ex()).now();

    std::vector<flood> floods(senders);
    for (std::size_t i = 0; i < senders; ++i) {
        floods[i].bench = &b;
        floods[i].from = static_cast<int>(i) * (hooks / static_cast<int>(senders));
        floods[i].to = floods[i].from + hooks / static_cast<int>(senders);
    }
    b.t.outcome(pour_all(floods.data(), senders)).value();

    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(time_of(b.t.ex()).now() - begin);
    const std::size_t peak = memory("VmHWM:");
    flood sum;
    for (const flood& f : floods) {
        sum.taken += f.taken;
        sum.forged += f.forged;
        sum.refused += f.refused;
        sum.lost += f.lost;
    }
    MESSAGE(hooks << " hooks in " << took.count() << " ms, peak " << (peak - before) / 1024
                  << " MiB above the " << before / 1024 << " MiB before");
    CHECK(sum.forged == hooks / 8);
    CHECK(sum.taken + sum.refused + sum.lost == hooks - hooks / 8);
    CHECK(sum.refused + sum.lost >= hooks / 8);
    CHECK(sum.lost < 100); // an early answer can be lost in a reset
    REQUIRE(w.heard.size() == 1);
    CHECK(w.heard[0].believed);
    CHECK(b.listens.counts().body_bytes == 0);
    CHECK(b.box.counts().kept_now <= webhook::inbox_options().kept_max);
    if (measures && before > 0 && peak >= before)
        CHECK(peak - before < 64 * 1024);
}

} // namespace flood_test
