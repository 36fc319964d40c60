// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Virtual time: jumps, bounds, and what it reports when nothing more can happen.

#include <cokino/testing/virtual_time.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <string>

namespace virtual_time_test {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using cokino::testing::run_end;
using cokino::testing::virtual_time;
using cokino::testing::virtual_time_options;

struct noting_timer final : cokino::timer {
    std::function<void()> on_fire = [] {};
    int fired = 0;
    bool abandoned = false;
    void fire() override
    {
        ++fired;
        on_fire();
    }
    void abandon() noexcept override { abandoned = true; }
};

TEST_CASE("both clocks start at a fixed instant and go on together")
{
    asio::io_context io{1};
    virtual_time vt{io};
    const auto steady = vt.now();
    CHECK(steady == cokino::steady_time(1000h));
    CHECK(vt.system_now().time_since_epoch() == 1767225600s);
    CHECK(vt.run_for(90s) == run_end::done);
    CHECK(vt.now() - steady == 90s);
    CHECK(vt.system_now().time_since_epoch() == 1767225690s);
    vt.set_system_now(cokino::system_time(5s));
    CHECK(vt.now() - steady == 90s);
    CHECK(cokino::time_of(io.get_executor()).system_now() == cokino::system_time(5s));
}

TEST_CASE("a run jumps from timer to timer, and posted work comes before any jump")
{
    asio::io_context io{1};
    virtual_time vt{io};
    auto& time = vt.source();
    const auto start = vt.now();
    std::string log;
    noting_timer hour;
    noting_timer second;
    const auto note = [&](char what) {
        log += what;
        log += std::to_string(
            std::chrono::duration_cast<std::chrono::seconds>(vt.now() - start).count());
    };
    hour.on_fire = [&] { note('h'); };
    second.on_fire = [&] {
        note('s');
        asio::post(io, [&] { asio::post(io, [&] { note('p'); }); });
    };
    time.arm(hour, start + 1h);
    time.arm(second, start + 1s);
    CHECK(vt.run() == run_end::idle);
    CHECK(log == "s1p1h3600");
}

TEST_CASE("run_until stops when its predicate holds, before later timers")
{
    asio::io_context io{1};
    virtual_time vt{io};
    noting_timer a;
    noting_timer b;
    vt.source().arm(a, vt.now() + 1s);
    vt.source().arm(b, vt.now() + 2s);
    CHECK(vt.run_until([&] { return a.fired == 1; }) == run_end::done);
    CHECK(b.fired == 0);
    CHECK(vt.timers_armed() == 1);
    vt.source().disarm(b);
}

TEST_CASE("run_until says idle when what it waits for can no longer come")
{
    asio::io_context io{1};
    virtual_time vt{io};
    noting_timer a;
    vt.source().arm(a, vt.now() + 1s);
    CHECK(vt.run_until([] { return false; }) == run_end::idle);
    CHECK(a.fired == 1);
}

TEST_CASE("run_for fires what is due up to its end, the end included, and nothing after it")
{
    asio::io_context io{1};
    virtual_time vt{io};
    noting_timer at_end;
    noting_timer after;
    vt.source().arm(at_end, vt.now() + 10s);
    vt.source().arm(after, vt.now() + 10s + 1ns);
    CHECK(vt.run_for(10s) == run_end::done);
    CHECK(at_end.fired == 1);
    CHECK(after.fired == 0);
    vt.source().disarm(after);
}

TEST_CASE("a timer that arms itself for ever is reported as endless")
{
    asio::io_context io{1};
    virtual_time vt{io, virtual_time_options{.timers_max = 50}};
    noting_timer a;
    a.on_fire = [&] { vt.source().arm(a, vt.now()); };
    vt.source().arm(a, vt.now());
    CHECK(vt.run() == run_end::endless);
    CHECK(vt.run_for(1s) == run_end::endless);
    vt.source().disarm(a);
}

TEST_CASE("handlers that post themselves for ever are reported as endless")
{
    asio::io_context io{1};
    virtual_time vt{io, virtual_time_options{.handlers_max = 50}};
    std::function<void()> again = [&] { asio::post(io, again); };
    asio::post(io, again);
    CHECK(vt.run() == run_end::endless);
}

TEST_CASE("timers armed at the end are abandoned with the context, the handle being gone")
{
    noting_timer a;
    {
        asio::io_context io{1};
        {
            virtual_time vt{io};
            vt.source().arm(a, vt.now() + 1s);
        }
        CHECK(a.armed());
    }
    CHECK(a.abandoned);
    CHECK(a.fired == 0);
}

} // namespace virtual_time_test
