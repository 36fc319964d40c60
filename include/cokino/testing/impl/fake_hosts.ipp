// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The dialects of the fake host that stand in files of their own. A new one is added here.
#pragma once

#include <cokino/testing/detail/fake_host.hpp>
#include <cokino/testing/hook_signer.hpp>
#include <cokino/testing/impl/fake_kie.ipp>
#include <cokino/testing/impl/fake_kling.ipp>
#include <cokino/testing/impl/fake_piapi.ipp>
#include <cokino/testing/impl/fake_pollo.ipp>
#include <cokino/testing/impl/fake_replicate.ipp>
#include <cokino/testing/impl/fake_wireflow.ipp>

namespace cokino::testing {

namespace detail {

inline std::vector<std::unique_ptr<fake_host>> fake_hosts(fake_engine& engine)
{
    std::vector<std::unique_ptr<fake_host>> out;
    out.push_back(std::make_unique<fake_kie>(engine));
    out.push_back(std::make_unique<fake_kling>(engine));
    out.push_back(std::make_unique<fake_piapi>(engine));
    out.push_back(std::make_unique<fake_pollo>(engine));
    out.push_back(std::make_unique<fake_replicate>(engine));
    out.push_back(std::make_unique<fake_wireflow>(engine));
    return out;
}

} // namespace detail

COKINO_DECL fake_engine::fake_engine(time_source& time, fake_options options)
    : time_(time), options_(std::move(options)), random_(options_.seed)
{
    hosts_ = detail::fake_hosts(*this);
}

COKINO_DECL fake_engine::~fake_engine() = default;

COKINO_DECL fake_reply fake_engine::handle(const fake_request& r)
{
    const std::string_view path = r.path();
    if (path.starts_with("/files/u/"))
        return fal_file(r);
    if (path.starts_with("/files/"))
        return media(r);
    if (path == "/.well-known/jwks.json") // the keys with which fal's hooks are signed
        return detail::json_reply(200, hook_signer(options_.seed).jwks());
    for (const auto& host : hosts_)
        if (host->owns(r))
            return host->answer(r);
    if (detail::contains(path, "/v1/"))
        return rest(r);
    return fal(r);
}

COKINO_DECL fake_reply fake_engine::error_of(fake_dialect d, unsigned status) const
{
    for (const auto& host : hosts_)
        if (host->dialect() == d && status != 200)
            return host->error(status);
    return fake_error(d, status);
}

COKINO_DECL void fake_host::cancel(fake_job& job)
{
    if (job.cancelled_at)
        return;
    const bool queued = state_of(job) == fake_state::queued;
    job.cancelled_at = engine_.time_.now();
    ++engine_.counts_.jobs_cancelled;
    if (queued) {
        engine_.counts_.spent_mills -= job.price_mills;
        job.price_mills = 0;
    }
    engine_.plan_all();
}

} // namespace cokino::testing
