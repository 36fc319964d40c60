// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Which links of an answer may count as a result.
#pragma once

#include <cokino/wire/url.hpp>

#include <string_view>

namespace cokino::detail {

/// Whether a link can be a job's file: https, or http where the API itself is spoken to in plain
/// HTTP, as a fake on this machine is. Where it may lead to is judged at the download.
inline bool is_result_link(std::string_view link, std::string_view base_url) noexcept
{
    const auto to = wire::url::parse(link);
    return to && (to->where().scheme == "https" || base_url.substr(0, 7) == "http://");
}

} // namespace cokino::detail
