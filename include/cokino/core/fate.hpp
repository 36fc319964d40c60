// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What is known of a request once its exchange has ended. The fate decides whether it may be sent
// again, so it is judged from bytes handed to the socket, never from a guess.
#pragma once

#include <string_view>

namespace cokino {

/// What became of one request.
enum class fate : unsigned char {
    not_sent,   ///< No byte of it reached the kernel's socket. It may be sent again freely.
    maybe_sent, ///< Some bytes left; no whole answer came. The host may have acted on it.
    answered    ///< A whole answer came; the answer tells the rest.
};

constexpr std::string_view name_of(fate f) noexcept
{
    switch (f) {
    case fate::not_sent: return "not_sent";
    case fate::maybe_sent: return "maybe_sent";
    case fate::answered: return "answered";
    }
    return "?";
}

/// Whether money changed hands, as far as is known; billing_basis says how it is known.
enum class billing : unsigned char {
    unknown, ///< Nobody on this side can know. Look at the host's dashboard.
    no,      ///< Not billed: no job was accepted, or the host says so.
    yes      ///< Accepted and, as far as is known, billed.
};

/// By whose word something was billed or was not.
enum class billing_basis : unsigned char {
    inferred,   ///< Ours: no job was accepted, or it succeeded.
    host_terms, ///< The host's published terms, for jobs that end in this way.
    host_answer ///< The host's answer about this very job.
};

constexpr std::string_view name_of(billing b) noexcept
{
    switch (b) {
    case billing::unknown: return "unknown";
    case billing::no: return "no";
    case billing::yes: return "yes";
    }
    return "?";
}

constexpr std::string_view name_of(billing_basis b) noexcept
{
    switch (b) {
    case billing_basis::inferred: return "inferred";
    case billing_basis::host_terms: return "host_terms";
    case billing_basis::host_answer: return "host_answer";
    }
    return "?";
}

} // namespace cokino
