// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// README's job written by hand with Beast's composed operations over TLS: submit, poll, download.
// Not to be run: it is what compile_cost.py compiles beside README's example. It has no retries, no
// pool, no resume and no checks, which favours it.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/json.hpp>

#include <chrono>
#include <cstdlib>
#include <string>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace json = boost::json;
using asio::use_awaitable;
using asio::ip::tcp;
using stream = beast::ssl_stream<beast::tcp_stream>;

asio::awaitable<stream> connect(asio::ssl::context& tls, std::string host)
{
    tcp::resolver resolver(co_await asio::this_coro::executor);
    auto const where = co_await resolver.async_resolve(host, "443", use_awaitable);
    stream s(co_await asio::this_coro::executor, tls);
    SSL_set_tlsext_host_name(s.native_handle(), host.c_str());
    s.set_verify_callback(asio::ssl::host_name_verification(host));
    beast::get_lowest_layer(s).expires_after(std::chrono::seconds(30));
    co_await beast::get_lowest_layer(s).async_connect(where, use_awaitable);
    co_await s.async_handshake(asio::ssl::stream_base::client, use_awaitable);
    co_return s;
}

asio::awaitable<json::value> exchange(asio::ssl::context& tls, std::string host, http::verb method,
                                      std::string target, std::string body)
{
    auto s = co_await connect(tls, host);
    http::request<http::string_body> request{method, target, 11};
    request.set(http::field::host, host);
    request.set(http::field::authorization, std::string("Key ") + std::getenv("FAL_KEY"));
    request.set(http::field::content_type, "application/json");
    request.body() = std::move(body);
    request.prepare_payload();
    beast::get_lowest_layer(s).expires_after(std::chrono::seconds(30));
    co_await http::async_write(s, request, use_awaitable);
    beast::flat_buffer buffer;
    http::response<http::string_body> response;
    co_await http::async_read(s, buffer, response, use_awaitable);
    co_return json::parse(response.body());
}

asio::awaitable<void> download(asio::ssl::context& tls, std::string host, std::string target,
                               std::string path)
{
    auto s = co_await connect(tls, host);
    http::request<http::empty_body> request{http::verb::get, target, 11};
    request.set(http::field::host, host);
    co_await http::async_write(s, request, use_awaitable);
    beast::flat_buffer buffer;
    http::response_parser<http::file_body> parser;
    parser.body_limit(boost::none);
    beast::error_code ec;
    parser.get().body().open(path.c_str(), beast::file_mode::write, ec);
    co_await http::async_read(s, buffer, parser, use_awaitable);
}

asio::awaitable<void> neon_street(asio::ssl::context& tls)
{
    json::value const body = {{"prompt", "a slow dolly shot across a rain-soaked neon street"},
                              {"duration", "5"},
                              {"aspect_ratio", "16:9"}};
    auto const job = co_await exchange(tls, "queue.fal.run", http::verb::post,
                                       "/fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
                                       json::serialize(body));
    std::string const base =
        "/fal-ai/kling-video/requests/" + json::value_to<std::string>(job.at("request_id"));
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (;;) {
        auto const status =
            co_await exchange(tls, "queue.fal.run", http::verb::get, base + "/status", "");
        if (status.at("status").as_string() == "COMPLETED")
            break;
        timer.expires_after(std::chrono::seconds(5));
        co_await timer.async_wait(use_awaitable);
    }
    auto const result = co_await exchange(tls, "queue.fal.run", http::verb::get, base, "");
    auto const link = json::value_to<std::string>(result.at("video").at("url"));
    auto const slash = link.find('/', 8);
    co_await download(tls, link.substr(8, slash - 8), link.substr(slash), "neon.mp4");
}

int main()
{
    asio::io_context io{1};
    asio::ssl::context tls(asio::ssl::context::tls_client);
    tls.set_default_verify_paths();
    tls.set_verify_mode(asio::ssl::verify_peer);
    asio::co_spawn(io, neon_street(tls), asio::detached);
    io.run();
}
