// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A wait that hears of its job from outside: what is believed, what only makes it look, what is
// ignored. The source is a toy; the real one is tested in tests/webhook.
#include "support/fake_client.hpp"

#include <cokino/model/completion_source.hpp>

#include <doctest/doctest.h>

#include <map>
#include <string>

namespace hints_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;

/// Keeps what it is told, and calls when it is asked to.
class toy_source final : public completion_source
{
public:
    result<callback_address> new_address() override
    {
        callback_address a;
        a.nonce = "n" + std::to_string(++addresses);
        a.url = "https://hooks.example.net/" + a.nonce;
        return a;
    }
    void bind(std::string_view nonce, std::string_view id) override
    {
        bound[std::string(nonce)] = std::string(id);
    }
    std::optional<completion_hint> watch(completion_waiter& w, std::string_view id,
                                         std::string_view) override
    {
        watching[std::string(id)] = &w;
        return before;
    }
    void unwatch(completion_waiter& w) noexcept override
    {
        std::erase_if(watching, [&](const auto& entry) { return entry.second == &w; });
    }
    void tell(const std::string& id, job_state state, bool believed)
    {
        completion_hint hint;
        hint.note.job_id = id;
        hint.note.status = job_status();
        hint.note.status->state = state;
        hint.note.status->result_pending = true; // fal's result stands behind a second request
        hint.believed = believed;
        if (auto const at = watching.find(id); at != watching.end())
            at->second->on_hint(hint);
    }

    int addresses = 0;
    std::map<std::string, std::string> bound;
    std::map<std::string, completion_waiter*> watching;
    std::optional<completion_hint> before;
};

/// A dialect whose hooks cover their body.
class hooked_fal final : public fal
{
public:
    hooked_fal() : fal(api_key("canary-key", "FAL_KEY")), traits_(fal::traits())
    {
        traits_.webhook = webhook_scheme::fal_ed25519;
    }
    const provider_traits& traits() const noexcept override { return traits_; }

private:
    provider_traits traits_;
};

struct hooked_client {
    hooked_client()
        : net(std::make_shared<cokino::testing::fake_transport>(t.ex())),
          kling(t.ex(), std::make_shared<hooked_fal>(), net, options())
    {
        net->engine().options().queue_time = 1s;
        net->engine().options().render_time = 100s;
    }

    job_client_options options()
    {
        auto o = seeded();
        o.hooks = &source;
        return o;
    }

    job<video> bought()
    {
        auto got = t.outcome(kling.submit(street()));
        REQUIRE(got.has_value());
        return *got;
    }

    /// Runs a wait, and tells it something after a while.
    result<video> wait(const job<video>& job, duration after, job_state state, bool believed)
    {
        auto waiting = t.start(kling.wait_for(job));
        auto telling = t.start(tell_later(source, job.id(), after, state, believed));
        t.finish(waiting);
        t.finish(telling);
        took = waiting.took();
        return waiting.outcome();
    }

    static awaitable<void> tell_later(toy_source& source, std::string id, duration after,
                                      job_state state, bool believed)
    {
        co_await sleep_for(after);
        source.tell(id, state, believed);
    }

    virtual_test t;
    toy_source source;
    std::shared_ptr<cokino::testing::fake_transport> net;
    job_client kling;
    duration took{};
};

TEST_CASE("hints: a submit carries an address of its own, and binds it to the id that it got")
{
    hooked_client c;
    auto const first = c.bought(), second = c.bought();
    CHECK(c.source.addresses == 2);
    CHECK(c.source.bound["n1"] == first.id());
    CHECK(c.source.bound["n2"] == second.id());
    CHECK(c.net->engine().jobs()[0].webhook_url == "https://hooks.example.net/n1");
}

TEST_CASE("hints: news that is vouched for ends the wait at once")
{
    hooked_client c;
    auto const job = c.bought();
    auto const end = c.wait(job, 101500ms, job_state::succeeded, true);
    REQUIRE(end.has_value());
    CHECK(c.took == 101500ms);
    CHECK(c.source.watching.empty());
}

TEST_CASE("hints: news that anybody may have sent only brings the next look forward")
{
    hooked_client c;
    auto const job = c.bought();
    auto const end = c.wait(job, 101500ms, job_state::failed, false);
    REQUIRE(end.has_value()); // it said "failed", and was not believed
    CHECK(c.took < 102600ms);

    // One that comes while the job still renders costs a look, and ends nothing.
    hooked_client early;
    auto const other = early.bought();
    auto const later = early.wait(other, 20s, job_state::failed, false);
    REQUIRE(later.has_value());
    CHECK(early.took >= 101s);
}

TEST_CASE("hints: a hook that came before anybody waited is heard")
{
    hooked_client c;
    auto const job = c.bought();
    c.source.before.emplace();
    c.source.before->note.job_id = job.id();
    auto waiting = c.t.start(c.kling.wait_for(job));
    auto stop = c.t.start(sleep_for(100ms));
    c.t.finish(stop);
    CHECK(c.net->counts().polls == 1); // long before the first look was due
    c.t.finish(waiting);
    CHECK(waiting.outcome().has_value());
}

TEST_CASE("hints: a hook that is lost costs time, and nothing else")
{
    hooked_client c;
    auto const job = c.bought();
    auto const end = c.t.outcome(c.kling.wait_for(job));
    REQUIRE(end.has_value());
    // Looks are rarer than without hooks, and still come.
    CHECK(c.net->counts().polls >= 2);
    CHECK(c.net->counts().polls <= 10);
}

TEST_CASE("hints: a wait that is cancelled, or fails, is registered nowhere any more")
{
    hooked_client c;
    auto const job = c.bought();
    auto waiting = c.t.start(c.kling.wait_for(job));
    waiting.cancel_after(3s);
    c.t.finish(waiting);
    CHECK(waiting.outcome().error() == errc::cancelled);
    CHECK(c.source.watching.empty());
    CHECK(c.t.outcome(c.kling.wait_for(job, {.ceiling = 3s})).error() == errc::wait_timed_out);
    CHECK(c.source.watching.empty());
}

} // namespace hints_test
