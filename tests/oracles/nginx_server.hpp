// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The nginx that run.sh started, as its environment describes it: files put there, links to them,
// and what its log says of the requests for them.
#pragma once

#include <cokino/net/http_transport.hpp>
#include <cokino/transfer/downloader.hpp>
#include <cokino/wire/message.hpp>
#include <cokino/wire/signature.hpp>

#include "oracles/setting.hpp"
#include "support/async_test.hpp"

#include <doctest/doctest.h>
#include <openssl/evp.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace oracle_test {

using namespace cokino;
using namespace cokino::testing::support;
using oracle::setting;
using namespace std::chrono_literals;

inline std::string read_all(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// One request, as nginx has logged it when it ended.
struct log_line {
    std::string method, path, range, if_range;
    unsigned status = 0;
    std::uint64_t body_bytes = 0;
};

class nginx_server
{
public:
    std::string plain = setting("COKINO_ORACLE_ENDPOINT");
    std::string tls = setting("COKINO_ORACLE_TLS_ENDPOINT");

    /// A file that it serves from now on.
    void put(const std::string& name, std::string_view bytes) const
    {
        std::ofstream file(files_ + '/' + name, std::ios::binary);
        file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        REQUIRE(file.flush().good());
    }

    /// A link that secure_link takes until then, in whole seconds since the epoch.
    std::string signed_link(const std::string& name, std::int64_t expires) const
    {
        const std::string uri = "/signed/" + name;
        const std::string text = std::to_string(expires) + uri + ' ' + secret_;
        std::array<unsigned char, 16> md5{};
        REQUIRE(EVP_Digest(text.data(), text.size(), md5.data(), nullptr, EVP_md5(), nullptr) == 1);
        return plain + uri + "?md5=" + wire::base64url_encode(std::string(md5.begin(), md5.end())) +
               "&expires=" + std::to_string(expires);
    }

    /// The requests for this path that have ended, in that order. nginx is one process, which logs
    /// the end of a request before it answers the next: so a ping makes sure that all is there.
    std::vector<log_line> requests_for(const std::string& path) const
    {
        real_test loop;
        net::http_transport network(loop.ex(), options());
        wire::request ping;
        const auto to = wire::url::parse(plain + "/ping").value();
        ping.head = wire::head_builder(wire::method::get, to).build().value();
        REQUIRE(loop.outcome(network.exchange(std::move(ping))).has_value());
        std::vector<log_line> found;
        std::ifstream file(log_);
        for (std::string text; std::getline(file, text);) {
            std::istringstream words(text);
            log_line line;
            words >> line.method >> line.path >> line.status >> line.body_bytes >> line.range >>
                line.if_range;
            REQUIRE_FALSE(words.fail());
            if (line.path == path)
                found.push_back(line);
        }
        return found;
    }

    /// Trusts the server's own certificate and nobody else's; no proxy.
    net::transport_options options() const
    {
        net::transport_options out;
        out.proxy = net::proxy_settings();
        out.tls.ca_file = ca_;
        return out;
    }

private:
    std::string files_ = setting("COKINO_ORACLE_FILES");
    std::string log_ = setting("COKINO_ORACLE_LOG");
    std::string ca_ = setting("COKINO_ORACLE_CA");
    std::string secret_ = setting("COKINO_ORACLE_SECRET");
};

/// It is on loopback, on a port of its own.
inline download_defaults permissions()
{
    download_defaults out;
    out.allow_insecure = out.allow_private_addresses = out.allow_any_port = true;
    return out;
}

} // namespace oracle_test
