// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The main function of every test program. Beyond doctest's own it fails a run whose filter
// selected nothing, so that a test which was renamed or emptied cannot pass by absence.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <iostream>

namespace {

int selected = 0;

struct selection_counter : doctest::IReporter {
    explicit selection_counter(const doctest::ContextOptions&) {}
    void report_query(const doctest::QueryData&) override {}
    void test_run_start() override {}
    void test_run_end(const doctest::TestRunStats&) override {}
    void test_case_start(const doctest::TestCaseData&) override { ++selected; }
    void test_case_reenter(const doctest::TestCaseData&) override {}
    void test_case_end(const doctest::CurrentTestCaseStats&) override {}
    void test_case_exception(const doctest::TestCaseException&) override {}
    void subcase_start(const doctest::SubcaseSignature&) override {}
    void subcase_end() override {}
    void log_assert(const doctest::AssertData&) override {}
    void log_message(const doctest::MessageData&) override {}
    void test_case_skipped(const doctest::TestCaseData&) override {}
};

} // namespace

REGISTER_LISTENER("selection_counter", 1, selection_counter);

int main(int argc, char** argv)
{
    doctest::Context context{argc, argv};
    const int status = context.run();
    if (context.shouldExit() || status != 0)
        return status;
    if (selected == 0) {
        std::cerr << "no test case was selected\n";
        return 1;
    }
    return 0;
}
