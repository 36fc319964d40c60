// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Single exchanges between an adapter and the fake host, without a network: what the one encodes
// the other answers, and the answer is decoded. No test of its own.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/model/job_status.hpp>
#include <cokino/provider/provider.hpp>

#include "testing/engine_driver.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>

namespace adapter_test {

using namespace engine_test;

/// The request as the fake host gets to see it.
inline fake_request seen(const wire::request& r)
{
    fake_request out;
    out.origin = r.head->url().where().text();
    out.target = r.head->url().target();
    out.method = std::string(wire::name_of(r.head->method()));
    out.body = r.payload();
    const std::string fields = r.head->bytes() + r.extra_fields;
    std::string_view rest = fields;
    cokino::detail::take_until(rest, '\n');
    while (!rest.empty()) {
        std::string_view line = cokino::detail::take_until(rest, '\r');
        cokino::detail::take_until(rest, '\n');
        std::string name(cokino::detail::take_until(line, ':'));
        for (char& c : name)
            c = cokino::detail::to_lower(c);
        out.fields.emplace_back(std::move(name), std::string(cokino::detail::trim(line)));
    }
    return out;
}

inline wire::response sent(host& h, const wire::request& r)
{
    const fake_reply reply = h.engine.handle(seen(r));
    REQUIRE(reply.lost == breakage::none);
    wire::response out;
    out.status = reply.status;
    for (const auto& field : reply.fields)
        out.add_field(field.first, field.second);
    out.append_body(reply.payload());
    return out;
}

/// Submits; the job as the client keeps it. Fails the test when the host refuses.
template <class Request>
job_record submitted(host& h, const provider& p, const Request& r, submit_context c = {})
{
    auto encoded = p.encode(r, std::move(c));
    REQUIRE_MESSAGE(encoded.has_value(), encoded.error().describe());
    job_record job;
    job.route = encoded->route;
    job.duration_s = encoded->duration_s;
    const auto taken = p.decode_submit(sent(h, encoded->request), job);
    REQUIRE_MESSAGE(taken.has_value(), taken.error().describe());
    return job;
}

/// Submits what the host refuses, and gives its failure.
template <class Request>
failure refused(host& h, const provider& p, const Request& r, submit_context c = {})
{
    auto encoded = p.encode(r, std::move(c));
    REQUIRE_MESSAGE(encoded.has_value(), encoded.error().describe());
    job_record job;
    job.route = encoded->route;
    const auto taken = p.decode_submit(sent(h, encoded->request), job);
    REQUIRE(taken.has_error());
    CHECK(job.id.empty());
    return taken.error();
}

inline result<job_status> looked_at(host& h, const provider& p, const job_record& job)
{
    const auto look = p.encode_status(job);
    REQUIRE_MESSAGE(look.has_value(), look.error().describe());
    return p.decode_status(job, sent(h, *look));
}

inline job_status status_of(host& h, const provider& p, const job_record& job)
{
    auto out = looked_at(h, p, job);
    REQUIRE_MESSAGE(out.has_value(), out.error().describe());
    return *out;
}

inline cancel_outcome cancelled(host& h, const provider& p, const job_record& job)
{
    const auto ask = p.encode_cancel(job);
    REQUIRE(ask.has_value());
    const auto out = p.decode_cancel(job, sent(h, *ask));
    REQUIRE(out.has_value());
    return *out;
}

/// Brings a file to the host, as the client does it.
inline std::string uploaded(host& h, const provider& p, media_upload m)
{
    for (; m.url.empty() && m.step < 8; ++m.step) {
        const auto step = p.encode_upload(m);
        REQUIRE_MESSAGE(step.has_value(), step.error().describe());
        const auto read = p.decode_upload(m, sent(h, *step));
        REQUIRE_MESSAGE(read.has_value(), read.error().describe());
    }
    return m.url;
}

} // namespace adapter_test
