// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of testing/certificates.hpp.
#pragma once

#include <cokino/testing/certificates.hpp>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdexcept>
#include <utility>

namespace cokino::testing {
namespace detail {

struct openssl_free {
    void operator()(EVP_PKEY* p) const noexcept { EVP_PKEY_free(p); }
    void operator()(X509* p) const noexcept { X509_free(p); }
    void operator()(X509_EXTENSION* p) const noexcept { X509_EXTENSION_free(p); }
    void operator()(BIO* p) const noexcept { BIO_free_all(p); }
};
using key_ptr = std::unique_ptr<EVP_PKEY, openssl_free>;
using certificate_ptr = std::unique_ptr<X509, openssl_free>;

inline void openssl_must(bool ok, const char* what)
{
    if (!ok)
        throw std::runtime_error(std::string("test certificate: ") + what + " failed");
}

inline key_ptr fresh_key()
{
    key_ptr key(EVP_EC_gen("P-256"));
    openssl_must(key != nullptr, "making a key");
    return key;
}

template <class Write> std::string pem_text(Write write)
{
    const std::unique_ptr<BIO, openssl_free> memory(BIO_new(BIO_s_mem()));
    openssl_must(memory && write(memory.get()) == 1, "writing PEM");
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &bytes);
    return std::string(bytes, static_cast<std::size_t>(size));
}

inline void add_extension(X509* to, X509* issuer, int nid, const std::string& value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, openssl_free> extension(
        X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    openssl_must(extension && X509_add_ext(to, extension.get(), -1) == 1, "an extension");
}

inline certificate_ptr fresh_certificate(const char* name, EVP_PKEY* key, long serial,
                                         std::chrono::hours from, std::chrono::hours until)
{
    certificate_ptr made(X509_new());
    openssl_must(made != nullptr, "making a certificate");
    X509* const x = made.get();
    X509_set_version(x, 2); // version 3, counted from zero
    ASN1_INTEGER_set(X509_get_serialNumber(x), serial);
    using std::chrono::seconds;
    X509_gmtime_adj(X509_getm_notBefore(x), static_cast<long>(seconds(from).count()));
    X509_gmtime_adj(X509_getm_notAfter(x), static_cast<long>(seconds(until).count()));
    X509_set_pubkey(x, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    return made;
}

} // namespace detail

struct test_authority::keys {
    detail::key_ptr key;
    detail::certificate_ptr certificate;
    std::string pem;
    long issued = 1;
};

COKINO_DECL test_authority::test_authority() : keys_(std::make_unique<keys>())
{
    using std::chrono::hours;
    keys_->key = detail::fresh_key();
    keys_->certificate = detail::fresh_certificate("cokino test authority", keys_->key.get(), 1,
                                                   hours(-24 * 365), hours(24 * 365));
    X509* const x = keys_->certificate.get();
    X509_set_issuer_name(x, X509_get_subject_name(x));
    detail::add_extension(x, x, NID_basic_constraints, "critical,CA:TRUE");
    detail::add_extension(x, x, NID_key_usage, "critical,keyCertSign,cRLSign");
    detail::add_extension(x, x, NID_subject_key_identifier, "hash");
    detail::openssl_must(X509_sign(x, keys_->key.get(), EVP_sha256()) != 0, "signing");
    keys_->pem = detail::pem_text([x](BIO* to) { return PEM_write_bio_X509(to, x); });
}

COKINO_DECL test_authority::~test_authority() = default;
COKINO_DECL test_authority::test_authority(test_authority&&) noexcept = default;
COKINO_DECL test_authority& test_authority::operator=(test_authority&&) noexcept = default;

COKINO_DECL const std::string& test_authority::pem() const noexcept { return keys_->pem; }

COKINO_DECL test_identity test_authority::issue(const certificate_wish& wish) const
{
    const detail::key_ptr key = detail::fresh_key();
    const detail::certificate_ptr made = detail::fresh_certificate(
        "cokino test", key.get(), ++keys_->issued, wish.valid_from, wish.valid_until);
    X509* const x = made.get();
    X509* const issuer = keys_->certificate.get();
    X509_set_issuer_name(x, X509_get_subject_name(issuer));
    std::string names;
    for (const std::string& name : wish.dns_names)
        names += (names.empty() ? "DNS:" : ",DNS:") + name;
    for (const std::string& address : wish.ip_addresses)
        names += (names.empty() ? "IP:" : ",IP:") + address;
    if (!names.empty())
        detail::add_extension(x, issuer, NID_subject_alt_name, names);
    detail::add_extension(x, issuer, NID_basic_constraints, "critical,CA:FALSE");
    detail::add_extension(x, issuer, NID_ext_key_usage,
                          wish.for_client ? "clientAuth" : "serverAuth");
    detail::add_extension(x, issuer, NID_authority_key_identifier, "keyid");
    detail::openssl_must(X509_sign(x, keys_->key.get(), EVP_sha256()) != 0, "signing");
    test_identity out;
    out.certificate_pem = detail::pem_text([x](BIO* to) { return PEM_write_bio_X509(to, x); });
    out.private_key_pem = detail::pem_text([&key](BIO* to) {
        return PEM_write_bio_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
    return out;
}

} // namespace cokino::testing
