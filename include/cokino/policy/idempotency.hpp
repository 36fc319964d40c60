// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What it means to send an operation twice, as data. How often and when is asked of retry.hpp.
#pragma once

#include <cokino/core/repeat_semantics.hpp>

#include <chrono>
#include <string_view>

namespace cokino::policy {

/// What a second sending of the same bytes does.
enum class operation_kind : unsigned char {
    idempotent, ///< Nothing new: status and download GETs, cancel, PUT of the same object.
    keyed,      ///< Nothing new while the host remembers the key or the id that goes along.
    unsafe      ///< A second purchase.
};

constexpr std::string_view name_of(operation_kind k) noexcept
{
    switch (k) {
    case operation_kind::idempotent: return "idempotent";
    case operation_kind::keyed: return "keyed";
    case operation_kind::unsafe: return "unsafe";
    }
    return "?";
}

/// A host's habits that decide what an answer, or none, proves. The defaults assume nothing good.
struct admission_profile {
    /// What the host does with a key or id that it has seen before.
    repeat_semantics repeats = repeat_semantics::none;
    /// How long it remembers one, from the first sending on. Zero: for ever (an own unique id).
    std::chrono::milliseconds key_lifetime{0};
    /// A 503 proves that nothing was accepted.
    bool not_admitted_on_503 = false;
    /// 521, 522, 523, 525 and 526 come from a CDN that never reached the host itself.
    bool not_admitted_on_52x = false;
    /// A 429 can come after the job was accepted.
    bool may_admit_on_429 = false;
    /// There is a fresh credential to be had after a 401; a fixed key has none.
    bool can_refresh_credential = false;
};

/// One operation: how it may be repeated, and under whose habits.
struct operation {
    operation_kind kind = operation_kind::unsafe;
    admission_profile host;
};

/// The kind of a submit: keyed only where a key goes along and the host honours it.
constexpr operation_kind submit_kind(repeat_semantics host, bool key_goes_along) noexcept
{
    return host != repeat_semantics::none && key_goes_along ? operation_kind::keyed
                                                            : operation_kind::unsafe;
}

} // namespace cokino::policy
