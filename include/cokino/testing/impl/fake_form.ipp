// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// multipart/form-data, as the fake hosts that take files read it.
#pragma once

#include <cokino/testing/fake_engine.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace cokino::testing::detail {

/// The value of a part's header parameter: name="content".
inline std::string multipart_parameter(std::string_view head, std::string_view name)
{
    const std::string mark = ' ' + std::string(name) + "=\"";
    const auto at = head.find(mark);
    if (at == std::string_view::npos)
        return {};
    head.remove_prefix(at + mark.size());
    return std::string(head.substr(0, head.find('"')));
}

struct multipart_part {
    std::string head, body;
};

/// The part of that name of a multipart/form-data body.
inline std::optional<multipart_part> part_of(const fake_request& r, std::string_view name)
{
    const std::string_view type = r.field("content-type");
    const auto at = type.find("boundary=");
    if (!type.starts_with("multipart/form-data") || at == std::string_view::npos)
        return std::nullopt;
    std::string mark(type.substr(at + 9));
    mark.erase(std::remove(mark.begin(), mark.end(), '"'), mark.end());
    mark = "--" + mark;
    std::string_view rest = r.body;
    while (rest.starts_with(mark)) {
        rest.remove_prefix(mark.size());
        const auto end = rest.find("\r\n" + mark);
        const auto blank = rest.find("\r\n\r\n");
        if (!rest.starts_with("\r\n") || end == std::string_view::npos || blank > end)
            return std::nullopt;
        multipart_part part;
        part.head = rest.substr(0, blank);
        part.body = rest.substr(blank + 4, end - std::min(end, blank + 4));
        if (multipart_parameter(part.head, "name") == name)
            return part;
        rest.remove_prefix(end + 2);
    }
    return std::nullopt;
}

} // namespace cokino::testing::detail
