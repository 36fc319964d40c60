// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Every host that there is an adapter for, as rows: for tests that must hold for all of them.
#pragma once

#include <cokino/provider/fal.hpp>
#include <cokino/provider/kie.hpp>
#include <cokino/provider/kling.hpp>
#include <cokino/provider/piapi.hpp>
#include <cokino/provider/pollo.hpp>
#include <cokino/provider/replicate.hpp>
#include <cokino/provider/rest.hpp>
#include <cokino/provider/wireflow.hpp>

#include <memory>
#include <stdexcept>
#include <string>

namespace cokino::testing::support {

struct host_row {
    const char* name;
    std::shared_ptr<const provider> (*make)(const std::string& origin);
    bool from_text = true, from_image = true;
};

template <class Provider, class Options>
std::shared_ptr<const provider> made(const std::string& base_url, Options options = Options())
{
    options.base_url = base_url;
    return std::make_shared<Provider>(api_key("canary-key", "HOST_KEY"), options);
}

inline const host_row every_host[] = {
    {"fal", [](const std::string& at) { return made<fal, fal_options>(at); }},
    {"rest",
     [](const std::string& at) -> std::shared_ptr<const provider> {
         return std::make_shared<rest>(rest_options(at, api_key("canary-key", "HOST_KEY")));
     }},
    {"kling", [](const std::string& at) { return made<kling, kling_options>(at); }},
    {"kling, legacy",
     [](const std::string& at) {
         kling_options o;
         o.api = kling_api::legacy;
         return made<kling, kling_options>(at, o);
     }},
    {"kie", [](const std::string& at) { return made<kie, kie_options>(at); }},
    {"piapi", [](const std::string& at) { return made<piapi, piapi_options>(at); }},
    {"pollo",
     [](const std::string& at) { return made<pollo, pollo_options>(at + "/api/platform"); }},
    {"wireflow",
     [](const std::string& at) { return made<wireflow, wireflow_options>(at + "/api/v1"); }},
    {"replicate",
     [](const std::string& at) { return made<replicate, replicate_options>(at + "/v1"); }},
};

/// One of them, at an address where no one is.
inline std::shared_ptr<const provider> host_named(const std::string& name)
{
    for (const host_row& row : every_host)
        if (name == row.name)
            return row.make("https://api.example.com");
    throw std::out_of_range("no host is called " + name);
}

} // namespace cokino::testing::support
