// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A server on loopback that does exactly what a test's script says, byte by byte, over plain TCP or
// TLS: refuse, cut, reset, stall, answer in pieces. It has threads and blocking sockets of its own,
// so that no code of the library judges itself. It counts the POSTs that it read to their end.
//
//     raw_server host(answer_all("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
//     ... http://127.0.0.1:<host.port()>/ ...
//     CHECK(host.posts() == 1);
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace cokino::testing::support {

class raw_server;

/// One accepted connection, in its own thread. Reads give up after ten seconds.
class raw_peer
{
public:
    /// Up to `most` bytes; 0 at the peer's end or on an error.
    std::size_t read_some(char* to, std::size_t most);
    /// At least n bytes more of what comes, if they come. The bytes read in all stand in `seen`.
    bool read_at_least(std::size_t n);
    /// One whole request, head and body (by Content-Length). Empty at the peer's end. Counts POSTs.
    std::string read_request();
    /// A head alone, to its empty line.
    std::string read_head();

    bool write(std::string_view bytes);
    void write_in_pieces(std::string_view bytes, std::size_t piece);

    void finish(); ///< FIN; over TLS a close_notify before it.
    void cut();    ///< FIN without a close_notify.
    void reset();  ///< RST.
    void stall();  ///< Until the peer ends, or the server does.
    void hold();   ///< Without reading, until the test says release().

    /// From here on TLS, in the server's role. False when the handshake failed.
    bool start_tls(SSL_CTX* context);
    bool resumed() const { return ssl_ && SSL_session_reused(ssl_) == 1; }
    int number() const { return number_; } ///< 0 for the first connection.
    int descriptor() const { return descriptor_; }

private:
    friend class raw_server;
    raw_peer(raw_server& server, int descriptor, int number)
        : server_(server), descriptor_(descriptor), number_(number)
    {
        const timeval limit{10, 0};
        setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        const int on = 1;
        setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    void close_now();

    raw_server& server_;
    SSL* ssl_ = nullptr;
    std::string pending_; // read, not yet given out
    std::atomic<int> descriptor_;
    int number_;
};

using raw_script = std::function<void(raw_peer&)>;

/// A server's side of TLS.
struct raw_tls {
    std::string certificate_pem;
    std::string private_key_pem;
    int version_min = TLS1_2_VERSION;
    int version_max = TLS1_3_VERSION;
    bool tickets = true;
    std::string client_ca_pem; ///< Asks for a client certificate of this CA, and insists.
    std::function<void(SSL_CTX*)> adjust; ///< Has the last word before the certificate is taken.
};

class raw_server
{
public:
    explicit raw_server(raw_script script, bool v6 = false) : script_(std::move(script))
    {
        listen_on(v6);
    }
    raw_server(raw_script script, const raw_tls& tls) : script_(std::move(script))
    {
        make_context(tls);
        listen_on(false);
    }
    ~raw_server()
    {
        stop();
        if (context_)
            SSL_CTX_free(context_);
    }
    raw_server(const raw_server&) = delete;
    raw_server& operator=(const raw_server&) = delete;

    std::uint16_t port() const { return port_; }
    std::string url(std::string_view path = "/") const
    {
        return (context_ ? "https://localhost:" : "http://127.0.0.1:") + std::to_string(port_) +
               std::string(path);
    }
    bool listening() const { return listener_ >= 0; }
    int connections() const { return connections_; } ///< Accepted.
    int posts() const { return posts_; }             ///< Read to their end.
    int requests() const { return requests_; }
    int resumed() const { return resumed_; } ///< TLS handshakes that resumed a session.
    int handshakes() const { return handshakes_; }
    /// Waits until that many scripts have ended; false after ten seconds.
    bool wait_ended(int scripts)
    {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return ended_ >= scripts; });
    }
    /// Lets those go on that hold().
    void release()
    {
        std::lock_guard const lock(mutex_);
        released_ = true;
        changed_.notify_all();
    }
    void stop();
    SSL_CTX* context() const { return context_; }

private:
    friend class raw_peer;
    void listen_on(bool v6);
    void make_context(const raw_tls& tls);
    void accept_all();
    void serve(int descriptor, int number);

    raw_script script_;
    SSL_CTX* context_ = nullptr;
    std::atomic<int> listener_{-1};
    std::uint16_t port_ = 0;
    std::atomic<int> connections_{0}, posts_{0}, requests_{0}, resumed_{0}, handshakes_{0};
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::condition_variable changed_;
    int ended_ = 0;
    bool released_ = false;
    std::list<raw_peer*> peers_;
    std::vector<std::thread> threads_;
    std::thread acceptor_;
};

