// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/detail/link_policy.hpp.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/transfer/detail/link_policy.hpp>

#include <string>

namespace cokino::detail {

// What is wrong with a place, or nothing.
inline std::string objection_to(const wire::origin& place, const link_policy& policy)
{
    if (!place.tls() && !policy.allow_insecure)
        return "is not https";
    if (!place.default_port() && !policy.allow_any_port)
        return "names port " + to_text(place.port);
    return {};
}

inline failure refused_link(errc code, std::string message, const std::string& host)
{
    failure why(code);
    why.explain(std::move(message));
    why.edit().host = host;
    return why;
}

COKINO_DECL result<wire::url> check_link(std::string_view link, const link_policy& policy)
{
    auto url = wire::url::parse(link);
    if (!url)
        return refused_link(errc::link_refused, "the link " + url.error().facts().message, {});
    if (const auto wrong = objection_to(url->where(), policy); !wrong.empty())
        return refused_link(errc::link_refused, "the link " + wrong, url->where().host);
    return url;
}

COKINO_DECL result<wire::url> follow_redirect(const wire::url& from, std::string_view location,
                                              unsigned hops, const link_policy& policy)
{
    const auto refuse = [&](std::string message) {
        return refused_link(errc::redirect_refused, std::move(message), from.where().host);
    };
    if (hops >= limits::redirects_max)
        return refuse("more than " + to_text(limits::redirects_max) + " redirects in a row");
    if (location.empty())
        return refuse("a redirect names no place to go to");
    auto to = from.resolve(location);
    if (!to)
        return refuse("a redirect's target " + to.error().facts().message);
    if (from.where().tls() && !to->where().tls())
        return refuse("a redirect leads from https down to http, to " + to->where().host);
    if (const auto wrong = objection_to(to->where(), policy); !wrong.empty())
        return refuse("a redirect's target " + wrong + ", at " + to->where().host);
    return to;
}

} // namespace cokino::detail
