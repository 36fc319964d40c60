// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What the tables of the adapters' tests share: a request as text, an answer from a row, and the
// hostile answers that every decoder must survive.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/result.hpp>
#include <cokino/model/job.hpp>
#include <cokino/provider/provider.hpp>
#include <cokino/wire/message.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace provider_rows {

/// A key that must be seen in a request's head and nowhere else.
inline constexpr std::string_view canary = "canary-0123456789:abcdefghijklmnop";
/// How a secret begins that PiAPI's answers repeat.
inline constexpr std::string_view webhook_secret = "kestrel";

/// An answer with at most one field, written "Name: value".
inline cokino::wire::response answer(unsigned status, std::string_view body,
                                     std::string_view field = {})
{
    cokino::wire::response out;
    out.status = status;
    if (const auto colon = field.find(": "); colon != std::string_view::npos)
        out.add_field(field.substr(0, colon), field.substr(colon + 2));
    out.append_body(body);
    return out;
}

inline bool has(std::string_view text, std::string_view piece)
{
    return text.find(piece) != std::string_view::npos;
}

/// The first line of a request, without its version.
inline std::string target_of(const cokino::wire::request& r)
{
    const std::string& bytes = r.head->bytes();
    return bytes.substr(0, bytes.find(" HTTP/1.1\r\n"));
}

/// All that a failure could print.
inline std::string printed(const cokino::failure& f)
{
    const cokino::diagnostics& d = f.facts();
    return f.describe() + d.host + d.operation + d.field + d.message + d.host_code + d.host_text +
           d.request_id + d.job + d.stopped;
}

/// A job as the client keeps it after a submit.
inline cokino::job_record record_of(std::shared_ptr<const cokino::job_route> route, std::string id)
{
    cokino::job_record record;
    record.route = std::move(route);
    record.id = std::move(id);
    return record;
}

struct hostile_body {
    const char* what;
    std::string text;
};

/// Bodies that no host should send. None of them is an answer in any dialect.
inline std::vector<hostile_body> hostile_bodies()
{
    const std::size_t deep = 1'000'000;
    return {
        {"empty", ""},
        {"blank", " \n "},
        {"HTML", "<!DOCTYPE html><html><body>502 Bad Gateway (nginx)</body></html>"},
        {"cut off", R"({"request_id":"7d1f2c90","status":"IN_QU)"},
        {"two values", R"({"a":1}{"a":2})"},
        {"number", "42"},
        {"array", "[]"},
        {"null", "null"},
        {"string", R"("COMPLETED")"},
        {"not UTF-8", "{\"status\":\"\xFF\xFE\",\"request_id\":\"\xC0\xAF\"}"},
        {"deep array", std::string(deep, '[')},
        {"deep object",
         [] {
             std::string out;
             for (int i = 0; i < 100'000; ++i)
                 out += R"({"data":)";
             return out;
         }()},
        {"huge", R"({"status":")" + std::string(cokino::limits::api_body_bytes_max, 'x') + R"("})"},
        {"wrong types", R"({"request_id":{"a":1},"task_id":[1],"status":7,)"
                        R"("data":{"task_id":null,"status":false}})"},
        {"twice", R"({"request_id":"a","request_id":"b","status":"x","status":"y",)"
                  R"("task_id":"a","task_id":"b"})"},
    };
}

/// What holds for every failure that an answer gave.
inline void check_facts(const cokino::failure& f, std::string_view host, unsigned status)
{
    CHECK(f.sent() == cokino::fate::answered);
    CHECK(f.facts().host == host);
    CHECK(f.facts().http_status == status);
    CHECK(f.facts().host_text.size() <= cokino::limits::host_text_bytes_max);
    CHECK(f.describe().size() < 4000);
    CHECK_FALSE(has(printed(f), canary));
}

/// A success without a job, in these bodies and all hostile ones, is an unknown outcome and never a
/// refusal: after one of those the clip would be bought again. `fresh` is a record before its id.
inline void check_unknown_outcomes(const cokino::provider& host, const cokino::job_record& fresh,
                                   unsigned status, std::vector<hostile_body> bodies)
{
    for (auto& hostile : hostile_bodies())
        bodies.push_back(std::move(hostile));
    for (const hostile_body& body : bodies) {
        CAPTURE(body.what);
        auto record = fresh;
        const auto taken =
            host.decode_submit(answer(status, body.text, "Location: /elsewhere"), record);
        REQUIRE(taken.has_error());
        CHECK(taken.error() == cokino::errc::outcome_unknown);
        CHECK(taken.error().facts().billed == cokino::billing::unknown);
        CHECK(taken.error().facts().operation == "submit");
        CHECK(record.id.empty());
        check_facts(taken.error(), host.traits().name, status);
        CHECK_FALSE(has(printed(taken.error()), webhook_secret));
    }
}

} // namespace provider_rows
