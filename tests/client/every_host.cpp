// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What must hold for every host alike: the same ten lines of a user's code, from a request to an
// MP4.
#include "support/fake_client.hpp"
#include "support/hosts.hpp"
#include "support/whole_client.hpp"

#include <cokino/wire/mp4_probe.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace every_host_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;

struct counting {
    void on_warning(const warning_event& e) { texts.push_back(e.what->describe()); }
    std::vector<std::string> texts;
};

struct bench : whole_client<counting> {
    explicit bench(const host_row& row) : whole_client(row.make("https://api.example.com")) {}
};

template <class Request> awaitable<std::string> clip(client& c, Request request)
{
    auto job = co_await c.submit(request);
    auto video = co_await c.wait_for(job);
    auto bytes = co_await c.download_to_memory(video);
    co_return bytes;
}

void check_clip(const result<std::string>& got, int seconds)
{
    if (got.has_error())
        FAIL(got.error().describe());
    wire::memory_reader bytes(*got);
    auto const facts = wire::probe_mp4(bytes);
    REQUIRE(facts.has_value());
    CHECK(facts->duration == std::chrono::seconds(seconds));
}

image_to_video from_frame(image_source frame)
{
    return image_to_video(std::move(frame), "the camera pushes in slowly");
}

TEST_CASE("every host: words become an MP4, bought once")
{
    for (const host_row& row : every_host) {
        if (!row.from_text)
            continue;
        CAPTURE(row.name);
        bench b(row);
        text_to_video request("a paper boat drifts across a pond at dawn");
        request.duration = 10s;
        check_clip(b.t.outcome(clip(b.client, request)), 10);
        CHECK(b.net->counts().jobs == 1);
        CHECK(b.net->counts().spent_mills > 0);
        CHECK(b.net->counts().keys_leaked == 0);
        CHECK(b.net->counts().unknown_routes == 0);
        CHECK(b.heard.texts.empty());
    }
}

TEST_CASE("every host: a start frame behind a link becomes an MP4, bought once")
{
    for (const host_row& row : every_host) {
        if (!row.from_image)
            continue;
        CAPTURE(row.name);
        bench b(row);
        check_clip(b.t.outcome(clip(b.client, from_frame("https://assets.example.net/frame.png"))),
                   5);
        CHECK(b.net->counts().jobs == 1);
        CHECK(b.net->counts().keys_leaked == 0);
    }
}

TEST_CASE("every host: a refused prompt is content_refused, at submit or as a failed job, once")
{
    for (const host_row& row : every_host) {
        for (const bool at_submit : {true, false}) {
            CAPTURE(row.name);
            CAPTURE(at_submit);
            bench b(row);
            auto& rule = b.net->faults().on_job(1);
            if (at_submit)
                rule.content_refused_at_submit();
            else
                rule.content_refused();
            auto const got = b.t.outcome(clip(b.client, street()));
            REQUIRE(got.has_error());
            CHECK(got.error() == errc::content_refused);
            CHECK(got.error().code() == condition::content_refused);
            CHECK(!got.error().facts().host_text.empty());
            CHECK(b.net->counts().submits <= 1);
        }
    }
}

TEST_CASE("every host: a look that is refused leaves open whether the job was billed")
{
    for (const host_row& row : every_host) {
        CAPTURE(row.name);
        bench b(row);
        b.net->faults().on_job(1).polls_answer(401, cokino::testing::always);
        auto const bought = b.t.outcome(b.client.submit(street()));
        REQUIRE(bought.has_value());
        auto const got = b.t.outcome(b.client.status(*bought));
        REQUIRE(got.has_error());
        CHECK(got.error() == errc::unauthorised);
        CHECK(got.error().facts().billed == billing::unknown);
    }
}

TEST_CASE("every host: that a failed job was not billed is the host's word, never a guess")
{
    for (const host_row& row : every_host) {
        CAPTURE(row.name);
        bench b(row);
        b.net->faults().on_job(1).fails();
        auto const got = b.t.outcome(b.client.run(street()));
        REQUIRE(got.has_error());
        CHECK(got.error() == errc::job_failed);
        if (got.error().facts().billed != billing::unknown)
            CHECK(got.error().facts().billed_by != billing_basis::inferred);
        CHECK(got.error().describe().find("illed") != std::string::npos);
    }
}

