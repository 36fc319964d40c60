// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// SHA-256 of a file as its bytes pass, and beside it the digest that its host names.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/result.hpp>
#include <cokino/wire/digest_header.hpp>
#include <cokino/wire/signature.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace cokino::detail {

class file_digests
{
public:
    /// Without SHA-256 only the digest that the host names is taken.
    explicit file_digests(bool with_sha256 = true);

    /// The file begins anew.
    void restart();
    /// The file's next bytes, in order.
    void update(std::string_view bytes);

    /// Whether there is anything to be told the bytes for.
    bool needed() const noexcept { return sha256_ || other_; }
    /// Bytes have passed by that were not told.
    void miss() noexcept { begun_ = true; }

    /// Takes the digest that the claim is about beside SHA-256. True: bytes have passed already, so
    /// that all of them must be read once more, for catch_up().
    bool follow(const std::optional<wire::digest_claim>& claim);
    void catch_up(std::string_view bytes);
    /// The bytes that have passed cannot be read once more.
    void give_up() noexcept { other_.reset(); }

    /// All bytes have passed: are they what the claim says? A claim that could not be followed is
    /// no objection. content_mismatch names who said what.
    result<void> check(const std::optional<wire::digest_claim>& claim);

    /// All bytes have passed: 64 hexadecimal digits, or nothing without it.
    const std::string& sha256();

private:
    bool is_sha256(const wire::digest_claim& claim) const noexcept
    {
        return sha256_ && claim.kind == wire::digest_kind::sha256;
    }

    std::optional<wire::sha256> sha256_;
    std::string sha256_text_; // once it was asked for
    std::optional<wire::running_digest> other_;
    bool begun_ = false;
};

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/file_digests.ipp>
#endif
