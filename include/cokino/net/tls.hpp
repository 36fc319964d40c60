// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What a user may say about TLS: whom to trust, who we are, which version at least. What nobody
// may say: that certificates or host names go unchecked. There is no such switch.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/secret.hpp>

#include <string>

namespace cokino::net {

enum class tls_version : unsigned char { tls_1_2, tls_1_3 };

/// Settings of all TLS connections of one transport. Read once, at its first TLS connection.
///
/// With no CA given: the files that SSL_CERT_FILE and SSL_CERT_DIR name; if neither is set,
/// OpenSSL's default place; if that holds none, the bundles of the common distributions. Where no
/// CA is found at all, each TLS connection fails with errc::no_certificates.
class tls_options
{
public:
    tls_options() = default;

    /// A file of CA certificates in PEM, trusted instead of the system's.
    std::string ca_file;
    /// A directory of CA certificates, hashed by `openssl rehash`, instead of the system's.
    std::string ca_directory;
    /// CA certificates in PEM, in memory, instead of the system's. Adds to the two above.
    std::string ca_pem;

    /// A client certificate with its chain, PEM; and its private key. Both or neither.
    std::string certificate_file;
    std::string private_key_file;
    /// The same in memory. Files win where both are given.
    std::string certificate_pem;
    secret private_key_pem;
    /// Opens an encrypted private key. Nobody is ever asked for one at a terminal.
    secret private_key_password;

    tls_version version_min = tls_version::tls_1_2;
};

} // namespace cokino::net