TEST_CASE("every host: an empty account is out_of_credit, and not tried again")
{
    for (const host_row& row : every_host) {
        CAPTURE(row.name);
        bench b(row);
        b.net->faults().on_job(1).refused_with(402, cokino::testing::always);
        auto const got = b.t.outcome(b.client.submit(street()));
        REQUIRE(got.has_error());
        CHECK(got.error() == errc::out_of_credit);
        CHECK(b.net->counts().submits == 1);
        CHECK(b.net->counts().spent_mills == 0);
    }
}

TEST_CASE("every host: an answer that was lost buys at most one clip, and is never called refused")
{
    for (const host_row& row : every_host) {
        CAPTURE(row.name);
        bench b(row);
        b.net->faults().on_job(1).answer_lost();
        auto const got = b.t.outcome(b.client.submit(street()));
        CHECK(b.net->counts().jobs == 1);
        if (got.has_error())
            CHECK(got.error() == errc::outcome_unknown);
        else // only where the host recognises a repeat
            CHECK(b.host->traits().repeats != repeat_semantics::none);
    }
}

/// The hosts that refuse an id of ours which they have already, and can be asked for it.
std::vector<const host_row*> asked_by_own_id()
{
    std::vector<const host_row*> out;
    for (const host_row& row : every_host)
        if (row.make("https://api.example.com")->traits().finds_own_id)
            out.push_back(&row);
    REQUIRE(out.size() == 2); // Kling, in both generations
    return out;
}

TEST_CASE("a submit whose answer was lost is settled: the host refuses our id, and tells its own")
{
    for (const host_row* row : asked_by_own_id()) {
        CAPTURE(row->name);
        bench b(*row);
        b.net->faults().on_job(1).answer_lost();
        auto const got = b.t.outcome(b.client.submit(street()));
        REQUIRE(got.has_value());
        CHECK(got->id() == b.net->jobs().front().id);
        CHECK(b.net->counts().submits == 2);
        CHECK(b.net->counts().jobs == 1);
        CHECK(b.t.outcome(b.client.wait_for(*got)).has_value());
    }
}

TEST_CASE("a look for our own id is repeated like any look, and what it finds is told once")
{
    for (const host_row* row : asked_by_own_id()) {
        CAPTURE(row->name);
        bench b(*row);
        b.net->faults().on_job(1).answer_lost().polls_answer(503).polls_lost();
        auto const got = b.t.outcome(b.client.submit(street()));
        REQUIRE(got.has_value());
        CHECK(got->id() == b.net->jobs().front().id);
        CHECK(b.net->counts().jobs == 1);
    }
}

TEST_CASE("an id that cannot be looked up leaves the outcome unknown, and says both reasons")
{
    for (const host_row* row : asked_by_own_id()) {
        CAPTURE(row->name);
        bench b(*row);
        b.net->faults().on_job(1).answer_lost().polls_nonsense(20);
        auto const got = b.t.outcome(b.client.submit(street()));
        REQUIRE(got.has_error());
        CHECK(got.error() == errc::outcome_unknown);
        CHECK(got.error().facts().billed == billing::unknown);
        auto const& message = got.error().facts().message;
        CHECK(message.find("an earlier try was accepted") != std::string::npos);
        CHECK(message.find("not valid JSON") != std::string::npos);
        CHECK(b.net->counts().jobs == 1);
    }
}

TEST_CASE("a look for our own id that is cancelled leaves the outcome unknown, not cancelled")
{
    for (const host_row* row : asked_by_own_id()) {
        CAPTURE(row->name);
        bench b(*row);
        b.net->faults().on_job(1).answer_lost().polls_answer(503, 20);
        // The second try comes after a second or so; the look is being repeated by then.
        auto const got = b.t.cancelled_after(3s, b.client.submit(street()));
        REQUIRE(got.has_error());
        CHECK(got.error() == errc::outcome_unknown);
        CHECK(b.net->counts().submits == 2);
        CHECK(b.net->counts().jobs == 1);
    }
}

TEST_CASE("every host: trouble with looks never says that a job which was bought cost nothing")
{
    const char* const refusals[] = {R"({"code":1203,"message":"task not found"})",
                                    R"({"code":1000,"message":"m"})", R"({"code":404,"msg":"m"})",
                                    R"({"code":"NOT_FOUND","message":"m"})", "{}"};
    for (const host_row& row : every_host) {
        bench b(row);
        auto const job = b.t.outcome(b.client.submit(street()));
        REQUIRE(job.has_value());
        const job_record& record = job->record();
        for (unsigned status : {200U, 400U, 401U, 403U, 404U, 410U, 422U, 433U})
            for (const char* body : refusals) {
                CAPTURE(row.name);
                CAPTURE(status);
                CAPTURE(body);
                auto const answer = wire::make_response(status, body);
                auto const seen = b.host->decode_status(record, answer);
                auto const fetched = b.host->decode_result(record, answer);
                auto const asked = b.host->decode_cancel(record, answer);
                CHECK((seen.has_value() || seen.error().facts().billed == billing::unknown));
                CHECK((fetched.has_value() || fetched.error().facts().billed == billing::unknown));
                CHECK((asked.has_value() || asked.error().facts().billed == billing::unknown));
            }
    }
}

