// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// README's table of hosts is made from the adapters' data, and this keeps it so. After a change:
//   COKINO_WRITE_HOST_TABLE=1 cokino_test_provider --source-file=*host_table.cpp
// from the project's root writes it anew.
#include "support/hosts.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace host_table_test {

using namespace cokino;
using cokino::testing::support::every_host;
using cokino::testing::support::host_row;

std::string lifetime_of(std::chrono::seconds s)
{
    if (s >= std::chrono::days(2))
        return std::to_string(s / std::chrono::days(1)) + " days";
    return std::to_string(s / std::chrono::hours(1)) + " h";
}

std::string repeats_of(const host_facts& f)
{
    const std::string id(f.own_id);
    switch (f.repeats) {
    case repeat_semantics::none: return "no";
    case repeat_semantics::replays:
        return "with `" + id + "`" +
               (f.key_lifetime.count() > 0 ? ", " + lifetime_of(f.key_lifetime) : "");
    case repeat_semantics::refuses: return "refused, by `" + id + "`";
    }
    return "?";
}

std::string frames_of(const media_rules& m)
{
    std::string out = m.takes_links ? "link" : "";
    if (m.inline_bytes_max > 0)
        out += out.empty() ? "inline" : ", inline";
    if (m.upload_bytes_max > 0)
        out += out.empty() ? "upload" : ", upload";
    return out;
}

std::string models_of(const host_facts& f)
{
    std::string out;
    for (const model_facts& m : f.models) {
        const std::string name(m.model);
        if (m.sizes.empty() && out.find("`" + name + "`") == std::string::npos)
            out += (out.empty() ? "`" : " `") + name + "`";
    }
    return out;
}

std::string upscalers_of(const host_facts& f)
{
    std::string out;
    for (const model_facts& m : f.models)
        if (!m.sizes.empty())
            out +=
                (out.empty() ? "`" : "; `") + std::string(m.model) + "`: " + std::string(m.sizes);
    return out;
}

std::string price_of(const host_facts& f)
{
    for (const model_facts& m : f.models)
        if (m.model == text_of(video_model::kling_2_5_turbo_pro) && !m.price.empty())
            return std::string(m.price);
    return "–";
}

std::string cell(std::string_view text)
{
    return " " + std::string(text.empty() ? "–" : text) + " |";
}

std::string table()
{
    std::string out = "| host | key | models | upscaler | a repeated POST is safe | status of many "
                      "| cancel | events | "
                      "webhook signature | start frame as | results live | Kling 2.5 Turbo pro |\n"
                      "|---|---|---|---|---|---|---|---|---|---|---|---|\n";
    std::string last;
    for (const host_row& row : every_host) {
        const auto host = row.make("https://api.example.com");
        const host_facts& f = host->facts();
        if (f.host.empty() || f.host == last)
            continue;
        last = f.host;
        const std::string batch =
            f.status_batch_max > 1 ? std::to_string(f.status_batch_max) + " a request" : "";
        out += "|" + cell("`" + std::string(f.host) + "`") +
               cell("`" + std::string(f.key_variable) + "`") + cell(models_of(f)) +
               cell(upscalers_of(f)) + cell(repeats_of(f)) + cell(batch) + cell(f.cancel) +
               cell(f.status_stream ? "SSE" : "") +
               cell(f.webhook == webhook_scheme::none ? "" : name_of(f.webhook)) +
               cell(frames_of(f.media)) + cell(lifetime_of(f.result_lifetime)) + cell(price_of(f)) +
               "\n";
    }
    return out;
}

TEST_CASE("README's table of hosts says what the adapters say")
{
    const std::string begin = "<!-- hosts: made from the adapters' data -->\n";
    const std::string end = "<!-- end of hosts -->";
    std::stringstream file;
    file << std::ifstream("README.md").rdbuf();
    std::string readme = file.str();
    const auto from = readme.find(begin), to = readme.find(end);
    REQUIRE(from != std::string::npos);
    REQUIRE(to != std::string::npos);
    const std::string there = readme.substr(from + begin.size(), to - from - begin.size());
    const std::string wanted = table();
    if (const char* const write = std::getenv("COKINO_WRITE_HOST_TABLE"); write && *write) {
        readme.replace(from + begin.size(), there.size(), wanted);
        std::ofstream("README.md") << readme;
        return;
    }
    CHECK(there == wanted);
}

} // namespace host_table_test
