// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of wire/digest_header.hpp. The sums go eight bytes at a time over tables, since a
// file's bytes all pass here.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/wire/digest_header.hpp>
#include <cokino/wire/signature.hpp>

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <utility>

namespace cokino::wire {
namespace detail {

struct digest_name {
    std::string_view name;
    digest_kind kind;
};

/// Names in Repr-Digest and Content-Digest (RFC 9530 and its registry); the weak ones are offered
/// by hosts that have nothing better.
inline constexpr std::array<digest_name, 5> digest_names{{{"sha-256", digest_kind::sha256},
                                                          {"sha-512", digest_kind::sha512},
                                                          {"sha", digest_kind::sha1},
                                                          {"md5", digest_kind::md5},
                                                          {"crc32c", digest_kind::crc32c}}};

inline constexpr std::array<digest_name, 5> amz_checksums{
    {{"x-amz-checksum-sha256", digest_kind::sha256},
     {"x-amz-checksum-sha1", digest_kind::sha1},
     {"x-amz-checksum-crc64nvme", digest_kind::crc64nvme},
     {"x-amz-checksum-crc32c", digest_kind::crc32c},
     {"x-amz-checksum-crc32", digest_kind::crc32}}};

// ---- sums: reflected, all bits set before and turned after -------------------------------------

using crc_tables = std::array<std::array<std::uint64_t, 256>, 8>;

inline crc_tables make_crc_tables(std::uint64_t polynomial) noexcept
{
    crc_tables tables{};
    for (std::size_t byte = 0; byte != 256; ++byte) {
        std::uint64_t crc = byte;
        for (int bit = 0; bit != 8; ++bit)
            crc = crc >> 1 ^ ((crc & 1) != 0 ? polynomial : 0);
        tables[0][byte] = crc;
    }
    for (std::size_t byte = 0; byte != 256; ++byte)
        for (std::size_t row = 1; row != 8; ++row) {
            auto const before = tables[row - 1][byte];
            tables[row][byte] = before >> 8 ^ tables[0][before & 0xFF];
        }
    return tables;
}

inline const crc_tables& crc_tables_of(digest_kind kind)
{
    static const crc_tables crc32 = make_crc_tables(0xEDB88320U);
    static const crc_tables crc32c = make_crc_tables(0x82F63B78U);
    static const crc_tables crc64nvme = make_crc_tables(0x9A6C9329AC4BC9B5U);
    return kind == digest_kind::crc32 ? crc32 : kind == digest_kind::crc32c ? crc32c : crc64nvme;
}

inline std::uint64_t crc_over(const crc_tables& tables, std::uint64_t crc,
                              std::string_view bytes) noexcept
{
    auto const byte_at = [&bytes](std::size_t i) {
        return std::uint64_t{static_cast<unsigned char>(bytes[i])};
    };
    while (bytes.size() >= 8) {
        std::uint64_t next = 0;
        for (std::size_t i = 0; i != 8; ++i)
            next |= byte_at(i) << 8 * i;
        next ^= crc;
        crc = 0;
        for (std::size_t i = 0; i != 8; ++i)
            crc ^= tables[7 - i][next >> 8 * i & 0xFF];
        bytes.remove_prefix(8);
    }
    for (std::size_t i = 0; i != bytes.size(); ++i)
        crc = crc >> 8 ^ tables[0][(crc ^ byte_at(i)) & 0xFF];
    return crc;
}

/// Takes the next member off a dictionary, at the next comma outside quotes (RFC 9651 §3.2).
inline std::string_view take_member(std::string_view& text) noexcept
{
    bool quoted = false;
    std::size_t at = 0;
    for (; at < text.size() && (quoted || text[at] != ','); ++at) {
        if (quoted && text[at] == '\\')
            ++at;
        else if (text[at] == '"')
            quoted = !quoted;
    }
    auto const member = text.substr(0, at);
    text.remove_prefix(at < text.size() ? at + 1 : text.size());
    return member;
}

} // namespace detail

// ---- claims ------------------------------------------------------------------------------------

COKINO_DECL void digest_reader::offer(digest_kind kind, std::string_view base64,
                                      std::string_view source, unsigned rank)
{
    if (best_ && (best_->kind < kind || (best_->kind == kind && rank_ <= rank)))
        return;
    auto bytes = base64_decode(base64);
    if (!bytes || bytes->size() != size_of(kind))
        return;
    best_.emplace();
    best_->kind = kind;
    best_->bytes = std::move(*bytes);
    best_->source = source;
    rank_ = rank;
}

COKINO_DECL void digest_reader::dictionary(std::string_view value, std::string_view source,
                                           unsigned rank)
{
    while (!value.empty()) {
        std::string_view member = detail::take_member(value);
        auto const name = cokino::detail::trim(cokino::detail::take_until(member, '='));
        // A byte sequence stands between colons; what parameters follow does not matter.
        if (!member.starts_with(':'))
            continue;
        member.remove_prefix(1);
        if (member.find(':') == std::string_view::npos)
            continue;
        auto const base64 = cokino::detail::take_until(member, ':');
        for (auto const& known : detail::digest_names)
            if (name == known.name)
                offer(known.kind, base64, source, rank);
    }
}

COKINO_DECL void digest_reader::goog_hash(std::string_view value)
{
    while (!value.empty()) {
        std::string_view member = cokino::detail::trim(cokino::detail::take_until(value, ','));
        auto const name = cokino::detail::take_until(member, '=');
        if (name == "crc32c")
            offer(digest_kind::crc32c, member, "x-goog-hash", 3);
        else if (name == "md5")
            offer(digest_kind::md5, member, "x-goog-hash", 3);
    }
}

COKINO_DECL void digest_reader::field(std::string_view name, std::string_view value)
{
    if (name == "repr-digest")
        dictionary(value, "Repr-Digest", 0);
    else if (name == "x-goog-hash")
        goog_hash(value);
    if (!whole_answer_)
        return;
    if (name == "content-digest")
        dictionary(value, "Content-Digest", 1);
    else if (name == "content-md5")
        offer(digest_kind::md5, value, "Content-MD5", 4);
    else if (name.starts_with("x-amz-checksum-"))
        for (auto const& known : detail::amz_checksums)
            if (name == known.name)
                // That of a file uploaded in parts ends in "-N" and is no base64: passed over.
                offer(known.kind, value, known.name, 2);
}

// ---- digests -----------------------------------------------------------------------------------

COKINO_DECL void running_digest::context_free::operator()(void* context) const noexcept
{
    EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context));
}

