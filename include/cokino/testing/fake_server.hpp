// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The fake host on loopback: HTTP and HTTPS on free ports of 127.0.0.1, with a certificate made on
// the spot, and faults of sockets beside those of jobs. For examples and for tests that need real
// sockets; on virtual time use fake_transport. It trusts its network, so keep it on loopback.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/core/config.hpp>
#include <cokino/testing/certificates.hpp>
#include <cokino/testing/fake_engine.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cokino::testing {

/// What one connection does wrong, below HTTP.
struct socket_fault {
    socket_fault() = default;

    enum class place : unsigned char { accepted, read, written, answered, garbled_tls, garbled };

    /// Right after it was accepted, before TLS.
    static socket_fault at_once(breakage how) { return {place::accepted, how, 0}; }
    /// When so many bytes of requests were read; the request is not acted on.
    static socket_fault after_reading(std::size_t bytes, breakage how = breakage::close)
    {
        return {place::read, how, bytes};
    }
    /// When so many bytes of answers, heads included, were written. The request was acted on.
    static socket_fault after_writing(std::size_t bytes, breakage how = breakage::close)
    {
        return {place::written, how, bytes};
    }
    /// After the first whole answer, which did not announce it: the idle connection dies.
    static socket_fault after_answer(breakage how = breakage::close)
    {
        return {place::answered, how, 0};
    }
    /// Something that is not TLS, in place of a handshake.
    static socket_fault garbled_handshake() { return {place::garbled_tls, breakage::close, 0}; }
    /// Something that is not HTTP, in place of an answer. The request was acted on.
    static socket_fault garbled_answer() { return {place::garbled, breakage::close, 0}; }

    place where = place::accepted;
    breakage how = breakage::close;
    std::size_t bytes = 0;

private:
    socket_fault(place w, breakage h, std::size_t n) : where(w), how(h), bytes(n) {}
};

/// No aggregate on purpose: it holds strings.
struct fake_server_options {
    fake_server_options() = default;
    fake_options host;
    /// What the server shows; by default a good certificate of its own authority.
    std::optional<test_identity> identity;
    /// CA certificates (PEM) of clients; when given, a client must show a certificate of theirs.
    std::string client_ca_pem;
    /// 0, or the only versions of TLS that are spoken: 0x0303 is 1.2, 0x0304 is 1.3.
    int tls_version_min = 0, tls_version_max = 0;
};

/// What happened to connections.
struct fake_server_counts {
    std::size_t connections = 0, handshakes = 0, handshakes_resumed = 0;
    std::size_t requests = 0; ///< Read to their end.
    std::size_t open = 0;     ///< Connections now.
};

/// The server. It begins to listen in the constructor and stops in the destructor.
///
///     cokino::testing::fake_server fake;  // a thread of its own
///     options.base_url = fake.url();      // "https://127.0.0.1:40123"
///     transport.tls.ca_pem = fake.ca_pem();
///
/// With an executor it runs there, and keeps that context running until stop(); the context then
/// is to outlive it. Without one it has a thread, and use() is the way to its engine.
class fake_server
{
public:
    explicit fake_server(fake_server_options options = {});
    explicit fake_server(executor ex, fake_server_options options = {});
    ~fake_server();
    fake_server(const fake_server&) = delete;
    fake_server& operator=(const fake_server&) = delete;

    /// The origin over TLS, without a slash at its end.
    std::string url() const;
    /// The same host without TLS.
    std::string plain_url() const;
    std::uint16_t port() const noexcept;
    std::uint16_t plain_port() const noexcept;
    /// The authority to trust.
    const std::string& ca_pem() const noexcept;

    /// Runs f(fake_engine&) where the engine lives, and gives what it returns.
    template <class F> auto use(F f)
    {
        using value = decltype(f(std::declval<fake_engine&>()));
        if constexpr (std::is_void_v<value>) {
            run([&f](fake_engine& e) { f(e); });
        } else {
            std::optional<value> out;
            run([&f, &out](fake_engine& e) { out.emplace(f(e)); });
            return std::move(*out);
        }
    }
    /// Runs f(fault_script&) likewise: fake.script([](auto& s) { s.on_job(3).answer_lost(); }).
    template <class F> void script(F f)
    {
        run([&f](fake_engine& e) { f(e.faults()); });
    }
    fake_counts counts();
    std::vector<fake_job> jobs();
    fake_server_counts connections();

    /// The next connection to be accepted has this fault; after those set before.
    void next_connection(socket_fault f);

    /// Closes the listening sockets and all connections. The engine stays.
    void stop();

private:
    struct state;
    void run(const std::function<void(fake_engine&)>& f);

    std::shared_ptr<state> state_;
};

} // namespace cokino::testing

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/testing/impl/fake_server.ipp>
#endif
