// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of wire/jwt.hpp.
#pragma once

#include <cokino/wire/hmac.hpp>
#include <cokino/wire/jwt.hpp>
#include <cokino/wire/signature.hpp>

namespace cokino::wire {

COKINO_DECL std::string jws_hs256(std::string_view header_json, std::string_view payload_json,
                                  std::string_view key)
{
    std::string out = base64url_encode(header_json);
    out += '.';
    out += base64url_encode(payload_json);
    const sha256_digest digest = hmac_sha256(key, out);
    out += '.';
    out += base64url_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
    return out;
}

COKINO_DECL std::string jwt_hs256(std::string_view payload_json, std::string_view key)
{
    return jws_hs256(jwt_hs256_header, payload_json, key);
}

} // namespace cokino::wire
