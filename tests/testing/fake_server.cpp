// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The fake host on real loopback sockets, met by a client that knows no HTTP: what is written is
// what is tested. The server has a thread of its own here, so the client may block.

#include <cokino/testing/fake_server.hpp>

#include <cokino/async/time_source.hpp>
#include <cokino/testing/clips.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include <openssl/ssl.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace fake_server_test {

using namespace cokino;
using namespace cokino::testing;
using namespace std::chrono_literals;
using asio::ip::tcp;

/// How a connection was found to end.
enum class end { open, orderly, reset, other };

/// A blocking connection.
class raw_client
{
public:
    explicit raw_client(std::uint16_t port) : socket_(io_)
    {
        socket_.connect(tcp::endpoint(asio::ip::address_v4::loopback(), port));
    }

    /// The peer may be gone already. A reset is told only once, to the write or to the read.
    void send(std::string_view bytes)
    {
        boost::system::error_code error;
        asio::write(socket_, asio::buffer(bytes.data(), bytes.size()), error);
        if (error)
            end_ = end::reset;
    }

    /// One whole answer by its Content-Length, or all until the end.
    std::string answer()
    {
        std::string got;
        std::size_t total = std::string::npos;
        while (got.size() < total && more(got)) {
            const auto head = got.find("\r\n\r\n");
            const auto length = got.find("content-length: ");
            if (head != std::string::npos && length < head)
                total = head + 4 + std::stoul(got.substr(length + 16));
        }
        return got;
    }

    /// Reads all until the end.
    std::string rest()
    {
        std::string got;
        while (more(got)) {}
        return got;
    }

    end ended() const { return end_; }
    tcp::socket& socket() { return socket_; }

private:
    bool more(std::string& got)
    {
        std::array<char, 4096> piece{};
        boost::system::error_code error;
        const auto n = socket_.read_some(asio::buffer(piece), error);
        got.append(piece.data(), n);
        if (error && end_ == end::open)
            end_ = error == asio::error::eof                ? end::orderly
                   : error == asio::error::connection_reset ? end::reset
                                                            : end::other;
        return !error;
    }

    asio::io_context io_;
    tcp::socket socket_;
    end end_ = end::open;
};

