// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Heads, starts and failures for the tests of the range machine.
#pragma once

#include <cokino/transfer/detail/range_fsm.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace range_fsm_test {

using namespace std::chrono_literals;
using cokino::errc;
using cokino::failure;
using cokino::detail::range_action;
using cokino::detail::range_fsm;
using cokino::detail::range_head;
using cokino::detail::range_rules;
using cokino::detail::range_start;
using kind = range_action::kind;
using state = range_fsm::state;

inline range_rules rules(bool can_renew = false)
{
    range_rules made;
    made.tries_max = 4;
    made.progress_bytes_min = 10;
    made.restarts_max = 2;
    made.can_renew = can_renew;
    return made;
}

inline range_head whole(std::uint64_t size, std::string etag = "\"v1\"")
{
    range_head head;
    head.status = 200;
    head.length = size;
    head.end_is_known = true;
    head.etag = etag;
    if (!etag.empty() && etag.front() == '"')
        head.validator = std::move(etag);
    return head;
}

inline range_head part(std::uint64_t first, std::uint64_t last, std::optional<std::uint64_t> total,
                       std::string etag = "\"v1\"")
{
    range_head head;
    head.status = 206;
    head.end_is_known = true;
    head.range = cokino::wire::content_range{first, last, total, false};
    head.etag = std::move(etag);
    return head;
}

inline range_head status(unsigned code)
{
    range_head head;
    head.status = code;
    return head;
}

inline range_start held(std::uint64_t bytes, std::optional<std::uint64_t> total = 100)
{
    range_start start;
    start.bytes = bytes;
    start.validator = "\"v1\"";
    start.total = total;
    return start;
}

inline failure lost() { return failure(errc::connection_lost, cokino::fate::maybe_sent); }

/// A machine that has `bytes` of a file of 100 and whose connection has just broken.
inline range_fsm broken_at(std::uint64_t bytes, bool can_renew = false)
{
    range_fsm fsm(rules(can_renew));
    fsm.start({});
    fsm.on_head(whole(100));
    fsm.on_bytes(bytes);
    CHECK(fsm.on_failure(lost()).what == kind::wait);
    return fsm;
}

} // namespace range_fsm_test
