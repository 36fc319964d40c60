// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Which host, by its name: the one place where a program that serves them all differs from one that
// serves a single one. Each has its key in the variable that its facts name (FAL_KEY, KIE_API_KEY
// ...); without the key the fake speaks that host's dialect.
#pragma once

#include <cokino/cokino.hpp>

#include "host.hpp"

#include <functional>
#include <map>
#include <string>

namespace example {

/// With an empty base URL: the host's own, and its key from the environment.
using maker = std::function<std::shared_ptr<const cokino::provider>(std::string base)>;

/// `under` is the path that the host's base URL ends in.
template <class Provider, class Options> maker made(std::string under = {})
{
    return [under](const std::string& base) -> std::shared_ptr<const cokino::provider> {
        Options options;
        const Provider by_default(cokino::api_key(), options);
        const std::string variable(by_default.facts().key_variable);
        if (base.empty())
            return std::make_shared<Provider>(cokino::api_key::from_env(variable.c_str()), options);
        options.base_url = base + under;
        return std::make_shared<Provider>(cokino::api_key("any-key", variable), options);
    };
}

inline const std::map<std::string, maker>& hosts()
{
    using namespace cokino;
    static const std::map<std::string, maker> all{
        {"fal", made<fal, fal_options>()},
        {"kie", made<kie, kie_options>()},
        {"kling", made<kling, kling_options>()},
        {"piapi", made<piapi, piapi_options>()},
        {"pollo", made<pollo, pollo_options>("/api/platform")},
        {"replicate", made<replicate, replicate_options>("/v1")},
        {"wireflow", made<wireflow, wireflow_options>("/api/v1")},
    };
    return all;
}

/// The host of that name, or the fake in its dialect while the host's own key is not set.
inline std::unique_ptr<host> choose(const std::string& name)
{
    const maker& make = hosts().at(name);
    const std::string key(make("https://example.com")->facts().key_variable);
    auto out = std::make_unique<host>(std::chrono::milliseconds(150), key.c_str());
    out->provider = make(out->fake ? out->fake->url() : std::string());
    std::clog << "host: " << out->provider->traits().base_url
              << (out->fake ? " (a fake; set " + key + " for the real one)\n" : "\n");
    return out;
}

} // namespace example
