// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Chains of certificates that are wrong in one chosen place: what testing/certificates.hpp, which
// makes good ones, has no wish for.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace net_test {

/// What a certificate says. As it stands: a good one for a host.
struct certificate_plan {
    std::string common_name = "cokino test";
    std::string names = "DNS:localhost,IP:127.0.0.1"; // empty: none
    std::string odd_name;                             // a DNS name with any bytes, in their place
    std::string constraints = "critical,CA:FALSE";    // empty: none
    std::string usage = "critical,digitalSignature";  // empty: none
    std::string purpose = "serverAuth";               // empty: none
    std::string subtrees;                             // name constraints
    long from_hours = -24;
    long until_hours = 24;
    long version = 3;
    int rsa_bits = 0; // 0: P-256
    const EVP_MD* digest = EVP_sha256();
    bool odd_extension = false; // critical, and nobody knows it
};

/// The same for whoever issues others.
inline certificate_plan authority_plan(std::string name)
{
    certificate_plan plan;
    plan.common_name = std::move(name);
    plan.names.clear();
    plan.constraints = "critical,CA:TRUE";
    plan.usage = "critical,keyCertSign,cRLSign";
    plan.purpose.clear();
    return plan;
}

struct openssl_gone {
    void operator()(EVP_PKEY* p) const noexcept { EVP_PKEY_free(p); }
    void operator()(X509* p) const noexcept { X509_free(p); }
    void operator()(X509_EXTENSION* p) const noexcept { X509_EXTENSION_free(p); }
    void operator()(ASN1_OBJECT* p) const noexcept { ASN1_OBJECT_free(p); }
    void operator()(ASN1_OCTET_STRING* p) const noexcept { ASN1_OCTET_STRING_free(p); }
    void operator()(BIO* p) const noexcept { BIO_free_all(p); }
    void operator()(GENERAL_NAMES* p) const noexcept { GENERAL_NAMES_free(p); }
};
template <class T> using owned = std::unique_ptr<T, openssl_gone>;

inline void must(bool done, const char* what)
{
    if (!done)
        throw std::runtime_error(std::string("bad certificate: ") + what);
}

/// A certificate with its key.
struct made_certificate {
    owned<EVP_PKEY> key;
    owned<X509> certificate;

    std::string pem() const
    {
        const owned<BIO> memory(BIO_new(BIO_s_mem()));
        must(PEM_write_bio_X509(memory.get(), certificate.get()) == 1, "PEM");
        return text(memory.get());
    }
    std::string key_pem() const
    {
        const owned<BIO> memory(BIO_new(BIO_s_mem()));
        must(PEM_write_bio_PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                      nullptr) == 1,
             "PEM");
        return text(memory.get());
    }

private:
    static std::string text(BIO* memory)
    {
        char* bytes = nullptr;
        const long size = BIO_get_mem_data(memory, &bytes);
        return {bytes, static_cast<std::size_t>(size)};
    }
};

inline void extend(X509* to, X509* issuer, int nid, const std::string& value)
{
    if (value.empty())
        return;
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
    const owned<X509_EXTENSION> extension(
        X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    must(extension && X509_add_ext(to, extension.get(), -1) == 1, value.c_str());
}

/// A subject alternative name of any bytes: a zero among them cannot be written as text.
inline void add_odd_name(X509* to, const std::string& name)
{
    const owned<GENERAL_NAMES> names(sk_GENERAL_NAME_new_null());
    GENERAL_NAME* const one = GENERAL_NAME_new();
    ASN1_IA5STRING* const text = ASN1_IA5STRING_new();
    must(ASN1_STRING_set(text, name.data(), static_cast<int>(name.size())) == 1, "a name");
    GENERAL_NAME_set0_value(one, GEN_DNS, text);
    sk_GENERAL_NAME_push(names.get(), one);
    must(X509_add1_ext_i2d(to, NID_subject_alt_name, names.get(), 0, 0) == 1, "an odd name");
}

inline void add_odd_extension(X509* to)
{
    const owned<ASN1_OBJECT> id(OBJ_txt2obj("1.3.6.1.4.1.55555.1", 1));
    const owned<ASN1_OCTET_STRING> value(ASN1_OCTET_STRING_new());
    must(ASN1_OCTET_STRING_set(value.get(), reinterpret_cast<const unsigned char*>("x"), 1) == 1,
         "a value");
    const owned<X509_EXTENSION> extension(
        X509_EXTENSION_create_by_OBJ(nullptr, id.get(), 1, value.get()));
    must(extension && X509_add_ext(to, extension.get(), -1) == 1, "an odd extension");
}

/// Makes what the plan says, signed by `issuer`, or by itself when there is none.
inline made_certificate make_certificate(const certificate_plan& plan,
                                         const made_certificate* issuer)
{
    static long serial = 1000;
    made_certificate made;
    made.key.reset(plan.rsa_bits != 0 ? EVP_RSA_gen(static_cast<unsigned>(plan.rsa_bits))
                                      : EVP_EC_gen("P-256"));
    made.certificate.reset(X509_new());
    must(made.key && made.certificate, "a key");
    X509* const x = made.certificate.get();
    X509* const by = issuer ? issuer->certificate.get() : x;
    X509_set_version(x, plan.version - 1);
    ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(x), plan.from_hours * 3600);
    X509_gmtime_adj(X509_getm_notAfter(x), plan.until_hours * 3600);
    X509_set_pubkey(x, made.key.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(plan.common_name.c_str()), -1,
                               -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(by));
    if (plan.version == 3) {
        extend(x, by, NID_basic_constraints, plan.constraints);
        extend(x, by, NID_key_usage, plan.usage);
        extend(x, by, NID_ext_key_usage, plan.purpose);
        extend(x, by, NID_name_constraints, plan.subtrees);
        extend(x, by, NID_subject_key_identifier, "hash");
        extend(x, by, NID_subject_alt_name, plan.names);
        if (!plan.odd_name.empty())
            add_odd_name(x, plan.odd_name);
        if (plan.odd_extension)
            add_odd_extension(x);
    }
    EVP_PKEY* const signer = issuer ? issuer->key.get() : made.key.get();
    must(X509_sign(x, signer, plan.digest) != 0, "signing");
    return made;
}

} // namespace net_test
