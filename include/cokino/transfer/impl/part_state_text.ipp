// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The state's text of transfer/detail/part_file.hpp, and back.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/transfer/detail/part_file.hpp>
#include <cokino/wire/signature.hpp>

#include <utility>

namespace cokino::detail {

inline constexpr std::string_view part_state_title = "cokino part 1";

COKINO_DECL std::string part_state_text(const part_state& state)
{
    std::string text(part_state_title);
    text += "\nidentity " + state.identity;
    text += "\nvalidator " + state.validator;
    if (state.total)
        text += "\ntotal " + to_text(*state.total);
    if (state.digest) {
        text += "\ndigest ";
        text += wire::name_of(state.digest->kind);
        text += " " + wire::hex_encode(state.digest->bytes);
    }
    text += "\nbytes " + to_text(state.bytes);
    text += "\nend\n"; // the proof that nothing was cut off
    return text;
}

/// "sha-256 HEX". One that is not understood is none, as in an answer.
inline std::optional<wire::digest_claim> parse_part_digest(std::string_view text)
{
    using wire::digest_kind;
    wire::digest_claim out;
    const auto name = take_until(text, ' ');
    const auto bytes = wire::hex_decode(text);
    for (const auto kind :
         {digest_kind::sha256, digest_kind::sha512, digest_kind::sha1, digest_kind::md5,
          digest_kind::crc64nvme, digest_kind::crc32c, digest_kind::crc32}) {
        if (wire::name_of(kind) != name || !bytes || bytes->size() != wire::size_of(kind))
            continue;
        out.kind = kind;
        out.bytes = *bytes;
        out.source = "the host's earlier answer";
        return out;
    }
    return std::nullopt;
}

COKINO_DECL std::optional<part_state> parse_part_state(std::string_view text)
{
    if (take_until(text, '\n') != part_state_title)
        return std::nullopt;
    part_state state;
    bool has_bytes = false;
    while (!text.empty()) {
        auto value = take_until(text, '\n');
        const auto name = take_until(value, ' ');
        if (name == "end")
            return has_bytes ? std::optional<part_state>(std::move(state)) : std::nullopt;
        if (name == "identity") {
            state.identity = value;
        } else if (name == "validator") {
            state.validator = value;
        } else if (name == "digest") {
            state.digest = parse_part_digest(value);
        } else if (name == "total" || name == "bytes") {
            const auto number = parse_integer<std::uint64_t>(value);
            if (!number)
                return std::nullopt;
            if (name == "total")
                state.total = *number;
            else
                state.bytes = *number;
            has_bytes = has_bytes || name == "bytes";
        }
    }
    return std::nullopt;
}

} // namespace cokino::detail