/// Answers every request on every connection with the same bytes.
inline raw_script answer_all(std::string answer)
{
    return [answer = std::move(answer)](raw_peer& peer) {
        while (!peer.read_request().empty())
            peer.write(answer);
    };
}

/// "HTTP/1.1 200 OK" with a length and a body.
inline std::string http_ok(std::string_view body, std::string_view fields = {})
{
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           std::string(fields) + "\r\n" + std::string(body);
}

// ---- bodies ------------------------------------------------------------------------------------

inline std::size_t raw_peer::read_some(char* to, std::size_t most)
{
    if (!pending_.empty()) {
        std::size_t const n = std::min(most, pending_.size());
        std::copy_n(pending_.begin(), n, to);
        pending_.erase(0, n);
        return n;
    }
    auto const n = ssl_ ? SSL_read(ssl_, to, static_cast<int>(most))
                        : static_cast<int>(::recv(descriptor_, to, most, 0));
    return n > 0 ? static_cast<std::size_t>(n) : 0;
}

inline bool raw_peer::read_at_least(std::size_t n)
{
    while (n > 0) {
        char bytes[4096];
        std::size_t const got = read_some(bytes, std::min(n, sizeof bytes));
        if (got == 0)
            return false;
        n -= got;
    }
    return true;
}

inline std::string raw_peer::read_head()
{
    std::string head;
    char byte = 0;
    while (head.size() < 100000 && read_some(&byte, 1) == 1) {
        head.push_back(byte);
        if (head.size() >= 4 && head.compare(head.size() - 4, 4, "\r\n\r\n") == 0)
            return head;
    }
    return {};
}

