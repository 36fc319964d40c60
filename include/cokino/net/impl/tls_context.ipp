// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of net/detail/tls_context.hpp.
#pragma once

#include <cokino/net/detail/tls_context.hpp>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <dirent.h>

namespace cokino::net::detail {

COKINO_DECL std::string take_ssl_reason()
{
    auto const oldest = ERR_get_error();
    ERR_clear_error();
    if (oldest == 0)
        return {};
    const char* const reason = ERR_reason_error_string(oldest);
    return reason ? std::string(reason) : "OpenSSL error " + std::to_string(oldest);
}

/// Which place in an SSL holds its session_store.
inline int session_store_index()
{
    static int const index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

inline int keep_session(SSL* ssl, SSL_SESSION* session) noexcept
{
    auto* const store = static_cast<session_store*>(SSL_get_ex_data(ssl, session_store_index()));
    if (!store || !SSL_SESSION_is_resumable(session))
        return 0;
    try {
        store->put(session);
        return 1; // the reference is the store's now
    } catch (...) {
        return 0;
    }
}

inline int give_password(char* to, int room, int, void* options)
{
    auto const text = static_cast<const tls_options*>(options)->private_key_password.reveal();
    auto const size = std::min(text.size(), static_cast<std::size_t>(std::max(room, 0)));
    std::memcpy(to, text.data(), size);
    return static_cast<int>(size); // 0 refuses, so that OpenSSL never asks at a terminal
}

inline failure bad_tls_option(std::string field, std::string message)
{
    auto reason = take_ssl_reason();
    if (!reason.empty())
        message.append(": ").append(reason);
    return invalid(std::move(field), std::move(message), errc::invalid_options);
}

inline ssl_ptr<BIO> pem_source(std::string_view text)
{
    return ssl_ptr<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

inline bool holds_certificates(SSL_CTX* context)
{
    return sk_X509_OBJECT_num(X509_STORE_get0_objects(SSL_CTX_get_cert_store(context))) > 0;
}

/// Adds a file's CA certificates. False when it cannot be read or holds none.
inline bool add_trust_file(SSL_CTX* context, const char* path)
{
    bool const added = SSL_CTX_load_verify_locations(context, path, nullptr) == 1;
    ERR_clear_error();
    return added;
}

/// Adds a hashed directory, which OpenSSL reads on demand. False when it is empty or missing.
inline bool add_trust_directory(SSL_CTX* context, const char* path)
{
    DIR* const folder = ::opendir(path);
    bool filled = false;
    for (dirent const* entry = nullptr;
         folder != nullptr && !filled && (entry = ::readdir(folder)) != nullptr;)
        filled = std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0;
    if (folder != nullptr)
        ::closedir(folder);
    bool const added = filled && SSL_CTX_load_verify_locations(context, nullptr, path) == 1;
    ERR_clear_error();
    return added;
}

inline bool add_trust_text(SSL_CTX* context, std::string_view pem)
{
    auto const source = pem_source(pem);
    X509_STORE* const store = SSL_CTX_get_cert_store(context);
    bool added = false;
    while (auto const certificate =
               ssl_ptr<X509>(PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr)))
        added = X509_STORE_add_cert(store, certificate.get()) == 1 || added;
    ERR_clear_error(); // the end of the text is reported as an error
    return added;
}

/// The trust that a system offers: the environment's, OpenSSL's own, or a common bundle.
inline bool add_system_trust(SSL_CTX* context)
{
    const char* const named_file = std::getenv("SSL_CERT_FILE");
    const char* const named_directory = std::getenv("SSL_CERT_DIR");
    if (named_file || named_directory) {
        bool const from_file = named_file && add_trust_file(context, named_file);
        bool const from_directory =
            named_directory && add_trust_directory(context, named_directory);
        return from_file || from_directory;
    }
    // A bundle in one file is preferred to a directory, which costs a look at the disk for each
    // handshake that is not resumed.
    if (add_trust_file(context, X509_get_default_cert_file()))
        return true;
    static constexpr const char* bundles[] = {
        "/etc/ssl/certs/ca-certificates.crt",                // Debian, Ubuntu, Arch, Gentoo
        "/etc/pki/tls/certs/ca-bundle.crt",                  // Fedora, RHEL
        "/etc/ssl/ca-bundle.pem",                            // openSUSE
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // RHEL 7 and later
        "/etc/ssl/cert.pem",                                 // Alpine, macOS, BSD
    };
    for (const char* const bundle : bundles)
        if (add_trust_file(context, bundle))
            return true;
    return add_trust_directory(context, X509_get_default_cert_dir());
}

COKINO_DECL result<void> tls_context::load_trust(SSL_CTX* context) const
{
    bool const own =
        !options_.ca_file.empty() || !options_.ca_directory.empty() || !options_.ca_pem.empty();
    if (!own) {
        if (add_system_trust(context))
            return {};
        return failure(errc::no_certificates)
            .explain("no CA certificate was found: set SSL_CERT_FILE, or install the system's "
                     "bundle (Debian: ca-certificates)");
    }
    if (!options_.ca_file.empty() && !add_trust_file(context, options_.ca_file.c_str()))
        return failure(errc::no_certificates)
            .explain("no CA certificate could be read from " + options_.ca_file, "tls.ca_file");
    if (!options_.ca_directory.empty() &&
        !add_trust_directory(context, options_.ca_directory.c_str()))
        return failure(errc::no_certificates)
            .explain("no CA certificate is in " + options_.ca_directory, "tls.ca_directory");
    if (!options_.ca_pem.empty() && !add_trust_text(context, options_.ca_pem))
        return failure(errc::no_certificates)
            .explain("the text holds no CA certificate", "tls.ca_pem");
    if (options_.ca_directory.empty() && !holds_certificates(context))
        return failure(errc::no_certificates).explain("no CA certificate was loaded");
    return {};
}

/// A certificate and its chain out of a text. The first is ours, the rest leads to the CA.
inline bool use_certificate_text(SSL_CTX* context, std::string_view pem)
{
    auto const source = pem_source(pem);
    auto const own = ssl_ptr<X509>(PEM_read_bio_X509_AUX(source.get(), nullptr, nullptr, nullptr));
    if (!own || SSL_CTX_use_certificate(context, own.get()) != 1)
        return false;
    while (auto const next =
               ssl_ptr<X509>(PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr)))
        if (SSL_CTX_add1_chain_cert(context, next.get()) != 1)
            return false;
    ERR_clear_error();
    return true;
}

inline bool use_key_text(SSL_CTX* context, const tls_options& options)
{
    auto const source = pem_source(options.private_key_pem.reveal());
    auto const key = ssl_ptr<EVP_PKEY>(PEM_read_bio_PrivateKey(
        source.get(), nullptr, &give_password, const_cast<tls_options*>(&options)));
    return key && SSL_CTX_use_PrivateKey(context, key.get()) == 1;
}

COKINO_DECL result<void> tls_context::load_identity(SSL_CTX* context) const
{
    bool const has_certificate =
        !options_.certificate_file.empty() || !options_.certificate_pem.empty();
    bool const has_key = !options_.private_key_file.empty() || !options_.private_key_pem.empty();
    if (!has_certificate && !has_key)
        return {};
    if (has_certificate != has_key)
        return invalid(has_key ? "tls.certificate_file" : "tls.private_key_file",
                       "a client certificate needs both the certificate and its key",
                       errc::invalid_options);
    bool const certificate_used =
        options_.certificate_file.empty()
            ? use_certificate_text(context, options_.certificate_pem)
            : SSL_CTX_use_certificate_chain_file(context, options_.certificate_file.c_str()) == 1;
    if (!certificate_used)
        return bad_tls_option("tls.certificate_file", "the client certificate cannot be read");
    bool const key_used =
        options_.private_key_file.empty()
            ? use_key_text(context, options_)
            : SSL_CTX_use_PrivateKey_file(context, options_.private_key_file.c_str(),
                                          SSL_FILETYPE_PEM) == 1;
    if (!key_used)
        return bad_tls_option("tls.private_key_file", "the client's key cannot be read");
    if (SSL_CTX_check_private_key(context) != 1)
        return bad_tls_option("tls.private_key_file", "the key does not fit the certificate");
    return {};
}

COKINO_DECL result<void> tls_context::load()
{
    ERR_clear_error();
    ssl_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()));
    if (!context)
        return failure(errc::tls_failed).explain("OpenSSL: " + take_ssl_reason());
    SSL_CTX* const c = context.get();
    int const oldest =
        options_.version_min == tls_version::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
    SSL_CTX_set_min_proto_version(c, oldest);
    SSL_CTX_set_security_level(c, 2);
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_options(c, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    // Releasing the record buffers would allocate 51 KB anew for each request.
    SSL_CTX_clear_mode(c, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(c, 1);
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(c, &keep_session);
    SSL_CTX_set_default_passwd_cb(c, &give_password);
    SSL_CTX_set_default_passwd_cb_userdata(c, &options_);
    static constexpr unsigned char protocols[] = "\x08http/1.1";
    SSL_CTX_set_alpn_protos(c, protocols, sizeof protocols - 1);

    if (auto trusted = load_trust(c); !trusted)
        return trusted;
    if (auto identified = load_identity(c); !identified)
        return identified;
    context_ = std::move(context);
    return {};
}

COKINO_DECL result<ssl_ptr<SSL>> tls_context::make(const std::string& host, session_store& sessions)
{
    if (!context_)
        if (auto loaded = load(); !loaded)
            return loaded.error();
    ERR_clear_error();
    ssl_ptr<SSL> ssl(SSL_new(context_.get()));
    if (!ssl)
        return failure(errc::tls_failed).explain("OpenSSL: " + take_ssl_reason());
    X509_VERIFY_PARAM* const check = SSL_get0_param(ssl.get());
    // A name in the subject is no name of the host: authorities check the alternative names alone
    // (RFC 9525 §2).
    X509_VERIFY_PARAM_set_hostflags(check, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                               X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    bool named = true;
    if (X509_VERIFY_PARAM_set1_ip_asc(check, host.c_str()) != 1) {
        ERR_clear_error();
        named = X509_VERIFY_PARAM_set1_host(check, host.data(), host.size()) == 1 &&
                SSL_set_tlsext_host_name(ssl.get(), host.c_str()) == 1;
    }
    if (!named || SSL_set_ex_data(ssl.get(), session_store_index(), &sessions) != 1)
        return failure(errc::tls_failed).explain("OpenSSL: " + take_ssl_reason());
    if (auto const session = sessions.take())
        SSL_set_session(ssl.get(), session.get());
    SSL_set_connect_state(ssl.get());
    return ssl;
}

} // namespace cokino::net::detail
