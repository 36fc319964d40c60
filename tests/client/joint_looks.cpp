// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Many waits at a host that tells of many jobs in one answer: who shares a call, and that nobody
// pays for it. The host is the fake Kling, whose poll count is one for each call.
#include "support/fake_client.hpp"

#include <cokino/async/sleep.hpp>
#include <cokino/core/observer.hpp>
#include <cokino/model/completion_source.hpp>
#include <cokino/provider/kling.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace joint_looks_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;

/// The same host, asked for one job at a time.
class one_by_one final : public kling
{
public:
    explicit one_by_one(api_key key) : kling(std::move(key)), mine_(kling::traits())
    {
        mine_.status_batch_max = 1;
    }
    const provider_traits& traits() const noexcept override { return mine_; }

private:
    provider_traits mine_;
};

struct bench {
    explicit bench(bool together = true, job_client_options options = seeded())
        : net(std::make_shared<cokino::testing::fake_transport>(t.ex(), slow())),
          client(t.ex(), host(together), net, options)
    {
        net->latency(80ms);
    }

    static std::shared_ptr<const provider> host(bool together)
    {
        api_key key("canary-key", "KLING_API_KEY");
        if (together)
            return std::make_shared<kling>(std::move(key));
        return std::make_shared<one_by_one>(std::move(key));
    }
    static cokino::testing::fake_options slow()
    {
        auto o = cokino::testing::fake_transport::default_options();
        o.render_time = 100s;
        return o;
    }

    /// Buys so many, with a pause after each, and waits for all of them.
    void start(int n, std::chrono::milliseconds pause = 0ms, wait_options options = {})
    {
        for (int i = 0; i < n; ++i) {
            auto got = t.outcome(client.submit(street()));
            REQUIRE(got.has_value());
            jobs.push_back(*got);
            waits.push_back(t.start(client.wait_for(*got, options)));
            if (pause > 0ms)
                t.finish(t.start(sleep_for(pause)));
        }
    }
    /// How many of them gave a clip of their own job.
    int good()
    {
        int n = 0;
        for (std::size_t i = 0; i < waits.size(); ++i) {
            t.finish(waits[i]);
            auto const end = waits[i].outcome();
            n += end && end->file.from == jobs[i] ? 1 : 0;
        }
        return n;
    }
    std::size_t polls_of(std::size_t i) const { return net->jobs()[i].polls; }
    cokino::testing::fault_script& faults() { return net->faults(); }
    const cokino::testing::fake_counts& counts() const { return net->counts(); }

    virtual_test t;
    std::shared_ptr<cokino::testing::fake_transport> net;
    job_client client;
    std::vector<job<video>> jobs;
    std::vector<started<video>> waits;
};

duration longest(const bench& b)
{
    duration most{};
    for (auto const& w : b.waits)
        most = std::max(most, w.took());
    return most;
}

TEST_CASE("joint looks: a hundred waits make a twentieth of the calls, and end no later")
{
    for (auto const pause : {0ms, 37ms}) {
        CAPTURE(pause.count());
        bench alone(false), together;
        alone.start(100, pause);
        together.start(100, pause);
        CHECK(alone.good() == 100);
        CHECK(together.good() == 100);
        MESSAGE("calls for 100 jobs: ", alone.counts().polls, " one by one, ",
                together.counts().polls, " together");
        CHECK(together.counts().polls * 18 <= alone.counts().polls);
        CHECK(together.counts().polled_ids_max == 20);
        CHECK(longest(together) <= longest(alone) + 1s);
        CHECK(together.counts().submits == 100);
        CHECK(together.client.waiting() == 0);
    }
}

TEST_CASE("joint looks: jobs that began at other times find each other")
{
    bench alone(false), together;
    alone.start(20, 3s);
    together.start(20, 3s);
    CHECK(alone.good() == 20);
    CHECK(together.good() == 20);
    MESSAGE("calls for 20 jobs, 3 s apart: ", alone.counts().polls, " one by one, ",
            together.counts().polls, " together");
    CHECK(together.counts().polls * 3 <= alone.counts().polls);
}

TEST_CASE("joint looks: a call counts once among those under way, and the queue rides along")
{
    auto options = seeded();
    options.polls_in_flight_max = 1;
    bench b(true, options);
    b.start(60);
    b.net->latency(4s);
    CHECK(b.good() == 60);
    CHECK(b.counts().polled_ids_max == 20);
}

TEST_CASE("joint looks: each gets its own end, whatever becomes of the others")
{
    bench b;
    b.faults().on_job(2).content_refused();
    b.faults().on_job(3).fails();
    b.faults().on_job(4).succeeds_without_link();
    b.faults().on_job(5).polls_say("marinating", cokino::testing::always);
    b.faults().on_job(6).hangs();
    b.start(10, 0ms, {.ceiling = 5min});
    CHECK(b.good() == 5);
    CHECK(b.waits[1].outcome().error() == errc::content_refused);
    CHECK(b.waits[2].outcome().error() == errc::job_failed);
    CHECK(b.waits[3].outcome().error() == errc::result_missing);
    CHECK(b.waits[4].outcome().error() == errc::job_unknown_state);
    CHECK(b.waits[5].outcome().error() == errc::wait_timed_out);
    for (std::size_t i : {0u, 6u, 7u, 8u, 9u})
        CHECK(b.waits[i].took() < 110s);
    for (std::size_t i = 0; i < 10; ++i)
        if (b.waits[i].outcome().has_error())
            CHECK(b.waits[i].outcome().error().facts().job == b.jobs[i].text());
}

