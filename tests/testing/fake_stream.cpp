// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// An event stream on its way: through memory on virtual time, and over a loopback socket.

#include <cokino/provider/fal.hpp>
#include <cokino/testing/fake_server.hpp>
#include <cokino/testing/fake_transport.hpp>

#include "support/async_test.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fake_stream_test {

using namespace cokino;
using namespace cokino::testing;
using namespace cokino::testing::support;
using namespace std::chrono_literals;
using asio::ip::tcp;

/// What came, and after how long.
struct listened {
    listened() = default;
    std::string bytes;
    std::vector<duration> at;
    std::optional<failure> end;
};

awaitable<listened> listen(net::transport& net, time_source& time, wire::request r)
{
    listened out;
    const steady_time begun = time.now();
    auto stream = co_await net.open(std::move(r));
    if (!stream) {
        out.end = stream.error();
        co_return out;
    }
    std::array<char, 65536> buffer{};
    for (;;) {
        auto got = co_await (*stream)->read_some(asio::buffer(buffer));
        if (!got)
            out.end = got.error();
        if (!got || *got == 0)
            co_return out;
        out.at.push_back(time.now() - begun);
        out.bytes.append(buffer.data(), *got);
    }
}

struct fixture {
    fixture()
    {
        net.engine().options().queue_time = 1s;
        net.engine().options().render_time = 20s;
    }

    /// The request for the stream of a new job.
    wire::request stream()
    {
        auto encoded = host.encode(text_to_video("a boat"), submit_context());
        REQUIRE(encoded.has_value());
        job_record job;
        job.route = encoded->route;
        const auto answer = t.outcome(net.exchange(std::move(encoded->request)));
        REQUIRE(answer.has_value());
        REQUIRE(host.decode_submit(*answer, job).has_value());
        return host.encode_stream(job).value();
    }
    listened heard(wire::request r)
    {
        return t.outcome(listen(net, t.time.source(), std::move(r))).value();
    }

    virtual_test t;
    fake_transport net{t.ex()};
    fal host{api_key("k", "FAL_KEY")};
};

bool has(const std::string& text, std::string_view piece)
{
    return text.find(piece) != std::string::npos;
}

TEST_CASE("in memory each event comes at its time, and the stream ends after the last")
{
    fixture f;
    const auto all = f.heard(f.stream());
    CHECK_FALSE(all.end.has_value());
    CHECK(all.at == std::vector<duration>{0s, 1s, 16s, 21s});
    CHECK(has(all.bytes, "IN_QUEUE"));
    CHECK(has(all.bytes, "\n\n: ping\n\ndata: "));
    CHECK(all.bytes.ends_with("\n\n"));
}

TEST_CASE("in memory a stream that breaks off is told as its breakage")
{
    fixture f;
    f.net.faults()
        .on_every_job()
        .stream_cut(1)
        .stream_cut(2, 1, breakage::reset)
        .stream_cut(0, 1, breakage::stall)
        .stream_lost();
    const auto request = f.stream();
    const auto closed = f.heard(request);
    CHECK_FALSE(closed.end.has_value());
    CHECK_FALSE(has(closed.bytes, "IN_PROGRESS"));
    const auto reset = f.heard(request);
    CHECK(has(reset.bytes, "IN_PROGRESS"));
    REQUIRE(reset.end.has_value());
    CHECK(*reset.end == errc::connection_lost);
    const auto stalled = f.heard(request);
    CHECK(stalled.bytes.empty());
    REQUIRE(stalled.end.has_value());
    CHECK(*stalled.end == errc::phase_timed_out);
    const auto lost = f.heard(request);
    REQUIRE(lost.end.has_value());
    CHECK(*lost.end == errc::connection_lost);
}

TEST_CASE("in memory a reader who waits less long than the pings are apart gives up")
{
    fixture f;
    auto request = f.stream();
    request.limits.read_stall = 5s;
    const auto all = f.heard(std::move(request));
    REQUIRE(all.end.has_value());
    CHECK(*all.end == errc::phase_timed_out);
    CHECK(all.at == std::vector<duration>{0s, 1s});
}

TEST_CASE("in memory whoever wants the stream as one answer has it when it ends, or not in time")
{
    fixture f;
    auto request = f.stream();
    const steady_time begun = f.t.time.now();
    const auto whole = f.t.outcome(f.net.exchange(request));
    REQUIRE(whole.has_value());
    CHECK(f.t.time.now() - begun == 21s);
    CHECK(has(std::string(whole->body()), "IN_PROGRESS"));
    auto another = f.stream();
    another.limits.total = 10s;
    const auto late = f.t.outcome(f.net.exchange(std::move(another)));
    REQUIRE(late.has_error());
    CHECK(late.error() == errc::deadline_passed);
}

/// Sends, and reads to the end of the connection.
std::string spoken(std::uint16_t port, const std::string& request, boost::system::error_code& end)
{
    asio::io_context io;
    tcp::socket socket(io);
    socket.connect(tcp::endpoint(asio::ip::address_v4::loopback(), port));
    asio::write(socket, asio::buffer(request));
    std::string got;
    std::array<char, 4096> piece{};
    while (!end)
        got.append(piece.data(), socket.read_some(asio::buffer(piece), end));
    return got;
}

TEST_CASE("over a socket the stream comes as it is told, and ends or breaks with the connection")
{
    fake_server_options options;
    options.host.queue_time = 20ms;
    options.host.render_time = 20ms;
    fake_server server(options);
    server.script([](fault_script& s) { s.on_job(2).stream_cut(1, 1, breakage::reset); });
    const std::string body = R"({"prompt":"a boat"})";
    const std::string head = " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Key k\r\n";
    for (const std::size_t number : {1U, 2U}) {
        CAPTURE(number);
        boost::system::error_code end;
        spoken(server.plain_port(),
               "POST /fal-ai/kling-video/v2.5-turbo/pro/text-to-video" + head +
                   "Connection: close\r\nContent-Type: application/json\r\nContent-Length: " +
                   std::to_string(body.size()) + "\r\n\r\n" + body,
               end);
        end = {};
        const std::string stream =
            spoken(server.plain_port(),
                   "GET /fal-ai/kling-video/requests/" + server.jobs().back().id +
                       "/status/stream" + head + "Accept: text/event-stream\r\n\r\n",
                   end);
        CHECK(has(stream, "content-type: text/event-stream"));
        CHECK_FALSE(has(stream, "content-length"));
        CHECK(has(stream, "IN_QUEUE"));
        CHECK(has(stream, "COMPLETED") == (number == 1));
        const boost::system::error_code orderly = asio::error::eof;
        const boost::system::error_code broken = asio::error::connection_reset;
        CHECK(end == (number == 1 ? orderly : broken));
    }
}

} // namespace fake_stream_test
