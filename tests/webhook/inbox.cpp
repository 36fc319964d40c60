// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Hooks and waiters in every order, replays, bounds of count, bytes and age.
#include <cokino/testing/virtual_time.hpp>
#include <cokino/webhook/inbox.hpp>

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace inbox_test {

using namespace cokino;
using namespace std::chrono_literals;
using webhook::arrival;
using webhook::arrival_outcome;
using webhook::inbox;
using webhook::inbox_options;

struct listener final : completion_waiter {
    std::vector<completion_hint> heard;
    std::function<void()> then;
    void on_hint(const completion_hint& h) override
    {
        heard.push_back(h);
        if (then)
            then();
    }
};

struct bench {
    explicit bench(inbox_options o = {}) : time(io), box(time.source(), o) {}

    boost::asio::io_context io{1};
    testing::virtual_time time;
    inbox box;
    completion_source& fal = box.source("fal", "https://example.com/hooks/fal");
    completion_source& kie = box.source("kie", "https://example.com/hooks/kie?a=b");

    int message = 0;
    arrival hook(std::string job, std::string nonce = {}, job_state s = job_state::succeeded)
    {
        arrival a;
        a.message_id = "m" + std::to_string(++message);
        a.nonce = std::move(nonce);
        a.note.job_id = std::move(job);
        a.note.status.emplace();
        a.note.status->state = s;
        a.body_covered = true;
        return a;
    }
};

TEST_CASE("A waiter that is there hears the hook, once for each message")
{
    bench b;
    listener w;
    CHECK_FALSE(b.fal.watch(w, "job-1").has_value());
    const arrival a = b.hook("job-1");
    CHECK(b.box.deliver("fal", a) == arrival_outcome::delivered);
    CHECK(b.box.deliver("fal", a) == arrival_outcome::replayed);
    REQUIRE(w.heard.size() == 1);
    CHECK(w.heard[0].believed);
    CHECK(w.heard[0].note.job_id == "job-1");
    CHECK(w.heard[0].note.status->state == job_state::succeeded);
    b.fal.unwatch(w);
    b.fal.unwatch(w);
    CHECK(b.box.counts().waiting == 0);
    CHECK(b.box.deliver("fal", b.hook("job-1")) == arrival_outcome::kept);
    CHECK(w.heard.size() == 1);
}

TEST_CASE("A hook that overtakes the submit's answer is kept, and told to whoever waits first")
{
    bench b;
    const auto address = b.fal.new_address();
    REQUIRE(address.has_value());
    SUBCASE("by the nonce, then bound")
    {
        CHECK(b.box.deliver("fal", b.hook("job-1", address->nonce)) == arrival_outcome::kept);
        b.fal.bind(address->nonce, "job-1");
    }
    SUBCASE("by the id alone, then bound")
    {
        CHECK(b.box.deliver("fal", b.hook("job-1")) == arrival_outcome::kept);
        b.fal.bind(address->nonce, "job-1");
    }
    SUBCASE("bound first")
    {
        b.fal.bind(address->nonce, "job-1");
        CHECK(b.box.deliver("fal", b.hook("job-1", address->nonce)) == arrival_outcome::kept);
    }
    SUBCASE("never bound")
    {
        CHECK(b.box.deliver("fal", b.hook("job-1")) == arrival_outcome::kept);
    }
    listener w, second;
    const auto told = b.fal.watch(w, "job-1");
    REQUIRE(told.has_value());
    CHECK(told->believed);
    CHECK(told->note.job_id == "job-1");
    CHECK(w.heard.empty());
    CHECK_FALSE(b.fal.watch(second, "job-1").has_value());
    CHECK(b.box.deliver("fal", b.hook("job-1")) == arrival_outcome::delivered);
    CHECK(w.heard.size() == 1);
    CHECK(second.heard.size() == 1);
    CHECK(b.box.counts().kept_now == 0);
    CHECK(b.box.counts().kept_bytes == 0);
}

TEST_CASE("A nonce names the job whose id never came, and the hook brings the id")
{
    bench b;
    const auto address = b.fal.new_address();
    listener w;
    CHECK_FALSE(b.fal.watch(w, "", address->nonce).has_value());
    CHECK(b.box.deliver("fal", b.hook("job-9", address->nonce)) == arrival_outcome::delivered);
    REQUIRE(w.heard.size() == 1);
    CHECK(w.heard[0].note.job_id == "job-9");
    CHECK(w.heard[0].believed);
    b.fal.bind(address->nonce, "job-9"); // the waiter stays, now under both names
    CHECK(b.box.deliver("fal", b.hook("job-9")) == arrival_outcome::delivered);
    CHECK(w.heard.size() == 2);
}

TEST_CASE("A hook whose nonce and body name two jobs wakes the nonce's, and is not believed")
{
    bench b;
    const auto address = b.fal.new_address();
    b.fal.bind(address->nonce, "job-1");
    listener w, other;
    b.fal.watch(w, "job-1");
    b.fal.watch(other, "job-2");
    b.box.deliver("fal", b.hook("job-2", address->nonce));
    REQUIRE(w.heard.size() == 1);
    CHECK_FALSE(w.heard[0].believed);
    CHECK(w.heard[0].note.job_id == "job-1");
    CHECK(other.heard.empty());
    // The same when the id is learned only after the hook.
    const auto late = b.fal.new_address();
    b.box.deliver("fal", b.hook("job-2", late->nonce));
    listener third;
    const auto told = b.fal.watch(third, "job-3", late->nonce);
    REQUIRE(told.has_value());
    CHECK_FALSE(told->believed);
}

TEST_CASE("A body that the signature does not cover, or that tells no state, is only a hint")
{
    bench b;
    listener w;
    b.kie.watch(w, "job-1");
    arrival a = b.hook("job-1");
    a.body_covered = false;
    b.box.deliver("kie", a);
    arrival stateless = b.hook("job-1");
    stateless.note.status.reset();
    b.box.deliver("kie", stateless);
    REQUIRE(w.heard.size() == 2);
    CHECK_FALSE(w.heard[0].believed);
    CHECK_FALSE(w.heard[1].believed);
}

TEST_CASE("Hosts do not hear each other's hooks, and share neither ids, nonces nor messages")
{
    bench b;
    const auto address = b.fal.new_address();
    b.fal.bind(address->nonce, "job-1");
    listener w;
    b.fal.watch(w, "job-1");
    const arrival a = b.hook("job-1", address->nonce);
    CHECK(b.box.deliver("kie", a) == arrival_outcome::kept);
    CHECK(w.heard.empty());
    CHECK(b.box.knows("fal", address->nonce));
    CHECK_FALSE(b.box.knows("kie", address->nonce));
    CHECK(b.box.deliver("fal", a) == arrival_outcome::delivered);
    CHECK(w.heard.size() == 1);
}

TEST_CASE("Addresses are URLs below the base, unguessable and never twice the same")
{
    bench b;
    std::set<std::string> nonces;
    for (int i = 0; i < 1000; ++i) {
        const auto a = b.fal.new_address();
        CHECK(a->url == "https://example.com/hooks/fal/" + a->nonce);
        CHECK(a->nonce.size() == 32);
        nonces.insert(a->nonce);
    }
    CHECK(nonces.size() == 1000);
    const auto with_query = b.kie.new_address();
    CHECK(with_query->url == "https://example.com/hooks/kie/" + with_query->nonce + "?a=b");
    bench other;
    CHECK(nonces.count(other.fal.new_address()->nonce) == 0);
    const auto none = b.box.source("rest", "").new_address();
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error() == errc::invalid_options);
    inbox_options repeatable;
    repeatable.nonce_seed = 7;
    bench one(repeatable), same(repeatable);
    CHECK(one.fal.new_address()->nonce == same.fal.new_address()->nonce);
}

