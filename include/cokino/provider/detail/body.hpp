// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What the bodies of all hosts' submits have in common: fields that one does not know, and members
// that the user adds. No host's words are here.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/result.hpp>
#include <cokino/provider/detail/access.hpp>
#include <cokino/provider/provider.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cokino::wire {
class json_writer;
}

namespace cokino::detail {

/// Characters of a text that validate() has found to be UTF-8.
inline std::size_t characters_of(std::string_view text) noexcept
{
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

/// Collects what a host does not know of a request: an error, or warnings when the caller is
/// lenient. One for each encode().
class field_gate
{
public:
    field_gate(const host_access& access, bool lenient) noexcept
        : access_(access), lenient_(lenient)
    {}

    /// Whether to write the field: it is wanted, and the host knows it. Otherwise `message` says
    /// what the host has in its place.
    bool wants(bool wanted, bool known, std::string_view field, std::string_view message)
    {
        if (!wanted || known)
            return wanted;
        failure f = access_.unsupported(std::string(field), std::string(message));
        if (lenient_)
            warnings_.push_back(std::move(f));
        else if (!refusal_)
            refusal_ = std::move(f);
        return false;
    }

    /// Something will come out otherwise than asked for; never an error.
    void warn(std::string_view field, std::string_view message)
    {
        warnings_.push_back(access_.unsupported(std::string(field), std::string(message)));
    }

    const std::optional<failure>& refusal() const noexcept { return refusal_; }
    std::vector<failure> take_warnings() noexcept { return std::move(warnings_); }

private:
    const host_access& access_;
    bool lenient_;
    std::optional<failure> refusal_;
    std::vector<failure> warnings_;
};

/// Adds the members of the JSON object `extra` to the object of `body` that `inside` names ("" for
/// the body itself, "input" for that member). Refuses what is no object, and a member that stands
/// there already, naming it. Nothing happens when extra is empty.
COKINO_DECL result<void> merge_extra(std::string& body, std::string_view inside,
                                     std::string_view extra);

/// Ends a body that has been written: refuses what the gate or the writer refused, and adds `extra`
/// as merge_extra does.
COKINO_DECL result<void> end_body(wire::json_writer& w, const field_gate& gate, std::string& body,
                                  std::string_view inside, std::string_view extra);

/// The picture of a data: link, as raw base64; nothing for another link.
inline std::optional<std::string_view> base64_of_data_link(std::string_view link) noexcept
{
    constexpr std::string_view mark = ";base64,";
    if (link.substr(0, 5) != "data:")
        return std::nullopt;
    const std::size_t at = link.find(mark);
    if (at == std::string_view::npos)
        return std::nullopt;
    return link.substr(at + mark.size());
}

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/provider/impl/body.ipp>
#endif
