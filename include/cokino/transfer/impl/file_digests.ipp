// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/detail/file_digests.hpp.
#pragma once

#include <cokino/transfer/detail/file_digests.hpp>

#include <utility>

namespace cokino::detail {

COKINO_DECL file_digests::file_digests(bool with_sha256)
{
    if (with_sha256)
        sha256_.emplace();
}

COKINO_DECL void file_digests::restart()
{
    if (sha256_)
        sha256_.emplace();
    sha256_text_.clear();
    other_.reset();
    begun_ = false;
}

COKINO_DECL void file_digests::update(std::string_view bytes)
{
    if (sha256_)
        sha256_->update(bytes);
    if (other_)
        other_->update(bytes);
    begun_ = begun_ || !bytes.empty();
}

COKINO_DECL bool file_digests::follow(const std::optional<wire::digest_claim>& claim)
{
    if (!claim || is_sha256(*claim)) {
        other_.reset();
        return false;
    }
    if (other_ && other_->kind() == claim->kind)
        return false;
    other_.emplace(claim->kind);
    if (!other_->usable())
        other_.reset();
    return other_ && begun_;
}

COKINO_DECL void file_digests::catch_up(std::string_view bytes)
{
    if (other_)
        other_->update(bytes);
}

COKINO_DECL const std::string& file_digests::sha256()
{
    if (sha256_ && sha256_text_.empty())
        sha256_text_ = wire::hex_encode(sha256_->finish());
    return sha256_text_;
}

COKINO_DECL result<void> file_digests::check(const std::optional<wire::digest_claim>& claim)
{
    if (!claim)
        return {};
    std::string ours;
    if (is_sha256(*claim))
        ours = sha256();
    else if (other_ && other_->kind() == claim->kind)
        ours = wire::hex_encode(std::exchange(other_, std::nullopt)->finish());
    else
        return {};
    const std::string theirs = wire::hex_encode(claim->bytes);
    if (ours == theirs)
        return {};
    std::string message(claim->source);
    message += " says that the file's ";
    message += wire::name_of(claim->kind);
    message += " is " + theirs + ", but what came has " + ours;
    return failure(errc::content_mismatch).explain(std::move(message));
}

} // namespace cokino::detail
