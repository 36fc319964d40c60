// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Until when a job's files live, by the life that their host promises.
#include <cokino/client/detail/file_life.hpp>

#include <doctest/doctest.h>

#include <limits>

namespace file_life_test {

using namespace cokino;
using namespace std::chrono_literals;

using detail::tell_lifetimes;

constexpr std::int64_t submit_ms = 1'795'780'800'000;
constexpr std::chrono::system_clock::time_point submit{std::chrono::milliseconds(submit_ms)};

job_status two_files()
{
    job_status s;
    s.output.emplace();
    s.output->assets = {asset("https://h/a.mp4"), asset("https://h/b.mp4")};
    return s;
}

job_record submitted_at(std::int64_t ms)
{
    job_record job;
    job.submitted_ms = ms;
    return job;
}

TEST_CASE("a file lives from its job's end on, where the host tells of it")
{
    auto s = two_files();
    s.output->ended_at = submit + 90s;
    s.output->assets[1].expires_at = submit + 5min; // the host's own word stands
    tell_lifetimes(s, submitted_at(submit_ms), 1h);
    CHECK(s.output->assets[0].expires_at == submit + 90s + 1h);
    CHECK(s.output->assets[0].expires_by == expiry_source::lifetime);
    CHECK(s.output->assets[1].expires_at == submit + 5min);
    CHECK(s.output->assets[1].expires_by == expiry_source::answer);

    auto unknown = two_files(); // when it was submitted is not known, as in a job made by hand
    unknown.output->ended_at = submit + 90s;
    tell_lifetimes(unknown, submitted_at(0), 1h);
    CHECK(unknown.output->assets[0].expires_at == submit + 90s + 1h);
}

TEST_CASE("else it lives at least from the submit on")
{
    auto s = two_files();
    tell_lifetimes(s, submitted_at(submit_ms), 24h);
    CHECK(s.output->assets[1].expires_at == submit + 24h);
    CHECK(s.output->assets[1].expires_by == expiry_source::lifetime_since_submit);

    auto odd = two_files();
    odd.output->ended_at = submit - 1h; // before its submit: something else was meant
    tell_lifetimes(odd, submitted_at(submit_ms), 24h);
    CHECK(odd.output->assets[0].expires_by == expiry_source::lifetime_since_submit);
}

TEST_CASE("nothing is made up")
{
    for (std::int64_t ms :
         {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1795780800},
          std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
        auto s = two_files();
        tell_lifetimes(s, submitted_at(ms), 1h);
        CHECK_FALSE(s.output->assets[0].expires_at.has_value());
    }
    auto s = two_files();
    tell_lifetimes(s, submitted_at(submit_ms), 0s);
    CHECK_FALSE(s.output->assets[0].expires_at.has_value());
    job_status running;
    tell_lifetimes(running, submitted_at(submit_ms), 1h);
    CHECK_FALSE(running.output.has_value());
}

} // namespace file_life_test
