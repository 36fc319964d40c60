// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What a host does with a submit that it has seen before: said by a dialect, obeyed by the retry
// policy, and so a word of both.
#pragma once

#include <string_view>

namespace cokino {

/// What a host does with a POST that it has seen before.
enum class repeat_semantics : unsigned char {
    none,    ///< No key, no own id: a repeat is a second purchase.
    replays, ///< A repeated key gives the first answer again.
    refuses  ///< A repeated own id is refused, which proves that the first was accepted.
};

constexpr std::string_view name_of(repeat_semantics s) noexcept
{
    switch (s) {
    case repeat_semantics::none: return "none";
    case repeat_semantics::replays: return "replays";
    case repeat_semantics::refuses: return "refuses";
    }
    return "?";
}

} // namespace cokino