TEST_CASE("a wait that is refused on this side does not say that its job cost nothing")
{
    bench kling(*asked_by_own_id().front());
    auto const job = kling.t.outcome(kling.client.submit(street()));
    REQUIRE(job.has_value());
    bench other(every_host[0]);
    auto const elsewhere = other.t.outcome(other.client.wait_for(*job));
    REQUIRE(elsewhere.has_error());
    CHECK(elsewhere.error() == errc::invalid_job);
    CHECK(elsewhere.error().facts().billed == billing::unknown);
    CHECK(elsewhere.error().facts().job == job->text());
    auto const options = kling.t.outcome(kling.client.wait_for(*job, {.ceiling = 0ms}));
    REQUIRE(options.has_error());
    CHECK(options.error() == errc::invalid_options);
    CHECK(options.error().facts().billed == billing::unknown);
    CHECK(options.error().facts().job == job->text());
}

/// What the host answers to a look at a job.
awaitable<result<wire::response>> answer_to_look(bench& b, job_handle job)
{
    auto request = b.host->encode_status(job.record());
    if (!request)
        co_return request.error();
    auto answer = co_await b.net->exchange(std::move(*request));
    co_return answer;
}

TEST_CASE("every host that names the job in its answers: another job's answer ends nothing")
{
    for (const host_row& row : every_host) {
        CAPTURE(row.name);
        const std::string name = row.name;
        const bool names_it = name != "rest" && name != "wireflow";
        bench b(row);
        b.net->faults().on_job(1).hangs();
        auto const ours = b.t.outcome(b.client.submit(street()));
        auto const theirs = b.t.outcome(b.client.submit(street()));
        REQUIRE(ours.has_value());
        REQUIRE(theirs.has_value());
        REQUIRE(b.t.outcome(b.client.wait_for(*theirs)).has_value());
        auto const answer = b.t.outcome(answer_to_look(b, *theirs));
        REQUIRE(answer.has_value());
        CHECK(b.host->decode_status(theirs->record(), *answer).has_value());
        auto const read = b.host->decode_status(ours->record(), *answer);
        CHECK(read.has_error() == names_it);
        if (read.has_error())
            CHECK(read.error() == errc::answer_malformed);
    }
}

TEST_CASE("every host: a job survives a restart as text")
{
    for (const host_row& row : every_host) {
        CAPTURE(row.name);
        bench b(row);
        auto const bought = b.t.outcome(b.client.submit(street()));
        REQUIRE(bought.has_value());
        auto const again = parse_job_as<video>(bought->text());
        REQUIRE(again.has_value());
        CHECK(*again == *bought);
        CHECK(bought->text().find("canary") == std::string::npos);
        client other(b.t.ex(), row.make("https://api.example.com"), b.options());
        CHECK(b.t.outcome(other.wait_for(*again)).has_value());
    }
}

TEST_CASE("every host: states what it knows of itself")
{
    for (const host_row& row : every_host) {
        CAPTURE(row.name);
        auto const host = row.make("https://api.example.com");
        const host_facts& facts = host->facts();
        const provider_traits& traits = host->traits();
        CHECK(std::string(row.name).starts_with(traits.name));
        if (traits.name == "rest") // its facts are the user's
            continue;
        CHECK(facts.host == traits.name);
        CHECK(facts.repeats == traits.repeats);
        CHECK(facts.cancel.empty() == !traits.can_cancel);
        CHECK(facts.status_batch_max == traits.status_batch_max);
        CHECK(facts.webhook == traits.webhook);
        CHECK(facts.result_lifetime == traits.result_lifetime);
        CHECK(facts.api.starts_with("https://"));
        CHECK(!facts.key_variable.empty());
        CHECK(!facts.models.empty());
        CHECK((facts.media.upload_bytes_max > 0) == !facts.upload_route.empty());
    }
}

} // namespace every_host_test
