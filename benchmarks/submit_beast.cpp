// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A rival: what one writes by hand with Beast's coroutines and Boost.JSON, in the form of Beast's
// own examples (tcp_stream with expires_after, http::async_write, http::async_read, DOM JSON).

#include "support/measure.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/json.hpp>

#include <cokino/async/rethrow.hpp>

#include <chrono>
#include <string>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace json = boost::json;
using asio::use_awaitable;
using asio::ip::tcp;

namespace {

struct request_data {
    std::string prompt{bench::prompt};
    std::string negative_prompt{bench::negative_prompt};
    int duration = 5;
    std::string aspect_ratio = "16:9";
    double cfg_scale = 0.5;
};

template <class Stream>
asio::awaitable<std::string> submit(Stream& stream, beast::flat_buffer& buffer,
                                    const request_data* data)
{
    json::value body = {{"prompt", data->prompt},
                        {"duration", data->duration},
                        {"aspect_ratio", data->aspect_ratio},
                        {"negative_prompt", data->negative_prompt},
                        {"cfg_scale", data->cfg_scale}};
    http::request<http::string_body> request{http::verb::post, std::string(bench::path), 11};
    request.set(http::field::host, "localhost");
    request.set(http::field::user_agent, "bench/1");
    request.set(http::field::accept, "application/json");
    request.set(http::field::content_type, "application/json");
    request.set(http::field::authorization, "Bearer " + std::string(bench::key));
    request.body() = json::serialize(body);
    request.prepare_payload();
    beast::get_lowest_layer(stream).expires_after(std::chrono::seconds(30));
    co_await http::async_write(stream, request, use_awaitable);
    http::response<http::string_body> response;
    co_await http::async_read(stream, buffer, response, use_awaitable);
    if (response.result_int() != 200)
        std::abort();
    auto const answer = json::parse(response.body());
    co_return json::value_to<std::string>(answer.at("task_id"));
}

template <class Stream>
asio::awaitable<void> submit_for_ever(Stream& stream, bench::window& window,
                                      const request_data* data)
{
    beast::flat_buffer buffer;
    for (;;) {
        auto const id = co_await submit(stream, buffer, data);
        if (id.size() != 36)
            std::abort();
        if (window.count())
            bench::finish();
    }
}

asio::awaitable<void> plain(const bench::arguments* args, bench::window& window,
                            const request_data* data)
{
    tcp::resolver resolver(co_await asio::this_coro::executor);
    auto const where = co_await resolver.async_resolve("127.0.0.1", args->port, use_awaitable);
    beast::tcp_stream stream(co_await asio::this_coro::executor);
    co_await stream.async_connect(where, use_awaitable);
    stream.socket().set_option(tcp::no_delay(true));
    co_await submit_for_ever(stream, window, data);
}

asio::awaitable<void> over_tls(const bench::arguments* args, asio::ssl::context& tls,
                               bench::window& window, const request_data* data)
{
    tcp::resolver resolver(co_await asio::this_coro::executor);
    auto const where = co_await resolver.async_resolve("127.0.0.1", args->port, use_awaitable);
    beast::ssl_stream<beast::tcp_stream> stream(co_await asio::this_coro::executor, tls);
    co_await beast::get_lowest_layer(stream).async_connect(where, use_awaitable);
    beast::get_lowest_layer(stream).socket().set_option(tcp::no_delay(true));
    co_await stream.async_handshake(asio::ssl::stream_base::client, use_awaitable);
    co_await submit_for_ever(stream, window, data);
}

} // namespace

int main(int argc, char** argv)
{
    bench::arguments const args(argc, argv);
    asio::io_context io{1};
    asio::ssl::context tls(asio::ssl::context::tls_client);
    if (!args.ca_file.empty())
        tls.load_verify_file(args.ca_file);
    tls.set_verify_mode(asio::ssl::verify_peer);
    request_data const data;
    bench::window window(0.5, args.length);
    for (int i = 0; i < args.connections; ++i) {
        if (args.tls)
            asio::co_spawn(io, over_tls(&args, tls, window, &data), cokino::rethrow);
        else
            asio::co_spawn(io, plain(&args, window, &data), cokino::rethrow);
    }
    io.run();
}