TEST_CASE("What ended a job is not undone by a state that was sent before it and came later")
{
    bench b;
    b.box.deliver("fal", b.hook("job-1", "", job_state::running));
    b.box.deliver("fal", b.hook("job-1", "", job_state::succeeded));
    b.box.deliver("fal", b.hook("job-1", "", job_state::running));
    CHECK(b.box.counts().kept_now == 1);
    listener w;
    const auto told = b.fal.watch(w, "job-1");
    REQUIRE(told.has_value());
    CHECK(told->note.status->state == job_state::succeeded);
}

TEST_CASE("A waiter may unwatch itself and others, and watch, while it hears")
{
    bench b;
    listener first, second, third;
    first.then = [&] {
        b.fal.unwatch(first);
        b.fal.unwatch(second);
        b.fal.watch(third, "job-1");
    };
    b.fal.watch(first, "job-1");
    b.fal.watch(second, "job-1");
    b.box.deliver("fal", b.hook("job-1"));
    CHECK(first.heard.size() == 1);
    CHECK(second.heard.empty());
    CHECK(third.heard.empty());
    CHECK(b.box.counts().waiting == 1);
    b.box.deliver("fal", b.hook("job-1"));
    CHECK(third.heard.size() == 1);
}

TEST_CASE("What is kept is bounded in count, and the oldest makes room")
{
    inbox_options o;
    o.kept_max = 3;
    bench b(o);
    for (int i = 0; i < 10; ++i)
        CHECK(b.box.deliver("fal", b.hook("job-" + std::to_string(i))) == arrival_outcome::kept);
    CHECK(b.box.counts().kept_now == 3);
    CHECK(b.box.counts().dropped == 7);
    listener w;
    CHECK_FALSE(b.fal.watch(w, "job-6").has_value());
    CHECK(b.fal.watch(w, "job-7").has_value());
    CHECK(b.fal.watch(w, "job-9").has_value());
}