inline std::string raw_peer::read_request()
{
    std::string text = read_head();
    if (text.empty())
        return {};
    std::string low = text;
    std::transform(low.begin(), low.end(), low.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::size_t left = 0;
    if (auto const at = low.find("\ncontent-length:"); at != std::string::npos)
        left = static_cast<std::size_t>(std::strtoull(low.c_str() + at + 16, nullptr, 10));
    while (left > 0) {
        char bytes[4096];
        std::size_t const got = read_some(bytes, std::min(left, sizeof bytes));
        if (got == 0)
            return {};
        text.append(bytes, got);
        left -= got;
    }
    ++server_.requests_;
    if (text.rfind("POST ", 0) == 0)
        ++server_.posts_;
    return text;
}

inline bool raw_peer::write(std::string_view bytes)
{
    while (!bytes.empty()) {
        auto const n =
            ssl_ ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                 : static_cast<int>(::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
        if (n <= 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

inline void raw_peer::write_in_pieces(std::string_view bytes, std::size_t piece)
{
    while (!bytes.empty() && write(bytes.substr(0, piece))) {
        bytes.remove_prefix(std::min(piece, bytes.size()));
        std::this_thread::yield();
    }
}

inline void raw_peer::close_now()
{
    if (ssl_)
        SSL_free(ssl_);
    ssl_ = nullptr;
    if (int const open = descriptor_.exchange(-1); open >= 0)
        ::close(open);
}

inline void raw_peer::finish()
{
    if (ssl_)
        SSL_shutdown(ssl_);
    ::shutdown(descriptor_, SHUT_WR);
    close_now();
}

inline void raw_peer::cut()
{
    ::shutdown(descriptor_, SHUT_WR);
    close_now();
}

inline void raw_peer::reset()
{
    linger const none{1, 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close_now();
}

inline void raw_peer::stall()
{
    char bytes[4096];
    pending_.clear();
    while (read_some(bytes, sizeof bytes) > 0) {}
}

inline void raw_peer::hold()
{
    std::unique_lock lock(server_.mutex_);
    server_.changed_.wait_for(lock, std::chrono::seconds(10), [&] { return server_.released_; });
}

inline bool raw_peer::start_tls(SSL_CTX* context)
{
    ssl_ = SSL_new(context);
    SSL_set_fd(ssl_, descriptor_);
    bool const done = SSL_accept(ssl_) == 1;
    if (done) {
        ++server_.handshakes_;
        if (resumed())
            ++server_.resumed_;
    }
    ERR_clear_error();
    return done;
}

inline void raw_server::make_context(const raw_tls& tls)
{
    context_ = SSL_CTX_new(TLS_server_method());
    if (tls.version_max < TLS1_2_VERSION)
        SSL_CTX_set_security_level(context_, 0); // old versions want old signatures
    SSL_CTX_set_min_proto_version(context_, tls.version_min);
    SSL_CTX_set_max_proto_version(context_, tls.version_max);
    static constexpr unsigned char id[] = "raw_server";
    SSL_CTX_set_session_id_context(context_, id, sizeof id - 1);
    if (!tls.tickets)
        SSL_CTX_set_num_tickets(context_, 0);
    if (tls.adjust)
        tls.adjust(context_);
    auto const source = [](const std::string& pem) {
        return BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    };
    BIO* bio = source(tls.certificate_pem);
    X509* const certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    std::vector<X509*> chain; // what stands behind the certificate; sent as it stands
    while (X509* const next = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr))
        chain.push_back(next);
    ERR_clear_error();
    BIO_free(bio);
    bio = source(tls.private_key_pem);
    EVP_PKEY* const key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
    BIO_free(bio);
    if (SSL_CTX_use_certificate(context_, certificate) != 1 ||
        SSL_CTX_use_PrivateKey(context_, key) != 1)
        throw std::runtime_error("raw_server: the certificate or its key is no good");
    for (X509* const next : chain)
        if (SSL_CTX_add0_chain_cert(context_, next) != 1)
            throw std::runtime_error("raw_server: the chain is no good");
    X509_free(certificate);
    EVP_PKEY_free(key);
    if (!tls.client_ca_pem.empty()) {
        bio = source(tls.client_ca_pem);
        X509* const ca = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
        BIO_free(bio);
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context_), ca);
        X509_free(ca);
        SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
}

inline void raw_server::listen_on(bool v6)
{
    int const made = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
    sockaddr_storage address{};
    socklen_t size = 0;
    if (v6) {
        auto* const to = reinterpret_cast<sockaddr_in6*>(&address);
        to->sin6_family = AF_INET6;
        to->sin6_addr = in6addr_loopback;
        size = sizeof *to;
    } else {
        auto* const to = reinterpret_cast<sockaddr_in*>(&address);
        to->sin_family = AF_INET;
        to->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        size = sizeof *to;
    }
    auto* const plain = reinterpret_cast<sockaddr*>(&address);
    if (made < 0 || ::bind(made, plain, size) != 0 || ::listen(made, 128) != 0) {
        if (made >= 0)
            ::close(made);
        return; // no such address family here; see listening()
    }
    ::getsockname(made, plain, &size);
    port_ = ntohs(v6 ? reinterpret_cast<sockaddr_in6*>(&address)->sin6_port
                     : reinterpret_cast<sockaddr_in*>(&address)->sin_port);
    listener_ = made;
    acceptor_ = std::thread([this] { accept_all(); });
}

inline void raw_server::accept_all()
{
    for (;;) {
        int const accepted = ::accept(listener_, nullptr, nullptr);
        if (accepted < 0)
            return;
        std::lock_guard const lock(mutex_);
        if (stopping_) {
            ::close(accepted);
            return;
        }
        int const number = connections_++;
        threads_.emplace_back([this, accepted, number] { serve(accepted, number); });
    }
}

inline void raw_server::serve(int descriptor, int number)
{
    // OpenSSL writes without MSG_NOSIGNAL. In this thread alone, so that the library stays tested.
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    raw_peer peer(*this, descriptor, number);
    {
        std::lock_guard const lock(mutex_);
        peers_.push_back(&peer);
    }
    if (!context_ || peer.start_tls(context_))
        script_(peer);
    std::lock_guard const lock(mutex_);
    peer.close_now();
    peers_.remove(&peer);
    ++ended_;
    changed_.notify_all();
}

inline void raw_server::stop()
{
    if (stopping_.exchange(true))
        return;
    release();
    if (listener_ >= 0)
        ::shutdown(listener_, SHUT_RDWR);
    if (acceptor_.joinable())
        acceptor_.join();
    {
        std::lock_guard const lock(mutex_);
        for (raw_peer* const peer : peers_)
            if (int const open = peer->descriptor(); open >= 0)
                ::shutdown(open, SHUT_RDWR);
    }
    for (std::thread& thread : threads_)
        thread.join();
    if (int const open = listener_.exchange(-1); open >= 0)
        ::close(open);
}

} // namespace cokino::testing::support