TEST_CASE("joint looks: a job that the host leaves out misses looks, and nobody else does")
{
    bench b;
    b.faults().on_job(3).polls_not_found(cokino::testing::always);
    b.faults().on_job(7).polls_not_found(2); // a list that lags behind
    b.start(20);
    CHECK(b.good() == 19);
    CHECK(b.waits[2].outcome().error() == errc::not_found);
    CHECK(b.polls_of(2) == limits::not_found_max);
    bench sound;
    sound.start(20);
    CHECK(sound.good() == 20);
    for (std::size_t i : {0u, 1u, 3u, 19u})
        CHECK(b.waits[i].took() <= sound.waits[i].took() + 1s);
    // A few calls while the two are asked for alone, and until the one of them rides again.
    CHECK(b.counts().polls <= sound.counts().polls + 12);
}

TEST_CASE("joint looks: a job that spoils each call it is in is soon asked for alone")
{
    for (auto const script :
         {+[](cokino::testing::job_faults& j) { j.polls_answer(400, cokino::testing::always); },
          +[](cokino::testing::job_faults& j) { j.polls_nonsense(cokino::testing::always); }}) {
        bench b;
        script(b.faults().on_job(3));
        b.start(20, 0ms, {.ceiling = 4min});
        CHECK(b.good() == 19);
        CHECK(b.waits[2].outcome().error() == errc::wait_timed_out);
        for (std::size_t i : {0u, 1u, 3u, 19u})
            CHECK(b.waits[i].took() < 115s);
        CHECK(b.counts().polls < 20 * 8);
    }
}

TEST_CASE("joint looks: trouble on the way is a missed look for all, and they stay together")
{
    bench b;
    b.start(20);
    b.t.time.run_for(1s);
    b.net->fail_next(failure(errc::connection_lost, fate::maybe_sent), 4);
    CHECK(b.good() == 20);
    CHECK(b.counts().polls < 100); // alone they would have made some seven hundred
}

TEST_CASE("joint looks: who is cancelled drops out of a call, and the others hear its answer")
{
    for (std::size_t gone : {0u, 7u}) { // the one whose look was due, and one that rode along
        CAPTURE(gone);
        bench b;
        b.start(10);
        b.net->latency(20s);
        b.t.time.run_until([&] { return b.counts().polls == 1; });
        CHECK(b.counts().polled_ids_max >= 8);
        b.waits[gone].cancel();
        b.t.finish(b.waits[gone]);
        CHECK(b.waits[gone].outcome().error() == errc::cancelled);
        CHECK(b.client.waiting() == 9);
        CHECK(b.good() == 9);
        CHECK(b.polls_of(gone) == 1);
    }
}

TEST_CASE("joint looks: when all are cancelled the call is broken off")
{
    bench b;
    b.faults().on_job(1).polls_lost(cokino::testing::always, cokino::testing::breakage::stall);
    b.start(5);
    b.t.time.run_until([&] { return b.counts().polls == 1; });
    auto const record = b.jobs[4].shared();
    b.jobs.clear();
    for (auto const& w : b.waits)
        w.cancel();
    for (auto const& w : b.waits) {
        b.t.finish(w);
        CHECK(w.outcome().error() == errc::cancelled);
    }
    b.t.time.run_for(0ms);
    b.waits.clear();
    CHECK(b.counts().polls == 1);
    CHECK(record.use_count() == 1); // neither the call nor a wait holds it any more
}

TEST_CASE("joint looks: a ceiling that passes under a call ends that wait alone")
{
    bench b;
    b.start(4);
    b.net->latency(20s);
    auto const hasty = b.t.start(b.client.wait_for(b.jobs[0], {.ceiling = 6s}));
    b.t.finish(hasty);
    CHECK(hasty.outcome().error() == errc::wait_timed_out);
    CHECK(hasty.took() <= 11s + 1ms);
    CHECK(b.good() == 4);
}

TEST_CASE("joint looks: two waits for one job share the call and the answer")
{
    bench b;
    b.start(1);
    auto const again = b.t.start(b.client.wait_for(b.jobs[0]));
    b.t.finish(again);
    CHECK(again.outcome().has_value());
    CHECK(b.good() == 1);
    CHECK(b.counts().polled_ids_max == 1);
    bench single;
    single.start(1);
    CHECK(single.good() == 1);
    CHECK(b.counts().polls <= single.counts().polls + 3);
}