TEST_CASE("What is kept is bounded in bytes; a huge note is kept as a mere hint")
{
    inbox_options o;
    o.kept_bytes_max = 256 * 1024;
    bench b(o);
    arrival huge = b.hook("huge");
    huge.note.status->word = std::string(100'000, 'x');
    b.box.deliver("fal", huge);
    CHECK(b.box.counts().kept_bytes < 4096);
    for (int i = 0; i < 1000; ++i) {
        arrival a = b.hook("job-" + std::to_string(i));
        a.note.status->word = std::string(3000, 'x');
        b.box.deliver("fal", a);
        CHECK(b.box.counts().kept_bytes <= o.kept_bytes_max);
    }
    listener w;
    CHECK(b.fal.watch(w, "job-999").has_value());
}

TEST_CASE("What is kept, addresses and messages are forgotten when they are too old")
{
    inbox_options o;
    bench b(o);
    const auto address = b.fal.new_address();
    const arrival a = b.hook("job-1", address->nonce);
    b.box.deliver("fal", a);
    b.time.run_for(o.message_life - 1s);
    CHECK(b.box.deliver("fal", a) == arrival_outcome::replayed);
    b.time.run_for(1s);
    CHECK(b.box.deliver("fal", a) == arrival_outcome::kept);
    b.time.run_for(o.kept_life);
    listener w;
    CHECK_FALSE(b.fal.watch(w, "", address->nonce).has_value());
    CHECK(b.box.counts().kept_now == 0);
    CHECK(b.box.knows("fal", address->nonce));
    b.time.run_for(o.address_life);
    b.box.deliver("fal", b.hook("job-2"));
    CHECK_FALSE(b.box.knows("fal", address->nonce));
    CHECK(b.box.counts().waiting == 0);
    CHECK(b.box.counts().messages == 1);
    b.fal.unwatch(w);
}

TEST_CASE("A job that is waited for by its id stays so when its address grows too old")
{
    bench b;
    const auto address = b.fal.new_address();
    listener w;
    CHECK_FALSE(b.fal.watch(w, "job-1", address->nonce).has_value());
    b.time.run_for(25h);
    CHECK(b.box.deliver("fal", b.hook("job-1")) == arrival_outcome::delivered);
    CHECK(w.heard.size() == 1);
    b.fal.unwatch(w);
    CHECK(b.box.counts().addresses == 0);
}

TEST_CASE("Messages and addresses are bounded in number")
{
    inbox_options o;
    o.messages_max = 5;
    o.addresses_max = 4;
    bench b(o);
    const auto first = b.fal.new_address();
    for (int i = 0; i < 20; ++i) {
        REQUIRE(b.fal.new_address().has_value());
        b.box.deliver("fal", b.hook("job-" + std::to_string(i)));
        CHECK(b.box.counts().messages <= 6);
        CHECK(b.box.counts().addresses <= 5);
    }
    CHECK_FALSE(b.box.knows("fal", first->nonce));
}

TEST_CASE("A hook that names nothing is nobody's")
{
    bench b;
    CHECK(b.box.deliver("fal", b.hook("", "")) == arrival_outcome::unknown);
    CHECK(b.box.deliver("fal", b.hook("", "0123456789abcdef")) == arrival_outcome::unknown);
    CHECK(b.box.counts().messages == 0);
    listener w;
    CHECK_FALSE(b.fal.watch(w, "", "a nonce of nobody").has_value());
    CHECK(b.box.counts().waiting == 0);
}

TEST_CASE("Options below their bounds are refused")
{
    inbox_options o;
    o.kept_max = 0;
    CHECK(validate(o).error().facts().field == "kept_max");
    boost::asio::io_context io;
    testing::virtual_time time(io);
    CHECK_THROWS_AS(inbox(time.source(), o), cokino::error);
}

} // namespace inbox_test
