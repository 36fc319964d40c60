// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Certificates for tests, made when asked for: an authority of one's own and what it issues, good
// ones and every kind of bad one. Never install this authority anywhere.
#pragma once

#include <cokino/core/config.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace cokino::testing {

/// A certificate and its private key, both PEM.
struct test_identity {
    test_identity() = default;
    std::string certificate_pem;
    std::string private_key_pem;
};

/// What a certificate is to say.
struct certificate_wish {
    certificate_wish() = default;
    std::vector<std::string> dns_names{"localhost"};
    std::vector<std::string> ip_addresses{"127.0.0.1", "::1"};
    /// From now on the real clock; both may lie in the past.
    std::chrono::hours valid_from{-24}, valid_until{24 * 30};
    bool for_client = false; ///< For a client to show, instead of a server.
};

/// A certificate authority with a fresh key.
class test_authority
{
public:
    test_authority();
    ~test_authority();
    test_authority(test_authority&&) noexcept;
    test_authority& operator=(test_authority&&) noexcept;

    /// Its certificate, for those who are to trust it.
    const std::string& pem() const noexcept;
    test_identity issue(const certificate_wish& wish = {}) const;

private:
    struct keys;
    std::unique_ptr<keys> keys_;
};

} // namespace cokino::testing

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/testing/impl/certificates.ipp>
#endif
