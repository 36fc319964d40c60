// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
#include <cokino/client/detail/run_fsm.hpp>

#include <doctest/doctest.h>

#include <vector>

namespace run_fsm_test {

using cokino::cancel_outcome;
using cokino::resubmit;
using cokino::run_options;
using cokino::detail::run_fsm;
using action = run_fsm::action;
using wait_end = run_fsm::wait_end;

run_options with(resubmit rule, unsigned most = 1)
{
    run_options o;
    o.on_ceiling = rule;
    o.resubmits_max = most;
    return o;
}

/// A machine whose first job has hung and whose cancellation was just asked for.
run_fsm hung(resubmit rule, unsigned most = 1)
{
    run_fsm fsm(with(rule, most));
    REQUIRE(fsm.on_submitted(true) == action::wait);
    REQUIRE(fsm.on_waited(wait_end::timed_out) == action::cancel);
    return fsm;
}

TEST_CASE("run_fsm: a result ends the run")
{
    run_fsm fsm(with(resubmit::accept_double_billing));
    CHECK(fsm.on_submitted(true) == action::wait);
    CHECK(fsm.on_waited(wait_end::succeeded) == action::finish);
    CHECK(fsm.resubmits() == 0);
}

TEST_CASE("run_fsm: a submit that was not accepted ends the run, whatever the options allow")
{
    for (auto rule : {resubmit::never, resubmit::when_cancelled, resubmit::accept_double_billing}) {
        run_fsm fsm(with(rule, 5));
        CHECK(fsm.on_submitted(false) == action::finish);
    }
}

TEST_CASE("run_fsm: a failed or refused render is never bought again")
{
    for (auto rule : {resubmit::never, resubmit::when_cancelled, resubmit::accept_double_billing}) {
        for (auto end : {wait_end::failed, wait_end::cancelled_at_host}) {
            run_fsm fsm(with(rule, 5));
            CHECK(fsm.on_submitted(true) == action::wait);
            CHECK(fsm.on_waited(end) == action::finish);
        }
    }
}

TEST_CASE("run_fsm: by default a hung render is given back as timed out and left alone")
{
    run_fsm fsm(run_options{});
    CHECK(fsm.on_submitted(true) == action::wait);
    CHECK(fsm.on_waited(wait_end::timed_out) == action::finish);
}

TEST_CASE("run_fsm: a hung render is replaced once the host confirms that it is dead")
{
    auto fsm = hung(resubmit::when_cancelled);
    CHECK(fsm.on_cancelled(true, cancel_outcome::cancelled) == action::submit_anew);
    CHECK(fsm.resubmits() == 1);
    CHECK(fsm.on_submitted(true) == action::wait);
}

TEST_CASE("run_fsm: a host that only took note is looked at before anything is bought")
{
    for (auto outcome :
         {cancel_outcome::requested, cancel_outcome::too_late, cancel_outcome::not_found}) {
        for (auto rule : {resubmit::when_cancelled, resubmit::accept_double_billing}) {
            auto fsm = hung(rule);
            CHECK(fsm.on_cancelled(true, outcome) == action::look);
            CHECK(fsm.resubmits() == 0);
        }
    }
}

TEST_CASE("run_fsm: a result that came after all is used, not bought again")
{
    auto fsm = hung(resubmit::accept_double_billing);
    REQUIRE(fsm.on_cancelled(true, cancel_outcome::too_late) == action::look);
    CHECK(fsm.on_waited(wait_end::succeeded) == action::finish);
    CHECK(fsm.resubmits() == 0);
}

TEST_CASE("run_fsm: a job seen to be cancelled is replaced")
{
    auto fsm = hung(resubmit::when_cancelled);
    REQUIRE(fsm.on_cancelled(true, cancel_outcome::requested) == action::look);
    CHECK(fsm.on_waited(wait_end::cancelled_at_host) == action::submit_anew);
}

TEST_CASE("run_fsm: without confirmation only the caller's explicit word buys a second clip")
{
    SUBCASE("still running after the grace")
    {
        auto careful = hung(resubmit::when_cancelled);
        REQUIRE(careful.on_cancelled(true, cancel_outcome::requested) == action::look);
        CHECK(careful.on_waited(wait_end::timed_out) == action::give_up);
        auto rich = hung(resubmit::accept_double_billing);
        REQUIRE(rich.on_cancelled(true, cancel_outcome::requested) == action::look);
        CHECK(rich.on_waited(wait_end::timed_out) == action::submit_anew);
    }
    SUBCASE("the host cannot cancel")
    {
        auto careful = hung(resubmit::when_cancelled);
        CHECK(careful.on_cancelled(true, cancel_outcome::not_supported) == action::give_up);
        auto rich = hung(resubmit::accept_double_billing);
        CHECK(rich.on_cancelled(true, cancel_outcome::not_supported) == action::submit_anew);
    }
    SUBCASE("the request to cancel failed")
    {
        auto careful = hung(resubmit::when_cancelled);
        CHECK(careful.on_cancelled(false, cancel_outcome::cancelled) == action::give_up);
        auto rich = hung(resubmit::accept_double_billing);
        CHECK(rich.on_cancelled(false, cancel_outcome::cancelled) == action::submit_anew);
    }
}

TEST_CASE("run_fsm: the number of resubmits is bounded")
{
    auto fsm = hung(resubmit::accept_double_billing, 2);
    REQUIRE(fsm.on_cancelled(true, cancel_outcome::cancelled) == action::submit_anew);
    for (int round = 0; round < 2; ++round) {
        REQUIRE(fsm.on_submitted(true) == action::wait);
        REQUIRE(fsm.on_waited(wait_end::timed_out) == action::cancel);
        auto const next = fsm.on_cancelled(true, cancel_outcome::cancelled);
        CHECK(next == (round == 0 ? action::submit_anew : action::give_up));
    }
    CHECK(fsm.resubmits() == 2);
}

TEST_CASE("run_fsm: no resubmits allowed means none, even when the host confirms")
{
    auto fsm = hung(resubmit::when_cancelled, 0);
    CHECK(fsm.on_cancelled(true, cancel_outcome::cancelled) == action::give_up);
}

TEST_CASE("run options: bounds are checked and the field is named")
{
    run_options o;
    o.resubmits_max = 6;
    auto const bad = cokino::validate(o);
    REQUIRE(bad.has_error());
    CHECK(bad.error() == cokino::errc::invalid_options);
    CHECK(bad.error().facts().field == "resubmits_max");
    CHECK(cokino::validate(run_options{}).has_value());
}

} // namespace run_fsm_test
