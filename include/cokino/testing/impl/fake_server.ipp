// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of testing/fake_server.hpp: listening, and one coroutine for each connection. HTTP is
// read by hand, since a server that is to break rules cannot use a library that keeps them.
#pragma once

#include <cokino/async/event.hpp>
#include <cokino/testing/fake_server.hpp>
#include <cokino/testing/impl/fake_connection.ipp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>

#include <openssl/ssl.h>

#include <exception>
#include <future>
#include <thread>

namespace cokino::testing {

struct fake_server::state : std::enable_shared_from_this<fake_server::state> {
    using tcp = asio::ip::tcp;

    state(std::unique_ptr<asio::io_context> thread_context, executor e, fake_server_options o)
        : own(std::move(thread_context)), ex(std::move(e)), options(std::move(o)),
          host(std::make_shared<detail::connection_host>(time_of(ex), options.host)),
          secure(asio::ssl::context::tls_server), acceptor(ex), plain_acceptor(ex)
    {
        prepare_tls();
        listen(acceptor);
        listen(plain_acceptor);
    }

    void prepare_tls()
    {
        const test_identity id = options.identity ? *options.identity : authority.issue();
        secure.use_certificate_chain(asio::buffer(id.certificate_pem));
        secure.use_private_key(asio::buffer(id.private_key_pem), asio::ssl::context::pem);
        SSL_CTX* const context = secure.native_handle();
        // Without this name OpenSSL refuses to resume sessions when it asks for certificates.
        static constexpr unsigned char name[] = "cokino-fake";
        SSL_CTX_set_session_id_context(context, name, sizeof name - 1);
        SSL_CTX_set_min_proto_version(context, options.tls_version_min);
        SSL_CTX_set_max_proto_version(context, options.tls_version_max);
        if (!options.client_ca_pem.empty()) {
            secure.add_certificate_authority(asio::buffer(options.client_ca_pem));
            secure.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
        }
    }

    static void listen(tcp::acceptor& a)
    {
        const tcp::endpoint any_port(asio::ip::address_v4::loopback(), 0);
        a.open(any_port.protocol());
        a.bind(any_port);
        a.listen();
    }

    static std::uint16_t port_of(const tcp::acceptor& a)
    {
        boost::system::error_code error;
        return a.local_endpoint(error).port();
    }

    void start()
    {
        port = port_of(acceptor);
        plain_port = port_of(plain_acceptor);
        asio::co_spawn(ex, accept_all(shared_from_this(), true), asio::detached);
        asio::co_spawn(ex, accept_all(shared_from_this(), false), asio::detached);
        if (own)
            thread = std::thread([this] { own->run(); });
    }

    static awaitable<void> accept_all(std::shared_ptr<state> self, bool tls)
    {
        tcp::acceptor& a = tls ? self->acceptor : self->plain_acceptor;
        while (a.is_open()) {
            tcp::socket socket(self->ex);
            const auto accepted = co_await a.async_accept(socket, as_tuple_token);
            if (std::get<0>(accepted)) {
                if (!a.is_open())
                    break;
                continue; // a client that was gone before it was accepted
            }
            boost::system::error_code ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            asio::co_spawn(self->ex, detail::serve(self->connection(std::move(socket), tls)),
                           asio::detached);
        }
    }

    std::shared_ptr<detail::connection> connection(tcp::socket socket, bool tls)
    {
        std::shared_ptr<detail::connection> c;
        const std::string at = "127.0.0.1:" + std::to_string(tls ? port : plain_port);
        if (tls)
            c = std::make_shared<detail::tls_connection>(host, std::move(socket), secure);
        else
            c = std::make_shared<detail::plain_connection>(host, std::move(socket));
        c->origin = (tls ? "https://" : "http://") + at;
        return c;
    }

    /// On the thread of the engine, and back when it is done.
    void run(const std::function<void()>& f)
    {
        if (!own || !thread.joinable() || std::this_thread::get_id() == thread.get_id())
            return f();
        std::promise<void> done;
        asio::post(*own, [&] {
            try {
                f();
                done.set_value();
            } catch (...) {
                done.set_exception(std::current_exception());
            }
        });
        done.get_future().get();
    }

    void stop()
    {
        run([this] {
            boost::system::error_code ignored;
            acceptor.close(ignored);
            plain_acceptor.close(ignored);
            host->stop();
        });
        if (thread.joinable())
            thread.join();
    }

    std::unique_ptr<asio::io_context> own; // outlives all that is made on it
    executor ex;
    fake_server_options options;
    test_authority authority;
    std::shared_ptr<detail::connection_host> host;
    asio::ssl::context secure;
    tcp::acceptor acceptor, plain_acceptor;
    std::uint16_t port = 0, plain_port = 0;
    std::thread thread;
};

COKINO_DECL fake_server::fake_server(fake_server_options options)
{
    auto own = std::make_unique<asio::io_context>(1);
    const executor ex = own->get_executor();
    state_ = std::make_shared<state>(std::move(own), ex, std::move(options));
    state_->start();
}

COKINO_DECL fake_server::fake_server(executor ex, fake_server_options options)
    : state_(std::make_shared<state>(nullptr, std::move(ex), std::move(options)))
{
    state_->start();
}

COKINO_DECL fake_server::~fake_server() { stop(); }

COKINO_DECL std::string fake_server::url() const
{
    return "https://127.0.0.1:" + std::to_string(state_->port);
}

COKINO_DECL std::string fake_server::plain_url() const
{
    return "http://127.0.0.1:" + std::to_string(state_->plain_port);
}

COKINO_DECL std::uint16_t fake_server::port() const noexcept { return state_->port; }

COKINO_DECL std::uint16_t fake_server::plain_port() const noexcept { return state_->plain_port; }

COKINO_DECL const std::string& fake_server::ca_pem() const noexcept
{
    return state_->authority.pem();
}

COKINO_DECL void fake_server::run(const std::function<void(fake_engine&)>& f)
{
    state_->run([&] { f(state_->host->engine); });
}

COKINO_DECL fake_counts fake_server::counts()
{
    return use([](fake_engine& e) { return e.counts(); });
}

COKINO_DECL std::vector<fake_job> fake_server::jobs()
{
    return use([](fake_engine& e) { return std::vector(e.jobs().begin(), e.jobs().end()); });
}

COKINO_DECL fake_server_counts fake_server::connections()
{
    fake_server_counts out;
    state_->run([&] { out = state_->host->counts; });
    return out;
}

COKINO_DECL void fake_server::next_connection(socket_fault f)
{
    state_->run([&] { state_->host->faults.push_back(f); });
}

COKINO_DECL void fake_server::stop() { state_->stop(); }

} // namespace cokino::testing