std::string post(const std::string& body, const std::string& more_fields = {})
{
    return "POST /v1/kling/v2-5/text-to-video HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Api-Key: k\r\n"
           "Content-Type: application/json\r\n" +
           more_fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string get(const std::string& target, const std::string& more_fields = {})
{
    return "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + more_fields + "\r\n";
}

const std::string order = R"({"prompt":"a boat"})";

fake_server_options quick()
{
    fake_server_options o;
    o.host.queue_time = 0ms;
    o.host.render_time = 0ms;
    return o;
}

/// The target of a finished job's file. The server renders in no time.
std::string file_target(fake_server& server)
{
    raw_client client(server.plain_port());
    client.send(post(order));
    client.answer();
    const std::string id = server.jobs().back().id;
    client.send(get("/v1/kling/v2-5/tasks/" + id, "X-Api-Key: k\r\n"));
    const std::string status = client.answer();
    const std::string origin = server.plain_url();
    const auto at = status.find(origin);
    REQUIRE_MESSAGE(at != std::string::npos, status);
    const auto from = at + origin.size();
    return status.substr(from, status.find('"', from) - from);
}

std::string body_of(const std::string& answer)
{
    return answer.substr(answer.find("\r\n\r\n") + 4);
}

TEST_CASE("a connection is kept for several requests, and closed when the client says so")
{
    fake_server server(quick());
    raw_client client(server.plain_port());
    client.send(post(order));
    CHECK(client.answer().starts_with("HTTP/1.1 200 OK\r\n"));
    client.send(post(order) + post(order)); // two in one go
    CHECK(client.answer().find("task_id") != std::string::npos);
    client.send(get("/v1/kling/v2-5/tasks/nobody", "X-Api-Key: k\r\nConnection: close\r\n"));
    const std::string rest = client.rest();
    CHECK(rest.find("HTTP/1.1 404 Not Found") != std::string::npos);
    CHECK(rest.find("connection: close") != std::string::npos);
    CHECK(client.ended() == end::orderly);
    CHECK(server.counts().jobs == 3);
    CHECK(server.connections().connections == 1);
    CHECK(server.connections().requests == 4);
}

TEST_CASE("a request may come byte by byte, and is counted when it is whole")
{
    fake_server server(quick());
    raw_client client(server.plain_port());
    for (const char c : post(order)) {
        CHECK(server.counts().submits == 0);
        client.send(std::string(1, c));
    }
    CHECK(client.answer().starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(server.counts().submits == 1);
}

TEST_CASE("a file is fetched whole, in part, and as a head")
{
    fake_server server(quick());
    const std::string target = file_target(server);
    const std::string whole = clip_1080p(5, aspect_ratio::landscape_16_9);
    raw_client client(server.plain_port());
    client.send(get(target));
    const std::string all = client.answer();
    CHECK(body_of(all) == whole);
    CHECK(all.find("content-type: video/mp4\r\n") != std::string::npos);
    client.send(get(target, "Range: bytes=100-199\r\n"));
    const std::string part = client.answer();
    CHECK(part.starts_with("HTTP/1.1 206 Partial Content\r\n"));
    CHECK(body_of(part) == whole.substr(100, 100));
    client.send("HEAD " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const std::string head = client.rest();
    CHECK(head.find("content-length: " + std::to_string(whole.size())) != std::string::npos);
    CHECK(body_of(head).empty());
}

TEST_CASE("a connection breaks off after as many bytes of the request as it is told")
{
    const std::string bytes = post(order);
    fake_server server(quick());
    for (std::size_t k = 0; k <= bytes.size(); k += 7)
        for (const breakage how : {breakage::close, breakage::reset}) {
            CAPTURE(k);
            server.next_connection(socket_fault::after_reading(k, how));
            raw_client client(server.plain_port());
            client.send(bytes);
            CHECK(client.rest() == "");
            CHECK(client.ended() == (how == breakage::close ? end::orderly : end::reset));
        }
    server.next_connection(socket_fault::after_reading(bytes.size()));
    raw_client client(server.plain_port());
    client.send(bytes);
    CHECK(client.rest() == "");
    CHECK(server.counts().submits == 0);
}

TEST_CASE("an answer breaks off after as many bytes as it is told, and the job exists")
{
    fake_server server(quick());
    const std::size_t sizes[] = {1, 12, 40, 100};
    for (const std::size_t k : sizes) {
        server.next_connection(socket_fault::after_writing(k));
        raw_client client(server.plain_port());
        client.send(post(order));
        CHECK(client.rest().size() == k);
        CHECK(client.ended() == end::orderly);
    }
    CHECK(server.counts().jobs == 4);
}

TEST_CASE("an idle connection dies after its answer without a word")
{
    fake_server server(quick());
    server.next_connection(socket_fault::after_answer());
    raw_client client(server.plain_port());
    client.send(post(order));
    const std::string answer = client.rest();
    CHECK(answer.find("task_id") != std::string::npos);
    CHECK(answer.find("connection: close") == std::string::npos);
    CHECK(client.ended() == end::orderly);
}

TEST_CASE("an answer can be something that is not HTTP, and a peer gone before a word")
{
    fake_server server(quick());
    server.next_connection(socket_fault::garbled_answer());
    server.next_connection(socket_fault::at_once(breakage::reset));
    raw_client garbled(server.plain_port());
    garbled.send(post(order));
    CHECK(garbled.rest().find("HTTP/1.1") == std::string::npos);
    raw_client gone(server.plain_port());
    CHECK(gone.rest() == "");
    CHECK(gone.ended() == end::reset);
    CHECK(server.counts().submits == 1);
}

TEST_CASE("the engine's faults are acted out on the socket")
{
    fake_server server(quick());
    server.script([](fault_script& s) {
        s.on_job(1).answer_lost(breakage::close);
        s.on_job(2).answer_lost(breakage::reset);
        s.on_job(3).answer_cut(5);
        s.on_job(4)
            .body_cut(1000)
            .length_wrong(+10)
            .body_cut(1000, 1, breakage::reset)
            .body_slow(500, 1ms);
    });
    for (const end e : {end::orderly, end::reset}) {
        raw_client client(server.plain_port());
        client.send(post(order));
        CHECK(client.rest() == "");
        CHECK(client.ended() == e);
    }
    raw_client cut(server.plain_port());
    cut.send(post(order));
    CHECK(body_of(cut.rest()).size() == 5);
    CHECK(server.counts().jobs == 3);

    const std::string target = file_target(server);
    const auto fetch = [&](end e) {
        raw_client client(server.plain_port());
        client.send(get(target));
        const std::string answer = client.rest();
        CHECK(client.ended() == e);
        return body_of(answer).size();
    };
    const std::size_t whole = clip_1080p(5, aspect_ratio::landscape_16_9).size();
    CHECK(fetch(end::orderly) == 1000);
    CHECK(fetch(end::orderly) == whole);
    CHECK(fetch(end::reset) <= 1000);
}

TEST_CASE("without a length the body ends with the connection")
{
    fake_server server(quick());
    server.script([](fault_script& s) { s.on_every_job().length_missing(); });
    const std::string target = file_target(server);
    raw_client client(server.plain_port());
    client.send(get(target));
    const std::string answer = client.rest();
    CHECK(answer.find("content-length") == std::string::npos);
    CHECK(body_of(answer) == clip_1080p(5, aspect_ratio::landscape_16_9));
}

/// A TLS connection that checks whom it meets.
struct tls_client {
    tls_client(const fake_server& server, const std::string& ca, const std::string& host)
        : context(asio::ssl::context::tls_client), stream(io, context)
    {
        if (!ca.empty())
            context.add_certificate_authority(asio::buffer(ca));
        stream.set_verify_mode(asio::ssl::verify_peer);
        stream.set_verify_callback(asio::ssl::host_name_verification(host));
        stream.next_layer().connect(tcp::endpoint(asio::ip::address_v4::loopback(), server.port()));
    }

    boost::system::error_code handshake()
    {
        boost::system::error_code error;
        stream.handshake(asio::ssl::stream_base::client, error);
        return error;
    }

    std::string exchange(const std::string& request, boost::system::error_code& error)
    {
        asio::write(stream, asio::buffer(request));
        std::string got;
        std::array<char, 4096> piece{};
        while (!error)
            got.append(piece.data(), stream.read_some(asio::buffer(piece), error));
        return got;
    }

    asio::io_context io;
    asio::ssl::context context;
    asio::ssl::stream<tcp::socket> stream;
};

TEST_CASE("over TLS the host is trusted by its authority and its names, and ends properly")
{
    fake_server server(quick());
    CHECK(server.url() == "https://127.0.0.1:" + std::to_string(server.port()));
    for (const char* name : {"127.0.0.1", "localhost"}) {
        tls_client good(server, server.ca_pem(), name);
        CHECK(!good.handshake());
        boost::system::error_code error;
        const std::string answer = good.exchange(post(order, "Connection: close\r\n"), error);
        CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
        CHECK(error == asio::error::eof); // a close_notify, no truncation
    }
    CHECK(tls_client(server, server.ca_pem(), "example.com").handshake());
    CHECK(tls_client(server, {}, "localhost").handshake());
    CHECK(tls_client(server, test_authority().pem(), "localhost").handshake());
    CHECK(server.connections().handshakes >= 2);
    CHECK(server.counts().jobs == 2);
}

TEST_CASE("a broken connection is a truncation over TLS")
{
    fake_server server(quick());
    server.script([](fault_script& s) { s.on_job(1).answer_cut(5); });
    tls_client client(server, server.ca_pem(), "localhost");
    REQUIRE(!client.handshake());
    boost::system::error_code error;
    client.exchange(post(order), error);
    CHECK(error == asio::ssl::error::stream_truncated);
}

TEST_CASE("a handshake can be garbled or broken")
{
    fake_server server(quick());
    server.next_connection(socket_fault::garbled_handshake());
    server.next_connection(socket_fault::at_once(breakage::close));
    CHECK(tls_client(server, server.ca_pem(), "localhost").handshake());
    CHECK(tls_client(server, server.ca_pem(), "localhost").handshake());
    CHECK(server.connections().handshakes == 0);
    CHECK(!tls_client(server, server.ca_pem(), "localhost").handshake());
}

TEST_CASE("bad certificates are refused by a client that checks, good ones asked of it")
{
    const test_authority authority;
    certificate_wish expired, early, other;
    expired.valid_until = -1h;
    expired.valid_from = -48h;
    early.valid_from = 1h;
    other.dns_names = {"example.com"};
    other.ip_addresses.clear();
    for (const certificate_wish& wish : {expired, early, other}) {
        fake_server_options o;
        o.identity = authority.issue(wish);
        fake_server server(std::move(o));
        CHECK(tls_client(server, authority.pem(), "localhost").handshake());
    }
    fake_server_options o;
    o.client_ca_pem = authority.pem();
    o.tls_version_max = 0x0303; // in TLS 1.3 the refusal comes after the handshake
    fake_server server(std::move(o));
    tls_client nobody(server, server.ca_pem(), "localhost");
    CHECK(nobody.handshake());
    certificate_wish mine;
    mine.for_client = true;
    const test_identity id = authority.issue(mine);
    tls_client known(server, server.ca_pem(), "localhost");
    SSL* const ssl = known.stream.native_handle();
    known.context.use_certificate_chain(asio::buffer(id.certificate_pem));
    known.context.use_private_key(asio::buffer(id.private_key_pem), asio::ssl::context::pem);
    SSL_use_certificate(ssl, SSL_CTX_get0_certificate(known.context.native_handle()));
    SSL_use_PrivateKey(ssl, SSL_CTX_get0_privatekey(known.context.native_handle()));
    CHECK(!known.handshake());
    CHECK(std::string(SSL_get_version(ssl)) == "TLSv1.2");
}

TEST_CASE("on the user's own context it runs until it is stopped, stalled connections too")
{
    asio::io_context io{1};
    std::string got;
    {
        fake_server server(io.get_executor(), quick());
        server.script([](fault_script& s) {
            s.on_job(1).answer_lost(breakage::stall);
            s.on_job(2).answer_delayed(1h);
        });
        std::thread client([&] {
            raw_client stalled(server.plain_port()), waiting(server.plain_port());
            stalled.send(post(order));
            raw_client good(server.plain_port());
            good.send(get("/x"));
            got = good.answer();
            waiting.send(post(order));
            waiting.rest();
            stalled.rest();
        });
        while (server.counts().jobs < 2)
            io.run_one();
        CHECK(server.connections().open == 3);
        server.stop();
        io.restart();
        io.run(); // ends, since nothing is left
        client.join();
        CHECK(server.connections().open == 0);
    }
    CHECK(got.starts_with("HTTP/1.1 401"));
}

TEST_CASE("it may be destroyed with connections under way, before or after its context")
{
    auto io = std::make_unique<asio::io_context>(1);
    auto server = std::make_unique<fake_server>(io->get_executor(), quick());
    raw_client client(server->plain_port());
    client.send("POST");
    io->run_one();
    SUBCASE("before")
    {
        server.reset();
        io.reset();
    }
    SUBCASE("with a turn of the loop between")
    {
        server.reset();
        io->poll();
        io.reset();
    }
    CHECK(client.rest() == "");
    CHECK(client.ended() != end::open);
}

} // namespace fake_server_test
