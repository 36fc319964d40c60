// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A stranger's program: small, but it needs Boost.JSON and OpenSSL to link.
#include <cokino/core/error.hpp>
#include <cokino/version.hpp>

#include <boost/json/parse.hpp>
#include <openssl/ssl.h>

#include <iostream>

int main()
{
    const auto version = boost::json::parse("{\"version\": \"" COKINO_VERSION "\"}");
    const cokino::error_code nothing = cokino::make_error_code(cokino::errc::ok);
    std::cout << version << ' ' << nothing.message() << ' ' << OpenSSL_version_num() << '\n';
}
