// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Every dialect, ready to read answers. A new adapter is added at the end: seeds name hosts by
// their place.
#pragma once

#include "fuzz.hpp"

#include <cokino/provider/fal.hpp>
#include <cokino/provider/kie.hpp>
#include <cokino/provider/kling.hpp>
#include <cokino/provider/piapi.hpp>
#include <cokino/provider/pollo.hpp>
#include <cokino/provider/replicate.hpp>
#include <cokino/provider/rest.hpp>
#include <cokino/provider/wireflow.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fuzz {

/// A key that must not be seen in anything that is read from an answer.
inline constexpr std::string_view canary = "canary-0123456789:abcdefghijklmnop";

struct host {
    explicit host(std::unique_ptr<cokino::provider> d) : dialect(std::move(d))
    {
        auto const order = dialect->encode(cokino::text_to_video("a"), cokino::submit_context());
        require(order.has_value(), "each host takes text_to_video",
                order ? "" : order.error().describe());
        job.route = order->route;
        job.id = "871234567890123460";
        auto const url = cokino::wire::url::parse(dialect->traits().base_url);
        require(url.has_value(), "each host has a base URL");
        origin = url->where();
    }
    std::unique_ptr<cokino::provider> dialect;
    cokino::job_record job;
    cokino::wire::origin origin;
};

inline const std::vector<host>& hosts()
{
    static const std::vector<host> all = [] {
        auto const key = [](const char* name) {
            return cokino::api_key(std::string(canary), name);
        };
        cokino::fal_options logs;
        logs.logs = true;
        cokino::kling_options legacy;
        legacy.api = cokino::kling_api::legacy;
        cokino::wireflow_options flow;
        flow.workflow_id = "wf_demo"; // else nothing can be encoded before a setup
        std::vector<host> out;
        out.emplace_back(std::make_unique<cokino::fal>(key("FAL_KEY"), logs));
        out.emplace_back(std::make_unique<cokino::rest>(
            cokino::rest_options("https://api.example.org", key("KLING_KEY"))));
        out.emplace_back(std::make_unique<cokino::replicate>(key("REPLICATE_API_TOKEN")));
        out.emplace_back(std::make_unique<cokino::piapi>(key("PIAPI_API_KEY")));
        out.emplace_back(std::make_unique<cokino::kling>(key("KLING_API_KEY")));
        out.emplace_back(std::make_unique<cokino::kling>(key("KLING_API_KEY"), legacy));
        out.emplace_back(std::make_unique<cokino::pollo>(key("POLLO_API_KEY")));
        out.emplace_back(std::make_unique<cokino::kie>(key("KIE_API_KEY")));
        out.emplace_back(std::make_unique<cokino::wireflow>(key("WIREFLOW_API_KEY"), flow));
        return out;
    }();
    return all;
}

} // namespace fuzz
