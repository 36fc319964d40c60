// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Members that the user adds to a submit's body.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/provider/detail/body.hpp>
#include <cokino/wire/json_writer.hpp>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace cokino::detail {

COKINO_DECL result<void> merge_extra(std::string& body, std::string_view inside,
                                     std::string_view extra)
{
    if (extra.empty())
        return {};
    boost::json::parse_options options;
    options.max_depth = limits::json_depth_max;
    boost::system::error_code wrong;
    auto added = boost::json::parse(extra, wrong, {}, options);
    if (wrong || !added.is_object())
        return invalid("extra", "is no JSON object" + (wrong ? ": " + wrong.message() : ""));
    auto whole = boost::json::parse(body, wrong, {}, options);
    if (wrong || !whole.is_object())
        return failure(errc::internal_error);
    boost::json::object* target = &whole.get_object();
    if (!inside.empty()) {
        auto* const member = target->if_contains(inside);
        if (!member || !member->is_object())
            return failure(errc::internal_error);
        target = &member->get_object();
    }
    for (const auto& [name, value] : added.get_object())
        if (!target->emplace(name, value).second)
            return invalid("extra", "\"" + std::string(name) +
                                        "\" is a field of the request "
                                        "already; set it there");
    body = boost::json::serialize(whole);
    return {};
}

COKINO_DECL result<void> end_body(wire::json_writer& w, const field_gate& gate, std::string& body,
                                  std::string_view inside, std::string_view extra)
{
    if (gate.refusal())
        return *gate.refusal();
    if (auto written = w.finish(); !written)
        return written.error();
    return merge_extra(body, inside, extra);
}

} // namespace cokino::detail
