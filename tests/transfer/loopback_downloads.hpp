// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Downloads over the real transport, from a server on loopback that a test wrote byte by byte.
#pragma once

#include <cokino/net/http_transport.hpp>
#include <cokino/transfer/downloader.hpp>

#include "media_host.hpp"
#include "support/async_test.hpp"
#include "support/raw_server.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace loopback_test {

using namespace cokino;
using namespace cokino::testing::support;
using media_host_test::read_file;
using media_host_test::scratch_directory;

/// Settings that take nothing from the environment.
inline net::transport_options quiet_options()
{
    net::transport_options options;
    options.proxy = net::proxy_settings();
    return options;
}

inline download_defaults for_loopback()
{
    download_defaults defaults;
    defaults.allow_insecure = true;
    defaults.allow_private_addresses = true;
    defaults.allow_any_port = true;
    defaults.seed = 1;
    return defaults;
}

struct loopback_downloads {
    real_test loop;
    net::http_transport network{loop.ex(), quiet_options()};
    downloader loads{loop.ex(), network, nullptr, for_loopback()};

    awaitable<download_report> start(const std::string& url, const std::string& path,
                                     download_options options = {})
    {
        video clip;
        clip.file.url = url;
        clip.duration_s = 5;
        return loads.download(std::move(clip), path, options);
    }
    result<download_report> run(const std::string& url, const std::string& path,
                                download_options options = {})
    {
        return loop.outcome(start(url, path, options));
    }
};

/// Where the Range of a request begins; nothing when it has none.
inline std::optional<std::uint64_t> range_of(std::string_view request)
{
    const auto at = cokino::detail::ifind(request, "\r\nrange: bytes=");
    if (at == std::string_view::npos)
        return std::nullopt;
    request.remove_prefix(at + 15);
    return cokino::detail::parse_integer<std::uint64_t>(request.substr(0, request.find('-')));
}

/// The head of a good answer to a request for a file with the ETag "v1".
inline std::string good_head(std::uint64_t from, std::uint64_t size)
{
    std::string head = from == 0 ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 206 Partial Content\r\n";
    head += "Content-Type: video/mp4\r\nETag: \"v1\"\r\nContent-Length: ";
    head += cokino::detail::to_text(size - from) + "\r\n";
    if (from != 0)
        head += "Content-Range: bytes " + cokino::detail::to_text(from) + "-" +
                cokino::detail::to_text(size - 1) + "/" + cokino::detail::to_text(size) + "\r\n";
    return head + "\r\n";
}

} // namespace loopback_test
