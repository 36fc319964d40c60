// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// An observer gets the hooks that it has and no others; one with a wrong hook does not compile
// (tests/must_not_compile/core_*.cpp).
#include <cokino/core/observer.hpp>

#include <doctest/doctest.h>

#include <string>
#include <type_traits>
#include <vector>

namespace observer_test {

using namespace cokino;

struct retries_only {
    unsigned seen = 0;
    void on_retry(const retry_event& e) { seen = e.attempt; }
};

struct reader {
    mutable std::string word;
    void on_state(const state_event& e) const { word = std::string(e.word); }
};

struct sealed final {
    int progress = 0;
    void on_download_progress(const download_progress_event&) noexcept { ++progress; }
};

struct everything {
    std::vector<std::string> calls;
    // A template and a by-value parameter are hooks as good as any.
    template <class Event> void on_submit(const Event& e) { calls.emplace_back(name_of(e.phase)); }
    void on_exchange(exchange_event e) { calls.emplace_back(e.method); }
    void on_retry(const retry_event&) { calls.emplace_back("retry"); }
    void on_state(const state_event&) { calls.emplace_back("state"); }
    void on_unknown_word(const unknown_word_event& e) { calls.emplace_back(e.word); }
    void on_wait_end(const wait_end_event&) { calls.emplace_back("wait_end"); }
    void on_download_progress(const download_progress_event&) { calls.emplace_back("progress"); }
    void on_downloads_paused(const downloads_paused_event& e) { calls.emplace_back(e.path); }
    void on_downloads_resumed(const downloads_resumed_event&) { calls.emplace_back("resumed"); }
    void on_redirect(const redirect_event&) { calls.emplace_back("redirect"); }
    void on_link_renewed(const link_renewed_event&) { calls.emplace_back("renewed"); }
    // An overload beside the hook is none of the library's business.
    void on_retry(int) { calls.emplace_back("wrong overload"); }
};

struct base_with_virtuals {
    virtual ~base_with_virtuals() = default;
    virtual void on_wait_end(const wait_end_event& e) = 0;
};

struct derived final : base_with_virtuals {
    unsigned polls = 0;
    void on_wait_end(const wait_end_event& e) override { polls = e.polls; }
};

void tell_all(observer o)
{
    submit_event submit;
    submit.phase = submit_phase::unknown;
    o.on_submit(submit);
    exchange_event exchange;
    exchange.method = "GET";
    o.on_exchange(exchange);
    retry_event retry;
    retry.attempt = 2;
    o.on_retry(retry);
    state_event state;
    state.word = "IN_QUEUE";
    o.on_state(state);
    unknown_word_event word;
    word.word = "pondering";
    o.on_unknown_word(word);
    wait_end_event end;
    end.polls = 7;
    o.on_wait_end(end);
    o.on_download_progress({});
    downloads_paused_event paused;
    paused.path = "neon.mp4.part";
    o.on_downloads_paused(paused);
    o.on_downloads_resumed({});
    o.on_redirect({});
    o.on_link_renewed({});
}

TEST_SUITE("core/observer")
{
    TEST_CASE("an observer of nobody takes every event and does nothing")
    {
        observer nobody;
        CHECK_FALSE(static_cast<bool>(nobody));
        tell_all(nobody);
    }

    TEST_CASE("a type with one hook gets that hook only")
    {
        retries_only log;
        tell_all(log);
        CHECK(log.seen == 2);
    }

    TEST_CASE("a const object with a const hook observes")
    {
        const reader log;
        tell_all(log);
        CHECK(log.word == "IN_QUEUE");
    }

    TEST_CASE("a final class observes")
    {
        sealed log;
        tell_all(log);
        CHECK(log.progress == 1);
    }

    TEST_CASE("every hook is called once, templates and overloads included")
    {
        everything log;
        tell_all(log);
        const std::vector<std::string> expected{
            "unknown",  "GET",           "retry",   "state",    "pondering", "wait_end",
            "progress", "neon.mp4.part", "resumed", "redirect", "renewed"};
        CHECK(log.calls == expected);
    }

    TEST_CASE("an abstract observer is called through its base")
    {
        derived log;
        base_with_virtuals& base = log;
        tell_all(base);
        CHECK(log.polls == 7);
    }

    TEST_CASE("a copy speaks to the same object, and an observer is cheap enough for options")
    {
        retries_only log;
        observer first(log);
        observer second = first;
        tell_all(second);
        CHECK(log.seen == 2);
        CHECK(static_cast<bool>(second));
        static_assert(std::is_trivially_destructible_v<observer>);
        static_assert(std::is_trivially_copyable_v<observer>);
        static_assert(!std::is_constructible_v<observer, retries_only&&>, "it would dangle");
    }
}

} // namespace observer_test
