// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Submits that may have bought something while something else happens too: a cancellation, a second
// fault, a callback that throws. The job must stay findable, and no error may say "not billed".
#include "support/fake_client.hpp"
#include "support/hosts.hpp"

#include <cokino/model/completion_source.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace doubt_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;

struct phase_log {
    std::vector<submit_phase> phases;
    std::string job;
    void on_submit(const submit_event& e)
    {
        phases.push_back(e.phase);
        job = e.job;
    }
};

/// A client of one host, on virtual time, whose observer writes down the phases of its submits.
struct bench {
    explicit bench(std::shared_ptr<const provider> host, job_client_options options = seeded())
        : net(std::make_shared<cokino::testing::fake_transport>(t.ex())),
          client(t.ex(), std::move(host), net, logged(std::move(options)))
    {}
    explicit bench(const std::string& host) : bench(host_named(host)) {}

    job_client_options logged(job_client_options o)
    {
        o.watch = log;
        return o;
    }

    cokino::testing::job_faults& first() { return net->faults().on_job(1); }
    const cokino::testing::fake_counts& counts() const { return net->counts(); }

    phase_log log;
    virtual_test t;
    std::shared_ptr<cokino::testing::fake_transport> net;
    job_client client;
};

TEST_CASE("a keyed submit that is cancelled between two tries says that it may have been accepted")
{
    for (const char* host : {"kling", "kling, legacy", "wireflow"}) {
        CAPTURE(host);
        auto o = seeded();
        o.retry.backoff.base = 10s;
        o.retry.backoff.kind = policy::jitter::none;
        bench b(host_named(host), o);
        b.first().answer_lost();
        auto const got = b.t.cancelled_after(5s, b.client.submit(street()));
        REQUIRE(got.has_error());
        CHECK(b.counts().jobs == 1);
        CHECK(got.error() == errc::outcome_unknown);
        CHECK(got.error().facts().billed == billing::unknown);
        CHECK(got.error().facts().stopped.find("cancelled between two tries") == 0);
        CHECK(b.log.phases.back() == submit_phase::unknown);
    }
}

/// Hands out addresses, and then fails whoever uses them.
class broken_source final : public completion_source
{
public:
    result<callback_address> new_address() override
    {
        callback_address a;
        a.nonce = "n";
        a.url = "https://hooks.example.net/n";
        return a;
    }
    void bind(std::string_view, std::string_view) override { throw std::runtime_error("bind"); }
    std::optional<completion_hint> watch(completion_waiter&, std::string_view,
                                         std::string_view) override
    {
        return std::nullopt;
    }
    void unwatch(completion_waiter&) noexcept override {}
};

TEST_CASE("a hook source that throws once the job is accepted does not lose the job")
{
    broken_source source;
    auto o = seeded();
    o.hooks = &source;
    bench b(host_named("fal"), o);
    auto const got = b.t.outcome(b.client.submit(street()));
    REQUIRE(got.has_value());
    CHECK(got->id() == b.net->jobs().front().id);
    CHECK(b.log.phases.back() == submit_phase::accepted);
    CHECK(b.log.job == got->text());
}

/// A host that takes a key, and forgets it soon.
class forgetful final : public rest
{
public:
    forgetful() : rest(options()) { facts_.key_lifetime = 10s; }
    const host_facts& facts() const noexcept override { return facts_; }

private:
    static rest_options options()
    {
        rest_options o("https://api.example.com", api_key("canary-key", "HOST_KEY"));
        o.idempotency_header = "Idempotency-Key";
        o.repeats = repeat_semantics::replays;
        return o;
    }
    host_facts facts_;
};

TEST_CASE("a key that the host has forgotten by the next try buys nothing a second time")
{
    auto o = seeded();
    o.retry.backoff.kind = policy::jitter::none;
    o.retry.backoff.base = 20s;
    bench b(std::make_shared<forgetful>(), o);
    b.first().answer_lost();
    auto const got = b.t.outcome(b.client.submit(street()));
    REQUIRE(got.has_error());
    CHECK(got.error() == errc::outcome_unknown);
    CHECK(b.counts().submits == 1);
}

TEST_CASE("a job whose host takes our own id is looked for however its answer was lost")
{
    struct row {
        const char* name;
        void (*script)(cokino::testing::job_faults&);
    };
    const row rows[] = {
        {"no answer", [](auto& j) { j.answer_lost(); }},
        {"cut", [](auto& j) { j.answer_cut(10); }},
        {"500", [](auto& j) { j.accepted_but_says(500); }},
        {"502", [](auto& j) { j.accepted_but_says(502); }},
        {"no id", [](auto& j) { j.accepted_but_says(200, R"({"code":0,"data":{}})"); }},
    };
    for (const char* host : {"kling", "kling, legacy"})
        for (const row& r : rows) {
            CAPTURE(host);
            CAPTURE(r.name);
            bench b(host);
            r.script(b.first());
            auto const got = b.t.outcome(b.client.submit(street(), {.attempts_max = 1}));
            REQUIRE(got.has_value());
            CHECK(got->id() == b.net->jobs().front().id);
            CHECK(b.counts().submits == 1);
            CHECK(b.log.phases.back() == submit_phase::accepted);
        }
}

TEST_CASE("an unknown outcome names the id of ours that went along, and no id that did not")
{
    bench kling("kling");
    kling.first().answer_lost().polls_answer(503, cokino::testing::always);
    auto const got = kling.t.outcome(kling.client.submit(street()));
    REQUIRE(got.has_error());
    REQUIRE(got.error() == errc::outcome_unknown);
    bench fal("fal");
    fal.first().answer_lost();
    auto const other = fal.t.outcome(fal.client.submit(street()));
    REQUIRE(other.has_error());
    CHECK(got.error().facts().message.find("our id for it is ") != std::string::npos);
    CHECK(other.error().facts().message.find("our id for it is ") == std::string::npos);
}

} // namespace doubt_test
