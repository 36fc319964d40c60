// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Submits that may have bought something while something else happens too: a cancellation, a second
// fault, a callback that throws. The job must stay findable, and no error may say "not billed".
#include "support/fake_client.hpp"
#include "support/hosts.hpp"

#include <cokino/model/completion_source.hpp>
#include <cokino/testing/scripted_transport.hpp>

#include <boost/asio/this_coro.hpp>
#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace doubt_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;
using asio::cancellation_type;

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

/// As if the caller took every kind of cancellation.
awaitable<video> run_obeying_all(job_client& c)
{
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    run_options o;
    o.wait.ceiling = 60s;
    o.on_ceiling = resubmit::when_cancelled;
    o.resubmits_max = 0;
    auto made = co_await c.run(street(), o);
    co_return made;
}

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

TEST_CASE("run: a cancellation that comes too late for the submit leaves the job in the error")
{
    fake_client f;
    f.faults().on_job(1).answer_delayed(10s);
    auto const got = f.t.cancelled_after(1s, run_obeying_all(f.kling), cancellation_type::total);
    REQUIRE(got.has_error());
    REQUIRE(f.net->jobs().size() == 1);
    CHECK(got.error() == errc::cancelled);
    auto const job = parse_job_as<video>(got.error().facts().job);
    REQUIRE(job.has_value());
    CHECK(job->id() == f.net->jobs().front().id);
}

TEST_CASE("run: whenever and however it is cancelled, what was bought is named or called unknown")
{
    std::vector<duration> times;
    for (int half = 0; half < 24; ++half)
        times.push_back(half * 500ms);
    for (auto at : {20s, 59s, 60s, 61s, 63s, 66s, 69s, 90s})
        times.push_back(at);
    std::size_t bought = 0, named = 0, unknown = 0;
    for (const host_row& row : every_host)
        for (auto type :
             {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total})
            for (const duration at : times) {
                CAPTURE(row.name);
                CAPTURE(static_cast<int>(type));
                CAPTURE(at.count());
                bench b(row.name);
                b.net->latency(3s);
                b.first().hangs();
                auto const got = b.t.cancelled_after(at, run_obeying_all(b.client), type);
                REQUIRE(got.has_error());
                CHECK(b.counts().jobs <= 1);
                if (b.counts().jobs == 0)
                    continue;
                ++bought;
                auto const& facts = got.error().facts();
                CHECK(facts.billed == billing::unknown);
                auto const job = parse_job_as<video>(facts.job);
                named += job.has_value() ? 1U : 0U;
                unknown += got.error() == errc::outcome_unknown ? 1U : 0U;
                if (job)
                    CHECK(job->id() == b.net->jobs().front().id);
                else
                    CHECK(got.error() == errc::outcome_unknown);
            }
    CHECK(bought > 500);
    CHECK(named > 300);
    CHECK(unknown > 50);
}

TEST_CASE("run: when the job cannot be replaced after all, the error holds the one that was bought")
{
    for (bool lost : {false, true}) {
        CAPTURE(lost);
        fake_client f;
        f.faults().on_job(1).hangs().cancel_ignored();
        if (lost)
            f.faults().on_job(2).answer_lost();
        else
            f.faults().on_job(2).refused_with(401);
        run_options o;
        o.wait.ceiling = 60s;
        o.on_ceiling = resubmit::accept_double_billing;
        auto const got = f.t.outcome(f.kling.run(street(), o));
        REQUIRE(got.has_error());
        CHECK(got.error() == (lost ? errc::outcome_unknown : errc::unauthorised));
        auto const job = parse_job_as<video>(got.error().facts().job);
        REQUIRE(job.has_value());
        CHECK(job->id() == f.net->jobs().front().id);
    }
}

