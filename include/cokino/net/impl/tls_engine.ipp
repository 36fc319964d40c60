// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of net/detail/tls_engine.hpp.
#pragma once

#include <cokino/net/detail/tls_engine.hpp>

#include <openssl/err.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace cokino::net::detail {

COKINO_DECL int tls_engine::bio_read(BIO* bio, char* to, int room)
{
    BIO_clear_retry_flags(bio);
    auto* const self = static_cast<tls_engine*>(BIO_get_data(bio));
    std::string_view const waiting = self->in.empty() ? self->lent_ : self->in.view();
    if (waiting.empty()) {
        if (self->ended_)
            return 0;
        BIO_set_retry_read(bio);
        return -1;
    }
    auto const size = std::min(waiting.size(), static_cast<std::size_t>(room));
    std::memcpy(to, waiting.data(), size);
    if (self->in.empty())
        self->lent_.remove_prefix(size);
    else
        self->in.consume(size);
    return static_cast<int>(size);
}

COKINO_DECL int tls_engine::bio_write(BIO* bio, const char* from, int size)
{
    BIO_clear_retry_flags(bio);
    try {
        static_cast<tls_engine*>(BIO_get_data(bio))
            ->out.append(from, static_cast<std::size_t>(size));
        return size;
    } catch (...) {
        return -1; // no exception may cross OpenSSL
    }
}

COKINO_DECL long tls_engine::bio_control(BIO* bio, int command, long, void*)
{
    switch (command) {
    case BIO_CTRL_FLUSH: return 1;
    case BIO_CTRL_EOF: {
        auto const* const self = static_cast<tls_engine*>(BIO_get_data(bio));
        return self->ended_ && self->in.empty() && self->lent_.empty() ? 1 : 0;
    }
    default: return 0;
    }
}

COKINO_DECL BIO_METHOD* tls_engine::method()
{
    static BIO_METHOD* const made = [] {
        BIO_METHOD* const m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "cokino");
        BIO_meth_set_read(m, &tls_engine::bio_read);
        BIO_meth_set_write(m, &tls_engine::bio_write);
        BIO_meth_set_ctrl(m, &tls_engine::bio_control);
        return m; // lives as long as the program
    }();
    return made;
}

COKINO_DECL tls_engine::tls_engine(ssl_ptr<SSL> ssl) : ssl_(std::move(ssl))
{
    BIO* const bio = BIO_new(method());
    if (!bio)
        throw std::bad_alloc();
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
}

COKINO_DECL tls_engine::~tls_engine()
{
    // An SSL that goes without the marks of a shutdown makes its session unfit for resumption.
    if (!refused_)
        SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

COKINO_DECL void tls_engine::take_over() { in.append(std::exchange(lent_, std::string_view())); }

COKINO_DECL tls_step tls_engine::failed(int returned)
{
    switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ: return tls_step::want_read;
    case SSL_ERROR_ZERO_RETURN: return tls_step::closed;
    default: break;
    }
    auto const verdict = SSL_get_verify_result(ssl_.get());
    refused_ = verdict != X509_V_OK;
    reason_ = take_ssl_reason();
    if (refused_)
        reason_ = X509_verify_cert_error_string(verdict);
    else if (reason_.empty())
        reason_ = "the peer ended the connection";
    return tls_step::failed;
}

COKINO_DECL tls_step tls_engine::handshake()
{
    ERR_clear_error();
    int const returned = SSL_do_handshake(ssl_.get());
    return returned == 1 ? tls_step::done : failed(returned);
}

COKINO_DECL tls_step tls_engine::write(std::string_view text)
{
    std::size_t written = 0;
    ERR_clear_error();
    int const returned = SSL_write_ex(ssl_.get(), text.data(), text.size(), &written);
    return returned == 1 ? tls_step::done : failed(returned);
}

COKINO_DECL tls_step tls_engine::read(void* to, std::size_t room, std::size_t& got)
{
    ERR_clear_error();
    int const returned = SSL_read_ex(ssl_.get(), to, room, &got);
    return returned == 1 ? tls_step::done : failed(returned);
}

COKINO_DECL bool tls_engine::has_leftover() const noexcept
{
    return !in.empty() || SSL_has_pending(ssl_.get()) == 1;
}

} // namespace cokino::net::detail
