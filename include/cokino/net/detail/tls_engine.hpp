// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// TLS between two byte buffers, no socket in sight: what came from the peer goes into `in`, what
// is to be sent stands in `out`. So a connection counts exactly which bytes the kernel took, plain
// and TLS share one set of socket operations, and one read serves many records.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/net/detail/byte_buffer.hpp>
#include <cokino/net/detail/tls_context.hpp>

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace cokino::net::detail {

enum class tls_step : unsigned char {
    done,      ///< It happened.
    want_read, ///< More bytes of the peer's are needed (flush `out` first).
    closed,    ///< The peer said that it is done (close_notify).
    failed     ///< See reason().
};

class tls_engine
{
public:
    explicit tls_engine(ssl_ptr<SSL> ssl);
    tls_engine(const tls_engine&) = delete;
    tls_engine& operator=(const tls_engine&) = delete;
    ~tls_engine();

    byte_buffer in;
    byte_buffer out;

    /// Bytes of the peer's that follow those in `in`, read where they stand. Lifetimes: until
    /// take_over(), behind which what was not read stands in `in`.
    void lend(std::string_view bytes) noexcept { lent_ = bytes; }
    void take_over();

    /// The peer will send nothing more; without a close_notify that is a truncation.
    void peer_ended() noexcept { ended_ = true; }

    tls_step handshake();
    /// Encrypts all of it into `out`.
    tls_step write(std::string_view text);
    /// Decrypts at least one byte into the buffer.
    tls_step read(void* to, std::size_t room, std::size_t& got);
    /// Whether decrypted or undecrypted bytes of the peer's are left over.
    bool has_leftover() const noexcept;

    bool resumed() const noexcept { return SSL_session_reused(ssl_.get()) == 1; }
    /// The peer's certificate or name was refused; else something else went wrong.
    bool certificate_refused() const noexcept { return refused_; }
    /// OpenSSL's words for the last failure.
    const std::string& reason() const noexcept { return reason_; }

private:
    static BIO_METHOD* method();
    static int bio_read(BIO* bio, char* to, int room);
    static int bio_write(BIO* bio, const char* from, int size);
    static long bio_control(BIO* bio, int command, long, void*);

    tls_step failed(int returned);

    ssl_ptr<SSL> ssl_;
    std::string reason_;
    std::string_view lent_;
    bool ended_ = false;
    bool refused_ = false;
};

} // namespace cokino::net::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/net/impl/tls_engine.ipp>
#endif
