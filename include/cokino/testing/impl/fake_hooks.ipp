// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of testing/fake_hooks.hpp. A hook's body is what the host's own status or result
// would answer, in the wrapping of its callbacks: providers/kling 1.4, 2.3, 3.4, 4.4; fal A6, B6.
#pragma once

#include <cokino/testing/detail/fake_host.hpp>
#include <cokino/testing/fake_hooks.hpp>
#include <cokino/wire/json_view.hpp>

#include <utility>

namespace cokino::testing {
namespace detail {

/// What only a dialect of the engine may touch.
class hook_host final : public fake_host
{
public:
    using fake_host::fake_host;
    fake_dialect dialect() const noexcept override { return fake_dialect::rest; }
    bool owns(const fake_request&) const override { return false; }
    fake_reply answer(const fake_request&) override { return {}; }
    fake_reply error(unsigned, std::string_view) const override { return {}; }

    std::deque<fake_job>& all_jobs() { return jobs(); }
    fake_counts& all_counts() { return counts(); }
    steady_time now() const { return time().now(); }
    system_time wall_now() const { return time().system_now(); }
};

} // namespace detail

COKINO_DECL webhook_scheme scheme_of(fake_dialect d) noexcept
{
    switch (d) {
    case fake_dialect::fal: return webhook_scheme::fal_ed25519;
    case fake_dialect::kling:
    case fake_dialect::replicate: return webhook_scheme::standard_webhooks;
    case fake_dialect::kie: return webhook_scheme::kie_hmac;
    case fake_dialect::piapi: return webhook_scheme::piapi_secret;
    case fake_dialect::pollo: return webhook_scheme::pollo_hmac;
    case fake_dialect::rest: return webhook_scheme::unsigned_hook;
    case fake_dialect::wireflow: break;
    }
    return webhook_scheme::none;
}

/// Asks the engine as a client would, and leaves no trace of it in counts and scripts.
COKINO_DECL std::string fake_hooks::answer_of(fake_job& job, const std::string& origin,
                                              const std::string& target, unsigned& status)
{
    detail::hook_host host(engine_);
    const fake_counts counts = host.all_counts();
    const job_faults faults = job.faults;
    const std::size_t polls = job.polls, results = job.results;
    fake_request r;
    r.target = target;
    r.origin = origin;
    const std::string key = engine_.options().api_key.empty() ? "hooks" : engine_.options().api_key;
    r.fields.emplace_back("authorization",
                          (job.dialect == fake_dialect::fal ? "Key " : "Bearer ") + key);
    r.fields.emplace_back("x-api-key", key);
    fake_reply reply = engine_.handle(r);
    // A client's polls may be scripted to fail; the host's own view of its job does not.
    for (int tries = 0; tries < 100 && (reply.lost != breakage::none || reply.cut_at ||
                                        reply.status == 429 || reply.status == 503);
         ++tries)
        reply = engine_.handle(r);
    host.all_counts() = counts;
    job.faults = faults;
    job.polls = polls;
    job.results = results;
    status = reply.status;
    return std::string(reply.payload());
}

COKINO_DECL std::string fake_hooks::body_of(fake_job& job, const std::string& origin)
{
    unsigned status = 0;
    const auto ask = [&](const std::string& target) {
        return answer_of(job, origin, target, status);
    };
    const auto part = [](const std::string& text, const char* path, const char* instead = "") {
        const auto doc = wire::json_document::parse(text);
        std::string found = doc.has_value() ? doc->at(path).json() : std::string();
        if (found.empty() && doc.has_value() && *instead != '\0')
            found = doc->at(instead).json();
        return found.empty() ? std::string("null") : found;
    };
    const std::string quoted = '"' + job.id + '"';
    switch (job.dialect) {
    case fake_dialect::fal: {
        const std::string app = std::string(detail::segment('/' + job.endpoint, 0)) + '/' +
                                std::string(detail::segment('/' + job.endpoint, 1));
        const std::string payload = ask('/' + app + "/requests/" + job.id);
        const std::string head = R"({"request_id": )" + quoted + R"(, "gateway_request_id": )" +
                                 quoted + R"(, "payload": )" + payload;
        if (status == 200)
            return head + R"(, "status": "OK", "error": null})";
        return head + R"(, "status": "ERROR", "error": "Invalid status code: )" +
               std::to_string(status) + "\"}";
    }
    case fake_dialect::kling: {
        if (job.endpoint.starts_with("v1/")) // the older generation: the same names as its status
            return part(ask('/' + job.endpoint + '/' + job.id), "data");
        return part(ask("/tasks?task_ids=" + job.id), "data[0]");
    }
    case fake_dialect::kie: {
        const std::string data = part(ask("/api/v1/jobs/recordInfo?taskId=" + job.id), "data");
        const bool good = engine_.state_of(job) == fake_state::succeeded;
        return std::string(good ? R"({"code":200,"msg":"Playground task completed successfully.")"
                                : R"({"code":501,"msg":"Playground task failed.")") +
               ",\"data\":" + data + '}';
    }
    case fake_dialect::piapi: {
        const std::string data = part(ask("/api/v1/task/" + job.id), "data");
        return R"({"timestamp":1790000094,"data":)" + data + '}';
    }
    case fake_dialect::pollo: {
        const std::string all = part(ask("/api/platform/v1/generation/" + job.id + "/status"),
                                     "data.generations", "generations");
        const bool good = engine_.state_of(job) == fake_state::succeeded;
        return R"({"taskId":)" + quoted + R"(,"status":")" + (good ? "succeed" : "failed") +
               R"(","generations":)" + all + '}';
    }
    case fake_dialect::replicate: return ask("/v1/predictions/" + job.id);
    case fake_dialect::rest:
    case fake_dialect::wireflow: break;
    }
    return R"({"id":)" + quoted + '}';
}

COKINO_DECL std::vector<hook_delivery> fake_hooks::due(const std::string& origin)
{
    detail::hook_host host(engine_);
    std::vector<hook_delivery> out;
    for (fake_job& job : host.all_jobs()) {
        const hook_faults& faults = on_job(job.number);
        const bool ended =
            job.end_at != (steady_time::max)() && later(job.end_at, faults.delay) <= host.now();
        if (job.webhook_url.empty() || job.cancelled_at || !ended || told_[job.number])
            continue;
        told_[job.number] = true;
        hook_delivery d;
        d.job = job.number;
        d.scheme = scheme_of(job.dialect);
        if (faults.lost || d.scheme == webhook_scheme::none)
            continue;
        d.url = job.webhook_url;
        d.body = body_of(job, origin);
        unsigned_hook text;
        text.message_id = job.dialect == fake_dialect::fal ? job.id : "msg_" + job.id;
        text.task_id = job.id;
        text.body = d.body;
        d.fields = signer_.sign(d.scheme, text, host.wall_now());
        if (job.dialect == fake_dialect::piapi) { // the secret is the one that came with the job
            const auto doc = wire::json_document::parse(job.body);
            const std::string own =
                doc.has_value() ? doc->at("config.webhook_config.secret").string_or("") : "";
            if (!own.empty())
                d.fields.back().second = own;
        }
        hook_delivery false_one = d;
        false_one.forged = true;
        char& last = false_one.fields.back().second.back();
        last = last == '0' ? '1' : '0';
        out.insert(out.end(), faults.forged, false_one);
        out.insert(out.end(), faults.repeats + 1, d);
    }
    return out;
}

} // namespace cokino::testing
