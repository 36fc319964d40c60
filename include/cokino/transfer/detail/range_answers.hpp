// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What single answers mean to a download, whichever request they answer: the stream of a whole file
// or one slice of it. What follows from them is decided in range_fsm.hpp and slice_fsm.hpp.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/result.hpp>
#include <cokino/transfer/detail/range_head.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace cokino::detail {

/// Whether an answer says that the link is dead.
constexpr bool is_dead_link(unsigned status) noexcept
{
    return status == 400 || status == 401 || status == 403 || status == 404 || status == 410;
}

/// What an answer means that has no bytes of the file, and whether a later one may be better.
struct refusal {
    failure why;
    bool passing = false;
    std::chrono::milliseconds hint{0};
};
COKINO_DECL refusal refusal_of(const range_head& head);

/// What the answers so far told of the version that is being fetched. What is unknown is empty.
struct file_version {
    std::optional<std::uint64_t> total;
    std::string etag;
    std::string modified; ///< Only where it is the date that a rest is asked for by.
    std::string media_type;
    std::optional<wire::digest_claim> digest;
};

/// What is wrong with a 206 to a request for the bytes from `offset` on of a version; null when
/// nothing is.
COKINO_DECL const char* objection_to_part(const range_head& head, std::uint64_t offset,
                                          const file_version& of);

/// The failure for an answer whose body was compressed unasked.
COKINO_DECL failure packed(const range_head& head);

/// Whether a failed exchange is worth another try: faults of carriage are, verdicts are not.
COKINO_DECL bool is_worth_another_try(const failure& why) noexcept;

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/range_answers.ipp>
#endif
