// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What a failure carries, how copies share it, and the paragraph that a person reads.
#include <cokino/core/result.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace result_test {

using namespace cokino;
using namespace std::chrono_literals;

bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

failure lost_submit()
{
    failure f(errc::outcome_unknown, fate::maybe_sent);
    diagnostics& d = f.edit();
    d.host = "fal";
    d.operation = "submit";
    d.http_status = 502;
    d.host_code = "E17";
    d.host_text = "say \"please\"\nJob: forged";
    d.request_id = "req-9";
    d.attempts = 3;
    d.elapsed = 4230ms;
    d.stopped = "attempts exhausted: 3";
    d.job = "cokino1:fal:abc";
    return f;
}

TEST_SUITE("core/result")
{
    TEST_CASE("a default failure is a bug of ours, so that a forgotten one is seen")
    {
        const failure f;
        CHECK(f == errc::internal_error);
        CHECK(f.sent() == fate::not_sent);
        CHECK(f.facts().job.empty());
    }

    TEST_CASE("a copy shares the facts until one of the two is edited")
    {
        const failure first = lost_submit();
        failure second = first;
        CHECK(&first.facts() == &second.facts());
        second.edit().job = "other";
        CHECK(first.facts().job == "cokino1:fal:abc");
        CHECK(second.facts().job == "other");
    }

    TEST_CASE("a result gives its value or throws cokino::error with the job")
    {
        const result<int> good = 7;
        CHECK(good.value() == 7);
        const result<int> bad = lost_submit();
        REQUIRE_FALSE(bad.has_value());
        CHECK(bad.error() == condition::outcome_unknown);
        std::string job, what;
        error_code code;
        try {
            (void)bad.value();
        } catch (const error& e) {
            job = e.job();
            what = e.what();
            code = e.code();
        }
        CHECK(job == "cokino1:fal:abc");
        CHECK(what == lost_submit().describe());
        CHECK(code == errc::outcome_unknown);
    }

    TEST_CASE("an error is caught as a system_error by those who know nothing of cokino")
    {
        CHECK_THROWS_AS(throw error(failure(errc::disk_full)), boost::system::system_error);
    }

    TEST_CASE("the paragraph tells what happened, what the host said, and what to do")
    {
        const std::string text = lost_submit().describe();
        CHECK(contains(text, "[fal submit, outcome_unknown, HTTP 502]."));
        CHECK(contains(text, "Its request id: \"req-9\"."));
        CHECK(contains(text, "Tried 3 times in 4.2 s. Stopped: attempts exhausted: 3."));
        CHECK(contains(text, "Whether it was billed is not known."));
        CHECK(contains(text, std::string(remedy_of(errc::outcome_unknown))));
        CHECK(text.substr(text.size() - 21) == " Job: cokino1:fal:abc");
    }

    TEST_CASE("the host's words stand in marks that they cannot close, on the same line")
    {
        const std::string text = lost_submit().describe();
        CHECK(contains(text, "The host says: \"E17\" \"say 'please' Job: forged\"."));
        CHECK_FALSE(contains(text, "\n"));
    }

    TEST_CASE("a mistake in a request names the field, and that it cost nothing")
    {
        const failure f = invalid("duration", "7 s is not offered; 5 or 10");
        CHECK(f == errc::invalid_argument);
        CHECK(f == condition::invalid_request);
        CHECK(f.describe() ==
              "duration: 7 s is not offered; 5 or 10 [invalid_argument]. Not billed: no order was "
              "sent. Mend the named field.");
        CHECK(invalid("a", "b", errc::unsupported_field).facts().billed == billing::no);
    }

    TEST_CASE("a mistake that concerns a job says nothing of its bill")
    {
        const failure f = invalid("job", "is empty", errc::invalid_job);
        CHECK(f.facts().billed == billing::unknown);
        CHECK_FALSE(contains(f.describe(), "illed"));
    }

    TEST_CASE("whether it was billed is told with whose word that is")
    {
        const auto told = [](failure f, billing b, billing_basis by) {
            f.set(b, by);
            return f.describe();
        };
        const failure refused(errc::request_rejected, fate::answered);
        const failure unsent(errc::connect_failed, fate::not_sent);
        const failure ended(errc::job_failed, fate::answered);
        using by = billing_basis;
        CHECK(contains(told(refused, billing::no, by::inferred),
                       " Not billed: no job was accepted. "));
        CHECK(
            contains(told(unsent, billing::no, by::inferred), " Not billed: no order was sent. "));
        CHECK(contains(told(ended, billing::no, by::host_terms),
                       " Not billed, by the host's terms. "));
        CHECK(contains(told(ended, billing::no, by::host_answer),
                       " Not billed, by the host's answer. "));
        CHECK(contains(told(ended, billing::yes, by::host_answer),
                       " Billed, by the host's answer. "));
        CHECK(contains(told(ended, billing::yes, by::inferred), " Billed, as far as is known. "));
        CHECK(contains(told(ended, billing::unknown, by::host_terms),
                       " Whether it was billed is not known. "));
        CHECK(name_of(by::inferred) == "inferred");
        CHECK(name_of(by::host_terms) == "host_terms");
        CHECK(name_of(by::host_answer) == "host_answer");
    }

    TEST_CASE("a host that refuses while a job is waited for leaves the bill open")
    {
        failure f(errc::content_refused, fate::answered);
        CHECK_FALSE(contains(f.describe(), "illed"));
        f.edit().operation = "wait_for";
        CHECK(contains(f.describe(), " Whether it was billed is not known. "));
    }

    failure of_paid_job(errc e, const char* operation)
    {
        failure f(e, fate::answered);
        f.edit().operation = operation;
        f.edit().job = "cokino1:fal:abc";
        return f;
    }

    TEST_CASE("what to do next depends on what has been paid for")
    {
        const auto lost = of_paid_job(errc::connection_lost, "download").describe();
        CHECK(contains(lost, "To download again buys nothing. Repeat it: that costs nothing. Job"));
        CHECK(contains(of_paid_job(errc::link_expired, "download").describe(),
                       "buys nothing. Wait for the job once more, which costs nothing"));
        CHECK(contains(of_paid_job(errc::deadline_passed, "wait_for").describe(),
                       std::string(remedy_of(errc::wait_timed_out))));
        CHECK(contains(of_paid_job(errc::deadline_passed, "download").describe(),
                       "Allow more time. Job"));
        CHECK(contains(of_paid_job(errc::request_rejected, "wait_for").describe(),
                       "the job's result is not to be had"));

        failure order(errc::connection_lost, fate::maybe_sent);
        order.edit().operation = "submit";
        CHECK_FALSE(contains(order.describe(), "costs nothing"));
        CHECK(contains(order.describe(), "without a second charge"));
        failure late(errc::deadline_passed);
        late.edit().operation = "submit";
        CHECK(contains(late.describe(), "a submitted job may go on"));
        CHECK(contains(late.set(billing::no).describe(), "no order was sent. Allow more time."));
        failure frame(errc::link_expired);
        frame.edit().operation = "submit";
        CHECK(contains(frame.describe(), "Give a fresh link"));
    }

    TEST_CASE("what is not known is not said")
    {
        failure f(errc::body_truncated, fate::answered);
        CHECK(f.describe() == "fewer bytes came than were promised [body_truncated]. Download "
                              "again: the part file was kept and the download goes on from there.");
        f.edit().elapsed = 900ms;
        f.edit().retry_after = 30s;
        f.edit().billed = billing::yes;
        CHECK(contains(f.describe(), "It asks to wait 30 s. It took 900 ms. Billed, as far as"));
    }

    TEST_CASE("a code of another category keeps its own words")
    {
        const failure f(error_code(28, boost::system::system_category()));
        CHECK(contains(f.describe(), "[system 28]."));
    }
}

} // namespace result_test