TEST_CASE("joint looks: jobs of Kling's older generation are asked for one by one")
{
    bench b;
    auto record = std::make_shared<job_record>();
    b.start(2);
    auto route = std::make_shared<job_route>(*b.jobs[0].record().route);
    route->endpoint = "v1/videos/text2video";
    record->route = route;
    record->id = b.jobs[0].id(); // not of that kind: the host will not know it there
    auto const old = b.t.start(b.client.wait_for(job<video>(record)));
    b.t.finish(old);
    CHECK(old.outcome().error() == errc::not_found);
    CHECK(b.good() == 2);
}

struct looks_log {
    void on_exchange(const exchange_event& e)
    {
        if (e.method == "GET")
            ++calls;
    }
    void on_state(const state_event&) { ++states; }
    void on_retry(const retry_event& e)
    {
        if (e.operation == "status")
            ++missed;
    }
    int calls = 0, states = 0, missed = 0;
};

TEST_CASE("joint looks: the observer hears of one exchange, and of each job in it")
{
    looks_log log;
    auto options = seeded();
    options.watch = log;
    bench b(true, options);
    b.faults().on_job(2).polls_not_found(1);
    b.start(3);
    b.t.time.run_until([&] { return log.missed == 1; });
    CHECK(log.calls == 1);
    b.t.time.run_for(0ms);
    CHECK(log.states == 2);
    CHECK(b.good() == 3);
}

/// Ends other waits while a call's answer is being handed out.
struct meddler {
    void on_state(const state_event&)
    {
        if (waits && !waits->empty())
            for (std::size_t i = 1; i < waits->size(); i += 2)
                (*waits)[i].cancel();
        waits = nullptr;
    }
    std::vector<started<video>>* waits = nullptr;
};

TEST_CASE("joint looks: an observer may end waits while the answer is handed out")
{
    meddler hand;
    auto options = seeded();
    options.watch = hand;
    bench b(true, options);
    b.start(10);
    hand.waits = &b.waits;
    CHECK(b.good() == 5);
    for (std::size_t i = 1; i < 10; i += 2)
        CHECK(b.waits[i].outcome().error() == errc::cancelled);
    CHECK(b.client.waiting() == 0);
}

/// Believed hooks, told by hand.
class told_source final : public completion_source
{
public:
    result<callback_address> new_address() override
    {
        callback_address a;
        a.nonce = "n" + std::to_string(++addresses);
        a.url = "https://hooks.example.net/" + a.nonce;
        return a;
    }
    void bind(std::string_view, std::string_view) override {}
    std::optional<completion_hint> watch(completion_waiter& w, std::string_view id,
                                         std::string_view) override
    {
        watching[std::string(id)] = &w;
        return std::nullopt;
    }
    void unwatch(completion_waiter& w) noexcept override
    {
        std::erase_if(watching, [&](const auto& entry) { return entry.second == &w; });
    }
    void tell(const std::string& id, job_status status, bool believed)
    {
        completion_hint hint;
        hint.note.job_id = id;
        hint.note.status = std::move(status);
        hint.believed = believed;
        watching.at(id)->on_hint(hint);
    }
    int addresses = 0;
    std::map<std::string, completion_waiter*> watching;
};

TEST_CASE("joint looks: a hook that comes while a call is under way ends its wait at once")
{
    told_source source;
    auto options = seeded();
    options.hooks = &source;
    bench b(true, options);
    b.start(6);
    b.net->latency(20s);
    b.t.time.run_until([&] { return b.counts().polls == 1; });
    job_status done;
    done.state = job_state::succeeded;
    done.output.emplace();
    done.output->assets.emplace_back("https://files.example.net/a.mp4");
    source.tell(b.jobs[3].id(), done, true);
    b.t.finish(b.waits[3]);
    auto const end = b.waits[3].outcome();
    REQUIRE(end.has_value());
    CHECK(end->file.url == "https://files.example.net/a.mp4");
    CHECK(b.polls_of(3) == 1);
    CHECK(b.client.waiting() == 5);
    b.waits.erase(b.waits.begin() + 3);
    b.jobs.erase(b.jobs.begin() + 3);
    CHECK(b.good() == 5);
}

TEST_CASE("joint looks: a hint that is not vouched for brings the others' looks along")
{
    told_source source;
    auto options = seeded();
    options.hooks = &source;
    bench b(true, options);
    b.start(6);
    b.t.time.run_for(17s); // five seconds, four times as long with hooks: 18 s at the earliest
    CHECK(b.counts().polls == 0);
    source.tell(b.jobs[3].id(), job_status(), false);
    b.t.time.run_for(1ms);
    CHECK(b.counts().polls == 1);
    CHECK(b.counts().polled_ids_max >= 2);
    CHECK(b.good() == 6);
}

TEST_CASE("joint looks: waits whose context dies under a call go with it, coroutines and all")
{
    auto b = std::make_unique<bench>();
    b->start(20);
    b->net->latency(20s);
    b->t.time.run_until([&] { return b->counts().polls == 1; });
    auto const record = b->jobs[9].shared();
    b.reset();
    CHECK(record.use_count() == 1);
}

} // namespace joint_looks_test
