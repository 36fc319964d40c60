// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Which links and redirects a download may follow. A link comes from a host's answer, so it is held
// to https and the usual port. Addresses are the transport's to check, since only it sees them
// (wire::request::public_addresses_only).
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/result.hpp>
#include <cokino/wire/url.hpp>

#include <string_view>

namespace cokino::detail {

struct link_policy {
    bool allow_insecure = false;
    bool allow_private_addresses = false;
    bool allow_any_port = false;
};

/// Parses a link and checks it. link_refused says what is wrong, without the link's query.
COKINO_DECL result<wire::url> check_link(std::string_view link, const link_policy& policy);

/// Where a redirect leads: resolved, checked, and not from https down to http. redirect_refused.
/// `hops` is the number already followed for this request.
COKINO_DECL result<wire::url> follow_redirect(const wire::url& from, std::string_view location,
                                              unsigned hops, const link_policy& policy);

/// 301, 302, 303, 307 and 308: for a GET they all mean the same.
constexpr bool is_redirect(unsigned status) noexcept
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/link_policy.ipp>
#endif
