// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A server that is faster than any client: each whole request gets the same prepared answer. Plain
// or TLS, one thread, epoll. Prints its port; ends when its standard input does.
//
//   fast_server [CERTIFICATE_FILE KEY_FILE]

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace {

constexpr std::string_view answer =
    "HTTP/1.1 200 OK\r\nServer: fast\r\nDate: Sat, 21 Nov 2026 23:11:09 GMT\r\n"
    "Content-Type: application/json\r\nContent-Length: 120\r\nConnection: keep-alive\r\n\r\n"
    R"({"task_id":"3f0c8c2e-7b1d-4b8e-9a55-0c9b6f0d1e2a","status":"queued","request_id":)"
    R"("req_01HZX4T9","created_at":1717171717})";

struct connection {
    SSL* tls = nullptr;
    bool shaken = false;
    std::size_t body_missing = 0;
    std::size_t have = 0;
    std::array<char, 16384> bytes{};
};

/// Consumes what has come; true when that was one whole request.
bool whole_request(connection& c, std::size_t n)
{
    if (c.body_missing > 0) {
        c.body_missing -= n < c.body_missing ? n : c.body_missing;
        return c.body_missing == 0;
    }
    c.have += n;
    char* const end = static_cast<char*>(memmem(c.bytes.data(), c.have, "\r\n\r\n", 4));
    if (!end)
        return false;
    auto const head = static_cast<std::size_t>(end - c.bytes.data()) + 4;
    c.bytes[c.have < c.bytes.size() ? c.have : c.bytes.size() - 1] = 0;
    const char* const field = strcasestr(c.bytes.data(), "content-length:");
    std::size_t const length = field ? std::strtoul(field + 15, nullptr, 10) : 0;
    std::size_t const body = c.have - head;
    c.have = 0;
    c.body_missing = body < length ? length - body : 0;
    return c.body_missing == 0;
}

/// Reads once; false when the connection is over.
bool serve(connection& c, int fd)
{
    if (c.tls && !c.shaken) {
        int const done = SSL_accept(c.tls);
        if (done != 1)
            return SSL_get_error(c.tls, done) == SSL_ERROR_WANT_READ;
        c.shaken = true;
    }
    for (;;) {
        char* const at = c.bytes.data() + c.have;
        std::size_t const room = c.bytes.size() - 1 - c.have;
        ssize_t const n =
            c.tls ? SSL_read(c.tls, at, static_cast<int>(room)) : recv(fd, at, room, 0);
        if (n <= 0) {
            if (c.tls)
                return SSL_get_error(c.tls, static_cast<int>(n)) == SSL_ERROR_WANT_READ;
            return n < 0 && errno == EAGAIN;
        }
        if (whole_request(c, static_cast<std::size_t>(n))) {
            auto const sent = c.tls
                                  ? SSL_write(c.tls, answer.data(), static_cast<int>(answer.size()))
                                  : send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                return false;
        }
        if (!c.tls)
            return true; // level-triggered: more comes with the next event
    }
}

int listen_on_free_port()
{
    int const fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof where;
    if (bind(fd, reinterpret_cast<sockaddr*>(&where), size) != 0 || listen(fd, 4096) != 0 ||
        getsockname(fd, reinterpret_cast<sockaddr*>(&where), &size) != 0) {
        std::perror("listen");
        std::exit(1);
    }
    std::printf("%d\n", ntohs(where.sin_port));
    std::fflush(stdout);
    return fd;
}

void accept_all(int listener, int epoll, SSL_CTX* tls,
                std::vector<std::unique_ptr<connection>>& connections)
{
    int const one = 1;
    for (int fd = 0; (fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        auto const index = static_cast<std::size_t>(fd);
        if (connections.size() <= index)
            connections.resize(index + 1);
        connections[index] = std::make_unique<connection>();
        if (tls) {
            connections[index]->tls = SSL_new(tls);
            SSL_set_fd(connections[index]->tls, fd);
        }
        epoll_event e{};
        e.events = EPOLLIN;
        e.data.fd = fd;
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
    }
}

} // namespace

int main(int argc, char** argv)
{
    std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes without MSG_NOSIGNAL, and clients just leave
    SSL_CTX* tls = nullptr;
    if (argc > 2) {
        tls = SSL_CTX_new(TLS_server_method());
        if (SSL_CTX_use_certificate_chain_file(tls, argv[1]) != 1 ||
            SSL_CTX_use_PrivateKey_file(tls, argv[2], SSL_FILETYPE_PEM) != 1) {
            std::fputs("certificate or key not readable\n", stderr);
            return 1;
        }
        SSL_CTX_clear_mode(tls, SSL_MODE_RELEASE_BUFFERS);
    }
    int const listener = listen_on_free_port();
    int const epoll = epoll_create1(0);
    for (int fd : {listener, STDIN_FILENO}) {
        epoll_event e{};
        e.events = EPOLLIN;
        e.data.fd = fd;
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
    }
    std::vector<std::unique_ptr<connection>> connections;
    std::array<epoll_event, 256> events{};
    for (;;) {
        int const n = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
        for (int i = 0; i < n; ++i) {
            int const fd = events[static_cast<std::size_t>(i)].data.fd;
            if (fd == STDIN_FILENO)
                return 0;
            if (fd == listener) {
                accept_all(listener, epoll, tls, connections);
                continue;
            }
            auto& c = connections[static_cast<std::size_t>(fd)];
            if (serve(*c, fd))
                continue;
            SSL_free(c->tls);
            c.reset();
            close(fd);
        }
    }
}
