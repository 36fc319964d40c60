// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What the verbs of a client share.
#pragma once

#include <cokino/client/detail/client_core.hpp>

namespace cokino::detail {

COKINO_DECL result<void> client_core::check_own(const job_handle& job) const
{
    if (job.empty())
        return invalid("job", "is empty; it must come from submit, a result or parse_job",
                       errc::invalid_job);
    const job_route& route = *job.record().route;
    const provider_traits& mine = host->traits();
    std::string message;
    if (route.provider != mine.name)
        message = "belongs to provider \"" + route.provider + "\"; this client speaks to \"" +
                  mine.name + "\"";
    else if (!mine.base_url.empty() && !route.base_url.empty() && route.base_url != mine.base_url)
        message = "was bought at " + route.base_url + "; this client speaks to " + mine.base_url;
    if (message.empty())
        return {};
    failure f = invalid("job", std::move(message), errc::invalid_job);
    f.edit().billed = billing::unknown; // it was bought all the same
    f.edit().job = job.text();
    return f;
}

COKINO_DECL failure client_core::with_job(failure f, std::string_view operation,
                                          const job_record& job) const
{
    diagnostics& d = f.edit();
    if (d.host.empty())
        d.host = host->traits().name;
    d.operation = operation;
    // That this call ordered nothing says nothing of the job, which was accepted long ago.
    if (d.billed == billing::no && d.billed_by == billing_basis::inferred)
        d.billed = billing::unknown;
    if (d.job.empty())
        d.job = job_handle(std::make_shared<job_record>(job)).text();
    return f;
}

} // namespace cokino::detail