COKINO_DECL running_digest::running_digest(digest_kind kind) : kind_(kind)
{
    const EVP_MD* algorithm = nullptr;
    switch (kind) {
    case digest_kind::sha256: algorithm = EVP_sha256(); break;
    case digest_kind::sha512: algorithm = EVP_sha512(); break;
    case digest_kind::sha1: algorithm = EVP_sha1(); break;
    case digest_kind::md5: algorithm = EVP_md5(); break;
    case digest_kind::crc64nvme: sum_ = UINT64_MAX; return;
    case digest_kind::crc32c:
    case digest_kind::crc32: sum_ = UINT32_MAX; return;
    }
    context_.reset(EVP_MD_CTX_new());
    auto* const context = static_cast<EVP_MD_CTX*>(context_.get());
    if (!context || EVP_DigestInit_ex(context, algorithm, nullptr) != 1)
        context_.reset();
}

COKINO_DECL void running_digest::update(std::string_view bytes) noexcept
{
    if (kind_ >= digest_kind::crc64nvme)
        sum_ = detail::crc_over(detail::crc_tables_of(kind_), sum_, bytes);
    else if (context_) // once it is set up this cannot fail
        EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_.get()), bytes.data(), bytes.size());
}

COKINO_DECL std::string running_digest::finish()
{
    auto const size = size_of(kind_);
    std::string out(size, '\0');
    if (kind_ >= digest_kind::crc64nvme) {
        for (std::size_t i = 0; i != size; ++i)
            out[i] = static_cast<char>(~sum_ >> 8 * (size - 1 - i) & 0xFF);
    } else if (context_) {
        EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_.get()),
                           reinterpret_cast<unsigned char*>(out.data()), nullptr);
    }
    return out;
}

} // namespace cokino::wire
