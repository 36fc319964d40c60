// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Every code has a name, a remedy and exactly one condition, and the compiler sees to it that this
// file knows every code.
#include <cokino/core/error.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <iterator>
#include <set>
#include <string>

namespace error_test {

using namespace cokino;

struct expected {
    errc code;
    condition means;
};

constexpr expected every_code[] = {
    {errc::invalid_argument, condition::invalid_request},
    {errc::unsupported_field, condition::invalid_request},
    {errc::missing_credential, condition::unauthorised},
    {errc::invalid_job, condition::invalid_request},
    {errc::invalid_options, condition::invalid_request},
    {errc::resolve_failed, condition::transport_fault},
    {errc::connect_failed, condition::transport_fault},
    {errc::tls_failed, condition::transport_fault},
    {errc::certificate_rejected, condition::peer_untrusted},
    {errc::no_certificates, condition::peer_untrusted},
    {errc::proxy_refused, condition::transport_fault},
    {errc::connection_lost, condition::transport_fault},
    {errc::phase_timed_out, condition::transport_fault},
    {errc::response_malformed, condition::transport_fault},
    {errc::response_too_large, condition::local_fault},
    {errc::request_malformed, condition::invalid_request},
    {errc::unauthorised, condition::unauthorised},
    {errc::forbidden, condition::unauthorised},
    {errc::out_of_credit, condition::out_of_credit},
    {errc::not_found, condition::not_found},
    {errc::rate_limited, condition::rate_limited},
    {errc::request_rejected, condition::invalid_request},
    {errc::content_refused, condition::content_refused},
    {errc::host_fault, condition::provider_fault},
    {errc::answer_malformed, condition::provider_fault},
    {errc::outcome_unknown, condition::outcome_unknown},
    {errc::own_id_exists, condition::outcome_unknown},
    {errc::job_failed, condition::provider_fault},
    {errc::job_cancelled, condition::cancelled},
    {errc::job_expired, condition::provider_fault},
    {errc::job_unknown_state, condition::outcome_unknown},
    {errc::result_missing, condition::provider_fault},
    {errc::wait_timed_out, condition::timed_out},
    {errc::link_expired, condition::link_expired},
    {errc::link_refused, condition::link_refused},
    {errc::redirect_refused, condition::link_refused},
    {errc::body_truncated, condition::transport_fault},
    {errc::body_changed, condition::content_mismatch},
    {errc::content_mismatch, condition::content_mismatch},
    {errc::file_failed, condition::local_fault},
    {errc::disk_full, condition::local_fault},
    {errc::sink_full, condition::local_fault},
    {errc::object_exists, condition::invalid_request},
    {errc::file_exists, condition::local_fault},
    {errc::cancelled, condition::cancelled},
    {errc::deadline_passed, condition::timed_out},
    {errc::limit_reached, condition::local_fault},
    {errc::closed, condition::cancelled},
    {errc::internal_error, condition::local_fault},
};

// A new enumerator breaks this switch, and then the count: both must be mended with the table.
#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wswitch"
constexpr std::size_t count_codes(errc first)
{
    switch (first) {
    case errc::ok:
    case errc::invalid_argument:
    case errc::unsupported_field:
    case errc::missing_credential:
    case errc::invalid_job:
    case errc::invalid_options:
    case errc::resolve_failed:
    case errc::connect_failed:
    case errc::tls_failed:
    case errc::certificate_rejected:
    case errc::no_certificates:
    case errc::proxy_refused:
    case errc::connection_lost:
    case errc::phase_timed_out:
    case errc::response_malformed:
    case errc::response_too_large:
    case errc::request_malformed:
    case errc::unauthorised:
    case errc::forbidden:
    case errc::out_of_credit:
    case errc::not_found:
    case errc::rate_limited:
    case errc::request_rejected:
    case errc::content_refused:
    case errc::host_fault:
    case errc::answer_malformed:
    case errc::outcome_unknown:
    case errc::own_id_exists:
    case errc::job_failed:
    case errc::job_cancelled:
    case errc::job_expired:
    case errc::job_unknown_state:
    case errc::result_missing:
    case errc::wait_timed_out:
    case errc::link_expired:
    case errc::link_refused:
    case errc::redirect_refused:
    case errc::body_truncated:
    case errc::body_changed:
    case errc::content_mismatch:
    case errc::file_failed:
    case errc::disk_full:
    case errc::sink_full:
    case errc::object_exists:
    case errc::file_exists:
    case errc::cancelled:
    case errc::deadline_passed:
    case errc::limit_reached:
    case errc::closed:
    case errc::internal_error: return 49;
    }
    return 0;
}
#pragma GCC diagnostic pop
static_assert(std::size(every_code) == count_codes(errc::ok));

TEST_SUITE("core/error")
{
    TEST_CASE("every code has a name of its own, a message and a remedy")
    {
        std::set<std::string> names;
        for (const expected& row : every_code) {
            CAPTURE(static_cast<int>(row.code));
            CHECK(names.insert(std::string(name_of(row.code))).second);
            CHECK(name_of(row.code) != "?");
            CHECK(remedy_of(row.code).size() > 10);
            CHECK(remedy_of(row.code).back() == '.');
            const std::string message = make_error_code(row.code).message();
            CHECK(message.size() > 5);
            CHECK(message.back() != '.');
        }
    }

    TEST_CASE("every code equals exactly one condition")
    {
        for (const expected& row : every_code) {
            const error_code code = row.code;
            CAPTURE(name_of(row.code));
            CHECK(condition_of(row.code) == row.means);
            CHECK(code == row.means);
            CHECK(code.failed());
            int equal = 0;
            for (int c = 0; c <= static_cast<int>(condition::cancelled) + 1; ++c)
                equal += code == static_cast<condition>(c);
            CHECK(equal == 1);
        }
    }

    TEST_CASE("ok is no failure and answers to no condition")
    {
        const error_code code = errc::ok;
        CHECK_FALSE(code.failed());
        for (int c = 1; c <= static_cast<int>(condition::cancelled); ++c)
            CHECK(code != static_cast<condition>(c));
    }

    TEST_CASE("a number that is no code is named as such and answers to no condition")
    {
        const auto stray = static_cast<errc>(77);
        CHECK(name_of(stray) == "?");
        CHECK(remedy_of(stray).empty());
        CHECK(make_error_code(stray).message() == "unknown cokino error 77");
        CHECK(make_error_code(stray) != condition::invalid_request);
        CHECK(condition_of(stray) == condition{});
    }

    TEST_CASE("every condition has a name and a message")
    {
        std::set<std::string> seen;
        for (int c = 1; c <= static_cast<int>(condition::cancelled); ++c) {
            const auto what = static_cast<condition>(c);
            CHECK(name_of(what) != "?");
            CHECK(seen.insert(std::string(name_of(what))).second);
            CHECK(make_error_condition(what).message() != "no condition");
        }
        CHECK(name_of(static_cast<condition>(0)) == "?");
        CHECK(name_of(static_cast<condition>(-3)) == "?");
        CHECK(name_of(static_cast<condition>(999)) == "?");
    }

    TEST_CASE("codes of other categories keep their meaning and answer to no condition of ours")
    {
        const error_code foreign(5, boost::system::system_category());
        CHECK_FALSE(errc_of(foreign).has_value());
        CHECK(foreign != condition::transport_fault);
        CHECK(errc_of(errc::link_expired) == errc::link_expired);
    }

    TEST_CASE("the categories are found again by their fixed ids")
    {
        // Two shared libraries may each carry the category; equal ids make their codes equal.
        CHECK(error_category() == error_category());
        CHECK(error_category() != condition_category());
        CHECK(std::string(error_category().name()) == "cokino");
    }
}

} // namespace error_test
