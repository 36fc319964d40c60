// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// One SSL_CTX per transport, loaded at first use since a CA bundle takes tens of milliseconds, and
// the sessions that later handshakes resume. Not for servers.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/result.hpp>
#include <cokino/net/tls.hpp>

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace cokino::net::detail {

struct ssl_deleter {
    void operator()(SSL_CTX* p) const noexcept { SSL_CTX_free(p); }
    void operator()(SSL* p) const noexcept { SSL_free(p); }
    void operator()(SSL_SESSION* p) const noexcept { SSL_SESSION_free(p); }
    void operator()(BIO* p) const noexcept { BIO_free(p); }
    void operator()(X509* p) const noexcept { X509_free(p); }
    void operator()(EVP_PKEY* p) const noexcept { EVP_PKEY_free(p); }
};
template <class T> using ssl_ptr = std::unique_ptr<T, ssl_deleter>;

/// The sessions of one origin, newest last. A ticket is used up while others are left, and the
/// last one again and again, as servers allow.
class session_store
{
public:
    void put(SSL_SESSION* session)
    {
        if (sessions_.size() >= sessions_max)
            sessions_.erase(sessions_.begin());
        sessions_.emplace_back(session);
    }
    ssl_ptr<SSL_SESSION> take()
    {
        if (sessions_.empty())
            return nullptr;
        ssl_ptr<SSL_SESSION> session = std::move(sessions_.back());
        sessions_.pop_back();
        if (sessions_.empty()) {
            SSL_SESSION_up_ref(session.get());
            sessions_.emplace_back(session.get());
        }
        return session;
    }
    void clear() noexcept { sessions_.clear(); }

private:
    static constexpr std::size_t sessions_max = 8;
    std::vector<ssl_ptr<SSL_SESSION>> sessions_;
};

class tls_context
{
public:
    explicit tls_context(const tls_options& options) : options_(options) {}
    tls_context(const tls_context&) = delete;
    tls_context& operator=(const tls_context&) = delete;

    /// A client's SSL for a host name or IP literal: SNI set, name and chain to be checked, a
    /// session offered if the store holds one. The store outlives the SSL.
    /// Failures: no_certificates, invalid_options, tls_failed; always not_sent.
    result<ssl_ptr<SSL>> make(const std::string& host, session_store& sessions);

private:
    result<void> load();
    result<void> load_trust(SSL_CTX* context) const;
    result<void> load_identity(SSL_CTX* context) const;

    tls_options options_;
    ssl_ptr<SSL_CTX> context_;
};

/// The oldest reason in OpenSSL's queue of this thread ("wrong version number"), and empties it.
COKINO_DECL std::string take_ssl_reason();

} // namespace cokino::net::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/net/impl/tls_context.ipp>
#endif