TEST_CASE("run: nothing is bought anew for a caller who cancelled while the old job was cancelled")
{
    fake_client f;
    f.faults().on_job(1).hangs();
    run_options o;
    o.wait.ceiling = 60s;
    o.on_ceiling = resubmit::accept_double_billing;
    auto s = f.t.start(f.kling.run(street(), o));
    f.t.time.run_until([&] { return f.counts().polls > 0; });
    f.net->latency(5s); // the request to cancel is under way from 60 s on
    s.cancel_after(62s);
    f.t.finish(s);
    REQUIRE(s.outcome().has_error());
    CHECK(f.counts().cancels == 1);
    CHECK(f.counts().submits == 1);
    CHECK(s.outcome().error() == errc::cancelled);
    CHECK_FALSE(s.outcome().error().facts().job.empty());
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

TEST_CASE("a status that HTTP does not know is no refusal, whichever host says it")
{
    for (const host_row& host : every_host)
        for (unsigned status : {444U, 460U, 499U}) {
            CAPTURE(host.name);
            CAPTURE(status);
            bench b(host.name);
            b.first().accepted_but_says(status, "");
            auto const got = b.t.outcome(b.client.submit(street(), {.attempts_max = 1}));
            CHECK(b.counts().jobs == 1);
            if (!got.has_error())
                continue; // found by our own id
            CHECK(got.error() == errc::outcome_unknown);
            CHECK(got.error().facts().billed == billing::unknown);
        }
}

TEST_CASE("a repeat of a keyed submit is the same bytes, key and all")
{
    virtual_test t;
    auto net = std::make_shared<cokino::testing::scripted_transport>();
    net->expect(wire::method::post, "*").reply(502);
    net->expect(wire::method::post, "*").fail(errc::connection_lost, fate::maybe_sent);
    net->expect(wire::method::post, "*").reply(200, R"({"code":0,"data":{"id":"1"}})");
    job_client client(t.ex(), host_named("kling"), net, seeded());
    net->expect(wire::method::post, "*").reply(200, R"({"code":0,"data":{"id":"2"}})");
    REQUIRE(t.outcome(client.submit(street())).has_value());
    REQUIRE(t.outcome(client.submit(street())).has_value());
    REQUIRE(net->verify() == "");
    CHECK(net->seen()[1].body == net->seen()[0].body);
    CHECK(net->seen()[2].body == net->seen()[0].body);
    CHECK(net->seen()[2].fields == net->seen()[0].fields);
    CHECK(net->seen()[3].body != net->seen()[0].body); // another submit, another id
}

TEST_CASE("two clients whose chance is the same do not take each other's jobs for theirs")
{
    // As after fork(), after a restored snapshot, or with a seed that was left in the program.
    for (const char* host : {"kling", "kling, legacy", "wireflow"}) {
        CAPTURE(host);
        bench b(host);
        auto const ours = b.t.outcome(b.client.submit(street()));
        b.t.time.run_for(1ms);
        job_client other(b.t.ex(), host_named(host), b.net, seeded());
        auto const theirs = b.t.outcome(other.submit(street()));
        REQUIRE(ours.has_value());
        REQUIRE(theirs.has_value());
        CHECK(ours->id() != theirs->id());
        CHECK(b.counts().jobs == 2);
    }
}

TEST_CASE("a host that asks not to be asked again is sent no second submit")
{
    virtual_test t;
    auto net = std::make_shared<cokino::testing::scripted_transport>();
    net->expect(wire::method::post, "*").reply(429, "{}", {{"x-should-retry", "false"}});
    job_client client(t.ex(), host_named("fal"), net, seeded());
    auto const got = t.outcome(client.submit(street()));
    REQUIRE(got.has_error());
    CHECK(got.error() == errc::rate_limited);
    CHECK(got.error().facts().attempts == 1);
    CHECK(got.error().facts().billed == billing::no);
}

TEST_CASE("a wait that stands only in the body of a 429 is kept before the submit is sent again")
{
    virtual_test t;
    auto net = std::make_shared<cokino::testing::scripted_transport>();
    const char* const told = R"({"detail":"Request was throttled.","retry_after":30})";
    net->expect(wire::method::post, "*").reply(429, told).times(2);
    net->expect(wire::method::post, "*").reply(201, R"({"id":"p1"})");
    job_client client(t.ex(), host_named("replicate"), net, seeded());
    auto s = t.start(client.submit(street()));
    t.finish(s);
    REQUIRE(s.outcome().has_value());
    CHECK(s.took() >= 60s);
    CHECK(s.took() <= 70s);
}

/// A caller that turns throwing off, and so comes to the submit although it was cancelled.
awaitable<void> submit_regardless(job_client& c, result<job<video>>& got)
{
    co_await asio::this_coro::throw_if_cancelled(false);
    auto const slept = co_await as_result(sleep_for(10s));
    CHECK(slept.has_error());
    got = co_await as_result(c.submit(street()));
}

TEST_CASE("nothing is bought for a caller that was cancelled, thrown or not")
{
    for (const host_row& row : every_host) {
        CAPTURE(row.name);
        bench b(row.name);
        result<job<video>> got = failure(errc::internal_error);
        auto s = b.t.start(submit_regardless(b.client, got));
        s.cancel_after(1s);
        b.t.finish(s);
        REQUIRE(got.has_error());
        CHECK(got.error() == errc::cancelled);
        CHECK(got.error().facts().billed == billing::no);
        CHECK(b.counts().submits == 0);
    }
}

TEST_CASE("a submit that is awaited long after it was made has all of its time")
{
    fake_client f;
    f.net->latency(1s);
    auto made = f.kling.submit(street(), {.total_max = 5s});
    f.t.time.run_for(1h);
    auto s = f.t.start(std::move(made));
    f.t.finish(s);
    REQUIRE(s.outcome().has_value());
    CHECK(f.counts().submits == 1);
}

struct open_client : job_client {
    using job_client::core;
    using job_client::job_client;
};

TEST_CASE("a pause that ends behind the deadline sends nothing more")
{
    virtual_test t;
    auto net = std::make_shared<cokino::testing::fake_transport>(t.ex());
    open_client client(t.ex(), host_named("fal"), net, seeded());
    cokino::detail::submit_run run(*client.core(), street(), {.total_max = 30s});
    run.begin();
    (void)run.take_request();
    run.answered(wire::make_response(429, R"({"detail":"later"})"));
    REQUIRE(run.next() == cokino::detail::submit_run::step::pause);
    t.time.run_for(31s); // somebody kept the loop busy
    run.paused(true);
    REQUIRE(run.next() == cokino::detail::submit_run::step::done);
    auto const got = run.finish();
    REQUIRE(got.has_error());
    CHECK(got.error() == errc::rate_limited);
    CHECK(got.error().facts().billed == billing::no);
    CHECK(got.error().facts().stopped.find("the deadline passed between two tries") == 0);
}

/// What a host is sent for a request under an id of ours, body and fields.
template <class Request> std::string sent(const provider& host, const Request& request)
{
    submit_context c;
    c.idempotency_key = "id-of-ours";
    c.setup = "workflow-1";
    auto const made = host.encode(request, std::move(c));
    if (made.has_error())
        FAIL(made.error().describe());
    return made->request.extra_fields + made->request.body;
}

TEST_CASE("every host: each kind of submit carries our id where that makes a repeat harmless")
{
    // Wireflow takes a link to its own storage only, the others to anywhere.
    const image_to_video from_image(image_source("https://cdn.wireflow.ai/a.png"), "it moves");
    for (const host_row& row : every_host) {
        CAPTURE(row.name);
        auto const host = row.make("https://api.example.com");
        bool const keyed = host->traits().repeats != repeat_semantics::none;
        for (const std::string& bytes : {sent(*host, street()), sent(*host, from_image)})
            CHECK((bytes.find("id-of-ours") != std::string::npos) == keyed);
    }
}

} // namespace doubt_test
